import { expect, test } from '@jest/globals';
import type { Document } from '../../state/document.ts';
import { makePlan } from '../../state/make-plan.ts';
import type { Plan } from '../../state/plan.ts';
import { openPlan, sealPlan } from '../../state/seal.ts';
import { document, org, snapshot, types } from './sample-types.ts';

const CRM = document('login/CRM', { fields: { user: { $secret: 'CRM_USER' }, password: { $secret: 'CRM_PASSWORD' } } });
const LIVE = document('login/CRM', { fields: { user: { $secret: 'NAMED_BY_THE_READER_1' }, password: { $secret: 'NAMED_BY_THE_READER_2' } } });
const OTHER = document('login/Other', { fields: { key: { $secret: 'OTHER_KEY' } } });

function plan(rotate: readonly string[], wanted: readonly Document[] = [CRM, OTHER], live: readonly Document[] = [LIVE, OTHER], isKnown = true): Plan {
  const remembered = { documents: new Map(live.map((one) => [one.address, one])), ids: new Map() };
  const request = { wanted: snapshot(wanted), live: org(live), types, policy: { role: 'test' as const }, externals: new Map() };
  return makePlan({ ...request, rotate: new Set(rotate), ...(isKnown ? { remembered } : {}) });
}

const stepOf = (made: Plan, address: string) => made.steps.find((step) => step.address === address)!;

test('a secret that is rotated is an update of what uses it and of nothing else, though nothing differs that can be read', () => {
  const made = plan(['CRM_PASSWORD']);
  expect(made.problems).toEqual([]);
  expect(stepOf(made, 'login/CRM')).toMatchObject({
    action: 'update',
    changes: [{ at: '/fields/password', kind: 'change', before: { $secret: 'CRM_PASSWORD' }, after: { $secret: 'CRM_PASSWORD' } }],
    reasons: ['secrets are to be sent again: CRM_PASSWORD'],
  });
  expect(stepOf(made, 'login/CRM').after).toBe(stepOf(made, 'login/CRM').before);
  expect(stepOf(made, 'login/Other').action).toBe('unchanged');
  expect(stepOf(plan([]), 'login/CRM').action).toBe('unchanged');
});

test('what is adopted is rotated as well, and what is created is sent anyway', () => {
  expect(stepOf(plan(['CRM_USER'], [CRM], [LIVE], false), 'login/CRM')).toMatchObject({ action: 'adopt', changes: [{ at: '/fields/user' }] });
  expect(stepOf(plan(['CRM_USER'], [CRM], []), 'login/CRM')).toMatchObject({ action: 'create' });
});

test('a name that no document uses is a problem with the nearest one', () => {
  expect(plan(['CRM_PASWORD']).problems).toEqual([
    expect.objectContaining({ code: 'SECRET_UNKNOWN', severity: 'error', hint: 'did you mean "CRM_PASSWORD"?' }),
  ]);
});

test('a rotation is sealed into the plan', () => {
  const facts = { org: { id: 'o', name: 'n' }, tree: 't', tool: '1', made: '2026-01-01T00:00:00Z', expires: '2026-01-02T00:00:00Z' };
  const made = plan(['CRM_PASSWORD']);
  const { plan: opened, problems } = openPlan(sealPlan(made, facts), { org: facts.org, tool: '1', now: 0 });
  expect(problems).toEqual([]);
  expect(stepOf(opened!, 'login/CRM').changes.map(({ at, after }) => [at, { ...(after as object) }])).toEqual([
    ['/fields/password', { $secret: 'CRM_PASSWORD' }],
  ]);
});

test('where an org shows the names of secret fields, one more or one fewer is a change', () => {
  const more = document('login/CRM', { fields: { user: { $secret: 'CRM_USER' }, password: { $secret: 'CRM_PASSWORD' }, pin: { $secret: 'CRM_PIN' } } });
  expect(stepOf(plan([], [more]), 'login/CRM').changes).toEqual([{ at: '/fields/pin', kind: 'add', after: { $secret: 'CRM_PIN' } }]);
  const fewer = document('login/CRM', { fields: { user: { $secret: 'CRM_USER' } } });
  expect(stepOf(plan([], [fewer]), 'login/CRM').changes.map(({ at, kind }) => [at, kind])).toEqual([['/fields/password', 'remove']]);
  expect(stepOf(plan([], [CRM], [document('login/CRM')]), 'login/CRM').changes).toEqual([]);
});
