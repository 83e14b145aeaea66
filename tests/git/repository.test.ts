import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readApplied, writeApplied } from '../../providers/git/applied-memory.ts';
import { openRepository, type Repository } from '../../providers/git/repository.ts';
import { makeReceipt } from '../../providers/reconciler/receipt.ts';
import { makeAddress } from '../../state/address.ts';
import { Refused } from '../../state/problem.ts';
import { directive, makeMap } from '../../state/value.ts';

const git = (folder: string, ...words: string[]): string => execFileSync('git', words, { cwd: folder, encoding: 'utf8' }).trim();

async function scratch(): Promise<{ folder: string; repository: Repository }> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'cordboard-git-')));
  git(folder, 'init', '-q', '-b', 'main');
  git(folder, 'config', 'user.name', 'A Person');
  git(folder, 'config', 'user.email', 'person@example.com');
  const repository = await openRepository(folder);
  if (repository === undefined) throw new Error('no repository');
  return { folder, repository };
}

describe('the repository', () => {
  test('a folder outside any repository has none', async () => {
    expect(await openRepository(mkdtempSync(join(tmpdir(), 'cordboard-no-git-')))).toBeUndefined();
  });

  test('what differs from HEAD is told for the folder asked about, whatever its names', async () => {
    const { folder, repository } = await scratch();
    mkdirSync(join(folder, 'manifests'));
    for (const name of ['-rf.yaml', 'ü b.yaml', ':(top).yaml']) writeFileSync(join(folder, 'manifests', name), 'a');
    writeFileSync(join(folder, 'other.txt'), 'a');
    expect([...(await repository.dirtyPaths(join(folder, 'manifests')))].sort()).toEqual(
      ['-rf.yaml', ':(top).yaml', 'ü b.yaml'].map((name) => join(folder, 'manifests', name)).sort(),
    );
  });

  test('a commit holds what stands below its paths, and nothing else that was staged', async () => {
    const { folder, repository } = await scratch();
    mkdirSync(join(folder, '--output=evil'));
    writeFileSync(join(folder, '--output=evil', 'a.yaml'), 'a');
    writeFileSync(join(folder, 'staged.txt'), 'a');
    git(folder, 'add', 'staged.txt');
    const commit = await repository.commitPaths([join(folder, '--output=evil')], '--amend is only text');
    expect(commit).toBe(git(folder, 'rev-parse', 'HEAD'));
    expect(git(folder, 'show', '--format=%s', '--name-only', 'HEAD').split(/\n+/)).toEqual(['--amend is only text', '--output=evil/a.yaml']);
    expect(git(folder, 'diff', '--cached', '--name-only')).toBe('staged.txt');
  });

  test('nothing to commit makes no commit', async () => {
    const { folder, repository } = await scratch();
    writeFileSync(join(folder, 'a.yaml'), 'a');
    await repository.commitPaths([join(folder, 'a.yaml')], 'one');
    expect(await repository.commitPaths([join(folder, 'a.yaml')], 'two')).toBeUndefined();
    expect(git(folder, 'rev-list', '--count', 'HEAD')).toBe('1');
  });

  test('a path of which everything is ignored is left out of a commit, and told as ignored', async () => {
    const { folder, repository } = await scratch();
    writeFileSync(join(folder, '.gitignore'), 'hidden/\n*.json\n');
    for (const name of ['hidden', 'data', 'manifests']) mkdirSync(join(folder, name));
    for (const file of ['hidden/a.txt', 'data/a.json', 'manifests/a.yaml']) writeFileSync(join(folder, file), 'a');
    await repository.commitPaths(
      ['manifests', 'hidden', 'data'].map((name) => join(folder, name)),
      'one',
    );
    expect(git(folder, 'show', '--format=', '--name-only', 'HEAD')).toBe('manifests/a.yaml');
    expect(await Promise.all(['hidden', 'data', 'manifests'].map((name) => repository.isIgnored(join(folder, name))))).toEqual([true, false, false]);
  });

  test('a removed file is committed as removed', async () => {
    const { folder, repository } = await scratch();
    mkdirSync(join(folder, 'm'));
    writeFileSync(join(folder, 'm/a.yaml'), 'a');
    await repository.commitPaths([join(folder, 'm')], 'one');
    execFileSync('rm', [join(folder, 'm/a.yaml')]);
    await repository.commitPaths([join(folder, 'm')], 'two');
    expect(git(folder, 'ls-tree', '-r', '--name-only', 'HEAD')).toBe('');
  });

  test('what is named as an exception stays uncommitted, whatever its name', async () => {
    const { folder, repository } = await scratch();
    mkdirSync(join(folder, 'm'));
    for (const name of ['a.yaml', '*.yaml', ':(top)x']) writeFileSync(join(folder, 'm', name), 'a');
    await repository.commitPaths([join(folder, 'm')], 'one', [join(folder, 'm/*.yaml')]);
    expect(git(folder, 'ls-tree', '-r', '--name-only', 'HEAD').split('\n')).toEqual(['m/:(top)x', 'm/a.yaml']);
    expect(await repository.commitPaths([join(folder, 'm')], 'two', [join(folder, 'm/*.yaml')])).toBeUndefined();
  });

  test('a path outside the repository is refused', async () => {
    const { repository } = await scratch();
    await expect(repository.commitPaths(['/etc/hostname'], 'x')).rejects.toBeInstanceOf(Refused);
  });

  test('a ref that Git would read as an option or a walk is never passed on', async () => {
    const { repository } = await scratch();
    for (const ref of ['--output=x', 'refs/../x', 'refs/a..b', 'HEAD@{1}', 'refs/x.lock', 'refs/-x\n']) {
      await expect(repository.readRef(ref, 'a')).rejects.toThrow(/no safe ref/);
    }
  });
});

