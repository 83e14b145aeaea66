import { expect, test } from '@jest/globals';
import { errorReply, lost, setting } from './org-double.ts';

const me = { method: 'GET', path: '/api/v2/users/me' } as const;
const bearer = (request: { headers: Readonly<Record<string, string>> }) => request.headers['authorization'];

test('however many requests start at once, one token is fetched, with the credentials in the Basic header alone', async () => {
  const run = setting(() => ({ body: {} }));
  await run.world.run(Promise.all(Array.from({ length: 30 }, () => run.client.call(me))));
  expect(run.tokenRequests).toHaveLength(1);
  const [request] = run.tokenRequests;
  expect(request).toMatchObject({ method: 'POST', url: 'https://login.org.test/oauth/token', body: 'grant_type=client_credentials' });
  expect(Buffer.from(String(bearer(request!)).slice(6), 'base64').toString()).toBe('client-id-1:pl4nted s3cret/+"é');
  expect(new Set(run.requests.map(bearer))).toEqual(new Set(['Bearer token-1']));
});

test('a token is renewed before it ends, so that no request carries an ended one', async () => {
  const lives: number[] = [];
  const run = setting(
    (request) => {
      const until = lives[Number(/token-(\d+)/.exec(bearer(request)!)![1]) - 1]!;
      return run.world.clock.ticks() < until ? { body: {} } : errorReply(401, 'bad.credentials');
    },
    {
      token: (_, count) => {
        lives.push(run.world.clock.ticks() + 300_000);
        return { body: { access_token: `token-${count}`, expires_in: 300 } };
      },
    },
  );
  for (let index = 0; index < 100; index += 1) {
    await run.world.run(run.client.call(me));
    await run.world.run(run.world.clock.sleep(20_000));
  }
  expect(run.requests).toHaveLength(100);
  expect(run.tokenRequests.length).toBeGreaterThan(6);
  expect(run.tokenRequests.length).toBeLessThan(10);
});

test('a 401 in the midst of many requests fetches one new token and repeats each request once', async () => {
  let valid = 'Bearer token-1';
  const run = setting((request, count) => {
    if (count === 10) valid = 'Bearer token-2';
    return bearer(request) === valid ? { body: {} } : errorReply(401, 'authentication.required');
  });
  const answers = await run.world.run(
    Promise.all(Array.from({ length: 40 }, () => run.client.call({ method: 'POST', path: '/api/v2/routing/skills', body: {} }))),
  );
  expect(answers).toHaveLength(40);
  expect(run.tokenRequests).toHaveLength(2);
  expect(run.requests.length).toBeLessThanOrEqual(40 + 31);
});

test('a second 401 is the end', async () => {
  const run = setting(() => errorReply(401, 'ip.not.authorized'));
  await expect(run.world.run(run.client.call(me))).rejects.toMatchObject({ kind: 'refused', status: 401, code: 'ip.not.authorized' });
  expect(run.requests).toHaveLength(2);
  expect(run.tokenRequests).toHaveLength(2);
});

test('tokens that worked and then ended are renewed, one after the other; one that never worked ends the request', async () => {
  const flickering = setting((_, count) => (count % 2 === 0 ? errorReply(401, 'authentication.required') : { body: {} }));
  for (let index = 0; index < 20; index += 1) await flickering.world.run(flickering.client.call(me));
  expect(flickering.requests).toHaveLength(39);
  expect(flickering.tokenRequests).toHaveLength(20);
  const ended = setting((_, count) => (count === 1 ? { body: {} } : errorReply(401, 'authentication.required')));
  await ended.world.run(ended.client.call(me));
  await expect(ended.world.run(ended.client.call(me))).rejects.toMatchObject({ kind: 'refused', status: 401 });
  expect(ended.requests).toHaveLength(3);
});

test('faults of the token endpoint are waited out', async () => {
  const run = setting(() => ({ body: {} }), {
    token: (_, count) =>
      [lost('RESET'), errorReply(500, 'internal.server.error'), { status: 502, body: '<html>' }, errorReply(429, 'too.many.requests'), lost('TIMEOUT')][
        count - 1
      ] ?? { body: { access_token: 'late', expires_in: 60 } },
  });
  await run.world.run(Promise.all([run.client.call(me), run.client.call(me)]));
  expect(run.tokenRequests).toHaveLength(6);
  expect(run.requests.map(bearer)).toEqual(['Bearer late', 'Bearer late']);
});

test.each([
  { reply: { status: 400, body: { error: 'invalid_client', description: 'client not found' } }, reason: 'wrong id' },
  { reply: { status: 401, body: { error: 'invalid_client', error_description: 'pl4nted s3cret/+"é' } }, reason: 'wrong secret' },
])('wrong credentials are told in plain words: $reason', async ({ reply }) => {
  const run = setting(() => ({ body: {} }), { token: () => reply });
  await expect(run.world.run(run.client.call(me))).rejects.toMatchObject({
    kind: 'refused',
    message: expect.stringContaining('does not accept client id and secret'),
  });
  expect(run.requests).toHaveLength(0);
  expect(run.tokenRequests).toHaveLength(1);
});

test('a login host that answers without a token is refused', async () => {
  const run = setting(() => ({ body: {} }), { token: () => ({ body: { token_type: 'bearer' } }) });
  await expect(run.world.run(run.client.call(me))).rejects.toMatchObject({ kind: 'refused', message: 'the login host answered without a token' });
});

test('a wall clock that jumps renews nothing and ends nothing', async () => {
  const run = setting(() => ({ body: {} }));
  await run.world.run(run.client.call(me));
  run.world.setNow(run.world.clock.now() + 86_400_000 * 30);
  await run.world.run(run.client.call(me));
  run.world.setNow(0);
  await run.world.run(run.client.call(me));
  expect(run.tokenRequests).toHaveLength(1);
});

test('a prompt upload carries the token without the word Bearer', async () => {
  const run = setting(() => ({ body: {} }));
  await run.world.run(
    run.client.call({
      method: 'POST',
      path: 'https://apps.org.test/uploads/v2/prompts/1',
      auth: 'bare',
      content: { kind: 'multipart', parts: [{ name: 'file', value: 'x' }] },
    }),
  );
  expect(bearer(run.requests[0]!)).toBe('token-1');
});
