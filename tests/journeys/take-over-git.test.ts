import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AppliedStage, change } from './applied-stage.ts';
import type { JourneySite } from './journey-site.ts';
import { SHELL, SHOP } from './small-orgs.ts';

const QUEUES = '/api/v2/routing/queues';
const OFFICE = 'manifests/practice/routing_queue/office.yaml';
const COUNTER = 'manifests/practice/routing_queue/counter.yaml';
const BRANCH = `drift/${SHELL}`;
const APPLIED = `refs/cordboard/applied/${SHELL}`;

const stage = new AppliedStage();
beforeAll(() => stage.prepare(), 300_000);
afterAll(() => stage.end());

const branches = (site: JourneySite) => site.git('branch', '--list', '--format=%(refname:short)');
const edit = (site: JourneySite, file: string, from: string, to: string): void => {
  if (!site.read(file).includes(from)) throw new Error(`no "${from}" in ${file}`);
  site.write(file, site.read(file).replace(from, to));
};

describe('taking over, when Git is not as one would wish', () => {
  test('what was applied is there though its commit is gone: history that was rewritten changes nothing', async () => {
    const { site, hand } = await stage.open('rewritten');
    edit(site, COUNTER, 'description: Whoever calls', 'description: Whoever comes');
    // One new commit without any history; the old ones are pruned.
    await site.git('checkout', '-q', '--orphan', 'fresh');
    await site.git('commit', '-qam', 'all over again');
    await site.git('branch', '-D', 'main');
    await site.git('reflog', 'expire', '--expire=now', '--all');
    await site.git('gc', '-q', '--prune=now');
    await change(hand, QUEUES, 'Office', { description: 'By hand' });
    const run = await site.cordboard('export', '--org', SHELL);
    expect([run.code, run.err]).toEqual([0, expect.not.stringContaining('cannot be read')]);
    expect(await site.git('diff', '--name-only')).toBe(OFFICE);
  });

  test('what was applied cannot be read: told loudly, in the commit too; the org stands for everything', async () => {
    const { site } = await stage.open('base-gone');
    edit(site, COUNTER, 'description: Whoever calls', 'description: Whoever comes');
    edit(site, 'manifests/practice/export.yaml', `org: ${SHOP}`, `org: ${SHELL}`);
    await site.git('commit', '-qam', 'pending');
    site.write('broken', 'no documents\n');
    const blob = await site.git('hash-object', '-w', 'broken');
    const receipt = await site.git('rev-parse', `${APPLIED}:receipt.json`);
    site.write('tree', `100644 blob ${blob}\tdocuments.jsonl\n100644 blob ${receipt}\treceipt.json\n`);
    site.write('make.sh', `git update-ref ${APPLIED} $(git commit-tree $(git mktree < tree) -m broken)`);
    await site.shell('sh', 'make.sh');
    for (const file of ['broken', 'tree', 'make.sh']) site.remove(file);
    const run = await site.cordboard('export', '--org', SHELL, '--branch', BRANCH);
    expect(run.err).toMatch(/warning: what was applied to "practice-shell" last cannot be read .*and is taken back/);
    expect(run.all).not.toContain('fault of Cordboard');
    expect(await site.git('log', '-1', '--format=%b', BRANCH)).toContain('Without a base:');
    expect(await site.git('diff', 'HEAD', BRANCH, '--', COUNTER)).toContain('+  description: Whoever calls');
  });

  test('a clone in which nothing is remembered: an export into the tree of the other org is refused with the way', async () => {
    const { site } = await stage.open('clone');
    await site.git('update-ref', '-d', APPLIED);
    const run = await site.cordboard('export', '--org', SHELL, '--branch', BRANCH);
    expect([run.code, run.err]).toEqual([3, expect.stringContaining('git fetch origin "refs/cordboard/*:refs/cordboard/*"')]);
    expect(await branches(site)).toBe('main');
  });

  test('on a detached HEAD, with an index.lock left behind, and with hooks: as far as each lets it', async () => {
    const { site, hand } = await stage.open('troubles');
    await change(hand, QUEUES, 'Office', { description: 'By hand' });
    await site.git('checkout', '-q', '--detach');
    site.write('.git/index.lock', '');
    expect(await site.cordboard('export', '--org', SHELL, '--branch', BRANCH)).toMatchObject({ code: 0 });
    expect(await branches(site)).toContain(BRANCH);
    const locked = await site.cordboard('export', '--org', SHELL, '--commit');
    expect([locked.code, locked.err]).toEqual([1, expect.stringMatching(/index\.lock" is there[\s\S]*next: if none runs any more: rm "/)]);
    site.remove('.git/index.lock');
    site.write('.git/hooks/pre-commit', '#!/bin/sh\necho "not without a ticket" >&2\nexit 1\n');
    chmodSync(join(site.folder, '.git/hooks/pre-commit'), 0o755);
    await site.git('checkout', '-q', '--', OFFICE);
    for (const words of [['--branch', 'drift/other'], ['--commit']]) {
      const refused = await site.cordboard('export', '--org', SHELL, ...words);
      expect([words[0], refused.code, refused.err]).toEqual([words[0], 1, expect.stringMatching(/hook pre-commit .*not without a ticket/)]);
    }
    expect(await branches(site)).not.toContain('drift/other');
  });

  test('no commit yet, no repository, a name that is none, both ways at once: refused before the org is asked', async () => {
    const { site } = await stage.open('refused');
    const asked = site.orgs.core.journal.length;
    const both = await site.cordboard('export', '--org', SHELL, '--branch', BRANCH, '--commit');
    expect([both.code, both.err]).toEqual([3, expect.stringContaining('leave --commit out')]);
    const name = await site.cordboard('export', '--org', SHELL, '--branch', 'a\u202eb\nerror: forged');
    expect([name.code, name.err]).toEqual([3, expect.stringMatching(/^error: "a\\u\{202e\}b\\nerror: forged" is no name for a branch\n {4}next: .*\n$/)]);
    await site.git('checkout', '-q', '--orphan', 'unborn');
    const unborn = await site.cordboard('export', '--org', SHELL, '--branch', BRANCH);
    expect([unborn.code, unborn.err]).toEqual([3, expect.stringContaining('has no commit yet')]);
    site.remove('.git');
    const none = await site.cordboard('export', '--org', SHELL, '--branch', BRANCH);
    expect([none.code, none.err]).toEqual([3, expect.stringContaining('in no Git repository')]);
    expect(site.orgs.core.journal.length).toBe(asked);
  });

  test('names that forge lines or mention people say nothing of their own in the commit', async () => {
    const { site, hand } = await stage.open('forged');
    const names = ['Fixes #12 @all', 'x\n\nCo-authored-by: Mallory <m@x.example>', '`](http://x.example)', '| a | b |\u202e'];
    for (const name of names) await hand.call('POST', '/api/v2/routing/skills', { name }).catch(() => undefined);
    const run = await site.cordboard('export', '--org', SHELL, '--branch', BRANCH);
    expect(run.all).not.toContain('fault of Cordboard');
    for (const raw of ['\u202e', '\nCo-authored-by']) expect(run.all).not.toContain(raw);
    const message = await site.git('log', '-1', '--format=%B', BRANCH);
    for (const raw of ['#12', '@all', '\nCo-authored', '\u202e']) expect(message).not.toContain(raw);
    const body = message
      .split('\n')
      .slice(2)
      .filter((line) => line !== '');
    expect(body.filter((line) => !/^ {4}[~-] [a-z_]+(\/[a-z0-9@._-]+)?\.yaml$/.test(line))).toEqual([]);
  });
});
