import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { add, noTotals, type Totals } from './totals.ts';

/** A range of seeds, and what came of those that are done: all before `next`. */
export interface Shard {
  readonly from: number;
  readonly to: number;
  next: number;
  /** Commits that its runs were made on, one after the other. */
  readonly commits: string[];
  readonly totals: Totals;
}

/** The n-th of so many equal parts of `runs` seeds. Parts follow each other without gap. */
export function shardOf(seed: number, runs: number, [index, count]: readonly [number, number] = [1, 1]): Shard {
  const edge = (part: number) => seed + Math.floor((runs * part) / count);
  return { from: edge(index - 1), to: edge(index), next: edge(index - 1), commits: [], totals: noTotals() };
}

/** The part, or the parts, that `i/n` or `i-j/n` names; throws where there is none such. */
export function partsOf(text = '1/1'): readonly (readonly [number, number])[] {
  const [, first = '0', last = first, count = '0'] = /^(\d+)(?:-(\d+))?\/(\d+)$/.exec(text) ?? [];
  const [from, to, all] = [Number(first), Number(last), Number(count)];
  if (from < 1 || from > to || to > all) throw new Error(`--shard takes i/n or i-j/n, from 1/n to n/n, not "${text}"`);
  return Array.from({ length: to - from + 1 }, (_, index) => [from + index, all] as const);
}

/** The file that keeps one part: `%` in its name is the part's number, as wide as that of the last one. */
export function fileOf(name: string | undefined, [index, count]: readonly [number, number]): string | undefined {
  return name?.replace('%', String(index).padStart(String(count).length, '0'));
}

/** Goes on where a file of the same range stopped. */
export function openShard(fresh: Shard, file: string | undefined): Shard {
  if (file === undefined || !existsSync(file)) return fresh;
  const kept = JSON.parse(readFileSync(file, 'utf8')) as Shard;
  if (kept.from !== fresh.from || kept.to !== fresh.to)
    throw new Error(`${file} holds seeds ${kept.from} to ${kept.to - 1}, not ${fresh.from} to ${fresh.to - 1}; name another file`);
  return kept;
}

/** Old file or new one, never half of it. */
export function keepShard(shard: Shard, file: string | undefined): void {
  if (file === undefined) return;
  writeFileSync(`${file}.new`, `${JSON.stringify(shard)}\n`);
  renameSync(`${file}.new`, file);
}

/** Blocks of seeds that end in any order are taken in by the order of their seeds. */
export class Intake {
  private readonly shard: Shard;
  private readonly waiting = new Map<number, { readonly to: number; readonly totals: Totals }>();

  constructor(shard: Shard) {
    this.shard = shard;
  }

  take(from: number, to: number, totals: Totals): void {
    this.waiting.set(from, { to, totals });
    for (let block = this.waiting.get(this.shard.next); block !== undefined; block = this.waiting.get(this.shard.next)) {
      this.waiting.delete(this.shard.next);
      add(this.shard.totals, block.totals);
      this.shard.next = block.to;
    }
  }
}

/** Shards of one run together. Refuses overlapping ones, since their totals would not add up. */
export function sumShards(shards: readonly Shard[]): { readonly totals: Totals; readonly missing: readonly string[]; readonly commits: readonly string[] } {
  const sorted = [...shards].sort((left, right) => left.from - right.from);
  const totals = noTotals();
  const missing: string[] = [];
  for (const [index, shard] of sorted.entries()) {
    const before = sorted[index - 1];
    if (before !== undefined && before.to > shard.from) throw new Error(`seeds ${shard.from} to ${before.to - 1} are in two of the files`);
    if (before !== undefined && before.to < shard.from) missing.push(`${before.to} to ${shard.from - 1}`);
    if (shard.next < shard.to) missing.push(`${shard.next} to ${shard.to - 1}`);
    add(totals, shard.totals);
  }
  return { totals, missing, commits: [...new Set(sorted.flatMap(({ commits }) => commits))] };
}
