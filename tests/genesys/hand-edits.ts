import { type Address, typeOf } from '../../state/address.ts';
import type { FieldChange } from '../../state/change.ts';
import type { Document } from '../../state/document.ts';
import { defaultsOf, fieldDefault, identityOf, isPlainMap } from '../../state/normalise.ts';
import { makePointer } from '../../state/pointer.ts';
import type { ResourceType } from '../../state/resource-type.ts';
import { type Rules, rulesBelow, rulesOf } from '../../state/rules.ts';
import { asDirective, directive, isList, isMap, sameValue, type Value, type ValueMap } from '../../state/value.ts';

export type Path = readonly (string | number)[];

/** One leaf that a person could change by hand, where it stands in the org's own object, and what drift has to say of it. */
export interface HandEdit {
  readonly address: Address;
  readonly kind: 'scalar' | 'ref' | 'clear' | 'add item' | 'remove item' | 'audio';
  /** Where the value stands in the canonical body, lists by index. */
  readonly path: Path;
  readonly from: Value | undefined;
  readonly to: Value | undefined;
  /** Drift: from what was applied to what is there. */
  readonly expected: FieldChange;
}

/** What a schema of `body-schema.ts` says of one place. */
type Schema = Readonly<Record<string, unknown>>;

interface Place {
  readonly path: Path;
  /** As field changes spell it: items of sets and keyed lists by identity. */
  readonly at: string;
  readonly schema: Schema;
  readonly value: Value | undefined;
  readonly fallback: Value | undefined;
  readonly rules: Rules;
  readonly isRequired: boolean;
}

/** Where references of each type can point at, for edits that need another one than the one that is there. */
export type Targets = (types: readonly string[], not: string | undefined) => Address | undefined;

/**
 * Every change of one leaf that the type's schema allows in this document, generated from both. Secrets and the trees of flows are left out.
 * Long, since every step of the walk collects into one list.
 */
