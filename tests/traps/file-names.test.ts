import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { nodeWorld } from '../../providers/node-world.ts';
import { readTree, writeTree } from '../../providers/store/manifest-tree.ts';
import { makeAddress } from '../../state/address.ts';
import { documentFile, fileStem } from '../../state/file-name.ts';
import { types } from '../state/codec-types.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cordboard-trap-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const LONG = 'A queue whose name goes on and on '.repeat(6);
const KEYS = ['Support', 'support', 'SUPPORT', 'Caf\u00e9', 'Cafe\u0301', 'North/South', 'North%2FSouth', 'con', 'x.', ' x', `${LONG}1`, `${LONG}2`];

async function write(keys: readonly string[]): Promise<void> {
  const documents = keys.map((key) => ({ address: makeAddress('thing', [key]), body: { note: key } }));
  const completeness = new Map([['thing', 'whole' as const]]);
  const result = await writeTree(nodeWorld(), folder, {
    types,
    org: 'Prod',
    filters: [],
    documents,
    files: new Map(),
    completeness,
    isDirty: () => false,
  });
  expect(result.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
}

function files(): ReadonlyMap<string, string> {
  return new Map(readdirSync(join(folder, 'thing')).map((name) => [name, readFileSync(join(folder, 'thing', name), 'utf8')]));
}

describe('trap: filename collision / stale file', () => {
  test('names that differ in case, in Unicode form, by a slash or at their far end have files of their own, on any disk', async () => {
    await write(KEYS);
    const names = [...files().keys()];
    expect(new Set(names.map((name) => name.normalize('NFKC').toLowerCase())).size).toBe(KEYS.length);
    expect(names.filter((name) => Buffer.byteLength(name) > 120 || /[\\/:*?"<>|]|[\u0300-\u036f]/.test(name))).toEqual([]);
    const tree = await readTree(nodeWorld(), folder, types);
    expect([...tree.documents.keys()].sort()).toEqual(KEYS.map((key) => makeAddress('thing', [key])).sort());
  });

  test('a rename leaves no file of the old name, and touches no other', async () => {
    await write(KEYS);
    const before = files();
    await write(KEYS.map((key) => (key === 'support' ? 'Help Desk' : key)));
    const after = files();
    expect([...after.keys()].filter((name) => !before.has(name))).toEqual([documentFile(fileStem('Help Desk'))]);
    expect([...before.keys()].filter((name) => !after.has(name))).toHaveLength(1);
    expect([...after].filter(([name, text]) => before.has(name) && before.get(name) !== text)).toEqual([]);
  });
});

test('trap: truncated hash id: 20,000 keys that are alike in their first 200 characters have 20,000 names', () => {
  const names = new Set(Array.from({ length: 20_000 }, (_, index) => documentFile(fileStem(`${LONG}${index}`)).toLowerCase()));
  expect(names.size).toBe(20_000);
});
