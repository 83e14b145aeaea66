import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Outcome } from '../../state/outcome.ts';
import { records } from '../journeys/journey-site.ts';
import { compare, portrait } from '../journeys/org-portrait.ts';
import { adopted } from './adopted-state.ts';
import { EMPTY, PulumiSite } from './pulumi-site.ts';
import { SmallEngine } from './small-engine.ts';

/** A queue whose description says which one it is, whatever it is called. */
const queue = (key: string, is: string, { was, backup }: { readonly was?: string; readonly backup?: string } = {}) =>
  `type: routing_queue\nkey: ${key}\n${was === undefined ? '' : `was: ${was}\n`}body:\n  description: ${is}\n${
    backup === undefined ? '' : `  directRouting: { backupQueueId: { $ref: routing_queue/${backup} } }\n`
  }`;
const ivr = (key: string, dnis: string) => `type: architect_ivr\nkey: ${key}\nbody:\n  dnis: ["${dnis}"]\n`;
const file = (name: string) => `routing_queue/${name.toLowerCase().replace(' ', '-')}.yaml`;

/** Left and Right stand behind each other, so that one of these fields is written later; Watcher stays where it is. */
const BEFORE: Readonly<Record<string, string | undefined>> = {
  [file('Left')]: queue('Left', 'one', { backup: 'Right' }),
  [file('Right')]: queue('Right', 'two', { backup: 'Left' }),
  [file('Watcher')]: queue('Watcher', 'watches', { backup: 'Left' }),
  [file('Ring A')]: queue('Ring A', 'first'),
  [file('Ring B')]: queue('Ring B', 'second'),
  [file('Ring C')]: queue('Ring C', 'third', { backup: 'Ring A' }),
  'architect_ivr/line.yaml': ivr('Line', '+12065550190'),
  'architect_ivr/other.yaml': ivr('Other', '+12065550191'),
  [file('Chain C')]: undefined,
};
const SWAPPED = {
  [file('Left')]: queue('Left', 'two', { was: 'Right', backup: 'Right' }),
  [file('Right')]: queue('Right', 'one', { was: 'Left', backup: 'Left' }),
};
/** A swap and a ring of names, numbers that are swapped as well. */
const AFTER = {
  ...SWAPPED,
  [file('Ring A')]: queue('Ring A', 'third', { was: 'Ring C', backup: 'Ring B' }),
  [file('Ring B')]: queue('Ring B', 'first', { was: 'Ring A' }),
  [file('Ring C')]: queue('Ring C', 'second', { was: 'Ring B' }),
  'architect_ivr/line.yaml': ivr('Line', '+12065550191'),
  'architect_ivr/other.yaml': ivr('Other', '+12065550190'),
};

let site: PulumiSite;
let engine: SmallEngine;
const core = () => site.site.orgs.core;
const queues = () => core().objects(EMPTY, 'routing_queue');
/** Names of queues by what they are. */
const called = () => Object.fromEntries(queues().map(({ name, description }) => [String(description), String(name)]));
const ids = () => new Map(queues().map(({ id, name }) => [String(name), String(id)]));

beforeAll(async () => {
  site = await PulumiSite.start({ [file('Left')]: queue('Left', 'one') });
  const patience = '    patience: { lateCommit: 0.3, readLag: 0.3 }\n';
  site.site.write(
    'cordboard.yaml',
    `orgs:\n  ${EMPTY}:\n    address: ${site.site.orgs.url}\n    role: practice\n    manifests: manifests/practice\n${patience}`,
  );
}, 120_000);
beforeEach(async () => {
  await begin();
  engine = new SmallEngine();
  await up();
}, 60_000);
afterEach(() => site.closeProviders());
afterAll(() => site.end());

async function begin(): Promise<void> {
  await site.closeProviders();
  await site.commit(BEFORE);
  for (const type of ['routing_queue', 'architect_ivr']) for (const { id } of core().objects(EMPTY, type)) core().remove(EMPTY, type, String(id));
  await site.forget();
}

async function up(refresh?: false) {
  await site.closeProviders();
  return engine.up(await site.provider(), await site.program(EMPTY), refresh === undefined ? {} : { refresh });
}

async function built(): Promise<void> {
  await site.closeProviders();
  await site.site.cordboard('plan', '--org', EMPTY, '--out', 'plan.json');
  const ended = await site.site.cordboard('apply', 'plan.json', '--json');
  if (ended.code !== 0) throw new Error(ended.all);
  const outcomes = records(ended.out).filter(({ record }) => record === 'outcome') as unknown as readonly Outcome[];
  if (outcomes.some(({ word }) => !/^(created|updated|unchanged|adopted|held)$/.test(word))) throw new Error(ended.all);
}

