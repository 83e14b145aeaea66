import { describe, expect, test } from '@jest/globals';
import type { Address } from '../../state/address.ts';
import type { Document } from '../../state/document.ts';
import { makePlan, planDrift } from '../../state/make-plan.ts';
import type { Plan } from '../../state/plan.ts';
import type { Memory } from '../../state/snapshot.ts';
import { document, snapshot, types } from './sample-types.ts';
import { ToyWorld } from './toy-world.ts';

const at = (name: string) => `queue/${name}` as Address;
const queue = (name: string, limit: number, was?: string): Document => document(at(name), { limit }, was === undefined ? {} : { was });

const FORMS = [
  { form: 'a swap', before: [queue('A', 1), queue('B', 2)], after: [queue('A', 2, 'B'), queue('B', 1, 'A')] },
  { form: 'a rotation', before: [queue('A', 1), queue('B', 2), queue('C', 3)], after: [queue('A', 2, 'B'), queue('B', 3, 'C'), queue('C', 1, 'A')] },
  { form: 'a chain', before: [queue('B', 1), queue('C', 2)], after: [queue('A', 1, 'B'), queue('B', 2, 'C')] },
  { form: 'a name given on', before: [queue('B', 1)], after: [queue('A', 1, 'B'), { ...queue('B', 2), was: 'none' }] },
];
/** Each form, with each of its objects as the one that somebody touches, and with or without the lines in Git. */
const CASES = FORMS.flatMap((one) => one.after.flatMap(({ address }) => [true, false].map((hasLines) => ({ ...one, address, hasLines }))));

function plan(wanted: readonly Document[], world: ToyWorld, remembered?: Memory): Plan {
  const live = world.live();
  return makePlan({
    wanted: snapshot(wanted),
    live,
    types,
    policy: { role: 'test' },
    externals: new Map(),
    ...(remembered === undefined ? {} : { remembered }),
  });
}

function drift(applied: Memory, world: ToyWorld): Plan {
  const { ids } = applied;
  const tree = { ...snapshot([...applied.documents.values()]), ids };
  return planDrift({ applied: tree, live: world.live(), types, policy: { role: 'test' }, externals: new Map() });
}

function carryOut({ steps }: Plan, world: ToyWorld): ToyWorld {
  for (const step of steps) world.carryOut(step);
  return world;
}

const applied = ({ before, after }: (typeof FORMS)[number]) => {
  const start = new ToyWorld(types, before);
  const old = start.memory(before);
  const world = carryOut(plan(after, start.copy(), old), start.copy());
  return { world, old, memory: world.memory(after) };
};
const words = ({ steps }: Plan) =>
  steps.filter(({ action }) => action !== 'unchanged').map(({ action, address, was }) => `${action} ${address}${was === undefined ? '' : ` was ${was}`}`);
const codes = ({ problems }: Plan) => problems.map((problem) => `${problem.code} ${problem.at}`);
const bodies = (world: ToyWorld) => Object.fromEntries(world.documents().map(({ address, body }) => [address, JSON.stringify(body)]));
const without = ({ was: _, ...one }: Document): Document => one;

describe.each(CASES)('$form was carried out (lines in Git: $hasLines), and somebody touches $address', ({ form, before, after, address, hasLines }) => {
  const wanted = hasLines ? after : after.map(without);

  test('deleted by hand it is made anew, and no other object takes its place', () => {
    const { world, memory } = applied({ form, before, after });
    world.removeByHand(address);
    for (const made of [plan(wanted, world, memory), drift(memory, world)]) {
      expect(words(made)).toEqual([`create ${address}`]);
      const there = carryOut(made, world.copy());
      expect(bodies(there)).toEqual(bodies(new ToyWorld(types, after)));
      for (const [name, id] of memory.ids) if (name !== address) expect(there.live().ids.get(name)).toBe(id);
    }
  });

  test('renamed by hand it alone is called as before', () => {
    const { world, memory } = applied({ form, before, after });
    world.renameByHand(address, 'Lamps');
    for (const made of [plan(wanted, world, memory), drift(memory, world)]) {
      expect(words(made)).toEqual([`update ${address} was queue/Lamps`]);
      expect(carryOut(made, world.copy()).live().ids).toEqual(memory.ids);
    }
  });

  test('where the run was killed before it could be remembered, the ids that it began with tell the same', () => {
    const { world, old, memory } = applied({ form, before, after });
    world.removeByHand(address);
    const made = plan(after, world, old);
    const there = carryOut(made, world.copy());
    expect(made.problems).toEqual([]);
    expect(bodies(there)).toEqual(bodies(new ToyWorld(types, after)));
    const isBeginning = form === 'a name given on' && address === at('A');
    if (!isBeginning) for (const [name, id] of memory.ids) if (name !== address) expect(there.live().ids.get(name)).toBe(id);
  });
});

