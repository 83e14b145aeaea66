import { canonicalJson } from './canonical.ts';
import type { Value } from './value.ts';

/** One row of an alignment: an index on both sides, or on one alone. */
export interface Aligned {
  readonly from?: number;
  readonly to?: number;
}

/** Beyond so many comparisons the middle of two lists is not searched for what they share. */
const LARGEST_TABLE = 4_000_000;

/**
 * Which item of one ordered list stands for which of the other. Lists of one length pair by index. Otherwise equal items pair along a longest
 * common part, and what stands between two such pairs is paired by index where both sides have as many, else removed and added.
 */
export function alignLists(before: readonly Value[], after: readonly Value[]): readonly Aligned[] {
  if (before.length === after.length) return before.map((_, index) => ({ from: index, to: index }));
  const [from, to] = [before.map(contentOf), after.map(contentOf)];
  const rows: Aligned[] = [];
  let [left, right] = [0, 0];
  for (const [nextLeft, nextRight] of [...commonPairs(from, to), [from.length, to.length] as const]) {
    rows.push(...alignGap({ from: left, to: right }, nextLeft - left, nextRight - right));
    if (nextLeft < from.length && nextRight < to.length) rows.push({ from: nextLeft, to: nextRight });
    [left, right] = [nextLeft + 1, nextRight + 1];
  }
  return rows;
}

/** What an item says, as a text that is the same for equal items: a ref is the same ref whether what it points at is managed here or elsewhere. */
export function contentOf(item: Value): string {
  // Inside of a text its quotes are escaped, so this is a directive.
  return canonicalJson(item).replaceAll('{"$external":', '{"$ref":');
}

function alignGap(start: { readonly from: number; readonly to: number }, removed: number, added: number): readonly Aligned[] {
  if (removed === added) return Array.from({ length: removed }, (_, index) => ({ from: start.from + index, to: start.to + index }));
  const gone = Array.from({ length: removed }, (_, index) => ({ from: start.from + index }));
  const fresh = Array.from({ length: added }, (_, index) => ({ to: start.to + index }));
  return [...gone, ...fresh];
}

/** Index pairs of a longest common subsequence; common ends first, since most edits are small. */
function commonPairs(from: readonly string[], to: readonly string[]): (readonly [number, number])[] {
  let head = 0;
  while (head < from.length && head < to.length && from[head] === to[head]) head += 1;
  let tail = 0;
  while (tail < from.length - head && tail < to.length - head && from[from.length - 1 - tail] === to[to.length - 1 - tail]) tail += 1;
  const middle = searchMiddle(from.slice(head, from.length - tail), to.slice(head, to.length - tail));
  return [
    ...Array.from({ length: head }, (_, index) => [index, index] as const),
    ...middle.map(([left, right]) => [left + head, right + head] as const),
    ...Array.from({ length: tail }, (_, index) => [from.length - tail + index, to.length - tail + index] as const),
  ];
}

function searchMiddle(from: readonly string[], to: readonly string[]): (readonly [number, number])[] {
  const width = to.length + 1;
  if (from.length === 0 || to.length === 0 || (from.length + 1) * width > LARGEST_TABLE) return [];
  const lengths = new Uint32Array((from.length + 1) * width);
  const lengthAt = (left: number, right: number) => lengths[left * width + right] ?? 0;
  for (let left = from.length - 1; left >= 0; left -= 1) {
    for (let right = to.length - 1; right >= 0; right -= 1) {
      const longest = from[left] === to[right] ? lengthAt(left + 1, right + 1) + 1 : Math.max(lengthAt(left + 1, right), lengthAt(left, right + 1));
      lengths[left * width + right] = longest;
    }
  }
  const pairs: (readonly [number, number])[] = [];
  let [left, right] = [0, 0];
  while (left < from.length && right < to.length) {
    if (from[left] === to[right]) pairs.push([left++, right++] as const);
    else if (lengthAt(left + 1, right) >= lengthAt(left, right + 1)) left += 1;
    else right += 1;
  }
  return pairs;
}