describe('the memory of what was applied', () => {
  const queue = makeAddress('routing_queue', ['Supp/ort']);
  const prompt = makeAddress('architect_user_prompt', ['Greeting']);
  const bytes = new TextEncoder().encode('RIFF');
  const hash = 'sha256:0f0f';
  const applied = {
    receipt: makeReceipt({ plan: 'sha256:1', org: { id: 'i', name: 'n' }, startedAt: 1_700_000_000_000, endedAt: 1_700_000_100_000 }, []),
    ids: new Map([[queue, 'id-1']]),
    left: new Set([prompt]),
    completeness: new Map([['routing_queue', 'whole' as const]]),
    documents: new Map([
      [
        queue,
        {
          address: queue,
          body: makeMap([
            ['big', 9007199254740993n],
            ['__proto__', 'only a key'],
          ]),
          protect: true,
        },
      ],
      [prompt, { address: prompt, body: makeMap([['resources', [makeMap([['audio', directive('$file', hash)]])]]]) }],
    ]),
    files: async () => bytes,
  };

  test('is read as it was written: documents, assets, receipt, completeness and ids', async () => {
    const { repository } = await scratch();
    expect(await readApplied(repository, 'staging')).toBeUndefined();
    await writeApplied(repository, 'staging', applied);
    const read = await readApplied(repository, 'staging');
    expect(new Map(read?.documents)).toEqual(applied.documents);
    expect([read?.documents.size, read?.documents.has(queue), read?.documents.get(prompt)]).toEqual([2, true, applied.documents.get(prompt)]);
    expect(read?.receipt).toEqual(applied.receipt);
    expect(read?.ids).toEqual(applied.ids);
    expect(read?.left).toEqual(applied.left);
    expect(read?.completeness).toEqual(applied.completeness);
    expect(Buffer.from((await read?.files.get(hash)?.read()) ?? []).toString()).toBe('RIFF');
  });

  test('keeps its history, stays out of the work tree and of every branch, and forgets what is no longer wanted', async () => {
    const { folder, repository } = await scratch();
    await writeApplied(repository, 'staging', applied);
    await writeApplied(repository, 'staging', { ...applied, documents: new Map() });
    expect((await readApplied(repository, 'staging'))?.documents.size).toBe(0);
    expect(git(folder, 'rev-list', '--count', 'refs/cordboard/applied/staging')).toBe('2');
    expect(git(folder, 'ls-tree', '-r', '--name-only', 'refs/cordboard/applied/staging')).not.toContain('assets/');
    expect(git(folder, 'status', '--porcelain')).toBe('');
    expect(git(folder, 'branch', '--list')).toBe('');
  });

  test('can be deleted, and is then as if nothing was ever applied', async () => {
    const { repository } = await scratch();
    await writeApplied(repository, 'staging', applied);
    await repository.deleteRef('refs/cordboard/applied/staging');
    expect(await readApplied(repository, 'staging')).toBeUndefined();
  });
});
