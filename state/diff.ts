import type { FieldChange } from './change.ts';
import { alignLists, contentOf } from './diff-list.ts';
import type { Document } from './document.ts';
import { defaultsOf, fieldDefault, identityOf, isPlainMap, normalise } from './normalise.ts';
import { dropAt, makePointer, type Pointer } from './pointer.ts';
import type { ListRule, ResourceType } from './resource-type.ts';
import { type Rules, rulesBelow, rulesOf } from './rules.ts';
import { asDirective, isList, isMap, makeMap, sameValue, type Value, type ValueMap } from './value.ts';

export { normalise } from './normalise.ts';

/** One place of both documents; undefined where a side has nothing there. `fallback` is what the field is when it is left out. */
interface Pair {
  readonly at: Pointer;
  readonly before: Value | undefined;
  readonly after: Value | undefined;
  readonly fallback: Value | undefined;
  readonly rules: Rules;
}

interface Comparison {
  readonly without: ReadonlySet<Pointer>;
  readonly found: FieldChange[];
}

/**
 * Every field in which `wanted` differs from `live`, each leaf on its own and in the order of the fields' names. A field left out is at its
 * declared default. A set's item is added or removed whole; an item of a keyed list is compared with its namesake, and its pointer has the
 * identity as segment (escaped, as in any pointer). A field that this version does not know is never taken out. Not compared: secrets, what `wanted` ignores, and `without`. Where nothing lives, each top field is an `add`.
 */
export function diffDocuments(live: Document | undefined, wanted: Document, type: ResourceType, without: readonly Pointer[] = []): readonly FieldChange[] {
  if (live?.body === wanted.body) return [];
  return diffNormalised(live === undefined ? undefined : normalise(live, type), normalise(wanted, type), type, without);
}

/** As `diffDocuments`, of two documents that are in their shortest form already. */
export function diffNormalised(live: Document | undefined, wanted: Document, type: ResourceType, without: readonly Pointer[]): readonly FieldChange[] {
  const rules = rulesOf(type, wanted.ignore);
  const comparison: Comparison = { without: new Set(without), found: [] };
  if (live === undefined) return addedFields(wanted.body, rules, comparison);
  compare({ at: '', before: live.body, after: wanted.body, fallback: defaultsOf(type), rules }, comparison);
  return type.knows === undefined ? comparison.found : comparison.found.filter(({ kind, at }) => kind !== 'remove' || type.knows?.(at) !== false);
}

function addedFields(body: ValueMap, rules: Rules, { without }: Comparison): readonly FieldChange[] {
  const shown = [...without].reduce((left, pointer) => dropAt(left, pointer), body);
  return Object.keys(shown)
    .filter((key) => rulesBelow(rules, key).isIgnored !== true)
    .sort()
    .map((key): FieldChange => ({ at: makePointer([key]), kind: 'add', after: shown[key] as Value }));
}

function compare(pair: Pair, comparison: Comparison): void {
  const { at, rules, fallback } = pair;
  if (rules.isSecret === true || rules.isIgnored === true || comparison.without.has(at)) return;
  const before = pair.before === undefined ? fallbackValue(fallback, rules) : pair.before;
  const after = pair.after === undefined ? fallbackValue(fallback, rules) : pair.after;
  if (before === after || (before === undefined && saysNothing(after))) return;
  if (canDescend(before, after, rules)) {
    compareMaps({ ...pair, before, after }, comparison);
  } else if (isList(before) && isList(after)) {
    compareLists({ ...pair, before, after }, comparison);
  } else if (!sameLeaf(before, after)) {
    comparison.found.push(makeChange(at, before, after));
  }
}

/** What clears a field and what empties a list is true of a field that the org does not show: many drop both. */
function saysNothing(wanted: Value | undefined): boolean {
  return wanted === null || (isList(wanted) && wanted.length === 0);
}

/** A declared map of defaults stands for its fields, not for itself; where it is of a list's items, the list is empty. */
function fallbackValue(fallback: Value | undefined, { list }: Rules): Value | undefined {
  if (!isPlainMap(fallback)) return fallback;
  return list === undefined ? undefined : NOTHING;
}

const NOTHING: readonly Value[] = [];

/** Fields are compared one by one where both sides are maps, or one is and the other has nothing: an absent map has no fields. */
function canDescend(before: Value | undefined, after: Value | undefined, rules: Rules): boolean {
  if (isPlainMap(before) && isPlainMap(after)) return true;
  const only = before === undefined ? after : after === undefined ? before : undefined;
  return isPlainMap(only) && Object.keys(only).length > 0 && rules.isTree !== true;
}

