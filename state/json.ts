import { emptyMap, isList, isMap, type Value } from './value.ts';

/**
 * JSON text as a value: integers beyond 2^53 exact (bigint), maps without a prototype. Throws `SyntaxError` as `JSON.parse` does.
 * Own code, because the libraries for exact numbers lose a key named `__proto__`.
 */
export function parseJson(text: string): Value {
  if (!/\d{16}/.test(text)) return plain(JSON.parse(text) as Value, undefined);
  const mark = freeMark(text);
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) => (isBigInteger(token) ? `"${mark}${token}"` : token));
  return plain(JSON.parse(marked) as Value, mark);
}

function isBigInteger(token: string): boolean {
  return /^-?\d{16,}$/.test(token) && String(Number(token)) !== token;
}

/** A word that the text does not hold, so that no string of the text can be taken for one of our marks. */
function freeMark(text: string): string {
  let count = 0;
  while (text.includes(`int${count}:`)) count += 1;
  return `int${count}:`;
}

function plain(value: Value, mark: string | undefined): Value {
  if (typeof value === 'string') return mark !== undefined && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value;
  if (isList(value)) return value.map((item) => plain(item, mark));
  if (!isMap(value)) return value;
  const map = emptyMap();
  for (const key of Object.keys(value)) map[key] = plain(value[key] as Value, mark);
  return map;
}
