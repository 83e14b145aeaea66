import { expect, test } from '@jest/globals';
import { type Live, OrgFailure, type OrgWriter } from '../../providers/contract.ts';
import { aimOf } from '../../providers/reconciler/aim.ts';
import { carryOut } from '../../providers/reconciler/carry-out.ts';
import { openJournal } from '../../providers/reconciler/journal.ts';
import { type Address, makeAddress } from '../../state/address.ts';
import type { Step } from '../../state/change.ts';
import type { Document } from '../../state/document.ts';
import type { Outcome } from '../../state/outcome.ts';
import { directive, makeMap, type Value } from '../../state/value.ts';
import { type OneOrg, openOneOrg } from './one-org.ts';
import { bodyOf, US } from './simulated-org.ts';
import { TOY_TYPES } from './toy-types.ts';

// Long because it is the one table of what each step may meet before, in and after its write.
function document(type: string, entries: Record<string, Value>, rest: Partial<Document> = {}): Document {
  return { address: makeAddress(type, ['a']), body: makeMap(Object.entries(entries)), ...rest };
}

const CRATE = document('crate', { color: 'red', size: 2 });
const STAMP = document('stamp', { color: 'red' });
const TOKEN = document('token', { color: 'red', fields: makeMap([['password', directive('$secret', 'PASSWORD')]]) });
/** What others refer to. */
const NEEDED: Document = { address: makeAddress('crate', ['needed']), body: makeMap([['color', 'red']]) };
const SHELF = document('shelf', { color: 'red', members: [makeMap([['crate', directive('$ref', NEEDED.address)]])] });
const SCRIPT = document('script', { color: 'red', content: makeMap([['lines', 'say']]) });

async function apply(one: OneOrg, documents: readonly Document[], isRemembered = false): Promise<Outcome> {
  return one.run(carryOut(only(one.plan(documents, isRemembered)), one.site));
}

function only(steps: readonly Step[]): Step {
  return steps.filter((one) => one.action !== 'held' && one.address !== NEEDED.address).at(-1) as Step;
}

function bodyAt(one: OneOrg, address: Address): unknown {
  return one.org.under(address).map((object) => JSON.parse(JSON.stringify(bodyOf(object).body)));
}

const minimum = [
  { reason: 'the org enforces the key and answers with the whole object: nothing to ask before or after', wanted: CRATE, requests: ['create crate/a'] },
  {
    reason: 'the org would take a second one: look first; it answers with an id alone: read back',
    wanted: STAMP,
    requests: ['find stamp/a', 'create stamp/a', 'get id-2'],
  },
  { reason: 'a part is a request of its own', wanted: SHELF, requests: ['create shelf/a', 'part shelf/a/members'] },
];
for (const { reason, wanted, requests } of minimum) {
  test(`creating ${wanted.address} sends the fewest requests (${reason})`, async () => {
    const one = await openOneOrg();
    one.org.plant(NEEDED.address, NEEDED.body);
    const outcome = await apply(one, [wanted, NEEDED]);
    expect(outcome).toMatchObject({ address: wanted.address, word: 'created', id: 'id-2' });
    expect(one.sent.slice(0, requests.length)).toEqual(requests);
    expect(one.sent.slice(requests.length).filter((request) => !request.startsWith('get'))).toEqual([]);
  });
}

test('what is as wanted, and what is only adopted, sends no request', async () => {
  const one = await openOneOrg();
  one.org.plant(CRATE.address, CRATE.body);
  expect(await apply(one, [CRATE], true)).toMatchObject({ word: 'unchanged', id: 'id-1' });
  expect(await apply(one, [CRATE])).toMatchObject({ word: 'adopted', id: 'id-1' });
  expect(one.sent).toEqual([]);
});

test('an update reads, writes once and reports what was read back', async () => {
  const one = await openOneOrg();
  one.org.plant(
    CRATE.address,
    makeMap([
      ['color', 'old'],
      ['size', 2],
    ]),
  );
  const [step] = one.plan([CRATE], true);
  expect(await one.run(carryOut(step as Step, one.site))).toEqual({ address: CRATE.address, word: 'updated', id: 'id-1', hash: step?.after });
  expect(one.sent.slice(0, 2)).toEqual(['get id-1', 'put crate/a']);
  expect(bodyAt(one, CRATE.address)).toEqual([{ color: 'red', size: 2 }]);
});

