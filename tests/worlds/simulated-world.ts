import { type Clock, type Http, type HttpAnswer, HttpFailure, type HttpRequest, type World } from '../../providers/world.ts';
import { SimulatedDisk } from './simulated-disk.ts';

/** The process of a simulation was killed while it worked. */
export class Killed extends Error {
  constructor() {
    super('the simulated process was killed');
    this.name = 'Killed';
  }
}

export interface SimulatedWorldOptions {
  /** Everything random in this world follows from it. */
  readonly seed: number;
  /** The servers of this world; may also be set later with `connect`, for servers that need the world's clock. */
  readonly http?: Http;
  /** Wall clock at the start. */
  readonly now?: number;
}

/**
 * A world with a virtual clock: a sleep takes no real time. Time moves to the next sleeper only when everything else waits.
 * One simulated process at a time: `kill` freezes it for good (none of its calls ever returns), `boot` starts the next on the same disk.
 */
export interface SimulatedWorld extends World {
  readonly files: SimulatedDisk;
  connect(http: Http): void;
  /** A sleep of the world itself, which no end of a process ends. */
  wait(milliseconds: number): Promise<void>;
  /** Drives virtual time until `work` settles. Rejects with `Killed` where the process was killed meanwhile. */
  run<T>(work: Promise<T>): Promise<T>;
  /** A world for the next process; what the last one left running is frozen. */
  boot(): World;
  /** A world for one more process, beside the one at work. `stand` stops and resumes it; `end` freezes it for good. */
  beside(): { readonly world: World; readonly stand: (isStill: boolean) => void; readonly end: () => void };
  /** Stops or resumes the process of the last `boot`: no call of it returns while it stands still. */
  stand(isStill: boolean): void;
  /** Nothing of the current process goes on. */
  kill(): void;
  /** `kill`, and the disk loses what was not synced. */
  losePower(): void;
  /** Wall clock jumps; waits and deadlines do not notice. */
  setNow(milliseconds: number): void;
  /** Runs at every call to disk and HTTP, counted from 1 over the whole simulation: the place to kill. */
  onCall: (index: number, what: string) => void;
}

interface Sleeper {
  readonly due: number;
  readonly order: number;
  readonly wake: () => void;
  /** The sleep was given up: nobody waits for it, so time does not move for it. */
  isVoid: boolean;
}

/** A world whose time, chance, disk and HTTP are simulated; the same seed gives the same run. Long, since its processes share one state. */
export function makeSimulatedWorld(options: SimulatedWorldOptions): SimulatedWorld {
  const chance = makeChance(options.seed);
  const time = new VirtualTime(options.now ?? Date.UTC(2026, 0, 5, 9));
  const files = new SimulatedDisk(makeChance(options.seed ^ 0x5bd1e995));
  let http: Http = options.http ?? noServer;
  let alive = makeLife();
  let calls = 0;
  const simulation: { onCall: SimulatedWorld['onCall'] } = { onCall: () => undefined };

  const worldOf = (life: Life): World => {
    const guard = async <T>(work: () => Promise<T>): Promise<T> => settleWhile(life, work);
    const counted = (what: string) => {
      calls += 1;
      simulation.onCall(calls, what);
    };
    return {
      chance,
      clock: { now: time.now, ticks: time.ticks, sleep: (milliseconds, signal) => guard(() => time.sleep(milliseconds, signal)) },
      disk: files.open(async (work, kind) => {
        if (life.isAlive) counted(`disk ${kind}`);
        return guard(work);
      }),
      http: (request) => {
        if (life.isAlive) counted(`${request.method} ${request.url}`);
        return guard(() => exchange(http, time, request));
      },
    };
  };
  const boot = (): World => {
    alive.isAlive = false;
    alive = makeLife();
    return worldOf(alive);
  };
  const kill = (): void => {
    alive.isAlive = false;
    alive.killed.reject(new Killed());
  };

  let world = boot();
  return {
    clock: { now: () => time.now(), ticks: () => time.ticks(), sleep: (milliseconds, signal) => world.clock.sleep(milliseconds, signal) },
    chance,
    disk: delegatingDisk(() => world.disk),
    http: (request) => world.http(request),
    files,
    connect: (next) => {
      http = next;
    },
    wait: (milliseconds) => time.sleep(milliseconds),
    run: (work) => time.drive(Promise.race([work, alive.killed.promise])),
    boot: () => {
      world = boot();
      return world;
    },
    beside: () => {
      const life = makeLife();
      return {
        world: worldOf(life),
        stand: (isStill) => stand(life, isStill),
        end: () => {
          life.isAlive = false;
        },
      };
    },
    stand: (isStill) => stand(alive, isStill),
    kill,
    losePower: () => {
      kill();
      files.losePower();
    },
    setNow: (milliseconds) => time.setNow(milliseconds),
    get onCall() {
      return simulation.onCall;
    },
    set onCall(next) {
      simulation.onCall = next;
    },
  };
}

/** Seeded numbers in [0, 1) (mulberry32). */
export function makeChance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Virtual time: a heap of sleepers, woken one by one once nothing else can run. */
class VirtualTime {
  private passed = 0;
  private started: number;
  private order = 0;
  private readonly heap: Sleeper[] = [];

  constructor(started: number) {
    this.started = started;
  }

