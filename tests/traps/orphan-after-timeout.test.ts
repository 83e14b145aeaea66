import { expect, test } from '@jest/globals';
import type { FaultKind } from '../../providers/genesys-emulator/index.ts';
import { compare } from '../journeys/org-portrait.ts';
import { SHOP, stepsOf, TrapSite } from './trap-site.ts';

const LOST: readonly FaultKind[] = ['server-error-after', 'bad-gateway-after', 'unavailable-after', 'reset-after', 'late-commit'];

test.each(LOST)('trap: orphan after timeout: where every third write meets "%s", each object is made once and called created', async (fault) => {
  const site = new TrapSite();
  const wanted = await site.read(SHOP);
  const plan = await site.plan(wanted, { allowDeletes: null });
  const before = site.now;
  site.core.faults.plan = { rates: { [fault]: 0.33 }, lateSeconds: [1, 20] };
  const outcomes = await site.apply(plan, wanted);
  site.core.faults.plan = {};
  expect(outcomes.filter(({ word }) => !['created', 'adopted', 'updated', 'held'].includes(word))).toEqual([]);
  const made = site.writes(before).filter((write) => write.startsWith('create '));
  expect(new Set(made).size).toBe(made.length);
  const foreign = [...site.portrait()].filter(([name]) => !site.portrait(SHOP).has(name));
  expect(compare(site.portrait(), new Map([...site.portrait(SHOP), ...foreign]))).toEqual([]);
  expect(stepsOf(await site.plan(wanted, { allowDeletes: null })).filter((step) => !step.startsWith('held '))).toEqual([]);
});
