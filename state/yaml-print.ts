import { asDirective, isList, isMap, type Value, type ValueMap } from './value.ts';

/**
 * The canonical print of values as YAML: keys sorted by code unit, two spaces, LF, no folding, no anchors, directives on one line.
 * Every reader of YAML 1.1 or 1.2 takes each scalar for what it is; nothing invisible is printed as itself. `yaml-read.ts` reads it back,
 * and tests hold it against the `yaml` package.
 */
export function printYaml(value: Value): string {
  return `${printBlock(value, '').replace(/^\n/, '')}\n`;
}

/** One `key: value` of a map at an indentation, its line feed included. */
export function printPair(key: string, value: Value, indent: string): string {
  const name = printText(key, 'key');
  // A plain reader finds the colon within 1,024 characters, or not at all.
  if (name.length > 1000) return `${indent}? ${name}\n${indent}:${spaced(printItem(value, `${indent}  `))}\n`;
  return `${indent}${name}:${spaced(printBlock(value, `${indent}  `))}\n`;
}

/** What stands behind `- `, its lines after the first indented; no final line feed. */
export function printItem(value: Value, indent: string): string {
  return printBlock(value, indent).replace(/^\n */, '');
}

/** A number as YAML 1.1 and 1.2 both read it. */
export function printNumber(value: number | bigint): string {
  if (Object.is(value, -0)) return '-0';
  const text = String(value);
  return text.includes('e') && !text.includes('.') ? text.replace('e', '.0e') : text;
}

/** A value in the canonical style, without a final line feed; a filled map or list starts with one, since it stands on lines of its own. */
function printBlock(value: Value, indent: string): string {
  if (typeof value === 'string') return isBlockText(value) ? printBlockText(value, indent) : printText(value, 'value');
  if (isList(value)) return value.length === 0 ? '[]' : value.map((item) => `\n${indent}- ${printItem(item, `${indent}  `)}`).join('');
  if (isMap(value)) return printMap(value, indent);
  return typeof value === 'number' || typeof value === 'bigint' ? printNumber(value) : String(value);
}

function printMap(map: ValueMap, indent: string): string {
  const named = asDirective(map);
  if (named !== undefined) return `{ ${named.name}: ${printText(named.value, 'flow')} }`;
  const keys = Object.keys(map).sort();
  return keys.length === 0
    ? '{}'
    : `\n${keys
        .map((key) => printPair(key, map[key] as Value, indent))
        .join('')
        .slice(0, -1)}`;
}

function spaced(printed: string): string {
  return printed.startsWith('\n') ? printed : ` ${printed}`;
}

/** A text in one line: plain where no reader mistakes it, else in double quotes. */
export function printText(text: string, place: 'key' | 'value' | 'flow'): string {
  if (SIMPLE.test(text)) return MISTAKABLE.test(text) ? quote(text) : text;
  const isPlain =
    PLAIN_START.test(text) && !PLAIN_END.test(text) && !MISTAKABLE.test(text) && !UNPRINTABLE.test(text) && (place !== 'flow' || !/[,[\]{}:?]/.test(text));
  return isPlain ? text : quote(text);
}

function printBlockText(text: string, indent: string): string {
  const isOpen = !text.endsWith('\n');
  const lines = (isOpen ? text : text.slice(0, -1)).split('\n');
  const inside = indent === '' ? '  ' : indent;
  return `|${isOpen ? '-' : ''}${lines.map((line) => (line === '' ? '\n' : `\n${inside}${line}`)).join('')}`;
}

/** Several lines that lose nothing as a literal block: no space at an end of a line, none before the first, at most one final line feed. */
function isBlockText(text: string): boolean {
  return text.includes('\n') && /^\S/.test(text) && !/[ \t](\n|$)|\n\n$/.test(text) && !CONFLICT.test(text) && !UNPRINTABLE_IN_BLOCK.test(text);
}

function quote(text: string): string {
  return JSON.stringify(text).replace(ESCAPED, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code > 0xffff ? `\\U${code.toString(16).toUpperCase().padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** Most texts: nothing in them to look at twice. */
const SIMPLE = /^[A-Za-z_$/](?:[A-Za-z0-9_$/.@ -]*[A-Za-z0-9_$/.@-])?$/;
/** The first character of a plain scalar: none that means something to a reader of YAML. */
const PLAIN_START = /^[^\s\-?:,[\]{}#&*!|>'"%@`=<~.+]/;
/** What ends a plain scalar before its end, or is lost there. */
const PLAIN_END = /\n|:(?:\s|$)|\s#|\s$/;
/** What some reader takes for null, a truth value, a number, a time or a date. */
const MISTAKABLE = /^(?:null|true|false|yes|no|on|off|y|n|nan|inf|[0-9][0-9a-fxo_:.,+\-tz ]*)$/i;
/** Lines that Git leaves where two changes met. */
export const CONFLICT = /^[ \t]*(?:<{7}|>{7}|\|{7})(?: .*)?$|^={7}$/m;

/**
 * Shown escaped, since nobody can see them: controls, spaces that are none, soft hyphen, joiners, bidirectional marks, line separators,
 * fillers, tags, and what is no character. Ranges, not Unicode classes: another release of Node must print the same bytes.
 */
const INVISIBLE =
  '\\u007f-\\u00a0\\u00ad\\u034f\\u061c\\u115f\\u1160\\u1680\\u17b4\\u17b5\\u180b-\\u180f\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u206f\\u3164\\ufe00-\\ufe0e\\ufeff\\uffa0\\ufff0-\\uffff\\u{e0000}-\\u{e0fff}';
const ESCAPED = new RegExp(`[${INVISIBLE}]`, 'gu');
const UNPRINTABLE = new RegExp(`[\\u0000-\\u001f${INVISIBLE}\\ud800-\\udfff]`, 'u');
const UNPRINTABLE_IN_BLOCK = new RegExp(`[\\u0000-\\u0008\\u000b-\\u001f${INVISIBLE}\\ud800-\\udfff]`, 'u');
