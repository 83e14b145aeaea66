import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { makeAddress } from '../../state/address.ts';
import { diffDocuments } from '../../state/diff.ts';
import type { Document } from '../../state/document.ts';
import { sameDocument } from '../../state/rewrite.ts';
import { type Meaning, mergeDocument } from '../../state/three-way.ts';
import type { Value, ValueMap } from '../../state/value.ts';
import { flow, queue, toValue } from './sample-types.ts';

// Long because it is the one table of three-way merges, a case a few lines.
const address = makeAddress('queue', ['Support']);
const meaning: Meaning = { type: queue, vars: new Map<string, Value>([['seconds', 30]]), ignore: [] };
const document = (body: object, more: Partial<Document> = {}): Document => ({ address, body: toValue(body) as ValueMap, ...more });
const merge = (base: object | undefined, ours: object, theirs: object, more: Partial<Meaning> = {}, options: Partial<Document> = {}) =>
  mergeDocument({ base: base === undefined ? undefined : document(base), ours: document(ours, options), theirs: document(theirs) }, { ...meaning, ...more });
const mark = (sides: object) => ({ $conflict: sides });

interface Case {
  readonly reason: string;
  readonly base: object | undefined;
  readonly ours: object;
  readonly theirs: object;
  readonly want: object;
  readonly conflicts?: readonly string[];
}

