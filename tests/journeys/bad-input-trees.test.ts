import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { JourneySite } from './journey-site.ts';
import { SHELL_SEED, SHOP, SHOP_SEED } from './small-orgs.ts';
import { must } from './stage.ts';

const TREE = 'manifests/practice';
const MANIFEST = `${TREE}/export.yaml`;

let site: JourneySite;
let before: string;
beforeAll(async () => {
  site = await JourneySite.start({ orgs: [SHOP_SEED, SHELL_SEED], limits: { perToken: 'none', perOrg: 'none' }, seed: 'trees' });
  await site.git('add', '.gitignore');
  await site.git('commit', '-q', '-m', 'what Git does not see');
}, 120_000);
beforeEach(() => {
  for (const path of ['manifests', 'schemas', 'plan.json']) site.remove(path);
  site.configure('');
  before = site.hash(SHOP);
});
afterEach(() => expect(site.hash(SHOP)).toBe(before));
afterAll(() => site.end());

const edit = (file: string, from: string | RegExp, to: string): void => {
  if (site.read(file).replace(from, to) === site.read(file)) throw new Error(`nothing was changed in ${file}`);
  site.write(file, site.read(file).replace(from, to));
};
const keysOf = (type: string) => readdirSync(join(site.folder, TREE, type)).sort();

describe('a tree manifest that was edited is not believed', () => {
  const filter = ['--type', 'routing_skill', '--name', 'E*'];

  test('whole beside the filter that took a part: check and plan refuse it with its line, and nothing is deleted', async () => {
    await must(site, 0, 'export', '--org', SHOP, ...filter);
    edit(MANIFEST, 'completeness: part', 'completeness: whole');
    const told = /export\.yaml:5:\d+.*"routing_skill" is called whole here, and the filter "--type routing_skill --name E\*" took a part of it/;
    expect((await must(site, 3, 'check', '--org', SHOP)).all).toMatch(told);
    expect((await must(site, 3, 'plan', '--org', SHOP, '--allow-deletes', '99,100%', '--out', 'plan.json')).all).toMatch(told);
    expect(readdirSync(site.folder)).not.toContain('plan.json');
  });

  test('whole with the filter taken out as well: told, and what the tree left out is held by a rule that says so, whatever is allowed', async () => {
    await must(site, 0, 'export', '--org', SHOP, ...filter);
    edit(MANIFEST, 'completeness: part', 'completeness: whole');
    edit(MANIFEST, /filters:\n.*\n/, 'filters: []\n');
    expect((await must(site, 0, 'check', '--org', SHOP)).all).toMatch(
      /warning: .*export\.yaml:4:\d+: no export of this version wrote that the tree holds routing_skill whole/,
    );
    const plan = await must(site, 2, 'plan', '--org', SHOP, '--allow-deletes', '99,100%', '--out', 'plan.json');
    expect(plan.out).toMatch(/routing_skill\/Français {2}held: delete/);
    expect(plan.out).toMatch(/export\.yaml calls routing_skill whole, and no export of this version wrote that.*export routing_skill again/s);
    await site.cordboard('apply', 'plan.json');
    expect(site.hash(SHOP)).toBe(before);
    // An export of a part does not make it whole; one of all does.
    await must(site, 0, 'export', '--org', SHOP, ...filter);
    expect(site.read(MANIFEST)).toMatch(/completeness: part\n {4}count: 1\n {4}type: routing_skill/);
    await must(site, 0, 'export', '--org', SHOP, '--type', 'routing_skill');
    expect((await must(site, 2, 'plan', '--org', SHOP, '--allow-deletes', '99,100%')).out).toMatch(/1 to adopt as they are, 1 unchanged/);
    expect(site.read(MANIFEST)).toMatch(/^filters: \[\]\n[\s\S]*completeness: whole\n {4}count: 2\n {4}seal: \w+\n {4}type: routing_skill/m);
  });
});

