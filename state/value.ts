import { escapeText, plainText } from './text-refs.ts';

/**
 * Configuration values: what JSON can say, with integers beyond 2^53 as bigint so that no digit is lost.
 * Directives (`{ $ref: ... }` and the like) are plain one-key maps; a literal map that looks like one has its dollar doubled.
 */
export type Value = null | boolean | number | bigint | string | readonly Value[] | ValueMap;
export interface ValueMap {
  readonly [key: string]: Value;
}

/** The five directives. In memory `$file` names content, `sha256:<hex>`; in a file it names the asset beside the document. */
export const DIRECTIVES = ['$ref', '$secret', '$var', '$file', '$external'] as const;
export type DirectiveName = (typeof DIRECTIVES)[number];
export interface Directive {
  readonly name: DirectiveName;
  readonly value: string;
}

export function makeMap(entries: Iterable<readonly [string, Value]>): ValueMap {
  const map = emptyMap();
  for (const [key, value] of entries) map[key] = value;
  return map;
}

/**
 * A map to be filled. It has no prototype, so that a key named `__proto__` is only a key. `Object.create(null)` would give the same as a hash
 * table: 500 bytes each, and several times slower to fill and to read.
 */
export function emptyMap(): Record<string, Value> {
  return Object.setPrototypeOf({}, null);
}

export function isMap(value: Value | undefined): value is ValueMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isList(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

/** The directive that a value is, if it is one. */
export function asDirective(value: Value | undefined): Directive | undefined {
  if (!isMap(value)) return undefined;
  let only: string | undefined;
  for (const key in value) {
    if (only !== undefined || key.charCodeAt(0) !== DOLLAR) return undefined;
    only = key;
  }
  const name = DIRECTIVES.find((known) => known === only);
  const argument = name === undefined ? undefined : value[name];
  return name !== undefined && typeof argument === 'string' ? { name, value: argument } : undefined;
}

/** Most maps are told apart from directives by the first letter of their first key. */
const DOLLAR = 36;

export function directive(name: DirectiveName, value: string): ValueMap {
  return makeMap([[name, value]]);
}

/** A literal of an org, so written that it cannot be taken for a directive: one dollar more on the key of a look-alike, and every dollar before `{ref:` doubled. */
export function escapeLiteral(value: Value): Value {
  return mapLiteral(value, escapeText, (key) => `$${key}`, /^\$+(ref|secret|var|file|external|conflict)$/);
}

/** The inverse of `escapeLiteral`, for a value that holds no directive any more. */
export function unescapeLiteral(value: Value): Value {
  return mapLiteral(
    value,
    (text) => plainText(text, (address) => `\${ref:${address}}`),
    (key) => key.slice(1),
    /^\$\$+(ref|secret|var|file|external|conflict)$/,
  );
}

function mapLiteral(value: Value, text: (from: string) => string, key: (from: string) => string, lookAlike: RegExp): Value {
  if (typeof value === 'string') return value.includes('{ref:') ? text(value) : value;
  if (isList(value)) return value.map((item) => mapLiteral(item, text, key, lookAlike));
  if (!isMap(value)) return value;
  const entries = Object.entries(value);
  const isLookAlike = entries.length === 1 && lookAlike.test(entries[0]?.[0] ?? '');
  return makeMap(entries.map(([name, item]) => [isLookAlike ? key(name) : name, mapLiteral(item, text, key, lookAlike)]));
}

/** Structural equality; key order does not matter, list order does, and 1 equals 1n. */
export function sameValue(left: Value | undefined, right: Value | undefined): boolean {
  if (left === right) return true;
  if (isList(left)) return isList(right) && left.length === right.length && left.every((item, index) => sameValue(item, right[index]));
  if (isMap(left)) {
    if (!isMap(right)) return false;
    const keys = Object.keys(left);
    return keys.length === Object.keys(right).length && keys.every((key) => Object.hasOwn(right, key) && sameValue(left[key], right[key]));
  }
  const numeric = (value: Value | undefined) => typeof value === 'number' || typeof value === 'bigint';
  return numeric(left) && numeric(right) && String(left) === String(right);
}
