import { expect, test } from '@jest/globals';
import type { ApiRequest } from '../../providers/client/org-client.ts';
import { fillPath } from '../../providers/client/org-client.ts';
import { readOnlyWhile } from '../../providers/client/read-only.ts';
import { OrgFailure } from '../../providers/contract.ts';
import { HttpFailure } from '../../providers/world.ts';
import { connection, errorReply, lost, type Reply, setting } from './org-double.ts';

test.each<{ request: ApiRequest; allowed: boolean; reason: string }>([
  { request: { method: 'GET', path: '/api/v2/routing/queues' }, allowed: true, reason: 'a read' },
  { request: { method: 'HEAD', path: '/api/v2/tokens/me' }, allowed: true, reason: 'a read' },
  { request: { method: 'POST', path: '/api/v2/flows/export/jobs', isRead: true, body: {} }, allowed: true, reason: 'reviewed: flows are read by a job' },
  { request: { method: 'GET', path: 'https://storage.test/flow.yaml?signature=1', expects: 'bytes' }, allowed: true, reason: 'a download' },
  { request: { method: 'POST', path: '/api/v2/flows/jobs', body: {} }, allowed: false, reason: 'publishes' },
  { request: { method: 'POST', path: '/api/v2/users/search', isRead: true, body: {} }, allowed: false, reason: 'says that it reads, but nobody reviewed it' },
  { request: { method: 'POST', path: '/api/v2/flows/export/jobs/../../users', body: {} }, allowed: false, reason: 'only looks like the reviewed one' },
  { request: { method: 'POST', base: 'apps', path: '/api/v2/flows/export/jobs', body: {} }, allowed: false, reason: 'another host' },
  {
    request: { method: 'POST', path: 'https://api.org.test/api/v2/flows/export/jobs', body: {} },
    allowed: false,
    reason: 'an absolute address is not on the list',
  },
  { request: { method: 'PUT', path: '/api/v2/routing/queues/1', body: {} }, allowed: false, reason: 'writes' },
  { request: { method: 'PATCH', path: '/api/v2/users/1', body: {} }, allowed: false, reason: 'writes' },
  { request: { method: 'DELETE', path: '/api/v2/routing/queues/1', isRead: true }, allowed: false, reason: 'writes, whatever it says' },
])('a client that may only read: $request.method $request.path is allowed $allowed, because $reason', async ({ request, allowed }) => {
  const run = setting(() => ({ body: { ok: true } }), { mode: 'read' });
  const result = await run.world.run(
    run.client
      .call(request)
      .then(() => true)
      .catch((failure) => failure),
  );
  if (allowed) expect(result).toBe(true);
  else expect(result).toMatchObject({ kind: 'refused', message: expect.stringContaining('may only read') });
  expect(run.requests).toHaveLength(allowed ? 1 : 0);
  if (!allowed) expect(run.tokenRequests).toHaveLength(0);
});

test.each([
  { path: 'https://elsewhere.test/upload', auth: 'bearer' as const, reason: 'not a host of the org' },
  { path: 'http://api.org.test/upload', auth: 'bare' as const, reason: 'not the same origin' },
  { path: 'https://api.org.test.elsewhere.test/', auth: 'bearer' as const, reason: 'only begins like one' },
])('no token is sent to $path, because $reason', async ({ path, auth }) => {
  const run = setting(() => ({ body: {} }));
  await expect(run.world.run(run.client.call({ method: 'GET', path, auth }))).rejects.toMatchObject({ kind: 'refused' });
  expect(run.requests).toHaveLength(0);
});

test('an address with its own signature gets no token', async () => {
  const run = setting(() => ({ status: 200, body: '', headers: { 'content-type': 'application/octet-stream' } }));
  await run.world.run(
    run.client.call({ method: 'PUT', path: 'https://storage.test/x?signature=abc', content: { kind: 'bytes', bytes: new Uint8Array([1]) }, expects: 'none' }),
  );
  expect(run.requests[0]!.headers['authorization']).toBeUndefined();
  expect(run.requests[0]!.url).toBe('https://storage.test/x?signature=abc');
});

test.each(['/api/v2/users/../routing', '/api/v2/%2e%2e/users', '/api/v2\\..\\x', '@elsewhere.test/api'])(
  'a path that would leave its place is refused: %s',
  async (path) => {
    const run = setting(() => ({ body: {} }));
    await expect(run.world.run(run.client.call({ method: 'GET', path }))).rejects.toBeInstanceOf(Error);
    expect(run.requests).toHaveLength(0);
  },
);

test('ids in a path are encoded, and one that would leave its place is refused', () => {
  expect(fillPath('/api/v2/flows/{flowId}/x/{a}', { flowId: 'a/b?c#d', a: 'é' })).toBe('/api/v2/flows/a%2Fb%3Fc%23d/x/%C3%A9');
  for (const id of ['', '.', '..']) expect(() => fillPath('/api/v2/flows/{flowId}', { flowId: id })).toThrow('cannot stand');
  expect(() => fillPath('/api/v2/flows/{flowId}', {})).toThrow('needs a value');
});

function without(fault: Reply | HttpFailure, word: string): Reply | HttpFailure {
  if (fault instanceof HttpFailure) return new HttpFailure(fault.code, fault.message.replaceAll(word, ''), fault.wasSent);
  return JSON.parse(JSON.stringify(fault).replaceAll(word, '')) as Reply;
}

