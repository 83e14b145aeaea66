import { describe, expect, test } from '@jest/globals';
import { keyParts, typeOf } from '../../state/address.ts';
import { checkTree } from '../../state/check.ts';
import type { Document } from '../../state/document.ts';
import { makePlan, type PlanRequest } from '../../state/make-plan.ts';
import type { Plan } from '../../state/plan.ts';
import type { ResourceType, TypeTable } from '../../state/resource-type.ts';
import { isTemporary, temporaryAddress } from '../../state/temporary-key.ts';
import { document, types as samples, snapshot, team } from './sample-types.ts';
import { ToyWorld } from './toy-world.ts';

const line: ResourceType = { ...team, name: 'line', lists: { '/dnis': { kind: 'set' } }, unique: ['/dnis/*'] };
const types: TypeTable = new Map([...samples, ['line', line] as const]);
const whole = new Map([...types.keys()].map((name) => [name, 'whole' as const]));
const ALL = { allowDeletes: { count: 100, percent: 100 } };

function plan(wanted: readonly Document[], world: ToyWorld, more: Partial<PlanRequest> = {}): Plan {
  const live = { ...world.live(), completeness: whole };
  return makePlan({ wanted: { ...snapshot(wanted), completeness: whole }, live, types, policy: { role: 'test' }, externals: new Map(), ...more });
}

const words = ({ steps }: Plan) =>
  steps.filter(({ action }) => action !== 'unchanged').map(({ action, address, was }) => `${action} ${address}${was === undefined ? '' : ` was ${was}`}`);
const aside = (address: string) => temporaryAddress(document(address).address, types.get(typeOf(document(address).address))!);
const names = (world: ToyWorld) => Object.fromEntries(world.documents().map(({ address, body }) => [address, JSON.stringify(body)]));

/** Every prefix of the plan, then a fresh plan: each ends as wanted, each object under its own name. */
function anyPrefix(wanted: readonly Document[], live: readonly Document[], more: Partial<PlanRequest> = {}): Plan {
  const start = new ToyWorld(types, live);
  const remembered = start.memory(live);
  const steps = plan(wanted, start, { remembered, ...more }).steps;
  for (let count = 0; count <= steps.length; count += 1) {
    for (const known of [{}, { remembered }]) {
      const world = start.copy();
      for (const step of steps.slice(0, count)) world.carryOut(step);
      const isUnclear = plan(wanted, world, { ...known, ...more }).problems.some(({ code }) => code === 'RENAME_UNCLEAR');
      const memory = isUnclear ? { remembered } : known;
      for (const step of plan(wanted, world, { ...memory, ...more }).steps) world.carryOut(step);
      expect(names(world)).toEqual(names(new ToyWorld(types, wanted)));
      const after = plan(wanted, world, { ...memory, ...more });
      expect(after.steps.filter(({ action, changes }) => action !== 'unchanged' && !(action === 'adopt' && changes.length === 0))).toEqual([]);
    }
  }
  return plan(wanted, start, { remembered, ...more });
}

describe('temporary names', () => {
  test('one name is the same every time, is shortened by what people see, and is known again', () => {
    expect(aside('team/A')).toBe(aside('team/A'));
    expect(aside('team/A')).not.toBe(aside('team/B'));
    expect(keyParts(aside('team/Support'))?.[0]).toMatch(/^Support ~cordboard-[0-9a-f]{8}$/);
    expect(keyParts(aside(`team/${'💬'.repeat(200)}`))?.[0]).toMatch(/^💬{40} ~cordboard-[0-9a-f]{8}$/u);
    expect(keyParts(aside('flow/F/call'))?.[1]).toBe('call');
    expect(isTemporary(aside('team/A'))).toBe(true);
    expect(isTemporary(document('team/A').address)).toBe(false);
  });
});

