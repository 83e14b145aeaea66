import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { openClient } from '../../providers/client/open-client.ts';
import { type ListFacts, readList } from '../../providers/client/pages.ts';
import { EmulatorCore, emulatorHttp, type FaultPlan, type Limits } from '../../providers/genesys-emulator/index.ts';
import { fillOrgs, sizedOrg } from '../../providers/genesys-emulator/practice/index.ts';
import { makeChance, makeSimulatedWorld } from '../worlds/simulated-world.ts';

interface Facts {
  readonly type: string;
  readonly list: ListFacts | null;
}
const { resources } = JSON.parse(readFileSync(new URL('../../providers/genesys-facts/catalog.json', import.meta.url), 'utf8')) as {
  resources: readonly Facts[];
};
const listOf = (type: string): ListFacts => resources.find((entry) => entry.type === type)!.list!;

function practice(options: { seed: number; size?: number; limits?: Limits; faults?: FaultPlan }) {
  const world = makeSimulatedWorld({ seed: options.seed });
  const chance = makeChance(options.seed);
  const seed = sizedOrg({ size: options.size ?? 600, seed: 'client', name: 'practice' });
  const core = new EmulatorCore({
    orgs: [seed.spec],
    seed: `client-${options.seed}`,
    clock: world.clock,
    limits: options.limits ?? { perToken: 'none', perOrg: 'none' },
    ...(options.faults === undefined ? {} : { faults: options.faults }),
  });
  fillOrgs(core, [seed]);
  world.connect(emulatorHttp(core, { latency: () => 40 + chance() * 120 }));
  const base = 'http://127.0.0.1:1';
  const answers: number[] = [];
  const client = openClient(
    world,
    { api: base, login: base, apps: base, clientId: 'practice', clientSecret: 'practice-secret' },
    {
      mode: 'read',
      report: () => undefined,
      record: (record) => {
        if (record.path !== '/oauth/token') answers.push(record.status ?? 0);
      },
    },
  );
  return { world, client, answers };
}

test.each([100, 300, 1_000])('alone on a token of the practice org, %i a minute: ten windows used whole, and no 429', async (perToken) => {
  const { world, client, answers } = practice({ seed: perToken + 1, size: 20, limits: { perToken, perOrg: 'none' } });
  const work = Array.from({ length: perToken * 10 }, () => client.call({ method: 'GET', path: '/api/v2/organizations/me' }));
  await world.run(Promise.all(work));
  const minutes = world.clock.ticks() / 60_000;
  const refused = answers.filter((status) => status === 429).length;
  process.stdout.write(`limiter against the emulator: ${perToken}/min: ${refused} answers 429, ${work.length} requests in ${minutes.toFixed(3)} min\n`);
  expect(refused).toBe(0);
  // Nine whole windows at most lie between the first request and the tenth full use.
  expect(minutes).toBeLessThanOrEqual(9.2);
});

const PAGED = ['routing_skill', 'routing_queue', 'user', 'architect_user_prompt', 'integration_credential'];

test('every list costs ceil(n / page size) requests', async () => {
  for (const type of PAGED) {
    const { world, client, answers } = practice({ seed: 1 });
    const listing = await world.run(readList(client, listOf(type)));
    expect(listing).toMatchObject({ complete: true });
    expect(listing.rows.length).toBeGreaterThan(10);
    expect(answers).toHaveLength(Math.ceil(listing.rows.length / (listOf(type).maxPageSize ?? 100)));
  }
});

test('every list that tells its total is whole under faults of every kind, with the same rows in every order', async () => {
  const rates = Object.fromEntries(
    ['too-many-requests', 'server-error', 'bad-gateway-html', 'unavailable-before', 'reset-before', 'short-page', 'moving-total'].map((kind) => [kind, 0.05]),
  );
  for (const type of PAGED.filter((name) => listOf(name).pagination === 'page')) {
    const calm = practice({ seed: 1 });
    const expected = (await calm.world.run(readList(calm.client, listOf(type)))).rows.map((row) => row['id']).sort();
    for (let seed = 1; seed <= 4; seed += 1) {
      const { world, client } = practice({ seed, faults: { rates, shuffle: true } });
      const listing = await world.run(readList(client, listOf(type), { pageSize: 10 }));
      expect({ type, seed, why: listing.why }).toEqual({ type, seed, why: undefined });
      expect(listing.rows.map((row) => row['id']).sort()).toEqual(expected);
    }
  }
});
