import type { RawRequest } from './exchange.ts';
import type { FaultKind } from './faults.ts';
import type { Commit } from './store.ts';

/** One request as it was met. Holds no token and no secret. */
export interface JournalEntry {
  readonly number: number;
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly org: string | undefined;
  readonly client: string | undefined;
  readonly bytesIn: number;
  readonly status: number;
  readonly bytesOut: number;
  /** The error's code, where the answer is one. */
  readonly code: string | undefined;
  readonly fault: FaultKind | undefined;
  /** What it changed; a late commit adds to this when it lands. */
  readonly commits: readonly (Commit & { readonly at: number })[];
}

/** An entry while its request is under way, and for as long as a late commit may add to it. */
export type OpenEntry = { -readonly [field in keyof JournalEntry]: JournalEntry[field] } & { commits: (Commit & { at: number })[] };

export function openEntry(number: number, at: number, request: RawRequest): OpenEntry {
  return {
    number,
    at,
    method: request.method,
    path: request.path,
    query: request.query.toString(),
    org: undefined,
    client: undefined,
    bytesIn: request.body.length,
    status: 0,
    bytesOut: 0,
    code: undefined,
    fault: undefined,
    commits: [],
  };
}
