/** `npm run simulate`: lives of many seeds in worker processes; see docs/reliability.md. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CORPUS } from './corpus.ts';
import { HOSTILE } from './faults.ts';
import { live } from './life.ts';
import { mutantTable, runMutants } from './mutant-run.ts';
import { killEverywhere, killTwice } from './pairs.ts';
import { runShards } from './run-shards.ts';
import { fileOf, openShard, partsOf, type Shard, shardOf, sumShards } from './shard.ts';
import { add, describeTotals, isClean, lastLine, liveAll, noTotals, type Totals } from './totals.ts';

const USAGE = `npm run simulate -- [--runs N] [--seed S] [--shard i/n or i-j/n] [--out file] [--workers W]
                        --trace --seed S --runs 1     every event of one run, the same bytes each time
                        --sum file...                 totals of shards together
                        --pairs STEPS                 every kill, and every pair of kills, of a plan of 4 or 10 steps
                        --mutants                     rules of the protocol left out one by one
                        --real N                      N real kill -9 of the built command over HTTP`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    shard: { type: 'string' },
    out: { type: 'string' },
    workers: { type: 'string', default: '2' },
    trace: { type: 'boolean', default: false },
    sum: { type: 'boolean', default: false },
    mutants: { type: 'boolean', default: false },
    pairs: { type: 'string' },
    real: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

async function main(): Promise<number> {
  if (values.help) return say(USAGE);
  if (values.sum) return sum(positionals);
  if (values.mutants) return mutants();
  if (values.real !== undefined) return real(wholeNumber('real', values.real));
  if (values.pairs !== undefined) return pairs(values.pairs);
  const [runs, seed] = [wholeNumber('runs', values.runs), wholeNumber('seed', values.seed)];
  if (values.trace) return trace(seed, runs);
  const parts = partsOf(values.shard).map((part) => ({ part, file: fileOf(values.out, part) }));
  const kept = parts.map(({ part, file }) => ({ shard: openShard(shardOf(seed, runs, part), file), file }));
  const corpus = await liveAll(CORPUS.map((one) => one.seed));
  for (const line of isClean(corpus) ? [] : describeTotals(corpus)) say(`corpus: ${line}`);
  await runShards(kept, { workers: wholeNumber('workers', values.workers), commit: commit() });
  const totals = noTotals();
  for (const { shard } of kept) add(totals, shard.totals);
  return end(totals, corpus.failed);
}

function end(totals: Totals, remembered: Totals['failed'] = []): number {
  for (const line of describeTotals(totals)) say(line);
  if (!isClean(totals)) say(`seeds that failed: ${totals.failed.map(({ seed }) => seed).join(' ')}`);
  if (remembered.length > 0) say(`seeds of the corpus that failed again: ${remembered.map(({ seed }) => seed).join(' ')}`);
  say(lastLine(totals));
  return isClean(totals) && remembered.length === 0 ? 0 : 1;
}

async function trace(seed: number, runs: number): Promise<number> {
  let isAllClean = true;
  for (let at = seed; at < seed + runs; at += 1) {
    const { findings } = await live({ seed: at, hostility: HOSTILE, trace: (line) => void say(line) });
    isAllClean &&= findings.length === 0;
  }
  return isAllClean ? 0 : 1;
}

function sum(files: readonly string[]): number {
  const { totals, missing, commits } = sumShards(files.map((file) => JSON.parse(readFileSync(file, 'utf8')) as Shard));
  for (const range of missing) say(`not run yet: seeds ${range}`);
  say(commits.length === 1 ? `commit ${commits[0]}` : `made at ${commits.length} commits, which may have lived otherwise: ${commits.join(' ')}`);
  return Math.max(end(totals), missing.length > 0 ? 1 : 0);
}

async function mutants(): Promise<number> {
  const rows = await runMutants(({ rule, caughtBy }) => void process.stderr.write(`${caughtBy === undefined ? 'SURVIVED' : 'caught'}: ${rule}\n`));
  for (const line of mutantTable(rows)) say(line);
  const survivors = rows.filter(({ caughtBy }) => caughtBy === undefined).length;
  say(`mutants ${rows.length} survived ${survivors}`);
  return survivors === 0 ? 0 : 1;
}

/** The journey of real kills, with more of them: the built command, real files, real HTTP. */
function real(kills: number): number {
  const words = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js', 'tests/journeys/kills'];
  const { status } = spawnSync(process.execPath, words, { env: { ...process.env, KILLS: String(kills) }, stdio: 'inherit' });
  return status ?? 1;
}

async function pairs(text: string): Promise<number> {
  if (text !== '4' && text !== '10') throw new Error(`--pairs takes 4 or 10, not "${text}"`);
  const steps = text === '4' ? 4 : 10;
  const singles = await killEverywhere(steps);
  const onFirst = (first: number, calls: number) => void process.stderr.write(`${first} of ${calls}\n`);
  const doubles = await killTwice(steps, onFirst);
  for (const line of [...singles.bad, ...doubles.bad]) say(line);
  say(`steps ${steps} calls ${singles.calls} kills ${singles.lives} pairs ${doubles.lives} bad ${singles.bad.length + doubles.bad.length}`);
  return singles.bad.length + doubles.bad.length === 0 ? 0 : 1;
}

/** Of a work tree that differs from it, it says so. */
function commit(): string {
  const git = (...words: string[]) => execFileSync('git', words, { encoding: 'utf8' }).trim();
  return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--untracked-files=no') === '' ? '' : '-changed'}`;
}

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`--${name} takes a whole number, not "${text}"`);
  return Number(text);
}

function say(line: string): number {
  process.stdout.write(`${line}\n`);
  return 0;
}

process.exitCode = await main();