const cases: readonly Case[] = [
  { reason: 'nobody moved', base: { limit: 1 }, ours: { limit: 1 }, theirs: { limit: 1 }, want: { limit: 1 } },
  { reason: 'only the org moved: its value', base: { limit: 1 }, ours: { limit: 1 }, theirs: { limit: 2 }, want: { limit: 2 } },
  { reason: 'only Git moved: a change that waits', base: { limit: 1 }, ours: { limit: 2 }, theirs: { limit: 1 }, want: { limit: 2 } },
  { reason: 'both moved to the same', base: { limit: 1 }, ours: { limit: 2 }, theirs: { limit: 2 }, want: { limit: 2 } },
  {
    reason: 'both moved apart: all three values stand at that field alone',
    base: { limit: 1, description: 'a' },
    ours: { limit: 2, description: 'a' },
    theirs: { limit: 3, description: 'b' },
    want: { limit: mark({ base: 1, ours: 2, theirs: 3 }), description: 'b' },
    conflicts: ['/limit'],
  },
  { reason: 'each moved another field', base: { limit: 1 }, ours: { limit: 1, kind: 'x' }, theirs: { limit: 2 }, want: { limit: 2, kind: 'x' } },
  { reason: 'the org took a field out', base: { limit: 1, kind: 'x' }, ours: { limit: 1, kind: 'x' }, theirs: { limit: 1 }, want: { limit: 1 } },
  { reason: 'Git took a field out', base: { limit: 1, kind: 'x' }, ours: { limit: 1 }, theirs: { limit: 1, kind: 'x' }, want: { limit: 1 } },
  {
    reason: 'the org took out what Git changed: the side that has nothing is left out of the mark',
    base: { limit: 1 },
    ours: { limit: 2 },
    theirs: {},
    want: { limit: mark({ base: 1, ours: 2 }) },
    conflicts: ['/limit'],
  },
  {
    reason: 'Git took out what the org changed',
    base: { limit: 1 },
    ours: {},
    theirs: { limit: 2 },
    want: { limit: mark({ base: 1, theirs: 2 }) },
    conflicts: ['/limit'],
  },
  {
    reason: 'both added a field, each with a value of its own',
    base: {},
    ours: { kind: 'a' },
    theirs: { kind: 'b' },
    want: { kind: mark({ ours: 'a', theirs: 'b' }) },
    conflicts: ['/kind'],
  },
  {
    reason: 'maps are put together field by field, however deep',
    base: { alert: { call: { seconds: 1, mode: 'a' } } },
    ours: { alert: { call: { seconds: 2, mode: 'a' } } },
    theirs: { alert: { call: { seconds: 1, mode: 'b' }, chat: { seconds: 3 } } },
    want: { alert: { call: { seconds: 2, mode: 'b' }, chat: { seconds: 3 } } },
  },
  {
    reason: 'a map goes with the last field that the org took out of it',
    base: { free: { one: { two: 1 } } },
    ours: { free: { one: { two: 1 } }, limit: 1 },
    theirs: {},
    want: { limit: 1 },
  },
  {
    reason: 'of a set both kinds of additions and removals',
    base: { codes: [{ $ref: 'code/a' }, { $ref: 'code/b' }, { $ref: 'code/c' }] },
    ours: { codes: [{ $ref: 'code/a' }, { $ref: 'code/b' }, { $ref: 'code/o' }] },
    theirs: { codes: [{ $ref: 'code/b' }, { $ref: 'code/c' }, { $ref: 'code/t' }] },
    want: { codes: [{ $ref: 'code/b' }, { $ref: 'code/o' }, { $ref: 'code/t' }] },
  },
  {
    reason: 'members by who they are: one changed here, one there, one new, one gone',
    base: {
      members: [
        { user: 'a', ring: 2 },
        { user: 'b', ring: 2 },
        { user: 'c', ring: 2 },
      ],
    },
    ours: {
      members: [
        { user: 'a', ring: 3 },
        { user: 'b', ring: 2 },
        { user: 'c', ring: 2 },
        { user: 'o', ring: 4 },
      ],
    },
    theirs: {
      members: [
        { user: 'a', ring: 2 },
        { user: 'b', ring: 4 },
        { user: 't', ring: 5 },
      ],
    },
    want: {
      members: [
        { user: 'a', ring: 3 },
        { user: 'b', ring: 4 },
        { user: 'o', ring: 4 },
        { user: 't', ring: 5 },
      ],
    },
  },
  {
    reason: 'one member at whom both moved apart, in the middle of others',
    base: {
      members: [
        { user: 'a', ring: 2 },
        { user: 'b', ring: 2 },
      ],
    },
    ours: {
      members: [
        { user: 'a', ring: 3 },
        { user: 'b', ring: 2 },
      ],
    },
    theirs: {
      members: [
        { user: 'a', ring: 4 },
        { user: 'b', ring: 5 },
      ],
    },
    want: {
      members: [
        { user: 'a', ring: mark({ base: 2, ours: 3, theirs: 4 }) },
        { user: 'b', ring: 5 },
      ],
    },
    conflicts: ['/members/a/ring'],
  },
  {
    reason: 'a member that the org took out and Git changed',
    base: {
      members: [
        { user: 'a', ring: 2 },
        { user: 'b', ring: 2 },
      ],
    },
    ours: {
      members: [
        { user: 'a', ring: 3 },
        { user: 'b', ring: 2 },
      ],
    },
    theirs: { members: [{ user: 'b', ring: 2 }] },
    want: { members: [mark({ base: { user: 'a', ring: 2 }, ours: { user: 'a', ring: 3 } }), { user: 'b', ring: 2 }] },
    conflicts: ['/members/a'],
  },
  {
    reason: 'a member that Git took out and the org changed',
    base: {
      members: [
        { user: 'a', ring: 2 },
        { user: 'b', ring: 2 },
      ],
    },
    ours: { members: [{ user: 'b', ring: 2 }] },
    theirs: {
      members: [
        { user: 'a', ring: 3 },
        { user: 'b', ring: 2 },
      ],
    },
    want: { members: [{ user: 'b', ring: 2 }, mark({ base: { user: 'a', ring: 2 }, theirs: { user: 'a', ring: 3 } })] },
    conflicts: ['/members/a'],
  },
  {
    reason: 'a list whose order matters is one field: only the org moved',
    base: { steps: ['a', 'b', 'c'], limit: 1 },
    ours: { steps: ['a', 'b', 'c'], limit: 2 },
    theirs: { steps: ['c', 'a'], limit: 1 },
    want: { steps: ['c', 'a'], limit: 2 },
  },
  {
    reason: 'a list whose order matters is one field: both moved, though at different items',
    base: { steps: ['a', 'b', 'c'] },
    ours: { steps: ['x', 'b', 'c'] },
    theirs: { steps: ['a', 'b', 'y'] },
    want: { steps: mark({ base: ['a', 'b', 'c'], ours: ['x', 'b', 'c'], theirs: ['a', 'b', 'y'] }) },
    conflicts: ['/steps'],
  },
  {
    reason: 'never applied: what either added stays, and what differs is a conflict without a base',
    base: undefined,
    ours: { limit: 1, kind: 'x' },
    theirs: { limit: 2, description: 'd' },
    want: { limit: mark({ ours: 1, theirs: 2 }), kind: 'x', description: 'd' },
    conflicts: ['/limit'],
  },
  {
    reason: 'zero, empty and null are values: none is taken for nothing',
    base: { limit: 1, kind: 'x', description: 'd' },
    ours: { limit: 1, kind: 'x', description: null },
    theirs: { limit: 0, kind: '', description: 'd' },
    want: { limit: 0, kind: '', description: null },
  },
  {
    reason: 'both emptied a list, each in its way: that is the same',
    base: { steps: ['a'], codes: ['a'] },
    ours: { codes: [] },
    theirs: { steps: [] },
    want: { codes: [], steps: [] },
  },
  {
    reason: 'a scalar became a map on one side and another map on the other',
    base: { free: 1 },
    ours: { free: { a: 1 } },
    theirs: { free: { a: 2 } },
    want: { free: { a: mark({ ours: 1, theirs: 2 }) } },
    conflicts: ['/free/a'],
  },
  {
    reason: 'values that look like directives, marks and merge conflicts are values',
    base: { free: { $$conflict: 1 } },
    ours: { free: { $$conflict: '<<<<<<< ours\n' } },
    theirs: { free: { $$conflict: { $$ref: 'x' } } },
    want: { free: { $$conflict: mark({ base: 1, ours: '<<<<<<< ours\n', theirs: { $$ref: 'x' } }) } },
    conflicts: ['/free/$$conflict'],
  },
];

