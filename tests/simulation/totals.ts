import { FAULTS, type FaultName, HOSTILE } from './faults.ts';
import { type Lived, live } from './life.ts';
import { type Finding, WRONGS, type Wrong } from './org.ts';

/** What many lives came to. Totals of parts add up to those of the whole. */
export interface Totals {
  runs: number;
  readonly wrongs: Record<Wrong, number>;
  readonly faults: Partial<Record<FaultName, number>>;
  kills: number;
  plans: number;
  requests: number;
  writes: number;
  /** Seeds that failed, with what they found. */
  readonly failed: { readonly seed: number; readonly findings: readonly Finding[] }[];
}

export function noTotals(): Totals {
  return {
    runs: 0,
    wrongs: { lost: 0, duplicated: 0, foreign: 0, dangling: 0, rewrites: 0, lies: 0 },
    faults: {},
    kills: 0,
    plans: 0,
    requests: 0,
    writes: 0,
    failed: [],
  };
}

export function add(into: Totals, more: Totals): void {
  for (const name of ['runs', 'kills', 'plans', 'requests', 'writes'] as const) into[name] += more[name];
  for (const wrong of WRONGS) into.wrongs[wrong] += more.wrongs[wrong];
  for (const [fault, count] of Object.entries(more.faults)) into.faults[fault as FaultName] = (into.faults[fault as FaultName] ?? 0) + count;
  into.failed.push(...more.failed);
}

/** Lives of these seeds, one after the other. A life that breaks counts as one that lied: nobody knows what became of it. */
export async function liveAll(seeds: Iterable<number>): Promise<Totals> {
  const totals = noTotals();
  for (const seed of seeds) addLife(totals, seed, await liveOrBreak(seed));
  return totals;
}

async function liveOrBreak(seed: number): Promise<Lived> {
  try {
    return await live({ seed, hostility: HOSTILE });
  } catch (failure) {
    const what = `the simulation broke: ${failure instanceof Error ? failure.stack : failure}`;
    return { findings: [{ wrong: 'lies', what }], faults: {}, kills: 0, plans: 0, requests: 0, writes: 0, calls: 0 };
  }
}

function addLife(totals: Totals, seed: number, { findings, faults, kills, plans, requests, writes }: Lived): void {
  const one = { ...noTotals(), runs: 1, faults, kills, plans, requests, writes, failed: findings.length === 0 ? [] : [{ seed, findings }] };
  for (const { wrong } of findings) one.wrongs[wrong] += 1;
  add(totals, one);
}

/** The last line of a run. */
export function lastLine({ runs, wrongs }: Totals): string {
  return `runs ${runs} ${WRONGS.map((wrong) => `${wrong} ${wrongs[wrong]}`).join(' ')}`;
}

export function isClean({ wrongs }: Totals): boolean {
  return WRONGS.every((wrong) => wrongs[wrong] === 0);
}

/** What was done to them, and what was not clean. */
export function describeTotals(totals: Totals): string[] {
  const faults = Object.entries(FAULTS).map(([name, what]) => `${name.padEnd(4)} ${String(totals.faults[name as FaultName] ?? 0).padStart(10)}  ${what}`);
  const per = (count: number) => (count / Math.max(1, totals.runs)).toFixed(1);
  const failed = totals.failed.slice(0, 20).flatMap(({ seed, findings }) => findings.slice(0, 5).map(({ wrong, what }) => `seed ${seed} ${wrong}: ${what}`));
  return [
    ...faults,
    `kills ${totals.kills}, plans ${totals.plans} (${per(totals.plans)} a run), requests ${totals.requests} (${per(totals.requests)}), writes ${totals.writes} (${per(totals.writes)})`,
    ...failed,
  ];
}
