import type { Address } from './address.ts';

/** What became of one step, as the reconciler saw it, never as it was meant. */
export type OutcomeWord = 'created' | 'adopted' | 'updated' | 'deleted' | 'unchanged' | 'held' | 'skipped' | 'stale' | 'failed' | 'unknown';

export interface Outcome {
  readonly address: Address;
  readonly word: OutcomeWord;
  readonly id?: string;
  /** For skipped: the address whose step did not succeed. */
  readonly because?: Address;
  /** For stale, failed, unknown and held: what happened and what to do next. Never holds a secret. */
  readonly message?: string;
  /** Hash of the live document after the step, read back. */
  readonly hash?: string;
}

const GOOD: readonly OutcomeWord[] = ['created', 'adopted', 'updated', 'deleted', 'unchanged'];

export function isDone(outcome: Outcome): boolean {
  return GOOD.includes(outcome.word);
}
