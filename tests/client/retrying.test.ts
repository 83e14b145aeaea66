import { expect, test } from '@jest/globals';
import type { ApiRequest } from '../../providers/client/org-client.ts';
import { retryAfter } from '../../providers/client/retry-after.ts';
import type { HttpFailure } from '../../providers/world.ts';
import { errorReply, lost, type Reply, setting } from './org-double.ts';

type Fault = Reply | HttpFailure;
const html = (status: number): Reply => ({ status, body: '<html><body>Bad gateway</body></html>' });
const write = (method: ApiRequest['method']): ApiRequest => ({
  method,
  path: '/api/v2/routing/queues',
  ...(method === 'DELETE' ? {} : { body: { name: 'Support' } }),
});

test.each<{ method: ApiRequest['method']; fault: () => Fault; sent: number; end: string; reason: string }>([
  { method: 'GET', fault: () => lost('RESET'), sent: 2, end: 'ok', reason: 'a read changes nothing' },
  { method: 'GET', fault: () => html(502), sent: 2, end: 'ok', reason: 'a gateway was restarting' },
  { method: 'GET', fault: () => html(200), sent: 2, end: 'ok', reason: '200 with HTML is not data' },
  {
    method: 'GET',
    fault: () => ({ body: '{"entities": [{"id"', headers: { 'content-type': 'application/json' } }),
    sent: 2,
    end: 'ok',
    reason: 'cut-off JSON is not data',
  },
  { method: 'GET', fault: () => ({ body: '', headers: { 'content-type': 'application/json' } }), sent: 2, end: 'ok', reason: 'nothing is not data' },
  { method: 'GET', fault: () => lost('TIMEOUT'), sent: 2, end: 'ok', reason: 'a read may be late' },
  { method: 'GET', fault: () => errorReply(404, 'not.found'), sent: 1, end: 'gone', reason: 'the platform says that it is not there' },
  { method: 'GET', fault: () => html(404), sent: 1, end: 'refused', reason: 'a proxy cannot say that an object is gone' },
  { method: 'GET', fault: () => lost('TLS', false), sent: 1, end: 'refused', reason: 'a certificate does not get better' },
  { method: 'POST', fault: () => errorReply(429, 'too.many.requests'), sent: 2, end: 'ok', reason: '429 is certainly not carried out' },
  { method: 'POST', fault: () => errorReply(401, 'bad.credentials'), sent: 2, end: 'ok', reason: 'a new token, once' },
  { method: 'POST', fault: () => lost('REFUSED', false), sent: 2, end: 'ok', reason: 'never sent' },
  { method: 'POST', fault: () => lost('RESET'), sent: 1, end: 'unclear', reason: 'it may have been created' },
  { method: 'POST', fault: () => lost('TIMEOUT'), sent: 1, end: 'unclear', reason: 'it may yet be created' },
  { method: 'POST', fault: () => errorReply(503, 'service.unavailable'), sent: 1, end: 'unclear', reason: 'a create that succeeded was seen to answer 503' },
  {
    method: 'POST',
    fault: () => ({ ...errorReply(503, 'service.unavailable'), headers: { 'retry-after': '1' } }),
    sent: 1,
    end: 'unclear',
    reason: 'Retry-After does not say that nothing happened',
  },
  { method: 'POST', fault: () => html(200), sent: 1, end: 'unclear', reason: 'who knows what the proxy did' },
  {
    method: 'POST',
    fault: () => ({ body: '{"id": "4', headers: { 'content-type': 'application/json' } }),
    sent: 1,
    end: 'unclear',
    reason: 'it was created, and the id is lost',
  },
  { method: 'POST', fault: () => errorReply(400, 'duplicate.name'), sent: 1, end: 'exists', reason: 'the name is taken' },
  { method: 'POST', fault: () => errorReply(404, 'resource.not.found'), sent: 1, end: 'refused', reason: 'something that the new object refers to is missing' },
  { method: 'PUT', fault: () => lost('RESET'), sent: 2, end: 'ok', reason: 'writing the same twice leaves the same' },
  { method: 'PUT', fault: () => errorReply(500, 'internal.server.error'), sent: 2, end: 'ok', reason: 'as above' },
  { method: 'PUT', fault: () => lost('TIMEOUT'), sent: 1, end: 'unclear', reason: 'the first one may land after a later write' },
  { method: 'PUT', fault: () => errorReply(504, 'request.timeout'), sent: 1, end: 'unclear', reason: 'the server may still be at it' },
  { method: 'PUT', fault: () => errorReply(409, 'general.conflict'), sent: 1, end: 'conflict', reason: 'somebody else was faster' },
  { method: 'PATCH', fault: () => lost('RESET'), sent: 2, end: 'ok', reason: 'the same fields again' },
  { method: 'DELETE', fault: () => html(502), sent: 2, end: 'ok', reason: 'deleting twice leaves the same' },
  { method: 'DELETE', fault: () => errorReply(409, 'architect.dependency.object.in.use'), sent: 1, end: 'in-use', reason: 'a flow uses it' },
  { method: 'DELETE', fault: () => errorReply(400, 'contact.list.in.use'), sent: 1, end: 'in-use', reason: 'some types say 400' },
])('$method after one fault ends as $end with $sent sent, because $reason', async ({ method, fault, sent, end }) => {
  const run = setting((_, count) => (count === 1 ? fault() : { body: { id: '1' } }));
  const result = await run.world.run(
    run.client
      .call(write(method))
      .then(() => 'ok')
      .catch((failure) => failure.kind),
  );
  expect(result).toBe(end);
  expect(run.requests).toHaveLength(sent);
});

