import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Address } from '../../state/address.ts';
import { escapeDollars, escapeText, mapText, plainText, refsInText, soleRef, textRef } from '../../state/text-refs.ts';

const ref = (to: string) => textRef(to as Address);
const inOrg = (text: string) => plainText(text, (address) => `<${address}>`);
/** Built from pieces, so that no reader takes it for JavaScript's. */
const look = (dollars: number, rest: string) => `${'$'.repeat(dollars)}{ref:${rest}`;

describe('a text of an org', () => {
  const pieces = fc.array(fc.constantFrom('$', '$$', '{ref:', 'a/b', '}', '{', 'words', look(1, 'a/b}'), look(2, ''), '\n', '"'), { maxLength: 12 });

  test('is escaped and read back as it was, and nothing in it is taken for a ref', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const text = parts.join('');
        expect(refsInText(escapeText(text))).toEqual([]);
        expect(inOrg(escapeText(text))).toBe(text);
      }),
    );
  });

  test('may have refs between whatever stands there, dollars right before them too', () => {
    fc.assert(
      fc.property(pieces, pieces, (before, after) => {
        const [left, right] = [before.join(''), after.join('')];
        const dollars = /\$*$/.exec(left)![0];
        // As a reader writes it: everything escaped, and the dollars before the ref once more.
        const escaped = escapeText(`${left} `).slice(0, -1);
        const canonical = `${escaped.slice(0, escaped.length - dollars.length)}${escapeDollars(dollars)}${ref('queue/X')}${escapeText(right)}`;
        expect(inOrg(canonical)).toBe(`${left}<queue/X>${right}`);
        expect(refsInText(canonical)).toEqual(['queue/X']);
      }),
    );
  });
});

test.each([
  { reason: 'one dollar is a ref', text: look(1, 'a/b}'), org: '<a/b>', refs: ['a/b'] },
  { reason: 'two are a literal', text: look(2, 'a/b}'), org: look(1, 'a/b}'), refs: [] },
  { reason: 'three are a dollar and a ref', text: look(3, 'a/b}'), org: '$<a/b>', refs: ['a/b'] },
  { reason: 'four are a literal with two', text: look(4, 'a/b}'), org: look(2, 'a/b}'), refs: [] },
  { reason: 'without an end it is no ref', text: look(1, 'a/b'), org: look(1, 'a/b'), refs: [] },
  { reason: 'a literal may hold a ref', text: `${look(2, '')}${look(1, 'a/b}')}}`, org: `${look(1, '')}<a/b>}`, refs: ['a/b'] },
])('$reason', ({ text, org, refs }) => {
  expect(inOrg(text)).toBe(org);
  expect(refsInText(text)).toEqual(refs);
});

test('other refs and other words are put in, and literals stay', () => {
  const text = `Old ${look(2, 'queue/Old}')} and ${ref('queue/Old')}`;
  const changed = mapText(text, { ref: () => 'queue/New', words: (words) => words.replace(/^Old/, 'Young') });
  expect(changed).toBe(`Young ${look(2, 'queue/Old}')} and ${ref('queue/New')}`);
});

test('a text that is one ref is told from one that holds one', () => {
  expect(soleRef(ref('a/b'))).toBe('a/b');
  for (const other of [` ${ref('a/b')}`, `${ref('a/b')}${ref('a/b')}`, look(2, 'a/b}'), 'a/b']) expect(soleRef(other)).toBeUndefined();
});
