import type { Disk, DiskEntry, Log, ReplaceOptions } from '../../providers/world.ts';

/** One call that reached the simulated disk, counted from 1. */
export interface DiskCall {
  readonly index: number;
  readonly kind: 'read' | 'list' | 'kind' | 'replace' | 'remove' | 'claim' | 'open' | 'append' | 'sync';
  readonly path: string;
}

/**
 * A disk in memory that knows what a power loss would leave: what was synced survives; of an unsynced log tail a random part survives,
 * cut anywhere; a rename that was not synced happened or did not, and of a file whose content was not synced before it a part is left, or nothing.
 * It refuses what some file system refuses: names that Windows keeps for itself, and names of more than 255 bytes.
 */
export class SimulatedDisk {
  calls = 0;
  /** Names that differ only in case, or in how their letters are composed, are one file, as on macOS. */
  folds = false;
  /** Makes a call fail with a Node error code (`ENOSPC`, `EIO`, ...). A failing append leaves a part of its text. */
  fault: (call: DiskCall) => string | undefined = () => undefined;
  private readonly seen = new Map<string, Uint8Array>();
  private readonly kept = new Map<string, Uint8Array>();
  /** Content that was synced before it took its place, but whose place may be lost. */
  private readonly whole = new Set<string>();
  /** By a folded path, the one under which a file was made. */
  private readonly spelt = new Map<string, string>();
  private readonly named = new Set<string>();
  private readonly chance: () => number;

  constructor(chance: () => number) {
    this.chance = chance;
  }

  /** Content as a process sees it now; undefined where no file stands. For assertions. */
  text(path: string): string | undefined {
    const bytes = this.seen.get(this.at(path));
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  }

  files(): string[] {
    return [...this.seen.keys()].sort();
  }

  /** Puts a file there, durable, without counting as a call. */
  put(path: string, content: Uint8Array | string): void {
    this.seen.set(this.at(path), bytesOf(content));
    this.kept.set(this.at(path), bytesOf(content));
  }

  /** What a system does on its own after a while: everything is on disk. */
  flush(): void {
    this.kept.clear();
    for (const [path, content] of this.seen) this.kept.set(path, content);
    this.whole.clear();
  }

  /** Loses what was not synced. */
  losePower(): void {
    for (const path of new Set([...this.seen.keys(), ...this.kept.keys()])) {
      const left = this.leftAfterLoss(path);
      if (left === undefined) this.seen.delete(path);
      else this.seen.set(path, left);
    }
    this.flush();
  }

  /** The disk as one process reaches it; `guard` runs before and after each call and may never return (a killed process). */
  open(guard: <T>(work: () => Promise<T>, kind: DiskCall['kind']) => Promise<T>): Disk {
    const call: Call = (kind, path, work, appended) =>
      guard(async () => {
        this.enter(kind, path, appended);
        return work();
      }, kind);
    return {
      read: (path) => call('read', path, () => Uint8Array.from(this.mustHave(path))),
      list: (path) => call('list', path, () => this.entries(path)),
      kind: (path) => call('kind', path, () => this.kindOf(path)),
      replace: (path, content, options) => call('replace', path, () => this.replace(path, bytesOf(content), options)),
      remove: (path) => call('remove', path, () => void this.seen.delete(this.at(path))),
      claim: (path, content) => call('claim', path, () => this.claim(path, content)),
      openLog: (path) => call('open', path, () => this.openLog(path, call)),
    };
  }

  private openLog(path: string, call: Call): Log {
    const at = this.at(path);
    if (!this.seen.has(at)) this.write(path, new Uint8Array(), false);
    this.whole.delete(at);
    return {
      append: (text) => call('append', path, () => this.write(path, joined(this.seen.get(at), bytesOf(text)), false), bytesOf(text)),
      sync: () => call('sync', path, () => void this.kept.set(at, this.mustHave(path))),
      close: async () => undefined,
    };
  }

  private enter(kind: DiskCall['kind'], path: string, appended: Uint8Array | undefined): void {
    this.calls += 1;
    const code = (NAMING.has(kind) ? this.refusal(path) : undefined) ?? this.fault({ index: this.calls, kind, path });
    if (code === undefined) return;
    // Half of it may be there: the disk was full in the middle, or the call came back after a part.
    if (appended !== undefined) this.write(path, joined(this.seen.get(this.at(path)), appended.slice(0, this.chance() * (appended.length + 1))), false);
    throw Object.assign(new Error(`${code}: simulated, ${kind} '${path}'`), { code });
  }

