import {
  isAlias,
  isMap as isMapNode,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  type YAMLMap,
  type YAMLParseError,
} from 'yaml';
import { pointerSegments } from './pointer.ts';
import type { Place, Problem } from './problem.ts';
import { makeMap, type Value } from './value.ts';
import { CONFLICT, printNumber } from './yaml-print.ts';

/** A YAML text as a value, and where in the text each part of it stands. */
export interface YamlText {
  /** Absent where the text is none that we read; then problems say why. */
  readonly value?: Value;
  /** The place of a value, or of the nearest thing above it that the text holds. */
  readonly place: (pointer: string) => Place;
  readonly problems: readonly Problem[];
}

/** Files beyond these are refused before they are parsed. */
export const MAX_BYTES = 16 * 1024 * 1024;
export const MAX_DEPTH = 100;
const MAX_PROBLEMS = 20;

/**
 * Reads hostile text: YAML 1.2, core schema, without aliases, anchors, tags and directives, each key once and a text; a number is only
 * what prints as it was written. Never throws, never takes long: size and depth are bounded before the parser sees the text.
 */
export function readYaml(file: string, text: string): YamlText {
  const source = text.replace(/^\ufeff/, '').replace(/\r\n/g, '\n');
  const lines = new LineCounter();
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const refused = findRefusal(source);
  if (refused !== undefined) {
    for (let at = source.indexOf('\n'); at >= 0 && at < refused.offset; at = source.indexOf('\n', at + 1)) lines.addNewLine(at + 1);
    lines.lineStarts.unshift(0);
    return { place: () => ({ file }), problems: [{ ...problem(refused), place: place(refused.offset) }] };
  }
  return parse(file, source, lines, place);
}

