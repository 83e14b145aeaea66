import { type Dirent, promises as fs } from 'node:fs';
import { dirname, join } from 'node:path';
import { nodeHttp } from './node-http.ts';
import type { Clock, Disk, DiskEntry, Log, Processes, ReplaceOptions, World } from './world.ts';

/** The real world: this machine's clock, chance, disk and network. */
export function nodeWorld(): World {
  return { clock, chance: Math.random, disk, http: nodeHttp(), processes };
}

const processes: Processes = {
  self: process.pid,
  isAlive: (id) => {
    try {
      process.kill(id, 0);
      return true;
    } catch (error) {
      // Somebody else's process is alive all the same.
      return (error as NodeJS.ErrnoException).code === 'EPERM';
    }
  },
};

const LONGEST_TIMER = 2 ** 31 - 1;

const clock: Clock = {
  now: () => Date.now(),
  ticks: () => performance.now(),
  sleep: async (milliseconds, signal) => {
    const end = performance.now() + milliseconds;
    do {
      await sleepOnce(Math.min(LONGEST_TIMER, Math.max(0, end - performance.now())), signal);
    } while (performance.now() < end);
  },
};

function sleepOnce(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, Math.ceil(milliseconds));
    signal?.addEventListener('abort', stop, { once: true });
  });
}

const disk: Disk = {
  read: (path) => fs.readFile(path),
  list: async (path) => (await orWhere(isAbsent, fs.readdir(path, { withFileTypes: true }), [])).map((entry) => ({ name: entry.name, kind: kindOf(entry) })),
  kind: async (path) => {
    const found = await orWhere(isAbsent, fs.lstat(path), undefined);
    return found === undefined ? undefined : kindOf(found);
  },
  replace,
  remove: async (path) => {
    await orWhere(isAbsent, fs.unlink(path), undefined);
  },
  claim,
  openLog,
};

/** Numbers the temporary files of this process, so that two writers of one path do not share one. */
let temporaries = 0;

async function replace(path: string, content: Uint8Array | string, options: ReplaceOptions = {}): Promise<void> {
  const folder = dirname(path);
  await fs.mkdir(folder, { recursive: true });
  temporaries += 1;
  const temporary = join(folder, `.cordboard-${process.pid}-${temporaries}.tmp`);
  try {
    const file = await fs.open(temporary, 'wx', options.mode ?? 0o666);
    try {
      await file.writeFile(content);
      if (options.durable || options.whole) await file.sync();
    } finally {
      await file.close();
    }
    await fs.rename(temporary, path);
  } catch (failure) {
    await fs.unlink(temporary).catch(() => undefined);
    throw failure;
  }
  if (options.durable) await syncFolder(folder);
}

async function claim(path: string, content: string): Promise<boolean> {
  await fs.mkdir(dirname(path), { recursive: true });
  const file = await orWhere(isTaken, fs.open(path, 'wx'), undefined);
  if (file === undefined) return false;
  try {
    await file.writeFile(content);
    await file.sync();
  } catch (failure) {
    await fs.unlink(path).catch(() => undefined);
    throw failure;
  } finally {
    await file.close();
  }
  await syncFolder(dirname(path));
  return true;
}

async function openLog(path: string): Promise<Log> {
  await fs.mkdir(dirname(path), { recursive: true });
  const file = await fs.open(path, 'a');
  await file.sync();
  await syncFolder(dirname(path));
  return { append: (text) => file.appendFile(text), sync: () => file.datasync(), close: () => file.close() };
}

/** Makes a rename or a new file in a folder survive a power loss. Windows cannot open folders, and does not need it. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await fs.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function kindOf(entry: Pick<Dirent, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): DiskEntry['kind'] {
  if (entry.isSymbolicLink()) return 'link';
  if (entry.isDirectory()) return 'folder';
  return entry.isFile() ? 'file' : 'other';
}

async function orWhere<T, Fallback>(isExpected: (code: string) => boolean, work: Promise<T>, fallback: Fallback): Promise<T | Fallback> {
  try {
    return await work;
  } catch (failure) {
    if (isExpected(String((failure as { code?: unknown }).code))) return fallback;
    throw failure;
  }
}

function isAbsent(code: string): boolean {
  return code === 'ENOENT' || code === 'ENOTDIR';
}

function isTaken(code: string): boolean {
  return code === 'EEXIST';
}
