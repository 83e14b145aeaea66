import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { makeAddress } from '../../state/address.ts';
import { decodeDocument, encodeDocument } from '../../state/codec.ts';
import type { Document } from '../../state/document.ts';
import { keepDirectives } from '../../state/keep-directives.ts';
import { normalise } from '../../state/normalise.ts';
import { rewriteDocument, sameDocument } from '../../state/rewrite.ts';
import { makeMap, sameValue, type Value, type ValueMap } from '../../state/value.ts';
import { crowd, safe, script, types } from './codec-types.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
console.log(`rewriting: seed ${seed}`);

const decode = (text: string): Document => {
  const { document, problems } = decodeDocument({ file: 'a.yaml', text, types, asset: () => undefined });
  if (document === undefined) throw new Error(`${text}\n${problems.map(({ message }) => message).join()}`);
  return document;
};

const written = `# our head
type: crowd   # the type
key: 'Support'
body:
  # how many
  size: 3
  name:    "Help"     # shown to callers
  nested:
    # first
    a: 1

    b: { x: 1,   y: 2 }   # odd spacing
    # about c
    c: 'three'
  members:
    # the boss
    - user: { $ref: thing/a }   # always there
      ring: 1
    - user: { $ref: thing/b }
    # the last
    - user: { $ref: thing/c }
  text: |
    one
    two   
  # the end
`;

describe('rewriteDocument', () => {
  const rewrite = (change: (body: Record<string, Value>) => void, old = written): string => {
    const before = decode(old);
    const body = { ...before.body };
    change(body);
    const { text } = rewriteDocument(old, before, { ...before, body: makeMap(Object.entries(body)) }, crowd);
    expect(sameDocument(decode(text), { ...before, body: makeMap(Object.entries(body)) }, crowd)).toBe(true);
    return text;
  };

  test('the same meaning is the same bytes, also where a person wrote a default or another order', () => {
    const before = decode(written);
    expect(rewriteDocument(written, before, normalise(before, crowd), crowd).text).toBe(written);
  });

  const replace = (from: string, to: string) => written.replace(from, to);
  test.each([
    ['a scalar keeps the comment behind it', (body: Record<string, Value>) => (body['name'] = 'Desk'), replace('"Help"', 'Desk')],
    ['a field inside of a map', (body: Record<string, Value>) => (body['nested'] = { ...(body['nested'] as ValueMap), c: 4 }), replace("'three'", '4')],
    ['a map in brackets', (body: Record<string, Value>) => (body['nested'] = { ...(body['nested'] as ValueMap), b: 'x' }), replace('{ x: 1,   y: 2 }', 'x')],
    ['a new field stands at its place', (body: Record<string, Value>) => (body['other'] = ['x']), replace('  text: |', '  other:\n    - x\n  text: |')],
    [
      'a field that goes leaves its comments',
      (body: Record<string, Value>) => delete body['name'],
      replace('  name:    "Help"     # shown to callers\n', '  # shown to callers\n'),
    ],
    [
      'a new member',
      (body: Record<string, Value>) => (body['members'] = [...(body['members'] as Value[]), { user: { $ref: 'thing/bb' } }]),
      replace('thing/b }\n', 'thing/b }\n    - user: { $ref: thing/bb }\n'),
    ],
    [
      'a member that goes',
      (body: Record<string, Value>) => (body['members'] = (body['members'] as Value[]).slice(0, 2)),
      replace('    - user: { $ref: thing/c }\n', ''),
    ],
    [
      'a member that changes',
      (body: Record<string, Value>) => (body['members'] = [{ user: { $ref: 'thing/a' }, ring: 2 }, ...(body['members'] as Value[]).slice(1)]),
      replace('ring: 1', 'ring: 2'),
    ],
    ['text of several lines', (body: Record<string, Value>) => (body['text'] = 'one\nthree\n'), replace('    two   \n', '    three\n')],
    [
      'a scalar that becomes a map',
      (body: Record<string, Value>) => (body['name'] = { a: 1 }),
      replace('  name:    "Help"     # shown to callers\n', '  # shown to callers\n  name:\n    a: 1\n'),
    ],
  ])('%s: nothing else is touched', (_, change, wanted) => {
    expect(rewrite(change)).toBe(wanted);
  });

  test('the first of a list may go, and one come, and each comment stays with its item', () => {
    const text = rewrite((body) => (body['members'] = [...(body['members'] as Value[]).slice(1), { user: { $ref: 'thing/d' } }]));
    expect(text).toContain(
      '    # the boss\n    # always there\n    - user: { $ref: thing/b }\n    # the last\n    - user: { $ref: thing/c }\n    - user: { $ref: thing/d }\n',
    );
  });

  test('a default that was not written is not written, one that was stays', () => {
    expect(rewrite((body) => (body['name'] = 'Desk'))).toContain('  size: 3\n');
    expect(rewrite((body) => (body['name'] = 'Desk'), written.replace('  size: 3\n', ''))).not.toContain('size: 3');
  });

  test('protect, was and ignore come and go at their place', () => {
    const before = decode(written);
    const { text } = rewriteDocument(written, before, { ...before, protect: true, ignore: ['/x'] }, crowd);
    expect(text).toBe(replace("'Support'\n", "'Support'\nprotect: true\nignore:\n  - /x\n"));
    expect(rewriteDocument(text, decode(text), before, crowd).text).toBe(written);
  });

  const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'no', 'x y', '__proto__', '#k');
  const { anyValue } = fc.letrec<{ anyValue: Value }>((tie) => ({
    anyValue: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<Value>(null, 1, '', 'x', 'no', 'one\ntwo', 'one\ntwo\n', '# no comment', 'x # y', [], makeMap([]), { $ref: 'thing/a' }),
      fc.array(tie('anyValue'), { maxLength: 4 }),
      fc.array(fc.tuple(key, tie('anyValue')), { maxLength: 4 }).map((entries) => makeMap(entries)),
    ),
  }));
  const anyBody = fc.array(fc.tuple(key, anyValue), { maxLength: 5 }).map((entries) => makeMap(entries));

  test('whatever changes: the text says the new, has every comment once, and is the old text again when the change is undone', () => {
    fc.assert(
      fc.property(anyBody, anyBody, fc.infiniteStream(fc.nat(3)), (one, other, chance) => {
        const before: Document = { address: makeAddress('crowd', ['A']), body: one };
        const after: Document = { address: makeAddress('crowd', ['A']), body: other };
        let count = 0;
        const lines = encodeDocument(before, crowd).text.split('\n');
        // A comment line between others, where no block text takes it for its own.
        const isInText = lines.map(() => false);
        lines.forEach((line, index) => {
          if (!/: \|-?$|- \|-?$|^\|/.test(line)) return;
          for (let next = index + 1; next < lines.length && /^\s+(one|two)$/.test(lines[next]!); next += 1) isInText[next] = true;
        });
        const commented = lines
          .map((line, index) => (line === '' || isInText[index] || chance.next().value !== 0 ? line : `${/^ */.exec(line)?.[0]}# c${count++};\n${line}`))
          .join('\n');
        const { text } = rewriteDocument(commented, decode(commented), after, crowd);
        expect(sameDocument(decode(text), after, crowd)).toBe(true);
        for (let index = 0; index < count; index += 1) expect(text.split(`# c${index};`)).toHaveLength(2);
        expect(rewriteDocument(text, decode(text), after, crowd).text).toBe(text);
      }),
      { seed, numRuns: 3000 },
    );
  });
});

