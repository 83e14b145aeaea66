import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { keyOf, splitEdge, typeOf } from '../../state/address.ts';
import type { Step } from '../../state/change.ts';
import type { Document } from '../../state/document.ts';
import { makePlan, type PlanRequest, planDrift } from '../../state/make-plan.ts';
import type { Plan } from '../../state/plan.ts';
import { hasErrors } from '../../state/problem.ts';
import type { ResourceType, TypeTable } from '../../state/resource-type.ts';
import type { LiveSnapshot, Memory } from '../../state/snapshot.ts';
import { resourceHash } from '../../state/step-hash.ts';
import { makeMap } from '../../state/value.ts';
import { document, types as samples, snapshot, team } from './sample-types.ts';
import { ToyWorld } from './toy-world.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
console.log(`plans from A to B: seed ${seed}`);

const sample = (name: string) => samples.get(name)!;
const line: ResourceType = {
  ...team,
  name: 'line',
  refs: [{ at: '/flow', to: ['flow'], optional: true }],
  lists: { '/dnis': { kind: 'set' } },
  unique: ['/dnis/*'],
};
const site: ResourceType = {
  ...team,
  name: 'site',
  refs: [
    { at: '/team', to: ['team'], optional: true },
    { at: '/peer', to: ['site'], optional: true },
  ],
  createOnly: ['/team', '/kind'],
  deferrable: ['/peer'],
};
const queue: ResourceType = { ...sample('queue'), defaults: makeMap([]) };
const types: TypeTable = new Map([...samples, ...[line, site, queue].map((type) => [type.name, type] as const)]);
const ALL = [...types.keys()];

interface Dice {
  readonly below: (limit: number) => number;
  readonly pick: <Item>(items: readonly Item[]) => Item;
  readonly often: (share: number) => boolean;
}

/** A small generator of its own, so that one number reproduces a whole run. */
function makeDice(start: number): Dice {
  let state = start >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return { below, pick: (items) => items[below(items.length)]!, often: (share) => next() < share };
}

const NAMES = ['A', 'B', 'C', 'D', 'E'];

/** Some of the names of each type. */
function namesIn({ often }: Dice): ReadonlyMap<string, readonly string[]> {
  const some = (share: number) => NAMES.filter(() => often(share));
  return new Map(['team', 'flow', 'queue', 'line', 'site', 'table'].map((type) => [type, some(0.6)]));
}

const addressIn = (type: string, name: string) => (type === 'flow' ? `flow/${name}/call` : `${type}/${name}`);

/** An org with these names, with refs of every kind among them, cycles too. */
function fill(names: ReadonlyMap<string, readonly string[]>, dice: Dice): Document[] {
  const { below, often, pick } = dice;
  const one = (type: string) => {
    const found = names.get(type) ?? [];
    return found.length === 0 || often(0.3) ? undefined : { $ref: addressIn(type, pick(found)) };
  };
  const field = (name: string, value: unknown) => (value === undefined ? {} : { [name]: value });
  const numbers = ['1', '2', '3', '4', '5'].filter(() => often(0.7));
  const flows = (names.get('flow') ?? []).map((name) => {
    const uses = ['queue', 'flow', 'team', 'line'].flatMap((type) => one(type)?.$ref ?? []);
    return document(addressIn('flow', name), { content: { uses, text: `${below(3)}` } });
  });
  const queues = (names.get('queue') ?? []).map((name) =>
    document(addressIn('queue', name), {
      ...field('team', one('team')),
      ...field('flow', one('flow')),
      ...field('backup', often(0.5) && one('queue') !== undefined ? { queue: { $ref: addressIn('queue', pick(names.get('queue')!)) } } : undefined),
      ...field('kind', often(0.4) ? pick(['x', 'y']) : undefined),
      limit: below(3),
    }),
  );
  const lines = (names.get('line') ?? []).map((name) =>
    document(addressIn('line', name), { ...field('flow', one('flow')), dnis: numbers.splice(0, below(3)) }),
  );
  const sites = (names.get('site') ?? []).map((name) =>
    document(addressIn('site', name), { ...field('team', one('team')), ...field('peer', one('site')), size: below(3) }),
  );
  const tables = (names.get('table') ?? []).flatMap((name) => [
    document(addressIn('table', name), { size: below(2) }),
    ...['r', 's'].filter(() => often(0.5)).map((row) => document(`row/${name}/${row}`, { value: below(3) })),
  ]);
  return [
    ...(names.get('team') ?? []).map((name) => document(addressIn('team', name), { size: below(2) })),
    ...flows,
    ...queues,
    ...lines,
    ...sites,
    ...tables,
  ];
}

