import { expect, test } from '@jest/globals';
import { OrgFailure } from '../../providers/contract.ts';
import { appliedDocuments } from '../../providers/reconciler/applied-record.ts';
import { ApplyStopped, applyPlan } from '../../providers/reconciler/apply-plan.ts';
import { heldSteps } from '../../providers/reconciler/hold-deletions.ts';
import { openJournal } from '../../providers/reconciler/journal.ts';
import { ReadyQueue } from '../../providers/reconciler/ready-queue.ts';
import { makeReceipt, writeReceipt } from '../../providers/reconciler/receipt.ts';
import { settleOpen } from '../../providers/reconciler/settle-open.ts';
import { type Address, makeAddress } from '../../state/address.ts';
import type { Step } from '../../state/change.ts';
import type { Document } from '../../state/document.ts';
import type { OutcomeWord } from '../../state/outcome.ts';
import { directive, makeMap, type Value } from '../../state/value.ts';
import { openOneOrg } from './one-org.ts';
import { bodyOf, NO_FAULTS, US } from './simulated-org.ts';

// Long because it is the one suite of a whole apply, over the same few crates and shelves.
function crate(name: string, entries: Record<string, Value> = { color: 'red' }): Document {
  return { address: makeAddress('crate', [name]), body: makeMap(Object.entries(entries)) };
}

function shelf(name: string, crates: readonly string[], next?: string): Document {
  const members = crates.map((one) => makeMap([['crate', directive('$ref', makeAddress('crate', [one]))]]));
  const body = makeMap([
    ['color', 'red'],
    ...(members.length > 0 ? [['members', members] as const] : []),
    ...(next === undefined ? [] : [['next', directive('$ref', makeAddress('shelf', [next]))] as const]),
  ]);
  return { address: makeAddress('shelf', [name]), body };
}

function step(name: string, needs: readonly string[] = [], action: Step['action'] = 'update'): Step {
  const address = (of: string) => makeAddress('crate', [of]);
  return { address: address(name), action, changes: [], reasons: [], deferred: [], needs: needs.map(address) };
}

test('of the steps that are ready, the one with the longest chain of work behind it starts first', () => {
  const queue = new ReadyQueue([step('a'), step('b'), step('long'), step('c', ['long']), step('d', ['c']), step('e', ['a'], 'unchanged')]);
  const taken: string[] = [];
  for (let next = queue.take(); next !== undefined; next = queue.take()) {
    taken.push(next.address);
    queue.end(next.address);
  }
  expect(taken).toEqual(['crate/long', 'crate/c', 'crate/a', 'crate/b', 'crate/d', 'crate/e']);
});

test('a chain of 100,000 steps is ordered without recursion, and no step is taken before what it needs has ended', () => {
  const steps = Array.from({ length: 100_000 }, (_, index) => step(String(index), index === 0 ? [] : [String(index - 1)]));
  const queue = new ReadyQueue(steps);
  let count = 0;
  for (let next = queue.take(); next !== undefined; next = queue.take()) {
    if (queue.take() !== undefined) throw new Error('a step was taken before what it needs had ended');
    queue.end(next.address);
    count += 1;
  }
  expect(count).toBe(100_000);
});

test('a failure skips what needs it, names the cause, and nothing else', async () => {
  const one = await openOneOrg({}, (writer) => ({
    ...writer,
    create: (document, files) =>
      document.address === 'crate/bad' ? Promise.reject(new OrgFailure('refused', 'no', { status: 400 })) : writer.create(document, files),
  }));
  const steps = one.plan([crate('bad'), crate('good'), shelf('on bad', ['bad']), shelf('on shelf', [], 'on bad'), shelf('on good', ['good'])]);
  const outcomes = await one.run(applyPlan({ steps }, one.site));
  const words = Object.fromEntries(outcomes.map((outcome) => [outcome.address, `${outcome.word} ${outcome.because ?? ''}`.trim()]));
  expect(words).toEqual({
    'crate/bad': 'failed',
    'crate/good': 'created',
    'shelf/on bad': 'skipped crate/bad',
    'shelf/on shelf': 'skipped crate/bad',
    'shelf/on good': 'created',
  });
  expect(one.org.live()).toHaveLength(2);
});

