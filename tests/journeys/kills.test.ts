import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { seededChance } from '../../providers/genesys-emulator/chance.ts';
import type { FaultPlan } from '../../providers/genesys-emulator/index.ts';
import { type OrgSeed, practiceOrgs } from '../../providers/genesys-emulator/practice/index.ts';
import { CommitWatch } from './commit-watch.ts';
import type { JourneySite, Run, Running } from './journey-site.ts';
import { compare, type Portrait, portrait } from './org-portrait.ts';
import { SHELL_SEED, SHOP_SEED } from './small-orgs.ts';
import { must, type Stage, Theatre, untruths } from './stage.ts';

/** `SEED=n npm run jest -- tests/journeys/kills` replays moments and faults; `npm run simulate -- --real 200` asks for more kills. */
const SEED = process.env['SEED'] ?? String(Math.floor(Math.random() * 1_000_000));
const KILLS = Number(process.env['KILLS'] ?? 40);
/** So many of them of the whole practice org. */
const WHOLE = 2;
const AT_ONCE = 5;
/** Applies of one plan until it has to end well. */
const TRIES = 10;

const FAULTS: FaultPlan = {
  rates: {
    'too-many-requests': 0.015,
    unauthorised: 0.01,
    'server-error': 0.01,
    'server-error-after': 0.02,
    'bad-gateway-html': 0.01,
    'bad-gateway-after': 0.02,
    'unavailable-before': 0.01,
    'unavailable-after': 0.02,
    'reset-before': 0.01,
    'reset-after': 0.02,
    'late-commit': 0.03,
    'short-page': 0.01,
  },
  lagSeconds: [0, 0.8],
  lateSeconds: [0.1, 0.8],
  lateAnswer: 'gateway-timeout',
  retryAfter: '1',
  shuffle: true,
};
/** A stage, and how its target looks when nothing goes wrong, after how many requests. */
interface Trial extends Stage {
  readonly clean: Portrait;
  readonly requests: number;
}

const theatre = new Theatre();
let small: Trial;
let whole: Trial;

beforeAll(async () => {
  const [production, staging] = practiceOrgs() as [OrgSeed, OrgSeed];
  small = await rehearse('small', [SHOP_SEED, SHELL_SEED]);
  whole = await rehearse('whole', [production, staging]);
}, 300_000);
afterAll(() => theatre.end(), 60_000);

async function rehearse(name: string, orgs: readonly [OrgSeed, OrgSeed]): Promise<Trial> {
  const stage = await theatre.prepare(name, orgs);
  const site = await theatre.open(stage, `${name}-clean`);
  const first = site.orgs.core.journal.length;
  await must(site, 0, 'apply', 'plan.json');
  return { ...stage, requests: site.orgs.core.journal.length - first, clean: portrait(site.orgs.core, stage.target) };
}

/** What became of one site: empty lists, if all is well. */
interface Ending {
  readonly name: string;
  readonly kills: number;
  readonly applies: number;
  readonly plansAnew: number;
  readonly faults: number;
  readonly wrong: readonly string[];
}

