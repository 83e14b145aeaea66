import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { changeQueueByHand } from '../../scripts/practice-hand.ts';
import { JourneySite, type Run, records } from './journey-site.ts';

const PRODUCTION = 'practice-production';
const STAGING = 'practice-staging';
/** These write, by what they are for; every other verb of the CLI, also one that is new, may not. */
const WRITING = ['practice', 'apply', 'up', 'adopt', 'help'];
/** What may be sent that is no GET. Reviewed: none changes configuration; the queries list what nobody manages here before something is deleted. */
const REVIEWED = [
  'POST /oauth/token',
  'POST /api/v2/flows/export/jobs',
  'POST /api/v2/taskmanagement/worktypes/query',
  'POST /api/v2/taskmanagement/workitems/query',
  'POST /api/v2/taskmanagement/workbins/query',
  'POST /api/v2/alerting/rules/query',
  'POST /api/v2/responsemanagement/responseassets/search',
];
/** A value for each flag of the reading verbs; a new flag has to be told here. */
const VALUES: Readonly<Record<string, readonly string[]>> = {
  '--config': ['cordboard.yaml'],
  '--json': [],
  '--quiet': [],
  '--type': ['routing:queue', 'user'],
  '--name': ['S*'],
  '--id': ['<a queue>'],
  '--all': [],
  '--dependencies': [],
  '--commit': [],
  '--branch': ['drift/here'],
  '--out': ['out.json'],
  '--rotate': ['<a secret>'],
  '--allow-deletes': ['99,100%'],
  '--format': ['json'],
  '--of': ['routing_queue/Returns'],
  '--users-of': ['routing_queue/Returns'],
};

let site: JourneySite;
const ran: { readonly words: string; readonly run: Run; readonly isUnchanged: boolean; readonly sent: readonly string[] }[] = [];

const lines = (help: string, pattern: RegExp): string[] => [...help.matchAll(pattern)].map(([, found = '']) => found);

