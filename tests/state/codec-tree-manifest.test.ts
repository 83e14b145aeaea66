import { describe, expect, test } from '@jest/globals';
import type { Completeness } from '../../state/snapshot.ts';
import { type Export, mergeManifests, orderTypes, printManifest, readManifest, type TreeManifest } from '../../state/tree-manifest.ts';
import { crowd, thing, types } from './codec-types.ts';

const manifest = (entries: Record<string, [number, Completeness]>, filters: string[] = [], failed: string[] = [], org = 'Prod'): Export => ({
  org,
  filters,
  types: new Map(Object.entries(entries).map(([type, [count, completeness]]) => [type, { count, completeness }])),
  failed: new Set(failed),
});
const merged = (previous: TreeManifest | undefined, fresh: Export) => mergeManifests(previous, fresh, types).manifest;
const state = (of: TreeManifest, type = 'thing') => [of.types.get(type)?.count, of.types.get(type)?.completeness];

describe('merging two exports', () => {
  test.each([
    { before: 'whole', now: 'whole', failed: false, after: 'whole', reason: 'read whole again' },
    { before: 'part', now: 'whole', failed: false, after: 'whole', reason: 'whole beats part' },
    { before: 'none', now: 'whole', failed: false, after: 'whole', reason: 'whole beats nothing' },
    { before: 'whole', now: 'part', failed: false, after: 'whole', reason: 'a few documents more do not make it less' },
    { before: 'whole', now: 'part', failed: true, after: 'part', reason: 'what could not be read may be stale' },
    { before: 'whole', now: 'none', failed: true, after: 'none', reason: 'what could not be read may be gone' },
    { before: 'part', now: 'part', failed: false, after: 'part', reason: 'two parts are no whole' },
  ] as const)('$before, then $now is $after: $reason', ({ before, now, failed, after }) => {
    expect(state(merged(manifest({ thing: [3, before] }), manifest({ thing: [4, now] }, [], failed ? ['thing'] : [])))).toEqual([4, after]);
  });

  test('types that were not asked for stay, and the order does not depend on that of the exports', () => {
    const one = manifest({ thing: [3, 'whole'] }, ['a']);
    const other = manifest({ crowd: [4, 'part'] }, ['b']);
    expect(printManifest(merged(merged(undefined, one), other))).toBe(printManifest(merged(merged(undefined, other), one)));
    expect([...merged(one, other).types.keys()]).toEqual(['thing', 'crowd']);
    expect(merged(one, other).filters).toEqual(['a', 'b']);
    expect(merged(merged(undefined, one), other).filters).toEqual(['b']);
    expect(merged(other, manifest({ crowd: [9, 'whole'] })).filters).toEqual([]);
    expect(merged(manifest({ thing: [3, 'part'] }, ['a']), other).filters).toEqual(['a', 'b']);
  });

  test('another org is a problem', () => {
    expect(mergeManifests(manifest({}), manifest({}, [], [], 'Other'), types).problems.map(({ code }) => code)).toEqual(['TREE_OF_ANOTHER_ORG']);
  });
});

test('types stand in the order in which they can be created, and cycles and unknown types do not stop that', () => {
  const flow = { ...thing, name: 'flow', refs: [{ at: '/queue', to: ['queue'], optional: true }] };
  const queue = {
    ...crowd,
    name: 'queue',
    refs: [
      { at: '/flow', to: ['flow'], optional: true },
      { at: '/division', to: ['thing'], optional: true },
    ],
  };
  const row = { ...thing, name: 'a_row', parent: 'table' };
  const table = new Map([flow, queue, row, thing, { ...thing, name: 'table' }].map((type) => [type.name, type]));
  const ordered = orderTypes(['queue', 'a_row', 'flow', 'table', 'thing', 'strange'], table);
  expect(ordered.indexOf('table')).toBeLessThan(ordered.indexOf('a_row'));
  expect(ordered.indexOf('thing')).toBeLessThan(ordered.indexOf('queue'));
  expect(ordered).toHaveLength(6);
  expect(orderTypes([...ordered].reverse(), table)).toEqual(ordered);
});