test('a live object that moved since the plan is stale, named field by field, and not written', async () => {
  const one = await openOneOrg();
  const object = one.org.plant(
    CRATE.address,
    makeMap([
      ['color', 'old'],
      ['size', 2],
    ]),
  );
  const step = only(one.plan([CRATE]));
  one.org.touch(object, 'note', 'by hand');
  const outcome = await one.run(carryOut(step, one.site));
  expect(outcome).toMatchObject({ word: 'stale', id: 'id-1' });
  expect(outcome.message).toContain('/note');
  expect(one.sent).toEqual(['get id-1']);
});

test('an item that a cut-off update of ours only began to add is gone on with; the same item without an intent of ours is stale', async () => {
  const item = (more: readonly [string, Value][]) => makeMap([['crate', directive('$ref', NEEDED.address)], ...more]);
  for (const isOurs of [true, false]) {
    const one = await openOneOrg();
    one.org.plant(NEEDED.address, NEEDED.body);
    const shelf = one.org.plant(SHELF.address, makeMap([['color', 'red']]));
    const step = only(one.plan([NEEDED, document('shelf', { color: 'red', members: [item([['rank', 2]])] })]));
    const intent = { address: step.address, action: step.action, at: one.world.clock.now(), plan: 'plan-1' };
    if (isOurs) await one.run(one.site.journal.intend({ ...intent, before: step.before ?? '', after: step.after ?? '' }));
    one.org.touch(shelf, 'members', [item([])]);
    expect(await one.run(carryOut(step, one.site))).toMatchObject({ word: isOurs ? 'adopted' : 'stale' });
    expect(bodyAt(one, SHELF.address)).toMatchObject([{ members: [isOurs ? { rank: 2 } : expect.not.objectContaining({ rank: 2 })] }]);
  }
});

test('an object that somebody deleted since the plan is stale', async () => {
  const one = await openOneOrg();
  one.org.plant(CRATE.address, makeMap([['color', 'old']]));
  const step = only(one.plan([CRATE]));
  one.org.objects.clear();
  expect(await one.run(carryOut(step, one.site))).toMatchObject({ word: 'stale' });
});

const met = [
  { reason: 'as wanted already', theirs: CRATE.body, word: 'adopted' },
  { reason: 'different', theirs: makeMap([['color', 'theirs']]), word: 'stale' },
];
for (const { reason, theirs, word } of met) {
  for (const wanted of [CRATE, { ...STAMP, body: CRATE.body }]) {
    test(`a ${wanted.address} created by somebody since the plan (${reason}) is ${word} and never written`, async () => {
      const one = await openOneOrg();
      const step = only(one.plan([wanted]));
      one.org.plant(wanted.address, theirs);
      const outcome = await one.run(carryOut(step, one.site));
      expect(outcome).toMatchObject({ word, id: 'id-1' });
      expect(one.org.commits).toEqual([]);
      if (word === 'stale') expect(outcome.message).toMatch(/plan again/);
    });
  }
}

test('two objects under a key that is to be created are stale, with both ids, and neither is touched', async () => {
  const one = await openOneOrg();
  const step = only(one.plan([STAMP]));
  for (let count = 0; count < 2; count += 1) one.org.plant(STAMP.address, STAMP.body);
  const outcome = await one.run(carryOut(step, one.site));
  expect(outcome.word).toBe('stale');
  expect(outcome.message).toContain('id-1, id-2');
  expect(one.org.commits).toEqual([]);
});

test('two objects that may both be ours after a cut-off create are unknown, with both ids, and the question stays open', async () => {
  const one = await openOneOrg();
  const step = only(one.plan([TOKEN]));
  await one.run(one.site.journal.intend({ address: TOKEN.address, action: 'create', at: one.world.clock.now() }));
  for (let count = 0; count < 2; count += 1) one.org.plant(TOKEN.address, makeMap([['color', 'red']]), US);
  const outcome = await one.run(carryOut(step, one.site));
  expect(outcome.word).toBe('unknown');
  expect(outcome.message).toContain('id-1, id-2');
  expect(one.org.commits).toEqual([]);
  expect(one.site.journal.open()).toHaveLength(1);
});

