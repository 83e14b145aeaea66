import type { Document } from '../../state/document.ts';
import { isUnder, type Pattern, type Pointer, pointerSegments } from '../../state/pointer.ts';
import type { Problem } from '../../state/problem.ts';
import type { AssetRule, LastOneRule, ListRule, RefRule, RefUse } from '../../state/resource-type.ts';
import { directive, makeMap, type Value, type ValueMap } from '../../state/value.ts';
import type { QueryValue } from '../client/org-client.ts';
import { bodySchema } from './body-schema.ts';
import { factsOf, type Model, modelOf, type TypeFacts, toPattern } from './facts.ts';
import type { GenesysType, ListPart, ObjectPart, Part, TextRule } from './genesys-type.ts';
import { ownKeyFields } from './natural-key.ts';
import { type Field, isKnown, isOwned, makePartShape, makeShape, type Shape, uniqueLists, wireRefs } from './wire-shape.ts';

/** A value as a declaration writes it down. */
type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain };

/**
 * What the catalogue does not say of a type. Operations, paging, key, references, server's fields, version lock, create-only fields and
 * secrets come from the facts; patterns are pointers into the canonical body in which `*` is any item.
 */
interface Difference {
  /** The catalogue's name. */
  readonly type: string;
  /** Fields that may be written after the resource exists, so that a cycle can be cut there. */
  readonly deferrable?: readonly Pattern[];
  /** Lists that are sets, beyond those that the models call unique. */
  readonly lists?: Readonly<Record<Pattern, ListRule>>;
  /** What the server fills in where a request says nothing. */
  readonly defaults?: { readonly [field: string]: Plain };
  /** Fields that requests would take and that are not configuration of this type: state, or another type's. */
  readonly owned?: readonly Pattern[];
  /** The only fields of the API's object that are configuration, where it is mostly state. */
  readonly only?: readonly Pattern[];
  /** Fields that are kept word for word: what stands in them is the user's, not the API's. */
  readonly free?: readonly Pattern[];
  /** Words of `expand` that rows and single objects need, beyond the catalogue's. */
  readonly expand?: readonly string[];
  /** Query that makes lists and single objects whole; `listQuery` for lists alone. */
  readonly query?: Readonly<Record<string, QueryValue>>;
  readonly listQuery?: Readonly<Record<string, QueryValue>>;
  /** Rows lack something that only a GET of each has; fields: only rows that lack one of them. */
  readonly isReadEach?: boolean | readonly string[];
  /** Texts that the object only says the address of. */
  readonly texts?: readonly TextRule[];
  /** Rows that are the vendor's own and no configuration. */
  readonly isBuiltIn?: (row: ValueMap) => boolean;
  readonly lowerCaseKeys?: readonly string[];
  /** Key fields that no update changes, although others of the key may be changed. */
  readonly fixedKeyFields?: readonly string[];
  readonly movedAs?: string;
  readonly lastOne?: readonly LastOneRule[];
  readonly unique?: readonly Pattern[];
  readonly temporaryName?: (name: string, tag: string) => string;
  readonly aloneInUpdate?: string;
  readonly restorable?: GenesysType['restorable'];
  readonly parts?: readonly Part[];
  readonly placeholder?: (document: Document, pointer: Pointer) => Value;
  readonly usesIn?: (document: Document) => readonly RefUse[];
  readonly check?: (document: Document) => readonly Problem[];
}

