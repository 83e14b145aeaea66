import type { Address } from './address.ts';

/**
 * Refs inside texts: `${ref:type/key}`. What an org's own text holds before `{ref:` is told apart by its dollars: each of them is doubled, and one
 * that is left over makes a ref. So `$${ref:x}` is the literal `${ref:x}`, and `$$${ref:x}` is a dollar with a ref behind it.
 */
const RUN = /(\$+)\{ref:(?:([^{}]*)\})?/g;

/** The in-string form of an address. */
export function textRef(address: Address): string {
  return `\${ref:${address}}`;
}

/** An org's own text, so written that nothing of it can be taken for a ref. */
export function escapeText(text: string): string {
  return text.includes('{ref:') ? text.replace(/(\$+)(?=\{ref:)/g, '$1$1') : text;
}

/** The dollars right before a ref, so written that they stay dollars. */
export function escapeDollars(dollars: string): string {
  return `${dollars}${dollars}`;
}

/** A canonical text as the org has it: what `resolve` makes of each ref, and literals as they are. */
export function plainText(text: string, resolve: (address: string) => string): string {
  if (!text.includes('{ref:')) return text;
  let plain = '';
  for (const piece of piecesOf(text)) plain += piece.ref === undefined ? piece.plain : resolve(piece.ref);
  return plain;
}

/** The text with other refs, and other words between them; literals stay literals. */
export function mapText(text: string, change: { readonly ref: (address: string) => string; readonly words?: (text: string) => string }): string {
  const words = change.words ?? ((same: string) => same);
  if (!text.includes('{ref:')) return words(text);
  let mapped = '';
  for (const piece of piecesOf(text)) mapped += piece.ref === undefined ? words(piece.written) : `\${ref:${change.ref(piece.ref)}}`;
  return mapped;
}

/** What stands in the brackets of each ref of a text. */
export function refsInText(text: string): readonly string[] {
  return text.includes('{ref:') ? piecesOf(text).flatMap(({ ref }) => ref ?? []) : [];
}

/** The address of a text that is one ref and nothing else. */
export function soleRef(text: string): string | undefined {
  return text.startsWith('${ref:') ? /^\$\{ref:([^{}]*)\}$/.exec(text)?.[1] : undefined;
}

interface Piece {
  readonly ref?: string;
  /** Of what is no ref: as it stands in the canonical text, and as the org has it. */
  readonly written: string;
  readonly plain: string;
}

const literal = (written: string, plain = written): Piece => ({ written, plain });

/** The text in order, piece by piece. */
function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  RUN.lastIndex = 0;
  for (let found = RUN.exec(text); found !== null; found = RUN.exec(text)) {
    const [whole, dollars = '', address] = found;
    const kept = '$'.repeat(Math.floor(dollars.length / 2));
    pieces.push(literal(text.slice(from, found.index)));
    if (dollars.length % 2 === 1 && address !== undefined) {
      pieces.push(literal(escapeDollars(kept), kept), { ref: address, written: '', plain: '' });
      from = found.index + whole.length;
    } else {
      // An odd one without an end is no ref: it stays as somebody wrote it.
      const rest = dollars.length % 2 === 1 ? '${ref:' : '{ref:';
      pieces.push(literal(`${escapeDollars(kept)}${rest}`, `${kept}${rest}`));
      from = found.index + dollars.length + '{ref:'.length;
      RUN.lastIndex = from;
    }
  }
  pieces.push(literal(text.slice(from)));
  return pieces;
}
