import { type Address, keyParts, makeAddress, typeOf } from './address.ts';
import type { Document } from './document.ts';
import { makePointer } from './pointer.ts';
import { findRefs, parentOf } from './refs.ts';
import type { ResourceType, TypeTable } from './resource-type.ts';
import type { LiveSnapshot, Memory } from './snapshot.ts';
import { mapText } from './text-refs.ts';
import { asDirective, directive, isList, isMap, makeMap, type Value, type ValueMap } from './value.ts';

/** New addresses by the old ones. */
export type Renames = ReadonlyMap<Address, Address>;

/**
 * The org as it is called after renames: what refers to a renamed object refers to its new name, and its children stand below that. The objects
 * themselves keep their address, since it is their step that renames them. So a rename is one change, and of nothing else.
 */
export function withRenames(live: LiveSnapshot, renames: Renames, types: TypeTable): LiveSnapshot {
  if (renames.size === 0) return live;
  const moved = (address: Address) => movedChild(address, renames, types) ?? address;
  const documents = [...live.documents.values()].map((document) => renamedDocument(document, renames, types));
  return {
    ...live,
    documents: new Map(documents.map((document) => [document.address, document])),
    ids: rekeyed(live.ids, moved),
    twins: rekeyed(live.twins, moved),
    deleted: new Set([...live.deleted].map(moved)),
  };
}

/** One document as it is called after renames of what it refers to, or of its parent. Its own rename is a step of its own. */
export function renamedDocument(document: Document, renames: Renames, types: TypeTable): Document {
  const type = types.get(typeOf(document.address));
  if (type === undefined || renames.size === 0) return document;
  const renamed = withNewRefs(document, renames, type);
  const address = movedChild(document.address, renames, types);
  return address === undefined ? renamed : { ...renamed, address };
}

/** What is remembered, with the children of renamed objects under their new name. */
export function rememberedAs(memory: Memory, renames: Renames, types: TypeTable): Memory {
  if (renames.size === 0) return memory;
  const moved = (address: Address) => movedChild(address, renames, types) ?? address;
  const left = memory.left === undefined ? {} : { left: new Set([...memory.left].map(moved)) };
  return { documents: rekeyed(memory.documents, moved), ids: rekeyed(memory.ids, moved), ...left };
}

function rekeyed<Of>(map: ReadonlyMap<Address, Of>, moved: (address: Address) => Address): ReadonlyMap<Address, Of> {
  return new Map([...map].map(([address, value]) => [moved(address), value]));
}

/** The address of a child whose parent is renamed; undefined for all else. */
export function movedChild(address: Address, renames: Renames, types: TypeTable): Address | undefined {
  const type = types.get(typeOf(address));
  const parent = type === undefined ? undefined : parentOf(address, type);
  const now = parent === undefined ? undefined : renames.get(parent);
  if (parent === undefined || now === undefined) return undefined;
  const own = (keyParts(address) ?? []).slice((keyParts(parent) ?? []).length);
  return makeAddress(typeOf(address), [...(keyParts(now) ?? []), ...own]);
}

/** The document with the new names in its refs; the same one where it has none of the old. */
function withNewRefs(document: Document, renames: Renames, type: ResourceType): Document {
  const found = findRefs(document, type).refs.filter(({ to }) => renames.has(to));
  if (found.length === 0) return document;
  const named = new Map<string, readonly Address[]>();
  for (const { kind, pointer, to } of found) if (kind === 'name') named.set(pointer, [...(named.get(pointer) ?? []), to]);
  const body = rewrite(document.body, [], { renames, named });
  return { ...document, body: body as ValueMap };
}

interface Rewriting {
  readonly renames: Renames;
  /** Places at which the type's own notation names renamed objects. */
  readonly named: ReadonlyMap<string, readonly Address[]>;
}

function rewrite(value: Value, path: readonly (string | number)[], rewriting: Rewriting): Value {
  const { renames, named } = rewriting;
  const told = asDirective(value);
  if (told !== undefined) {
    const now = told.name === '$ref' || told.name === '$external' ? renames.get(told.value as Address) : undefined;
    return now === undefined ? value : directive(told.name, now);
  }
  if (typeof value === 'string') {
    const from = named.get(makePointer(path));
    return inText(value, renames, from);
  }
  if (isList(value)) return value.map((item, index) => rewrite(item, [...path, index], rewriting));
  if (!isMap(value)) return value;
  return makeMap(
    Object.entries(value).map(([key, item]) => {
      const from = named.get(makePointer([...path, key]));
      const isKey = from !== undefined && typeof item !== 'string';
      return [inText(key, renames, isKey ? from : undefined), rewrite(item, [...path, key], rewriting)] as const;
    }),
  );
}

/** Refs in the in-string form, and between them the names that the type's own notation has there. */
function inText(text: string, renames: Renames, named: readonly Address[] = []): string {
  return mapText(text, {
    ref: (address) => renames.get(address as Address) ?? address,
    words: (words) => withNewNames(words, named, renames),
  });
}

function withNewNames(text: string, from: readonly Address[], renames: Renames): string {
  return from.reduce((told, address) => withNewName(told, address, renames), text);
}

/** A vendor's notation holds the part of the key that people know. */
function withNewName(text: string, from: Address, renames: Renames): string {
  const [before, after] = [keyParts(from) ?? [], keyParts(renames.get(from) ?? from) ?? []];
  const at = before.findIndex((part, index) => part !== after[index]);
  const [old, fresh] = [before[at], after[at]];
  if (old === undefined || fresh === undefined) return text;
  // Inside an expression the name stands as a word of its own.
  return text === old ? fresh : text.replace(new RegExp(`(?<!\\w)${old.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}(?!\\w)`, 'g'), () => fresh);
}
