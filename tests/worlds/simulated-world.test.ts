import { expect, test } from '@jest/globals';
import { Killed, makeChance, makeSimulatedWorld } from './simulated-world.ts';

test('hours pass in no time, in the order of the clock', async () => {
  const world = makeSimulatedWorld({ seed: 1 });
  const order: string[] = [];
  const after = async (milliseconds: number, name: string) => {
    await world.clock.sleep(milliseconds);
    order.push(`${name}@${world.clock.ticks()}`);
  };
  await world.run(Promise.all([after(3_600_000, 'c'), after(10, 'a'), after(5_000, 'b'), after(10, 'a2')]));
  expect(order).toEqual(['a@10', 'a2@10', 'b@5000', 'c@3600000']);
});

test('time does not move for a sleep that was given up', async () => {
  const world = makeSimulatedWorld({ seed: 1 });
  const stop = new AbortController();
  const sleep = world.clock.sleep(1_000_000, stop.signal).catch(() => 'stopped');
  stop.abort();
  expect(await world.run(sleep)).toBe('stopped');
  await world.run(world.clock.sleep(5));
  expect(world.clock.ticks()).toBe(5);
});

test('nothing of a killed process goes on, and the next one starts on the same disk', async () => {
  const world = makeSimulatedWorld({ seed: 1 });
  const write = async (name: string) => {
    for (let index = 0; index < 10; index += 1) await world.disk.replace(`${name}-${index}`, 'x');
  };
  world.onCall = (index) => {
    if (index === 4) world.kill();
  };
  await expect(world.run(write('first'))).rejects.toBeInstanceOf(Killed);
  expect(world.files.files()).toEqual(['first-0', 'first-1', 'first-2']);
  world.boot();
  await world.run(write('second'));
  expect(world.files.files()).toHaveLength(13);
});

test('a power loss keeps what was synced, and of the rest a beginning', async () => {
  const tails = new Set<string>();
  for (let seed = 1; seed <= 50; seed += 1) {
    const world = makeSimulatedWorld({ seed });
    const log = await world.disk.openLog('journal');
    await log.append('kept\n');
    await log.sync();
    await log.append('lost');
    await world.disk.replace('durable', 'x', { durable: true });
    world.losePower();
    expect(world.files.text('journal')).toMatch(/^kept\n(l(o(st?)?)?)?$/);
    expect(world.files.text('durable')).toBe('x');
    tails.add(world.files.text('journal')!.slice(5));
  }
  expect(tails.size).toBeGreaterThan(2);
});

test('a disk call can be made to fail with a code of Node', async () => {
  const world = makeSimulatedWorld({ seed: 1 });
  world.files.fault = ({ index }) => (index === 2 ? 'ENOSPC' : undefined);
  await world.disk.replace('a', '1');
  await expect(world.disk.replace('b', '2')).rejects.toMatchObject({ code: 'ENOSPC' });
  await world.disk.replace('c', '3');
  expect(world.files.files()).toEqual(['a', 'c']);
});

test('an exchange ends at its deadline, and an answer beyond its limit is refused', async () => {
  const world = makeSimulatedWorld({ seed: 1 });
  world.connect(async () => {
    await world.clock.sleep(10_000);
    return { status: 200, headers: {}, body: new Uint8Array(100) };
  });
  const ask = (deadline: number, maxBytes: number) => world.http({ method: 'GET', url: 'http://x.test/', headers: {}, deadline, maxBytes });
  await expect(world.run(ask(5_000, 1_000))).rejects.toMatchObject({ code: 'TIMEOUT', wasSent: true });
  await expect(world.run(ask(20_000, 10))).rejects.toMatchObject({ code: 'TOO_LARGE' });
  expect((await world.run(ask(20_000, 100))).status).toBe(200);
});

test('the same seed gives the same chance', () => {
  const [left, right] = [makeChance(7), makeChance(7)];
  const numbers = Array.from({ length: 1_000 }, () => left());
  expect(numbers).toEqual(Array.from({ length: 1_000 }, () => right()));
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
});