  private refusal(path: string): string | undefined {
    if (this.named.has(path)) return undefined;
    const names = normal(path).split('/');
    if (names.some((name) => Buffer.byteLength(name) > 255)) return 'ENAMETOOLONG';
    if (names.some((name) => RESERVED.test(name))) return 'EINVAL';
    this.named.add(path);
    return undefined;
  }

  /** Where a path leads. */
  private at(path: string): string {
    if (!this.folds) return normal(path);
    return this.spelt.get(folded(path)) ?? normal(path);
  }

  private replace(path: string, content: Uint8Array, { durable = false, whole = false }: ReplaceOptions = {}): void {
    this.write(path, content, durable);
    if (whole) this.whole.add(this.at(path));
    else this.whole.delete(this.at(path));
  }

  private write(path: string, content: Uint8Array, durable: boolean): void {
    const at = this.at(path);
    if (this.folds && !this.seen.has(at)) this.spelt.set(folded(path), at);
    this.seen.set(at, content);
    if (durable) this.kept.set(at, content);
  }

  private claim(path: string, content: string): boolean {
    if (this.seen.has(this.at(path))) return false;
    this.write(path, bytesOf(content), true);
    return true;
  }

  private mustHave(path: string): Uint8Array {
    const content = this.seen.get(this.at(path));
    if (content === undefined) throw noEntry(path);
    return content;
  }

  private kindOf(path: string): DiskEntry['kind'] | undefined {
    if (this.seen.has(this.at(path))) return 'file';
    const under = `${this.at(path)}/`;
    return [...this.seen.keys()].some((name) => name.startsWith(under)) ? 'folder' : undefined;
  }

  private entries(path: string): DiskEntry[] {
    const under = `${this.at(path)}/`;
    const found = new Map<string, DiskEntry>();
    for (const file of this.seen.keys()) {
      if (!file.startsWith(under)) continue;
      const [name = '', ...rest] = file.slice(under.length).split('/');
      found.set(name, { name, kind: rest.length === 0 ? 'file' : 'folder' });
    }
    return [...found.values()];
  }

  private leftAfterLoss(path: string): Uint8Array | undefined {
    const [kept, seen] = [this.kept.get(path), this.seen.get(path)];
    if (seen === undefined || this.whole.has(path)) return this.chance() < 0.5 ? seen : kept;
    const isTail = kept !== undefined && seen.length >= kept.length && kept.every((byte, index) => seen[index] === byte);
    if (isTail) return seen.slice(0, kept.length + Math.floor(this.chance() * (seen.length - kept.length + 1)));
    const fate = this.chance();
    if (fate >= (kept === undefined ? 0.3 : 0.2)) return this.chance() < 0.5 ? seen : kept;
    return kept === undefined && fate < 0.2 ? seen.slice(0, this.chance() * (seen.length + 1)) : new Uint8Array();
  }
}

type Call = <T>(kind: DiskCall['kind'], path: string, work: () => T, appended?: Uint8Array) => Promise<T>;

const NAMING: ReadonlySet<DiskCall['kind']> = new Set(['replace', 'claim', 'open']);
/** What Windows does not take for the name of a file. */
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)|[<>:"|?*\\\p{Cc}]|.[. ]$/iu;

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

function folded(path: string): string {
  return normal(path).normalize('NFC').toLowerCase();
}

function bytesOf(content: Uint8Array | string): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : Uint8Array.from(content);
}

/** How much of a roomy buffer is written; what is shown of it ends there, or was cut since and is copied before it grows again. */
const written = new WeakMap<ArrayBufferLike, number>();
const ROOMY = 65_536;

function joined(left: Uint8Array | undefined, right: Uint8Array): Uint8Array {
  const before = left ?? new Uint8Array();
  const end = before.length + right.length;
  const hasRoom = end <= before.buffer.byteLength && written.get(before.buffer) === before.length;
  // A long file that grows line by line is not copied for each of them.
  const all = hasRoom ? new Uint8Array(before.buffer) : new Uint8Array(end < ROOMY ? end : 2 * end);
  if (!hasRoom) all.set(before, 0);
  all.set(right, before.length);
  if (end === all.length && !hasRoom) return all;
  written.set(all.buffer, end);
  return all.subarray(0, end);
}
