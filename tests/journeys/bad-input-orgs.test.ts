import { cpSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parseJson } from '../../state/json.ts';
import { openPlan } from '../../state/seal.ts';
import { makeMap, type Value, type ValueMap } from '../../state/value.ts';
import { openHand } from './by-hand.ts';
import { CLONE, JourneySite, type Run } from './journey-site.ts';

const STAGING = 'practice-staging';
const TREE = 'manifests/practice';
const QUEUE = `${TREE}/routing_queue/returns.yaml`;
let site: JourneySite;
let login: Server;
let config = '';
let twins: readonly string[] = [];

beforeAll(async () => {
  site = await JourneySite.start();
  for (const to of ['manifests', 'kept']) cpSync(join(CLONE, 'manifests'), join(site.folder, to), { recursive: true });
  config = site.read('cordboard.yaml');
  await change();
  const planned = await site.cordboard('plan', '--org', STAGING, '--out', 'plan.json');
  if (planned.code !== 2) throw new Error(planned.all);
  // A token as the API gives it, and a login page for everything else.
  login = createServer((request, answer) => {
    const isToken = request.url === '/oauth/token';
    answer.writeHead(200, { 'content-type': isToken ? 'application/json' : 'text/html' });
    answer.end(isToken ? '{"access_token":"x","token_type":"bearer","expires_in":86399}' : '<html>log in</html>');
  });
  await new Promise<void>((ready) => login.listen(0, '127.0.0.1', ready));
}, 120_000);
afterAll(async () => {
  await new Promise((closed) => login.close(closed));
  await site.end();
});

/** Two schedules under one name, and a deleted user, in staging. */
async function change(): Promise<void> {
  const { call, find } = await openHand(site.orgs.url, STAGING);
  const schedule = { name: 'Twins', start: '2026-01-01T08:00:00.000', end: '2026-01-01T17:00:00.000' };
  twins = [await call('POST', '/api/v2/architect/schedules', schedule), await call('POST', '/api/v2/architect/schedules', schedule)].map(({ id }) =>
    String(id),
  );
  const division = (await find('/api/v2/authorization/divisions', 'Stores')).id;
  const user = await call('POST', '/api/v2/users', { name: 'Gone', email: 'gone@harborandpine.example', divisionId: division });
  await call('DELETE', `/api/v2/users/${String(user['id'])}`);
}

/** Runs a verb with everything else put right again afterwards; the org is as before, and the tree but for what was spoilt. */
async function spoilt(spoil: () => void, ...words: readonly string[]): Promise<Run> {
  const before = site.hash(STAGING);
  try {
    spoil();
    const files = site.tree('manifests');
    const run = await site.cordboard(...words);
    expect(site.tree('manifests')).toEqual(files);
    expect(run.err).not.toContain('fault of Cordboard');
    return run;
  } finally {
    site.copy('kept', 'manifests');
    site.write('cordboard.yaml', config);
    rmSync(join(site.folder, '.env'), { force: true });
    expect(site.hash(STAGING)).toBe(before);
  }
}

function edit(file: string, from: string | RegExp, to: string): void {
  const text = site.read(file);
  if (text.replace(from, to) === text) throw new Error(`nothing was changed in ${file}`);
  site.write(file, text.replace(from, to));
}

