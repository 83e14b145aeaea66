import { expect, test } from '@jest/globals';
import { type ListFacts, type Listing, readList } from '../../providers/client/pages.ts';
import type { HttpRequest } from '../../providers/world.ts';
import { makeChance } from '../worlds/simulated-world.ts';
import { errorReply, type Handler, lost, type Reply, setting } from './org-double.ts';

const numbered: ListFacts = {
  path: '/api/v2/routing/queues',
  itemsAt: 'entities',
  pagination: 'page',
  maxPageSize: 10,
  paging: { param: 'pageNumber', first: 1, sizeParam: 'pageSize' },
};
const cursored: ListFacts = {
  path: '/api/v2/integrations/credentials/listing',
  itemsAt: 'entities',
  pagination: 'cursor',
  maxPageSize: 10,
  paging: { param: 'after', sizeParam: 'pageSize' },
};
const whole: ListFacts = { path: '/api/v2/oauth/clients', itemsAt: 'entities', pagination: 'none' };

const rowsOf = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `id-${index}`, name: `Row ${index}` }));
const query = (request: HttpRequest, name: string) => new URL(request.url).searchParams.get(name);

function numberedPage(
  request: HttpRequest,
  rows: readonly unknown[],
  change: (body: Record<string, unknown>) => Record<string, unknown> = (body) => body,
): Reply {
  const [page, size] = [Number(query(request, 'pageNumber')), Number(query(request, 'pageSize'))];
  const entities = rows.slice((page - 1) * size, page * size);
  return { body: change({ entities, total: rows.length, pageNumber: page, pageSize: size, pageCount: Math.ceil(rows.length / size) }) };
}

function cursorPage(
  request: HttpRequest,
  rows: readonly unknown[],
  nextUri: (after: number) => string = (after) => `/api/v2/somewhere?after=${after}&pageSize=10`,
): Reply {
  const [after, size] = [Number(query(request, 'after') ?? 0), Number(query(request, 'pageSize'))];
  const next = after + size < rows.length ? { nextUri: nextUri(after + size) } : {};
  return { body: { entities: rows.slice(after, after + size), ...next } };
}

async function read(
  facts: ListFacts,
  handler: Handler,
  options: Parameters<typeof readList>[2] = {},
): Promise<{ listing: Listing; sent: number; requests: HttpRequest[] }> {
  const run = setting(handler);
  const listing = await run.world.run(readList(run.client, facts, options));
  return { listing, sent: run.requests.length, requests: run.requests };
}

test.each([0, 1, 9, 10, 11, 20, 95, 100, 101])('a list of %i rows costs ceil(n / page size) requests in each style, and one when empty', async (count) => {
  const rows = rowsOf(count);
  const least = Math.max(1, Math.ceil(count / 10));
  for (const [facts, handler, requests] of [
    [numbered, (request: HttpRequest) => numberedPage(request, rows), least],
    [numbered, (request: HttpRequest) => numberedPage(request, rows, ({ total: _, ...body }) => body), least],
    [cursored, (request: HttpRequest) => cursorPage(request, rows), least],
    [cursored, (request: HttpRequest) => cursorPage(request, rows, (after) => `https://api.org.test/api/v2/x?pageSize=10&after=${after}`), least],
    [whole, () => ({ body: { entities: rows } }), 1],
    [{ ...whole, itemsAt: '' }, () => ({ body: rows }), 1],
  ] as const) {
    const { listing, sent } = await read(facts, handler);
    expect(listing.complete).toBe(true);
    expect(listing.rows.map((row) => row['id'])).toEqual(rows.map((row) => row.id));
    expect(sent).toBe(requests);
  }
});

test('pages are read at once when the first has told how many there are', async () => {
  const rows = rowsOf(1_000);
  const run = setting((request) => numberedPage(request, rows), { latency: () => 1_000 });
  await run.world.run(readList(run.client, numbered));
  expect(run.requests).toHaveLength(100);
  expect(run.world.clock.ticks()).toBeLessThan(6_000);
});