test('of two objects under a key after a cut-off create, the one that names us as its creator is ours', async () => {
  const one = await openOneOrg();
  const step = only(one.plan([TOKEN]));
  await one.run(one.site.journal.intend({ address: TOKEN.address, action: 'create', at: one.world.clock.now() }));
  one.org.plant(TOKEN.address, makeMap([['color', 'theirs']]));
  one.org.plant(TOKEN.address, makeMap([['color', 'red']]), US);
  expect(await one.run(carryOut(step, one.site))).toMatchObject({ word: 'created', id: 'id-2' });
  expect(one.org.violations).toEqual([]);
});

test('who holds a taken key is looked for until lists show it', async () => {
  let isHidden = true;
  const one = await openOneOrg({}, (writer) => ({ ...writer, find: async (address) => (isHidden ? [] : writer.find(address)) }));
  const step = only(one.plan([CRATE]));
  one.org.plant(CRATE.address, CRATE.body);
  void one.world.clock.sleep(40_000).then(() => {
    isHidden = false;
  });
  expect(await one.run(carryOut(step, one.site))).toMatchObject({ word: 'adopted', id: 'id-1' });
});

test('an object that we made and that the org does not show yet is waited for, and not made again', async () => {
  let isHidden = false;
  const one = await openOneOrg({}, (writer) => ({
    ...writer,
    get: async (address, id) => (isHidden ? undefined : writer.get(address, id)),
    find: async (address) => (isHidden ? [] : writer.find(address)),
  }));
  const step = only(one.plan([STAMP]));
  await one.run(carryOut(step, one.site));
  isHidden = true;
  void one.world.clock.sleep(40_000).then(() => {
    isHidden = false;
  });
  expect(await one.run(carryOut(step, one.site))).toMatchObject({ word: 'created', id: 'id-1' });
  expect(one.org.commits).toHaveLength(1);
});

test('after an unclear update nothing is sent until the change is there or can no longer come', async () => {
  let isLost = true;
  const one = await openOneOrg({}, (writer) => ({
    ...writer,
    update: (live, wanted, files) => {
      if (!isLost) return writer.update(live, wanted, files);
      isLost = false;
      return Promise.reject(new OrgFailure('unclear', 'the answer was lost'));
    },
  }));
  one.org.plant(CRATE.address, makeMap([['color', 'old']]));
  const start = one.world.clock.ticks();
  expect(await apply(one, [CRATE])).toMatchObject({ word: 'adopted' });
  expect(one.org.commits[0]?.at).toBeGreaterThan(start + 60_000);
});

test('an update that was carried out and cannot be read back is unknown; the same plan looks again, and says updated without writing anew', async () => {
  let isReadable = true;
  const one = await openOneOrg({}, (writer) => ({
    ...writer,
    get: (at, id) => (isReadable ? writer.get(at, id) : Promise.reject(new OrgFailure('forbidden', 'missing permission crate:view', { status: 403 }))),
    update: async (live, wanted, files) => {
      await writer.update(live, wanted, files);
      isReadable = false;
      throw new OrgFailure('unclear', 'missing permission crate:view', { status: 403 });
    },
  }));
  one.org.plant(CRATE.address, makeMap([['color', 'old']]));
  const step = only(one.plan([CRATE], true));
  expect(await one.run(carryOut(step, one.site))).toMatchObject({ word: 'unknown' });
  expect(one.site.journal.open().map(({ address }) => address)).toEqual([CRATE.address]);
  isReadable = true;
  expect(await one.run(carryOut(step, one.site))).toMatchObject({ word: 'updated', id: 'id-1' });
  expect(one.org.commits).toHaveLength(1);
});

test('an update that was answered, and whose late reading back is refused, is unknown and not failed', async () => {
  let isReadable = true;
  const one = await openOneOrg({}, (writer) => ({
    ...writer,
    get: (at, id) => (isReadable ? writer.get(at, id) : Promise.reject(new OrgFailure('refused', 'no token', { status: 429 }))),
    update: async (live, wanted, files) => {
      await writer.update(live, wanted, files);
      isReadable = false;
      return live;
    },
  }));
  one.org.plant(CRATE.address, makeMap([['color', 'old']]));
  const step = only(one.plan([CRATE], true));
  expect(await one.run(carryOut(step, one.site))).toMatchObject({ word: 'unknown' });
  isReadable = true;
  expect(await one.run(carryOut(step, one.site))).toMatchObject({ word: 'updated', id: 'id-1' });
  expect(one.org.commits).toHaveLength(1);
});

