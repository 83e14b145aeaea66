import { parseJson } from '../../state/json.ts';
import type { Value } from '../../state/value.ts';

/** A body read as JSON, or why it is none. */
export type BodyReading = { readonly kind: 'json'; readonly value: Value } | { readonly kind: 'empty' } | { readonly kind: 'wrong'; readonly why: string };

/** Reads an answer's body as JSON without trusting it: HTML, cut-off text, bytes that are not UTF-8 and numbers beyond any number are `wrong`. */
export function readBody(answer: { readonly headers: Readonly<Record<string, string>>; readonly bytes: Uint8Array }): BodyReading {
  if (answer.bytes.length === 0) return { kind: 'empty' };
  const type = answer.headers['content-type'] ?? '';
  if (/\b(html|xhtml)\b/i.test(type)) return { kind: 'wrong', why: `${type.split(';')[0]} instead of JSON; a proxy or a login page may stand between` };
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(answer.bytes);
    if (/^\s*<(!doctype|html)/i.test(text)) return { kind: 'wrong', why: 'HTML instead of JSON; a proxy or a login page may stand between' };
    if (/\d[eE]\+?\d{3}|\d{309}/.test(text)) assertFinite(text);
    return { kind: 'json', value: parseJson(text) };
  } catch (failure) {
    return {
      kind: 'wrong',
      why: failure instanceof RangeError ? 'JSON that is nested too deep or holds a number beyond all bounds' : 'JSON that is cut off or damaged',
    };
  }
}

/** `JSON.parse` reads 1e400 as Infinity, which no JSON can say again. */
function assertFinite(text: string): void {
  JSON.parse(text, (_, value: unknown) => {
    if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) throw new RangeError('a number beyond all bounds');
    return value;
  });
}
