import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { changeQueueByHand } from '../../scripts/practice-hand.ts';
import { JourneySite, type Run, records } from './journey-site.ts';

const PRODUCTION = 'practice-production';
const STAGING = 'practice-staging';

/** What was seen at one step of the job: the run, and the org behind it before and after. */
interface Seen extends Run {
  readonly before: string;
  readonly after: string;
}

let site: JourneySite;
const seen: Record<string, Seen> = {};
const facts: Record<string, string | ReadonlyMap<string, string>> = {};

async function see(name: string, org: string, ...words: readonly string[]): Promise<void> {
  const before = site.hash(org);
  const ended = await site.cordboard(...words);
  seen[name] = { ...ended, before, after: site.hash(org) };
}

/** The whole job once, in its order; the tests below look at what happened, in any order. */
beforeAll(async () => {
  site = await JourneySite.start();
  await site.git('add', '.gitignore', 'cordboard.yaml');
  await site.git('commit', '-q', '-m', 'start');
  await see('export', PRODUCTION, 'export', '--org', PRODUCTION, '--all', '--commit');
  facts['tree'] = site.tree('manifests');
  facts['status'] = await site.git('status', '--porcelain');
  facts['head'] = await site.git('rev-parse', 'HEAD');
  await see('export again', PRODUCTION, 'export', '--org', PRODUCTION, '--all', '--commit');
  facts['tree again'] = site.tree('manifests');
  facts['head again'] = await site.git('rev-parse', 'HEAD');
  await see('drift too early', STAGING, 'drift', '--org', STAGING);
  await see('check', STAGING, 'check', '--org', STAGING);
  await see('graph', STAGING, 'graph', '--org', STAGING, '--of', 'routing_queue/Returns');
  await see('graph dot', STAGING, 'graph', '--org', STAGING, '--format', 'dot');
  await see('graph json', STAGING, 'graph', '--org', STAGING, '--format', 'json');
  await see('plan', STAGING, 'plan', '--org', STAGING, '--out', 'plan.json');
  await see('apply without secrets', STAGING, 'apply', 'plan.json');
  site.writeSecrets();
  await see('apply', STAGING, 'apply', 'plan.json');
  await see('plan again', STAGING, 'plan', '--org', STAGING, '--json');
  facts['refs'] = await site.git('for-each-ref', '--format=%(refname)', 'refs/cordboard');
  facts['status at the end'] = await site.git('status', '--porcelain');
  await changeQueueByHand(site.orgs.url, STAGING);
  await see('drift', STAGING, 'drift', '--org', STAGING, '--out', 'back.json', '--json');
  await see('put back', STAGING, 'apply', 'back.json');
  await see('no drift', STAGING, 'drift', '--org', STAGING);
}, 300_000);
afterAll(() => site.end());

describe('the main job', () => {
  const codes = [
    { name: 'export', code: 0 },
    { name: 'export again', code: 0 },
    { name: 'drift too early', code: 3 },
    { name: 'check', code: 0 },
    { name: 'graph', code: 0 },
    { name: 'plan', code: 2 },
    { name: 'apply without secrets', code: 3 },
    { name: 'apply', code: 0 },
    { name: 'plan again', code: 0 },
    { name: 'drift', code: 2 },
    { name: 'put back', code: 0 },
    { name: 'no drift', code: 0 },
  ];
  test.each(codes)('$name ends with exit code $code', ({ name, code }) => expect({ code: seen[name]?.code, all: seen[name]?.all }).toMatchObject({ code }));

  const silent = codes.filter(({ name }) => name !== 'apply' && name !== 'put back');
  test.each(silent)('$name leaves the org as it is', ({ name }) => expect(seen[name]?.after).toBe(seen[name]?.before));

  test('an export commits its tree; a second one changes no byte and makes no commit', () => {
    expect(facts['status']).toBe('');
    expect(facts['tree again']).toEqual(facts['tree']);
    expect(facts['head again']).toBe(facts['head']);
  });

  test('drift before the first apply names what to do', () => {
    expect(seen['drift too early']?.err).toContain(`cordboard plan --org ${STAGING} --out`);
  });

  test('graph says the order as text, DOT and JSON', () => {
    expect(seen['graph']?.out).toContain('routing_queue/Returns\n');
    expect(seen['graph dot']?.out).toMatch(/^digraph [\s\S]*"routing_queue\/Returns" -> "auth_division\/Online";[\s\S]*}\n$/);
    expect((JSON.parse(seen['graph json']?.out ?? '') as { nodes: unknown[] }).nodes.length).toBeGreaterThan(100);
  });

  test('a plan shows what it would do, sign first, and holds every deletion', () => {
    expect(seen['plan']?.out).toMatch(/^\+ routing_queue\/Loyalty {2}create/m);
    expect(seen['plan']?.out).toMatch(/^- routing_queue\/Staging Smoke Test {2}held: delete/m);
  });

  test('a missing secret is told by name before the first write', () => {
    expect(seen['apply without secrets']?.err).toMatch(/the secret "\w+" is not set[\s\S]*\.env/);
  });

  test('after the apply nothing is left but what is held', () => {
    const steps = records(seen['plan again']?.out ?? '').filter((record) => record['record'] === 'step');
    expect(new Set(steps.map((step) => step['action']))).toEqual(new Set(['held']));
  });

  test('what was applied is remembered in Git, out of the way of branches and of the work tree', () => {
    expect(facts['refs']).toBe('refs/cordboard/applied/practice-staging');
    expect(facts['status at the end']).toBe('');
  });

  test('drift names the changed fields, from what was applied to what is there, and nothing else', () => {
    expect(records(seen['drift']?.out ?? '').filter((record) => record['record'] === 'drift')).toEqual([
      expect.objectContaining({
        address: 'routing_queue/Returns',
        changes: [
          { at: '/acwSettings/timeoutMs', kind: 'change', before: 120_000, after: 30_000 },
          { at: '/acwSettings/wrapupPrompt', kind: 'change', before: 'MANDATORY', after: 'MANDATORY_TIMEOUT' },
          { at: '/description', kind: 'add', after: 'Changed in a hurry' },
        ],
      }),
    ]);
  });

  test('no secret stands in a file, a plan, the memory or an output', async () => {
    const memory = await site.git('log', '-p', '--text', 'refs/cordboard/applied/practice-staging');
    const files = [...site.tree('.')].filter(([path]) => path !== '.env').map(([, content]) => Buffer.from(content, 'base64').toString('latin1'));
    const outputs = Object.values(seen).map((run) => run.all);
    for (const text of [memory, ...files, ...outputs]) expect(/canary-|practice-staging-secret|practice-production-secret/.exec(text)?.[0]).toBeUndefined();
  });

  test('verbs that only read sent nothing but reads, the request for a token and export jobs', () => {
    // A request for a token is of no org yet.
    const wrote = site.orgs.core.journal.filter((entry) => entry.org === PRODUCTION && entry.method !== 'GET');
    expect([...new Set(wrote.map((entry) => `${entry.method} ${entry.path}`))].sort()).toEqual(['POST /api/v2/flows/export/jobs']);
  });
});
