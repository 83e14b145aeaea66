import { type Address, keyOf } from './address.ts';
import { hashOf } from './canonical.ts';
import { CONFLICT_KEY, findMarks, isMark } from './conflict.ts';
import type { Document } from './document.ts';
import { assetFile, fileStem, foldName } from './file-name.ts';
import { identityOf } from './normalise.ts';
import { expand, getAt, isUnder, makePointer, type Pointer, pointerSegments, setAt } from './pointer.ts';
import type { AssetRule, ResourceType } from './resource-type.ts';
import { rulesBelow, rulesOf } from './rules.ts';
import { asDirective, directive, isList, isMap, makeMap, type Value, type ValueMap } from './value.ts';
import { printYaml } from './yaml-print.ts';

/** A file beside a document: bytes by their hash, or a text. */
export interface EncodedAsset {
  readonly name: string;
  /** Where it stands in the normalised body. */
  readonly at: Pointer;
  readonly hash?: string;
  readonly content?: string;
  /** It stands already as it is: one side of a conflict, which is Git's own. */
  readonly isOurs?: boolean;
}

export interface EncodeOptions {
  /** Stem of the document's file; left out: the one that its key gives. */
  readonly stem?: string;
  /** Names that assets already have, by `assetIdentity`. */
  readonly assetNames?: ReadonlyMap<string, string>;
  /** Where an editor finds the JSON Schema; makes the first line a comment that says so. */
  readonly schema?: string;
  /** What is the matter with the document as a whole: marks beside the body, and in the place of the key. */
  readonly marks?: { readonly whole?: ValueMap; readonly key?: ValueMap };
}

/** How an asset is told from the others of its document, whatever the order of a keyed list: `/resources/en-us/audio`. */
export function assetIdentity(body: ValueMap, pointer: Pointer, type: ResourceType): string {
  return `/${identitySegments(body, pointer, type).join('/')}`;
}

function identitySegments(body: ValueMap, pointer: Pointer, type: ResourceType): string[] {
  let rules = rulesOf(type);
  let at: Value | undefined = body;
  return pointerSegments(pointer).map((segment) => {
    const item: Value | undefined = getAt(at, makePointer([segment]));
    const by = rules.list?.kind === 'keyed' ? rules.list.by : undefined;
    const identity = by === undefined || item === undefined ? segment : identityOf(item, by);
    rules = rulesBelow(rules, segment);
    at = item;
    return identity;
  });
}

export function takeAssetsOut(document: Document, type: ResourceType, options: EncodeOptions): { body: ValueMap; assets: EncodedAsset[] } {
  const stem = options.stem ?? fileStem(keyOf(document.address));
  const assets: EncodedAsset[] = [];
  const taken = new Set<string>();
  let body = document.body;
  for (const { rule, pointer, value } of assetsOf(document.body, type)) {
    const content = isMark(value) ? undefined : contentOf(rule, value, document.address);
    if (content === undefined) continue;
    const identity = assetIdentity(document.body, pointer, type);
    const name = unusedName(options.assetNames?.get(identity) ?? nameOf(stem, rule, identity, type), identity, taken);
    assets.push({ name, at: pointer, ...content });
    body = setAt(body, pointer, directive('$file', name));
  }
  return takeSidesOut({ body, assets }, document, type, { ...options, stem, taken });
}

interface TakenOut {
  readonly body: ValueMap;
  readonly assets: EncodedAsset[];
}

/** The assets inside of marks: Git's own stays in its file, each other side gets one that is named after it. */
function takeSidesOut(out: TakenOut, document: Document, type: ResourceType, options: EncodeOptions & { stem: string; taken: Set<string> }): TakenOut {
  if (type.assets.length === 0) return out;
  const marks = findMarks(out.body);
  return marks.reduce<TakenOut>((before, { pointer, mark }) => {
    const sides = Object.entries(isMap(mark[CONFLICT_KEY]) ? mark[CONFLICT_KEY] : {}).map(([side, value]) => {
      const taken = takeSideOut(side, { pointer, value }, document, type, options);
      before.assets.push(...taken.assets);
      return [side, taken.value] as const;
    });
    return { body: setAt(before.body, pointer, makeMap([[CONFLICT_KEY, makeMap(sides)]])), assets: before.assets };
  }, out);
}

function takeSideOut(
  side: string,
  { pointer, value }: { readonly pointer: Pointer; readonly value: Value },
  document: Document,
  type: ResourceType,
  { stem, taken, assetNames }: EncodeOptions & { stem: string; taken: Set<string> },
): { value: Value; assets: EncodedAsset[] } {
  const whole = setAt(document.body, pointer, value);
  const found = assetsOf(whole, type).filter((asset) => isUnder(asset.pointer, pointer));
  const assets = found.flatMap(({ rule, pointer: at, value: content }): EncodedAsset[] => {
    const encoded = contentOf(rule, content, document.address);
    if (encoded === undefined) return [];
    const identity = assetIdentity(whole, at, type);
    const name = assetNames?.get(identity) ?? nameOf(stem, rule, identity, type);
    const own = side === 'ours' ? name : name.replace(new RegExp(`\\.${rule.extension.replaceAll('.', '\\.')}$`), `.${side}.${rule.extension}`);
    return [{ name: unusedName(own, `${identity} ${side}`, taken), at, ...encoded, ...(side === 'ours' ? { isOurs: true } : {}) }];
  });
  const encoded = assets.reduce<ValueMap>((body, { at, name }) => setAt(body, at, directive('$file', name)), whole);
  return { value: getAt(encoded, pointer) ?? value, assets };
}

export function assetsOf(body: ValueMap, type: ResourceType): { rule: AssetRule; pointer: Pointer; value: Value }[] {
  return type.assets.flatMap((rule) => expand(body, rule.at).map((pointer) => ({ rule, pointer, value: getAt(body, pointer) as Value })));
}

/** What the file of an asset holds; undefined where the value is none (null, a directive of another kind). */
function contentOf(rule: AssetRule, value: Value, address: Address): { hash: string } | { content: string } | undefined {
  if (rule.form === 'bytes') {
    const named = asDirective(value);
    return named?.name === '$file' ? { hash: named.value } : undefined;
  }
  return isMap(value) || isList(value) ? { content: (rule.print ?? printYaml)(value, address) } : undefined;
}

/** The part of a name between stem and extension: what the pattern leaves open, or the field where two rules share an extension. */
function nameOf(stem: string, rule: AssetRule, identity: string, type: ResourceType): string {
  const pattern = pointerSegments(rule.at);
  const segments = identity.slice(1).split('/');
  const open = segments.filter((_, index) => pattern[index] === '*');
  const isShared = type.assets.some((other) => other !== rule && other.extension === rule.extension);
  const middle = [...open, ...(isShared ? [segments.at(-1) ?? ''] : [])].join(' ');
  return assetFile(stem, middle, rule.extension);
}

function unusedName(name: string, identity: string, taken: Set<string>): string {
  const free = taken.has(foldName(name)) ? name.replace(/\./, `.${hashOf(identity).slice(7, 19)}.`) : name;
  taken.add(foldName(free));
  return free;
}
