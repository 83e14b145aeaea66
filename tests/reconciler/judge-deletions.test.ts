import { describe, expect, test } from '@jest/globals';
import { type Judging, judgeDeletions } from '../../providers/reconciler/judge-deletions.ts';
import type { Address } from '../../state/address.ts';
import type { Document } from '../../state/document.ts';
import { makePlan, type PlanRequest } from '../../state/make-plan.ts';
import type { Plan } from '../../state/plan.ts';
import type { TypeTable } from '../../state/resource-type.ts';
import type { LiveSnapshot } from '../../state/snapshot.ts';
import { document, org, types as samples, snapshot } from '../state/sample-types.ts';

/** A queue may name a second team. */
const queue = samples.get('queue')!;
const types: TypeTable = new Map([...samples, ['queue', { ...queue, refs: [...queue.refs, { at: '/second', to: ['team'], optional: true }] }]]);
const ALL = { allowDeletes: { count: 100, percent: 100 } };
const T = 'team/T' as Address;
const to = (team: string, more: object = {}) => ({ team: { $ref: `team/${team}` }, ...more });
const [t, u] = [document('team/T'), document('team/U')];

interface Days {
  readonly wanted: readonly Document[];
  /** The org as the plan saw it, and as it is when the plan is applied. */
  readonly live: readonly Document[];
  readonly later: readonly Document[] | LiveSnapshot;
  /** Nothing was applied before. */
  readonly isFirst?: boolean;
}

function planOf({ wanted, live, isFirst = false }: Days): Plan {
  const request: PlanRequest = { wanted: snapshot(wanted), live: org(live), types, policy: { role: 'test' }, externals: new Map(), ...ALL };
  return makePlan(isFirst ? request : { ...request, remembered: { documents: request.live.documents, ids: request.live.ids } });
}

async function judge(days: Days, more: Partial<Judging> = {}) {
  const plan = planOf(days);
  const later = 'ids' in days.later ? days.later : org(days.later);
  const readings: string[] = [];
  const read: Judging['read'] = async (reading) => {
    readings.push(reading);
    return later;
  };
  const judged = await judgeDeletions(plan, { types, policy: { role: 'test' }, read, ...more });
  return { plan, judged, readings, words: judged.plan.steps.map(({ action, address }) => `${action} ${address}`), rule: ruleOf(judged.plan, T) };
}

const ruleOf = ({ steps }: Plan, address: Address) => steps.find((step) => step.address === address)?.held?.rule;

describe('what somebody refers to since the plan was made is not deleted', () => {
  const since: readonly (Days & { readonly reason: string; readonly by: string })[] = [
    {
      reason: 'by a thing that is taken over as it is, which writes nothing',
      isFirst: true,
      wanted: [u, document('queue/A', to('U'))],
      live: [t, u, document('queue/A', to('U'))],
      later: [t, u, document('queue/A', to('T'))],
      by: 'queue/A',
    },
    {
      reason: 'by a thing that the plan leaves as it was',
      wanted: [u, document('queue/A', to('U'))],
      live: [t, u, document('queue/A', to('U'))],
      later: [t, u, document('queue/A', to('T'))],
      by: 'queue/A',
    },
    {
      reason: 'by a thing of which the plan writes another field',
      wanted: [u, document('queue/A', to('U', { description: 'new' }))],
      live: [t, u, document('queue/A', to('U'))],
      later: [t, u, document('queue/A', to('T'))],
      by: 'queue/A',
    },
    {
      reason: 'by a field that the document says to ignore, though its step drops another ref',
      wanted: [u, document('queue/A', to('U'), { ignore: ['/second'] })],
      live: [t, u, document('queue/A', to('T'))],
      later: [t, u, document('queue/A', to('T', { second: { $ref: 'team/T' } }))],
      by: 'queue/A',
    },
    { reason: 'by a thing that is new', wanted: [], live: [t], later: [t, document('queue/New', to('T'))], by: 'queue/New' },
    {
      reason: 'by a thing that nobody manages, beside one that drops its ref as planned',
      wanted: [u, document('queue/A', to('U'))],
      live: [t, u, document('queue/A', to('T'))],
      later: [t, u, document('queue/A', to('T')), document('queue/New', to('T'))],
      by: 'queue/New',
    },
  ];

  test.each(since)('$reason', async ({ by, ...days }) => {
    const { plan, judged } = await judge(days);
    const rules = judged.plan.steps.flatMap(({ held }) => held?.rule ?? []);
    expect(plan.steps.filter(({ action }) => action === 'held')).toEqual([]);
    expect(rules).toEqual([expect.stringContaining(`"${by}" refers to it, which no step here takes away, as it may since the plan was made`)]);
    const held = plan.steps.find((step) => judged.plan.steps.some((one) => one.address === step.address && one.held !== undefined))!;
    expect(await judged.deletions(held)).toMatchObject({ rule: rules[0] });
  });

  test('what the plan shows as dropped, deleted or cleared first holds nothing', async () => {
    const ring = ['A', 'B'].map((name) => document(`queue/${name}`, to('T', { backup: { queue: { $ref: `queue/${name === 'A' ? 'B' : 'A'}` } } })));
    const rows = [document('table/P'), document('row/P/one')];
    const live = [t, u, document('queue/C', to('T')), ...ring, ...rows];
    const { plan, judged } = await judge({ wanted: [u, document('queue/C', to('U'))], live, later: live });
    expect(
      plan.steps
        .filter(({ action }) => action === 'delete')
        .map(({ address }) => address)
        .sort(),
    ).toEqual(['queue/A', 'queue/B', 'row/P/one', 'table/P', 'team/T']);
    expect(judged.plan.steps).toEqual(plan.steps);
  });

  test('what was carried out before the run was cut off holds nothing, and what others made meanwhile does', async () => {
    const days = { wanted: [u, document('queue/A', to('U'))], live: [t, u, document('queue/A', to('T'))] };
    expect((await judge({ ...days, later: [t, u, document('queue/A', to('U'))] })).rule).toBeUndefined();
    expect((await judge({ ...days, later: [t, u, document('queue/A', to('U')), document('queue/B', to('T'))] })).rule).toContain('"queue/B"');
  });

  test('what is moved aside to be replaced is held with its temporary name', async () => {
    const kinds = (kind: string) => document('queue/K', to('U', { kind }));
    const user = document('queue/L', to('U', { backup: { queue: { $ref: 'queue/K' } } }));
    const days = { wanted: [u, kinds('new')], live: [u, kinds('old')] };
    expect((await judge({ ...days, later: days.live })).words).toEqual(
      (await judge({ ...days, later: days.live })).plan.steps.map(({ action, address }) => `${action} ${address}`),
    );
    const { judged, plan } = await judge({ ...days, later: [...days.live, user] });
    expect(plan.steps.filter(({ action }) => action === 'held')).toEqual([]);
    expect(judged.plan.steps.filter(({ action }) => action === 'held').map(({ held }) => [held?.action, held?.rule])).toEqual([
      ['replace', expect.stringContaining('"queue/L" refers to it')],
      ['replace', expect.stringContaining('"queue/L" refers to it')],
    ]);
  });
});

