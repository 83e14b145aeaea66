import { expect, test } from '@jest/globals';
import { parseJson } from '../../state/json.ts';

const cases = [
  { reason: 'a double has no room for it', text: '[9007199254740993]', want: [9007199254740993n] },
  { reason: 'negative ones too', text: '{"a":-12345678901234567890}', want: { a: -12345678901234567890n } },
  { reason: 'digits inside a string are text', text: '["1234567890123456789"]', want: ['1234567890123456789'] },
  { reason: 'an escaped quote does not end a string', text: '["\\"1234567890123456789"]', want: ['"1234567890123456789'] },
  { reason: 'a text that looks like our mark stays a text', text: '["int0:5", 9007199254740993]', want: ['int0:5', 9007199254740993n] },
  { reason: 'sixteen digits that a double holds stay a number', text: '[1000000000000000]', want: [1000000000000000] },
  { reason: 'a fraction is a number', text: '[1234567890123456.5, 1.0000000000000000]', want: [1234567890123456.5, 1] },
];

test.each(cases)('integers keep every digit: $reason', ({ text, want }) => {
  expect(parseJson(text)).toEqual(want);
});

test('a key named __proto__ is only a key', () => {
  const value = parseJson('{"__proto__": {"x": 1234567890123456789}}') as Record<string, unknown>;
  expect(Object.keys(value)).toEqual(['__proto__']);
  expect(({} as Record<string, unknown>)['x']).toBeUndefined();
});