test('a step that is held is held with its own rule and way out, whatever it needs; what needs it is skipped', async () => {
  const one = await openOneOrg();
  const held = { action: 'delete', rule: 'more is to be deleted than is allowed', allow: 'allow more' } as const;
  const steps: readonly Step[] = [
    { ...step('first', [], 'held'), held },
    { ...step('second', ['first'], 'held'), held },
    { ...step('third', ['second'], 'held'), held },
    step('user', ['third']),
  ];
  const outcomes = await one.run(applyPlan({ steps }, one.site));
  expect(outcomes.map(({ word, because }) => [word, because])).toEqual([
    ['held', undefined],
    ['held', undefined],
    ['held', undefined],
    ['skipped', 'crate/third'],
  ]);
  const said = 'delete is held: more is to be deleted than is allowed; allow more';
  expect(outcomes.slice(0, 3).map(({ message }) => message)).toEqual([said, said, said]);
  expect(one.sent).toEqual([]);
});

test('what has nothing to send is not skipped for what it needs: it is as it was, and what needs it is done', async () => {
  const one = await openOneOrg();
  one.org.plant(makeAddress('crate', ['same']), crate('same').body);
  const [user] = one.plan([crate('user')]);
  const steps = [
    step('gone'),
    step('same', ['gone'], 'unchanged'),
    { ...(user as Step), needs: [makeAddress('crate', ['same'])] },
    step('other', ['gone']),
  ].map((each) => ({ document: crate(each.address), ...each }));
  const outcomes = await one.run(applyPlan({ steps }, one.site));
  expect(outcomes.map(({ word, because }) => [word, because])).toEqual([
    ['stale', undefined],
    ['unchanged', undefined],
    ['created', undefined],
    ['skipped', 'crate/gone'],
  ]);
});

test('outcomes stand in the order of the plan, one for each step', async () => {
  const one = await openOneOrg({ concurrency: 8 });
  const steps = one.plan(Array.from({ length: 30 }, (_, index) => crate(`crate ${index}`)));
  const outcomes = await one.run(applyPlan({ steps }, one.site));
  expect(outcomes.map((outcome) => outcome.address)).toEqual(steps.map((each) => each.address));
});

test('never more steps are under way than allowed, and as many as allowed where they are ready', async () => {
  let now = 0;
  let most = 0;
  const one = await openOneOrg({ concurrency: 3 }, (writer) => ({
    ...writer,
    create: async (document, files) => {
      now += 1;
      most = Math.max(most, now);
      const made = await writer.create(document, files);
      now -= 1;
      return made;
    },
  }));
  await one.run(applyPlan({ steps: one.plan(Array.from({ length: 20 }, (_, index) => crate(`crate ${index}`))) }, one.site));
  expect(most).toBe(3);
});

test('edges of one object that become ready together are all there in the end, whatever the org shows of the whole body that each was written with', async () => {
  const rack = (name: string, edges: Record<string, string>): Document => ({
    address: makeAddress('rack', [name]),
    body: makeMap(Object.entries(edges).map(([field, to]) => [field, directive('$ref', makeAddress('rack', [to]))])),
  });
  const documents = [rack('a', { next: 'b', back: 'c' }), rack('b', { next: 'a' }), rack('c', { next: 'a' })];
  const one = await openOneOrg();
  for (const { address, body } of documents) one.org.plant(address, address.endsWith('/a') ? makeMap([]) : body);
  const steps = one.plan(documents);
  expect(steps.map((each) => each.address).filter((address) => address.includes('#'))).toEqual(['rack/a#/back', 'rack/a#/next']);
  const outcomes = await one.run(applyPlan({ steps }, one.site));
  expect(outcomes.map(({ word }) => word)).toEqual(['adopted', 'adopted', 'adopted', 'adopted', 'adopted']);
  expect(bodyOf(one.org.under(makeAddress('rack', ['a']))[0]!).body).toEqual(documents[0]?.body);
});

