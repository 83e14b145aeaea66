import type { Address } from './address.ts';
import type { Document } from './document.ts';
import type { Problem } from './problem.ts';

/** How much of a type a snapshot holds: all of it, some of it (filtered, cut off, unreadable rows), or nothing. */
export type Completeness = 'whole' | 'part' | 'none';

/** Content of an asset kept as bytes. */
export interface FileContent {
  readonly sha256: string;
  readonly read: () => Promise<Uint8Array>;
}

/** A set of documents: what an org holds, or what a tree of manifests wants. */
export interface Snapshot {
  readonly documents: ReadonlyMap<Address, Document>;
  readonly completeness: ReadonlyMap<string, Completeness>;
  /** Types that somebody calls whole and that are held in part as far as anybody can tell: what is missing of them is shown, and never goes. */
  readonly doubted?: ReadonlySet<string>;
  /** Bytes by `sha256:<hex>`, for every `$file` in the documents. */
  readonly files: ReadonlyMap<string, FileContent>;
  /** Addresses that several objects share, with the ids of all of them; such a key is never matched. */
  readonly twins: ReadonlyMap<Address, readonly string[]>;
  readonly problems: readonly Problem[];
}

/** A snapshot of an org also knows the id of each address there. Soft-deleted objects are named, and are in no document. */
export interface LiveSnapshot extends Snapshot {
  readonly ids: ReadonlyMap<Address, string>;
  readonly deleted: ReadonlySet<Address>;
}

/** What was applied to the org last, as far as anybody remembers: a hint, never authority. */
export interface Memory {
  readonly documents: ReadonlyMap<Address, Document>;
  readonly ids: ReadonlyMap<Address, string>;
  /** What the org held beside, under its own name. */
  readonly left?: ReadonlySet<Address>;
}
