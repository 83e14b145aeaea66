import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { EMPTY, PulumiSite } from './pulumi-site.ts';
import { type EngineStep, SmallEngine } from './small-engine.ts';

const code = (key: string, more = '') => `type: routing_wrapup_code\nkey: ${key}\n${more}body: {}\n`;
const queue = (name: string, backup?: string) =>
  `type: routing_queue\nkey: ${name}\nbody:\n  description: ${name}\n${backup === undefined ? '' : `  directRouting: { backupQueueId: { $ref: routing_queue/${backup} } }\n`}`;
const action = (secure: boolean) =>
  `type: integration_action\nkey: Get Order/Looms\nbody:\n  integrationId: { $ref: integration/Looms }\n  secure: ${secure}\n  contract:\n    input: { inputSchema: { type: object, properties: { orderId: { type: string } } } }\n    output: { successSchema: { type: object, properties: { status: { type: string } } } }\n  config:\n    timeoutSeconds: 15\n    request: { requestType: GET, requestUrlTemplate: "/orders" }\n    response: { successTemplate: "{}" }\n`;
const CODES = ['Aa', 'Bb', 'Cc', 'Dd', 'Ee'];
const codeFile = (key: string) => `routing_wrapup_code/${key.toLowerCase()}.yaml`;
const TREE: Readonly<Record<string, string>> = {
  ...Object.fromEntries(CODES.map((key) => [codeFile(key), code(key)])),
  'routing_queue/ring-a.yaml': queue('Ring A', 'Ring B'),
  'routing_queue/ring-b.yaml': queue('Ring B', 'Ring A'),
  'integration/looms.yaml': 'type: integration\nkey: Looms\nbody:\n  integrationType: { id: custom-rest-actions }\n',
  'integration_action/get-order.yaml': action(false),
};

let site: PulumiSite;
let engine: SmallEngine;
const core = () => site.site.orgs.core;

beforeAll(async () => {
  site = await PulumiSite.start(TREE);
}, 120_000);
beforeEach(async () => {
  await site.commit({ ...TREE, 'routing_queue/marker.yaml': queue(`Marker ${Math.floor(performance.now())}`) });
  for (const type of ['integration_action', 'integration', 'routing_queue', 'routing_wrapup_code'])
    for (const { id } of core().objects(EMPTY, type)) core().remove(EMPTY, type, String(id));
  site.forget();
  configure('practice');
  engine = new SmallEngine();
  await up();
});
afterEach(() => site.closeProviders());
afterAll(() => site.end());

/** The one org of these tests, with this role and policy. */
function configure(role: 'practice' | 'production', policy = ''): void {
  const pin = `    pinned: { id: ${core().org(EMPTY).id}, name: ${EMPTY} }\n`;
  const text = `orgs:\n  ${EMPTY}:\n    address: ${site.site.orgs.url}\n    role: ${role}\n    manifests: manifests/practice\n${pin}${policy}`;
  site.site.write('cordboard.yaml', text);
}

async function up(environment: Readonly<Record<string, string>> = {}): Promise<readonly EngineStep[]> {
  await site.closeProviders();
  const program = await site.program(EMPTY);
  return engine.up(await site.provider(environment), program);
}

async function destroy(environment: Readonly<Record<string, string>> = {}): Promise<readonly EngineStep[]> {
  await site.closeProviders();
  return engine.destroy(await site.provider(environment));
}

const names = (type: string) =>
  core()
    .objects(EMPTY, type)
    .map(({ name }) => String(name))
    .sort();
const allow = (limit: string) => ({ CORDBOARD_ALLOW_DELETES: limit });

test('what the manifests hold no more is held unless the environment allows it, and then goes', async () => {
  await site.commit({ [codeFile('Aa')]: undefined });
  const before = core().hash(EMPTY);
  await expect(up()).rejects.toThrow(
    /routing_wrapup_code\/Aa: held: delete is held: nothing is deleted unless the command asks for it.*CORDBOARD_ALLOW_DELETES=N/,
  );
  expect(core().hash(EMPTY)).toBe(before);
  expect(await up(allow('1'))).toEqual([{ op: 'delete', address: 'routing_wrapup_code/Aa' }]);
  expect(names('routing_wrapup_code')).toEqual(CODES.slice(1));
  expect(await up()).toEqual([]);
});

test('over the budget none is deleted, of a share as of a count', async () => {
  await site.commit({ [codeFile('Aa')]: undefined, [codeFile('Bb')]: undefined });
  const before = core().hash(EMPTY);
  for (const limit of ['1', '5,20%']) await expect(up(allow(limit))).rejects.toThrow(/more is to be deleted than is allowed, so nothing is: 2 /);
  await expect(up(allow('two'))).rejects.toThrow(/CORDBOARD_ALLOW_DELETES says "two", which is no number of objects/);
  expect(core().hash(EMPTY)).toBe(before);
  await up(allow('2,50%'));
  expect(names('routing_wrapup_code')).toEqual(CODES.slice(2));
});

