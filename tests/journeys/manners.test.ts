import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { changeQueueByHand } from '../../scripts/practice-hand.ts';
import { openHand } from './by-hand.ts';
import { CLONE, JourneySite, type Run, records } from './journey-site.ts';

const PRODUCTION = 'practice-production';
const STAGING = 'practice-staging';
let site: JourneySite;
/** The records of each verb of the main job, by verb. */
const told = new Map<string, readonly Readonly<Record<string, unknown>>[]>();
const colours: Run[] = [];
/** The practice orgs, started, asked once and stopped. */
let practised: Run & { readonly url: string };

beforeAll(async () => {
  site = await JourneySite.start({ limits: { perToken: 'none', perOrg: 'none' } });
  await site.git('add', '.gitignore', 'cordboard.yaml');
  await site.git('commit', '-q', '-m', 'start');
  await tell(0, 'export', '--org', PRODUCTION, '--all', '--commit');
  await tell(0, 'export', '--org', PRODUCTION, '--all', '--commit');
  site.writeSecrets();
  await tell(0, 'check');
  await tell(0, 'graph', '--org', STAGING);
  const paints = (NO_COLOR: string) => site.start(['plan', '--org', STAGING], { FORCE_COLOR: '1', NO_COLOR }).ended;
  colours.push(await paints(''), await paints('1'));
  await tell(2, 'plan', '--org', STAGING, '--out', 'plan.json');
  await tell(0, 'apply', 'plan.json');
  await changeQueueByHand(site.orgs.url, STAGING);
  await tell(2, 'drift', '--org', STAGING, '--all', '--out', 'back.json');
  practised = await practise();
  told.set('practice', records(practised.out));
}, 300_000);
afterAll(() => site.end());

async function tell(code: number, ...words: readonly [string, ...string[]]): Promise<void> {
  const run = await site.cordboard(...words, '--json');
  if (run.code !== code) throw new Error(`cordboard ${words.join(' ')} ended with ${run.code}: ${run.all}`);
  told.set(words[0], [...(told.get(words[0]) ?? []), ...records(run.out)]);
}

async function practise(): Promise<typeof practised> {
  const practice = site.start(['practice', '--port', '0', '--size', '50', '--log', '--json']);
  const url = /"address":"([^"]+)"/.exec(await practice.shows(/"record":"next"/))?.[1] ?? '';
  const { find } = await openHand(url, 'practice-sized');
  await expect(find('/api/v2/routing/queues', 'none of this name')).rejects.toThrow(/there is no/);
  await practice.shows(/GET \/api\/v2\/routing\/queues/);
  practice.kill('SIGINT');
  return { ...(await practice.ended), url };
}

test('practice keeps orgs on any free port, shows each request and no secret, and ends with 130 on Ctrl-C, saying what it does', async () => {
  const { code, out, err, all, url } = practised;
  expect([code, err]).toEqual([130, expect.stringMatching(/^\s*closing; Ctrl-C again to stop at once\s*$/)]);
  expect(records(out).filter(({ record }) => record === 'listening')).toEqual(
    [PRODUCTION, STAGING, 'practice-empty', 'practice-sized'].map((org) => ({ record: 'listening', org, address: url, clientId: org })),
  );
  expect(all).not.toMatch(/-secret|[Bb]earer/);
  await expect(fetch(url)).rejects.toThrow();
});

test('colours are for who wants them: none where NO_COLOR is set, whatever else is', () => {
  const [asked, refused] = colours.map(({ code, all }) => ({ code, isColoured: all.includes('\u001b[') }));
  expect({ asked, refused }).toEqual({ asked: { code: 2, isColoured: true }, refused: { code: 2, isColoured: false } });
});

test('every verb has --help, with an example of itself and the exit codes', async () => {
  const help = (await site.cordboard('--help')).out;
  const verbs = [...help.slice(help.indexOf('Commands:')).matchAll(/^ {2}([a-z]+) /gm)].map(([, verb]) => verb ?? '').filter((verb) => verb !== 'help');
  expect(verbs.length).toBeGreaterThan(9);
  for (const verb of verbs) {
    const { code, out } = await site.cordboard(verb, '--help');
    expect({ verb, code, out }).toEqual({ verb, code: 0, out: expect.stringMatching(/^Exit codes:$/m) });
    expect(out).toMatch(new RegExp(`^Examples?:\\n(  .*\\n)*? *cordboard ${verb}\\b`, 'm'));
  }
});

