import { expect, test } from '@jest/globals';
import { describeTotals, isClean, lastLine, liveAll } from './totals.ts';

/** Half of the 10,000 lives of `npm test`, so that both of Jest's workers have some. */
const SEEDS = Number(process.env['SEEDS'] ?? 10_000) / 2;
const FIRST = Number(process.env['SEED'] ?? 1);

test('whatever is lost, late, killed, full, skewed or changed by others: nothing lost, nothing twice, nothing foreign touched, every word true (first half)', async () => {
  const totals = await liveAll(Array.from({ length: SEEDS }, (_, index) => FIRST + index));
  process.stdout.write(`seeds ${FIRST} to ${FIRST + SEEDS - 1}: ${lastLine(totals)}\n`);
  expect(isClean(totals) ? [] : describeTotals(totals)).toEqual([]);
}, 1_800_000);
