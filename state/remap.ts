import { type Address, typeOf } from './address.ts';
import type { Document } from './document.ts';
import { nearest } from './nearest.ts';
import { mapFields } from './normalise.ts';
import { makePointer, type Pointer } from './pointer.ts';
import type { Problem } from './problem.ts';
import { type FoundRef, findRefs, isAlwaysThere } from './refs.ts';
import type { ResourceType, TypeTable } from './resource-type.ts';
import { type Rules, rulesBelow, rulesOf } from './rules.ts';
import type { Completeness, LiveSnapshot, Snapshot } from './snapshot.ts';
import { asDirective, isList, isMap, type Value, type ValueMap } from './value.ts';

/** The tree with this org's values in the place of each `{ $var: name }`. A name without a value is a problem, and its directive stays. */
export function resolveVariables(tree: Snapshot, types: TypeTable, values: ReadonlyMap<string, Value>): Snapshot {
  const problems: Problem[] = [...tree.problems];
  const documents = new Map<Address, Document>();
  for (const [address, document] of tree.documents) {
    const missing: Variable[] = [];
    const type = types.get(typeOf(address));
    const body = type === undefined ? document.body : resolveValue(document.body, '', rulesOf(type), { values, missing });
    documents.set(address, body === document.body ? document : { ...document, body: body as ValueMap });
    problems.push(...missing.map((miss) => missingVariable(address, miss, values)));
  }
  return { ...tree, documents, problems };
}

/** Every `{ $var }` of a document, outside of trees in a vendor's own notation. */
export function findVariables(document: Document, type: ResourceType): readonly Variable[] {
  const missing: Variable[] = [];
  resolveValue(document.body, '', rulesOf(type), { values: new Map(), missing });
  return missing;
}

/** A place that takes its value from the org's own. */
export interface Variable {
  readonly name: string;
  readonly pointer: Pointer;
}

export function missingVariable(address: Address, { name, pointer }: Variable, values: ReadonlyMap<string, Value>): Problem {
  const near = nearest(name, values.keys());
  return {
    code: 'VAR_NOT_SET',
    severity: 'error',
    at: address,
    pointer,
    message: `the variable "${name}" has no value for this org`,
    hint:
      near === undefined
        ? `set it under "values" of the org in cordboard.yaml`
        : `did you mean "${near}"? Or set it under "values" of the org in cordboard.yaml`,
  };
}

interface Resolution {
  readonly values: ReadonlyMap<string, Value>;
  readonly missing: Variable[];
}

/** The same value, by identity, where it holds no variable. */
function resolveValue(value: Value, pointer: Pointer, rules: Rules, resolution: Resolution): Value {
  if (rules.isTree === true || typeof value !== 'object' || value === null) return value;
  const told = asDirective(value);
  if (told !== undefined) return told.name === '$var' ? resolveName(value, told.value, pointer, resolution) : value;
  const resolveItem = (segment: string, item: Value) => {
    if (typeof item !== 'object' || item === null) return item;
    return resolveValue(item, `${pointer}${makePointer([segment])}`, rulesBelow(rules, segment), resolution);
  };
  if (isList(value)) {
    const items = value.map((item, index) => resolveItem(String(index), item));
    return items.some((item, index) => item !== value[index]) ? items : value;
  }
  return mapFields(value as ValueMap, (item, key) => resolveItem(key, item));
}

function resolveName(value: Value, name: string, pointer: Pointer, { values, missing }: Resolution): Value {
  const found = values.get(name);
  if (found === undefined) missing.push({ name, pointer });
  return found === undefined ? value : found;
}

/** What the tree names and does not hold: the addresses whose ids have to be looked up in the org before planning. Sorted. */
export function findOutside(tree: Snapshot, types: TypeTable): readonly Address[] {
  const outside = new Set<Address>();
  for (const [address, document] of tree.documents) {
    const type = types.get(typeOf(address));
    for (const { to } of type === undefined ? [] : findRefs(document, type).refs) {
      if (!tree.documents.has(to) && !isAlwaysThere(to)) outside.add(to);
    }
  }
  return [...outside].sort();
}

/**
 * What documents name where no declaration says what may stand there (in a text, in a field of the user's own), of types that no platform of ours
 * reads: an id at such a place has a name only if its owner is looked up beforehand. Sorted.
 */