const endings = [
  { reason: 'of an update that was carried out in part is updated', word: 'updated', failures: ['unclear', 'forbidden'] },
  { reason: 'of an update that was refused is unchanged: somebody else did it', word: 'unchanged', failures: ['forbidden'] },
] as const;
for (const { reason, word, failures } of endings) {
  test(`what is as wanted when the same plan comes back to a failed step ${reason}`, async () => {
    const left: OrgFailure[] = failures.map((kind) => new OrgFailure(kind, 'missing permission crate:edit', { status: 403 }));
    const one = await openOneOrg({}, (writer) => ({
      ...writer,
      update: async (live, wanted, files) => {
        const failure = left.shift();
        if (failure?.kind === 'unclear') await writer.update(live, { ...wanted, body: makeMap([['color', 'red']]) }, files);
        throw failure;
      },
    }));
    const object = one.org.plant(CRATE.address, makeMap([['color', 'old']]));
    const step = only(one.plan([CRATE], true));
    const failed = await one.run(carryOut(step, one.site));
    expect(failed).toMatchObject({ word: 'failed', id: 'id-1' });
    expect(failed.message).toContain('missing permission crate:edit');
    expect(one.site.journal.open()).toEqual([]);
    one.org.touch(object, 'color', 'red');
    one.org.touch(object, 'size', 2);
    expect(await one.run(carryOut(step, one.site))).toMatchObject({ word, id: 'id-1' });
  });
}

const doubts = [
  { reason: 'and sending it again was refused', isCutOff: false, failures: ['unclear', 'forbidden'] },
  { reason: 'by a run that was cut off, and sending it again was refused', isCutOff: true, failures: ['forbidden'] },
  { reason: 'at the last of all attempts', isCutOff: false, failures: ['unclear', 'unclear', 'unclear'] },
] as const;
for (const { reason, isCutOff, failures } of doubts) {
  test(`an update that was carried out ${reason}, is not failed though reads show it late`, async () => {
    const left: OrgFailure[] = failures.map((kind) => new OrgFailure(kind, 'not this time'));
    let old: Live | undefined;
    let landed = 0;
    const one = await openOneOrg({}, (writer) => {
      const land = async (live: Live, wanted: Document) => {
        [old, landed] = [live, one.world.clock.ticks()];
        await writer.update(live, wanted, one.site.files);
      };
      return {
        ...writer,
        get: async (at, id) => (old !== undefined && one.world.clock.ticks() < landed + 100_000 ? old : writer.get(at, id)),
        update: async (live, wanted) => {
          const failure = left.shift();
          if (failure?.kind === 'unclear' && left.every(({ kind }) => kind !== 'unclear')) await land(live, wanted);
          throw failure;
        },
      };
    });
    one.org.plant(CRATE.address, makeMap([['color', 'old']]));
    const step = only(one.plan([CRATE], true));
    if (isCutOff) {
      const { address, action, before = '', after = '' } = step;
      await one.run(one.site.journal.intend({ address, action, at: one.world.clock.now(), before, after, plan: 'plan-1' }));
      old = (await one.run(one.site.org.get(address, 'id-1'))) as Live;
      for (const [field, value] of Object.entries(CRATE.body)) one.org.touch(one.org.under(address)[0]!, field, value);
    }
    expect(await one.run(carryOut(step, one.site))).toMatchObject({ word: 'updated', id: 'id-1' });
    expect(left).toEqual([]);
  });
}