test('an interrupt lets requests under way end, starts nothing new, and the same plan goes on from there', async () => {
  const interrupt = new AbortController();
  const one = await openOneOrg({ concurrency: 2, interrupt: interrupt.signal }, (writer) => ({
    ...writer,
    create: async (document, files) => {
      if (document.address === 'crate/2') interrupt.abort();
      return writer.create(document, files);
    },
  }));
  const steps = one.plan(['0', '1', '2', '3', '4', '5'].map((name) => crate(name)));
  const outcomes = await one.run(applyPlan({ steps }, one.site));
  const made = outcomes.filter((outcome) => outcome.word === 'created').map((outcome) => outcome.address);
  expect(one.org.commits.map((commit) => commit.address).sort()).toEqual([...made].sort());
  expect(made.length).toBeGreaterThanOrEqual(3);
  expect(made.length).toBeLessThan(6);
  expect(outcomes.filter((outcome) => outcome.word === 'skipped').every((outcome) => outcome.message?.startsWith('interrupted'))).toBe(true);

  const { interrupt: _, ...site } = one.site;
  const rest = await one.run(applyPlan({ steps }, site));
  expect(rest.every((outcome) => outcome.word === 'created')).toBe(true);
  expect(one.org.commits).toHaveLength(6);
});

test('an interrupt lets no step begin that was only looking, however many look at once; what has nothing to send stays what it is', async () => {
  const interrupt = new AbortController();
  let looks = 0;
  const one = await openOneOrg({ interrupt: interrupt.signal }, (writer) => ({
    ...writer,
    get: async (at, id) => {
      const live = await writer.get(at, id);
      looks += 1;
      if (looks === 100) interrupt.abort();
      return live;
    },
  }));
  const names = Array.from({ length: 100 }, (_, index) => `${index}`);
  for (const name of names) one.org.plant(makeAddress('crate', [name]), makeMap([['color', 'old']]));
  const steps = [
    ...one.plan(
      names.map((name) => crate(name)),
      true,
    ),
    step('same', [], 'unchanged'),
  ];
  const outcomes = await one.run(applyPlan({ steps }, one.site));
  const written = new Set(one.org.commits.map(({ address }) => address));
  for (const { address, word } of outcomes)
    expect([address, word]).toEqual([address, word === 'unchanged' ? word : written.has(address) ? 'updated' : 'skipped']);
  expect(outcomes.at(-1)).toMatchObject({ word: 'unchanged' });
  expect(written.size).toBeLessThan(100);
  expect(one.site.journal.open()).toEqual([]);
});

test('an interrupt ends a wait for a late request at once; the request stays open and is settled by the next run', async () => {
  const interrupt = new AbortController();
  const one = await openOneOrg({ interrupt: interrupt.signal });
  one.org.faults = { ...NO_FAULTS, lostBefore: 1 };
  const steps = one.plan([crate('a')]);
  const run = applyPlan({ steps }, one.site);
  void one.world.clock.sleep(16_000).then(() => interrupt.abort());
  expect(await one.run(run)).toMatchObject([{ word: 'unknown' }]);
  expect(one.world.clock.ticks()).toBeLessThan(17_000);
  expect(one.site.journal.open()).toHaveLength(1);
});

