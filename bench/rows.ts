import { genesys } from '../providers/genesys/platform.ts';
import { EMPTY, PRODUCTION, practiceOrgs, sizedOrg } from '../providers/genesys-emulator/practice/index.ts';
import { countReading, type ReadingCounts } from './count-requests.ts';
import { countVerbs } from './count-verbs.ts';
import { figure, type Row } from './measure.ts';
import { type OrgContents, readMinimum, sumOf, writeMinimum } from './minimum.ts';
import { pace } from './pacing.ts';
import { emptyProcess, growth, type PlanUsage, planUsage, type Usage } from './plan-size.ts';
import { measureRecords } from './record-size.ts';
import { timeReplan } from './replan-time.ts';
import { restore } from './restore.ts';
import { timeRestore } from './restore-time.ts';
import { simulationSpeed } from './simulation-speed.ts';
import { threeWayUsage } from './three-way.ts';
import { isWrite, tally, VirtualSite } from './virtual-site.ts';

const SIZED = 'practice-sized';
const SEED = 'practice';

const TYPES: readonly string[] = [...genesys.types.keys()];
const VERBS = [
  ['export', 'a full export'],
  ['plan', 'a no-op plan'],
  ['drift', 'a no-op drift check'],
] as const;

/** Requests of the reading verbs against the fewest: the real CLI over the practice org, and its reader over a sized one. */
export async function requestRows(size: number): Promise<readonly Row[]> {
  const practice = await countVerbs();
  const site = new VirtualSite({ orgs: [sizedOrg({ size, seed: SEED })], seed: 1 });
  const sized = await countReading(site, SIZED);
  return [
    ...readingRows(practice.counts, practice.contents, PRODUCTION, 'the practice org'),
    ...readingRows(sized, site.contents(SIZED), `${SIZED}-${size}`, `an org of ${size}`),
  ];
}

function readingRows(counts: ReadingCounts, contents: OrgContents, id: string, name: string): readonly Row[] {
  const fewest = sumOf(readMinimum(contents, TYPES));
  return VERBS.map(([verb, what]) => {
    const sent = counts[verb].length;
    const value = sent / fewest;
    const note = `${sent} sent, ${fewest} at least${value === 1 ? '' : `; most: ${mostOf(counts[verb])}`}${counts.pending === 0 ? '' : '; NOT a no-op'}`;
    const met = value === 1 && counts.pending === 0;
    return { id: `requests-${verb}-${id}`, measure: `requests of ${what} of ${name} / the minimum`, value, target: '1.000', met, note };
  });
}

function mostOf(entries: Parameters<typeof tally>[0]): string {
  return tally(entries)
    .slice(0, 4)
    .map(([name, count]) => `${count} x ${name}`)
    .join(', ');
}

/** Writing requests of a restore into an empty org against the fewest. */
export async function writeRows(): Promise<readonly Row[]> {
  const site = new VirtualSite({ orgs: practiceOrgs(), seed: 1 });
  const fewest = sumOf(writeMinimum(site.contents(PRODUCTION), site.contents(EMPTY), site.types));
  const { entries, failures, left } = await restore(site, PRODUCTION, EMPTY);
  const sent = entries.filter(isWrite).length;
  const isWhole = failures.length === 0 && left === 0;
  const note = `${sent} sent, ${fewest} at least${isWhole ? '' : `; NOT WHOLE: ${failures.length} steps failed, ${left} left`}`;
  const value = sent / fewest;
  return [
    {
      id: 'writes-restore',
      measure: 'write requests of a restore of the practice org / the minimum',
      value,
      target: '1.000',
      met: value === 1 && isWhole,
      note,
    },
  ];
}