describe('keepDirectives', () => {
  const values = {
    vars: new Map<string, Value>([
      ['name', 'Help'],
      ['list', [1, 2]],
      ['other', 'x'],
    ]),
  };
  const keep = (old: ValueMap, fresh: ValueMap, type = crowd, more: object = {}) =>
    keepDirectives({ address: makeAddress(type.name, ['A']), body: old, ...more }, { address: makeAddress(type.name, ['A']), body: fresh }, type, values);
  const body = (old: ValueMap, fresh: ValueMap, type = crowd, more: object = {}) => JSON.parse(JSON.stringify(keep(old, fresh, type, more).body));

  test('a variable stays where the org holds its value, and goes where it does not', () => {
    expect(body({ a: { $var: 'name' }, b: { $var: 'list' }, c: { $var: 'other' }, d: { $var: 'unset' } }, { a: 'Help', b: [1, 2], c: 'y', d: 1 })).toEqual({
      a: { $var: 'name' },
      b: { $var: 'list' },
      c: 'y',
      d: 1,
    });
  });

  test('an external ref stays external, unless it points elsewhere now', () => {
    expect(body({ a: { $external: 'thing/x' }, b: { $external: 'thing/x' } }, { a: { $ref: 'thing/x' }, b: { $ref: 'thing/y' } })).toEqual({
      a: { $external: 'thing/x' },
      b: { $ref: 'thing/y' },
    });
  });

  test('members keep theirs by name, whatever the order', () => {
    const old = {
      members: [
        { user: { $external: 'thing/b' }, ring: 1 },
        { user: { $ref: 'thing/a' }, title: { $var: 'name' } },
      ],
      tags: [{ $var: 'name' }, 'z'],
    };
    const fresh = {
      members: [
        { user: { $ref: 'thing/a' }, title: 'Help' },
        { user: { $ref: 'thing/b' }, ring: 2 },
      ],
      tags: ['Help', 'y'],
    };
    expect(body(old, fresh)).toEqual({
      members: [
        { user: { $ref: 'thing/a' }, title: { $var: 'name' } },
        { user: { $external: 'thing/b' }, ring: 2 },
      ],
      tags: [{ $var: 'name' }, 'y'],
    });
  });

  test('secrets stay, though no org shows them; protect, was, ignore and ignored fields too', () => {
    expect(body({ fields: { password: { $secret: 'P' } }, x: 1 }, { y: 2 }, safe)).toEqual({ fields: { password: { $secret: 'P' } }, y: 2 });
    expect(body({ fields: { password: { $secret: 'P' } } }, { fields: { password: { $secret: 'GUESSED' } } }, safe)).toEqual({
      fields: { password: { $secret: 'P' } },
    });
    const kept = keep({ a: 1, list: [1] }, { a: 2, b: 3, list: [2] }, crowd, { ignore: ['/a', '/b', '/list/*'], protect: true, was: 'Old' });
    expect([kept.protect, kept.was, kept.ignore]).toEqual([true, 'Old', ['/a', '/b', '/list/*']]);
    expect(JSON.stringify(kept.body)).toBe('{"a":1,"list":[1]}');
  });

  test('what looks like a directive inside of a tree of the vendor is left alone', () => {
    expect(body({ content: { a: { $var: 'name' } } }, { content: { a: 'Help' } }, script)).toEqual({ content: { a: 'Help' } });
  });

  test('without directives the fresh document comes through as it is', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.dictionary(fc.string(), fc.jsonValue()), (old, fresh) => {
        expect(sameValue(keep(old as ValueMap, fresh as ValueMap).body, fresh as ValueMap)).toBe(true);
      }),
      { seed, numRuns: 500 },
    );
  });
});
