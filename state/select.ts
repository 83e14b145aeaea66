import { type Address, typeOf } from './address.ts';
import type { Document } from './document.ts';
import { isNamedBy } from './name-pattern.ts';
import { setAt } from './pointer.ts';
import type { Problem } from './problem.ts';
import { findRefs, isAlwaysThere } from './refs.ts';
import type { TypeTable } from './resource-type.ts';
import type { Completeness, LiveSnapshot } from './snapshot.ts';
import { directive, type ValueMap } from './value.ts';

/** What an export takes. Where several kinds of filter are given, a resource has to pass each. */
export interface Selection {
  readonly types?: readonly string[];
  /** Patterns on the key: `*` any text, `?` one character. */
  readonly names?: readonly string[];
  readonly ids?: readonly string[];
  /** Also inactive resources that nothing selected refers to. */
  readonly all: boolean;
  /** Also everything that the selected ones refer to, and so on. */
  readonly dependencies: boolean;
}

/**
 * The part of an org that an export takes. A ref to what is left out becomes `$external`, unless the tree that is exported into holds it
 * already (`held`); what a resource cannot be read without (the table of a row) is taken along. A type is `whole` only where it was read whole and nothing of it was left out.
 */
export function selectDocuments(
  live: LiveSnapshot,
  types: TypeTable,
  selection: Selection,
  held: ReadonlyMap<Address, unknown> = new Map(),
): Pick<LiveSnapshot, 'documents' | 'completeness'> {
  const taken = new Set<Address>();
  const open = roots(live, selection);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (taken.has(next)) continue;
    taken.add(next);
    open.push(...takenAlong(next, live, types, selection));
  }
  const isInside = (address: Address): boolean => taken.has(address) || (held.has(address) && live.documents.has(address)) || isAlwaysThere(address);
  const documents = [...taken].sort().flatMap((address) => {
    const document = live.documents.get(address);
    return document === undefined ? [] : [[address, withExternals(document, types, isInside)] as const];
  });
  return { documents: new Map(documents), completeness: completenessOf(live, taken, selection) };
}

/**
 * Filters that no resource passes: an id that nobody has is an error, since it names one thing; a pattern is a warning, unless no pattern and no id
 * finds anything.
 */
export function findIdleFilters(live: LiveSnapshot, selection: Selection): readonly Problem[] {
  const addresses = [...live.documents.keys()].filter((address) => selection.types?.includes(typeOf(address)) ?? true);
  const known = new Set([...addresses.map((address) => live.ids.get(address)), ...[...live.twins.values()].flat()]);
  const ids = (selection.ids ?? []).filter((id) => !known.has(id)).map(unknownId);
  const idle = (selection.names ?? []).filter((pattern) => !addresses.some((address) => isNamedBy(pattern, address)));
  const severity = idle.length > 0 && idle.length === selection.names?.length ? 'error' : 'warning';
  return [...ids, ...idle.map((pattern) => idlePattern(pattern, severity))];
}

function unknownId(id: string): Problem {
  return { code: 'ID_UNKNOWN', severity: 'error', message: `nothing that was read has the id "${id}"`, hint: 'look at the id, at the org, and at --type' };
}

function idlePattern(pattern: string, severity: Problem['severity']): Problem {
  const hint = 'upper and lower case count; * stands for any text, ? for one character';
  return { code: 'NAME_UNMATCHED', severity, message: `no key matches "${pattern}"`, hint };
}

/** What the filters name: by default not the inactive ones, unless a filter asks for them by name or id. */
function roots(live: LiveSnapshot, selection: Selection): Address[] {
  const isNamed = selection.all || selection.names !== undefined || selection.ids !== undefined;
  return [...live.documents.values()]
    .filter(({ address }) => selection.types?.includes(typeOf(address)) ?? true)
    .filter(({ address }) => selection.names?.some((pattern) => isNamedBy(pattern, address)) ?? true)
    .filter(({ address }) => selection.ids?.includes(live.ids.get(address) ?? '') ?? true)
    .filter((document) => isNamed || !isInactive(document))
    .map((document) => document.address);
}

/** Of what a taken resource refers to: everything (closure), else inactive ones of the asked-for types, and what it cannot do without. */
function takenAlong(address: Address, live: LiveSnapshot, types: TypeTable, selection: Selection): readonly Address[] {
  const document = live.documents.get(address);
  const type = types.get(typeOf(address));
  if (document === undefined || type === undefined) return [];
  const isFiltered = selection.names !== undefined || selection.ids !== undefined;
  return findRefs(document, type)
    .refs.filter(({ to, kind }) => {
      const isAskedFor = !isFiltered && (selection.types?.includes(typeOf(to)) ?? true);
      return live.documents.has(to) && (selection.dependencies || isAskedFor || kind === 'parent' || kind === 'text' || kind === 'key');
    })
    .map((ref) => ref.to);
}

/** The document with each ref to what is left out as `$external`, and each to what is inside as `$ref`. */
function withExternals(document: Document, types: TypeTable, isInside: (address: Address) => boolean): Document {
  const type = types.get(typeOf(document.address));
  if (type === undefined) return document;
  const wrong = findRefs(document, type).refs.filter(({ to, kind }) => (kind === 'ref' && !isInside(to)) || (kind === 'external' && isInside(to)));
  if (wrong.length === 0) return document;
  const turned = ({ kind, to }: (typeof wrong)[number]) => directive(kind === 'ref' ? '$external' : '$ref', to);
  return { ...document, body: wrong.reduce<ValueMap>((body, ref) => setAt(body, ref.pointer, turned(ref)), document.body) };
}

function completenessOf(live: LiveSnapshot, taken: ReadonlySet<Address>, selection: Selection): ReadonlyMap<string, Completeness> {
  // Of several objects under one key none is taken.
  const left = new Set([...[...live.documents.keys()].filter((address) => !taken.has(address)), ...live.twins.keys()].map(typeOf));
  const held = new Set([...taken].map(typeOf));
  const isFiltered = selection.names !== undefined || selection.ids !== undefined;
  const marks = [...live.completeness].flatMap(([type, read]): [string, Completeness][] => {
    const isAskedFor = !isFiltered && (selection.types?.includes(type) ?? true);
    if (!isAskedFor && !held.has(type)) return [];
    return [[type, read === 'whole' && (!isAskedFor || left.has(type)) ? 'part' : read]];
  });
  return new Map(marks.sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** The state that resources of this API are in when nobody uses them. */
function isInactive({ body }: Document): boolean {
  return body['state'] === 'inactive' || body['active'] === false || body['enabled'] === false;
}
