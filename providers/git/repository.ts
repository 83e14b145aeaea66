import { isAbsolute, join, relative, sep } from 'node:path';
import { type SimpleGit, simpleGit } from 'simple-git';
import { Refused } from '../../state/problem.ts';

/** What a person's own Git set-up may say; every other GIT_ variable is dropped by simple-git, silently. */
const ALLOWED = [
  'GIT_AUTHOR_NAME',
  'GIT_AUTHOR_EMAIL',
  'GIT_AUTHOR_DATE',
  'GIT_COMMITTER_NAME',
  'GIT_COMMITTER_EMAIL',
  'GIT_COMMITTER_DATE',
  'GIT_CONFIG_GLOBAL',
  'GIT_CONFIG_NOSYSTEM',
];
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
  deleteRef(ref: string): Promise<void>;
}

/** The repository that holds `folder`; undefined where there is none. */
export async function openRepository(folder: string): Promise<Repository | undefined> {
  const git = simpleGit({ baseDir: folder, allowEnvironment: ALLOWED, trimmed: true });
  const root = await git.raw(['rev-parse', '--show-toplevel']).catch((error: Error) => {
    if (/not a git repository/i.test(error.message)) return undefined;
    throw new Refused([
      { code: 'GIT_FAILED', severity: 'error', message: `Git cannot read "${folder}": ${firstLine(error.message)}`, hint: 'run git status there' },
    ]);
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
    return (await this.#git.raw(['check-ignore', '--', this.#inside(path)])) !== '';
  }

  async commitPaths(paths: readonly string[], message: string, but: readonly string[] = []): Promise<string | undefined> {
    const dirty = (await Promise.all(paths.map((path) => this.dirtyPaths(path)))).flat();
    if (dirty.every((path) => but.includes(path))) return undefined;
    const inside = [...paths.map((path) => this.#inside(path)), ...but.map((path) => this.#inside(path).replace(':(literal)', ':(exclude,literal)'))];
    await this.#git.raw(['add', '--all', '--', ...inside]).catch((error: Error) => {
      throw new Refused([notCommitted(error)], 1);
    });
    await this.#git.raw(['commit', '--quiet', `--message=${message}`, '--only', '--', ...inside]).catch((error: Error) => {
      throw new Refused([notCommitted(error)], 1);
    });
    return this.head();
  }

  async writeRef(ref: string, files: ReadonlyMap<string, Uint8Array | string>, message: string, when: number): Promise<void> {
    const parent = await this.#resolve(ref);
    const script = importScript({ ref: checked(ref), parent, files, message, when });
    const git = simpleGit({ baseDir: this.root, input: () => script });
    await git.raw(['fast-import', '--quiet', '--done', '--force']);
    if ((await this.#resolve(ref)) === parent) throw new Error(`Git did not move ${ref}`);
  }

  async readRef(ref: string, path: string): Promise<Buffer | undefined> {
    const commit = await this.#resolve(ref);
    if (commit === undefined) return undefined;
    const listed = await this.#git.raw(['ls-tree', '--name-only', commit, '--', path]);
    return listed === '' ? undefined : ((await simpleGit({ baseDir: this.root }).showBuffer([`${commit}:${path}`])) as Buffer);
  }

  async deleteRef(ref: string): Promise<void> {
    await this.#git.raw(['update-ref', '-d', checked(ref)]);
  }

  async #resolve(ref: string): Promise<string | undefined> {
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

function notCommitted(error: Error): { code: string; severity: 'error'; message: string; hint: string } {
  const isNameless = /tell me who you are|empty ident/i.test(error.message);
  const message = isNameless ? 'Git does not know who commits' : `Git did not commit: ${firstLine(error.message)}`;
  const hint = isNameless ? 'git config --global user.name "..." and user.email "...", then run it again' : 'the files are written; commit them by hand';
  return { code: 'GIT_COMMIT_FAILED', severity: 'error', message, hint };
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? '';
}
