import type { Address } from './address.ts';
import type { DeleteLimit, Policy } from './policy.ts';
import type { Referrers } from './referrers.ts';
import type { TypeTable } from './resource-type.ts';
import type { LiveSnapshot, Memory, Snapshot } from './snapshot.ts';

export interface PlanRequest {
  /** What shall be, with variables resolved (`resolveVariables`). */
  readonly wanted: Snapshot;
  readonly live: LiveSnapshot;
  readonly types: TypeTable;
  readonly policy: Policy;
  /** The ids behind addresses that the tree names and does not hold (`findOutside`); none for what is not there. */
  readonly externals: ReadonlyMap<Address, readonly string[]>;
  /** What the one who plans allows to be deleted; left out: nothing. */
  readonly allowDeletes?: DeleteLimit;
  /** Who else may refer to what is to be deleted, beside what the declared types tell. */
  readonly referrers?: Referrers;
  /** What was applied to this org last. Without it, nothing that lives is known to be ours, so all of it is adopted. */
  readonly remembered?: Memory;
  /** What lived beside when the rest was applied last, and was left: it is not to go, whatever the tree holds. */
  readonly left?: ReadonlySet<Address>;
  /** Names of secrets whose fields are sent again although nothing differs that can be read. */
  readonly rotate?: ReadonlySet<string>;
}
