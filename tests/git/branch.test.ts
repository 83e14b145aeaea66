import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { checkBranchName, makeBranch } from '../../providers/git/branch.ts';
import { openCommitDisk } from '../../providers/git/commit-disk.ts';
import { openRepository } from '../../providers/git/repository.ts';
import { Refused } from '../../state/problem.ts';

const git = (folder: string, ...words: string[]): string =>
  execFileSync('git', words, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();

/** A repository with one commit of a few odd files, and edits of a person under way. */
function scratch(): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'cordboard-branch-')));
  git(root, 'init', '-q', '-b', 'main');
  git(root, 'config', 'user.name', 'A Person');
  git(root, 'config', 'user.email', 'person@example.com');
  mkdirSync(join(root, 'm/sub'), { recursive: true });
  for (const [name, text] of [
    ['a.yaml', 'a\n'],
    ['gone.yaml', 'gone\n'],
    ['sub/ü "b".yaml', 'b\n'],
    ['run.sh', '#!/bin/sh\n'],
  ] as const)
    writeFileSync(join(root, 'm', name), text);
  chmodSync(join(root, 'm/run.sh'), 0o755);
  writeFileSync(join(root, 'other.txt'), 'other\n');
  git(root, 'add', '--all');
  git(root, 'commit', '-qm', 'one');
  writeFileSync(join(root, 'm/a.yaml'), 'edited\n');
  writeFileSync(join(root, 'staged.txt'), 'staged\n');
  git(root, 'add', 'staged.txt');
  return root;
}

const desk = (root: string) => [
  git(root, 'rev-parse', 'HEAD'),
  git(root, 'status', '--porcelain'),
  git(root, 'ls-files', '--stage'),
  readFileSync(join(root, 'm/a.yaml'), 'utf8'),
];

/** Writes over HEAD as an export does, and makes the branch. */
async function build(
  root: string,
  branch: string,
  write: Readonly<Record<string, string | undefined>>,
  message = 'Take over\n',
): Promise<{ commit: string; wasThere: boolean }> {
  const parent = git(root, 'rev-parse', 'HEAD');
  const disk = await openCommitDisk(root, parent, join(root, 'm'));
  try {
    for (const [path, text] of Object.entries(write)) {
      if (text === undefined) await disk.remove(join(root, 'm', path));
      else await disk.replace(join(root, 'm', path), text);
    }
    return await makeBranch(root, { branch, parent, changes: disk.changes(), message });
  } finally {
    disk.close();
  }
}

const refusal = async (work: Promise<unknown>): Promise<{ exit: number; code: string; message: string; hint: string }> => {
  const error = await work.then(
    () => undefined,
    (failure: unknown) => failure,
  );
  if (!(error instanceof Refused)) throw new Error(`not refused: ${String(error)}`);
  const [problem] = error.problems;
  return { exit: error.exit, code: problem?.code ?? '', message: problem?.message ?? '', hint: problem?.hint ?? '' };
};

