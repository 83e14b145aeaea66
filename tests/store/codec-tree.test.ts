import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { nodeWorld } from '../../providers/node-world.ts';
import { readTree, type TreeExport, writeTree } from '../../providers/store/manifest-tree.ts';
import { type Address, makeAddress } from '../../state/address.ts';
import type { Document } from '../../state/document.ts';
import { normalise } from '../../state/normalise.ts';
import { Refused } from '../../state/problem.ts';
import type { Completeness, FileContent } from '../../state/snapshot.ts';
import { sameValue, type Value, type ValueMap } from '../../state/value.ts';
import { types } from '../state/codec-types.ts';
import { makeSimulatedWorld } from '../worlds/simulated-world.ts';

// Long because reading and writing a tree are proved on the same folders.
const world = nodeWorld();
let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cordboard-tree-'));
  folder = join(root, 'manifests/prod');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const content = (text: string): FileContent => ({ sha256: createHash('sha256').update(text).digest('hex'), read: async () => Buffer.from(text) });
const hash = (text: string) => `sha256:${content(text).sha256}`;
const document = (type: string, key: string, body: ValueMap): Document => ({ address: makeAddress(type, key.split('/')), body });
const all = (completeness: Completeness = 'whole') => new Map([...types.keys()].map((type) => [type, completeness] as const));

const org: Document[] = [
  document('thing', 'Alpha', { note: null, list: [] }),
  document('thing', 'beta', { text: 'one\ntwo\n' }),
  document('crowd', 'Support', { division: { $ref: 'thing/Alpha' }, members: [{ user: 'b' }, { user: 'a', ring: 2 }], size: 5 }),
  document('prompt', 'Greeting', {
    resources: [
      { language: 'de-de', audio: { $file: hash('hallo') } },
      { language: 'en-us', audio: { $file: hash('hello') } },
    ],
  }),
  document('script', 'Main Menu/inboundcall', { content: { inboundCall: { name: 'Main Menu' } } }),
  document('safe', 'Vault', { fields: { password: { $secret: 'VAULT' } } }),
];
const files = new Map(['hallo', 'hello', 'moin'].map((text) => [hash(text), content(text)]));

const write = (documents: readonly Document[], more: Partial<TreeExport> = {}) =>
  writeTree(world, folder, { types, org: 'Prod', filters: [], documents, files, completeness: all(), isDirty: () => false, ...more });
const change = (key: string, body: (old: ValueMap) => ValueMap) => org.map((at) => (at.address.endsWith(`/${key}`) ? { ...at, body: body(at.body) } : at));
const snapshot = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path.slice(folder.length + 1), readFileSync(path, 'latin1')]),
  );
const short = (paths: readonly string[]) => paths.map((path) => path.slice(folder.length + 1));
const put = (path: string, text: string) => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
};
const codes = async () =>
  (await readTree(world, folder, types)).problems.map(({ code, severity, place }) => `${severity} ${code} ${place?.file.slice(folder.length + 1)}`);

