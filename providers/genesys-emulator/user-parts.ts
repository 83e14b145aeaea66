import { admitBody, admitList } from './admission.ts';
import { notFoundRefusal } from './codes.ts';
import { jsonAnswer, Refusal } from './exchange.ts';
import { typeFacts } from './facts.ts';
import type { Json, JsonMap } from './json.ts';
import { itemsOf, mapsOf, pageAnswer } from './lists.ts';
import type { Call, Expand, OrgContext, Route, Special } from './special.ts';
import type { Thing } from './store.ts';
import { nameOf } from './store.ts';

/** ACD skills and languages of a user: the same calls twice, but for PUT bulk, which only skills have. 50 a call (quirks, section 2). */
interface Kind {
  readonly part: 'routingskills' | 'routinglanguages';
  readonly field: 'skills' | 'languages';
  readonly param: string;
  readonly target: string;
  readonly postModel: string;
  readonly uriField: string;
}

const SKILLS: Kind = {
  part: 'routingskills',
  field: 'skills',
  param: 'skillId',
  target: 'routing_skill',
  postModel: 'UserRoutingSkillPost',
  uriField: 'skillUri',
};
const LANGUAGES: Kind = {
  part: 'routinglanguages',
  field: 'languages',
  param: 'languageId',
  target: 'routing_language',
  postModel: 'UserRoutingLanguagePost',
  uriField: 'languageUri',
};
const MOST = 50;
const view = { any: ['directory:user:view', 'routing:skill:assign', 'routing:language:assign'] };
const assign = { any: ['routing:skill:assign', 'routing:language:assign', 'directory:user:edit', 'admin'] };

export const userParts: Special = {
  name: 'user parts',
  routes: { ...routesOf(SKILLS), ...routesOf(LANGUAGES) },
  show: { user: (user, org, expand) => ({ ...shownItems(user, SKILLS, org, expand), ...shownItems(user, LANGUAGES, org, expand) }) },
  seedParts: {
    'user.routingskills': (user, value, org) => write(user, SKILLS, checked(SKILLS, value as Json, org, Number.POSITIVE_INFINITY), org),
    'user.routinglanguages': (user, value, org) => write(user, LANGUAGES, checked(LANGUAGES, value as Json, org, Number.POSITIVE_INFINITY), org),
  },
};

function routesOf(kind: Kind): Readonly<Record<string, Route>> {
  const base = `/api/v2/users/{userId}/${kind.part}`;
  const all: Readonly<Record<string, Route>> = {
    [`GET ${base}`]: { permissions: view, handle: (call, org) => listItems(call, org, kind) },
    [`POST ${base}`]: { permissions: assign, handle: (call, org) => addOne(call, org, kind) },
    [`PATCH ${base}/bulk`]: { permissions: assign, handle: (call, org) => writeBulk(call, org, kind, false) },
    [`DELETE ${base}/{${kind.param}}`]: { permissions: assign, handle: (call, org) => removeOne(call, org, kind) },
    [`${kind === SKILLS ? 'PUT' : 'PATCH'} ${base}/{${kind.param}}`]: { permissions: assign, handle: (call, org) => changeOne(call, org, kind) },
  };
  return kind === SKILLS ? { ...all, [`PUT ${base}/bulk`]: { permissions: assign, handle: (call, org) => writeBulk(call, org, kind, true) } } : all;
}

function shownItems(user: Thing, kind: Kind, org: OrgContext, expand: Expand): JsonMap {
  if (expand !== 'everything' && !expand.has(kind.field)) return {};
  return { [kind.field]: itemsOf(user.parts[kind.part]).map((item) => itemBody(user, item, kind, org)) };
}

function itemBody(user: Thing, item: JsonMap, kind: Kind, org: OrgContext): JsonMap {
  const id = String(item['id']);
  const target = org.byId(kind.target, id);
  const addresses = { [kind.uriField]: `/api/v2/routing/${kind.field}/${id}`, selfUri: `/api/v2/users/${user.id}/${kind.part}/${id}` };
  return { ...item, name: target === undefined ? '' : nameOf(target), state: 'active', ...addresses };
}

