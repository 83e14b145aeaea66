import { readFileSync } from 'node:fs';

/** A seed that once failed. It is lived again on every run. */
export interface Remembered {
  readonly seed: number;
  readonly date: string;
  /** The commit at which it failed. */
  readonly commit: string;
  readonly found: string;
}

export const CORPUS: readonly Remembered[] = JSON.parse(readFileSync(new URL('corpus.json', import.meta.url), 'utf8'));
