import { admitBody, MissingField } from './admission.ts';
import { duplicateRefusal, inUseRefusal, missingFieldRefusal, missingVersionRefusal, notFoundRefusal, unknownRefRefusal, versionRefusal } from './codes.ts';
import { DIVISION_MOVES_APART, VERSION_MAY_BE_MISSING } from './defaults.ts';
import type { Answer } from './exchange.ts';
import { jsonAnswer, Refusal } from './exchange.ts';
import type { Operation, TypeFacts } from './facts.ts';
import { modelNamed, ownIdField, refPaths, TYPES, typeFacts } from './facts.ts';
import type { Json, JsonMap } from './json.ts';
import { isJsonMap, stringsAt, valueAt } from './json.ts';
import type { Org } from './org.ts';
import { bornBody, completed, isBirthStamp, project, toReadShape } from './shape.ts';
import type { Call, OrgContext } from './special.ts';
import type { Thing } from './store.ts';
import { identityOf, nameOf } from './store.ts';

/** Create, read, update and delete of any type of the catalogue. Everything is checked before anything is stored. */

const SINGLETON = 'only';

function paramsOf(path: string): readonly string[] {
  return [...path.matchAll(/\{([^}]*)\}/g)].map((match) => match[1] ?? '');
}

/** The path parameter that is the object's own id: the last one under a parent; else the first, behind which only versions come. */
function ownParam(facts: TypeFacts): string | undefined {
  const names = isSingleton(facts) ? [] : paramsOf(facts.get.path);
  return facts.parent === null ? names[0] : names[names.length - 1];
}

/** Ids of the ancestors in a path, outermost first, joined: every parameter but the object's own; empty for a type without a parent. */
export function scopeOf(facts: TypeFacts, path: string, params: Readonly<Record<string, string>>): string {
  if (facts.parent === null) return '';
  const own = ownParam(facts);
  return paramsOf(path)
    .filter((name) => name !== own)
    .map((name) => params[name] ?? '')
    .join('/');
}

function ownId(facts: TypeFacts, operation: Operation, call: Call): string {
  const own = ownParam(facts) ?? '';
  const names = paramsOf(operation.path);
  return call.params[names.includes(own) ? own : (names[names.length - 1] ?? '')] ?? '';
}

/** Several catalogue types can share one address (greetings): the object itself says which one it is. */
function findThing(types: readonly TypeFacts[], operation: Operation, call: Call, org: Org): { facts: TypeFacts; thing: Thing } | undefined {
  for (const facts of types) {
    const id = ownId(facts, operation, call);
    const scope = scopeOf(facts, operation.path, call.params);
    const thing = org.store.get(facts.type, id, scope);
    const isInside = scope === '' || thing?.scope === '' || thing?.scope === scope;
    if (thing !== undefined && isInside) return { facts, thing };
  }
  return undefined;
}

export function readOne(types: readonly TypeFacts[], call: Call, org: Org, context: OrgContext): Answer {
  const [facts] = types as readonly [TypeFacts];
  if (isSingleton(facts)) return jsonAnswer(200, present(facts, singleton(facts, call, org, context), call, context));
  const found = findThing(types, facts.get, call, org);
  if (found === undefined) throw notFoundRefusal(facts, 'get', ownId(facts, facts.get, call));
  return jsonAnswer(200, present(found.facts, found.thing, call, context));
}

function present(facts: TypeFacts, thing: Thing, call: Call, context: OrgContext): JsonMap {
  return project(facts, facts.get.returns, hideSecrets(facts, context.present(thing, expandOf(call))));
}

/** `expand=a,b&expand=c`, or `expands` on some; `includeResources=true` counts as a name of its own. */
export function expandOf(call: Call): ReadonlySet<string> {
  const included = [...call.query].filter(([name, value]) => name.startsWith('include') && value === 'true').map(([name]) => name);
  return new Set([...call.query.getAll('expand'), ...call.query.getAll('expands')].flatMap((names) => names.split(',')).concat(included));
}

