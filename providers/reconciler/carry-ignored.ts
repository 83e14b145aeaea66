import { makePointer, type Pattern, pointerSegments } from '../../state/pointer.ts';
import type { ResourceType } from '../../state/resource-type.ts';
import { isList, isMap, makeMap, type Value, type ValueMap } from '../../state/value.ts';

/**
 * The wanted body with what it ignores taken from the live one, present or absent, so that a request that replaces the whole body changes
 * nothing there. Items of keyed lists are matched by their key, of other lists by their place; an item that does not live stays as wanted.
 */
export function carryIgnored(wanted: ValueMap, live: ValueMap | undefined, ignore: readonly Pattern[], type: Pick<ResourceType, 'lists'>): ValueMap {
  if (live === undefined) return wanted;
  return ignore.reduce<ValueMap>((body, pattern) => asMap(carry(body, live, { left: pointerSegments(pattern), above: [], type }), body), wanted);
}

interface Walk {
  readonly left: readonly string[];
  readonly above: readonly string[];
  readonly type: Pick<ResourceType, 'lists'>;
}

function carry(wanted: Value | undefined, live: Value | undefined, walk: Walk): Value | undefined {
  const [segment, ...left] = walk.left;
  if (segment === undefined) return live;
  const below: Walk = { ...walk, left, above: [...walk.above, segment] };
  if (isList(wanted) || isList(live)) return carryList(isList(wanted) ? wanted : undefined, isList(live) ? live : [], segment, walk, below);
  if (!isMap(wanted) && !isMap(live)) return wanted;
  const [into, from] = [isMap(wanted) ? wanted : makeMap([]), isMap(live) ? live : makeMap([])];
  const keys = segment === '*' ? [...new Set([...Object.keys(into), ...Object.keys(from)])] : [segment];
  const carried = keys.reduce<ValueMap>((map, key) => withKey(map, key, carry(map[key], from[key], below)), into);
  return !isMap(wanted) && Object.keys(carried).length === 0 ? wanted : carried;
}

function carryList(wanted: readonly Value[] | undefined, live: readonly Value[], segment: string, walk: Walk, below: Walk): Value | undefined {
  // A pattern that ends at the items themselves leaves the whole list as it lives.
  if (below.left.length === 0 && segment === '*') return live.length === 0 ? wanted && [] : live;
  const rule = walk.type.lists[makePointer(walk.above)];
  const key = (item: Value | undefined): string | undefined => (rule?.kind === 'keyed' && isMap(item) ? JSON.stringify(item[rule.by]) : undefined);
  return wanted?.map((item, index) => {
    if (segment !== '*' && segment !== String(index)) return item;
    const match = rule?.kind === 'keyed' ? live.find((other) => key(other) === key(item)) : live[index];
    return match === undefined ? item : (carry(item, match, below) ?? item);
  });
}

function withKey(map: ValueMap, key: string, value: Value | undefined): ValueMap {
  const entries = Object.entries(map).filter(([name]) => name !== key);
  return makeMap(value === undefined ? entries : [...entries, [key, value]]);
}

function asMap(value: Value | undefined, otherwise: ValueMap): ValueMap {
  return isMap(value) ? value : otherwise;
}