/** Kills the apply at a moment that chance chose, in one of three sites the next one as well, and goes on until it is done. */
async function killAndResume(stage: Trial, name: string): Promise<Ending> {
  const chance = seededChance(`${SEED}/${name}/moments`);
  const moments = [chance(), ...(chance() < 1 / 3 ? [chance()] : [])].map((share) => Math.max(1, Math.floor(share * stage.requests * 0.95)));
  let left = Number.POSITIVE_INFINITY;
  let running: Running | undefined;
  const strike = () => running?.kill('SIGKILL');
  // Half of the kills come before the answer, the others somewhat later: between requests, or while something is written.
  const onRequest = () => {
    left -= 1;
    if (left !== 0) return;
    if (chance() < 0.5) strike();
    else setTimeout(strike, chance() * 40);
  };
  const site = await theatre.open(stage, `${SEED}/${name}`, { faults: FAULTS, onRequest });
  const watch = new CommitWatch(site.orgs.core, stage.target, new Set(stage.source.keys()));
  const tally = { kills: 0, applies: 0, plansAnew: 0, tries: 0 };
  let plan = 'plan.json';
  let run: Run | undefined;
  for (; tally.tries < TRIES && run?.code !== 0; tally.tries += 1) {
    left = moments[tally.applies] ?? Number.POSITIVE_INFINITY;
    tally.applies += 1;
    running = site.start(['apply', plan]);
    run = await running.ended;
    running = undefined;
    if (run.code === null) tally.kills += 1;
    else if (/ {2}stale/.test(run.out)) {
      tally.plansAnew += 1;
      plan = `plan-${tally.plansAnew}.json`;
      run = await site.cordboard('plan', '--org', stage.target, '--out', plan);
    }
  }
  const wrong = [
    ...(run?.code === 0 ? [] : [`ended with ${run?.code}: ${run?.all}`]),
    ...watch.offences,
    ...differences(site, stage),
    ...untruths(site, stage, tally.plansAnew === 0),
  ];
  const faults = site.orgs.core.journal.filter((entry) => entry.fault !== undefined).length;
  await theatre.close(site);
  return { name, kills: tally.kills, applies: tally.applies, plansAnew: tally.plansAnew, faults, wrong };
}

/** How the org differs from one that the same plan was applied to without faults; secrets are those of `.env`. */
function differences(site: JourneySite, { target, clean }: Trial): readonly string[] {
  return [...compare(portrait(site.orgs.core, target), clean), ...wrongSecrets(site, target)];
}

function wrongSecrets(site: JourneySite, target: string): readonly string[] {
  const made = new Set(site.orgs.core.journal.flatMap((entry) => entry.commits.map(({ id }) => id)));
  const credentials = site.orgs.core
    .org(target)
    .store.all('integration_credential')
    .filter(({ id }) => made.has(id));
  return credentials
    .filter(({ body }) => Object.values(body['credentialFields'] as object).some((value) => !String(value).startsWith('canary-')))
    .map(({ body }) => `the secrets of ${String(body['name'])}`);
}

/** Site after site, some at once, until so many kills were made. */
async function untilKilled(kills: number): Promise<readonly Ending[]> {
  const endings: Ending[] = [];
  let opened = 0;
  let promised = 0;
  const worker = async () => {
    while (promised < kills) {
      opened += 1;
      promised += 1;
      const ending = await killAndResume(opened <= WHOLE ? whole : small, `kill-${opened}`);
      promised += ending.kills - 1;
      endings.push(ending);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return endings;
}

describe(`kill -9 of a running apply, with faults (SEED=${SEED})`, () => {
  test('without faults and kills, the apply makes the target what the source is, and leaves what is not in the manifests', () => {
    for (const { source, clean, before } of [small, whole]) {
      const foreign = [...before].filter(([name]) => !source.has(name));
      expect(compare(clean, new Map([...source, ...foreign]))).toEqual([]);
      expect(foreign.length).toBeGreaterThan(5);
    }
  });

  test(`${KILLS} kills: after going on, the org is as the manifests say, nothing was there twice, and receipts tell the truth`, async () => {
    const from = performance.now();
    const endings = await untilKilled(KILLS);
    const sum = (count: (ending: Ending) => number) => endings.reduce((total, ending) => total + count(ending), 0);
    process.stdout.write(
      `SEED=${SEED}: ${sum((one) => one.kills)} kills in ${endings.length} sites, ${sum((one) => one.applies)} applies, ${sum((one) => one.plansAnew)} plans anew, ` +
        `${sum((one) => one.faults)} faults, ${((performance.now() - from) / 1000).toFixed(1)} s\n`,
    );
    expect(endings.filter((ending) => ending.wrong.length > 0).map(({ name, wrong }) => `${name} (SEED=${SEED}): ${wrong.join('\n')}`)).toEqual([]);
    expect(endings.filter((ending) => ending.kills === 0)).toEqual([]);
    expect(sum((one) => one.kills)).toBeGreaterThanOrEqual(KILLS);
  }, 3_600_000);
});
