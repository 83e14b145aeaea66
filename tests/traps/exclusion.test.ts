import { expect, test } from '@jest/globals';
import { genesys } from '../../providers/genesys/platform.ts';
import type { Address } from '../../state/address.ts';
import { selectDocuments } from '../../state/select.ts';
import type { Snapshot } from '../../state/snapshot.ts';
import { compare } from '../journeys/org-portrait.ts';
import { SHELL, SHOP, stepsOf, TrapSite } from './trap-site.ts';

test('trap: exclusion leaks to children: what a filter leaves out keeps itself, its members, its rows and its edges, with every deletion allowed', async () => {
  const site = new TrapSite();
  const live = await site.read(SHOP);
  const wanted: Snapshot = {
    ...live,
    ...selectDocuments(live, genesys.types, { types: ['architect_schedule'], names: ['W*'], all: true, dependencies: false }),
  };
  expect([...wanted.documents.keys()]).toEqual(['architect_schedule/Week']);
  const before = site.portrait();
  const plan = await site.plan(wanted);
  expect(stepsOf(plan).filter((step) => step !== 'adopt architect_schedule/Week')).toEqual([]);
  await site.apply(plan, wanted);
  const week = 'architect_schedule "Week"';
  expect(site.portrait().get(week)).not.toEqual(before.get(week));
  expect(compare(site.portrait(), before).filter((line) => !line.startsWith(`${week} `))).toEqual([]);
});

test('trap: exclusion leaks to children: what a document ignores is neither reported nor touched, while the rest of it is written', async () => {
  const site = new TrapSite();
  const live = await site.read(SHOP);
  const counter = 'routing_queue/Counter' as Address;
  const whole = live.documents.get(counter)!;
  const ignoring = { ...whole, ignore: ['/members'] };
  const wanted: Snapshot = { ...live, documents: new Map([...live.documents, [counter, ignoring]]) };
  const members = () => structuredClone(site.core.context(SHELL).byName('routing_queue', 'Counter')[0]?.parts['members']);
  const before = members();
  const plan = await site.plan(wanted, { allowDeletes: null });
  const step = plan.steps.find(({ address }) => address === counter);
  expect(step?.changes.filter(({ at }) => /^\/members/.test(at))).toEqual([]);
  expect(step?.changes.length).toBeGreaterThan(0);
  const outcomes = await site.apply(plan, wanted);
  expect(outcomes.find(({ address }) => address === counter)?.word).toBe('adopted');
  expect(before).toHaveLength(1);
  expect(members()).toEqual(before);
});
