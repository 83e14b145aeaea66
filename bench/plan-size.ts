import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inScratch, type Run, runCommand, runVerb } from './scratch.ts';

const SIZED = 'practice-sized';

/** What one process used. */
export interface Usage {
  /** Seconds on a processor, the system's part included. */
  readonly cpu: number;
  /** Most MiB in memory at once. */
  readonly memory: number;
}

export interface PlanUsage {
  readonly size: number;
  /** The verb `plan` when nothing changed: manifests read and checked, the org read over loopback, both compared. Nothing subtracted. */
  readonly plan: Usage;
  /** The verb `check`: what of that is the manifests alone. */
  readonly check: Usage;
}

const sibling = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const HOOK = sibling('./usage-hook.js');

/** What Node uses to do nothing. */
export async function emptyProcess(rounds: number): Promise<Usage> {
  return inScratch(undefined, (folder) =>
    median(rounds, () => measured(folder, (words, env) => runCommand(folder, process.execPath, [...words, '-e', '0'], env))),
  );
}

/** The real CLI in a process of its own, against a sized org in another; the median of some rounds. */
export async function planUsage(size: number, rounds: number): Promise<PlanUsage> {
  const { process: org, url } = await startOrg(size);
  try {
    return await inScratch({ name: SIZED, url }, async (folder) => {
      const verb = (...words: readonly string[]) => measured(folder, (nodeWords, env) => runVerb(folder, SIZED, words, nodeWords, env));
      await verb('export', '--all', '--org', SIZED, '--quiet');
      const plan = await median(rounds, () => verb('plan', '--org', SIZED, '--quiet', '--json'));
      const check = await median(rounds, () => verb('check', '--org', SIZED, '--quiet'));
      return { size, plan, check };
    });
  } finally {
    org.kill();
  }
}

/** How fast a figure grows with the size: 1 is in proportion. Of several decades the steepest. */
export function growth(points: readonly { readonly size: number; readonly value: number }[]): number {
  const slopes = points.slice(1).map(({ size, value }, index) => {
    const before = points[index] ?? { size: 1, value: 1 };
    return Math.log(value / before.value) / Math.log(size / before.size);
  });
  return Math.max(...slopes);
}

/** A sized org in a process of its own. */
export async function startOrg(size: number): Promise<{ readonly process: ChildProcess; readonly url: string }> {
  const child = fork(sibling('./sized-emulator.js'), [String(size)], {
    execArgv: ['--max-old-space-size=4096'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [message] = (await once(child, 'message')) as [{ readonly url: string }];
  return { process: child, url: message.url };
}

/** Runs a verb to its end; throws where it fails, or where a plan has something to do, with what it said. */
export async function measured(folder: string, run: (nodeWords: readonly string[], env: NodeJS.ProcessEnv) => Promise<Run>): Promise<Usage> {
  const file = join(folder, 'usage.json');
  const { code, told, said } = await run(['--import', HOOK], { CORDBOARD_BENCH_USAGE: file });
  if (code !== 0 && !(code === 2 && isNoop(told))) throw new Error(`a verb ended with ${code}: ${said || told}`);
  const { userCPUTime, systemCPUTime, maxRSS } = JSON.parse(await readFile(file, 'utf8')) as NodeJS.ResourceUsage;
  return { cpu: (userCPUTime + systemCPUTime) / 1e6, memory: maxRSS / 1024 };
}

/** A plan of an org that was never applied to takes over what is there: nothing is pending but that. */
function isNoop(told: string): boolean {
  const totals = told
    .split('\n')
    .filter((line) => line.includes('"totals"'))
    .map((line) => JSON.parse(line) as { readonly counts: Readonly<Record<string, number>> })
    .at(-1);
  const pending = Object.entries(totals?.counts ?? { unknown: 1 }).filter(([name]) => name !== 'to adopt as they are' && name !== 'unchanged');
  return pending.every(([, count]) => count === 0);
}

async function median(rounds: number, run: () => Promise<Usage>): Promise<Usage> {
  const all: Usage[] = [];
  for (let round = 0; round < rounds; round += 1) all.push(await run());
  const middle = (values: readonly number[]) => [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
  return { cpu: middle(all.map(({ cpu }) => cpu)), memory: middle(all.map(({ memory }) => memory)) };
}
