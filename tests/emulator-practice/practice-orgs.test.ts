import { describe, expect, test } from '@jest/globals';
import { EmulatorCore } from '../../providers/genesys-emulator/core.ts';
import type { Json } from '../../providers/genesys-emulator/json.ts';
import { jsonText } from '../../providers/genesys-emulator/json.ts';
import { EMPTY, MISSING_PERMISSION, PARTIAL, PRODUCTION, READER, STAGING_ORG, sizedOrg } from '../../providers/genesys-emulator/practice/index.ts';
import { usedIds } from '../../providers/genesys-emulator/store.ts';
import { Practice, StandingClock } from './practice-core.ts';

const TYPES = [
  'architect_datatable',
  'architect_datatable_row',
  'architect_ivr',
  'architect_schedule',
  'architect_schedule_group',
  'architect_user_prompt',
  'auth_division',
  'flow',
  'integration',
  'integration_action',
  'integration_credential',
  'routing_queue',
  'routing_skill',
  'routing_utilization',
  'routing_wrapup_code',
  'user',
];

const counts = (core: EmulatorCore, org: string): Readonly<Record<string, number>> =>
  Object.fromEntries(TYPES.map((type) => [type, core.org(org).store.all(type).length]));

test('production has some 150 resources of all 16 types, a home division among them', () => {
  const { core } = new Practice();
  expect(counts(core, PRODUCTION)).toEqual({
    architect_datatable: 3,
    architect_datatable_row: 16,
    architect_ivr: 5,
    architect_schedule: 9,
    architect_schedule_group: 4,
    architect_user_prompt: 9,
    auth_division: 4,
    flow: 14,
    integration: 2,
    integration_action: 3,
    integration_credential: 3,
    routing_queue: 18,
    routing_skill: 20,
    routing_utilization: 1,
    routing_wrapup_code: 12,
    user: 30,
  });
});

test('staging has other ids, lacks some of production and has some of its own; the empty org has a home division of another name', () => {
  const { core } = new Practice();
  const names = (org: string, type: string) =>
    core
      .org(org)
      .store.all(type)
      .map((thing) => String(thing.body['name']));
  const ids = (org: string) =>
    TYPES.filter((type) => type !== 'routing_utilization' && type !== 'architect_datatable_row').flatMap((type) =>
      core
        .org(org)
        .store.all(type)
        .map((thing) => thing.id),
    );
  expect(ids(STAGING_ORG).filter((id) => ids(PRODUCTION).includes(id))).toEqual([]);
  expect(names(PRODUCTION, 'routing_queue')).toEqual(expect.arrayContaining(['Loyalty', 'Fraud Review']));
  expect(names(STAGING_ORG, 'routing_queue')).not.toEqual(expect.arrayContaining(['Loyalty']));
  expect(names(STAGING_ORG, 'routing_queue')).toContain('Staging Smoke Test');
  expect(names(STAGING_ORG, 'flow')).toContain('Smoke Test');
  expect(Object.values(counts(core, EMPTY)).reduce((sum, count) => sum + count, 0)).toBe(1);
  expect(names(EMPTY, 'auth_division')).toEqual(['New Org']);
  expect(names(PRODUCTION, 'auth_division')).toContain('Home');
});

test('the practice orgs are the same, byte for byte, each time they are made', () => {
  const [one, other] = [new Practice(), new Practice()].map(({ core }) => jsonText(core.save() as unknown as Json));
  expect(other === one).toBe(true);
});

test('production holds the names that tools stumble over', () => {
  const { core } = new Practice();
  const all = (type: string) =>
    core
      .org(PRODUCTION)
      .store.all(type)
      .map((thing) => String(thing.body['key'] ?? thing.body['name']));
  expect(all('routing_queue')).toEqual(expect.arrayContaining(['Support & Sales', 'Café', 'Night Line 24/7']));
  expect(all('routing_wrapup_code')).toEqual(expect.arrayContaining(['no', 'N/A']));
  expect(all('architect_schedule')).toEqual(expect.arrayContaining(['12:30', 'Weekdays', 'weekdays']));
  expect(all('routing_skill')).toContain('100% Wool Rugs');
  expect(all('architect_datatable_row')).toEqual(expect.arrayContaining(['A/1', 'discount%', 'Notice', 'notice', 'NULL', '2026-01-01']));
});

test('flows lead to each other and to the queue whose in-queue flow they are', () => {
  const { core } = new Practice();
  const { store } = core.org(PRODUCTION);
  const named = (type: string, name: string) => {
    const [thing] = store.withName(type, name);
    if (thing === undefined) throw new Error(name);
    return thing;
  };
  const [menu, after] = [named('flow', 'Main Menu'), named('flow', 'After Hours')];
  const [queue, hold] = [named('routing_queue', 'Support & Sales'), named('flow', 'Hold With Callback')];
  expect(menu.uses).toContain(after.id);
  expect(after.uses).toContain(menu.id);
  expect(hold.uses).toContain(queue.id);
  expect(queue.body['queueFlow']).toEqual({ id: hold.id });
});