test('a cursor stands in nextUri, in the body or under cursors; empty, null and absent end the list', async () => {
  for (const shape of [
    (after: string | null) => ({ after }),
    (after: string | null) => ({ cursors: { after } }),
    (after: string | null) => ({ nextUri: after === null ? null : `?after=${after}` }),
    (after: string | null) => ({ nextUri: after === null ? '' : `?after=${after}` }),
  ]) {
    const { listing, requests } = await read(cursored, (_, count) => ({
      body: { entities: Array.from({ length: 10 }, (__, index) => ({ id: `${count}-${index}` })), ...shape(count < 3 ? `c${count}` : null) },
    }));
    expect(listing.complete).toBe(true);
    expect(listing.rows).toHaveLength(30);
    expect(requests.map((request) => query(request, 'after'))).toEqual([null, 'c1', 'c2']);
  }
});

test('a cursor page that is not full though more follow is read again', async () => {
  const rows = rowsOf(35);
  const { listing, sent } = await read(cursored, (request, count) => {
    const reply = cursorPage(request, rows);
    const body = reply.body as { entities: unknown[] };
    return count === 2 ? { body: { ...body, entities: body.entities.slice(0, 5) } } : reply;
  });
  expect(listing.complete).toBe(true);
  expect(listing.rows).toHaveLength(35);
  expect(sent).toBe(5);
});

test('only the cursor is taken from nextUri, never its host', async () => {
  const { requests } = await read(cursored, (_, count) => ({
    body: { entities: [], ...(count < 2 ? { nextUri: 'https://elsewhere.test/steal?after=2' } : {}) },
  }));
  expect(requests.every((request) => request.url.startsWith('https://api.org.test/api/v2/integrations/'))).toBe(true);
});

test('a list that is asked for by POST carries size and place in its body', async () => {
  const facts: ListFacts = {
    ...numbered,
    method: 'POST',
    path: '/api/v2/taskmanagement/workbins/query',
    paging: { bodyParam: 'pageNumber', size: 'pageSize' },
  };
  const rows = rowsOf(25);
  const { listing, sent } = await read(facts, (request) => {
    const { pageNumber = 1, pageSize } = JSON.parse(String(request.body));
    return { body: { entities: rows.slice((pageNumber - 1) * pageSize, pageNumber * pageSize), total: 25 } };
  });
  expect(listing.complete).toBe(true);
  expect(listing.rows).toHaveLength(25);
  expect(sent).toBe(3);
});

test.each<{ spoil: (body: Record<string, unknown>) => Record<string, unknown>; short: boolean; reason: string }>([
  { spoil: ({ total: _, ...body }) => body, short: true, reason: 'pages from which the org left out what this client may not see' },
  { spoil: ({ total: _, pageCount: __, ...body }) => body, short: false, reason: 'pages that tell neither total nor count' },
])('a list is not over before its last page: $reason', async ({ spoil, short }) => {
  const rows = rowsOf(25);
  const { listing } = await read(numbered, (request) =>
    numberedPage(request, rows, (body) => spoil({ ...body, entities: (body['entities'] as unknown[]).slice(short ? 1 : 0) })),
  );
  expect(listing.complete).toBe(true);
  expect(listing.rows).toHaveLength(short ? 22 : 25);
});

const flaky = (share: number, seed: number, spoil: (body: Record<string, unknown>) => Record<string, unknown>): Handler => {
  const chance = makeChance(seed);
  const rows = rowsOf(95);
  return (request) => numberedPage(request, rows, (body) => (chance() < share ? spoil(body) : body));
};

test.each([
  { spoil: (body: Record<string, unknown>) => ({ ...body, entities: (body['entities'] as unknown[]).slice(0, 3) }), reason: 'a short page' },
  { spoil: (body: Record<string, unknown>) => ({ ...body, total: Number(body['total']) + 3 }), reason: 'a total that moves up' },
  { spoil: (body: Record<string, unknown>) => ({ ...body, total: Number(body['total']) - 30 }), reason: 'a total that moves down' },
  { spoil: ({ entities: _, ...body }: Record<string, unknown>) => body, reason: 'a page without its list' },
])('now and then $reason: read again, and whole in the end', async ({ spoil }) => {
  for (let seed = 1; seed <= 40; seed += 1) {
    const { listing, sent } = await read(numbered, flaky(0.15, seed, spoil));
    expect({ seed, why: listing.why, count: listing.rows.length }).toEqual({ seed, why: undefined, count: 95 });
    expect(sent).toBeLessThan(60);
  }
});

