import { expect } from '@jest/globals';
import type { Address } from '../../state/address.ts';
import { canonicalJson } from '../../state/canonical.ts';
import type { FieldChange } from '../../state/change.ts';
import type { Plan } from '../../state/plan.ts';
import { makePointer } from '../../state/pointer.ts';
import { asDirective, isList, isMap, type Value } from '../../state/value.ts';
import type { HandEdit } from './hand-edits.ts';

/** Every drift that a plan shows, from what was applied to what is there, in one spelling. */
export function driftOf(plan: Plan): readonly string[] {
  const problems = plan.problems.filter(({ severity }) => severity === 'error').map((problem) => `problem ${problem.code} ${problem.at} ${problem.message}`);
  const steps = plan.steps.filter((step) => step.action !== 'unchanged');
  const shown = steps.flatMap((step) =>
    step.changes.length === 0
      ? [`${step.address} ${step.action} ${step.was ?? ''}`]
      : step.changes.map(({ at, before, after }) => say(step.address, { at, kind: 'change', ...there('before', after), ...there('after', before) })),
  );
  return [...problems, ...shown].sort();
}

const there = (name: string, value: Value | undefined) => (value === undefined ? {} : { [name]: value });

/** A reference is the same whether what it points at was read or not; kinds follow from the values. */
export function say(address: string, { at, before, after }: FieldChange): string {
  const plain = (value: Value | undefined): string => (value === undefined ? '(nothing)' : canonicalJson(named(value)).replaceAll('"$external"', '"$ref"'));
  return `${address.replace(/#.*$/, '')} ${at} ${plain(before)} -> ${plain(after)}`;
}

function named(value: Value): Value {
  const told = asDirective(value);
  if (told?.name === '$file') return { $file: told.value.replace(/^sha256:.*$/, 'some file') };
  if (isList(value)) return value.map(named);
  return isMap(value) ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, named(item)])) : value;
}

/** Rounds of edits that do not touch one another: each leaf of each document once. */
export function roundsOf(edits: readonly HandEdit[]): readonly (readonly HandEdit[])[] {
  const rounds: { readonly edits: HandEdit[]; readonly taken: Map<Address, string[]> }[] = [];
  for (const edit of edits) {
    const area = areaOf(edit);
    const isFree = (taken: Map<Address, string[]>) => (taken.get(edit.address) ?? []).every((other) => !overlaps(other, area));
    let round = rounds.find(({ taken }) => isFree(taken));
    if (round === undefined) {
      round = { edits: [], taken: new Map() };
      rounds.push(round);
    }
    round.edits.push(edit);
    round.taken.set(edit.address, [...(round.taken.get(edit.address) ?? []), area]);
  }
  return rounds.map((round) => round.edits);
}

/** A list is one area: adding and removing moves its items. */
function areaOf({ path }: HandEdit): string {
  const first = path.findIndex((segment) => typeof segment === 'number');
  return makePointer(first < 0 ? path : path.slice(0, first));
}

export function groupBy<Item>(items: readonly Item[], key: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

const overlaps = (one: string, other: string) => one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`);

/** Both are the same lines; else tells the lines that are missing and those that are too many, not all. */
export function compareDrift(found: readonly string[], wanted: readonly string[]): void {
  const [missing, surplus] = [wanted.filter((line) => !found.includes(line)), found.filter((line) => !wanted.includes(line))];
  expect({ missing, surplus }).toEqual({ missing: [], surplus: [] });
}