describe('three versions of one document', () => {
  test.each(cases)('$reason', ({ base, ours, theirs, want, conflicts = [] }) => {
    const merged = merge(base, ours, theirs);
    expect(merged.conflicts).toEqual(conflicts);
    expect(sameDocument(merged.document, document(want), queue) || merged.document.body).toBe(true);
  });

  test('a variable stays where only Git or nobody moved, and gives way where the org did', () => {
    const ours = { limit: { $var: 'seconds' }, kind: 'new' };
    expect(merge({ limit: 30 }, ours, { limit: 30, description: 'd' }).document.body).toEqual(toValue({ ...ours, description: 'd' }));
    expect(merge({ limit: 30 }, ours, { limit: 31 }).document.body).toEqual(toValue({ limit: 31, kind: 'new' }));
    expect(merge({ limit: 20 }, ours, { limit: 20, description: 'd' }).document.body).toEqual(toValue({ ...ours, description: 'd' }));
    expect(merge({ limit: 20 }, ours, { limit: 31 }).document.body).toMatchObject({ limit: mark({ base: 20, ours: { $var: 'seconds' }, theirs: 31 }) });
  });

  test('what stands inside of a variable is marked at the variable', () => {
    const vars = new Map<string, Value>([['who', toValue([{ user: 'a', ring: 3 }])]]);
    const { document: merged, conflicts } = merge(
      { members: [{ user: 'a', ring: 2 }] },
      { members: { $var: 'who' } },
      { members: [{ user: 'a', ring: 4 }] },
      { vars },
    );
    expect(conflicts).toEqual(['/members/a/ring']);
    expect(JSON.stringify(merged.body)).toContain('"ours":{"$var":"who"}');
  });

  test("an external ref is the same ref; protect, was and ignore are Git's; what is ignored is not touched", () => {
    const ours = { team: { $external: 'team/T' }, limit: 5, kind: 'k' };
    const options = { protect: true, was: 'Old', ignore: ['/limit'] };
    const { document: merged, conflicts } = merge(
      { team: { $ref: 'team/T' }, limit: 1 },
      ours,
      { team: { $ref: 'team/T' }, limit: 9, description: 'd' },
      { ignore: ['/kind'] },
      options,
    );
    expect(conflicts).toEqual([]);
    expect(merged).toEqual({ address, ...options, body: toValue({ ...ours, description: 'd' }) });
  });

  test('what an earlier export took over is no edit of Git, and a later edit of it is', () => {
    const taken = document({ limit: 2 });
    const three = (ours: object, theirs: object) =>
      mergeDocument({ base: document({ limit: 1 }), ours: document(ours), theirs: document(theirs), taken }, meaning);
    expect(three({ limit: 2 }, { limit: 3 })).toMatchObject({ conflicts: [], document: { body: { limit: 3 } } });
    expect(three({ limit: 1 }, { limit: 3 })).toMatchObject({ conflicts: [], document: { body: { limit: 3 } } });
    expect(three({ limit: 4 }, { limit: 3 })).toMatchObject({ conflicts: ['/limit'] });
  });

  test("a tree in the vendor's own notation is one field", () => {
    const at = makeAddress('flow', ['Main', 'call']);
    const of = (content: object): Document => ({ address: at, body: toValue({ content }) as ValueMap });
    const ours = of({ a: 2, b: 1 });
    const theirs = of({ a: 1, b: 2 });
    const merged = mergeDocument({ base: of({ a: 1, b: 1 }), ours, theirs }, { ...meaning, type: flow });
    expect(merged.conflicts).toEqual(flow.assets.some(({ form }) => form === 'tree') ? ['/content'] : []);
  });

  test('ten thousand members that moved take no longer than they have to', () => {
    const members = (ring: number) => ({ members: Array.from({ length: 10_000 }, (_, index) => ({ user: `u${index}`, ring: index % 2 === 0 ? ring : 2 })) });
    const from = performance.now();
    expect(merge(members(2), { ...members(2), limit: 1 }, members(3)).taken).toHaveLength(5_000);
    expect(performance.now() - from).toBeLessThan(30_000);
  });
});