/** Says of some documents what they were: each old name once, and no name that another keeps. */
function withRenames(before: readonly Document[], after: readonly Document[], dice: Dice): Document[] {
  const was = new Map<string, string>();
  for (const type of ['team', 'queue', 'line', 'site', 'table', 'flow']) {
    const [old, now] = [before, after].map((documents) => documents.filter((one) => typeOf(one.address) === type).map((one) => one.address));
    const moving = old!.filter((address) => now!.includes(address) && dice.often(0.5));
    const turned = moving.map((address, index) => [moving[(index + 1) % moving.length]!, address] as const);
    if (moving.length > 1) for (const [to, from] of turned) was.set(to, from);
    const fresh = now!.filter((address) => !old!.includes(address));
    const left = old!.filter((address) => ![...was.values()].includes(address) && (!now!.includes(address) || dice.often(0.3)));
    for (const address of fresh) {
      const from = dice.often(0.5) ? left.pop() : undefined;
      if (from !== undefined) was.set(address, from);
    }
  }
  const given = new Set(was.values());
  const isNew = (address: string) => given.has(address) || !before.some((one) => one.address === address);
  return after.map((one) => {
    const from = was.get(one.address);
    if (from !== undefined) return { ...one, was: keyOf(from as Document['address']) };
    return isNew(one.address) ? { ...one, was: 'none' } : one;
  });
}

/** The same org, read in another order. */
function turned(live: LiveSnapshot): LiveSnapshot {
  return { ...live, documents: new Map([...live.documents].reverse()), ids: new Map([...live.ids].reverse()) };
}

function planWith(wanted: readonly Document[], world: ToyWorld, remembered?: Memory, isTurned = false): Plan {
  const mark = <Side extends object>(side: Side) => ({ ...side, completeness: new Map(ALL.map((name) => [name, 'whole' as const])) });
  const request: PlanRequest = {
    wanted: mark(snapshot(wanted)),
    live: mark(isTurned ? turned(world.live()) : world.live()),
    types,
    policy: { role: 'test' },
    externals: new Map(),
    allowDeletes: { count: 10_000, percent: 100 },
    ...(remembered === undefined ? {} : { remembered }),
  };
  return makePlan(request);
}

function planFor(...[wanted, world, remembered, isTurned]: Parameters<typeof planWith>): Plan {
  const plan = planWith(wanted, world, remembered, isTurned);
  const errors = plan.problems.filter((problem) => problem.severity === 'error');
  if (hasErrors(plan.problems))
    throw new Error(`the plan has problems: ${errors.map((problem) => `${problem.code} ${problem.at} ${problem.message}`).join('; ')}`);
  return plan;
}

/** Steps in an order that their needs allow, chosen by chance: what the plan's own order hides, this shows. */
function anyOrder(steps: readonly Step[], dice: Dice): Step[] {
  const left = new Map(steps.map((step) => [step.address, step]));
  if (left.size !== steps.length) throw new Error('two steps share an address');
  const order: Step[] = [];
  while (left.size > 0) {
    const ready = [...left.values()].filter((step) => step.needs.every((need) => !left.has(need)));
    if (ready.length === 0) throw new Error('steps wait for each other');
    const step = dice.pick(ready);
    left.delete(step.address);
    order.push(step);
  }
  return order;
}

function isInOrder(steps: readonly Step[]): boolean {
  const place = new Map(steps.map((step, index) => [step.address, index]));
  return steps.every((step, index) => step.needs.every((need) => (place.get(need) ?? -1) < index));
}

const hashes = (documents: readonly Document[]) => documents.map((one) => resourceHash(one, types.get(typeOf(one.address))!, [])).sort();
const written = (plan: Plan) =>
  plan.steps
    .filter((step) => step.action !== 'unchanged' && !(step.action === 'adopt' && step.changes.length === 0))
    .map((step) => `${step.action} ${step.address}`);

/** A plan carried out whole, in the plan's order and in any that its needs allow, ends in `wanted`, and the plan after that is empty. */
function goThere(world: ToyWorld, wanted: readonly Document[], remembered: Memory | undefined, dice: Dice): ToyWorld {
  let there = world;
  const plan = planFor(wanted, world, remembered);
  expect(isInOrder(plan.steps)).toBe(true);
  expect(planFor([...wanted].reverse(), world, remembered, true)).toEqual(plan);
  for (const steps of [plan.steps, anyOrder(plan.steps, dice)]) {
    there = world.copy();
    for (const step of steps) there.carryOut(step);
    expect(hashes(there.documents())).toEqual(hashes(wanted));
    for (const memory of [there.memory(wanted), remembered, undefined]) expect(written(planFor(wanted, there, memory))).toEqual([]);
  }
  return there;
}