const hook = (root: string, name: string, script: string): void => {
  writeFileSync(join(root, '.git/hooks', name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(root, '.git/hooks', name), 0o755);
};

describe('a commit as a disk', () => {
  test('shows HEAD whatever the work tree holds, what is written over it, and no more', async () => {
    const root = scratch();
    const disk = await openCommitDisk(root, git(root, 'rev-parse', 'HEAD'), join(root, 'm'));
    const text = async (path: string) => Buffer.from(await disk.read(join(root, 'm', path))).toString('utf8');
    expect(await text('a.yaml')).toBe('a\n');
    expect(await Promise.all(['sub/ü "b".yaml', 'a.yaml', 'gone.yaml'].map(text))).toEqual(['b\n', 'a\n', 'gone\n']);
    expect([...(await disk.list(join(root, 'm')))].map(({ name, kind }) => `${kind} ${name}`).sort()).toEqual([
      'file a.yaml',
      'file gone.yaml',
      'file run.sh',
      'folder sub',
    ]);
    expect([await disk.kind(join(root, 'm')), await disk.kind(join(root, 'other.txt'))]).toEqual(['folder', undefined]);
    await disk.replace(join(root, 'm/new/c.yaml'), 'c\n');
    await disk.remove(join(root, 'm/gone.yaml'));
    expect([await text('new/c.yaml'), await disk.kind(join(root, 'm/new')), await disk.kind(join(root, 'm/gone.yaml'))]).toEqual(['c\n', 'folder', undefined]);
    await expect(disk.read(join(root, 'm/gone.yaml'))).rejects.toMatchObject({ code: 'ENOENT' });
    expect([...disk.changes().keys()]).toEqual([join(root, 'm/new/c.yaml'), join(root, 'm/gone.yaml')]);
    disk.close();
  });

  test('large, empty and binary files come whole, many at once', async () => {
    const root = scratch();
    const contents = Array.from({ length: 300 }, (_, index) => Buffer.alloc(index === 7 ? 3_000_000 : index * 17, index % 256));
    for (const [index, content] of contents.entries()) writeFileSync(join(root, 'm', `f${index}.bin`), content);
    git(root, 'add', 'm');
    git(root, 'commit', '-qm', 'two');
    const disk = await openCommitDisk(root, git(root, 'rev-parse', 'HEAD'), join(root, 'm'));
    const read = await Promise.all(contents.map((_, index) => disk.read(join(root, 'm', `f${index}.bin`))));
    expect(read.every((bytes, index) => Buffer.from(bytes).equals(contents[index] as Buffer))).toBe(true);
    disk.close();
  });
});

describe('a branch beside the work tree', () => {
  test('holds the change alone, on top of HEAD; index, edits and HEAD stay, also with an index.lock left behind', async () => {
    const root = scratch();
    const before = desk(root);
    writeFileSync(join(root, '.git/index.lock'), '');
    const { commit } = await build(root, 'drift/a', { 'a.yaml': 'live\n', 'gone.yaml': undefined, 'run.sh': '#!/bin/sh\nx\n', 'sub/ö.yaml': 'new\n' });
    execFileSync('rm', [join(root, '.git/index.lock')]);
    expect(desk(root)).toEqual(before);
    expect(git(root, 'rev-parse', 'drift/a', 'drift/a^')).toBe(`${commit}\n${before[0]}`);
    expect(git(root, '-c', 'core.quotePath=false', 'diff', '--name-status', 'HEAD', 'drift/a').split('\n')).toEqual([
      'M\tm/a.yaml',
      'D\tm/gone.yaml',
      'M\tm/run.sh',
      'A\tm/sub/ö.yaml',
    ]);
    expect(git(root, 'ls-tree', 'drift/a', 'm/run.sh')).toMatch(/^100755/);
  });

  test('on a detached HEAD as on any other, and in a shallow clone', async () => {
    const root = scratch();
    git(root, 'checkout', '-q', '--detach');
    await build(root, 'drift/a', { 'a.yaml': 'live\n' });
    expect(git(root, 'show', 'drift/a:m/a.yaml')).toBe('live');
    git(root, 'commit', '-qm', 'two');
    const clone = join(root, 'clone');
    git(root, 'clone', '-q', '--depth', '1', `file://${root}`, clone);
    git(clone, 'config', 'user.name', 'A Person');
    git(clone, 'config', 'user.email', 'person@example.com');
    await build(clone, 'drift/b', { 'a.yaml': 'live\n' });
    expect(git(clone, 'log', '--format=%s', 'drift/b')).toBe('Take over\ntwo');
  });

  test('there already: the same is told, anything else is refused and left as it is', async () => {
    const root = scratch();
    const first = await build(root, 'drift/a', { 'a.yaml': 'live\n' });
    expect(await build(root, 'drift/a', { 'a.yaml': 'live\n' })).toEqual({ commit: first.commit, wasThere: true });
    expect(await refusal(build(root, 'drift/a', { 'a.yaml': 'other\n' }))).toMatchObject({
      exit: 3,
      code: 'BRANCH_EXISTS',
      hint: expect.stringContaining('git branch -D drift/a'),
    });
    // The same content on another commit is another thing.
    git(root, 'commit', '-qm', 'two');
    expect(await refusal(build(root, 'drift/a', { 'a.yaml': 'live\n' }))).toMatchObject({ code: 'BRANCH_EXISTS' });
    expect(git(root, 'rev-parse', 'drift/a')).toBe(first.commit);
  });

  test('two at once: one branch is made, whole, and the other is told', async () => {
    const root = scratch();
    const both = await Promise.allSettled([build(root, 'drift/a', { 'a.yaml': 'one\n' }), build(root, 'drift/a', { 'a.yaml': 'two\n' })]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const lost = both.find((one) => one.status === 'rejected') as PromiseRejectedResult;
    expect((lost.reason as Refused).problems[0]?.code).toMatch(/^(GIT_MOVED|GIT_LOCKED|BRANCH_EXISTS)$/);
    expect(['one', 'two']).toContain(git(root, 'show', 'drift/a:m/a.yaml'));
  });

  test('a branch in the way, and a lock that was left behind, are told with what to do', async () => {
    const root = scratch();
    git(root, 'branch', 'drift');
    expect(await refusal(build(root, 'drift/a', { 'a.yaml': 'live\n' }))).toMatchObject({
      exit: 1,
      message: expect.stringContaining("'refs/heads/drift' exists"),
    });
    writeFileSync(join(root, '.git/refs/heads/stuck.lock'), '');
    const stuck = await refusal(build(root, 'stuck', { 'a.yaml': 'live\n' }));
    expect(stuck).toMatchObject({ exit: 1, code: 'GIT_LOCKED', hint: expect.stringContaining('rm "') });
    expect(git(root, 'branch', '--list', 'stuck', 'drift/*')).toBe('');
  });

  test('a hook that refuses is named with what it says, and no branch is made; one that mends is heard', async () => {
    const root = scratch();
    const before = desk(root);
    hook(
      root,
      'pre-commit',
      'git diff --cached --name-only HEAD; test -z "$(git diff --cached HEAD | grep forbidden)" || { echo "no forbidden words" >&2; exit 1; }',
    );
    expect(await refusal(build(root, 'drift/a', { 'a.yaml': 'forbidden\n' }))).toMatchObject({
      exit: 1,
      code: 'GIT_HOOK_FAILED',
      message: expect.stringMatching(/pre-commit .*no forbidden words/),
    });
    hook(root, 'commit-msg', 'grep -q TICKET "$1" || { echo "no ticket" >&2; exit 1; }');
    expect(await refusal(build(root, 'drift/a', { 'a.yaml': 'fine\n' }))).toMatchObject({
      code: 'GIT_HOOK_FAILED',
      message: expect.stringMatching(/commit-msg .*no ticket/),
    });
    expect(git(root, 'branch', '--list', 'drift/*')).toBe('');
    hook(root, 'commit-msg', 'echo "TICKET-1" >> "$1"');
    await build(root, 'drift/a', { 'a.yaml': 'fine\n' });
    expect(git(root, 'log', '-1', '--format=%B', 'drift/a')).toBe('Take over\nTICKET-1');
    expect(desk(root)).toEqual(before);
  });

  test('who commits is not known: told, and nothing is made', async () => {
    const root = scratch();
    git(root, 'config', '--unset', 'user.name');
    git(root, 'config', '--unset', 'user.email');
    git(root, 'config', 'user.useConfigOnly', 'true');
    const kept = { ...process.env };
    for (const name of Object.keys(process.env)) if (/^(GIT_|EMAIL$)/.test(name)) delete process.env[name];
    process.env['GIT_CONFIG_GLOBAL'] = '/dev/null';
    const told = await refusal(build(root, 'drift/a', { 'a.yaml': 'live\n' })).finally(() => Object.assign(process.env, kept));
    expect(told).toMatchObject({ exit: 1, code: 'GIT_COMMIT_FAILED', hint: expect.stringContaining('git config') });
  });

  test('names that Git, a shell or a terminal would take for something else are refused', async () => {
    const root = scratch();
    const hostile = [
      '-D',
      '--upload-pack=x',
      'a..b',
      'a b',
      'a\nb',
      'x.lock',
      'a//b',
      '/a',
      'a/',
      'HEAD@{1}',
      '$(reboot)',
      'a;b',
      "a'b",
      'a\u202eb',
      'cafe\u0301',
      '@',
      '',
      'a~1',
      'a:b',
      'refs/../a',
      'a\u200bb',
    ];
    for (const name of hostile) expect([name, (await refusal(checkBranchName(root, name))).code]).toEqual([name, 'BRANCH_NAME']);
    for (const name of ['drift/prod', 'drift/Zürich', 'a@b+c', 'x-1.2']) await checkBranchName(root, name);
  });

  test('a message is only a text', async () => {
    const root = scratch();
    const message = 'Take over\n\n# no comment\n-n --amend\n\u0000'.replace('\u0000', '');
    await build(root, 'drift/a', { 'a.yaml': 'live\n' }, message);
    expect(git(root, 'log', '-1', '--format=%B', 'drift/a')).toBe(message.trim());
  });
});

describe('a commit in the work tree', () => {
  const setUp = async () => {
    const root = scratch();
    const repository = await openRepository(root);
    if (repository === undefined) throw new Error('no repository');
    return { root, commit: () => repository.commitPaths([join(root, 'm')], 'two') };
  };

  test('with an index.lock left behind: told with its path, and what to do', async () => {
    const { root, commit } = await setUp();
    writeFileSync(join(root, '.git/index.lock'), '');
    expect(await refusal(commit())).toMatchObject({
      exit: 1,
      code: 'GIT_LOCKED',
      message: expect.stringContaining(join(root, '.git/index.lock')),
      hint: expect.stringContaining('rm "'),
    });
    expect(existsSync(join(root, '.git/index.lock'))).toBe(true);
  });

  test.each(['pre-commit', 'commit-msg'])('with a %s hook that refuses: named, with what it says', async (name) => {
    const { root, commit } = await setUp();
    hook(root, name, 'echo "not on a Friday" >&2; exit 1');
    const head = git(root, 'rev-parse', 'HEAD');
    expect(await refusal(commit())).toMatchObject({
      exit: 1,
      code: 'GIT_HOOK_FAILED',
      message: expect.stringMatching(new RegExp(`hook ${name} .*not on a Friday`)),
    });
    expect(git(root, 'rev-parse', 'HEAD')).toBe(head);
  });

  test('in a bare repository: told', async () => {
    const root = realpathSync(mkdtempSync(join(tmpdir(), 'cordboard-bare-')));
    git(root, 'init', '-q', '--bare');
    expect(await refusal(openRepository(root))).toMatchObject({ exit: 3, code: 'GIT_FAILED', message: expect.stringContaining('work tree') });
  });
});