describe('writing and reading a tree', () => {
  test('an export reads back as what the org held, whole, and twice gives the same bytes and no write', async () => {
    const first = await write(org);
    expect(first.problems).toEqual([]);
    const tree = await readTree(world, folder, types);
    expect(tree.problems).toEqual([]);
    expect([...tree.documents.keys()].sort()).toEqual(org.map(({ address }) => address).sort());
    for (const one of org) expect(sameValue(tree.documents.get(one.address)?.body, normalise(one, types.get(one.address.split('/')[0]!)!).body)).toBe(true);
    expect(Object.fromEntries(tree.completeness)).toEqual({ thing: 'whole', crowd: 'whole', prompt: 'whole', script: 'whole', safe: 'whole' });
    expect(Buffer.from((await tree.files.get(hash('hello'))?.read()) ?? []).toString()).toBe('hello');
    const before = snapshot();
    expect(Object.keys(before)).toHaveLength(10);
    const second = await write([...org].reverse());
    expect(second).toMatchObject({ written: [], removed: [], kept: [], problems: [] });
    expect(short(second.same).sort()).toEqual(Object.keys(before).sort());
    expect(snapshot()).toEqual(before);
  });

  test('a manifest of the tree that cannot be read, or a document, is never written over', async () => {
    await write(org);
    const conflict = '<<<<<<< ours\norg: Prod\n=======\norg: Other\n>>>>>>> theirs\n';
    put('thing/alpha.yaml', conflict);
    expect((await write(org)).problems).toMatchObject([
      { code: 'FILE_KEPT', message: expect.stringContaining('merge conflict'), place: { line: 1, column: 1 } },
    ]);
    expect(readFileSync(join(folder, 'thing/alpha.yaml'), 'utf8')).toBe(conflict);
    put('export.yaml', conflict);
    const before = snapshot();
    await expect(write(change('Support', (body) => ({ ...body, size: 6 })))).rejects.toMatchObject({ problems: [{ code: 'MERGE_CONFLICT' }] });
    expect(snapshot()).toEqual(before);
  });

  test('the manifest names the org, the filters, and the types in the order in which they can be created', async () => {
    await write(org, {
      filters: ['--type thing'],
      completeness: new Map<string, Completeness>([
        ['crowd', 'whole'],
        ['thing', 'part'],
      ]),
    });
    expect(snapshot()['export.yaml']?.replace(/seal: \w{12}$/m, 'seal: its own')).toBe(
      'org: Prod\nfilters:\n  - --type thing\ntypes:\n  - completeness: part\n    count: 2\n    type: thing\n  - completeness: whole\n    count: 1\n    seal: its own\n    type: crowd\n'.replace(
        '- --type thing',
        '- "--type thing"',
      ),
    );
  });

  test('only what changed is written, and comments, names and formatting of it stay', async () => {
    await write(org);
    put('crowd/support.yaml', `# ours\n${snapshot()['crowd/support.yaml']}`.replace('size: 5', 'size:   5 # five'));
    const result = await write(change('Support', (body) => ({ ...body, size: 6 })));
    expect(short(result.written)).toEqual(['crowd/support.yaml']);
    expect(snapshot()['crowd/support.yaml']).toMatch(/^# ours\n[\s\S]*size: {3}6 # five\n$/);
  });

  test('a document keeps the file name that a person gave it', async () => {
    await write(org);
    put('crowd/my-own.yaml', snapshot()['crowd/support.yaml']!);
    rmSync(join(folder, 'crowd/support.yaml'));
    const result = await write(change('Support', (body) => ({ ...body, size: 6 })));
    expect(short(result.written)).toEqual(['crowd/my-own.yaml']);
    expect(existsSync(join(folder, 'crowd/support.yaml'))).toBe(false);
  });

  test('what is gone from a whole type is removed with its assets; what is gone from a part is not', async () => {
    await write(org);
    const without = (type: string) => org.filter(({ address }) => !address.startsWith(`${type}/`));
    const part = await write(without('prompt'), { completeness: all('part') });
    expect(part.removed).toEqual([]);
    const whole = await write(without('prompt'));
    expect(short(whole.removed).sort()).toEqual(['prompt/greeting.de-de.wav', 'prompt/greeting.en-us.wav', 'prompt/greeting.yaml']);
    expect(snapshot()['export.yaml']).toMatch(/completeness: whole\n {4}count: 0\n {4}seal: \w+\n {4}type: prompt/);
  });

  test('an asset changes, goes and comes with its document', async () => {
    await write(org);
    const result = await write(
      change('Greeting', () => ({
        resources: [
          { language: 'de-de', audio: { $file: hash('moin') } },
          { language: 'fr-fr', audio: { $file: hash('hello') } },
        ],
      })),
    );
    expect(short(result.written).sort()).toEqual(['prompt/greeting.de-de.wav', 'prompt/greeting.fr-fr.wav', 'prompt/greeting.yaml']);
    expect(short(result.removed)).toEqual(['prompt/greeting.en-us.wav']);
    expect(snapshot()['prompt/greeting.de-de.wav']).toBe('moin');
    expect((await readTree(world, folder, types)).problems).toEqual([]);
  });

  test("a tree's file is not touched while its meaning is the same", async () => {
    await write(org);
    put('script/main-menu_inboundcall.architect.yaml', '# by hand\ninboundCall: { name: "Main Menu" }\n');
    expect((await write(org)).written).toEqual([]);
    const result = await write(change('inboundcall', (body) => ({ ...body, note: 'x' })));
    expect(short(result.written)).toEqual(['script/main-menu_inboundcall.yaml']);
  });

  test.each([
    ['changed', change('Greeting', () => ({ resources: [] }))],
    ['gone', org.filter(({ address }) => address !== 'prompt/Greeting')],
  ])('a document that is %s in the org, but has uncommitted edits in any of its files, is not touched', async (_, documents) => {
    await write(org);
    const before = snapshot();
    const result = await write(documents, { isDirty: (path) => path.endsWith('greeting.en-us.wav') });
    expect(short(result.kept)).toEqual(['prompt/greeting.yaml']);
    expect(result.problems.map(({ code, severity, at }) => [code, severity, at])).toEqual([['FILE_KEPT', 'warning', 'prompt/Greeting']]);
    expect(snapshot()).toEqual(before);
  });

  test('a file that cannot be read is never written over', async () => {
    await write(org);
    put('thing/alpha.yaml', 'type: thing\nkey: Alpha\nbody: {\n');
    const result = await write(org);
    expect(short(result.kept)).toEqual(['thing/alpha.yaml']);
    expect(snapshot()['thing/alpha.yaml']).toBe('type: thing\nkey: Alpha\nbody: {\n');
  });

  test('variables, externals and secrets stay', async () => {
    await write(org);
    put(
      'crowd/support.yaml',
      'type: crowd\nkey: Support\nprotect: true\nbody:\n  division: { $external: thing/Alpha }\n  members:\n    - user: a\n      ring: { $var: ring }\n    - user: b\n  size: { $var: size }\n',
    );
    const vars = new Map<string, Value>([
      ['ring', 2],
      ['size', 5],
    ]);
    expect((await write(org, { vars })).written).toEqual([]);
    const result = await write(
      change('Support', (body) => ({ ...body, size: 7 })),
      { vars },
    );
    expect(short(result.written)).toEqual(['crowd/support.yaml']);
    expect(snapshot()['crowd/support.yaml']).toBe(
      'type: crowd\nkey: Support\nprotect: true\nbody:\n  division: { $external: thing/Alpha }\n  members:\n    - user: a\n      ring: { $var: ring }\n    - user: b\n  size: 7\n',
    );
  });

  test('several exports unite: a part does not take wholeness away, a failed reading does', async () => {
    await write(org);
    await write(org.slice(0, 1), { completeness: new Map([['thing', 'part']]), filters: ['thing/Alpha'] });
    let tree = await readTree(world, folder, types);
    expect([tree.completeness.get('thing'), tree.documents.size, tree.manifest?.filters]).toEqual(['whole', 6, []]);
    await write([], { completeness: new Map([['thing', 'part']]), failed: new Set(['thing']) });
    tree = await readTree(world, folder, types);
    expect([tree.completeness.get('thing'), tree.documents.size]).toEqual(['part', 6]);
  });

  test('a tree of another org is refused before anything is written', async () => {
    await write(org);
    const before = snapshot();
    await expect(
      write(
        change('Support', () => ({})),
        { org: 'Other' },
      ),
    ).rejects.toThrow(Refused);
    expect(snapshot()).toEqual(before);
  });

  test('content that is not what its hash says is not written', async () => {
    const broken = new Map([...files, [hash('hello'), content('something else')]]);
    await expect(write(org, { files: broken })).rejects.toThrow(/is sha256:/);
    expect(existsSync(join(folder, 'prompt/greeting.en-us.wav'))).toBe(false);
    expect(existsSync(join(folder, 'prompt/greeting.yaml'))).toBe(false);
  });

  test('an asset that two documents name goes with the last of them', async () => {
    await write(org);
    put('prompt/other.yaml', 'type: prompt\nkey: Other\nbody:\n  resources:\n    - audio: { $file: greeting.en-us.wav }\n      language: en-us\n');
    const other = document('prompt', 'Other', { resources: [{ language: 'en-us', audio: { $file: hash('hello') } }] });
    const first = await write([...org.filter(({ address }) => address !== 'prompt/Greeting'), other]);
    expect(short(first.removed).sort()).toEqual(['prompt/greeting.de-de.wav', 'prompt/greeting.yaml']);
    const second = await write(org.filter(({ address }) => address !== 'prompt/Greeting'));
    expect(short(second.removed).sort()).toEqual(['prompt/greeting.en-us.wav', 'prompt/other.yaml']);
  });

  test('nothing is written through a link', async () => {
    const outside = join(root, 'outside');
    mkdirSync(outside);
    mkdirSync(folder, { recursive: true });
    symlinkSync(outside, join(folder, 'thing'));
    await expect(write(org)).rejects.toThrow(Refused);
    expect(readdirSync(outside)).toEqual([]);
    expect(existsSync(join(folder, 'crowd'))).toBe(false);
  });

  test.each(['m/deep/tree', 'm/deep', 'm'])('nothing is written or read through a link at %s on the way to the tree', async (at) => {
    const [outside, link, tree] = [join(root, 'outside'), join(root, at), join(root, 'm/deep/tree')];
    const elsewhere = join(outside, relative(link, tree));
    mkdirSync(join(elsewhere, 'thing'), { recursive: true });
    writeFileSync(join(elsewhere, 'thing/alpha.yaml'), 'type: thing\nkey: Alpha\nbody: {}\n');
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(outside, link);
    const read = await readTree(world, tree, types, root);
    expect(read.problems).toMatchObject([{ code: 'LINK', severity: 'error', place: { file: link } }]);
    expect([read.documents.size, read.completeness.size]).toEqual([0, 0]);
    await expect(
      writeTree(world, tree, { types, org: 'Prod', filters: [], documents: org, files, completeness: all(), isDirty: () => false, root }),
    ).rejects.toThrow(/is a link/);
    rmSync(link);
    writeFileSync(link, 'a file\n');
    await expect(
      writeTree(world, tree, { types, org: 'Prod', filters: [], documents: org, files, completeness: all(), isDirty: () => false, root }),
    ).rejects.toThrow(/of another kind/);
    expect(
      readdirSync(outside, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => name),
    ).toEqual(['alpha.yaml']);
  });
});

describe('a tree that is wrong', () => {
  const thing = (key: string) => `type: thing\nkey: ${key}\nbody: {}\n`;

  test('everything that is wrong is reported at once, with its file, and its types are not whole', async () => {
    await write(org);
    put('thing/broken.yaml', 'a: [\n');
    put('thing/twice.yaml', thing('Alpha'));
    put('thing/ALPHA.yaml', thing('Gamma'));
    put('thing/wrong.yml', thing('D'));
    put('thing/crowd.yaml', 'type: crowd\nkey: X\nbody: {}\n');
    put('thing/latin.yaml', 'x');
    writeFileSync(join(folder, 'thing/latin.yaml'), Buffer.from([0x61, 0xff, 0x0a]));
    put('thing/README.md', 'x');
    put('thing/.DS_Store', 'x');
    put('thingg/a.yaml', thing('A'));
    put('prompt/unused.wav', 'x');
    put('notes.txt', 'x');
    put('../secret.txt', 'secret');
    symlinkSync(join(root, 'manifests/secret.txt'), join(folder, 'safe/link.yaml'));
    symlinkSync(join(root, 'manifests/secret.txt'), join(folder, 'prompt/link.wav'));
    put(
      'prompt/linked.yaml',
      'type: prompt\nkey: L\nbody:\n  resources:\n    - { language: x, audio: { $file: link.wav } }\n    - { language: y, audio: { $file: ../../secret.txt } }\n',
    );
    expect((await codes()).sort()).toEqual([
      'error ADDRESS_TWICE thing/twice.yaml',
      'error FILE_MISSING prompt/linked.yaml',
      'error FILE_NOT_READ thing/wrong.yml',
      'error FILE_OUTSIDE prompt/linked.yaml',
      'error LINK prompt/link.wav',
      'error LINK safe/link.yaml',
      'error NAMES_DIFFER_IN_CASE thing/alpha.yaml',
      'error NOT_UTF8 thing/latin.yaml',
      'error WRONG_FOLDER thing/crowd.yaml',
      'error WRONG_FOLDER thingg/a.yaml',
      'error YAML_SYNTAX thing/broken.yaml',
      'warning FILE_NOT_READ notes.txt',
      'warning FILE_NOT_USED prompt/unused.wav',
    ]);
    const tree = await readTree(world, folder, types);
    // A crowd stands in the folder of things: without it the crowds are not whole either.
    expect(Object.fromEntries(tree.completeness)).toEqual({ thing: 'part', crowd: 'part', prompt: 'part', script: 'whole', safe: 'part' });
    expect(JSON.stringify(tree.problems)).not.toContain('"secret"');
  });

  test('keys that differ only in case are told, without one renaming the other', async () => {
    await write([document('thing', 'Support', {}), document('thing', 'SUPPORT', {})]);
    expect((await codes()).map((line) => line.replace(/--.*/, ''))).toEqual(['warning KEYS_DIFFER_IN_CASE thing/support.yaml']);
  });

  test('a tree without a manifest, or with a broken one, is nowhere whole', async () => {
    await write(org);
    put('export.yaml', 'org: Prod\ntypes: 3\n');
    expect(await codes()).toEqual(['error TREE_MANIFEST_IS_WRONG export.yaml']);
    expect([...(await readTree(world, folder, types)).completeness.values()]).not.toContain('whole');
    rmSync(join(folder, 'export.yaml'));
    expect(await codes()).toEqual([]);
    expect([...(await readTree(world, folder, types)).completeness.values()]).not.toContain('whole');
  });

  test('an absent tree is empty; a tree that is a link or a file is a problem', async () => {
    expect((await readTree(world, folder, types)).documents.size).toBe(0);
    mkdirSync(join(root, 'manifests'));
    symlinkSync(root, folder);
    expect(await codes()).toEqual(['error LINK ']);
    await expect(write(org)).rejects.toThrow(Refused);
  });

  test('a place is file, line and column of the field', async () => {
    await write(org);
    const tree = await readTree(world, folder, types);
    expect(tree.places('crowd/Support' as Address, '/members/1')).toEqual({ file: join(folder, 'crowd/support.yaml'), line: 8, column: 7 });
    expect(tree.places('script/Main Menu/inboundcall' as Address, '/content/inboundCall/name')).toEqual({
      file: join(folder, 'script/main-menu_inboundcall.architect.yaml'),
      line: 2,
      column: 3,
    });
  });
});

describe('a disk that fails', () => {
  const changed = change('Greeting', () => ({ resources: [{ language: 'de-de', audio: { $file: hash('moin') } }] })).filter(
    ({ address }) => address !== 'thing/beta',
  );
  const input = (documents: readonly Document[], more: Partial<TreeExport> = {}): TreeExport => ({
    types,
    org: 'Prod',
    filters: [],
    documents,
    files,
    completeness: all(),
    isDirty: () => false,
    ...more,
  });

  /** An export that dies of a power loss somewhere. */
  async function cutOff(seed: number, synced: number) {
    const simulated = makeSimulatedWorld({ seed });
    let writes = 0;
    simulated.onCall = (_, what) => {
      if (what === 'disk replace') writes += 1;
      if (writes > 1 + (seed % 7)) simulated.losePower();
    };
    const died = simulated.run(writeTree(simulated, 'm', input(org, { synced })));
    await died.catch(() => undefined);
    simulated.onCall = () => undefined;
    simulated.boot();
    return simulated;
  }
  const seeds = Array.from({ length: 100 }, (_, seed) => seed);
  const documentsOf = ({ files: disk }: Awaited<ReturnType<typeof cutOff>>) => disk.files().filter((path) => path.endsWith('.yaml'));

  test('whatever a power loss leaves of an export that was not synced, the next export finishes the work', async () => {
    let torn = 0;
    for (const seed of seeds) {
      const simulated = await cutOff(seed, 0);
      if (documentsOf(simulated).some((path) => simulated.files.text(path) === '')) torn += 1;
      const again = await writeTree(simulated, 'm', input(org));
      expect([seed, again.kept]).toEqual([seed, []]);
      const tree = await readTree(simulated, 'm', types);
      expect([seed, tree.problems]).toEqual([seed, []]);
      expect([...tree.documents.keys()].sort()).toEqual(org.map(({ address }) => address).sort());
      for (const one of org) expect(sameValue(tree.documents.get(one.address)?.body, normalise(one, types.get(one.address.split('/')[0]!)!).body)).toBe(true);
    }
    expect(torn).toBeGreaterThan(5);
  });

  test('after a power loss each file of an export is as it was or as it is to be, for the first thousand files', async () => {
    const whole = makeSimulatedWorld({ seed: 1 });
    await writeTree(whole, 'm', input(org));
    for (const seed of seeds) {
      const simulated = await cutOff(seed, 1_000);
      for (const path of simulated.files.files()) expect([path, simulated.files.text(path)]).toEqual([path, whole.files.text(path)]);
    }
  });

  test('what stands empty or cut off and has edits that are not committed is kept', async () => {
    const simulated = makeSimulatedWorld({ seed: 1 });
    simulated.files.put('m/thing/alpha.yaml', 'type: thing\nkey: Al');
    const { kept } = await writeTree(simulated, 'm', input(org, { isDirty: (path) => path.endsWith('alpha.yaml') }));
    expect([kept, simulated.files.text('m/thing/alpha.yaml')]).toEqual([['m/thing/alpha.yaml'], 'type: thing\nkey: Al']);
  });

  test('a document that the disk does not give back is kept and told, the rest is written, and the next export finishes the work', async () => {
    const simulated = makeSimulatedWorld({ seed: 1 });
    await writeTree(simulated, 'm', input(org));
    const path = simulated.files.files().find((file) => file.startsWith('m/prompt/') && file.endsWith('.yaml'));
    const old = simulated.files.text(path as string);
    simulated.files.fault = (call) => (call.kind === 'read' && call.path === path ? 'EIO' : undefined);
    const first = await writeTree(simulated, 'm', input(changed));
    expect([first.kept, first.problems.map(({ code, message }) => [code, message])]).toEqual([[path], [['FILE_KEPT', expect.stringContaining('(EIO)')]]]);
    expect(simulated.files.text(path as string)).toBe(old);
    expect(first.removed).toEqual([expect.stringContaining('thing/beta')]);
    simulated.files.fault = () => undefined;
    expect(await writeTree(simulated, 'm', input(changed))).toMatchObject({ written: expect.arrayContaining([path]), kept: [] });
  });

  test('at whatever write it is full, each file is old or new, and the next export finishes the work', async () => {
    for (let failing = 1; failing < 100; failing += 1) {
      const simulated = makeSimulatedWorld({ seed: failing });
      await writeTree(simulated, 'm', input(org));
      const old = new Map(simulated.files.files().map((path) => [path, simulated.files.text(path)]));
      let writes = 0;
      simulated.files.fault = ({ kind }) => {
        if (kind !== 'replace' && kind !== 'remove') return undefined;
        writes += 1;
        return writes === failing ? 'ENOSPC' : undefined;
      };
      const failure = await writeTree(simulated, 'm', input(changed)).then(
        () => undefined,
        (error: unknown) => error,
      );
      simulated.files.fault = () => undefined;
      if (failure === undefined) {
        expect(failing).toBeGreaterThan(5);
        return;
      }
      expect((failure as { code?: string }).code).toBe('ENOSPC');
      // What the first run wrote is not committed.
      const isDirty = (path: string) => simulated.files.text(path) !== old.get(path);
      const again = await writeTree(simulated, 'm', input(changed, { isDirty }));
      expect(again.kept).toEqual([]);
      const tree = await readTree(simulated, 'm', types);
      // An asset that nobody names any more may stay behind, and is told.
      expect(tree.problems.filter(({ code }) => code !== 'FILE_NOT_USED')).toEqual([]);
      expect([...tree.documents.keys()].sort()).toEqual(changed.map(({ address }) => address).sort());
    }
    throw new Error('the writes never ended');
  });
});