/** Answers 429 that a client earns which is alone on its token. */
export async function pacingRows(seeds: readonly number[]): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (const perMinute of [100, 300, 1_000]) {
    const runs = await Promise.all(seeds.map((seed) => pace(perMinute, seed)));
    const refused = runs.reduce((sum, run) => sum + run.refused, 0);
    const share = Math.min(...runs.map((run) => run.share));
    const met = refused === 0 && share >= 0.99;
    const note = `${runs.length} window phases (seeds ${seeds.join(', ')}), at least ${(share * 100).toFixed(2)} % of ten windows used`;
    rows.push({
      id: `pacing-${perMinute}`,
      measure: `answers 429 earned alone on a token, ${perMinute} a minute, at >= 99 % of it`,
      value: refused,
      target: '0',
      met,
      note,
    });
  }
  return rows;
}

/** Virtual time of a restore against a lower bound. */
export async function restoreTimeRows(size: number): Promise<readonly Row[]> {
  const cases = [
    { id: 'restore-300-a-minute', name: '300 requests a minute', perMinute: 300, most: 1.015 },
    { id: 'restore-64-at-once', name: 'no limit, 64 requests at once', perMinute: undefined, most: 1.05 },
  ];
  const rows: Row[] = [];
  for (const { id, name, perMinute, most } of cases) {
    const timed = await timeRestore({ size, seed: 7, atOnce: 64, ...(perMinute === undefined ? {} : { perMinute }) });
    const { ratio, elapsed, bounds, counted, sent, writes, fewestWrites, restored, refused } = timed;
    const isWhole = restored.failures.length === 0 && restored.left === 0;
    const bound =
      perMinute === undefined
        ? `all latencies / 64 = ${seconds(bounds.work)}`
        : `window of the last of ${counted} counted requests begins at ${seconds(bounds.rate)}`;
    const parts = [
      `${seconds(elapsed)}; ${bound}`,
      `longest chain ${seconds(bounds.chain)}`,
      `${sent} requests, ${writes} write (${fewestWrites} at least)`,
      `${refused} x 429`,
    ];
    const note = `${parts.join('; ')}${isWhole ? '' : `; NOT WHOLE: ${restored.failures.length} steps failed, ${restored.left} left`}`;
    rows.push({
      id,
      measure: `virtual time of a restore of ${size} resources / lower bound: ${name}`,
      value: ratio,
      target: `<= ${most}`,
      met: ratio <= most && isWhole,
      note,
    });
  }
  return rows;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}

/** What the verb `plan` uses by size, and how that grows. */
export async function planRows(sizes: readonly number[], rounds: (size: number) => number, report: (text: string) => void): Promise<readonly Row[]> {
  const empty = await emptyProcess(3);
  const usages: PlanUsage[] = [];
  for (const size of sizes) {
    report(`plan of ${size} resources`);
    const usage = await planUsage(size, rounds(size));
    usages.push(usage);
    report(`${figure(usage.plan.cpu)} s on a processor, ${figure(usage.plan.memory)} MiB`);
  }
  const net = (usage: Usage): Usage => ({ cpu: usage.cpu - empty.cpu, memory: usage.memory - empty.memory });
  const points = (what: keyof Usage) => usages.map(({ size, plan }) => ({ size, value: net(plan)[what] }));
  const printed = { target: 'printed', met: true } as const;
  return [
    ...usages.flatMap(({ size, plan, check }): Row[] => [
      {
        id: `plan-cpu-${size}`,
        measure: `seconds on a processor of a no-op plan of ${size} resources`,
        value: net(plan).cpu,
        ...printed,
        note: `manifests alone (check): ${figure(net(check).cpu)} s; empty process ${figure(empty.cpu)} s taken off`,
      },
      {
        id: `plan-memory-${size}`,
        measure: `most MiB in memory of a no-op plan of ${size} resources`,
        value: net(plan).memory,
        ...printed,
        note: `manifests alone (check): ${figure(net(check).memory)} MiB; empty process ${figure(empty.memory)} MiB taken off`,
      },
    ]),
    growthRow('plan-cpu-growth', 'growth exponent of a plan in processor time', points('cpu')),
    growthRow('plan-memory-growth', 'growth exponent of a plan in memory', points('memory')),
  ];
}

