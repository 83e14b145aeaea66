import { describe, expect, test } from '@jest/globals';
import type { Address } from '../../state/address.ts';
import type { Document } from '../../state/document.ts';
import type { LiveSnapshot } from '../../state/snapshot.ts';
import { temporaryAddress } from '../../state/temporary-key.ts';
import { type MergedTree, mergeTrees, type TreeSides } from '../../state/three-way-tree.ts';
import { document, org, queue, snapshot, types } from './sample-types.ts';

const A = 'queue/A' as Address;
const B = 'queue/B' as Address;
const N = 'queue/N' as Address;

interface Given {
  readonly base?: readonly Document[];
  readonly ours?: readonly Document[];
  readonly theirs?: readonly Document[];
  readonly more?: Partial<TreeSides>;
  readonly live?: Partial<LiveSnapshot>;
}

/** Ids are those of the base: an object that lives under another key keeps the id of the address in `ids`. */
function merge({ base = [], ours = [], theirs = [], more = {}, live = {} }: Given): MergedTree {
  const lives = org(theirs, live);
  return mergeTrees({
    base: { ...snapshot(base), ids: new Map(base.map(({ address }) => [address, `id:${address}`])), left: new Set() },
    ours: snapshot(ours),
    live: lives,
    chosen: lives.documents,
    taken: new Map(),
    types,
    vars: new Map(),
    ignore: {},
    spoilt: new Set(),
    unread: new Set(),
    isOwn: false,
    ...more,
  });
}

/** What happens, in short: `+` written, `!` marked, `-` removed, `.` waits, `o` passed over. */
function told({ documents, removed, pending, passedOver }: MergedTree): readonly string[] {
  return [
    ...documents.map((one) => {
      const isMarked = one.conflicts.length > 0 || one.marks !== undefined;
      return `${isMarked ? '!' : '+'} ${one.document.address}${one.from === undefined ? '' : ` from ${one.from}`}`;
    }),
    ...removed.map((address) => `- ${address}`),
    ...pending.map((address) => `. ${address}`),
    ...passedOver.map((address) => `o ${address}`),
  ];
}

test('after a swap, what is deleted or renamed by hand takes nothing of the other one into its file, and two documents never say that they were one', () => {
  const [a, b] = [document(A, { limit: 2 }, { was: 'B' }), document(B, { limit: 1 }, { was: 'A' })];
  for (const ours of [[a, b], [a, b].map(({ was: _, ...one }) => one)]) {
    expect(told(merge({ base: [a, b], ours, theirs: [document(A, { limit: 2 })] }))).toEqual(['- queue/B']);
    const renamed = merge({
      base: [a, b],
      ours,
      theirs: [document(A, { limit: 2 }), document(N, { limit: 1 })],
      live: {
        ids: new Map([
          [A, 'id:queue/A'],
          [N, 'id:queue/B'],
        ]),
      },
    });
    expect(told(renamed)).toEqual(['+ queue/N from queue/B']);
    const isGivenOn = ours.some((one) => 'was' in one);
    expect(renamed.documents[0]?.document).toEqual(document(N, { limit: 1 }, { was: isGivenOn ? 'A' : 'B' }));
  }
});

const a = document(A, { limit: 1 });
const edited = document(A, { limit: 2 });
const other = document(A, { limit: 3 });

const cases: readonly (Given & { readonly reason: string; readonly want: readonly string[] })[] = [
  { reason: 'the same on all three sides', base: [a], ours: [a], theirs: [a], want: [] },
  { reason: 'changed in the org', base: [a], ours: [a], theirs: [edited], want: ['+ queue/A'] },
  { reason: 'changed in Git', base: [a], ours: [edited], theirs: [a], want: ['. queue/A'] },
  { reason: 'changed on both sides to the same', base: [a], ours: [edited], theirs: [edited], want: [] },
  { reason: 'changed on both sides, apart', base: [a], ours: [edited], theirs: [other], want: ['! queue/A'] },
  { reason: 'created in the org', theirs: [a], want: ['+ queue/A'] },
  { reason: 'created in Git', ours: [a], want: ['. queue/A'] },
  { reason: 'created on both sides alike', ours: [a], theirs: [a], want: [] },
  { reason: 'created on both sides, apart', ours: [a], theirs: [edited], want: ['! queue/A'] },
  { reason: 'deleted in the org, untouched in Git', base: [a], ours: [a], want: ['- queue/A'] },
  { reason: 'deleted in the org, edited in Git', base: [a], ours: [edited], want: ['! queue/A'] },
  { reason: 'deleted in the org, protected in Git', base: [a], ours: [{ ...a, protect: true }], want: ['! queue/A'] },
  { reason: 'deleted in Git, untouched in the org', base: [a], theirs: [a], want: ['. queue/A'] },
  { reason: 'deleted in Git, edited in the org', base: [a], theirs: [edited], want: ['! queue/A'] },
  { reason: 'deleted on both sides', base: [a], want: [] },
  {
    reason: 'lived there beside when the tree was applied: no news',
    theirs: [a],
    more: { base: { ...snapshot([]), ids: new Map(), left: new Set([A]) } },
    want: ['o queue/A'],
  },
  {
    reason: 'of a type that was not applied whole nobody can tell what is new',
    theirs: [a],
    more: { base: { ...snapshot([], 'part'), ids: new Map(), left: new Set() } },
    want: ['o queue/A'],
  },
  {
    reason: "the same in the org's own tree: an export takes it",
    theirs: [a],
    more: { base: { ...snapshot([], 'part'), ids: new Map(), left: new Set() }, isOwn: true },
    want: ['+ queue/A'],
  },
  { reason: 'a type that was not read whole holds nothing that is gone', base: [a], ours: [a], live: { completeness: new Map([['queue', 'part']]) }, want: [] },
  { reason: 'several objects under one key: neither gone nor anything else', base: [a], ours: [a], live: { twins: new Map([[A, ['1', '2']]]) }, want: [] },
  { reason: 'not among what the export takes', base: [a], ours: [a], theirs: [edited], more: { chosen: new Map() }, want: [] },
  {
    reason: 'Git holds files of the type that cannot be read: nothing of it is taken for deleted',
    base: [a],
    theirs: [edited],
    more: { spoilt: new Set(['queue']) },
    want: ['o queue/A'],
  },
  { reason: 'stands in a file that is in conflict already', base: [a], theirs: [edited], more: { unread: new Set([A]) }, want: [] },
  { reason: 'created by an earlier export, deleted in the org since', ours: [a], more: { taken: new Map([[A, a]]) }, want: ['- queue/A'] },
  {
    reason: 'created by an earlier export, edited in Git and deleted in the org since',
    ours: [edited],
    more: { taken: new Map([[A, a]]) },
    want: ['! queue/A'],
  },
  { reason: 'waits under a temporary name of a run that was cut off', base: [a], ours: [a], theirs: [{ ...a, address: temporaryAddress(A, queue) }], want: [] },
];