/** Secrets are write-only: they never come back, but for the names of a credential's fields (see `credentials.ts`). */
function hideSecrets(facts: TypeFacts, body: JsonMap): JsonMap {
  const hidden = facts.secretFields.filter((field) => /^[A-Za-z]+$/.test(field));
  return hidden.length === 0 ? body : Object.fromEntries(Object.entries(body).filter(([name]) => !hidden.includes(name)));
}

export function isSingleton(facts: TypeFacts): boolean {
  return facts.singleton || facts.identity[0] === '<parent>';
}

/** A singleton always exists: until it is written it is at its defaults, and reading it writes nothing. */
export function singleton(facts: TypeFacts, call: Call, org: Org, context: OrgContext): Thing {
  const scope = scopeOf(facts, facts.get.path, call.params);
  checkParent(facts, scope, org);
  const id = scope === '' ? SINGLETON : scope;
  const known = org.store.get(facts.type, id);
  if (known !== undefined) return known;
  const body = bornBody(facts.type, {}, { now: new Date(0).toISOString(), clientId: context.caller.id, homeDivisionId: org.homeDivisionId });
  return { type: facts.type, id, scope: '', body, parts: {}, uses: [], isDeleted: false };
}

export function createOne(facts: TypeFacts, call: Call, org: Org, context: OrgContext): Answer {
  const operation = facts.create as Operation;
  const isBulk = operation.body?.startsWith('[') === true;
  const sent = call.json();
  const bodies: readonly Json[] = isBulk && Array.isArray(sent) ? sent : [sent];
  const scope = scopeOf(facts, operation.path, call.params);
  const things = bodies.map((body) => createThing(facts, body, scope, org, context));
  const answers = things.map((thing) => createdAnswer(facts, thing, context));
  return jsonAnswer(statusOf(operation, 200), isBulk ? answers : answers[0]);
}

/** Checks a body as POST does and stores it; also what `seed` calls. */
export function createThing(facts: TypeFacts, sent: Json, scope: string, org: Org, context: OrgContext): Thing {
  const operation = facts.create;
  const bodyModel = operation?.body?.replace(/[[\]]/g, '') ?? '';
  checkParent(facts, scope, org);
  const admitted = withoutNulls(admitWritten(facts, 'create', sent));
  checkName(facts, admitted, bodyModel);
  const shaped = toReadShape(facts, admitted, bodyModel);
  checkReferences(facts, 'create', admitted, org);
  const body = org.admit(facts.type, shaped, { before: undefined, scope }, context);
  checkUnique(facts, body, scope, org, undefined);
  const own = ownIdField(facts.type);
  if (own !== undefined && org.store.get(facts.type, String(body[own]), scope) !== undefined)
    throw duplicateRefusal(facts, String(body[own])) ?? missingFieldRefusal(facts, 'create', own);
  return context.insert(facts.type, body, { scope });
}

/** The body of POST or of an update; what is missing in it is refused with the type's own code. PATCH may leave anything out. */
function admitWritten(facts: TypeFacts, operation: 'create' | 'update', sent: Json): JsonMap {
  const required = operation === 'create' || facts.updateStyle !== 'merge';
  try {
    return admitBody(facts[operation]?.body?.replace(/[[\]]/g, '') ?? '', sent, { required });
  } catch (error) {
    throw error instanceof MissingField ? missingFieldRefusal(facts, operation, error.field) : error;
  }
}

function createdAnswer(facts: TypeFacts, thing: Thing, context: OrgContext): JsonMap {
  const returns = facts.create?.returns?.replace(/[[\]]/g, '');
  const shown = project(facts, returns, hideSecrets(facts, context.present(thing, 'everything')));
  return returns === facts.model ? shown : completed(returns, shown, [], context.nowText());
}