test('no secret, token or presigned signature is in any error, record or notice, whatever the server answers', async () => {
  const field = 'wr1te-only "field" välue';
  const spellings = (text: string) => [text, encodeURIComponent(text), Buffer.from(text).toString('base64'), JSON.stringify(text).slice(1, -1)];
  const planted = [
    ...spellings(connection.clientSecret),
    ...spellings(`${connection.clientId}:${connection.clientSecret}`),
    ...spellings(field),
    'token-1',
    's1gnature',
  ];
  const echo = planted.join(' | ');
  const faults = [
    errorReply(400, 'bad.request', echo, { details: [{ errorCode: echo, fieldName: echo }] }),
    errorReply(403, 'missing.permissions', echo),
    errorReply(409, echo, echo),
    errorReply(503, 'service.unavailable', echo),
    { status: 500, body: `<html>${echo}</html>` },
    { status: 200, body: `<html>${echo}</html>` },
    { status: 200, body: `{"x": "${echo}`, headers: { 'content-type': `text/${echo.replace(/[^\x20-\x7e]/g, '')}` } },
    { status: 302, headers: { location: echo.replace(/[^\x20-\x7e]/g, '') }, body: {} },
    lost('RESET'),
    Object.assign(lost('OTHER'), { message: `failed with ${echo}` }),
    Object.assign(lost('TLS', false), { message: `failed with ${echo}` }),
  ];
  const texts: string[] = [];
  for (const fault of faults) {
    for (const request of [
      { method: 'POST', path: '/api/v2/integrations/credentials', body: { credentialFields: { password: field } }, secrets: [field], patience: 1_000 },
      {
        method: 'PUT',
        path: 'https://storage.test/x?X-Signature=s1gnature',
        content: { kind: 'bytes', bytes: new Uint8Array() },
        secrets: [field],
        patience: 1_000,
      },
      { method: 'GET', path: '/api/v2/users', query: { name: 'x' }, secrets: [field], patience: 20_000 },
    ] as ApiRequest[]) {
      // The server can only repeat what it was told: a token where one was sent, a signature where the address had one.
      const isSigned = request.path.startsWith('https:');
      const run = setting(() => without(fault, isSigned ? 'token-1' : 's1gnature'));
      const failure = await run.world.run(run.client.call(request).catch((reason: unknown) => reason));
      expect(failure).toBeInstanceOf(OrgFailure);
      for (let at: unknown = failure; at instanceof Error; at = at.cause)
        texts.push(at.message, at.stack ?? '', JSON.stringify(at, Object.getOwnPropertyNames(at)));
      texts.push(JSON.stringify(run.records), JSON.stringify(run.notices));
    }
  }
  const hits = planted.filter((secret) => texts.some((text) => text.includes(secret)));
  expect(texts.length).toBeGreaterThan(100);
  expect(hits).toEqual([]);
});

test('an answer longer than its limit is refused', async () => {
  const run = setting(() => ({ body: { text: 'x'.repeat(2_000) } }));
  await expect(run.world.run(run.client.call({ method: 'GET', path: '/api/v2/x', maxBytes: 1_000 }))).rejects.toMatchObject({
    message: expect.stringContaining('too large'),
  });
  expect(run.requests).toHaveLength(1);
});

test('integers keep every digit, a key named __proto__ is only a key, and numbers beyond all bounds are refused', async () => {
  const text = '{"big": 9007199254740993, "__proto__": {"polluted": true}, "float": 1.5, "text": "9007199254740993"}';
  const run = setting((_, count) => ({ body: count === 1 ? text : '{"x": 1e400}', headers: { 'content-type': 'application/json' } }));
  const answer = await run.world.run(run.client.call({ method: 'GET', path: '/api/v2/x' }));
  const value = answer.value as Record<string, unknown>;
  expect(value['big']).toBe(9007199254740993n);
  expect(value['text']).toBe('9007199254740993');
  expect(Object.getPrototypeOf(value)).toBeNull();
  expect(Object.keys(value)).toContain('__proto__');
  await expect(run.world.run(run.client.call({ method: 'GET', path: '/api/v2/x' }))).rejects.toMatchObject({
    message: expect.stringContaining('beyond all bounds'),
  });
});

test('a process that does not know yet whether it may write sends nothing that does, until it is told', async () => {
  const sent: string[] = [];
  let isLocked = true;
  const http = readOnlyWhile(
    () => isLocked,
    async ({ method, url }) => {
      sent.push(`${method} ${new URL(url).pathname}`);
      return { status: 200, headers: {}, body: new Uint8Array() };
    },
  );
  const send = (method: string, path: string) => http({ method, url: `https://api.org.test${path}`, headers: {}, deadline: 1_000, maxBytes: 1_000 });
  await send('POST', '/oauth/token');
  await send('GET', '/api/v2/routing/queues');
  await send('POST', '/api/v2/flows/export/jobs');
  for (const [method, path] of [
    ['PUT', '/api/v2/routing/queues/1'],
    ['POST', '/api/v2/flows/jobs'],
    ['POST', '/api/v2/flows/export/jobs/../../users'],
    ['DELETE', '/oauth/token'],
  ] as const) {
    await expect(send(method, path)).rejects.toThrow(OrgFailure);
  }
  isLocked = false;
  await send('PUT', '/api/v2/routing/queues/1');
  expect(sent).toEqual(['POST /oauth/token', 'GET /api/v2/routing/queues', 'POST /api/v2/flows/export/jobs', 'PUT /api/v2/routing/queues/1']);
});
