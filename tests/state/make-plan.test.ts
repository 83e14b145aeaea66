import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Address } from '../../state/address.ts';
import type { Document } from '../../state/document.ts';
import { makePlan, type PlanRequest, planDrift } from '../../state/make-plan.ts';
import { hasChanges, type Plan } from '../../state/plan.ts';
import { hasErrors } from '../../state/problem.ts';
import { findOutside, resolveVariables } from '../../state/remap.ts';
import { edgeHash, resourceHash } from '../../state/step-hash.ts';
import { document, flow, org, queue, snapshot, types } from './sample-types.ts';

const at = (address: string) => address as Address;

function plan(wanted: readonly Document[], live: readonly Document[], more: Partial<PlanRequest> = {}): Plan {
  return makePlan({ wanted: snapshot(wanted), live: org(live), types, policy: { role: 'test' }, externals: new Map(), ...more });
}

/** Everything that lives was applied by us. */
function memoryOf(live: readonly Document[]) {
  return { documents: new Map(live.map((one) => [one.address, one])), ids: org(live).ids };
}

function known(wanted: readonly Document[], live: readonly Document[], more: Partial<PlanRequest> = {}): Plan {
  return plan(wanted, live, { remembered: memoryOf(live), ...more });
}

const words = ({ steps }: Plan) => steps.map((step) => `${step.action} ${step.address}`);
const codes = ({ problems }: Plan) => problems.map((problem) => `${problem.code} ${problem.at ?? ''}`);
const stepOf = ({ steps }: Plan, address: string) => steps.find((step) => step.address === address)!;

const SHOP = [
  document('team/T'),
  document('user/u'),
  document('queue/A', { team: { $ref: 'team/T' }, flow: { $ref: 'flow/F/call' }, members: [{ user: { $ref: 'user/u' } }] }),
  document('flow/F/call', { content: { uses: ['queue/A'], text: 'hello' } }),
  document('table/P'),
  document('row/P/one', { value: 1 }),
];

