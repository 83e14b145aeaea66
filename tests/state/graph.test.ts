import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Address, edgeAddress, splitEdge } from '../../state/address.ts';
import type { Document } from '../../state/document.ts';
import { buildGraph } from '../../state/graph.ts';
import { type Order, orderGraph } from '../../state/order-graph.ts';
import { document, keyed, types } from './sample-types.ts';

function orderOf(documents: readonly Document[]): Order {
  return orderGraph(buildGraph(new Map(documents.map((one) => [one.address, one])), types));
}

/** A flow that names others: an edge that can be written later, with all the others of that flow. */
function flowOf(index: number, uses: readonly number[]): Document {
  return document(flowName(index), { content: { uses: uses.map(flowName) } });
}
function flowName(index: number): Address {
  return keyed('flow', `F${String(index).padStart(6, '0')}`, 'call');
}

/** Every need stands before what needs it, and nothing stands twice. */
function isInOrder({ order, needs }: Order): boolean {
  const place = new Map(order.map((address, index) => [address, index]));
  return place.size === order.length && order.every((address, index) => (needs.get(address) ?? []).every((need) => (place.get(need) ?? Number.NaN) < index));
}

/** Whether `owners` without their own edges leave no cycle; by trying to take nodes away. */
function isAcyclicWithout(uses: readonly (readonly number[])[], owners: ReadonlySet<number>): boolean {
  const left = new Set(uses.keys());
  for (let before = -1; before !== left.size; ) {
    before = left.size;
    for (const node of left) if (owners.has(node) || !(uses[node] ?? []).some((target) => left.has(target))) left.delete(node);
  }
  return left.size === 0;
}

/** The size of the smallest set of flows to defer, by trying all. */
function smallest(uses: readonly (readonly number[])[]): number {
  let best = uses.length;
  for (let set = 0; set < 1 << uses.length; set += 1) {
    const owners = new Set([...uses.keys()].filter((node) => (set & (1 << node)) !== 0));
    if (owners.size < best && isAcyclicWithout(uses, owners)) best = owners.size;
  }
  return best;
}

const inText = (address: string) => `\${ref:${address}}`;
const usesOf = (size: number) => fc.array(fc.uniqueArray(fc.nat(size - 1), { maxLength: 3 }), { minLength: size, maxLength: size });

