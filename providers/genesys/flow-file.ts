import { isMap as isMapNode, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import { type Address, keyParts } from '../../state/address.ts';
import type { Pointer } from '../../state/pointer.ts';
import type { Place, Problem } from '../../state/problem.ts';
import { isList, isMap, makeMap, type Value, type ValueMap } from '../../state/value.ts';
import { printNumber, printText } from '../../state/yaml-print.ts';
import { readPlain, readYaml } from '../../state/yaml-read.ts';
import { nameRefs, renumberRefs } from './flow-inner-refs.ts';
import { rootKeyOfType, typeOfRootKey } from './flow-names.ts';

/** What a flow's file says beside its tree: what the document's key and body hold, and a publish puts back. */
export interface FlowHead {
  readonly name: string;
  /** A division's name; left out where the file shall name none. */
  readonly division?: string;
}

/** A flow's file, read. `value` is normalised: without name and division, which stand in the document. */
export interface FlowReading {
  readonly value?: Value;
  readonly head?: Partial<FlowHead>;
  /** In small letters, as in a key. */
  readonly type?: string;
  readonly place: (pointer: Pointer) => Place;
  readonly problems: readonly Problem[];
}

/**
 * Reads an Architect file, exported or written by hand: YAML 1.2, every key a text, a plain number only where it prints as it was written
 * and a text otherwise. Never throws; what cannot be read is a problem with its line, and nothing is masked to make it readable.
 */
export function parseFlow(text: string, file = 'flow.yaml'): FlowReading {
  const whole = text.endsWith('\n') ? text : `${text}\n`;
  // Exports may hold controls that YAML allows and a manifest of ours does not; all else about the text is judged without them.
  const strict = readYaml(file, whole.replace(BARE_CONTROLS, '?'));
  const place = (pointer: Pointer) => strict.place(pointer);
  const isPlain = strict.value !== undefined && whole.search(BARE_CONTROLS) < 0;
  const tree = isPlain ? strict.value : strict.problems.every(({ code }) => FORGIVEN.has(code)) ? forgivingly(whole) : undefined;
  if (tree === undefined) return { place, problems: [...placeholdersIn(whole, file), ...strict.problems] };
  const [root, inner] = isMap(tree) && Object.keys(tree).length === 1 ? (Object.entries(tree)[0] ?? []) : [];
  if (root === undefined || !isMap(inner)) {
    const hint = 'a flow\'s file has one key at its root, such as "inboundCall"';
    return { place, problems: [{ code: 'FLOW_ROOT', severity: 'error', message: 'this is no flow of Architect', hint, place: place('') }] };
  }
  return { value: normaliseFlow(tree), head: headOf(inner), type: typeOfRootKey(root), place, problems: [] };
}

/** The same for the file beside a document: it also has to say what the document's key says. */
export function parseFlowOf(address: Address, text: string, file: string): FlowReading {
  const reading = parseFlow(text, file);
  const [name, type = ''] = keyParts(address) ?? [];
  if (reading.value === undefined || name === undefined) return reading;
  const root = rootKeyIn(reading.value);
  const { name: told, division } = reading.head ?? {};
  const problems: Problem[] = [];
  const report = (code: string, pointer: Pointer, message: string, hint: string) =>
    problems.push({ code, severity: 'error', message, hint, at: address, place: reading.place(pointer) });
  if (reading.type !== type)
    report(
      'FLOW_TYPE_DIFFERS',
      '',
      `the file holds a flow of type "${reading.type}", and the key says "${type}"`,
      `the root key of such a file is "${rootKeyOfType(type)}"`,
    );
  if (told !== undefined && told !== name)
    report('FLOW_NAME_DIFFERS', `/${root}/name`, `the file calls the flow "${told}", and the key says "${name}"`, 'make them the same; the key counts');
  if (division !== undefined)
    report(
      'FLOW_DIVISION_TWICE',
      `/${root}/division`,
      `the division "${division}" stands in the file`,
      'take the line away; the division stands in the document',
    );
  return problems.length === 0 ? reading : { place: reading.place, problems };
}

/**
 * A flow so that two exports of it are the same, and so that it says nothing twice: no name and division, internal references
 * renumbered in order of appearance and spelled one way, keys in one order. Doing it twice changes nothing.
 */
export function normaliseFlow(tree: Value): Value {
  if (!isMap(tree)) return tree;
  const bare = makeMap(Object.entries(tree).map(([root, inner]) => [root, isMap(inner) ? withoutHead(inner) : inner]));
  return renumberRefs(ordered(bare));
}

/** The file for Architect: its own style, so that Archy and people read it, and the same bytes for the same tree. */
export function printFlow(tree: Value, head: Partial<FlowHead> = {}): string {
  const [root, inner] = isMap(tree) ? (Object.entries(tree)[0] ?? []) : [];
  if (root === undefined || !isMap(inner)) return '';
  const told = (['name', 'division'] as const).flatMap((key): [string, Value][] => (head[key] === undefined ? [] : [[key, head[key]]]));
  const file = makeMap([[root, makeMap([...told, ...Object.entries(withoutHead(inner))])]]);
  return `${printBlock(ordered(nameRefs(file)), '').slice(1)}\n`;
}

/** The least that can be published as a flow of this root key: it ends at once. It stands in for a flow whose content needs what is not there yet. */
export function placeholderFlow(root: string): ValueMap {
  const type = typeOfRootKey(root);
  if (type.startsWith('inqueue') || type === 'commonmodule') return makeMap([[root, makeMap([...language(type), ['startUpTaskActions', endOf(type)]])]]);
  const kind = STATEFUL.has(type) ? 'state' : type === 'bot' || type === 'digitalbot' ? 'bot' : 'task';
  const container = makeMap([
    ['name', 'Placeholder'],
    ['refId', 'Placeholder_1'],
    ['actions', endOf(type)],
  ]);
  const inner = makeMap([['startUpRef', `/${root}/${kind}s/${kind}[Placeholder_1]`], ...language(type), [`${kind}s`, [makeMap([[kind, container]])]]]);
  return normaliseFlow(makeMap([[root, inner]])) as ValueMap;
}

function rootKeyIn(tree: Value): string {
  return isMap(tree) ? (Object.keys(tree)[0] ?? '') : '';
}

const STATEFUL: ReadonlySet<string> = new Set(['inboundshortmessage', 'inboundchat', 'inboundemail', 'surveyinvite', 'workflow', 'workitem']);

function language(type: string): [string, Value][] {
  if (type === 'surveyinvite') return [];
  return [
    ['defaultLanguage', 'en-us'],
    ['supportedLanguages', makeMap([['en-us', makeMap([['none', true]])]])],
  ];
}

/** Actions that end such a flow, where one was seen in public files; else none, which falls through to the end. */
const ENDINGS: Readonly<Record<string, string>> = {
  workflow: 'endWorkflow',
  workitem: 'endWorkflow',
  commonmodule: 'endTask',
  bot: 'exitBotFlow',
  digitalbot: 'exitBotFlow',
};

function endOf(type: string): Value[] {
  if (type === 'surveyinvite') return [];
  return [makeMap([[ENDINGS[type] ?? 'disconnect', makeMap([['name', 'End']])]])];
}

/** What a manifest of ours may not leave open, and a file of somebody else's may. */
const FORGIVEN: ReadonlySet<string> = new Set(['VALUE_IS_MISSING', 'NUMBER_IS_NOT_EXACT', 'KEY_IS_NO_TEXT']);

/** Delete and the second set of controls. */
const BARE_CONTROLS = /[\u007f-\u0084\u0086-\u009f]/g;

/** A file that is no YAML of ours, though YAML: empty values are null, odd numbers texts. Undefined where a key is a list or a map (`{{x}}`). */
function forgivingly(text: string): Value | undefined {
  const root = parseDocument(text, { schema: 'failsafe', uniqueKeys: true, logLevel: 'silent' }).contents as Node | null;
  try {
    return plainOf(root);
  } catch (failure) {
    if (failure instanceof NoText) return undefined;
    throw failure;
  }
}

class NoText extends Error {}

function plainOf(node: Node | null): Value {
  if (isSeq(node)) return node.items.map((item) => plainOf(item as Node));
  if (isMapNode(node)) return makeMap(node.items.map(({ key, value }) => [textOf(key), plainOf(value as Node | null)] as const));
  if (!isScalar(node)) return null;
  const source = node.source ?? '';
  if (node.type !== 'PLAIN') return String(node.value);
  return source === '' ? null : (readPlain(source).value ?? (/^(?:null|~)$/i.test(source) ? null : source));
}

function textOf(key: unknown): string {
  if (!isScalar(key)) throw new NoText();
  return key.type === 'PLAIN' ? (key.source ?? '') : String(key.value);
}

/** `{{name}}` outside quotes: what Terraform's and other tools' templates hold, told by name since the parser's own words help nobody. */
function placeholdersIn(text: string, file: string): Problem[] {
  return text.split('\n').flatMap((line, index): Problem[] => {
    const bare = line.replace(/"(?:[^"\\]|\\.)*"/g, (quoted) => ' '.repeat(quoted.length));
    const found = /\{\{\s*[\w.$-]+\s*\}\}/.exec(bare);
    if (found === null) return [];
    const message = `"${found[0]}" is a place in a template, which a flow of Architect does not have`;
    return [{ code: 'FLOW_TEMPLATE', severity: 'error', message, hint: 'write the value itself', place: { file, line: index + 1, column: found.index + 1 } }];
  });
}

