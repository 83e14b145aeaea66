import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { OrgSeed } from '../../providers/genesys-emulator/practice/index.ts';
import { practiceOrgs } from '../../providers/genesys-emulator/practice/index.ts';
import { JourneySite, type Run } from './journey-site.ts';

const PRODUCTION = 'practice-production';
const STAGING = 'practice-staging';
/** Unmistakable, with letters that every encoding spells in its own way. */
const planted = (where: string) => `canary/${where}+"Ünïque&${where}=?%`;

let site: JourneySite;
const runs: { readonly words: string; readonly run: Run }[] = [];
const secrets = new Set<string>();

/** The practice orgs with client secrets of our own. */
function withClientSecrets(seed: OrgSeed): OrgSeed {
  const clients = seed.spec.clients.map((client) => ({ ...client, secret: plant(`client-${client.id}`) }));
  return { ...seed, spec: { ...seed.spec, clients } };
}

function plant(where: string): string {
  secrets.add(planted(where));
  return planted(where);
}

async function run(...words: readonly string[]): Promise<Run> {
  const org = words.includes(PRODUCTION) ? PRODUCTION : STAGING;
  const environment = { GENESYS_CLOUD_OAUTH_CLIENT_ID: org, GENESYS_CLOUD_OAUTH_CLIENT_SECRET: planted(`client-${org}`) };
  const ended = await site.start(words, { ...environment, ...credentials() }).ended;
  runs.push({ words: words.join(' '), run: ended });
  return ended;
}

/** A value in the environment for each secret that a document names. */
function credentials(): Readonly<Record<string, string>> {
  const text = runs.length === 0 ? '' : [...site.tree('manifests').values()].map((content) => Buffer.from(content, 'base64').toString()).join('\n');
  return Object.fromEntries([...text.matchAll(/\$secret: (\w+)/g)].map(([, name = '']) => [name, plant(`env-${name}`)]));
}

/** The org's own values, and its tokens, from the start on. */
function plantInOrg(org: string): void {
  const { core } = site.orgs;
  for (const { id } of core.context(org).all('integration_credential')) {
    core.edit(org, 'integration_credential', id, (body) => {
      const fields = Object.keys(body['credentialFields'] as object).map((name) => [name, plant(`org-${id}-${name}`)]);
      return { ...body, credentialFields: Object.fromEntries(fields) };
    });
  }
}

beforeAll(async () => {
  site = await JourneySite.start({ orgs: practiceOrgs().map(withClientSecrets) });
  const { core } = site.orgs;
  for (const org of [PRODUCTION, STAGING]) plantInOrg(org);
  const issue = core.access.issue.bind(core.access);
  core.access.issue = (request) => {
    const answer = issue(request);
    secrets.add((JSON.parse(String(answer.body)) as { access_token?: string }).access_token ?? planted('none'));
    return answer;
  };
  // The org repeats in its errors what it was sent, secrets included.
  const handle = core.handle.bind(core);
  let wasRefused = 0;
  core.handle = (request) => {
    const answer = handle(request);
    const isCredential = request.method !== 'GET' && request.path.includes('/integrations/credentials');
    // A fault of its own is answered as it is: the refusal has to arrive.
    if (!isCredential || wasRefused > 0 || answer.effect !== undefined || answer.status >= 300) return answer;
    wasRefused += 1;
    const said = Buffer.from(request.body).toString('utf8');
    const echo = JSON.stringify({
      status: 400,
      code: 'bad.request',
      message: `not valid: ${said}`,
      details: [{ fieldName: said, errorCode: said }],
      errors: [],
    });
    return { ...answer, status: 400, headers: { 'content-type': 'application/json' }, body: echo };
  };
  const revoked = { fault: 'unauthorised', times: 1 } as const;
  core.faults.plan = {
    rates: { 'too-many-requests': 0.02, 'reset-before': 0.02, 'bad-gateway-html': 0.02 },
    nth: [60, 300, 700].map((nth) => ({ ...revoked, nth })),
    retryAfter: '1',
  };
  await site.git('add', '.gitignore', 'cordboard.yaml');
  await site.git('commit', '-q', '-m', 'start');
  await run('export', '--org', PRODUCTION, '--all', '--commit');
  await run('check', '--json');
  await run('graph', '--org', STAGING);
  for (const format of ['dot', 'json']) await run('graph', '--org', STAGING, '--format', format);
  await run('plan', '--org', STAGING, '--out', 'plan.json', '--json');
  await run('apply', 'plan.json');
  await run('apply', 'plan.json', '--json');
  // A credential of two secrets, of which one is rotated.
  const texts = [...site.tree('manifests').values()].map((content) => [
    ...Buffer.from(content, 'base64')
      .toString()
      .matchAll(/\$secret: (\w+)/g),
  ]);
  const [[, name = ''] = []] = texts.find((found) => found.length > 1) ?? [];
  await run('plan', '--org', STAGING, '--rotate', name, '--out', 'rotate.json');
  await run('apply', 'rotate.json');
  const { id } = core.context(STAGING).byName('routing_queue', 'Returns')[0]!;
  core.edit(STAGING, 'routing_queue', id, (body) => ({ ...body, description: 'Changed in a hurry' }));
  await run('drift', '--org', STAGING, '--json', '--out', 'back.json');
  await run('export', '--org', PRODUCTION);
  const wrong = { GENESYS_CLOUD_OAUTH_CLIENT_ID: STAGING, GENESYS_CLOUD_OAUTH_CLIENT_SECRET: plant('wrong-client-secret') };
  runs.push({ words: 'plan with a wrong secret', run: await site.start(['plan', '--org', STAGING], wrong).ended });
}, 600_000);
afterAll(() => site.end());

