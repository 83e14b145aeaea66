import { createHash } from 'node:crypto';
import type { Pointer } from './pointer.ts';
import type { Place, Problem } from './problem.ts';
import type { ResourceType, TypeTable } from './resource-type.ts';
import type { Completeness } from './snapshot.ts';
import { narrowedTypes, withoutWhole } from './tree-filter.ts';
import { isList, isMap, makeMap, sameValue, type Value } from './value.ts';
import { readYamlFast } from './yaml-fast.ts';
import { printPair } from './yaml-print.ts';
import { spliceYaml } from './yaml-splice.ts';

/** What a tree of manifests says of itself, in its `export.yaml`. No ids and no times, so that two exports merge and the same org gives the same bytes. */
export interface TreeManifest {
  /** The org by the name that it gives itself. */
  readonly org: string;
  /** How the parts were chosen, as a person would type it; empty for everything. */
  readonly filters: readonly string[];
  readonly types: ReadonlyMap<string, TreeType>;
  /** Types that the file calls whole though no export wrote that there: each of them counts as a part. */
  readonly doubted?: ReadonlySet<string>;
}

interface TreeType {
  readonly count: number;
  readonly completeness: Completeness;
}

/** One export: what was asked, and how it went. Counts are those of the tree afterwards. */
export interface Export extends TreeManifest {
  /** Types that could not be read as asked: the tree does not hold them whole, whatever it held before. */
  readonly failed: ReadonlySet<string>;
}

export const MANIFEST_FILE = 'export.yaml';

/**
 * The manifest of a tree after one more export into it:
 * - another org than before is a problem, and nothing is to be written;
 * - a type read whole now is whole; one read in part stays whole if the tree held it whole, unless reading it failed: then it is a part;
 * - a type that was not asked for stays as it was; filters unite; those of an export that read its types whole say nothing, none
 *   narrows a type that is whole by now, and all go when everything in the tree is whole.
 */
export function mergeManifests(previous: TreeManifest | undefined, fresh: Export, types: TypeTable): { manifest: TreeManifest; problems: readonly Problem[] } {
  const filters = areWhole(fresh.types) ? [] : fresh.filters;
  if (previous === undefined) return { manifest: inOrder({ ...fresh, filters }, types), problems: [] };
  const problems = previous.org === fresh.org ? [] : [otherOrg(previous.org, fresh.org)];
  const merged = new Map(previous.types);
  for (const [name, { count, completeness }] of fresh.types) {
    const wasWhole = previous.types.get(name)?.completeness === 'whole' && !fresh.failed.has(name);
    merged.set(name, { count, completeness: wasWhole ? 'whole' : completeness });
  }
  return { manifest: inOrder({ org: fresh.org, filters: [...previous.filters, ...filters], types: merged }, types), problems };
}

function inOrder({ org, filters, types }: TreeManifest, table: TypeTable): TreeManifest {
  const names = orderTypes([...types.keys()], table);
  const isWhole = (name: string): boolean => types.get(name)?.completeness === 'whole';
  const left = areWhole(types) ? [] : filters.flatMap((filter) => withoutWhole(filter, isWhole, table) ?? []);
  return { org, filters: [...new Set(left)].sort(), types: new Map(names.map((name) => [name, types.get(name) as TreeType])) };
}

function areWhole(types: TreeManifest['types']): boolean {
  return [...types.values()].every(({ completeness }) => completeness === 'whole');
}

function otherOrg(before: string, now: string): Problem {
  return {
    code: 'TREE_OF_ANOTHER_ORG',
    severity: 'error',
    message: `this tree was exported from the org "${before}", not from "${now}"`,
    hint: 'export into another folder ("manifests" in cordboard.yaml), or remove this tree first; if it was applied to this org from another clone: git fetch origin "refs/cordboard/*:refs/cordboard/*"',
  };
}

/** Types in the order in which their resources can be created: what others refer to first, names breaking ties and cycles. */
export function orderTypes(names: readonly string[], table: TypeTable): string[] {
  const open = new Map([...names].sort().map((name) => [name, needsOf(table.get(name), names)]));
  const ordered: string[] = [];
  while (open.size > 0) {
    const waiting = [...open].map(([name, needs]) => ({ name, count: [...needs].filter((need) => open.has(need)).length }));
    const next = waiting.reduce((best, at) => (at.count < best.count ? at : best)).name;
    open.delete(next);
    ordered.push(next);
  }
  return ordered;
}

function needsOf(type: ResourceType | undefined, names: readonly string[]): ReadonlySet<string> {
  const refs = (type?.refs ?? []).filter(({ at }) => !type?.deferrable.includes(at)).flatMap(({ to }) => to);
  const needs = new Set([...refs, ...(type?.parent === undefined ? [] : [type.parent])]);
  needs.delete(type?.name ?? '');
  return new Set([...needs].filter((need) => names.includes(need)));
}

/** The text of `export.yaml`; comments of the old text stay. */
export function printManifest(manifest: TreeManifest, oldText?: string): string {
  const types = [...manifest.types].map(([type, { count, completeness }]) =>
    makeMap([['type', type], ['count', count], ['completeness', completeness], ...(completeness === 'whole' ? [['seal', sealOf(type)] as const] : [])]),
  );
  const fields: [string, Value][] = [
    ['org', manifest.org],
    ['filters', manifest.filters],
    ['types', types],
  ];
  const text = fields.map(([name, value]) => printPair(name, value, '')).join('');
  const before = oldText === undefined ? undefined : readYamlFast('', oldText).value;
  const after = makeMap(fields);
  if (oldText === undefined || before === undefined) return text;
  return sameValue(before, after) ? oldText : spliceYaml(oldText, before, after, ['org', 'filters', 'types']);
}

