import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { escapeJson, escapeText, makeRedactor } from '../../scripts/view/escape.ts';

const HOSTILE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\u200b\u200e\u200f\ufeff]/u;

describe('names that are hostile to terminals are shown as what they are', () => {
  const cases = [
    { reason: 'a colour code could hide a line', text: '\u001b[31mred', want: '\\u{1b}[31mred' },
    { reason: 'a carriage return overwrites what stands before it', text: 'safe\revil', want: 'safe\\revil' },
    { reason: 'a line feed forges a line of its own', text: 'one\n+ flow/x', want: 'one\\n+ flow/x' },
    { reason: 'a bidi override shows text in another order', text: 'a\u202Eb', want: 'a\\u{202e}b' },
    { reason: 'the C1 controls are escape sequences of one byte', text: '\u009b31m', want: '\\u{9b}31m' },
    { reason: 'a zero-width space makes two names look alike', text: 'a\u200bb', want: 'a\\u{200b}b' },
    { reason: 'tags hide whole words', text: 'a\u{e0041}', want: 'a\\u{e0041}' },
    { reason: 'half a surrogate pair is no character', text: 'a\ud800', want: 'a\\u{d800}' },
    { reason: 'other scripts and emoji with joiners are plain text', text: 'Zürich 東京 👩‍🚒 العربية', want: 'Zürich 東京 👩‍🚒 العربية' },
  ];
  test.each(cases)('$reason', ({ text, want }) => expect(escapeText(text)).toBe(want));

  test('whatever the text, what is shown holds nothing hostile', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !HOSTILE.test(escapeText(text))));
  });

  test('a JSON line holds nothing hostile either, and says the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const line = escapeJson(JSON.stringify({ text }));
        return !HOSTILE.test(line) && (JSON.parse(line) as { text: string }).text === text;
      }),
    );
  });
});

test('a secret is taken out of a line in every spelling that it is likely to have', () => {
  const redactor = makeRedactor();
  redactor.add('p"ss w/rd');
  const line = `p"ss w/rd, ${JSON.stringify('p"ss w/rd')}, ${encodeURIComponent('p"ss w/rd')}, ${Buffer.from('p"ss w/rd').toString('base64')}`;
  expect(redactor.clean(line)).toBe('***, "***", ***, ***');
});
