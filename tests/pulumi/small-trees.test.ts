import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { EMPTY, PulumiSite } from './pulumi-site.ts';
import { type EngineStep, SmallEngine } from './small-engine.ts';

let site: PulumiSite;
const engine = new SmallEngine();

beforeAll(async () => {
  site = await PulumiSite.start(ALOUD);
}, 120_000);
afterEach(() => site.closeProviders());
afterAll(() => site.end());

async function up(): Promise<readonly EngineStep[]> {
  await site.closeProviders();
  const program = await site.program(EMPTY);
  return engine.up(await site.provider(), program);
}

/** A default that is said aloud, a set in another order, a field that is cleared and an empty list where the org shows nothing. */
const ALOUD: Readonly<Record<string, string>> = {
  'routing_wrapup_code/a.yaml': 'type: routing_wrapup_code\nkey: A\nbody: {}\n',
  'routing_wrapup_code/z.yaml': 'type: routing_wrapup_code\nkey: Z\nbody: {}\n',
  'routing_queue/aloud.yaml':
    'type: routing_queue\nkey: Aloud\nbody:\n  division: { $ref: auth_division/@home }\n  description: null\n  members: []\n  wrapupCodes:\n    - { $ref: routing_wrapup_code/Z }\n    - { $ref: routing_wrapup_code/A }\n',
};

const table = (key: string, was: string) =>
  `type: architect_datatable\nkey: ${key}\n${was}body:\n  schema:\n    additionalProperties: false\n    properties:\n      key: { $id: "/properties/key", displayOrder: 0, title: Day, type: string }\n      open: { $id: "/properties/open", displayOrder: 1, title: Open, type: boolean }\n    required: [key]\n    type: object\n`;
const row = (of: string, key: string) => `type: architect_datatable_row\nkey: ${of}/${key}\nbody: { open: true }\n`;

test('what means the same is unchanged, however it is written', async () => {
  await up();
  expect(engine.state.size).toBeGreaterThanOrEqual(3);
  expect(await up()).toEqual([]);
});

test('a table that is renamed takes its rows along: one change, and nothing is made or taken away', async () => {
  await site.commit({
    'architect_datatable/days.yaml': table('Days', ''),
    'architect_datatable_row/monday.yaml': row('Days', 'Monday'),
    'architect_datatable_row/sunday.yaml': row('Days', 'Sunday'),
  });
  await up();
  await site.commit({
    'architect_datatable/days.yaml': table('Weekdays', 'was: Days\n'),
    'architect_datatable_row/monday.yaml': row('Weekdays', 'Monday'),
    'architect_datatable_row/sunday.yaml': row('Weekdays', 'Sunday'),
  });
  expect(await up()).toEqual([{ op: 'update', address: 'architect_datatable/Weekdays' }]);
  expect(await up()).toEqual([]);
  const tables = site.site.orgs.core.objects(EMPTY, 'architect_datatable');
  expect(tables.map(({ name }) => name)).toEqual(['Weekdays']);
});
