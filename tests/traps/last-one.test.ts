import { describe, expect, test } from '@jest/globals';
import type { Address } from '../../state/address.ts';
import type { Document } from '../../state/document.ts';
import type { Policy } from '../../state/policy.ts';
import { directive, makeMap } from '../../state/value.ts';
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

  /** Hours that no line uses, and a line that keeps its own until a plan says otherwise. */
  const [HOURS, LINE] = ['architect_schedule_group/Spare', 'architect_ivr/Shop Line'] as const;
  const group = (open: readonly string[]): Document['body'] =>
    makeMap([
      ['timeZone', 'Europe/Paris'],
      ...(open.length === 0 ? [] : [['openSchedules', open.map((name) => directive('$ref', `architect_schedule/${name}`))] as const]),
    ]);
  async function spare(open: readonly string[]) {
    const site = new TrapSite();
    const before = await site.read(SHOP);
    const first = withDocuments(before, { [HOURS]: group(open) });
    await site.apply(await site.plan(first, { remembered: before }, SHOP), first, SHOP);
    const live = await site.read(SHOP);
    expect(live.documents.has(HOURS as Address)).toBe(true);
    const line = live.documents.get(LINE as Address) as Document;
    const used = makeMap([...Object.entries(line.body).filter(([name]) => name !== 'scheduleGroup'), ['scheduleGroup', directive('$ref', HOURS)]]);
    return { site, live, used };
  }
  const openOf = async (site: TrapSite) => {
    const { documents } = await site.read(SHOP);
    const uses = JSON.stringify(documents.get(LINE as Address)?.body['scheduleGroup'] ?? null);
    return { uses: uses.includes('Spare'), open: documents.get(HOURS as Address)?.body['openSchedules'] };
  };

  test('one plan that empties hours nobody uses and points a line at them: the hours keep their schedule, and the line may use them', async () => {
    const { site, live, used } = await spare(['Week']);
    const wanted = withDocuments(live, { [HOURS]: group([]), [LINE]: used });
    const plan = await site.plan(wanted, {}, SHOP);
    expect(plan.steps.find(({ address }) => address === HOURS)).toMatchObject({ action: 'held', held: { rule: expect.stringContaining(`"${LINE}" uses it`) } });
    await site.apply(plan, wanted, SHOP);
    expect(await openOf(site)).toEqual({ uses: true, open: [directive('$ref', 'architect_schedule/Week')] });
  });

  test('the same in two plans: a line that newly points to hours with no open schedule is held, and keeps its own', async () => {
    const { site, live, used } = await spare([]);
    const wanted = withDocuments(live, { [LINE]: used });
    const plan = await site.plan(wanted, {}, SHOP);
    const rule = expect.stringContaining('would begin to use "Spare", whose "/openSchedules" is empty');
    expect(plan.steps.find(({ address }) => address === LINE)).toMatchObject({
      action: 'held',
      held: { rule, allow: expect.stringContaining(`"${HOURS}" under "mayBeEmpty"`) },
    });
    await site.apply(plan, wanted, SHOP);
    expect((await openOf(site)).uses).toBe(false);
    const named = await site.plan(wanted, { policy: { role: 'practice', mayBeEmpty: [HOURS] } }, SHOP);
    expect(named.steps.find(({ address }) => address === LINE)?.action).toBe('update');
    const filled = await site.plan(withDocuments(wanted, { [HOURS]: group(['Week']) }), {}, SHOP);
    expect(filled.steps.find(({ address }) => address === LINE)?.action).toBe('update');
  });

  test('hours are not emptied while it was not read which lines use them', async () => {
    const { site, live } = await spare(['Week']);
    site.core.faults.plan = { nth: [{ fault: 'forbidden', nth: 1, times: 1_000, path: /^\/api\/v2\/architect\/ivrs/ }] };
    const plan = await site.plan(withDocuments(live, { [HOURS]: group([]) }), {}, SHOP);
    expect(plan.steps.find(({ address }) => address === HOURS)?.held?.rule).toContain('architect_ivr, of which one may use it, was not read whole');
  });
});
