import { expect, test } from '@jest/globals';
import { unzipSync } from 'fflate';
import { parse } from 'yaml';
import { preparePublish } from '../../providers/genesys-emulator/flows/publish-flow.ts';
import type { JsonMap } from '../../providers/genesys-emulator/json.ts';
import { Practice } from './practice-core.ts';

// Long because publish, export and tracking are told by the same few flow files, which stand here once.
const ORG = 'practice-production';
const EMPTY = 'practice-empty';

const call = (name: string, actions: string, more = ''): string => `inboundCall:
  name: ${name}
  division: Home
  startUpRef: ./tasks/task[main]
  defaultLanguage: en-us
  supportedLanguages:
    en-us:
      none: true
${more}  tasks:
    - task:
        name: Main Task
        refId: main
        actions:
${actions
  .split('\n')
  .map((line) => `          ${line}`)
  .join('\n')}
`;

const HANG_UP = '- disconnect:\n    name: Disconnect';
const toQueue = (name: string) => `- transferToAcd:\n    name: T\n    targetQueue:\n      lit:\n        name: ${name}`;
const toFlow = (name: string) => `- transferToFlow:\n    name: T\n    targetFlow:\n      name: ${name}`;

const messagesOf = (reply: { readonly json: JsonMap }): string => JSON.stringify(reply.json['messages']);
const published = (practice: Practice, org: string, name: string, type = 'INBOUNDCALL') => String(practice.flow(org, name, type)['id']);

function exportText(practice: Practice, org: string, id: string): string {
  const reply = practice.export(org, [{ id }]);
  expect(reply.status).toBe(200);
  return reply.text;
}

/** A flow file without what differs between exports: refIds become their place in the file, key order goes. */
function meaning(text: string): unknown {
  const numbers = new Map<string, string>();
  for (const [, refId = ''] of text.matchAll(/refId: "?([^"\n]*)"?\n/g)) numbers.set(refId, refId.replace(/_\d+$/, '_N'));
  const plain = [...numbers].reduce((result, [from, to]) => result.replaceAll(from, to), text);
  return parse(plain);
}

test('publishing binds names to objects, so that the next export prints what they are called by then', () => {
  const practice = new Practice();
  const id = published(practice, ORG, 'Store Locator');
  practice.core.edit(ORG, 'routing_queue', practice.idOf(ORG, 'routing_queue', 'Store Support'), (body) => ({ ...body, name: 'Shops: 24/7' }));
  practice.core.edit(ORG, 'architect_datatable', practice.idOf(ORG, 'architect_datatable', 'Store Hours'), (body) => ({ ...body, name: 'no' }));
  practice.core.edit(ORG, 'flow', published(practice, ORG, 'Café Greeting', 'COMMONMODULE'), (body) => ({ ...body, name: 'Greeting' }));
  practice.core.edit(ORG, 'auth_division', practice.idOf(ORG, 'auth_division', 'Stores'), (body) => ({ ...body, name: 'Shops' }));
  const text = exportText(practice, ORG, id);
  expect(text).toContain('name: "Shops: 24/7"');
  expect(text).toMatch(/^ +dataTable:\n +"no":\n +foundOutputs:$/m);
  expect(text).toMatch(/^ +commonModule:\n +Greeting:\n +ver_latestPublished:$/m);
  expect(text).toContain('division: Shops');
  expect(text).not.toMatch(/^ +(name: Store Support|Store Hours:|Café Greeting:)$/m);
});

test('a prompt that is renamed is renamed in expressions, not in their quoted texts', () => {
  const practice = new Practice();
  const yaml = call('Prompts', '- playAudio:\n    name: P\n    audio:\n      exp: Append(prompt.Welcome, "Prompt.Welcome", PromptSystem.welcome)');
  expect(practice.publish(ORG, yaml).json['status']).toBe('Success');
  practice.core.edit(ORG, 'architect_user_prompt', practice.idOf(ORG, 'architect_user_prompt', 'Welcome'), (body) => ({ ...body, name: 'Hello' }));
  expect(exportText(practice, ORG, published(practice, ORG, 'Prompts'))).toContain(
    'Append(prompt.Hello, \\"Prompt.Welcome\\", PromptSystem.welcome)'.replaceAll('\\', ''),
  );
});

