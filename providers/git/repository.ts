import { existsSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';
import { type SimpleGit, simpleGit } from 'simple-git';
import { Refused } from '../../state/problem.ts';
import { ALLOWED, firstLine, gitRefusal, lastLines } from './run-git.ts';

const SAFE_REF = /^refs\/[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$/;

/**
 * The Git repository around a folder, for the few things that Cordboard does with it. No text from outside is ever passed where Git
 * would read it as an option: paths stand behind `--`, refs are checked by a strict pattern.
 */
export interface Repository {
  /** Absolute path of the work tree. */
  readonly root: string;
  /** The commit that HEAD names; undefined before the first one. */
  head(): Promise<string | undefined>;
  /** Absolute paths below `folder` that differ from HEAD: changed, added, removed, or not known to Git. */
  dirtyPaths(folder: string): Promise<readonly string[]>;
  isIgnored(path: string): Promise<boolean>;
  /** Commits exactly what stands below these paths, `but` some; undefined where nothing differs. Other staged changes stay as they are. */
  commitPaths(paths: readonly string[], message: string, but?: readonly string[]): Promise<string | undefined>;
  /** Makes a commit of these files, out of the work tree's sight, and moves `ref` to it; the ref's old commit is its parent. */
  writeRef(ref: string, files: ReadonlyMap<string, Uint8Array | string>, message: string, when: number): Promise<void>;
  /** One file of the commit that `ref` names; undefined where there is none. */
  readRef(ref: string, path: string): Promise<Buffer | undefined>;
  /** Names of the files in a folder of the commit that `ref` names. */
  listRef(ref: string, folder: string): Promise<readonly string[]>;
  /** The commit that `ref` names; undefined where there is none. */
  commitOf(ref: string): Promise<string | undefined>;
  deleteRef(ref: string): Promise<void>;
}

/** The repository that holds `folder`; undefined where there is none. */
export async function openRepository(folder: string): Promise<Repository | undefined> {
  const git = simpleGit({ baseDir: folder, allowEnvironment: ALLOWED, trimmed: true });
  const root = await git.raw(['rev-parse', '--show-toplevel']).catch((error: Error) => {
    if (/not a git repository/i.test(error.message)) return undefined;
    const isMissing = /\bENOENT\b/.test(error.message);
    const message = isMissing ? 'Git is not on this machine, or not on PATH' : `Git cannot read "${folder}": ${firstLine(error.message)}`;
    const hint = isMissing ? 'install Git (https://git-scm.com/downloads), then run it again' : 'run git status there';
    throw new Refused([{ code: isMissing ? 'GIT_MISSING' : 'GIT_FAILED', severity: 'error', message, hint }]);
  });
  return root === undefined || root === '' ? undefined : new WorkTree(root);
}

/** A new repository with one branch, `main`, whose commits are by this author. */
export async function makeRepository(folder: string, author: { readonly name: string; readonly email: string }): Promise<Repository> {
  const git = simpleGit({ baseDir: folder, allowEnvironment: ALLOWED });
  await git.raw(['init', '--quiet', '--initial-branch=main']);
  await git.addConfig('user.name', author.name);
  await git.addConfig('user.email', author.email);
  return new WorkTree(await git.raw(['rev-parse', '--show-toplevel']).then((root) => root.trim()));
}

class WorkTree implements Repository {
  readonly root: string;
  readonly #git: SimpleGit;

  constructor(root: string) {
    this.root = root;
    this.#git = simpleGit({ baseDir: root, allowEnvironment: ALLOWED, trimmed: true });
  }

  async head(): Promise<string | undefined> {
    const commit = await this.#git.raw(['rev-parse', '--verify', '--quiet', 'HEAD']);
    return commit === '' ? undefined : commit;
  }

  async dirtyPaths(folder: string): Promise<readonly string[]> {
    const git = simpleGit({ baseDir: this.root, allowEnvironment: ALLOWED });
    const listed = await git.raw(['status', '--porcelain=v1', '-z', '--untracked-files=all', '--no-renames', '--', this.#inside(folder)]);
    return listed
      .split('\0')
      .filter((entry) => entry !== '')
      .map((entry) => join(this.root, entry.slice(3)));
  }

  async isIgnored(path: string): Promise<boolean> {
    // This command knows no magic of pathspecs.
    return (await this.#git.raw(['check-ignore', '--', this.#inside(path).replace(':(literal)', './')])) !== '';
  }

  async commitPaths(paths: readonly string[], message: string, but: readonly string[] = []): Promise<string | undefined> {
    const dirty = await Promise.all(paths.map((path) => this.dirtyPaths(path)));
    if (dirty.flat().every((path) => but.includes(path))) return undefined;
    // Git fails at a path of which it knows nothing, as when all of it is ignored.
    const known = paths.filter((_, index) => dirty[index]?.length !== 0);
    const inside = [...known.map((path) => this.#inside(path)), ...but.map((path) => this.#inside(path).replace(':(literal)', ':(exclude,literal)'))];
    await this.#git.raw(['add', '--all', '--', ...inside]).catch(async (error: Error) => {
      throw await notCommitted(error, this.#git);
    });
    await this.#git.raw(['commit', '--quiet', `--message=${message}`, '--only', '--', ...inside]).catch(async (error: Error) => {
      throw await notCommitted(error, this.#git);
    });
    return this.head();
  }

  async writeRef(ref: string, files: ReadonlyMap<string, Uint8Array | string>, message: string, when: number): Promise<void> {
    const parent = await this.commitOf(ref);
    const script = importScript({ ref: checked(ref), parent, files, message, when });
    const git = simpleGit({ baseDir: this.root, input: () => script });
    await git.raw(['fast-import', '--quiet', '--done', '--force']);
    if ((await this.commitOf(ref)) === parent) throw new Error(`Git did not move ${ref}`);
  }

  async readRef(ref: string, path: string): Promise<Buffer | undefined> {
    const commit = await this.commitOf(ref);
    if (commit === undefined) return undefined;
    const listed = await this.#git.raw(['ls-tree', '--name-only', commit, '--', path]);
    return listed === '' ? undefined : ((await simpleGit({ baseDir: this.root }).showBuffer([`${commit}:${path}`])) as Buffer);
  }

  async listRef(ref: string, folder: string): Promise<readonly string[]> {
    const commit = await this.commitOf(ref);
    const listed = commit === undefined ? '' : await this.#git.raw(['ls-tree', '--name-only', '-z', commit, '--', `${folder}/`]);
    return listed
      .split('\0')
      .filter((path) => path !== '')
      .map((path) => path.slice(folder.length + 1));
  }

  async deleteRef(ref: string): Promise<void> {
    await this.#git.raw(['update-ref', '-d', checked(ref)]);
  }

  async commitOf(ref: string): Promise<string | undefined> {
    const commit = await this.#git.raw(['rev-parse', '--verify', '--quiet', checked(ref)]);
    return /^[0-9a-f]{40,64}$/.test(commit) ? commit : undefined;
  }

  /** The path relative to the root; one that leads out of the repository is refused. */
  #inside(path: string): string {
    const inside = isAbsolute(path) ? relative(this.root, path) : path;
    if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
      throw new Refused([{ code: 'PATH_OUTSIDE', severity: 'error', message: `"${path}" is outside the Git repository "${this.root}"` }]);
    }
    return inside === '' ? '.' : `:(literal)${inside}`;
  }
}

interface Import {
  readonly ref: string;
  readonly parent: string | undefined;
  readonly files: ReadonlyMap<string, Uint8Array | string>;
  readonly message: string;
  readonly when: number;
}

/** A `git fast-import` stream: all blobs, the tree, the commit and the ref in one process, whatever their number. */
function importScript({ ref, parent, files, message, when }: Import): Buffer {
  const head = [`commit ${ref}`, `committer Cordboard <cordboard@localhost> ${Math.floor(when / 1000)} +0000`, ''].join('\n');
  const parts: Uint8Array[] = [Buffer.from(head), data(message)];
  if (parent !== undefined) parts.push(Buffer.from(`from ${parent}\ndeleteall\n`));
  for (const [path, content] of files) parts.push(Buffer.from(`M 100644 inline ${JSON.stringify(path)}\n`), data(content));
  return Buffer.concat([...parts, Buffer.from('done\n')]);
}

function data(content: Uint8Array | string): Uint8Array {
  const bytes = Buffer.from(content as Uint8Array);
  return Buffer.concat([Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from('\n')]);
}

function checked(ref: string): string {
  if (!SAFE_REF.test(ref) || ref.includes('..') || ref.includes('//') || ref.endsWith('.lock')) throw new Error(`"${ref}" is no safe ref`);
  return ref;
}

const BY_HAND = 'the files are written; commit them by hand';

/** Git refuses with words of its own; a hook, with whatever it says. */
async function notCommitted(error: Error, git: SimpleGit): Promise<Refused> {
  const isGits = /^(fatal|error):/m.test(error.message) || /tell me who you are|empty ident|identity unknown/i.test(error.message);
  const hooks = isGits ? [] : await hooksOf(git);
  if (hooks.length === 0) return gitRefusal(error, { code: 'GIT_COMMIT_FAILED', message: 'Git did not commit', hint: BY_HAND });
  const message = `the hook ${hooks.join(' or ')} did not let Git commit: ${lastLines(error.message)}`;
  return new Refused([{ code: 'GIT_HOOK_FAILED', severity: 'error', message, hint: BY_HAND }], 1);
}

/** Hooks that may refuse a commit. */
async function hooksOf(git: SimpleGit): Promise<readonly string[]> {
  const names = ['pre-commit', 'prepare-commit-msg', 'commit-msg'];
  const folder = (await git.raw(['rev-parse', '--path-format=absolute', '--git-path', 'hooks'])).trim();
  return names.filter((name) => existsSync(join(folder, name)));
}
