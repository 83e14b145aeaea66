import { describe, expect, test } from '@jest/globals';
import { genesys } from '../../providers/genesys/platform.ts';
import { PRODUCTION } from '../../providers/genesys-emulator/practice/index.ts';
import type { Address } from '../../state/address.ts';
import { makePlan } from '../../state/make-plan.ts';
import { PracticeSite } from './practice-site.ts';

const QUEUE = 'routing_queue/Gift Cards' as Address;
const ROUTE = { name: 'gift', pattern: 'gift', fromName: 'Gift Cards' };

/** A plan that wants the practice org without one queue that nothing managed refers to any more. */
async function planWithout(site: PracticeSite, client = PRODUCTION) {
  const live = await site.read(PRODUCTION);
  const wanted = { ...live, documents: new Map([...live.documents].filter(([address]) => address !== QUEUE && !named(address))), problems: [] };
  const referrers = await site.run(site.reader(client).referrers!(new Map([[QUEUE, live.ids.get(QUEUE)!]])));
  const plan = makePlan({
    wanted,
    live,
    types: genesys.types,
    policy: { role: 'practice' },
    externals: new Map(),
    allowDeletes: { count: 50, percent: 100 },
    referrers,
  });
  return { plan, referrers };
}

/** What names the queue in the practice org. */
const named = (address: Address) => address.startsWith('flow/') || address.startsWith('architect_ivr/') || address.startsWith('integration_action/');
const stepOf = ({ plan }: Awaited<ReturnType<typeof planWithout>>) => plan.steps.find(({ address }) => address === QUEUE);

describe('what is to be deleted', () => {
  test('goes where every type that may refer to it was looked through, and none of them holds its id', async () => {
    const made = await planWithout(new PracticeSite());
    expect([...(made.referrers.types.get('routing_queue') ?? [])].filter((type) => !genesys.types.has(type) && !made.referrers.read.has(type))).toEqual([]);
    expect(stepOf(made)).toMatchObject({ action: 'delete' });
  });

  test('stays where an object that nobody manages here holds its id, wherever in it', async () => {
    const site = new PracticeSite();
    const { id } = site.core.org(PRODUCTION).store.withName('routing_queue', 'Gift Cards')[0]!;
    const domain = site.core.context(PRODUCTION).insert('routing_email_domain', { subDomain: 'none' }).id;
    site.core.context(PRODUCTION).insert('routing_email_route', { ...ROUTE, queue: { id } }, { scope: domain });
    const made = await planWithout(site);
    expect(stepOf(made)).toMatchObject({ action: 'held', held: { rule: 'what stays refers to it: routing_email_route "gift"' } });
  });

  test('stays where a type that may refer to it cannot be read by this client', async () => {
    const made = await planWithout(new PracticeSite(), `${PRODUCTION}-reader`);
    expect(stepOf(made)?.held?.rule).toBe('it may be referred to from what was not read whole: routing_email_route');
  });
});
