import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { parseDocument } from 'yaml';
import { nodeWorld } from '../../providers/node-world.ts';
import { readTree, type TreeExport, type WrittenTree, writeTree } from '../../providers/store/manifest-tree.ts';
import { makeAddress } from '../../state/address.ts';
import type { Document } from '../../state/document.ts';
import type { FileContent } from '../../state/snapshot.ts';
import { mergeTrees } from '../../state/three-way-tree.ts';
import type { Value, ValueMap } from '../../state/value.ts';
import { types } from '../state/codec-types.ts';
import { toValue } from '../state/sample-types.ts';

const world = nodeWorld();
let root = '';
let folder = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cordboard-merged-'));
  folder = join(root, 'm');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const content = (text: string): FileContent => ({ sha256: createHash('sha256').update(text).digest('hex'), read: async () => Buffer.from(text) });
const hash = (text: string) => `sha256:${content(text).sha256}`;
const files = new Map(['base', 'ours', 'theirs'].map((text) => [hash(text), content(text)]));
const document = (type: string, key: string, body: object): Document => ({ address: makeAddress(type, key.split('/')), body: toValue(body) as ValueMap });
const all = new Map([...types.keys()].map((type) => [type, 'whole' as const]));
const plain: Pick<TreeExport, 'types' | 'org' | 'filters' | 'files' | 'completeness' | 'isDirty'> = {
  types,
  org: 'Prod',
  filters: [],
  files,
  completeness: all,
  isDirty: () => false,
};
const write = (documents: readonly Document[]) => writeTree(world, folder, { ...plain, documents });

/** Merges what lives into the tree as it stands, over a base. */
async function merge(base: readonly Document[], theirs: readonly Document[], more: Partial<TreeExport> = {}): Promise<WrittenTree> {
  const previous = await readTree(world, folder, types);
  const chosen = new Map(theirs.map((one) => [one.address, one]));
  const live = { documents: chosen, completeness: all, files: new Map(), twins: new Map(), problems: [], ids: new Map(), deleted: new Set<never>() };
  const applied = { documents: new Map(base.map((one) => [one.address, one])), ids: new Map(), completeness: all, left: new Set<never>() };
  const { spoilt, unread } = previous;
  const merged = mergeTrees({ base: applied, ours: previous, live, chosen, taken: new Map(), types, vars: new Map(), ignore: {}, spoilt, unread, isOwn: true });
  return writeTree(world, folder, { ...plain, documents: theirs, previous, merged, ...more });
}
const read = (path: string) => readFileSync(join(folder, path), 'utf8');
const put = (path: string, text: string | Uint8Array) => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
};
const names = (type: string) => readdirSync(join(folder, type)).sort();
const told = ({ problems }: Pick<WrittenTree, 'problems'>) =>
  problems.map(({ code, place }) => `${code} ${place?.file.slice(folder.length + 1)}:${place?.line}`);

