import { describe, expect, test } from '@jest/globals';
import type { JsonMap } from '../../providers/genesys-emulator/json.ts';
import { Site } from './site.ts';

const NOBODY = '00000000-0000-4000-8000-0000000000ff';

function rowsOf(body: JsonMap): readonly JsonMap[] {
  return body['entities'] as unknown as readonly JsonMap[];
}

describe('divisions', () => {
  test('the home division always exists, can be renamed and is never deleted', () => {
    const site = new Site({ orgs: [{ name: 'o', homeDivision: 'Ours', clients: [{ id: 'c', secret: 's' }] }] });
    const home = site.send('GET', '/api/v2/authorization/divisions/home').body;
    expect(home).toMatchObject({ name: 'Ours', homeDivision: true });
    const path = `/api/v2/authorization/divisions/${home['id']}`;
    expect(site.send('PUT', path, { name: 'Renamed', description: 'x' }).body).toMatchObject({ name: 'Renamed', homeDivision: true });
    expect(site.send('DELETE', `${path}?force=true`)).toMatchObject({ status: 400, code: 'precondition.failure' });
  });

  test('an object without a division is born at home, a division is not deleted while objects are inside, and they can be moved', () => {
    const site = new Site();
    const division = site.send('POST', '/api/v2/authorization/divisions', { name: 'North', description: 'n' }).body;
    const inside = site.send('POST', '/api/v2/routing/queues', { name: 'Inside', division: { id: String(division['id']) } }).body;
    const outside = site.send('POST', '/api/v2/routing/queues', { name: 'Outside' }).body;
    expect(outside['division']).toMatchObject({ name: 'Home' });
    const path = `/api/v2/authorization/divisions/${division['id']}`;
    expect(site.send('DELETE', path)).toMatchObject({ status: 400, code: 'precondition.failure' });
    const home = site.core.context('o').homeDivisionId;
    expect(site.send('POST', `/api/v2/authorization/divisions/${home}/objects/QUEUE`, [String(inside['id']), NOBODY]).status).toBe(404);
    expect(site.send('DELETE', path).status).toBe(400);
    expect(site.send('POST', `/api/v2/authorization/divisions/${home}/objects/QUEUE`, [String(inside['id'])]).status).toBe(204);
    expect(site.send('DELETE', path).status).toBe(204);
  });

  test('PUT of a queue does not move it, PUT of a wrap-up code does', () => {
    const site = new Site();
    const division = { id: String(site.send('POST', '/api/v2/authorization/divisions', { name: 'North', description: 'n' }).body['id']) };
    const queue = site.send('POST', '/api/v2/routing/queues', { name: 'Q' }).body;
    const code = site.send('POST', '/api/v2/routing/wrapupcodes', { name: 'W' }).body;
    expect(site.send('PUT', `/api/v2/routing/queues/${queue['id']}`, { name: 'Q', division }).body['division']).toMatchObject({ name: 'Home' });
    expect(site.send('PUT', `/api/v2/routing/wrapupcodes/${code['id']}`, { name: 'W', division }).body['division']).toMatchObject({ name: 'North' });
  });
});

