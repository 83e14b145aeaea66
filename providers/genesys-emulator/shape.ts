import { DEFAULTS } from './defaults.ts';
import type { Model, TypeFacts } from './facts.ts';
import { modelNamed, refPaths, resolveModel, typeFacts } from './facts.ts';
import type { Json, JsonMap } from './json.ts';
import { isJsonList, isJsonMap, mapHolders, mergeDeep, stringsAt, valueAt, withValueAt } from './json.ts';
import type { Thing } from './store.ts';

/** Between what a client writes, what is stored and what is read. */

/** A written body in the shape of the model that is read, at any depth: `divisionId: x` -> `division: { id: x }`, `manager: x` -> `manager: { id: x }`. */
export function toReadShape(facts: TypeFacts, body: JsonMap, writeModel: string | null | undefined): JsonMap {
  return readMap(modelNamed(facts.model), modelNamed(writeModel), body);
}

function readMap(read: Model | undefined, write: Model | undefined, body: JsonMap): JsonMap {
  const properties = read?.properties;
  if (properties === undefined) return body;
  return Object.fromEntries(Object.entries(body).flatMap(([name, value]) => readEntry(properties, write?.properties?.[name], name, value ?? null)));
}

function readEntry(read: Readonly<Record<string, Model>>, write: Model | undefined, name: string, value: Json): readonly (readonly [string, Json])[] {
  const property = read[name];
  if (property !== undefined) return [[name, value === null ? null : readValue(property, write, value)]];
  const owner = read[name.replace(/Id$/, '')] === undefined ? name.replace(/Ids$/, 's') : name.replace(/Id$/, '');
  const owned = owner === name ? undefined : read[owner];
  return owned === undefined || !takesReferences(owned, value) ? [] : [[owner, value === null ? null : readValue(owned, undefined, value)]];
}

/** Whether the ids that a client wrote are answered as objects here: one id as one object, a list of ids as a list of objects. */
function takesReferences(property: Model, value: Json): boolean {
  const model = resolveModel(property);
  return isJsonList(value) ? model.items !== undefined && resolveModel(model.items).type === 'object' : model.type === 'object';
}

function readValue(property: Model, write: Model | undefined, value: Json): Json {
  const model = resolveModel(property);
  const written = write === undefined ? undefined : resolveModel(write);
  // Workforce management wraps what PATCH may clear: { value: x }, { values: [..] } (README, section 9).
  const wrapped = Object.keys(written?.properties ?? {});
  const wrapper = wrapped.length === 1 && (wrapped[0] === 'value' || wrapped[0] === 'values') ? wrapped[0] : undefined;
  if (wrapper !== undefined && isJsonMap(value) && model.properties?.[wrapper] === undefined) return value[wrapper] ?? null;
  if (typeof value === 'string' && model.type === 'object' && model.properties?.['id'] !== undefined) return { id: value };
  if (isJsonMap(value)) return readMap(model, written, value);
  const { items } = model;
  return isJsonList(value) && items !== undefined ? value.map((item) => readValue(items, written?.items, item)) : value;
}

/** References without the name and address that a client sent along: the server fills those in when it answers. */
export function bareReferences(type: string, body: JsonMap): JsonMap {
  let bare: Json | undefined = body;
  for (const { steps } of refPaths(type)) {
    if (steps.length < 2 || steps[steps.length - 1] !== 'id') continue;
    bare = mapHolders(bare, steps, ({ name, selfUri, ...rest }) => rest);
  }
  return isJsonMap(bare) ? bare : body;
}

interface Decoration {
  readonly steps: readonly string[];
  readonly to: readonly string[];
  readonly fields: readonly string[];
}

const decorations = new Map<string, readonly Decoration[]>();

/** The references of a type whose holders have a name or an address to show. */
function decorationsOf(type: string): readonly Decoration[] {
  const known = decorations.get(type);
  if (known !== undefined) return known;
  const root = modelNamed(typeFacts(type).model);
  const found = refPaths(type).flatMap(({ steps, to }) => {
    const holder = steps.length > 1 && steps[steps.length - 1] === 'id' ? modelAt(root, steps.slice(0, -1)) : undefined;
    const fields = ['name', 'selfUri'].filter((field) => holder?.properties?.[field] !== undefined);
    return fields.length === 0 ? [] : [{ steps, to, fields }];
  });
  decorations.set(type, found);
  return found;
}

