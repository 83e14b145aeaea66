import { expect, test } from '@jest/globals';
import { SHELL, SHOP, stepsOf, TrapSite } from './trap-site.ts';

test('trap: no-op is not a no-op: what was applied is planned again without a step, and applied again without a write', async () => {
  const site = new TrapSite();
  const wanted = await site.read(SHOP);
  const outcomes = await site.apply(await site.plan(wanted, { allowDeletes: null }), wanted);
  expect(outcomes.filter(({ word }) => !['created', 'adopted', 'updated', 'held'].includes(word))).toEqual([]);
  const before = site.now;
  const again = await site.plan(wanted, { allowDeletes: null });
  expect(stepsOf(again).filter((step) => !step.startsWith('held '))).toEqual([]);
  const second = await site.apply(again, wanted);
  expect([...new Set(second.map(({ word }) => word))].sort()).toEqual(['held', 'unchanged']);
  expect(site.writes(before)).toEqual([]);
});

test('trap: duplicate after lost map: without memory and journal everything is found by its key, and nothing is made', async () => {
  const site = new TrapSite();
  const wanted = await site.read(SHOP);
  await site.apply(await site.plan(wanted, { allowDeletes: null }), wanted);
  const [before, portrait] = [site.now, site.portrait()];
  const lost = await site.plan(wanted, { remembered: null, allowDeletes: null });
  expect(lost.steps.filter(({ action }) => action === 'create' || action === 'update')).toEqual([]);
  const outcomes = await site.apply(lost, wanted, SHELL, '/another-journal');
  expect([...new Set(outcomes.map(({ word }) => word))].sort()).toEqual(['adopted', 'held']);
  expect(site.writes(before)).toEqual([]);
  expect(site.portrait()).toEqual(portrait);
});
