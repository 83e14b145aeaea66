import { expect, test } from '@jest/globals';
import { type Live, OrgFailure, type OrgWriter } from '../../providers/contract.ts';
import { applyPlan } from '../../providers/reconciler/apply-plan.ts';
import { carryOut } from '../../providers/reconciler/carry-out.ts';
import { openJournal } from '../../providers/reconciler/journal.ts';
import { settleOpen } from '../../providers/reconciler/settle-open.ts';
import type { Site } from '../../providers/reconciler/site.ts';
import { type Address, makeAddress, typeOf } from '../../state/address.ts';
import type { Step } from '../../state/change.ts';
import { resourceHash } from '../../state/step-hash.ts';
import { directive, makeMap, type Value } from '../../state/value.ts';
import { type OneOrg, openOneOrg } from './one-org.ts';
import { bodyOf, NO_FAULTS, type SimulatedObject, US } from './simulated-org.ts';
import { TOY_TYPES } from './toy-types.ts';

const A = makeAddress('crate', ['a']);
const BODY = makeMap([['color', 'red']]);
const ALLOWED: Partial<Site> = { deletions: async () => undefined };

function deletion(object: SimulatedObject, needs: readonly Address[] = []): Step {
  const { address, body } = bodyOf(object);
  const before = resourceHash({ address, body }, TOY_TYPES.get(typeOf(address))!, []);
  return { address, action: 'delete', changes: [], reasons: [], before, deferred: [], id: object.id, needs };
}

async function withOne(
  changes: Partial<Site> = ALLOWED,
  wrap?: (writer: OrgWriter) => OrgWriter,
): Promise<{ one: OneOrg; object: SimulatedObject; step: Step }> {
  const one = await openOneOrg(changes, wrap);
  const object = one.org.plant(A, BODY);
  one.org.show();
  return { one, object, step: deletion(object) };
}

const writes = (one: OneOrg) => one.sent.filter((what) => !/^(get|find) /.test(what));

test('a deletion reads the object, sends one request and looks until it is gone', async () => {
  const { one, step } = await withOne();
  expect(await one.run(carryOut(step, one.site))).toEqual({ address: A, word: 'deleted', id: 'id-1' });
  expect(one.sent).toEqual(['get id-1', 'delete crate/a', 'get id-1']);
  expect(one.org.under(A)).toEqual([]);
  expect(one.site.journal.open()).toEqual([]);
});

test('what this run did not judge, or judged to be held, is not deleted, and the rule is told', async () => {
  const hold = { action: 'delete', rule: 'one deletion of crate, and none is allowed', allow: 'add --allow-deletes 1' } as const;
  for (const changes of [{}, { deletions: async () => hold }]) {
    const { one, step } = await withOne(changes);
    const outcome = await one.run(carryOut(step, one.site));
    expect(outcome).toMatchObject({ word: 'held', id: 'id-1' });
    if ('deletions' in changes) expect(outcome.message).toBe('delete is held: one deletion of crate, and none is allowed; add --allow-deletes 1');
    expect(one.sent).toEqual([]);
    expect(one.org.under(A)).toHaveLength(1);
  }
});

test('what an earlier run of the same plan deleted is said to be deleted, though it would be held now; what lives on is held, and so is what another plan began', async () => {
  const held = (step: Step): Step => ({ ...step, action: 'held', held: { action: 'delete', rule: 'something was not read whole', allow: 'plan again' } });
  const again = async (isCarriedOut: boolean, plan: string) => {
    const { one, object, step } = await withOne();
    const intent = { address: A, action: 'delete', id: object.id, at: 0, plan: 'plan-1' } as const;
    if (isCarriedOut) await one.run(carryOut(step, one.site));
    else await one.run(one.site.journal.intend(intent));
    const from = writes(one).length;
    const [outcome] = await one.run(applyPlan({ steps: [held(step)] }, { ...one.site, plan }));
    expect(writes(one)).toHaveLength(from);
    return outcome?.word;
  };
  expect(await again(true, 'plan-1')).toBe('deleted');
  expect(await again(true, 'plan-2')).toBe('held');
  expect(await again(false, 'plan-1')).toBe('held');
});

test('what is gone already is deleted, which is told, and nothing is sent', async () => {
  const { one, object, step } = await withOne();
  one.org.vanish(object);
  expect(await one.run(carryOut(step, one.site))).toMatchObject({ word: 'deleted', message: expect.stringContaining('gone already') });
  expect(writes(one)).toEqual([]);
});

