import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from '@jest/globals';
import { openClient } from '../../providers/client/open-client.ts';
import type { OrgClient } from '../../providers/client/org-client.ts';
import { nodeWorld } from '../../providers/node-world.ts';
import { HttpFailure } from '../../providers/world.ts';

const servers: Server[] = [];
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

type Answering = (request: IncomingMessage, response: ServerResponse, body: Buffer) => void;

async function listen(answer: Answering): Promise<{ url: string; client: OrgClient; seen: { request: IncomingMessage; body: Buffer }[] }> {
  const seen: { request: IncomingMessage; body: Buffer }[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    if (request.url === '/oauth/token') return void response.end(JSON.stringify({ access_token: 'real-token', expires_in: 3_600 }));
    seen.push({ request, body });
    return answer(request, response, body);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const connection = { api: url, login: url, apps: url, clientId: 'id', clientSecret: 'a secret' };
  return { url, seen, client: openClient(nodeWorld(), connection, { mode: 'write', report: () => undefined }) };
}

const json = (response: ServerResponse, value: unknown) => void response.setHeader('content-type', 'application/json').end(JSON.stringify(value));

test('over a real socket: token, query, JSON body, and the answer', async () => {
  const { client, seen } = await listen((_, response) => json(response, { id: '1' }));
  const answer = await client.call({
    method: 'PUT',
    path: '/api/v2/routing/queues/1',
    query: { expand: ['a', 'b'], force: true, none: undefined },
    body: { name: 'Ü', big: 9007199254740993n },
  });
  expect(answer.value).toEqual({ id: '1' });
  expect(seen[0]!.request).toMatchObject({ method: 'PUT', url: '/api/v2/routing/queues/1?expand=a%2Cb&force=true' });
  expect(seen[0]!.request.headers['authorization']).toBe('Bearer real-token');
  expect(seen[0]!.body.toString()).toBe('{"big":9007199254740993,"name":"Ü"}');
});

test('over a real socket: a multipart upload arrives as its parts', async () => {
  const { client, seen } = await listen((_, response) => json(response, {}));
  const audio = new Uint8Array([0, 255, 13, 10, 45, 45, 99]);
  await client.call({
    method: 'POST',
    path: '/uploads/v2/prompts/1',
    base: 'apps',
    auth: 'bare',
    content: {
      kind: 'multipart',
      parts: [
        { name: 'file', value: audio, fileName: 'a"b.wav', contentType: 'audio/wav' },
        { name: 'note', value: 'é' },
      ],
    },
  });
  const { request, body } = seen[0]!;
  const form = await new Response(body, { headers: { 'content-type': String(request.headers['content-type']) } }).formData();
  expect(new Uint8Array(await (form.get('file') as File).arrayBuffer())).toEqual(audio);
  expect((form.get('file') as File).name).toBe('a"b.wav');
  expect(form.get('note')).toBe('é');
  expect(request.headers['authorization']).toBe('real-token');
});

test('over a real socket: packed answers are unpacked, and a bomb of one is refused', async () => {
  const { client } = await listen((request, response) => {
    response.setHeader('content-type', 'application/json').setHeader('content-encoding', 'gzip');
    response.end(gzipSync(request.url === '/api/v2/bomb' ? Buffer.alloc(50_000_000, 0x20) : '{"a": 1}'));
  });
  expect((await client.call({ method: 'GET', path: '/api/v2/x' })).value).toEqual({ a: 1 });
  await expect(client.call({ method: 'GET', path: '/api/v2/bomb', maxBytes: 1_000_000 })).rejects.toMatchObject({
    message: expect.stringContaining('too large'),
  });
});

test('over a real socket: a body that never ends is cut at its limit, one that trickles at its deadline', async () => {
  const { client } = await listen((request, response) => {
    response.setHeader('content-type', 'application/json');
    const timer = setInterval(() => response.write('x'.repeat(request.url === '/api/v2/flood' ? 100_000 : 1)), 5);
    response.on('close', () => clearInterval(timer));
  });
  await expect(client.call({ method: 'GET', path: '/api/v2/flood', maxBytes: 1_000_000 })).rejects.toMatchObject({
    message: expect.stringContaining('too large'),
  });
  await expect(client.call({ method: 'GET', path: '/api/v2/trickle', deadline: 100, patience: 0 })).rejects.toMatchObject({
    kind: 'unclear',
    message: expect.stringContaining('timed out'),
  });
});

test.each([
  { name: 'a reset before any answer', act: (response: ServerResponse) => response.socket?.resetAndDestroy() },
  {
    name: 'a body that is cut off',
    act: (response: ServerResponse) =>
      void response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' }).write('{"id": "1', () => response.socket?.destroy()),
  },
])('over a real socket: $name leaves a POST unclear, and a GET is repeated', async ({ act }) => {
  let count = 0;
  const { client, seen } = await listen((request, response) => {
    count += 1;
    if (request.method === 'POST' || count === 2) act(response);
    else json(response, { ok: true });
  });
  await expect(client.call({ method: 'POST', path: '/api/v2/x', body: {} })).rejects.toMatchObject({ kind: 'unclear' });
  expect(seen).toHaveLength(1);
  expect((await client.call({ method: 'GET', path: '/api/v2/x' })).value).toEqual({ ok: true });
  expect(seen).toHaveLength(3);
});

test('over a real socket: a redirect is not followed', async () => {
  const elsewhere = await listen((_, response) => json(response, { stolen: true }));
  const { client } = await listen((_, response) => void response.writeHead(302, { location: `${elsewhere.url}/x` }).end());
  await expect(client.call({ method: 'GET', path: '/api/v2/x', patience: 0 })).rejects.toMatchObject({ message: expect.stringContaining('redirect') });
  expect(elsewhere.seen).toHaveLength(0);
});

test('the real HTTP says whether a request was sent', async () => {
  const { http } = nodeWorld();
  const ask = (url: string) => http({ method: 'GET', url, headers: {}, deadline: 5_000, maxBytes: 1_000 }).catch((failure: unknown) => failure);
  const refused = await ask('http://127.0.0.1:1/');
  expect(refused).toBeInstanceOf(HttpFailure);
  expect(refused).toMatchObject({ code: 'REFUSED', wasSent: false });
});
