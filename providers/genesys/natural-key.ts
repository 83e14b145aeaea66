import { type Address, HOME, keyParts, makeAddress, makeReservedAddress, SINGLETON } from '../../state/address.ts';
import { getAt, setAt } from '../../state/pointer.ts';
import { makeMap, type Value, type ValueMap } from '../../state/value.ts';
import { modelOf, type TypeFacts, toPattern } from './facts.ts';

/** A declared type or one that the catalogue alone knows: what a key is made of. */
export interface Keyed {
  readonly facts: TypeFacts;
  readonly lowerCaseKeys?: readonly string[];
}

/** The address of an object of the org; undefined where a part of its key is missing. */
export function addressOf(keyed: Keyed, raw: ValueMap, parent?: Address): Address | undefined {
  const { facts } = keyed;
  if (facts.singleton) return makeReservedAddress(facts.type, SINGLETON);
  if (facts.type === 'auth_division' && raw['homeDivision'] === true) return makeReservedAddress(facts.type, HOME);
  const own = ownKeyFields(facts).map((field) => keyText(keyed, field, getAt(raw, toPattern(field))));
  const above = facts.parent === null ? [] : parent === undefined ? undefined : keyParts(parent);
  if (above === undefined || own.length === 0 || own.some((part) => part === undefined)) return undefined;
  return makeAddress(facts.type, [...above, ...own.filter((part) => part !== undefined)]);
}

/** The fields that make a key: of the catalogue's identity those that people see, since an id of one org is nobody's name in another. */
export function ownKeyFields(facts: TypeFacts): readonly string[] {
  const refs = new Set(facts.refs.map(({ path }) => path));
  return facts.identity.filter((field) => !field.startsWith('<') && !refs.has(field));
}

function keyText(keyed: Keyed, field: string, value: Value | undefined): string | undefined {
  const isText = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  if (!isText || value === '') return undefined;
  return keyed.lowerCaseKeys?.includes(field) === true ? String(value).toLowerCase() : String(value);
}

/** The key's own fields as a request holds them; those of `@home` stay what they are in the org. */
export function keyFields(keyed: Keyed, address: Address, raw: ValueMap | undefined): ValueMap {
  const fields = ownKeyFields(keyed.facts);
  const own = keyParts(address)?.slice(-fields.length) ?? [];
  return fields.reduce<ValueMap>((body, field, index) => {
    const part = own[index];
    const spelled = part !== undefined && keyed.lowerCaseKeys?.includes(field) === true ? part.toUpperCase() : part;
    return setAt(body, toPattern(field), spelled ?? (raw === undefined ? undefined : getAt(raw, toPattern(field))));
  }, makeMap([]));
}

/** The parent's address of a child's; undefined for types that stand alone. */
export function parentOf(facts: TypeFacts, address: Address): Address | undefined {
  const parts = keyParts(address);
  if (facts.parent === null || parts === undefined) return undefined;
  return makeAddress(facts.parent, parts.slice(0, parts.length - ownKeyFields(facts).length));
}

/** An object's id. A child's begins with its parent's and a slash; where the API gives it none of its own, its key follows. */
export function idOf(facts: TypeFacts, raw: ValueMap, parentId?: string): string {
  const own = hasOwnId(facts)
    ? raw['id']
    : ownKeyFields(facts)
        .map((field) => getAt(raw, toPattern(field)))
        .join('/');
  const text = facts.singleton ? SINGLETON : String(own);
  return parentId === undefined ? text : `${parentId}/${text}`;
}

function hasOwnId(facts: TypeFacts): boolean {
  return modelOf(facts.get?.returns ?? facts.model ?? undefined)?.properties?.['id'] !== undefined;
}

/** The ids that a path of the type asks for, outermost first. */
export function pathIds(facts: TypeFacts, id: string): readonly string[] {
  if (facts.singleton) return [];
  const slash = facts.parent === null ? -1 : id.indexOf('/');
  return slash < 0 ? [id] : [id.slice(0, slash), id.slice(slash + 1)];
}

/** The parameters of a catalogue path, filled in order. */
export function pathParameters(path: string, ids: readonly string[]): Record<string, string> {
  const names = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name ?? '');
  return Object.fromEntries(names.map((name, index) => [name, ids[index] ?? '']));
}
