/**
 * Text of an org or of a file, made safe for a terminal, a log and a pull request: control characters, what reorders or hides
 * text (bidi marks, zero-width spaces, tags) and lone surrogates are written as `\u{...}`. Every renderer passes every name and
 * value through here, so that what a person sees is what is there.
 */
export function escapeText(text: string): string {
  return text.replace(HOSTILE, (character) => SHORT[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Controls, line and paragraph separators, surrogates, and format characters but the joiners that emoji and Indic scripts need. */
const HOSTILE = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Ids and digests: a short secret that happens to stand inside of one is not what anybody could read there. */
const ID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|sha256:[0-9a-f]{64}/gi;

/** Takes every known secret out of a line, whoever wrote it; ids and digests stay whole. Values shorter than four characters are no secrets. */
export function makeRedactor(): Redactor {
  const known = new Set<string>();
  return {
    add(value) {
      if (value === undefined || value.length < 4) return;
      for (const form of [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value), Buffer.from(value).toString('base64')]) known.add(form);
    },
    clean(text) {
      let clean = text;
      for (const value of known) clean = mask(clean, value);
      return clean;
    },
  };
}

export interface Redactor {
  readonly add: (value: string | undefined) => void;
  readonly clean: (text: string) => string;
}

function mask(text: string, secret: string): string {
  if (!text.includes(secret)) return text;
  const ids = [...text.matchAll(ID)].map((found) => ({ from: found.index, to: found.index + found[0].length }));
  const parts: string[] = [];
  let from = 0;
  for (let at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, from)) {
    const to = at + secret.length;
    const isInside = ids.some((id) => id.from <= at && to <= id.to && secret.length < id.to - id.from);
    parts.push(text.slice(from, at), isInside ? text.slice(at, at + 1) : '***');
    from = isInside ? at + 1 : to;
  }
  return parts.join('') + text.slice(from);
}

/** The same characters in a JSON text, where they can only stand inside strings; it stays the same JSON. */
export function escapeJson(json: string): string {
  return json.replace(HOSTILE, (character) =>
    [...Array(character.length).keys()].map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  );
}
