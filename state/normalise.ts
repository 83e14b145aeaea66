import { canonicalJson } from './canonical.ts';
import type { Document } from './document.ts';
import type { ResourceType } from './resource-type.ts';
import { type Rules, rulesBelow, rulesOf } from './rules.ts';
import { asDirective, emptyMap, isList, isMap, makeMap, sameValue, type Value, type ValueMap } from './value.ts';

/**
 * A document in its shortest form: fields at their declared default dropped (and a map whose fields all are), sets sorted by content, keyed
 * lists by identity. Nothing else goes: null, an empty list and a field left out stay three things, and a map without a default stays.
 * In declared defaults the key `*` stands for every item of a list or every key of a map; a list with defaults of its items is empty when it is left out.
 */
export function normalise(document: Document, type: ResourceType): Document {
  const sorted = sortLists(document.body, rulesOf(type)) as ValueMap;
  const defaults = defaultsOf(type);
  const body = mapFields(sorted, (value, key) => dropDefaults(value, fieldDefault(defaults, key)));
  return body === document.body ? document : { ...document, body };
}

const cache = new WeakMap<ResourceType, ValueMap>();

/** A type's declared defaults, with their sets in order. */
export function defaultsOf(type: ResourceType): ValueMap {
  const known = cache.get(type);
  if (known !== undefined) return known;
  const sorted = sortLists(type.defaults, rulesOf(type)) as ValueMap;
  cache.set(type, sorted);
  return sorted;
}

/** The default below a place, of a field or of an item; undefined where none is declared. */
export function fieldDefault(defaults: Value | undefined, key: string): Value | undefined {
  if (!isPlainMap(defaults)) return undefined;
  if (Object.hasOwn(defaults, key)) return defaults[key];
  return Object.hasOwn(defaults, '*') ? defaults['*'] : undefined;
}

/** A map whose fields are fields: not a directive. */
export function isPlainMap(value: Value | undefined): value is ValueMap {
  return isMap(value) && asDirective(value) === undefined;
}

/** What tells an item of a set or keyed list from the others, as it is shown: an address, a text, else its JSON. */
export function identityOf(item: Value, by?: string): string {
  const value = by !== undefined && isMap(item) && Object.hasOwn(item, by) ? (item[by] as Value) : item;
  if (typeof value === 'string') return value;
  return asDirective(value)?.value ?? canonicalJson(value);
}

/** Every set and keyed list of a value in its one order, innermost first. */
function sortLists(value: Value, rules: Rules): Value {
  if (rules.below.size === 0 && rules.list === undefined) return value;
  if (isList(value)) return sortItems(value, rules);
  if (!isPlainMap(value)) return value;
  return mapFields(value, (item, key) => sortLists(item, rulesBelow(rules, key)));
}

function sortItems(list: readonly Value[], rules: Rules): Value {
  const items = list.map((item, index) => sortLists(item, rulesBelow(rules, String(index))));
  const rule = rules.list;
  if (rule === undefined) return items;
  const texts = items.map((item) => ({ item, identity: rule.kind === 'keyed' ? identityOf(item, rule.by) : '', text: canonicalJson(item) }));
  return texts.sort((left, right) => compareText(left.identity, right.identity) || compareText(left.text, right.text)).map(({ item }) => item);
}

/** Order by code unit: the same on every machine, whatever its language. */
export function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The map with each field as `change` has it, without those that it takes away; the same map where nothing changed. */
export function mapFields(map: ValueMap, change: (value: Value, key: string) => Value | undefined): ValueMap {
  const changed = emptyMap();
  let isSame = true;
  for (const key of Object.keys(map)) {
    const value = map[key] as Value;
    const next = change(value, key);
    if (next !== value) isSame = false;
    if (next !== undefined) changed[key] = next;
  }
  return isSame ? map : changed;
}

/** The value without what is at its default; undefined where nothing is left of it. */
function dropDefaults(value: Value, fallback: Value | undefined): Value | undefined {
  if (fallback === undefined) return value;
  if (isList(value) && isPlainMap(fallback)) return value.length === 0 ? undefined : value.map((item) => dropBelow(item, fieldDefault(fallback, '*')));
  if (!isPlainMap(value) || !isPlainMap(fallback)) return sameValue(value, fallback) ? undefined : value;
  const left = mapFields(value, (item, key) => {
    const below = fieldDefault(fallback, key);
    return Object.hasOwn(fallback, key) ? dropDefaults(item, below) : dropBelow(item, below);
  });
  return isEmpty(left) ? undefined : left;
}

function isEmpty(map: ValueMap): boolean {
  for (const _ in map) return false;
  return true;
}

/** As `dropDefaults`, of a list's item or a map's free key: the item itself stays, since its being there says something. */
function dropBelow(item: Value, fallback: Value | undefined): Value {
  const kept = dropDefaults(item, fallback);
  if (kept !== undefined) return kept;
  return isPlainMap(item) && isPlainMap(fallback) ? makeMap([]) : item;
}