  readonly now: Clock['now'] = () => this.started + this.passed;
  readonly ticks: Clock['ticks'] = () => this.passed;

  setNow(milliseconds: number): void {
    this.started = milliseconds - this.passed;
  }

  /** Calls back after a time, unless it is made void before. */
  wake(milliseconds: number, wake: () => void): Sleeper {
    this.order += 1;
    const sleeper: Sleeper = { due: this.passed + Math.max(0, milliseconds), order: this.order, wake, isVoid: false };
    push(this.heap, sleeper);
    return sleeper;
  }

  readonly sleep: Clock['sleep'] = (milliseconds, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      this.order += 1;
      const sleeper: Sleeper = { due: this.passed + Math.max(0, milliseconds), order: this.order, wake: () => wake(), isVoid: false };
      const stop = () => {
        sleeper.isVoid = true;
        reject(signal?.reason);
      };
      const wake = () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      };
      signal?.addEventListener('abort', stop, { once: true });
      push(this.heap, sleeper);
    });

  async drive<T>(work: Promise<T>): Promise<T> {
    let isSettled = false;
    const settled = work.finally(() => {
      isSettled = true;
    });
    settled.catch(() => undefined);
    for (let idle = 0; ; ) {
      await new Promise((resolve) => setImmediate(resolve));
      if (isSettled) return settled;
      let next = pop(this.heap);
      while (next?.isVoid) next = pop(this.heap);
      if (next !== undefined) {
        this.passed = Math.max(this.passed, next.due);
        next.wake();
        idle = 0;
      } else {
        idle += 1;
        if (idle > 100) await new Promise((resolve) => setTimeout(resolve, 1));
        if (idle > 5_000) throw new Error('the simulation stands still: nobody sleeps and the work has not ended');
      }
    }
  }
}

/** One exchange with the deadline, the byte limit and the signal that a real client would keep. */
function exchange(http: Http, time: VirtualTime, request: HttpRequest): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const onAbort = () => end(() => reject(new HttpFailure('ABORTED', 'the request was given up', true, request.signal?.reason)));
    const onExpiry = () => end(() => reject(new HttpFailure('TIMEOUT', `no answer within ${request.deadline} ms`, true)));
    const expiry = time.wake(request.deadline, onExpiry);
    const end = (settle: () => void) => {
      expiry.isVoid = true;
      request.signal?.removeEventListener('abort', onAbort);
      settle();
    };
    if (request.signal?.aborted) return onAbort();
    request.signal?.addEventListener('abort', onAbort, { once: true });
    http(request).then(
      (answer) => end(() => (answer.body.length > request.maxBytes ? reject(tooLarge(request)) : resolve(answer))),
      (failure) => end(() => reject(failure)),
    );
  });
}

function tooLarge({ maxBytes }: HttpRequest): HttpFailure {
  return new HttpFailure('TOO_LARGE', `the answer is longer than ${maxBytes} bytes`, true);
}

interface Life {
  isAlive: boolean;
  readonly killed: { readonly promise: Promise<never>; readonly reject: (reason: unknown) => void };
  /** What waits to be told to a process that stands still. */
  held: (() => void)[] | undefined;
}

function makeLife(): Life {
  const life: Life = { isAlive: true, killed: deferred<never>(), held: undefined };
  life.killed.promise.catch(() => undefined);
  return life;
}

function stand(life: Life, isStill: boolean): void {
  const { held } = life;
  life.held = isStill ? (held ?? []) : undefined;
  if (!isStill) for (const tell of held ?? []) tell();
}

/** Work of one process: once the process is dead, nothing of it starts or returns; while it stands still, nothing returns. */
function settleWhile<T>(life: Life, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    if (!life.isAlive) return;
    const tell = (settle: () => void): void => {
      if (life.held !== undefined) life.held.push(() => tell(settle));
      else if (life.isAlive) settle();
    };
    work().then(
      (value) => tell(() => resolve(value)),
      (reason) => tell(() => reject(reason)),
    );
  });
}

function delegatingDisk(disk: () => World['disk']): World['disk'] {
  return {
    read: (path) => disk().read(path),
    list: (path) => disk().list(path),
    kind: (path) => disk().kind(path),
    replace: (path, content, options) => disk().replace(path, content, options),
    remove: (path) => disk().remove(path),
    claim: (path, content) => disk().claim(path, content),
    openLog: (path) => disk().openLog(path),
  };
}

const noServer: Http = async (request) => {
  throw new HttpFailure('REFUSED', `nothing listens at ${request.url}`, false);
};

function deferred<T>(): { promise: Promise<T>; reject: (reason: unknown) => void } {
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<T>((_, rejects) => {
    reject = rejects;
  });
  return { promise, reject };
}

function isBefore(left: Sleeper, right: Sleeper): boolean {
  return left.due < right.due || (left.due === right.due && left.order < right.order);
}

function push(heap: Sleeper[], sleeper: Sleeper): void {
  let at = heap.length;
  heap.push(sleeper);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isBefore(sleeper, heap[parent]!)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = sleeper;
}

function pop(heap: Sleeper[]): Sleeper | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    if (left >= heap.length) break;
    const child = left + 1 < heap.length && isBefore(heap[left + 1]!, heap[left]!) ? left + 1 : left;
    if (!isBefore(heap[child]!, last)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
  return first;
}
