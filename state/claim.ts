import type { Address } from './address.ts';
import type { TypeTable } from './resource-type.ts';
import type { LiveSnapshot, Memory, Snapshot } from './snapshot.ts';

/** What lives under another key than it is wanted under. */
export interface Claim {
  /** The address under which it lives now. */
  readonly from: Address;
  /** Who told that: the document's `was`, the id remembered from the last apply, or a temporary name that a run left when it was cut off. */
  readonly by: 'was' | 'org' | 'temporary';
}

/** By the wanted address. */
export type Claims = ReadonlyMap<Address, Claim>;

/** What is compared to find who is whom. */
export interface Sides {
  readonly wanted: Snapshot;
  readonly live: LiveSnapshot;
  readonly types: TypeTable;
  readonly memory?: Memory | undefined;
}
