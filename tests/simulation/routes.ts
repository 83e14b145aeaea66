import { type Json, type JsonMap, KINDS, type Kind } from './kinds.ts';
import { OrgError, type SimulatedOrg, type Thing } from './org.ts';

/** One request as it reached the org. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Json;
  /** The moment whose state a reader is shown; writers always meet the present. */
  readonly from: number;
  readonly isPlanning: boolean;
  /** The org fills in, or leaves out, something of what it was sent. */
  readonly onDrop: () => void;
}

export interface Said {
  readonly status: number;
  readonly body: Json | undefined;
}

const NOTHING: Said = { status: 204, body: undefined };
const ok = (body: Json): Said => ({ status: 200, body });
const gone = () => new OrgError(404, 'not.found', 'there is no such object');

/** What the org answers to a request, by the API's own paths. Throws `OrgError` where it refuses. */
export function answer(org: SimulatedOrg, asked: Asked): Said {
  const { path, method } = asked;
  if (path === '/api/v2/organizations/me') return ok({ id: org.id, name: 'simulated' });
  const move = /^\/api\/v2\/authorization\/divisions\/([^/]+)\/objects\/[A-Z]+$/.exec(path);
  if (move !== null && method === 'POST') return moveDivision(org, asked, String(move[1]));
  const kind = KINDS.find((one) => path === one.path || path === one.listPath || path.startsWith(`${one.path}/`));
  if (kind === undefined) throw new OrgError(404, 'not.found', `nothing is at ${path}`);
  if (path === (kind.listPath ?? kind.path) && method === 'GET') return ok(listed(org, kind, asked));
  if (path === kind.path && method === 'POST') return created(org, kind, asked);
  const [id = '', part, item] = path.slice(kind.path.length + 1).split('/');
  const thing = org.things.get(id);
  if (thing === undefined || thing.kind !== kind) throw gone();
  if (part !== undefined) return partAnswer(org, thing, { ...asked, part, item: item ?? '' });
  if (method === 'GET') return got(org, thing, asked);
  if (org.now(thing).isGone && !kind.isKept) throw gone();
  if (method === 'PUT' || method === 'PATCH') return updated(org, thing, asked);
  if (method !== 'DELETE') throw new OrgError(405, 'method.not.allowed', `${method} is not for ${path}`);
  if (org.now(thing).isGone) throw gone();
  org.remove(thing);
  return { status: 200, body: kind.isKept ? {} : undefined };
}

// Reading.

function listed(org: SimulatedOrg, kind: Kind, { query, from, isPlanning }: Asked): JsonMap {
  const rows: JsonMap[] = [];
  const name = query.get('name');
  const state = query.get('state');
  for (const thing of org.things.values()) {
    if (thing.kind !== kind) continue;
    const seen = org.seen(thing, from);
    if (seen === undefined || (seen.isGone && !(kind.isKept && (state === 'any' || state === 'deleted')))) continue;
    if (state === 'deleted' && !seen.isGone) continue;
    if (name !== null && seen.body['name'] !== name) continue;
    if (isPlanning) org.show(thing, seen);
    rows.push(row(thing, seen, 'row'));
  }
  return kind.listPath === undefined
    ? { entities: rows, pageSize: Number(query.get('pageSize')), pageNumber: 1, total: rows.length, pageCount: 1 }
    : { entities: rows };
}

function got(org: SimulatedOrg, thing: Thing, { from, isPlanning }: Asked): Said {
  const seen = org.seen(thing, from);
  if (seen === undefined || (seen.isGone && !thing.kind.isKept)) throw gone();
  if (isPlanning) org.show(thing, seen);
  return ok(row(thing, seen, 'one'));
}

function row(thing: Thing, { body, version, isGone }: ReturnType<SimulatedOrg['now']>, as: 'row' | 'one'): JsonMap {
  const { kind, id } = thing;
  const { members, wrapupCodes: _, ...own } = body;
  const fields = kind.type === 'integration_credential' && as === 'row' ? without(own, 'credentialFields') : own;
  return {
    id,
    ...fields,
    ...(kind.isVersioned ? { version } : {}),
    ...(isGone ? { state: 'deleted' } : {}),
    ...(kind.isSigned ? { createdBy: thing.by, dateCreated: new Date(thing.bornAt).toISOString() } : {}),
    ...(kind.type === 'routing_queue' ? { memberCount: list(members).length, userMemberCount: list(members).length } : {}),
    ...(kind.type === 'user' ? { skills: mixed(list(body['skills'])), languages: [] } : {}),
    selfUri: `${kind.path}/${id}`,
  };
}

// Writing.

function created(org: SimulatedOrg, kind: Kind, asked: Asked): Said {
  const { taken, secrets } = takenBody(org, kind, asked);
  if (Object.keys(kind.defaults).some((field) => taken[field] === undefined)) asked.onDrop();
  const thing = org.create(kind, taken, secrets);
  return ok(row(thing, org.now(thing), 'one'));
}

