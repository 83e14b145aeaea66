import { type Address, keyOf, parseAddress, typeOf } from './address.ts';
import { canonicalJson } from './canonical.ts';
import { assetIdentity, assetsOf, type EncodedAsset, type EncodeOptions, takeAssetsOut } from './codec-assets.ts';
import { readMarks } from './conflict.ts';
import type { Document } from './document.ts';
import { isPlainName } from './file-name.ts';
import { nearest } from './nearest.ts';
import { mapFields, normalise } from './normalise.ts';
import { type Pattern, type Pointer, setAt, walk } from './pointer.ts';
import type { Place, Problem } from './problem.ts';
import type { AssetRule, ResourceType, TypeTable } from './resource-type.ts';
import { type Rules, rulesBelow, rulesOf } from './rules.ts';
import { soleRef } from './text-refs.ts';
import { asDirective, directive, isList, isMap, type Value, type ValueMap } from './value.ts';
import { readYamlFast } from './yaml-fast.ts';
import { printPair } from './yaml-print.ts';

export type { EncodedAsset, EncodeOptions } from './codec-assets.ts';

export interface EncodedDocument {
  readonly text: string;
  readonly assets: readonly EncodedAsset[];
}

/** One document as its canonical file: the same document, the same bytes. It is normalised first: defaults dropped, sets sorted. */
export function encodeDocument(document: Document, type: ResourceType, options: EncodeOptions = {}): EncodedDocument {
  const { body, assets } = takeAssetsOut(normalise(document, type), type, options);
  const fields = withMarks(fieldsOf(document, body), options.marks);
  const comment = options.schema === undefined ? '' : `# yaml-language-server: $schema=${options.schema}\n`;
  return { text: `${comment}${fields.map(([name, value]) => printPair(name, value, '')).join('')}`, assets };
}

/** The lines of a document, in their order. */
export function fieldsOf(document: Document, body: ValueMap = document.body): [string, Value][] {
  const { address, was, protect, ignore } = document;
  return [
    ['type', typeOf(address)],
    ['key', keyOf(address)],
    ...(was === undefined ? [] : [['was', was] as [string, Value]]),
    ...(protect === true ? [['protect', true] as [string, Value]] : []),
    ...(ignore === undefined || ignore.length === 0 ? [] : [['ignore', [...ignore].sort()] as [string, Value]]),
    ['body', body],
  ];
}

/** The marks of conflicts about the document as a whole, in their places. */
function withMarks(fields: [string, Value][], marks: EncodeOptions['marks']): [string, Value][] {
  return fields.flatMap(([name, value]): [string, Value][] => {
    if (name === 'key' && marks?.key !== undefined) return [[name, marks.key]];
    return name === 'body' && marks?.whole !== undefined ? [...Object.entries(marks.whole), [name, value]] : [[name, value]];
  });
}

const FIELDS = ['type', 'key', 'was', 'protect', 'ignore', 'body'];

/** The file that a document's `$file` names, as the caller found it beside the document. A tree's text is needed, of bytes only the hash. */
export interface AssetContent {
  readonly hash: string;
  readonly text?: string;
}

export interface DecodeInput {
  readonly file: string;
  readonly text: string;
  readonly types: TypeTable;
  /** Undefined where there is no such file, or none that may be read. The name is a bare name by then. */
  readonly asset: (name: string) => AssetContent | undefined;
}

export interface DecodedDocument {
  /** Absent where something is wrong with the file itself. */
  readonly document?: Document;
  /** Where a field of the body stands: also inside a tree's file. */
  readonly places: (pointer?: Pointer) => Place;
  readonly problems: readonly Problem[];
  /** The assets' file names by `assetIdentity`. */
  readonly assetNames: ReadonlyMap<string, string>;
  /** True where marks of conflicts stand in it: somebody has to resolve them. */
  readonly isMarked?: boolean;
  /** What the document calls itself, also where something is wrong with it. */
  readonly address?: Address;
}