const REFUSED = [
  {
    reason: 'a queue that does not exist',
    yaml: call('X', toQueue('Nowhere')),
    says: "kind 'queue' and value 'Nowhere'",
    at: '/inboundCall/tasks[0]/task/actions[0]/transferToAcd/targetQueue/lit/name',
  },
  {
    reason: 'a data table as map key',
    yaml: call('X', '- dataTableLookup:\n    dataTable:\n      Nowhere:\n        foundOutputs: {}'),
    says: "kind 'data table' and value 'Nowhere'",
    at: '/dataTableLookup/dataTable/Nowhere',
  },
  { reason: 'a flow under a purpose key', yaml: call('X', toFlow('Nowhere')), says: "kind 'flow' and value 'Nowhere'", at: '/transferToFlow/targetFlow/name' },
  {
    reason: 'a flow of another type with that name',
    yaml: call('X', toFlow('Return Label')),
    says: "kind 'flow' and value 'Return Label'",
    at: '/transferToFlow/targetFlow/name',
  },
  {
    reason: 'a prompt in an expression',
    yaml: call('X', '- playAudio:\n    audio:\n      exp: Prompt.Nowhere'),
    says: "kind 'user prompt' and value 'Nowhere'",
    at: '/playAudio/audio/exp',
  },
  {
    reason: 'a user by e-mail',
    yaml: call('X', '- transferToUser:\n    targetUser:\n      lit:\n        userName: no@body.example'),
    says: "kind 'user' and value 'no@body.example'",
    at: '/targetUser/lit/userName',
  },
  {
    reason: 'a variable that starts with a skill',
    yaml: call('X', HANG_UP, '  variables:\n    - skillVariable:\n        name: Flow.s\n        initialValue:\n          lit:\n            name: Nowhere\n'),
    says: "kind 'skill'",
    at: '/inboundCall/variables[0]/skillVariable/initialValue/lit/name',
  },
  {
    reason: 'a division',
    yaml: call('X', HANG_UP).replace('division: Home', 'division: Nowhere'),
    says: "kind 'division' and value 'Nowhere'",
    at: '/inboundCall/division',
  },
  {
    reason: 'a task that is not there',
    yaml: call('X', HANG_UP).replace('task[main]', 'task[other]'),
    says: "value './tasks/task[other]'",
    at: '/inboundCall/startUpRef',
  },
  { reason: 'no name', yaml: call('', HANG_UP), says: 'flow name is undefined', at: '/inboundCall/name' },
  { reason: 'a name with a slash', yaml: call('A/B', HANG_UP), says: 'must not contain a slash', at: 'A/B' },
  { reason: 'an unknown root key', yaml: 'teaCall:\n  name: X\n', says: "unknown flow type 'teaCall'", at: 'root key' },
  { reason: 'no object under the root key', yaml: 'inboundCall:\n', says: 'object expected, got null', at: '/inboundCall' },
  { reason: 'no YAML', yaml: 'inboundCall: [', says: 'does not parse', at: 'YAML' },
  { reason: 'brackets without end', yaml: `inboundCall: ${'['.repeat(100_000)}`, says: 'does not parse', at: 'YAML' },
];

test.each(REFUSED)('a file with $reason fails, and nothing is written', ({ yaml, says, at }) => {
  const practice = new Practice();
  const before = practice.core.hash(ORG);
  const reply = practice.publish(ORG, yaml);
  expect(reply.json['status']).toBe('Failure');
  expect(messagesOf(reply)).toContain(says);
  expect(messagesOf(reply)).toContain(at);
  expect(practice.core.hash(ORG)).toBe(before);
});

test('a flow that nobody has published yet cannot be named; once it is published it can', () => {
  const practice = new Practice();
  practice.ask(ORG, 'POST', '/api/v2/flows', { name: 'Draft', type: 'INBOUNDCALL' });
  const refused = practice.publish(ORG, call('Caller', toFlow('Draft')));
  expect(messagesOf(refused)).toContain('no published version');
  expect(practice.publish(ORG, call('Draft', HANG_UP)).json['status']).toBe('Success');
  expect(practice.publish(ORG, call('Caller', toFlow('Draft'))).json['status']).toBe('Success');
});

test('letter case is ignored where one object fits, the exact spelling goes first, and two alike are one too many', () => {
  const practice = new Practice();
  const schedule = (name: string) =>
    call('Hours', `- evaluateSchedule:\n    evaluationType:\n      schedule:\n        selectedSchedule:\n          lit:\n            name: ${name}`);
  expect(practice.publish(ORG, call('Case', toQueue('RETURNS'))).json['status']).toBe('Success');
  expect(exportText(practice, ORG, published(practice, ORG, 'Case'))).toContain('name: Returns');
  expect(practice.publish(ORG, schedule('Weekdays')).json['status']).toBe('Success');
  expect(messagesOf(practice.publish(ORG, schedule('WEEKDAYS')))).toContain('Several matches');
  practice.ask(ORG, 'POST', '/api/v2/architect/schedules', { name: 'Weekdays', start: '2026-01-05T08:00:00.000', end: '2026-01-05T09:00:00.000' });
  expect(messagesOf(practice.publish(ORG, schedule('Weekdays')))).toContain('Several case-sensitive matches');
});

