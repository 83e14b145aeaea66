import { spawn } from 'node:child_process';
import { MUTANTS } from './mutants.mjs';

/** Lives until the first that shows the missing rule; kills first where a rule is about them. */
const LIVES = 3_000;
const ROOT = new URL('../../', import.meta.url).pathname;

export interface MutantRow {
  readonly rule: string;
  readonly file: string;
  readonly caughtBy: string | undefined;
}

/** Leaves each rule out in turn and says what noticed. */
export async function runMutants(tell: (row: MutantRow) => void): Promise<readonly MutantRow[]> {
  const rows: MutantRow[] = [];
  for (const [index, { rule, file, by }] of MUTANTS.entries()) {
    const caughtBy = by.startsWith('tests/') ? await byTests(index, by) : await byLives(index, by);
    const row = { rule, file, caughtBy };
    rows.push(row);
    tell(row);
  }
  return rows;
}

async function byLives(index: number, by: string): Promise<string | undefined> {
  const { code, out } = await run(['--import', './tests/simulation/from-source.mjs', 'tests/simulation/hunt.ts', by, String(LIVES)], index);
  if (code !== 0 && code !== 2) throw new Error(`the hunt for mutant ${index} ended with ${code}: ${out.slice(-2_000)}`);
  return code === 2 ? out.trim().split('\n').at(-1) : undefined;
}

async function byTests(index: number, folder: string): Promise<string | undefined> {
  const words = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js', '--config', 'tests/simulation/jest.mutant.config.mjs', folder];
  const { code, out } = await run(words, index);
  if (code === 0) return undefined;
  const name = /●\s+(?!Console)(.+)/.exec(out)?.[1];
  if (name === undefined || /Test suite failed to run/.test(out)) throw new Error(`the tests of mutant ${index} did not run: ${out.slice(-2_000)}`);
  return `test "${name.trim()}"`;
}

function run(words: readonly string[], index: number): Promise<{ readonly code: number | null; readonly out: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, words, { cwd: ROOT, env: { ...process.env, CORDBOARD_MUTANT: String(index) }, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        out += chunk.toString();
      });
    child.on('close', (code) => resolve({ code, out }));
  });
}

/** The table of `docs/reliability.md`. */
export function mutantTable(rows: readonly MutantRow[]): string[] {
  return ['| rule left out | caught by |', '| --- | --- |', ...rows.map(({ rule, caughtBy }) => `| ${rule} | ${caughtBy ?? '**survived**'} |`)];
}
