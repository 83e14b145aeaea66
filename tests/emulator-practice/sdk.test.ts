import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import platformClient from 'purecloud-platform-client-v2';
import { parse } from 'yaml';
import { PRACTICE_SECRET_SUFFIX, PRODUCTION, type RunningPracticeOrgs, startPracticeOrgs } from '../../providers/genesys-emulator/practice/index.ts';
import { judge } from '../emulator/answer-judge.ts';

/** The official SDK over real HTTP: what it can do with flows, the practice orgs must be able to do. */
let orgs: RunningPracticeOrgs;
let architect: InstanceType<typeof platformClient.ArchitectApi>;

beforeAll(async () => {
  orgs = await startPracticeOrgs({ port: 0 });
  judge(orgs.core);
  const { hostname, port } = new URL(orgs.url);
  const client = platformClient.ApiClient.instance;
  client.setGateway({ protocol: 'http', host: hostname, port: Number(port) } as never);
  await client.loginClientCredentialsGrant(PRODUCTION, `${PRODUCTION}${PRACTICE_SECRET_SUFFIX}`);
  architect = new platformClient.ArchitectApi();
});

afterAll(async () => {
  await orgs.close();
});

const FILE = `inboundCall:
  name: SDK Flow
  division: Stores
  startUpRef: ./tasks/task[main]
  defaultLanguage: en-us
  supportedLanguages:
    en-us:
      none: true
  tasks:
    - task:
        name: Main
        refId: main
        actions:
          - transferToAcd:
              name: Transfer
              targetQueue:
                lit:
                  name: QUEUE
`;

interface JobState {
  readonly status?: string;
  readonly flow?: { readonly id?: string };
  readonly messages?: readonly { readonly text?: string }[];
  readonly downloadUrl?: string;
}

async function settled(look: () => Promise<JobState>): Promise<JobState> {
  for (;;) {
    const state = await look();
    if (state.status === 'Success' || state.status === 'Failure') return state;
  }
}

async function publish(yaml: string): Promise<JobState> {
  const job = await architect.postFlowsJobs();
  const upload = await fetch(job.presignedUrl ?? '', { method: 'PUT', headers: job.headers ?? {}, body: yaml });
  expect(upload.status).toBe(200);
  return settled(() => architect.getFlowsJob(job.id ?? '', { expand: ['messages'] }));
}