/** A type of Genesys Cloud from the catalogue's facts and what they leave open. */
export function declare(difference: Difference): GenesysType {
  const facts = factsOf(difference.type);
  const parts = difference.parts ?? [];
  const keyFields = facts.singleton ? [] : ownKeyFields(facts);
  const shape = withParts(makeShape({ facts, ...patternsOf(difference), keyFields: keyFields.map(toPattern) }), facts, parts);
  const defaults = defaultsOf(difference, facts, shape);
  const type: Omit<GenesysType, 'schema'> = {
    name: facts.type,
    aliases: aliasesOf(facts),
    keyFields,
    ...(facts.parent === null ? {} : { parent: facts.parent }),
    isSingleton: facts.singleton,
    refs: [...refsOf(facts, shape), ...parts.flatMap((part) => partRefs(part, facts))],
    lists: { ...listsOf(shape, parts), ...difference.lists },
    defaults,
    deferrable: difference.deferrable ?? [],
    secrets: facts.secretFields.map(toPattern),
    createOnly: createOnly(shape, facts, difference),
    isRenamable: isRenamable(facts, keyFields, difference),
    // A file is published over whatever has its name, whoever made that.
    isKeyEnforced: facts.singleton || (facts.identityEnforcedBy !== null && !parts.some((part) => part.kind === 'published')),
    ...optional('isRestoredByCreate', difference.restorable === undefined ? undefined : true),
    assets: parts.flatMap(partAssets),
    ...optional('lastOne', difference.lastOne),
    ...optional('unique', difference.unique),
    ...optional('temporaryName', difference.temporaryName),
    ...optional('placeholder', difference.placeholder),
    ...optional('usesIn', difference.usesIn),
    ...optional('check', difference.check),
    knows: (pointer) => isKnown(shape, pointerSegments(pointer)),
    reserved: (pointer) => reservedFor(pointer, shape, keyPlaces(keyFields, parts)),
    facts,
    shape,
    parts,
    query: queryOf(facts, difference),
    listQuery: difference.listQuery ?? {},
    isReadEach: difference.isReadEach ?? false,
    texts: difference.texts ?? [],
    ...optional('isBuiltIn', difference.isBuiltIn),
    lowerCaseKeys: difference.lowerCaseKeys ?? [],
    fixedKeyFields: difference.fixedKeyFields ?? [],
    ...optional('movedAs', difference.movedAs),
    ...optional('aloneInUpdate', difference.aloneInUpdate),
    ...optional('restorable', difference.restorable),
    cleared: facts.updateStyle === 'merge' ? defaults : makeMap([]),
  };
  let schema: object | undefined;
  return {
    ...type,
    schema: () => {
      schema ??= bodySchema(type);
      return schema;
    },
  };
}

/** Where a part of the key would stand in the body: at its own field, and at that of a part that holds it as well. */
function keyPlaces(keyFields: readonly string[], parts: readonly Part[]): readonly Pattern[] {
  return [...keyFields.map(toPattern), ...parts.flatMap((part) => (part.kind === 'object' ? [`${part.at}/${part.keyField}`] : []))];
}

function reservedFor(pointer: Pointer, shape: Shape, keys: readonly Pattern[]): 'key' | 'org' | undefined {
  if (!isOwned(shape, pointerSegments(pointer))) return undefined;
  return keys.some((key) => isUnder(key, pointer)) ? 'key' : 'org';
}

function optional<Name extends string, Of>(name: Name, value: Of | undefined): { readonly [Key in Name]?: Of } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [Key in Name]?: Of };
}

function patternsOf(difference: Difference) {
  return { owned: difference.owned ?? [], only: difference.only, free: difference.free ?? [] };
}

/** `genesyscloud_routing_queue` and `routing:queue`, as Terraform and the platform's own jobs call it. */
function aliasesOf(facts: TypeFacts): readonly string[] {
  return [...new Set([...facts.terraform.slice(0, 1), `genesyscloud_${facts.type}`, facts.type.replace('_', ':')])].filter((alias) => alias !== facts.type);
}

/** References that stand at fields of ours; the rest of the catalogue's are inside of fields that the server owns. */
function refsOf(facts: TypeFacts, shape: Shape): readonly RefRule[] {
  return wireRefs(facts)
    .filter((ref) => isOurs(shape, ref.at.slice(1).split('/')))
    .map(({ at, to, optional: isOptional, form }) => ({ at, to, optional: isOptional, ...(form === 'keys' ? { keys: true } : {}) }));
}

