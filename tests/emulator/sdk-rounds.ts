import type { JsonMap } from '../../providers/genesys-emulator/json.ts';
import type { Api, Entity } from './sdk-client.ts';

type Query = Readonly<Record<string, unknown>>;

/** One page of a list. `total` is missing where the list goes by cursor. */
interface Page {
  readonly entities: readonly Entity[];
  readonly total?: number;
  readonly nextUri?: string;
}

/** What the SDK does to one type. */
export interface Round {
  readonly type: string;
  readonly create: () => Promise<Entity>;
  readonly get: (id: string) => Promise<Entity>;
  /** The list, asked as the query says; `find` is a filter that the made object passes. */
  readonly list: (query: Query) => Promise<Page>;
  readonly find: Query;
  /** The body of one of many, for paging. */
  readonly many: (index: number) => JsonMap | Promise<JsonMap>;
  readonly update?: (entity: Entity) => Promise<unknown>;
  readonly changed?: Readonly<Record<string, unknown>>;
  /** A field that the update left out. */
  readonly lacks?: string;
  readonly remove: (id: string) => Promise<unknown>;
  readonly goneBy: '404' | 'state';
}

export const tableSchema = {
  type: 'object',
  required: ['key'],
  properties: { key: { title: 'key', type: 'string' }, open: { title: 'open', type: 'boolean', default: false } },
};

