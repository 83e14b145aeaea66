import { type Answer, jsonAnswer } from '../exchange.ts';
import { refPaths, TYPES } from '../facts.ts';
import { type Json, type JsonMap, stringsAt } from '../json.ts';
import type { Call, OrgContext, Route } from '../special.ts';
import type { Thing } from '../store.ts';
import { KINDS, type KindName, trackedFlowType } from './flow-kinds.ts';
import { contentOf, nameNow, publishedVersion, versionList } from './stored-flow.ts';

/** Objects besides flows whose own references are tracked. */
const TRACKED_OWNERS: Readonly<Record<string, string>> = {
  routing_queue: 'QUEUE',
  architect_ivr: 'IVRCONFIGURATION',
  architect_schedule_group: 'SCHEDULEGROUP',
  architect_emergency_group: 'EMERGENCYGROUP',
};

const TRACKED_BY_TYPE: ReadonlyMap<string, string> = new Map(Object.values(KINDS).map((kind) => [kind.type, kind.tracked]));
const VIEW = { all: ['architect:dependencyTracking:view'] };

export const TRACKING_ROUTES: Readonly<Record<string, Route>> = {
  'GET /api/v2/architect/dependencytracking/build': { handle: showBuild, permissions: VIEW },
  'GET /api/v2/architect/dependencytracking/types': { handle: showTypes, permissions: VIEW },
  'GET /api/v2/architect/dependencytracking/consumedresources': { handle: showConsumed, permissions: VIEW },
  'GET /api/v2/architect/dependencytracking/consumingresources': { handle: showConsuming, permissions: VIEW },
  'GET /api/v2/architect/dependencytracking': { handle: findByName, permissions: VIEW },
};

function showBuild(_call: Call, org: OrgContext): Answer {
  return jsonAnswer(200, {
    buildId: org.id,
    dateStarted: org.nowText(),
    dateCompleted: org.nowText(),
    status: 'OPERATIONAL',
    failedObjects: [],
    selfUri: '/api/v2/architect/dependencytracking/build',
  });
}

function showTypes(call: Call, org: OrgContext): Answer {
  const platform = ['SYSTEMPROMPT', 'LANGUAGE', 'TTSENGINE', 'FLOWACTION', 'FLOWDATATYPE'];
  const flows = ['INBOUNDCALL', 'INQUEUECALL', 'INBOUNDEMAIL', 'WORKFLOW', 'COMMONMODULE', 'BOT'].map(trackedFlowType);
  const names = new Set([...Object.values(TRACKED_OWNERS), ...TRACKED_BY_TYPE.values(), ...flows, ...platform].filter((name) => name !== ''));
  const rows = [...names].sort().map((id) => ({ id, name: id, versioned: id.endsWith('FLOW'), selfUri: `/api/v2/architect/dependencytracking/types/${id}` }));
  return page(call, org, rows);
}

/** The type of dependency tracking that an object has. */
function trackedType(thing: Thing): string {
  return thing.type === 'flow' ? trackedFlowType(String(thing.body['type'])) : (TRACKED_OWNERS[thing.type] ?? TRACKED_BY_TYPE.get(thing.type) ?? '');
}

function row(thing: Thing, version = versionOf(thing)): JsonMap {
  const field = thing.type === 'user' ? 'email' : 'name';
  return {
    id: thing.id,
    name: String(thing.body[field] ?? thing.body['name'] ?? ''),
    version,
    type: trackedType(thing),
    deleted: thing.isDeleted,
    updated: false,
    stateUnknown: false,
  };
}

/** An object's own version: a flow's published one, else the version lock, else 1. */
function versionOf(thing: Thing): string {
  return thing.type === 'flow' ? (publishedVersion(thing) ?? '') : String(thing.body['version'] ?? 1);
}

/** The object that a query names by id and type of dependency tracking. */
function wanted(call: Call, org: OrgContext): Thing {
  const id = call.query.get('id');
  const objectType = call.query.get('objectType')?.toUpperCase();
  if (id === null || objectType === undefined)
    throw org.refuse(400, 'invalid.query.param.value', 'id and objectType must be given', { field: id === null ? 'id' : 'objectType' });
  const types = ['flow', ...Object.keys(TRACKED_OWNERS), ...TRACKED_BY_TYPE.keys()];
  const found = types.map((type) => org.byId(type, id)).find((thing) => thing !== undefined && trackedType(thing) === objectType);
  if (found === undefined) throw org.refuse(404, 'not.found', `there is no ${objectType} with id ${id}`);
  return found;
}