export function editsOf(document: Document, type: ResourceType, targets: Targets): readonly HandEdit[] {
  const root = type.schema() as Schema;
  const defs = (root['$defs'] ?? {}) as Readonly<Record<string, Schema>>;
  const edits: HandEdit[] = [];
  const add = (place: Place, kind: HandEdit['kind'], to: Value | undefined, expected: FieldChange): void => {
    edits.push({ address: document.address, kind, path: place.path, from: place.value, to, expected });
  };

  const visit = (place: Place): unknown => {
    const schema = plain(place.schema, defs);
    const told = kindOf(schema);
    if (place.rules.isSecret === true || told === 'secret' || place.rules.isTree === true) return;
    if (told === 'ref') return refEdits(place, schema);
    if (told === 'object') return objectEdits(place, schema);
    if (told === 'list') return listEdits(place, schema);
    if (told === 'file') return audioEdit(place);
    if (isMap(place.value) && asDirective(place.value) === undefined) return objectEdits(place, {});
    if (isList(place.value)) return listEdits(place, {});
    return scalarEdits(place, schema);
  };

  const scalarEdits = (place: Place, schema: Schema): void => {
    const now = place.value ?? (isPlainMap(place.fallback) ? undefined : place.fallback);
    const next = otherScalar(now, schema);
    if (next === undefined) return;
    add(place, 'scalar', next, change(place.at, now, next));
    if (place.value !== undefined && !place.isRequired) clearEdit(place);
  };

  const clearEdit = (place: Place): void => {
    const fallback = isPlainMap(place.fallback) ? undefined : place.fallback;
    if (!sameValue(place.value, fallback)) add(place, 'clear', undefined, change(place.at, place.value, fallback));
  };

  const refEdits = (place: Place, schema: Schema): void => {
    const types = typesOf(schema);
    const now = place.value ?? place.fallback;
    const told = asDirective(now)?.value;
    const ofSame = told === undefined ? types : [typeOf(told as Address)];
    const to = targets(ofSame, told);
    if (to === undefined) return;
    const next = directive('$ref', to);
    add(place, 'ref', next, change(place.at, now, next));
    if (place.value !== undefined && !place.isRequired && place.fallback === undefined) clearEdit(place);
  };

  const objectEdits = (place: Place, schema: Schema): void => {
    const properties = (schema['properties'] ?? {}) as Readonly<Record<string, Schema>>;
    const values = isMap(place.value) ? place.value : {};
    const free = schema['additionalProperties'];
    const names = new Set([...Object.keys(properties), ...Object.keys(values)]);
    const required = new Set((schema['required'] ?? []) as readonly string[]);
    for (const name of names) {
      const inner = properties[name] ?? (typeof free === 'object' ? (free as Schema) : {});
      visit({
        path: [...place.path, name],
        at: `${place.at}${makePointer([name])}`,
        schema: inner,
        value: Object.hasOwn(values, name) ? values[name] : undefined,
        fallback: fieldDefault(place.fallback, name),
        rules: rulesBelow(place.rules, name),
        isRequired: required.has(name),
      });
    }
  };

  const listEdits = (place: Place, schema: Schema): void => {
    const items = (schema['items'] ?? {}) as Schema;
    const list = isList(place.value) ? place.value : isList(place.fallback) ? place.fallback : [];
    const rule = place.rules.list;
    const spell = (item: Value, index: number): string => (rule === undefined ? String(index) : identityOf(item, rule.kind === 'keyed' ? rule.by : undefined));
    for (const [index, item] of list.entries()) {
      const at = `${place.at}${makePointer([spell(item, index)])}`;
      const below: Place = {
        path: [...place.path, index],
        at,
        schema: items,
        value: item,
        fallback: fieldDefault(place.fallback, String(index)),
        rules: rulesBelow(place.rules, String(index)),
        isRequired: true,
      };
      if (rule?.kind !== 'set') visit(rule?.kind === 'keyed' ? { ...below, schema: withoutKey(plain(items, defs), rule.by) } : below);
      if (rule !== undefined || index === list.length - 1) add(below, 'remove item', undefined, { at, kind: 'remove', before: item });
    }
    const next = newItem(items, list, rule?.kind === 'keyed' ? rule.by : undefined);
    if (next === undefined) return;
    const isThere = place.value !== undefined || isList(place.fallback) || (rule !== undefined && isPlainMap(place.fallback));
    const at = `${place.at}${makePointer([spell(next, list.length)])}`;
    const grown: Place = { ...place, path: [...place.path, list.length], value: undefined };
    add(grown, 'add item', next, isThere ? { at, kind: 'add', after: next } : { at: place.at, kind: 'add', after: [next] });
  };

  const newItem = (schema: Schema, list: readonly Value[], by: string | undefined): Value | undefined => {
    const items = plain(schema, defs);
    if (kindOf(items) === 'ref') {
      const taken = new Set(list.map((item) => asDirective(item)?.value));
      return anotherTarget(typesOf(items), taken);
    }
    if (kindOf(items) === 'object' && by !== undefined) {
      const properties = (items['properties'] ?? {}) as Readonly<Record<string, Schema>>;
      const key = plain(properties[by] ?? {}, defs);
      const taken = new Set(list.map((item) => identityOf(item, by)));
      if (kindOf(key) === 'ref') {
        const to = anotherTarget(typesOf(key), taken);
        if (to === undefined) return undefined;
        return properties['proficiency'] === undefined ? { [by]: to } : { [by]: to, proficiency: 2 };
      }
      return { [by]: ['sv-se', 'fi-fi', 'da-dk'].find((language) => !taken.has(language)) ?? 'nb-no', text: 'Hej' };
    }
    if (kindOf(items) === 'object') return isMap(list[0]) ? withOtherScalar(list[0], items, defs) : madeObject(items);
    if (list.length > 0 && (isMap(list[0]) || isList(list[0]))) return undefined;
    return otherScalar(list.at(-1), items, new Set(list));
  };

  const madeObject = (schema: Schema): Value | undefined => {
    const properties = (schema['properties'] ?? {}) as Readonly<Record<string, Schema>>;
    for (const [name, inner] of Object.entries(properties)) {
      const told = plain(inner, defs);
      const value = kindOf(told) === 'scalar' ? otherScalar(undefined, told) : undefined;
      if (value !== undefined) return { [name]: value };
    }
    return undefined;
  };

  const anotherTarget = (types: readonly string[], taken: ReadonlySet<string | undefined>): ValueMap | undefined => {
    for (let tries = 0, not: string | undefined; tries < 40; tries += 1) {
      const to = targets(types, not);
      if (to === undefined) return undefined;
      if (!taken.has(to)) return directive('$ref', to);
      not = to;
    }
    return undefined;
  };

  const audioEdit = (place: Place): void => {
    const to = directive('$file', 'sha256:other');
    add(place, 'audio', to, change(place.at, place.value, to));
    if (place.value !== undefined) clearEdit(place);
  };

  visit({ path: [], at: '', schema: root, value: document.body, fallback: defaultsOf(type), rules: rulesOf(type), isRequired: true });
  return edits;
}