test('what an earlier run of this plan did is not sent again where a read only shows it late', async () => {
  let [old, since, sent]: [Live | undefined, number, number] = [undefined, 0, 0];
  const one = await openOneOrg({}, (writer) => ({
    ...writer,
    get: async (at, id) => (old !== undefined && one.world.clock.ticks() < since + 50_000 ? old : writer.get(at, id)),
    update: (...given) => {
      sent += 1;
      return writer.update(...given);
    },
  }));
  one.org.plant(CRATE.address, makeMap([['color', 'old']]));
  const step = only(one.plan([CRATE], true));
  const before = (await one.run(one.site.org.get(CRATE.address, 'id-1'))) as Live;
  expect(await one.run(carryOut(step, one.site))).toMatchObject({ word: 'updated', id: 'id-1' });
  const journal = await one.run(openJournal(one.world, '.cordboard/one/journal.jsonl'));
  [old, since] = [before, one.world.clock.ticks()];
  expect(await one.run(carryOut(step, { ...one.site, journal }))).toMatchObject({ word: 'updated', id: 'id-1' });
  expect(sent).toBe(1);
});

test('what an earlier run of this plan created is not stale where a read only shows it late', async () => {
  let [old, since]: [Live | undefined, number] = [undefined, 0];
  const one = await openOneOrg({}, (writer) => ({
    ...writer,
    get: async (at, id) => (old !== undefined && one.world.clock.ticks() < since + 50_000 ? old : writer.get(at, id)),
  }));
  const step = only(one.plan([CRATE]));
  const { id } = await one.run(carryOut(step, one.site));
  const live = (await one.run(one.site.org.get(CRATE.address, id ?? ''))) as Live;
  const journal = await one.run(openJournal(one.world, '.cordboard/one/journal.jsonl'));
  [old, since] = [{ ...live, document: { ...live.document, body: makeMap([['color', 'blue']]) } }, one.world.clock.ticks()];
  expect(await one.run(carryOut(step, { ...one.site, journal }))).toMatchObject({ word: 'created', id });
});

test('secrets that an unclear request may have written are unknown, and not failed, when sending them again is refused', async () => {
  const failures = [new OrgFailure('unclear', 'the answer was lost'), new OrgFailure('forbidden', 'missing permission token:edit')];
  const one = await openOneOrg({}, (writer) => ({ ...writer, update: () => Promise.reject(failures.shift()) }));
  one.org.plant(TOKEN.address, makeMap([['color', 'red']]));
  const rotation: Step = { ...only(one.plan([TOKEN])), action: 'update', changes: [{ at: '/fields/password', kind: 'change' }] };
  expect(await one.run(carryOut(rotation, one.site))).toMatchObject({ word: 'unknown', id: 'id-1' });
  expect(one.site.journal.open()).toHaveLength(1);
});

test('a stranger under the key after a cut-off create does not end the wait for ours', async () => {
  const one = await openOneOrg();
  const step = only(one.plan([STAMP]));
  await one.run(one.site.journal.intend({ address: STAMP.address, action: 'create', at: one.world.clock.now() }));
  one.org.plant(STAMP.address, makeMap([['color', 'theirs']]));
  void one.world.clock.sleep(50_000).then(() => one.org.plant(STAMP.address, STAMP.body, US));
  expect(await one.run(carryOut(step, one.site))).toMatchObject({ word: 'created', id: 'id-2' });
  expect(one.org.commits).toEqual([]);
});

test('after a create that was never carried out, the whole time for a late one passes before it is sent again', async () => {
  const one = await openOneOrg();
  const step = only(one.plan([STAMP]));
  await one.run(one.site.journal.intend({ address: STAMP.address, action: 'create', at: one.world.clock.now() }));
  const start = one.world.clock.ticks();
  expect(await one.run(carryOut(step, one.site))).toMatchObject({ word: 'created' });
  expect(one.org.commits[0]?.at).toBeGreaterThan(start + 120_000);
});

test('a wall clock that jumped a day between the runs shortens no wait and makes no second one', async () => {
  for (const jump of [86_400_000, -86_400_000]) {
    const one = await openOneOrg();
    const step = only(one.plan([TOKEN]));
    await one.run(one.site.journal.intend({ address: TOKEN.address, action: 'create', at: one.world.clock.now() }));
    one.world.setNow(one.world.clock.now() + jump);
    const start = one.world.clock.ticks();
    await one.run(carryOut(step, one.site));
    expect(one.org.under(TOKEN.address)).toHaveLength(1);
    expect(one.org.commits[0]?.at).toBeGreaterThan(start + 120_000);
  }
});