test('among objects whose names differ only in case, the one spelled exactly so is meant', () => {
  const find = (kind: string) =>
    kind === 'queue'
      ? [
          { id: '1', name: 'vip' },
          { id: '2', name: 'VIP' },
        ]
      : [{ id: '0', name: 'Home' }];
  const ready = preparePublish(call('Exact', toQueue('VIP')), find);
  expect('messages' in ready ? ready.messages : ready.content.references).toMatchObject([{ kind: 'queue', id: '2' }]);
  expect(preparePublish(call('Exact', toQueue('Vip')), find)).toMatchObject({ messages: [expect.stringContaining('Several matches')] });
});

test('names that functions look up at run time are not resolved', () => {
  const practice = new Practice();
  const yaml = call(
    'Dynamic',
    '- findQueue:\n    name: Find\n    findName:\n      exp: ToString(Flow.x)\n- decision:\n    condition:\n      exp: FindQueue("Nowhere") == NOT_SET',
  );
  expect(practice.publish(EMPTY, yaml.replace('division: Home', 'division: New Org')).json['status']).toBe('Success');
});

test('two exports of one flow differ in their refIds and the order of their keys, and mean the same', () => {
  const practice = new Practice();
  const id = published(practice, ORG, 'Main Menu');
  const texts = [1, 2, 3].map(() => exportText(practice, ORG, id));
  expect(new Set(texts).size).toBe(3);
  const refIds = texts.map((text) => [...text.matchAll(/refId: (.*)\n/g)].map(([, refId]) => refId));
  expect(new Set(refIds.flat()).size).toBeGreaterThan(refIds[0]!.length * 2);
  const [first, second, third] = texts.map(meaning);
  expect(second).toEqual(first);
  expect(third).toEqual(first);
  const orders = texts.map((text) => Object.keys((parse(text) as { inboundCall: object }).inboundCall).join());
  expect(new Set(orders).size).toBeGreaterThan(1);
});

test('an export that is published again is a new version with the same meaning, for every flow', () => {
  const practice = new Practice();
  for (const flow of practice.core.objects(ORG, 'flow')) {
    const id = String(flow['id']);
    const before = exportText(practice, ORG, id);
    const reply = practice.publish(ORG, before);
    expect(reply.json['messages']).toMatchObject([{ type: 'Info' }]);
    expect(reply.json['flow']).toMatchObject({ id });
    expect(meaning(exportText(practice, ORG, id))).toEqual(meaning(before));
  }
});

test('scalars that YAML mistakes come back as they were published', () => {
  const practice = new Practice();
  const values = { a: 'yes', b: 'no', c: '12:30', d: '0123', e: '', f: ' x ', g: 'null', h: '1e3', i: '#', j: 'a: b', k: 'two\nlines', l: '2026-01-01' };
  const yaml = call('Scalars', HANG_UP, `  extra: ${JSON.stringify({ ...values, n: 0, t: true, z: null, list: [] })}\n  big: 12345678901234567890\n`);
  expect(practice.publish(ORG, yaml).json['status']).toBe('Success');
  const text = exportText(practice, ORG, published(practice, ORG, 'Scalars'));
  expect((parse(text) as { inboundCall: { extra: unknown } }).inboundCall.extra).toEqual({ ...values, n: 0, t: true, z: null, list: [] });
  expect(text).toContain('big: 12345678901234567890\n');
  expect(text).toContain('list: []\n');
  expect(text).not.toMatch(/^---|[|>]\n|\r/m);
});

test('a job waits for its upload, runs for its time, and then says how it ended', () => {
  const practice = new Practice();
  practice.core.context(ORG).memory('settings').set('flowJobMilliseconds', 5_000);
  const job = practice.ask(ORG, 'POST', '/api/v2/flows/jobs').json;
  const look = (expand = '') => practice.ask(ORG, 'GET', `/api/v2/flows/jobs/${String(job['id'])}${expand}`).json;
  practice.clock.pass(60_000);
  expect(look()['status']).toBe('Registered');
  expect(practice.send('PUT', String(job['presignedUrl']), job['headers'] as Record<string, string>, call('Slow', HANG_UP)).status).toBe(200);
  practice.clock.pass(4_999);
  expect(look()['status']).toBe('Started');
  expect(look()['flow']).toBeUndefined();
  practice.clock.pass(1);
  expect(look()).toMatchObject({ status: 'Success', flow: { id: published(practice, ORG, 'Slow') } });
  expect(look()['messages']).toBeUndefined();
  expect(look('?expand=messages')['messages']).toHaveLength(1);
});

