import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openSession } from '../../scripts/practice-hand.ts';
import { JourneySite, type Run, records } from './journey-site.ts';

const PRODUCTION = 'practice-production';
const STAGING = 'practice-staging';
let site: JourneySite;
const seen: Record<string, Run> = {};

/** An org in which people work meanwhile. */
beforeAll(async () => {
  site = await JourneySite.start({ limits: { perToken: 'none', perOrg: 'none' } });
  const second = (name: string, org: string, variables: string) =>
    `  ${name}:\n    address: ${site.orgs.url}\n    role: practice\n    manifests: manifests/${name}\n    credentials: { id: ${variables}_ID, secret: ${variables}_SECRET }\n    pinned: { id: ${site.orgs.core.org(org).id}, name: ${org} }\n`;
  site.configure(second('partial', PRODUCTION, 'PARTIAL') + second('queues', STAGING, 'STAGING'));
  site.write(
    '.env',
    `PARTIAL_ID=${PRODUCTION}-partial\nPARTIAL_SECRET=${PRODUCTION}-partial-secret\nSTAGING_ID=${STAGING}\nSTAGING_SECRET=${STAGING}-secret\n`,
  );
  seen['partial'] = await site.cordboard('export', '--org', 'partial', '--type', 'routing:skill', '--type', 'routing_wrapup_code', '--json');
  await site.cordboard('export', '--org', 'queues', '--type', 'routing_queue');
  seen['queues alone'] = await site.cordboard('plan', '--org', 'queues');
  await site.cordboard('export', '--org', PRODUCTION, '--all');
  site.writeSecrets();
  const call = await openSession(site.orgs.url, STAGING);
  const find = async (path: string, name: string) => {
    const { entities } = (await call('GET', `${path}?name=${encodeURIComponent(name)}&pageSize=100`)) as { entities: { id: string; name: string }[] };
    return entities.find((entity) => entity.name === name)?.id ?? '';
  };
  await site.cordboard('plan', '--org', STAGING, '--out', 'plan.json');
  const queue = await find('/api/v2/routing/queues', 'Gift Cards');
  await call('PUT', `/api/v2/routing/queues/${queue}`, { ...(await call('GET', `/api/v2/routing/queues/${queue}`)), description: 'Meanwhile' });
  seen['stale'] = await site.cordboard('apply', 'plan.json', '--json');
  await call('POST', '/api/v2/architect/schedules', { name: 'Saturdays', start: '2026-01-03T09:00:00.000', end: '2026-01-03T10:00:00.000' });
  const people = (await call('GET', '/api/v2/users?pageSize=100')) as unknown as { entities: { id: string; email: string }[] };
  await call('DELETE', `/api/v2/users/${people.entities.find(({ email }) => email.startsWith('zoe.'))?.id}`);
  site.write('.env', `${site.read('.env')}STAGING_ID=${STAGING}\nSTAGING_SECRET=${STAGING}-secret\n`);
  seen['deleted'] = await site.cordboard('plan', '--org', 'queues', '--json');
  seen['twins'] = await site.cordboard('plan', '--org', STAGING, '--json');
}, 300_000);
afterAll(() => site.end());

const problems = (run: Run | undefined) => records(run?.out ?? '').filter((record) => record['record'] === 'problem');

describe('an org that moves while a plan is under way', () => {
  test('what changed since the plan is stale and is not overwritten; the rest is done, and the exit code says that it is not all', () => {
    const outcomes = records(seen['stale']?.out ?? '').filter((record) => record['record'] === 'outcome');
    expect(seen['stale']?.code).toBe(1);
    expect(outcomes.filter((outcome) => outcome['word'] === 'stale')).toEqual([
      expect.objectContaining({ address: 'routing_queue/Gift Cards', message: expect.stringContaining('/description') }),
    ]);
    expect(outcomes.filter((outcome) => outcome['word'] === 'created').length).toBeGreaterThan(10);
  });

  test('a ref to a user who is deleted meanwhile is a problem before anything is written', () => {
    // Nothing of it was applied before, so that all is adopted as it is.
    expect({ code: seen['queues alone']?.code, all: seen['queues alone']?.all }).toMatchObject({ code: 2, all: expect.stringMatching(/adopt as they are/) });
    expect(seen['deleted']?.code).toBe(3);
    expect(problems(seen['deleted'])).toContainEqual(
      expect.objectContaining({ severity: 'error', message: expect.stringMatching(/user\/zoe\..* is not in the org/) }),
    );
  });

  test('a key that two objects share is a problem that lists both ids, and neither is touched', () => {
    expect(seen['twins']?.code).toBe(3);
    const [twins] = problems(seen['twins']).filter((problem) => problem['at'] === 'architect_schedule/Saturdays');
    expect(String(twins?.['message']).match(/[0-9a-f]{8}-[0-9a-f-]{27}/g)).toHaveLength(2);
  });
});

test('a type that the client may not read is told with the missing permission, marks its tree as partial, and ends with 1', () => {
  expect(seen['partial']?.code).toBe(1);
  expect(problems(seen['partial']).map((problem) => problem['message'])).toContainEqual(expect.stringContaining('routing:wrapupCode:view'));
  expect(site.read('manifests/partial/export.yaml')).toMatch(/completeness: none[\s\S]*type: routing_wrapup_code/);
  expect(site.read('manifests/partial/export.yaml')).toMatch(/completeness: whole\n +count: 20\n +seal: \w+\n +type: routing_skill/);
});