test('a rename writes the same object under its new key', async () => {
  const one = await openOneOrg();
  one.org.plant(makeAddress('crate', ['old name']), CRATE.body);
  const outcome = await apply(one, [{ ...CRATE, was: 'old name' }]);
  expect(outcome).toMatchObject({ address: CRATE.address, word: 'updated', id: 'id-1' });
  expect(one.org.under(CRATE.address)).toHaveLength(1);
  expect(one.org.under(makeAddress('crate', ['old name']))).toEqual([]);
});

test('a rename that is done already is unchanged, and one to a taken name is stale', async () => {
  const done = await openOneOrg();
  done.org.plant(makeAddress('crate', ['old name']), CRATE.body);
  const step = only(done.plan([{ ...CRATE, was: 'old name' }]));
  await done.run(carryOut(step, done.site));
  expect(await done.run(carryOut(step, { ...done.site, plan: 'another' }))).toMatchObject({ word: 'unchanged', id: 'id-1' });

  const taken = await openOneOrg();
  taken.org.plant(makeAddress('crate', ['old name']), CRATE.body);
  const other = only(taken.plan([{ ...CRATE, was: 'old name' }]));
  taken.org.plant(CRATE.address, makeMap([['color', 'theirs']]));
  expect(await taken.run(carryOut(other, taken.site))).toMatchObject({ word: 'stale' });
  expect(taken.org.commits).toEqual([]);
});

test('replacements, and deletions that nobody judged, are held, whatever the plan says', async () => {
  const one = await openOneOrg();
  one.org.plant(CRATE.address, CRATE.body);
  for (const action of ['held', 'delete', 'replace'] as const) {
    const step: Step = { address: CRATE.address, action, changes: [], reasons: [], deferred: [], needs: [], document: CRATE };
    expect(await one.run(carryOut(step, one.site))).toMatchObject({ word: 'held' });
  }
  expect(one.sent).toEqual([]);
});

test('ignored and deferred fields keep their live value where the whole body is replaced', async () => {
  const one = await openOneOrg();
  one.org.plant(
    CRATE.address,
    makeMap([
      ['color', 'old'],
      ['size', 2],
      ['note', 'by hand'],
      ['edge', 'later'],
    ]),
  );
  const wanted = { ...CRATE, ignore: ['/note'] };
  const planned = only(one.plan([{ ...wanted, body: makeMap([...Object.entries(CRATE.body), ['edge', 'later']]) }]));
  const outcome = await one.run(carryOut({ ...planned, deferred: [] }, one.site));
  expect(outcome.word).toBe('adopted');
  expect(bodyAt(one, CRATE.address)).toEqual([{ color: 'red', size: 2, note: 'by hand', edge: 'later' }]);
});

test('a field that another step writes stays as it lives while the rest is written', () => {
  const step: Step = { address: CRATE.address, action: 'update', changes: [], reasons: [], deferred: ['/edge'], needs: [], document: CRATE };
  const live = document('crate', { color: 'old', size: 2, edge: 'as it lives' });
  const { body } = aimOf(step, CRATE, TOY_TYPES).target(live);
  expect(JSON.parse(JSON.stringify(body))).toEqual({ color: 'red', size: 2, edge: 'as it lives' });
});

test('what the org does not keep is failed, with the fields', async () => {
  const one = await openOneOrg({}, (writer) => dropping(writer, 'size'));
  const outcome = await apply(one, [CRATE]);
  expect(outcome).toMatchObject({ word: 'failed', id: 'id-1' });
  expect(outcome.message).toContain('/size');
});

/** An org that forgets a field. */
function dropping(writer: OrgWriter, field: string): OrgWriter {
  const without = (of: Document): Document => ({ ...of, body: makeMap(Object.entries(of.body).filter(([key]) => key !== field)) });
  return {
    ...writer,
    create: (wanted, files) => writer.create(without(wanted), files),
    update: (live: Live, wanted, files) => writer.update(live, without(wanted), files),
  };
}

const refusals = [
  {
    reason: 'a permission is missing',
    failure: new OrgFailure('forbidden', 'missing permission crate:add', { status: 403, code: 'missing.permissions', correlationId: 'c-1' }),
  },
  { reason: 'the request is wrong', failure: new OrgFailure('refused', 'color must not be red', { status: 400 }) },
];
for (const { reason, failure } of refusals) {
  test(`a refused create is failed, in the org's words, and leaves nothing open (${reason})`, async () => {
    const one = await openOneOrg({}, (writer) => ({ ...writer, create: () => Promise.reject(failure) }));
    const outcome = await apply(one, [CRATE]);
    expect(outcome).toMatchObject({ word: 'failed' });
    expect(outcome.message).toContain(failure.message);
    expect(outcome.message).toContain(String(failure.status));
    expect(one.site.journal.open()).toEqual([]);
  });
}