describe('a conflict in the files', () => {
  test('of recordings: each side has its file, nothing else is left behind once it is resolved', async () => {
    const prompt = (audio: string) => document('prompt', 'Greeting', { resources: [{ language: 'en-us', audio: { $file: hash(audio) } }] });
    await write([prompt('ours')]);
    const result = await merge([prompt('base')], [prompt('theirs')]);
    expect(told(result)).toEqual(['CONFLICT_LEFT prompt/greeting.yaml:5']);
    expect(names('prompt')).toEqual(['greeting.en-us.base.wav', 'greeting.en-us.theirs.wav', 'greeting.en-us.wav', 'greeting.yaml']);
    expect(['greeting.en-us.base.wav', 'greeting.en-us.theirs.wav', 'greeting.en-us.wav'].map((name) => read(`prompt/${name}`))).toEqual([
      'base',
      'theirs',
      'ours',
    ]);
    expect(read('prompt/greeting.yaml')).toContain('theirs: { $file: greeting.en-us.theirs.wav }');
    const tree = await readTree(world, folder, types);
    expect(tree.problems.map(({ code }) => code)).toEqual(['CONFLICT_LEFT']);
    expect(tree.completeness.get('prompt')).toBe('part');
    // The next export changes nothing of it.
    const marked = read('prompt/greeting.yaml');
    expect(await merge([prompt('base')], [prompt('theirs')])).toMatchObject({ written: [], kept: [join(folder, 'prompt/greeting.yaml')] });
    expect(read('prompt/greeting.yaml')).toBe(marked);
    put(
      'prompt/greeting.yaml',
      marked
        .replace(/\$conflict:[\s\S]*theirs: (.*)\n/, '$1\n')
        .replace('audio:\n        {', 'audio: {')
        .replace(/audio:\s+\{/, 'audio: {'),
    );
    expect((await readTree(world, folder, types)).problems.map(({ code, place }) => `${code} ${place?.file.split('/').at(-1)}`)).toEqual([
      'FILE_NOT_USED greeting.en-us.base.wav',
      'FILE_NOT_USED greeting.en-us.wav',
    ]);
  });

  test("of a tree in the vendor's own notation: Git's file keeps its bytes, the others stand beside it", async () => {
    const script = (name: string) => document('script', 'Main/call', { content: { name, steps: [name] } });
    await write([script('ours')]);
    put('script/main_call.architect.yaml', `# kept\n${read('script/main_call.architect.yaml')}`);
    const own = read('script/main_call.architect.yaml');
    const result = await merge([script('base')], [script('theirs')]);
    expect(told(result)).toEqual(['CONFLICT_LEFT script/main_call.yaml:4']);
    expect(names('script')).toEqual(['main_call.architect.yaml', 'main_call.base.architect.yaml', 'main_call.theirs.architect.yaml', 'main_call.yaml']);
    expect(read('script/main_call.architect.yaml')).toBe(own);
    expect(read('script/main_call.theirs.architect.yaml')).toContain('name: theirs');
    expect((await readTree(world, folder, types)).problems.map(({ code }) => code)).toEqual(['CONFLICT_LEFT']);
  });

  const hostile: readonly Value[] = [
    '<<<<<<< ours\n=======\n>>>>>>> theirs\n',
    '$conflict: { ours: 1 }',
    '{ $conflict: x }',
    '- a\n- b: [\n',
    '\u001b[31m\u202e',
    '"\'`\\',
    '# no comment',
    'null',
    '',
    null,
    9007199254740993n,
    [],
    {},
    [[['deep']]],
    { $$conflict: { base: 1 } },
    { $$ref: 'thing/x' },
    { __proto__x: 1, 'a: b': '---\n' },
  ];
  test.each(hostile.map((value, index) => [index, value] as const))(
    'hostile value %i is told and read by any YAML reader, whichever side it is on',
    async (_, value) => {
      const thing = (free: Value | undefined) => document('thing', 'T', free === undefined ? {} : { free });
      const sides = [
        ['plain', value, 'other'],
        [value, 'plain', 'other'],
        ['plain', 'other', value],
        [undefined, value, 'other'],
        ['plain', undefined, value],
      ] as const;
      for (const [base, ours, theirs] of sides) {
        rmSync(folder, { recursive: true, force: true });
        await write([thing(ours)]);
        const result = await merge([thing(base)], [thing(theirs)]);
        if (result.marked.length === 0) continue;
        const text = read(`thing/${names('thing')[0]}`);
        expect(parseDocument(text).errors).toEqual([]);
        expect(told(result).every((line) => line.startsWith('CONFLICT_LEFT thing/'))).toBe(true);
        expect((await readTree(world, folder, types)).problems.every(({ code }) => code === 'CONFLICT_LEFT')).toBe(true);
        expect((await merge([thing(base)], [thing(theirs)])).written).toEqual([]);
      }
    },
  );

  test('what a person edits and has not committed is never written over, and told', async () => {
    await write([document('crowd', 'Support', { size: 5 })]);
    const before = read('crowd/support.yaml');
    const result = await merge([document('crowd', 'Support', { size: 5 })], [document('crowd', 'Support', { size: 6 })], { isDirty: () => true });
    expect([result.written, told(result)]).toEqual([[], ['FILE_KEPT crowd/support.yaml:undefined']]);
    expect(read('crowd/support.yaml')).toBe(before);
    // An edit where the org did not move is nobody's business.
    put('crowd/support.yaml', before.replace('5', '7'));
    expect(await merge([document('crowd', 'Support', { size: 5 })], [document('crowd', 'Support', { size: 5 })], { isDirty: () => true })).toMatchObject({
      kept: [],
      problems: [],
    });
  });
});

describe('documents that are not where they belong', () => {
  const one = document('thing', 'Alpha', { a: 1 });
  const moves = [
    { reason: 'into a folder of their own', to: 'thing/old/alpha.yaml' },
    { reason: 'deeper below their type', to: 'thing/old/older/alpha.yaml' },
    { reason: 'into a folder of no type', to: 'extra/alpha.yaml' },
    { reason: 'deep into a folder of no type', to: 'extra/old/alpha.yaml' },
    { reason: 'into a folder that is nearly called as their type', to: 'things/alpha.yaml' },
    { reason: 'into the folder of another type', to: 'crowd/alpha.yaml' },
    { reason: 'above the folders of types', to: 'alpha.yaml' },
  ];
  test.each(moves)('moved $reason: told as what it is with the way back, not deleted, not exported a second time', async ({ to }) => {
    await write([one, document('crowd', 'Support', { size: 5 })]);
    const text = read('thing/alpha.yaml');
    rmSync(join(folder, 'thing/alpha.yaml'));
    put(to, text);
    const tree = await readTree(world, folder, types);
    expect(tree.problems).toMatchObject([
      { code: 'WRONG_FOLDER', severity: 'error', message: expect.stringContaining('holds thing/Alpha'), hint: `move it to ${folder}/thing` },
    ]);
    expect(tree.completeness.get('thing')).toBe('part');
    const moved = document('thing', 'Alpha', { a: 2 });
    for (const result of [await merge([one], [moved]), await write([moved])]) {
      expect(result).toMatchObject({ kept: [join(folder, to)] });
      expect([read(to), names('thing').filter((name) => name.endsWith('.yaml'))]).toEqual([text, []]);
    }
  });
});

test('a folder of no type is told as one where it holds anything else than documents that were moved', async () => {
  await write([document('thing', 'Alpha', { a: 1 })]);
  const codes = async () => (await readTree(world, folder, types)).problems.map(({ code, place }) => `${code} ${place?.file.slice(folder.length + 1)}`);
  put('extra/notes.txt', 'nothing of ours\n');
  expect(await codes()).toEqual(['UNKNOWN_TYPE extra']);
  put('extra/strange.yaml', 'type: stranger\nkey: Stranger\nbody: {}\n');
  put('extra/beta.yaml', 'type: thing\nkey: Beta\nbody: {}\n');
  expect(await codes()).toEqual(['WRONG_FOLDER extra/beta.yaml', 'UNKNOWN_TYPE extra']);
});

describe('files beyond what is read', () => {
  const big = Buffer.alloc(20 * 1024 * 1024, 'x');
  test('a document, a tree and a manifest of 20 MB are told with the limit and their place, and left alone', async () => {
    await write([document('thing', 'Alpha', { a: 1 }), document('script', 'Main/call', { content: { a: 1 } })]);
    const line = Buffer.concat([Buffer.from('type: thing\nkey: Big\nbody:\n  a: '), big, Buffer.from('\n')]);
    put('thing/big.yaml', line);
    put('script/main_call.architect.yaml', line);
    const from = performance.now();
    const { problems } = await readTree(world, folder, types);
    expect(performance.now() - from).toBeLessThan(20_000);
    expect(problems.map(({ code, place }) => `${code} ${place?.file.slice(folder.length + 1)}:${place?.line}`).sort()).toEqual([
      'FILE_TOO_LARGE script/main_call.architect.yaml:1',
      'FILE_TOO_LARGE thing/big.yaml:1',
    ]);
    expect(problems[0]?.message).toContain('16777216 bytes');
    put('export.yaml', line);
    await expect(write([document('thing', 'Alpha', { a: 2 })])).rejects.toMatchObject({ problems: [{ code: 'FILE_TOO_LARGE' }] });
    expect(read('thing/alpha.yaml')).toContain('a: 1');
  });
});

describe('names that look alike', () => {
  test('keys that differ only in how their letters are composed keep a file each, and are told', async () => {
    const [composed, apart] = [document('thing', 'Caf\u00e9', { a: 1 }), document('thing', 'Cafe\u0301', { a: 2 })];
    await write([composed]);
    const result = await merge([composed], [composed, apart]);
    expect([result.written.filter((path) => !path.endsWith('export.yaml')).length, result.problems]).toEqual([1, []]);
    expect(new Set(names('thing').map((name) => name.normalize('NFC').toLowerCase())).size).toBe(2);
    const tree = await readTree(world, folder, types);
    expect(tree.documents.size).toBe(2);
    expect(tree.problems.map(({ code }) => code)).toEqual(['KEYS_DIFFER_IN_CASE']);
  });
});
