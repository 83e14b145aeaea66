import { hash } from 'node:crypto';
import stringify from 'fast-json-stable-stringify';
import type { Document } from './document.ts';
import { dropAt, expand, type Pointer, pointerSegments } from './pointer.ts';
import { asDirective, directive, isList, isMap, makeMap, type Value, type ValueMap } from './value.ts';

/**
 * The one spelling of a value as JSON text: keys sorted, no spaces, integers in digits however large, -0 as 0.
 * Values that `sameValue` calls equal have the same text. Throws on what JSON cannot say (NaN, infinities, undefined).
 */
export function canonicalJson(value: Value): string {
  if (!holdsBigInteger(value)) return stringify(value);
  return stringify(markNumbers(value)).replace(/"(?:[^"\\]|\\.)*"/g, (text) => {
    if (!text.startsWith('"\\u0000')) return text;
    return text.startsWith('\\u0000', 7) ? `"${text.slice(7)}` : text.slice(7, -1);
  });
}

/** `sha256:<hex>` of a text's UTF-8 bytes. */
export function hashOf(text: string): string {
  return `sha256:${hash('sha256', text)}`;
}

/**
 * Hash of what a document says about its resource: address and body. Left out, since no org can show or contradict them: the fields at
 * `without`, what the document ignores, secrets (with the maps that held nothing else), `protect` and `was`.
 */
export function hashDocument(document: Document, without: readonly Pointer[] = []): string {
  const ignored = (document.ignore ?? []).flatMap((pattern) => expand(document.body, pattern));
  const gone = [...new Set([...without, ...ignored])].sort(lastFirst);
  const body = gone.reduce<ValueMap>((left, pointer) => (pointer === '' ? makeMap([]) : dropAt(left, pointer)), document.body);
  return hashOf(
    canonicalJson(
      makeMap([
        ['address', document.address],
        ['body', comparable(body) ?? makeMap([])],
      ]),
    ),
  );
}

/** Checks every number on its way. */
function holdsBigInteger(value: Value | undefined): boolean {
  if (typeof value === 'bigint') return true;
  if (typeof value === 'number' && !Number.isFinite(value)) throw new RangeError(`${value} is no value of a configuration`);
  if (value === undefined) throw new TypeError('undefined is no value of a configuration');
  let found = false;
  if (isList(value)) for (const item of value) found = holdsBigInteger(item) || found;
  else if (isMap(value)) for (const key in value) found = holdsBigInteger(value[key]) || found;
  return found;
}

/** Marks big integers as texts that start with NUL; a real text or key that does is given one NUL more. */
function markNumbers(value: Value): Value {
  if (typeof value === 'bigint') return `\0${value}`;
  if (typeof value === 'string') return markText(value);
  if (isList(value)) return value.map(markNumbers);
  if (!isMap(value)) return value;
  return makeMap(Object.entries(value).map(([key, item]) => [markText(key), markNumbers(item)]));
}

function markText(text: string): string {
  return text.startsWith('\0') ? `\0${text}` : text;
}

/** Deleting from the back, and children before what holds them, keeps the indexes of list items before them true. */
function lastFirst(left: Pointer, right: Pointer): number {
  const [from, to] = [pointerSegments(left), pointerSegments(right)];
  const at = from.findIndex((segment, index) => segment !== to[index]);
  const [one, other] = [from[at], to[at]];
  if (at < 0 || one === undefined || other === undefined) return to.length - from.length;
  const byNumber = Number(other) - Number(one);
  return Number.isNaN(byNumber) ? (one < other ? 1 : -1) : byNumber;
}

/** Secrets go, and a ref to what is managed elsewhere is the same ref: which of the two it is says who reads, not what lives. */
function comparable(value: Value): Value | undefined {
  const told = asDirective(value);
  if (told?.name === '$secret') return undefined;
  if (told?.name === '$external') return directive('$ref', told.value);
  if (isList(value)) return value.map(comparable).filter((item) => item !== undefined);
  if (!isMap(value)) return value;
  const entries = Object.entries(value);
  const left = entries.flatMap(([key, item]) => {
    const kept = comparable(item);
    return kept === undefined ? [] : [[key, kept] as const];
  });
  return left.length === 0 && entries.length > 0 ? undefined : makeMap(left);
}
