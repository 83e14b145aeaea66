import { expect, test } from '@jest/globals';
import type { Address } from '../../state/address.ts';
import type { Snapshot } from '../../state/snapshot.ts';
import { SHELL, stepsOf, TrapSite } from './trap-site.ts';

/** A tree in which each of these goes by the key of the next, the last by that of the first; each document says what it was. */
function rotated(tree: Snapshot, type: string, keys: readonly string[]): Snapshot {
  const documents = new Map(tree.documents);
  for (const [index, key] of keys.entries()) {
    const address = `${type}/${keys[(index + 1) % keys.length]}` as Address;
    const old = tree.documents.get(`${type}/${key}` as Address)!;
    documents.set(address, { ...old, address, was: key });
  }
  return { ...tree, documents };
}

test.each([
  { type: 'routing_wrapup_code', keys: ['Done', 'Later', 'Never'], what: 'three names that the org keeps unique' },
  { type: 'routing_queue', keys: ['Counter', 'Stockroom'], what: 'two queues, of which flows name one' },
  { type: 'architect_schedule', keys: ['Week', 'week'], what: 'two names that differ in case alone' },
])('trap: rename/unique clash: $what change places: no object is made or lost, and the next plan is empty', async ({ type, keys }) => {
  const site = new TrapSite();
  for (const name of ['Later', 'Never']) site.core.seed(SHELL, 'routing_wrapup_code', { name });
  const first = await site.read(SHELL);
  await site.apply(await site.plan(first), first);
  const idOf = (key: string) =>
    site.core
      .context(SHELL)
      .byName(type, key)
      .map(({ id }) => id);
  const ids = keys.map((key) => idOf(key));
  const before = site.now;
  const wanted = rotated(first, type, keys);
  const plan = await site.plan(wanted);
  expect(plan.problems).toEqual([]);
  expect(plan.steps.filter(({ temporary }) => temporary !== undefined)).toHaveLength(1);
  const outcomes = await site.apply(plan, wanted);
  expect(outcomes.filter(({ word }) => word !== 'updated' && word !== 'unchanged')).toEqual([]);
  expect(keys.map((_, index) => idOf(keys[(index + 1) % keys.length]!))).toEqual(ids);
  expect(site.writes(before).filter((write) => /^(create|delete) /.test(write))).toEqual([]);
  expect(stepsOf(await site.plan(wanted))).toEqual([]);
});

test('trap: rename/unique clash: names that the org cannot change, and that hold what is wanted either way, are left as they are: no object is made or lost', async () => {
  const site = new TrapSite();
  const first = await site.read(SHELL);
  await site.apply(await site.plan(first), first);
  const [before, portrait] = [site.now, site.portrait()];
  const wanted = rotated(first, 'routing_skill', ['English', 'Welsh']);
  await site.apply(await site.plan(wanted), wanted);
  expect(site.writes(before)).toEqual([]);
  expect(site.portrait()).toEqual(portrait);
});