describe('many faults in one tree', () => {
  const rows: readonly { reason: string; spoil: () => void; tells: RegExp }[] = [
    {
      reason: 'a merge conflict inside a block text of a flow',
      spoil: () =>
        edit(`${TREE}/flow/order-status_workflow.architect.yaml`, /\n {2}name: .*\n/, '\n  name: |\n    one\n    =======\n    two\n    >>>>>>> theirs\n'),
      tells: /order-status_workflow\.architect\.yaml:\d+:\d+: .*merge conflict/,
    },
    {
      reason: 'a folder of a type that is a link',
      spoil: () => {
        renameSync(join(site.folder, TREE, 'integration_credential'), join(site.folder, 'elsewhere'));
        symlinkSync('../../elsewhere', join(site.folder, TREE, 'integration_credential'));
      },
      tells: /integration_credential.* is a link/,
    },
    {
      reason: 'a $file that is a link',
      spoil: () => {
        rmSync(join(site.folder, TREE, 'architect_user_prompt/goodbye.en-us.wav'));
        symlinkSync('/etc/hostname', join(site.folder, TREE, 'architect_user_prompt/goodbye.en-us.wav'));
      },
      tells: /goodbye\.en-us\.wav.* is a link/,
    },
    {
      reason: 'a key with an escape sequence, a line feed and a NUL',
      spoil: () => edit(`${TREE}/routing_skill/furniture.yaml`, 'key: Furniture', 'key: "Furni\\e[31mture\\n\\0"'),
      tells: /furniture\.yaml:\d+:\d+: .*control characters/,
    },
    {
      reason: 'a file of nothing but comments',
      spoil: () => site.write(`${TREE}/routing_skill/english.yaml`, '# it was here\n'),
      tells: /english\.yaml:\d+:\d+: .*nothing but comments/,
    },
    {
      reason: 'a folder of no type',
      spoil: () => mkdirSync(join(site.folder, TREE, 'routing_skil')),
      tells: /routing_skil.*no type[\s\S]*did you mean "routing_skill"/,
    },
    {
      reason: 'text that is not UTF-8',
      spoil: () => site.write(`${TREE}/routing_skill/delivery.yaml`, Buffer.from([0x6b, 0xff, 0x0a])),
      tells: /delivery\.yaml.*UTF-8/,
    },
    {
      reason: 'a field of the document with a slip in its name',
      spoil: () => edit(`${TREE}/routing_skill/returns.yaml`, 'key:', 'kye:'),
      tells: /returns\.yaml:\d+:\d+: "kye"[\s\S]*did you mean "key"/,
    },
  ];

  test('are told at once, each with its file, exit 3, and nothing is written', async () => {
    const spoil = () => {
      for (const row of rows) row.spoil();
    };
    const { code, err } = await spoilt(spoil, 'check');
    expect(code).toBe(3);
    for (const { reason, tells } of rows) expect({ reason, err }).toEqual({ reason, err: expect.stringMatching(tells) });
    for (const raw of ['\u001b[', '\u0000']) expect(err).not.toContain(raw);
    const requests = site.orgs.core.journal.length;
    rmSync(join(site.folder, 'elsewhere'), { recursive: true, force: true });
    expect((await spoilt(spoil, 'plan', '--org', STAGING, '--out', 'never.json')).code).toBe(3);
    expect({ file: existsSync(join(site.folder, 'never.json')), requests: site.orgs.core.journal.length }).toEqual({ file: false, requests });
    rmSync(join(site.folder, 'elsewhere'), { recursive: true, force: true });
  });

  test('refs that only the org can judge: a deleted user, and a key of two objects with both ids', async () => {
    const spoil = () => {
      edit(`${TREE}/architect_schedule_group/care-hours.yaml`, /\$ref: architect_schedule\/\w+/, '$external: architect_schedule/Twins');
      edit(QUEUE, 'user/ben.okafor@harborandpine.example', 'user/gone@harborandpine.example');
      edit(QUEUE, '$ref: user/gone', '$external: user/gone');
    };
    const { code, err } = await spoilt(spoil, 'plan', '--org', STAGING, '--out', 'never.json');
    expect([code, err]).toEqual([3, expect.stringMatching(/returns\.yaml:\d+:\d+: "user\/gone@harborandpine\.example" is deleted in the org/)]);
    expect(err).toMatch(/care-hours\.yaml:\d+:\d+: "architect_schedule\/Twins" is the name of several/);
    for (const id of twins) expect(err).toContain(id);
    expect(() => site.read('never.json')).toThrow();
  });
});