describe('through the official SDK', () => {
  test('a flow is published, listed, exported, tracked and deleted', async () => {
    const state = await publish(FILE.replace('QUEUE', 'Support & Sales'));
    expect(state.status).toBe('Success');
    const id = state.flow?.id ?? '';
    const listing = await architect.getFlows({ type: ['inboundcall'], pageSize: 100 });
    expect(listing.entities?.find((flow) => flow.id === id)).toMatchObject({
      name: 'SDK Flow',
      type: 'INBOUNDCALL',
      publishedVersion: { id: '1.0' },
      division: { name: 'Stores' },
    });
    const job = await architect.postFlowsExportJobs({ flows: [{ flow: { id, version: '1.0' }, exportType: 'Yaml' }] });
    const done = await settled(() => architect.getFlowsExportJob(job.id ?? '', { expand: ['messages'] }));
    const text = await (await fetch(done.downloadUrl ?? '')).text();
    expect(parse(text)).toMatchObject({
      inboundCall: {
        name: 'SDK Flow',
        division: 'Stores',
        tasks: [{ task: { actions: [{ transferToAcd: { targetQueue: { lit: { name: 'Support & Sales' } } } }] } }],
      },
    });
    const used = await architect.getArchitectDependencytrackingConsumedresources(id, '1.0', 'INBOUNDCALLFLOW', { resourceType: ['QUEUE'] });
    expect(used.entities?.map((row) => row.name)).toEqual(['Support & Sales']);
    await architect.deleteFlow(id);
    const after = await architect.getFlows({ type: ['inboundcall'], pageSize: 100 });
    expect(after.entities?.map((flow) => flow.id)).not.toContain(id);
  });

  test('a second publish under the same name changes the flow in place, under a version of its own', async () => {
    const named = FILE.replace('SDK Flow', 'Twice').replace('QUEUE', 'Support & Sales');
    const first = await publish(named);
    const second = await publish(named.replace('Support & Sales', 'Returns').replace('name: Transfer', 'name: To returns'));
    expect(second).toMatchObject({ status: 'Success', flow: { id: first.flow?.id } });
    const id = second.flow?.id ?? '';
    expect((await architect.getFlow(id)).publishedVersion?.id).toBe('2.0');
    const used = await architect.getArchitectDependencytrackingConsumedresources(id, '2.0', 'INBOUNDCALLFLOW', { resourceType: ['QUEUE'] });
    expect(used.entities?.map((row) => row.name)).toEqual(['Returns']);
    expect(orgs.core.objects(PRODUCTION, 'flow').filter((flow) => flow['name'] === 'Twice')).toHaveLength(1);
  });

  test('a duplicate, a flow without a name, one without a type and one of no division meet the catalogue’s codes', async () => {
    const before = orgs.core.hash(PRODUCTION);
    const post = (body: object) => architect.postFlows(body as never);
    await expect(post({ name: 'Hold Music', type: 'INQUEUECALL' })).rejects.toMatchObject({ status: 409, code: 'architect.flow.already.exists' });
    await expect(post({ type: 'INBOUNDCALL' })).rejects.toMatchObject({ status: 400, code: 'architect.flow.validate.failed.missing.name' });
    await expect(post({ name: 'Of no type' })).rejects.toMatchObject({ status: 400, code: 'architect.flow.validate.failed.missing.type' });
    const division = { id: '00000000-0000-4000-8000-000000000000' };
    await expect(post({ name: 'Nowhere', type: 'INBOUNDCALL', division })).rejects.toMatchObject({
      status: 400,
      code: 'architect.object.validate.failed.value',
    });
    await expect(architect.getFlow(division.id)).rejects.toMatchObject({ status: 404, code: 'architect.flow.not.found' });
    expect(orgs.core.hash(PRODUCTION)).toBe(before);
  });

  test('the SDK pages through the flows and meets each once', async () => {
    const seen: string[] = [];
    for (let pageNumber = 1; ; pageNumber += 1) {
      const page = await architect.getFlows({ pageNumber, pageSize: 5 });
      seen.push(...(page.entities ?? []).map((flow) => flow.id ?? ''));
      if (page.nextUri === undefined) break;
    }
    const all = orgs.core.objects(PRODUCTION, 'flow').map((flow) => String(flow['id']));
    expect([...seen].sort()).toEqual([...all].sort());
  });

  test('a queue that is not there fails the job, naming it and its place in the file', async () => {
    const before = orgs.core.hash(PRODUCTION);
    const state = await publish(FILE.replace('QUEUE', 'Nobody'));
    expect(state.status).toBe('Failure');
    expect(state.messages?.[0]?.text).toContain("kind 'queue' and value 'Nobody'");
    expect(state.messages?.[0]?.text).toContain('/inboundCall/tasks[0]/task/actions[0]/transferToAcd/targetQueue/lit/name');
    expect(orgs.core.hash(PRODUCTION)).toBe(before);
  });

  test('a flow that an in-queue flow of a queue is cannot be deleted', async () => {
    const listing = await architect.getFlows({ type: ['inqueuecall'], pageSize: 100 });
    const hold = listing.entities?.find((flow) => flow.name === 'Hold Music');
    await expect(architect.deleteFlow(hold?.id ?? '')).rejects.toMatchObject({ status: 409, code: 'architect.flow.cannot.delete.used.in.queues' });
  });
});

test('the running practice orgs tell of each request in a line without token or secret, and hold an org of any size', async () => {
  const lines: string[] = [];
  const running = await startPracticeOrgs({ port: 0, size: 200, onRequest: (line) => lines.push(line) });
  try {
    const client = 'practice-sized';
    const basic = Buffer.from(`${client}:${client}${PRACTICE_SECRET_SUFFIX}`).toString('base64');
    const answer = await fetch(`${running.url}/oauth/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials',
    });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const listing = await fetch(`${running.url}/api/v2/users?pageSize=100`, { headers: { authorization: `Bearer ${token}` } });
    expect(((await listing.json()) as { total: number }).total).toBe(41);
    expect(running.orgs).toEqual(['practice-production', 'practice-staging', 'practice-empty', 'practice-sized']);
    expect(lines).toEqual([
      expect.stringMatching(/ POST \/oauth\/token 200$/),
      expect.stringMatching(/ practice-sized GET \/api\/v2\/users\?pageSize=100 200$/),
    ]);
    expect(lines.join()).not.toContain(token);
    expect(lines.join()).not.toContain(PRACTICE_SECRET_SUFFIX);
  } finally {
    await running.close();
  }
});
