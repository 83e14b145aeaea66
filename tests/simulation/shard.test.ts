import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { fileOf, Intake, keepShard, openShard, partsOf, shardOf, sumShards } from './shard.ts';
import { noTotals, type Totals } from './totals.ts';

const folder = mkdtempSync(join(tmpdir(), 'cordboard-shards-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function block(runs: number): Totals {
  return { ...noTotals(), runs, kills: runs * 2, faults: { F1: runs } };
}

test('shards cover every seed once', () => {
  const shards = [1, 2, 3].map((index) => shardOf(5, 10, [index, 3]));
  expect(shards.map(({ from, to }) => [from, to])).toEqual([
    [5, 8],
    [8, 11],
    [11, 15],
  ]);
});

test('several shards of one run are named by a range, and each has a file of its own', () => {
  const parts = partsOf('9-11/100');
  expect(parts).toEqual([9, 10, 11].map((index) => [index, 100]));
  expect(parts.map((part) => fileOf('million/shard-%.json', part))).toEqual(['009', '010', '011'].map((index) => `million/shard-${index}.json`));
  expect([partsOf(undefined), partsOf('3/10'), fileOf(undefined, [1, 1])]).toEqual([[[1, 1]], [[3, 10]], undefined]);
  for (const wrong of ['0/10', '11/10', '5-4/10', '1-11/10', '3', '1/0', 'all']) expect(() => partsOf(wrong)).toThrow('--shard takes');
});

test('blocks that end in any order are counted by the order of their seeds, so that a shard can go on where it stopped', () => {
  const shard = shardOf(1, 30);
  const intake = new Intake(shard);
  intake.take(11, 21, block(10));
  expect([shard.next, shard.totals.runs]).toEqual([1, 0]);
  intake.take(1, 11, block(10));
  expect([shard.next, shard.totals.runs, shard.totals.kills, shard.totals.faults.F1]).toEqual([21, 20, 40, 20]);
});

test('a shard file is taken up, and one of other seeds is refused', () => {
  const file = join(folder, 'shard.json');
  const shard = shardOf(1, 30);
  new Intake(shard).take(1, 11, block(10));
  keepShard(shard, file);
  expect(openShard(shardOf(1, 30), file)).toEqual(shard);
  expect(() => openShard(shardOf(2, 30), file)).toThrow('holds seeds 1 to 30');
});

test('totals of shards add up; what is not run yet is named, and what is run twice is refused', () => {
  const [first, second] = [shardOf(1, 30, [1, 2]), shardOf(1, 30, [2, 2])];
  new Intake(first).take(1, 16, block(15));
  new Intake(second).take(16, 26, block(10));
  first.commits.push('aaaaaaa');
  second.commits.push('aaaaaaa', 'bbbbbbb-changed');
  const { totals, missing, commits } = sumShards([second, first]);
  expect([totals.runs, totals.kills, missing]).toEqual([25, 50, ['26 to 30']]);
  expect(commits).toEqual(['aaaaaaa', 'bbbbbbb-changed']);
  expect(() => sumShards([first, shardOf(10, 10)])).toThrow('in two of the files');
});