/** The rounds of all types that are created, read, listed, updated and deleted by calls of their own. Long because it is a table, a few lines a type. */
export function roundsOf(api: (name: string) => Api): readonly Round[] {
  const home = () => api('AuthorizationApi')['getAuthorizationDivisionsHome']!();
  let made: Promise<Entity> | undefined;
  const owner = (): Promise<Entity> => {
    made ??= api('IntegrationsApi')['postIntegrations']!(integration('Owner'));
    return made;
  };
  const named = (index: number): JsonMap => ({ name: `Paged ${index}` });

  const integration = (name: string) => ({ body: { name, integrationType: { id: 'custom-rest-actions' } } });
  const contract = {
    input: { inputSchema: { type: 'object', properties: { number: { type: 'string' } } } },
    output: { successSchema: { type: 'object', properties: { status: { type: 'string' } } } },
  };
  const config = { request: { requestUrlTemplate: 'https://orders.example.com', requestType: 'GET' }, response: {} };

  return [
    {
      type: 'auth_division',
      many: (index) => ({ name: `Paged ${index}`, description: 'one of many' }),
      create: () => api('AuthorizationApi')['postAuthorizationDivisions']!({ name: 'North', description: 'the north' }),
      get: (id) => api('AuthorizationApi')['getAuthorizationDivision']!(id),
      list: (query) => api('AuthorizationApi')['getAuthorizationDivisions']!(query),
      find: { name: 'north' },
      update: (it) => api('AuthorizationApi')['putAuthorizationDivision']!(it.id, { name: 'North', description: 'far north' }),
      changed: { description: 'far north' },
      remove: (id) => api('AuthorizationApi')['deleteAuthorizationDivision']!(id),
      goneBy: '404',
    },
    {
      type: 'routing_skill',
      many: named,
      create: () => api('RoutingApi')['postRoutingSkills']!({ name: 'Returns' }),
      get: (id) => api('RoutingApi')['getRoutingSkill']!(id),
      list: (query) => api('RoutingApi')['getRoutingSkills']!(query),
      find: { name: 'Ret*' },
      remove: (id) => api('RoutingApi')['deleteRoutingSkill']!(id),
      goneBy: 'state',
    },
    {
      type: 'routing_wrapup_code',
      many: named,
      create: () => api('RoutingApi')['postRoutingWrapupcodes']!({ name: 'Solved' }),
      get: (id) => api('RoutingApi')['getRoutingWrapupcode']!(id),
      list: (query) => api('RoutingApi')['getRoutingWrapupcodes']!(query),
      find: { name: 'Solved' },
      update: (it) => api('RoutingApi')['putRoutingWrapupcode']!(it.id, { name: 'Solved', description: 'at once' }),
      changed: { description: 'at once' },
      remove: (id) => api('RoutingApi')['deleteRoutingWrapupcode']!(id),
      goneBy: '404',
    },
    {
      type: 'user',
      many: async (index) => ({ name: `Paged ${index}`, email: `paged${index}@example.com`, divisionId: (await home()).id }),
      create: async () => api('UsersApi')['postUsers']!({ name: 'Ann', email: 'ann@example.com', divisionId: (await home()).id }),
      get: (id) => api('UsersApi')['getUser']!(id),
      list: (query) => api('UsersApi')['getUsers']!(query),
      find: { pageSize: 100 },
      update: (it) => api('UsersApi')['patchUser']!(it.id, { version: it.version, title: 'Lead' }),
      changed: { title: 'Lead', version: 2, email: 'ann@example.com' },
      remove: (id) => api('UsersApi')['deleteUser']!(id),
      goneBy: 'state',
    },
    {
      type: 'routing_queue',
      many: named,
      create: () => api('RoutingApi')['postRoutingQueues']!({ name: 'Support', description: 'first' }),
      get: (id) => api('RoutingApi')['getRoutingQueue']!(id),
      list: (query) => api('RoutingApi')['getRoutingQueues']!(query),
      find: { name: 'support' },
      update: (it) => api('RoutingApi')['putRoutingQueue']!(it.id, { name: 'Support', acwSettings: { wrapupPrompt: 'OPTIONAL' } }),
      // PUT replaces: the description was left out, so it is gone; the rest of acwSettings is back at its default.
      lacks: 'description',
      changed: { acwSettings: { wrapupPrompt: 'OPTIONAL', timeoutMs: 300_000 } },
      remove: (id) => api('RoutingApi')['deleteRoutingQueue']!(id),
      goneBy: '404',
    },
    {
      type: 'architect_schedule',
      many: (index) => ({ ...named(index), start: '2026-01-05T09:00:00.000', end: '2026-01-05T17:00:00.000' }),
      create: () =>
        api('ArchitectApi')['postArchitectSchedules']!({
          name: 'Weekdays',
          start: '2026-01-05T09:00:00.000',
          end: '2026-01-05T17:00:00.000',
          rrule: 'FREQ=WEEKLY;BYDAY=MO,TU',
        }),
      get: (id) => api('ArchitectApi')['getArchitectSchedule']!(id),
      list: (query) => api('ArchitectApi')['getArchitectSchedules']!(query),
      find: { pageSize: 100 },
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
      many: named,
      create: () => api('ArchitectApi')['postArchitectSchedulegroups']!({ name: 'Hours', timeZone: 'Europe/Berlin' }),
      get: (id) => api('ArchitectApi')['getArchitectSchedulegroup']!(id),
      list: (query) => api('ArchitectApi')['getArchitectSchedulegroups']!(query),
      find: { pageSize: 100 },
      update: (it) => api('ArchitectApi')['putArchitectSchedulegroup']!(it.id, { name: 'Hours', timeZone: 'Europe/Paris', version: it.version }),
      changed: { timeZone: 'Europe/Paris' },
      remove: (id) => api('ArchitectApi')['deleteArchitectSchedulegroup']!(id),
      goneBy: 'state',
    },
    {
      type: 'architect_user_prompt',
      many: (index) => ({ name: `Paged_${index}` }),
      create: () => api('ArchitectApi')['postArchitectPrompts']!({ name: 'Greeting_1' }),
      get: (id) => api('ArchitectApi')['getArchitectPrompt']!(id),
      list: (query) => api('ArchitectApi')['getArchitectPrompts']!(query),
      find: { pageSize: 100 },
      update: (it) => api('ArchitectApi')['putArchitectPrompt']!(it.id, { name: 'Greeting_1', description: 'hello' }),
      changed: { description: 'hello' },
      remove: (id) => api('ArchitectApi')['deleteArchitectPrompt']!(id),
      goneBy: '404',
    },
    {
      type: 'architect_ivr',
      many: named,
      create: () => api('ArchitectApi')['postArchitectIvrs']!({ name: 'Main line', dnis: ['+15550100'] }),
      get: (id) => api('ArchitectApi')['getArchitectIvr']!(id),
      list: (query) => api('ArchitectApi')['getArchitectIvrs']!(query),
      find: { dnis: '+15550100' },
      update: (it) => api('ArchitectApi')['putArchitectIvr']!(it.id, { name: 'Main line', dnis: ['+15550101'], version: it.version }),
      changed: { dnis: ['+15550101'] },
      remove: (id) => api('ArchitectApi')['deleteArchitectIvr']!(id),
      goneBy: 'state',
    },
    {
      type: 'architect_datatable',
      many: (index) => ({ ...named(index), schema: tableSchema }),
      create: () => api('ArchitectApi')['postFlowsDatatables']!({ name: 'Stores', schema: tableSchema }),
      get: (id) => api('ArchitectApi')['getFlowsDatatable']!(id, { expand: 'schema' }),
      list: (query) => api('ArchitectApi')['getFlowsDatatables']!(query),
      find: { pageSize: 100 },
      update: (it) => api('ArchitectApi')['putFlowsDatatable']!(it.id, { name: 'Shops', schema: tableSchema }),
      changed: { name: 'Shops', schema: tableSchema },
      remove: (id) => api('ArchitectApi')['deleteFlowsDatatable']!(id),
      goneBy: '404',
    },
    {
      type: 'integration_credential',
      many: (index) => ({ ...named(index), type: { name: 'basicAuth' }, credentialFields: { userName: 'u', password: 'p' } }),
      create: () =>
        api('IntegrationsApi')['postIntegrationsCredentials']!({
          body: { name: 'CRM', type: { name: 'basicAuth' }, credentialFields: { userName: 'u', password: 'p' } },
        }),
      get: (id) => api('IntegrationsApi')['getIntegrationsCredential']!(id),
      list: (query) => api('IntegrationsApi')['getIntegrationsCredentialsListing']!(query),
      find: { pageSize: 100 },
      update: (it) =>
        api('IntegrationsApi')['putIntegrationsCredential']!(it.id, {
          body: { name: 'CRM', type: { name: 'basicAuth' }, credentialFields: { userName: 'v', password: 'q' } },
        }),
      changed: { credentialFields: { userName: '**********', password: '**********' } },
      remove: (id) => api('IntegrationsApi')['deleteIntegrationsCredential']!(id),
      goneBy: '404',
    },
    {
      type: 'integration',
      many: (index) => integration(`Paged ${index}`).body,
      create: () => api('IntegrationsApi')['postIntegrations']!(integration('Orders')),
      get: (id) => api('IntegrationsApi')['getIntegration']!(id),
      list: (query) => api('IntegrationsApi')['getIntegrations']!(query),
      find: { pageSize: 100 },
      update: (it) => api('IntegrationsApi')['patchIntegration']!(it.id, { body: { intendedState: 'ENABLED' } }),
      changed: { name: 'Orders', intendedState: 'ENABLED', reportedState: { code: 'ACTIVE' } },
      remove: (id) => api('IntegrationsApi')['deleteIntegration']!(id),
      goneBy: '404',
    },
    {
      type: 'integration_action',
      many: async (index) => ({ ...named(index), category: 'Orders', integrationId: (await owner()).id, contract, config, secure: false }),
      create: async () =>
        api('IntegrationsApi')['postIntegrationsActions']!({ name: 'Get Order', category: 'Orders', integrationId: (await owner()).id, contract, config }),
      get: (id) => api('IntegrationsApi')['getIntegrationsAction']!(id, { includeConfig: true }),
      list: (query) => api('IntegrationsApi')['getIntegrationsActions']!(query),
      find: { name: 'Get Order' },
      update: (it) => api('IntegrationsApi')['patchIntegrationsAction']!(it.id, { category: 'Shop', version: it.version }),
      changed: { name: 'Get Order', category: 'Shop', version: 2, config },
      remove: (id) => api('IntegrationsApi')['deleteIntegrationsAction']!(id),
      goneBy: '404',
    },
  ];
}
