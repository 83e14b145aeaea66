import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { orgNamed, readConfig } from '../../scripts/config.ts';
import { connectionOf, readEnvironment } from '../../scripts/environment.ts';
import { Refused } from '../../state/problem.ts';

function configured(text: string) {
  const folder = mkdtempSync(join(tmpdir(), 'cordboard-config-'));
  writeFileSync(join(folder, 'cordboard.yaml'), text);
  return { folder, read: () => readConfig(join(folder, 'cordboard.yaml')) };
}

function refusal(work: () => unknown): Refused {
  try {
    work();
  } catch (error) {
    if (error instanceof Refused) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('cordboard.yaml is validated, with the place of every problem', () => {
  test('two problems are both told, each with line and column', () => {
    const { read } = configured('orgs:\n  prod:\n    regoin: x\n    role: prodution\n');
    const { problems, exit } = refusal(read);
    expect(exit).toBe(3);
    expect(problems.map((problem) => [problem.message, problem.place?.line])).toEqual([
      ['/orgs/prod has the unknown field "regoin"', 3],
      ['/orgs/prod/role must be one of: production, test, practice', 4],
    ]);
  });

  const cases = [
    { reason: 'no YAML', text: 'orgs: [\n', message: /flow/i },
    { reason: 'a key twice', text: 'orgs:\n  a: {}\n  a: {}\n', message: /twice|once|unique/i },
    { reason: 'an alias bomb', text: 'orgs: &a\n  x: { values: { y: *a } }\n', message: /anchor/i },
    {
      reason: 'region and address',
      text: 'orgs: { a: { region: mypurecloud.de, address: "https://api.mypurecloud.de" } }\n',
      message: /both region and address/,
    },
    { reason: 'a folder outside', text: 'orgs: { a: { manifests: /etc } }\n', message: /manifests/ },
    { reason: 'a folder outside by dots', text: 'orgs: { a: { manifests: ../x } }\n', message: /manifests/ },
    { reason: 'a name that is no ref of Git', text: 'orgs: { "a..b": {} }\n', message: /orgs/ },
    {
      reason: 'less patience with an org that is not for practice',
      text: 'orgs: { a: { role: test, region: mypurecloud.de, patience: { lateCommit: 1 } } }\n',
      message: /^\/orgs\/a has patience, which only an org of role practice may have[^;]*$/,
    },
    {
      reason: 'a budget that is not a number',
      text: 'orgs:\n  a:\n    policy: { deletes: { count: ten } }\n',
      message: /^\/orgs\/a\/policy\/deletes\/count is "ten", and must be integer$/,
    },
    {
      reason: 'a budget of none that allows a share',
      text: 'orgs:\n  a:\n    policy:\n      deletes:\n        count: 0\n        percent: 10\n',
      message: /^"count: 0" allows no deletion, and "percent: 10" allows some \(line 5 and line 6\)$/,
    },
    {
      reason: 'a budget of one of which a share of nothing is allowed',
      text: 'orgs:\n  a:\n    policy:\n      deletes:\n        count: 1\n        percent: 0\n',
      message: /^"count: 1" allows deletions, and "percent: 0" allows none \(line 5 and line 6\)$/,
    },
    {
      reason: 'what is protected may be emptied',
      text: 'orgs:\n  a:\n    policy:\n      protect: [routing_queue]\n      mayBeEmpty:\n        - routing_queue\n',
      message: /^"routing_queue" is protected, and its lists may be emptied \(line 4 and line 6\)$/,
    },
    { reason: 'no orgs', text: '{}\n', message: /orgs/ },
  ];
  test.each(cases)('refused: $reason', ({ text, message }) => {
    const { read } = configured(text);
    const { problems } = refusal(read);
    expect(problems.map((problem) => problem.message).join('; ')).toMatch(message);
    expect(problems[0]?.place?.line).toBeGreaterThan(0);
  });

  test('the file that ships is valid, and its practice orgs are on loopback', () => {
    const config = readConfig(resolve(import.meta.dirname, '../../cordboard.yaml'));
    expect([...config.orgs.keys()]).toEqual(expect.arrayContaining(['practice-production', 'practice-staging']));
    for (const org of config.orgs.values()) expect(connectionOf(org, {}).api).toMatch(/^http:\/\/127\.0\.0\.1:/);
  });

  test('an unknown org is refused with the names that exist', () => {
    const { read } = configured('orgs: { prod: {}, staging: {} }\n');
    expect(refusal(() => orgNamed(read(), 'prd')).problems[0]?.hint).toContain('prod, staging');
  });
});

describe('credentials come from the environment and go to nobody but the vendor', () => {
  const org = (text: string) => orgNamed(configured(`orgs: { a: ${text} }\n`).read(), 'a');
  const environment = { GENESYS_CLOUD_OAUTH_CLIENT_ID: 'id', GENESYS_CLOUD_OAUTH_CLIENT_SECRET: 'secret' };

  test('a region is told by its AWS name or its domain', () => {
    for (const region of ['eu-central-1', 'mypurecloud.de']) {
      expect(connectionOf(org(`{ region: ${region} }`), environment)).toEqual({
        api: 'https://api.mypurecloud.de',
        login: 'https://login.mypurecloud.de',
        apps: 'https://apps.mypurecloud.de',
        clientId: 'id',
        clientSecret: 'secret',
      });
    }
  });

  test('the variables of the guides are enough for an org that says nothing', () => {
    expect(connectionOf(org('{}'), { ...environment, GENESYS_CLOUD_BASE_URL: 'https://api.mypurecloud.com' }).login).toBe('https://login.mypurecloud.com');
  });

  const refused = [
    { reason: 'an unknown region', text: '{ region: eu-central-9 }', environment, code: 'REGION_UNKNOWN' },
    { reason: 'nothing says where', text: '{}\n', environment, code: 'ADDRESS_MISSING' },
    { reason: 'a foreign host would get the secret', text: '{ address: "https://api.evil.example" }', environment, code: 'ADDRESS_REFUSED' },
    { reason: 'a host that only ends like the vendor', text: '{ address: "https://api.evilmypurecloud.de" }', environment, code: 'ADDRESS_REFUSED' },
    { reason: 'credentials inside the address', text: '{ address: "https://u:p@api.mypurecloud.de" }', environment, code: 'ADDRESS_REFUSED' },
    { reason: 'no encryption on the way', text: '{ address: "http://api.mypurecloud.de" }', environment, code: 'ADDRESS_REFUSED' },
    { reason: 'a practice org elsewhere', text: '{ role: practice, region: mypurecloud.de }', environment, code: 'PRACTICE_NOT_LOCAL' },
    { reason: 'no credentials', text: '{ region: mypurecloud.de }', environment: {}, code: 'CREDENTIALS_MISSING' },
  ];
  test.each(refused)('refused: $reason', ({ text, environment: given, code }) => {
    const { problems } = refusal(() => connectionOf(org(text), given));
    expect(problems.map((problem) => problem.code)).toEqual([code]);
    expect(JSON.stringify(problems)).not.toContain('secret"');
  });

  test('.env adds to the environment and never overrules it', () => {
    const { folder } = configured('orgs: { a: {} }\n');
    writeFileSync(join(folder, '.env'), 'CORDBOARD_TEST_ONE=from file\nPATH=nowhere\n');
    const read = readEnvironment(folder);
    expect(read['CORDBOARD_TEST_ONE']).toBe('from file');
    expect(read['PATH']).toBe(process.env['PATH']);
  });

  test('.env is never seen by Git', () => {
    expect(readFileSync(resolve(import.meta.dirname, '../../.gitignore'), 'utf8').split('\n')).toContain('.env');
  });
});
