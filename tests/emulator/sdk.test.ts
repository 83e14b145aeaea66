import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Emulator } from '../../providers/genesys-emulator/index.ts';
import { startEmulator } from '../../providers/genesys-emulator/index.ts';
import { judge } from './answer-judge.ts';
import type { Api, Entity } from './sdk-client.ts';
import { errorOf, sdkClient } from './sdk-client.ts';
import { roundsOf, tableSchema } from './sdk-rounds.ts';

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

const home = () => api('AuthorizationApi')['getAuthorizationDivisionsHome']!();

/** Their calls need a running emulator; their names do not. */
const ROUNDS = roundsOf((name) => api(name)).map((round) => ({ type: round.type, round }));

test.each(ROUNDS)('the SDK creates, reads, lists, updates and deletes a $type', async ({ round }) => {
  const made = await round.create();
  expect(made.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect((await round.get(made.id)).name).toBe(made.name);
  expect((await round.list(round.find)).entities.map((entity) => entity.id)).toContain(made.id);
  if (round.update !== undefined) await round.update(await round.get(made.id));
  const changed = await round.get(made.id);
  expect(changed).toMatchObject(round.changed ?? {});
  expect(Object.keys(changed)).not.toContain(round.lacks);
  await round.remove(made.id);
  if (round.goneBy === '404') expect((await errorOf(round.get(made.id)))[0]).toBe(404);
  else expect(await round.get(made.id)).toMatchObject({ state: 'deleted' });
  expect((await round.list(round.find)).entities.map((entity) => entity.id)).not.toContain(made.id);
  expect(emulator.core.objects('org', round.type).map((object) => object['id'])).not.toContain(made.id);
});

test.each(ROUNDS)('the SDK pages through many objects of $type by nextUri and meets each once', async ({ round }) => {
  const wanted = [];
  for (let index = 0; index < 11; index += 1) wanted.push(emulator.core.seed('org', round.type, await round.many(index)));
  const seen: string[] = [];
  for (let query: Readonly<Record<string, string>> | undefined = { pageSize: '4' }; query !== undefined; ) {
    const page = await round.list(query);
    expect(page.entities.length).toBeLessThanOrEqual(4);
    seen.push(...page.entities.map((entity) => entity.id));
    query = page.nextUri === undefined ? undefined : Object.fromEntries(new URL(page.nextUri, emulator.url).searchParams);
  }
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen).toEqual(expect.arrayContaining(wanted));
  expect([...seen].sort()).toEqual(
    emulator.core
      .objects('org', round.type)
      .map((object) => String(object['id']))
      .sort(),
  );
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
  for (let index = 0; index < 57; index += 1) emulator.core.seed('org', 'routing_queue', { name: `Counted ${index}` });
  const names: string[] = [];
  for (let pageNumber = 1; ; pageNumber += 1) {
    const page = await routing['getRoutingQueues']!({ pageNumber, pageSize: 20, name: 'Counted*' });
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

test('through the SDK a row is deleted, and a row that is gone, has no key or belongs to no table meets the catalogue’s codes', async () => {
  const architect = api('ArchitectApi');
  const table = await architect['postFlowsDatatables']!({ name: 'Few rows', schema: tableSchema });
  const nobody = '00000000-0000-4000-8000-000000000000';
  await architect['postFlowsDatatableRows']!(table.id, { key: 'kept' });
  await architect['postFlowsDatatableRows']!(table.id, { key: 'gone' });
  await architect['deleteFlowsDatatableRow']!(table.id, 'gone');
  expect((await architect['getFlowsDatatableRows']!(table.id, {})).entities).toEqual([{ key: 'kept' }]);
  expect(await errorOf(architect['getFlowsDatatableRow']!(table.id, 'gone', {}))).toEqual([404, 'flows.datatables.row.not.found']);
  expect(await errorOf(architect['postFlowsDatatableRows']!(table.id, { open: true }))).toEqual([400, 'flows.datatables.schema.exception']);
  expect(await errorOf(architect['postFlowsDatatableRows']!(nobody, { key: 'a' }))).toEqual([404, 'flows.datatables.table.not.found']);
  expect(emulator.core.objects('org', 'architect_datatable_row').map((row) => row['key'])).toEqual(['kept']);
  await architect['deleteFlowsDatatable']!(table.id, { force: true });
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