describe('configuration and connections', () => {
  const org = (lines: string) => `orgs:\n  o:\n    manifests: manifests/practice\n${lines}`;
  const rows: readonly { reason: string; config: () => string | undefined; words?: readonly string[]; code: number; tells: RegExp }[] = [
    { reason: 'no file', config: () => undefined, code: 3, tells: /no configuration at "cordboard.yaml"/ },
    { reason: 'no YAML', config: () => 'orgs: [', code: 3, tells: /cordboard\.yaml:1:\d+: / },
    { reason: 'two orgs under one name', config: () => 'orgs:\n  a: {}\n  a: {}\n', code: 3, tells: /cordboard\.yaml:3:3: the key "a" stands twice/ },
    {
      reason: 'an unknown field and a wrong kind, both at once',
      config: () => org('    regoin: x\n    policy: { expires: soon }\n'),
      code: 3,
      tells: /:4:5: .*"regoin"[\s\S]*:5:\d+: .*expires/,
    },
    { reason: 'a folder outside', config: () => 'orgs:\n  o:\n    manifests: ../other\n', code: 3, tells: /:3:5: .*manifests/ },
    { reason: "an address that is not the vendor's", config: () => org('    address: https://api.example.com\n'), code: 3, tells: /gets no credentials/ },
    {
      reason: 'nothing listens',
      config: () => org('    role: practice\n    address: http://127.0.0.1:1\n'),
      code: 1,
      tells: /ECONNREFUSED[\s\S]*next: .*address/,
    },
    {
      reason: 'no TLS where TLS was asked for',
      config: () => org(`    role: test\n    address: ${site.orgs.url.replace('http:', 'https:')}\n    credentials: { id: PATH, secret: PATH }\n`),
      code: 1,
      tells: /no token: .*(TLS|SSL|EPROTO)[\s\S]*next: /i,
    },
    {
      reason: 'a login page in the place of the API, with 200',
      config: () => org(`    role: practice\n    address: http://127.0.0.1:${(login.address() as AddressInfo).port}\n`),
      code: 1,
      tells: /text\/html instead of JSON[\s\S]*next: .*proxy/,
    },
  ];
  test.each(rows)('$reason', async ({ config: text, code, tells }) => {
    const spoil = () => {
      const yaml = text();
      if (yaml === undefined) rmSync(join(site.folder, 'cordboard.yaml'));
      else site.write('cordboard.yaml', yaml);
    };
    const run = await spoilt(spoil, 'export', '--org', 'o');
    expect({ code: run.code, err: run.err }).toEqual({ code, err: expect.stringMatching(tells) });
  });

  test('a .env that is broken is told with its lines, and what it says is never printed', async () => {
    const spoil = () => site.write('.env', '# ours\n<<<<<<< HEAD\nGENESYS_CLOUD_OAUTH_CLIENT_SECRET="hunter2hunter2\n=======\nA=fine # so\n');
    const { code, all } = await spoilt(spoil, 'plan', '--org', STAGING);
    expect(code).toBe(3);
    for (const line of [/\.env:2: .*NAME=value/, /\.env:3: .*quote/, /\.env:4: /]) expect(all).toMatch(line);
    expect(all).not.toMatch(/hunter2|\.env:[15]/);
  });

  test('a secret that is missing is named before the first write', async () => {
    const { code, err } = await spoilt(() => {}, 'apply', 'plan.json');
    expect([code, err]).toEqual([3, expect.stringMatching(/the secret "\w+" is not set[\s\S]*next: set \w+ in the environment or in \.env/)]);
  });
});

describe('a plan file', () => {
  const open = (text: string) => openPlan(text, { org: { id: site.orgs.core.org(STAGING).id, name: STAGING }, tool: '0.1.0', now: Date.now() });

  test('with any of its fields changed, or any byte, is refused', () => {
    const sealed = site.read('plan.json');
    expect(open(sealed).problems).toEqual([]);
    const fields = parseJson(sealed) as ValueMap;
    for (const name of Object.keys(fields)) {
      const other: Value = typeof fields[name] === 'string' ? `${String(fields[name])}0` : 'other';
      expect({ name, wrong: open(JSON.stringify(makeMap(Object.entries({ ...fields, [name]: other })))).problems.length > 0 }).toEqual({ name, wrong: true });
      const { [name]: _, ...rest } = fields;
      expect({ name, wrong: open(JSON.stringify(makeMap(Object.entries(rest)))).problems.length > 0 }).toEqual({ name, wrong: true });
    }
    const bytes = Buffer.from(sealed);
    for (let at = 7; at < bytes.length - 1; at += Math.ceil(bytes.length / 60)) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] as number) ^ 1;
      expect({ at, wrong: open(changed.toString('utf8')).problems.length > 0 }).toEqual({ at, wrong: true });
    }
  });

  test('whose live document moved is stale at that document, exit 1, and the document stays as it was made', async () => {
    site.writeSecrets();
    const { call, find } = await openHand(site.orgs.url, STAGING);
    const queue = await find('/api/v2/routing/queues', 'Returns');
    const path = `/api/v2/routing/queues/${queue.id}`;
    expect(await site.cordboard('export', '--org', 'practice-empty', '--type', 'routing_skill')).toMatchObject({ code: 3 });
    const planned = await site.cordboard('plan', '--org', STAGING, '--out', 'moved.json');
    expect(planned.out).toContain('~ routing_queue/Returns');
    await call('PUT', path, { ...(await call('GET', path)), description: 'Moved meanwhile' });
    const { code, out } = await site.cordboard('apply', 'moved.json');
    expect([code, out]).toEqual([1, expect.stringMatching(/! routing_queue\/Returns {2}stale/)]);
    expect(await call('GET', path)).toMatchObject({ description: 'Moved meanwhile' });
  });
});
