import { describe, expect, test } from '@jest/globals';
import { unknownNames } from '../../state/policy-names.ts';

const ADDRESSES = ['routing_queue/Sales', 'routing_queue/Support', 'routing_queue/@@home'];
const known = {
  types: ['routing_queue', 'routing_skill', 'user'],
  aliases: ['routing:queue', 'genesyscloud_user'],
  addressesOf: (type: string) => (type === 'routing_queue' ? ADDRESSES : undefined),
};
const told = (policy: object, ignore = {}, filters = {}) =>
  unknownNames({ policy, ignore, filters }, known).map(({ pointer, problem }) => `${pointer} ${problem.message}; ${problem.hint}`);

describe('entries of the configuration that name what is not there', () => {
  test('what names a type, an object that is there, or one of a type that was not read, is right', () => {
    expect(
      told({ protect: ['routing_queue', 'routing_queue/Sales', 'user/anybody@example.com'], mayBeEmpty: ['routing_queue/@@home'] }, { user: ['/title'] }),
    ).toEqual([]);
  });

  test('a slip is told as a warning, with its place, what it does not do and the nearest name', () => {
    const policy = { protect: ['user', 'routing_quue', 'routing_quue/Sales', 'routing_queue/Sals'], mayBeEmpty: ['routing_queue/support'] };
    expect(told(policy, { routing_skil: ['/name'] })).toEqual([
      '/policy/protect/1 "routing_quue" under "protect" protects nothing: there is no such type; did you mean "routing_queue"?',
      '/policy/protect/2 "routing_quue/Sales" under "protect" protects nothing: there is no such type; did you mean "routing_queue/Sales"?',
      '/policy/protect/3 "routing_queue/Sals" under "protect" protects nothing: there is no such object in the files or in the org; did you mean "routing_queue/Sales"?',
      '/policy/mayBeEmpty/0 "routing_queue/support" under "mayBeEmpty" lets nothing be emptied: there is no such object in the files or in the org; did you mean "routing_queue/Support"?',
      '/ignore/routing_skil "routing_skil" under "ignore" ignores nothing: there is no such type; did you mean "routing_skill"?',
    ]);
    expect(unknownNames({ policy, ignore: {}, filters: {} }, known).every(({ problem }) => problem.severity === 'warning')).toBe(true);
  });

  test('what is no address at all, and what nothing is near to, come with what to write', () => {
    expect(told({ protect: ['routing_queue/', 'everything'] }, { nothing: ['/name'] })).toEqual([
      '/policy/protect/0 "routing_queue/" under "protect" protects nothing: there is no such address; write the name of a type, or an address as a plan shows it; or take the entry out',
      '/policy/protect/1 "everything" under "protect" protects nothing: there is no such type; write the name of a type, or an address as a plan shows it; or take the entry out',
      '/ignore/nothing "nothing" under "ignore" ignores nothing: there is no such type; write the name of a type; or take the entry out',
    ]);
  });

  test('a filter may name a type by any of its names; a slip in one is an error, since no export runs with it', () => {
    expect(told({}, {}, { types: ['user', 'routing:queue'] })).toEqual([]);
    expect(told({}, {}, { types: ['user', 'routing:quue', 'everything'] })).toEqual([
      '/filters/types/1 "routing:quue" is no type that this version knows; did you mean "routing:queue"?',
      expect.stringMatching(/^\/filters\/types\/2 "everything" is no type that this version knows; write the name of a type/),
    ]);
    expect(unknownNames({ policy: {}, ignore: {}, filters: { types: ['usr'] } }, known)).toMatchObject([{ problem: { severity: 'error' } }]);
  });
});