describe('rings of names', () => {
  const ring = (count: number) => {
    const key = (index: number) => `N${index % count}`;
    const live = Array.from({ length: count }, (_, index) => document(`team/${key(index)}`, { who: index }));
    const wanted = Array.from({ length: count }, (_, index) => document(`team/${key(index + 1)}`, { who: index }, { was: key(index) }));
    return { live, wanted };
  };

  test.each([2, 3, 5])('a ring of %i passes one of them through a temporary name, and heals from every point', (count) => {
    const { live, wanted } = ring(count);
    const made = anyPrefix(wanted, live);
    const temporary = made.steps.filter((step) => step.temporary !== undefined);
    expect(temporary).toHaveLength(1);
    expect(made.steps).toHaveLength(count + 1);
    expect(temporary[0]).toMatchObject({ action: 'update', changes: [], was: temporary[0]?.temporary?.for });
    expect(made.steps.some((step) => step.address === temporary[0]?.temporary?.until && step.was === temporary[0].address)).toBe(true);
    expect(made.problems).toEqual([]);
  });

  test('two rings pass one each; a chain passes none', () => {
    const two = [...ring(2).live, document('queue/A', { limit: 1 }), document('queue/B', { limit: 2 })];
    const wanted = [...ring(2).wanted, document('queue/A', { limit: 2 }, { was: 'B' }), document('queue/B', { limit: 1 }, { was: 'A' })];
    expect(anyPrefix(wanted, two).steps.filter((step) => step.temporary !== undefined)).toHaveLength(2);
    const chain = [document('team/A', { a: 1 }, { was: 'B' }), document('team/B', { a: 2 }, { was: 'C' })];
    expect(anyPrefix(chain, [document('team/B', { a: 1 }), document('team/C', { a: 2 })]).steps.filter((step) => step.temporary !== undefined)).toEqual([]);
  });

  test('the first by address makes way, whatever order they come in', () => {
    const { live, wanted } = ring(3);
    const forward = plan(wanted, new ToyWorld(types, live));
    const backward = plan([...wanted].reverse(), new ToyWorld(types, live));
    expect(words(backward)).toEqual(words(forward));
    expect(words(forward)[0]).toBe(`update ${aside('team/N2')} was team/N2`);
  });

  test('children follow their parents round the ring, and are in no step for it', () => {
    const live = [document('table/A'), document('row/A/x', { value: 1 }), document('table/B'), document('row/B/x', { value: 2 })];
    const wanted = [
      document('table/B', {}, { was: 'A' }),
      document('row/B/x', { value: 1 }),
      document('table/A', {}, { was: 'B' }),
      document('row/A/x', { value: 2 }),
    ];
    const world = new ToyWorld(types, live);
    const made = plan(wanted, world, { remembered: world.memory(live) });
    expect(words(made)).toEqual([`update ${aside('table/B')} was table/B`, 'update table/B was table/A', `update table/A was ${aside('table/B')}`]);
    anyPrefix(wanted, live);
  });

  test('what refers to members of a ring changes nothing', () => {
    const { live, wanted } = ring(2);
    const world = new ToyWorld(types, [...live, document('queue/Q', { team: { $ref: 'team/N0' } })]);
    const made = plan([...wanted, document('queue/Q', { team: { $ref: 'team/N1' } })], world, { remembered: world.memory(live) });
    expect(words(made).filter((word) => word.includes('queue'))).toEqual(['adopt queue/Q']);
    expect(made.steps.find(({ address }) => address === 'queue/Q')?.changes).toEqual([]);
  });

  test('a key that is given up by what needs the one who takes it makes way as well', () => {
    const live = [document('queue/B', { limit: 1 })];
    const wanted = [
      document('queue/A', { limit: 1, team: { $ref: 'team/T' }, free: { $ref: 'queue/B' } }, { was: 'B' }),
      document('queue/B', { limit: 2 }),
      document('team/T'),
    ];
    expect(anyPrefix(wanted, live).steps.filter((step) => step.temporary !== undefined)).toHaveLength(1);
  });

  test('where one of a ring may not be written, none of it is, and no name is left half way', () => {
    const { live, wanted } = ring(3);
    const broken = wanted.map((one, index) => (index === 1 ? { ...one, body: document('x/y', { team: { $var: 'unset' } }).body } : one));
    const made = plan(broken, new ToyWorld(types, live));
    expect(made.steps).toEqual([]);
    expect(made.problems.map(({ code }) => code)).toEqual(['VAR_NOT_SET']);
  });

  test('a name that a run left is taken for the one that was wanted, and told', () => {
    const world = new ToyWorld(types, [document(aside('team/A'), { a: 1 })]);
    const made = plan([document('team/A', { a: 1 })], world);
    expect(words(made)).toEqual([`update team/A was ${aside('team/A')}`]);
    expect(made.steps[0]?.reasons).toEqual([`"${keyParts(aside('team/A'))?.[0]}" is a temporary name, left by a run that was cut off`]);
  });

  test('a name that a run left and nobody wants is told as such where it is to be deleted', () => {
    const made = plan([], new ToyWorld(types, [document(aside('team/A'))]));
    expect(made.steps[0]).toMatchObject({ action: 'held' });
    expect(made.steps[0]?.reasons.join()).toContain('temporary');
  });
});

