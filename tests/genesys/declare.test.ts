import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { BodyContext, Miss } from '../../providers/genesys/canonical-body.ts';
import { canonicalBody } from '../../providers/genesys/canonical-body.ts';
import { carryOver } from '../../providers/genesys/carry-over.ts';
import { declare } from '../../providers/genesys/declare.ts';
import type { GenesysType } from '../../providers/genesys/genesys-type.ts';
import { type RequestContext, requestBody } from '../../providers/genesys/request-body.ts';
import { genesysTypes } from '../../providers/genesys/types.ts';
import type { Address } from '../../state/address.ts';
import { typeOf } from '../../state/address.ts';
import { diffDocuments } from '../../state/diff.ts';
import type { ValueMap } from '../../state/value.ts';

const catalog = JSON.parse(readFileSync('providers/genesys-facts/catalog.json', 'utf8')) as { resources: { type: string }[] };
const shapeOf = (type: string) => genesysTypes.get(type)!.shape;

/** Ids of a small org, and both directions between them and addresses. */
const IDS: Readonly<Record<string, string>> = {
  'auth_division/Stores': '11111111-0000-4000-8000-000000000001',
  'flow/Hold/inqueuecall': '11111111-0000-4000-8000-000000000002',
  'team/Blue': '11111111-0000-4000-8000-000000000003',
  'routing_queue/Support': '11111111-0000-4000-8000-000000000004',
  'user/ada@example.com': '11111111-0000-4000-8000-000000000005',
  'routing_utilization_label/VIP': '11111111-0000-4000-8000-000000000006',
};
const addressBy = new Map(Object.entries(IDS).map(([address, id]) => [id, address as Address]));

function reading(misses: Miss[] = []): BodyContext {
  const named = (id: string) => {
    const address = addressBy.get(id);
    return address === undefined ? undefined : ({ name: '$ref', address } as const);
  };
  return {
    refName: (types, id) => (types.includes(typeOf(addressBy.get(id) ?? ('/' as Address))) ? named(id) : undefined),
    idName: named,
    secretName: (pointer) => `SECRET${pointer.replaceAll('/', '_')}`,
    unnamed: (miss) => misses.push(miss),
  };
}

const writing: RequestContext = { idOf: (address) => IDS[address]!, secret: (name) => `value of ${name}` };
const read = (type: string, raw: unknown, misses?: Miss[]) =>
  JSON.parse(JSON.stringify(canonicalBody(raw as ValueMap, shapeOf(type), reading(misses)))) as unknown;
const written = (type: string, body: unknown, operation: 'create' | 'update' = 'update') =>
  JSON.parse(JSON.stringify(requestBody(body as ValueMap, shapeOf(type), operation, writing))) as unknown;

describe('a declaration', () => {
  test('a plain type is one short call', () => {
    const language = declare({ type: 'routing_language' });
    expect([language.keyFields, language.isRenamable, language.isKeyEnforced, language.aliases]).toEqual([
      ['name'],
      false,
      true,
      ['genesyscloud_routing_language', 'routing:language'],
    ]);
    expect(language.schema()).toMatchObject({ title: 'routing_language', properties: {}, additionalProperties: false });
  });

  test('every type of the catalogue can be declared, and its schema compiles', () => {
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false });
    for (const { type } of catalog.resources) expect([type, typeof ajv.compile(declare({ type }).schema())]).toEqual([type, 'function']);
  });

  test('a type that the catalogue does not have is a bug, told by name', () => {
    expect(() => declare({ type: 'routing_que' })).toThrow('the catalogue has no type "routing_que"');
  });

  test.each([
    {
      reason: 'the parent comes first in the key',
      type: 'architect_datatable_row',
      want: { parent: 'architect_datatable', keyFields: ['key'], isRenamable: false },
    },
    { reason: 'an org has exactly one', type: 'routing_utilization', want: { isSingleton: true, keyFields: [] } },
    { reason: 'no update at all: everything is fixed at birth', type: 'routing_skill', want: { isRenamable: false, createOnly: ['/division'] } },
    { reason: 'a division that a call of its own moves is not fixed', type: 'user', want: { createOnly: [], isRestoredByCreate: true } },
    {
      reason: 'nobody keeps two of one name from being made',
      type: 'integration_credential',
      want: { isKeyEnforced: false, secrets: ['/credentialFields/*'] },
    },
    { reason: 'publishing takes over whatever has the name', type: 'flow', want: { isKeyEnforced: false, deferrable: ['/content'] } },
    { reason: 'every type with a division is at home by default', type: 'architect_ivr', want: { defaults: { division: { $ref: 'auth_division/@home' } } } },
  ])('$type: $reason', ({ type, want }) => {
    expect(genesysTypes.get(type)).toMatchObject(want);
  });

  test('lists that the models call unique are sets, wherever they stand', () => {
    const { lists } = genesysTypes.get('routing_queue')!;
    expect(lists).toMatchObject({
      '/bullseye/rings/*/memberGroups': { kind: 'set' },
      '/members': { kind: 'keyed', by: 'user' },
      '/wrapupCodes': { kind: 'set' },
    });
    expect(Object.keys(lists)).not.toContain('/routingRules');
  });
});

