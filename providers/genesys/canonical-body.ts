import type { Address } from '../../state/address.ts';
import { makePointer, type Pointer } from '../../state/pointer.ts';
import { escapeDollars, escapeText, textRef } from '../../state/text-refs.ts';
import { directive, escapeLiteral, isList, isMap, makeMap, type Value, type ValueMap } from '../../state/value.ts';
import type { Shape, WireRef } from './wire-shape.ts';

/** What an id of an org is called in a document: `$ref` for a resource that was read, `$external` for one outside of what was; inside a text both are `${ref:...}`. */
export interface Named {
  readonly name: '$ref' | '$external';
  readonly address: Address;
}

/** What reading a body needs from outside of it. */
export interface BodyContext {
  /** The name of an id that is a reference to one of these types; undefined where it is not known. */
  readonly refName: (types: readonly string[], id: string) => Named | undefined;
  /** The name of an id found in a text, of whatever type. */
  readonly idName: (id: string) => Named | undefined;
  /** The name of the secret that stands for a write-only value. */
  readonly secretName: (pointer: Pointer) => string;
  /** Told of each id that has no name; it stays as it is. */
  readonly unnamed: (miss: Miss) => void;
}

export interface Miss {
  readonly pointer: Pointer;
  readonly id: string;
  /** Types that the id may be of; empty for an id in a text. */
  readonly types: readonly string[];
}

const IN_TEXT = /(\$*)([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/gi;
const ONLY_GUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * The API's object as a canonical body: the server's fields and the key's are left out, ids are directives, literals are escaped. A
 * field that the models do not know is kept word for word; `null` in a known field is the API's spelling of `unset`.
 */
export function canonicalBody(raw: ValueMap, shape: Shape, context: BodyContext): ValueMap {
  const body = read(raw, shape, '', context);
  return isMap(body) ? body : makeMap([]);
}

function read(value: Value, shape: Shape, at: Pointer, context: BodyContext): Value | undefined {
  switch (shape.kind) {
    case 'ref':
      return readRef(value, shape.ref, at, context);
    case 'secret':
      return directive('$secret', context.secretName(at));
    case 'asset':
      return shape.form === 'bytes' ? value : tree(value, at, context);
    case 'object':
      return isMap(value) ? readObject(value, shape, at, context) : literal(value, at, context);
    case 'list':
      return isList(value) ? value.flatMap((item, index) => some(read(item, shape.items, `${at}/${index}`, context))) : literal(value, at, context);
    case 'map':
      return isMap(value) ? readMap(value, shape, at, context) : literal(value, at, context);
    default:
      return literal(value, at, context);
  }
}

function some(value: Value | undefined): readonly Value[] {
  return value === undefined ? [] : [value];
}

function readObject(value: ValueMap, shape: Extract<Shape, { kind: 'object' }>, at: Pointer, context: BodyContext): ValueMap {
  const entries: [string, Value][] = [];
  for (const [name, item] of Object.entries(value)) {
    if (shape.owned.has(name) || name === 'selfUri') continue;
    const field = shape.fields.get(name);
    if (field !== undefined && item === null) continue;
    const pointer = `${at}${makePointer([name])}`;
    const next = field === undefined ? literal(item, pointer, context) : read(item, field.shape, pointer, context);
    if (next !== undefined) entries.push([field === undefined ? namedText(name, at, context) : name, next]);
  }
  return makeMap(entries);
}

function readMap(value: ValueMap, shape: Extract<Shape, { kind: 'map' }>, at: Pointer, context: BodyContext): ValueMap {
  const entries = Object.entries(value).flatMap(([key, item]) => {
    const next = read(item, shape.values, `${at}${makePointer([key])}`, context);
    return next === undefined ? [] : [[shape.keys === undefined ? namedText(key, at, context) : keyText(key, shape.keys, at, context), next] as const];
  });
  return makeMap(entries);
}

/** A reference as a key of a map stands there in its in-string form. */
function keyText(id: string, ref: WireRef, at: Pointer, context: BodyContext): string {
  const named = context.refName(ref.to, id);
  if (named === undefined) context.unnamed({ pointer: `${at}${makePointer([id])}`, id, types: ref.to });
  return named === undefined ? escapeText(id) : textRef(named.address);
}

function readRef(value: Value, ref: WireRef, at: Pointer, context: BodyContext): Value | undefined {
  const id = isMap(value) ? value['id'] : value;
  if (typeof id !== 'string' || id === '') return undefined;
  if (id === '*' && ref.mayBeAll) return '*';
  const types = targets(ref, value);
  const named = context.refName(types, id);
  if (named !== undefined) return directive(named.name, named.address);
  context.unnamed({ pointer: at, id, types });
  return id;
}

/** The types that a reference may be of, fewer where the object itself says which. */
function targets(ref: WireRef, value: Value): readonly string[] {
  const word = ref.kinds !== undefined && isMap(value) ? value[ref.kinds.field] : undefined;
  const told = Object.entries(ref.kinds?.words ?? {}).filter(([, each]) => each === word);
  return told.length === 0 ? ref.to : told.map(([type]) => type);
}

/** A value that the models say nothing of: only ids in it become directives. */
function literal(value: Value, at: Pointer, context: BodyContext): Value {
  if (typeof value === 'string') return literalText(value, at, context);
  if (isList(value)) return value.map((item, index) => literal(item, `${at}/${index}`, context));
  if (!isMap(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => [namedText(key, at, context), literal(item, `${at}${makePointer([key])}`, context)] as const);
  const [only] = entries;
  const isLookAlike = entries.length === 1 && only?.[0].startsWith('$') === true;
  return isLookAlike ? makeMap([[escapedKey(only[0]), only[1]]]) : makeMap(entries);
}

/** Content in a notation of its own: no directive stands in it but the in-string form, so that its own tools still read it. */
function tree(value: Value, at: Pointer, context: BodyContext): Value {
  if (typeof value === 'string') return namedText(value, at, context);
  if (isList(value)) return value.map((item, index) => tree(item, `${at}/${index}`, context));
  if (!isMap(value)) return value;
  return makeMap(Object.entries(value).map(([key, item]) => [namedText(key, at, context), tree(item, `${at}${makePointer([key])}`, context)]));
}

function escapedKey(key: string): string {
  return Object.keys(escapeLiteral(makeMap([[key, null]])) as ValueMap)[0] ?? key;
}

function literalText(text: string, at: Pointer, context: BodyContext): Value {
  const named = ONLY_GUID.test(text) ? context.idName(text) : undefined;
  return named === undefined ? namedText(text, at, context) : directive(named.name, named.address);
}

/** A text of the org with the ids in it named, and everything else so written that it is read back as it was. */
function namedText(text: string, at: Pointer, context: BodyContext): string {
  const escaped = escapeText(text);
  if (!escaped.includes('-')) return escaped;
  return escaped.replace(IN_TEXT, (whole, dollars: string, id: string) => {
    const named = context.idName(id);
    if (named !== undefined) return `${escapeDollars(dollars)}${textRef(named.address)}`;
    context.unnamed({ pointer: at, id, types: [] });
    return whole;
  });
}
