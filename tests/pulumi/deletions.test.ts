import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Outcome } from '../../state/outcome.ts';
import { printManifest } from '../../state/tree-manifest.ts';
import { records } from '../journeys/journey-site.ts';
import { compare, type Portrait, portrait } from '../journeys/org-portrait.ts';
import { EMPTY, PulumiSite } from './pulumi-site.ts';
import { type EngineStep, SmallEngine } from './small-engine.ts';

// Long because each way in which a deletion reaches the provider is held, allowed and counted over the same few resources.
const code = (key: string, more = '') => `type: routing_wrapup_code\nkey: ${key}\n${more}body: {}\n`;
const queue = (name: string, backup?: string) =>
  `type: routing_queue\nkey: ${name}\nbody:\n  description: ${name}\n${backup === undefined ? '' : `  directRouting: { backupQueueId: { $ref: routing_queue/${backup} } }\n`}`;
const action = (secure: boolean) =>
  `type: integration_action\nkey: Get Order/Looms\nbody:\n  integrationId: { $ref: integration/Looms }\n  secure: ${secure}\n  contract:\n    input: { inputSchema: { type: object, properties: { orderId: { type: string } } } }\n    output: { successSchema: { type: object, properties: { status: { type: string } } } }\n  config:\n    timeoutSeconds: 15\n    request: { requestType: GET, requestUrlTemplate: "/orders" }\n    response: { successTemplate: "{}" }\n`;
const CODES = ['Aa', 'Bb', 'Cc', 'Dd', 'Ee'];
const codeFile = (key: string) => `routing_wrapup_code/${key.toLowerCase()}.yaml`;
const TYPES = ['integration_action', 'integration', 'routing_queue', 'routing_wrapup_code'];
const TREE: Readonly<Record<string, string>> = {
  'export.yaml': printManifest({ org: EMPTY, filters: [], types: new Map(TYPES.map((type) => [type, { count: 1, completeness: 'whole' }])) }),
  ...Object.fromEntries(CODES.map((key) => [codeFile(key), code(key)])),
  'routing_queue/marker.yaml': queue('Marker'),
  'routing_queue/ring-a.yaml': queue('Ring A', 'Ring B'),
  'routing_queue/ring-b.yaml': queue('Ring B', 'Ring A'),
  'integration/looms.yaml': 'type: integration\nkey: Looms\nbody:\n  integrationType: { id: custom-rest-actions }\n',
  'integration_action/get-order.yaml': action(false),
};

/** What single tests add to the tree. */
const NO_MORE = { 'routing_queue/staffed.yaml': undefined };

let site: PulumiSite;
let engine: SmallEngine;
const core = () => site.site.orgs.core;

beforeAll(async () => {
  site = await PulumiSite.start(TREE);
}, 120_000);
beforeEach(async () => {
  await site.commit({ ...TREE, ...NO_MORE });
  wipe();
  await site.forget();
  configure('practice');
  engine = new SmallEngine();
  await up();
});
afterEach(() => site.closeProviders());
afterAll(() => site.end());

/** Nothing of these tests lives any more. */
function wipe(): void {
  for (const type of TYPES) for (const { id } of core().objects(EMPTY, type)) core().remove(EMPTY, type, String(id));
}

/** The one org of these tests, with this role and policy. */
function configure(role: 'practice' | 'production', policy = ''): void {
  const pin = `    pinned: { id: ${core().org(EMPTY).id}, name: ${EMPTY} }\n`;
  const patience = role === 'practice' ? '    patience: { lateCommit: 0.3, readLag: 0.3 }\n' : '';
  const text = `orgs:\n  ${EMPTY}:\n    address: ${site.site.orgs.url}\n    role: ${role}\n    manifests: manifests/practice\n${pin}${patience}${policy}`;
  site.site.write('cordboard.yaml', text);
}

