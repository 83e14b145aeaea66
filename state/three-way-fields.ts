import { makeMark, type Sides } from './conflict.ts';
import { diffNormalised } from './diff.ts';
import type { Document } from './document.ts';
import { defaultsOf, fieldDefault, identityOf, isPlainMap } from './normalise.ts';
import { makePointer, type Pointer, pointerSegments } from './pointer.ts';
import type { ResourceType } from './resource-type.ts';
import { type Rules, rulesBelow, rulesOf } from './rules.ts';
import { isList, isMap, makeMap, type Value, type ValueMap } from './value.ts';

/** Where one state moved away from another, for asking what lies at, above or below a place. */
export interface Moves {
  readonly at: ReadonlySet<Pointer>;
  readonly above: ReadonlySet<Pointer>;
}

/** Whether something moved at a place, above it or below it. */
export function isMoved({ at, above }: Moves, pointer: Pointer): boolean {
  if (above.has(pointer)) return true;
  return prefixesOf(pointer).some((prefix) => at.has(prefix));
}

/** A pointer and all that lies above it, the longest first. */
function prefixesOf(pointer: Pointer): Pointer[] {
  const found = [pointer];
  for (let end = pointer.lastIndexOf('/'); end >= 0; end = pointer.lastIndexOf('/', end - 1)) {
    found.push(pointer.slice(0, end));
    if (end === 0) break;
  }
  return found;
}

/**
 * The places at which two documents differ, by the one structural diff. A list whose order matters and a tree in the vendor's own notation are one
 * place each: what two people did inside of them cannot be put together without knowing what they meant. `all` are the documents whose values say what is a list.
 */
export function findMoves(from: Document, to: Document, type: ResourceType, all: readonly Document[]): Moves {
  const cut = makeCutter(type, all);
  const at = new Set(diffNormalised(from, to, knowingAll(type), []).map((change) => cut(change.at)));
  return { at, above: new Set([...at].flatMap((pointer) => prefixesOf(pointer).slice(1))) };
}

const plainTypes = new WeakMap<ResourceType, ResourceType>();

/** The type as if it knew all fields: what it does not know moves like anything else. */
function knowingAll(type: ResourceType): ResourceType {
  if (type.knows === undefined) return type;
  const known = plainTypes.get(type);
  if (known !== undefined) return known;
  const { knows: _, ...plain } = type;
  plainTypes.set(type, plain);
  return plain;
}

/** Shortens a pointer to the first ordered list or tree on its way. */
function makeCutter(type: ResourceType, all: readonly Document[]): (pointer: Pointer) => Pointer {
  const child = makeStepper();
  return (pointer) => {
    let rules = rulesOf(type);
    let values: readonly (Value | undefined)[] = all.map(({ body }) => body);
    const segments = pointerSegments(pointer);
    for (const [depth, segment] of segments.entries()) {
      const isOneField = rules.isTree === true || (rules.list === undefined && values.some(isList));
      if (isOneField) return makePointer(segments.slice(0, depth));
      const here = rules;
      values = values.map((value) => child(value, segment, here));
      rules = rulesBelow(rules, segment);
    }
    return pointer;
  };
}

/** One step down a value by the segment of a change: a field, an item by its identity. Lists are indexed once. */
function makeStepper(): (value: Value | undefined, segment: string, rules: Rules) => Value | undefined {
  const indexes = new WeakMap<object, ReadonlyMap<string, Value>>();
  return (value, segment, rules) => {
    if (isMap(value)) return Object.hasOwn(value, segment) ? value[segment] : undefined;
    if (!isList(value) || rules.list === undefined) return undefined;
    const index = indexes.get(value) ?? new Map(value.map((item) => [identityIn(item, rules), item]));
    indexes.set(value, index);
    return index.get(segment);
  };
}

function identityIn(item: Value, { list }: Rules): string {
  return identityOf(item, list?.kind === 'keyed' ? list.by : undefined);
}

/** What a body has at the place of a change. */
export function valueAt({ body }: Document, pointer: Pointer, type: ResourceType): Value | undefined {
  let value: Value | undefined = body;
  let rules = rulesOf(type);
  for (const segment of pointerSegments(pointer)) {
    value = step(value, segment, rules);
    rules = rulesBelow(rules, segment);
  }
  return value;
}

/** Places as a tree, so that a body is walked once however many there are. */
interface Places {
  isHere: boolean;
  readonly below: Map<string, Places>;
}

export function placesOf(pointers: Iterable<Pointer>): Places {
  const root: Places = { isHere: false, below: new Map() };
  for (const pointer of pointers) {
    let at = root;
    for (const segment of pointerSegments(pointer)) {
      const next = at.below.get(segment) ?? { isHere: false, below: new Map() };
      at.below.set(segment, next);
      at = next;
    }
    at.isHere = true;
  }
  return root;
}

interface Taking {
  readonly ours: Value | undefined;
  readonly theirs: Value | undefined;
  readonly places: Places;
  readonly rules: Rules;
  readonly fallback: Value | undefined;
}

