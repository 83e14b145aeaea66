import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { diffDocuments, normalise } from '../../state/diff.ts';
import type { Document } from '../../state/document.ts';
import { makePointer, pointerSegments, setAt, walk } from '../../state/pointer.ts';
import { asDirective, isList, isMap, makeMap, sameValue, type Value, type ValueMap } from '../../state/value.ts';
import { document, flow, login, queue, toValue } from './sample-types.ts';

const scalar: fc.Arbitrary<Value> = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
  fc.bigInt(),
);
const key = fc.oneof(fc.constantFrom('a', 'b', '~1', 'x/y', '__proto__', '*', '0', ''), fc.string({ maxLength: 4 })).filter((text) => !text.startsWith('$'));
const { tree } = fc.letrec<{ tree: Value }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    scalar,
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie('tree')), { maxLength: 3 }).map((entries) => makeMap(entries)),
  ),
}));
const address = fc.string({ minLength: 1, maxLength: 5 }).map((name) => makeMap([['$ref', `user/${name}`]]));
const members = fc.uniqueArray(fc.tuple(address, fc.integer({ min: 1, max: 9 })), { selector: ([user]) => user['$ref'], maxLength: 4 }).map(
  (pairs): Value =>
    pairs.map(([user, ring]) =>
      makeMap([
        ['user', user],
        ['ring', ring],
      ]),
    ),
);
const body = fc
  .record(
    {
      free: tree,
      steps: fc.array(tree, { maxLength: 4 }),
      tags: fc.uniqueArray(fc.string({ maxLength: 4 }), { maxLength: 4 }) as fc.Arbitrary<Value>,
      members,
      alert: fc
        .record(
          { call: fc.record({ seconds: fc.integer({ min: 1, max: 30 }), mode: fc.constantFrom('loud', 'mute') }, { requiredKeys: [] }) },
          { requiredKeys: [] },
        )
        .map(toValue),
      team: address,
      description: scalar,
    },
    { requiredKeys: [] },
  )
  .map((fields) => makeMap(Object.entries(fields) as [string, Value][]));

/** Leaves by index pointer: scalars, refs, and empty maps and lists. */
function leavesOf(from: ValueMap): { pointer: string; value: Value }[] {
  const all = [...walk(from)].filter(({ pointer }) => pointer !== '');
  return all.filter(({ pointer, value }) => {
    const isInRef = asDirective(parentOf(from, pointer)) !== undefined;
    return !isInRef && (!(isMap(value) || isList(value)) || asDirective(value) !== undefined);
  });
}

function parentOf(from: Value, pointer: string): Value | undefined {
  const parent = makePointer(pointerSegments(pointer).slice(0, -1));
  return [...walk(from)].find((spot) => spot.pointer === parent)?.value;
}

function otherScalar(value: Value): Value {
  if (asDirective(value) !== undefined) return makeMap([['$ref', `${asDirective(value)?.value}~other`]]);
  if (typeof value === 'string') return `${value}~other`;
  return typeof value === 'number' || typeof value === 'bigint' ? 'was a number' : 424242;
}

/** The pointer of a change in the words of the diff: identities for items of keyed lists. */
function told(wanted: ValueMap, pointer: string): string {
  const [head, index, ...rest] = pointerSegments(pointer);
  if (head !== 'members') return pointer;
  const user = asDirective((wanted['members'] as ValueMap[])[Number(index)]!['user'])!.value;
  return makePointer(['members', user, ...rest]);
}

