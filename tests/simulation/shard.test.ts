import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { Intake, keepShard, openShard, shardOf, sumShards } from './shard.ts';
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
