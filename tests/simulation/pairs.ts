import { type Address, makeAddress } from '../../state/address.ts';
import type { Document } from '../../state/document.ts';
import { directive, makeMap, type Value } from '../../state/value.ts';
import { type MakeCase, plantAs } from './case.ts';
import { CALM } from './faults.ts';
import { type Fate, type Lived, live } from './life.ts';

/** A plan of so many steps, the same each time. */
export type Steps = 4 | 10;

const ref = (address: Address) => directive('$ref', address);
const document = (type: string, key: string, body: Record<string, Value>): Document => ({
  address: makeAddress(type, key.split('/')),
  body: makeMap(Object.entries(body)),
});

const skill = document('routing_skill', 'Sales', {});
const schedule = document('architect_schedule', 'Day', { start: '2026-01-01T08:00:00.000', end: '2026-01-01T17:00:00.000', rrule: 'FREQ=DAILY;INTERVAL=1' });
const code = document('routing_wrapup_code', 'Done', { description: 'wanted' });
const ada = document('user', 'ada@example.com', {
  name: 'Ada',
  skills: [
    makeMap([
      ['skill', ref(skill.address)],
      ['proficiency', 2],
    ]),
  ],
});
const bob = document('user', 'bob@example.com', { name: 'Bob', manager: ref(ada.address) });
const boss = { ...ada, body: makeMap([...Object.entries(ada.body), ['manager', ref(bob.address)]]) };
const group = document('architect_schedule_group', 'Hours', { timeZone: 'Europe/Berlin', openSchedules: [ref(schedule.address)] });
const ivr = document('architect_ivr', 'Line', { dnis: ['+49301'], scheduleGroup: ref(group.address) });
const queue = document('routing_queue', 'Returns', {
  description: 'wanted',
  members: [makeMap([['user', ref(bob.address)]])],
  wrapupCodes: [ref(code.address)],
});
const credential = document('integration_credential', 'CRM/basicAuth', { credentialFields: makeMap([['password', directive('$secret', 'PASSWORD')]]) });

/** Four: a key that the org enforces, one that it does not, an update, an object with a part. Ten: also refs, secrets, and two that need each other. */
const DOCUMENTS: Readonly<Record<Steps, readonly Document[]>> = {
  4: [skill, schedule, code, ada],
  10: [skill, schedule, code, boss, bob, group, ivr, queue, credential],
};

const caseOf =
  (steps: Steps): MakeCase =>
  (_, org) => {
    plantAs(org, code, { description: 'old' });
    return { wanted: new Map(DOCUMENTS[steps].map((one) => [one.address, one])), broken: new Map() };
  };

/** One life that ends at these calls of its applies, in this way. */
async function dieAt(steps: Steps, points: readonly number[], fate: Fate, seed: number): Promise<Lived> {
  return live({ seed, hostility: CALM, makeCase: caseOf(steps), concurrency: 1, fate: (index) => (points.includes(index) ? fate : 'go on') });
}

export interface KillReport {
  readonly calls: number;
  readonly lives: number;
  readonly bad: readonly string[];
}

const FATES = ['kill', 'lose power'] as const;

/** A kill and a power loss at every call; three losses each, since a loss tears the tail somewhere. */
export async function killEverywhere(steps: Steps): Promise<KillReport> {
  const { calls } = await dieAt(steps, [], 'go on', 1);
  const report = { calls, lives: 0, bad: [] as string[] };
  for (const fate of FATES)
    for (let point = 1; point <= calls; point += 1)
      for (const seed of fate === 'kill' ? [1] : [1, 2, 3]) judge(report, `${fate} at ${point}, seed ${seed}`, await dieAt(steps, [point], fate, seed), 1);
  return report;
}

/** Two of them, the second in the run that makes up for the first; each `stride`-th second, with `stride` over 1. */
export async function killTwice(
  steps: Steps,
  options: { stride?: number; from?: number; to?: number; onFirst?: (first: number, calls: number) => void } = {},
): Promise<KillReport> {
  const { stride = 1, onFirst = () => undefined } = options;
  const { calls } = await dieAt(steps, [], 'go on', 1);
  const report = { calls, lives: 0, bad: [] as string[] };
  for (let first = options.from ?? 1; first <= (options.to ?? calls); first += 1) {
    for (const fate of FATES) {
      for (let second = first + 1 + (first % stride); ; second += stride) {
        const lived = await dieAt(steps, [first, second], fate, 1);
        if (lived.kills < 2) break;
        judge(report, `${fate} at ${first} and ${second}`, lived, 2);
      }
    }
    onFirst(first, calls);
  }
  return report;
}

function judge(report: { lives: number; bad: string[] }, name: string, { findings, kills, plans }: Lived, wanted: number): void {
  report.lives += 1;
  const told = findings.map(({ wrong, what }) => `${wrong}: ${what}`);
  if (kills !== wanted) told.push(`${kills} kills`);
  // One plan makes the org as wanted; a second one finds it so.
  if (plans > 1) told.push(`${plans} plans`);
  if (told.length > 0) report.bad.push(`${name}: ${told.join('; ')}`);
}
