import { expect, test } from '@jest/globals';
import { GENTLE, type Hostility, live } from './simulation.ts';

const HOSTILE: Hostility = {
  faults: { lostBefore: 0.04, lostAfter: 0.04, lateCommit: 0.04, late: 45_000, failedRead: 0.03, laggingRead: 0.2, lag: 60_000, refused: 0.01 },
  kill: 0.01,
  mostKills: 6,
  hasHumans: true,
  interrupt: 0.001,
  concurrency: 4,
};

const FIRST = Number(process.env['SEED'] ?? 1);
const SEEDS = Number(process.env['SEEDS'] ?? 3000);

async function runSeeds(hostility: Hostility, count: number): Promise<{ totals: string; violations: string[] }> {
  const violations: string[] = [];
  const totals = { lives: 0, faults: 0, kills: 0, plans: 0, requests: 0, writes: 0 };
  for (let seed = FIRST; seed < FIRST + count; seed += 1) {
    const life = await live(seed, hostility);
    totals.lives += 1;
    totals.faults += life.org.counts.faults;
    totals.kills += life.kills;
    totals.plans += life.plans;
    totals.requests += life.org.requests;
    totals.writes += life.org.commits.length;
    if (hostility === GENTLE && life.plans > 1) violations.push(`seed ${seed}: ${life.plans} plans were needed`);
    violations.push(...life.violations.map((violation) => `seed ${seed}: ${violation}`));
    if (violations.length > 20) break;
  }
  return { totals: JSON.stringify(totals), violations };
}

test('without faults, one plan makes the org as wanted', async () => {
  const { violations } = await runSeeds(GENTLE, Math.ceil(SEEDS / 6));
  expect(violations).toEqual([]);
}, 600_000);

test('whatever is lost, late, killed or changed by others: nothing twice, nothing lost, nothing of others touched, every word true', async () => {
  const { violations, totals } = await runSeeds(HOSTILE, SEEDS);
  process.stdout.write(`seeds ${FIRST} to ${FIRST + SEEDS - 1}: ${totals}\n`);
  expect(violations).toEqual([]);
}, 600_000);