test('however fast a job is, the first look finds it running', () => {
  const practice = new Practice();
  practice.core.context(ORG).memory('settings').set('flowJobMilliseconds', 0);
  const job = practice.ask(ORG, 'POST', '/api/v2/flows/export/jobs', { flows: [{ flow: { name: 'Main Menu', type: 'inboundcall' } }] }).json;
  const looks = [1, 2].map(() => practice.ask(ORG, 'GET', `/api/v2/flows/export/jobs/${String(job['id'])}`).json['status']);
  expect(looks).toEqual(['Started', 'Success']);
});

test('the upload takes exactly the headers of the job, no token, and the same bytes any number of times', () => {
  const practice = new Practice();
  const job = practice.ask(ORG, 'POST', '/api/v2/flows/jobs').json;
  const url = String(job['presignedUrl']);
  const headers = job['headers'] as Record<string, string>;
  const before = practice.core.hash(ORG);
  expect(practice.send('PUT', url, {}, call('U', HANG_UP)).status).toBe(403);
  expect(practice.send('PUT', url, { ...headers, authorization: 'Bearer x' }, call('U', HANG_UP)).status).toBe(400);
  expect(practice.send('PUT', url.replace(/Signature=.*/, 'Signature=0'), headers, call('U', HANG_UP)).status).toBe(403);
  expect(practice.core.hash(ORG)).toBe(before);
  expect(practice.send('PUT', url, headers, call('U', HANG_UP)).status).toBe(200);
  const after = practice.core.hash(ORG);
  expect(practice.send('PUT', url, headers, call('U', HANG_UP)).status).toBe(200);
  expect(practice.send('PUT', url, headers, call('V', HANG_UP)).status).toBe(403);
  expect(practice.core.hash(ORG)).toBe(after);
});

test('several flows come as one archive with a file each, also where their names are alike', () => {
  const practice = new Practice();
  const all = practice.core.objects(ORG, 'flow');
  const reply = practice.export(
    ORG,
    all.map((flow) => ({ id: String(flow['id']) })),
  );
  const files = Object.entries(unzipSync(reply.bytes)).map(([name, bytes]) => [name, parse(Buffer.from(bytes).toString('utf8'))] as const);
  expect(files).toHaveLength(all.length);
  expect(files.map(([, tree]) => Object.keys(tree as object)[0]).sort()).toEqual(all.map((flow) => rootOf(String(flow['type']))).sort());
  expect(files.map(([name]) => name)).toEqual(expect.arrayContaining(['Order Status_v1-0.yaml', 'Order Status_v1-0_2.yaml', 'Main Menu_v2-0.yaml']));
});

const ROOTS = ['inboundCall', 'inqueueCall', 'inboundEmail', 'inboundShortMessage', 'workflow', 'commonModule', 'secureCall'];
const rootOf = (type: string) => ROOTS.find((root) => root.toUpperCase() === type);

test('a flow is exported by name and type as well, in any of its versions; what cannot be exported fails by name', () => {
  const practice = new Practice();
  practice.publish(ORG, call('Twice', toQueue('Returns')));
  practice.publish(ORG, call('Twice', toQueue('Lighting')));
  const id = published(practice, ORG, 'Twice');
  expect(practice.export(ORG, [{ name: 'Twice', type: 'inboundcall' }]).text).toContain('name: Lighting');
  expect(practice.export(ORG, [{ id, version: '1.0' }]).text).toContain('name: Returns');
  practice.ask(ORG, 'POST', '/api/v2/flows', { name: 'Draft', type: 'WORKFLOW' });
  expect(messagesOf(practice.export(ORG, [{ name: 'Draft', type: 'workflow' }]))).toContain("flow 'Draft' has no published version");
  expect(messagesOf(practice.export(ORG, [{ id: 'x' }]))).toContain("could not find the flow with id 'x'");
});