describe('nothing is deleted that something may refer to which could not be read whole when the plan is applied', () => {
  const days: Days = { wanted: [u], live: [t, u], later: [t, u] };
  const partly = (more: Partial<LiveSnapshot>): Days => ({ ...days, later: org([t, u], more) });
  const completeness = new Map([...snapshot([]).completeness, ['queue', 'part' as const]]);

  test.each([
    { reason: 'a type that may refer to it came in part', given: partly({ completeness }), what: 'queue' },
    {
      reason: 'two of a type that may refer to it share a name, and neither was read',
      given: partly({ twins: new Map([['queue/Q' as Address, ['1', '2']]]) }),
      what: 'queue',
    },
    { reason: 'the org answered nothing', given: partly({ completeness: new Map() }), what: 'flow, queue' },
  ])('$reason: it is held', async ({ given, what }) => {
    const { rule, readings } = await judge(given);
    expect(rule).toBe(`it may be referred to from what was not read whole: ${what}`);
    expect(readings).toEqual(['all']);
  });

  test('what stands outside of the declared types is looked through again, and what it uses is held', async () => {
    const found = (read: readonly string[], uses: readonly (readonly [Address, readonly string[]])[]) => ({
      referrers: async () => ({ types: new Map([['team', ['survey']]]), read: new Set(read), uses: new Map(uses) }),
    });
    expect((await judge(days, found(['survey'], []))).rule).toBeUndefined();
    expect((await judge(days, found([], []))).rule).toContain('not read whole: survey');
    expect((await judge(days, found(['survey'], [[T, ['survey "S"']]]))).rule).toContain('what stays refers to it: survey "S"');
  });

  test('types that the policy trusts need not be read, and what could not be read is told in any case', async () => {
    const problems = [{ code: 'READ_FORBIDDEN', severity: 'error', message: 'queue could not be read' }] as const;
    const { judged, rule } = await judge(partly({ completeness, problems }), { policy: { role: 'test', unreadReferrers: ['queue'] } });
    expect([rule, judged.problems]).toEqual([undefined, problems]);
  });

  test('a plan that deletes nothing reads what it names, and asks nobody else', async () => {
    const refuse = () => Promise.reject(new Error('nobody is asked'));
    const { readings } = await judge({ wanted: [t, u], live: [t], later: [t] }, { referrers: refuse });
    expect(readings).toEqual(['what it names']);
  });

  test('a policy that became stricter holds them all, and nothing else is read for them', async () => {
    const { readings, rule } = await judge(days, { policy: { role: 'test', protect: ['team'] } });
    expect([readings, rule]).toEqual([['what it names'], '"team" is protected in this org']);
  });
});