async function see(words: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Run> {
  const { core } = site.orgs;
  // An export overwrites no edit that is not committed, the last export's own included.
  await site.git('checkout', '-q', '--', 'manifests');
  await site.git('clean', '-fdq', 'manifests');
  const orgs = [PRODUCTION, STAGING];
  const [before, from] = [orgs.map((org) => core.hash(org)), core.journal.length];
  const run = await site.start(words, environment).ended;
  const sent = core.journal.slice(from).filter(({ method }) => method !== 'GET' && method !== 'HEAD');
  ran.push({
    words: words.join(' '),
    run,
    isUnchanged: orgs.every((org, index) => core.hash(org) === before[index]),
    sent: sent.map(({ method, path }) => `${method} ${path}`),
  });
  return run;
}

/** Every reading verb alone and with each of its flags, as its own help lists them. */
async function spellings(): Promise<readonly (readonly string[])[]> {
  const help = (await site.cordboard('--help')).out;
  const verbs = lines(help.slice(help.indexOf('Commands:')), /^ {2}([a-z]+) /gm).filter((verb) => !WRITING.includes(verb));
  expect(verbs).toEqual(expect.arrayContaining(['export', 'check', 'graph', 'plan', 'drift', 'preview']));
  const helps = await Promise.all(verbs.map(async (verb) => ({ verb, text: (await site.cordboard(verb, '--help')).out })));
  return helps.flatMap(({ verb, text }) => {
    const org = verb === 'check' ? [] : ['--org', orgOf(verb)];
    const flags = lines(text.slice(text.indexOf('Options:')), /^ {2}(--[a-z-]+)/gm).filter((flag) => flag !== '--org');
    expect(flags.filter((flag) => VALUES[flag] === undefined)).toEqual([]);
    return [[verb, ...org], ...flags.map((flag) => [verb, ...org, flag, ...valuesOf(flag)])];
  });
}

/** A tree holds the export of one org; the others compare it with another one. */
const orgOf = (verb: string): string => (verb === 'export' ? PRODUCTION : STAGING);

function valuesOf(flag: string): readonly string[] {
  const queue = () => site.orgs.core.context(PRODUCTION).byName('routing_queue', 'Returns')[0]!.id;
  const secret = () => /\$secret: (\w+)/.exec([...site.tree('manifests')].map(([, text]) => Buffer.from(text, 'base64').toString()).join('\n'))?.[1] ?? '';
  return (VALUES[flag] ?? []).map((value) => (value === '<a queue>' ? queue() : value === '<a secret>' ? secret() : value));
}

beforeAll(async () => {
  site = await JourneySite.start();
  await site.git('add', '.gitignore', 'cordboard.yaml');
  await site.git('commit', '-q', '-m', 'start');
  await site.cordboard('export', '--org', PRODUCTION, '--all', '--commit');
  site.writeSecrets();
  await site.cordboard('plan', '--org', STAGING, '--out', 'plan.json');
  const applied = await site.cordboard('apply', 'plan.json');
  expect(applied).toMatchObject({ code: 0 });
  await changeQueueByHand(site.orgs.url, STAGING);
}, 300_000);
afterAll(() => site.end());

describe('a verb that only reads', () => {
  test('trap: dry-run writes: leaves every org as it is and sends nothing but reads, tokens, queries and export jobs, in every spelling that its help lists', async () => {
    const [all, from] = [await spellings(), ran.length];
    for (const words of all) await see(words);
    const seen = ran.slice(from);
    const wrong = seen.filter(({ isUnchanged, sent }) => !isUnchanged || sent.some((request) => !REVIEWED.includes(request)));
    expect(wrong.map(({ words, sent }) => ({ words, sent }))).toEqual([]);
    // Each got as far as the org, but for Pulumi where no CLI of it is installed.
    expect(seen.filter(({ words, run }) => run.code === 3 && !words.startsWith('preview')).map(({ words, run }) => [words, run.err])).toEqual([]);
    expect(all.length).toBeGreaterThan(25);
  }, 600_000);

  test('does so while the org fails now and then', async () => {
    site.orgs.core.faults.plan = {
      rates: { 'too-many-requests': 0.03, 'unavailable-before': 0.03, 'reset-before': 0.03, 'reset-after': 0.02, 'short-page': 0.03, 'bad-gateway-html': 0.02 },
      retryAfter: '1',
      shuffle: true,
    };
    const from = ran.length;
    for (const verb of ['export', 'plan', 'drift']) await see([verb, '--org', orgOf(verb)]);
    site.orgs.core.faults.plan = {};
    const wrong = ran.slice(from).filter(({ isUnchanged, sent }) => !isUnchanged || sent.some((request) => !REVIEWED.includes(request)));
    expect(wrong.map(({ words, sent }) => ({ words, sent }))).toEqual([]);
  }, 300_000);
});

describe('a client that may not read a type', () => {
  const partial = (org: string) => ({ GENESYS_CLOUD_OAUTH_CLIENT_ID: `${org}-partial`, GENESYS_CLOUD_OAUTH_CLIENT_SECRET: `${org}-partial-secret` });
  const codes = () => [...site.tree('manifests/practice').keys()].filter((file) => file.startsWith('routing_wrapup_code/'));

  test('exports the rest, says loudly which permission is missing, marks type and tree, removes no file and exits 1', async () => {
    const before = codes();
    const run = await see(['export', '--org', PRODUCTION], partial(PRODUCTION));
    expect(run.code).toBe(1);
    expect(run.err).toContain('routing:wrapupCode:view');
    expect(codes()).toEqual(before);
    expect(before.length).toBeGreaterThan(5);
    expect(site.read('manifests/practice/export.yaml')).toMatch(/completeness: none\n\s+count: \d+\n\s+type: routing_wrapup_code/);
  });

  test('plans nothing to create or delete of that type, and does not exit with 0', async () => {
    for (const verb of ['plan', 'drift']) {
      const run = await see([verb, '--org', STAGING, '--json'], partial(STAGING));
      const steps = records(run.out).filter((record) => ['step', 'drift'].includes(String(record['record'])));
      const ofType = steps.filter(({ address }) => String(address).startsWith('routing_wrapup_code/'));
      expect([verb, ofType.filter(({ action }) => action !== 'unchanged')]).toEqual([verb, []]);
      expect([verb, run.code]).not.toEqual([verb, 0]);
      expect(run.out).toContain('routing:wrapupCode:view');
    }
    expect(ran.filter(({ isUnchanged }) => !isUnchanged)).toEqual([]);
  });
});