test('prompts have sound in two languages, whole WAV files, and no two alike', () => {
  const practice = new Practice();
  const { core } = practice;
  const prompts = practice.ask(PRODUCTION, 'GET', '/api/v2/architect/prompts?pageSize=100&includeResources=true&includeMediaUris=true').json['entities'];
  const resources = (prompts as { resources: { language: string; mediaUri?: string }[] }[]).flatMap((prompt) => prompt.resources);
  const sounds = resources.flatMap(({ mediaUri }) => (mediaUri === undefined ? [] : [practice.send('GET', mediaUri, {}, '').bytes]));
  expect(new Set(resources.map(({ language }) => language))).toEqual(new Set(['en-us', 'es-us']));
  expect(sounds.length).toBeGreaterThan(8);
  for (const sound of sounds) {
    const bytes = Buffer.from(sound);
    expect([bytes.toString('latin1', 0, 4), bytes.toString('latin1', 8, 12), bytes.readUInt32LE(4), bytes.readUInt32LE(40)]).toEqual([
      'RIFF',
      'WAVE',
      bytes.length - 8,
      bytes.length - 44,
    ]);
  }
  expect(new Set(sounds.map((sound) => Buffer.from(sound).toString('base64'))).size).toBe(sounds.length);
  expect(core.hash(PRODUCTION)).toBe(new Practice().core.hash(PRODUCTION));
});

describe('the clients of a practice org', () => {
  test('the reader reads every type and writes nothing', () => {
    const practice = new Practice();
    const reader = `${PRODUCTION}${READER}`;
    const paths = [
      'authorization/divisions',
      'routing/skills',
      'routing/wrapupcodes',
      'users',
      'routing/queues',
      'routing/utilization',
      'architect/schedules',
      'architect/schedulegroups',
      'architect/prompts',
      'flows',
      'architect/ivrs',
      'flows/datatables',
      'integrations/credentials/listing',
    ];
    expect(paths.map((path) => [path, practice.ask(reader, 'GET', `/api/v2/${path}`).status])).toEqual(paths.map((path) => [path, 200]));
    const before = practice.core.hash(PRODUCTION);
    expect(practice.ask(reader, 'POST', '/api/v2/routing/skills', { name: 'X' }).status).toBe(403);
    expect(practice.core.hash(PRODUCTION)).toBe(before);
  });

  test('the partial reader is refused wrap-up codes, with the permission named', () => {
    const practice = new Practice();
    const refused = practice.ask(`${PRODUCTION}${PARTIAL}`, 'GET', '/api/v2/routing/wrapupcodes');
    expect(refused).toMatchObject({ status: 403, json: { code: 'missing.permissions' } });
    expect(refused.text).toContain(MISSING_PERMISSION);
    expect(practice.ask(`${PRODUCTION}${PARTIAL}`, 'GET', '/api/v2/routing/queues').status).toBe(200);
  });
});

function sized(size: number, seed: string): EmulatorCore {
  const made = sizedOrg({ size, seed });
  const core = new EmulatorCore({ orgs: [made.spec], seed: 'sized', clock: new StandingClock() });
  made.fill(core);
  return core;
}

describe('an org of any size', () => {
  const SIZED = 'practice-sized';

  test.each([0, 1, 2, 149, 1_000, 5_000])('has exactly as many resources as asked for: %i', (size) => {
    const all = Object.values(counts(sized(size, 's'), SIZED)).reduce((sum, count) => sum + count, 0);
    expect(all - 1).toBe(size);
  });

  test('has four references a resource on average, and one resource in a thousand in a cycle', () => {
    const core = sized(10_000, 's');
    const org = core.org(SIZED);
    const things = TYPES.flatMap((type) => org.store.all(type));
    const known = new Set(things.map((thing) => thing.id));
    const edges = new Map(things.map((thing) => [thing.id, [...usedIds(thing)].filter((id) => id !== org.homeDivisionId && known.has(id))]));
    const references = [...edges.values()].reduce((sum, ids) => sum + ids.length, 0) + org.store.all('architect_datatable_row').length;
    expect(references / 10_000).toBeGreaterThan(3.9);
    expect(references / 10_000).toBeLessThan(4.1);
    const mutual = [...edges].filter(([id, ids]) => ids.some((other) => edges.get(other)?.includes(id)));
    expect(mutual).toHaveLength(10);
  });

  test('is the same for the same seed and another for another', () => {
    const text = (seed: string) => jsonText(sized(500, seed).save() as unknown as Json);
    const [one, again, other] = ['a', 'a', 'b'].map(text);
    expect(again === one).toBe(true);
    expect(other === one).toBe(false);
  });

  test('its flows export, and what is exported can be published in it', () => {
    const practice = new Practice([sizedOrg({ size: 1_000, seed: 's' })]);
    for (const flow of practice.core.objects(SIZED, 'flow')) {
      const { text } = practice.export(SIZED, [{ id: String(flow['id']) }]);
      expect(practice.publish(SIZED, text).json).toMatchObject({ status: 'Success', flow: { id: flow['id'] } });
    }
  });
});
