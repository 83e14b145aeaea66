import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openHand } from './by-hand.ts';
import { JourneySite } from './journey-site.ts';

const ORG = 'practice-empty';
const NAMES: readonly { readonly reason: string; readonly name: string }[] = [
  { reason: 'colours of a terminal', name: 'red \u001b[31malert\u001b[0m' },
  { reason: 'text turned round', name: 'safe\u202eexe.fdp' },
  { reason: 'a line feed, and what looks like a step of a plan', name: 'one\n- routing_queue/Support  delete' },
  { reason: 'a way out of the folder', name: '../../../../etc/passwd' },
  { reason: 'a device of Windows', name: 'CON' },
  { reason: 'a NUL', name: 'nul\u0000byte' },
  { reason: 'longer than any file name', name: `${'long '.repeat(60)}end` },
  { reason: 'what names the home division', name: '@home' },
  { reason: 'what looks like a directive', name: ['$', '{ref:auth_division/@home}'].join('') },
  { reason: 'what YAML takes for something else', name: 'no' },
  { reason: 'what looks like a merge conflict', name: '<<<<<<< HEAD' },
  { reason: 'the twin of another for a file system that ignores case', name: 'con' },
  { reason: 'the prototype of an object', name: '__proto__' },
  { reason: 'nothing but dots', name: '..' },
  { reason: 'an option of a command', name: '--force' },
  { reason: 'letters that fold into others', name: 'ﬁle' },
];

let site: JourneySite;
const made: string[] = [];
beforeAll(async () => {
  site = await JourneySite.start();
  const { call } = await openHand(site.orgs.url, ORG);
  for (const { name } of NAMES) {
    await call('POST', '/api/v2/architect/schedules', { name, start: '2026-01-01T08:00:00.000', end: '2026-01-01T17:00:00.000' }).then(
      () => made.push(name),
      () => undefined,
    );
  }
}, 60_000);
afterAll(() => site.end());

test('names that are hostile to file systems and terminals: exported into plain files, shown escaped, and nothing to do afterwards', async () => {
  expect(made.length).toBeGreaterThanOrEqual(NAMES.length - 2);
  const before = site.hash(ORG);
  const exported = await site.cordboard('export', '--org', ORG, '--all');
  expect({ code: exported.code, err: exported.err }).toMatchObject({ code: 0 });
  const files = readdirSync(join(site.folder, 'manifests/practice/architect_schedule'));
  expect(files).toHaveLength(made.length);
  expect(new Set(files.map((name) => name.toLowerCase())).size).toBe(files.length);
  for (const name of files) expect(name).toMatch(/^[a-z0-9][a-z0-9_-]{0,114}\.yaml$/);
  expect(readdirSync(site.folder).sort()).toEqual(['.git', '.gitignore', 'cordboard.yaml', 'manifests', 'schemas']);

  const check = await site.cordboard('check', '--org', ORG);
  const plan = await site.cordboard('plan', '--org', ORG, '--all');
  const json = await site.cordboard('graph', '--org', ORG, '--json');
  for (const { all } of [exported, check, plan, json]) {
    for (const raw of ['\u001b', '\u202e', '\u0000', '\n- routing_queue/Support']) expect(all).not.toContain(raw);
    expect(all).not.toContain('fault of Cordboard');
  }
  // A name that no terminal shows as it is, is told as one to be changed; without these the tree is right, and equals the org.
  expect([check.code, check.err]).toEqual([3, expect.stringMatching(/\.yaml:\d+:\d+: the key .*control characters/)]);
  for (const file of files.filter((name) => /control/.test(problemsOf(check.err, name)))) site.remove(`manifests/practice/architect_schedule/${file}`);
  const again = await site.cordboard('plan', '--org', ORG, '--all');
  expect(again.err).not.toContain('error:');
  expect(again.out).toMatch(/\d+ to adopt as they are/);
  expect(again.out).not.toMatch(/to create|to update|with changes/);
  expect(site.hash(ORG)).toBe(before);
});

/** What is told of one file. */
function problemsOf(err: string, file: string): string {
  return err
    .split('\n')
    .filter((line) => line.includes(`${file}:`))
    .join('\n');
}