describe('plan', () => {
  test('an empty org gets everything, what is needed first, and deferred fields last', () => {
    const made = plan(SHOP, []);
    expect(words(made)).toEqual([
      'create team/T',
      'create user/u',
      'create queue/A',
      'create flow/F/call',
      'create table/P',
      'create queue/A#/flow',
      'create row/P/one',
    ]);
    expect(hasErrors(made.problems)).toBe(false);
    expect(stepOf(made, 'queue/A').document?.body).not.toHaveProperty('flow');
    expect(stepOf(made, 'queue/A').deferred).toEqual(['/flow']);
    expect(stepOf(made, 'queue/A#/flow').needs).toEqual(['flow/F/call', 'queue/A']);
    expect(stepOf(made, 'queue/A#/flow').document).toBe(SHOP[2]);
    expect(made.cycles).toEqual([{ path: ['flow/F/call', 'queue/A'], deferred: ['queue/A#/flow'], why: ['fewest-assets'] }]);
  });

  test('an org that has it all has nothing to do, in whatever spelling', () => {
    const live = SHOP.map((one) => (one.address === 'queue/A' ? { ...one, body: { ...one.body, tags: [], alert: { call: { seconds: 8 } } } } : one));
    const made = known(SHOP, live);
    expect(hasChanges(made)).toBe(false);
    expect(made.steps).toHaveLength(SHOP.length + 1);
    for (const step of made.steps) expect(step.after).toBe(step.before);
  });

  test('what lives and was not applied from here is adopted, with its changes or without', () => {
    const made = plan([document('team/T', { size: 2 }), document('team/U')], [document('team/T', { size: 1 }), document('team/U')]);
    expect(words(made)).toEqual(['adopt team/T', 'adopt team/U']);
    expect(stepOf(made, 'team/T').changes).toEqual([{ at: '/size', kind: 'change', before: 1, after: 2 }]);
    expect(stepOf(made, 'team/U').after).toBe(stepOf(made, 'team/U').before);
  });

  test('before and after are the hashes of the shortest forms, without what other steps write', () => {
    const live = [...SHOP.filter((one) => one.address !== 'queue/A'), document('queue/A', { team: { $ref: 'team/T' }, kind: 'x' })];
    const wanted = SHOP.map((one) => (one.address === 'queue/A' ? document('queue/A', { ...one.body, kind: 'x' }) : one));
    const made = known(wanted, live);
    const step = stepOf(made, 'queue/A');
    expect(step.before).toBe(resourceHash(live.at(-1)!, queue, ['/flow']));
    expect(step.after).toBe(resourceHash(wanted[2]!, queue, ['/flow']));
    const edge = stepOf(made, 'queue/A#/flow');
    expect(edge.action).toBe('update');
    expect(edge.before).toBe(edgeHash(edge.address, live.at(-1)!.body, '/flow'));
    expect(edge.after).toBe(edgeHash(edge.address, wanted[2]!.body, '/flow'));
    expect(edge.changes.map((change) => `${change.kind} ${change.at}`)).toEqual(['add /flow']);
  });

  test('a change of a deferred field is a change of the edge alone', () => {
    const live = SHOP.map((one) => (one.address === 'queue/A' ? document('queue/A', { ...one.body, flow: { $ref: 'flow/G/call' } }) : one));
    const made = known(SHOP, live);
    expect(made.steps.filter((step) => step.action !== 'unchanged').map((step) => step.address)).toEqual(['queue/A#/flow']);
  });

  test('a flow whose content is written later is created with its placeholder, and a live one keeps what it has', () => {
    const pair = [document('flow/F/call', { content: { uses: ['flow/G/call'] } }), document('flow/G/call', { content: { uses: ['flow/F/call'] } })];
    expect(stepOf(plan(pair, []), 'flow/F/call').document?.body).toEqual(document('x/y', { content: { empty: true } }).body);
    const made = known(pair, [document('flow/F/call', { content: { old: 1 } }), pair[1]!]);
    expect(stepOf(made, 'flow/F/call').action).toBe('unchanged');
    expect(stepOf(made, 'flow/F/call').document?.body).toEqual(document('x/y', {}).body);
    expect(stepOf(made, 'flow/F/call#/content').action).toBe('update');
    expect(flow.isRenamable).toBe(false);
  });

  describe('deletion and replacement', () => {
    test('what is in no document is shown as held, what others need last', () => {
      const made = known([document('team/T')], SHOP);
      expect(words(made)).toEqual(['unchanged team/T', 'held row/P/one', 'held table/P', 'held flow/F/call', 'held queue/A', 'held user/u']);
      expect(stepOf(made, 'user/u').held).toEqual({
        action: 'delete',
        rule: 'nothing is deleted unless the command asks for it',
        allow: 'plan with --allow-deletes N',
      });
    });

    test.each([
      { reason: 'the org was read in part', live: 'part', wanted: 'whole' },
      { reason: 'the org was not read', live: 'none', wanted: 'whole' },
      { reason: 'the tree holds the type in part', live: 'whole', wanted: 'part' },
      { reason: 'the tree says nothing of the type', live: 'whole', wanted: undefined },
    ] as const)('nothing is to be deleted where $reason', ({ live, wanted }) => {
      const completeness = (mark: 'whole' | 'part' | 'none' | undefined) => new Map(mark === undefined ? [] : [['team', mark] as const]);
      const made = plan([], [], {
        wanted: { ...snapshot([]), completeness: completeness(wanted) },
        live: org([document('team/T')], { completeness: completeness(live) }),
      });
      expect(made.steps).toEqual([]);
    });

    test.each([
      { reason: 'the org is production', policy: { role: 'production' as const }, protect: false, rule: /production/ },
      { reason: 'its type is protected', policy: { role: 'test' as const, protect: ['team'] }, protect: false, rule: /"team" is protected/ },
      { reason: 'its address is protected', policy: { role: 'test' as const, protect: ['team/T'] }, protect: false, rule: /"team\/T" is protected/ },
      { reason: 'the document said so when it was applied', policy: { role: 'test' as const }, protect: true, rule: /protect: true/ },
    ])('the rule that holds is named: $reason', ({ policy, protect, rule }) => {
      const live = [document('team/T', {}, { protect })];
      expect(known([], live, { policy }).steps[0]?.held?.rule).toMatch(rule);
    });

    test('a field that cannot change makes a replacement, which is held with its changes', () => {
      const made = known([document('queue/A', { kind: 'new', limit: 2 })], [document('queue/A', { kind: 'old', limit: 1 })]);
      expect(words(made)).toEqual(['held queue/A']);
      expect(made.steps[0]?.held?.action).toBe('replace');
      expect(made.steps[0]?.changes.map((change) => change.at)).toEqual(['/kind', '/limit']);
      expect(made.steps[0]?.reasons).toContain('cannot change once it exists: /kind');
    });

    test('singletons and the home division are never to be deleted', () => {
      expect(plan([], [document('team/@home'), document('team/@only')]).steps).toEqual([]);
    });
  });

  describe('renames', () => {
    test('"was" keeps the id and the object, and the old key is not to be deleted', () => {
      const made = known([document('team/New', {}, { was: 'Old' })], [document('team/Old')]);
      expect(words(made)).toEqual(['update team/New']);
      expect(made.steps[0]).toMatchObject({ was: 'team/Old', id: 'id:team/Old', changes: [] });
    });

    test('a key that is given up is taken over only after that', () => {
      const made = known([document('team/A', {}, { was: 'B' }), document('team/B', {}, { was: 'C' })], [document('team/B', { a: 1 }), document('team/C')]);
      expect(words(made)).toEqual(['update team/A', 'update team/B']);
      expect(stepOf(made, 'team/B').needs).toEqual(['team/A']);
    });

    test('a new document under a key that is given up is created after the rename, not matched with what moves away', () => {
      const made = known([document('team/New', { a: 1 }, { was: 'Old' }), document('team/Old', { b: 2 })], [document('team/Old', { a: 1 })]);
      expect(words(made)).toEqual(['update team/New', 'create team/Old']);
      expect(stepOf(made, 'team/Old').needs).toEqual(['team/New']);
      expect(stepOf(made, 'team/Old').id).toBeUndefined();
    });

    test('where both keys live, "was" is a problem that lists both ids, and nothing is planned for it', () => {
      const made = plan([document('team/New', {}, { was: 'Old' })], [document('team/Old'), document('team/New')]);
      expect(codes(made)).toEqual(['RENAME_TAKEN team/New']);
      expect(made.problems[0]?.message).toContain('id:team/Old, id:team/New');
      expect(words(made)).toEqual(['held team/Old']);
    });

    test('a rename that is done needs no line to be taken out', () => {
      expect(words(known([document('team/New', {}, { was: 'Old' })], [document('team/New')]))).toEqual(['unchanged team/New']);
    });

    test('a rename made in the org is told by the remembered id, and put back', () => {
      const applied = [document('team/Old', { a: 1 })];
      const made = plan(applied, [], {
        live: org([document('team/New', { a: 1 })], { ids: new Map([[at('team/New'), 'id:team/Old']]) }),
        remembered: memoryOf(applied),
      });
      expect(words(made)).toEqual(['update team/Old']);
      expect(made.steps[0]).toMatchObject({ was: 'team/New', id: 'id:team/Old' });
      expect(made.steps[0]?.reasons).toEqual(['it was renamed to "New" in the org since it was last applied']);
    });

    test('what took over the key of another wanted one is matched by its key, and the missing one is created', () => {
      const applied = [document('team/A'), document('team/B')];
      const live = org([document('team/B')], { ids: new Map([[at('team/B'), 'id:team/A']]) });
      expect(words(plan(applied, [], { live, remembered: memoryOf(applied) }))).toEqual(['create team/A', 'unchanged team/B']);
    });

    describe('an id map that lies renames nothing', () => {
      const applied = [document('team/Old', { a: 1 })];
      const others = [document('team/Other', { b: 1 })];
      const lie = at('team/Old');
      const cases = [
        { reason: 'the id is of what was left beside, under its own name', more: { left: new Set([at('team/Other')]) }, ids: [] },
        { reason: 'two addresses are said to have had one id', more: {}, ids: [[at('team/Gone'), 'id:team/Other']] as const },
        { reason: 'the id is of an object of another type', more: {}, ids: [], owner: 'queue/Other' },
      ];
      test.each(cases)('$reason', ({ more, ids, owner = 'team/Other' }) => {
        const remembered = { documents: new Map([[lie, applied[0] as never]]), ids: new Map([[lie, `id:${owner}`], ...ids]), ...more };
        const made = plan(applied, [], { live: org(owner === 'team/Other' ? others : [document(owner)]), remembered });
        expect(words(made)).toEqual(expect.arrayContaining(['create team/Old']));
        expect(words(made).filter((word) => /update|delete|adopt/.test(word))).toEqual([]);
      });
    });

    test('a rename of a type whose key cannot change is held', () => {
      expect(stepOf(known([document('flow/G/call', {}, { was: 'F/call' })], [document('flow/F/call')]), 'flow/G/call').held?.action).toBe('replace');
    });

    test('one that vanished and one that is new, with one body, are shown as a possible rename with the line to add', () => {
      const made = known([document('team/New', { a: 1 })], [document('team/Old', { a: 1 })]);
      expect(words(made)).toEqual(['create team/New', 'held team/Old']);
      expect(made.steps[0]?.reasons.join()).toContain('add the line "was: Old"');
      expect(made.steps[1]?.reasons.join()).toContain('add the line "was: Old"');
      const answered = known([document('team/New', { a: 1 }, { was: 'none' })], [document('team/Old', { a: 1 })]);
      expect(answered.steps.flatMap((step) => step.reasons).join()).not.toContain('was:');
    });
  });

  describe('problems before anything', () => {
    const pointing = (ref: object) => [document('queue/A', { team: ref }), document('team/Other')];
    test.each([
      { reason: 'a ref to nothing', ref: { $ref: 'team/Othr' }, code: 'REF_NOT_FOUND', text: 'did you mean "team/Other"' },
      { reason: 'an external that the org lacks', ref: { $external: 'team/Out' }, code: 'REF_NOT_IN_ORG', text: 'create it in the org' },
      { reason: 'a deleted target', ref: { $external: 'team/Gone' }, code: 'REF_DELETED', text: 'restore it' },
      { reason: 'a target of the wrong type', ref: { $external: 'user/u' }, code: 'REF_WRONG_TYPE', text: 'team/...' },
      { reason: 'an ambiguous target', ref: { $external: 'team/Twin' }, code: 'REF_AMBIGUOUS', text: 'rename' },
      { reason: 'what is no address', ref: { $ref: 'Team T' }, code: 'REF_MALFORMED', text: 'type/key' },
      { reason: 'a variable without a value', ref: { $var: 'home' }, code: 'VAR_NOT_SET', text: 'values' },
    ])('$reason is a problem with its place, and neither it nor what needs it is planned', ({ ref, code, text }) => {
      const wanted = [...pointing(ref), document('queue/B', { free: { $ref: 'queue/A' } })];
      const externals = new Map([[at('team/Twin'), ['id1', 'id2']]]);
      const made = plan(wanted, [], { externals, live: org([], { deleted: new Set([at('team/Gone')]) }) });
      expect(made.problems.map((problem) => [problem.code, problem.at, problem.pointer])).toEqual([[code, 'queue/A', '/team']]);
      expect(made.problems[0]?.hint).toContain(text);
      expect(words(made)).toEqual(['create team/Other']);
    });

    test('an external that the org holds once is none', () => {
      expect(plan(pointing({ $external: 'team/Out' }), [], { externals: new Map([[at('team/Out'), ['id1']]]) }).problems).toEqual([]);
    });

    test('both ids of an ambiguous key are listed, and neither is touched', () => {
      const made = plan([document('team/T')], [], { live: org([], { twins: new Map([[at('team/T'), ['id2', 'id1']]]) }) });
      expect(codes(made)).toEqual(['AMBIGUOUS_KEY team/T']);
      expect(made.problems[0]?.message).toContain('id1, id2');
      expect(made.steps).toEqual([]);
    });

    test('nothing is called missing whose type was not read whole', () => {
      const completeness = new Map([['team', 'part'] as const]);
      const made = plan([document('team/T'), document('team/U')], [], { live: org([document('team/U')], { completeness }) });
      expect(codes(made)).toEqual(['TYPE_NOT_READ team/T']);
      expect(words(made)).toEqual(['adopt team/U']);
    });

    test('names that a flow uses may live outside of the manifests, if they live', () => {
      const wanted = [document('flow/F/call', { content: { uses: ['queue/Out'] } })];
      expect(findOutside(snapshot(wanted), types)).toEqual(['queue/Out']);
      expect(codes(plan(wanted, []))).toEqual(['REF_NOT_IN_ORG flow/F/call']);
      expect(codes(plan(wanted, [], { externals: new Map([[at('queue/Out'), ['id']]]) }))).toEqual([]);
    });

    test('one that was deleted in the org and is wanted again is created, and the plan says that this restores it', () => {
      const made = plan([document('user/u')], [], { live: org([], { deleted: new Set([at('user/u')]) }) });
      expect(made.steps[0]).toMatchObject({ action: 'create', reasons: ['it is deleted in the org, and creating it restores it'] });
    });
  });

  test('a variable stands for its value, null included', () => {
    const wanted = snapshot([document('queue/A', { limit: { $var: 'limit' }, description: { $var: 'none' } })]);
    const resolved = resolveVariables(
      wanted,
      types,
      new Map<string, number | null>([
        ['limit', 5],
        ['none', null],
      ]),
    );
    expect(resolved.problems).toEqual([]);
    expect(resolved.documents.get(at('queue/A'))?.body).toEqual(document('x/y', { limit: 5, description: null }).body);
  });

  test('drift is the plan of what was applied last', () => {
    const live = SHOP.map((one) => (one.address === 'row/P/one' ? document('row/P/one', { value: 7 }) : one));
    const made = planDrift({ applied: { ...snapshot(SHOP), ids: org(SHOP).ids }, live: org(live), types, policy: { role: 'test' }, externals: new Map() });
    expect(made.steps.filter((step) => step.action !== 'unchanged').map((step) => [step.action, step.address, step.changes])).toEqual([
      ['update', 'row/P/one', [{ at: '/value', kind: 'change', before: 7, after: 1 }]],
    ]);
  });

  test('the same plan comes of the same documents, in whatever order they stand', () => {
    const pool = [
      ...SHOP,
      document('queue/B', { team: { $ref: 'team/None' } }),
      document('team/V', { a: 1 }),
      document('queue/C', { backup: { queue: { $ref: 'queue/A' } } }),
    ];
    const subset = fc.shuffledSubarray(pool, { minLength: pool.length });
    fc.assert(
      fc.property(subset, subset, fc.nat(pool.length), (wanted, live, count) => {
        const kept = new Set(pool.slice(0, count).map((one) => one.address));
        const lives = (documents: readonly Document[]) => documents.filter((one) => kept.has(one.address));
        expect(plan(wanted, lives(live))).toEqual(plan(pool, lives(pool)));
      }),
      { numRuns: 100 },
    );
  });
});