describe('nothing is read or written through a link above the tree', () => {
  const listed = (folder: string) => readdirSync(folder, { recursive: true });

  test.each(['manifests', 'manifests/practice', 'schemas', 'schemas/types'])(
    '%s is a link: export ends with 3, and nothing stands where it leads',
    async (path) => {
      const elsewhere = mkdtempSync(join(tmpdir(), 'cordboard-elsewhere-'));
      mkdirSync(join(site.folder, path, '..'), { recursive: true });
      symlinkSync(elsewhere, join(site.folder, path));
      const from = site.orgs.core.journal.length;
      for (const words of [[], ['--commit']]) expect((await must(site, 3, 'export', '--org', SHOP, ...words)).all).toMatch(/is a link/);
      expect([listed(elsewhere), site.orgs.core.journal.length]).toEqual([[], from]);
      rmSync(elsewhere, { recursive: true });
    },
  );

  test.each(['manifests', 'manifests/practice'])(
    '%s is a link to a tree: check, plan and a branch from a commit that holds the link refuse it',
    async (path) => {
      await must(site, 0, 'export', '--org', SHOP, '--all');
      const elsewhere = mkdtempSync(join(tmpdir(), 'cordboard-elsewhere-'));
      renameSync(join(site.folder, path), join(elsewhere, 'moved'));
      symlinkSync(join(elsewhere, 'moved'), join(site.folder, path));
      const files = listed(elsewhere);
      for (const verb of ['check', 'plan', 'graph'])
        expect([verb, (await must(site, 3, verb, '--org', SHOP)).all]).toEqual([verb, expect.stringMatching(/is a link/)]);
      await site.git('add', '--all');
      await site.git('commit', '-q', '-m', 'a link');
      expect((await must(site, 3, 'export', '--org', SHOP, '--branch', 'drift/link')).all).toMatch(/is a link/);
      expect([await site.git('branch', '--list', 'drift/link'), listed(elsewhere)]).toEqual(['', files]);
      await site.git('reset', '-q', '--hard', 'HEAD~1');
      rmSync(elsewhere, { recursive: true });
    },
  );
});

describe('filters of an org in cordboard.yaml', () => {
  const filtered = (filters: string) => site.configure('', { [SHOP]: `    filters: ${filters}\n` });
  const types = () => [...site.read(MANIFEST).matchAll(/type: (\w+)/g)].map(([, type]) => type);

  test('types: only these are exported, by whatever name, and each is whole', async () => {
    filtered('{ types: ["routing:skill", genesyscloud_routing_wrapupcode] }');
    await must(site, 0, 'export', '--org', SHOP);
    expect([types(), site.read(MANIFEST).split('\n')[1]]).toEqual([['routing_skill', 'routing_wrapup_code'], 'filters: []']);
    expect(site.read(MANIFEST)).not.toContain('part');
  });

  test('names: only what matches is exported, and export.yaml says how it was chosen', async () => {
    filtered('{ types: ["routing:skill"], names: ["E*", "Two words*"] }');
    await must(site, 0, 'export', '--org', SHOP);
    expect(keysOf('routing_skill')).toEqual(['english.yaml']);
    expect(site.read(MANIFEST)).toMatch(
      /^filters:\n {2}- (['"]?)--type routing_skill --name E\* --name .?"Two words\*.?"\1\ntypes:\n {2}- completeness: part\n {4}count: 1\n {4}type: routing_skill\n$/m,
    );
    await must(site, 0, 'check', '--org', SHOP);
  });

  test('all: inactive ones that nothing refers to as well, so every type is whole', async () => {
    site.orgs.core.context(SHOP).insert('user', { name: 'Idle', email: 'idle@shop.example', state: 'inactive' });
    before = site.hash(SHOP);
    await must(site, 0, 'export', '--org', SHOP);
    expect(site.read(MANIFEST)).toMatch(/completeness: part\n.*\n {4}type: user/);
    filtered('{ all: true }');
    await must(site, 0, 'export', '--org', SHOP);
    expect(site.read(MANIFEST)).toMatch(/^filters: \[\]\n[\s\S]*completeness: whole\n.*\n.*\n {4}type: user/m);
    expect(site.read(MANIFEST)).not.toContain('part');
  });

  test('a type that there is none of: check and export end with 3, with its line and the nearest name', async () => {
    await must(site, 0, 'export', '--org', SHOP, '--type', 'routing_skill');
    filtered('{ types: [routing:quue] }');
    const line =
      site
        .read('cordboard.yaml')
        .split('\n')
        .findIndex((text) => text.includes('quue')) + 1;
    const run = await must(site, 3, 'check', '--org', SHOP);
    expect(run.all).toMatch(new RegExp(`cordboard\\.yaml:${line}:\\d+.*"routing:quue" is no type that this version knows`));
    expect(run.all).toContain('did you mean "routing:queue"?');
    await must(site, 3, 'export', '--org', SHOP);
  });
});

test('export --commit where schemas are hidden by .gitignore commits the manifests', async () => {
  const ignored = site.read('.gitignore');
  site.write('.gitignore', `${ignored}schemas/\n`);
  try {
    await must(site, 0, 'export', '--org', SHOP, '--all', '--commit', 'The shop');
    expect(await site.git('log', '-1', '--format=%s')).toBe('The shop');
    expect(await site.git('show', '--format=', '--name-only', 'HEAD', '--', 'schemas')).toBe('');
    expect(await site.git('status', '--porcelain', '--', 'manifests')).toBe('');
  } finally {
    site.write('.gitignore', ignored);
  }
});
