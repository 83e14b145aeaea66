/**
 * The only way in which client, reconciler, journal and store reach time, chance, disk and HTTP. Injected, so that a simulation
 * can run the product's own code under faults, and a wait of hours takes a test no time. `node-world.ts` is the real one.
 */
export interface World {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly chance: () => number;
  readonly disk: Disk;
  readonly http: Http;
  /** Left out where processes of this machine cannot be told apart: then only age says that a lock's holder is gone. */
  readonly processes?: Processes;
}

export interface Processes {
  /** The number of this process. */
  readonly self: number;
  readonly isAlive: (id: number) => boolean;
}

export interface Clock {
  /** Wall clock, milliseconds since 1970. May jump. */
  readonly now: () => number;
  /** Monotonic milliseconds, for waits and deadlines. */
  readonly ticks: () => number;
  /** Resolves after `milliseconds`; rejects with the signal's reason when it is aborted. */
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

export interface DiskEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
}

/** What a power loss leaves of a file that was just replaced: an empty file or a part of it, unless one of these is asked for. */
export interface ReplaceOptions {
  /** The content is synced before it takes its place: the old file or the new one stands, whole. */
  readonly whole?: boolean;
  /** Content and folder are synced: the new one stands. */
  readonly durable?: boolean;
  readonly mode?: number;
}

/** Paths are absolute or relative to the process. Errors are Node's own, with `code` (`ENOENT`, `ENOSPC`, ...). */
export interface Disk {
  readonly read: (path: string) => Promise<Uint8Array>;
  /** Entries of a folder, in no order; an absent folder has none. */
  readonly list: (path: string) => Promise<readonly DiskEntry[]>;
  /** The kind of what stands at a path, links not followed; undefined where nothing does. */
  readonly kind: (path: string) => Promise<DiskEntry['kind'] | undefined>;
  /** Old or new content, never a mix: temporary file beside it, then rename. Folders on the way are made. */
  readonly replace: (path: string, content: Uint8Array | string, options?: ReplaceOptions) => Promise<void>;
  /** Nothing happens where nothing stands. */
  readonly remove: (path: string) => Promise<void>;
  /** Makes a file that must not exist yet; false where it does. Durable. */
  readonly claim: (path: string, content: string) => Promise<boolean>;
  readonly openLog: (path: string) => Promise<Log>;
}

/** An append-only file. */
export interface Log {
  readonly append: (text: string) => Promise<void>;
  /** Returns once everything appended survives a power loss. */
  readonly sync: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** Milliseconds for the whole exchange, body included. */
  readonly deadline: number;
  /** The answer is refused beyond so many bytes. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** Names in lower case; repeated ones joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** One exchange; redirects are not followed. Throws `HttpFailure` where no whole answer arrived. */
export type Http = (request: HttpRequest) => Promise<HttpAnswer>;

/** No whole answer arrived. Whether the server acted on the request is not known, unless `wasSent` is false. */
export class HttpFailure extends Error {
  readonly code: 'RESET' | 'TIMEOUT' | 'REFUSED' | 'NAME' | 'TLS' | 'TOO_LARGE' | 'ABORTED' | 'OTHER';
  readonly wasSent: boolean;

  constructor(code: HttpFailure['code'], message: string, wasSent: boolean, cause?: unknown) {
    super(message, { cause });
    this.name = 'HttpFailure';
    this.code = code;
    this.wasSent = wasSent;
  }
}
