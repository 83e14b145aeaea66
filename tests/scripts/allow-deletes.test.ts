import { expect, test } from '@jest/globals';
import { ALLOW_DELETES, printDeleteLimit, readDeleteLimit } from '../../scripts/allow-deletes.ts';
import { Refused } from '../../state/problem.ts';

test('a budget is a count, or a count and a share; what was not said is no budget', () => {
  expect(readDeleteLimit(undefined, '--allow-deletes')).toBeUndefined();
  for (const [text, limit] of [
    ['0', { count: 0 }],
    ['5', { count: 5 }],
    ['5,10%', { count: 5, percent: 10 }],
    ['5,0.5%', { count: 5, percent: 0.5 }],
    ['100,100%', { count: 100, percent: 100 }],
  ] as const) {
    expect(readDeleteLimit(text, '--allow-deletes')).toEqual(limit);
    expect(readDeleteLimit(printDeleteLimit(limit), ALLOW_DELETES)).toEqual(limit);
  }
});

test('a budget that is not a number is refused, with what was read and what is meant', () => {
  for (const text of ['', 'all', '-1', '1.5', '5%', '5,10', '5,101%', '5, 10 %', '1e3', '0x10', '9999999999', '\u0665', '5;rm']) {
    let refused: unknown;
    try {
      readDeleteLimit(text, ALLOW_DELETES);
    } catch (failure) {
      refused = failure;
    }
    expect(refused).toBeInstanceOf(Refused);
    const { problems, exit } = refused as Refused;
    expect([exit, problems[0]?.message]).toEqual([3, `CORDBOARD_ALLOW_DELETES says "${text}", which is no number of objects`]);
    expect(problems[0]?.hint).toContain('CORDBOARD_ALLOW_DELETES=5, or 5,10%');
  }
});