test('secrets alone are written even though nothing differs that can be read, once per plan', async () => {
  const one = await openOneOrg();
  one.org.plant(TOKEN.address, makeMap([['color', 'red']]));
  const adopted = only(one.plan([TOKEN]));
  const rotation: Step = { ...adopted, action: 'update', changes: [{ at: '/fields/password', kind: 'change' }] };
  expect(await one.run(carryOut(rotation, one.site))).toMatchObject({ word: 'updated' });
  expect(one.org.under(TOKEN.address)[0]?.secrets['password']).toBe('value of PASSWORD');
  expect(await one.run(carryOut(rotation, one.site))).toMatchObject({ word: 'updated' });
  expect(one.org.commits).toHaveLength(1);
});

test('a person who edits a versioned object between read and write is never overwritten', async () => {
  let meddle = (): void => undefined;
  const one = await openOneOrg({}, (writer) => ({
    ...writer,
    update: (live, wanted, files) => {
      meddle();
      meddle = () => undefined;
      return writer.update(live, wanted, files);
    },
  }));
  const object = one.org.plant(SHELF.address, makeMap([['color', 'old']]));
  meddle = () => one.org.touch(object, 'color', 'by hand');
  one.org.plant(NEEDED.address, NEEDED.body);
  expect(await apply(one, [SHELF, NEEDED])).toMatchObject({ word: 'stale' });
  expect(bodyAt(one, SHELF.address)).toEqual([{ color: 'by hand' }]);
});

test('an edge writes its own field alone, over whatever else lives there', async () => {
  const one = await openOneOrg();
  const names = ['a', 'b'].map((name) => makeAddress('script', [name]));
  const cycle = names.map((address, index) => ({
    ...SCRIPT,
    address,
    body: makeMap([['content', makeMap([['calls', directive('$ref', names[1 - index] as string)]])]]),
  }));
  const steps = one.plan(cycle);
  for (const step of steps.slice(0, 2)) expect(await one.run(carryOut(step, one.site))).toMatchObject({ word: 'created' });
  const [owner] = one.org.live().filter((object) => steps[2]?.address.startsWith(`${bodyOf(object).address}#`));
  expect(bodyOf(owner!).body['content']).toEqual({ lines: 'placeholder' });
  one.org.touch(owner!, 'color', 'by hand');
  expect(await one.run(carryOut(steps[2] as Step, one.site))).toMatchObject({ word: 'updated' });
  expect(bodyOf(owner!).body['color']).toBe('by hand');
  expect(bodyOf(owner!).body['content']).toHaveProperty('calls');
});

test('an edge whose field a person filled meanwhile is stale', async () => {
  const one = await openOneOrg();
  const names = ['a', 'b'].map((name) => makeAddress('script', [name]));
  const cycle = names.map((address, index) => ({
    ...SCRIPT,
    address,
    body: makeMap([['content', makeMap([['calls', directive('$ref', names[1 - index] as string)]])]]),
  }));
  const steps = one.plan(cycle);
  for (const step of steps.slice(0, 2)) await one.run(carryOut(step, one.site));
  const [owner] = one.org.live().filter((object) => steps[2]?.address.startsWith(`${bodyOf(object).address}#`));
  one.org.touch(owner!, 'content', makeMap([['lines', 'by hand']]));
  expect(await one.run(carryOut(steps[2] as Step, one.site))).toMatchObject({ word: 'stale' });
  expect(bodyOf(owner!).body['content']).toEqual({ lines: 'by hand' });
});

test('no outcome, no notice and no file ever holds a secret', async () => {
  const one = await openOneOrg();
  await apply(one, [TOKEN]);
  const written = one.world.files.files().map((file) => one.world.files.text(file));
  expect(JSON.stringify([one.notices.filter((notice) => notice.code === 'OUTCOME'), written])).not.toContain('PASSWORD');
});
