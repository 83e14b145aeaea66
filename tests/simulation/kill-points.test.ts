import { expect, test } from '@jest/globals';
import { killEverywhere, killTwice } from './pairs.ts';

test('a kill or a power loss at any call of an apply of four steps, or a death while a request is under way: nothing twice, nothing lost, and the next run ends it', async () => {
  const { bad, lives, calls } = await killEverywhere(4);
  process.stdout.write(`four steps: ${calls} calls, ${lives} lives\n`);
  expect(bad).toEqual([]);
}, 600_000);

test('two of them in an apply of four steps, of any two kinds, the second in the run that makes up for the first', async () => {
  const { bad, lives } = await killTwice(4, { stride: Number(process.env['STRIDE'] ?? 3) });
  process.stdout.write(`four steps: ${lives} pairs\n`);
  expect(bad).toEqual([]);
}, 600_000);
