import { expect, test } from '@jest/globals';
import { Site } from './site.ts';

const ORGS = [
  {
    name: 'one',
    clients: [
      { id: 'all', secret: 's' },
      { id: 'few', secret: 's', permissions: ['routing:queue:view'], accessTokenValiditySeconds: 300 },
    ],
  },
  { name: 'two', clients: [{ id: 'other', secret: 's' }] },
];

test('the client chooses the org: what one org holds is not seen in the other', () => {
  const site = new Site({ orgs: ORGS });
  site.login('all');
  const made = site.send('POST', '/api/v2/routing/queues', { name: 'Only here' });
  site.login('other');
  expect(site.send('GET', `/api/v2/routing/queues/${made.body['id']}`).status).toBe(404);
  expect(site.send('GET', '/api/v2/organizations/me').body).toMatchObject({ name: 'two', defaultCountryCode: 'US' });
});

test('wrong credentials, a foreign grant and a missing, unknown, expired or ended token are refused', () => {
  const site = new Site({ orgs: ORGS });
  expect(site.login('all', 'wrong')).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  expect(site.raw('POST', '/oauth/token', { authorization: `Basic ${btoa('all:s')}` }, Buffer.from('grant_type=password')).status).toBe(400);
  expect(site.raw('GET', '/api/v2/routing/queues', {}, new Uint8Array())).toMatchObject({ status: 401, code: 'authentication.required' });
  expect(site.raw('GET', '/api/v2/routing/queues', { authorization: 'Bearer nonsense' }, new Uint8Array())).toMatchObject({
    status: 401,
    code: 'bad.credentials',
  });
  expect(site.login('few').body['expires_in']).toBe(300);
  expect(site.send('GET', '/api/v2/routing/queues').status).toBe(200);
  site.time.now += 300_000;
  expect(site.send('GET', '/api/v2/routing/queues').status).toBe(401);
  site.login('all');
  expect(site.send('GET', '/api/v2/tokens/me').body).toMatchObject({ OAuthClient: { id: 'all', organization: { name: 'one' } } });
  site.send('DELETE', '/api/v2/tokens/me');
  expect(site.send('GET', '/api/v2/routing/queues').status).toBe(401);
});

test('a missing permission is named in message and parameters, and can be taken away in the middle of a run', () => {
  const site = new Site({ orgs: ORGS });
  site.login('few');
  const refused = site.send('POST', '/api/v2/routing/queues', { name: 'x' });
  expect(refused).toMatchObject({ status: 403, code: 'missing.any.permissions', body: { messageParams: { permissions: 'routing:queue:add' } } });
  expect(String(refused.body['message'])).toContain('routing:queue:add');
  expect(site.send('GET', '/api/v2/architect/schedules')).toMatchObject({ status: 403, code: 'missing.permissions' });
  expect(site.send('GET', '/api/v2/routing/queues').status).toBe(200);
  site.core.access.allow('few', []);
  expect(site.send('GET', '/api/v2/routing/queues').status).toBe(403);
  expect(site.core.objects('one', 'routing_queue')).toEqual([]);
});

test('a token has so many requests in a fixed minute, headers count them, and 429 says when the window ends', () => {
  const site = new Site({ limits: { perToken: 3, perOrg: 'none' } });
  const answers = [1, 2, 3, 4].map(() => site.send('GET', '/api/v2/organizations/me'));
  expect(answers.map((answer) => answer.status)).toEqual([200, 200, 200, 429]);
  expect(answers.map((answer) => answer.headers['inin-ratelimit-count'])).toEqual(['1', '2', '3', '4']);
  const [, , , last] = answers;
  expect(last).toMatchObject({ code: 'too.many.requests.retry.after', headers: { 'inin-ratelimit-allowed': '3' } });
  const wait = Number(last?.headers['retry-after']);
  expect(wait).toBeGreaterThan(0);
  expect(String(last?.body['message'])).toContain(`[${wait}] seconds`);
  expect(last?.headers['inin-correlation-id']).toBe(last?.body['contextId']);
  site.time.now += wait * 1000;
  expect(site.send('GET', '/api/v2/organizations/me').headers['inin-ratelimit-count']).toBe('1');
});

test('windows begin where chance put them, not at the first request', () => {
  const resets = ['a', 'b', 'c', 'd'].map(
    (seed) => new Site({ seed, limits: { perToken: 3 } }).send('GET', '/api/v2/organizations/me').headers['inin-ratelimit-reset'],
  );
  expect(new Set(resets).size).toBeGreaterThan(1);
});

test('an org limits a client over all of its tokens', () => {
  const site = new Site({ limits: { perToken: 'none', perOrg: 2 } });
  site.send('GET', '/api/v2/organizations/me');
  site.login();
  site.send('GET', '/api/v2/organizations/me');
  expect(site.send('GET', '/api/v2/organizations/me')).toMatchObject({ status: 429, code: 'too.many.requests' });
});

test('a body beyond 512,000 bytes, one that is no JSON and one of another kind are refused, unread', () => {
  const site = new Site();
  expect(site.send('POST', '/api/v2/routing/queues', { name: 'x'.repeat(512_001) })).toMatchObject({ status: 413, code: 'request.entity.too.large' });
  const auth = { authorization: `Bearer ${site.token || (site.login() && site.token)}` };
  expect(site.raw('POST', '/api/v2/routing/queues', auth, Buffer.from('{'))).toMatchObject({ status: 400, code: 'bad.request' });
  expect(site.raw('POST', '/api/v2/routing/queues', { ...auth, 'content-type': 'text/plain' }, Buffer.from('{}'))).toMatchObject({
    status: 415,
    code: 'unsupported.media.type',
  });
  expect(site.send('GET', '/api/v2/nothing/here')).toMatchObject({ status: 404, code: 'not.found' });
  expect(site.core.objects('o', 'routing_queue')).toEqual([]);
});

test('the journal holds every request with client, status, bytes and what was committed, and no token', () => {
  const site = new Site();
  const made = site.send('POST', '/api/v2/routing/queues', { name: 'x' });
  site.send('POST', '/api/v2/routing/queues', { name: 'x' });
  const [login, created, refused] = site.core.journal;
  expect(login).toMatchObject({ path: '/oauth/token', status: 200, commits: [] });
  expect(created).toMatchObject({
    org: 'o',
    client: 'c',
    method: 'POST',
    status: 200,
    bytesIn: 12,
    commits: [{ action: 'create', type: 'routing_queue', id: made.body['id'] }],
  });
  expect(refused).toMatchObject({ status: 400, code: 'duplicate.name', commits: [] });
  expect(JSON.stringify(site.core.journal)).not.toContain(site.token);
});
