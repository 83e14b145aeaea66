import { isMap as isMapNode, isNode, isScalar, isSeq, Lexer, type Node, type Pair, parseDocument, visit, type YAMLMap, type YAMLSeq } from 'yaml';
import { type Aligned, alignLists } from './diff-list.ts';
import { asDirective, isList, isMap, sameValue, type Value, type ValueMap } from './value.ts';
import { printItem, printPair, printYaml } from './yaml-print.ts';
import { readYaml, SCALAR_MARK } from './yaml-read.ts';

/**
 * A YAML text that says `after` instead of `before`, its own value: lines of fields and items that did not change keep every byte, and no
 * comment is lost. A comment inside of a value that is replaced or taken away whole stands above, or in its place. Where this cannot be done
 * line by line (lists and maps in brackets over several lines, keys after `?`), the text is printed anew with all comments at its head.
 */
export function spliceYaml(text: string, before: Value, after: Value, order: readonly string[]): string {
  const source = text.replace(/^\ufeff/, '').replace(/\r\n/g, '\n');
  const document = parseDocument(source, { schema: 'failsafe', uniqueKeys: false, prettyErrors: false });
  const root = document.contents as Node | null;
  const site: Site = { source, order, edits: [] };
  const isDone = root !== null && patch(site, { node: root, before, after });
  const spliced = isDone ? applyEdits(source, site.edits) : undefined;
  const isTrue =
    spliced !== undefined && sameValue(readYaml('', spliced).value, after) && commentsOf(source).every((comment) => spliced.includes(`#${comment}`));
  return isTrue ? spliced : printAnew(source, after, order);
}

interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

interface Site {
  readonly source: string;
  /** Names of the root's fields in their order; others follow, sorted. */
  readonly order: readonly string[];
  readonly edits: Edit[];
}

interface Spot {
  readonly node: Node;
  readonly before: Value;
  readonly after: Value;
}

type MapPair = Pair<Node, Node | null>;

/** Notes the edits that make a value another one inside its own lines; false where its lines have to be replaced by those around it. */
function patch(site: Site, spot: Spot): boolean {
  const { node, before, after } = spot;
  if (sameValue(before, after)) return true;
  if (isMap(before) && isMap(after) && isMapNode(node)) return patchMap(site, node as YAMLMap<Node, Node | null>, before, after);
  if (isList(before) && isList(after) && isSeq(node)) return patchList(site, node as YAMLSeq<Node>, before, after);
  return patchInline(site, node, after);
}

/** A scalar, or a list or map in brackets, of one line for another of one line. */
function patchInline(site: Site, node: Node, after: Value): boolean {
  const [from, to] = node.range ?? [0, 0];
  const old = site.source.slice(from, to);
  const text = printItem(after, '');
  const isBlock = (isMap(after) && asDirective(after) === undefined && text !== '{}') || (isList(after) && text !== '[]');
  if (old === '' || old.includes('\n') || text.includes('\n') || isBlock || (!isScalar(node) && !isFlow(node))) return false;
  site.edits.push({ from, to, text });
  return true;
}

function isFlow(node: Node): boolean {
  return (isMapNode(node) || isSeq(node)) && node.flow === true;
}

function patchMap(site: Site, node: YAMLMap<Node, Node | null>, before: ValueMap, after: ValueMap): boolean {
  const isOpen =
    !isFlow(node) && asDirective(after) === undefined && asDirective(before) === undefined && node.items.every(({ key }) => isSimpleKey(site, key));
  const left = node.items.filter(({ key }) => Object.hasOwn(after, nameOf(key)));
  if (!isOpen || left.length === 0) return patchInline(site, node, after);
  const indent = ' '.repeat(columnOf(site, node.items[0]?.key ?? node));
  return node.items.every((pair) => patchPair(site, pair, before, after, indent)) && addPairs(site, node, after, indent);
}

function patchPair(site: Site, pair: MapPair, before: ValueMap, after: ValueMap, indent: string): boolean {
  const name = nameOf(pair.key);
  if (pair.value === null) return false;
  const to = after[name];
  const count = site.edits.length;
  if (Object.hasOwn(after, name) && patch(site, { node: pair.value, before: before[name] as Value, after: to as Value })) return true;
  site.edits.length = count;
  if (!isFirstInLine(site, pair.key)) return false;
  const lines = linesOf(site, pair.key, pair.value);
  const comments = commentsOf(site.source.slice(lines.from, lines.to)).map((comment) => `${indent}#${comment}\n`);
  site.edits.push({ ...lines, text: `${comments.join('')}${to === undefined || !Object.hasOwn(after, name) ? '' : printPair(name, to, indent)}` });
  return true;
}

/** New fields stand behind the field before them, so that comments above the next one stay with it. */
function addPairs(site: Site, node: YAMLMap<Node, Node | null>, after: ValueMap, indent: string): boolean {
  const old = node.items.map(({ key }) => nameOf(key));
  const isRoot = columnOf(site, node) === 0;
  const added = Object.keys(after).filter((name) => !old.includes(name));
  for (const name of added.sort((left, right) => compareNames(left, right, isRoot ? site.order : []))) {
    const index = old.findLastIndex((other) => compareNames(other, name, isRoot ? site.order : []) < 0);
    const first = node.items[0];
    if (index < 0 && (first === undefined || !isFirstInLine(site, first.key))) return false;
    const pair = node.items[Math.max(index, 0)] as MapPair;
    const lines = linesOf(site, pair.key, pair.value);
    const at = index < 0 ? aboveComments(site, lines.from) : lines.to;
    site.edits.push({ from: at, to: at, text: printPair(name, after[name] as Value, indent) });
  }
  return true;
}