test.each<{ handler: Handler; facts: ListFacts; why: string; reason: string }>([
  {
    facts: numbered,
    handler: (request) => numberedPage(request, rowsOf(25), (body) => ({ ...body, total: 26 })),
    why: 'says that it holds 26 rows, and 25 came',
    reason: 'a total that never comes',
  },
  {
    facts: numbered,
    handler: (request) => numberedPage(request, [...rowsOf(24), { id: 'id-3' }]),
    why: '1 rows came twice',
    reason: 'a row that stands for another',
  },
  {
    facts: numbered,
    handler: (request, count) => numberedPage(request, rowsOf(25), (body) => ({ ...body, total: 20 + count })),
    why: 'total',
    reason: 'a total that never rests',
  },
  { facts: numbered, handler: () => ({ body: { entities: rowsOf(10), pageCount: 99 } }), why: 'repeats rows', reason: 'the same page for ever' },
  { facts: numbered, handler: () => ({ body: { entities: [], total: 1e12 } }), why: '1000000000000 rows', reason: 'a total out of this world' },
  { facts: cursored, handler: () => ({ body: { entities: rowsOf(10), nextUri: '?after=1' } }), why: 'round in a circle', reason: 'a cursor that loops' },
  { facts: whole, handler: () => ({ body: { message: 'hello' } }), why: 'holds no list "entities"', reason: 'no list at all' },
  { facts: whole, handler: () => ({ body: { entities: [null, 'x'] } }), why: 'no objects', reason: 'rows that are no objects' },
  { facts: whole, handler: () => ({ status: 206, body: { entities: rowsOf(2) } }), why: '206', reason: 'an answer in part' },
])('a list is not complete, and says why: $reason', async ({ facts, handler, why }) => {
  const { listing, sent } = await read(facts, handler);
  expect(listing.complete).toBe(false);
  expect(listing.why).toContain(why);
  expect(sent).toBeLessThan(200);
});

test('a list that may not be read is not complete and carries the failure', async () => {
  const { listing, sent } = await read(numbered, () => errorReply(403, 'missing.permissions', 'needs routing:queue:view'));
  expect(listing).toMatchObject({ rows: [], complete: false, failure: { kind: 'forbidden', permissions: ['routing:queue:view'] } });
  expect(sent).toBe(1);
});

test('rows that came before a failure are kept, and the list is not complete', async () => {
  const rows = rowsOf(50);
  const { listing } = await read(numbered, (request) =>
    query(request, 'pageNumber') === '4' ? errorReply(400, 'invalid.query.param.value') : numberedPage(request, rows),
  );
  expect(listing).toMatchObject({ complete: false, failure: { kind: 'refused' } });
  expect(listing.rows).toHaveLength(40);
});

test('faults of the network inside a list are waited out', async () => {
  const rows = rowsOf(200);
  const { listing, sent } = await read(numbered, (request, count) =>
    count % 5 === 0 ? lost('RESET') : count % 7 === 0 ? { status: 502, body: '<html>' } : numberedPage(request, rows),
  );
  expect(listing.complete).toBe(true);
  expect(sent).toBeLessThan(40);
});

test('rows without an id are told apart by what the caller says', async () => {
  const rows = Array.from({ length: 15 }, (_, index) => ({ key: `k${index}` }));
  const { listing } = await read({ ...numbered, path: '/api/v2/flows/datatables/{datatableId}/rows' }, (request) => numberedPage(request, rows), {
    parameters: { datatableId: 'a b' },
    query: { showbrief: false },
    identify: (row) => String(row['key']),
  });
  expect(listing.complete).toBe(true);
  expect(listing.rows).toHaveLength(15);
});
