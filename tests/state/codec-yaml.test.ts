import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parse as parseWithLibrary } from 'yaml';
import { makeMap, type Value } from '../../state/value.ts';
import { printYaml } from '../../state/yaml-print.ts';
import { readYaml } from '../../state/yaml-read.ts';

// Long because it lists every text that YAML takes for something else.
const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
console.log(`yaml: seed ${seed}`);

const MISTAKEN = [
  'null',
  'Null',
  'NULL',
  '~',
  '',
  'true',
  'True',
  'TRUE',
  'false',
  'yes',
  'Yes',
  'no',
  'NO',
  'on',
  'On',
  'off',
  'y',
  'Y',
  'n',
  'N',
  '.inf',
  '-.inf',
  '+.INF',
  '.nan',
  '.NaN',
  'inf',
  'nan',
  '0',
  '-0',
  '+0',
  '00',
  '0755',
  '00123',
  '+4420',
  '1_000',
  '0x1F',
  '0o17',
  '0b11',
  '1:20',
  '12:30:45',
  '1e3',
  '1E5',
  '1e400',
  '1.',
  '.5',
  '1.0',
  '-1.5e+3',
  '12e03',
  '2024-01-01',
  '2024-01-01T10:00:00Z',
  '2024-1-1 10:00:00.5 +01:00',
  '=',
  '<<',
  '!',
  '!!str',
  '&a',
  '*a',
  '@a',
  '`a',
  '%a',
  '? a',
  '- a',
  '-',
  '--',
  '---',
  '--- a',
  '...',
  '?',
  ':',
  ': a',
  'a: b',
  'a:',
  'a :b',
  'a #b',
  '#a',
  'a#b',
  '[',
  ']',
  '{',
  '}',
  ',',
  '{a: b}',
  '[a]',
  '|',
  '>',
  "'",
  '"',
  "'a'",
  '"a"',
  '\\',
  '\\n',
  ' a',
  'a ',
  '\ta',
  'a\t',
  'a\tb',
  '\n',
  ' \n',
  '\n ',
  'a\n',
  'a\n\n',
  '\na',
  'a\nb',
  'a \nb',
  'a\n b',
  ' a\nb',
  'a\n\nb\n',
  'a\r\nb',
  'a\rb',
  '\t\n',
  'a\n\t\n',
  '- a\n- b',
  'a: b\nc: d',
  '---\na',
  'a\n---\nb',
  'a\n...\n',
  '%YAML 1.1\n---',
  '# a\nb',
  'a\n# b',
  '<<<<<<< ours',
  '=======',
  '>>>>>>> theirs',
  '||||||| base',
  'a\n<<<<<<< ours\nb',
  'a\n=======\nb\n',
  'a\n  >>>>>>> theirs',
  '$ref',
  '\u0024{ref:a/b}',
  '$$ref',
  '\u0000',
  '\u0007',
  '\u001b[31m',
  '\u007f',
  '\u0080',
  '\u0085',
  'a\u0085b',
  '\u00a0',
  '\u00ad',
  '\u200b',
  '\u200d',
  '\u202e',
  '\u2028',
  'a\u2029b',
  '\ufeff',
  '\ufeffa',
  '\ufffe',
  '\uffff',
  '\ufffd',
  '\ud800',
  '\udc00',
  'a\udfffb',
  '\u{e0001}',
  '\u{1f600}',
  'e\u0301',
  '\u00e9',
  '受付',
  '受付　窓口',
  'مرحبا',
  'null ',
  'nullable',
  'y2',
  'No way',
  '123 Main Street',
  '+49 30 1234',
  'a@b.example',
  'https://a.example/b?c=d#e',
  'a,b',
  'a]b',
  'C:\\x',
  '1.2.3',
  '12abc',
  '__proto__',
  'x'.repeat(2000),
  `${'x '.repeat(600)}x`,
];

