import { spawn } from 'node:child_process';
import { type Problem, Refused } from '../../state/problem.ts';

/** What a person's own Git set-up may say; every other GIT_ variable is dropped, so that a hook that runs us does not lead us elsewhere. */
export const ALLOWED = [
  'GIT_AUTHOR_NAME',
  'GIT_AUTHOR_EMAIL',
  'GIT_AUTHOR_DATE',
  'GIT_COMMITTER_NAME',
  'GIT_COMMITTER_EMAIL',
  'GIT_COMMITTER_DATE',
  'GIT_CONFIG_GLOBAL',
  'GIT_CONFIG_NOSYSTEM',
];

/** Git ended with another code than 0. */
export class GitFailed extends Error {
  readonly code: number | null;
  constructor(code: number | null, said: string) {
    super(said.trim() === '' ? `Git ended with ${code}` : said.trim());
    this.name = 'GitFailed';
    this.code = code;
  }
}

export interface GitRun {
  readonly folder: string;
  readonly input?: Uint8Array | string;
  /** Another index than the person's own. */
  readonly index?: string;
}

/** The person's environment, without what would lead Git elsewhere; English, and asking nothing. */
export function gitEnvironment(index?: string): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_') || ALLOWED.includes(name));
  return { ...Object.fromEntries(own), LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', ...(index === undefined ? {} : { GIT_INDEX_FILE: index }) };
}

/** Runs Git without a shell; what it prints, or `GitFailed` with what it said. */
export function runGit({ folder, input, index }: GitRun, words: readonly string[]): Promise<Buffer> {
  return new Promise((settle, reject) => {
    const child = spawn('git', words, { cwd: folder, env: gitEnvironment(index), stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const said: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
    child.on('error', reject);
    // A Git that ends early does not read what is still to come.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.on('close', (code) => {
      if (code === 0) settle(Buffer.concat(out));
      else reject(new GitFailed(code, Buffer.concat([...said, ...out]).toString('utf8')));
    });
  });
}

/** The same, as the one line that it prints; undefined where it says no. */
export async function askGit(run: GitRun, words: readonly string[]): Promise<string | undefined> {
  try {
    return (await runGit(run, words)).toString('utf8').trim();
  } catch (error) {
    if (error instanceof GitFailed) return undefined;
    throw error;
  }
}

/** What went wrong in Git, in the words of who has to mend it. */
export function gitRefusal(error: Error, otherwise: Omit<Problem, 'severity'>): Refused {
  const lock = /Unable to create '([^']+\.lock)': File exists/i.exec(error.message)?.[1];
  if (lock !== undefined) {
    return refused(
      'GIT_LOCKED',
      `another Git process is at work in this repository, or one was killed: "${lock}" is there`,
      `if none runs any more: rm "${lock}"`,
    );
  }
  if (/cannot lock ref|reference already exists|incorrect old value/i.test(error.message))
    return refused('GIT_MOVED', `somebody else wrote to the repository at the same time: ${firstLine(error.message)}`, 'look with git log, then run it again');
  if (/tell me who you are|empty ident|identity unknown/i.test(error.message))
    return refused('GIT_COMMIT_FAILED', 'Git does not know who commits', 'git config --global user.name "..." and user.email "...", then run it again');
  return new Refused([{ severity: 'error', ...otherwise, message: `${otherwise.message}: ${firstLine(error.message)}` }], 1);
}

function refused(code: string, message: string, hint: string): Refused {
  return new Refused([{ code, severity: 'error', message, hint }], 1);
}

const LAST_LINES = 3;

/** The last lines of what a hook said: there it says why. */
export function lastLines(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(-LAST_LINES).join(' / ').slice(0, 300);
}

/** The first line that says something. */
export function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? '';
}
