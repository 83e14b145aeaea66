import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

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
const CLI = sibling('../scripts/cordboard.js');
const HOOK = sibling('./usage-hook.js');

/** What Node uses to do nothing. */
export async function emptyProcess(rounds: number): Promise<Usage> {
  return inScratch((folder) => median(rounds, () => measured(folder, ['-e', '0'])));
}

/** The real CLI in a process of its own, against a sized org in another; the median of some rounds. */
export async function planUsage(size: number, rounds: number): Promise<PlanUsage> {
  return inScratch(async (folder) => {
    const { process: org, url } = await startOrg(size);
    try {
      await writeFile(join(folder, 'cordboard.yaml'), `orgs:\n  practice-sized:\n    address: ${url}\n    role: practice\n`);
      const verb = (...words: readonly string[]) => measured(folder, [CLI, ...words]);
      await verb('export', '--all', '--org', 'practice-sized', '--quiet');
      const plan = await median(rounds, () => verb('plan', '--org', 'practice-sized', '--quiet', '--json'));
      const check = await median(rounds, () => verb('check', '--org', 'practice-sized', '--quiet'));
      return { size, plan, check };
    } finally {
      org.kill();
    }
  });
}

/** How fast a figure grows with the size: 1 is in proportion. Of several decades the steepest. */
export function growth(points: readonly { readonly size: number; readonly value: number }[]): number {
  const slopes = points.slice(1).map(({ size, value }, index) => {
    const before = points[index] ?? { size: 1, value: 1 };
    return Math.log(value / before.value) / Math.log(size / before.size);
  });
  return Math.max(...slopes);
}

async function startOrg(size: number): Promise<{ readonly process: ChildProcess; readonly url: string }> {
  const child = fork(sibling('./sized-emulator.js'), [String(size)], {
    execArgv: ['--max-old-space-size=4096'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [message] = (await once(child, 'message')) as [{ readonly url: string }];
  return { process: child, url: message.url };
}

/** Runs Node to its end; throws where it fails, with what it said. */
async function measured(folder: string, words: readonly string[]): Promise<Usage> {
  const file = join(folder, 'usage.json');
  const env = {
    ...process.env,
    CORDBOARD_BENCH_USAGE: file,
    GENESYS_CLOUD_OAUTH_CLIENT_ID: 'practice-sized',
    GENESYS_CLOUD_OAUTH_CLIENT_SECRET: 'practice-sized-secret',
    NO_COLOR: '1',
  };
  const child = spawn(process.execPath, ['--import', HOOK, ...words], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [told, said] = ['', ''];
  child.stdout.on('data', (text: Buffer) => {
    told = `${told}${text}`.slice(-4_000);
  });
  child.stderr.on('data', (text: Buffer) => {
    said = `${said}${text}`.slice(-4_000);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0 && !(code === 2 && isNoop(told))) throw new Error(`${words.slice(1).join(' ')} ended with ${code}: ${said || told}`);
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

async function inScratch<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'cordboard-bench-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
