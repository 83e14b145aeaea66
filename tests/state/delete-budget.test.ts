import { describe, expect, test } from '@jest/globals';
import type { Address } from '../../state/address.ts';
import { type DeletionsToJudge, judgeDeletions, judgePlan } from '../../state/delete-budget.ts';
import type { Policy } from '../../state/policy.ts';

const deletions = (...addresses: string[]) => addresses.map((address) => ({ address: address as Address, action: 'delete' as const }));
const many = (type: string, count: number) => Array.from({ length: count }, (_, index) => `${type}/${index}`);

function judge(asked: readonly string[], more: Partial<DeletionsToJudge> = {}) {
  const living = new Map([
    ['team', 100],
    ['user', 10],
  ]);
  return judgeDeletions({ policy: { role: 'test' }, allowed: { count: 50, percent: 100 }, deletions: deletions(...asked), living, ...more });
}

describe('how much may be deleted', () => {
  test('nothing without a command, whatever the policy says', () => {
    const { allowed: _, ...nothing } = { allowed: undefined, policy: { role: 'test', deletes: { count: 5 } } as Policy };
    const held = judgeDeletions({ ...nothing, deletions: deletions('team/1'), living: new Map([['team', 100]]) });
    expect(held.get('team/1' as Address)).toEqual({
      action: 'delete',
      rule: 'nothing is deleted unless the command asks for it',
      allow: 'plan with --allow-deletes N',
    });
  });

  test.each([
    { reason: 'outside production the command alone is enough', policy: { role: 'test' }, allowed: { count: 3 }, asked: 3, held: 0 },
    { reason: 'in production the command alone is not', policy: { role: 'production' }, allowed: { count: 3 }, asked: 1, held: 1 },
    { reason: 'in production both together are', policy: { role: 'production', deletes: { count: 3 } }, allowed: { count: 3 }, asked: 3, held: 0 },
    { reason: 'the smaller count holds: the policy', policy: { role: 'test', deletes: { count: 2 } }, allowed: { count: 9 }, asked: 3, held: 3 },
    { reason: 'the smaller count holds: the command', policy: { role: 'test', deletes: { count: 9 } }, allowed: { count: 2 }, asked: 3, held: 3 },
    { reason: 'a count of nothing allows nothing', policy: { role: 'test' }, allowed: { count: 0 }, asked: 1, held: 1 },
    { reason: 'a fifth of a type goes without a word', policy: { role: 'test' }, allowed: { count: 50 }, asked: 20, held: 0 },
    { reason: 'more than a fifth does not', policy: { role: 'test' }, allowed: { count: 50 }, asked: 21, held: 21 },
    { reason: 'the smaller share holds', policy: { role: 'test', deletes: { count: 50, percent: 5 } }, allowed: { count: 50, percent: 50 }, asked: 6, held: 6 },
    { reason: 'a share that somebody says takes the place of a fifth', policy: { role: 'test' }, allowed: { count: 50, percent: 30 }, asked: 30, held: 0 },
    { reason: 'a share of nothing allows nothing, not even one', policy: { role: 'test' }, allowed: { count: 50, percent: 0 }, asked: 1, held: 1 },
    { reason: 'the policy says a share of nothing', policy: { role: 'test', deletes: { count: 9, percent: 0 } }, allowed: { count: 9 }, asked: 7, held: 7 },
    { reason: 'above nothing, a share leaves one alone to the count', policy: { role: 'test' }, allowed: { count: 50, percent: 0.1 }, asked: 1, held: 0 },
  ] as const)('$reason', ({ policy, allowed, asked, held }) => {
    expect(judge(many('team', asked), { policy, allowed }).size).toBe(held);
  });

  test('a share is taken of each type and of all: no type has a first one free', () => {
    const living = new Map([
      ['team', 2],
      ['user', 2],
    ]);
    const rule = (...asked: string[]) => judge(asked, { living, allowed: { count: 5 } }).get('team/1' as Address)?.rule;
    expect(rule('team/1')).toBeUndefined();
    expect(rule('team/1', 'user/1')).toContain('1 of 2 of type team, where 20 % may be (0); 1 of 2 of type user, where 20 % may be (0); 2 of 4 in this run');
    expect(rule('team/1', 'team/2')).toContain('2 of 2 of type team, where 20 % may be (0)');
  });

  test('many types with one deletion each are as many deletions as they are', () => {
    const types = Array.from({ length: 7 }, (_, index) => `type${index}`);
    const living = new Map([...types.map((type) => [type, 1] as const), ['user', 155]]);
    const held = (percent: number) =>
      judge(
        types.map((type) => `${type}/A`),
        { living, policy: { role: 'test', deletes: { count: 9, percent } } },
      );
    expect([0, 1, 99].map((percent) => held(percent).size)).toEqual([7, 7, 7]);
    expect(held(1).get('type0/A' as Address)?.rule).toContain('7 of 162 in this run, where 1 % may be (1)');
    expect(held(100).size).toBe(0);
  });

  test('over the budget none goes, and the rule tells every count that is too large', () => {
    const held = judge([...many('team', 4), ...many('user', 3)], { allowed: { count: 3, percent: 100 } });
    expect(held.size).toBe(7);
    expect(held.get('user/0' as Address)?.rule).toBe(
      'more is to be deleted than is allowed, so nothing is: 4 of type team, where 3 may be; 7 in this run, where 3 may be',
    );
    expect(held.get('user/0' as Address)?.allow).toContain('--allow-deletes 7');
  });

  test('what is protected is held by itself, and does not count', () => {
    const held = judge(['team/1', 'team/2', 'user/1'], { policy: { role: 'test', protect: ['user', 'team/2'] }, allowed: { count: 1, percent: 100 } });
    expect([...held].map(([address, { rule }]) => [address, rule])).toEqual([
      ['team/2', '"team/2" is protected in this org'],
      ['user/1', '"user" is protected in this org'],
    ]);
  });

  test('a plan is judged again by the policy of the day, and a replaced one by the key that people know', () => {
    const step = { changes: [], reasons: [], deferred: [], needs: [], action: 'delete' as const };
    const plan = {
      steps: [{ ...step, address: 'team/A ~cordboard-12345678#/~replaced' as Address, was: 'team/A' as Address }],
      living: new Map([['team', 9]]),
      allowDeletes: { count: 1 },
    };
    expect(judgePlan(plan, { role: 'test' }).size).toBe(0);
    expect(judgePlan(plan, { role: 'test', protect: ['team/A'] }).get('team/A' as Address)?.action).toBe('replace');
    expect(judgePlan(plan, { role: 'production' }).size).toBe(1);
  });
});
