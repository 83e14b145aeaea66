import { isList, isMap, makeMap, type Value, type ValueMap } from './value.ts';

/** A JSON pointer (RFC 6901) into a body: `/mediaSettings/call/alertingTimeoutSeconds`; the empty text is the whole body. */
export type Pointer = string;
/** A pointer in which `*` stands for every item of a list or every key of a map, as in the pattern of all the users of a queue: `members`, any item, `user`. */
export type Pattern = string;

export function makePointer(segments: readonly (string | number)[]): Pointer {
  return segments.map((segment) => `/${String(segment).replace(/~/g, '~0').replace(/\//g, '~1')}`).join('');
}

export function pointerSegments(pointer: Pointer): string[] {
  return pointer === ''
    ? []
    : pointer
        .slice(1)
        .split('/')
        .map((segment) => segment.replace(/~1/g, '/').replace(/~0/g, '~'));
}

export function isUnder(pointer: Pointer, root: Pointer): boolean {
  return pointer === root || pointer.startsWith(`${root}/`) || root === '';
}

export function getAt(value: Value | undefined, pointer: Pointer): Value | undefined {
  let at: Value | undefined = value;
  for (const segment of pointerSegments(pointer)) {
    if (isList(at)) at = at[Number(segment)];
    else if (isMap(at) && Object.hasOwn(at, segment)) at = at[segment];
    else return undefined;
  }
  return at;
}

/** The body with `value` at `pointer`; maps on the way are made. `undefined` takes the field away, and maps left empty by that stay. */
export function setAt(body: ValueMap, pointer: Pointer, value: Value | undefined): ValueMap {
  return setSegments(body, pointerSegments(pointer), value) as ValueMap;
}

/** The body without what stands at `pointer`, and without the maps that held nothing else: as if nobody had ever written it. Items of lists stay. */
export function dropAt(body: ValueMap, pointer: Pointer): ValueMap {
  if (getAt(body, pointer) === undefined) return body;
  const segments = pointerSegments(pointer).slice(0, -1);
  let left = setAt(body, pointer, undefined);
  for (; segments.length > 0; segments.pop()) {
    const parent = makePointer(segments);
    const at = getAt(left, parent);
    if (!isMap(at) || Object.keys(at).length > 0 || !isMap(getAt(left, makePointer(segments.slice(0, -1))))) break;
    left = setAt(left, parent, undefined);
  }
  return left;
}

function setSegments(at: Value | undefined, segments: readonly string[], value: Value | undefined): Value | undefined {
  const [head, ...rest] = segments;
  if (head === undefined) return value;
  if (isList(at)) {
    const next = setSegments(at[Number(head)], rest, value);
    return next === undefined ? at.filter((_, index) => index !== Number(head)) : at.map((item, index) => (index === Number(head) ? next : item));
  }
  const map = isMap(at) ? at : makeMap([]);
  if (value === undefined && !Object.hasOwn(map, head)) return at;
  const next = setSegments(map[head], rest, value);
  const entries = Object.entries(map).filter(([key]) => key !== head);
  return makeMap(next === undefined ? entries : [...entries, [head, next]]);
}

/** Visits every value of a tree with its pointer, parents first, without recursion. */
export function* walk(value: Value): Generator<{ readonly pointer: Pointer; readonly value: Value }> {
  const open: { pointer: Pointer; value: Value }[] = [{ pointer: '', value }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    yield next;
    const { pointer, value: at } = next;
    const children = isList(at) ? at.map((item, index) => [String(index), item] as const) : isMap(at) ? Object.entries(at) : [];
    for (let index = children.length - 1; index >= 0; index -= 1) {
      const [segment, item] = children[index] as readonly [string, Value];
      open.push({ pointer: `${pointer}${makePointer([segment])}`, value: item });
    }
  }
}

/** All pointers of `value` that a pattern names, in document order. */
export function expand(value: Value, pattern: Pattern): Pointer[] {
  let at: { pointer: Pointer; value: Value }[] = [{ pointer: '', value }];
  for (const segment of pointerSegments(pattern)) {
    at = at.flatMap(({ pointer, value: from }) => {
      const keys = segment === '*' ? (isList(from) ? from.map((_, index) => String(index)) : isMap(from) ? Object.keys(from) : []) : [segment];
      return keys.flatMap((key) => {
        const next = isList(from) ? from[Number(key)] : isMap(from) && Object.hasOwn(from, key) ? from[key] : undefined;
        return next === undefined ? [] : [{ pointer: `${pointer}${makePointer([key])}`, value: next }];
      });
    });
  }
  return at.map((found) => found.pointer);
}