/**
 * What only an export writes beside `whole`: a word that was written over by hand, or put together by a merge out of two entries, is not
 * believed. It is the same in every export of the type, so that exports merge; letters alone, so that no YAML reader takes it for a number.
 */
function sealOf(type: string): string {
  const hex = createHash('sha256').update(`cordboard ${MANIFEST_FILE}: ${type} whole`).digest('hex').slice(0, 12);
  return [...hex].map((digit) => String.fromCharCode(97 + Number.parseInt(digit, 16))).join('');
}

/**
 * Reads `export.yaml`. A manifest that is wrong is none: nothing in its tree counts as whole. One that claims more than an export wrote
 * is read with that claim taken back.
 */
export function readManifest(file: string, text: string, types: TypeTable): { manifest?: TreeManifest; problems: readonly Problem[] } {
  const yaml = readYamlFast(file, text);
  if (yaml.value === undefined) return { problems: yaml.problems };
  const [org, filters, listed] = isMap(yaml.value) ? [yaml.value['org'], yaml.value['filters'], yaml.value['types']] : [];
  if (typeof org !== 'string' || !isTexts(filters) || !isList(listed))
    return { problems: [wrong('a manifest is "org" (a name), "filters" (texts) and "types"', yaml.place(''))] };
  const read = listed.map((item) => readTreeType(item));
  const bad = read.indexOf(undefined);
  if (bad >= 0)
    return { problems: [wrong('a type is "type" (a name), "count" (a number) and "completeness" (whole, part or none)', yaml.place(`/types/${bad}`))] };
  const entries = read as Entry[];
  const names = entries.map(({ type }) => type);
  const twice = names.findIndex((name, index) => names.indexOf(name) < index);
  if (twice >= 0) return { problems: [wrong(`the type "${names[twice]}" stands here twice`, yaml.place(`/types/${twice}`))] };
  return believed({ org, filters, entries }, types, yaml.place);
}

interface Entry extends TreeType {
  readonly type: string;
  readonly seal: Value | undefined;
}

interface Claimed {
  readonly org: string;
  readonly filters: readonly string[];
  readonly entries: readonly Entry[];
}

/** Takes back each `whole` that no export wrote, or that a filter beside it contradicts. */
function believed(
  { org, filters, entries }: Claimed,
  types: TypeTable,
  place: (at: Pointer) => Place,
): { manifest: TreeManifest; problems: readonly Problem[] } {
  const placeOf = (type: string): Place => place(`/types/${entries.findIndex((entry) => entry.type === type)}`);
  const whole = entries.filter(({ completeness }) => completeness === 'whole');
  const narrowed = whole.flatMap(({ type }) => filters.filter((filter) => narrowedTypes(filter, types).includes(type)).map((filter) => ({ type, filter })));
  const edited = whole.filter(({ type, seal }) => seal !== sealOf(type)).map(({ type }) => type);
  const doubted = new Set([...narrowed.map(({ type }) => type), ...edited]);
  const read = entries.map(({ type, count, completeness }) => [type, { count, completeness: doubted.has(type) ? 'part' : completeness }] as const);
  const problems = narrowed.map(({ type, filter }) => contradicted(type, filter, placeOf(type)));
  const told = edited.filter((type) => narrowed.every((one) => one.type !== type));
  const [first] = told;
  return {
    manifest: { org, filters, types: new Map(read), ...(doubted.size === 0 ? {} : { doubted }) },
    problems: first === undefined ? problems : [...problems, claimed(told, placeOf(first))],
  };
}

function contradicted(type: string, filter: string, place: Place): Problem {
  return {
    code: 'TREE_MANIFEST_CONTRADICTS',
    severity: 'error',
    message: `"${type}" is called whole here, and the filter "${filter}" took a part of it`,
    hint: `restore the file from Git, or export all of it: cordboard export --type ${type} --all`,
    place,
  };
}

function claimed(types: readonly string[], place: Place): Problem {
  return {
    code: 'TREE_MANIFEST_EDITED',
    severity: 'warning',
    message: `no export of this version wrote that the tree holds ${types.join(', ')} whole, so nothing of that is deleted`,
    hint: 'restore the file from Git, or export again, which writes what it holds',
    place,
  };
}

function isTexts(value: Value | undefined): value is readonly string[] {
  return isList(value) && value.every((item) => typeof item === 'string');
}

function readTreeType(item: Value): Entry | undefined {
  if (!isMap(item)) return undefined;
  const { type, count, completeness, seal } = item;
  const isWhole =
    typeof type === 'string' &&
    Number.isSafeInteger(count) &&
    Number(count) >= 0 &&
    (completeness === 'whole' || completeness === 'part' || completeness === 'none');
  return isWhole ? { type, count: Number(count), completeness, seal } : undefined;
}

function wrong(message: string, place: Place): Problem {
  return { code: 'TREE_MANIFEST_IS_WRONG', severity: 'error', message, hint: 'restore the file from Git, or remove it and export again', place };
}