function statusOf(operation: Operation, otherwise: number): number {
  const first = operation.status?.[0];
  return typeof first === 'number' ? first : otherwise;
}

export function updateOne(types: readonly TypeFacts[], call: Call, org: Org, context: OrgContext): Answer {
  const [first] = types as readonly [TypeFacts];
  const operation = first.update as Operation;
  const found = isSingleton(first) ? { facts: first, thing: singleton(first, call, org, context) } : findThing(types, operation, call, org);
  if (found === undefined) throw notFoundRefusal(first, 'update', ownId(first, operation, call));
  const { facts } = found;
  const thing = updateThing(facts, found.thing, call.json(), org, context);
  if (operation.returns === undefined || operation.returns === null) return jsonAnswer(statusOf(operation, 200), undefined);
  const shown = project(facts, operation.returns, hideSecrets(facts, context.present(thing, 'everything')));
  return jsonAnswer(statusOf(operation, 200), operation.returns === facts.model ? shown : completed(operation.returns, shown, [], context.nowText()));
}

function updateThing(facts: TypeFacts, thing: Thing, sent: Json, org: Org, context: OrgContext): Thing {
  const bodyModel = facts.update?.body ?? '';
  const isMerge = facts.updateStyle === 'merge';
  const admitted = admitWritten(facts, 'update', sent);
  checkVersion(facts, thing, admitted);
  const restored = stateChange(facts, thing, admitted, org, context);
  if (restored !== undefined) return restored;
  if (thing.isDeleted) throw notFoundRefusal(facts, 'update', thing.id);
  if (!isMerge) checkName(facts, admitted, bodyModel);
  const changed = toReadShape(facts, admitted, bodyModel);
  const whole = isMerge ? mergedBody(thing, changed) : replacedBody(facts, thing, withoutNulls(changed), org, context);
  checkReferences(facts, 'update', withoutNulls(admitted), org);
  const body = org.admit(facts.type, whole, { before: thing, scope: thing.scope }, context);
  checkUnique(facts, body, thing.scope, org, thing);
  if (org.store.get(facts.type, thing.id, thing.scope) === undefined) return context.insert(facts.type, body, { id: thing.id, scope: thing.scope });
  return context.replace(thing, { body: keepDivision(facts, thing, body) });
}

/** A user is put to rest and called back by PATCH { state, version }; the state must be alone in it (user, notes). */
function stateChange(facts: TypeFacts, thing: Thing, body: JsonMap, org: Org, context: OrgContext): Thing | undefined {
  const { state } = body;
  if (facts.type !== 'user' || state === undefined || state === null || state === thing.body['state']) return undefined;
  const others = Object.keys(body).filter((name) => name !== 'state' && name !== 'version');
  if (others.length > 0) throw new Refusal(400, 'general.bad.request', `the state must be changed alone, without ${others.join(', ')}`, { field: 'state' });
  if (state === 'deleted') {
    context.remove(thing);
    return org.store.get('user', thing.id) as Thing;
  }
  if (thing.isDeleted) checkUnique(facts, thing.body, thing.scope, org, thing);
  return context.replace(thing, { body: { ...thing.body, state }, isDeleted: false });
}

function mergedBody(thing: Thing, change: JsonMap): JsonMap {
  return withoutNulls({ ...thing.body, ...change });
}

