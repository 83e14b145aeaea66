import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type Address, makeAddress } from '../../state/address.ts';
import { hashDocument } from '../../state/canonical.ts';
import { type AssetContent, type DecodedDocument, decodeDocument, encodeDocument } from '../../state/codec.ts';
import { diffDocuments } from '../../state/diff.ts';
import type { Document } from '../../state/document.ts';
import { normalise } from '../../state/normalise.ts';
import type { ResourceType } from '../../state/resource-type.ts';
import { escapeLiteral, makeMap, sameValue, type Value, type ValueMap } from '../../state/value.ts';
import { crowd, prompt, safe, script, thing, types } from './codec-types.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
console.log(`documents: seed ${seed}`);

const decode = (text: string, files: Readonly<Record<string, AssetContent>> = {}): DecodedDocument =>
  decodeDocument({ file: 'manifests/t/x/a.yaml', text, types, asset: (name) => (Object.hasOwn(files, name) ? files[name] : undefined) });

function roundTrip(document: Document, type: ResourceType): Document {
  const { text, assets } = encodeDocument(document, type);
  const files = Object.fromEntries(assets.map(({ name, hash, content }) => [name, { hash: hash ?? '', ...(content === undefined ? {} : { text: content }) }]));
  const { document: back, problems } = decode(text, files);
  if (back === undefined) throw new Error(`${text}\n${problems.map(({ message }) => message).join()}`);
  const again = encodeDocument(back, type);
  expect(again.text).toBe(text);
  expect(again.assets).toEqual(assets);
  return back;
}

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.constantFrom('', 'null', 'no', '1.0', '$ref', '\u0024{ref:thing/a}', ' \n', '@only', '@@x', 'a#/b', '__proto__', 'a/b', '%2F'),
);
const { anyValue } = fc.letrec<{ anyValue: Value }>((tie) => ({
  anyValue: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Value>(null, true, false, 0, -0, 1.5, 2n ** 60n, [], makeMap([])),
    text,
    fc.array(tie('anyValue'), { maxLength: 4 }),
    fc.array(fc.tuple(text, tie('anyValue')), { maxLength: 4 }).map((entries) => makeMap(entries)),
  ),
}));
const anyBody = fc.array(fc.tuple(text, anyValue), { maxLength: 6 }).map((entries) => escapeLiteral(makeMap([...entries, ['size', 4]])) as ValueMap);
const anyDocument = fc
  .record(
    {
      parts: fc.array(
        text.filter((part) => part !== ''),
        { minLength: 1, maxLength: 3 },
      ),
      body: anyBody,
      protect: fc.constant(true),
      was: text,
      ignore: fc.array(
        text.map((path) => `/${path}`),
        { minLength: 1 },
      ),
    },
    { requiredKeys: ['parts', 'body'] },
  )
  .map(
    ({ parts, ignore, ...rest }): Document => ({
      address: makeAddress('crowd', parts),
      ...rest,
      ...(ignore === undefined ? {} : { ignore: [...ignore].sort() }),
    }),
  );