test('what an earlier run left open and this plan does not take up is settled and closed, without a write', async () => {
  const one = await openOneOrg();
  await one.run(one.site.journal.intend({ address: 'token/gone' as Address, action: 'create', at: one.world.clock.now() }));
  await one.run(one.site.journal.intend({ address: 'token/made' as Address, action: 'create', at: one.world.clock.now() }));
  await one.run(one.site.journal.intend({ address: 'crate/changed' as Address, action: 'update', at: one.world.clock.now() }));
  one.org.plant('token/made' as Address, makeMap([]), US);
  const settled = await one.run(settleOpen(one.site));
  expect(settled).toEqual([
    { address: 'token/gone', word: 'failed', message: expect.stringContaining('did not create it') },
    { address: 'token/made', word: 'failed', id: expect.any(String), message: expect.stringContaining('created it') },
    { address: 'crate/changed', word: 'unknown', message: expect.stringContaining('cut off while it changed this') },
  ]);
  expect(one.site.journal.open()).toEqual([]);
  expect(one.org.commits).toEqual([]);
});

test('a change that its plan was cut off at, and that another plan waited for, is still the work of its own plan', async () => {
  for (const landed of [true, false]) {
    const one = await openOneOrg();
    await one.run(applyPlan({ steps: one.plan([crate('a')]) }, { ...one.site, plan: 'plan-0' }));
    const [step] = one.plan([crate('a', { color: 'blue' })], true);
    const { address, action, before, after } = step!;
    await one.run(one.site.journal.intend({ address, action, before: before!, after: after!, at: one.world.clock.now(), plan: 'plan-1' }));
    if (landed) one.org.touch(one.org.under(address)[0]!, 'color', 'blue');
    expect(await one.run(settleOpen({ ...one.site, plan: 'plan-2' }))).toMatchObject([{ address, word: 'unknown' }]);
    expect(one.site.journal.open()).toEqual([]);
    const from = one.org.commits.length;
    expect(await one.run(applyPlan({ steps: [step!] }, { ...one.site, plan: 'plan-1' }))).toMatchObject([{ address, word: 'updated' }]);
    expect(one.org.commits.length - from).toBe(landed ? 0 : 1);
  }
});

test('an apply settles first what earlier plans left open', async () => {
  const one = await openOneOrg();
  await one.run(one.site.journal.intend({ address: 'token/made' as Address, action: 'create', at: one.world.clock.now() }));
  await one.run(applyPlan({ steps: one.plan([crate('a')]) }, one.site));
  expect(one.site.journal.open()).toEqual([]);
  expect(one.org.commits[0]?.at).toBeGreaterThan(120_000);
});

test('a disk that fails at any call stops the run; the same plan then ends it, with nothing twice', async () => {
  let isDone = false;
  for (let failing = 1; !isDone; failing += 1) {
    const one = await openOneOrg({ concurrency: 2 });
    const steps = one.plan([crate('a'), crate('b'), shelf('c', ['a']), { address: makeAddress('stamp', ['d']), body: makeMap([['color', 'red']]) }]);
    const from = one.world.files.calls;
    one.world.files.fault = (call) => (call.index === from + failing ? 'ENOSPC' : undefined);
    const first = await one.run(applyPlan({ steps }, one.site)).catch((failure: unknown) => failure);
    isDone = !(first instanceof ApplyStopped);
    if (first instanceof ApplyStopped) {
      expect(first.outcomes).toHaveLength(steps.length);
      expect(first.message).toContain('ENOSPC');
      for (const outcome of first.outcomes.filter((each) => each.word === 'created')) expect(one.org.under(outcome.address)).toHaveLength(1);
    }
    one.world.files.fault = () => undefined;
    const journal = await one.run(openJournal(one.world, '.cordboard/one/journal.jsonl'));
    const outcomes = await one.run(applyPlan({ steps }, { ...one.site, journal }));
    expect(outcomes.map((outcome) => outcome.word)).toEqual(['created', 'created', 'created', 'created']);
    expect(one.org.live()).toHaveLength(4);
    expect(one.org.violations).toEqual([]);
    if (failing > 100) throw new Error('the disk is called too often');
  }
});

test('a lock that is lost before a write stops the run before that write', async () => {
  let guards = 0;
  const lock = {
    guard: async () => {
      guards += 1;
      if (guards > 2) throw new Error('the lock was taken over');
    },
    release: async () => undefined,
  };
  const one = await openOneOrg({ concurrency: 1, lock });
  const steps = one.plan(['0', '1', '2', '3'].map((name) => crate(name)));
  await expect(one.run(applyPlan({ steps }, one.site))).rejects.toBeInstanceOf(ApplyStopped);
  expect(one.org.commits).toHaveLength(2);
});

