import { Refused } from '../../state/problem.ts';
import type { World } from '../world.ts';

/** One apply per org on this machine. Whoever holds it asks `guard` right before every request that writes. */
export interface Lock {
  /** Rejects with `LockLost` once another process has taken the lock over; then nothing more may be written. */
  guard(): Promise<void>;
  /** Gives the lock back; what another process took over stays as it is. */
  release(): Promise<void>;
}

/** Another process took the lock of a holder that seemed dead: this one. It writes nothing more. */
export class LockLost extends Error {
  readonly code = 'LOCK_LOST';

  constructor(file: string) {
    super(`the lock '${file}' was taken over by another apply while this one stood still; nothing more is written, run the plan again`);
    this.name = 'LockLost';
  }
}

/**
 * A world that sends nothing but reads once the lock is lost: asked before every single request, since between two of one step a process may
 * stand still, wait for its turn or look something up, for longer than its lock holds.
 */
export function fenced(world: World, lock: Pick<Lock, 'guard'>): World {
  return {
    ...world,
    http: async (request) => {
      if (request.method !== 'GET' && request.method !== 'HEAD') await lock.guard();
      return world.http(request);
    },
  };
}

interface Claim {
  readonly nonce: string;
  readonly process?: number;
  readonly at: number;
}

/** A holder that has not shown itself for so long may be taken over, even where its process seems to live (stopped, or its number used again). */
const LEASE = 120_000;
const HEARTBEAT = 20_000;

/**
 * Claims the lock in `folder`, or throws `Refused` with holder and age where another apply is at work.
 *
 * The lock is a file that must not exist yet (`lock`). A stale one is not removed but succeeded: `lock-<its nonce>` is claimed in the same way, so
 * of two successors one wins. Who holds the lock is found by following that chain from `lock` to its end. Giving back removes `lock` first;
 * the successors' names are of use to nobody after that. A heartbeat file of its own, written by nobody else, tells a live holder's age.
 */
export async function claimLock(world: World, folder: string): Promise<Lock> {
  const mine: Claim = {
    nonce: makeNonce(world),
    at: world.clock.now(),
    ...(world.processes === undefined ? {} : { process: world.processes.self }),
  };
  for (let tries = 0; tries < 100; tries += 1) {
    const chain = await readChain(world, folder);
    const holder = chain.at(-1);
    if (holder !== undefined) await refuseIfAlive(world, folder, holder.claim);
    if (await world.disk.claim(nextFile(folder, holder?.claim), JSON.stringify(mine))) return new FileLock(world, folder, mine);
  }
  throw new Error(`the lock in '${folder}' changes hands all the time`);
}

/** Why the heartbeat ends. One constant: an abort without a reason makes an error with a stack, which is dear. */
const RELEASED = 'the lock was given back';

class FileLock implements Lock {
  private readonly world: World;
  private readonly folder: string;
  private readonly mine: Claim;
  private readonly stop = new AbortController();

  constructor(world: World, folder: string, mine: Claim) {
    this.world = world;
    this.folder = folder;
    this.mine = mine;
    this.beat().catch(() => undefined);
  }

  async guard(): Promise<void> {
    const chain = await readChain(this.world, this.folder);
    if (chain.at(-1)?.claim.nonce !== this.mine.nonce) throw new LockLost(`${this.folder}/lock`);
  }

  async release(): Promise<void> {
    this.stop.abort(RELEASED);
    const chain = await readChain(this.world, this.folder);
    if (chain.at(-1)?.claim.nonce === this.mine.nonce) {
      for (const { file } of chain) await this.world.disk.remove(file);
    }
    await this.world.disk.remove(beatFile(this.folder, this.mine));
  }

  private async beat(): Promise<void> {
    while (!this.stop.signal.aborted) {
      await this.world.clock.sleep(HEARTBEAT, this.stop.signal);
      await this.world.disk.replace(beatFile(this.folder, this.mine), String(this.world.clock.now()));
    }
  }
}

async function refuseIfAlive(world: World, folder: string, holder: Claim): Promise<void> {
  const isGone = holder.process !== undefined && world.processes !== undefined && !world.processes.isAlive(holder.process);
  if (isGone) return;
  const seen = Math.max(holder.at, Number(await readText(world, beatFile(folder, holder))) || 0);
  if (world.clock.now() - seen > LEASE) return;
  const age = Math.max(0, Math.round((world.clock.now() - holder.at) / 1000));
  throw new Refused(
    [
      {
        code: 'LOCKED',
        severity: 'error',
        message: `another apply to this org is at work${holder.process === undefined ? '' : ` (process ${holder.process})`}, started ${age} s ago`,
        hint: 'wait for it or stop it, then run this again',
        place: { file: `${folder}/lock` },
      },
    ],
    1,
  );
}

/** From `lock` along its successors; the last one holds the lock. */
async function readChain(world: World, folder: string): Promise<{ file: string; claim: Claim }[]> {
  const chain: { file: string; claim: Claim }[] = [];
  for (let file = nextFile(folder, undefined); ; ) {
    const text = await readText(world, file);
    if (text === undefined) return chain;
    const claim = readClaim(text, file);
    chain.push({ file, claim });
    file = nextFile(folder, claim);
  }
}

function nextFile(folder: string, holder: Claim | undefined): string {
  return holder === undefined ? `${folder}/lock` : `${folder}/lock-${holder.nonce}`;
}

function beatFile(folder: string, claim: Claim): string {
  return `${folder}/beat-${claim.nonce}`;
}

/** A claim that was cut off while it was written belongs to a process that died, or that is about to finish writing it. */
function readClaim(text: string, file: string): Claim {
  try {
    const claim = JSON.parse(text) as Partial<Claim>;
    if (typeof claim.nonce === 'string' && /^[0-9a-f]+$/.test(claim.nonce) && typeof claim.at === 'number') return claim as Claim;
  } catch {}
  return { nonce: `cut${file.length}`, at: 0 };
}

async function readText(world: World, file: string): Promise<string | undefined> {
  try {
    return new TextDecoder().decode(await world.disk.read(file));
  } catch (failure) {
    if ((failure as { code?: unknown }).code === 'ENOENT') return undefined;
    throw failure;
  }
}

function makeNonce(world: World): string {
  return Array.from({ length: 16 }, () =>
    Math.floor(world.chance() * 256)
      .toString(16)
      .padStart(2, '0'),
  ).join('');
}
