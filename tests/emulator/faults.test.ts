import { expect, test } from '@jest/globals';
import type { FaultKind } from '../../providers/genesys-emulator/index.ts';
import { emulatorHttp, FAULT_KINDS } from '../../providers/genesys-emulator/index.ts';
import type { JsonMap } from '../../providers/genesys-emulator/json.ts';
import { Site } from './site.ts';

function names(site: Site): readonly unknown[] {
  return site.core.objects('o', 'routing_skill').map((skill) => skill['name']);
}

function siteWith(fault: FaultKind, more: { nth?: number } = {}): Site {
  return new Site({ faults: { nth: [{ fault, nth: more.nth ?? 1, method: 'POST', path: '/routing/skills' }] } });
}

interface Row {
  readonly fault: FaultKind;
  readonly status: number;
  readonly effect: string | undefined;
  readonly isCommitted: boolean;
  readonly reason: string;
}

const ROWS: readonly Row[] = [
  { fault: 'unauthorised', status: 401, effect: undefined, isCommitted: false, reason: 'a token ends in the middle of a run' },
  { fault: 'forbidden', status: 403, effect: undefined, isCommitted: false, reason: 'a permission is lost in the middle of a run' },
  { fault: 'too-many-requests', status: 429, effect: undefined, isCommitted: false, reason: 'others use the limit as well' },
  { fault: 'server-error', status: 500, effect: undefined, isCommitted: false, reason: 'it happens' },
  { fault: 'bad-gateway-html', status: 502, effect: undefined, isCommitted: false, reason: 'a proxy answers, not the API' },
  { fault: 'server-error-after', status: 500, effect: undefined, isCommitted: true, reason: 'it breaks while it answers' },
  { fault: 'bad-gateway-after', status: 502, effect: undefined, isCommitted: true, reason: 'the proxy lost the answer' },
  { fault: 'unavailable-before', status: 503, effect: undefined, isCommitted: false, reason: 'overload, nothing done' },
  { fault: 'unavailable-after', status: 503, effect: undefined, isCommitted: true, reason: 'measured: POST /routing/skills succeeds but answers 503' },
  { fault: 'reset-before', status: 0, effect: 'reset', isCommitted: false, reason: 'the request never arrived' },
  { fault: 'reset-after', status: 0, effect: 'reset', isCommitted: true, reason: 'the answer was lost' },
];

test.each(ROWS)('$fault: $reason', ({ fault, status, effect, isCommitted }) => {
  const site = siteWith(fault);
  const answer = site.send('POST', '/api/v2/routing/skills', { name: 'A' });
  expect({ status: answer.status, effect: answer.effect }).toEqual({ status, effect });
  expect(names(site)).toEqual(isCommitted ? ['A'] : []);
  expect(site.core.journal.at(-1)).toMatchObject({ fault, commits: isCommitted ? [{ action: 'create' }] : [] });
  site.login();
  expect(site.send('POST', '/api/v2/routing/skills', { name: 'B' }).status).toBe(200);
});

test('an injected 403 names the permission of the request that it struck', () => {
  const site = new Site({ faults: { nth: [{ fault: 'forbidden', nth: 1, path: 'queues' }] } });
  expect(site.send('GET', '/api/v2/routing/queues')).toMatchObject({ status: 403, body: { messageParams: { permissions: 'routing:queue:view' } } });
  expect(site.send('GET', '/api/v2/routing/queues').status).toBe(200);
});

test('a late commit lands after the client gave up, at a moment of its own, and the journal then shows it', () => {
  const site = siteWith('late-commit');
  expect(site.send('POST', '/api/v2/routing/skills', { name: 'A' }).effect).toBe('silence');
  expect(names(site)).toEqual([]);
  expect(site.core.pending).toBe(1);
  site.time.now += 31_000;
  expect(names(site)).toEqual(['A']);
  expect(site.core.journal[1]).toMatchObject({ fault: 'late-commit', commits: [{ action: 'create' }] });
});

test('a late commit whose name was taken meanwhile is refused in silence', () => {
  const site = siteWith('late-commit');
  site.send('POST', '/api/v2/routing/skills', { name: 'A' });
  expect(site.send('POST', '/api/v2/routing/skills', { name: 'A' }).status).toBe(200);
  site.time.now += 31_000;
  expect(names(site)).toEqual(['A']);
});

function listOf(site: Site, query = ''): { rows: readonly JsonMap[]; total: number } {
  const { body } = site.send('GET', `/api/v2/routing/skills?pageSize=100${query}`);
  return { rows: body['entities'] as unknown as readonly JsonMap[], total: Number(body['total']) };
}

function skills(site: Site, count: number): void {
  for (let index = 0; index < count; index += 1) site.core.seed('o', 'routing_skill', { name: `S${index}` });
}

test('a short page lacks rows that its total counts; a moving total differs from the rows', () => {
  const site = new Site({
    faults: {
      nth: [
        { fault: 'short-page', nth: 1, path: 'skills' },
        { fault: 'moving-total', nth: 2, path: 'skills' },
      ],
    },
  });
  skills(site, 10);
  expect(listOf(site)).toMatchObject({ rows: { length: 5 }, total: 10 });
  const moved = listOf(site);
  expect(moved.rows).toHaveLength(10);
  expect(moved.total).not.toBe(10);
  expect(listOf(site)).toMatchObject({ rows: { length: 10 }, total: 10 });
});

