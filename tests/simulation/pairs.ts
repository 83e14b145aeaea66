import { type Address, makeAddress } from '../../state/address.ts';
import type { Document } from '../../state/document.ts';
import { directive, makeMap, type Value } from '../../state/value.ts';
import { type MakeCase, plantAs } from './case.ts';
import { CALM } from './faults.ts';
import { type Fate, isSending, type Lived, live } from './life.ts';

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

/**
 * Four: a key that the org does not enforce, an update, an object with a part under a key that it does, a deletion. Ten: also refs, secrets, two
 * that need each other, and a rename.
 */
const DOCUMENTS: Readonly<Record<Steps, readonly Document[]>> = {
  4: [skill, schedule, code, ada],
  10: [skill, schedule, code, boss, bob, group, ivr, { ...queue, was: 'Refunds' }, credential],
};

const caseOf =
  (steps: Steps): MakeCase =>
  (_, org) => {
    plantAs(org, skill);
    plantAs(org, code, { description: 'old' });
    org.plant('routing_wrapup_code', { name: 'Old' });
    if (steps === 10) org.plant('routing_queue', { name: 'Refunds' });
    return { wanted: new Map(DOCUMENTS[steps].map((one) => [one.address, one])), broken: new Map() };
  };

interface Death {
  readonly at: number;
  readonly fate: Fate;
}

/** One life that ends at these calls of its applies, in these ways; only a request can be under way. */
async function dieAt(steps: Steps, deaths: readonly Death[], seed: number, onSending: (index: number) => void = () => undefined): Promise<Lived> {
  const fate = (index: number, what: string): Fate => {
    if (isSending(what)) onSending(index);
    const death = deaths.find(({ at }) => at === index)?.fate ?? 'go on';
    return death === 'die sending' && !isSending(what) ? 'go on' : death;
  };
  return live({ seed, hostility: CALM, makeCase: caseOf(steps), limit: { count: 1, percent: 100 }, concurrency: 1, fate });
}

export interface KillReport {
  readonly calls: number;
  readonly lives: number;
  readonly bad: readonly string[];
}

const FATES = ['kill', 'die sending', 'lose power'] as const;

/** A kill and a power loss at every call, and a death while each request is under way; three losses each, since a loss tears the tail somewhere. */
export async function killEverywhere(steps: Steps): Promise<KillReport> {
  const { calls } = await dieAt(steps, [], 1);
  const report = { calls, lives: 0, bad: [] as string[] };
  for (const fate of FATES)
    for (let point = 1; point <= calls; point += 1)
      for (const seed of fate === 'lose power' ? [1, 2, 3] : [1]) {
        const lived = await dieAt(steps, [{ at: point, fate }], seed);
        if (lived.kills > 0 || fate !== 'die sending') judge(report, `${fate} at ${point}, seed ${seed}`, lived, 1);
      }
  return report;
}

/** Two of them, of any two kinds, the second in the run that makes up for the first. */
export async function killTwice(steps: Steps, onFirst: (first: number, calls: number) => void): Promise<KillReport> {
  const sent = new Set<number>();
  const { calls } = await dieAt(steps, [], 1, (index) => void sent.add(index));
  const report = { calls, lives: 0, bad: [] as string[] };
  for (let first = 1; first <= calls; first += 1) {
    for (const fate of FATES)
      for (const second of FATES) if (fate !== 'die sending' || sent.has(first)) await killAgain(report, { steps, first: { at: first, fate }, second });
    onFirst(first, calls);
  }
  return report;
}

interface Again {
  readonly steps: Steps;
  readonly first: Death;
  readonly second: Fate;
}

async function killAgain(report: Report, { steps, first, second }: Again): Promise<void> {
  for (let at = first.at + 1; ; at += 1) {
    const lived = await dieAt(steps, [first, { at, fate: second }], 1);
    if (lived.kills === 2) judge(report, `${first.fate} at ${first.at}, ${second} at ${at}`, lived, 2);
    // No request is sent there, or the run was over before.
    if (at >= lived.calls) return;
  }
}

interface Report {
  lives: number;
  readonly bad: string[];
}

function judge(report: Report, name: string, { findings, kills, plans }: Lived, wanted: number): void {
  report.lives += 1;
  const told = findings.map(({ wrong, what }) => `${wrong}: ${what}`);
  if (kills !== wanted) told.push(`${kills} kills`);
  // One plan makes the org as wanted; a second one finds it so.
  if (plans > 1) told.push(`${plans} plans`);
  if (told.length > 0) report.bad.push(`${name}: ${told.join('; ')}`);
}
