import { describe, expect, test } from '@jest/globals';
import { makeAddress } from '../../state/address.ts';
import { isNamedBy, matchesPattern } from '../../state/name-pattern.ts';

describe('patterns on keys', () => {
  const cases: readonly { reason: string; pattern: string; text: string; fits: boolean }[] = [
    { reason: 'a star is any text, none as well', pattern: 'Trade*', text: 'Trade', fits: true },
    { reason: 'a star in the middle goes as far as it must', pattern: '*X*c', text: 'aXbXc', fits: true },
    { reason: 'a question mark is one character, not one half of a pair', pattern: '??', text: 'é😀', fits: true },
    { reason: 'a question mark is not nothing', pattern: 'a?', text: 'a', fits: false },
    { reason: 'what means something to a regular expression is itself', pattern: '(a.c)[+$', text: '(a.c)[+$', fits: true },
    { reason: 'and nothing but itself', pattern: 'a.c', text: 'abc', fits: false },
    { reason: 'a line feed is a character like others', pattern: 'a*b', text: 'a\nb', fits: true },
    { reason: 'the whole key has to fit', pattern: 'Trade', text: 'Trade Desk', fits: false },
  ];
  test.each(cases)('$reason', ({ pattern, text, fits }) => expect(matchesPattern(text, pattern)).toBe(fits));

  test('a pattern of many stars takes no time', () => {
    const before = performance.now();
    expect(matchesPattern('a'.repeat(5_000), `${'*a'.repeat(500)}*b`)).toBe(false);
    expect(performance.now() - before).toBeLessThan(2_000);
  });

  test('a key fits as it stands in a document and as people say it', () => {
    const address = makeAddress('routing_queue', ['Sales / East']);
    expect([isNamedBy('Sales / *', address), isNamedBy('Sales %2F East', address), isNamedBy('Sales', address)]).toEqual([true, true, false]);
  });
});
