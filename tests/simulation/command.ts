import { resolve } from 'node:path';
import { type Run, run } from '../journeys/journey-site.ts';

/** `npm run simulate` with these words, as a process of its own: it lives faster than inside of Jest, whose modules run in a context apart. */
export function simulate(...words: readonly string[]): Promise<Run> {
  const node = ['--max-semi-space-size=32', '--import', './tests/simulation/from-source.mjs', 'tests/simulation/run.ts'];
  return run(process.execPath, [...node, ...words], resolve(import.meta.dirname, '../..'), {}).ended;
}