test('a POST that only reads is repeated like a GET', async () => {
  const run = setting((_, count) => (count === 1 ? lost('RESET') : { body: { id: 'job' } }));
  const answer = await run.world.run(run.client.call({ method: 'POST', path: '/api/v2/flows/export/jobs', isRead: true, body: {} }));
  expect(answer.value).toEqual({ id: 'job' });
});

test.each([
  { later: () => errorReply(409, 'general.conflict'), end: 'unclear', reason: 'the conflict may be with our own write' },
  { later: () => errorReply(400, 'duplicate.name'), end: 'unclear', reason: 'the name may have been taken by our own write' },
  { later: () => errorReply(403, 'missing.permissions'), end: 'unclear', reason: 'the permission may have gone after the write' },
  { later: () => lost('TLS', false), end: 'unclear', reason: 'not sent this time, but maybe carried out before' },
  { later: () => errorReply(404, 'not.found'), end: 'gone', reason: 'gone is gone' },
])('a PUT whose first answer was lost ends as $end, because $reason', async ({ later, end }) => {
  const run = setting((_, count) => (count === 1 ? lost('RESET') : later()));
  await expect(run.world.run(run.client.call(write('PUT')))).rejects.toMatchObject({ kind: end });
});

test.each([
  { replies: [lost('RESET'), lost('TIMEOUT')], twice: true, reason: 'the first may have been carried out, and the second may be yet' },
  { replies: [errorReply(503, 'service.unavailable'), errorReply(504, 'request.timeout')], twice: true, reason: 'as above' },
  { replies: [lost('RESET'), errorReply(409, 'general.conflict')], twice: false, reason: 'the second was refused' },
  { replies: [lost('TIMEOUT')], twice: false, reason: 'it was sent once' },
])('that a PUT may land twice is $twice where $reason', async ({ replies, twice }) => {
  const run = setting((_, count) => replies[count - 1] ?? { body: {} });
  await expect(run.world.run(run.client.call(write('PUT')))).rejects.toMatchObject({ kind: 'unclear', mayLandTwice: twice });
});

