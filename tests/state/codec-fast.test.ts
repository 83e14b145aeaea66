import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { encodeDocument } from '../../state/codec.ts';
import { makeMap, type Value } from '../../state/value.ts';
import { readOwnPrint, readYamlFast } from '../../state/yaml-fast.ts';
import { printYaml } from '../../state/yaml-print.ts';
import { readYaml } from '../../state/yaml-read.ts';
import { crowd } from './codec-types.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
console.log(`fast reading: seed ${seed}`);

const shown = (value: Value | undefined): string | undefined =>
  JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? `${item}n` : Object.is(item, -0) ? '-0' : item));
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.string({ maxLength: 8 }),
  fc.constantFrom(
    'a',
    'b',
    'a: b',
    '- a',
    'a:',
    '"',
    '\\',
    '\\U00000041',
    'one\ntwo\n',
    'one\n\n  two',
    'one\n',
    '{ $ref: a }',
    '{}',
    '[]',
    '|',
    '|-',
    'null',
    '1',
    '-0',
    '1.0e-7',
    '~',
    '',
    ' ',
    '\u{e0001}',
    '\u202e',
    '__proto__',
    'x'.repeat(1200),
  ),
);
const { anyValue } = fc.letrec<{ anyValue: Value }>((tie) => ({
  anyValue: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom<Value>(null, true, false, 0, -0, 1.5, 1e-7, 1e21, 2n ** 64n, [], makeMap([]), { $ref: 'thing/a' }, { $var: 'a: b' }, { $secret: '' }),
    text,
    fc.array(tie('anyValue'), { maxLength: 4 }),
    fc.array(fc.tuple(text, tie('anyValue')), { maxLength: 4 }).map((entries) => makeMap(entries)),
  ),
}));

describe('the fast reader', () => {
  test('it reads our own print, and just as the slow one does', () => {
    let fast = 0;
    fc.assert(
      fc.property(anyValue, (value) => {
        const print = printYaml(value);
        const read = readOwnPrint(print);
        if (read !== undefined) fast += 1;
        if (read !== undefined) expect(shown(read)).toBe(shown(readYaml('', print).value));
        expect(shown(readYamlFast('', print).value)).toBe(shown(readYaml('', print).value));
      }),
      { seed, numRuns: 4000 },
    );
    // Only keys of more than 1,000 characters take the slow way.
    expect(fast).toBeGreaterThan(3500);
  });

  test('documents are read the fast way, with an editor comment and without', () => {
    const document = {
      address: 'crowd/A' as never,
      protect: true,
      body: makeMap([
        ['b', [{ a: [1, [2]] }, 'x\ny\n']],
        ['a', makeMap([['$ref', 'thing/x']])],
      ]),
    };
    const print = encodeDocument(document, crowd).text;
    expect(readOwnPrint(print)).toBeDefined();
    expect(shown(readOwnPrint(encodeDocument(document, crowd, { schema: '../a.json' }).text))).toBe(shown(readOwnPrint(print)));
    expect(readYamlFast('a.yaml', print).place('/body/b/0/a')).toEqual({ file: 'a.yaml', line: 7, column: 7 });
  });

  test('whatever was changed in a print, it never reads what the slow reader would not', () => {
    const edits = fc.array(
      fc.tuple(
        fc.nat(400),
        fc.nat(3),
        fc.constantFrom(
          '',
          ' ',
          '  ',
          '\n',
          '- ',
          ': ',
          ':',
          '"',
          '#',
          ' # x',
          '|',
          '{',
          '}',
          '[]',
          'a',
          '0',
          '\\',
          '&a ',
          '*a',
          '!x ',
          '\r',
          '\t',
          '\ufeff',
          '\u0000',
          '---\n',
          '<<<<<<< x\n',
        ),
      ),
      {
        minLength: 1,
        maxLength: 3,
      },
    );
    let same = 0;
    fc.assert(
      fc.property(anyValue, edits, (value, changes) => {
        let print = printYaml(value);
        for (const [at, length, insert] of changes)
          print = `${print.slice(0, at % (print.length + 1))}${insert}${print.slice((at % (print.length + 1)) + length)}`;
        const read = readOwnPrint(print);
        if (read === undefined) return;
        same += 1;
        expect(shown(read)).toBe(shown(readYaml('', print).value));
      }),
      { seed, numRuns: 20_000 },
    );
    expect(same).toBeGreaterThan(500);
  });
});