test('what moved or was renamed since the plan is stale and lives on', async () => {
  const { one, object, step } = await withOne();
  one.org.touch(object, 'color', 'blue');
  expect(await one.run(carryOut(step, one.site))).toMatchObject({ word: 'stale', id: 'id-1' });
  const renamed = await withOne();
  expect(await renamed.one.run(carryOut({ ...renamed.step, address: makeAddress('crate', ['b']) }, renamed.one.site))).toMatchObject({
    word: 'stale',
    message: expect.stringContaining('crate/a'),
  });
  expect([...writes(one), ...writes(renamed.one)]).toEqual([]);
});

test('a namesake that somebody made meanwhile is never touched', async () => {
  const { one, object, step } = await withOne();
  one.org.vanish(object);
  const other = one.org.plant(A, BODY);
  expect(await one.run(carryOut(step, one.site))).toMatchObject({ word: 'deleted', id: 'id-1' });
  expect(one.org.under(A)).toEqual([other]);
});

test('what is still used is failed, naming what uses it; after a step that frees it, the org gets time to see that', async () => {
  const holdsA = makeMap([['next', directive('$ref', A)]]);
  const { one, step } = await withOne();
  one.org.plant(makeAddress('shelf', ['user']), holdsA);
  const failed = await one.run(carryOut(step, one.site));
  expect(failed).toMatchObject({ word: 'failed', message: expect.stringContaining('shelf/user') });
  expect(writes(one)).toHaveLength(1);
  expect(one.site.journal.open()).toEqual([]);

  const late = await withOne();
  const user = late.one.org.plant(makeAddress('shelf', ['user']), holdsA);
  const freed = late.one.world.clock.sleep(20_000).then(() => late.one.org.touch(user, 'next', null));
  const freeing = deletion(late.object, [makeAddress('shelf', ['user'])]);
  expect(await late.one.run(carryOut(freeing, late.one.site))).toMatchObject({ word: 'deleted' });
  await late.one.run(freed);
  expect(late.one.org.under(A)).toEqual([]);
});

test('a read that lags behind the making of an object is no proof that it is gone', async () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    const { one, step } = await withOne();
    one.org.faults = { ...NO_FAULTS, laggingRead: 1, lag: 30_000 };
    const outcome = await one.run(carryOut(step, one.site));
    expect([seed, outcome.word, one.org.under(A).length, writes(one).length > 0]).toEqual([seed, 'deleted', 0, true]);
  }
});

test('whatever becomes of requests and answers, deleted is said of what is gone, and failed of what lives on', async () => {
  const words = new Set<string>();
  for (let seed = 1; seed <= 400; seed += 1) {
    const one = await openOneOrg(ALLOWED, (writer) => writer, seed);
    const share = 0.15 + (seed % 5) / 8;
    const object = one.org.plant(A, BODY);
    one.org.show();
    one.org.faults = {
      lostBefore: share / 2,
      lostAfter: share / 2,
      lateCommit: share,
      late: 55_000,
      failedRead: seed % 3 === 0 ? 0.1 : 0,
      laggingRead: 0.3,
      lag: 50_000,
      refused: 0.05,
    };
    const outcome = await one.run(carryOut(deletion(object), one.site));
    await one.run(one.world.clock.sleep(60_000));
    words.add(outcome.word);
    const isThere = one.org.under(A).length > 0;
    if (outcome.word !== 'unknown') expect([seed, outcome.word, isThere]).toEqual([seed, isThere ? 'failed' : 'deleted', isThere]);
    expect([seed, one.org.violations]).toEqual([seed, []]);
    expect([seed, one.org.commits.filter(({ kind }) => kind === 'delete').length]).toEqual([seed, isThere ? 0 : 1]);
  }
  expect([...words].sort()).toEqual(['deleted', 'failed', 'unknown']);
});

test('a deletion that a kill cut off is taken up by the same plan, and settled by any other run', async () => {
  for (const isDone of [true, false]) {
    const { one, object, step } = await withOne();
    await one.run(one.site.journal.intend({ address: A, action: 'delete', id: object.id, before: step.before!, at: one.world.clock.now(), plan: 'plan-1' }));
    if (isDone) one.org.vanish(object);
    const settled = await one.run(settleOpen({ ...one.site, plan: 'plan-2' }));
    expect(settled).toMatchObject([{ address: A, word: isDone ? 'deleted' : 'failed', id: object.id }]);
    expect(one.site.journal.open()).toEqual([]);
  }
  const { one, object, step } = await withOne();
  await one.run(one.site.journal.intend({ address: A, action: 'delete', id: object.id, before: step.before!, at: one.world.clock.now(), plan: 'plan-1' }));
  one.org.vanish(object);
  const [outcome] = await one.run(applyPlan({ steps: [step] }, one.site));
  expect(outcome).toEqual({ address: A, word: 'deleted', id: object.id });
});