test('a run that has nothing more to write is no end either once another has taken its lock: what that one did is not in its outcomes', async () => {
  const lock = { guard: () => Promise.reject(new Error('the lock was taken over')), release: async () => undefined };
  const one = await openOneOrg({ lock });
  const gone = { ...one.plan([crate('0')])[0]!, action: 'update' as const, before: 'sha256:as-it-was' };
  const ended = one.run(applyPlan({ steps: [gone] }, one.site));
  await expect(ended).rejects.toMatchObject({ name: 'ApplyStopped', message: expect.stringContaining('the lock was taken over') });
  await expect(ended).rejects.toMatchObject({ outcomes: [{ address: 'crate/0', word: 'stale' }] });
});

test('a receipt counts outcomes, is whole only where all went well, and is written in one piece', async () => {
  const one = await openOneOrg();
  const outcomes = [
    { address: 'crate/a' as Address, word: 'created' as const, id: 'id-1', hash: 'sha256:a' },
    { address: 'crate/b' as Address, word: 'failed' as const, message: 'no' },
  ];
  const receipt = makeReceipt({ plan: 'sha256:p', org: { id: 'o', name: 'org' }, commit: 'c', startedAt: 0, endedAt: 1_000 }, outcomes);
  expect(receipt).toMatchObject({
    isWhole: false,
    counts: { created: 1, failed: 1 },
    startedAt: '1970-01-01T00:00:00.000Z',
    endedAt: '1970-01-01T00:00:01.000Z',
  });
  await one.run(writeReceipt(one.world, 'receipt.json', receipt));
  one.world.losePower();
  expect(JSON.parse(one.world.files.text('receipt.json') ?? '')).toEqual(receipt);
});

test('what was applied is what succeeded: the rest stays as it was applied before, and an edge counts once it is written', () => {
  const before = new Map(
    [crate('kept', { color: 'old' }), crate('old name', { color: 'old' }), shelf('s', [])].map((document) => [document.address, document]),
  );
  const base: Omit<Step, 'address' | 'action'> = { changes: [], reasons: [], deferred: [], needs: [] };
  const whole = shelf('s', [], 't');
  const steps: Step[] = [
    { ...base, address: 'crate/kept' as Address, action: 'update', document: crate('kept') },
    { ...base, address: 'crate/new' as Address, action: 'create', document: crate('new') },
    { ...base, address: 'crate/new name' as Address, action: 'update', was: 'crate/old name' as Address, document: crate('new name') },
    { ...base, address: 'shelf/s' as Address, action: 'update', deferred: ['/next'], document: shelf('s', []) },
    { ...base, address: 'shelf/s#/next' as Address, action: 'update', deferred: ['/next'], document: whole },
  ];
  const done = (edge: 'updated' | 'failed') =>
    steps.map((step, index) => ({
      step,
      outcome: { address: step.address, word: (['failed', 'created', 'updated', 'updated', edge] as const)[index] ?? 'failed' },
    }));
  const applied = appliedDocuments(done('updated'), before);
  expect([...applied.keys()].sort()).toEqual(['crate/kept', 'crate/new', 'crate/new name', 'shelf/s']);
  expect(applied.get('crate/kept' as Address)?.body).toEqual(crate('kept', { color: 'old' }).body);
  expect(applied.get('shelf/s' as Address)?.body).toEqual(whole.body);
  expect(appliedDocuments(done('failed'), before).get('shelf/s' as Address)?.body).toEqual(shelf('s', []).body);
});