interface Fault {
  readonly offset: number;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

type PlaceAt = (offset: number) => Place;

function problem({ code, message, hint }: Fault): Problem {
  return { code, severity: 'error', message, ...(hint === undefined ? {} : { hint }) };
}

function parse(file: string, source: string, lineCounter: LineCounter, place: PlaceAt): YamlText {
  const document = parseDocument(source, { schema: 'failsafe', uniqueKeys: false, prettyErrors: false, logLevel: 'error', lineCounter });
  const faults: Fault[] = document.errors.map(syntaxFault);
  if (document.directives?.yaml.explicit || Object.keys(document.directives?.tags ?? {}).length > 1) {
    faults.push({ offset: 0, code: 'YAML_DIRECTIVE', message: 'a line that starts with "%" (a YAML directive) is not read', hint: 'take the line away' });
  }
  const root = document.contents as Node | null;
  if (root === null && faults.length === 0) faults.push({ offset: source.length, ...NOTHING });
  const value = faults.length > 0 || root === null ? undefined : convert(root, 0, faults);
  const problems = faults.slice(0, MAX_PROBLEMS).map((fault) => ({ ...problem(fault), place: place(fault.offset) }));
  const found = (pointer: string) => (root === null ? { file } : place(offsetOf(root, pointer)));
  return { ...(value === undefined || faults.length > 0 ? {} : { value }), place: found, problems };
}

/** The parser's words are for people, but where they name a function for programs. */
function syntaxFault({ code, pos: [offset], message }: YAMLParseError): Fault {
  if (code === 'MULTIPLE_DOCS') {
    return {
      offset,
      code: 'YAML_SYNTAX',
      message: 'a second YAML document begins here, and a file holds one',
      hint: 'take the line "---" away, or put what follows into a file of its own',
    };
  }
  return { offset, code: 'YAML_SYNTAX', message: lowered(message) };
}

function lowered(message: string): string {
  return `${message.charAt(0).toLowerCase()}${message.slice(1)}`.replace(/\.$/, '');
}

/** What makes a text unreadable before it is parsed. */
function findRefusal(source: string): Fault | undefined {
  if (source.length > MAX_BYTES || Buffer.byteLength(source) > MAX_BYTES) {
    return {
      offset: 0,
      code: 'FILE_TOO_LARGE',
      message: `the file has more than ${MAX_BYTES} bytes`,
      hint: 'a document of this size is no configuration; check how it was made',
    };
  }
  if (source.trim() === '')
    return { offset: 0, code: 'FILE_EMPTY', message: 'the file is empty', hint: 'it may have been cut off: restore it from Git, or remove it' };
  const control = CONTROL.exec(source);
  if (control !== null) {
    const code = control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    return {
      offset: control.index,
      code: 'CONTROL_CHARACTER',
      message: `the file holds the control character U+${code}`,
      hint: `write it as "\\u${code}" in double quotes`,
    };
  }
  return findConflict(source) ?? findCut(source) ?? findDepth(source);
}

function findConflict(source: string): Fault | undefined {
  const found = CONFLICT.exec(source);
  return found === null
    ? undefined
    : {
        offset: found.index,
        code: 'MERGE_CONFLICT',
        message: `"${found[0].trim().slice(0, 60)}" is the mark of a merge conflict`,
        hint: 'resolve the conflict in this file, then run the command again; a text that has such a line goes in double quotes with \\n',
      };
}

function findCut(source: string): Fault | undefined {
  if (source.endsWith('\n')) return undefined;
  return {
    offset: source.length,
    code: 'FILE_CUT',
    message: 'the last line has no line end, so the file may have been cut off',
    hint: 'end it with a line feed if it is whole',
  };
}

/** Depth (give or take the leaf) by the tokens alone, since the parser itself needs seconds, then dies, on 100,000 brackets. */
function findDepth(source: string): Fault | undefined {
  if (!mayBeDeep(source)) return undefined;
  const columns: number[] = [];
  let flow = 0;
  let offset = 0;
  let lineStart = 0;
  let isScalarNext = false;
  for (const token of new Lexer().lex(source)) {
    if (MARKS.has(token)) {
      isScalarNext = token === SCALAR_MARK;
      continue;
    }
    const column = offset - lineStart;
    if (!isScalarNext && (token === '[' || token === '{')) flow += 1;
    else if (!isScalarNext && (token === ']' || token === '}')) flow -= 1;
    else if (flow === 0 && (isScalarNext || token === '-' || token === '?') && !token.includes('\n')) openColumn(columns, column);
    if (columns.length + flow > MAX_DEPTH + 1) {
      return { offset, ...TOO_DEEP };
    }
    const lastLine = token.lastIndexOf('\n');
    offset += token.length;
    if (lastLine >= 0) lineStart = offset - (token.length - lastLine - 1);
    isScalarNext = false;
  }
  return undefined;
}

function openColumn(columns: number[], column: number): void {
  while ((columns.at(-1) ?? -1) > column) columns.pop();
  if ((columns.at(-1) ?? -1) < column) columns.push(column);
}

/** Cheap and never wrong on the safe side: fewer brackets, indicators and columns than the limit cannot nest beyond it. */
function mayBeDeep(source: string): boolean {
  let brackets = 0;
  for (const _ of source.matchAll(/[[{]/g)) {
    brackets += 1;
    if (brackets > 40) return true;
  }
  return /^[ \-?\t]{40}/m.test(source) || /(?:[-?:][ \t]+){20}/.test(source);
}

/** The lexer's word before a scalar. */
export const SCALAR_MARK = '\x1f';
/** What the lexer says about the stream: BOM, document mode, flow error, scalar. */
const MARKS = new Set(['\ufeff', '\x02', '\x18', SCALAR_MARK]);
/** Controls are none that YAML allows as themselves; lone halves of a pair are no character. */
const CONTROL = /[^\P{Cc}\t\n\u0085]|[\p{Cs}\ufffe\uffff]/u;

function convert(node: Node, depth: number, faults: Fault[]): Value {
  if (!isClean(node, faults)) return null;
  if (isScalar(node)) return convertScalar(node, faults);
  if (depth >= MAX_DEPTH) {
    faults.push({ offset: startOf(node), ...TOO_DEEP });
    return null;
  }
  if (isSeq(node)) return node.items.map((item) => convert(item as Node, depth + 1, faults));
  return isMapNode(node) ? convertMap(node as YAMLMap<Node, Node | null>, depth, faults) : null;
}

/** Whether a node is only what it shows: no alias, anchor or tag. */
function isClean(node: Node, faults: Fault[]): boolean {
  const offset = startOf(node);
  if (isAlias(node)) {
    faults.push({ offset, code: 'YAML_ALIAS', message: `the alias "*${node.source.slice(0, 40)}" is not read`, hint: 'write the value out' });
    return false;
  }
  if (node.anchor !== undefined) {
    faults.push({ offset, code: 'YAML_ANCHOR', message: `the anchor "&${node.anchor.slice(0, 40)}" is not read`, hint: 'take it away' });
  }
  if (node.tag !== undefined) {
    faults.push({ offset, code: 'YAML_TAG', message: `the tag "${node.tag.slice(0, 60)}" is not read`, hint: 'take it away; a text goes in quotes' });
  }
  return node.anchor === undefined && node.tag === undefined;
}

function convertScalar(node: Scalar, faults: Fault[]): Value {
  const read = node.type === 'PLAIN' ? readPlain(node.source ?? '') : { value: String(node.value) };
  if (read.value === undefined) faults.push({ offset: startOf(node), ...read });
  return read.value ?? null;
}

function convertMap(node: YAMLMap<Node, Node | null>, depth: number, faults: Fault[]): Value {
  const entries: [string, Value][] = [];
  const seen = new Set<string>();
  for (const { key: keyNode, value } of node.items) {
    const key = convertKey(keyNode, faults);
    if (key === undefined) continue;
    const offset = startOf(keyNode);
    if (seen.has(key))
      faults.push({ offset, code: 'DUPLICATE_KEY', message: `the key "${key.slice(0, 60)}" stands twice in one map`, hint: 'keep one of them' });
    seen.add(key);
    if (value === null) faults.push({ offset, ...EMPTY_VALUE });
    else entries.push([key, convert(value, depth + 1, faults)]);
  }
  return makeMap(entries);
}

function convertKey(node: Node, faults: Fault[]): string | undefined {
  if (!isClean(node, faults)) return undefined;
  const source = isScalar(node) ? (node.source ?? '') : '';
  const key = !isScalar(node) ? undefined : node.type === 'PLAIN' ? readPlain(source).value : String(node.value);
  if (typeof key === 'string') return key;
  const name = source === '' ? 'a key that is a list, a map or nothing' : `the key ${source.slice(0, 60)}, which is no text,`;
  faults.push({ offset: startOf(node), code: 'KEY_IS_NO_TEXT', message: `${name} is not read`, hint: 'put it in double quotes' });
  return undefined;
}

type Read = { readonly value: Value } | ({ readonly value: undefined } & Omit<Fault, 'offset'>);

/** What a plain scalar means: YAML 1.2 core, and a number only if it prints as it was written. */
export function readPlain(source: string): Read {
  if (/^(?:null|Null|NULL|~)$/.test(source)) return { value: null };
  if (/^(?:true|True|TRUE)$/.test(source)) return { value: true };
  if (/^(?:false|False|FALSE)$/.test(source)) return { value: false };
  if (source === '') return { value: undefined, ...EMPTY_VALUE };
  return NUMBER.test(source) ? readNumber(source) : { value: source };
}

const NUMBER = /^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

function readNumber(source: string): Read {
  if (/^-?(?:0|[1-9][0-9]*)$/.test(source)) return { value: integer(source) };
  const value = Number(source);
  if (Number.isFinite(value) && (printNumber(value) === source || String(value) === source)) return { value };
  const number = Number.isFinite(value) ? `the number ${printNumber(value)} or ` : '';
  return {
    value: undefined,
    code: 'NUMBER_IS_NOT_EXACT',
    message: `${source.slice(0, 60)} is a number that would not be kept as it is written`,
    hint: `write ${number}the text "${source.slice(0, 60)}" in double quotes`,
  };
}

function integer(source: string): number | bigint {
  const value = Number(source);
  return Number.isSafeInteger(value) ? value : BigInt(source);
}

const NOTHING = {
  code: 'FILE_EMPTY',
  message: 'the file holds nothing but comments',
  hint: 'it may have been cut off: restore it from Git, or remove it',
} as const;
const EMPTY_VALUE = { code: 'VALUE_IS_MISSING', message: 'a value is missing', hint: 'write null, "", [] or {}, or take the line away' } as const;
const TOO_DEEP = {
  code: 'FILE_TOO_DEEP',
  message: `lists and maps are nested more than ${MAX_DEPTH} deep`,
  hint: 'no configuration is that deep; check how the file was made',
} as const;

function startOf(node: Node | null): number {
  return node?.range?.[0] ?? 0;
}

/** Where the value at a pointer stands: its key in a map, itself in a list; else the nearest thing above it. */
function offsetOf(root: Node, pointer: string): number {
  let at: Node | null = root;
  let offset = startOf(root);
  for (const segment of pointerSegments(pointer)) {
    if (isMapNode(at)) {
      const pair: Pair<Node, Node | null> | undefined = (at as YAMLMap<Node, Node | null>).items.find(
        ({ key }) => isScalar(key) && String(key.value) === segment,
      );
      if (pair === undefined) return offset;
      offset = startOf(pair.key);
      at = pair.value;
    } else if (isSeq(at) && at.items[Number(segment)] !== undefined) {
      at = at.items[Number(segment)] as Node;
      offset = startOf(at);
    } else return offset;
  }
  return offset;
}