describe('three versions of a tree', () => {
  test.each(cases)('$reason', ({ want, reason: _, ...given }) => expect(told(merge(given))).toEqual(want));

  const user = document('queue/User', { backup: { queue: { $ref: 'queue/A' } }, limit: 1 });
  const userOf = (name: string, limit = 1) => document('queue/User', { backup: { queue: { $ref: `queue/${name}` } }, limit });
  const b = document(B, { limit: 1 });

  test('renamed in the org: the document moves, says what it was, and what refers to it follows; an edit of Git stays', () => {
    const merged = merge({ base: [a, user], ours: [edited, userOf('A', 7)], theirs: [b, userOf('B')], live: { ids: new Map([[B, 'id:queue/A']]) } });
    expect(told(merged)).toEqual(['+ queue/B from queue/A', '+ queue/User']);
    expect(merged.documents[0]?.document).toEqual({ ...document(B, { limit: 2 }), was: 'A' });
    expect(merged.documents[1]?.document).toEqual(userOf('B', 7));
  });

  test('renamed in Git and not applied yet: it is the same one, and what the org changed of it is taken', () => {
    const renamed = { ...document(N, { limit: 1 }), was: 'A' };
    const same = merge({ base: [a, user], ours: [renamed, userOf('N')], theirs: [a, user] });
    expect([same.documents, same.removed, same.passedOver]).toEqual([[], [], []]);
    const merged = merge({ base: [a], ours: [renamed], theirs: [edited] });
    expect(merged.documents.map((one) => one.document)).toEqual([{ ...document(N, { limit: 2 }), was: 'A' }]);
  });

  test('renamed on both sides: alike is nothing, apart is a mark at the key with all three names, and no second document', () => {
    const renamed = (address: Address) => ({ ...document(address, { limit: 1 }), was: 'A' });
    expect(told(merge({ base: [a], ours: [renamed(B)], theirs: [b], live: { ids: new Map([[B, 'id:queue/A']]) } }))).toEqual([]);
    const apart = merge({ base: [a], ours: [renamed(N)], theirs: [b], live: { ids: new Map([[B, 'id:queue/A']]) } });
    expect(told(apart)).toEqual(['! queue/N']);
    expect(apart.documents[0]?.marks?.key).toEqual({ $conflict: { base: 'A', ours: 'N', theirs: 'B' } });
  });

  test('an id that was remembered of something else moves a name, and loses nothing', () => {
    const merged = merge({ base: [a], ours: [a], theirs: [document(B, { limit: 9 })], live: { ids: new Map([[B, 'id:queue/A']]) } });
    expect(told(merged)).toEqual(['+ queue/B from queue/A']);
    expect(merged.documents[0]?.document.body).toEqual({ limit: 9 });
  });

  test('what differs on neither side is not read from the base', () => {
    const reads: Address[] = [];
    const many = Array.from({ length: 500 }, (_, index) => document(`queue/Q${index}`, { limit: index }));
    const documents = new Map(many.map((one) => [one.address, one]));
    const watched: ReadonlyMap<Address, Document> = new Proxy(documents, {
      get: (map, name) => {
        const value = Reflect.get(map, name) as unknown;
        if (typeof value !== 'function') return value;
        if (name !== 'get') return value.bind(map);
        return (address: Address) => {
          reads.push(address);
          return map.get(address);
        };
      },
    });
    const theirs = many.map((one, index) => (index === 3 ? document(one.address, { limit: -1 }) : one));
    const merged = merge({ ours: many, theirs, more: { base: { ...snapshot([]), documents: watched, ids: new Map(), left: new Set() } } });
    expect(told(merged)).toEqual(['+ queue/Q3']);
    expect(new Set(reads)).toEqual(new Set(['queue/Q3']));
  });
});