test('dependency tracking names what a version uses and who uses an object, queues and IVRs among them', () => {
  const practice = new Practice();
  const base = '/api/v2/architect/dependencytracking';
  const id = published(practice, ORG, 'Main Menu');
  const consumed = practice.ask(ORG, 'GET', `${base}/consumedresources?id=${id}&version=2.0&objectType=INBOUNDCALLFLOW&pageSize=100`).json;
  const rows = (reply: JsonMap) => (reply['entities'] as JsonMap[]).map((row) => `${String(row['type'])} ${String(row['name'])}`);
  expect(rows(consumed)).toEqual(
    expect.arrayContaining([
      'QUEUE Support & Sales',
      'QUEUE Returns',
      'ACDSKILL English',
      'SCHEDULEGROUP Care Hours',
      'USERPROMPT Welcome',
      'COMMONMODULEFLOW Order Status',
      'INBOUNDCALLFLOW After Hours',
      'SYSTEMPROMPT beep',
    ]),
  );
  expect(practice.ask(ORG, 'GET', `${base}/consumedresources?id=${id}&version=LATEST&objectType=INBOUNDCALLFLOW`).status).toBe(400);
  const hold = published(practice, ORG, 'Hold With Callback', 'INQUEUECALL');
  expect(rows(practice.ask(ORG, 'GET', `${base}/consumingresources?id=${hold}&objectType=INQUEUECALLFLOW`).json).sort()).toEqual([
    'QUEUE Escalations',
    'QUEUE Support & Sales',
    'QUEUE Trade Desk',
  ]);
  const consumers = practice.ask(ORG, 'GET', `${base}/consumingresources?id=${id}&objectType=INBOUNDCALLFLOW&pageSize=1`).json;
  expect(consumers).toMatchObject({ total: 2, pageCount: 2, pageNumber: 1 });
  expect(practice.ask(ORG, 'GET', `${base}/build`).json['status']).toBe('OPERATIONAL');
});

test('a flow that something uses stays, and the answer says what holds it; a flow that nothing uses goes', () => {
  const practice = new Practice();
  const remove = (name: string, type = 'INBOUNDCALL') => practice.ask(ORG, 'DELETE', `/api/v2/flows/${published(practice, ORG, name, type)}`);
  expect(remove('Hold With Callback', 'INQUEUECALL')).toMatchObject({ status: 409, json: { code: 'architect.flow.cannot.delete.used.in.queues' } });
  expect(remove('Trade Line')).toMatchObject({ status: 409, json: { code: 'architect.flow.cannot.delete.used.in.ivr.configs' } });
  expect(remove('Order Status', 'COMMONMODULE')).toMatchObject({ status: 409, json: { code: 'architect.flow.cannot.delete.used.in.flows' } });
  const id = published(practice, ORG, 'Take Payment', 'SECURECALL');
  expect(remove('Take Payment', 'SECURECALL').status).toBe(204);
  expect(practice.ask(ORG, 'GET', `/api/v2/flows/${id}`).status).toBeGreaterThanOrEqual(404);
});

test('reading flows, exporting them and asking what they use changes nothing', () => {
  const practice = new Practice();
  const before = practice.core.hash(ORG);
  const id = published(practice, ORG, 'Main Menu');
  practice.export('practice-production-reader', [{ id }]);
  practice.ask('practice-production-reader', 'GET', `/api/v2/architect/dependencytracking/consumedresources?id=${id}&version=2.0&objectType=INBOUNDCALLFLOW`);
  practice.ask('practice-production-reader', 'GET', '/api/v2/flows?pageSize=100');
  expect(practice.core.hash(ORG)).toBe(before);
  expect(practice.ask('practice-production-reader', 'POST', '/api/v2/flows/jobs')).toMatchObject({ status: 403 });
});

test('a flow that somebody else has locked is published only after it is unlocked', () => {
  const practice = new Practice();
  const id = published(practice, ORG, 'Take Payment', 'SECURECALL');
  practice.core.edit(ORG, 'flow', id, (body) => ({ ...body, lockedClient: { id: 'somebody', name: 'Somebody' } }));
  const text = exportText(practice, ORG, id);
  expect(messagesOf(practice.publish(ORG, text))).toContain('locked by');
  practice.ask(ORG, 'POST', `/api/v2/flows/actions/unlock?flow=${id}`);
  expect(practice.publish(ORG, text).json['status']).toBe('Success');
});

test('a flow is found by type in small letters, and its row says which version is published', () => {
  const practice = new Practice();
  const rows = practice.ask(ORG, 'GET', '/api/v2/flows?type=inqueuecall&pageSize=100').json['entities'] as JsonMap[];
  expect(rows.map((row) => row['name']).sort()).toEqual(['Hold Music', 'Hold With Callback']);
  expect(rows[0]).toMatchObject({ type: 'INQUEUECALL', active: true, publishedVersion: { id: '2.0' }, division: { name: 'Home' } });
});
