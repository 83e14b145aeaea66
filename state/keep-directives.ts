import { canonicalJson } from './canonical.ts';
import type { Document } from './document.ts';
import { identityOf } from './normalise.ts';
import { expand, getAt, type Pattern, setAt } from './pointer.ts';
import type { ResourceType } from './resource-type.ts';
import { type Rules, rulesBelow, rulesOf } from './rules.ts';
import { asDirective, directive, isList, isMap, makeMap, sameValue, type Value, type ValueMap } from './value.ts';

/** What a document's directives mean in the org that was read. */
interface DirectiveValues {
  /** Values of `{ $var: name }` for this org. */
  readonly vars: ReadonlyMap<string, Value>;
}

/**
 * A document fresh from an org, as the person who wrote the old one would have it: `$var` and `$external` stay where the org holds what they
 * stand for, `$secret` always (no org shows one), and so do `protect`, `was`, `ignore`, and the fields that are ignored. Everything else is fresh.
 */
export function keepDirectives(old: Document, fresh: Document, type: ResourceType, values: DirectiveValues): Document {
  const kept = keepValue(old.body, fresh.body, rulesOf(type), values);
  const body = keepIgnored(old, isMap(kept) ? kept : fresh.body);
  const { protect, was, ignore } = old;
  return { ...fresh, body, ...(protect === undefined ? {} : { protect }), ...(was === undefined ? {} : { was }), ...(ignore === undefined ? {} : { ignore }) };
}

function keepValue(old: Value | undefined, fresh: Value, rules: Rules, values: DirectiveValues): Value {
  if (old === undefined || rules.isTree === true) return fresh;
  const meant = meaning(old, rules, values);
  if (meant !== undefined && sameValue(meant, meaning(fresh, rules, values))) return old;
  if (asDirective(old) !== undefined || asDirective(fresh) !== undefined) return fresh;
  if (isMap(old) && isMap(fresh)) return keepMap(old, fresh, rules, values);
  return isList(old) && isList(fresh) ? keepList(old, fresh, rules, values) : fresh;
}

/** Secrets that no org shows stay in their maps; a map that the fresh document lacks stays where it held nothing but secrets. */
function keepMap(old: ValueMap, fresh: ValueMap, rules: Rules, values: DirectiveValues): ValueMap {
  const secrets = Object.entries(old).filter(([key, value]) => !Object.hasOwn(fresh, key) && isSecret(value));
  const entries = Object.entries(fresh).map(([key, value]) => {
    const before = Object.hasOwn(old, key) ? old[key] : undefined;
    return [key, keepValue(before, value, rulesBelow(rules, key), values)] as const;
  });
  return makeMap([...entries, ...secrets]);
}

/** Each item keeps the directives of the old one that is its namesake, or means the same, or stood at its place. */
function keepList(old: readonly Value[], fresh: readonly Value[], rules: Rules, values: DirectiveValues): Value[] {
  const by = rules.list?.kind === 'keyed' ? rules.list.by : undefined;
  const nameOf = (item: Value) => (by === undefined ? canonicalJson(item) : identityOf(item, by));
  const named = new Map<string, Value>();
  for (const [index, item] of old.entries()) {
    const meant = meaning(item, rulesBelow(rules, String(index)), values);
    if (meant !== undefined) named.set(nameOf(meant), item);
  }
  return fresh.map((item, index) => {
    const below = rulesBelow(rules, String(index));
    const namesake = named.get(nameOf(meaning(item, below, values) ?? item));
    return keepValue(namesake ?? (rules.list === undefined ? old[index] : undefined), item, below, values);
  });
}

/** A value with its directives resolved: `$var` to its value, `$external` to the ref that it is, `$secret` to a secret without name. Undefined where a variable has no value. */
function meaning(value: Value, rules: Rules, values: DirectiveValues): Value | undefined {
  if (rules.isTree === true) return value;
  const named = asDirective(value);
  if (named?.name === '$var') return values.vars.get(named.value);
  if (named?.name === '$external') return directive('$ref', named.value);
  if (named?.name === '$secret') return directive('$secret', '');
  if (isList(value)) {
    const items = value.map((item, index) => meaning(item, rulesBelow(rules, String(index)), values));
    return items.includes(undefined) ? undefined : (items as Value[]);
  }
  if (!isMap(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, meaning(item, rulesBelow(rules, key), values)] as const);
  return entries.some(([, item]) => item === undefined) ? undefined : makeMap(entries as [string, Value][]);
}

function isSecret(value: Value): boolean {
  if (asDirective(value)?.name === '$secret') return true;
  const items = isMap(value) ? Object.values(value) : [];
  return items.length > 0 && items.every(isSecret);
}

/** Ignored fields stay as the old document has them, there or not. */
function keepIgnored(old: Document, body: ValueMap): ValueMap {
  return (old.ignore ?? []).reduce((at, pattern) => keepIgnoredAt(old.body, at, pattern), body);
}

function keepIgnoredAt(old: ValueMap, body: ValueMap, pattern: Pattern): ValueMap {
  const here = pattern.includes('*') ? [] : [pattern];
  const pointers = new Set([...expand(old, pattern), ...expand(body, pattern), ...here]);
  return [...pointers].reduceRight((at, pointer) => (pointer === '' ? old : setAt(at, pointer, getAt(old, pointer))), body);
}
