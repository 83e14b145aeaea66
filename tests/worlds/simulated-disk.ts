import type { Disk, DiskEntry, Log } from '../../providers/world.ts';

/** One call that reached the simulated disk, counted from 1. */
export interface DiskCall {
  readonly index: number;
  readonly kind: 'read' | 'list' | 'kind' | 'replace' | 'remove' | 'claim' | 'open' | 'append' | 'sync';
  readonly path: string;
}

/**
 * A disk in memory that knows what a power loss would leave: what was synced survives; of an unsynced log tail a random part survives,
 * cut anywhere; a rename that was not synced happened or did not.
 */
export class SimulatedDisk {
  calls = 0;
  /** Makes a call fail with a Node error code (`ENOSPC`, `EIO`, ...). A failing append may leave half of its text. */
  fault: (call: DiskCall) => string | undefined = () => undefined;
  private readonly seen = new Map<string, Uint8Array>();
  private readonly kept = new Map<string, Uint8Array>();
  private readonly chance: () => number;

  constructor(chance: () => number) {
    this.chance = chance;
  }

  /** Content as a process sees it now; undefined where no file stands. For assertions. */
  text(path: string): string | undefined {
    const bytes = this.seen.get(normal(path));
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  }

  files(): string[] {
    return [...this.seen.keys()].sort();
  }

  /** Puts a file there, durable, without counting as a call. */
  put(path: string, content: Uint8Array | string): void {
    this.seen.set(normal(path), bytesOf(content));
    this.kept.set(normal(path), bytesOf(content));
  }

  /** What a system does on its own after a while: everything is on disk. */
  flush(): void {
    this.kept.clear();
    for (const [path, content] of this.seen) this.kept.set(path, content);
  }

  /** Loses what was not synced. */
  losePower(): void {
    for (const path of new Set([...this.seen.keys(), ...this.kept.keys()])) {
      const left = this.leftAfterLoss(this.kept.get(path), this.seen.get(path));
      if (left === undefined) this.seen.delete(path);
      else this.seen.set(path, left);
    }
    this.flush();
  }

  /** The disk as one process reaches it; `guard` runs before and after each call and may never return (a killed process). */
  open(guard: <T>(work: () => Promise<T>, kind: DiskCall['kind']) => Promise<T>): Disk {
    const call = <T>(kind: DiskCall['kind'], path: string, work: () => T): Promise<T> =>
      guard(async () => {
        this.enter(kind, path);
        return work();
      }, kind);
    return {
      read: (path) => call('read', path, () => Uint8Array.from(this.mustHave(path))),
      list: (path) => call('list', path, () => this.entries(path)),
      kind: (path) => call('kind', path, () => this.kindOf(path)),
      replace: (path, content, options) => call('replace', path, () => this.write(path, bytesOf(content), options?.durable === true)),
      remove: (path) => call('remove', path, () => void this.seen.delete(normal(path))),
      claim: (path, content) => call('claim', path, () => this.claim(path, content)),
      openLog: (path) => call('open', path, () => this.openLog(path, call)),
    };
  }

  private openLog(path: string, call: <T>(kind: DiskCall['kind'], path: string, work: () => T) => Promise<T>): Log {
    const at = normal(path);
    if (!this.seen.has(at)) this.seen.set(at, new Uint8Array());
    return {
      append: (text) => call('append', path, () => this.write(path, joined(this.seen.get(at), bytesOf(text)), false)),
      sync: () => call('sync', path, () => void this.kept.set(at, this.mustHave(path))),
      close: async () => undefined,
    };
  }

  private enter(kind: DiskCall['kind'], path: string): void {
    this.calls += 1;
    const code = this.fault({ index: this.calls, kind, path });
    if (code !== undefined) throw Object.assign(new Error(`${code}: simulated, ${kind} '${path}'`), { code });
  }

  private write(path: string, content: Uint8Array, durable: boolean): void {
    this.seen.set(normal(path), content);
    if (durable) this.kept.set(normal(path), content);
  }

  private claim(path: string, content: string): boolean {
    if (this.seen.has(normal(path))) return false;
    this.write(path, bytesOf(content), true);
    return true;
  }

  private mustHave(path: string): Uint8Array {
    const content = this.seen.get(normal(path));
    if (content === undefined) throw noEntry(path);
    return content;
  }

  private kindOf(path: string): DiskEntry['kind'] | undefined {
    if (this.seen.has(normal(path))) return 'file';
    return [...this.seen.keys()].some((name) => name.startsWith(`${normal(path)}/`)) ? 'folder' : undefined;
  }

  private entries(path: string): DiskEntry[] {
    const under = `${normal(path)}/`;
    const found = new Map<string, DiskEntry>();
    for (const file of this.seen.keys()) {
      if (!file.startsWith(under)) continue;
      const [name = '', ...rest] = file.slice(under.length).split('/');
      found.set(name, { name, kind: rest.length === 0 ? 'file' : 'folder' });
    }
    return [...found.values()];
  }

  private leftAfterLoss(kept: Uint8Array | undefined, seen: Uint8Array | undefined): Uint8Array | undefined {
    if (seen === undefined || kept === undefined) return this.chance() < 0.5 ? seen : kept;
    const isTail = seen.length >= kept.length && kept.every((byte, index) => seen[index] === byte);
    if (isTail) return seen.slice(0, kept.length + Math.floor(this.chance() * (seen.length - kept.length + 1)));
    return this.chance() < 0.5 ? seen : kept;
  }
}

/** Without a stack: looking for a file that is not there is no surprise, and a stack is dear. */
function noEntry(path: string): Error {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  const failure = Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), { code: 'ENOENT' });
  Error.stackTraceLimit = stackTraceLimit;
  return failure;
}

function normal(path: string): string {
  if (!path.startsWith('.') && !path.includes('//') && !path.endsWith('/')) return path;
  return path.replace(/\/+/g, '/').replace(/\/$/, '').replace(/^\.\//, '');
}

function bytesOf(content: Uint8Array | string): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : Uint8Array.from(content);
}

function joined(left: Uint8Array | undefined, right: Uint8Array): Uint8Array {
  const before = left ?? new Uint8Array();
  const all = new Uint8Array(before.length + right.length);
  all.set(before, 0);
  all.set(right, before.length);
  return all;
}
