import { describe, expect, test } from '@jest/globals';
import type { FaultPlan } from '../../providers/genesys-emulator/index.ts';
import { hasErrors } from '../../state/problem.ts';
import { SHELL, TrapSite, withDocuments } from './trap-site.ts';

/** The list, not the codes of one queue. */
const LIST = /^\/api\/v2\/routing\/wrapupcodes$/;
/** Lists of wrap-up codes that do not come whole. */
const BROKEN: readonly { readonly reason: string; readonly plan: FaultPlan }[] = [
  { reason: 'the list is never answered', plan: { nth: [{ fault: 'unavailable-before', nth: 1, times: 1_000, path: LIST }] } },
  { reason: 'the list is refused', plan: { nth: [{ fault: 'forbidden', nth: 1, times: 1_000, path: LIST }] } },
  { reason: 'its second page is refused', plan: { nth: [{ fault: 'forbidden', nth: 2, times: 1_000, path: LIST }] } },
  { reason: 'its second page never comes', plan: { nth: [{ fault: 'reset-before', nth: 2, times: 1_000, path: LIST }] } },
  { reason: 'every page is shorter than it says', plan: { nth: [{ fault: 'short-page', nth: 1, times: 1_000, path: LIST }] } },
  { reason: 'the total moves at every page', plan: { nth: [{ fault: 'moving-total', nth: 1, times: 1_000, path: LIST }] } },
  { reason: 'an answer is a page of HTML', plan: { nth: [{ fault: 'bad-gateway-html', nth: 1, times: 1_000, path: LIST }] } },
];

/** More wrap-up codes than two pages hold; the tree wants all but one of them gone. */
async function crowded(): Promise<{ site: TrapSite; wanted: Parameters<TrapSite['plan']>[0] }> {
  const site = new TrapSite();
  for (let index = 0; index < 230; index += 1) site.core.seed(SHELL, 'routing_wrapup_code', { name: `Code ${index}` });
  const live = await site.read(SHELL);
  const gone = [...live.documents.keys()].filter((address) => /^routing_wrapup_code\/Code /.test(address));
  return { site, wanted: withDocuments(live, Object.fromEntries(gone.map((address) => [address, undefined]))) };
}

describe('trap: failed or short list → mass delete', () => {
  test('a list that came whole is what deletions are planned from: all that were asked for', async () => {
    const { site, wanted } = await crowded();
    const plan = await site.plan(wanted);
    expect(plan.steps.filter(({ action }) => action === 'delete')).toHaveLength(230);
  });

  test.each(BROKEN)('$reason: nothing is deleted, and the plan says so or the whole list was read after all', async ({ plan: faults }) => {
    const { site, wanted } = await crowded();
    site.core.faults.plan = faults;
    const plan = await site.plan(wanted);
    const deleted = plan.steps.filter(({ action }) => action === 'delete');
    const isWhole = plan.completeness.live.get('routing_wrapup_code') === 'whole';
    expect(deleted).toHaveLength(isWhole ? 230 : 0);
    if (!isWhole) expect(plan.problems.some(({ message }) => message.includes('routing_wrapup_code'))).toBe(true);
    if (!isWhole) expect(hasErrors(plan.problems)).toBe(true);
  });
});