test('the same plan applied again says of its deletion what it said before, and asks once', async () => {
  const { one, step } = await withOne();
  await one.run(carryOut(step, one.site));
  const [from, before] = [one.sent.length, one.world.clock.ticks()];
  const journal = await one.run(openJournal(one.world, '.cordboard/one/journal.jsonl'));
  expect(await one.run(carryOut(step, { ...one.site, journal }))).toEqual({ address: A, word: 'deleted', id: 'id-1' });
  expect(one.sent.slice(from)).toEqual(['get id-1']);
  expect(one.world.clock.ticks() - before).toBeLessThan(1_000);
});

test('what comes under the key of a deleted one is made without waiting for the old', async () => {
  const one = await openOneOrg(ALLOWED);
  const document = { address: A, body: BODY };
  const create = one.plan([document])[0]!;
  const made = await one.run(carryOut(create, one.site));
  one.org.show();
  await one.run(carryOut(deletion(one.org.under(A)[0]!), one.site));
  const before = one.world.clock.ticks();
  const again = await one.run(carryOut({ ...one.plan([document])[0]! }, { ...one.site, plan: 'plan-2' }));
  expect([made.word, again.word, again.id === made.id]).toEqual(['created', 'created', false]);
  expect(one.world.clock.ticks() - before).toBeLessThan(1_000);
  expect(one.org.violations).toEqual([]);
});

test('what needs a deletion is skipped where that is held', async () => {
  const hold = { action: 'delete', rule: 'no', allow: 'never' } as const;
  const { one, step } = await withOne({ deletions: async () => hold });
  const [create] = one.plan([{ address: makeAddress('stamp', ['b']), body: BODY }]);
  const outcomes = await one.run(applyPlan({ steps: [step, { ...create!, needs: [A] }] }, one.site));
  expect(outcomes.map(({ word, because }) => [word, because])).toEqual([
    ['held', undefined],
    ['skipped', A],
  ]);
});

test('the answer to a deletion is not enough: what the org still shows is not said to be deleted', async () => {
  const keeps = (writer: OrgWriter): OrgWriter => ({ ...writer, remove: async (_live: Live) => undefined });
  const { one, step } = await withOne(ALLOWED, keeps);
  expect(await one.run(carryOut(step, one.site))).toMatchObject({ word: 'failed', message: expect.stringContaining('still shows it') });
});

test('a person who stops the run while a deletion is unclear is told so, and the next run settles it', async () => {
  const stop = new AbortController();
  const lost = (writer: OrgWriter): OrgWriter => ({
    ...writer,
    remove: async () => {
      stop.abort();
      throw new OrgFailure('unclear', 'the answer was lost');
    },
  });
  const { one, step } = await withOne({ ...ALLOWED, interrupt: stop.signal }, lost);
  expect(await one.run(carryOut(step, one.site))).toMatchObject({ word: 'unknown' });
  expect(one.site.journal.open()).toMatchObject([{ address: A, action: 'delete', id: 'id-1' }]);
});

test('clearing an edge takes out its field alone; where the type needs something there, a placeholder stays', async () => {
  const [rack, script] = [makeAddress('rack', ['a']), makeAddress('script', ['a'])];
  const cases: readonly { address: Address; body: Readonly<Record<string, Value>>; at: string; left: Value | undefined }[] = [
    { address: rack, body: { next: directive('$ref', rack), back: directive('$ref', rack) }, at: '/next', left: undefined },
    { address: script, body: { content: makeMap([['lines', 'say']]), color: 'red' }, at: '/content', left: makeMap([['lines', 'placeholder']]) },
  ];
  for (const { address, body, at, left } of cases) {
    const one = await openOneOrg(ALLOWED);
    const whole = { address, body: makeMap(Object.entries(body)) };
    one.org.plant(address, whole.body, US);
    one.org.show();
    const cleared = makeMap(Object.entries(whole.body).filter(([key]) => `/${key}` !== at));
    const [{ id }] = one.org.under(address) as [SimulatedObject];
    const step: Step = {
      address: `${address}#${at}` as Address,
      action: 'update',
      changes: [{ at, kind: 'remove', before: whole.body[at.slice(1)]! }],
      reasons: [],
      document: { address, body: cleared },
      deferred: [at],
      id,
      needs: [],
    };
    expect(await one.run(carryOut(step, one.site))).toMatchObject({ word: 'updated' });
    const now = bodyOf(one.org.under(address)[0]!).body;
    expect([address, now]).toEqual([address, makeMap([...Object.entries(cleared), ...(left === undefined ? [] : [[at.slice(1), left] as const])])]);
  }
});
