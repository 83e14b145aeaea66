import { describe, expect, test } from '@jest/globals';
import { checkTree } from '../../state/check.ts';
import type { Document } from '../../state/document.ts';
import { makePlan } from '../../state/make-plan.ts';
import { document, org, snapshot, types } from './sample-types.ts';

/** An org of `size` resources: four refs a queue, rows, and one in a thousand in a cycle of two. */
function sized(size: number): Document[] {
  const name = (index: number) => `N${String(index).padStart(6, '0')}`;
  return Array.from({ length: size }, (_, index) => {
    if (index % 10 === 0) return document(`team/${name(index)}`, { note: name(index) });
    if (index % 10 === 1) return document(`user/${name(index)}`);
    if (index % 10 === 2)
      return document(`flow/${name(index)}/call`, { content: { uses: index % 1000 === 2 ? [`queue/${name(index + 1)}`] : [], text: name(index) } });
    const base = index - (index % 10);
    const members = [1, 11, 21]
      .map((step) => (base + step) % (size - (size % 10)))
      .map((user) => ({ user: { $ref: `user/${name(user - (user % 10) + 1)}` }, ring: 1 + (index % 3) }));
    return document(`queue/${name(index)}`, {
      team: { $ref: `team/${name(base)}` },
      flow: { $ref: `flow/${name(base + 2)}/call` },
      members: members.filter((one, place) => members.findIndex((other) => other.user.$ref === one.user.$ref) === place),
      alert: { call: { seconds: index % 30 } },
    });
  });
}

function measure(size: number): { milliseconds: number; megabytes: number } {
  const wanted = sized(size);
  const live = sized(size).map((one, index) => (index % 100 === 50 ? { ...one, body: { ...one.body, note: 'moved' } } : one));
  const [tree, there] = [snapshot(wanted), org(live)];
  const start = process.cpuUsage();
  const heap = process.memoryUsage().heapUsed;
  const plan = makePlan({
    wanted: tree,
    live: there,
    types,
    policy: { role: 'test' },
    externals: new Map(),
    remembered: { documents: there.documents, ids: there.ids },
  });
  const { user, system } = process.cpuUsage(start);
  const megabytes = (process.memoryUsage().heapUsed - heap) / 2 ** 20;
  expect(plan.problems.filter((problem) => problem.severity === 'error')).toEqual([]);
  expect(plan.steps.filter((step) => step.action !== 'unchanged')).toHaveLength(Math.floor((size + 49) / 100));
  expect(plan.cycles).toHaveLength(Math.ceil(size / 1000));
  return { milliseconds: (user + system) / 1000, megabytes };
}

describe('scale', () => {
  test('plans of 1,000 to 20,000 documents are right; what they cost is printed', () => {
    measure(1000);
    const rows = [1000, 10_000, 20_000].map((size) => ({ size, ...measure(size) }));
    const exponent = Math.log((rows[2]?.milliseconds ?? 0) / (rows[1]?.milliseconds ?? 1)) / Math.log(2);
    const lines = rows.map((row) => `${row.size} documents: ${row.milliseconds.toFixed(0)} ms CPU, ${row.megabytes.toFixed(0)} MB`);
    console.info([...lines, `growth exponent, 10,000 to 20,000: ${exponent.toFixed(2)}`].join('\n'));
  });

  test('a tree of 20,000 documents, each with a ref to nothing, is checked with all problems', () => {
    const documents = Array.from({ length: 20_000 }, (_, index) => document(`queue/Q${index}`, { free: { $ref: `queue/X${index}-none` } }));
    expect(checkTree(snapshot(documents), types)).toHaveLength(20_000);
  });
});