function modelAt(root: Model | undefined, steps: readonly string[]): Model | undefined {
  let model = root === undefined ? undefined : resolveModel(root);
  for (const step of steps) {
    const inner: Model | undefined =
      step === '[]'
        ? model?.items
        : step === '{}'
          ? typeof model?.additionalProperties === 'object'
            ? model.additionalProperties
            : undefined
          : model?.properties?.[step];
    if (inner === undefined) return undefined;
    model = resolveModel(inner);
  }
  return model;
}

/** The body with names and addresses of what it refers to. */
export function decorate(type: string, body: JsonMap, find: (types: readonly string[], id: string) => { name: string; selfUri: string } | undefined): JsonMap {
  let shown: Json | undefined = body;
  for (const { steps, to, fields } of decorationsOf(type)) {
    if (stringsAt(shown, steps).length === 0) continue;
    shown = mapHolders(shown, steps, (holder) => {
      const target = typeof holder['id'] === 'string' ? find(to, holder['id']) : undefined;
      if (target === undefined) return holder['id'] === '*' ? { ...holder, name: '*' } : holder;
      return { ...holder, ...Object.fromEntries(fields.map((field) => [field, field === 'name' ? target.name : target.selfUri])) };
    });
  }
  return isJsonMap(shown) ? shown : body;
}

/** The address of an object under the API: the path of its GET with its own and its ancestors' ids. */
export function selfUri(thing: Thing): string {
  const { path } = typeFacts(thing.type).get;
  const ids = [...(thing.scope === '' || path.split('{').length <= 2 ? [] : thing.scope.split('/')), thing.id].map(encodeURIComponent);
  return path.replace(/\{[^}]*\}/g, () => ids.shift() ?? '');
}

export interface Moment {
  readonly now: string;
  readonly clientId: string;
  readonly homeDivisionId: string;
}

const CREATED = /^(dateCreated|createdDate|createDate|creationDate|createdAt)$/;
const MODIFIED = /^(dateModified|modifiedDate|modifyDate|dateLastModified|lastModifiedDate|updatedDate)$/;
const BY = /^(createdBy|modifiedBy|lastModifiedBy|updatedBy|createdByApp|modifiedByApp)$/;

/** What the server itself writes into a new object: defaults, division, state, version, dates and who made it. */
export function bornBody(type: string, body: JsonMap, moment: Moment): JsonMap {
  const properties = modelNamed(typeFacts(type).model)?.properties ?? {};
  const filled = mergeDeep(DEFAULTS[type] ?? {}, body);
  const state = properties['state'] === undefined ? undefined : resolveModel(properties['state']);
  const division = properties['division'] !== undefined && filled['division'] === undefined ? { division: { id: moment.homeDivisionId } } : {};
  const active = state?.enum?.includes('active') === true && filled['state'] === undefined ? { state: 'active' } : {};
  const born = firstVersion(type, stamped(type, { ...filled, ...division, ...active }, moment, true));
  return completed(typeFacts(type).model, born, typeFacts(type).secretFields, moment.now);
}

/** What a model requires and nobody gave, at its smallest: the server has some value there, and which one no fact says. */
export function completed(modelName: string | null | undefined, body: JsonMap, except: readonly string[], now: string): JsonMap {
  const model = modelNamed(modelName);
  const absent = (model?.required ?? []).filter((name) => body[name] === undefined && !except.includes(name) && name !== 'id' && name !== 'selfUri');
  if (absent.length === 0) return body;
  return { ...body, ...Object.fromEntries(absent.map((name) => [name, smallest(model?.properties?.[name] ?? {}, now)])) };
}

function smallest(property: Model, now: string): Json {
  const model = resolveModel(property);
  if (model.enum !== undefined) return (model.enum[0] ?? null) as Json;
  if (model.type === 'string') return model.format === 'date-time' ? now : '';
  if (model.type === 'integer' || model.type === 'number') return model.minimum ?? 0;
  if (model.type === 'boolean') return false;
  return model.type === 'array' ? [] : {};
}