test('a swap, a ring and numbers that are swapped, in one up: each object keeps its id, and the org is as after the other driver', async () => {
  const [before, watched] = [ids(), called()];
  expect(watched).toMatchObject({ one: 'Left', two: 'Right', first: 'Ring A', second: 'Ring B', third: 'Ring C' });
  await site.commit(AFTER);
  const hash = core().hash(EMPTY);
  await engine.preview(await site.provider(), await site.program(EMPTY));
  expect(core().hash(EMPTY)).toBe(hash);
  await up();
  expect(called()).toEqual({ one: 'Right', two: 'Left', watches: 'Watcher', first: 'Ring B', second: 'Ring C', third: 'Ring A' });
  const now = ids();
  expect(['Right', 'Left', 'Watcher', 'Ring B', 'Ring C', 'Ring A'].map((name) => now.get(name))).toEqual(
    ['Left', 'Right', 'Watcher', 'Ring A', 'Ring B', 'Ring C'].map((name) => before.get(name)),
  );
  // The stack is as it would be without any renames: each name with the id that it has now.
  expect(
    [...engine.state.values()]
      .map(({ inputs, id }) => [inputs['address'], inputs['registered'], id])
      .filter(([at]) => /queue\/(Left|Ring A)$/.test(String(at))),
  ).toEqual([
    ['routing_queue/Left', undefined, now.get('Left')],
    ['routing_queue/Ring A', undefined, now.get('Ring A')],
  ]);
  expect(await up()).toEqual([]);
  const here = portrait(core(), EMPTY);
  await begin();
  await built();
  await site.commit(AFTER);
  await built();
  expect(compare(here, portrait(core(), EMPTY))).toEqual([]);
}, 120_000);

test('names that move on in a row: the last one is taken into the stack first, and a new object takes the name that came free', async () => {
  const before = ids();
  await site.commit({ [file('Chain C')]: queue('Chain C', 'second', { was: 'Ring B' }), [file('Ring B')]: queue('Ring B', 'new') });
  await expect(up()).rejects.toThrow(/Chain C says that it was routing_queue\/Ring B.*cordboard adopt/);
  expect(called()).toMatchObject({ second: 'Ring B' });
  const more = await adopted(site, EMPTY);
  for (const [key, entry] of more.state) if (!engine.state.has(key)) engine.state.set(key, entry);
  expect((await up()).map(({ op, address }) => `${op} ${address}`).sort()).toEqual(['create routing_queue/Ring B', 'update routing_queue/Chain C']);
  expect(called()).toMatchObject({ second: 'Chain C', new: 'Ring B' });
  expect(ids().get('Chain C')).toBe(before.get('Ring B'));
  expect(await up()).toEqual([]);
}, 60_000);

test('a stack that was not refreshed since does not know which is which: it is told to be, and nothing is written', async () => {
  await site.commit(SWAPPED);
  const hash = core().hash(EMPTY);
  await expect(up(false)).rejects.toThrow(/another document takes that name: this stack does not know yet which is which; pulumi refresh, then again/);
  expect(core().hash(EMPTY)).toBe(hash);
  await up();
  expect(called()).toMatchObject({ one: 'Right', two: 'Left' });
}, 60_000);

test('nobody makes way for what is held, and what is held is moved nowhere', async () => {
  const { id } = core().context(EMPTY).insert('user', { name: 'Robin', email: 'robin@looms.example' });
  const staffed = BEFORE[file('Left')]?.replace('body:\n', 'body:\n  members: [{ user: { $external: user/robin@looms.example } }]\n');
  await site.commit({ [file('Left')]: staffed });
  await up();
  await site.commit(SWAPPED);
  const before = ids();
  await expect(up()).rejects.toThrow(/routing_queue\/(Right: held: update is held: a staffed queue keeps a member|Left: stale)/);
  expect(ids()).toEqual(before);
  core().remove(EMPTY, 'user', id);
}, 60_000);

test('where what was to take the name was changed by hand meanwhile, the temporary name is taken back', async () => {
  const before = ids();
  await site.commit(SWAPPED);
  let isMoved = false;
  const stop = core().onCommit(() => {
    if (isMoved || !queues().some(({ name }) => String(name).includes('~cordboard'))) return;
    isMoved = true;
    core().edit(EMPTY, 'routing_queue', before.get('Right') ?? '', (right) => ({ ...right, description: 'by hand' }));
  });
  await expect(up()).rejects.toThrow(/routing_queue\/Left: stale/);
  stop();
  expect(queues().map(({ name }) => name)).not.toEqual(expect.arrayContaining([expect.stringContaining('~cordboard')]));
  expect(ids().get('Left')).toBe(before.get('Left'));
}, 60_000);

test('where somebody else took the name meanwhile, the next up goes on from the temporary one', async () => {
  const before = ids();
  await site.commit(SWAPPED);
  const stop = core().onCommit(() => {
    // Somebody is faster: "Left" is free for a moment only.
    if (!queues().some(({ name }) => name === 'Left')) core().seed(EMPTY, 'routing_queue', { name: 'Left', description: 'a stranger' });
  });
  await expect(up()).rejects.toThrow(/Left/);
  stop();
  const [stranger] = queues().filter(({ description }) => description === 'a stranger');
  core().remove(EMPTY, 'routing_queue', String(stranger?.['id']));
  expect(ids().get('Right')).toBe(before.get('Right'));
  await up();
  expect(called()).toEqual(expect.objectContaining({ one: 'Right', two: 'Left' }));
  expect(ids().get('Left')).toBe(before.get('Right'));
  expect(queues().filter(({ name }) => String(name).includes('~cordboard'))).toEqual([]);
  expect(await up()).toEqual([]);
}, 60_000);