const unicode = [
  [0, 0x20],
  [0x20, 0x7f],
  [0x7f, 0xa1],
  [0x300, 0x36f],
  [0x590, 0x6ff],
  [0x1100, 0x11ff],
  [0x1680, 0x180f],
  [0x2000, 0x206f],
  [0x3000, 0x30ff],
  [0xd7f0, 0xe010],
  [0xfdd0, 0xfdef],
  [0xfe00, 0xfeff],
  [0xfff0, 0xffff],
  [0x1f000, 0x1ffff],
  [0xe0000, 0xe01ff],
  [0x10fff0, 0x10ffff],
] as const;
const character = fc.oneof(
  ...unicode.map(([min, max]) => fc.integer({ min, max }).map((code) => String.fromCodePoint(code))),
  fc.constantFrom('\n', ' ', '\t', ':', '#', '-', '"', "'", 'a', '\r'),
);
const anyText = fc.oneof(
  fc.constantFrom(...MISTAKEN),
  fc.array(character, { maxLength: 12 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary' }),
  fc.tuple(fc.constantFrom(...MISTAKEN), fc.constantFrom(...MISTAKEN)).map(([one, other]) => `${one}${other}`),
);
const anyNumber = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.maxSafeInteger(),
  fc.constantFrom<number | bigint>(
    0,
    -0,
    1e-7,
    1.5e-7,
    1e21,
    1.5e300,
    5e-324,
    Number.MAX_VALUE,
    Number.MAX_SAFE_INTEGER,
    2n ** 53n,
    2n ** 53n + 1n,
    -(2n ** 53n) - 1n,
    2n ** 200n,
    0.1 + 0.2,
  ),
);
const { anyValue } = fc.letrec<{ anyValue: Value }>((tie) => ({
  anyValue: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom<Value>(null, true, false, [], makeMap([]), { $ref: 'thing/a' }, { $var: 'no' }, { $external: 'a/{b}, c: d' }),
    anyText,
    anyNumber,
    fc.array(tie('anyValue'), { maxLength: 5 }),
    fc.array(fc.tuple(anyText, tie('anyValue')), { maxLength: 5 }).map((entries) => makeMap(entries)),
  ),
}));

const shown = (value: Value | undefined): string =>
  JSON.stringify(value, (_, item) => (typeof item === 'bigint' ? `${item}n` : Object.is(item, -0) ? '-0' : item));
const big = (value: Value): Value =>
  typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value) && !String(value).includes('e')
    ? BigInt(String(value))
    : Array.isArray(value)
      ? value.map(big)
      : typeof value === 'object' && value !== null
        ? makeMap(Object.entries(value).map(([key, item]) => [key, big(item)]))
        : value;

/** Keys are printed sorted, so values are compared with sorted keys. */
const sorted = (value: Value): Value =>
  Array.isArray(value)
    ? value.map(sorted)
    : typeof value === 'object' && value !== null
      ? makeMap(
          Object.keys(value)
            .sort()
            .map((key) => [key, sorted((value as Record<string, Value>)[key]!)]),
        )
      : value;

function read(text: string): Value {
  const found = readYaml('a.yaml', text);
  if (found.value === undefined) throw new Error(`${JSON.stringify(text)}: ${found.problems.map((problem) => problem.message).join()}`);
  return found.value;
}

describe('the canonical print', () => {
  test.each(MISTAKEN.map((text) => [text]))('%j reads back as itself, as value, key, item and root, also by the library in YAML 1.1 and 1.2', (text) => {
    const value: Value = makeMap([
      ['a', text],
      ['b', [text, [text]]],
      ['c', makeMap([[text, makeMap([[text, text]])]])],
      ['d', { $ref: text }],
    ]);
    const print = printYaml(value);
    expect(shown(read(print))).toBe(shown(value));
    expect(read(printYaml(text))).toBe(text);
    for (const version of ['1.1', '1.2'] as const) {
      const other = parseWithLibrary(print, { version, uniqueKeys: false, mapAsMap: true }) as Map<string, unknown>;
      expect(other.get('a')).toBe(text);
      expect([...(other.get('c') as Map<string, unknown>).keys()]).toEqual([text]);
      expect((other.get('d') as Map<string, string>).get('$ref')).toBe(text);
    }
  });

  test('every value reads back as itself, and prints the same bytes again', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const print = printYaml(value);
        const back = read(print);
        expect(shown(back)).toBe(shown(sorted(big(value))));
        expect(printYaml(back)).toBe(print);
        expect(print).toMatch(/[^\n]\n$|^\n$/);
      }),
      { seed, numRuns: 6000 },
    );
  });

  test('nothing invisible, no control and no half of a pair stands in the file as itself', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const print = printYaml([text]);
        expect(print).not.toMatch(/[^\P{Cc}\n\t]|[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff\u2028\u2029\u00a0]|\p{Cs}/u);
        expect(print).not.toMatch(/[ \t]\n/);
      }),
      { seed, numRuns: 5000 },
    );
  });

  test('text of several lines stands as it is read', () => {
    expect(
      printYaml(
        makeMap([
          ['script', 'if a:\n  b\n\nend\n'],
          ['open', 'a\nb'],
        ]),
      ),
    ).toBe('open: |-\n  a\n  b\nscript: |\n  if a:\n    b\n\n  end\n');
  });
});