test('shuffled lists hold each row once over all pages, in another order than that of creation', () => {
  const site = new Site({ faults: { shuffle: true } });
  skills(site, 50);
  const pages = [1, 2, 3, 4, 5].map(
    (page) => site.send('GET', `/api/v2/routing/skills?pageSize=10&pageNumber=${page}`).body['entities'] as unknown as readonly JsonMap[],
  );
  const seen = pages.flat().map((row) => row['name']);
  expect(new Set(seen).size).toBe(50);
  expect(seen).not.toEqual([...Array(50).keys()].map((index) => `S${index}`));
});

test('shuffling names another order for each text, of the lists inside an answer too, and the same order for the same text', () => {
  const site = new Site({ orgs: [{ name: 'o', clients: [{ id: 'c', secret: 's' }] }] });
  skills(site, 8);
  const ids = site.core.objects('o', 'routing_skill').map((skill) => ({ id: String(skill['id']), proficiency: 3 }));
  const user = site.core.seed(
    'o',
    'user',
    { name: 'A', email: 'a@example.com', divisionId: site.core.context('o').homeDivisionId },
    { parts: { routingskills: ids } },
  );
  const orders = ['one', 'two', 'one'].map((shuffle) => {
    site.core.faults.plan = { shuffle };
    const whole = site.send('GET', `/api/v2/users/${user}?expand=skills`).body['skills'] as unknown as readonly JsonMap[];
    const listed = site.send('GET', `/api/v2/users/${user}/routingskills`).body['entities'] as unknown as readonly JsonMap[];
    return [whole, listed].map((rows) => rows.map((row) => row['id']));
  });
  expect(orders[0]).toEqual(orders[2]);
  expect(orders[0]).not.toEqual(orders[1]);
  for (const order of orders.flat()) expect([...order].sort()).toEqual(ids.map(({ id }) => id).sort());
});

test('a late commit may be answered by a gateway that does not wait for it', () => {
  const site = new Site({ faults: { nth: [{ fault: 'late-commit', nth: 1, path: 'skills' }], lateSeconds: [2, 2], lateAnswer: 'gateway-timeout' } });
  expect(site.send('POST', '/api/v2/routing/skills', { name: 'Late' }).status).toBe(504);
  expect(site.core.objects('o', 'routing_skill')).toEqual([]);
  site.time.now += 2_000;
  expect(site.core.objects('o', 'routing_skill')).toMatchObject([{ name: 'Late' }]);
});

test('lists lag behind creates, changes and deletes; a single read does not', () => {
  const site = new Site({ faults: { lagSeconds: [10, 10] } });
  const made = site.send('POST', '/api/v2/routing/wrapupcodes', { name: 'Old' });
  const list = () => (site.send('GET', '/api/v2/routing/wrapupcodes').body['entities'] as unknown as readonly JsonMap[]).map((row) => row['name']);
  const path = `/api/v2/routing/wrapupcodes/${made.body['id']}`;
  expect(list()).toEqual([]);
  expect(site.send('GET', path).status).toBe(200);
  site.time.now += 10_000;
  expect(list()).toEqual(['Old']);
  site.send('PUT', path, { name: 'New' });
  expect(list()).toEqual(['Old']);
  site.time.now += 10_000;
  expect(list()).toEqual(['New']);
  site.send('DELETE', path);
  expect(list()).toEqual(['New']);
  site.time.now += 10_000;
  expect(list()).toEqual([]);
});

test('the same seed gives the same faults, ids and answers; another seed gives others', () => {
  const run = (seed: string) => {
    const rates = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0.05]));
    const site = new Site({ seed, faults: { rates } });
    for (let index = 0; index < 60; index += 1) {
      if (index % 10 === 0) site.login();
      site.send('POST', '/api/v2/routing/skills', { name: `S${index}` });
    }
    return JSON.stringify(site.core.journal);
  };
  expect(run('a')).toBe(run('a'));
  expect(run('a')).not.toBe(run('b'));
});

test('without sockets, faults of the transport arrive as failures, and time passes on the core’s own clock', async () => {
  const site = new Site({
    faults: {
      nth: [
        { fault: 'reset-after', nth: 1, path: 'skills' },
        { fault: 'late-commit', nth: 2, path: 'skills' },
      ],
    },
  });
  site.login();
  const http = emulatorHttp(site.core, { latency: () => 100 });
  const headers = { Authorization: `Bearer ${site.token}` };
  const request = {
    method: 'POST',
    url: 'https://api.example.com/api/v2/routing/skills',
    headers,
    body: '{"name":"A"}',
    deadline: 16_000,
    maxBytes: 1_000_000,
  };
  await expect(http(request)).rejects.toMatchObject({ code: 'RESET', wasSent: true });
  const before = site.time.now;
  await expect(http({ ...request, body: '{"name":"B"}' })).rejects.toMatchObject({ code: 'TIMEOUT', wasSent: true });
  expect(site.time.now - before).toBe(16_000);
  await expect(http({ ...request, method: 'GET', maxBytes: 10 })).rejects.toMatchObject({ code: 'TOO_LARGE' });
  expect((await http({ ...request, method: 'GET' })).status).toBe(200);
});
