import { describe, expect, test } from '@jest/globals';
import type { Address } from '../../state/address.ts';
import type { Document } from '../../state/document.ts';
import { makePlan, type PlanRequest } from '../../state/make-plan.ts';
import type { Plan } from '../../state/plan.ts';
import type { TypeTable } from '../../state/resource-type.ts';
import { document, org, types as samples, snapshot } from './sample-types.ts';
import { ToyWorld } from './toy-world.ts';

const ALL = { allowDeletes: { count: 100, percent: 100 } };
const types: TypeTable = new Map([
  ...samples,
  ['queue', { ...samples.get('queue')!, lastOne: [{ at: '/members', rule: 'a staffed queue keeps a member' }] }],
  ['code', { ...samples.get('code')!, lastOne: [{ at: '/times', rule: 'what is used keeps a time', usedBy: ['queue'] }] }],
]);

function plan(wanted: readonly Document[], live: readonly Document[], more: Partial<PlanRequest> = {}): Plan {
  const remembered = { documents: new Map(live.map((one) => [one.address, one])), ids: org(live).ids };
  return makePlan({ wanted: snapshot(wanted), live: org(live), types, policy: { role: 'test' }, externals: new Map(), remembered, ...ALL, ...more });
}

/** The plan carried out, where nothing in it is held. */
function carriedOut(wanted: readonly Document[], live: readonly Document[], more: Partial<PlanRequest> = {}): Plan {
  const world = new ToyWorld(types, live);
  const made = plan(wanted, live, { ...more, live: world.live() });
  for (const step of made.steps) world.carryOut(step);
  expect(
    world
      .documents()
      .map((one) => one.address)
      .sort(),
  ).toEqual(wanted.map((one) => one.address).sort());
  return made;
}

const stepOf = ({ steps }: Plan, address: string) => steps.find((step) => step.address === address)!;
const words = ({ steps }: Plan) => steps.map((step) => `${step.action} ${step.address}`);
const rule = (made: Plan, address: string) => stepOf(made, address).held?.rule;