async function up(environment: Readonly<Record<string, string>> = {}): Promise<readonly EngineStep[]> {
  await site.closeProviders();
  return engine.up(await site.provider(environment), await site.program(EMPTY));
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
  for (const type of TYPES) expect([type, names(type)]).toEqual([type, []]);
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
  await site.forget();
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

test('what an object of a type that nobody manages here refers to is held, naming it', async () => {
  await site.commit({ 'routing_queue/marker.yaml': undefined });
  const [marker] = core()
    .objects(EMPTY, 'routing_queue')
    .filter(({ name }) => name === 'Marker');
  const domain = core().context(EMPTY).insert('routing_email_domain', { subDomain: 'none' }).id;
  const route = { name: 'gift', pattern: 'gift', fromName: 'Gift Cards', queue: { id: String(marker?.['id']) } };
  const { id } = core().context(EMPTY).insert('routing_email_route', route, { scope: domain });
  try {
    await expect(up(allow('5,100%'))).rejects.toThrow(/what stays refers to it: routing_email_route "gift"/);
    expect(names('routing_queue')).toHaveLength(3);
  } finally {
    core().remove(EMPTY, 'routing_email_route', id);
    core().remove(EMPTY, 'routing_email_domain', domain);
  }
});

test('the last member of a staffed queue is not taken away, unless the policy says that the queue may be empty', async () => {
  const { id } = core().context(EMPTY).insert('user', { name: 'Robin', email: 'robin@looms.example' });
  const staffed = (members: string) => `type: routing_queue\nkey: Staffed\nbody:\n  description: staffed\n${members}`;
  await site.commit({ 'routing_queue/staffed.yaml': staffed('  members: [{ user: { $external: user/robin@looms.example } }]\n') });
  await up();
  const members = () => core().org(EMPTY).store.withName('routing_queue', 'Staffed')[0]?.parts['members'];
  expect(members()).toHaveLength(1);
  await site.commit({ 'routing_queue/staffed.yaml': staffed('') });
  await expect(up(allow('5,100%'))).rejects.toThrow(/routing_queue\/Staffed: held: update is held: a staffed queue keeps a member/);
  expect(members()).toHaveLength(1);
  configure('practice', '    policy: { mayBeEmpty: [routing_queue/Staffed] }\n');
  await up();
  expect(members()).toHaveLength(0);
  core().remove(EMPTY, 'user', id);
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

test('what was changed by hand after the org was read for the preview is not replaced: it is stale, under the name that it had', async () => {
  await site.commit({ 'integration_action/get-order.yaml': action(true) });
  const program = await site.program(EMPTY);
  await site.closeProviders();
  await engine.refresh(await site.provider());
  expect(await engine.preview(await site.provider(allow('1')), program, { refresh: false })).toEqual([
    { op: 'replace', address: 'integration_action/Get Order/Looms' },
  ]);
  const [old] = core().objects(EMPTY, 'integration_action');
  core().edit(EMPTY, 'integration_action', String(old?.['id']), (live) => ({ ...live, config: { ...(live['config'] as object), timeoutSeconds: 30 } }));
  const before = core().hash(EMPTY);
  await expect(engine.up(await site.provider(allow('1')), program, { refresh: false })).rejects.toThrow(/stale/);
  expect(core().hash(EMPTY)).toBe(before);
});

test('a replacement with --target is judged once: what is no target stays, and does not count when the old one goes', async () => {
  await site.commit({ 'integration_action/get-order.yaml': action(true) });
  const program = await site.program(EMPTY);
  await site.closeProviders();
  await engine.up(await site.provider(allow('1')), program, { target: 'integration_action/Get Order/Looms' });
  expect(
    core()
      .objects(EMPTY, 'integration_action')
      .map(({ name, secure }) => [name, secure]),
  ).toEqual([['Get Order', true]]);
  expect(names('routing_wrapup_code')).toEqual(CODES);
  expect(await up()).toEqual([]);
});

test('a replacement is judged with the deletions of its run: over the budget of both nothing makes way', async () => {
  await site.commit({ 'integration_action/get-order.yaml': action(true), [codeFile('Aa')]: undefined });
  const before = core().hash(EMPTY);
  await expect(up(allow('1,100%'))).rejects.toThrow(/more is to be deleted than is allowed, so nothing is: 2 in this run, where 1 may be/);
  expect(core().hash(EMPTY)).toBe(before);
  await up(allow('2,100%'));
  expect(
    core()
      .objects(EMPTY, 'integration_action')
      .map(({ name, secure }) => [name, secure]),
  ).toEqual([['Get Order', true]]);
  expect(names('routing_wrapup_code')).toEqual(CODES.slice(1));
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

/** Plans and applies without Pulumi; answers what became of what was not as wanted. */
async function built(file: string, ...more: readonly string[]): Promise<readonly (readonly [string, string])[]> {
  await site.closeProviders();
  const planned = await site.site.cordboard('plan', '--org', EMPTY, '--out', file, ...more);
  if (planned.code !== 2) throw new Error(planned.all);
  const applied = await site.site.cordboard('apply', file, '--json');
  if (applied.code !== 0) throw new Error(applied.all);
  return changed(records(applied.out).filter(({ record }) => record === 'outcome') as unknown as readonly Outcome[]);
}

function changed(outcomes: readonly Outcome[]): readonly (readonly [string, string])[] {
  const said = outcomes.filter(({ word }) => word !== 'unchanged' && word !== 'adopted').map(({ address, word }) => [address, word] as const);
  return said.sort(([one], [other]) => (one < other ? -1 : 1));
}

/** The org without its ids, which stand in the keys of some. */
function painted(): Portrait {
  const bare = (text: string) => text.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<id>');
  return new Map([...portrait(core(), EMPTY)].map(([name, body]) => [bare(name), bare(body)]));
}

/** What the provider process noted of what it did. */
function notes(): readonly Outcome[] {
  const file = `.cordboard/${EMPTY}/applied-by-pulumi.jsonl`;
  const lines = site.site
    .read(file)
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line) => (JSON.parse(line) as { outcome: Outcome }).outcome);
}

test('the same manifests through both drivers: the same org and the same words, with a deletion, a cycle that goes and a replacement', async () => {
  const change = {
    [codeFile('Aa')]: undefined,
    'routing_queue/ring-a.yaml': undefined,
    'routing_queue/ring-b.yaml': undefined,
    'integration_action/get-order.yaml': action(true),
  };
  await site.commit(change);
  const before = notes().length;
  await up(allow('4,100%'));
  const [words, org] = [changed(notes().slice(before)), painted()];
  await site.commit(TREE);
  wipe();
  await site.forget();
  await built('first.json');
  await site.commit(change);
  const others = await built('second.json', '--allow-deletes', '4,100%');
  expect(words).toEqual(others);
  expect(words.map(([, word]) => word).sort()).toEqual(['created', 'deleted', 'deleted', 'deleted', 'deleted', 'updated', 'updated']);
  expect(compare(painted(), org)).toEqual([]);
});

test('without Pulumi as well: over the budget, under a policy that got stricter, or from a plan that was edited, nothing is deleted', async () => {
  await site.commit({ [codeFile('Aa')]: undefined, [codeFile('Bb')]: undefined });
  const before = core().hash(EMPTY);
  // A provider process keeps the lock until it ends.
  await site.closeProviders();
  const planned = async (...more: readonly string[]) => site.site.cordboard('plan', '--org', EMPTY, '--out', 'plan.json', '--json', ...more);
  const apply = async () => site.site.cordboard('apply', 'plan.json', '--json');
  const wordsOf = (out: string) => records(out).filter(({ record, word }) => record === 'outcome' && word !== 'unchanged' && word !== 'adopted');

  const over = await planned('--allow-deletes', '1');
  expect(records(over.out).filter(({ action }) => action === 'delete')).toEqual([]);
  expect(records(over.out).filter(({ held }) => held !== undefined)).toHaveLength(2);
  expect((await planned('--allow-deletes', 'some')).code).toBe(3);

  expect((await planned('--allow-deletes', '2,100%')).code).toBe(2);
  const sealed = site.site.read('plan.json');
  site.site.write('plan.json', sealed.replace('"count":2', '"count":9'));
  const edited = await apply();
  expect([edited.code, edited.all]).toEqual([3, expect.stringContaining('PLAN_EDITED')]);
  site.site.write('plan.json', sealed);
  configure('practice', '    policy: { deletes: { count: 1 } }\n');
  const stricter = await apply();
  expect([stricter.code, wordsOf(stricter.out).map(({ word }) => word)]).toEqual([1, ['held', 'held']]);
  expect(core().hash(EMPTY)).toBe(before);

  configure('practice');
  const done = await apply();
  expect([done.code, wordsOf(done.out).map(({ word }) => word)]).toEqual([0, ['deleted', 'deleted']]);
  expect(names('routing_wrapup_code')).toEqual(CODES.slice(2));
});
