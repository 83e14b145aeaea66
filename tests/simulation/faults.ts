/** The faults that a simulated life can meet, by their rows in the table of `docs/reliability.md`. */
export const FAULTS = {
  F1: '429 with every form of Retry-After',
  F2: '503, 502 and 504 before anything is done, single and in bursts',
  F3: 'connection reset, or refused, before a request is read',
  F4: 'reset, or cut body, after it was carried out',
  F5: 'no answer in time, carried out later or never',
  F6: 'carried out, then 500, 502, 503 or 504',
  F7: 'token ends early; token endpoint 429, 500 or broken',
  F8: 'permission for a type lost',
  F9: 'kill -9 between any two calls of export or apply, or where a plan is written',
  F10: 'power loss: unsynced tail lost or torn, files empty or cut off',
  F11: 'disk full, EIO, EMFILE, EROFS at a call',
  F12: 'two objects under one key',
  F13: 'key taken by a foreign object meanwhile',
  F14: 'somebody edits meanwhile',
  F15: 'lists and objects shown as they were up to 55 s ago',
  F16: 'short pages, totals that do not fit, rows that repeat',
  F17: 'wall clock off by up to a day, and jumping',
  F22: 'documents that need each other',
  F23: 'a ref to what is not there, of another type, or there twice',
  F24: 'a very long text',
  F25: 'names and texts of every script, with marks that turn or hide',
  F26: 'names that collide in a file system',
  F27: 'renames: plain, swapped, in a ring, of case alone',
  asked: 'plans that ask whether a rename was meant, or carried out before',
  replaced: 'a field that cannot change once it exists: the object is replaced',
  deleted: 'objects deleted by a plan that said so',
  F28: 'a second apply at the same time; an interrupt',
  F29: 'a holder of the lock that stands still beyond its lease',
  F30: 'the server fills in, and drops what it does not know',
} as const;
export type FaultName = keyof typeof FAULTS;

export type Totals = Partial<Record<FaultName, number>>;

/** Chances per request, call or life. */
export interface Hostility {
  readonly before: number;
  readonly after: number;
  readonly late: number;
  readonly reads: number;
  readonly lag: number;
  readonly pages: number;
  readonly token: number;
  readonly burst: number;
  readonly forbidden: number;
  readonly kill: number;
  readonly mostKills: number;
  readonly disk: number;
  readonly interrupt: number;
  readonly humans: number;
  readonly skew: number;
  readonly rivals: number;
}

export const CALM: Hostility = {
  before: 0,
  after: 0,
  late: 0,
  reads: 0,
  lag: 0,
  pages: 0,
  token: 0,
  burst: 0,
  forbidden: 0,
  kill: 0,
  mostKills: 0,
  disk: 0,
  interrupt: 0,
  humans: 0,
  skew: 0,
  rivals: 0,
};

export const HOSTILE: Hostility = {
  before: 0.04,
  after: 0.05,
  late: 0.04,
  reads: 0.03,
  lag: 0.2,
  pages: 0.02,
  token: 0.01,
  burst: 0.002,
  forbidden: 0.03,
  kill: 0.008,
  mostKills: 5,
  disk: 0.003,
  interrupt: 0.001,
  humans: 0.5,
  skew: 0.1,
  rivals: 0.08,
};