describe('deletions', () => {
  test('what is in no document goes where that is allowed, users before what they use', () => {
    const live = [document('team/T'), document('queue/A', { team: { $ref: 'team/T' } }), document('table/P'), document('row/P/one')];
    const made = carriedOut([], live);
    expect(words(made)).toEqual(['delete row/P/one', 'delete queue/A', 'delete team/T', 'delete table/P']);
    expect(stepOf(made, 'team/T')).toMatchObject({ id: expect.stringContaining('team'), needs: ['queue/A'] });
    expect(stepOf(made, 'team/T').document).toBeUndefined();
  });

  test('it waits for the steps of those that stay and drop their refs', () => {
    const live = [document('team/T'), document('team/U'), document('queue/A', { team: { $ref: 'team/T' } })];
    const made = carriedOut([document('team/U'), document('queue/A', { team: { $ref: 'team/U' } })], live);
    expect(stepOf(made, 'team/T').needs).toEqual(['queue/A']);
  });

  test('a ring of things to go is cut by clearing the smallest set of edges first', () => {
    const live = [document('queue/A', { backup: { queue: { $ref: 'queue/B' } } }), document('queue/B', { backup: { queue: { $ref: 'queue/A' } } })];
    const made = carriedOut([], live);
    expect(words(made)).toEqual(['update queue/A#/backup/queue', 'delete queue/A', 'delete queue/B'].sort((left, right) => (left < right ? 1 : -1)));
    expect(stepOf(made, 'queue/A#/backup/queue').document?.body).toEqual(document('x/y').body);
    expect(stepOf(made, 'queue/B').needs).toEqual(['queue/A#/backup/queue']);
  });

  test('where an asset has to be cleared, its placeholder takes its place', () => {
    const made = carriedOut([], [document('flow/F/call', { content: { uses: ['flow/F/call'] } })]);
    expect(stepOf(made, 'flow/F/call#/content').document?.body).toEqual(document('x/y', { content: { empty: true } }).body);
  });

  test('what lived beside and was left when the rest was applied neither goes nor counts, and holds what it refers to', () => {
    const live = [document('team/T'), document('team/U'), document('queue/A', { team: { $ref: 'team/T' } })];
    const made = plan([], live, { left: new Set(['queue/A' as Address]), allowDeletes: { count: 1, percent: 100 } });
    expect(words(made)).toEqual(['delete team/U', 'held team/T']);
    expect(rule(made, 'team/T')).toContain('what stays refers to it: queue/A');
  });

  test('nothing goes of what either side does not hold whole, or of what every org has, or of twins', () => {
    const live = org([document('team/T'), document('team/@home'), document('team/W')], { twins: new Map([['team/W' as Address, ['1', '2']]]) });
    const part = { completeness: new Map([['team', 'part' as const]]) };
    expect(plan([], [], { live: { ...live, ...part } }).steps).toEqual([]);
    expect(plan([], [], { live, wanted: { ...snapshot([]), ...part } }).steps).toEqual([]);
    expect(words(plan([], [], { live }))).toEqual(['delete team/T']);
  });

  describe('are held', () => {
    test('by a tree that calls a type whole which no export wrote, with what it refers to, whatever is allowed', () => {
      const live = [document('team/T'), document('queue/A', { team: { $ref: 'team/T' } })];
      const wanted = {
        ...snapshot([]),
        completeness: new Map([
          ['queue', 'part' as const],
          ['team', 'whole' as const],
        ]),
        doubted: new Set(['queue']),
      };
      const made = plan([], live, { wanted });
      expect(words(made)).toEqual(['held queue/A', 'held team/T']);
      expect([rule(made, 'queue/A'), stepOf(made, 'queue/A').held?.allow]).toEqual([
        expect.stringContaining('calls queue whole, and no export of this version wrote that'),
        expect.stringContaining('export queue again'),
      ]);
      expect(rule(made, 'team/T')).toContain('what stays refers to it: queue/A');
      expect(plan([], live, { wanted: { ...wanted, doubted: new Set() } }).steps.map(({ address }) => address)).toEqual(['team/T']);
    });

    test('by the command, the policy and the document, each with its way out', () => {
      const live = [document('team/T', {}, { protect: true }), document('team/U')];
      expect(rule(plan([], live), 'team/T')).toContain('protect: true');
      expect(rule(plan([], live, { policy: { role: 'test', protect: ['team'] } }), 'team/U')).toBe('"team" is protected in this org');
      expect(rule(plan([], live, { allowDeletes: { count: 0 } }), 'team/U')).toContain('1 of type team, where 0 may be');
      expect(rule(plan([], live, { policy: { role: 'production' } }), 'team/U')).toContain('production');
    });

    test('by what stays and refers to it, up to five of them by name, and what they refer to in turn', () => {
      const users = Array.from({ length: 7 }, (_, index) => document(`queue/${index}`, { team: { $ref: 'team/T' } }));
      const mine = [document('queue/mine', { team: { $ref: 'team/T' } })];
      const live = [document('team/T'), ...users, ...mine];
      const kept = plan([], live, { policy: { role: 'test', protect: ['queue'] } });
      expect(rule(kept, 'team/T')).toBe('what stays refers to it: queue/0, queue/1, queue/2, queue/3, queue/4 and 3 more');
    });

    test('by the child of what is to go that is not held whole in the tree', () => {
      const completeness = new Map([...snapshot([]).completeness, ['row', 'part' as const]]);
      const made = plan([], [document('table/P'), document('row/P/one')], { wanted: { ...snapshot([]), completeness } });
      expect(rule(made, 'table/P')).toBe('what stays refers to it: row/P/one');
    });

    test('by a ref that nobody manages, or that another still wants', () => {
      const live = [document('team/T'), document('queue/A', { team: { $ref: 'team/T' } })];
      const ignoring = plan([document('queue/A', {}, { ignore: ['/team'] })], live);
      expect(rule(ignoring, 'team/T')).toBe('what stays refers to it: queue/A');
      const outside = new Map([['team/T' as Address, ['id:team/T']]]);
      const wanting = plan([document('queue/A', { team: { $external: 'team/T' } })], live, { externals: outside });
      expect(rule(wanting, 'team/T')).toBe('what stays refers to it: queue/A');
    });

    test('by who refers to it and is in no step, since it has a problem', () => {
      const live = [document('team/T'), document('queue/A', { team: { $ref: 'team/T' } })];
      expect(rule(plan([document('queue/A', { team: { $ref: 'team/None' } })], live), 'team/T')).toBe('what stays refers to it: queue/A');
    });

    test('by a type that was not read whole and may refer to it, unless the policy names that', () => {
      const live = org([document('team/T')], { completeness: new Map([...snapshot([]).completeness, ['queue', 'part' as const], ['flow', 'none' as const]]) });
      expect(rule(plan([], [], { live }), 'team/T')).toBe('it may be referred to from what was not read whole: flow, queue');
      expect(words(plan([], [], { live, policy: { role: 'test', unreadReferrers: ['queue', 'flow'] } }))).toEqual(['delete team/T']);
    });

    test('by types that are not managed here: where they were not looked through, and where one refers to it', () => {
      const referrers = { types: new Map([['team', ['campaign']]]), read: new Set<string>(), uses: new Map() };
      const live = [document('team/T'), document('team/U')];
      expect(rule(plan([], live, { referrers }), 'team/T')).toBe('it may be referred to from what was not read whole: campaign');
      const found = { ...referrers, read: new Set(['campaign']), uses: new Map([['team/T' as Address, ['campaign "Spring"']]]) };
      const made = plan([], live, { referrers: found });
      expect(rule(made, 'team/T')).toBe('what stays refers to it: campaign "Spring"');
      expect(stepOf(made, 'team/U').action).toBe('delete');
    });

    test('by a possible rename that nobody answered, which is a problem where deletions are asked for', () => {
      const live = [document('team/Old', { a: 1 })];
      const made = plan([document('team/New', { a: 1 })], live);
      expect(made.problems.map(({ code, at, hint }) => [code, at, hint])).toEqual([
        ['RENAME_UNANSWERED', 'team/New', 'add the line "was: Old" if it is the same one, "was: none" if it is not'],
      ]);
      expect(words(made)).toEqual(['held team/Old']);
      expect(words(plan([document('team/New', { a: 1 }, { was: 'none' })], live))).toEqual(['create team/New', 'delete team/Old']);
      const quiet = makePlan({ wanted: snapshot([document('team/New', { a: 1 })]), live: org(live), types, policy: { role: 'test' }, externals: new Map() });
      expect(quiet.problems).toEqual([]);
    });

    test('all of them over the budget, but each protected one by its own rule', () => {
      const live = [document('team/A'), document('team/B'), document('team/C')];
      const made = plan([], live, { allowDeletes: { count: 1 }, policy: { role: 'test', protect: ['team/A'] } });
      expect(words(made)).toEqual(['held team/C', 'held team/B', 'held team/A']);
      expect(rule(made, 'team/A')).toContain('protected');
      expect(rule(made, 'team/B')).toContain('2 of type team, where 1 may be');
    });
  });
});