/** Reads one document's file. Never throws; every problem has its place. What it returns encodes to a file of the same meaning. */
export function decodeDocument(input: DecodeInput): DecodedDocument {
  const yaml = readYamlFast(input.file, input.text);
  const placeOf = (pointer: Pointer = '') => yaml.place(`/body${pointer}`);
  if (yaml.value === undefined) return { places: placeOf, problems: yaml.problems, assetNames: new Map() };
  const problems: Problem[] = [...yaml.problems];
  const report: Report = (code, pointer, message, hint) => problems.push({ code, severity: 'error', message, hint, place: yaml.place(pointer) });
  const marked = readMarks(yaml.value, { ...input, place: yaml.place });
  if (marked.problems.length > 0) return { places: placeOf, assetNames: new Map(), isMarked: true, ...marked };
  const header = readHeader(yaml.value, input.types, report);
  if (header === undefined) return { places: placeOf, problems, assetNames: new Map() };
  const { document, type } = header;
  const brought = bringAssetsIn(document, type, input, report);
  problems.push(...brought.problems);
  const places = (pointer: Pointer = '') => brought.trees.find(({ at }) => pointer.startsWith(`${at}/`))?.place(pointer) ?? placeOf(pointer);
  const isWhole = problems.length === 0;
  const body = input.text.includes('${ref:') ? (oneSpelling(brought.body, rulesOf(type)) as ValueMap) : brought.body;
  return { ...(isWhole ? { document: { ...document, body } } : {}), address: document.address, places, problems, assetNames: brought.names };
}

/** A text that is one ref and nothing else means the ref, which has one spelling; in a vendor's own notation it stays a text. */
function oneSpelling(value: Value, rules: Rules): Value {
  if (rules.isTree === true) return value;
  const ref = typeof value === 'string' ? soleRef(value) : undefined;
  if (ref !== undefined) return directive('$ref', ref);
  if (isList(value)) return value.map((item, index) => oneSpelling(item, rulesBelow(rules, String(index))));
  if (!isMap(value) || asDirective(value) !== undefined) return value;
  return mapFields(value, (item, key) => oneSpelling(item, rulesBelow(rules, key)));
}

type Report = (code: string, pointer: Pointer, message: string, hint: string) => void;

/** The fields around the body, and the body as it stands. Undefined where any of them is wrong; all that is wrong is reported. */
function readHeader(value: Value, types: TypeTable, report: Report): { document: Document; type: ResourceType } | undefined {
  if (!isMap(value)) {
    report('NOT_A_DOCUMENT', '', 'a document is a map with "type", "key" and "body"', 'see docs/canonical-form.md');
    return undefined;
  }
  for (const field of Object.keys(value).filter((name) => !FIELDS.includes(name))) {
    const near = nearest(field, FIELDS);
    report(
      'UNKNOWN_FIELD',
      `/${field}`,
      `"${field}" is no field of a document`,
      near === undefined ? `the fields of the resource stand under "body"` : `did you mean "${near}"?`,
    );
  }
  const type = readType(value['type'], types, report);
  const address = readAddress(type, value['key'], report);
  const body = value['body'];
  if (!isMap(body))
    report(
      'BODY_IS_WRONG',
      '/body',
      body === undefined ? '"body" is missing' : '"body" is no map',
      'the file may have been cut off; an empty body is written "body: {}"',
    );
  const options = readOptions(value, report);
  return type === undefined || address === undefined || !isMap(body) ? undefined : { document: { address, body, ...options }, type };
}

function readType(name: Value | undefined, types: TypeTable, report: Report): ResourceType | undefined {
  if (typeof name !== 'string') {
    report('TYPE_IS_WRONG', '/type', name === undefined ? '"type" is missing' : '"type" is no text', 'write the type of the resource: type: routing_queue');
    return undefined;
  }
  const known = types.get(name);
  if (known !== undefined) return known;
  const near = [...types.values()].find((type) => type.aliases.includes(name))?.name ?? nearest(name, [...types.keys()]);
  report(
    'UNKNOWN_TYPE',
    '/type',
    `"${name}" is no type that this version knows`,
    near === undefined ? `known types: ${[...types.keys()].sort().join(', ')}` : `did you mean "${near}"?`,
  );
  return undefined;
}