const leaf = fc.oneof(fc.constantFrom(0, '', null, 'a', 'b', 7), fc.constantFrom<object>({ $ref: 'team/x' }, { $ref: 'team/y' }));
const item = fc.record({ user: fc.constantFrom('a', 'b', 'c'), ring: fc.constantFrom(1, 2, 3) });
const body = fc.record(
  {
    limit: fc.constantFrom(0, 1, 2),
    description: leaf,
    steps: fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }),
    tags: fc.uniqueArray(fc.constantFrom('a', 'b', 'c')),
    members: fc.uniqueArray(item, { selector: ({ user }) => user, maxLength: 3 }),
    alert: fc.record(
      { call: fc.record({ seconds: fc.constantFrom(8, 9), mode: fc.constantFrom('loud', 'soft') }, { requiredKeys: [] }) },
      { requiredKeys: [] },
    ),
    free: fc.dictionary(fc.constantFrom('p', 'q'), leaf),
  },
  { requiredKeys: [] },
);
const differences = (from: object, to: Document) => diffDocuments(document(from), to, queue).map(({ at }) => at);

describe('whatever the three versions are', () => {
  test('an org that did not move leaves Git as it is', () =>
    fc.assert(
      fc.property(body, body, (base, ours) => {
        const merged = merge(base, ours, base);
        return merged.conflicts.length === 0 && merged.taken.length === 0 && differences(ours, merged.document).length === 0;
      }),
    ));

  test('where Git did not move, it has what the org has', () =>
    fc.assert(
      fc.property(body, body, (base, theirs) => {
        const merged = merge(base, base, theirs);
        return merged.conflicts.length === 0 && differences(theirs, merged.document).length === 0;
      }),
    ));

  test('both moved to the same: nothing to do', () =>
    fc.assert(
      fc.property(body, body, (base, same) => {
        const merged = merge(base, same, same);
        return merged.conflicts.length + merged.taken.length + merged.pending.length === 0;
      }),
    ));

  test('every difference between Git and the org is taken, waits or is marked, and without a conflict merging again changes nothing', () =>
    fc.assert(
      fc.property(body, body, body, (base, ours, theirs) => {
        const merged = merge(base, ours, theirs);
        if (merged.conflicts.length > 0) return JSON.stringify(merged.document.body).includes('"$conflict"');
        const again = mergeDocument({ base: document(theirs), ours: merged.document, theirs: document(theirs) }, meaning);
        return again.conflicts.length === 0 && sameDocument(again.document, merged.document, queue);
      }),
    ));
});
