import { spawn } from 'node:child_process';
import { basename, dirname, join } from 'node:path';
import type { Disk, DiskEntry } from '../world.ts';
import { gitEnvironment, runGit } from './run-git.ts';

/** A file of a commit. */
interface Entry {
  readonly kind: DiskEntry['kind'];
  readonly mode: string;
  readonly object: string;
}

/** What was written over a commit: content, or undefined for what was removed. */
export type Changes = ReadonlyMap<string, { readonly content: Uint8Array | undefined; readonly mode: string }>;

/** A commit as a disk: read from Git's objects alone, whatever the work tree holds; what is written over it is only kept in memory. */
export interface CommitDisk extends Disk {
  /** By absolute path. */
  readonly changes: () => Changes;
  readonly close: () => void;
}

/** The part of a commit below `folder`, at the paths that it has in the work tree at `root`; what stands in the place of a folder above it is known as well. */
export async function openCommitDisk(root: string, commit: string, folder: string): Promise<CommitDisk> {
  const inside = folder.slice(root.length + 1);
  const names = inside === '' ? [] : inside.split('/');
  const above = names.slice(1).map((_, index) => names.slice(0, index + 1).join('/'));
  const below = await listed(root, ['-r', commit, '--', ...(inside === '' ? [] : [inside])]);
  const onTheWay = above.length === 0 ? [] : await listed(root, [commit, '--', ...above]);
  return new DiskOfCommit(root, new Map([...below, ...onTheWay.filter(([, { mode }]) => mode !== TREE)]));
}

const TREE = '040000';

async function listed(root: string, words: readonly string[]): Promise<readonly (readonly [path: string, entry: Entry])[]> {
  const lines = (await runGit({ folder: root }, ['ls-tree', '-z', '--full-tree', ...words])).toString('utf8').split('\0');
  return lines
    .filter((line) => line !== '')
    .map((line) => {
      const tab = line.indexOf('\t');
      const [mode = '', , object = ''] = line.slice(0, tab).split(' ');
      return [join(root, line.slice(tab + 1)), { kind: kindOf(mode), mode, object }] as const;
    });
}

function kindOf(mode: string): DiskEntry['kind'] {
  if (mode === '120000') return 'link';
  return mode.startsWith('100') ? 'file' : 'other';
}

class DiskOfCommit implements CommitDisk {
  readonly #files: ReadonlyMap<string, Entry>;
  readonly #folders = new Map<string, Map<string, DiskEntry['kind']>>();
  readonly #changes = new Map<string, { content: Uint8Array | undefined; mode: string }>();
  readonly #objects: ObjectReader;
  readonly #root: string;

  constructor(root: string, files: ReadonlyMap<string, Entry>) {
    this.#root = root;
    this.#files = files;
    this.#objects = new ObjectReader(root);
    for (const [path, { kind }] of files) this.#list(path, kind);
  }

  readonly changes = (): Changes => this.#changes;
  readonly close = (): void => this.#objects.close();

  readonly read = async (path: string): Promise<Uint8Array> => {
    const changed = this.#changes.get(path);
    const entry = this.#files.get(path);
    if (changed?.content !== undefined) return changed.content;
    if (changed !== undefined || entry?.kind !== 'file') throw Object.assign(new Error(`the commit holds no file "${path}"`), { code: 'ENOENT' });
    return this.#objects.read(entry.object);
  };

  readonly list = async (path: string): Promise<readonly DiskEntry[]> => [...(this.#folders.get(path) ?? [])].map(([name, kind]) => ({ name, kind }));

  readonly kind = async (path: string): Promise<DiskEntry['kind'] | undefined> => this.#folders.get(dirname(path))?.get(basename(path));

  readonly replace = async (path: string, content: Uint8Array | string): Promise<void> => {
    this.#changes.set(path, { content: Buffer.from(content as Uint8Array), mode: this.#files.get(path)?.mode ?? '100644' });
    this.#list(path, 'file');
  };

  readonly remove = async (path: string): Promise<void> => {
    if (this.#files.has(path)) this.#changes.set(path, { content: undefined, mode: '0' });
    else this.#changes.delete(path);
    this.#folders.get(dirname(path))?.delete(basename(path));
  };

  readonly claim = (): Promise<boolean> => Promise.reject(new Error('a commit is no place for locks'));
  readonly openLog = (): Promise<never> => Promise.reject(new Error('a commit is no place for logs'));

  /** Makes an entry known to its folder, and the folders above it to theirs. */
  #list(path: string, kind: DiskEntry['kind']): void {
    const folder = dirname(path);
    const known = this.#folders.get(folder);
    if (known !== undefined) {
      known.set(basename(path), kind);
      return;
    }
    this.#folders.set(folder, new Map([[basename(path), kind]]));
    if (folder.length > this.#root.length) this.#list(folder, 'folder');
  }
}

interface Waiting {
  readonly settle: (content: Uint8Array) => void;
  readonly reject: (error: Error) => void;
}

/** Reads objects through one `git cat-file --batch`, in the order in which they are asked for. */
class ObjectReader {
  readonly #git: ReturnType<typeof spawn>;
  readonly #waiting: Waiting[] = [];
  #chunks: Buffer[] = [];
  #length = 0;
  #need = 0;
  #size: number | undefined;

  constructor(root: string) {
    this.#git = spawn('git', ['cat-file', '--batch'], { cwd: root, env: gitEnvironment(), stdio: ['pipe', 'pipe', 'ignore'] });
    this.#git.stdout?.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#git.on('error', (error) => this.#fail(error));
    this.#git.stdin?.on('error', (error) => this.#fail(error));
    this.#git.on('close', () => this.#fail(new Error('Git ended before it had read all')));
  }

  read(object: string): Promise<Uint8Array> {
    return new Promise((settle, reject) => {
      this.#waiting.push({ settle, reject });
      this.#git.stdin?.write(`${object}\n`);
    });
  }

  close(): void {
    this.#git.stdin?.end();
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  #take(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    while (this.#length > 0 && this.#length >= this.#need && this.#step());
  }

  /** Takes one header, or one object with its line feed; false where more has to come first. */
  #step(): boolean {
    const bytes = this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks);
    this.#keep(bytes);
    if (this.#size !== undefined) {
      if (bytes.length <= this.#size) return false;
      this.#waiting.shift()?.settle(bytes.subarray(0, this.#size));
      this.#keep(bytes.subarray(this.#size + 1));
      this.#size = undefined;
      this.#need = 0;
      return true;
    }
    const end = bytes.indexOf(10);
    if (end < 0) return false;
    const [object, kind, size] = bytes.toString('latin1', 0, end).split(' ');
    this.#keep(bytes.subarray(end + 1));
    if (kind === 'missing') this.#waiting.shift()?.reject(new Error(`Git does not hold the object ${object}`));
    else this.#size = Number(size);
    this.#need = this.#size === undefined ? 0 : this.#size + 1;
    return true;
  }

  #keep(bytes: Buffer): void {
    this.#chunks = bytes.length === 0 ? [] : [bytes];
    this.#length = bytes.length;
  }
}
