import { type Address, HOME, keyOf, keyParts, makeAddress, parseAddress, SINGLETON } from './address.ts';
import type { Document } from './document.ts';
import { makePointer, type Pointer } from './pointer.ts';
import type { RefRule, ResourceType } from './resource-type.ts';
import { type Rules, rulesBelow, rulesOf } from './rules.ts';
import { refsInText, soleRef } from './text-refs.ts';
import { asDirective, isList, isMap, type Value } from './value.ts';

/** One use of another resource, wherever the document says it. */
export interface FoundRef {
  readonly pointer: Pointer;
  readonly to: Address;
  /** `name` is found by the type's own reading; `parent` stands in the key. */
  readonly kind: 'ref' | 'external' | 'text' | 'key' | 'name' | 'parent';
  readonly rule?: RefRule;
  readonly optional: boolean;
}

export interface RefReading {
  readonly refs: readonly FoundRef[];
  /** Directives that name no address. */
  readonly malformed: readonly { readonly pointer: Pointer; readonly text: string }[];
  /** Names made at run time: nothing can resolve them. */
  readonly dynamic: readonly { readonly pointer: Pointer; readonly to: Address }[];
}

interface Draft {
  readonly refs: FoundRef[];
  readonly malformed: { readonly pointer: Pointer; readonly text: string }[];
}

/** Every ref of a document: directives, `${ref:...}` inside texts, keys that are refs, names in the type's own notation, and the parent in its key. */
export function findRefs(document: Document, type: ResourceType): RefReading {
  const known = cache.get(document);
  if (known !== undefined) return known;
  const reading = readRefs(document, type);
  cache.set(document, reading);
  return reading;
}

/** Documents never change, and a flow's content is long to read. */
const cache = new WeakMap<Document, RefReading>();

function readRefs(document: Document, type: ResourceType): RefReading {
  const draft: Draft = { refs: [], malformed: [] };
  collect(document.body, '', rulesOf(type), draft);
  const uses = type.usesIn?.(document) ?? [];
  for (const use of uses) {
    if (use.dynamic !== true)
      draft.refs.push({ pointer: use.pointer, to: use.to, kind: use.isText === true ? 'text' : 'name', optional: use.optional ?? false });
  }
  const parent = parentOf(document.address, type);
  if (parent !== undefined) draft.refs.push({ pointer: '', to: parent, kind: 'parent', optional: false });
  return { ...draft, dynamic: uses.filter((use) => use.dynamic === true) };
}

/** The address of the resource whose key comes first in this one's key. */
export function parentOf(address: Address, type: ResourceType): Address | undefined {
  const parts = type.parent === undefined ? undefined : keyParts(address);
  if (type.parent === undefined || parts === undefined) return undefined;
  const own = Math.max(1, type.keyFields.length);
  return parts.length > own ? makeAddress(type.parent, parts.slice(0, parts.length - own)) : undefined;
}

/** The home division and the one of a singleton are in every org; nobody has to create them. */
export function isAlwaysThere(address: Address): boolean {
  const key = keyOf(address);
  return key === HOME || key === SINGLETON;
}

function collect(value: Value, pointer: Pointer, rules: Rules, draft: Draft): void {
  if (rules.isTree === true) return;
  const directive = asDirective(value);
  if (typeof value === 'string') {
    collectText(value, pointer, rules, draft);
  } else if (directive?.name === '$ref') {
    addRef(directive.value, { pointer, kind: 'ref' }, rules, draft);
  } else if (directive?.name === '$external') {
    addRef(directive.value, { pointer, kind: 'external' }, rules, draft);
  } else if (directive === undefined) {
    collectBelow(value, pointer, rules, draft);
  }
}

function collectBelow(value: Value, pointer: Pointer, rules: Rules, draft: Draft): void {
  const items = isList(value) ? value.map((item, index) => [String(index), item] as const) : isMap(value) ? Object.entries(value) : [];
  for (const [segment, item] of items) {
    const at = `${pointer}${makePointer([segment])}`;
    if (rules.ref?.keys === true && isMap(value)) addRef(soleRef(segment) ?? segment, { pointer: at, kind: 'key' }, rules, draft);
    else if (isMap(value)) collectText(segment, at, NO_RULE, draft);
    collect(item, at, rulesBelow(rules, segment), draft);
  }
}

function collectText(text: string, pointer: Pointer, rules: Rules, draft: Draft): void {
  for (const address of refsInText(text)) addRef(address, { pointer, kind: 'text' }, rules, draft);
}

/** What a key says is told by nothing but itself. */
const NO_RULE: Rules = { below: new Map() };

function addRef(text: string, found: Pick<FoundRef, 'pointer' | 'kind'>, rules: Rules, draft: Draft): void {
  const to = parseAddress(text);
  if (to === undefined) draft.malformed.push({ pointer: found.pointer, text });
  else draft.refs.push({ ...found, to, optional: rules.ref?.optional ?? false, ...(rules.ref === undefined ? {} : { rule: rules.ref }) });
}