function headOf(inner: ValueMap): Partial<FlowHead> {
  const text = (key: string) => (inner[key] === undefined || inner[key] === null ? undefined : String(inner[key]));
  const [name, division] = [text('name'), text('division')];
  return { ...(name === undefined ? {} : { name }), ...(division === undefined ? {} : { division }) };
}

function withoutHead(inner: ValueMap): ValueMap {
  return makeMap(Object.entries(inner).filter(([key]) => key !== 'name' && key !== 'division'));
}

/** Keys that lead, in the vendor's own order, and keys that come last, since they are long; all others stand between, by alphabet. */
const FIRST = ['name', 'division', 'description', 'refId', 'startUpRef', 'initialGreeting', 'defaultLanguage', 'supportedLanguages', 'variables'];
const LAST = ['menus', 'tasks', 'states', 'bots', 'startUpTaskActions', 'outputs', 'actions', 'choices'];
const RANK: ReadonlyMap<string, number> = new Map([
  ...FIRST.map((key, index) => [key, index - FIRST.length] as const),
  ...LAST.map((key, index) => [key, index + 1] as const),
]);

function ordered(value: Value): Value {
  if (isList(value)) return value.map(ordered);
  if (!isMap(value)) return value;
  return makeMap(
    Object.keys(value)
      .sort(byPlace)
      .map((key) => [key, ordered(value[key] as Value)]),
  );
}

