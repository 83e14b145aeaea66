import type { Step } from './change.ts';
import type { Cycle } from './cycle.ts';
import type { DeleteLimit } from './policy.ts';
import type { Problem } from './problem.ts';
import type { Completeness } from './snapshot.ts';

/** An ordered list of changes that can be saved, sealed, shown and applied. Steps stand in an order in which they may be carried out one by one. */
export interface Plan {
  readonly steps: readonly Step[];
  readonly problems: readonly Problem[];
  /** Completeness of each type in the org and in the tree, at planning. */
  readonly completeness: { readonly live: ReadonlyMap<string, Completeness>; readonly wanted: ReadonlyMap<string, Completeness> };
  /** Cycles that were cut: the path of each, the edges written later, and why those. */
  readonly cycles: readonly Cycle[];
  /** What the one who asked for this plan allows to be deleted; left out: nothing. */
  readonly allowDeletes?: DeleteLimit;
  /** How many objects of each type lived in the org at planning: what a percentage is taken of. */
  readonly living: ReadonlyMap<string, number>;
}

/** Whether carrying the plan out would write anything, or something waits for a permission. */
export function hasChanges(plan: Plan): boolean {
  return plan.steps.some((step) => step.action !== 'unchanged');
}