describe('one document', () => {
  test('stands in a file as an engineer would read it', () => {
    const document: Document = {
      address: makeAddress('crowd', ['Support']),
      protect: true,
      was: 'Help',
      ignore: ['/b', '/a'],
      body: {
        size: 3,
        members: [{ user: { $ref: 'thing/b' }, ring: 2 }, { user: { $ref: 'thing/a' } }],
        tags: ['b', 'a'],
        greeting: 'Hello\nyou\n',
        yes: 'no',
        note: null,
        none: [],
        empty: '',
        big: 9007199254740993n,
        secret: { $secret: 'NAME' },
      },
    };
    expect(encodeDocument(document, crowd, { schema: '../x.json' }).text).toBe(`# yaml-language-server: $schema=../x.json
type: crowd
key: Support
was: Help
protect: true
ignore:
  - /a
  - /b
body:
  big: 9007199254740993
  empty: ""
  greeting: |
    Hello
    you
  members:
    - user: { $ref: thing/a }
    - ring: 2
      user: { $ref: thing/b }
  none: []
  note: null
  secret: { $secret: NAME }
  tags:
    - a
    - b
  "yes": "no"
`);
  });

  test('decode(encode(x)) is x in its shortest form, and encodes to the same bytes', () => {
    fc.assert(
      fc.property(anyDocument, (document) => {
        const back = roundTrip(document, crowd);
        const { body, ...rest } = normalise(document, crowd);
        const { body: bodyBack, ...restBack } = back;
        expect(restBack).toEqual(rest);
        expect(sameValue(bodyBack, body)).toBe(true);
        expect(hashDocument(back)).toBe(hashDocument(normalise(document, crowd)));
      }),
      { seed, numRuns: 3000 },
    );
  });

  test('null, an empty text, an empty list, an empty map and a field left out stay five things', () => {
    const bodies: ValueMap[] = [{ a: null }, { a: '' }, { a: [] }, { a: makeMap([]) }, {}];
    const back = bodies.map((body) => roundTrip({ address: makeAddress('thing', ['x']), body }, thing).body);
    expect(back.map((body) => JSON.stringify(body))).toEqual(['{"a":null}', '{"a":""}', '{"a":[]}', '{"a":{}}', '{}']);
    expect(Object.is(roundTrip({ address: makeAddress('thing', ['x']), body: { a: -0 } }, thing).body['a'], -0)).toBe(true);
  });
});

test('the example of the docs is canonical', () => {
  const example = /```yaml\n([\s\S]*?)```/.exec(readFileSync('docs/canonical-form.md', 'utf8'))?.[1] ?? '';
  const queue: ResourceType = { ...thing, name: 'routing_queue', lists: { '/members': { kind: 'keyed', by: 'user' } } };
  const { document, problems } = decodeDocument({ file: 'docs', text: example, types: new Map([[queue.name, queue]]), asset: () => undefined });
  expect(problems).toEqual([]);
  expect(encodeDocument(document as Document, queue, { schema: '../../../schemas/types/routing_queue.schema.json' }).text).toBe(example);
});

