import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { request as ask } from 'undici';
import type { Emulator, EmulatorOptions } from '../../providers/genesys-emulator/index.ts';
import { startEmulator } from '../../providers/genesys-emulator/index.ts';
import { judge } from './answer-judge.ts';

const ORGS = [{ name: 'o', clients: [{ id: 'c', secret: 's' }] }];

async function withEmulator<T>(options: Partial<EmulatorOptions>, use: (emulator: Emulator, token: string) => Promise<T>): Promise<T> {
  const emulator = await startEmulator({ orgs: ORGS, seed: 'door', ...options });
  judge(emulator.core);
  try {
    const login = await ask(`${emulator.url}/oauth/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('c:s')}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials',
    });
    return await use(emulator, ((await login.body.json()) as { access_token: string }).access_token);
  } finally {
    await emulator.close();
  }
}

test('audio goes up as a multipart form to the uploadUri, and comes back byte for byte from the mediaUri without a token', () =>
  withEmulator({}, async (emulator, token) => {
    const audio = Uint8Array.from({ length: 5000 }, (_, index) => (index * 7) % 256);
    const prompt = emulator.core.seed('o', 'architect_user_prompt', { name: 'Hello' });
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const resources = `${emulator.url}/api/v2/architect/prompts/${prompt}/resources`;
    const made = await fetch(resources, { method: 'POST', headers, body: JSON.stringify({ language: 'en-us', ttsString: 'hello' }) });
    const resource = (await made.json()) as { uploadUri: string; uploadStatus: string };
    expect(resource.uploadStatus).toBe('created');
    const form = new FormData();
    form.append('file', new Blob([audio]), 'hello.wav');
    // Terraform sends the token without the word before it (quirks, section 2).
    expect((await fetch(resource.uploadUri, { method: 'POST', headers: { authorization: token }, body: form })).status).toBe(202);
    expect((await fetch(resource.uploadUri, { method: 'POST', body: form })).status).toBe(401);
    const read = (await (await fetch(`${resources}/en-us`, { headers })).json()) as { uploadStatus: string; mediaUri: string };
    expect(read.uploadStatus).toBe('transcoded');
    expect(new Uint8Array(await (await fetch(read.mediaUri)).arrayBuffer())).toEqual(audio);
    const list = async (query: string) =>
      (await (await fetch(`${emulator.url}/api/v2/architect/prompts?${query}`, { headers })).json()) as { entities: readonly Record<string, unknown>[] };
    expect((await list('')).entities[0]).not.toHaveProperty('resources');
    expect((await list('includeResources=true&includeMediaUris=true')).entities[0]).toMatchObject({
      resources: [{ language: 'en-us', mediaUri: read.mediaUri }],
    });
    expect((await fetch(`${emulator.url}/api/v2/architect/prompts/${prompt}`, { method: 'DELETE', headers })).status).toBe(409);
    expect((await fetch(`${emulator.url}/api/v2/architect/prompts/${prompt}?allResources=true`, { method: 'DELETE', headers })).status).toBe(204);
  }));

test('a reset breaks the socket after the commit, and a late commit keeps it open until the client gives up', () =>
  withEmulator(
    {
      faults: {
        nth: [
          { fault: 'reset-after', nth: 1, path: 'skills' },
          { fault: 'late-commit', nth: 2, path: 'skills' },
        ],
        lateSeconds: [0, 0],
      },
    },
    async (emulator, token) => {
      const post = (name: string) =>
        ask(`${emulator.url}/api/v2/routing/skills`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}` },
          body: JSON.stringify({ name }),
          headersTimeout: 100,
        });
      await expect(post('A')).rejects.toMatchObject({ code: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/) });
      await expect(post('B')).rejects.toMatchObject({ code: 'UND_ERR_HEADERS_TIMEOUT' });
      expect(emulator.core.objects('o', 'routing_skill').map((skill) => skill['name'])).toEqual(['A', 'B']);
    },
  ));

test('HTML of a broken proxy, empty answers and odd paths go through the door as the core gave them', () =>
  withEmulator({ faults: { nth: [{ fault: 'bad-gateway-html', nth: 1, path: 'skills' }] } }, async (emulator, token) => {
    const headers = { authorization: `Bearer ${token}` };
    const html = await fetch(`${emulator.url}/api/v2/routing/skills`, { headers });
    expect([html.status, html.headers.get('content-type'), (await html.text()).startsWith('<html>')]).toEqual([502, 'text/html', true]);
    expect((await fetch(`${emulator.url}/api/v2/routing/skills/%zz`, { headers })).status).toBe(400);
    expect((await fetch(`${emulator.url}/elsewhere`, { headers })).status).toBe(404);
  }));

test('a state file brings back objects, audio, jobs and the order of ids; tokens are not in it', async () => {
  const stateFile = join(mkdtempSync(join(tmpdir(), 'emulator-')), 'state.json');
  const before = await withEmulator({ stateFile }, async (emulator) => {
    emulator.core.seed('o', 'architect_user_prompt', { name: 'P' }, { parts: { resources: [{ language: 'en-us', audio: Uint8Array.of(1, 2, 3) }] } });
    emulator.core.context('o').memory('jobs').set('j', { done: true });
    return { hash: emulator.core.hash('o'), home: emulator.core.context('o').homeDivisionId, id: emulator.core.org('o').id };
  });
  await withEmulator({ stateFile }, async (emulator) => {
    const context = emulator.core.context('o');
    expect({ hash: emulator.core.hash('o'), home: context.homeDivisionId, id: emulator.core.org('o').id }).toEqual(before);
    expect(context.memory('jobs').get('j')).toEqual({ done: true });
    const [prompt] = emulator.core.objects('o', 'architect_user_prompt');
    const [resource] = (prompt?.['resources'] ?? []) as unknown as readonly { mediaUri: string }[];
    expect(new Uint8Array(await (await fetch(emulator.url + new URL(resource?.mediaUri ?? '', emulator.url).pathname)).arrayBuffer())).toEqual(
      Uint8Array.of(1, 2, 3),
    );
    emulator.core.seed('o', 'routing_skill', { name: 'After' });
    expect(
      new Set(['auth_division', 'architect_user_prompt', 'routing_skill'].flatMap((type) => emulator.core.objects('o', type).map((object) => object['id'])))
        .size,
    ).toBe(3);
  });
});