/** Each secret as it is, in base64 wherever it begins, in an address, a form and JSON. */
function spellings(secret: string): readonly string[] {
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.from(' '.repeat(shift) + secret).toString('base64');
    return text.slice(Math.ceil((shift * 4) / 3), text.length - 4);
  });
  const encoded = encodeURIComponent(secret);
  const url = Buffer.from(secret).toString('base64url');
  return [secret, JSON.stringify(secret).slice(1, -1), encoded, encoded.replaceAll('%20', '+'), url, ...base64];
}

function hits(text: string): readonly string[] {
  return [...secrets].filter((secret) => spellings(secret).some((spelling) => text.includes(spelling)));
}

test('the job was done, and more than once went wrong', () => {
  expect(runs.map(({ words, run: { code } }) => [words.split(' ')[0], code])).toEqual([
    ['export', 0],
    ['check', 0],
    ['graph', 0],
    ['graph', 0],
    ['graph', 0],
    ['plan', 2],
    ['apply', 1],
    ['apply', 0],
    ['plan', 2],
    ['apply', 0],
    ['drift', 2],
    ['export', 0],
    ['plan', 1],
  ]);
  expect(runs[6]?.run.all).toContain('not valid');
  expect(secrets.size).toBeGreaterThan(15);
});

test('a rotation sent what the environment holds, and everything else of that credential with it', () => {
  const stored = site.orgs.core
    .context(STAGING)
    .all('integration_credential')
    .flatMap(({ body }) => Object.values(body['credentialFields'] as object) as string[]);
  expect(stored.filter((value) => value.startsWith('canary/env-')).length).toBeGreaterThan(1);
});

test('what is searched for is found where it is', () => {
  for (const secret of secrets) for (const spelling of spellings(secret)) expect(hits(`..${spelling}..`)).toContain(secret);
});

test('no output holds a planted secret', () => {
  for (const { words, run: ended } of runs) expect([words, hits(ended.out), hits(ended.err)]).toEqual([words, [], []]);
});

test('no file holds a planted secret: work tree, plans, receipts, journal', () => {
  const files = [...site.tree('.')].map(([path, content]) => [path, hits(Buffer.from(content, 'base64').toString('utf8'))] as const);
  expect(files.map(([path]) => path)).toEqual(
    expect.arrayContaining(['plan.json', 'rotate.json', 'back.json', expect.stringMatching(/\.cordboard\/.*journal/)]),
  );
  expect(files.filter(([, found]) => found.length > 0)).toEqual([]);
});

test('no object of the repository holds a planted secret', () => {
  const objects = execFileSync('git', ['cat-file', '--batch-all-objects', '--batch'], { cwd: site.folder, maxBuffer: 512 * 1024 * 1024 }).toString('utf8');
  expect(objects.length).toBeGreaterThan(100_000);
  expect(hits(objects)).toEqual([]);
});