describe('lines that are left in Git, in a clone that remembers nothing', () => {
  const { before, after } = FORMS[0]!;
  const edited = after.map((one) => (one.address === at('A') ? document(at('A'), { limit: 2, size: 9 }, { was: 'B' }) : one));
  const bothEdited = after.map((one) => document(one.address, { ...one.body, size: 9 }, { was: one.was! }));

  test('a field that was added since is all that is planned: the other document lives word for word', () => {
    const { world } = applied(FORMS[0]!);
    const made = plan(edited, world);
    expect(made.steps.map(({ action, address, was, changes }) => [action, address, was, changes.map((change) => change.at).join()])).toEqual([
      ['adopt', 'queue/A', undefined, '/size'],
      ['adopt', 'queue/B', undefined, ''],
    ]);
  });

  test('a swap that no org has seen yet is carried out where one of the two lives word for word under its old name', () => {
    const world = new ToyWorld(types, before);
    const { ids } = world.live();
    const there = carryOut(plan(edited, world), world.copy());
    expect([there.live().ids.get(at('A')), there.live().ids.get(at('B'))]).toEqual([ids.get(at('B')), ids.get(at('A'))]);
  });

  test('where what lives fits neither, nothing of it is planned, each document is told, and the rest goes on', () => {
    for (const world of [applied(FORMS[0]!).world, new ToyWorld(types, before)]) {
      const made = plan([...bothEdited, queue('Other', 1)], world);
      expect(codes(made)).toEqual(['RENAME_UNCLEAR queue/A', 'RENAME_UNCLEAR queue/B']);
      expect(made.problems[0]?.hint).toMatch(/take the "was" lines out.*git fetch origin "refs\/cordboard\/\*:refs\/cordboard\/\*".*as they were before/);
      expect(words(made)).toEqual(['create queue/Other']);
    }
  });

  test('as the problem says: without the lines it counts as carried out; with what was before applied, as yet to be', () => {
    const { world } = applied(FORMS[0]!);
    expect(words(plan(bothEdited.map(without), world)).sort()).toEqual(['adopt queue/A', 'adopt queue/B']);
    const start = new ToyWorld(types, before);
    const { ids } = start.live();
    const there = carryOut(plan(bothEdited, start, start.memory(before)), start.copy());
    expect(there.live().ids.get(at('A'))).toBe(ids.get(at('B')));
    expect(bodies(there)).toEqual(bodies(new ToyWorld(types, bothEdited)));
  });

  test.each(FORMS)('$form of which one was deleted by hand is not opened again', ({ form, before, after }) => {
    for (const { address } of after) {
      const { world, memory } = applied({ form, before, after });
      world.removeByHand(address);
      const there = carryOut(plan(after, world), world.copy());
      for (const [name, id] of memory.ids) if (name !== address) expect(there.live().ids.get(name)).toBe(id);
    }
  });

  test('a name that was given on, of which the new holder lives alone and fits neither, is a problem of both', () => {
    const made = plan([queue('A', 5, 'B'), { ...queue('B', 6), was: 'none' }], new ToyWorld(types, [queue('B', 1)]));
    expect([codes(made), words(made)]).toEqual([['RENAME_UNCLEAR queue/A', 'RENAME_UNCLEAR queue/B'], []]);
  });
});
