import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { type Measure, type Row, tableOf } from './measure.ts';
import { pacingRows, planRows, recordRows, replanRows, requestRows, restoreTimeRows, simulationRows, threeWayRows, writeRows } from './rows.ts';

const HELP = `npm run bench [-- --quick] [-- --only <part>]

Measures Cordboard against what is possible at best, prints a table and writes bench/results/latest.json.
A measure that misses its target is marked with "!"; the exit code is 0 all the same: it says that everything was measured.

  --quick        smaller sizes, in a minute or two; prints the table and writes no file
  --only <part>  requests, writes, pacing, restore, records, replan, plan, three-way or simulation; prints that part of the table and renews its entries in the file
`;

/** `dist/bench` as it runs, `bench` of the repository as it is kept. */
const RESULTS = join(import.meta.dirname, '../..', 'bench/results');

interface Part {
  readonly name: string;
  readonly says: string;
  readonly run: (isQuick: boolean) => Promise<readonly Row[]>;
}

const PARTS: readonly Part[] = [
  { name: 'requests', says: 'requests of export, plan and drift', run: (isQuick) => requestRows(isQuick ? 500 : 2_000) },
  { name: 'writes', says: 'write requests of a restore', run: () => writeRows() },
  { name: 'pacing', says: 'pacing', run: (isQuick) => pacingRows(isQuick ? [1] : [1, 2, 3, 4, 5]) },
  { name: 'restore', says: 'restores on a virtual clock', run: (isQuick) => restoreTimeRows(isQuick ? 1_000 : 10_000) },
  { name: 'records', says: 'what an apply writes down', run: (isQuick) => recordRows(isQuick ? [500, 2_000] : [1_000, 10_000], 100) },
  { name: 'replan', says: 'a plan made again', run: (isQuick) => replanRows(isQuick ? 2_000 : 100_000) },
  {
    name: 'plan',
    says: 'plans by size',
    run: (isQuick) => planRows(isQuick ? [500, 2_000] : [1_000, 10_000, 100_000], (size) => (isQuick || size > 10_000 ? 1 : 3), say),
  },
  { name: 'three-way', says: 'exports over a tree that was applied', run: (isQuick) => threeWayRows(isQuick ? 2_000 : 100_000, isQuick ? 3 : 1) },
  { name: 'simulation', says: 'simulated lives', run: (isQuick) => simulationRows(isQuick ? 200 : 2_000, isQuick ? 400 : 4_000) },
];

function say(text: string): void {
  process.stderr.write(`> ${text}\n`);
}

async function main(words: readonly string[]): Promise<number> {
  const only = words.includes('--only') ? words[words.indexOf('--only') + 1] : undefined;
  const parts = words.includes('--only') ? PARTS.filter(({ name }) => name === only) : PARTS;
  const isKnown = words.every((word) => ['--quick', '--only'].includes(word) || word === only);
  if (words.includes('--help') || parts.length === 0 || !isKnown) {
    process.stdout.write(HELP);
    return words.includes('--help') ? 0 : 3;
  }
  const isQuick = words.includes('--quick');
  const rows: Row[] = [];
  for (const { says, run } of parts) {
    say(says);
    rows.push(...(await run(isQuick)));
  }
  const missed = rows.filter(({ met }) => !met).length;
  process.stdout.write(`${tableOf(rows)}\n\n${rows.length} measures, ${missed} missed; Node ${process.version}, ${cpus().length} processors\n`);
  if (!isQuick) await keep(rows, parts === PARTS);
  return 0;
}

/** Every measure is a ratio or a figure within its own part of the run, so a part may be renewed by itself. */
async function keep(rows: readonly Row[], isWhole: boolean): Promise<void> {
  const file = join(RESULTS, 'latest.json');
  const fresh = rows.map(({ id, measure, value, target, met }): Measure => ({ id, measure, value, target, met }));
  const old = isWhole ? [] : await readMeasures(file);
  const known = new Set(old.map(({ id }) => id));
  const renewed = old.map((measure) => fresh.find(({ id }) => id === measure.id) ?? measure);
  await mkdir(RESULTS, { recursive: true });
  await writeFile(`${file}.new`, `${JSON.stringify([...renewed, ...fresh.filter(({ id }) => !known.has(id))], null, 2)}\n`);
  await rename(`${file}.new`, file);
}

async function readMeasures(file: string): Promise<readonly Measure[]> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as readonly Measure[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

process.exitCode = await main(process.argv.slice(2));
