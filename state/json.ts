import { isInteger, parse } from 'lossless-json';
import { isList, isMap, makeMap, type Value } from './value.ts';

/** JSON text as a value: integers beyond 2^53 exact (bigint), maps without a prototype. Throws `SyntaxError` as `JSON.parse` does. */
export function parseJson(text: string): Value {
  const parsed: unknown = /\d{16}/.test(text) ? parse(text, null, { parseNumber: exactNumber }) : JSON.parse(text);
  return withoutPrototypes(parsed as Value);
}

function exactNumber(text: string): number | bigint {
  const number = Number(text);
  return isInteger(text) && !Number.isSafeInteger(number) ? BigInt(text) : number;
}

function withoutPrototypes(value: Value): Value {
  if (isList(value)) return value.map(withoutPrototypes);
  return isMap(value) ? makeMap(Object.entries(value).map(([key, item]) => [key, withoutPrototypes(item)])) : value;
}