function isOurs(shape: Shape, segments: readonly string[]): boolean {
  const [head, ...rest] = segments;
  if (head === undefined) return true;
  if (shape.kind === 'list') return isOurs(shape.items, rest);
  if (shape.kind === 'map') return isOurs(shape.values, rest);
  const field = shape.kind === 'object' ? shape.fields.get(head) : undefined;
  return field !== undefined && isOurs(field.shape, rest);
}

/** The division at home is every type's default division; what items of parts say follows from the part; the rest is declared. */
function defaultsOf(difference: Difference, facts: TypeFacts, shape: Shape): ValueMap {
  const { parts = [] } = difference;
  const hasDivision = shape.kind === 'object' && shape.fields.get('division')?.shape.kind === 'ref';
  const home = hasDivision ? [['division', directive('$ref', 'auth_division/@home')] as const] : [];
  const ofParts = parts.flatMap((part): (readonly [string, Value])[] => (part.kind === 'published' ? [] : [[part.at.slice(1), partDefault(part, facts)]]));
  return makeMap([...home, ...ofParts, ...Object.entries(difference.defaults ?? {})]);
}

/** A part that is left out is empty; where its items have defaults, they are told instead, under the word for any item. */
function partDefault(part: Part, facts: TypeFacts): Value {
  if (part.kind === 'object') return emptyObject(modelOf(partFacts(part, facts).bodies['PUT']), [part.keyField, part.version]);
  const values =
    part.kind === 'list' ? Object.entries(part.values ?? {}).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])) : [];
  return values.length === 0 ? [] : makeMap([['*', makeMap(values)]]);
}

/** What the API requires of the object, at its emptiest: what a new one has. */
function emptyObject(model: Model | undefined, except: readonly string[]): Value {
  const names = (model?.required ?? []).filter((name) => !except.includes(name));
  return makeMap(names.map((name) => [name, modelOf(model?.properties?.[name])?.type === 'string' ? '' : makeMap([])]));
}

function listsOf(shape: Shape, parts: readonly Part[]): Record<Pattern, ListRule> {
  const unique = uniqueLists(shape).map((at) => [at, { kind: 'set' }] as const);
  const ofParts = parts.flatMap((part): (readonly [Pattern, ListRule])[] => {
    if (part.kind === 'published' || part.kind === 'object') return [];
    const by = part.kind === 'list' ? part.field : 'language';
    return [[part.at, by === undefined ? { kind: 'set' } : { kind: 'keyed', by }]];
  });
  return Object.fromEntries([...unique, ...ofParts]);
}

/** Fields that a creation takes and no update does. */
function createOnly(shape: Shape, facts: TypeFacts, difference: Difference): readonly Pattern[] {
  if (shape.kind !== 'object') return [];
  const secrets = new Set(facts.secretFields);
  const only = [...shape.fields].filter(([name, field]) => field.create !== undefined && field.update === undefined && !secrets.has(name));
  return only.map(([name]) => `/${name}`).filter((at) => difference.movedAs === undefined || at !== '/division');
}

function isRenamable(facts: TypeFacts, keyFields: readonly string[], difference: Difference): boolean {
  const body = modelOf(facts.update?.body);
  return keyFields.some((field) => !difference.fixedKeyFields?.includes(field) && body?.properties?.[field.split('.')[0] ?? ''] !== undefined);
}

function queryOf(facts: TypeFacts, difference: Difference): Record<string, QueryValue> {
  const expand = [...(facts.list?.expandForFull ?? []), ...(difference.expand ?? [])];
  return { ...(expand.length === 0 ? {} : { expand }), ...difference.query };
}

function partRefs(part: Part, facts: TypeFacts): readonly RefRule[] {
  if (part.kind === 'object') {
    return partFacts(part, facts).refs.map(({ path, to, oneOf }) => ({
      at: `${part.at}${toPattern(path.replace(/\.id$/, ''))}`,
      to: oneOf ?? (to === undefined ? [] : [to]),
      optional: true,
    }));
  }
  return part.kind === 'list' ? [{ at: part.field === undefined ? `${part.at}/*` : `${part.at}/*/${part.field}`, to: [part.to], optional: true }] : [];
}

