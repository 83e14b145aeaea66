import { isMap, makeMap, type Value, type ValueMap } from './value.ts';
import { printPair, printYaml } from './yaml-print.ts';
import { MAX_BYTES, MAX_DEPTH, readPlain, readYaml, type YamlText } from './yaml-read.ts';

/**
 * As `readYaml`, many times faster on what `yaml-print.ts` printed: a reader of just that form, believed only where printing what it read
 * gives the very same bytes. Everything else takes the slow way, and so do places, which few ever ask for.
 */
export function readYamlFast(file: string, text: string): YamlText {
  const value = 3 * text.length > MAX_BYTES ? undefined : readOwnPrint(text);
  if (value === undefined) return readYaml(file, text);
  let slow: YamlText | undefined;
  const place = (pointer: string) => {
    slow ??= readYaml(file, text);
    return slow.place(pointer);
  };
  return { value, place, problems: [] };
}

/** The value of a text that is our own print, an editor's comment in front aside; undefined where it is not, byte for byte. */
export function readOwnPrint(text: string): Value | undefined {
  const start = text.startsWith('# yaml-language-server: ') ? text.indexOf('\n') + 1 : 0;
  const own = start === 0 ? text : text.slice(start);
  const reader: Reader = { text: own, at: 0 };
  const value = readNode(reader, 0, 0);
  if (value === undefined || reader.at !== own.length) return undefined;
  return printInOrder(value) === own ? value : undefined;
}

/** The fields of a document's root keep their order; below, the print sorts. */
function printInOrder(value: Value): string {
  if (!isMap(value)) return printYaml(value);
  const keys = Object.keys(value);
  return keys.length === 0 ? printYaml(value) : keys.map((key) => printPair(key, value[key] as Value, '')).join('');
}

/** A text, and how far it is read: always the start of a line, or of what stands in a line behind `- ` or `key: `. */
interface Reader {
  readonly text: string;
  at: number;
}

/** A list, map or scalar whose first line starts here, and whose other lines are indented so; reads its last line feed too. */
function readNode(reader: Reader, indent: number, depth: number): Value | undefined {
  if (depth >= MAX_DEPTH - 1) return undefined;
  if (reader.text.startsWith('- ', reader.at)) return readList(reader, indent, depth);
  return keyEnd(reader) === undefined ? readInline(reader, indent) : readMap(reader, indent, depth);
}

function readList(reader: Reader, indent: number, depth: number): Value | undefined {
  const items: Value[] = [];
  do {
    reader.at += 2;
    const item = readNode(reader, indent + 2, depth + 1);
    if (item === undefined) return undefined;
    items.push(item);
  } while (enterLine(reader, indent, '- '));
  return items;
}

function readMap(reader: Reader, indent: number, depth: number): ValueMap | undefined {
  const entries: [string, Value][] = [];
  do {
    const end = keyEnd(reader);
    const key = end === undefined ? undefined : readKey(reader.text.slice(reader.at, end));
    if (end === undefined || typeof key !== 'string') return undefined;
    const isInline = reader.text[end + 1] === ' ';
    reader.at = end + 2;
    if (!isInline && !enterLine(reader, indent + 2, '')) return undefined;
    const value = isInline ? readInline(reader, indent + 2) : readNode(reader, indent + 2, depth + 1);
    if (value === undefined) return undefined;
    entries.push([key, value]);
  } while (enterLine(reader, indent, ''));
  return makeMap(entries);
}

/** Goes behind the indentation of the line that starts here, if it has just that and then `mark`. */
function enterLine(reader: Reader, indent: number, mark: string): boolean {
  const { text, at } = reader;
  for (let index = at; index < at + indent; index += 1) if (text[index] !== ' ') return false;
  if (at + indent >= text.length || text[at + indent] === ' ' || !text.startsWith(mark, at + indent)) return false;
  reader.at = at + indent;
  return true;
}

/** Where the key that starts here ends: at a colon with a space or line feed behind it; undefined where no key stands. */
function keyEnd({ text, at }: Reader): number | undefined {
  const first = text[at];
  if (first === '{' || first === '[' || first === '|') return undefined;
  const line = text.slice(at, text.indexOf('\n', at) + 1);
  const isKey = (end: number) => line[end] === ':' && (line[end + 1] === ' ' || line[end + 1] === '\n');
  let end = first === '"' ? quoteEnd(line) : line.indexOf(':');
  while (first !== '"' && end >= 0 && !isKey(end)) end = line.indexOf(':', end + 1);
  return end >= 0 && isKey(end) ? at + end : undefined;
}

/** The place behind the quote that closes the first. */
function quoteEnd(line: string): number {
  for (let index = 1; index < line.length; index += 1) {
    if (line[index] === '\\') index += 1;
    else if (line[index] === '"') return index + 1;
  }
  return -1;
}

function readKey(source: string): Value | undefined {
  return source.startsWith('"') ? unquote(source) : source;
}

function readInline(reader: Reader, indent: number): Value | undefined {
  const { text, at } = reader;
  const end = text.indexOf('\n', at);
  if (end < 0) return undefined;
  const source = text.slice(at, end);
  reader.at = end + 1;
  if (source === '|' || source === '|-') return readBlockText(reader, indent === 0 ? 2 : indent, source === '|');
  if (source === '[]') return [];
  if (source === '{}') return makeMap([]);
  if (source.startsWith('{')) return readDirective(source);
  return readScalar(source);
}

function readDirective(source: string): Value | undefined {
  const found = /^\{ (\$[a-z]+): (.*) \}$/.exec(source);
  const argument = found === null ? undefined : readScalar(found[2] ?? '');
  return argument === undefined ? undefined : makeMap([[found?.[1] ?? '', argument]]);
}

function readScalar(source: string): Value | undefined {
  if (source.startsWith('"')) return unquote(source);
  return /^[-+.~0-9nNtTfF]/.test(source) ? readPlain(source).value : source;
}

function unquote(source: string): string | undefined {
  try {
    return JSON.parse(
      source.replace(/\\\\|\\U([0-9A-F]{8})/g, (found, hex?: string) => (hex === undefined ? found : String.fromCodePoint(Number.parseInt(hex, 16)))),
    );
  } catch {
    return undefined;
  }
}

function readBlockText(reader: Reader, indent: number, isEnded: boolean): string {
  const { text } = reader;
  const margin = ' '.repeat(indent);
  const lines: string[] = [];
  for (;;) {
    const isBlank = text[reader.at] === '\n';
    if (!isBlank && !text.startsWith(margin, reader.at)) break;
    const end = text.indexOf('\n', reader.at);
    if (end < 0) break;
    lines.push(isBlank ? '' : text.slice(reader.at + indent, end));
    reader.at = end + 1;
  }
  return `${lines.join('\n')}${isEnded ? '\n' : ''}`;
}
