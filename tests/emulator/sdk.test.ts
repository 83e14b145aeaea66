import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Emulator } from '../../providers/genesys-emulator/index.ts';
import { startEmulator } from '../../providers/genesys-emulator/index.ts';
import { judge } from './answer-judge.ts';
import type { Api, Entity } from './sdk-client.ts';
import { errorOf, sdkClient } from './sdk-client.ts';

/** The official SDK as judge: it knows paths, methods and bodies that we may have misread. Flows have their own tests. */
let emulator: Emulator;
let api: (name: string) => Api;

beforeAll(async () => {
  const clients = [{ id: 'sdk', secret: 'not a real secret' }];
  emulator = await startEmulator({ seed: 'sdk', orgs: [{ name: 'org', clients }], limits: { perToken: 'none', perOrg: 'none' } });
  judge(emulator.core);
  api = await sdkClient(emulator.url, 'sdk', 'not a real secret');
});

afterAll(() => emulator.close());

interface Round {
  readonly type: string;
  readonly create: () => Promise<Entity>;
  readonly get: (id: string) => Promise<Entity>;
  readonly list: () => Promise<{ readonly entities: readonly Entity[] }>;
  readonly update?: (entity: Entity) => Promise<unknown>;
  readonly changed?: Readonly<Record<string, unknown>>;
  /** A field that the update left out. */
  readonly lacks?: string;
  readonly remove: (id: string) => Promise<unknown>;
  readonly goneBy: '404' | 'state';
}

const home = async () => api('AuthorizationApi')['getAuthorizationDivisionsHome']!();
const tableSchema = {
  type: 'object',
  required: ['key'],
  properties: { key: { title: 'key', type: 'string' }, open: { title: 'open', type: 'boolean', default: false } },
};

