import type { Address } from './address.ts';

/** Every word for what became of a step, in the order in which they are counted up. */
export const OUTCOME_WORDS = ['created', 'adopted', 'updated', 'deleted', 'held', 'skipped', 'stale', 'failed', 'unknown', 'unchanged'] as const;

/** What became of one step, as the reconciler saw it, never as it was meant. */
export type OutcomeWord = (typeof OUTCOME_WORDS)[number];

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

const DONE: readonly OutcomeWord[] = ['created', 'adopted', 'updated', 'deleted', 'unchanged'];

/** Whether the org is as the step wants it. */
export function isDone({ word }: Pick<Outcome, 'word'>): boolean {
  return DONE.includes(word);
}

/** What all outcomes of a run come to: the one source of what is counted on a screen, in JSON, in the receipt, and of the exit code. */
export interface Summary {
  /** How many there are of each word; every word is there. */
  readonly counts: Readonly<Record<OutcomeWord, number>>;
  /** True where every step was done, or was a deletion that was held as the plan had shown it. */
  readonly isWhole: boolean;
}

/** `isForeseen` tells of a step that was held whether it was a deletion that the plan had shown so; without it, all of them count as that. */
export function sumUp(outcomes: readonly Outcome[], isForeseen: (held: Outcome) => boolean = () => true): Summary {
  const counts = Object.fromEntries(OUTCOME_WORDS.map((word) => [word, 0])) as Record<OutcomeWord, number>;
  for (const { word } of outcomes) counts[word] += 1;
  return { counts, isWhole: outcomes.every((outcome) => isDone(outcome) || (outcome.word === 'held' && isForeseen(outcome))) };
}