function byPlace(left: string, right: string): number {
  const rank = (RANK.get(left) ?? 0) - (RANK.get(right) ?? 0);
  return rank !== 0 ? rank : left < right ? -1 : left > right ? 1 : 0;
}

/** A value behind its key or dash: scalars on the line, maps and lists on lines of their own. */
function printBlock(value: Value, indent: string): string {
  if (isList(value)) return value.length === 0 ? ' []' : value.map((item) => `\n${indent}-${printItem(item, `${indent}  `)}`).join('');
  if (!isMap(value)) return ` ${printScalar(value)}`;
  const keys = Object.keys(value);
  if (keys.length === 0) return ' {}';
  return keys.map((key) => `\n${indent}${printText(key, 'key')}:${printBlock(value[key] as Value, `${indent}  `)}`).join('');
}

/** An item behind its dash: its first line stands beside it. */
function printItem(value: Value, indent: string): string {
  const printed = printBlock(value, indent);
  return printed.startsWith('\n') ? ` ${printed.slice(1 + indent.length)}` : printed;
}

function printScalar(value: Exclude<Value, readonly Value[] | ValueMap>): string {
  if (typeof value === 'string') return printText(value, 'value');
  return typeof value === 'number' || typeof value === 'bigint' ? printNumber(value) : String(value);
}