describe('export.yaml', () => {
  const whole = merged(undefined, manifest({ thing: [3, 'whole'], crowd: [1, 'part'] }, ['crowd/S*']));

  test('it reads back as what was written, and comments stay when it changes', () => {
    expect(readManifest('export.yaml', printManifest(whole), types).manifest).toEqual(whole);
    const commented = printManifest(whole).replace('types:', '# ours\ntypes:');
    expect(printManifest(whole, commented)).toBe(commented);
    const changed = merged(whole, manifest({ crowd: [2, 'part'] }));
    expect(printManifest(changed, commented)).toBe(commented.replace('count: 1', 'count: 2'));
  });

  test.each([
    ['x: 1\n'],
    ['org: a\nfilters: []\ntypes: {}\n'],
    ['org: a\nfilters: [1]\ntypes: []\n'],
    ['org: a\nfilters: []\ntypes: [{ type: a, count: 1, completeness: all }]\n'],
    ['org: a\nfilters: []\ntypes: [{ type: a, count: -1, completeness: whole }]\n'],
    ['org: a\nfilters: []\ntypes: [{ type: a, count: 1.5, completeness: whole }]\n'],
    ['org: a\nfilters: []\ntypes: [{ type: a, count: 1, completeness: part }, { type: a, count: 1, completeness: whole }]\n'],
    ['org: a\n<<<<<<< x\n'],
    ['org: a'],
  ])('%j is none', (text) => {
    const read = readManifest('export.yaml', text, types);
    expect(read.manifest).toBeUndefined();
    expect(read.problems[0]?.place?.file).toBe('export.yaml');
  });
});

describe('a tree manifest that was edited', () => {
  const read = (text: string) => readManifest('export.yaml', text, types);
  const seals = (text: string) => [...text.matchAll(/seal: (\w+)/g)].map(([, seal]) => seal);
  const narrow = ['--type thing --name S*'];

  test('an entry that was made whole by hand counts as a part, is told with its line, and is whole after an export of all of it', () => {
    const written = printManifest(merged(undefined, manifest({ thing: [3, 'part'], crowd: [1, 'whole'] }, narrow)));
    const edited = written.replace(/filters:\n.*\n/, 'filters: []\n').replace('completeness: part', 'completeness: whole');
    const { manifest: claimed, problems } = read(edited);
    expect([state(claimed!), state(claimed!, 'crowd'), [...claimed!.doubted!]]).toEqual([[3, 'part'], [1, 'whole'], ['thing']]);
    expect(problems).toMatchObject([{ code: 'TREE_MANIFEST_EDITED', severity: 'warning', message: expect.stringContaining('thing'), place: { line: 4 } }]);
    expect(state(merged(claimed, manifest({ thing: [4, 'part'] })))).toEqual([4, 'part']);
    const again = printManifest(merged(claimed, manifest({ thing: [9, 'whole'] })), edited);
    expect([state(read(again).manifest!), read(again).problems]).toEqual([[9, 'whole'], []]);
  });

  test("another type's seal is none, nor is one that was made up", () => {
    const written = printManifest(merged(undefined, manifest({ thing: [3, 'whole'], crowd: [1, 'whole'] })));
    const [first = '', second = ''] = seals(written);
    const swapped = written.replace(first, 'other').replace(second, first).replace('other', second);
    expect([...read(swapped).manifest!.doubted!]).toEqual(['thing', 'crowd']);
    expect([...read(written.replace(first, 'a'.repeat(12))).manifest!.doubted!]).toEqual(['thing']);
  });

  test('whole beside a filter that took a part of it is an error, whatever the seal', () => {
    const written = printManifest(merged(undefined, manifest({ thing: [3, 'whole'], crowd: [1, 'part'] }, ['--name S*'])));
    const { manifest: claimed, problems } = read(written.replace('--name S*', '--type crowd,vendor_thing --name S*'));
    expect([state(claimed!), [...claimed!.doubted!]]).toEqual([[3, 'part'], ['thing']]);
    expect(problems).toMatchObject([{ code: 'TREE_MANIFEST_CONTRADICTS', severity: 'error', place: { line: 5 } }]);
  });

  test('no two exports write that: a type that was read whole is in no filter that narrows it any more', () => {
    const filters = (...exports: Export[]) => exports.reduce<TreeManifest | undefined>((before, fresh) => merged(before, fresh), undefined)!.filters;
    const both = manifest({ thing: [3, 'part'], crowd: [1, 'part'] }, ['--type thing --type crowd --name S*']);
    const thing = manifest({ thing: [9, 'whole'] }, ['--type thing']);
    expect(filters(both, thing)).toEqual(['--type crowd --name S*']);
    expect(filters(thing, both)).toEqual(['--type crowd --name S*']);
    expect(filters(manifest({ crowd: [1, 'part'] }, ['--name C*']), manifest({ thing: [1, 'part'] }, narrow), thing)).toEqual(['--name C*']);
    for (const made of [merged(merged(undefined, both), thing), merged(merged(undefined, thing), both)])
      expect([read(printManifest(made)).problems, state(read(printManifest(made)).manifest!)[1]]).toEqual([[], 'whole']);
  });

  test('the seal of a type is the same in every export of it, so that two of them merge', () => {
    const one = seals(printManifest(merged(undefined, manifest({ thing: [3, 'whole'] }))));
    expect(seals(printManifest(merged(undefined, manifest({ thing: [9, 'whole'] }, ['x'], [], 'Other'))))).toEqual(one);
    expect(seals(printManifest(merged(undefined, manifest({ thing: [3, 'part'] }))))).toEqual([]);
  });
});