/** PUT replaces: what it leaves out goes back to its default; what no write body may set stays. */
function replacedBody(facts: TypeFacts, thing: Thing, change: JsonMap, org: Org, context: OrgContext): JsonMap {
  const writable = modelNamed(facts.update?.body)?.properties;
  if (writable === undefined) return change;
  const isKept = (name: string) =>
    writable[name] === undefined ||
    writable[name].readOnly === true ||
    facts.serverSetFields?.includes(name) === true ||
    isBirthStamp(name) ||
    name === 'state';
  const kept = Object.fromEntries(Object.entries(thing.body).filter(([name]) => isKept(name) && (change[name] === undefined || isBirthStamp(name))));
  const division = thing.body['division'] !== undefined && change['division'] === undefined ? { division: thing.body['division'] } : {};
  const fresh = bornBody(facts.type, { ...change, ...division }, { now: context.nowText(), clientId: context.caller.id, homeDivisionId: org.homeDivisionId });
  const version = facts.versionPath === undefined ? undefined : facts.versionPath.split('.')[0];
  const versionPart = version === undefined || thing.body[version] === undefined ? {} : { [version]: thing.body[version] };
  return { ...fresh, ...kept, ...versionPart };
}

function keepDivision(facts: TypeFacts, thing: Thing, body: JsonMap): JsonMap {
  return DIVISION_MOVES_APART.has(facts.type) && thing.body['division'] !== undefined ? { ...body, division: thing.body['division'] } : body;
}

function withoutNulls(body: JsonMap): JsonMap {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null && value !== undefined));
}

function checkVersion(facts: TypeFacts, thing: Thing, body: JsonMap): void {
  const path = facts.versionPath;
  if (!facts.versioned || path === undefined || modelHas(facts.update?.body, path) === false) return;
  const has = valueAt(thing.body, path);
  const sent = valueAt(body, path);
  if (has === undefined) return;
  if (sent === undefined || sent === null) {
    if (VERSION_MAY_BE_MISSING.has(facts.type)) return;
    throw missingVersionRefusal(facts);
  }
  if (String(sent) !== String(has)) throw versionRefusal(facts, String(has), String(sent));
}

function modelHas(modelName: string | null | undefined, path: string): boolean {
  const properties = modelNamed(modelName)?.properties;
  return properties === undefined || properties[path.split('.')[0] ?? ''] !== undefined;
}

/** A name that is left out or blank is refused even where the schema forgets to require it (README, section 2: `required` is underused). */
function checkName(facts: TypeFacts, body: JsonMap, bodyModel: string): void {
  const [field] = facts.identity;
  if (field !== 'name' || (modelNamed(bodyModel)?.properties?.['name'] === undefined && modelNamed(bodyModel) !== undefined)) return;
  const name = body['name'];
  if (typeof name !== 'string' || name.trim() === '') throw missingFieldRefusal(facts, 'create', 'name');
}

function checkParent(facts: TypeFacts, scope: string, org: Org): void {
  if (facts.parent === null || scope === '') return;
  const ids = scope.split('/');
  const [id] = ids.slice(-1);
  const parent = TYPES.get(facts.parent);
  // Paths between parent and child may hold an id of no catalogue type (a version); then the one before it is the parent.
  const found =
    parent === undefined ? undefined : ids.map((candidate) => org.store.get(parent.type, candidate)).find((thing) => thing !== undefined && !thing.isDeleted);
  if (parent !== undefined && found === undefined) throw notFoundRefusal(facts, 'create', id ?? '');
}

function checkUnique(facts: TypeFacts, body: JsonMap, scope: string, org: Org, self: Thing | undefined): void {
  if (facts.identityEnforcedBy === null || isSingleton(facts)) return;
  const identity = identityOf(facts.type, body);
  const others = org.store.withKey(facts.type, scope, identity).filter((thing) => thing.id !== self?.id);
  // A deleted user still holds its e-mail: POST answers general.conflict, and PATCH state calls it back (user, notes).
  const resting = facts.type === 'user' ? org.store.restingWithKey('user', scope, identity).filter((user) => user.id !== self?.id) : [];
  if (others.length + resting.length === 0) return;
  const refusal = duplicateRefusal(facts, nameOf({ type: facts.type, body, id: '' }));
  if (refusal !== undefined) throw refusal;
}

