import type { Address } from './address.ts';

/**
 * Why a set of edges was cut, and not another: `only`, nothing else in the cycle may be written later; `fewest`, every other set that leaves no
 * cycle is larger; `fewest-assets`, of the smallest ones it holds the fewest assets, whose place a placeholder has to take; `first`, of those
 * alike the first by address; `loosens-most`, too many for all sets to be tried, so those were taken one by one for which the most waits.
 */
export type CutReason = 'only' | 'fewest' | 'fewest-assets' | 'first' | 'loosens-most';

/** Resources that need each other, and what is written later so that they can be written at all. */
export interface Cycle {
  /** A shortest way round. */
  readonly path: readonly Address[];
  /** Edges written later, by address. */
  readonly deferred: readonly Address[];
  /** Why just those, in the same order. */
  readonly why: readonly CutReason[];
}