function readAddress(type: ResourceType | undefined, key: Value | undefined, report: Report): Address | undefined {
  if (typeof key !== 'string') {
    report(
      'KEY_IS_WRONG',
      '/key',
      key === undefined ? '"key" is missing' : `the key ${canonicalJson(key).slice(0, 60)} is no text`,
      'write it in double quotes',
    );
    return undefined;
  }
  const address = parseAddress(`${type?.name ?? 'unknown'}/${key}`);
  if (address === undefined) {
    report('KEY_IS_WRONG', '/key', `"${key}" is no key`, 'in a part of a key, / % { } are written %2F %25 %7B %7D, and a leading @ is doubled');
  }
  return address;
}

type Options = { protect?: boolean; was?: string; ignore?: readonly Pattern[] };

function readOptions(value: ValueMap, report: Report): Options {
  const { protect, was, ignore } = value;
  const options: Options = {};
  if (protect === true) options.protect = true;
  else if (protect !== undefined && protect !== false)
    report('FIELD_IS_WRONG', '/protect', '"protect" is neither true nor false', 'write protect: true, or take the line away');
  if (typeof was === 'string') options.was = was;
  else if (was !== undefined) report('FIELD_IS_WRONG', '/was', '"was" is no text', 'write the old key, in double quotes, or none');
  const isPatterns = isList(ignore) && ignore.every((item) => typeof item === 'string' && item.startsWith('/'));
  if (isPatterns) options.ignore = ignore as readonly Pattern[];
  else if (ignore !== undefined)
    report('FIELD_IS_WRONG', '/ignore', '"ignore" is no list of paths', 'write paths into the body: ignore: [/mediaSettings/call]');
  return options;
}

interface Brought {
  readonly body: ValueMap;
  readonly names: ReadonlyMap<string, string>;
  readonly trees: readonly { readonly at: Pointer; readonly place: (pointer: Pointer) => Place | undefined }[];
  readonly problems: readonly Problem[];
}

function bringAssetsIn(document: Document, type: ResourceType, input: DecodeInput, report: Report): Brought {
  const problems: Problem[] = [];
  const names = new Map<string, string>();
  const trees: { at: Pointer; place: (pointer: Pointer) => Place | undefined }[] = [];
  let body = document.body;
  if (!input.text.includes('$file')) return { body, names, trees, problems };
  const assets = assetsOf(body, type);
  for (const { rule, pointer, value } of assets) {
    const named = asDirective(value);
    if (named?.name !== '$file') continue;
    const content = findAsset(named.value, `/body${pointer}`, input, report);
    if (content === undefined) continue;
    names.set(assetIdentity(document.body, pointer, type), named.value);
    if (rule.form === 'bytes') body = setAt(body, pointer, directive('$file', content.hash));
    else {
      const tree = readTreeFile(rule, siblingOf(input.file, named.value), content.text ?? '', document.address);
      problems.push(...tree.problems);
      if (tree.value !== undefined) body = setAt(body, pointer, tree.value);
      trees.push({ at: pointer, place: (inside) => tree.place?.(inside.slice(pointer.length)) });
    }
  }
  for (const { pointer, value } of walk(document.body)) {
    if (asDirective(value)?.name !== '$file' || assets.some((asset) => asset.pointer === pointer)) continue;
    report('FILE_NOT_EXPECTED', `/body${pointer}`, `no file is expected at ${pointer} of a ${type.name}`, 'write the value itself');
  }
  return { body, names, trees, problems };
}

function siblingOf(file: string, name: string): string {
  return `${file.slice(0, Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1)}${name}`;
}

function findAsset(name: string, pointer: Pointer, input: DecodeInput, report: Report): AssetContent | undefined {
  if (!isPlainName(name)) {
    report(
      'FILE_OUTSIDE',
      pointer,
      `"${name}" is not the name of a file in the document's own folder`,
      'a $file stands beside its document: a bare name, no folder, no link',
    );
    return undefined;
  }
  const content = input.asset(name);
  if (content === undefined)
    report('FILE_MISSING', pointer, `the file "${name}" is not beside this document`, 'restore it from Git, or correct the name (case counts)');
  return content;
}

/** Also a format that is read more kindly than ours is told when its file was cut. */
function readTreeFile(rule: AssetRule, file: string, text: string, address: Address): ReturnType<NonNullable<AssetRule['parse']>> {
  if (rule.parse !== undefined && text.endsWith('\n')) return rule.parse(text, file, address);
  const { value, place, problems } = readYamlFast(file, text);
  return value === undefined ? { place, problems } : { value, place, problems };
}
