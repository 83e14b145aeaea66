import type { Pattern } from '../../state/pointer.ts';
import { findFacts, type Model, modelOf, type RefFact, type TypeFacts, toPattern } from './facts.ts';

/** How one reference stands in the API's bodies. */
export interface WireRef {
  readonly at: Pattern;
  readonly to: readonly string[];
  readonly optional: boolean;
  /** `object`: `{ id }` beside names that are not configuration; `id`: the bare id; `keys`: the keys of a map. */
  readonly form: 'object' | 'id' | 'keys';
  /** Where one reference may point at several types: the word that the body holds for each. */
  readonly kinds?: { readonly field: string; readonly words: Readonly<Record<string, string>> };
  /** A division may be all divisions: `*`. */
  readonly mayBeAll: boolean;
}

/** Where a field goes in a request; undefined where that request does not take it. */
interface WireField {
  readonly name: string;
  readonly form: 'same' | 'object' | 'id';
}

export interface Field {
  readonly shape: Shape;
  readonly create: WireField | undefined;
  readonly update: WireField | undefined;
}

/**
 * The API's bodies of one type, told apart for each field: ours, a reference, the server's. Everything that turns a raw object into a
 * document and back, and the schema of the document, follows this one tree.
 */
export type Shape =
  | {
      readonly kind: 'object';
      readonly fields: ReadonlyMap<string, Field>;
      readonly owned: ReadonlySet<string>;
      /** Of the owned ones those that a replacing update would clear if it left them out: configuration that is not ours. */
      readonly carried: ReadonlySet<string>;
      readonly required: ReadonlySet<string>;
      /** The user's own fields beside those that are named; none of them is unknown. */
      readonly isOpen?: boolean;
    }
  | { readonly kind: 'list'; readonly items: Shape; readonly isUnique: boolean }
  | { readonly kind: 'map'; readonly values: Shape; readonly keys?: WireRef }
  | { readonly kind: 'ref'; readonly ref: WireRef }
  | { readonly kind: 'leaf'; readonly model: Model }
  /** A write-only value: in a document the name of a secret. */
  | { readonly kind: 'secret' }
  /** The content of a file beside the document, in canonical form from the start. */
  | { readonly kind: 'asset'; readonly form: 'bytes' | 'tree' }
  | { readonly kind: 'free' };

interface ShapeInput {
  readonly facts: TypeFacts;
  /** Fields that the API would take and that are not configuration of this type. */
  readonly owned: readonly Pattern[];
  /** Only these fields are configuration, where the API's model is mostly state. */
  readonly only: readonly Pattern[] | undefined;
  /** Fields kept word for word, whatever the model says of their inside. */
  readonly free: readonly Pattern[];
  readonly keyFields: readonly Pattern[];
}

interface Models {
  readonly read: Model | undefined;
  readonly create: Model | undefined;
  readonly update: Model | undefined;
}

const FREE: Shape = { kind: 'free' };

/**
 * The references of a type by their place in a canonical body, from the catalogue; by-number and write-only ones are none. What is no type of
 * the catalogue (the type of an integration) belongs to no org: its id is the vendor's word, the same everywhere, and stays as it is.
 */
export function wireRefs(facts: TypeFacts): readonly WireRef[] {
  const isTold = ({ to, oneOf = [] }: RefFact) => [to ?? [], oneOf].flat().some((type) => findFacts(type) !== undefined);
  const readable = facts.refs.filter((fact) => fact.in !== 'write' && fact.by === undefined && isTold(fact));
  return readable.map((fact) => wireRef(fact, readModel(facts)));
}

function wireRef(fact: RefFact, model: Model | undefined): WireRef {
  const to = fact.oneOf ?? (fact.to === undefined ? [] : [fact.to]);
  const isObject = fact.path.endsWith('.id');
  const form = isObject ? 'object' : fact.path.endsWith('{}') ? 'keys' : 'id';
  const at = toPattern(isObject ? fact.path.slice(0, -'.id'.length) : form === 'keys' ? fact.path.slice(0, -'{}'.length) : fact.path);
  const kinds = kindWords(fact, to);
  const target = model?.properties?.[at.slice(1)]?.$ref ?? '';
  const common = { at, to, optional: fact.optional !== false, form, mayBeAll: target.includes('Starrable') } as const;
  return kinds === undefined ? common : { ...common, kinds };
}

/** `type: GROUP | SKILLGROUP | TEAM` names a word for each target, in the targets' order. */
function kindWords(fact: RefFact, to: readonly string[]): WireRef['kinds'] {
  const [path, words] = fact.when?.split(':') ?? [];
  const list = words?.split('|').map((word) => word.trim()) ?? [];
  const field = path?.split('.').at(-1)?.replace('[]', '');
  if (field === undefined || list.length !== to.length || to.length < 2) return undefined;
  return { field, words: Object.fromEntries(to.map((type, index) => [type, list[index] ?? ''])) };
}