export function findUnruled(documents: Iterable<Document>, types: TypeTable): readonly Address[] {
  const named = new Set<Address>();
  for (const document of documents) {
    const type = types.get(typeOf(document.address));
    for (const { to, rule, kind } of type === undefined ? [] : findRefs(document, type).refs)
      if (rule === undefined && kind !== 'name' && !types.has(typeOf(to))) named.add(to);
  }
  return [...named].sort();
}

/** What is known of the org that a tree is planned for. `externals` are the ids found under addresses outside of the tree. */
export interface OrgFacts {
  readonly live: Pick<LiveSnapshot, 'ids' | 'deleted' | 'twins'>;
  readonly externals: ReadonlyMap<Address, readonly string[]>;
}

export interface RefScope {
  readonly tree: Snapshot;
  readonly types: TypeTable;
  /** Left out where no org is asked: then what points outside of the tree is believed. */
  readonly org?: OrgFacts;
  /** False where a tree has to stand alone. */
  readonly externalsAllowed?: boolean;
}

/** So many names in all are compared to find the nearest ones; a tree that needs more has another trouble than slips of the pen. */
const MOST_COMPARISONS = 200_000;

/**
 * Tells the problems of one document's refs. Made once for a tree, since the names of a type are gathered when first needed. Documents have
 * to come in order of address for the same hints every time.
 */
export function makeRefChecker(scope: RefScope): (document: Document, type: ResourceType) => readonly Problem[] {
  const names = new Map<string, readonly Address[]>();
  let compared = 0;
  const guess = (address: Address) => {
    if (compared > MOST_COMPARISONS) return undefined;
    const type = typeOf(address);
    const known = names.get(type) ?? [...scope.tree.documents.keys()].filter((other) => typeOf(other) === type);
    names.set(type, known);
    compared += known.length;
    return nearest(address, known);
  };
  return (document, type) => {
    const { refs, malformed } = findRefs(document, type);
    return [
      ...malformed.map(({ pointer, text }) => malformedRef(document.address, pointer, text)),
      ...refs.flatMap((ref) => checkRef(ref, document.address, scope, guess)),
    ];
  };
}

/** The address that was most likely meant. */
type Guess = (address: Address) => string | undefined;

function checkRef(ref: FoundRef, from: Address, scope: RefScope, guess: Guess): readonly Problem[] {
  const allowed = ref.rule?.to ?? [];
  const isAllowed = allowed.length === 0 || allowed.includes(typeOf(ref.to));
  if (isAllowed && ref.kind !== 'external' && scope.tree.documents.has(ref.to)) return [];
  const make = (code: string, message: string, hint: string): Problem[] => [
    { code, severity: ref.kind === 'name' && ref.optional ? 'warning' : 'error', at: from, pointer: ref.pointer, message, hint },
  ];
  if (!isAllowed) {
    return make('REF_WRONG_TYPE', `"${ref.to}" is of the wrong type for this field`, `it takes ${allowed.map((name) => `"${name}/..."`).join(' or ')}`);
  }
  if (ref.kind === 'external' && scope.externalsAllowed === false) {
    return make('EXTERNAL_NOT_ALLOWED', `"${ref.to}" is not in these manifests, which have to stand alone`, 'export it into them');
  }
  if (scope.tree.documents.has(ref.to) || isAlwaysThere(ref.to)) return [];
  const told = scope.org === undefined ? undefined : askOrg(ref.to, scope.org);
  if (told === 'twins') {
    const ids = idsOf(ref.to, scope.org).join(', ');
    return make('REF_AMBIGUOUS', `"${ref.to}" is the name of several resources in the org: ${ids}`, 'rename all but one of them in the org');
  }
  if (told === 'deleted') return make('REF_DELETED', `"${ref.to}" is deleted in the org`, 'restore it in the org, or take this ref out');
  if (mayPointOutside(ref, scope))
    return told === undefined || told === 'one'
      ? []
      : make('REF_NOT_IN_ORG', `"${ref.to}" is not in the org`, hintFor(ref, guess, 'create it in the org, or export it into these manifests'));
  return make(
    'REF_NOT_FOUND',
    `"${ref.to}" is not in these manifests`,
    hintFor(ref, guess, `write { $external: ${ref.to} } if the org holds it and these manifests shall not`),
  );
}