describe('replacements', () => {
  const old = document('queue/A', { kind: 'old' });
  const fresh = document('queue/A', { kind: 'new' });
  const users = ['X', 'Y', 'Z'].map((name) => document(`queue/${name}`, { free: { $ref: 'queue/A' } }));

  test('what three others need is moved aside, made anew, pointed at, and then deleted', () => {
    const made = anyPrefix([fresh, ...users], [old, ...users], ALL);
    const away = `${aside('queue/A')}#/~replaced`;
    expect(words(made)).toEqual([
      `update ${aside('queue/A')} was queue/A`,
      'create queue/A',
      'update queue/X',
      'update queue/Y',
      'update queue/Z',
      `delete ${away} was queue/A`,
    ]);
    expect(made.steps[0]?.temporary).toEqual({ for: 'queue/A', until: away });
    expect(made.steps.at(-1)?.needs).toEqual(expect.arrayContaining(['queue/A', 'queue/X', 'queue/Y', 'queue/Z']));
  });

  test('without leave to delete it is held with its changes, and nothing is moved', () => {
    const world = new ToyWorld(types, [old, ...users]);
    const made = plan([fresh, ...users], world, { remembered: world.memory([old, ...users]) });
    expect(words(made)).toEqual(['held queue/A']);
    expect(made.steps.find(({ address }) => address === 'queue/A')).toMatchObject({
      held: { action: 'replace', rule: 'nothing is deleted unless the command asks for it' },
      changes: [{ at: '/kind', kind: 'change' }],
      reasons: ['one field differs', 'cannot change once it exists: /kind'],
    });
  });

  test('it counts as a deletion, and one over the budget holds them all', () => {
    const world = new ToyWorld(types, [old, document('team/T')]);
    const made = plan([fresh], world, { allowDeletes: { count: 1, percent: 100 } });
    expect(words(made)).toEqual(['held queue/A', 'held team/T']);
    expect(made.steps.map((step) => step.held?.rule)).toEqual([
      'more is to be deleted than is allowed, so nothing is: 2 in this run, where 1 may be',
      'more is to be deleted than is allowed, so nothing is: 2 in this run, where 1 may be',
    ]);
  });

  test('what is protected, or used by what stays, is not replaced', () => {
    const protect = plan([{ ...fresh, protect: true }], new ToyWorld(types, [old]), ALL);
    expect(protect.steps[0]?.held?.rule).toContain('protect: true');
    const named = plan([fresh], new ToyWorld(types, [old]), { ...ALL, policy: { role: 'test', protect: ['queue/A'] } });
    expect(named.steps[0]?.held?.rule).toContain('"queue/A" is protected');
    const ignoring = { ...users[0]!, ignore: ['/free'] };
    const used = plan([fresh, ignoring], new ToyWorld(types, [old, users[0]!]), ALL);
    expect(used.steps.find(({ address }) => address === 'queue/A')?.held?.rule).toBe('what stays refers to it: queue/X');
  });

  test('where the key cannot change the new one stands beside it, and the old one goes at the end', () => {
    const live = [document('flow/F/call', { content: { text: 'a' } }), document('queue/Q', { flow: { $ref: 'flow/F/call' } })];
    const wanted = [document('flow/G/call', { content: { text: 'a' } }, { was: 'F/call' }), document('queue/Q', { flow: { $ref: 'flow/G/call' } })];
    expect(words(anyPrefix(wanted, live, ALL))).toEqual(['create flow/G/call', 'update queue/Q', 'delete flow/F/call']);
  });

  test('where neither the key nor the field can change it is held, and says why', () => {
    const fixed: TypeTable = new Map([...types, ['code', { ...samples.get('code')!, isRenamable: false, createOnly: ['/kind'] }]]);
    const world = new ToyWorld(fixed, [document('code/c', { kind: 'old' })]);
    const made = plan([document('code/c', { kind: 'new' })], world, { ...ALL, types: fixed });
    expect(made.steps[0]?.held).toMatchObject({ action: 'replace', rule: 'the key "c" cannot change, and no two can have it' });
  });

  test('its children go with it, and come anew', () => {
    const fixed: TypeTable = new Map([...types, ['table', { ...samples.get('table')!, createOnly: ['/kind'] }]]);
    const live = [document('table/T', { kind: 'old' }), document('row/T/x', { value: 1 })];
    const wanted = [document('table/T', { kind: 'new' }), document('row/T/x', { value: 1 })];
    const world = new ToyWorld(fixed, live);
    const made = plan(wanted, world, { ...ALL, types: fixed });
    const away = aside('table/T');
    expect(words(made)).toEqual([
      `update ${away} was table/T`,
      'create table/T',
      'create row/T/x',
      `delete row/${keyParts(away)?.[0]}/x`,
      `delete ${away}#/~replaced was table/T`,
    ]);
    for (const step of made.steps) world.carryOut(step);
    expect(names(world)).toEqual(names(new ToyWorld(fixed, wanted)));
    expect(words(plan(wanted, world, { ...ALL, types: fixed, remembered: world.memory(wanted) }))).toEqual([]);
  });

  test('cut off after the new one lives, the old one is known for what it is, and goes', () => {
    const world = new ToyWorld(types, [fresh, document(aside('queue/A'), { kind: 'old' })]);
    const made = plan([fresh], world, { ...ALL, remembered: world.memory([fresh]) });
    expect(words(made)).toEqual([`delete ${aside('queue/A')} was queue/A`]);
    expect(made.steps.at(-1)?.reasons.join()).toContain('takes the place of "queue/A"');
  });

  test('cut off before that, and no longer allowed, it gets its name back and nothing else', () => {
    const world = new ToyWorld(types, [document(aside('queue/A'), { kind: 'old' })]);
    const made = plan([fresh], world);
    expect(words(made)).toEqual([`update queue/A was ${aside('queue/A')}`]);
    for (const step of made.steps) world.carryOut(step);
    expect(names(world)).toEqual(names(new ToyWorld(types, [old])));
    expect(words(plan([fresh], world))).toEqual(['held queue/A']);
  });
});