function readModel(facts: TypeFacts): Model | undefined {
  return modelOf(facts.get?.returns ?? facts.model ?? undefined);
}

export function makeShape(input: ShapeInput): Shape {
  const { facts } = input;
  const models: Models = { read: readModel(facts), create: modelOf(facts.create?.body), update: modelOf(facts.update?.body) };
  if (models.read?.properties === undefined) return FREE;
  const version = facts.versionPath === undefined ? [] : [facts.versionPath];
  const server = [...facts.readOnlyFields, ...(facts.serverSetFields ?? []), ...version].map(toPattern);
  const theirs = new Set([...server, ...input.keyFields]);
  const owned = new Set([...theirs, ...input.owned]);
  const refs = new Map(wireRefs(facts).map((ref) => [ref.at, ref]));
  const secrets = new Set(facts.secretFields.map(toPattern));
  return shapeAt({ ...input, owned, theirs, refs, secrets }, models, '', []);
}

interface PartInput {
  readonly at: Pattern;
  readonly read: Model | undefined;
  readonly update: Model | undefined;
  readonly refs: readonly Omit<RefFact, 'in'>[];
  /** Fields that are the part's lock and the key. */
  readonly owned: readonly string[];
}

/** The shape of an object that a call of its own replaces whole. A document may leave out what the API requires: it is empty then. */
export function makePartShape({ at, read, update, refs, owned }: PartInput): Shape {
  const wire = refs.map((fact) => wireRef({ ...fact, in: 'both' }, read));
  const theirs = new Set(owned.map((name) => `${at}/${name}`));
  const shape = shapeAt(
    {
      facts: NO_FACTS,
      only: undefined,
      free: [],
      keyFields: [],
      owned: theirs,
      theirs,
      secrets: new Set(),
      refs: new Map(wire.map((ref) => [`${at}${ref.at}`, { ...ref, at: `${at}${ref.at}` }])),
    },
    { read, create: undefined, update },
    at,
    [],
  );
  return shape.kind === 'object' ? { ...shape, required: new Set() } : shape;
}

const NO_FACTS = { secretFields: [] as readonly string[] };

interface Compile extends Omit<ShapeInput, 'owned' | 'facts'> {
  readonly facts: Pick<TypeFacts, 'secretFields'>;
  readonly owned: ReadonlySet<Pattern>;
  /** What the server alone says, and the key. */
  readonly theirs: ReadonlySet<Pattern>;
  readonly secrets: ReadonlySet<Pattern>;
  readonly refs: ReadonlyMap<Pattern, WireRef>;
}

function shapeAt(compile: Compile, models: Models, at: Pattern, above: readonly Model[]): Shape {
  const ref = compile.refs.get(at);
  if (ref !== undefined && ref.form !== 'keys') return { kind: 'ref', ref };
  if (compile.secrets.has(at)) return { kind: 'secret' };
  const model = modelOf(models.update) ?? modelOf(models.create) ?? modelOf(models.read);
  if (model === undefined || above.includes(model) || compile.free.includes(at)) return FREE;
  // A model inside of itself (a route that answers with a route) is kept word for word from there on.
  const within = model.properties === undefined ? above : [...above, model];
  if (model.type === 'array')
    return { kind: 'list', items: shapeAt(compile, eachModel(models, itemsOf), `${at}/*`, within), isUnique: model.uniqueItems === true };
  if (model.properties !== undefined) return objectAt(compile, models, at, within);
  if (model.type !== 'object') return { kind: 'leaf', model };
  if (typeof model.additionalProperties !== 'object') return openAt(compile, at);
  const values = shapeAt(compile, eachModel(models, valuesOf), `${at}/*`, within);
  return ref === undefined ? { kind: 'map', values } : { kind: 'map', values, keys: ref };
}

/** An object without a model, in which some fields are known to hold references (the properties of an integration). */
function openAt({ refs }: Compile, at: Pattern): Shape {
  const fields = new Map<string, Field>();
  for (const [pattern, ref] of refs) {
    const [name, item, ...more] = pattern.startsWith(`${at}/`) ? pattern.slice(at.length + 1).split('/') : [];
    if (name === undefined || more.length > 0) continue;
    const one: Shape = { kind: 'ref', ref };
    const place: WireField = { name, form: 'same' };
    fields.set(name, { shape: item === undefined ? one : { kind: 'list', items: one, isUnique: false }, create: place, update: place });
  }
  return fields.size === 0 ? FREE : { kind: 'object', fields, owned: new Set(), carried: new Set(), required: new Set(), isOpen: true };
}