describe('reading', () => {
  const problems = (text: string) => readYaml('a.yaml', text).problems.map(({ code, place }) => [code, place?.line, place?.column]);

  test.each([
    { text: 'a: 0755\n', at: ['NUMBER_IS_NOT_EXACT', 1, 4] },
    { text: 'a:\n  - 00123\n', at: ['NUMBER_IS_NOT_EXACT', 2, 5] },
    { text: 'a: 1e400\n', at: ['NUMBER_IS_NOT_EXACT', 1, 4] },
    { text: 'a: 1.0\n', at: ['NUMBER_IS_NOT_EXACT', 1, 4] },
    { text: 'a: +4420\n', at: ['NUMBER_IS_NOT_EXACT', 1, 4] },
    { text: 'a: 0x1F\n', at: ['NUMBER_IS_NOT_EXACT', 1, 4] },
    { text: 'a: .inf\n', at: ['NUMBER_IS_NOT_EXACT', 1, 4] },
    { text: 'a: 0.1000000000000000055\n', at: ['NUMBER_IS_NOT_EXACT', 1, 4] },
    { text: 'a: 1\nb: 2\na: 3\n', at: ['DUPLICATE_KEY', 3, 1] },
    { text: 'a: 1\n"\\u0061": 3\n', at: ['DUPLICATE_KEY', 2, 1] },
    { text: 'a: &x 1\nb: 2\n', at: ['YAML_ANCHOR', 1, 7] },
    { text: 'a: *x\n', at: ['YAML_ALIAS', 1, 4] },
    { text: 'a: !!str 1\n', at: ['YAML_TAG', 1, 10] },
    { text: 'a: !Ref 1\n', at: ['YAML_TAG', 1, 9] },
    { text: '!Ref a: 1\n', at: ['YAML_TAG', 1, 6] },
    { text: '%YAML 1.1\n---\na: no\n', at: ['YAML_DIRECTIVE', 1, 1] },
    { text: 'a: 1\n--- \nb: 1\n', at: ['YAML_SYNTAX', 2, 1] },
    { text: 'a:\nb: 1\n', at: ['VALUE_IS_MISSING', 1, 3] },
    { text: 'a: [1, , 2]\n', at: ['YAML_SYNTAX', 1, 8] },
    { text: 'a: {b}\n', at: ['VALUE_IS_MISSING', 1, 5] },
    { text: '1: a\n', at: ['KEY_IS_NO_TEXT', 1, 1] },
    { text: 'null: a\n', at: ['KEY_IS_NO_TEXT', 1, 1] },
    { text: '? [a]\n: b\n', at: ['KEY_IS_NO_TEXT', 1, 3] },
    { text: 'a: "b\n', at: ['YAML_SYNTAX', 2, 1] },
    { text: 'a: 1', at: ['FILE_CUT', 1, 5] },
    { text: '', at: ['FILE_EMPTY', 1, 1] },
    { text: ' \n', at: ['FILE_EMPTY', 1, 1] },
    { text: 'a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> x\n', at: ['MERGE_CONFLICT', 2, 1] },
    { text: 'a: |\n  x\n  <<<<<<< HEAD\n  y\n', at: ['MERGE_CONFLICT', 3, 1] },
    { text: 'a: |\n  x\n=======\n', at: ['MERGE_CONFLICT', 3, 1] },
    { text: 'a: b\0c\n', at: ['CONTROL_CHARACTER', 1, 5] },
    { text: 'a: 1\nb: \u001b[31m\n', at: ['CONTROL_CHARACTER', 2, 4] },
    { text: 'a: \ud800\n', at: ['CONTROL_CHARACTER', 1, 4] },
  ])('$text is refused with its place', ({ text, at }) => {
    expect(problems(text)).toContainEqual(at);
    expect(readYaml('a.yaml', text).value).toBeUndefined();
  });

  test('a second document is told in words for people, with what to do', () => {
    const [{ message, hint } = { message: '', hint: '' }] = readYaml('a.yaml', 'a: 1\n---\nb: 1\n').problems;
    expect([message, hint]).toEqual(['a second YAML document begins here, and a file holds one', expect.stringContaining('a file of its own')]);
  });

  test('a byte order mark and CRLF are accepted, and the places stay true', () => {
    expect(shown(read('\ufeffa: |\r\n  x\r\n  y\r\nb: 1\r\n'))).toBe('{"a":"x\\ny\\n","b":1}');
    expect(problems('\ufeffa: 1\r\nb: 01\r\n')).toEqual([['NUMBER_IS_NOT_EXACT', 2, 4]]);
  });

  test('all problems come at once', () => {
    expect(problems('a: 01\nb: 02\nb: 3\n')).toHaveLength(3);
  });

  test('keys like __proto__ are only keys', () => {
    const value = read('__proto__:\n  polluted: true\nconstructor:\n  prototype: { polluted: true }\n') as Record<string, Value>;
    expect(Object.keys(value)).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
    expect(Object.getPrototypeOf(value)).toBeNull();
  });

  test.each([
    ['['.repeat(100_000), 'brackets'],
    ['{a: '.repeat(100_000), 'braces'],
    [`a: ${'['.repeat(100_000)}${']'.repeat(100_000)}\n`, 'closed brackets'],
    ['- '.repeat(100_000), 'items in one line'],
    ['? '.repeat(100_000), 'keys in one line'],
    [Array.from({ length: 3000 }, (_, index) => `${' '.repeat(index)}a:\n`).join(''), 'indentation'],
    [Array.from({ length: 300 }, (_, index) => `${' '.repeat(index)}-\n`).join(''), 'items one below the other'],
    ['[&a '.repeat(50_000), 'anchors'],
  ])('%#: a nest of 100,000 is refused within a second of CPU', (nest) => {
    const started = process.cpuUsage().user;
    const found = readYaml('a.yaml', `${nest}\n`);
    expect(found.problems.map(({ code }) => code)).toEqual(['FILE_TOO_DEEP']);
    expect((process.cpuUsage().user - started) / 1000).toBeLessThan(1000);
  });

  test('exactly 100 levels are read', () => {
    const nest = (levels: number): Value => (levels === 0 ? 1 : levels % 2 === 0 ? [nest(levels - 1)] : makeMap([['a', nest(levels - 1)]]));
    expect(shown(read(printYaml(nest(100))))).toBe(shown(nest(100)));
    expect(readYaml('a.yaml', printYaml(nest(102))).problems[0]?.code).toBe('FILE_TOO_DEEP');
    expect(read(`a: "${'['.repeat(5000)}"\nb: |\n  ${'[ - ? '.repeat(5000)}x\n`)).toBeDefined();
  });

  test('an alias bomb is refused, not read', () => {
    const bomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
      .split('')
      .map((name, index) => `${name}: &${name} [${`*${'abcdefgh'[index]},`.repeat(8)}*${'abcdefgh'[index]}]\n`)
      .join('')}`;
    expect(readYaml('a.yaml', bomb).value).toBeUndefined();
  });

  test('big input is read in linear time, and too big input is refused', () => {
    const keys = `${Array.from({ length: 50_000 }, (_, index) => `k${index}: v\n`).join('')}`;
    const started = process.cpuUsage().user;
    expect(Object.keys(read(keys) as object)).toHaveLength(50_000);
    expect((process.cpuUsage().user - started) / 1000).toBeLessThan(5000);
    expect(read(printYaml('a\n'.repeat(2_000_000)))).toHaveLength(4_000_000);
    expect(read(printYaml(`x${'\u0001'.repeat(1_000_000)}`))).toHaveLength(1_000_001);
    expect(problems(`a: ${'x'.repeat(17_000_000)}\n`)).toEqual([['FILE_TOO_LARGE', 1, 1]]);
  });

  test('a place is the key of a field, or the item of a list, or what is nearest above', () => {
    const yaml = readYaml('a.yaml', 'a:\n  b:\n    - x: 1\n    - y: 2\n');
    expect(yaml.place('/a/b/1/y')).toEqual({ file: 'a.yaml', line: 4, column: 7 });
    expect(yaml.place('/a/b/1')).toEqual({ file: 'a.yaml', line: 4, column: 7 });
    expect(yaml.place('/a/b')).toEqual({ file: 'a.yaml', line: 2, column: 3 });
    expect(yaml.place('/a/z/1')).toEqual({ file: 'a.yaml', line: 1, column: 1 });
  });
});
