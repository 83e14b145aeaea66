import { describe, expect, test } from '@jest/globals';
import { factsOf } from '../../providers/genesys/facts.ts';
import { genesys } from '../../providers/genesys/platform.ts';
import type { JsonMap } from '../../providers/genesys-emulator/json.ts';
import { PARTIAL, PRODUCTION, READER } from '../../providers/genesys-emulator/practice/index.ts';
import type { Address } from '../../state/address.ts';
import { canonicalJson } from '../../state/canonical.ts';
import { checkTree } from '../../state/check.ts';
import type { LiveSnapshot } from '../../state/snapshot.ts';
import { PracticeSite } from './practice-site.ts';

const TYPES = [...genesys.types.keys()];
const address = (text: string) => text as Address;

/** A snapshot as text; order of the map left out, order inside documents kept. */
function textOf(snapshot: LiveSnapshot): string {
  const documents = [...snapshot.documents].map(([at, { body }]) => `${at} ${canonicalJson(body)}`).sort();
  return [...documents, ...[...snapshot.completeness].map(String).sort(), ...[...snapshot.files.keys()].sort()].join('\n');
}

const names = (snapshot: LiveSnapshot, type: string) => [...snapshot.documents.keys()].filter((at) => at.startsWith(`${type}/`));

describe('reading an org', () => {
  test('the order in which the org answers makes no difference', async () => {
    const texts = await Promise.all(
      ['one', 'two', 'three'].map(async (seed) => {
        const site = new PracticeSite({ faults: seed === 'one' ? {} : { shuffle: true } });
        if (seed === 'three') await site.read(PRODUCTION, ['user']);
        return textOf(await site.read(PRODUCTION, seed === 'two' ? [...TYPES].reverse() : TYPES));
      }),
    );
    expect(new Set(texts).size).toBe(1);
    expect(texts[0]?.split('\n').length).toBeGreaterThan(140);
  });

  test('short pages, totals that move and errors now and then change nothing', async () => {
    const calm = textOf(await new PracticeSite().read(PRODUCTION));
    const site = new PracticeSite({
      faults: {
        shuffle: true,
        rates: { 'short-page': 0.05, 'moving-total': 0.05, 'unavailable-before': 0.05, 'too-many-requests': 0.05, 'bad-gateway-html': 0.03 },
      },
    });
    expect(textOf(await site.read(PRODUCTION))).toBe(calm);
  });

  test('a whole export sends no request too many', async () => {
    const site = new PracticeSite();
    site.core.seed(PRODUCTION, 'routing_queue', { name: 'Nobody answers' });
    const { result, entries } = await site.requests(() => site.read(`${PRODUCTION}${READER}`));
    expect(result.problems).toEqual([]);
    const polls = entries.filter((entry) => /\/flows\/export\/jobs\/[^/]+$/.test(entry.path));
    expect(entries.length - polls.length).toBe(fewestRequests(site));
  });

  test('a reader sends nothing but GET, and the export job', async () => {
    const site = new PracticeSite();
    const before = site.core.hash(PRODUCTION);
    const { entries } = await site.requests(() => site.read(PRODUCTION));
    expect(entries.filter((entry) => entry.method !== 'GET').map((entry) => `${entry.method} ${entry.path}`)).toEqual(['POST /api/v2/flows/export/jobs']);
    expect(site.core.hash(PRODUCTION)).toBe(before);
  });

  test('no id of the org stands in any document', async () => {
    const site = new PracticeSite();
    const text = textOf(await site.read(PRODUCTION));
    const ids = TYPES.flatMap((type) => site.core.objects(PRODUCTION, type).map((object) => String(object['id']))).filter((id) => /^[0-9a-f-]{36}$/.test(id));
    expect(ids.length).toBeGreaterThan(100);
    expect(ids.filter((id) => text.includes(id))).toEqual([]);
  });

  test('a type that the client may not read is none, names the permission, and takes nothing else with it', async () => {
    const site = new PracticeSite();
    const snapshot = await site.read(`${PRODUCTION}${PARTIAL}`);
    expect(snapshot.completeness.get('routing_wrapup_code')).toBe('none');
    expect(snapshot.problems.map(({ code, message }) => [code, message])).toContainEqual([
      'PERMISSION_MISSING',
      'routing_wrapup_code cannot be read: the client lacks routing:wrapupCode:view',
    ]);
    expect(names(snapshot, 'routing_skill').length).toBeGreaterThan(5);
    expect(snapshot.completeness.get('routing_skill')).toBe('whole');
  });

  test('an object whose part cannot be read has no document, and its type is a part', async () => {
    const site = new PracticeSite();
    const { id } = site.core.context(PRODUCTION).byName('routing_queue', 'Returns')[0]!;
    site.core.faults.plan = { nth: [{ fault: 'forbidden', nth: 1, times: 99, path: `${id}/members` }] };
    const snapshot = await site.read(PRODUCTION, ['routing_queue', 'auth_division', 'user', 'flow', 'routing_wrapup_code']);
    expect(snapshot.completeness.get('routing_queue')).toBe('part');
    expect(snapshot.documents.has(address('routing_queue/Returns'))).toBe(false);
    expect(names(snapshot, 'routing_queue').length).toBeGreaterThan(5);
    expect(snapshot.problems.map(({ code, at }) => [code, at])).toEqual([['PERMISSION_MISSING', 'routing_queue/Returns']]);
  });

  test('two objects of one key are twins: both ids, no document', async () => {
    const site = new PracticeSite();
    const context = site.core.context(PRODUCTION);
    const first = context.byName('architect_schedule', 'Weekdays')[0]!.id;
    const second = context.insert('architect_schedule', { name: 'Weekdays', start: '2026-01-05T08:00:00.000', end: '2026-01-05T09:00:00.000' }).id;
    const snapshot = await site.read(PRODUCTION);
    expect(snapshot.twins.get(address('architect_schedule/Weekdays'))).toEqual([first, second].sort());
    expect(snapshot.documents.has(address('architect_schedule/Weekdays'))).toBe(false);
    expect(snapshot.completeness.get('architect_schedule')).toBe('whole');
    expect(snapshot.problems.map(({ code, at, severity }) => [code, at, severity])).toEqual([['KEY_SHARED', 'architect_schedule/Weekdays', 'warning']]);
  });

  test('a soft-deleted user lives in no document, and is named', async () => {
    const site = new PracticeSite();
    const [user] = site.core.objects(PRODUCTION, 'user').filter((each) => each['email'] === 'carmen.ruiz@harborandpine.example');
    site.core.remove(PRODUCTION, 'user', String(user!['id']));
    const snapshot = await site.read(PRODUCTION);
    expect(snapshot.documents.has(address('user/carmen.ruiz@harborandpine.example'))).toBe(false);
    expect([...snapshot.deleted]).toEqual(['user/carmen.ruiz@harborandpine.example']);
  });

  test('a reference to a soft-deleted user names it, so that it can be told', async () => {
    const site = new PracticeSite();
    const id = (email: string) => String(site.core.objects(PRODUCTION, 'user').find((each) => each['email'] === email)!['id']);
    const boss = id('carmen.ruiz@harborandpine.example');
    site.core.edit(PRODUCTION, 'user', id('ada.lindqvist@harborandpine.example'), (body) => ({ ...body, manager: { id: boss } }));
    site.core.remove(PRODUCTION, 'user', boss);
    const snapshot = await site.read(PRODUCTION, ['user', 'auth_division', 'routing_skill']);
    expect(snapshot.documents.get(address('user/ada.lindqvist@harborandpine.example'))?.body['manager']).toEqual({
      $ref: 'user/carmen.ruiz@harborandpine.example',
    });
    expect(snapshot.deleted.has(address('user/carmen.ruiz@harborandpine.example'))).toBe(true);
  });

  test('what is read passes its own schema, and every name in it is found', async () => {
    const snapshot = await new PracticeSite().read(PRODUCTION);
    expect(checkTree(snapshot, genesys.types).filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  test('what points outside of the types that are read is external, by name, with one request for each', async () => {
    const site = new PracticeSite();
    const { result, entries } = await site.requests(() => site.read(PRODUCTION, ['architect_ivr']));
    expect(result.documents.get(address('architect_ivr/Main Line'))?.body['openHoursFlow']).toEqual({ $external: 'flow/Main Menu/inboundcall' });
    expect(result.documents.get(address('architect_ivr/Stores & Café'))?.body['division']).toEqual({ $external: 'auth_division/Stores' });
    expect(result.documents.get(address('architect_ivr/Main Line'))?.body['division']).toBeUndefined();
    const paths = entries.map((entry) => entry.path);
    expect(new Set(paths).size).toBe(paths.length);
    expect(result.problems).toEqual([]);
  });

  test('an id that nothing has stays, and is told with its place', async () => {
    const site = new PracticeSite();
    const id = '0b5a1c9e-1111-4222-8333-444455556666';
    const [code] = site.core.objects(PRODUCTION, 'routing_wrapup_code');
    site.core.edit(PRODUCTION, 'routing_wrapup_code', String(code!['id']), (body) => ({ ...body, description: `see ${id}` }));
    const { problems, documents } = await site.read(PRODUCTION, ['routing_wrapup_code', 'auth_division']);
    expect(problems.map((problem) => [problem.code, problem.at, problem.pointer])).toEqual([
      ['ID_UNKNOWN', `routing_wrapup_code/${String(code!['name'])}`, '/description'],
    ]);
    expect(documents.get(problems[0]!.at!)?.body['description']).toBe(`see ${id}`);
  });

  test('where no token is taken for the question what an id is of, that is not told as a thing that is not there', async () => {
    const site = new PracticeSite({ faults: { nth: [{ fault: 'unauthorised', nth: 1, times: 99, path: /authorization\/divisions\/[0-9a-f-]{36}$/ }] } });
    const { problems } = await site.read(PRODUCTION, ['architect_ivr']);
    expect(problems).toContainEqual(
      expect.objectContaining({ code: 'NOT_READ', severity: 'error', message: expect.stringContaining('auth_division could not be read') }),
    );
  });

  test('an id inside a text is a reference like any other', async () => {
    const site = new PracticeSite();
    const queue = site.core.context(PRODUCTION).byName('routing_queue', 'Returns')[0]!;
    const [table] = site.core.objects(PRODUCTION, 'architect_datatable').filter((each) => each['name'] === 'Routing Config');
    const [row] = site.core.objects(PRODUCTION, 'architect_datatable_row').filter((each) => typeof each['weight'] === 'number');
    expect(table).toBeDefined();
    site.core.edit(PRODUCTION, 'architect_datatable_row', String(row!['key']), (body) => ({ ...body, value: `queue=${queue.id}` }));
    const { documents } = await site.read(PRODUCTION);
    expect(documents.get(address(`architect_datatable_row/Routing Config/${String(row!['key'])}`))?.body['value']).toBe(`queue=\${ref:routing_queue/Returns}`);
  });
});

/** The minimum, from the catalogue and what the org holds: pages of lists, what rows lack, parts, one download for each recording. */
function fewestRequests(site: PracticeSite): number {
  const count = (type: string) => site.core.objects(PRODUCTION, type).length;
  const pages = (items: number, size: number) => Math.max(1, Math.ceil(items / size));
  const lists = TYPES.filter((type) => type !== 'architect_datatable_row').map((type) => {
    const facts = factsOf(type);
    return facts.list === null ? 1 : pages(count(type), facts.list.maxPageSize ?? 100);
  });
  const tables = site.core.objects(PRODUCTION, 'architect_datatable').map((table) => pages(rowsOf(site, table).length, 100));
  const queues = site.core.objects(PRODUCTION, 'routing_queue').map((queue) => {
    const members = Number(queue['memberCount']);
    return (members === 0 ? 0 : pages(members, 100)) + 1;
  });
  const recordings = site.core
    .objects(PRODUCTION, 'architect_user_prompt')
    .flatMap((prompt) => (prompt['resources'] as JsonMap[]).filter((resource) => resource['mediaUri'] !== undefined));
  const sum = (figures: readonly number[]) => figures.reduce((total, figure) => total + figure, 0);
  const exportJob = 2;
  return (
    sum(lists) +
    sum(tables) +
    sum(queues) +
    recordings.length +
    count('integration_credential') +
    count('integration') +
    2 * count('integration_action') +
    exportJob
  );
}

function rowsOf(site: PracticeSite, table: JsonMap): readonly unknown[] {
  return site.core
    .context(PRODUCTION)
    .all('architect_datatable_row')
    .filter((row) => row.scope === table['id']);
}
