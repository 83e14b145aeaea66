import { type Address, makeAddress, makeReservedAddress } from '../../state/address.ts';

/** Plain JSON, as it goes over the wire. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonMap = { readonly [key: string]: Json };

/** How the simulated org treats one of the product's own types: what is unique, locked, signed, kept apart. Nothing here is read from a declaration. */
export interface Kind {
  readonly type: string;
  readonly path: string;
  /** Where rows are listed, when not at `path`. */
  readonly listPath?: string;
  /** The org refuses a second one of the same name. */
  readonly isUnique: boolean;
  /** An update must name the version that it changes. */
  readonly isVersioned: boolean;
  /** Answers say who made it, and when. */
  readonly isSigned: boolean;
  /** A deletion is refused while something refers to it. */
  readonly isGuarded: boolean;
  /** Deleted ones are kept, hidden, and can be brought back. */
  readonly isKept: boolean;
  /** The field that people change by hand; undefined where they change nothing. */
  readonly byHand?: string;
  readonly style: 'put' | 'patch' | 'none';
  /** Fields that calls of their own write. */
  readonly parts: readonly string[];
  /** What else a body may hold beside `defaults`; the org drops anything more. */
  readonly fields: readonly string[];
  /** What the org fills in. */
  readonly defaults: JsonMap;
  /** The parts of its key. */
  readonly key: (body: JsonMap) => readonly string[];
  /** Ids that it refers to, with the type that each must be of. */
  readonly refs: (body: JsonMap) => readonly (readonly [string, string])[];
}

const named = (body: JsonMap): readonly string[] => [String(body['name'])];
const division = (body: JsonMap): [string, string][] => idsAt(body['division']).map((id) => ['auth_division', id]);

function idsAt(value: Json | undefined): string[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item: Json) => idsAt(item));
  if (typeof value === 'object' && 'id' in value) return [String((value as JsonMap)['id'])];
  return [];
}

const ARCHITECT = {
  isUnique: false,
  isVersioned: true,
  isSigned: true,
  isGuarded: true,
  isKept: false,
  byHand: 'description',
  style: 'put',
  parts: [],
} as const;

export const KINDS: readonly Kind[] = [
  {
    type: 'auth_division',
    fields: ['name', 'description'],
    path: '/api/v2/authorization/divisions',
    isUnique: true,
    isVersioned: false,
    isSigned: false,
    isGuarded: true,
    isKept: false,
    byHand: 'description',
    style: 'put',
    parts: [],
    defaults: {},
    key: named,
    refs: () => [],
  },
  {
    type: 'routing_skill',
    fields: ['name', 'division'],
    path: '/api/v2/routing/skills',
    isUnique: true,
    isVersioned: false,
    isSigned: false,
    isGuarded: false,
    isKept: false,
    style: 'none',
    parts: [],
    defaults: { state: 'active' },
    key: named,
    refs: division,
  },
  {
    type: 'routing_wrapup_code',
    fields: ['name', 'description', 'division'],
    path: '/api/v2/routing/wrapupcodes',
    isUnique: true,
    isVersioned: false,
    isSigned: true,
    isGuarded: false,
    isKept: false,
    byHand: 'description',
    style: 'put',
    parts: [],
    defaults: {},
    key: named,
    refs: division,
  },
  {
    type: 'routing_queue',
    fields: ['name', 'description', 'division', 'directRouting'],
    path: '/api/v2/routing/queues',
    isUnique: true,
    isVersioned: false,
    isSigned: true,
    isGuarded: false,
    isKept: false,
    byHand: 'description',
    style: 'put',
    parts: ['members', 'wrapupCodes'],
    defaults: { acwSettings: { wrapupPrompt: 'MANDATORY_TIMEOUT', timeoutMs: 300_000 }, scoringMethod: 'TimestampAndPriority', autoAnswerOnly: true },
    key: named,
    refs: (body) => [
      ...division(body),
      ...idsAt(body['members']).map((id) => ['user', id] as const),
      ...idsAt(body['wrapupCodes']).map((id) => ['routing_wrapup_code', id] as const),
      ...backupOf(body).map((id) => ['routing_queue', id] as const),
    ],
  },
  {
    type: 'user',
    fields: ['name', 'email', 'title', 'department', 'division'],
    path: '/api/v2/users',
    isUnique: true,
    isVersioned: true,
    isSigned: false,
    isGuarded: false,
    isKept: true,
    byHand: 'department',
    style: 'patch',
    parts: ['skills'],
    defaults: { state: 'active', acdAutoAnswer: false },
    key: (body) => [String(body['email']).toLowerCase()],
    refs: (body) => [
      ...division(body),
      ...idsAt(body['skills']).map((id) => ['routing_skill', id] as const),
      ...idsAt(body['manager']).map((id) => ['user', id] as const),
    ],
  },
  {
    ...ARCHITECT,
    type: 'architect_schedule',
    fields: ['name', 'description', 'division', 'start', 'end', 'rrule'],
    path: '/api/v2/architect/schedules',
    defaults: { state: 'active' },
    key: named,
    refs: division,
  },
  {
    ...ARCHITECT,
    type: 'architect_schedule_group',
    fields: ['name', 'description', 'division', 'timeZone', 'openSchedules'],
    path: '/api/v2/architect/schedulegroups',
    defaults: { state: 'active' },
    key: named,
    refs: (body) => [...division(body), ...idsAt(body['openSchedules']).map((id) => ['architect_schedule', id] as const)],
  },
  {
    ...ARCHITECT,
    type: 'architect_ivr',
    fields: ['name', 'description', 'division', 'dnis', 'scheduleGroup'],
    path: '/api/v2/architect/ivrs',
    defaults: { state: 'active' },
    key: named,
    refs: (body) => [...division(body), ...idsAt(body['scheduleGroup']).map((id) => ['architect_schedule_group', id] as const)],
  },
  {
    type: 'integration_credential',
    fields: ['name', 'type'],
    path: '/api/v2/integrations/credentials',
    listPath: '/api/v2/integrations/credentials/listing',
    isUnique: false,
    isVersioned: false,
    isSigned: false,
    isGuarded: true,
    isKept: false,
    style: 'put',
    parts: [],
    defaults: {},
    key: (body) => [String(body['name']), String((body['type'] as JsonMap)['name'])],
    refs: () => [],
  },
];

const KIND_OF: ReadonlyMap<string, Kind> = new Map(KINDS.map((kind) => [kind.type, kind]));

export function kindOf(type: string): Kind {
  const kind = KIND_OF.get(type);
  if (kind === undefined) throw new Error(`the simulated org has no ${type}`);
  return kind;
}

export function addressIn(kind: Kind, body: JsonMap): Address {
  return body['homeDivision'] === true ? makeReservedAddress('auth_division', '@home') : makeAddress(kind.type, kind.key(body));
}

export function backupOf(body: JsonMap): string[] {
  const routing = body['directRouting'] as JsonMap | undefined;
  return typeof routing?.['backupQueueId'] === 'string' ? [routing['backupQueueId']] : [];
}