describe('a body, read and written', () => {
  test.each([
    {
      reason: "the server's fields and the key go, a reference is its name",
      type: 'routing_queue',
      raw: {
        id: 'x',
        name: 'Support',
        selfUri: '/x',
        memberCount: 3,
        dateCreated: 'then',
        division: { id: IDS['auth_division/Stores'], name: 'Stores' },
        queueFlow: { id: IDS['flow/Hold/inqueuecall'], name: 'Hold', selfUri: '/y' },
      },
      body: { division: { $ref: 'auth_division/Stores' }, queueFlow: { $ref: 'flow/Hold/inqueuecall' } },
      request: { division: { id: IDS['auth_division/Stores'] }, queueFlow: { id: IDS['flow/Hold/inqueuecall'] } },
    },
    {
      reason: 'of several types that a reference may have, the org says which, and is told which',
      type: 'routing_queue',
      raw: {
        memberGroups: [{ id: IDS['team/Blue'], name: 'Blue', type: 'TEAM', memberCount: 2 }],
        directRouting: { backupQueueId: IDS['routing_queue/Support'] },
      },
      body: { memberGroups: [{ $ref: 'team/Blue' }], directRouting: { backupQueueId: { $ref: 'routing_queue/Support' } } },
      request: { memberGroups: [{ id: IDS['team/Blue'], type: 'TEAM' }], directRouting: { backupQueueId: IDS['routing_queue/Support'] } },
    },
    {
      reason: 'read as an object, written as an id under the same name; what only the other call moves is not sent',
      type: 'user',
      raw: { manager: { id: IDS['user/ada@example.com'], name: 'Ada' }, division: { id: IDS['auth_division/Stores'] }, version: 3 },
      body: { manager: { $ref: 'user/ada@example.com' }, division: { $ref: 'auth_division/Stores' } },
      request: { manager: IDS['user/ada@example.com'] },
    },
    {
      reason: 'the keys of a map are references as well',
      type: 'routing_utilization',
      raw: { labelUtilizations: { [IDS['routing_utilization_label/VIP']!]: { maximumCapacity: 2, labelName: 'VIP' } } },
      body: { labelUtilizations: { '${ref:routing_utilization_label/VIP}': { maximumCapacity: 2 } } },
      request: { labelUtilizations: { [IDS['routing_utilization_label/VIP']!]: { maximumCapacity: 2 } } },
    },
    {
      reason: 'all divisions is a division of its own',
      type: 'routing_wrapup_code',
      raw: { name: 'x', division: { id: '*', name: '*' } },
      body: { division: '*' },
      request: { division: { id: '*' } },
    },
    {
      reason: 'a field that nobody knows is kept word for word, with the ids in it named',
      type: 'architect_ivr',
      raw: { name: 'x', newThing: { deep: [null, 0, '', IDS['routing_queue/Support'], `at ${IDS['routing_queue/Support']}`] } },
      body: { newThing: { deep: [null, 0, '', { $ref: 'routing_queue/Support' }, `at \${ref:routing_queue/Support}`] } },
      request: { newThing: { deep: [null, 0, '', IDS['routing_queue/Support'], `at ${IDS['routing_queue/Support']}`] } },
    },
    {
      reason: 'a literal that looks like a directive is escaped, also in a schema inside',
      type: 'architect_datatable',
      raw: { name: 'x', description: `the \${ref:a/b} and \${ref:`, schema: { properties: { a: { $ref: '#/definitions/a' } } } },
      body: { description: 'the $${ref:a/b} and $${ref:', schema: { properties: { a: { $$ref: '#/definitions/a' } } } },
      request: { description: `the \${ref:a/b} and \${ref:`, schema: { properties: { a: { $ref: '#/definitions/a' } } } },
    },
    {
      reason: "null in a field that the models know is the API's way to say that it is not set",
      type: 'architect_schedule',
      raw: { name: 'x', description: null, start: '2026-01-05T08:00:00.000', rrule: null },
      body: { start: '2026-01-05T08:00:00.000' },
      request: { start: '2026-01-05T08:00:00.000' },
    },
    {
      reason: "a person's null, zero and empty text are sent as they are",
      type: 'architect_schedule',
      raw: undefined,
      body: { description: null, rrule: '' },
      request: { description: null, rrule: '' },
    },
  ])('$type: $reason', ({ type, raw, body, request }) => {
    if (raw !== undefined) expect(read(type, raw)).toEqual(body);
    expect(written(type, body)).toEqual(request);
  });

  test('creation and update each get the fields that they take', () => {
    const body = { name: 'Ada', title: 'Agent', acdAutoAnswer: true, division: { $ref: 'auth_division/Stores' }, password: { $secret: 'ADA' } };
    expect(written('user', body, 'create')).toEqual({ name: 'Ada', title: 'Agent', divisionId: IDS['auth_division/Stores'], password: 'value of ADA' });
    expect(written('user', body, 'update')).toEqual({ name: 'Ada', title: 'Agent', acdAutoAnswer: true });
  });

  test('an id without a name stays, and is told with its place and what it may be', () => {
    const misses: Miss[] = [];
    const id = '22222222-0000-4000-8000-000000000000';
    read(
      'routing_queue',
      { queueFlow: { id }, description: `see ${id}`, conditionalGroupRouting: { rules: [{ groups: [{ id, type: 'SKILLGROUP' }] }] } },
      misses,
    );
    expect(misses).toEqual([
      { pointer: '/queueFlow', id, types: ['flow'] },
      { pointer: '/description', id, types: [] },
      { pointer: '/conditionalGroupRouting/rules/0/groups/0', id, types: ['routing_skill_group'] },
    ]);
  });

  test('what the org holds and this version does not know is never taken out: not by the diff, and not by a body that replaces the whole', () => {
    const type = genesysTypes.get('routing_queue') as GenesysType;
    const raw = {
      name: 'x',
      newThing: { deep: [1] },
      acwSettings: { wrapupPrompt: 'OPTIONAL', newMode: 'A' },
      bullseye: {
        rings: [
          { expansionCriteria: [{ type: 'TIMEOUT_SECONDS', threshold: 30, newUnit: 's' }], newRing: 1 },
          { actions: {}, newRing: 2 },
        ],
      },
    };
    const wanted = {
      acwSettings: { wrapupPrompt: 'MANDATORY' },
      bullseye: { rings: [{ expansionCriteria: [{ type: 'TIMEOUT_SECONDS', threshold: 30 }] }, { actions: {} }] },
    };
    const document = (body: unknown) => ({ address: 'routing_queue/x' as Address, body: body as ValueMap });
    const changes = diffDocuments(document(read('routing_queue', raw)), document(wanted), type);
    expect(changes).toEqual([{ at: '/acwSettings/wrapupPrompt', kind: 'change', before: 'OPTIONAL', after: 'MANDATORY' }]);
    const sent = carryOver(written('routing_queue', wanted) as ValueMap, raw as unknown as ValueMap, type.shape);
    const { name: _, ...others } = raw;
    expect(JSON.parse(JSON.stringify(sent))).toEqual({ ...others, acwSettings: { wrapupPrompt: 'MANDATORY', newMode: 'A' } });
  });

  test('a variable that nobody resolved is refused', () => {
    expect(() => written('user', { title: { $var: 'title' } })).toThrow('"$var: title" has no value here');
  });
});
