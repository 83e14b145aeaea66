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

/** Takes every known secret out of a line, whoever wrote it. Values shorter than four characters are no secrets. */
export function makeRedactor(): Redactor {
  const known = new Set<string>();
  return {
    add(value) {
      if (value === undefined || value.length < 4) return;
      for (const form of [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value), Buffer.from(value).toString('base64')]) known.add(form);
    },
    clean(text) {
      let clean = text;
      for (const value of known) clean = clean.replaceAll(value, '***');
      return clean;
    },
  };
}

export interface Redactor {
  readonly add: (value: string | undefined) => void;
  readonly clean: (text: string) => string;
}

/** The same characters in a JSON text, where they can only stand inside strings; it stays the same JSON. */
export function escapeJson(json: string): string {
  return json.replace(HOSTILE, (character) =>
    [...Array(character.length).keys()].map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  );
}