describe('a file that is wrong', () => {
  const codes = (source: string) => decode(source).problems.map(({ code, place }) => `${code} ${place?.line}:${place?.column}`);

  test.each([
    ['key: a\nbody: {}\n', 'TYPE_IS_WRONG 1:1', 'no type'],
    ['type: thingg\nkey: a\nbody: {}\n', 'UNKNOWN_TYPE 1:1', 'an unknown type'],
    ['type: vendor_thing\nkey: a\nbody: {}\n', 'UNKNOWN_TYPE 1:1', "a vendor's name"],
    ['type: thing\nbody: {}\n', 'KEY_IS_WRONG 1:1', 'no key'],
    ['type: thing\nkey: 12\nbody: {}\n', 'KEY_IS_WRONG 2:1', 'a number as key'],
    ['type: thing\nkey: "{a}"\nbody: {}\n', 'KEY_IS_WRONG 2:1', 'a key that is not encoded'],
    ['type: thing\nkey: a\n', 'BODY_IS_WRONG 1:1', 'no body'],
    ['type: thing\nkey: a\nbody: []\n', 'BODY_IS_WRONG 3:1', 'a list as body'],
    ['type: thing\nkey: a\nprotekt: true\nbody: {}\n', 'UNKNOWN_FIELD 3:1', 'an unknown field'],
    ['type: thing\nkey: a\nprotect: "yes"\nbody: {}\n', 'FIELD_IS_WRONG 3:1', 'a text as protect'],
    ['type: thing\nkey: a\nwas: 1\nbody: {}\n', 'FIELD_IS_WRONG 3:1', 'a number as was'],
    ['type: thing\nkey: a\nignore: a\nbody: {}\n', 'FIELD_IS_WRONG 3:1', 'a text as ignore'],
    ['- a\n', 'NOT_A_DOCUMENT 1:1', 'a list'],
    ['type: prompt\nkey: a\nbody:\n  resources:\n    - audio: { $file: ../x.wav }\n', 'FILE_OUTSIDE 5:7', 'a file above the folder'],
    ['type: prompt\nkey: a\nbody:\n  resources:\n    - audio: { $file: /etc/passwd }\n', 'FILE_OUTSIDE 5:7', 'an absolute file'],
    ['type: prompt\nkey: a\nbody:\n  resources:\n    - audio: { $file: x.wav }\n', 'FILE_MISSING 5:7', 'a missing file'],
    ['type: thing\nkey: a\nbody:\n  b: { $file: x.wav }\n', 'FILE_NOT_EXPECTED 4:3', 'a file where none belongs'],
  ])('%j: %s, being %s', (source, problem) => {
    expect(codes(source)).toContain(problem);
    expect(decode(source).document).toBeUndefined();
  });

  test('the hint has the nearest name', () => {
    expect(decode('type: thingg\nkey: a\nprotekt: true\nbody: {}\n').problems.map(({ hint }) => hint)).toEqual([
      'did you mean "protect"?',
      'did you mean "thing"?',
    ]);
    expect(decode('type: vendor_thing\nkey: a\nbody: {}\n').problems[0]?.hint).toBe('did you mean "thing"?');
  });

  test('a file cut at any byte is reported, or its difference names every field and member that is gone', () => {
    const document: Document = {
      address: makeAddress('crowd', ['Support']),
      body: makeMap([
        ['lines', 'one\n\ntwo\nthree\n'],
        ['members', [{ user: { $ref: 'thing/a' } }, { user: { $ref: 'thing/b' }, ring: 20 }]],
        ['nested', { deep: { x: 1, y: null }, z: [1, [2, 'drei — ä']] }],
        ['number', 300],
        ['tags', ['a', 'b', 'long tag']],
        ['text', 'a: "quoted" \u202e'],
      ]),
    };
    const whole = Buffer.from(encodeDocument(document, crowd).text);
    let shown = 0;
    for (let length = 0; length < whole.length; length += 1) {
      const cut = decode(whole.subarray(0, length).toString());
      if (cut.document === undefined) {
        expect(cut.problems.length).toBeGreaterThan(0);
        continue;
      }
      shown += 1;
      const changes = diffDocuments(document, cut.document, crowd);
      const applied = Object.keys(document.body).filter((key) => !sameValue(document.body[key], cut.document?.body[key]));
      expect(applied.length).toBeGreaterThan(0);
      for (const key of applied) expect(changes.some(({ at }) => at === `/${key}` || at.startsWith(`/${key}/`))).toBe(true);
    }
    expect(shown).toBeGreaterThan(5);
  });
});

