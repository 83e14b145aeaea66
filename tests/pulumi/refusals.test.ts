import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { adopted } from './adopted-state.ts';
import type { Bag } from './provider-process.ts';
import { EMPTY, PulumiSite } from './pulumi-site.ts';
import { SmallEngine, UNKNOWN } from './small-engine.ts';

const PROVIDER = 'exports.handler=()=>require("./pulumi-runtime.js").handler()';
const SKILL = 'type: routing_skill\nkey: Weaving\nbody: {}\n';
const CREDENTIAL =
  'type: integration_credential\nkey: Looms/basicAuth\nbody:\n  credentialFields:\n    password: { $secret: LOOM_PASSWORD }\n    userName: { $secret: LOOM_USER }\n';

let site: PulumiSite;

beforeAll(async () => {
  site = await PulumiSite.start({ 'routing_skill/weaving.yaml': SKILL });
}, 120_000);
afterEach(async () => {
  await site.closeProviders();
  configure('practice');
});
afterAll(() => site.end());

const core = () => site.site.orgs.core;
const bag = (address: string, body: object, more: Bag = {}): Bag => ({
  address,
  body: JSON.stringify(body),
  org: EMPTY,
  deferred: [],
  ignore: [],
  refs: {},
  __provider: PROVIDER,
  ...more,
});

/** The one org of these tests, with another role or another pinned id. */
function configure(role: 'practice' | 'production', pinned: string | undefined = core().org(EMPTY).id): void {
  const pin = pinned === '' ? '' : `    pinned: { id: ${pinned}, name: ${EMPTY} }\n`;
  const text = `orgs:\n  ${EMPTY}:\n    address: ${site.site.orgs.url}\n    role: ${role}\n    manifests: manifests/practice\n${pin}`;
  site.site.write('cordboard.yaml', text);
}

/** What the practice org's clients are called, for an org that is not of the role practice. */
const CREDENTIALS = { GENESYS_CLOUD_OAUTH_CLIENT_ID: EMPTY, GENESYS_CLOUD_OAUTH_CLIENT_SECRET: `${EMPTY}-secret` };

describe('what is not known yet', () => {
  test('may stand anywhere in the refs, and nothing throws', async () => {
    const provider = await site.provider();
    const known = bag('routing_skill/Weaving', {});
    for (const refs of [UNKNOWN, { 'auth_division/X': UNKNOWN }, { 'auth_division/X': { id: UNKNOWN } }, [UNKNOWN], null]) {
      const news = { ...known, refs };
      const { inputs, failures } = await provider.check({}, news);
      expect(failures).toEqual([]);
      expect(inputs['body']).toBe('{}');
      expect(await provider.diff('an-id', known, inputs)).toEqual({ changes: 'none', replaces: [], deleteBeforeReplace: false });
      const moved = { ...inputs, body: '{"division":{"$ref":"auth_division/X"}}' };
      expect(await provider.diff('an-id', known, moved)).toMatchObject({ changes: 'unknown' });
    }
    expect((await provider.check({}, { ...known, refs: { 'auth_division/X': UNKNOWN } })).inputs['refs']).toEqual({ 'auth_division/X': UNKNOWN });
  });

  test('in a preview of a whole tree that is new, every resource is to be created', async () => {
    const engine = new SmallEngine();
    const program = await site.program(EMPTY, 'unknown');
    expect(await engine.preview(await site.provider(), program)).toEqual([{ op: 'create', address: 'routing_skill/Weaving' }]);
  });
});