test('what stands in for a field while its object is made was applied too, until the field itself is written', () => {
  const [made, filled] = ['placeholder', 'say'].map((lines) => ({ address: 'script/s' as Address, body: makeMap([['content', makeMap([['lines', lines]])]]) }));
  const base = { changes: [], reasons: [], deferred: ['/content'], needs: [] };
  const steps: Step[] = [
    { ...base, address: 'script/s' as Address, action: 'create', document: made! },
    { ...base, address: 'script/s#/content' as Address, action: 'update', document: filled! },
  ];
  const after = (edge: OutcomeWord, before?: ReadonlyMap<Address, Document>) =>
    appliedDocuments(
      steps.map((step, index) => ({ step, outcome: { address: step.address, word: index === 0 ? 'created' : edge } })),
      before,
    );
  expect(after('skipped').get('script/s' as Address)?.body).toEqual(made!.body);
  expect(after('updated').get('script/s' as Address)?.body).toEqual(filled!.body);
  expect(after('skipped', after('updated')).get('script/s' as Address)?.body).toEqual(filled!.body);
});

test('what was deleted is forgotten, and what is left under a temporary name is remembered under its own', () => {
  const base: Omit<Step, 'address' | 'action'> = { changes: [], reasons: [], deferred: [], needs: [] };
  const [a, b, t] = ['crate/a', 'crate/b', 'crate/t'] as Address[] as [Address, Address, Address];
  const before = new Map([crate('a', { color: 'of a' }), crate('b', { color: 'of b' })].map((document) => [document.address, document]));
  const aside: Step = { ...base, address: t, action: 'update', was: a, temporary: { for: a, until: b }, document: crate('t', { color: 'of a' }) };
  const ring: readonly Step[] = [
    aside,
    { ...base, address: a, action: 'update', was: b, document: crate('a', { color: 'of b' }) },
    { ...base, address: b, action: 'update', was: t, document: crate('b', { color: 'of a' }) },
  ];
  const colors = (steps: readonly Step[], words: readonly OutcomeWord[]) => {
    const done = steps.map((step, index) => ({ step, outcome: { address: step.address, word: words[index] ?? 'skipped' } }));
    return Object.fromEntries([...appliedDocuments(done, before)].map(([address, { body }]) => [address, body['color']]));
  };
  expect(colors(ring, ['updated', 'updated', 'updated'])).toEqual({ [a]: 'of b', [b]: 'of a' });
  expect(colors(ring, ['updated', 'failed'])).toEqual({ [a]: 'of a', [b]: 'of b' });
  expect(colors([{ ...base, address: a, action: 'delete' }], ['deleted'])).toEqual({ [b]: 'of b' });
  expect(colors([{ ...base, address: a, action: 'delete' }], ['stale'])).toEqual({ [a]: 'of a', [b]: 'of b' });
});

test('a deletion that is held holds what is in the plan for its sake alone: cleared edges and temporary names', () => {
  const base: Omit<Step, 'address' | 'action'> = { changes: [], reasons: [], deferred: [], needs: [] };
  const [a, t] = ['crate/a' as Address, 'crate/t' as Address];
  const steps: readonly Step[] = [
    { ...base, address: 'rack/x#/next' as Address, action: 'update' },
    { ...base, address: 'rack/y#/next' as Address, action: 'update' },
    { ...base, address: t, action: 'update', was: a, temporary: { for: a, until: 'crate/t#/~replaced' as Address } },
    { ...base, address: a, action: 'create', needs: [t] },
    { ...base, address: 'rack/x' as Address, action: 'delete' },
    { ...base, address: 'crate/t#/~replaced' as Address, action: 'delete', was: a },
  ];
  const hold = (action: 'delete' | 'replace') => ({ action, rule: 'more than is allowed', allow: 'allow more' });
  const holds = new Map([
    ['rack/x' as Address, hold('delete')],
    [a, hold('replace')],
  ]);
  expect(heldSteps(steps, holds).map(({ action, held }) => [action, held?.action])).toEqual([
    ['held', 'delete'],
    ['update', undefined],
    ['held', 'replace'],
    ['create', undefined],
    ['held', 'delete'],
    ['held', 'replace'],
  ]);
});