function userOf(call: Call, org: OrgContext): Thing {
  const id = call.params['userId'] ?? '';
  const user = org.byId('user', id);
  if (user === undefined || user.isDeleted) throw notFoundRefusal(typeFacts('user'), 'update', id);
  return user;
}

function listItems(call: Call, org: OrgContext, kind: Kind) {
  const user = userOf(call, org);
  return pageAnswer(
    call,
    itemsOf(user.parts[kind.part]).map((item) => itemBody(user, item, kind, org)),
    100,
    true,
  );
}

function checked(kind: Kind, body: Json, org: OrgContext, most: number): readonly JsonMap[] {
  return admitList(kind.postModel, mapsOf(body, most)).map((item) => {
    const id = String(item['id']);
    const target = org.byId(kind.target, id);
    if (target === undefined || target.isDeleted) throw new Refusal(404, 'not.found', `there is no ${kind.target} ${id}`, { params: { id } });
    const proficiency = Number(item['proficiency']);
    if (!(proficiency >= 0 && proficiency <= 5)) throw new Refusal(400, 'constraint.validation', '"proficiency" must be 0 to 5', { field: 'proficiency' });
    return { id, proficiency: item['proficiency'] ?? 0 };
  });
}

function merged(user: Thing, kind: Kind, items: readonly JsonMap[]): readonly JsonMap[] {
  return [...new Map([...itemsOf(user.parts[kind.part]), ...items].map((item) => [item['id'], item])).values()];
}

/** Assignments are not the user: its version and dates stay. */
function write(user: Thing, kind: Kind, items: readonly JsonMap[], org: OrgContext): Thing {
  return org.replaceParts(user, { ...user.parts, [kind.part]: items });
}

function addOne(call: Call, org: OrgContext, kind: Kind) {
  const user = userOf(call, org);
  const [item = {}] = checked(kind, [admitBody(kind.postModel, call.json(), { required: true })], org, 1);
  const written = write(user, kind, merged(user, kind, [item]), org);
  return jsonAnswer(200, itemBody(written, item, kind, org));
}

/** PUT bulk replaces all, PATCH bulk adds and changes. */
function writeBulk(call: Call, org: OrgContext, kind: Kind, replaces: boolean) {
  const user = userOf(call, org);
  const items = checked(kind, call.json(), org, MOST);
  const written = write(user, kind, replaces ? items : merged(user, kind, items), org);
  const entities = itemsOf(written.parts[kind.part]).map((item) => itemBody(written, item, kind, org));
  return jsonAnswer(200, { entities, total: entities.length, pageNumber: 1, pageSize: entities.length, pageCount: 1 });
}

function changeOne(call: Call, org: OrgContext, kind: Kind) {
  const user = userOf(call, org);
  const id = call.params[kind.param] ?? '';
  demandItem(user, kind, id);
  const body = call.json();
  const [item = {}] = checked(kind, [{ ...(typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {}), id }], org, 1);
  const written = write(user, kind, merged(user, kind, [item]), org);
  return jsonAnswer(200, itemBody(written, item, kind, org));
}

function removeOne(call: Call, org: OrgContext, kind: Kind) {
  const user = userOf(call, org);
  const id = call.params[kind.param] ?? '';
  demandItem(user, kind, id);
  write(
    user,
    kind,
    itemsOf(user.parts[kind.part]).filter((item) => item['id'] !== id),
    org,
  );
  return jsonAnswer(204, undefined);
}

function demandItem(user: Thing, kind: Kind, id: string): void {
  if (!itemsOf(user.parts[kind.part]).some((item) => item['id'] === id))
    throw new Refusal(404, 'not.found', `the user has no ${kind.target} ${id}`, { params: { id } });
}