describe('a bag that Cordboard did not write', () => {
  const hostile: readonly { readonly reason: string; readonly bag: Bag; readonly says: RegExp }[] = [
    { reason: 'nothing at all', bag: {}, says: /did not write: no address or body/ },
    { reason: 'an address that is none', bag: { address: '../../etc/passwd', body: '{}' }, says: /did not write|do(es)? not know the type|no org/ },
    { reason: 'a body that is no JSON', bag: { address: 'routing_skill/A', body: '{' }, says: /body of routing_skill\/A is no JSON/ },
    { reason: 'a body that is no map', bag: { address: 'routing_skill/A', body: '[1]', org: EMPTY }, says: /body of routing_skill\/A is no map/ },
    {
      reason: 'a body nested deeper than a stack',
      bag: { address: 'routing_skill/A', body: `${'['.repeat(100_000)}${']'.repeat(100_000)}`, org: EMPTY },
      says: /./,
    },
    {
      reason: 'a prototype as a field',
      bag: { address: 'routing_skill/A', body: '{"__proto__":{"polluted":true}}', org: 'toString' },
      says: /no org "toString"/,
    },
    { reason: 'an org that is not configured', bag: { address: 'routing_skill/A', body: '{}', org: 'elsewhere' }, says: /no org "elsewhere"/ },
    { reason: 'a type that nobody knows', bag: { address: 'no_type/A', body: '{}', org: EMPTY }, says: /does not know the type of no_type\/A/ },
  ];
  test('is refused in words, and nothing is written', async () => {
    const before = core().hash(EMPTY);
    const provider = await site.provider();
    for (const { reason, bag: given, says } of hostile) {
      const full = { __provider: PROVIDER, ...given };
      const answers = await Promise.allSettled([provider.create(full), provider.read('x', full), provider.update('x', full, full), provider.delete('x', full)]);
      const said = answers.flatMap((answer) => (answer.status === 'rejected' ? [(answer.reason as Error).message] : []));
      expect({ reason, isSaid: said.some((message) => says.test(message)) }).toEqual({ reason, isSaid: true });
      for (const message of said) expect(message).not.toMatch(/undefined|is not a function|Cannot read/);
    }
    expect(core().hash(EMPTY)).toBe(before);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  test('a message is cut where it would be too long for the engine to receive', async () => {
    const provider = await site.provider();
    const name = 'ü'.repeat(60_000);
    const refused = await provider.create(bag(`routing_skill/${name}`, {}, { org: name })).catch((error: Error) => error);
    expect(refused).toBeInstanceOf(Error);
    expect(Buffer.byteLength((refused as Error).message)).toBeLessThan(9_000);
  });

  test('a state that was moved to the stack of another org is refused', async () => {
    const provider = await site.provider();
    const before = bag('routing_skill/Weaving', {}, { org: 'other' });
    await expect(provider.diff('x', before, bag('routing_skill/Weaving', {}))).rejects.toThrow(/of the org "other", and the program is for "practice-empty"/);
    await expect(provider.update('x', before, bag('routing_skill/Weaving', {}))).rejects.toThrow(/new stack/);
  });
});

test('another org behind the same name is refused before anything is read or written', async () => {
  configure('practice', '00000000-0000-4000-8000-000000000000');
  const before = core().journal.length;
  const provider = await site.provider();
  await expect(provider.create(bag('routing_skill/Weaving', {}))).rejects.toThrow(/pinned as .*00000000-0000-4000-8000-000000000000/);
  const asked = core()
    .journal.slice(before)
    .map(({ path }) => path);
  expect(asked.filter((path) => !/\/oauth\/token$|\/organizations\/me$/.test(path))).toEqual([]);
});

describe('a secret that is not set', () => {
  const news = bag('integration_credential/Looms%2Fx/basicAuth', {
    credentialFields: { password: { $secret: 'LOOM_PASSWORD' }, userName: { $secret: 'LOOM_USER' } },
  });

  test('is told by the preview, for a new resource and for one whose body changes, and not for one that stays', async () => {
    const provider = await site.provider({ LOOM_USER: 'weaver' });
    const fresh = await provider.check({}, news);
    expect(fresh.failures).toEqual([expect.stringMatching(/the secret "LOOM_PASSWORD" is not set; set LOOM_PASSWORD in the environment or in \.env/)]);
    const changed = await provider.check({ ...news, body: '{"credentialFields":{}}' }, news);
    expect(changed.failures.length).toBe(1);
    expect((await provider.check(news, news)).failures).toEqual([]);
    expect((await provider.check(news, { ...news, refs: { 'auth_division/X': UNKNOWN } })).failures).toEqual([]);
  });

  test('is found in the environment, and stands in nothing that the process says or keeps', async () => {
    const provider = await site.provider({ LOOM_PASSWORD: 'canary-loom', LOOM_USER: 'weaver' });
    const { inputs, failures } = await provider.check({}, news);
    expect(failures).toEqual([]);
    const { props } = await provider.create(inputs);
    expect(JSON.stringify([inputs, props])).not.toContain('canary-loom');
    expect(provider.said()).not.toContain('canary-loom');
    const own = [...site.site.tree('.cordboard').values()].map((content) => Buffer.from(content, 'base64').toString('latin1'));
    for (const text of own) expect(text).not.toContain('canary-loom');
  });

  test('stops the whole run before its first write', async () => {
    await site.commit({ 'integration_credential/looms.yaml': CREDENTIAL });
    const before = core().hash(EMPTY);
    const engine = new SmallEngine();
    await expect(engine.preview(await site.provider(), await site.program(EMPTY))).rejects.toThrow(/LOOM_PASSWORD/);
    expect(core().hash(EMPTY)).toBe(before);
    await site.commit({ 'integration_credential/looms.yaml': undefined });
  });
});

describe('a production org', () => {
  const write = async (environment: NodeJS.ProcessEnv) => {
    const provider = await site.provider({ ...CREDENTIALS, ...environment });
    return provider.create(bag('routing_skill/Production', {}));
  };

  const refused = [
    { reason: 'that is not named as the one that is meant', pinned: undefined, environment: {}, says: /CORDBOARD_CONFIRM=practice-empty in the environment/ },
    { reason: 'where another one was meant', pinned: undefined, environment: { CORDBOARD_CONFIRM: 'other' }, says: /CORDBOARD_CONFIRM=practice-empty/ },
    { reason: 'that is not pinned', pinned: '', environment: { CORDBOARD_CONFIRM: EMPTY }, says: /is not pinned/ },
  ];
  test.each(refused)('is not written $reason', async ({ pinned, environment, says }) => {
    configure('production', pinned);
    const before = core().hash(EMPTY);
    await expect(write(environment)).rejects.toThrow(says);
    expect(core().hash(EMPTY)).toBe(before);
  });

  test('is not written from manifests that are not committed', async () => {
    configure('production');
    site.site.write('manifests/practice/routing_skill/weaving.yaml', `${SKILL}# not committed\n`);
    await expect(write({ CORDBOARD_CONFIRM: EMPTY })).rejects.toThrow(/not committed/);
    await site.site.git('checkout', '-q', '--', 'manifests');
  });

  test('is not written because of a line in .env: that would be consent for ever', async () => {
    configure('production');
    const secrets = site.site.read('.env');
    writeFileSync(join(site.folder, '.env'), `${secrets}CORDBOARD_CONFIRM=${EMPTY}\n`);
    await expect(write({})).rejects.toThrow(/CORDBOARD_CONFIRM/);
    writeFileSync(join(site.folder, '.env'), secrets);
  });

  test('is read, checked and compared like any other, and its deletions are held by its own rule', async () => {
    configure('production');
    const provider = await site.provider(CREDENTIALS);
    const engine = new SmallEngine();
    expect(await engine.preview(provider, await site.program(EMPTY))).toEqual([{ op: 'create', address: 'routing_skill/Weaving' }]);
    const id = core().seed(EMPTY, 'routing_skill', { name: 'Lives' });
    await expect((await site.provider(CREDENTIALS)).delete(id, bag('routing_skill/Lives', {}))).rejects.toThrow(
      /a production org deletes only what its policy and the command both allow/,
    );
    core().remove(EMPTY, 'routing_skill', id);
  });

  test('is written where it is pinned, its manifests are committed, and it is named', async () => {
    configure('production');
    const { id } = await write({ CORDBOARD_CONFIRM: EMPTY });
    expect(
      core()
        .objects(EMPTY, 'routing_skill')
        .map((skill) => skill['id']),
    ).toContain(id);
    core().remove(EMPTY, 'routing_skill', id);
  });
});

test('a rename that this stack knows nothing of is refused in the preview, naming adopt; adopted, it is a rename', async () => {
  const id = core().seed(EMPTY, 'routing_queue', { name: 'Old name' });
  await site.commit({ 'routing_queue/new-name.yaml': 'type: routing_queue\nkey: New name\nbody: {}\nwas: Old name\n' });
  const program = await site.program(EMPTY);
  await expect(new SmallEngine().preview(await site.provider(), program)).rejects.toThrow(
    /routing_queue\/New name says that it was routing_queue\/Old name.*cordboard adopt --org practice-empty/,
  );
  const engine = await adopted(site, EMPTY);
  await engine.up(await site.provider(), program);
  expect(
    core()
      .objects(EMPTY, 'routing_queue')
      .find((queue) => queue['id'] === id)?.['name'],
  ).toBe('New name');
  await site.commit({ 'routing_queue/new-name.yaml': undefined });
});