describe('docs/json.md', () => {
  const rows = [...readFileSync(join(CLONE, 'docs/json.md'), 'utf8').matchAll(/^\| `(\w+)` *\| ([^|]*)\|(.*)\|$/gm)];
  const table = new Map(rows.map(([, record = '', from = '', fields = '']) => [record, { from, fields }]));

  test('names each record that a verb prints, that verb, and every field of it', () => {
    const missing = [...told].flatMap(([verb, all]) =>
      all.flatMap(({ record, ...fields }) => {
        const row = table.get(String(record));
        if (row === undefined) return [`${verb}: ${String(record)}`];
        const isFrom = row.from.startsWith('all but') ? !row.from.includes(verb) : new RegExp(`\\b${verb}\\b|every verb|next step`).test(row.from);
        const unnamed = Object.keys(fields).filter((field) => !row.fields.includes(`\`${field}\``) && !row.fields.includes('as `step`'));
        return [...(isFrom ? [] : [`${verb}: ${String(record)} is not from it`]), ...unnamed.map((field) => `${verb}: ${String(record)}.${field}`)];
      }),
    );
    expect([...new Set(missing)]).toEqual([]);
    expect([...told.keys()].sort()).toEqual(['apply', 'check', 'drift', 'export', 'graph', 'plan', 'practice']);
  });
});

describe('a plan is sealed over a plan, or where nothing is', () => {
  const targets = [
    { reason: 'the configuration', file: () => 'cordboard.yaml', tells: /"cordboard\.yaml" is no plan, and would be lost/ },
    { reason: 'a document', file: () => 'manifests/practice/routing_skill/returns.yaml', tells: /is no plan/ },
    { reason: 'a folder', file: () => 'manifests', tells: /"manifests" is a folder/ },
    { reason: 'what is no file', file: () => '/dev/null', tells: /"\/dev\/null" is no file/ },
    { reason: 'a path below a file', file: () => 'cordboard.yaml/plan.json', tells: /cannot be written: .*ENOTDIR/ },
  ];
  test.each(targets)('never over $reason: exit 3, and the org is not asked', async ({ file, tells }) => {
    const before = [...site.tree('manifests'), site.read('cordboard.yaml')];
    const requests = site.orgs.core.journal.length;
    for (const verb of ['plan', 'drift']) {
      const { code, err } = await site.cordboard(verb, '--org', STAGING, '--out', file());
      expect({ verb, code, err }).toEqual({ verb, code: 3, err: expect.stringMatching(tells) });
      expect(err).toMatch(/next: name another file/);
    }
    expect([...site.tree('manifests'), site.read('cordboard.yaml')]).toEqual(before);
    expect(site.orgs.core.journal.length).toBe(requests);
  });

  test('over an older plan, and over an empty file', async () => {
    site.write('empty.json', '');
    for (const file of ['plan.json', 'empty.json']) {
      expect((await site.cordboard('plan', '--org', STAGING, '--out', file)).code).toBe(2);
      expect(JSON.parse(site.read(file))).toMatchObject({ format: 1 });
    }
  });
});

test('what a person can put right on the disk is no fault of Cordboard, and says how', async () => {
  await site.cordboard('plan', '--org', STAGING, '--out', 'again.json');
  const before = site.hash(STAGING);
  site.copy('.cordboard', 'aside');
  site.remove('.cordboard');
  site.write('.cordboard', 'a file where a folder belongs\n');
  const { code, err } = await site.cordboard('apply', 'again.json');
  site.remove('.cordboard');
  site.copy('aside', '.cordboard');
  expect([code, err]).toEqual([1, expect.stringMatching(/E(NOTDIR|EXIST)[\s\S]*next: put right what stands at that path/)]);
  expect(err).not.toContain('fault of Cordboard');
  expect(site.hash(STAGING)).toBe(before);
});

describe('Git that is not there', () => {
  test('on the machine: install it', async () => {
    const { code, err } = await site.start(['drift', '--org', STAGING], { PATH: join(site.folder, 'nothing') }).ended;
    expect([code, err]).toEqual([3, expect.stringMatching(/Git is not on this machine[\s\S]*next: install Git/)]);
  });

  test('around the folder: drift says so, instead of asking for one more apply', async () => {
    site.copy('.git', 'aside-git');
    site.remove('.git');
    const { code, err } = await site.cordboard('drift', '--org', STAGING);
    site.copy('aside-git', '.git');
    expect([code, err]).toEqual([3, expect.stringMatching(/is in no Git repository[\s\S]*next: git init/)]);
  });
});