describe('assets', () => {
  const audio = (language: string, hash: string) => ({ language, audio: { $file: hash } });
  const greeting: Document = {
    address: makeAddress('prompt', ['Greeting']),
    body: { resources: [audio('en-us', 'sha256:1'), audio('de-de', 'sha256:2'), audio('DE-de', 'sha256:3')] },
  };

  test('bytes stand beside the document under the stem and what tells them apart', () => {
    const { assets, text: file } = encodeDocument(greeting, prompt);
    expect(assets.map(({ name, hash }) => [name.replace(/--.{12}/, '--hash'), hash])).toEqual([
      ['greeting.de-de--hash.wav', 'sha256:3'],
      ['greeting.de-de.wav', 'sha256:2'],
      ['greeting.en-us.wav', 'sha256:1'],
    ]);
    expect(file).toContain('audio: { $file: greeting.en-us.wav }');
    expect(sameValue(roundTrip(greeting, prompt).body, normalise(greeting, prompt).body)).toBe(true);
  });

  test('a name that a person gave stays, whatever the order of the list', () => {
    const first = decode('type: prompt\nkey: Greeting\nbody:\n  resources:\n    - { language: en-us, audio: { $file: my own.wav } }\n', {
      'my own.wav': { hash: 'sha256:1' },
    });
    expect(first.document?.body).toEqual(
      makeMap([
        [
          'resources',
          [
            makeMap([
              ['language', 'en-us'],
              ['audio', makeMap([['$file', 'sha256:1']])],
            ]),
          ],
        ],
      ]),
    );
    const { assets } = encodeDocument(greeting, prompt, { assetNames: first.assetNames });
    expect(assets.find(({ hash }) => hash === 'sha256:1')?.name).toBe('my own.wav');
  });

  test('a tree stands in its own file, and its problems and places are those of that file', () => {
    const document: Document = {
      address: makeAddress('script', ['Main Menu', 'inboundcall']),
      body: { content: { inboundCall: { name: 'Main Menu', states: [1, 2] } }, division: { $ref: 'thing/x' } },
    };
    const { text: file, assets } = encodeDocument(document, script);
    expect(file).toBe(
      'type: script\nkey: Main Menu/inboundcall\nbody:\n  content: { $file: main-menu_inboundcall.architect.yaml }\n  division: { $ref: thing/x }\n',
    );
    expect(assets).toEqual([
      { name: 'main-menu_inboundcall.architect.yaml', at: '/content', content: 'inboundCall:\n  name: Main Menu\n  states:\n    - 1\n    - 2\n' },
    ]);
    expect(sameValue(roundTrip(document, script).body, document.body)).toBe(true);
    const files = (content: string) => ({ 'main-menu_inboundcall.architect.yaml': { hash: '', text: content } });
    expect(decode(file, files('a: 1\na: 2\n')).problems[0]?.place).toEqual({ file: 'manifests/t/x/main-menu_inboundcall.architect.yaml', line: 2, column: 1 });
    expect(decode(file, files(assets[0]?.content ?? '')).places('/content/inboundCall/states/1')).toEqual({
      file: 'manifests/t/x/main-menu_inboundcall.architect.yaml',
      line: 5,
      column: 7,
    });
    expect(decode(file, files(assets[0]?.content ?? '')).places('/division')).toEqual({ file: 'manifests/t/x/a.yaml', line: 5, column: 3 });
  });

  test("a tree's own format is told whose it is, and does not hide a cut", () => {
    const rule = {
      at: '/content',
      form: 'tree',
      extension: 'txt',
      print: (value: Value, address?: string) => `${address}\n${JSON.stringify(value)}\n`,
      parse: (source: string, _: string, address?: string) =>
        source.startsWith(`${address}\n`) ? { value: JSON.parse(source.slice(source.indexOf('\n'))), problems: [] } : { problems: [] },
    } as const;
    const named: ResourceType = { ...thing, assets: [rule] };
    const document: Document = { address: makeAddress('thing', ['Own']), body: { content: { a: [1] } } };
    const { text: file, assets } = encodeDocument(document, named);
    expect(assets).toEqual([{ name: 'own.txt', at: '/content', content: 'thing/Own\n{"a":[1]}\n' }]);
    const read = (content: string) =>
      decodeDocument({ file: 'a.yaml', text: file, types: new Map([['thing', named]]), asset: () => ({ hash: '', text: content }) });
    expect(JSON.stringify(read(assets[0]?.content ?? '').document?.body)).toBe('{"content":{"a":[1]}}');
    expect(read('thing/Own\n{"a":[1]}').problems[0]?.code).toBe('FILE_CUT');
    expect(read('').problems[0]?.code).toBe('FILE_EMPTY');
  });

  test('a write-only secret stands as its name', () => {
    const document: Document = { address: makeAddress('safe', ['A']), body: { fields: { password: { $secret: 'A_PASSWORD' } } } };
    expect(encodeDocument(document, safe).text).toContain('password: { $secret: A_PASSWORD }');
    expect(roundTrip(document, safe).address).toBe('safe/A' as Address);
  });
});