/** Our body with what theirs has at some places; both normalised. */
export function takeTheirs(ours: ValueMap, theirs: ValueMap, places: Places, type: ResourceType): ValueMap {
  const taken = take({ ours, theirs, places, rules: rulesOf(type), fallback: defaultsOf(type) });
  return isMap(taken) ? taken : makeMap([]);
}

function take(taking: Taking): Value | undefined {
  const { ours, theirs, places, rules, fallback } = taking;
  if (places.isHere) return theirs;
  const isItems = rules.list !== undefined && (isList(ours) || isList(theirs));
  if (!isItems) return takeFields(taking);
  const standing = isList(fallback) ? fallback : [];
  return takeItems({ ...taking, ours: isList(ours) ? ours : standing, theirs: isList(theirs) ? theirs : standing });
}

function takeFields({ ours, theirs, places, rules, fallback }: Taking): Value | undefined {
  const [left, right] = [isPlainMap(ours) ? ours : makeMap([]), isPlainMap(theirs) ? theirs : makeMap([])];
  const names = new Set([...Object.keys(left), ...places.below.keys()]);
  const fields = [...names].flatMap((name): [string, Value][] => {
    const [one, other] = [own(left, name), own(right, name)];
    const below = places.below.get(name);
    const value =
      below === undefined ? one : take({ ours: one, theirs: other, places: below, rules: rulesBelow(rules, name), fallback: fieldDefault(fallback, name) });
    return value === undefined ? [] : [[name, value]];
  });
  // A map that held nothing else goes with its last field, unless the org has it empty.
  return fields.length === 0 && theirs === undefined ? undefined : makeMap(fields);
}

function own(map: ValueMap, name: string): Value | undefined {
  return Object.hasOwn(map, name) ? map[name] : undefined;
}

function takeItems({ ours, theirs, places, rules, fallback }: Taking & { readonly ours: readonly Value[]; readonly theirs: readonly Value[] }): Value {
  const theirItems = new Map<string, Value[]>();
  for (const item of theirs) theirItems.set(identityIn(item, rules), [...(theirItems.get(identityIn(item, rules)) ?? []), item]);
  const kept = ours.flatMap((item): Value[] => {
    const identity = identityIn(item, rules);
    const below = places.below.get(identity);
    if (below === undefined) return [item];
    if (below.isHere) return [];
    const taken = take({
      ours: item,
      theirs: theirItems.get(identity)?.[0],
      places: below,
      rules: rulesBelow(rules, identity),
      fallback: fieldDefault(fallback, identity),
    });
    return taken === undefined ? [] : [taken];
  });
  const added = [...places.below].flatMap(([identity, { isHere }]) => (isHere ? (theirItems.get(identity) ?? []) : []));
  return [...kept, ...added];
}

/** `written` is our body as people wrote it, `plain` the same with its directives resolved, item for item. */
interface Marking extends Sides<Value> {
  readonly written: Value | undefined;
  readonly places: Places;
  readonly rules: Rules;
}

/**
 * The body with a mark at each of these places. Where a place cannot be found in what people wrote (it stands inside of a variable's value),
 * the mark stands at what holds it.
 */
export function markConflicts(written: ValueMap, sides: Sides<ValueMap>, places: Places, type: ResourceType): ValueMap {
  const marked = mark({ ...sides, written, places, rules: rulesOf(type) });
  return isMap(marked) ? marked : makeMap([]);
}

function mark(marking: Marking): Value | undefined {
  const { written, base, ours, theirs, places, rules } = marking;
  if (places.isHere) return makeMark({ base, ours: written, theirs });
  if (places.below.size === 0) return written;
  if (isList(ours)) return markItems({ ...marking, ours });
  if (rules.list !== undefined || (written !== undefined && !isPlainMap(written))) return makeMark({ base, ours: written, theirs });
  const fields = isMap(written) ? written : makeMap([]);
  const names = new Set([...Object.keys(fields), ...places.below.keys()]);
  return makeMap(
    [...names].flatMap((name): [string, Value][] => {
      const below = places.below.get(name);
      const at = own(fields, name);
      const value = below === undefined ? at : mark({ ...sidesBelow(marking, name), written: at, places: below, rules: rulesBelow(rules, name) });
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

const step = makeStepper();

function sidesBelow({ base, ours, theirs, rules }: Marking, segment: string): Sides<Value> {
  return { base: step(base, segment, rules), ours: step(ours, segment, rules), theirs: step(theirs, segment, rules) };
}

function markItems(marking: Marking & { readonly ours: readonly Value[] }): Value | undefined {
  const { written, base, ours, theirs, places, rules } = marking;
  if (rules.list === undefined || !isList(written) || written.length !== ours.length) return makeMark({ base, ours: written, theirs });
  const seen = new Set(ours.map((item) => identityIn(item, rules)));
  const marked = ours.map((item, index): Value | undefined => {
    const identity = identityIn(item, rules);
    const below = places.below.get(identity);
    if (below === undefined) return written[index];
    return mark({ ...sidesBelow(marking, identity), written: written[index], places: below, rules: rulesBelow(rules, identity) });
  });
  const added = [...places.below]
    .filter(([identity]) => !seen.has(identity))
    .map(([identity]) => makeMark({ ...sidesBelow(marking, identity), ours: undefined }));
  return [...marked.filter((item) => item !== undefined), ...added];
}