describe('the last one of a list', () => {
  const staffed = document('queue/A', { members: [{ user: { $ref: 'user/u' } }] });

  test('is not taken away, nor is what it refers to, unless the policy says so', () => {
    const made = plan([document('queue/A')], [staffed, document('user/u')]);
    expect(words(made)).toEqual(['held queue/A', 'held user/u']);
    expect(stepOf(made, 'queue/A').held).toEqual({
      action: 'update',
      rule: 'a staffed queue keeps a member: this would leave "/members" of "A" empty',
      allow: 'keep one there, or name "queue/A" under "mayBeEmpty" in the org\'s policy in cordboard.yaml',
    });
    expect(rule(made, 'user/u')).toBe('what stays refers to it: queue/A');
    for (const name of ['queue', 'queue/A']) {
      expect(words(plan([document('queue/A')], [staffed, document('user/u')], { policy: { role: 'test', mayBeEmpty: [name] } }))).toEqual([
        'update queue/A',
        'delete user/u',
      ]);
    }
  });

  test('may be taken away where one is left, or was never there, or nobody manages the list', () => {
    const two = document('queue/A', { members: [{ user: { $ref: 'user/u' } }, { user: { $ref: 'user/v' } }] });
    const users = [document('user/u'), document('user/v')];
    expect(words(plan([staffed, ...users], [two, ...users]))).toContain('update queue/A');
    expect(words(plan([document('queue/A', { limit: 1 })], [document('queue/A')]))).toEqual(['update queue/A']);
    expect(words(plan([document('queue/A', { limit: 1 }, { ignore: ['/members'] }), ...users], [two, ...users]))).toContain('update queue/A');
  });

  test('counts only while something uses it, where the rule says so', () => {
    const live = [document('code/c', { times: ['day'] }), document('queue/A', { codes: [{ $ref: 'code/c' }] })];
    const wanted = [document('code/c'), live[1]!];
    expect(rule(plan(wanted, live), 'code/c')).toBe('what is used keeps a time: this would leave "/times" of "c" empty, and "queue/A" uses it');
    expect(words(plan([document('code/c')], [live[0]!]))).toEqual(['update code/c']);
  });
});
