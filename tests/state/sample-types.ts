import { type Address, makeAddress } from '../../state/address.ts';
import type { Document } from '../../state/document.ts';
import type { ResourceType, TypeTable } from '../../state/resource-type.ts';
import type { Completeness, LiveSnapshot, Snapshot } from '../../state/snapshot.ts';
import { isList, isMap, makeMap, type Value, type ValueMap } from '../../state/value.ts';

/** Small types, each with traits of real ones, for the tests of the core. */
const plain: ResourceType = {
  name: 'team',
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
  schema: () => ({ type: 'object' }),
};

export const team: ResourceType = { ...plain, isKeyEnforced: true };

export const queue: ResourceType = {
  ...plain,
  name: 'queue',
  refs: [
    { at: '/team', to: ['team'], optional: false },
    { at: '/flow', to: ['flow'], optional: true },
    { at: '/codes/*', to: ['code'], optional: true },
    { at: '/members/*/user', to: ['user'], optional: true },
    { at: '/backup/queue', to: ['queue'], optional: true },
  ],
  lists: { '/codes': { kind: 'set' }, '/members': { kind: 'keyed', by: 'user' }, '/tags': { kind: 'set' } },
  defaults: toValue({
    team: { $ref: 'team/@home' },
    alert: { call: { seconds: 8, mode: 'loud' }, chat: { seconds: 20 } },
    members: { '*': { ring: 1 } },
    tags: [],
  }) as ValueMap,
  deferrable: ['/flow', '/backup/queue'],
  createOnly: ['/kind'],
  schema: () => ({
    type: 'object',
    properties: Object.fromEntries(
      ['team', 'flow', 'codes', 'members', 'backup', 'alert', 'tags', 'kind', 'steps', 'free', 'description', 'limit'].map((name) => [
        name,
        name === 'limit' ? { type: 'integer' } : name === 'backup' ? { properties: { queue: {} }, additionalProperties: false } : {},
      ]),
    ),
    additionalProperties: false,
  }),
  reserved: (pointer) => (pointer === '/name' ? 'key' : ['/memberCount', '/limits', '/backup/version'].includes(pointer) ? 'org' : undefined),
};

export const flow: ResourceType = {
  ...plain,
  name: 'flow',
  keyFields: ['name', 'type'],
  isRenamable: false,
  deferrable: ['/content'],
  assets: [{ at: '/content', form: 'tree', extension: 'flow.yaml' }],
  placeholder: () => makeMap([['empty', true]]),
  usesIn: (document) => usesOf(document),
};

const table: ResourceType = { ...plain, name: 'table' };
const row: ResourceType = { ...plain, name: 'row', keyFields: ['key'], parent: 'table', isRenamable: false };
export const login: ResourceType = { ...plain, name: 'login', secrets: ['/fields/*'] };

export const types: TypeTable = new Map(
  [team, queue, flow, table, row, login, { ...plain, name: 'code' }, { ...plain, name: 'user' }].map((type) => [type.name, type]),
);

/** A flow's content names others under `uses`. */
function usesOf(document: Document) {
  const content = document.body['content'];
  const uses = isMap(content) ? content['uses'] : undefined;
  return isList(uses) ? uses.map((to, index) => ({ pointer: `/content/uses/${index}`, to: to as Address })) : [];
}

/** Plain JSON as a value: maps without a prototype. */
export function toValue(json: unknown): Value {
  if (Array.isArray(json)) return json.map(toValue);
  if (typeof json !== 'object' || json === null) return json as Value;
  return makeMap(Object.entries(json).map(([key, item]) => [key, toValue(item)]));
}

export function document(address: string, body: object = {}, more: Partial<Document> = {}): Document {
  return { address: address as Address, body: toValue(body) as ValueMap, ...more };
}

export function keyed(type: string, ...parts: string[]): Address {
  return makeAddress(type, parts);
}

const ALL: readonly string[] = [...types.keys()];

export function snapshot(documents: readonly Document[], completeness: Completeness = 'whole'): Snapshot {
  return {
    documents: new Map(documents.map((one) => [one.address, one])),
    completeness: new Map(ALL.map((name) => [name, completeness])),
    files: new Map(),
    twins: new Map(),
    problems: [],
  };
}

/** An org that holds these documents; the id of each is its address with `id:` before it. */
export function org(documents: readonly Document[], more: Partial<LiveSnapshot> = {}): LiveSnapshot {
  return { ...snapshot(documents), ids: new Map(documents.map(({ address }) => [address, `id:${address}`])), deleted: new Set(), ...more };
}