/** What the memory of an apply costs an export, and how much it writes. */
export async function threeWayRows(size: number, rounds: number): Promise<readonly Row[]> {
  const { plain, threeWay, written } = await threeWayUsage(size, rounds);
  const ratio = threeWay.cpu / plain.cpu;
  const name = `three-way export of ${size} documents with 10 drifted`;
  return [
    {
      id: 'export-three-way',
      measure: `${name} / plain export, seconds on a processor`,
      value: ratio,
      target: '<= 1.3',
      met: ratio <= 1.3,
      note: `${figure(threeWay.cpu)} s / ${figure(plain.cpu)} s; most memory ${figure(threeWay.memory)} / ${figure(plain.memory)} MiB; medians of ${rounds}, taken in turn`,
    },
    {
      id: 'export-three-way-files',
      measure: `files that a ${name} writes`,
      value: written,
      target: '10',
      met: written === 10,
      note: 'the drifted documents alone',
    },
  ];
}

/** How fast simulated lives go, and how long a million of them take. */
export async function simulationRows(first: number, more: number): Promise<readonly Row[]> {
  const { perCore, cores, said } = await simulationSpeed(first, more);
  const hours = 1_000_000 / (perCore * cores) / 3_600;
  const note = `lives ${first + 1} to ${first + more}, ${cores} processes on ${cores} processors; ${said}`;
  return [
    { id: 'simulation-speed', measure: 'simulated runs per second per core', value: perCore, target: 'printed', met: true, note },
    {
      id: 'simulation-million',
      measure: 'hours that a million simulated runs take',
      value: hours,
      target: '< 3',
      met: hours < 3,
      note: `on ${cores} processors`,
    },
  ];
}

function growthRow(id: string, measure: string, points: Parameters<typeof growth>[0]): Row {
  const value = growth(points);
  return { id, measure, value, target: '<= 1.2', met: value <= 1.2, note: `steepest of ${points.map(({ size }) => size).join(' -> ')}` };
}

/** What an apply writes down of itself, against the documents that it changed; whether that grows with what it did not change. */
export async function recordRows(sizes: readonly number[], changed: number): Promise<readonly Row[]> {
  const measured = [];
  for (const size of sizes) measured.push(await measureRecords(size, changed));
  const ratios = measured.map(({ size, journal, receipt, documents }) => ({ size, value: (journal + receipt) / documents }));
  const value = Math.max(...ratios.map((ratio) => ratio.value));
  const exponent = growth(ratios);
  const figures = measured
    .map(({ size, journal, receipt, documents }) => `${size}: journal ${journal} + receipt ${receipt} / documents ${documents}`)
    .join('; ');
  const note = `${changed} documents changed by hand and put back; ${figures}`;
  return [
    { id: 'records-bytes', measure: 'bytes of journal and receipt / bytes of the changed documents', value, target: '<= 4', met: value <= 4, note },
    {
      id: 'records-growth',
      measure: 'how that grows with the size of the org: exponent',
      value: exponent,
      target: '0 (+-0.02)',
      met: Math.abs(exponent) <= 0.02,
      note: ratios.map((ratio) => `${ratio.size}: ${figure(ratio.value)}`).join(', '),
    },
  ];
}

/** A plan made again after one document changed, against the plan of all. */
export async function replanRows(size: number): Promise<readonly Row[]> {
  const { documents, whole, change, anew } = await timeReplan(size);
  const value = change / whole;
  const note = `processor time, ${documents} documents in one process: ${change.toFixed(2)} ms after a change (median of 20), ${(whole / 1_000).toFixed(2)} s whole; ${anew} changes were planned anew`;
  return [
    {
      id: `replan-${size}`,
      measure: `plan again after one changed document / the whole plan, ${size} documents`,
      value,
      target: '<= 0.01',
      met: value <= 0.01 && anew === 0,
      note,
    },
  ];
}
