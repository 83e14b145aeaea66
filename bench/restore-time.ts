import { EMPTY, practiceOrgs, sizedOrg } from '../providers/genesys-emulator/practice/index.ts';
import type { Step } from '../state/change.ts';
import { makeChance } from '../tests/worlds/simulated-world.ts';
import { sumOf, writeMinimum } from './minimum.ts';
import { type Restored, restore } from './restore.ts';
import { isToken, isWrite, VirtualSite } from './virtual-site.ts';

const MINUTE = 60_000;
const SIZED = 'practice-sized';
/** As measured on the real API: a median of 180 ms, and a long tail. */
const MEDIAN = 180;
const SPREAD = 0.8;

export interface TimedRestore {
  readonly restored: Restored;
  /** Milliseconds of virtual time, from the first request of the apply to its last answer. */
  readonly elapsed: number;
  readonly bounds: Readonly<Record<'rate' | 'work' | 'chain', number>>;
  readonly ratio: number;
  /** Requests, those of them that the org counts against the token's rate, and refusals for the rate. */
  readonly sent: number;
  readonly counted: number;
  readonly refused: number;
  readonly writes: number;
  readonly fewestWrites: number;
}

export interface RestoreSetting {
  readonly size: number;
  readonly seed: number;
  /** Requests a minute and token; none where left out. */
  readonly perMinute?: number;
  /** Requests under way at once, as the client has it. */
  readonly atOnce: number;
}

/**
 * A restore of a sized org into an empty one, by the built-in driver on a virtual clock. The lower bound is the largest of three times, none of which
 * any order of the same requests could beat: the start of the rate window in which the last of the requests fits; all latencies together, divided
 * by the requests that may be under way; the longest chain of steps that need each other, each one median latency long. It takes
 * the requests as they are: how many they are is measured by itself, against the fewest.
 */
export async function timeRestore({ size, seed, perMinute, atOnce }: RestoreSetting): Promise<TimedRestore> {
  const latencies = latencySource(seed);
  const limits = { perToken: perMinute ?? 'none', perOrg: 'none' } as const;
  const site = new VirtualSite({ orgs: [...practiceOrgs(), sizedOrg({ size, seed: 'practice' })], seed, limits, latency: latencies.next });
  const watch = site.watchWindows();
  const fewestWrites = sumOf(writeMinimum(site.contents(SIZED), site.contents(EMPTY), site.types));
  const restored = await restore(site, SIZED, EMPTY, {
    onStart: () => {
      watch.restart();
      latencies.restart();
    },
    onEnd: () => latencies.stop(),
  });
  const counted = restored.entries.filter((entry) => entry.client !== undefined && !isToken(entry)).length;
  const bounds = {
    rate: perMinute === undefined ? 0 : lastWindow(counted, perMinute, watch.first()),
    work: latencies.sum() / atOnce,
    chain: longestChain(restored.steps) * MEDIAN,
  };
  const { elapsed, entries } = restored;
  return {
    restored,
    elapsed,
    bounds,
    ratio: elapsed / Math.max(bounds.rate, bounds.work, bounds.chain),
    sent: entries.length,
    counted,
    refused: entries.filter(({ status }) => status === 429).length,
    writes: entries.filter(isWrite).length,
    fewestWrites,
  };
}

/** When the window begins in which the last request fits, if every window before is used up; the first one had `left` milliseconds to go. */
function lastWindow(requests: number, perMinute: number, left: number): number {
  const windows = Math.ceil(requests / perMinute);
  return windows < 2 ? 0 : left + (windows - 2) * MINUTE;
}

/** Log-normal latencies, seeded; what was given out between `restart` and `stop` is added up. */
function latencySource(seed: number) {
  const chance = makeChance(seed ^ 0x1ea7);
  let total = 0;
  let isOn = false;
  const next = (): number => {
    const normal = Math.sqrt(-2 * Math.log(1 - chance())) * Math.cos(2 * Math.PI * chance());
    const latency = MEDIAN * Math.exp(SPREAD * normal);
    if (isOn) total += latency;
    return latency;
  };
  const restart = (): void => {
    total = 0;
    isOn = true;
  };
  const stop = (): void => {
    isOn = false;
  };
  return { next, restart, stop, sum: () => total };
}

/** Steps stand behind what they need. */
function longestChain(steps: readonly Step[]): number {
  const lengths = new Map<string, number>();
  for (const { address, needs } of steps) lengths.set(address, 1 + needs.reduce((longest, need) => Math.max(longest, lengths.get(need) ?? 0), 0));
  return [...lengths.values()].reduce((longest, length) => Math.max(longest, length), 0);
}
