import { expect, test } from '@jest/globals';
import { makeChance } from '../worlds/simulated-world.ts';
import { type Reply, setting } from './org-double.ts';

interface LimitedServer {
  readonly allowed: number;
  /** Whether windows stand on a clock of their own, or start with the first request after the last one. */
  readonly windows: 'fixed' | 'from first request';
  readonly phase: number;
  readonly rounding: 'up' | 'down' | 'nearest';
}

/** The server's side of a limit, told in its headers; keeps what it counted in each window. */
function limited(server: LimitedServer, ticks: () => number) {
  const counts: number[] = [];
  let start = Number.NEGATIVE_INFINITY;
  let refused = 0;
  const round = { up: Math.ceil, down: Math.floor, nearest: Math.round }[server.rounding];
  const handle = (): Reply => {
    const now = ticks();
    if (now >= start + 60_000) {
      start = server.windows === 'fixed' ? Math.floor((now - server.phase) / 60_000) * 60_000 + server.phase : now;
      counts.push(0);
    }
    const count = (counts.at(-1) ?? 0) + 1;
    counts[counts.length - 1] = count;
    const reset = round((start + 60_000 - now) / 1_000);
    const headers = { 'inin-ratelimit-allowed': `${server.allowed}`, 'inin-ratelimit-count': `${count}`, 'inin-ratelimit-reset': `${reset}` };
    if (count <= server.allowed) return { headers, body: {} };
    refused += 1;
    return { status: 429, headers: { ...headers, 'retry-after': `${reset}` }, body: { code: 'too.many.requests', message: 'slow down', status: 429 } };
  };
  return { handle, counts, refused: () => refused };
}

const TABLE = [100, 300, 1_000].flatMap((allowed) =>
  (['fixed', 'from first request'] as const).flatMap((windows) =>
    (['up', 'down', 'nearest'] as const).map((rounding, index) => ({ allowed, windows, rounding, seed: allowed + index })),
  ),
);

test.each(TABLE)(
  'alone on a token no 429 is earned at 99 % of the rate: $allowed a minute, windows $windows, rounded $rounding',
  async ({ seed, ...server }) => {
    const chance = makeChance(seed);
    const phase = chance() * 60_000;
    const run = setting(() => site.handle(), { seed, latency: () => 40 + chance() * 160 });
    const site = limited({ ...server, phase }, () => run.world.clock.ticks());
    const work = Array.from({ length: server.allowed * 11 }, () => run.client.call({ method: 'GET', path: '/api/v2/users/me' }));
    await run.world.run(Promise.all(work));

    // Ten windows lie between the first answer and the end of the tenth: in them the server could have taken ten times its limit.
    const inTen = site.counts.slice(0, 10).reduce((sum, count) => sum + count, 0);
    const elapsed = run.world.clock.ticks();
    const share = inTen / (10 * server.allowed);
    process.stdout.write(
      `limiter: ${server.allowed}/min, windows ${server.windows}, rounded ${server.rounding}, phase ${Math.round(phase)} ms (seed ${seed}): ${site.refused()} answers 429, ` +
        `${(share * 100).toFixed(2)} % of ten windows, ${site.counts.length} windows for ${work.length} requests in ${(elapsed / 60_000).toFixed(3)} min\n`,
    );
    expect(site.refused()).toBe(0);
    expect(share).toBeGreaterThanOrEqual(0.99);
    expect(site.counts).toHaveLength(11);
    if (server.windows === 'from first request') expect(((10 * 60_000) / elapsed) * (work.length / (11 * server.allowed))).toBeGreaterThanOrEqual(0.99);
  },
);

test('a limit that somebody else uses as well costs few answers 429 and no retry storm', async () => {
  const chance = makeChance(5);
  const run = setting(
    (_, count) => {
      if (count % 3 === 0) site.handle();
      return site.handle();
    },
    { latency: () => 50 + chance() * 50 },
  );
  const site = limited({ allowed: 100, windows: 'fixed', phase: 17_000, rounding: 'up' }, () => run.world.clock.ticks());
  const answers = await run.world.run(Promise.all(Array.from({ length: 500 }, () => run.client.call({ method: 'GET', path: '/api/v2/users/me' }))));
  expect(answers).toHaveLength(500);
  process.stdout.write(`limiter: shared with another client, ${run.requests.length - 500} of ${run.requests.length} requests were answered 429\n`);
  expect(run.requests.length).toBeLessThanOrEqual(750);
});

test('no more requests are under way at once than allowed', async () => {
  let now = 0;
  let most = 0;
  const run = setting(
    async () => {
      now += 1;
      most = Math.max(most, now);
      await run.world.clock.sleep(100);
      now -= 1;
      return { headers: { 'inin-ratelimit-allowed': '10000', 'inin-ratelimit-count': '1', 'inin-ratelimit-reset': '30' }, body: {} };
    },
    { atOnce: 12 },
  );
  await run.world.run(Promise.all(Array.from({ length: 200 }, () => run.client.call({ method: 'GET', path: '/api/v2/users/me' }))));
  expect(most).toBe(12);
});

test('without any limit 64 requests at once keep within 5 % of the lower bound', async () => {
  const run = setting(() => ({ body: {}, headers: { 'inin-ratelimit-allowed': '999999999', 'inin-ratelimit-count': '1', 'inin-ratelimit-reset': '60' } }), {
    latency: () => 100,
  });
  await run.world.run(Promise.all(Array.from({ length: 6_400 }, () => run.client.call({ method: 'GET', path: '/api/v2/users/me' }))));
  const bound = (6_400 / 64) * 100;
  process.stdout.write(`limiter: 6,400 requests of 100 ms, 64 at once: ${(run.world.clock.ticks() / bound).toFixed(4)} of the lower bound\n`);
  expect(run.world.clock.ticks()).toBeLessThanOrEqual(bound * 1.05);
});

test('a request that is given up while it waits for its turn is not sent', async () => {
  const stop = new AbortController();
  const run = setting(() => ({ headers: { 'inin-ratelimit-allowed': '1', 'inin-ratelimit-count': '1', 'inin-ratelimit-reset': '40' }, body: {} }));
  await run.world.run(run.client.call({ method: 'GET', path: '/api/v2/a' }));
  const waiting = run.client.call({ method: 'POST', path: '/api/v2/b', body: {}, signal: stop.signal });
  stop.abort(new Error('Ctrl-C'));
  await expect(run.world.run(waiting)).rejects.toMatchObject({ kind: 'refused' });
  expect(run.requests).toHaveLength(1);
});

test('an org that tells no limit is asked on all the same', async () => {
  const run = setting(() => ({ body: {} }));
  await run.world.run(Promise.all(Array.from({ length: 3_000 }, () => run.client.call({ method: 'GET', path: '/api/v2/users/me' }))));
  expect(run.requests).toHaveLength(3_000);
});

test('headers with nonsense in them stop nothing', async () => {
  const headers = { 'inin-ratelimit-allowed': '0', 'inin-ratelimit-count': '-4', 'inin-ratelimit-reset': '1e12' };
  const run = setting(() => ({ headers, body: {} }));
  await run.world.run(Promise.all(Array.from({ length: 50 }, () => run.client.call({ method: 'GET', path: '/api/v2/users/me' }))));
  expect(run.world.clock.ticks()).toBeLessThan(1_000);
});
