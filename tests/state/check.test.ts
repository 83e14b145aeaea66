import { describe, expect, test } from '@jest/globals';
import { checkTree } from '../../state/check.ts';
import type { Document } from '../../state/document.ts';
import type { ResourceType } from '../../state/resource-type.ts';
import { document, keyed, snapshot, team, types } from './sample-types.ts';

function check(documents: readonly Document[], options: Parameters<typeof checkTree>[2] = {}, completeness: 'whole' | 'part' = 'whole') {
  return checkTree(snapshot(documents, completeness), types, options);
}

const GUID = '0f0e0d0c-0b0a-4908-8706-050403020100';
const DRAWN = 'q7Zr2LxP9vTnB4kWm8YsC1hJd6Fg';
const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.c2lnbmF0dXJl';

test('a field that resembles no known one may be new at the vendor: kept, told, and no error', () => {
  const problems = check([document('queue/A', { brandNewThing: 1 })]);
  expect(problems.map(({ code, severity, pointer }) => ({ code, severity, pointer }))).toEqual([
    { code: 'UNKNOWN_FIELD', severity: 'warning', pointer: '/brandNewThing' },
  ]);
});

describe('check', () => {
  test.each([
    {
      reason: 'a field that nobody knows',
      documents: [document('queue/A', { descriptin: 'x' })],
      code: 'UNKNOWN_FIELD',
      pointer: '/descriptin',
      text: 'did you mean "description"?',
    },
    {
      reason: 'a part of the key in the body',
      documents: [document('queue/A', { name: 'Other' })],
      code: 'KEY_IN_BODY',
      pointer: '/name',
      text: 'stands only in "key" take it out; to rename, change "key" and add "was:',
    },
    {
      reason: 'a part of the key in the body, though it says the same',
      documents: [document('queue/A', { name: 'A' })],
      code: 'KEY_IN_BODY',
      pointer: '/name',
      text: 'stands only in "key"',
    },
    {
      reason: 'the key of a body that is all free',
      documents: [document('table/P'), document('row/P/one', { key: 'one', price: 3 })],
      code: 'KEY_IN_BODY',
      pointer: '/key',
      text: 'stands only in "key" take it out',
    },
    {
      reason: 'what the org sets',
      documents: [document('queue/A', { memberCount: 3 })],
      code: 'FIELD_OF_THE_ORG',
      pointer: '/memberCount',
      text: 'the org sets it take it out',
    },
    {
      reason: 'what the org sets, at any depth',
      documents: [document('queue/A', { backup: { version: 3 } })],
      code: 'FIELD_OF_THE_ORG',
      pointer: '/backup/version',
      text: '"version" at "/backup" is no configuration',
    },
    {
      reason: 'what the org sets, by a name that is near another',
      documents: [document('queue/A', { limits: 3 })],
      code: 'FIELD_OF_THE_ORG',
      pointer: '/limits',
      text: 'did you mean "limit"?',
    },
    {
      reason: 'the wrong kind of value',
      documents: [document('queue/A', { limit: 'ten' })],
      code: 'FIELD_KIND',
      pointer: '/limit',
      text: 'must be integer, and is string',
    },
    {
      reason: 'a ref to nothing',
      documents: [document('queue/Support'), document('queue/A', { backup: { queue: { $ref: 'queue/Suport' } } })],
      code: 'REF_NOT_FOUND',
      pointer: '/backup/queue',
      text: 'did you mean "queue/Support"',
    },
    {
      reason: 'a ref of the wrong type',
      documents: [document('team/T'), document('queue/A', { flow: { $ref: 'team/T' } })],
      code: 'REF_WRONG_TYPE',
      pointer: '/flow',
      text: '"flow/..."',
    },
    {
      reason: 'what is no address',
      documents: [document('queue/A', { flow: { $ref: 'nonsense' } })],
      code: 'REF_MALFORMED',
      pointer: '/flow',
      text: 'type/key',
    },
    {
      reason: 'a name in a flow that is nowhere',
      documents: [document('flow/F/call', { content: { uses: ['queue/None'] } })],
      code: 'REF_NOT_FOUND',
      pointer: '/content/uses/0',
      text: '"queue/None"',
    },
    { reason: 'a row without its table', documents: [document('row/P/one')], code: 'REF_NOT_FOUND', pointer: '', text: '"table/P"' },
    {
      reason: 'an id of some org in a field for ids',
      documents: [document('queue/A', { free: { flowId: GUID } })],
      code: 'GUID_LEFT',
      pointer: '/free/flowId',
      text: GUID,
    },
    {
      reason: 'a secret in clear text in a write-only field',
      documents: [document('login/L', { fields: { password: 'hunter2' } })],
      code: 'SECRET_IN_CLEAR',
      pointer: '/fields/password',
      text: '$secret',
    },
    {
      reason: 'a secret by its name',
      documents: [document('queue/A', { free: { clientSecret: 'hunter2' } })],
      code: 'SECRET_IN_CLEAR',
      pointer: '/free/clientSecret',
      text: '$secret',
    },
    {
      reason: 'a name with a control character',
      documents: [document(keyed('team', 'A\u001b[31m'))],
      code: 'NAME_HOSTILE',
      pointer: undefined,
      text: '\\u001b',
    },
    { reason: '"was" that is the own key', documents: [document('team/A', {}, { was: 'A' })], code: 'WAS_MISUSED', pointer: undefined, text: 'take "was" out' },
    { reason: '"was" that is no key', documents: [document('team/A', {}, { was: '@odd' })], code: 'WAS_MISUSED', pointer: undefined, text: 'no key' },
    { reason: '"was" on what has no name', documents: [document('team/@home', {}, { was: 'A' })], code: 'WAS_MISUSED', pointer: undefined, text: 'no name' },
    {
      reason: '"ignore" that is no pointer',
      documents: [document('team/A', {}, { ignore: ['description'] })],
      code: 'IGNORE_MALFORMED',
      pointer: undefined,
      text: 'slash',
    },
    { reason: 'an unknown type', documents: [document('quee/A')], code: 'UNKNOWN_TYPE', pointer: undefined, text: 'did you mean "queue"?' },
    {
      reason: 'a cycle that nothing can cut',
      documents: [document('queue/A', { free: { $ref: 'queue/A' } })],
      code: 'CYCLE',
      pointer: undefined,
      text: 'queue/A -> queue/A',
    },
  ])('$reason is one error with its place and the next step', ({ documents, code, pointer, text }) => {
    const problems = check(documents);
    expect(problems.map((problem) => [problem.code, problem.severity, problem.pointer])).toEqual([[code, 'error', pointer]]);
    expect(`${problems[0]?.message} ${problems[0]?.hint}`).toContain(text);
    expect(problems[0]?.at).toBeDefined();
  });

  test('all problems are told at once, in one order', () => {
    const documents = [document('queue/A', { descriptin: 1, limit: 'x', flow: { $ref: 'flow/None/call' } }), document('team/T', { password: 'hunter2' })];
    const codes = ['REF_NOT_FOUND', 'FIELD_KIND', 'SECRET_IN_CLEAR', 'UNKNOWN_FIELD'];
    expect(
      check(documents)
        .map((problem) => problem.code)
        .sort(),
    ).toEqual(codes.sort());
    expect(check([...documents].reverse())).toEqual(check(documents));
  });

  test.each([
    { reason: 'text that looks drawn by lot', value: DRAWN },
    { reason: 'a token', value: `Bearer ${JWT}` },
    { reason: 'a private key', value: '-----BEGIN RSA PRIVATE KEY-----\nabc' },
    { reason: 'an id outside of a field for ids', value: `see ${GUID}` },
  ])('$reason may be data: a warning', ({ value }) => {
    expect(check([document('queue/A', { free: { text: value } })]).map((problem) => problem.severity)).toEqual(['warning']);
  });

  test.each([
    { reason: 'a long name', value: 'MenuSelectionForReturnsAndRefundsDepartment2026' },
    { reason: 'a sentence', value: 'Thank you for calling, all of our people are busy at the moment 24x7' },
    { reason: 'a hash', value: 'sha256:0f0e0d0c0b0a49088706050403020100' },
  ])('$reason is no secret', ({ value }) => {
    expect(check([document('queue/A', { free: { text: value } })])).toEqual([]);
  });

  test('no message shows a secret', () => {
    const values = ['hunter2-hunter2', DRAWN, JWT];
    const documents = values.flatMap((value, index) => [
      document(`login/L${index}`, { fields: { password: value, other: { nested: value } } }),
      document(`team/T${index}`, { apiKey: value, list: [value], tokens: [value] }),
    ]);
    const told = JSON.stringify(check(documents));
    expect(told).toContain('SECRET_IN_CLEAR');
    for (const value of values) expect(told).not.toContain(value);
  });

  test("names of fields in a vendor's own notation say nothing, forms of keys do", () => {
    expect(check([document('flow/F/call', { content: { token: 'callData', password: 'ask' } })])).toEqual([]);
    expect(check([document('flow/F/call', { content: { text: JWT } })]).map((problem) => problem.severity)).toEqual(['warning']);
  });

  test('a write-only field takes a secret by its name, or null', () => {
    expect(check([document('login/L', { fields: { password: { $secret: 'NAME' }, other: null } })])).toEqual([]);
  });

  test('names that differ only in case, or in how an accent is written, name each other; where the org does not keep keys apart they are data', () => {
    expect(check([document('team/Sales'), document('team/sales')]).map((problem) => [problem.code, problem.severity])).toEqual([
      ['CASE_TWINS', 'error'],
      ['CASE_TWINS', 'error'],
    ]);
    expect(check([document('team/caf\u00e9'), document('team/cafe\u0301')])).toHaveLength(2);
    expect(check([document('table/P'), document('row/P/a'), document('row/P/A')]).map((problem) => problem.severity)).toEqual(['warning', 'warning']);
    expect(check([document('team/A'), document('queue/a')])).toEqual([]);
  });

  test('two documents cannot both have been one', () => {
    expect(check([document('team/A', {}, { was: 'Old' }), document('team/B', {}, { was: 'Old' })]).map((problem) => problem.code)).toEqual([
      'WAS_SHARED',
      'WAS_SHARED',
    ]);
  });

  test('a variable without a value is an error with the nearest name; without values at hand it is believed', () => {
    const documents = [document('queue/A', { limit: { $var: 'limt' } })];
    const problems = check(documents, { vars: new Map([['limit', 5]]) });
    expect(problems.map((problem) => [problem.code, problem.pointer])).toEqual([['VAR_NOT_SET', '/limit']]);
    expect(problems[0]?.hint).toContain('did you mean "limit"?');
    expect(check(documents)).toEqual([]);
  });

  test('the value of a variable is checked in its place', () => {
    const documents = [document('queue/A', { limit: { $var: 'limit' } })];
    expect(check(documents, { vars: new Map([['limit', 'ten']]) }).map((problem) => problem.code)).toEqual(['FIELD_KIND']);
    expect(check(documents, { vars: new Map([['limit', 10]]) })).toEqual([]);
  });

  test('what points outside is believed, unless the tree has to stand alone', () => {
    const documents = [document('queue/A', { flow: { $external: 'flow/Out/call' } })];
    expect(check(documents)).toEqual([]);
    expect(check(documents, { externalsAllowed: false }).map((problem) => problem.code)).toEqual(['EXTERNAL_NOT_ALLOWED']);
  });

  test('a name in a flow is believed where the tree holds its type in part', () => {
    expect(check([document('flow/F/call', { content: { uses: ['queue/None'] } })], {}, 'part')).toEqual([]);
  });

  test('what a type finds by its own reading comes with the address', () => {
    const own: ResourceType = { ...team, check: () => [{ code: 'OWN', severity: 'error', message: 'odd' }] };
    expect(checkTree(snapshot([document('team/A')]), new Map([['team', own]]))).toEqual([{ code: 'OWN', severity: 'error', message: 'odd', at: 'team/A' }]);
  });

  test('keys that only a map without a prototype can have, and integers of any length, are checked like any', () => {
    expect(check([document('queue/A', { free: { ['__proto__']: 1 }, limit: 2n ** 80n })])).toEqual([]);
    expect(check([document('queue/A', { ['__proto__']: 1 })]).map((problem) => problem.pointer)).toEqual(['/__proto__']);
  });
});