/** The same for a change: the version goes up, the date of change is now. */
export function changedBody(type: string, before: JsonMap, body: JsonMap, moment: Moment): JsonMap {
  const path = typeFacts(type).versionPath ?? 'version';
  const version = valueAt(before, path);
  const next = typeof version === 'number' ? version + 1 : typeof version === 'string' && /^\d+$/.test(version) ? String(Number(version) + 1) : undefined;
  const dated = stamped(type, body, moment, false);
  return next === undefined ? dated : withValueAt(dated, path, next);
}

/** When and by whom an object was made: that stays, whatever is written later. */
export function isBirthStamp(name: string): boolean {
  return CREATED.test(name) || name.startsWith('createdBy');
}

interface Stamp {
  readonly name: string;
  readonly isCreation: boolean;
  readonly kind: 'text' | 'number' | 'client' | 'reference';
}

const stamps = new Map<string, readonly Stamp[]>();

/** The dates and names of doers that a type's model has. */
function stampsOf(type: string): readonly Stamp[] {
  const known = stamps.get(type);
  if (known !== undefined) return known;
  const properties = modelNamed(typeFacts(type).model)?.properties ?? {};
  const made = Object.entries(properties).flatMap(([name, property]): readonly Stamp[] => {
    const isCreation = isBirthStamp(name);
    const model = resolveModel(property);
    if (CREATED.test(name) || MODIFIED.test(name)) return [{ name, isCreation, kind: model.type === 'integer' ? 'number' : 'text' }];
    if (!BY.test(name)) return [];
    if (model.type === 'string') return [{ name, isCreation, kind: 'client' }];
    return model.properties?.['id'] === undefined ? [] : [{ name, isCreation, kind: 'reference' }];
  });
  stamps.set(type, made);
  return made;
}

function stamped(type: string, body: JsonMap, moment: Moment, isBirth: boolean): JsonMap {
  const values = { text: moment.now, number: Date.parse(moment.now), client: moment.clientId, reference: { id: moment.clientId } };
  const fresh = stampsOf(type).filter((stamp) => isBirth || !stamp.isCreation);
  return fresh.length === 0 ? body : { ...body, ...Object.fromEntries(fresh.map((stamp) => [stamp.name, values[stamp.kind]])) };
}

function firstVersion(type: string, body: JsonMap): JsonMap {
  const facts = typeFacts(type);
  const root = modelNamed(facts.model);
  const path = facts.versionPath ?? 'version';
  if (valueAt(body, path) !== undefined && facts.identity[0] === path) return body;
  const model = modelAt(root, path.split('.'));
  if (model?.type === 'integer' || model?.type === 'number') return withValueAt(body, path, 1);
  return model?.type === 'string' && root?.properties?.['version']?.readOnly === true ? withValueAt(body, path, '1') : body;
}

/** Only the fields that the model of an answer has; the whole body where it says nothing. What is stored has the type's own model at any depth already. */
export function project(facts: TypeFacts, modelName: string | null | undefined, body: JsonMap): JsonMap {
  const model = modelNamed(modelName);
  return model === undefined ? body : projectMap(model, body, modelName !== facts.model);
}

function projectMap(model: Model, body: JsonMap, isDeep: boolean): JsonMap {
  const { properties } = model;
  if (properties === undefined) return body;
  const kept = Object.entries(body).filter(([name]) => Object.hasOwn(properties, name));
  return Object.fromEntries(isDeep ? kept.map(([name, value]) => [name, projectValue(properties[name] ?? {}, value)]) : kept);
}

function projectValue(property: Model, value: Json | undefined): Json | undefined {
  const model = resolveModel(property);
  if (isJsonMap(value)) return projectMap(model, value, true);
  const { items } = model;
  return isJsonList(value) && items !== undefined ? value.map((item) => projectValue(items, item) ?? null) : value;
}

/** Types with `deleted` among the states of their objects are removed softly (README, section 7). */
export function isSoftDeleted(type: string): boolean {
  const state = modelNamed(typeFacts(type).model)?.properties?.['state'];
  return state !== undefined && resolveModel(state).enum?.includes('deleted') === true;
}