const ROUNDS: readonly Round[] = [
  {
    type: 'auth_division',
    create: () => api('AuthorizationApi')['postAuthorizationDivisions']!({ name: 'North', description: 'the north' }),
    get: (id) => api('AuthorizationApi')['getAuthorizationDivision']!(id),
    list: () => api('AuthorizationApi')['getAuthorizationDivisions']!({ name: 'north' }),
    update: (it) => api('AuthorizationApi')['putAuthorizationDivision']!(it.id, { name: 'North', description: 'far north' }),
    changed: { description: 'far north' },
    remove: (id) => api('AuthorizationApi')['deleteAuthorizationDivision']!(id),
    goneBy: '404',
  },
  {
    type: 'routing_skill',
    create: () => api('RoutingApi')['postRoutingSkills']!({ name: 'Returns' }),
    get: (id) => api('RoutingApi')['getRoutingSkill']!(id),
    list: () => api('RoutingApi')['getRoutingSkills']!({ name: 'Ret*' }),
    remove: (id) => api('RoutingApi')['deleteRoutingSkill']!(id),
    goneBy: 'state',
  },
  {
    type: 'routing_wrapup_code',
    create: () => api('RoutingApi')['postRoutingWrapupcodes']!({ name: 'Solved' }),
    get: (id) => api('RoutingApi')['getRoutingWrapupcode']!(id),
    list: () => api('RoutingApi')['getRoutingWrapupcodes']!({ name: 'Solved' }),
    update: (it) => api('RoutingApi')['putRoutingWrapupcode']!(it.id, { name: 'Solved', description: 'at once' }),
    changed: { description: 'at once' },
    remove: (id) => api('RoutingApi')['deleteRoutingWrapupcode']!(id),
    goneBy: '404',
  },
  {
    type: 'user',
    create: async () => api('UsersApi')['postUsers']!({ name: 'Ann', email: 'ann@example.com', divisionId: (await home()).id }),
    get: (id) => api('UsersApi')['getUser']!(id),
    list: () => api('UsersApi')['getUsers']!({ pageSize: 100 }),
    update: (it) => api('UsersApi')['patchUser']!(it.id, { version: it.version, title: 'Lead' }),
    changed: { title: 'Lead', version: 2, email: 'ann@example.com' },
    remove: (id) => api('UsersApi')['deleteUser']!(id),
    goneBy: 'state',
  },
  {
    type: 'routing_queue',
    create: () => api('RoutingApi')['postRoutingQueues']!({ name: 'Support', description: 'first' }),
    get: (id) => api('RoutingApi')['getRoutingQueue']!(id),
    list: () => api('RoutingApi')['getRoutingQueues']!({ name: 'support' }),
    update: (it) => api('RoutingApi')['putRoutingQueue']!(it.id, { name: 'Support', acwSettings: { wrapupPrompt: 'OPTIONAL' } }),
    // PUT replaces: the description was left out, so it is gone; the rest of acwSettings is back at its default.
    lacks: 'description',
    changed: { acwSettings: { wrapupPrompt: 'OPTIONAL', timeoutMs: 300_000 } },
    remove: (id) => api('RoutingApi')['deleteRoutingQueue']!(id),
    goneBy: '404',
  },
  {
    type: 'architect_schedule',
    create: () =>
      api('ArchitectApi')['postArchitectSchedules']!({
        name: 'Weekdays',
        start: '2026-01-05T09:00:00.000',
        end: '2026-01-05T17:00:00.000',
        rrule: 'FREQ=WEEKLY;BYDAY=MO,TU',
      }),
    get: (id) => api('ArchitectApi')['getArchitectSchedule']!(id),
    list: () => api('ArchitectApi')['getArchitectSchedules']!({}),
    update: (it) =>
      api('ArchitectApi')['putArchitectSchedule']!(it.id, {
        name: 'Weekdays',
        version: it.version,
        start: '2026-01-05T08:00:00.000',
        end: '2026-01-05T17:00:00.000',
      }),
    changed: { start: '2026-01-05T08:00:00.000', version: 2 },
    lacks: 'rrule',
    remove: (id) => api('ArchitectApi')['deleteArchitectSchedule']!(id),
    goneBy: 'state',
  },
  {
    type: 'architect_schedule_group',
    create: () => api('ArchitectApi')['postArchitectSchedulegroups']!({ name: 'Hours', timeZone: 'Europe/Berlin' }),
    get: (id) => api('ArchitectApi')['getArchitectSchedulegroup']!(id),
    list: () => api('ArchitectApi')['getArchitectSchedulegroups']!({}),
    update: (it) => api('ArchitectApi')['putArchitectSchedulegroup']!(it.id, { name: 'Hours', timeZone: 'Europe/Paris', version: it.version }),
    changed: { timeZone: 'Europe/Paris' },
    remove: (id) => api('ArchitectApi')['deleteArchitectSchedulegroup']!(id),
    goneBy: 'state',
  },
  {
    type: 'architect_user_prompt',
    create: () => api('ArchitectApi')['postArchitectPrompts']!({ name: 'Greeting_1' }),
    get: (id) => api('ArchitectApi')['getArchitectPrompt']!(id),
    list: () => api('ArchitectApi')['getArchitectPrompts']!({}),
    update: (it) => api('ArchitectApi')['putArchitectPrompt']!(it.id, { name: 'Greeting_1', description: 'hello' }),
    changed: { description: 'hello' },
    remove: (id) => api('ArchitectApi')['deleteArchitectPrompt']!(id),
    goneBy: '404',
  },
  {
    type: 'architect_ivr',
    create: () => api('ArchitectApi')['postArchitectIvrs']!({ name: 'Main line', dnis: ['+15550100'] }),
    get: (id) => api('ArchitectApi')['getArchitectIvr']!(id),
    list: () => api('ArchitectApi')['getArchitectIvrs']!({ dnis: '+15550100' }),
    update: (it) => api('ArchitectApi')['putArchitectIvr']!(it.id, { name: 'Main line', dnis: ['+15550101'], version: it.version }),
    changed: { dnis: ['+15550101'] },
    remove: (id) => api('ArchitectApi')['deleteArchitectIvr']!(id),
    goneBy: 'state',
  },
  {
    type: 'architect_datatable',
    create: () => api('ArchitectApi')['postFlowsDatatables']!({ name: 'Stores', schema: tableSchema }),
    get: (id) => api('ArchitectApi')['getFlowsDatatable']!(id, { expand: 'schema' }),
    list: () => api('ArchitectApi')['getFlowsDatatables']!({}),
    update: (it) => api('ArchitectApi')['putFlowsDatatable']!(it.id, { name: 'Shops', schema: tableSchema }),
    changed: { name: 'Shops', schema: tableSchema },
    remove: (id) => api('ArchitectApi')['deleteFlowsDatatable']!(id),
    goneBy: '404',
  },
  {
    type: 'integration_credential',
    create: () =>
      api('IntegrationsApi')['postIntegrationsCredentials']!({
        body: { name: 'CRM', type: { name: 'basicAuth' }, credentialFields: { userName: 'u', password: 'p' } },
      }),
    get: (id) => api('IntegrationsApi')['getIntegrationsCredential']!(id),
    list: () => api('IntegrationsApi')['getIntegrationsCredentialsListing']!({}),
    update: (it) =>
      api('IntegrationsApi')['putIntegrationsCredential']!(it.id, {
        body: { name: 'CRM', type: { name: 'basicAuth' }, credentialFields: { userName: 'v', password: 'q' } },
      }),
    changed: { credentialFields: { userName: '**********', password: '**********' } },
    remove: (id) => api('IntegrationsApi')['deleteIntegrationsCredential']!(id),
    goneBy: '404',
  },
];