describe('bodies', () => {
  const BAD: readonly { reason: string; body: JsonMap; code: string; field: string }[] = [
    { reason: 'a field that is not known', body: { name: 'x', flub: 1 }, code: 'invalid.property', field: 'flub' },
    { reason: 'one that is not known deep inside', body: { name: 'x', acwSettings: { flub: 1 } }, code: 'invalid.property', field: 'acwSettings.flub' },
    { reason: 'the wrong kind', body: { name: 'x', autoAnswerOnly: 'yes' }, code: 'invalid.value', field: 'autoAnswerOnly' },
    { reason: 'no value of the list', body: { name: 'x', skillEvaluationMethod: 'best' }, code: 'invalid.value', field: 'skillEvaluationMethod' },
    {
      reason: 'a fraction where a whole number belongs',
      body: { name: 'x', acwSettings: { timeoutMs: 1.5 } },
      code: 'invalid.value',
      field: 'acwSettings.timeoutMs',
    },
    { reason: 'no name', body: { description: 'x' }, code: 'constraint.validation', field: 'name' },
    { reason: 'a blank name', body: { name: ' ' }, code: 'constraint.validation', field: 'name' },
  ];
  test.each(BAD)('a queue with $reason is refused with the field’s name, and nothing is made', ({ body, code, field }) => {
    const site = new Site();
    expect(site.send('POST', '/api/v2/routing/queues', body)).toMatchObject({ status: 400, code, body: { details: [{ fieldName: field }] } });
    expect(site.core.objects('o', 'routing_queue')).toEqual([]);
  });

  test('what the server owns is ignored in a body, and ids and names of references are its own', () => {
    const site = new Site();
    const home = site.core.context('o').homeDivisionId;
    const made = site.send('POST', '/api/v2/routing/queues', {
      id: NOBODY,
      name: 'Q',
      memberCount: 9,
      createdBy: 'me',
      division: { id: home, name: 'wrong' },
    }).body;
    expect(made).toMatchObject({ memberCount: 0, createdBy: 'c', division: { name: 'Home' } });
    expect(made['id']).not.toBe(NOBODY);
  });

  test('PUT puts what it leaves out back to its default, PATCH leaves it, null clears', () => {
    const site = new Site();
    const queue = site.send('POST', '/api/v2/routing/queues', { name: 'Q', description: 'd', skillEvaluationMethod: 'NONE' }).body;
    const put = site.send('PUT', `/api/v2/routing/queues/${queue['id']}`, { name: 'Q' }).body;
    expect(put).toMatchObject({ skillEvaluationMethod: 'ALL', dateCreated: queue['dateCreated'] });
    expect(put).not.toHaveProperty('description');
    const user = site.send('POST', '/api/v2/users', {
      name: 'A',
      email: 'a@example.com',
      divisionId: site.core.context('o').homeDivisionId,
      title: 't',
      department: 'd',
    }).body;
    const patched = site.send('PATCH', `/api/v2/users/${user['id']}`, { version: 1, title: null, name: 'B' }).body;
    expect(patched).toMatchObject({ name: 'B', department: 'd', version: 2 });
    expect(patched).not.toHaveProperty('title');
  });

  test('who made an object, and when, stays whatever another client writes later', () => {
    const clients = ['first', 'second'].map((id) => ({ id, secret: 's' }));
    const site = new Site({ orgs: [{ name: 'o', clients }] });
    site.login('first');
    const code = site.send('POST', '/api/v2/routing/wrapupcodes', { name: 'W' }).body;
    site.time.now += 60_000;
    site.login('second');
    const changed = site.send('PUT', `/api/v2/routing/wrapupcodes/${code['id']}`, { name: 'W', createdBy: 'me', dateCreated: '2001-01-01T00:00:00.000Z' }).body;
    expect(changed).toMatchObject({ createdBy: 'first', dateCreated: code['dateCreated'], modifiedBy: 'second', dateModified: '2026-11-22T10:01:00.000Z' });
  });

  test('whole numbers beyond 2^53 keep every digit', () => {
    const site = new Site();
    const schema = { type: 'object', required: ['key'], properties: { key: { type: 'string' }, n: { type: 'integer' } } };
    const table = site.send('POST', '/api/v2/flows/datatables', { name: 'T', schema }).body;
    const path = `/api/v2/flows/datatables/${table['id']}/rows`;
    site.raw('POST', path, { authorization: `Bearer ${site.token}` }, Buffer.from('{"key":"k","n":9007199254740993}'));
    expect(site.send('GET', `${path}/k?showbrief=false`).body['n']).toBe(9007199254740993n);
  });

  test('a name is compared exactly: other letter case is another name; a type without a duplicate code takes twins', () => {
    const site = new Site();
    expect([site.send('POST', '/api/v2/routing/queues', { name: 'A' }).status, site.send('POST', '/api/v2/routing/queues', { name: 'a' }).status]).toEqual([
      200, 200,
    ]);
    const twin = () => site.send('POST', '/api/v2/architect/ivrs', { name: 'Twin' }).status;
    expect([twin(), twin()]).toEqual([200, 200]);
  });

  test('a versioned PUT without a version is a conflict, but for schedule groups', () => {
    const site = new Site();
    const ivr = site.send('POST', '/api/v2/architect/ivrs', { name: 'I' }).body;
    const group = site.send('POST', '/api/v2/architect/schedulegroups', { name: 'G' }).body;
    expect(site.send('PUT', `/api/v2/architect/ivrs/${ivr['id']}`, { name: 'I' })).toMatchObject({ status: 409, code: 'general.conflict' });
    expect(site.send('PUT', `/api/v2/architect/schedulegroups/${group['id']}`, { name: 'G' })).toMatchObject({ status: 200, body: { version: 2 } });
  });

  test('a reference to a deleted object, or to an object of another type, is refused', () => {
    const site = new Site();
    const schedule = site.send('POST', '/api/v2/architect/schedules', { name: 'S', start: '2026-01-05T09:00:00.000', end: '2026-01-05T10:00:00.000' }).body;
    const group = (id: unknown) => site.send('POST', '/api/v2/architect/schedulegroups', { name: `G${String(id)}`, openSchedules: [{ id: String(id) }] });
    const code = site.send('POST', '/api/v2/routing/wrapupcodes', { name: 'W' }).body;
    expect(group(code['id']).status).toBe(400);
    expect(group(schedule['id']).body['openSchedules']).toMatchObject([{ name: 'S', selfUri: `/api/v2/architect/schedules/${schedule['id']}` }]);
    const lone = site.send('POST', '/api/v2/architect/schedules', { name: 'L', start: '2026-01-05T09:00:00.000', end: '2026-01-05T10:00:00.000' }).body;
    site.send('DELETE', `/api/v2/architect/schedules/${lone['id']}`);
    expect(group(lone['id']).status).toBe(400);
    expect(site.send('DELETE', `/api/v2/architect/schedules/${schedule['id']}`)).toMatchObject({ status: 409, code: 'general.conflict' });
  });
});