function partAssets(part: Part): readonly AssetRule[] {
  switch (part.kind) {
    case 'recordings':
      return [{ at: `${part.at}/*/audio`, form: 'bytes', extension: 'wav' }];
    case 'published':
      return [{ at: part.at, form: 'tree', extension: part.extension, print: part.print, parse: part.parse }];
    default:
      return [];
  }
}

/** The shape of the whole document: the API's object, and the parts that other calls read and write. */
function withParts(shape: Shape, facts: TypeFacts, parts: readonly Part[]): Shape {
  if (shape.kind !== 'object' || parts.length === 0) return shape;
  const fields = new Map<string, Field>(shape.fields);
  for (const part of parts) fields.set(part.at.slice(1), { shape: partShape(part, facts), create: undefined, update: undefined });
  return { ...shape, fields, owned: new Set([...shape.owned].filter((name) => !fields.has(name))) };
}

function partShape(part: Part, facts: TypeFacts): Shape {
  switch (part.kind) {
    case 'list':
      return { kind: 'list', items: itemShape(part, facts), isUnique: false };
    case 'object': {
      const { returns, bodies, refs } = partFacts(part, facts);
      return makePartShape({ at: part.at, read: modelOf(returns), update: modelOf(bodies['PUT']), refs, owned: [part.keyField, part.version] });
    }
    case 'recordings':
      return { kind: 'list', items: recordingShape(), isUnique: false };
    default:
      return { kind: 'asset', form: 'tree' };
  }
}

function partFacts({ resource }: ObjectPart, facts: TypeFacts) {
  const { returns, bodies = {}, refs = [] } = facts.subResources.find((candidate) => candidate.name === resource) ?? {};
  if (returns === undefined) throw new Error(`the catalogue knows no "${resource}" of ${facts.type}`);
  return { returns, bodies, refs };
}

function itemShape(part: ListPart, facts: TypeFacts): Shape {
  const ref: Shape = { kind: 'ref', ref: { at: part.at, to: [part.to], optional: false, form: 'object', mayBeAll: false } };
  if (part.field === undefined) return ref;
  const model = itemModel(part, facts);
  const place = (name: string, form: 'same' | 'id') => ({ create: { name, form }, update: { name, form } }) as const;
  const values = Object.keys(part.values ?? {}).map(
    (name) => [name, { shape: { kind: 'leaf', model: modelOf(model?.[name]) ?? {} }, ...place(name, 'same') }] as const,
  );
  const fields = new Map<string, Field>([[part.field, { shape: ref, ...place('id', 'id') }], ...values]);
  return {
    kind: 'object',
    fields,
    owned: new Set(),
    carried: new Set(),
    required: new Set([part.field, ...Object.entries(part.values ?? {}).flatMap(([name, value]) => (value === undefined ? [name] : []))]),
  };
}

function itemModel(part: ListPart, facts: TypeFacts) {
  const resource = facts.subResources.find((candidate) => candidate.name === part.resource);
  if (resource === undefined) throw new Error(`the catalogue knows no "${part.resource}" of ${facts.type}`);
  return modelOf(modelOf(modelOf(resource.returns)?.properties?.['entities'])?.items)?.properties;
}

function recordingShape(): Shape {
  const place = (name: string) => ({ create: { name, form: 'same' }, update: { name, form: 'same' } }) as const;
  const text = (name: string) => [name, { shape: { kind: 'leaf', model: { type: 'string' } }, ...place(name) }] as const;
  const tags: Shape = { kind: 'map', values: { kind: 'list', items: { kind: 'leaf', model: { type: 'string' } }, isUnique: false } };
  const audio: Field = { shape: { kind: 'asset', form: 'bytes' }, create: undefined, update: undefined };
  const fields = new Map<string, Field>([text('language'), text('text'), text('ttsString'), ['tags', { shape: tags, ...place('tags') }], ['audio', audio]]);
  return { kind: 'object', fields, owned: new Set(), carried: new Set(), required: new Set(['language']) };
}