test.each(ROUNDS)('the SDK creates, reads, lists, updates and deletes a $type', async (round) => {
  const made = await round.create();
  expect(made.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect((await round.get(made.id)).name).toBe(made.name);
  expect((await round.list()).entities.map((entity) => entity.id)).toContain(made.id);
  if (round.update !== undefined) await round.update(await round.get(made.id));
  const changed = await round.get(made.id);
  expect(changed).toMatchObject(round.changed ?? {});
  expect(Object.keys(changed)).not.toContain(round.lacks);
  await round.remove(made.id);
  if (round.goneBy === '404') expect((await errorOf(round.get(made.id)))[0]).toBe(404);
  else expect(await round.get(made.id)).toMatchObject({ state: 'deleted' });
  expect((await round.list()).entities.map((entity) => entity.id)).not.toContain(made.id);
  expect(emulator.core.objects('org', round.type).map((object) => object['id'])).not.toContain(made.id);
});

test('the SDK reads, changes and resets the utilization, which always exists', async () => {
  const routing = api('RoutingApi');
  const before = await routing['getRoutingUtilization']!();
  await routing['putRoutingUtilization']!({ utilization: { call: { maximumCapacity: 3, interruptableMediaTypes: ['email'], includeNonAcd: true } } });
  expect(await routing['getRoutingUtilization']!()).toMatchObject({ utilization: { call: { maximumCapacity: 3 } } });
  await routing['deleteRoutingUtilization']!();
  expect(await routing['getRoutingUtilization']!()).toEqual(before);
});

test('the SDK pages through many queues and meets each once', async () => {
  const routing = api('RoutingApi');
  for (let index = 0; index < 57; index += 1) emulator.core.seed('org', 'routing_queue', { name: `Paged ${index}` });
  const names: string[] = [];
  for (let pageNumber = 1; ; pageNumber += 1) {
    const page = await routing['getRoutingQueues']!({ pageNumber, pageSize: 20, name: 'Paged*' });
    names.push(...page.entities.map((entity) => entity.name));
    expect(page).toMatchObject({ total: 57, pageCount: 3 });
    if (page.nextUri === undefined) break;
  }
  expect(new Set(names).size).toBe(57);
  expect(names).toHaveLength(57);
});

test('the SDK keeps members, wrap-up codes and skills', async () => {
  const [users, routing] = [api('UsersApi'), api('RoutingApi')];
  const user = await users['postUsers']!({ name: 'Bo', email: 'bo@example.com', divisionId: (await home()).id });
  const skill = await routing['postRoutingSkills']!({ name: 'French' });
  const code = await routing['postRoutingWrapupcodes']!({ name: 'Called back' });
  const queue = await routing['postRoutingQueues']!({ name: 'With parts' });
  await routing['postRoutingQueueMembers']!(queue.id, [{ id: user.id }], {});
  await routing['patchRoutingQueueMembers']!(queue.id, [{ id: user.id, ringNumber: 3 }]);
  await routing['postRoutingQueueWrapupcodes']!(queue.id, [{ id: code.id }]);
  await users['putUserRoutingskillsBulk']!(user.id, [{ id: skill.id, proficiency: 4 }]);
  expect((await routing['getRoutingQueueMembers']!(queue.id, {})).entities).toMatchObject([{ id: user.id, ringNumber: 3, joined: true }]);
  expect((await routing['getRoutingQueueWrapupcodes']!(queue.id, {})).entities).toMatchObject([{ id: code.id, name: 'Called back' }]);
  expect(await routing['getRoutingQueue']!(queue.id)).toMatchObject({ memberCount: 1 });
  expect(await users['getUser']!(user.id, { expand: ['skills'] })).toMatchObject({ skills: [{ id: skill.id, name: 'French', proficiency: 4 }] });
  expect(await users['getUser']!(user.id)).not.toHaveProperty('skills');
  await users['deleteUser']!(user.id);
  expect(await routing['getRoutingQueue']!(queue.id)).toMatchObject({ memberCount: 0 });
});

test('the SDK writes rows under keys that need escaping, and a table with rows is not deleted unless forced', async () => {
  const architect = api('ArchitectApi');
  const table = await architect['postFlowsDatatables']!({ name: 'Rows', schema: tableSchema });
  await architect['postFlowsDatatableRows']!(table.id, { key: 'a/b %', open: true });
  await architect['postFlowsDatatableRows']!(table.id, { key: 'plain' });
  expect(await architect['getFlowsDatatableRow']!(table.id, 'a/b %', { showbrief: false })).toEqual({ key: 'a/b %', open: true });
  expect((await architect['getFlowsDatatableRows']!(table.id, {})).entities).toEqual([{ key: 'a/b %' }, { key: 'plain' }]);
  expect((await architect['getFlowsDatatableRows']!(table.id, { showbrief: false })).entities).toContainEqual({ key: 'plain', open: false });
  await architect['putFlowsDatatableRow']!(table.id, 'plain', { body: { key: 'plain', open: true } });
  expect(await errorOf(architect['postFlowsDatatableRows']!(table.id, { key: 'plain' }))).toEqual([409, 'flows.datatables.not.unique']);
  expect(await errorOf(architect['postFlowsDatatableRows']!(table.id, { key: 'c', shut: true }))).toEqual([400, 'flows.datatables.schema.exception']);
  expect(await errorOf(architect['deleteFlowsDatatable']!(table.id))).toEqual([409, 'flows.datatables.in.use']);
  await architect['deleteFlowsDatatable']!(table.id, { force: true });
  expect(emulator.core.objects('org', 'architect_datatable_row')).toEqual([]);
});

test('through the SDK a queue meets duplicate, missing field, unknown reference and in use with the catalogue’s codes', async () => {
  const routing = api('RoutingApi');
  const queue = await routing['postRoutingQueues']!({ name: 'Errors' });
  const nobody = '00000000-0000-4000-8000-000000000000';
  expect(await errorOf(routing['postRoutingQueues']!({ name: 'Errors' }))).toEqual([400, 'duplicate.name']);
  expect(await errorOf(routing['postRoutingQueues']!({ description: 'no name' }))).toEqual([400, 'constraint.validation']);
  expect(await errorOf(routing['postRoutingQueues']!({ name: 'E2', queueFlow: { id: nobody } }))).toEqual([400, 'resource.not.found']);
  await routing['postRoutingQueues']!({
    name: 'Backup user',
    directRouting: { backupQueueId: queue.id, callMediaSettings: {}, emailMediaSettings: {}, messageMediaSettings: {} },
  });
  expect(await errorOf(routing['deleteRoutingQueue']!(queue.id))).toEqual([400, 'active.queue']);
  expect(await errorOf(routing['getRoutingQueue']!(nobody))).toEqual([404, 'resource.not.found']);
});

test('a stale version, and a user whose deleted twin has the e-mail, meet general.conflict; the twin is called back by its state alone', async () => {
  const users = api('UsersApi');
  const divisionId = (await home()).id;
  const user = await users['postUsers']!({ name: 'Cy', email: 'cy@example.com', divisionId });
  expect(await errorOf(users['patchUser']!(user.id, { version: 9, title: 'x' }))).toEqual([409, 'general.conflict']);
  await users['deleteUser']!(user.id);
  expect(await errorOf(users['postUsers']!({ name: 'Cy', email: 'cy@example.com', divisionId }))).toEqual([409, 'general.conflict']);
  const query = [{ fields: ['email'], value: 'CY@example.com', type: 'EXACT' }];
  const search = async (more: readonly unknown[]) =>
    ((await users['postUsersSearch']!({ query: [...query, ...more] })) as unknown as { results: readonly Entity[] }).results;
  expect(await search([])).toEqual([]);
  const [found] = await search([{ fields: ['state'], value: 'deleted', type: 'EXACT' }]);
  expect(await errorOf(users['patchUser']!(user.id, { version: found!.version, state: 'active', title: 'x' }))).toEqual([400, 'general.bad.request']);
  await users['patchUser']!(user.id, { version: found!.version, state: 'active' });
  expect(emulator.core.objects('org', 'user')).toContainEqual(expect.objectContaining({ id: user.id, state: 'active' }));
});