describe('lists', () => {
  test('a page beyond the limit is refused, the last page has no next, and next leads to the rest', () => {
    const site = new Site();
    for (let index = 0; index < 30; index += 1) site.core.seed('o', 'routing_wrapup_code', { name: `W${index}` });
    expect(site.send('GET', '/api/v2/routing/wrapupcodes?pageSize=101')).toMatchObject({ status: 400, code: 'invalid.query.param.value' });
    const first = site.send('GET', '/api/v2/routing/wrapupcodes').body;
    expect(first).toMatchObject({ pageSize: 25, pageNumber: 1, total: 30, pageCount: 2 });
    const second = site.send('GET', String(first['nextUri'])).body;
    expect(rowsOf(second)).toHaveLength(5);
    expect(second).not.toHaveProperty('nextUri');
  });

  test('a list by cursor is followed through nextUri alone, and its rows lack the fields of a credential', () => {
    const site = new Site();
    for (let index = 0; index < 5; index += 1)
      site.core.seed('o', 'integration_credential', {
        name: `C${index}`,
        type: { name: 'basicAuth' },
        credentialFields: { userName: 'u', password: 'canary' },
      });
    const names: unknown[] = [];
    for (let address: unknown = '/api/v2/integrations/credentials/listing?pageSize=2'; typeof address === 'string'; ) {
      const { body } = site.send('GET', address);
      expect(body).not.toHaveProperty('total');
      names.push(...rowsOf(body).map((row) => row['name']));
      expect(JSON.stringify(body)).not.toMatch(/credentialFields|canary/);
      address = body['nextUri'];
    }
    expect(names).toEqual(['C0', 'C1', 'C2', 'C3', 'C4']);
    const [one] = site.core.objects('o', 'integration_credential');
    expect(site.send('GET', `/api/v2/integrations/credentials/${one?.['id']}`).body['credentialFields']).toEqual({
      userName: '**********',
      password: '**********',
    });
  });

  test('filters ignore letter case, take * for anything, and lists of ids; users are listed by state', () => {
    const site = new Site();
    const ids = ['Alpha', 'Beta', 'Alphabet'].map((name) => site.core.seed('o', 'routing_queue', { name }));
    const found = (query: string) => rowsOf(site.send('GET', `/api/v2/routing/queues?${query}`).body).map((row) => row['name']);
    expect(found('name=alpha')).toEqual(['Alpha']);
    expect(found('name=alpha*')).toEqual(['Alpha', 'Alphabet']);
    expect(found(`id=${ids[1]},${ids[2]}`)).toEqual(['Beta', 'Alphabet']);
    const divisionId = site.core.context('o').homeDivisionId;
    const user = site.core.seed('o', 'user', { name: 'A', email: 'a@example.com', divisionId });
    site.send('PATCH', `/api/v2/users/${user}`, { version: 1, state: 'inactive' });
    const users = (state: string) => rowsOf(site.send('GET', `/api/v2/users?state=${state}`).body).length;
    expect([users('active'), users('inactive'), users('any'), users('deleted')]).toEqual([0, 1, 1, 0]);
  });
});

