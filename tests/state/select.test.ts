import { describe, expect, test } from '@jest/globals';
import { type Address, makeAddress } from '../../state/address.ts';
import type { Document } from '../../state/document.ts';
import { ignoring } from '../../state/ignoring.ts';
import type { ResourceType, TypeTable } from '../../state/resource-type.ts';
import { type Selection, selectDocuments } from '../../state/select.ts';
import type { LiveSnapshot } from '../../state/snapshot.ts';
import { directive, makeMap, type ValueMap } from '../../state/value.ts';

const type = (name: string, parts: Partial<ResourceType> = {}): ResourceType => ({
  name,
  aliases: [],
  keyFields: ['name'],
  isSingleton: false,
  refs: [],
  lists: {},
  defaults: makeMap([]),
  deferrable: [],
  secrets: [],
  createOnly: [],
  isRenamable: true,
  assets: [],
  schema: () => ({}),
  ...parts,
});
const types: TypeTable = new Map([
  ['skill', type('skill')],
  ['user', type('user', { refs: [{ at: '/skills/*', to: ['skill'], optional: true }] })],
  ['table', type('table')],
  ['row', type('row', { parent: 'table', keyFields: ['key'] })],
]);
const address = (name: string, ...parts: string[]): Address => makeAddress(name, parts);
const uses = (...skills: string[]): ValueMap => makeMap([['skills', skills.map((skill) => directive('$ref', `skill/${skill}`))]]);

function live(bodies: Readonly<Record<string, ValueMap>>): LiveSnapshot {
  const documents = Object.entries(bodies).map(([at, body]): [Address, Document] => [at as Address, { address: at as Address, body }]);
  return {
    documents: new Map(documents),
    completeness: new Map(['row', 'skill', 'table', 'user'].map((name) => [name, 'whole'])),
    files: new Map(),
    twins: new Map(),
    problems: [],
    ids: new Map(documents.map(([at]) => [at, `id of ${at}`])),
    deleted: new Set(),
  };
}

const inactive = makeMap([['state', 'inactive']]);
const org = live({
  'skill/used': inactive,
  'skill/unused': inactive,
  'skill/active': makeMap([]),
  'user/anna': uses('used', 'active'),
  'user/gone': makeMap([['state', 'inactive'], ...Object.entries(uses('unused'))]),
  'table/hours': makeMap([]),
  'row/hours/monday': makeMap([]),
});
const ask = (parts: Partial<Selection>): Selection => ({ all: false, dependencies: false, ...parts });

describe('what an export takes', () => {
  test('of several objects under one key none is taken, so their type is a part and nothing of it counts as gone', () => {
    const shared = { ...org, twins: new Map([[address('skill', 'shared'), ['1', '2']]]) };
    expect(selectDocuments(shared, types, ask({ all: true })).completeness.get('skill')).toBe('part');
    expect(selectDocuments(shared, types, ask({ all: true })).completeness.get('user')).toBe('whole');
  });

  const cases = [
    {
      reason: 'by default not the inactive ones that nothing exported refers to',
      selection: ask({}),
      want: ['row/hours/monday', 'skill/active', 'skill/used', 'table/hours', 'user/anna'],
    },
    { reason: 'all is all', selection: ask({ all: true }), want: [...org.documents.keys()].sort() },
    { reason: 'a type alone, without what it refers to', selection: ask({ types: ['user'] }), want: ['user/anna'] },
    { reason: 'a type with its dependencies', selection: ask({ types: ['user'], dependencies: true }), want: ['skill/active', 'skill/used', 'user/anna'] },
    { reason: 'a row takes its table along', selection: ask({ types: ['row'] }), want: ['row/hours/monday', 'table/hours'] },
    { reason: 'a pattern on the key also finds what is inactive', selection: ask({ names: ['g?n*'] }), want: ['user/gone'] },
    { reason: 'a dot in a pattern is only a dot', selection: ask({ names: ['ann.'] }), want: [] },
    { reason: 'an id', selection: ask({ ids: ['id of skill/unused'] }), want: ['skill/unused'] },
    { reason: 'type and pattern both have to fit', selection: ask({ types: ['skill'], names: ['*anna*', 'us*'] }), want: ['skill/used'] },
  ];
  test.each(cases)('$reason', ({ selection, want }) => expect([...selectDocuments(org, types, selection).documents.keys()]).toEqual(want));

  test('a ref to what is left out becomes external; one to what is taken stays', () => {
    const { documents } = selectDocuments(org, types, ask({ types: ['user'] }));
    expect(documents.get(address('user', 'anna'))?.body['skills']).toEqual([directive('$external', 'skill/used'), directive('$external', 'skill/active')]);
    const whole = selectDocuments(org, types, ask({ all: true }));
    expect(whole.documents.get(address('user', 'anna'))?.body).toEqual(uses('used', 'active'));
  });

  test('a type is whole only where nothing of it was left out, so that a filtered tree never deletes', () => {
    expect(selectDocuments(org, types, ask({ all: true })).completeness.get('user')).toBe('whole');
    expect(selectDocuments(org, types, ask({})).completeness.get('user')).toBe('part');
    expect(selectDocuments(org, types, ask({ types: ['row'] })).completeness).toEqual(
      new Map([
        ['row', 'whole'],
        ['table', 'part'],
      ]),
    );
    expect(selectDocuments(org, types, ask({ names: ['*'] })).completeness.get('skill')).toBe('part');
  });

  test('the result does not depend on the order of the org', () => {
    const reversed = { ...org, documents: new Map([...org.documents].reverse()) };
    for (const { selection } of cases)
      expect([...selectDocuments(reversed, types, selection).documents]).toEqual([...selectDocuments(org, types, selection).documents]);
  });
});

test('what the org ignores of a type is ignored in each of its documents, beside what they ignore themselves', () => {
  const document: Document = { address: address('user', 'anna'), body: makeMap([]), ignore: ['/list'] };
  expect(ignoring(document, { user: ['/title', '/list'], skill: ['/x'] }).ignore).toEqual(['/list', '/title']);
  expect(ignoring(document, { skill: ['/x'] })).toBe(document);
});
