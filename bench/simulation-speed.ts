import { cpus } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './scratch.ts';

/** `dist/bench` as it runs; the simulation runs from the sources. */
const ROOT = join(import.meta.dirname, '../..');

export interface SimulationSpeed {
  /** Simulated lives a second, on each of the processors. */
  readonly perCore: number;
  readonly cores: number;
  /** The last line of the longer run. */
  readonly said: string;
}

/** Time of the lives behind the first ones, which pay for start and warm-up: a worker process a processor, the same seeds in both runs. */
export async function simulationSpeed(first: number, more: number): Promise<SimulationSpeed> {
  const cores = cpus().length;
  const short = await timed(first, cores);
  const long = await timed(first + more, cores);
  return { perCore: more / (long.seconds - short.seconds) / cores, cores, said: long.said };
}

async function timed(runs: number, workers: number): Promise<{ readonly seconds: number; readonly said: string }> {
  const words = ['--import', './tests/simulation/from-source.mjs', 'tests/simulation/run.ts', '--runs', String(runs), '--workers', String(workers)];
  const started = performance.now();
  const { code, told, said } = await runCommand(ROOT, process.execPath, words);
  const last = told.trimEnd().split('\n').at(-1) ?? '';
  if (code !== 0) throw new Error(`the simulation ended with ${code}: ${last} ${said}`);
  return { seconds: (performance.now() - started) / 1_000, said: last };
}
