import { expect, test } from '@jest/globals';
import { claimLock, fenced, type Lock, LockLost } from '../../providers/reconciler/lock.ts';
import type { World } from '../../providers/world.ts';
import { Refused } from '../../state/problem.ts';
import { makeSimulatedWorld, type SimulatedWorld } from '../worlds/simulated-world.ts';

const FOLDER = '.cordboard/org';

/** Processes of one machine, told apart by number; those in `dead` are gone. */
function processes(at: SimulatedWorld, dead: ReadonlySet<number> = new Set()): (self: number) => World {
  return (self) => ({ clock: at.clock, chance: at.chance, disk: at.disk, http: at.http, processes: { self, isAlive: (id) => !dead.has(id) } });
}

async function refusal(claim: Promise<Lock>): Promise<Refused> {
  const failure = await claim.catch((reason: unknown) => reason);
  expect(failure).toBeInstanceOf(Refused);
  return failure as Refused;
}

test('a second apply is refused while the first one lives, with holder and age', async () => {
  const at = makeSimulatedWorld({ seed: 1 });
  const as = processes(at);
  const lock = await at.run(claimLock(as(1), FOLDER));
  await at.run(at.clock.sleep(300_000));
  const refused = await at.run(refusal(claimLock(as(2), FOLDER)));
  expect(refused.problems[0]).toMatchObject({ code: 'LOCKED', place: { file: `${FOLDER}/lock` } });
  expect(refused.message).toContain('process 1');
  expect(refused.message).toContain('300 s ago');
  await at.run(lock.guard());
});

test('a lock that was given back leaves no file and can be claimed', async () => {
  const at = makeSimulatedWorld({ seed: 1 });
  const as = processes(at);
  const lock = await at.run(claimLock(as(1), FOLDER));
  await at.run(at.clock.sleep(60_000));
  await at.run(lock.release());
  expect(at.files.files()).toEqual([]);
  await at.run(claimLock(as(2), FOLDER));
});

test('the lock of a dead process is taken over at once', async () => {
  const at = makeSimulatedWorld({ seed: 1 });
  const dead = new Set<number>();
  const as = processes(at, dead);
  await at.run(claimLock(as(1), FOLDER));
  dead.add(1);
  const start = at.clock.ticks();
  const lock = await at.run(claimLock(as(2), FOLDER));
  expect(at.clock.ticks()).toBe(start);
  await at.run(lock.guard());
  await at.run(lock.release());
  expect(at.files.files().filter((file) => file.includes('lock'))).toEqual([]);
});

test('a holder that stood still beyond its lease finds its lock taken and may not write; the new holder may', async () => {
  const at = makeSimulatedWorld({ seed: 1 });
  const paused: World = { ...processes(at)(1), clock: { ...at.clock, sleep: () => new Promise(() => undefined) } };
  const first = await at.run(claimLock(paused, FOLDER));
  await at.run(at.clock.sleep(130_000));
  const second = await at.run(claimLock(processes(at)(2), FOLDER));
  await expect(at.run(first.guard())).rejects.toBeInstanceOf(LockLost);
  await at.run(first.release());
  await at.run(second.guard());
  await at.run(refusal(claimLock(processes(at)(3), FOLDER)));
});

test('of many that take over one dead lock at the same moment, exactly one holds it', async () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const at = makeSimulatedWorld({ seed });
    const dead = new Set<number>();
    const as = processes(at, dead);
    await at.run(claimLock(as(1), FOLDER));
    dead.add(1);
    const staggered = Array.from({ length: 4 }, async (_, index) => {
      await at.clock.sleep(Math.floor(at.chance() * 3));
      return claimLock(staggering(as(index + 2), at), FOLDER).catch((failure: unknown) => failure);
    });
    const claims = await at.run(Promise.all(staggered));
    const holders = claims.filter((claim) => !(claim instanceof Refused)) as Lock[];
    const guards = await at.run(Promise.allSettled(holders.map((lock) => lock.guard())));
    expect({ seed, holders: holders.length, writers: guards.filter((guard) => guard.status === 'fulfilled').length }).toEqual({ seed, holders: 1, writers: 1 });
  }
});

/** Each call to the disk takes a little time of its own. */
function staggering(world: World, at: SimulatedWorld): World {
  const late = async <T>(work: () => Promise<T>): Promise<T> => {
    await at.clock.sleep(at.chance() * 3);
    return work();
  };
  return {
    ...world,
    disk: { ...world.disk, read: (path) => late(() => world.disk.read(path)), claim: (path, content) => late(() => world.disk.claim(path, content)) },
  };
}

test('a claim that was cut off while it was written is taken over', async () => {
  for (const cut of ['', '{"nonce":"ab', '\0\0\0']) {
    const at = makeSimulatedWorld({ seed: 1 });
    at.files.put(`${FOLDER}/lock`, cut);
    const lock = await at.run(claimLock(processes(at)(1), FOLDER));
    await at.run(lock.guard());
    await at.run(lock.release());
    expect(at.files.files().filter((file) => file.includes('lock'))).toEqual([]);
  }
});

test('once the lock is lost, nothing but reads is sent, however long a request has waited for its turn', async () => {
  const sent: string[] = [];
  const world = makeSimulatedWorld({
    seed: 3,
    http: async ({ method }) => {
      sent.push(method);
      return { status: 204, headers: {}, body: new Uint8Array() };
    },
  });
  const ask = (method: string) => ({ method, url: 'http://org.invalid/', headers: {}, deadline: 1_000, maxBytes: 10 });
  const isLost = Promise.reject(new LockLost('lock'));
  isLost.catch(() => undefined);
  const { http } = fenced(world, { guard: () => isLost });
  await world.run(http(ask('GET')));
  await expect(world.run(http(ask('POST')))).rejects.toThrow('was taken over by another apply');
  expect(sent).toEqual(['GET']);
});
