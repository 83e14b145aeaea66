import { OBJECT_TYPES } from './defaults.ts';
import { jsonAnswer, Refusal } from './exchange.ts';
import { typeFacts } from './facts.ts';
import type { Json, JsonMap } from './json.ts';
import { isJsonList, isJsonMap, valueAt } from './json.ts';
import type { Call, OrgContext, Special } from './special.ts';

/** The org itself, its home division, moving objects between divisions, and the search for users. */
export const organization: Special = {
  name: 'organization',
  routes: {
    'GET /api/v2/organizations/me': { permissions: {}, handle: (_call, org) => jsonAnswer(200, organizationBody(org)) },
    // Terraform's provider dereferences total and entities at its start (quirks, section 3).
    'GET /api/v2/authorization/products': { handle: () => jsonAnswer(200, { total: PRODUCTS.length, entities: PRODUCTS.map((id) => ({ id })) }) },
    'GET /api/v2/authorization/divisions/home': { handle: (_call, org) => jsonAnswer(200, home(org)) },
    'POST /api/v2/authorization/divisions/{divisionId}/objects/{objectType}': { handle: moveObjects },
    'POST /api/v2/users/search': { handle: searchUsers, permissions: { any: ['directory:user:view', 'directory:user:add'] } },
  },
  show: {
    user: (thing) => ({
      username: thing.body['username'] ?? thing.body['email'] ?? '',
      primaryContactInfo: [{ address: thing.body['email'] ?? '', mediaType: 'EMAIL', type: 'PRIMARY' }],
    }),
  },
};

const PRODUCTS = ['Core', 'cloudcx3', 'architect', 'routing'];

function organizationBody(org: OrgContext): JsonMap {
  return {
    id: org.id,
    name: org.name,
    defaultLanguage: 'en-us',
    ...org.settings,
    domain: org.settings.thirdPartyOrgName,
    version: 1,
    state: 'active',
    productPlatform: 'PureCloud',
    features: {},
    selfUri: '/api/v2/organizations/me',
  };
}

function home(org: OrgContext): JsonMap | undefined {
  const division = org.byId('auth_division', org.homeDivisionId);
  return division === undefined ? undefined : org.present(division);
}

/** POST [ids]: all move or none; 204. */
function moveObjects(call: Call, org: OrgContext) {
  const type = OBJECT_TYPES[call.params['objectType'] ?? ''];
  const divisionId = call.params['divisionId'] ?? '';
  if (type === undefined) throw new Refusal(400, 'bad.request', `objects of kind "${call.params['objectType']}" cannot be moved`);
  org.need({ any: ['authorization:division:edit', ...permissionsToEdit(type)] });
  if (org.byId('auth_division', divisionId) === undefined) throw new Refusal(404, 'not.found', `there is no division ${divisionId}`);
  const ids = call.json();
  if (!isJsonList(ids)) throw new Refusal(400, 'bad.request', 'the request body must be a list of ids');
  const things = ids.map((id) => org.byId(type, String(id)) ?? missing(type, String(id)));
  for (const thing of things) org.replace(thing, { body: { ...thing.body, division: { id: divisionId } } });
  return jsonAnswer(204, undefined);
}

function permissionsToEdit(type: string): readonly string[] {
  const { permissions } = typeFacts(type).update ?? {};
  return [...(permissions?.any ?? []), ...(permissions?.all ?? [])];
}

function missing(type: string, id: string): never {
  throw new Refusal(404, 'not.found', `there is no ${type} ${id}`);
}

/** The answer's key is `results` (quirks, section 2). Every entry of the query must fit; deleted users are found only by asking for their state. */
function searchUsers(call: Call, org: OrgContext) {
  const body = call.json();
  const asked = isJsonMap(body) ? body : {};
  const query = isJsonList(asked['query']) ? asked['query'].filter(isJsonMap) : [];
  const asksState = query.some((entry) => isJsonList(entry['fields']) && entry['fields'].includes('state'));
  const users = [...org.everyUser()].filter((user) => (asksState || !user.isDeleted) && query.every((entry) => matchesEntry(user.body, entry)));
  const size = Number(asked['pageSize'] ?? 25);
  const number = Number(asked['pageNumber'] ?? 1);
  const expand = new Set(isJsonList(asked['expand']) ? asked['expand'].map(String) : []);
  const results = users.slice((number - 1) * size, number * size).map((user) => org.present(user, expand));
  const around = { total: users.length, pageCount: Math.ceil(users.length / size), pageSize: size, pageNumber: number };
  return jsonAnswer(200, { ...around, types: ['users'], results });
}

function matchesEntry(user: JsonMap, entry: JsonMap): boolean {
  const fields = isJsonList(entry['fields']) ? entry['fields'].map(String) : [];
  const values = [entry['value'], ...(isJsonList(entry['values']) ? entry['values'] : [])].filter((value) => typeof value === 'string');
  const test = testOf(String(entry['type'] ?? 'EXACT'));
  return fields.some((field) => values.some((value) => test(String(valueAt(user, field) ?? '').toLowerCase(), value.toLowerCase())));
}

function testOf(type: string): (held: string, asked: string) => boolean {
  if (type === 'CONTAINS') return (held, asked) => held.includes(asked);
  if (type === 'STARTS_WITH') return (held, asked) => held.startsWith(asked);
  return (held: Json, asked: Json) => held === asked;
}