function showConsumed(call: Call, org: OrgContext): Answer {
  const thing = wanted(call, org);
  const version = call.query.get('version') ?? '';
  const isKnown = thing.type === 'flow' ? versionList(thing).some((one) => one['id'] === version) : version === versionOf(thing);
  if (!isKnown) throw org.refuse(400, 'invalid.query.param.value', `version must be one of the object's own, not '${version}'`, { field: 'version' });
  return page(call, org, thing.type === 'flow' ? consumedByFlow(thing, version, org) : consumedByOther(thing, org));
}

function consumedByFlow(flow: Thing, version: string, org: OrgContext): JsonMap[] {
  const content = contentOf(flow, version);
  if (content === undefined) return [];
  const rows = new Map<string, JsonMap>();
  for (const reference of content.references) {
    const thing = org.byId(KINDS[reference.kind].type, reference.id);
    const gone = {
      id: reference.id,
      name: nameNow(org, reference),
      version: '',
      type: goneType(reference),
      deleted: true,
      updated: false,
      stateUnknown: false,
    };
    rows.set(reference.id, thing === undefined ? gone : row(thing));
  }
  const platform = content.platform.map(({ tracked, name }) => ({
    id: name,
    name,
    version: '1',
    type: tracked,
    deleted: false,
    updated: false,
    stateUnknown: false,
  }));
  return [...rows.values(), ...platform];
}

function goneType(reference: { readonly kind: KindName; readonly flowType?: string }): string {
  return reference.flowType === undefined ? KINDS[reference.kind].tracked : trackedFlowType(reference.flowType);
}

function consumedByOther(thing: Thing, org: OrgContext): JsonMap[] {
  if (TRACKED_OWNERS[thing.type] === undefined) return [];
  const found = refPaths(thing.type).flatMap((ref) =>
    stringsAt(thing.body, ref.steps).flatMap((id) => ref.to.flatMap((type) => (TYPES.has(type) ? (org.byId(type, id) ?? []) : []))),
  );
  return [...new Map(found.filter((used) => trackedType(used) !== '' && used.type !== 'auth_division').map((used) => [used.id, row(used)])).values()];
}

function consumers(thing: Thing, org: OrgContext): JsonMap[] {
  return org
    .usersOf(thing.id)
    .filter((user) => user.type === 'flow' || TRACKED_OWNERS[user.type] !== undefined)
    .map((user) => row(user));
}

function showConsuming(call: Call, org: OrgContext): Answer {
  const thing = wanted(call, org);
  const version = call.query.get('version');
  const isCurrent = version === null || version === versionOf(thing);
  return page(call, org, isCurrent ? consumers(thing, org) : []);
}

function findByName(call: Call, org: OrgContext): Answer {
  const name = call.query.get('name');
  if (name === null) throw org.refuse(400, 'invalid.query.param.value', 'name must be given', { field: 'name' });
  const types = ['flow', ...Object.keys(TRACKED_OWNERS), ...TRACKED_BY_TYPE.keys()];
  const found = [...new Map(types.flatMap((type) => org.byName(type, name)).map((thing) => [thing.id, thing])).values()];
  const withConsumers = call.query.get('consumingResources') === 'true';
  return page(
    call,
    org,
    found.map((thing) => ({ ...row(thing), ...(withConsumers ? { consumingResources: consumers(thing, org) } : {}) })),
  );
}

/** One page of rows in the platform's usual shape, after the filter by `resourceType`. */
function page(call: Call, org: OrgContext, rows: readonly JsonMap[]): Answer {
  const types = call.query.getAll('resourceType').flatMap((value) => value.toUpperCase().split(','));
  const kept = types.length === 0 ? rows : rows.filter((one) => types.includes(String(one['type'])));
  const size = whole(call, org, 'pageSize', 25);
  const number = whole(call, org, 'pageNumber', 1);
  const count = Math.max(1, Math.ceil(kept.length / size));
  const uri = (at: number) =>
    `${call.path}?${new URLSearchParams([...[...call.query].filter(([name]) => !name.startsWith('page')), ['pageSize', String(size)], ['pageNumber', String(at)]])}`;
  return jsonAnswer(200, {
    entities: kept.slice((number - 1) * size, number * size) as Json,
    pageSize: size,
    pageNumber: number,
    total: kept.length,
    firstUri: uri(1),
    selfUri: uri(number),
    lastUri: uri(count),
    ...(number < count ? { nextUri: uri(number + 1) } : {}),
    ...(number > 1 ? { previousUri: uri(number - 1) } : {}),
    pageCount: count,
  });
}

function whole(call: Call, org: OrgContext, name: string, otherwise: number): number {
  const text = call.query.get(name);
  const value = text === null ? otherwise : Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 100_000)
    throw org.refuse(400, 'invalid.query.param.value', `${name} must be a whole number above 0`, { field: name });
  return Math.min(value, name === 'pageSize' ? 100 : value);
}