function change(at: string, before: Value | undefined, after: Value | undefined): FieldChange {
  if (before === undefined) return { at, kind: 'add', after: after as Value };
  return after === undefined ? { at, kind: 'remove', before } : { at, kind: 'change', before, after };
}

/** The schema behind a `$ref` and behind the choice between a directive and a value. */
function plain(schema: Schema, defs: Readonly<Record<string, Schema>>): Schema {
  const name = typeof schema['$ref'] === 'string' ? schema['$ref'].replace('#/$defs/', '') : undefined;
  if (name === 'secret' || name === 'file') return { marked: name };
  if (name !== undefined) return plain(defs[name] ?? {}, defs);
  return schema['else'] === undefined ? schema : plain(schema['else'] as Schema, defs);
}

function kindOf(schema: Schema): 'ref' | 'secret' | 'file' | 'object' | 'list' | 'scalar' {
  if (schema['marked'] !== undefined) return schema['marked'] as 'secret' | 'file';
  const properties = schema['properties'] as Readonly<Record<string, unknown>> | undefined;
  if (properties?.['$ref'] !== undefined) return 'ref';
  const types = [schema['type']].flat();
  if (types.includes('object')) return 'object';
  return types.includes('array') ? 'list' : 'scalar';
}

function typesOf(schema: Schema): readonly string[] {
  const { $ref } = schema['properties'] as { $ref: { pattern: string } };
  return /^\^\(([^)]*)\)/.exec($ref.pattern)?.[1]?.split('|') ?? [];
}

function withoutKey(schema: Schema, by: string): Schema {
  const { [by]: _key, ...properties } = (schema['properties'] ?? {}) as Readonly<Record<string, Schema>>;
  return { ...schema, properties: { ...properties, [by]: { marked: 'secret' } } };
}

/** Another value of the same kind; text stays a text, an enumeration goes to its next word. */
export function otherScalar(value: Value | undefined, schema: Schema, taken: ReadonlySet<Value> = new Set()): Value | undefined {
  const words = (schema['enum'] as readonly Value[] | undefined)?.filter((word) => word !== null);
  if (words !== undefined) return words.find((word) => word !== value && !taken.has(word));
  const type = [schema['type']].flat().find((word) => word !== 'null') ?? (value === undefined ? undefined : typeof value);
  switch (type) {
    case 'boolean':
      return value !== true;
    case 'integer':
    case 'number':
      return typeof value === 'number' ? (Number.isInteger(value) ? (value > 1 ? value - 1 : value + 1) : value / 2) : 3;
    case 'string':
      if (typeof schema['pattern'] === 'string') return '2027-03-01T09:30:00.000';
      return value === undefined || value === null || isMap(value) ? 'by hand' : `${String(value)} (by hand)`;
    default:
      return undefined;
  }
}

/** An item like another one that differs in its first text or number. */
function withOtherScalar(item: ValueMap, schema: Schema, defs: Readonly<Record<string, Schema>>): Value | undefined {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, Schema>>;
  for (const [name, value] of Object.entries(item)) {
    if (typeof value !== 'string' && typeof value !== 'number') continue;
    const next = otherScalar(value, plain(properties[name] ?? {}, defs));
    if (next !== undefined) return { ...item, [name]: next };
  }
  return undefined;
}
