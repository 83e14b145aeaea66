import { parseJson as parseExact } from '../../state/json.ts';

/** What travels over the wire. Stored values are never changed in place. Integers beyond 2^53 are bigint, so that no digit is lost. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonMap;
export interface JsonMap {
  readonly [key: string]: Json | undefined;
}

export function isJsonMap(value: Json | undefined): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isJsonList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** Throws `SyntaxError` on text that is no JSON. */
export function parseJson(text: string): Json {
  return /\d{16}/.test(text) ? parseExact(text) : (JSON.parse(text) as Json);
}

const INTEGER_MARK = '\u{e000}integer:';

export function jsonText(value: Json): string {
  try {
    return JSON.stringify(value);
  } catch {
    const text = JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? `${INTEGER_MARK}${item}` : item));
    return text.replace(new RegExp(`"${INTEGER_MARK}(-?\\d+)"`, 'g'), '$1');
  }
}

/** The value at a dotted path through maps: `type.name`. */
export function valueAt(body: Json | undefined, path: string): Json | undefined {
  let value: Json | undefined = body;
  for (const step of path.split('.')) {
    if (!isJsonMap(value)) return undefined;
    value = value[step];
  }
  return value;
}

/** A copy of `body` with one value at a dotted path; undefined takes it out. */
export function withValueAt(body: JsonMap, path: string, value: Json | undefined): JsonMap {
  const [step = '', ...rest] = path.split('.');
  const inner = body[step];
  const changed = rest.length === 0 ? value : withValueAt(isJsonMap(inner) ? inner : {}, rest.join('.'), value);
  return Object.fromEntries([...Object.entries(body).filter(([name]) => name !== step), ...(changed === undefined ? [] : [[step, changed] as const])]);
}

/** Every string found at a reference path of the catalogue: `a.b[].id`, `a{}.id`, `ids[]`. */
export function stringsAt(body: Json | undefined, steps: readonly string[], from = 0): readonly string[] {
  if (body === undefined || body === null) return [];
  const step = steps[from];
  if (step === undefined) return typeof body === 'string' ? [body] : [];
  if (step === '[]') return isJsonList(body) ? body.flatMap((item) => stringsAt(item, steps, from + 1)) : [];
  if (step === '{}') return isJsonMap(body) ? Object.values(body).flatMap((item) => stringsAt(item, steps, from + 1)) : [];
  return isJsonMap(body) ? stringsAt(body[step], steps, from + 1) : [];
}

/** `a.b[].id` as steps: a, b, [], id. */
export function pathSteps(path: string): readonly string[] {
  return path
    .replace(/\[\]/g, '.[]')
    .replace(/\{\}/g, '.{}')
    .split('.')
    .filter((step) => step !== '');
}

/** A copy of `body` in which every map that holds the last step of a reference path has gone through `change`. */
export function mapHolders(body: Json | undefined, steps: readonly string[], change: (holder: JsonMap) => JsonMap, from = 0): Json | undefined {
  const step = steps[from];
  if (body === undefined || body === null || step === undefined) return body;
  if (step === '[]') return isJsonList(body) ? body.map((item) => mapHolders(item, steps, change, from + 1) ?? null) : body;
  if (!isJsonMap(body)) return body;
  if (step === '{}') return Object.fromEntries(Object.entries(body).map(([name, item]) => [name, mapHolders(item, steps, change, from + 1)]));
  if (from === steps.length - 1) return body[step] === undefined ? body : change(body);
  return body[step] === undefined ? body : { ...body, [step]: mapHolders(body[step], steps, change, from + 1) };
}

/** Maps merged key by key, the second one's other values winning; lists are taken whole. */
export function mergeDeep(under: JsonMap, over: JsonMap): JsonMap {
  const merged = Object.entries(over).map(([name, value]) => {
    const below = under[name];
    return [name, isJsonMap(value) && isJsonMap(below) ? mergeDeep(below, value) : value] as const;
  });
  return { ...under, ...Object.fromEntries(merged) };
}