describe('graph', () => {
  test('any graph of flows is ordered whole, with the fewest contents written later', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }).chain(usesOf), (uses) => {
        const order = orderOf(uses.map((targets, index) => flowOf(index, targets)));
        expect(isInOrder(order)).toBe(true);
        expect(order.problems).toEqual([]);
        expect(order.order.filter((address) => splitEdge(address).pointer === undefined)).toHaveLength(uses.length);
        expect(order.deferred.size).toBe(smallest(uses));
      }),
      { numRuns: 400 },
    );
  });

  test('where only some refs can be written later, the fewest of those are, and the others hold', () => {
    const arbitrary = fc.integer({ min: 2, max: 7 }).chain((size) => fc.tuple(usesOf(size), usesOf(size)));
    fc.assert(
      fc.property(arbitrary, ([soft, hard]) => {
        const forward = hard.map((targets, index) => targets.filter((target) => target < index));
        const documents = soft.map((targets, index) =>
          document(flowName(index), { content: { uses: targets.map(flowName) }, hard: (forward[index] ?? []).map((target) => ({ $ref: flowName(target) })) }),
        );
        const order = orderOf(documents);
        expect(isInOrder(order)).toBe(true);
        expect(order.problems).toEqual([]);
        expect(order.deferred.size).toBe(smallestWith(soft, forward));
      }),
      { numRuns: 400 },
    );
  });

  test('beyond twelve units the order still holds, and no unit is deferred for nothing', () => {
    fc.assert(
      fc.property(fc.integer({ min: 13, max: 40 }).chain(usesOf), (uses) => {
        const order = orderOf(uses.map((targets, index) => flowOf(index, targets)));
        expect(isInOrder(order)).toBe(true);
        const deferred = new Set([...order.deferred.keys()].map((address) => uses.findIndex((_, index) => flowName(index) === address)));
        expect(isAcyclicWithout(uses, deferred)).toBe(true);
        for (const one of deferred) expect(isAcyclicWithout(uses, new Set([...deferred].filter((other) => other !== one)))).toBe(false);
      }),
      { numRuns: 100 },
    );
  });

  test('what is deferred, and the order, are the same whatever order the documents come in', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }).chain((size) => fc.tuple(usesOf(size), fc.infiniteStream(fc.nat()))),
        ([uses, chance]) => {
          const documents = uses.map((targets, index) => flowOf(index, targets));
          const shuffled = documents
            .map((one) => ({ one, at: chance.next().value as number }))
            .sort((left, right) => left.at - right.at)
            .map(({ one }) => one);
          expect(orderOf(shuffled)).toEqual(orderOf(documents));
        },
      ),
      { numRuns: 200 },
    );
  });

  test('of several smallest sets the one without an asset is deferred, then the first by address', () => {
    const order = orderOf([
      document('queue/A', { flow: { $ref: 'flow/F/call' } }),
      document('flow/F/call', { content: { uses: ['queue/A'] } }),
      document('queue/B', { backup: { queue: { $ref: 'queue/C' } } }),
      document('queue/C', { backup: { queue: { $ref: 'queue/B' } } }),
    ]);
    expect([...order.deferred]).toEqual([
      ['queue/A', ['/flow']],
      ['queue/B', ['/backup/queue']],
    ]);
    expect(order.cycles).toEqual([
      { path: ['flow/F/call', 'queue/A'], deferred: ['queue/A#/flow'], why: ['fewest-assets'] },
      { path: ['queue/B', 'queue/C'], deferred: ['queue/B#/backup/queue'], why: ['first'] },
    ]);
  });

  test('of two smallest sets the one with fewer assets is deferred, although the other has the first address', () => {
    const order = orderOf([
      document('queue/A', { backup: { queue: { $ref: 'queue/X' } } }),
      document('flow/F/call', { content: { uses: ['queue/X'] } }),
      document('queue/X', { free: [{ $ref: 'queue/B' }, { $ref: 'queue/C' }] }),
      document('queue/B', { backup: { queue: { $ref: 'queue/Y' } } }),
      document('queue/C', { backup: { queue: { $ref: 'queue/Y' } } }),
      document('queue/Y', { free: [{ $ref: 'queue/A' }, { $ref: 'flow/F/call' }] }),
    ]);
    expect([...order.deferred.keys()]).toEqual(['queue/B', 'queue/C']);
  });

  test('a resource that needs itself where it can be written later is created first and written then', () => {
    const order = orderOf([document('queue/A', { backup: { queue: { $ref: 'queue/A' } } })]);
    expect(order.order).toEqual(['queue/A', 'queue/A#/backup/queue']);
    expect(order.needs.get(edgeAddress('queue/A' as Address, '/backup/queue'))).toEqual(['queue/A']);
  });

  test('a cycle that nothing can cut is a problem with its path; it and what needs it are left out, and the rest goes on', () => {
    const order = orderOf([
      document('queue/A', { free: { $ref: 'queue/B' } }),
      document('queue/B', { free: { $ref: 'queue/A' }, flow: { $ref: 'flow/F/call' } }),
      document('flow/F/call'),
      document('flow/G/call', { content: { uses: ['queue/A'] } }),
      document('team/T'),
    ]);
    expect(order.order).toEqual(['flow/F/call', 'team/T']);
    expect([...order.leftOut].sort()).toEqual(['flow/G/call', 'queue/A', 'queue/B']);
    expect(order.problems.map((problem) => [problem.code, problem.message.includes('queue/A -> queue/B -> queue/A')])).toEqual([['CYCLE', true]]);
  });

  test('needs come from refs, members, texts, names in a flow and the parent in a key', () => {
    const order = orderOf([
      document('queue/A', {
        team: { $ref: 'team/T' },
        members: [{ user: { $ref: 'user/u' } }],
        description: `see ${inText('code/C')} not $${inText('code/D')}`,
      }),
      document('flow/F/call', { content: { uses: ['queue/A'], text: inText('code/D') } }),
      document('team/T'),
      document('user/u'),
      document('code/C'),
      document('code/D'),
      document('row/My%2FTable/one'),
      document('table/My%2FTable'),
    ]);
    expect(order.needs.get('queue/A' as Address)).toEqual(['code/C', 'team/T', 'user/u']);
    expect(order.needs.get('flow/F/call' as Address)).toEqual(['queue/A']);
    expect(order.needs.get('row/My%2FTable/one' as Address)).toEqual(['table/My%2FTable']);
  });

  test('of those that are ready, the one with the longest chain behind it comes first, then the lower address', () => {
    const order = orderOf([
      document('team/A'),
      document('team/Z'),
      document('queue/Z', { team: { $ref: 'team/Z' } }),
      document('queue/Y', { backup: { queue: { $ref: 'queue/Z' } } }),
    ]);
    expect(order.order).toEqual(['team/Z', 'queue/Z', 'queue/Y', 'team/A']);
  });

  test.each([
    { reason: 'a chain', size: 100_000, last: [] as number[], deferred: 0 },
    { reason: 'a cycle', size: 100_000, last: [0], deferred: 1 },
  ])('$reason of 100,000 is ordered', ({ size, last, deferred }) => {
    const order = orderOf(Array.from({ length: size }, (_, index) => flowOf(index, index + 1 < size ? [index + 1] : last)));
    expect(order.order).toHaveLength(size + deferred);
    expect(order.deferred.size).toBe(deferred);
    expect(isInOrder(order)).toBe(true);
  });

  test('pairs that need each other, 100,000 in one chain, are cut at every other one', () => {
    const size = 100_000;
    const order = orderOf(
      Array.from({ length: size }, (_, index) =>
        flowOf(
          index,
          [index - 1, index + 1].filter((other) => other >= 0 && other < size),
        ),
      ),
    );
    expect(order.deferred.size).toBe(size / 2);
    expect(isInOrder(order)).toBe(true);
  });
});

function smallestWith(soft: readonly (readonly number[])[], hard: readonly (readonly number[])[]): number {
  let best = soft.length;
  for (let set = 0; set < 1 << soft.length; set += 1) {
    const owners = new Set([...soft.keys()].filter((node) => (set & (1 << node)) !== 0));
    const kept = soft.map((targets, node) => [...(owners.has(node) ? [] : targets), ...(hard[node] ?? [])]);
    if (owners.size < best && isAcyclicWithout(kept, new Set())) best = owners.size;
  }
  return best;
}
