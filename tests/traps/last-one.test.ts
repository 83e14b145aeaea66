import { describe, expect, test } from '@jest/globals';
import type { Address } from '../../state/address.ts';
import type { Document } from '../../state/document.ts';
import type { Policy } from '../../state/policy.ts';
import { makeMap } from '../../state/value.ts';
import { SHOP, TrapSite, withDocuments } from './trap-site.ts';

const cases = [
  { what: 'the members of a staffed queue', address: 'routing_queue/Counter', field: 'members', rule: 'a staffed queue keeps a member' },
  {
    what: 'the open schedules of hours that an IVR uses',
    address: 'architect_schedule_group/Opening Hours',
    field: 'openSchedules',
    rule: 'the hours of an IVR keep an open schedule',
  },
];

/** The shop as it is, but for one list that its document leaves empty; planned with every deletion allowed. */
async function emptied(address: string, field: string, policy: Policy) {
  const site = new TrapSite();
  const live = await site.read(SHOP);
  const { body } = live.documents.get(address as Address) as Document;
  const wanted = withDocuments(live, { [address]: makeMap(Object.entries(body).filter(([name]) => name !== field)) });
  const plan = await site.plan(wanted, { policy, remembered: live }, SHOP);
  return { site, wanted, plan, step: plan.steps.find((step) => step.address === address) };
}

describe('trap: ACL emptied', () => {
  test.each(cases)('$what: a step that would take the last one away is held with its rule, and nothing is written', async ({ address, field, rule }) => {
    const { site, wanted, plan, step } = await emptied(address, field, { role: 'practice' });
    expect(step).toMatchObject({ action: 'held', held: { rule: expect.stringContaining(rule), allow: expect.stringContaining('mayBeEmpty') } });
    const before = [site.now, site.portrait(SHOP)] as const;
    await site.apply(plan, wanted, SHOP);
    expect(site.writes(before[0], SHOP)).toEqual([]);
    expect(site.portrait(SHOP)).toEqual(before[1]);
  });

  test.each(cases)('$what: a policy that names it lets it be emptied', async ({ address, field }) => {
    const { site, wanted, plan, step } = await emptied(address, field, { role: 'practice', mayBeEmpty: [address] });
    expect(step?.action).toBe('update');
    const outcomes = await site.apply(plan, wanted, SHOP);
    expect(outcomes.find((outcome) => outcome.address === address)?.word).toBe('updated');
    expect((await site.read(SHOP)).documents.get(address as Address)?.body[field]).toBeUndefined();
  });
});