function updated(org: SimulatedOrg, thing: Thing, asked: Asked): Said {
  const { kind } = thing;
  const body = asked.body as JsonMap;
  if (kind.style === 'none') throw new OrgError(405, 'method.not.allowed', `${kind.type} cannot be changed`);
  const version = kind.isVersioned ? Number(body['version']) : undefined;
  const { taken, secrets } = takenBody(org, kind, asked);
  const last = org.now(thing);
  if (last.isGone && body['state'] !== 'active') throw gone();
  const next =
    kind.style === 'patch' ? { ...last.body, ...taken } : { ...kind.defaults, division: last.body['division'] ?? null, ...taken, ...partsOf(thing, last.body) };
  const clean = Object.fromEntries(Object.entries(next).filter(([, value]) => value !== null)) as JsonMap;
  // A queue is moved by a call of its own.
  const placed: JsonMap = kind.type === 'routing_queue' || kind.type === 'user' ? { ...clean, division: last.body['division'] as Json } : clean;
  if (last.isGone) org.restore(thing, placed, version);
  else org.update(thing, placed, version, kind.type === 'integration_credential' ? secrets : undefined);
  return ok(row(thing, org.now(thing), 'one'));
}

function moveDivision(org: SimulatedOrg, { body }: Asked, divisionId: string): Said {
  for (const id of body as readonly string[]) {
    const thing = org.things.get(id);
    if (thing === undefined || org.now(thing).isGone) throw gone();
    org.update(thing, { ...org.now(thing).body, division: { id: divisionId } }, undefined);
  }
  return NOTHING;
}

function partAnswer(org: SimulatedOrg, thing: Thing, asked: Asked & { readonly part: string; readonly item: string }): Said {
  const { part, method, query, item } = asked;
  if (method === 'GET') {
    const seen = org.seen(thing, asked.from);
    if (seen === undefined || seen.isGone) throw gone();
    if (asked.isPlanning) org.show(thing, seen);
    const items = mixed(list(seen.body[part === 'members' ? 'members' : 'wrapupCodes']));
    const rows = part === 'members' ? items.map((one) => ({ ...one, user: { id: one['id'] as Json }, joined: true, memberBy: 'user' })) : items;
    return ok({ entities: rows, pageSize: 100, pageNumber: 1, total: rows.length, pageCount: 1 });
  }
  if (org.now(thing).isGone) throw gone();
  const { body } = org.now(thing);
  const items = Array.isArray(asked.body) ? (asked.body as JsonMap[]) : [];
  if (part === 'routingskills') org.update(thing, { ...body, skills: method === 'PUT' ? items : merged(list(body['skills']), items) }, undefined);
  else if (part === 'members' && query.get('delete') === 'true') org.update(thing, { ...body, members: lacking(list(body['members']), items) }, undefined);
  else if (part === 'members') org.update(thing, { ...body, members: merged(list(body['members']), items) }, undefined);
  else if (method === 'DELETE') org.update(thing, { ...body, wrapupCodes: lacking(list(body['wrapupCodes']), [{ id: item }]) }, undefined);
  else
    org.update(
      thing,
      {
        ...body,
        wrapupCodes: merged(
          list(body['wrapupCodes']),
          items.map(({ id }) => ({ id }) as JsonMap),
        ),
      },
      undefined,
    );
  return NOTHING;
}

/** A body as the org keeps it: refs by object, the home division where none is said, secrets apart, fields unknown to it dropped. */
function takenBody(org: SimulatedOrg, kind: Kind, asked: Asked): { taken: JsonMap; secrets: JsonMap } {
  const { divisionId, manager, version: _, credentialFields, ...sent } = asked.body as JsonMap;
  const known = Object.entries(sent).filter(([field]) => kind.fields.includes(field) || field in kind.defaults);
  if (known.length < Object.keys(sent).length) asked.onDrop();
  const rest: JsonMap = Object.fromEntries(known);
  const isHoused = kind.type !== 'auth_division' && kind.type !== 'integration_credential';
  const housed: JsonMap =
    typeof divisionId === 'string'
      ? { division: { id: divisionId } }
      : isHoused && kind.style !== 'patch' && rest['division'] === undefined
        ? { division: { id: org.homeId } }
        : {};
  const led: JsonMap = manager === undefined ? {} : { manager: typeof manager === 'string' ? { id: manager } : null };
  const secrets = (credentialFields ?? {}) as JsonMap;
  const fields: JsonMap =
    kind.type === 'integration_credential' ? { credentialFields: Object.fromEntries(Object.keys(secrets).map((name) => [name, '**********'])) } : {};
  return { taken: { ...rest, ...housed, ...led, ...fields }, secrets };
}

function partsOf(thing: Thing, body: JsonMap): JsonMap {
  return Object.fromEntries(thing.kind.parts.flatMap((part) => (body[part] === undefined ? [] : [[part, body[part] as Json]])));
}

/** What an item was said to be before and is not said anew stays. */
function merged(items: readonly JsonMap[], more: readonly JsonMap[]): JsonMap[] {
  return [...lacking(items, more), ...more.map((item) => ({ ...items.find((one) => one['id'] === item['id']), ...item }))];
}

function lacking(items: readonly JsonMap[], out: readonly JsonMap[]): JsonMap[] {
  return items.filter((item) => !out.some((other) => other['id'] === item['id']));
}

/** Lists that promise no order come in another one each time they change. */
function mixed(items: readonly JsonMap[]): JsonMap[] {
  return items.length % 2 === 0 ? [...items].reverse() : [...items];
}

function without(body: JsonMap, field: string): JsonMap {
  return Object.fromEntries(Object.entries(body).filter(([name]) => name !== field));
}

function list(value: Json | undefined): readonly JsonMap[] {
  return Array.isArray(value) ? (value as JsonMap[]) : [];
}
