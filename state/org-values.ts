import { typeOf } from './address.ts';
import type { Document } from './document.ts';
import { makePointer, type Pattern, type Pointer } from './pointer.ts';
import type { Problem } from './problem.ts';
import type { TypeTable } from './resource-type.ts';
import { type Rules, rulesBelow, rulesOf } from './rules.ts';
import { asDirective, isList, isMap, makeMap, type Value, type ValueMap } from './value.ts';

/** What one org says about every tree that is compared with it. */
export interface OrgValues {
  /** Values of `{ $var: name }`. */
  readonly values: ValueMap;
  /** Fields that are not managed in this org, by type. */
  readonly ignore: Readonly<Record<string, readonly Pattern[]>>;
}

/**
 * A document as it is meant for one org: each `{ $var: name }` is the org's value, and what the org ignores is ignored. A variable
 * without a value is a problem. What holds neither is the same object as before.
 */
export function forOrg(document: Document, types: TypeTable, org: OrgValues): { readonly document: Document; readonly problems: readonly Problem[] } {
  const missing: { pointer: Pointer; name: string }[] = [];
  const type = types.get(typeOf(document.address));
  const body = type === undefined ? document.body : (fill(document.body, '', rulesOf(type), org.values, missing) as ValueMap);
  const ignore = org.ignore[typeOf(document.address)] ?? [];
  const problems = missing.map(({ pointer, name }): Problem => {
    const message = `"${name}" has no value in this org`;
    return { code: 'VARIABLE_MISSING', severity: 'error', message, hint: `add it to the org's "values" in cordboard.yaml`, at: document.address, pointer };
  });
  if (body === document.body && ignore.length === 0) return { document, problems };
  return { document: { ...document, body, ...(ignore.length === 0 ? {} : { ignore: [...new Set([...(document.ignore ?? []), ...ignore])] }) }, problems };
}

function fill(value: Value, pointer: Pointer, rules: Rules, values: ValueMap, missing: { pointer: Pointer; name: string }[]): Value {
  if (rules.isTree === true || typeof value !== 'object' || value === null) return value;
  const found = asDirective(value);
  if (found !== undefined) return found.name === '$var' ? orgValue(found.value, value, pointer, values, missing) : value;
  const item = (segment: string, from: Value): Value => fill(from, `${pointer}${makePointer([segment])}`, rulesBelow(rules, segment), values, missing);
  if (isList(value)) {
    const items = value.map((from, index) => item(String(index), from));
    return items.every((to, index) => to === value[index]) ? value : items;
  }
  if (!isMap(value)) return value;
  const entries = Object.entries(value).map(([key, from]) => [key, item(key, from)] as const);
  return entries.every(([key, to]) => to === value[key]) ? value : makeMap(entries);
}

function orgValue(name: string, unresolved: Value, pointer: Pointer, values: ValueMap, missing: { pointer: Pointer; name: string }[]): Value {
  const value = Object.hasOwn(values, name) ? values[name] : undefined;
  if (value !== undefined) return value;
  missing.push({ pointer, name });
  return unresolved;
}
