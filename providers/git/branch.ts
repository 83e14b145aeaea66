import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Refused } from '../../state/problem.ts';
import type { Changes } from './commit-disk.ts';
import { askGit, type GitFailed, gitRefusal, lastLines, runGit } from './run-git.ts';

/** A commit to be made beside the work tree. */
export interface BranchRequest {
  readonly branch: string;
  /** The commit that it stands on. */
  readonly parent: string;
  /** By absolute path below the root. */
  readonly changes: Changes;
  readonly message: string;
}

export interface MadeBranch {
  readonly commit: string;
  /** True where the branch was there already, with just this commit. */
  readonly wasThere: boolean;
}

/** Letters, digits and what parts words: nothing that a shell, a terminal or a page would take for something else. */
const SAFE_BRANCH = /^[\p{L}\p{N}][\p{L}\p{N}\p{M}._/@+-]{0,199}$/u;

/** Refuses a name that no branch may have, and one that looks like another. */
export async function checkBranchName(root: string, branch: string): Promise<void> {
  const isSafe = SAFE_BRANCH.test(branch) && branch === branch.normalize('NFC');
  if (isSafe && (await askGit({ folder: root }, ['check-ref-format', '--branch', branch])) !== undefined) return;
  throw new Refused([
    {
      code: 'BRANCH_NAME',
      severity: 'error',
      message: `"${branch}" is no name for a branch`,
      hint: 'letters, digits and . _ / @ + -, such as drift/production',
    },
  ]);
}

/**
 * Makes one commit on a new branch. The person's work tree, index and current branch are not touched: the commit is put together in an index of its
 * own. Hooks that may refuse a commit are asked, and signing is done as configured. The branch comes last and only if none is there: it is made whole or not at all.
 */
export async function makeBranch(root: string, request: BranchRequest): Promise<MadeBranch> {
  const scratch = await mkdtemp(join(tmpdir(), 'cordboard-branch-'));
  try {
    return await buildCommit({ root, scratch, index: join(scratch, 'index') }, request);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

interface Bench {
  readonly root: string;
  readonly scratch: string;
  readonly index: string;
}

const NOT_MADE = { code: 'GIT_BRANCH_FAILED', message: 'Git did not make the branch', hint: 'nothing was changed; look at the repository with git status' };

async function buildCommit(bench: Bench, { branch, parent, changes, message }: BranchRequest): Promise<MadeBranch> {
  const git = (words: readonly string[], input?: Uint8Array | string) =>
    runGit({ folder: bench.root, index: bench.index, ...(input === undefined ? {} : { input }) }, words).catch((error: GitFailed) => {
      throw gitRefusal(error, NOT_MADE);
    });
  const line = async (words: readonly string[], input?: Uint8Array | string) => (await git(words, input)).toString('utf8').trim();
  await git(['read-tree', parent]);
  await git(['update-index', '-z', '--index-info'], await indexInfo(bench, changes));
  const there = await askGit({ folder: bench.root }, ['rev-parse', '--verify', '--quiet', `refs/heads/${branch}`]);
  if (there !== undefined && there !== '') return sameOrRefused(bench, { branch, parent, there, tree: await line(['write-tree']) });
  await runHook(bench, 'pre-commit', []);
  const file = join(bench.scratch, 'COMMIT_EDITMSG');
  await writeFile(file, message);
  await runHook(bench, 'commit-msg', [file]);
  // A hook may have mended the index or the message.
  const tree = await line(['write-tree']);
  const isSigned = (await askGit({ folder: bench.root }, ['config', '--type=bool', 'commit.gpgSign'])) === 'true';
  const commit = await line(['commit-tree', tree, '-p', parent, ...(isSigned ? ['-S'] : []), '-F', '-'], await readFile(file));
  await git(['update-ref', '-m', 'cordboard export', `refs/heads/${branch}`, commit, '0'.repeat(commit.length)]);
  return { commit, wasThere: false };
}

/** What is there already is left alone, whatever it is. */
async function sameOrRefused(
  { root }: Bench,
  { branch, parent, there, tree }: { readonly branch: string; readonly parent: string; readonly there: string; readonly tree: string },
): Promise<MadeBranch> {
  const facts = await askGit({ folder: root }, ['log', '-1', '--format=%T %P', there]);
  if (facts === `${tree} ${parent}`) return { commit: there, wasThere: true };
  throw new Refused(
    [
      {
        code: 'BRANCH_EXISTS',
        severity: 'error',
        message: `the branch "${branch}" is there already, and holds something else (${there.slice(0, 12)})`,
        hint: `name another one with --branch, or once it is not needed any more: git branch -D ${branch}`,
      },
    ],
    3,
  );
}

/** Blobs of all changed files, made in one process, as lines for an index. */
async function indexInfo({ root, scratch }: Bench, changes: Changes): Promise<Buffer> {
  const written = [...changes].filter((change): change is [string, { content: Uint8Array; mode: string }] => change[1].content !== undefined);
  const marks = join(scratch, 'marks');
  const script = Buffer.concat([
    ...written.flatMap(([, { content }], at) => [Buffer.from(`blob\nmark :${at + 1}\ndata ${content.length}\n`), content, Buffer.from('\n')]),
    Buffer.from('done\n'),
  ]);
  const blobs = new Map<string, string>();
  if (written.length > 0) {
    await runGit({ folder: root, input: script }, ['fast-import', '--quiet', '--done', `--export-marks=${marks}`]).catch((error: GitFailed) => {
      throw gitRefusal(error, NOT_MADE);
    });
    for (const row of (await readFile(marks, 'utf8')).split('\n')) blobs.set(row.split(' ')[0] ?? '', row.split(' ')[1] ?? '');
  }
  const zero = '0'.repeat(40);
  const removed = [...changes].filter(([, { content }]) => content === undefined);
  const rows = [
    ...removed.map(([path]) => `0 ${zero}\t${insideOf(root, path)}\0`),
    ...written.map(([path, { mode }], at) => `${mode} ${blobs.get(`:${at + 1}`)}\t${insideOf(root, path)}\0`),
  ];
  return Buffer.from(rows.join(''));
}

function insideOf(root: string, path: string): string {
  return path.slice(root.length + 1);
}

/** Runs one of the repository's hooks on the index of the commit to be; what it says against it is told. */
async function runHook({ root, index }: Bench, name: string, words: readonly string[]): Promise<void> {
  const file = await askGit({ folder: root }, ['rev-parse', '--path-format=absolute', '--git-path', `hooks/${name}`]);
  if (file === undefined || !existsSync(file)) return;
  const rest = words.length === 0 ? [] : ['--', ...words];
  await runGit({ folder: root, index }, ['hook', 'run', '--ignore-missing', name, ...rest]).catch((error: GitFailed) => {
    const message = `the hook ${name} did not let the commit be made: ${lastLines(error.message)}`;
    throw new Refused([{ code: 'GIT_HOOK_FAILED', severity: 'error', message, hint: `mend what it says (${file}), then export again; no branch was made` }], 1);
  });
}
