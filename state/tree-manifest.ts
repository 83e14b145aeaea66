import type { Place, Problem } from './problem.ts';
import type { ResourceType, TypeTable } from './resource-type.ts';
import type { Completeness } from './snapshot.ts';
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
 * - a type that was not asked for stays as it was; filters unite; those of an export that read its types whole say nothing, and
 *   all go when everything in the tree is whole.
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
  return { org, filters: areWhole(types) ? [] : [...new Set(filters)].sort(), types: new Map(names.map((name) => [name, types.get(name) as TreeType])) };
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
    makeMap([
      ['type', type],
      ['count', count],
      ['completeness', completeness],
    ]),
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

/** Reads `export.yaml`. A manifest that is wrong is none: nothing in its tree counts as whole. */
export function readManifest(file: string, text: string): { manifest?: TreeManifest; problems: readonly Problem[] } {
  const yaml = readYamlFast(file, text);
  if (yaml.value === undefined) return { problems: yaml.problems };
  const org = isMap(yaml.value) ? yaml.value['org'] : undefined;
  const filters = isMap(yaml.value) ? yaml.value['filters'] : undefined;
  const types = isMap(yaml.value) ? yaml.value['types'] : undefined;
  if (typeof org !== 'string' || !isTexts(filters) || !isList(types))
    return { problems: [wrong('a manifest is "org" (a name), "filters" (texts) and "types"', yaml.place(''))] };
  const read = types.map((item) => readTreeType(item));
  const bad = read.indexOf(undefined);
  if (bad >= 0)
    return { problems: [wrong('a type is "type" (a name), "count" (a number) and "completeness" (whole, part or none)', yaml.place(`/types/${bad}`))] };
  const names = read.map((item) => item?.[0]);
  const twice = names.findIndex((name, index) => names.indexOf(name) < index);
  if (twice >= 0) return { problems: [wrong(`the type "${names[twice]}" stands here twice`, yaml.place(`/types/${twice}`))] };
  return { manifest: { org, filters, types: new Map(read as [string, TreeType][]) }, problems: [] };
}

function isTexts(value: Value | undefined): value is readonly string[] {
  return isList(value) && value.every((item) => typeof item === 'string');
}

function readTreeType(item: Value): [string, TreeType] | undefined {
  if (!isMap(item)) return undefined;
  const { type, count, completeness } = item;
  const isWhole =
    typeof type === 'string' &&
    Number.isSafeInteger(count) &&
    Number(count) >= 0 &&
    (completeness === 'whole' || completeness === 'part' || completeness === 'none');
  return isWhole ? [type, { count: Number(count), completeness }] : undefined;
}

function wrong(message: string, place: Place): Problem {
  return { code: 'TREE_MANIFEST_IS_WRONG', severity: 'error', message, hint: 'restore the file from Git, or remove it and export again', place };
}