/** What is wrong with one pair of orgs, told with all that is needed to see it. */
function explain(error: unknown, before: readonly Document[], after: readonly Document[], plan: Plan | undefined): Error {
  const show = (documents: readonly Document[]) =>
    documents.map((one) => `  ${one.address}${one.was === undefined ? '' : ` (was ${one.was})`} ${JSON.stringify(one.body)}`).join('\n');
  const steps = plan?.steps
    .filter((step) => step.action !== 'unchanged')
    .map((step) => `  ${step.action} ${step.address}${step.was === undefined ? '' : ` was ${step.was}`} needs ${step.needs.join(', ')}`)
    .join('\n');
  return new Error(`${error instanceof Error ? error.message : String(error)}\nfrom\n${show(before)}\nto\n${show(after)}\nby\n${steps}`, { cause: error });
}

/** What has to be remembered for a plan: nothing, unless bodies do not tell whether a rename was carried out; then nothing of that is planned. */
function needed(wanted: readonly Document[], world: ToyWorld, before: Memory): Memory | undefined {
  const { problems, steps } = planWith(wanted, world);
  const unclear = problems.flatMap(({ code, at }) => (code === 'RENAME_UNCLEAR' ? [at] : []));
  expect(steps.filter(({ address }) => unclear.includes(splitEdge(address).owner))).toEqual([]);
  return unclear.length === 0 ? undefined : before;
}

/** Somebody deletes one thing or gives it another name; then a plan puts that back and does nothing else, and nothing else gets another name. */
function byHand(applied: ToyWorld, wanted: readonly Document[], dice: Dice): void {
  const memory = applied.memory(wanted);
  const world = applied.copy();
  const { address } = dice.pick(wanted);
  const isDeleted = dice.often(0.6);
  if (!(isDeleted ? world.removeByHand(address) : types.get(typeOf(address))!.isRenamable && world.renameByHand(address, 'By hand'))) return;
  const done = { ...snapshot(wanted), ids: memory.ids };
  const request = { live: world.live(), types, policy: { role: 'test' as const }, externals: new Map() };
  const drift = planDrift({ ...request, applied: done });
  for (const plan of [planFor(wanted, world, memory), drift, ...(isDeleted ? [planWith(wanted, world)] : [])]) {
    const there = world.copy();
    const touched = written(plan).filter((word) => ![`create ${address}`, `update ${address}`].includes(word.replace(/#.*/, '')));
    expect(touched).toEqual([]);
    for (const step of plan.steps) there.carryOut(step);
    const ids = there.live().ids;
    for (const [name, id] of memory.ids) if (name !== address) expect(ids.get(name)).toBe(id);
    if (!hasErrors(plan.problems)) expect(hashes(there.documents())).toEqual(hashes(wanted));
  }
}

function check(number: number): void {
  const dice = makeDice(number);
  const before = fill(namesIn(dice), dice);
  const after = withRenames(before, fill(namesIn(dice), dice), dice);
  const world = new ToyWorld(types, before);
  const remembered = dice.often(0.5) ? world.memory(before) : undefined;
  let plan: Plan | undefined;
  try {
    const start = remembered ?? needed(after, world, world.memory(before));
    plan = planFor(after, world, start);
    const there = goThere(world, after, start, dice);
    if (after.length > 0) byHand(there, after, dice);
    const steps = anyOrder(plan.steps, dice).filter((step) => step.action !== 'unchanged');
    const cut = world.copy();
    for (const step of steps.slice(0, dice.below(steps.length + 1))) cut.carryOut(step);
    const rest = remembered ?? needed(after, cut, world.memory(before));
    plan = planFor(after, cut, rest);
    goThere(cut, after, rest, dice);
  } catch (error) {
    throw explain(error, before, after, plan);
  }
}

describe('plans between random orgs', () => {
  test('the plan from A to B leads to B in any order that its needs allow, also from any point on the way, and the plan after that is empty', () => {
    fc.assert(fc.property(fc.nat(2 ** 31 - 1), check), { seed, numRuns: Number(process.env['SEEDS'] ?? 150), endOnFailure: true });
  });

  test('nothing in those orgs is deleted without leave, and what is held is told', () => {
    const dice = makeDice(seed);
    const world = new ToyWorld(types, fill(namesIn(dice), dice));
    const live = { ...world.live(), completeness: new Map(ALL.map((name) => [name, 'whole' as const])) };
    const wanted = { ...snapshot([]), completeness: live.completeness };
    const plan = makePlan({ wanted, live, types, policy: { role: 'test' }, externals: new Map() });
    expect(plan.steps.map((step) => step.action)).toEqual(live.documents.size === 0 ? [] : [...live.documents].map(() => 'held'));
    expect(plan.steps.every((step) => splitEdge(step.address).pointer === undefined)).toBe(true);
  });
});
