import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { makeCycleTeller } from '../../scripts/view/cycle.ts';
import { humanLines } from '../../scripts/view/human.ts';
import { edgeAddress } from '../../state/address.ts';
import type { Document } from '../../state/document.ts';
import { buildGraph } from '../../state/graph.ts';
import { orderGraph } from '../../state/order-graph.ts';
import { document, keyed, types } from '../state/sample-types.ts';

/** The records of all cycles of these documents, as the plan and the graph tell them. */
function cyclesOf(documents: readonly Document[]) {
  const order = orderGraph(buildGraph(new Map(documents.map((one) => [one.address, one])), types));
  return order.cycles.map(makeCycleTeller(order.order, order.needs));
}

function drawn(documents: readonly Document[], width?: number): readonly string[] {
  return cyclesOf(documents).flatMap((cycle) => humanLines(cycle, width).map(stripVTControlCharacters));
}

/** A ring of so many flows, each naming the next; `name` makes their names. */
function ring(size: number, name: (index: number) => string): readonly Document[] {
  return Array.from({ length: size }, (_, index) =>
    document(keyed('flow', name(index), 'call'), { content: { uses: [keyed('flow', name((index + 1) % size), 'call')] } }),
  );
}

const QUEUE_AND_FLOW = [
  document('queue/A', { flow: { $ref: 'flow/F/call' } }),
  document('flow/F/call', { content: { uses: ['queue/A', 'team/T'] } }),
  document('team/T'),
];

describe('a cycle is drawn, and says which edge is written when, and why that one', () => {
  test('the arrow that is written later is marked with its field, and told with its step and what has to be there before', () => {
    expect(drawn(QUEUE_AND_FLOW).slice(0, 8)).toEqual([
      'cycle of 2: each needs the one below it, the last needs the first',
      '    +-> flow/F/call',
      '    |     |',
      '    |   queue/A',
      '    +-----: /flow, written later',
      '    queue/A#/flow is written as step 4 of 4, after',
      '        flow/F/call',
      '        queue/A',
    ]);
    expect(drawn(QUEUE_AND_FLOW).at(-1)).toBe('    why that one: of the smallest choices it needs the fewest placeholders for files');
  });

  test('a resource that needs itself is a ring of one', () => {
    expect(drawn([document('queue/A', { backup: { queue: { $ref: 'queue/A' } } })]).slice(0, 3)).toEqual([
      'cycle: it needs itself',
      '    +-> queue/A',
      '    +-----: /backup/queue, written later',
    ]);
  });

  test.each([
    { reason: 'only', why: 'nothing else in this cycle may be written later' },
    { reason: 'fewest', why: 'every other choice that leaves no cycle writes more of them later' },
    { reason: 'fewest-assets', why: 'of the smallest choices it needs the fewest placeholders for files' },
    { reason: 'first', why: 'of choices that are alike it is the first by address' },
    { reason: 'loosens-most', why: 'there are too many to try every choice: those were taken, one by one, for which the most waits' },
  ] as const)('the reason "$reason" is told in words', ({ reason, why }) => {
    const tell = makeCycleTeller([], new Map());
    const lines = humanLines(tell({ path: [keyed('queue', 'A')], deferred: [edgeAddress(keyed('queue', 'A'), '/flow')], why: [reason] }));
    expect(lines.at(-1)).toBe(`    why that one: ${why}`);
  });

  test('a long ring is drawn by its ends and by both sides of what is written later; the record holds all of it', () => {
    const documents = ring(100, (index) => String(index).padStart(3, '0'));
    expect(drawn(documents).slice(0, 13)).toEqual([
      'cycle of 100: each needs the one below it, the last needs the first',
      '    +-> flow/000/call',
      '    |     : /content, written later',
      '    |   flow/001/call',
      '    |     |',
      '    |     ... 96 more ...',
      '    |   flow/098/call',
      '    |     |',
      '    |   flow/099/call',
      '    +------',
      '    flow/000/call#/content is written as step 101 of 101, after',
      '        flow/000/call',
      '        flow/001/call',
    ]);
    expect(cyclesOf(documents)[0]?.path).toHaveLength(100);
  });

  test('a crowd of edges is told by its first ones, and how many more there are', () => {
    const everyOther = (index: number) => [...Array(12).keys()].filter((other) => other !== index).map((other) => keyed('flow', `F${other}`, 'call'));
    const lines = drawn(Array.from({ length: 12 }, (_, index) => document(keyed('flow', `F${index}`, 'call'), { content: { uses: everyOther(index) } })));
    expect(lines.filter((line) => line.includes('is written as'))).toHaveLength(4);
    expect(lines).toContain('    and 7 more are written later; --json lists all');
    expect(lines).toContain('        and 8 more');
  });

  test('names that are hostile to terminals forge no line of the drawing', () => {
    const lines = drawn(ring(2, (index) => `x${index}\n    +-----\u001b[2K\u202eevil`));
    expect(['\u001b', '\u202e', '\n'].filter((character) => lines.some((line) => line.includes(character)))).toEqual([]);
    expect(lines.filter((line) => line.startsWith('    +-----'))).toHaveLength(1);
  });

  test('whatever the names, no line is wider than the terminal, and an escape is whole or left out', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }), fc.integer({ min: 80, max: 200 }), (name, width) => {
        const lines = drawn(
          ring(2, (index) => `${name}${index}`),
          width,
        ).filter((line) => !line.includes('why'));
        for (const line of lines) {
          expect(line.length).toBeLessThanOrEqual(width);
          expect(line.replaceAll(/\\u\{[0-9a-f]+\}/g, '')).not.toMatch(/\\u|[0-9a-f]\}/);
        }
      }),
      { numRuns: 200 },
    );
  });
});
