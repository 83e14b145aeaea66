/**
 * The candidate that a person most likely meant: the one with the fewest edits (ties: the first in code-unit order), undefined where none is
 * near. Upper and lower case count as equal here, so a name that differs only in case is the nearest of all.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let limit = Math.min(4, Math.max(1, Math.floor(wanted.length / 3)));
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > limit || candidate === word) continue;
    const distance = editDistance(wanted, candidate.toLowerCase(), limit);
    if (distance > limit || (distance === limit && best !== undefined && best <= candidate)) continue;
    best = candidate;
    limit = distance;
  }
  return best;
}

/** Insertions, deletions, substitutions and swaps of neighbours between two texts; more than `limit` is only said to be more. */
function editDistance(one: string, other: string, limit: number): number {
  if (one === other) return 0;
  if (Math.abs(one.length - other.length) > limit) return limit + 1;
  let head = 0;
  while (head < one.length && one[head] === other[head]) head += 1;
  let tail = 0;
  while (tail < Math.min(one.length, other.length) - head && one[one.length - 1 - tail] === other[other.length - 1 - tail]) tail += 1;
  return distance(one.slice(head, one.length - tail), other.slice(head, other.length - tail), limit);
}

/** Row by row, as long as a row has something within the limit. */
function distance(left: string, right: string, limit: number): number {
  let before: number[] = [];
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let place = 1; place <= left.length; place += 1) {
    const next = [place];
    for (let other = 1; other <= right.length; other += 1) {
      const isSame = left[place - 1] === right[other - 1];
      const isSwap = place > 1 && other > 1 && left[place - 1] === right[other - 2] && left[place - 2] === right[other - 1];
      const edits = Math.min((row[other] ?? 0) + 1, (next[other - 1] ?? 0) + 1, (row[other - 1] ?? 0) + (isSame ? 0 : 1));
      next.push(isSwap ? Math.min(edits, (before[other - 2] ?? 0) + 1) : edits);
    }
    if (Math.min(...next) > limit) return limit + 1;
    [before, row] = [row, next];
  }
  return row[right.length] ?? limit + 1;
}