test('destroy counts everything that was applied last, since nothing was checked; with the budget for it all of it goes, cycles as well', async () => {
  const before = core().hash(EMPTY);
  for (const environment of [{}, allow('9,100%')]) await expect(destroy(environment)).rejects.toThrow(/held: delete is held/);
  expect(core().hash(EMPTY)).toBe(before);
  await expect(destroy(allow('9,100%'))).rejects.toThrow(/10 in this run, where 9 may be/);
  expect(core().hash(EMPTY)).toBe(before);
  await destroy(allow('10,100%'));
  for (const type of ['integration_action', 'integration', 'routing_queue', 'routing_wrapup_code']) expect([type, names(type)]).toEqual([type, []]);
  expect(engine.state.size).toBe(0);
});

test('a production org deletes only what its policy and the environment both allow', async () => {
  await site.commit({ [codeFile('Aa')]: undefined });
  const before = core().hash(EMPTY);
  const consent = { CORDBOARD_CONFIRM: EMPTY, GENESYS_CLOUD_OAUTH_CLIENT_ID: EMPTY, GENESYS_CLOUD_OAUTH_CLIENT_SECRET: `${EMPTY}-secret` };
  configure('production');
  await expect(up({ ...consent, ...allow('5,100%') })).rejects.toThrow(/deletes only what its policy and the command both allow/);
  configure('production', '    policy: { deletes: { count: 1 } }\n');
  await expect(up(consent)).rejects.toThrow(/nothing is deleted unless the command asks for it/);
  configure('production', '    policy: { deletes: { count: 1 }, protect: [routing_wrapup_code] }\n');
  await expect(up({ ...consent, ...allow('5,100%') })).rejects.toThrow(/"routing_wrapup_code" is protected/);
  expect(core().hash(EMPTY)).toBe(before);
  configure('production', '    policy: { deletes: { count: 1 } }\n');
  expect(await up({ ...consent, ...allow('5,100%') })).toEqual([{ op: 'delete', address: 'routing_wrapup_code/Aa' }]);
  expect(names('routing_wrapup_code')).toEqual(CODES.slice(1));
});

test('what the stack holds and nobody remembers as applied is not deleted, since what else goes could not be counted', async () => {
  await site.commit({ [codeFile('Aa')]: undefined });
  rmSync(join(site.folder, '.cordboard'), { recursive: true, force: true });
  await expect(up(allow('5,100%'))).rejects.toThrow(/nothing here remembers that it was applied/);
  expect(names('routing_wrapup_code')).toEqual(CODES);
});

test('what something that stays refers to is held, naming it', async () => {
  const [aa] = core()
    .objects(EMPTY, 'routing_wrapup_code')
    .filter(({ name }) => name === 'Aa');
  core().seed(EMPTY, 'routing_queue', { name: 'A stranger' }, { parts: { wrapupcodes: [{ id: String(aa?.['id']) }] } });
  await site.commit({ [codeFile('Aa')]: undefined });
  await expect(up(allow('5,100%'))).rejects.toThrow(/what stays refers to it: routing_queue\/A stranger/);
  expect(names('routing_wrapup_code')).toEqual(CODES);
});

test('what cannot become what is wanted makes way under a temporary name, and goes once the new one is there', async () => {
  const [old] = core().objects(EMPTY, 'integration_action');
  await site.commit({ 'integration_action/get-order.yaml': action(true) });
  const before = core().hash(EMPTY);
  await expect(up()).rejects.toThrow(/integration_action\/Get Order\/Looms: held: replace is held/);
  expect(core().hash(EMPTY)).toBe(before);
  await up(allow('1'));
  const actions = core().objects(EMPTY, 'integration_action');
  expect(actions.map(({ name, secure }) => [name, secure])).toEqual([['Get Order', true]]);
  expect(actions[0]?.['id']).not.toBe(old?.['id']);
  expect(await up()).toEqual([]);
});

test('where the new one is refused, the old one is called as before', async () => {
  const [old] = core().objects(EMPTY, 'integration_action');
  await site.commit({ 'integration_action/get-order.yaml': action(true) });
  core().faults.plan = { nth: [{ fault: 'forbidden', nth: 1, method: 'POST', path: '/api/v2/integrations/actions' }] };
  try {
    await expect(up(allow('1'))).rejects.toThrow(/integration_action\/Get Order\/Looms: failed/);
  } finally {
    core().faults.plan = {};
  }
  expect(
    core()
      .objects(EMPTY, 'integration_action')
      .map(({ id, name, secure }) => [id, name, secure]),
  ).toEqual([[old?.['id'], 'Get Order', false]]);
  await up(allow('1'));
  expect(
    core()
      .objects(EMPTY, 'integration_action')
      .map(({ name, secure }) => [name, secure]),
  ).toEqual([['Get Order', true]]);
});