test('a server that stays away is given up after the patience of the request, with growing waits', async () => {
  const run = setting(() => errorReply(503, 'service.unavailable'));
  await expect(run.world.run(run.client.call({ ...write('GET'), patience: 600_000 }))).rejects.toMatchObject({
    kind: 'unclear',
    status: 503,
    code: 'service.unavailable',
  });
  expect(run.world.clock.ticks()).toBeLessThanOrEqual(600_000);
  expect(run.world.clock.ticks()).toBeGreaterThan(300_000);
  expect(run.requests.length).toBeLessThan(100);
  expect(run.notices.some((notice) => notice.code === 'WAITING')).toBe(true);
});

test('a host that nobody answers at is given up within half a minute', async () => {
  const run = setting(() => lost('REFUSED', false));
  await expect(run.world.run(run.client.call(write('GET')))).rejects.toMatchObject({
    kind: 'refused',
    message: expect.stringContaining('nothing answers there'),
  });
  expect(run.world.clock.ticks()).toBeLessThan(30_000);
});

const NOW = Date.UTC(2026, 0, 5, 9);
test.each([
  { text: '2', wait: 2_000, reason: 'seconds' },
  { text: '0', wait: 0, reason: 'now' },
  { text: '1000000000', wait: 1e12, reason: 'very long; the caller caps it' },
  { text: '-5', wait: undefined, reason: 'negative is nonsense' },
  { text: 'soon', wait: undefined, reason: 'garbage' },
  { text: '', wait: undefined, reason: 'empty' },
  { text: '2026-01-05', wait: undefined, reason: 'a date, but no HTTP date' },
  { text: 'Mon, 05 Jan 2026 09:00:30 GMT', wait: 30_000, reason: 'an HTTP date' },
  { text: 'Mon, 05 Jan 2026 08:59:00 GMT', wait: undefined, reason: 'in the past' },
])('Retry-After "$text" is $wait, because: $reason', ({ text, wait }) => {
  expect(retryAfter({ 'retry-after': text }, NOW)).toBe(wait);
});

test('an HTTP date is read against the clock of the server', () => {
  const headers = { 'retry-after': 'Mon, 05 Jan 2026 09:00:30 GMT', date: 'Mon, 05 Jan 2026 09:00:20 GMT' };
  expect(retryAfter(headers, NOW + 86_400_000)).toBe(10_000);
});

test.each(['2', '0', '-1', '1000000000', 'soon', undefined, 'Mon, 05 Jan 2026 09:00:03 GMT'])(
  'after a 429 with Retry-After %s at most one request comes early',
  async (text) => {
    let from = Number.POSITIVE_INFINITY;
    let early = 0;
    const wait = { '2': 2_000, '1000000000': 300_000 }[text ?? ''] ?? 0;
    const run = setting(() => {
      const now = run.world.clock.ticks();
      if (from === Number.POSITIVE_INFINITY) {
        from = now + wait;
        return { ...errorReply(429, 'too.many.requests'), headers: text === undefined ? {} : { 'retry-after': text } };
      }
      if (now < from) early += 1;
      return { body: {} };
    });
    await run.world.run(run.client.call({ method: 'GET', path: '/api/v2/first', patience: 900_000 }));
    await run.world.run(Promise.all(Array.from({ length: 20 }, () => run.client.call({ method: 'GET', path: '/api/v2/users/me' }))));
    expect(early).toBe(0);
    expect(run.world.clock.ticks()).toBeLessThan(340_000);
  },
);

test('Ctrl-C ends the wait between two attempts', async () => {
  const stop = new AbortController();
  const run = setting((_, count) => {
    if (count === 2) stop.abort(new Error('Ctrl-C'));
    return errorReply(503, 'service.unavailable');
  });
  await expect(run.world.run(run.client.call({ ...write('GET'), signal: stop.signal }))).rejects.toBeDefined();
  expect(run.requests.length).toBeLessThanOrEqual(3);
});