/** `$external` may, and so may what has no way to say so: a name in a vendor's own notation, a ref inside a text, a parent in a key, a key of a map. */
function mayPointOutside(ref: FoundRef, { tree, org }: RefScope): boolean {
  if (ref.kind === 'external') return true;
  return ['name', 'parent', 'key', 'text'].includes(ref.kind) && (org !== undefined || tree.completeness.get(typeOf(ref.to)) !== 'whole');
}

function askOrg(address: Address, { live, externals }: OrgFacts): 'one' | 'none' | 'twins' | 'deleted' {
  const ids = externals.get(address) ?? [];
  if (ids.length > 1 || live.twins.has(address)) return 'twins';
  if (ids.length === 1 || live.ids.has(address)) return 'one';
  return live.deleted.has(address) ? 'deleted' : 'none';
}

function idsOf(address: Address, org: OrgFacts | undefined): readonly string[] {
  return [...new Set([...(org?.externals.get(address) ?? []), ...(org?.live.twins.get(address) ?? [])])].sort();
}

function hintFor(ref: FoundRef, guess: Guess, otherwise: string): string {
  const near = guess(ref.to);
  return near === undefined ? otherwise : `did you mean "${near}"? Or ${otherwise}`;
}

function malformedRef(at: Address, pointer: Pointer, text: string): Problem {
  return {
    code: 'REF_MALFORMED',
    severity: 'error',
    at,
    pointer,
    message: `"${text}" is no address`,
    hint: 'an address is type/key, such as routing_queue/Support',
  };
}

const GUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;

/**
 * Ids of some org that were left in a document. Where the field's name says that it holds an id, nothing can resolve it in another org: an
 * error. Anywhere else it may be the user's own data: a warning.
 */
export function findLeftoverIds(document: Document, type: ResourceType): readonly Problem[] {
  const found: Problem[] = [];
  const inKey = GUID.exec(document.address)?.[0];
  if (inKey !== undefined)
    found.push({
      ...leftoverId(inKey, '', false),
      message: `the key holds "${inKey}", which looks like an id of one org and means nothing in another`,
      at: document.address,
    });
  findIds({ value: document.body, pointer: '', field: '' }, rulesOf(type), (problem) => found.push({ ...problem, at: document.address }));
  return found;
}

interface Spot {
  readonly value: Value;
  readonly pointer: Pointer;
  /** The name of the field, or of the list that the item stands in. */
  readonly field: string;
}

function findIds({ value, pointer, field }: Spot, rules: Rules, tell: (problem: Problem) => void): void {
  if (typeof value === 'string') {
    const id = GUID.exec(value)?.[0];
    if (id !== undefined) tell(leftoverId(id, pointer, id.length === value.length && /ids?$/i.test(field)));
  } else if (isList(value)) {
    value.forEach((item, index) => {
      findIds({ value: item, pointer: `${pointer}/${index}`, field }, rulesBelow(rules, String(index)), tell);
    });
  } else if (isMap(value) && asDirective(value) === undefined) {
    for (const [key, item] of Object.entries(value)) {
      const at = `${pointer}${makePointer([key])}`;
      const id = GUID.exec(key)?.[0];
      if (id !== undefined) tell(leftoverId(id, at, false));
      findIds({ value: item, pointer: at, field: key }, rulesBelow(rules, key), tell);
    }
  }
}

function leftoverId(id: string, pointer: Pointer, isReference: boolean): Problem {
  return {
    code: 'GUID_LEFT',
    severity: isReference ? 'error' : 'warning',
    pointer,
    message: `"${id}" looks like an id of one org, which means nothing in another`,
    hint: `write { $ref: type/key } or { $external: type/key } for what it stands for (inside a text: \${ref:type/key}), or { $var: name } where each org has its own`,
  };
}

/** Completeness of a type in a snapshot; a type that it does not name was not read. */
export function completenessOf(snapshot: Pick<Snapshot, 'completeness'>, type: string): Completeness {
  return snapshot.completeness.get(type) ?? 'none';
}
