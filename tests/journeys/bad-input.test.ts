import { existsSync, symlinkSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { Command } from 'commander';
import { definePlan } from '../../scripts/plan.ts';
import { JourneySite, type Run } from './journey-site.ts';

const STAGING = 'practice-staging';
const QUEUE = 'manifests/practice/routing_queue/returns.yaml';
let site: JourneySite;
let proxy: Server;

beforeAll(async () => {
  site = await JourneySite.start({ limits: { perToken: 'none', perOrg: 'none' } });
  const exported = await site.cordboard('export', '--org', 'practice-production', '--all');
  if (exported.code !== 0) throw new Error(exported.all);
  site.writeSecrets();
  site.copy('manifests', 'kept');
  const planned = await site.cordboard('plan', '--org', STAGING, '--out', 'plan.json');
  if (planned.code !== 2) throw new Error(planned.all);
  proxy = createServer((_, answer) => answer.writeHead(200, { 'content-type': 'text/html' }).end('<html>Please log in to the proxy</html>'));
  await new Promise<void>((ready) => proxy.listen(0, '127.0.0.1', ready));
}, 300_000);
afterAll(async () => {
  await new Promise((closed) => proxy.close(closed));
  await site.end();
});

/** Runs a verb against manifests or configuration that `spoil` made wrong; everything is put right again afterwards. */
async function spoilt(spoil: () => void, ...words: readonly string[]): Promise<Run> {
  const before = site.hash(STAGING);
  try {
    spoil();
    return await site.cordboard(...words);
  } finally {
    site.copy('kept', 'manifests');
    site.configure('');
    expect(site.hash(STAGING)).toBe(before);
  }
}

const edit = (path: string, change: (text: string) => string) => () => {
  const text = site.read(path);
  const changed = change(text);
  if (changed === text) throw new Error(`nothing was changed in ${path}`);
  site.write(path, changed);
};
const replace = (what: string | RegExp, by: string, path = QUEUE) => edit(path, (text) => text.replace(what, by));

/** What stands only in a document's key, and what the org sets by itself, as somebody may write it into a body. */
const reserved: readonly { readonly file: string; readonly line: string; readonly by: 'key' | 'org' }[] = [
  { file: 'routing_queue/returns', line: 'name: Other', by: 'key' },
  { file: 'routing_queue/gift-cards', line: 'name: Gift Cards', by: 'key' },
  { file: 'routing_queue/returns', line: 'memberCount: 3', by: 'org' },
  { file: 'user/ben-okafor-harborandpine-example--sf69gq2sd8lh', line: 'email: other@harborandpine.example', by: 'key' },
  { file: 'user/ben-okafor-harborandpine-example--sf69gq2sd8lh', line: 'username: other', by: 'org' },
  { file: 'user/ben-okafor-harborandpine-example--sf69gq2sd8lh', line: 'version: 7', by: 'org' },
  { file: 'architect_datatable_row/routing-config_notice', line: 'key: other', by: 'key' },
  { file: 'integration_credential/delivery-partner_userdefined--5h0oefre5dpu', line: 'name: Other', by: 'key' },
  { file: 'integration_credential/delivery-partner_userdefined--5h0oefre5dpu', line: 'type: { name: other }', by: 'key' },
  { file: 'auth_division/online', line: 'homeDivision: true', by: 'org' },
  { file: 'routing_skill/returns', line: 'state: inactive', by: 'org' },
  { file: 'architect_ivr/main-line', line: 'state: inactive', by: 'org' },
];

function addToBody(file: string, line: string): void {
  edit(`manifests/practice/${file}.yaml`, (text) => text.replace(/^body:( \{\})?$/m, `body:\n  ${line}`))();
}

/** `plan` in this process: its exit code, and what it told. */
async function planHere(...words: readonly string[]): Promise<{ readonly code: number | string | null | undefined; readonly err: string }> {
  const told: string[] = [];
  const spies = [process.stderr, process.stdout].map((stream) => jest.spyOn(stream, 'write').mockImplementation((text) => told.push(String(text)) > 0));
  const command = new Command('plan');
  try {
    definePlan(command);
    await command.parseAsync([...words, '--config', join(site.folder, 'cordboard.yaml')], { from: 'user' });
    return { code: process.exitCode, err: stripVTControlCharacters(told.join('')) };
  } finally {
    process.exitCode = 0;
    for (const spy of spies) spy.mockRestore();
  }
}

describe('manifests that are wrong: exit 3, told with file and place', () => {
  const bomb = `a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n`;
  const cases: readonly { reason: string; spoil: () => void; tells: RegExp }[] = [
    { reason: 'YAML that does not parse', spoil: replace('body:', 'body: ['), tells: /returns\.yaml:\d+:\d+/ },
    { reason: 'a file that was cut', spoil: edit(QUEUE, (text) => text.slice(0, text.length - 9)), tells: /returns\.yaml.*cut/ },
    { reason: 'a merge conflict', spoil: replace('body:', '<<<<<<< HEAD\nbody:'), tells: /returns\.yaml:\d+:\d+: .*merge conflict/ },
    {
      reason: 'a merge conflict inside a block scalar',
      spoil: replace('body:', 'body:\n  description: |\n    one\n    =======\n    two\n    >>>>>>> x\n'),
      tells: /merge conflict/,
    },
    {
      reason: 'a key twice',
      spoil: replace('type: routing_queue', 'type: routing_queue\ntype: routing_queue'),
      tells: /returns\.yaml:\d+:\d+: .*(twice|once)/,
    },
    { reason: 'an unknown type', spoil: replace('type: routing_queue', 'type: routing_quue'), tells: /routing_quue.*[\s\S]*routing_queue/ },
    { reason: 'an unknown field, with the nearest name', spoil: replace('acwSettings:', 'acwSetings:'), tells: /returns\.yaml:\d+:\d+: [\s\S]*acwSettings/ },
    { reason: 'a wrong kind of value', spoil: replace(/timeoutMs: \d+/, 'timeoutMs: soon'), tells: /returns\.yaml:\d+:\d+: [\s\S]*soon|timeoutMs/ },
    { reason: 'an alias bomb', spoil: edit(QUEUE, () => bomb), tells: /returns\.yaml:1:\d+: .*anchor/ },
    { reason: '100,000 nested brackets', spoil: edit(QUEUE, () => `type: ${'['.repeat(100_000)}\n`), tells: /returns\.yaml.*deep/ },
    { reason: '__proto__ as a field', spoil: replace('body:', 'body:\n  __proto__: { polluted: true }'), tells: /__proto__/ },
    {
      reason: 'a ref to nothing, with the nearest name',
      spoil: replace('auth_division/Online', 'auth_division/Onlin'),
      tells: /auth_division\/Onlin[\s\S]*auth_division\/Online/,
    },
    { reason: 'a ref to the wrong type', spoil: replace('auth_division/Online', 'routing_skill/Returns'), tells: /routing_skill\/Returns/ },
    {
      reason: 'two files for one address',
      spoil: () => site.write('manifests/practice/routing_queue/again.yaml', site.read(QUEUE)),
      tells: /routing_queue\/Returns/,
    },
    {
      reason: 'names that differ only in case, where the org takes them for one',
      spoil: () => site.write('manifests/practice/routing_queue/again.yaml', site.read(QUEUE).replace('key: Returns', 'key: RETURNS')),
      tells: /differ only in upper and lower case/,
    },
    { reason: 'a name that is hostile to terminals', spoil: replace('key: Returns', 'key: "Ret\\u202Eurns"'), tells: /\\u202e|\\u\{202e\}/ },
    {
      reason: 'a secret in clear text',
      spoil: replace(
        /password: \{ \$secret: \w+ \}/,
        'password: hunter2hunter2',
        'manifests/practice/integration_credential/order-system_basicauth--iqaliqhrkogv.yaml',
      ),
      tells: /order-system_basicauth--iqaliqhrkogv\.yaml:\d+:\d+: [\s\S]*secret/,
    },
    {
      reason: 'a file outside the folder',
      spoil: replace(/\$file: \S+/, '$file: ../../../.env', 'manifests/practice/architect_user_prompt/welcome.yaml'),
      tells: /welcome\.yaml:\d+:\d+/,
    },
    {
      reason: 'a document behind a link',
      spoil: () => symlinkSync('/etc/hostname', join(site.folder, 'manifests/practice/routing_queue/linked.yaml')),
      tells: /linked\.yaml.*link/,
    },
    { reason: 'a variable without a value', spoil: replace(/timeoutMs: \d+/, 'timeoutMs: { $var: acw }'), tells: /"acw" has no value/ },
    {
      reason: 'a cycle that nothing can cut',
      spoil: replace(
        'description: Switches that flows read',
        // biome-ignore lint/suspicious/noTemplateCurlyInString: the in-string form of a ref
        'description: "see ${ref:architect_datatable/Routing Config}"',
        'manifests/practice/architect_datatable/routing-config.yaml',
      ),
      tells: /routing-config\.yaml:\d+:\d+: these resources need each other.*: architect_datatable\/Routing Config -> architect_datatable\/Routing Config/,
    },
  ];
  // One tree for each case, and one run that checks them all: so each is told beside all others.
  let told: readonly string[] = [];
  beforeAll(async () => {
    for (const [index, { spoil }] of cases.entries()) {
      spoil();
      site.copy('manifests/practice', `many/${index}`);
      site.copy('kept', 'manifests');
    }
    site.configure(cases.map((_, index) => `  case-${index}:\n    manifests: many/${index}\n    region: eu-central-1\n`).join(''));
    const { code, err, out } = await site.cordboard('check');
    site.configure('');
    expect({ code, fault: /fault of Cordboard|hunter2/.test(`${err}${out}`) }).toEqual({ code: 3, fault: false });
    told = err.split(/^(?=error: |warning: )/m).filter((problem) => problem.startsWith('error: '));
  }, 120_000);
  test.each(cases.map((each, index) => ({ ...each, index })))('$reason', ({ index, tells }) => {
    expect(told.filter((problem) => problem.includes(`many/${index}/`)).join('')).toMatch(tells);
  });

  // The verb itself, though not in a process of its own: starting so many would take longer than all the rest.
  test.each(cases.map((each, index) => ({ ...each, index })))(
    'no plan is made of $reason: exit 3, no file, and the org is not asked',
    async ({ index, tells }) => {
      const before = { hash: site.hash(STAGING), requests: site.orgs.core.journal.length };
      site.configure('', { [STAGING]: `    manifests: many/${index}\n` });
      const { code, err } = await planHere('--org', STAGING, '--out', join(site.folder, 'never.json'));
      site.configure('');
      expect({ code, err, file: existsSync(join(site.folder, 'never.json')) }).toEqual({ code: 3, err: expect.stringMatching(tells), file: false });
      expect({ hash: site.hash(STAGING), requests: site.orgs.core.journal.length }).toEqual(before);
    },
  );

  test.each(cases.filter(({ reason }) => /parse|ref to nothing/.test(reason)))(
    'no plan is made of $reason, and the org is not asked',
    async ({ spoil, tells }) => {
      const requests = site.orgs.core.journal.length;
      const { code, err } = await spoilt(spoil, 'plan', '--org', STAGING, '--out', 'never.json');
      expect([code, err]).toEqual([3, expect.stringMatching(tells)]);
      expect(site.orgs.core.journal.length).toBe(requests);
      expect(() => site.read('never.json')).toThrow();
    },
  );

  test('what stands only in the key, and what the org sets, is an error in a body: no plan, no file, and the org is not asked', async () => {
    const before = { hash: site.hash(STAGING), requests: site.orgs.core.journal.length };
    for (const { file, line } of reserved) addToBody(file, line);
    const { code, err } = await planHere('--org', STAGING, '--out', join(site.folder, 'never.json'));
    site.copy('kept', 'manifests');
    expect({ code, file: existsSync(join(site.folder, 'never.json')) }).toEqual({ code: 3, file: false });
    for (const { file, line, by } of reserved) {
      const field = line.split(':')[0];
      const says = by === 'key' ? 'is part of the key, and stands only in "key"' : 'is no configuration: the org sets it';
      const problem = new RegExp(`^error: .*/${file}\\.yaml:\\d+:\\d+: "${field}" ${says}\n.*\n    next: take it out`, 'm');
      expect({ line, err }).toEqual({ line, err: expect.stringMatching(problem) });
    }
    expect({ hash: site.hash(STAGING), requests: site.orgs.core.journal.length }).toEqual(before);
  });

  test('every problem is told at once, not the first alone', async () => {
    const { err } = await spoilt(
      () => {
        replace('acwSettings:', 'acwSetings:')();
        replace('auth_division/Online', 'auth_division/Onlin', 'manifests/practice/routing_queue/gift-cards.yaml')();
      },
      'check',
      '--org',
      STAGING,
    );
    expect(err).toMatch(/returns\.yaml/);
    expect(err).toMatch(/gift-cards\.yaml/);
  });
});

describe('orgs that cannot be reached as asked', () => {
  const org = (settings: string) => `  other:\n    manifests: manifests/practice\n${settings}`;
  const cases: readonly { reason: string; settings: () => string; code: number; tells: RegExp }[] = [
    { reason: 'no credentials', settings: () => org('    region: eu-central-1\n'), code: 3, tells: /GENESYS_CLOUD_OAUTH_CLIENT_ID/ },
    { reason: 'an unknown region', settings: () => org('    region: eu-middle-1\n'), code: 3, tells: /unknown region "eu-middle-1"/ },
    { reason: 'wrong credentials', settings: () => org(`    address: ${site.orgs.url}\n    role: practice\n`), code: 1, tells: /credentials|client/ },
    {
      reason: 'HTML from a proxy',
      settings: () => org(`    address: http://127.0.0.1:${(proxy.address() as AddressInfo).port}\n    role: practice\n`),
      code: 1,
      tells: /HTML|JSON|token/i,
    },
  ];
  test.each(cases)('$reason', async ({ settings, code, tells }) => {
    const name = settings().trim().split(':')[0] ?? '';
    const run = await spoilt(() => site.configure(settings()), 'plan', '--org', name);
    expect(`${run.code} ${run.err}`).toMatch(new RegExp(`^${code} `));
    expect(run.err).toMatch(tells);
    expect(run.err).not.toContain('fault of Cordboard');
  });

  test('an org that is not the pinned one is refused', async () => {
    const spoil = () =>
      site.write('cordboard.yaml', site.read('cordboard.yaml').replace(site.orgs.core.org(STAGING).id, 'aaaaaaaa-0000-4000-8000-000000000000'));
    const { code, err } = await spoilt(spoil, 'plan', '--org', STAGING);
    expect([code, err]).toEqual([3, expect.stringContaining('is pinned as')]);
  });

  test('an unknown option, verb or org is bad input', async () => {
    for (const words of [['plan', '--orgg', STAGING], ['plam'], ['plan', '--org', 'nowhere'], ['apply'], ['plan']]) {
      expect((await site.cordboard(...words)).code).toBe(3);
    }
  });
});

describe('plans that may not be applied', () => {
  const apply = (text: string, ...words: string[]) => spoilt(() => site.write('bad.json', text), 'apply', 'bad.json', ...words);

  test('one that was edited', async () => {
    const { code, err } = await apply(site.read('plan.json').replace('"First line for everything"', '"Anything else"'));
    expect([code, err]).toEqual([3, expect.stringContaining('not as it was sealed')]);
  });

  test('one that is expired', async () => {
    const plan = site.read('plan.json').replace(/"expires":"[^"]*"/, '"expires":"2020-01-01T00:00:00.000Z"');
    const { code, err } = await apply(plan);
    expect([code, err]).toEqual([3, expect.stringContaining('expired')]);
  });

  test('one of another org', async () => {
    const { code, err } = await apply(site.read('plan.json').replaceAll(`"name":"${STAGING}"`, '"name":"practice-empty"'));
    expect([code, err]).toEqual([3, expect.stringMatching(/sealed|made for the org/)]);
  });

  test('what is no plan at all', async () => {
    for (const text of ['', '{', '[]', '{"format":99}', 'null']) expect((await apply(text)).code).toBe(3);
    expect((await site.cordboard('apply', 'nowhere.json')).code).toBe(3);
  });
});
