import { type Address, parseAddress, typeOf } from '../../state/address.ts';
import { walk } from '../../state/pointer.ts';
import { plainText, refsInText } from '../../state/text-refs.ts';
import { asDirective, isList, isMap, makeMap, unescapeLiteral, type Value, type ValueMap } from '../../state/value.ts';
import { OrgFailure } from '../contract.ts';
import type { Field, Shape, WireRef } from './wire-shape.ts';

/** What writing a body needs from outside of it. Each throws `OrgFailure('refused')` where it has no answer. */
export interface RequestContext {
  readonly idOf: (address: Address) => string;
  readonly secret: (name: string) => string;
}

/** Every address that a canonical value points at: directives, map keys and texts. */
export function addressesIn(value: Value): ReadonlySet<Address> {
  const found = new Set<Address>();
  const add = (text: string | undefined) => {
    const address = text === undefined ? undefined : parseAddress(text);
    if (address !== undefined) found.add(address);
  };
  const inText = (text: string) => {
    for (const address of refsInText(text)) add(address);
  };
  for (const { value: at } of walk(value)) {
    const told = asDirective(at);
    if (told?.name === '$ref' || told?.name === '$external') add(told.value);
    else if (typeof at === 'string') inText(at);
    else if (isMap(at)) for (const key of Object.keys(at)) inText(key);
  }
  return found;
}

/** A canonical body as the API's request takes it: directives are ids and values, literals as they are in the org, fields where this request has them. */
export function requestBody(body: ValueMap, shape: Shape, operation: 'create' | 'update', context: RequestContext): ValueMap {
  const value = write(body, shape, operation, context);
  return isMap(value) ? value : makeMap([]);
}

/** One canonical value as the API takes it. */
export function write(value: Value, shape: Shape, operation: 'create' | 'update', context: RequestContext): Value {
  if (value === null) return null;
  if (shape.kind === 'ref') return writeRef(value, shape.ref, shape.ref.form === 'object' ? 'object' : 'id', context);
  if (shape.kind === 'secret') return secretOf(value, context);
  if (asDirective(value) !== undefined) return literalOf(value, context);
  if (shape.kind === 'object' && isMap(value)) return writeObject(value, shape, operation, context);
  if (shape.kind === 'list' && isList(value)) return value.map((item) => write(item, shape.items, operation, context));
  if (shape.kind === 'map' && isMap(value)) {
    return makeMap(Object.entries(value).map(([key, item]) => [textOf(key, context), write(item, shape.values, operation, context)]));
  }
  return literalOf(value, context);
}

function writeObject(value: ValueMap, shape: Extract<Shape, { kind: 'object' }>, operation: 'create' | 'update', context: RequestContext): ValueMap {
  const entries = Object.entries(value).flatMap(([name, item]) => {
    const field = shape.fields.get(name);
    if (field === undefined) return [[textOf(name, context), literalOf(item, context)] as const];
    const place = field[operation];
    return place === undefined ? [] : [[place.name, fieldValue(item, field, place.form, operation, context)] as const];
  });
  return makeMap(entries);
}

function fieldValue(value: Value, field: Field, form: 'same' | 'object' | 'id', operation: 'create' | 'update', context: RequestContext): Value {
  if (form === 'same' || value === null || field.shape.kind !== 'ref') return write(value, field.shape, operation, context);
  return writeRef(value, field.shape.ref, form, context);
}

function writeRef(value: Value, ref: WireRef, form: 'object' | 'id', context: RequestContext): Value {
  const told = asDirective(value);
  const id = literalOf(value, context);
  if (form === 'id') return id;
  const address = told === undefined ? undefined : parseAddress(told.value);
  const word = address === undefined ? undefined : ref.kinds?.words[typeOf(address)];
  return ref.kinds === undefined || word === undefined
    ? makeMap([['id', id]])
    : makeMap([
        ['id', id],
        [ref.kinds.field, word],
      ]);
}

function secretOf(value: Value, context: RequestContext): Value {
  const told = asDirective(value);
  return told?.name === '$secret' ? context.secret(told.value) : literalOf(value, context);
}

/** Directives resolved and literals unescaped, whatever the value is. */
export function literalOf(value: Value, context: RequestContext): Value {
  if (typeof value === 'string') return textOf(value, context);
  if (isList(value)) return value.map((item) => literalOf(item, context));
  if (!isMap(value)) return value;
  const told = asDirective(value);
  if (told !== undefined) return directiveValue(told.name, told.value, context);
  const entries = Object.entries(value);
  const [only] = entries;
  if (entries.length === 1 && only !== undefined && only[0].startsWith('$$')) {
    const plain = Object.keys(unescapeLiteral(makeMap([[only[0], null]])) as ValueMap)[0] ?? only[0];
    return makeMap([[plain, literalOf(only[1], context)]]);
  }
  return makeMap(entries.map(([key, item]) => [textOf(key, context), literalOf(item, context)]));
}

function directiveValue(name: string, argument: string, context: RequestContext): Value {
  switch (name) {
    case '$ref':
    case '$external':
      return context.idOf(addressOf(argument));
    case '$secret':
      // What everybody can read again would stand in the next export in clear text.
      throw new OrgFailure('refused', `the secret "${argument}" would be written to a field that anybody may read; only a write-only field takes one`);
    default:
      throw new OrgFailure('refused', `"${name}: ${argument}" has no value here; it has to be resolved before the org is written to`);
  }
}

/** A reference inside a text becomes an id; a literal that looks like one is again what it was. */
function textOf(text: string, context: RequestContext): string {
  return plainText(text, (address) => context.idOf(addressOf(address)));
}

function addressOf(text: string): Address {
  const address = parseAddress(text);
  if (address === undefined) throw new OrgFailure('refused', `"${text}" is no address; write it as type/key`);
  return address;
}