/** A ref to what is managed elsewhere is the same ref. */
function sameLeaf(before: Value | undefined, after: Value | undefined): boolean {
  const [left, right] = [asDirective(before), asDirective(after)];
  const areRefs = left !== undefined && right !== undefined && isRef(left.name) && isRef(right.name);
  return areRefs ? left.value === right.value : sameValue(before, after);
}

function isRef(name: string): boolean {
  return name === '$ref' || name === '$external';
}

function compareMaps({ at, before, after, fallback, rules }: Pair, comparison: Comparison): void {
  const [from, to] = [isMap(before) ? before : makeMap([]), isMap(after) ? after : makeMap([])];
  const keys = new Set([...Object.keys(from), ...Object.keys(to)]);
  for (const key of [...keys].sort()) {
    const [one, other] = [Object.hasOwn(from, key) ? from[key] : undefined, Object.hasOwn(to, key) ? to[key] : undefined];
    const place = `${at}${makePointer([key])}`;
    if (isNameOfSecret({ before, after, rules }, one, other)) comparison.found.push(makeChange(place, one, other));
    else compare({ at: place, before: one, after: other, fallback: fieldDefault(fallback, key), rules: rulesBelow(rules, key) }, comparison);
  }
}

/** Where an org shows the names of secret fields, a name on one side alone is a difference, though no value is. */
function isNameOfSecret({ before, after, rules }: Pick<Pair, 'before' | 'after' | 'rules'>, one: Value | undefined, other: Value | undefined): boolean {
  if (rules.below.get('*')?.isSecret !== true || !isMap(before) || !isMap(after)) return false;
  return Object.keys(before).length > 0 && (one === undefined) !== (other === undefined);
}

function compareLists(pair: Pair & { readonly before: readonly Value[]; readonly after: readonly Value[] }, comparison: Comparison): void {
  const rule = pair.rules.list;
  if (rule === undefined) compareOrdered(pair, comparison);
  else compareUnordered(pair, rule, comparison);
}

/** Lists whose order matters: item by item where lengths agree, else along their longest common part. An index is the live one for what goes. */
function compareOrdered({ at, before, after, fallback, rules }: Pair & { before: readonly Value[]; after: readonly Value[] }, comparison: Comparison): void {
  for (const { from, to } of alignLists(before, after)) {
    const [one, other] = [from === undefined ? undefined : before[from], to === undefined ? undefined : after[to]];
    const segment = String(to ?? from);
    const place = `${at}/${segment}`;
    if (one === undefined || other === undefined) comparison.found.push(makeChange(place, one, other));
    else compare({ at: place, before: one, after: other, fallback: fieldDefault(fallback, segment), rules: rulesBelow(rules, segment) }, comparison);
  }
}

function compareUnordered(pair: Pair & { before: readonly Value[]; after: readonly Value[] }, rule: ListRule, comparison: Comparison): void {
  const [from, to] = [byIdentity(pair.before, rule), byIdentity(pair.after, rule)];
  const identities = [...new Set([...from.keys(), ...to.keys()])].sort();
  for (const identity of identities) {
    const [removed, added] = [from.get(identity) ?? [], to.get(identity) ?? []];
    for (let index = 0; index < Math.max(removed.length, added.length); index += 1) {
      compareItem(pair, rule, { before: removed[index], after: added[index] }, comparison);
    }
  }
}

function compareItem(pair: Pair, rule: ListRule, { before, after }: { before: Value | undefined; after: Value | undefined }, comparison: Comparison): void {
  const item = after === undefined ? before : after;
  if (item === undefined) return;
  const segment = identityOf(item, rule.kind === 'keyed' ? rule.by : undefined);
  const at = `${pair.at}${makePointer([segment])}`;
  const rules = rulesBelow(pair.rules, segment);
  if (rules.isIgnored === true) return;
  if (before === undefined || after === undefined) comparison.found.push(makeChange(at, before, after));
  else if (rule.kind === 'keyed') compare({ at, before, after, fallback: fieldDefault(pair.fallback, segment), rules }, comparison);
}

/** Items under what makes two of them the same: the identity field of a keyed list, the whole content in a set. */
function byIdentity(list: readonly Value[], rule: ListRule): ReadonlyMap<string, readonly Value[]> {
  const found = new Map<string, Value[]>();
  for (const item of list) {
    const identity = rule.kind === 'keyed' ? identityOf(item, rule.by) : contentOf(item);
    const others = found.get(identity);
    if (others === undefined) found.set(identity, [item]);
    else others.push(item);
  }
  return found;
}

function makeChange(at: Pointer, before: Value | undefined, after: Value | undefined): FieldChange {
  if (before === undefined) return { at, kind: 'add', after: after as Value };
  if (after === undefined) return { at, kind: 'remove', before };
  return { at, kind: 'change', before, after };
}