function objectAt(compile: Compile, models: Models, at: Pattern, above: readonly Model[]): Shape {
  const [read, create, update] = [modelOf(models.read), modelOf(models.create), modelOf(models.update)];
  const names = new Set([read, create, update].flatMap((model) => Object.keys(model?.properties ?? {})));
  const fields = new Map<string, Field>();
  for (const name of names) {
    const field = fieldAt(compile, { read, create, update }, at, name, above);
    if (field !== undefined) fields.set(name, field);
  }
  const owned = new Set([...names].filter((name) => !fields.has(name)));
  const isCarried = (name: string) =>
    name !== 'selfUri' &&
    name !== 'id' &&
    !compile.theirs.has(`${at}/${name}`) &&
    isTaken(update, name) &&
    read?.properties?.[name] !== undefined &&
    // Of an object that is mostly state (versions, locks) only plain values are somebody's configuration.
    (compile.only === undefined || isPlain(update?.properties?.[name]));
  return { kind: 'object', fields, owned, carried: new Set([...owned].filter(isCarried)), required: new Set((create ?? update)?.required ?? []) };
}

/** The field, where it is configuration: a request takes it, and nothing says that it is the server's. */
function fieldAt(compile: Compile, models: Models, at: Pattern, name: string, above: readonly Model[]): Field | undefined {
  const pointer = `${at}/${name}`;
  if (compile.owned.has(pointer) || pointer === '/id' || name === 'selfUri') return undefined;
  if (at === '' && compile.only !== undefined && !compile.only.includes(pointer)) return undefined;
  const isRef = compile.refs.get(pointer)?.form === 'object';
  const create = wireField(models.create, name, isRef);
  const update = wireField(models.update, name, isRef);
  if (create === undefined && update === undefined) return undefined;
  // Only ever written: a password is a secret and kept, an instruction such as `copy from` is no configuration, an id beside its object is the object.
  if (models.read !== undefined && models.read.properties?.[name] === undefined && !compile.facts.secretFields.includes(name)) return undefined;
  const inner = eachModel(models, (model) => model.properties?.[name]);
  const shape = shapeAt(compile, isRef ? { ...inner, create: undefined, update: undefined } : inner, pointer, above);
  const isEmpty = shape.kind === 'object' && shape.fields.size === 0;
  return isEmpty ? undefined : { shape, create, update };
}

function isPlain(model: Model | undefined): boolean {
  return ['string', 'boolean', 'integer', 'number'].includes(modelOf(model)?.type ?? '');
}

function isTaken(model: Model | undefined, name: string): boolean {
  const found = model?.properties?.[name];
  return found !== undefined && found.readOnly !== true;
}

/** Where a request takes a field: under its name, or, for a reference, as an id under its name or under `<name>Id`. */
function wireField(model: Model | undefined, name: string, isRef: boolean): WireField | undefined {
  const under = (field: string) => (isTaken(model, field) ? model?.properties?.[field] : undefined);
  const plain = under(name);
  if (!isRef) return plain === undefined ? undefined : { name, form: 'same' };
  if (plain !== undefined) return { name, form: modelOf(plain)?.type === 'string' ? 'id' : 'object' };
  return under(`${name}Id`) === undefined ? undefined : { name: `${name}Id`, form: 'id' };
}

function eachModel(models: Models, pick: (model: Model) => Model | undefined): Models {
  const of = (model: Model | undefined) => {
    const resolved = modelOf(model);
    return resolved === undefined ? undefined : pick(resolved);
  };
  return { read: of(models.read), create: of(models.create), update: of(models.update) };
}

const itemsOf = (model: Model): Model | undefined => model.items;
const valuesOf = (model: Model): Model | undefined => (typeof model.additionalProperties === 'object' ? model.additionalProperties : undefined);

/** Patterns of the lists that the models call sets. */
export function uniqueLists(shape: Shape, at: Pattern = ''): Pattern[] {
  if (shape.kind === 'list') return [...(shape.isUnique ? [at] : []), ...uniqueLists(shape.items, `${at}/*`)];
  if (shape.kind === 'map') return uniqueLists(shape.values, `${at}/*`);
  return shape.kind === 'object' ? [...shape.fields].flatMap(([name, field]) => uniqueLists(field.shape, `${at}/${name}`)) : [];
}

/** Whether the models say what stands at a place of a canonical body; of what is the user's own they say that it may be anything. */
export function isKnown(shape: Shape, [head, ...rest]: readonly string[]): boolean {
  if (head === undefined) return true;
  if (shape.kind === 'list') return isKnown(shape.items, rest);
  if (shape.kind === 'map') return isKnown(shape.values, rest);
  if (shape.kind !== 'object') return true;
  const field = shape.fields.get(head);
  return field === undefined ? shape.isOpen === true : isKnown(field.shape, rest);
}

/** Whether a place of a canonical body is one that requests leave out, because the org says what stands there. */
export function isOwned(shape: Shape, [head, ...rest]: readonly string[]): boolean {
  if (head === undefined) return false;
  if (shape.kind === 'list') return isOwned(shape.items, rest);
  if (shape.kind === 'map') return isOwned(shape.values, rest);
  if (shape.kind !== 'object') return false;
  const field = shape.fields.get(head);
  return field === undefined ? shape.owned.has(head) || head === 'selfUri' : isOwned(field.shape, rest);
}
