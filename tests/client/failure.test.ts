import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { failureOf } from '../../providers/client/failure.ts';
import type { ApiRequest } from '../../providers/client/org-client.ts';
import { answerOf, errorReply } from './org-double.ts';

interface Facts {
  readonly type: string;
  readonly identityEnforcedBy?: Readonly<Record<string, readonly string[]>> | null;
  readonly versionConflict?: { readonly status: number; readonly codes: readonly string[] } | null;
  readonly updateStyle?: string;
}
const { resources } = JSON.parse(readFileSync(new URL('../../providers/genesys-facts/catalog.json', import.meta.url), 'utf8')) as {
  resources: readonly Facts[];
};

function kindOf(method: ApiRequest['method'], status: number, code: string, message?: string): string {
  const { body, ...rest } = errorReply(status, code, message);
  return failureOf({ method, path: '/api/v2/x' }, { ...answerOf({ ...rest, body }), value: null, bytes: answerOf({ ...rest, body }).body }).kind;
}

test('for every type of the catalogue, the codes that creation answers for a taken key mean "exists"', () => {
  const wrong = resources.flatMap(({ type, identityEnforcedBy }) =>
    Object.entries(identityEnforcedBy ?? {}).flatMap(([status, codes]) =>
      codes.filter((code) => kindOf('POST', Number(status), code) !== 'exists').map((code) => `${type} ${status} ${code}`),
    ),
  );
  expect(wrong).toEqual([]);
});

test('for every versioned type, the codes that an update answers for a stale version mean "conflict"', () => {
  const wrong = resources.flatMap(({ type, versionConflict }) =>
    (versionConflict?.codes ?? []).flatMap((code) =>
      (['PUT', 'PATCH'] as const)
        .filter((method) => kindOf(method, versionConflict?.status ?? 409, code) !== 'conflict')
        .map((method) => `${type} ${method} ${code}`),
    ),
  );
  expect(wrong).toEqual([]);
});

test.each<{ method: ApiRequest['method']; status: number; code: string; message?: string; kind: string; reason: string }>([
  { method: 'DELETE', status: 409, code: 'architect.flow.cannot.delete.used.in.queues', kind: 'in-use', reason: 'a queue uses it' },
  { method: 'DELETE', status: 400, code: 'referential.integrity.error', kind: 'in-use', reason: 'outbound says it so' },
  { method: 'DELETE', status: 400, code: 'active.queue', kind: 'in-use', reason: 'a queue with conversations' },
  { method: 'DELETE', status: 409, code: 'general.conflict', kind: 'in-use', reason: 'schedules say it so' },
  { method: 'DELETE', status: 404, code: 'resource.not.found', kind: 'gone', reason: 'it is not there' },
  { method: 'GET', status: 410, code: 'architect.flow.deleted', kind: 'gone', reason: 'a deleted flow' },
  {
    method: 'PUT',
    status: 400,
    code: 'bad.request',
    message: 'The version does not match the current version',
    kind: 'conflict',
    reason: 'the directory says it so',
  },
  { method: 'PUT', status: 400, code: 'duplicate.name', kind: 'exists', reason: 'renamed onto another' },
  { method: 'POST', status: 413, code: 'request.entity.too.large', kind: 'refused', reason: 'too large stays too large' },
  { method: 'POST', status: 408, code: 'client.timeout', kind: 'unclear', reason: 'nobody says how far it got' },
  { method: 'GET', status: 403, code: 'missing.any.permissions', kind: 'forbidden', reason: 'a permission' },
])('$method answered $status $code means $kind: $reason', ({ method, status, code, message, kind }) => {
  expect(kindOf(method, status, code, message)).toBe(kind);
});

test.each([
  {
    body: {
      code: 'missing.permissions',
      message:
        'Unable to perform the requested action. You must have at least one of the following permissions assigned: [routing:queue:view, routing:queue:edit]',
      status: 403,
    },
    reason: 'in the message',
  },
  {
    body: { code: 'missing.any.permissions', message: 'no', status: 403, messageParams: { permissions: ['routing:queue:view', 'routing:queue:edit'] } },
    reason: 'in a list of parameters',
  },
  {
    body: { code: 'missing.any.permissions', message: 'no', status: 403, messageParams: { permissions: '[routing:queue:view,routing:queue:edit]' } },
    reason: 'in a text parameter',
  },
])('a 403 names the missing permissions: $reason', ({ body }) => {
  const answer = answerOf({ status: 403, body, headers: { 'inin-correlation-id': 'c-1' } });
  const failure = failureOf({ method: 'GET', path: '/api/v2/routing/queues' }, { ...answer, value: null, bytes: answer.body });
  expect(failure).toMatchObject({
    kind: 'forbidden',
    permissions: ['routing:queue:view', 'routing:queue:edit'],
    correlationId: 'c-1',
    status: 403,
    code: body.code,
  });
  expect(failure.message).toContain('missing permission "routing:queue:view" or "routing:queue:edit"');
});

test('a message is one line without control characters, and names the fields that are wrong', () => {
  const { body } = errorReply(400, 'invalid.value', 'bad\u001b[2J\n\u202evalue', {
    details: [{ errorCode: 'invalid.value', fieldName: 'mediaSettings.call' }],
  });
  const answer = answerOf({ status: 400, body });
  const { message } = failureOf({ method: 'POST', path: '/api/v2/routing/queues?x=1' }, { ...answer, value: null, bytes: answer.body });
  expect(message).toBe('POST /api/v2/routing/queues was answered 400 invalid.value: bad [2J value (mediaSettings.call invalid.value)');
});
