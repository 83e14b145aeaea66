import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { makeAddress } from '../../state/address.ts';
import { canonicalJson, hashDocument, hashOf } from '../../state/canonical.ts';
import { makeMap, sameValue, type Value } from '../../state/value.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
console.log(`canonical: seed ${seed}`);

const anyKey = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'toJSON', 'constructor', '\0', '\x001', '"', '\\'));
const { anyValue } = fc.letrec<{ anyValue: Value }>((tie) => ({
  anyValue: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Value>(null, true, false, 0, -0, 12n, 2n ** 70n, -(2n ** 64n), '\x0012', '"\x0012', '\\"\x0012', '\0\x0012'),
    fc.string({ unit: 'binary' }),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.array(tie('anyValue')),
    fc.array(fc.tuple(anyKey, tie('anyValue'))).map((entries) => makeMap(entries)),
  ),
}));

function shuffled(value: Value): Value {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== 'object' || value === null) return value;
  return makeMap(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, shuffled(item)]),
  );
}

/** An own reading of JSON that keeps the digits of integers, to judge ours. */
function plainJson(value: Value): string {
  if (typeof value === 'bigint') return String(value);
  if (Array.isArray(value)) return `[${value.map(plainJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const map = value as Record<string, Value>;
  return `{${Object.keys(map)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${plainJson(map[key]!)}`)
    .join(',')}}`;
}

describe('canonicalJson', () => {
  test('one value has one text, whatever the order of its keys, and no digit is lost', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        expect(canonicalJson(value)).toBe(plainJson(value));
        expect(canonicalJson(shuffled(value))).toBe(canonicalJson(value));
      }),
      { seed, numRuns: 2000 },
    );
  });

  test('different values have different texts', () => {
    fc.assert(
      fc.property(anyValue, anyValue, (left, right) => {
        expect(canonicalJson(left) === canonicalJson(right)).toBe(sameValue(left, right));
      }),
      { seed, numRuns: 2000 },
    );
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, undefined as unknown as Value])('%p is refused', (value) => {
    expect(() => canonicalJson([value])).toThrow();
    expect(() => canonicalJson(makeMap([['a', value]]))).toThrow();
  });
});

describe('hashDocument', () => {
  const address = makeAddress('routing_queue', ['Support']);
  const hash = (body: Value, more: object = {}, without: string[] = []) => hashDocument({ address, body: body as never, ...more }, without);

  test('secrets, ignored and left out fields, protect and was are no part of it', () => {
    const plain = hash({ a: 1, list: [1, null, [2]] });
    expect(hash({ a: 1, list: [1, null, [2]], b: { c: { $secret: 'NAME' } } })).toBe(plain);
    expect(hash({ a: 1, list: [1, null, [2]], b: 2 }, { ignore: ['/b'], protect: true, was: 'Old' })).toBe(plain);
    expect(hash({ a: 1, list: [1, null, [2]], b: 2 }, {}, ['/b', '/absent/deep'])).toBe(plain);
    expect(hash({ a: 1, list: [1, null, [2]], b: null })).not.toBe(plain);
    expect(hash({ a: 1, list: [1, null, [2]], b: {} })).not.toBe(plain);
    expect(hash({ a: 1, list: [1, [2]] })).not.toBe(plain);
  });

  test('ignored items of a list are taken out by their own index', () => {
    const members = Array.from({ length: 12 }, (_, index) => ({ n: index }));
    expect(hash({ members }, {}, ['/members/2', '/members/10', '/members/2/n', '/members/10'])).toBe(
      hash({ members: members.filter(({ n }) => n !== 2 && n !== 10) }),
    );
    expect(hash({ members }, { ignore: ['/members/*/n'] })).toBe(hash({ members: members.map(() => ({})) }));
  });

  test('it is the SHA-256 of UTF-8', () => {
    expect(hashOf('')).toBe('sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  });
});