/** Every reference of the body must name a living object of this org. */
function checkReferences(facts: TypeFacts, operation: 'create' | 'update', body: JsonMap, org: Org): void {
  for (const ref of facts.refs.length === 0 ? [] : refPaths(facts.type)) {
    const known = ref.to.filter((type) => TYPES.has(type));
    if (known.length === 0 || known.length < ref.to.length) continue;
    for (const id of stringsAt(body, ref.steps)) {
      const isAnyDivision = id === '*' && known.includes('auth_division');
      if (!isAnyDivision && !known.some((type) => lives(type, id, org))) throw unknownRefRefusal(facts, operation, known, ref.path, id);
    }
  }
}

function lives(type: string, id: string, org: Org): boolean {
  const thing = org.store.get(type, id);
  // Only published flows can be referred to (flow, notes).
  if (thing !== undefined) return !thing.isDeleted && (type !== 'flow' || thing.body['publishedVersion'] !== undefined);
  const facts = typeFacts(type);
  return isSingleton(facts) || facts.identity[0] === 'organization.id';
}

export function deleteOne(types: readonly TypeFacts[], call: Call, org: Org, context: OrgContext): Answer {
  const [first] = types as readonly [TypeFacts];
  const operation = first.delete as Operation;
  const status = statusOf(operation, 204);
  if (isSingleton(first)) {
    const known = org.store.get(first.type, singleton(first, call, org, context).id);
    if (known !== undefined) org.store.remove(known);
    return jsonAnswer(status, undefined);
  }
  const found = findThing(types, operation, call, org);
  if (found === undefined || found.thing.isDeleted) throw notFoundRefusal(first, 'delete', ownId(first, operation, call));
  checkUnused(found.facts, found.thing, call, org);
  org.release(found.thing, call, context);
  context.remove(found.thing);
  return deletedAnswer(found.facts, status, found.thing, context);
}

function deletedAnswer(facts: TypeFacts, status: number, thing: Thing, context: OrgContext): Answer {
  const returns = facts.delete?.returns;
  if (status === 204 || returns === undefined || returns === null) return jsonAnswer(status, undefined);
  return jsonAnswer(status, modelNamed(returns) === undefined ? {} : project(facts, returns, context.present(thing, 'everything')));
}

function checkUnused(facts: TypeFacts, thing: Thing, call: Call, org: Org): void {
  if (thing.body['homeDivision'] === true) throw inUseRefusal(facts, ['the org: the home division is never deleted']) as Refusal;
  const isForced = call.query.get('force') === 'true' || call.query.get('forceDelete') === 'true';
  const users = usersThatCount(thing, org);
  const refusal =
    users.length === 0 || isForced
      ? undefined
      : inUseRefusal(
          facts,
          users.map((user) => `${user.type} "${nameOf(user)}"`),
        );
  if (refusal !== undefined) throw refusal;
  if (facts.type === 'auth_division') for (const user of users) org.store.replace(user, { body: { ...user.body, division: { id: org.homeDivisionId } } });
}

/** Bodies and contents that name it count, and the rows of a table; being a member of a list does not. */
function usersThatCount(thing: Thing, org: Org): readonly Thing[] {
  const users = org.store.usersOf(thing.id).filter((user) => user.id !== thing.id && (user.uses.includes(thing.id) || namesInBody(user, thing.id)));
  // DELETE of a data table needs force=true when rows use it (architect_datatable, notes).
  const rows = thing.type === 'architect_datatable' ? org.store.childrenOf(thing.id) : [];
  return [...users, ...rows];
}

function namesInBody(user: Thing, id: string): boolean {
  return refPaths(user.type).some(({ steps }) => stringsAt(user.body, steps).includes(id));
}

/** A change by hand, as somebody in the web UI would make it: nothing is checked, version and dates move on. */
export function editThing(thing: Thing, change: (body: JsonMap) => JsonMap, context: OrgContext): Thing {
  const body = change(thing.body);
  return context.replace(thing, { body: isJsonMap(body) ? body : thing.body });
}
