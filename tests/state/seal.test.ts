import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Address } from '../../state/address.ts';
import { canonicalJson, hashOf } from '../../state/canonical.ts';
import { parseJson } from '../../state/json.ts';
import { makePlan } from '../../state/make-plan.ts';
import { beginsAsPlan, openPlan, type SealFacts, sealPlan } from '../../state/seal.ts';
import { PLAN_SCHEMA } from '../../state/seal-schema.ts';
import { makeMap, type ValueMap } from '../../state/value.ts';
import { document, org, snapshot, types } from './sample-types.ts';

const facts: SealFacts = {
  org: { id: 'id-1', name: 'staging' },
  tree: 'practice',
  commit: 'abc',
  tool: '0.1.0',
  made: '2026-01-01T00:00:00Z',
  expires: '2026-01-01T01:00:00Z',
};
const now = Date.parse('2026-01-01T00:30:00Z');
const expected = { org: facts.org, tool: facts.tool, now };

const big = 123456789012345678901234567890n;
const wanted = [
  document('queue/A', { flow: { $ref: 'flow/F/call' }, limit: big, free: { ['__proto__']: { a: [null, '', [], -0] } }, kind: 'b' }),
  document('flow/F/call', { content: { uses: ['queue/A'] } }),
  document('login/L', { fields: { password: { $secret: 'NAME' } } }),
  document('team/T', { text: 'ü "quoted" \u0000 int0:9007199254740993' }),
];
const plan = makePlan({ wanted: snapshot(wanted), live: org([document('queue/A', { kind: 'a' })]), types, policy: { role: 'test' }, externals: new Map() });
const sealed = sealPlan(plan, facts);

const codes = (text: string, more: Partial<typeof expected> = {}) => openPlan(text, { ...expected, ...more }).problems.map((problem) => problem.code);

/** The file with its content changed and a digest that fits again: what somebody would make by hand who knows how. */
function reseal(change: (content: Record<string, unknown>) => void): string {
  const { digest: _, ...content } = parseJson(sealed) as ValueMap & { digest: string };
  change(content);
  const map = makeMap(Object.entries(content));
  return canonicalJson(makeMap([...Object.entries(map), ['digest', hashOf(canonicalJson(map))]]));
}

describe('a sealed plan', () => {
  test('opens as the plan that was sealed, and seals again to the same bytes', () => {
    const opened = openPlan(sealed, expected);
    expect(opened.problems).toEqual([]);
    expect(opened.facts).toEqual(facts);
    expect(sealed).toContain(`"digest":"${opened.digest}"`);
    expect(opened.plan?.steps.map((step) => step.address)).toEqual(plan.steps.map((step) => step.address));
    expect(opened.plan?.steps.find((step) => step.address === 'queue/A')?.document?.body['limit']).toBe(big);
    expect(opened.plan?.completeness.live.get('queue')).toBe('whole');
    expect(sealPlan(opened.plan!, opened.facts!)).toBe(sealed);
  });

  test('is told by how it begins, with or without what may be left out, and nothing else is', () => {
    const { commit: _, ...uncommitted } = facts;
    const bounded = { ...plan, allowDeletes: { count: 2 } };
    for (const text of [sealed, sealPlan(plan, uncommitted), sealPlan(bounded, facts), sealPlan(bounded, uncommitted)]) {
      expect([beginsAsPlan(text.slice(0, 200)), beginsAsPlan(`\n${text}`), beginsAsPlan(`[${text}]`)]).toEqual([true, false, false]);
    }
    for (const text of ['', '{', '{}', 'orgs:\n  a: {}\n', '{"name":"x","dependencies":{}}', '{"commit":"abc"}']) expect(beginsAsPlan(text)).toBe(false);
  });

  test('is canonical: one line, whatever the order in which the plan was made', () => {
    const other = makePlan({
      wanted: snapshot([...wanted].reverse()),
      live: org([document('queue/A', { kind: 'a' })]),
      types,
      policy: { role: 'test' },
      externals: new Map(),
    });
    expect(sealPlan(other, facts)).toBe(sealed);
    expect(sealed.indexOf('\n')).toBe(sealed.length - 1);
  });

  test('refuses any edit: every byte taken out or changed is noticed', () => {
    for (let at = 0; at < sealed.length - 1; at += 7) {
      expect(codes(`${sealed.slice(0, at)}${sealed.slice(at + 1)}`)).not.toEqual([]);
      expect(codes(`${sealed.slice(0, at)}${sealed[at] === '1' ? '2' : '1'}${sealed.slice(at + 1)}`)).not.toEqual([]);
    }
  });

  test.each([
    { reason: 'it expired', change: {}, more: { now: Date.parse('2026-01-01T01:00:00Z') }, code: 'PLAN_EXPIRED' },
    { reason: 'it is for another org', change: {}, more: { org: { id: 'id-2', name: 'production' } }, code: 'PLAN_OTHER_ORG' },
    { reason: 'another version made it', change: {}, more: { tool: '0.2.0' }, code: 'PLAN_OTHER_VERSION' },
  ])('is refused where $reason', ({ more, code }) => {
    expect(codes(sealed, more)).toEqual([code]);
  });

  test('tells all that is wrong at once', () => {
    const edited = sealed.replace('"tree":"practice"', '"tree":"other"');
    expect(codes(edited, { tool: '0.2.0', now: Date.parse('2027-01-01T00:00:00Z'), org: { id: 'x', name: 'x' } })).toEqual([
      'PLAN_EDITED',
      'PLAN_EXPIRED',
      'PLAN_OTHER_ORG',
      'PLAN_OTHER_VERSION',
    ]);
  });

  test.each([
    { reason: 'no JSON', text: '{', code: 'PLAN_UNREADABLE' },
    { reason: 'no object', text: '[]', code: 'PLAN_UNREADABLE' },
    { reason: 'no plan', text: '{}', code: 'PLAN_FORMAT' },
    {
      reason: 'a plan of a later form',
      text: reseal((content) => {
        content['format'] = 2;
      }),
      code: 'PLAN_FORMAT',
    },
    {
      reason: 'a field that no plan has',
      text: reseal((content) => {
        content['extra'] = 1;
      }),
      code: 'UNKNOWN_FIELD',
    },
    {
      reason: 'an expiry that is no instant',
      text: reseal((content) => {
        content['expires'] = 'never';
      }),
      code: 'PLAN_EXPIRED',
    },
  ])('is refused where it is $reason', ({ text, code }) => {
    expect(codes(text)).toEqual([code]);
  });

  test('without a commit, says none', () => {
    const { commit: _, ...bare } = facts;
    expect(openPlan(sealPlan(plan, bare), expected).facts).toEqual(bare);
  });

  test('holds secrets by their names alone', () => {
    expect(sealed).toContain('{"$secret":"NAME"}');
    expect(plan.steps.map((step) => step.address as Address)).toContain('login/L');
  });
});

test('the schema of a plan file is one', () => {
  expect(new Ajv2020().validateSchema(PLAN_SCHEMA)).toBe(true);
});
