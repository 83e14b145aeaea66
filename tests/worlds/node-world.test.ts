import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { nodeWorld } from '../../providers/node-world.ts';
import type { World } from '../../providers/world.ts';
import { makeSimulatedWorld } from './simulated-world.ts';

const folder = mkdtempSync(join(tmpdir(), 'cordboard-world-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const worlds: [string, () => { world: World; at: string }][] = [
  ['real', () => ({ world: nodeWorld(), at: mkdtempSync(join(folder, 'x-')) })],
  ['simulated', () => ({ world: makeSimulatedWorld({ seed: 1 }), at: '/work' })],
];

test.each(worlds)('a %s disk keeps what it is given, and says what is there', async (_, make) => {
  const { world, at } = make();
  const { disk } = world;
  expect(await disk.list(join(at, 'none'))).toEqual([]);
  expect(await disk.kind(join(at, 'none'))).toBeUndefined();
  await disk.replace(join(at, 'a/b/c.txt'), 'one');
  await disk.replace(join(at, 'a/b/c.txt'), 'two', { durable: true });
  expect(new TextDecoder().decode(await disk.read(join(at, 'a/b/c.txt')))).toBe('two');
  expect(await disk.kind(join(at, 'a/b'))).toBe('folder');
  expect(await disk.kind(join(at, 'a/b/c.txt'))).toBe('file');
  expect(await disk.list(join(at, 'a/b'))).toEqual([{ name: 'c.txt', kind: 'file' }]);
  await disk.remove(join(at, 'a/b/c.txt'));
  await disk.remove(join(at, 'a/b/c.txt'));
  await expect(disk.read(join(at, 'a/b/c.txt'))).rejects.toMatchObject({ code: 'ENOENT' });
});

test.each(worlds)('on a %s disk only one claims a file', async (_, make) => {
  const { world, at } = make();
  const claims = await Promise.all(Array.from({ length: 10 }, (_, index) => world.disk.claim(join(at, 'locks/lock'), `owner ${index}`)));
  expect(claims.filter(Boolean)).toHaveLength(1);
  expect(new TextDecoder().decode(await world.disk.read(join(at, 'locks/lock')))).toBe(`owner ${claims.indexOf(true)}`);
});

test.each(worlds)('a log on a %s disk holds what was appended, also by the run before', async (_, make) => {
  const { world, at } = make();
  for (const text of ['one\n', 'two\n']) {
    const log = await world.disk.openLog(join(at, 'logs/journal'));
    await log.append(text);
    await log.sync();
    await log.close();
  }
  expect(new TextDecoder().decode(await world.disk.read(join(at, 'logs/journal')))).toBe('one\ntwo\n');
});

test('a file is replaced whole or not at all, and nothing temporary is left', async () => {
  const at = mkdtempSync(join(folder, 'r-'));
  const { disk } = nodeWorld();
  await disk.replace(join(at, 'file'), 'old');
  await disk.replace(join(at, 'secret'), 'x', { mode: 0o600, durable: true });
  await Promise.all(Array.from({ length: 20 }, (_, index) => disk.replace(join(at, 'file'), `${index}`.repeat(1_000))));
  expect(readFileSync(join(at, 'file'), 'utf8')).toMatch(/^(\d{1,2})\1*$/);
  await expect(disk.replace(join(at, 'file/under'), 'no')).rejects.toBeDefined();
  expect(readdirSync(at).sort()).toEqual(['file', 'secret']);
  expect(statSync(join(at, 'secret')).mode & 0o777).toBe(0o600);
});

test('a link is told as a link, and removing it leaves what it points at', async () => {
  const at = mkdtempSync(join(folder, 'l-'));
  const { disk } = nodeWorld();
  await disk.replace(join(at, 'target'), 'x');
  symlinkSync(join(at, 'target'), join(at, 'link'));
  expect(await disk.kind(join(at, 'link'))).toBe('link');
  await disk.remove(join(at, 'link'));
  expect(existsSync(join(at, 'target'))).toBe(true);
});

test('a real sleep ends early with the reason of its signal', async () => {
  const stop = new AbortController();
  const sleep = nodeWorld().clock.sleep(3_600_000, stop.signal);
  stop.abort(new Error('Ctrl-C'));
  await expect(sleep).rejects.toThrow('Ctrl-C');
});
