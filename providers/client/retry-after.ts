/**
 * Milliseconds that a `Retry-After` header asks for, in seconds or as an HTTP date (read against the server's own `Date`, so that a wrong
 * clock here does no harm). Undefined where there is none, or nonsense: negative, in the past, not a date.
 */
export function retryAfter(headers: Readonly<Record<string, string>>, now: number): number | undefined {
  const text = headers['retry-after']?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Math.min(Number(text) * 1_000, Number.MAX_SAFE_INTEGER);
  const until = httpDate(text);
  if (until === undefined) return undefined;
  const wait = until - (httpDate(headers['date']) ?? now);
  return wait > 0 ? wait : undefined;
}

/** `Sun, 06 Nov 1994 08:49:37 GMT`, and nothing that `Date.parse` would guess at. */
function httpDate(text: string | undefined): number | undefined {
  if (text === undefined || !/^[A-Za-z]{3,9}, \d{2}[ -][A-Za-z]{3}[ -]\d{2,4} \d{2}:\d{2}:\d{2} GMT$/.test(text.trim())) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}
