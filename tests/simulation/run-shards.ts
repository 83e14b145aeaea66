import { fork } from 'node:child_process';
import { Intake, keepShard, type Shard } from './shard.ts';
import { lastLine, type Totals } from './totals.ts';

/** A shard, and the file that it is kept in. */
interface Kept {
  readonly shard: Shard;
  readonly file: string | undefined;
}

/** Seeds that a process lives at a time. */
interface Block extends Kept {
  readonly intake: Intake;
  readonly from: number;
  readonly to: number;
}

/** What a worker says: the seed that it begins, or what a block came to. */
type Said = { readonly at: number } | { readonly from: number; readonly to: number; readonly totals: Totals };

const BLOCK = 100;
/** Lives leave much behind that is soon forgotten; room for it saves a tenth of the time. */
const ROOMY = '--max-semi-space-size=128';

/**
 * Lives all seeds of the shards that are not done yet, one shard after the other, in so many processes: the same ones to the end, since a new one
 * lives half as fast until its code is warm. Rejects where a seed does not end, or a process dies.
 */
export async function runShards(shards: readonly Kept[], { workers, commit }: { readonly workers: number; readonly commit: string }): Promise<void> {
  const progress = new Progress(shards);
  const blocks = blocksOf(shards, commit);
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      let block = blocks.next().value;
      if (block === undefined) return resolve();
      const worker = fork(new URL('worker.ts', import.meta.url), { execArgv: [...process.execArgv, ROOMY] });
      const give = (): void => {
        if (block === undefined) return void worker.disconnect();
        worker.send({ from: block.from, to: block.to });
      };
      const watch = new Watch((seed) => {
        worker.kill('SIGKILL');
        reject(new Error(`seed ${seed} did not end within ${HANGS / 1_000} s: --trace --seed ${seed} --runs 1`));
      });
      worker.on('message', (said: Said) => {
        if ('at' in said) return watch.begin(said.at);
        watch.end();
        if (block !== undefined) takeIn(block, said.totals);
        progress.tell();
        block = blocks.next().value;
        give();
      });
      worker.on('error', reject);
      worker.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))));
      give();
    });
  await Promise.all(Array.from({ length: workers }, work));
}

function* blocksOf(shards: readonly Kept[], commit: string): Generator<Block, undefined> {
  for (const { shard, file } of shards) {
    if (shard.next < shard.to && shard.commits.at(-1) !== commit) shard.commits.push(commit);
    const intake = new Intake(shard);
    for (let from = shard.next; from < shard.to; from += BLOCK) yield { shard, file, intake, from, to: Math.min(shard.to, from + BLOCK) };
  }
}

function takeIn({ shard, file, intake, from, to }: Block, totals: Totals): void {
  intake.take(from, to, totals);
  keepShard(shard, file);
  if (shard.next < shard.to || file === undefined) return;
  const failed = shard.totals.failed.map(({ seed }) => seed);
  process.stderr.write(`${file}: ${lastLine(shard.totals)}${failed.length === 0 ? '' : `, seeds that failed: ${failed.join(' ')}`}\n`);
}

/** A life takes some hundredths of a second. */
const HANGS = 120_000;

/** Bites where a seed is at work for far too long. */
class Watch {
  private readonly bite: (seed: number) => void;
  private timer: NodeJS.Timeout | undefined;

  constructor(bite: (seed: number) => void) {
    this.bite = bite;
  }

  begin(seed: number): void {
    this.end();
    this.timer = setTimeout(() => this.bite(seed), HANGS);
  }

  end(): void {
    clearTimeout(this.timer);
  }
}

/** A line about every ten seconds. */
class Progress {
  private readonly shards: readonly Kept[];
  private readonly started = performance.now();
  private readonly had: number;
  private readonly all: number;
  private told = performance.now();

  constructor(shards: readonly Kept[]) {
    this.shards = shards;
    this.had = this.runs();
    this.all = shards.reduce((sum, { shard }) => sum + shard.to - shard.from, 0);
  }

  tell(): void {
    const now = performance.now();
    if (now - this.told < 10_000) return;
    this.told = now;
    const runs = this.runs();
    const speed = ((runs - this.had) / (now - this.started)) * 1_000;
    const minutes = (this.all - runs) / Math.max(speed, 0.01) / 60;
    const failed = this.shards.reduce((sum, { shard }) => sum + shard.totals.failed.length, 0);
    process.stderr.write(`${runs} of ${this.all} runs, ${speed.toFixed(0)} runs/s, ${minutes.toFixed(0)} min left, ${failed} failed\n`);
  }

  private runs(): number {
    return this.shards.reduce((sum, { shard }) => sum + shard.totals.runs, 0);
  }
}