describe('numbers that only one can have', () => {
  const numbers = (name: string, ...dnis: string[]) => document(`line/${name}`, { dnis });

  test('who takes one over comes after who gives it up', () => {
    const made = anyPrefix([numbers('A', '1', '2'), numbers('B', '3')], [numbers('A', '1'), numbers('B', '2', '3')]);
    expect(words(made)).toEqual(['update line/B', 'update line/A']);
    expect(made.steps.find(({ address }) => address === 'line/A')?.needs).toEqual(['line/B']);
  });

  test('a swap drops them first from one, and keeps the others there', () => {
    const made = anyPrefix([numbers('A', '2', '7'), numbers('B', '1')], [numbers('A', '1', '7'), numbers('B', '2')]);
    expect(words(made)).toEqual(['update line/A#/dnis', 'update line/B', 'update line/A']);
    expect(made.steps[0]?.document?.body['dnis']).toEqual(['7']);
    expect(made.steps[0]?.reasons).toEqual(['"line/B" can take over only what nobody has, so it is given up first']);
  });

  test('what is to be deleted gives them up first', () => {
    const made = anyPrefix([document('line/N', { dnis: ['1'] }, { was: 'none' })], [numbers('Old', '1')], ALL);
    expect(words(made)).toEqual(['update line/Old#/dnis', 'create line/N', 'delete line/Old']);
  });

  test('wanted by two, or held by one that stays, it is a problem that names the other', () => {
    const twice = plan([numbers('A', '1'), numbers('B', '1')], new ToyWorld(types, []));
    expect(twice.problems.map(({ code, at }) => `${code} ${at}`)).toEqual(['UNIQUE_SHARED line/A', 'UNIQUE_SHARED line/B']);
    expect(checkTree(snapshot([numbers('A', '1'), numbers('B', '1')]), types).map(({ code }) => code)).toEqual(['UNIQUE_SHARED', 'UNIQUE_SHARED']);
    const kept = plan([numbers('A', '1')], new ToyWorld(types, [numbers('Old', '1')]));
    expect(kept.problems.map(({ code, at, message }) => [code, at, message])).toEqual([
      ['UNIQUE_TAKEN', 'line/A', '"1" is held by "line/Old" in the org, which keeps it in this plan'],
    ]);
    expect(words(kept)).toEqual(['held line/Old']);
  });
});