describe('state', () => {
  test('reading, refused writes, tokens and jobs leave the hash; any write changes it; a hand edit moves the version on', () => {
    const site = new Site();
    const ivr = site.core.seed('o', 'architect_ivr', { name: 'I' });
    const before = site.core.hash('o');
    site.send('GET', '/api/v2/architect/ivrs');
    site.send('GET', '/api/v2/routing/utilization');
    site.send('POST', '/api/v2/architect/ivrs', { flub: 1 });
    site.core.context('o').memory('jobs').set('a', 1);
    expect(site.core.hash('o')).toBe(before);
    site.core.edit('o', 'architect_ivr', ivr, (body) => ({ ...body, description: 'by hand' }));
    expect(site.core.hash('o')).not.toBe(before);
    expect(site.core.objects('o', 'architect_ivr')).toMatchObject([{ description: 'by hand', version: 2 }]);
  });

  test('a seed goes through the checks of POST, and the same seed gives the same ids', () => {
    const ids = () => {
      const site = new Site();
      return site.core.seed('o', 'routing_skill', { name: 'S' });
    };
    expect(ids()).toBe(ids());
    expect(() => new Site().core.seed('o', 'routing_queue', { name: 'Q', queueFlow: { id: NOBODY } })).toThrow(/no flow/);
  });

  test('everything that is written is told at once, to whoever listens', () => {
    const site = new Site();
    const seen: string[] = [];
    const stop = site.core.onCommit((org, commit) => seen.push(`${org} ${commit.action} ${commit.type}`));
    const { id } = site.send('POST', '/api/v2/routing/skills', { name: 'S' }).body;
    site.send('DELETE', `/api/v2/routing/skills/${id}`);
    stop();
    site.send('POST', '/api/v2/routing/skills', { name: 'T' });
    expect(seen).toEqual(['o create routing_skill', 'o delete routing_skill']);
  });

  test('100,000 resources are listed whole in seconds of CPU', () => {
    const site = new Site();
    const context = site.core.context('o');
    for (let index = 0; index < 100_000; index += 1) context.insert('routing_wrapup_code', { name: `W${index}`, division: { id: context.homeDivisionId } });
    site.login();
    const started = process.cpuUsage().user;
    const seen = new Set<unknown>();
    for (let page = 1; page <= 1000; page += 1)
      for (const row of rowsOf(site.send('GET', `/api/v2/routing/wrapupcodes?pageSize=100&pageNumber=${page}`).body)) seen.add(row['id']);
    expect(seen.size).toBe(100_000);
    expect(process.cpuUsage().user - started).toBeLessThan(10_000_000);
  });
});