describe('diff', () => {
  test('a single edited leaf is reported as exactly that leaf; of a set or an identity as one removed and one added', () => {
    fc.assert(
      fc.property(body, fc.nat(), (from, pick) => {
        const wanted = normalise({ ...document('queue/A'), body: from }, queue);
        const leaves = leavesOf(wanted.body);
        if (leaves.length === 0) return;
        const leaf = leaves[pick % leaves.length]!;
        const live: Document = { ...wanted, body: setAt(wanted.body, leaf.pointer, otherScalar(leaf.value)) };
        const changes = diffDocuments(live, wanted, queue);
        const isIdentity = leaf.pointer.startsWith('/tags/') || /^\/members\/\d+\/user$/.test(leaf.pointer);
        if (isIdentity) {
          expect(changes.map((change) => change.kind).sort()).toEqual(['add', 'remove']);
          return;
        }
        expect(changes).toHaveLength(1);
        expect(changes[0]!.at).toBe(told(wanted.body, leaf.pointer));
        expect(changes[0]!.kind).toBe('change');
        expect(sameValue(changes[0]!.after, leaf.value)).toBe(true);
        expect(sameValue(changes[0]!.before, otherScalar(leaf.value))).toBe(true);
      }),
      { numRuns: 1500 },
    );
  });

  test('a leaf taken away by hand is reported as exactly that leaf, whatever is left of the maps around it', () => {
    const wanted = document('queue/A', { free: { a: { b: 1 } } });
    for (const left of [{}, { free: {} }, { free: { a: {} } }]) {
      expect(diffDocuments(document('queue/A', left), wanted, queue)).toEqual([{ at: '/free/a/b', kind: 'add', after: 1 }]);
    }
  });

  test('no document differs from itself, from its shortest form, or from itself with every set shuffled', () => {
    fc.assert(
      fc.property(body, (from) => {
        const one = { ...document('queue/A'), body: from };
        const shuffled = {
          ...one,
          body: makeMap(
            Object.entries(from)
              .reverse()
              .map(([name, value]) => [name, isList(value) && name !== 'steps' && name !== 'free' ? [...value].reverse() : value]),
          ),
        };
        const short = normalise(one, queue);
        expect(diffDocuments(one, short, queue)).toEqual([]);
        expect(diffDocuments(shuffled, one, queue)).toEqual([]);
        expect(sameValue(normalise(shuffled, queue).body, short.body)).toBe(true);
        expect(sameValue(normalise(short, queue).body, short.body)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('two documents without a difference are the same in their shortest form', () => {
    fc.assert(
      fc.property(body, body, (left, right) => {
        const [one, other] = [left, right].map((from) => normalise({ ...document('queue/A'), body: from }, queue)) as [Document, Document];
        expect(diffDocuments(one, other, queue).length === 0).toBe(sameValue(one.body, other.body));
      }),
      { numRuns: 500 },
    );
  });

  test('a default that changed by hand is reported with the default as what shall be', () => {
    const live = document('queue/A', { alert: { call: { seconds: 9, mode: 'loud' } } });
    expect(diffDocuments(live, document('queue/A'), queue)).toEqual([{ at: '/alert/call/seconds', kind: 'change', before: 9, after: 8 }]);
    expect(diffDocuments(document('queue/A'), live, queue)).toEqual([{ at: '/alert/call/seconds', kind: 'change', before: 8, after: 9 }]);
    const [members, others] = [2, 1].map((ring) => document('queue/A', { members: [{ user: { $ref: 'user/a@b.c' }, ring }] }));
    expect(diffDocuments(members, others!, queue)).toEqual([{ at: '/members/user~1a@b.c/ring', kind: 'change', before: 2, after: 1 }]);
  });

  test.each([
    { reason: 'all fields of a map at their defaults', from: { alert: { call: { seconds: 8 }, chat: { seconds: 20 } } }, to: {} },
    { reason: 'a ref at its default', from: { team: { $ref: 'team/@home' } }, to: {} },
    { reason: 'an empty map whose fields have defaults', from: { alert: {} }, to: {} },
    { reason: 'a list at its default', from: { tags: [] }, to: {} },
    { reason: 'null is not left out', from: { tags: null, description: null }, to: { tags: null, description: null } },
    { reason: 'an empty list without a default stays', from: { codes: [], steps: [] }, to: { codes: [], steps: [] } },
    { reason: 'an empty map without a default stays', from: { free: {} }, to: { free: {} } },
    {
      reason: 'an item at its defaults stays an item',
      from: { members: [{ user: { $ref: 'user/a' }, ring: 1 }] },
      to: { members: [{ user: { $ref: 'user/a' } }] },
    },
    { reason: 'order of a list that is no set stays', from: { steps: ['b', 'a'] }, to: { steps: ['b', 'a'] } },
    { reason: 'sets are sorted by content', from: { tags: ['b', 'a'] }, to: { tags: ['a', 'b'] } },
  ])('the shortest form: $reason', ({ from, to }) => {
    expect(normalise(document('queue/A', from), queue).body).toEqual(toValue(to));
  });

  test.each([
    { reason: 'cleared', wanted: { description: null } },
    { reason: 'empty', wanted: { tags: [] } },
  ])('what is wanted $reason is as wanted where the org shows nothing', ({ wanted }) => {
    expect(diffDocuments(document('queue/A', {}), document('queue/A', wanted), queue)).toEqual([]);
  });

  test.each([
    { reason: 'null and left out', live: { description: null }, wanted: {}, kinds: ['remove'] },
    { reason: 'empty list and left out', live: { steps: [] }, wanted: {}, kinds: ['remove'] },
    { reason: 'empty list and null', live: { steps: [] }, wanted: { steps: null }, kinds: ['change'] },
    { reason: 'empty map and left out', live: {}, wanted: { free: {} }, kinds: ['add'] },
    { reason: '1 and "1"', live: { limit: 1 }, wanted: { limit: '1' }, kinds: ['change'] },
  ])('$reason are two things', ({ live, wanted, kinds }) => {
    expect(diffDocuments(document('queue/A', live), document('queue/A', wanted), queue).map((change) => change.kind)).toEqual(kinds);
  });

  test.each([
    { reason: 'an item in the middle of a list came', live: ['a', 'b', 'c'], wanted: ['a', 'x', 'b', 'c'], changes: ['add /steps/1'] },
    { reason: 'two went', live: ['a', 'b', 'c', 'd'], wanted: ['a', 'd'], changes: ['remove /steps/1', 'remove /steps/2'] },
    { reason: 'one came and one changed far from it', live: ['a', 'b', 'c'], wanted: ['a', 'B', 'c', 'd'], changes: ['change /steps/1', 'add /steps/3'] },
    { reason: 'lists of one length go item by item', live: ['a', 'b'], wanted: ['b', 'a'], changes: ['change /steps/0', 'change /steps/1'] },
    { reason: 'items come twice', live: ['a', 'a'], wanted: ['a', 'a', 'a'], changes: ['add /steps/2'] },
  ])('ordered lists: $reason', ({ live, wanted, changes }) => {
    const found = diffDocuments(document('queue/A', { steps: live }), document('queue/A', { steps: wanted }), queue);
    expect(found.map((change) => `${change.kind} ${change.at}`)).toEqual(changes);
  });

  test('a ref is one leaf, and one to what is managed elsewhere is the same ref', () => {
    const of = (team: object, codes: object[]) => document('queue/A', { team, codes });
    expect(diffDocuments(of({ $ref: 'team/A' }, [{ $ref: 'code/X' }]), of({ $external: 'team/A' }, [{ $external: 'code/X' }]), queue)).toEqual([]);
    expect(diffDocuments(of({ $ref: 'team/A' }, []), of({ $ref: 'team/B' }, []), queue).map((change) => change.at)).toEqual(['/team']);
  });

  test('write-only secrets are never compared, whether live shows them or not', () => {
    const wanted = document('login/A', { fields: { password: { $secret: 'ONE' } }, kind: 'basic' });
    for (const fields of [{ password: { $secret: 'TWO' } }, {}, undefined]) {
      expect(diffDocuments(document('login/A', { ...(fields === undefined ? {} : { fields }), kind: 'basic' }), wanted, login)).toEqual([]);
    }
  });

  test('what a document ignores, and what other steps write, is not compared', () => {
    const wanted = document(
      'queue/A',
      { free: { a: 1, b: 1 }, flow: { $ref: 'flow/F/x' }, members: [{ user: { $ref: 'user/u' }, ring: 5 }] },
      { ignore: ['/free/a', '/members/*/ring'] },
    );
    const live = document('queue/A', { free: { a: 2, b: 2 }, members: [{ user: { $ref: 'user/u' }, ring: 6 }] });
    expect(diffDocuments(live, wanted, queue, ['/flow']).map((change) => change.at)).toEqual(['/free/b']);
  });

  test('where nothing lives, each top field is added, without what other steps write', () => {
    const wanted = document('queue/A', { free: { a: 1 }, flow: { $ref: 'flow/F/x' }, alert: { call: { seconds: 8 } } });
    expect(diffDocuments(undefined, wanted, queue, ['/flow'])).toEqual([{ at: '/free', kind: 'add', after: toValue({ a: 1 }) }]);
  });

  test('a flow without content gets its content in one piece, and a changed line is one change', () => {
    const wanted = document('flow/F/x', { content: { call: { name: 'F', steps: [1, 2] } } });
    expect(diffDocuments(document('flow/F/x'), wanted, flow).map((change) => change.at)).toEqual(['/content']);
    const live = document('flow/F/x', { content: { call: { name: 'F', steps: [1, 3] } } });
    expect(diffDocuments(live, wanted, flow)).toEqual([{ at: '/content/call/steps/1', kind: 'change', before: 3, after: 2 }]);
  });
});