function patchList(site: Site, node: YAMLSeq<Node>, before: readonly Value[], after: readonly Value[]): boolean {
  const isOpen = !isFlow(node) && after.length > 0 && node.items.every((item) => isAfterDash(site, item));
  if (!isOpen) return patchInline(site, node, after);
  const indent = ' '.repeat(columnOf(site, node));
  let last = lineStart(site, startOf(node));
  for (const { from, to } of alignItems(before, after)) {
    const item = from === undefined ? undefined : node.items[from];
    const lines = item === undefined ? { from: last, to: last } : linesOf(site, item, item);
    const count = site.edits.length;
    last = lines.to;
    if (item !== undefined && to !== undefined && patch(site, { node: item, before: before[from ?? 0] as Value, after: after[to] as Value })) continue;
    site.edits.length = count;
    const comments = commentsOf(site.source.slice(lines.from, lines.to)).map((comment) => `${indent}#${comment}\n`);
    site.edits.push({ ...lines, text: `${comments.join('')}${to === undefined ? '' : `${indent}- ${printItem(after[to] as Value, `${indent}  `)}\n`}` });
  }
  return true;
}

function nameOf(key: Node): string {
  return isScalar(key) ? String(key.value) : '';
}

function isSimpleKey(site: Site, key: Node): boolean {
  return (
    isScalar(key) &&
    !/\?\s*$/.test(site.source.slice(lineStart(site, startOf(key)), startOf(key))) &&
    /^[ -]*$/.test(site.source.slice(lineStart(site, startOf(key)), startOf(key)))
  );
}

function isFirstInLine(site: Site, node: Node): boolean {
  return site.source.slice(lineStart(site, startOf(node)), startOf(node)).trim() === '';
}

/** An item that follows its own dash, the first thing in its line. */
function isAfterDash(site: Site, item: Node): boolean {
  return /^ *- *$/.test(site.source.slice(lineStart(site, startOf(item)), startOf(item)));
}

function startOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

function lineStart(site: Site, offset: number): number {
  return site.source.lastIndexOf('\n', offset - 1) + 1;
}

function columnOf(site: Site, node: Node): number {
  return startOf(node) - lineStart(site, startOf(node));
}

/** Whole lines from the first of one node to the last that holds anything of another; comments below are not among them. */
function linesOf(site: Site, first: Node, last: Node | null): { from: number; to: number } {
  const end = contentEnd(last) ?? contentEnd(first) ?? 0;
  const isBlockText = site.source[end - 1] === '\n';
  const next = site.source.indexOf('\n', end);
  return { from: lineStart(site, startOf(first)), to: isBlockText ? end : next < 0 ? site.source.length : next + 1 };
}

/** Where the last scalar or bracket of a node ends. */
function contentEnd(node: Node | null): number | undefined {
  let end: number | undefined;
  if (node === null) return undefined;
  visit(node, (_, at) => {
    if (isNode(at) && (isScalar(at) || isFlow(at))) end = Math.max(end ?? 0, at.range?.[1] ?? 0);
  });
  return end;
}

function aboveComments(site: Site, from: number): number {
  let at = from;
  while (at > 0 && /^ *#/.test(site.source.slice(lineStart(site, at - 1), at))) at = lineStart(site, at - 1);
  return at;
}

function compareNames(left: string, right: string, order: readonly string[]): number {
  const [one, other] = [order.indexOf(left), order.indexOf(right)];
  if (one !== other) return (one < 0 ? order.length : one) - (other < 0 ? order.length : other);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Edits at one place keep the order in which they were noted. */
function applyEdits(source: string, edits: readonly Edit[]): string {
  const inOrder = edits
    .map((edit, index) => ({ ...edit, index }))
    .sort((left, right) => left.from - right.from || left.to - right.to || left.index - right.index);
  let at = 0;
  let text = '';
  for (const edit of inOrder) {
    text += source.slice(at, edit.from) + edit.text;
    at = Math.max(at, edit.to);
  }
  return text + source.slice(at);
}

/** The comments of a piece of YAML, without their `#`, in order. */
function commentsOf(piece: string): string[] {
  const found: string[] = [];
  let previous = '';
  for (const token of new Lexer().lex(piece)) {
    if (token.startsWith('#') && previous !== SCALAR_MARK) found.push(token.slice(1).replace(/\n$/, ''));
    previous = token;
  }
  return found;
}

/** As for the diff; but where an item went and another came, equal items stay together, with their comments. */
function alignItems(before: readonly Value[], after: readonly Value[]): readonly Aligned[] {
  const byIndex = alignLists(before, after);
  if (before.length !== after.length) return byIndex;
  const rows = alignLists([END, ...before], [END, END, ...after]);
  const byContent = rows
    .map(({ from, to }) => ({ ...(from ? { from: from - 1 } : {}), ...(to !== undefined && to > 1 ? { to: to - 2 } : {}) }))
    .filter((row) => 'from' in row || 'to' in row);
  const equal = (aligned: readonly Aligned[]) =>
    aligned.filter(({ from, to }) => from !== undefined && to !== undefined && sameValue(before[from], after[to])).length;
  return equal(byContent) > equal(byIndex) ? byContent : byIndex;
}

const END: Value = '\0end';

function printAnew(source: string, after: Value, order: readonly string[]): string {
  const comments = commentsOf(source).map((comment) => `#${comment}\n`);
  const fields = isMap(after) ? Object.keys(after).sort((left, right) => compareNames(left, right, order)) : [];
  const text = isMap(after) && fields.length > 0 ? fields.map((name) => printPair(name, after[name] as Value, '')).join('') : printYaml(after);
  return `${comments.join('')}${text}`;
}
