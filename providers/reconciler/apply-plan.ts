import type { Address } from '../../state/address.ts';
import type { Step } from '../../state/change.ts';
import { isDone, type Outcome } from '../../state/outcome.ts';
import type { Plan } from '../../state/plan.ts';
import { carryOut, restingOutcome } from './carry-out.ts';
import { ReadyQueue } from './ready-queue.ts';
import { settleOpen } from './settle-open.ts';
import { type Site, wasBegun } from './site.ts';
import { undoTemporaries } from './undo-temporary.ts';

/** What the built-in driver adds to a site. */
export interface ApplySite extends Site {
  /** Steps under way at once. */
  readonly concurrency?: number;
}

/** Twice as many as requests under way: a step that waits for a publish job to end sends nothing meanwhile. */
const CONCURRENCY = 128;

/** The run had to stop: lock lost, disk failure, a bug. `outcomes` tells what became of the steps until then. */
export class ApplyStopped extends Error {
  readonly outcomes: readonly Outcome[];

  constructor(outcomes: readonly Outcome[], cause: unknown) {
    super(`the apply stopped: ${cause instanceof Error ? cause.message : String(cause)}; apply the same plan again to go on`, { cause });
    this.name = 'ApplyStopped';
    this.outcomes = outcomes;
  }
}

/**
 * The built-in driver: carries out the steps of a plan, many at once, each after what it needs. A step that does not succeed takes only those
 * with it that need it and have something to send (`skipped`). What an earlier run left uncertain is settled first. An interrupt lets the steps end
 * whose intent is written, and begins no other, however many were looking already. Temporary names that this run made and that led nowhere are taken back. The same plan can be applied again after any kill: what is done is looked at, not done again.
 *
 * Returns one outcome per step, in the plan's order. Throws `ApplyStopped` where the run cannot go on, and where another apply has taken the lock over.
 */
export async function applyPlan(plan: Pick<Plan, 'steps'>, site: ApplySite): Promise<readonly Outcome[]> {
  const run = new Run(plan.steps, site);
  try {
    const takenUp = new Set(plan.steps.filter((step) => restingOutcome(step) === undefined).map((step) => step.address));
    await settleOpen(site, (intent) => takenUp.has(intent.address));
    await Promise.all(Array.from({ length: site.concurrency ?? CONCURRENCY }, () => run.work()));
    await run.undo();
    // What another apply did meanwhile, while this one stood still, is not in these outcomes.
    await site.lock?.guard();
  } catch (failure) {
    await run.settled();
    throw new ApplyStopped(run.outcomes(), failure);
  }
  return run.outcomes();
}

class Run {
  private readonly steps: readonly Step[];
  private readonly site: ApplySite;
  private readonly queue: ReadyQueue;
  private readonly ended = new Map<Address, Outcome>();
  private readonly byAddress: ReadonlyMap<Address, Step>;
  private readonly underWay = new Set<Promise<unknown>>();
  /** Workers with nothing to start, woken when a step ends. */
  private idle: (() => void)[] = [];
  private hasFailed = false;

  constructor(steps: readonly Step[], site: ApplySite) {
    this.steps = steps;
    this.site = site;
    this.queue = new ReadyQueue(steps);
    this.byAddress = new Map(steps.map((step) => [step.address, step]));
  }

  /** One worker: takes steps until none is left to start. */
  async work(): Promise<void> {
    while (!this.hasFailed && !this.site.interrupt?.aborted) {
      const step = this.queue.take();
      if (step !== undefined) await this.carry(step);
      else if (this.underWay.size > 0) await new Promise<void>((wake) => this.idle.push(wake));
      else return;
    }
  }

  /** Takes back the temporary names that led nowhere. */
  async undo(): Promise<void> {
    for (const outcome of await undoTemporaries(this.steps, this.ended, this.site)) this.ended.set(outcome.address, outcome);
  }

  /** Once nothing is under way any more, whatever became of it. */
  async settled(): Promise<void> {
    while (this.underWay.size > 0) await Promise.allSettled(this.underWay);
  }

  /** One outcome for each step; of those that were never reached, what has something to send is skipped. */
  outcomes(): readonly Outcome[] {
    return this.steps.map((step) => this.ended.get(step.address) ?? restingOutcome(step) ?? this.unreached(step));
  }

  private unreached(step: Step): Outcome {
    const message = this.hasFailed ? 'the apply stopped before this step ended; apply again' : 'interrupted before this step was reached; apply again';
    return { address: step.address, word: this.isBegun(step) ? 'unknown' : 'skipped', message };
  }

  private async carry(step: Step): Promise<void> {
    const immediate = this.immediate(step);
    if (immediate !== undefined) {
      this.site.report({ code: 'OUTCOME', outcome: immediate });
      return this.end(step, immediate);
    }
    const work = carryOut(step, this.site);
    this.underWay.add(work);
    try {
      const outcome = await work;
      this.underWay.delete(work);
      this.end(step, outcome);
    } catch (failure) {
      this.underWay.delete(work);
      this.hasFailed = true;
      throw failure;
    } finally {
      this.wake();
    }
  }

  /**
   * What sends no request says so itself, whatever becomes of what it needs: held by its own rule, or as it was. Everything else may be skipped. What is
   * held though this plan had begun it is looked at.
   */
  private immediate(step: Step): Outcome | undefined {
    const resting = restingOutcome(step);
    if (resting?.word === 'held' && wasBegun(step, this.site)) return undefined;
    return resting ?? this.skipped(step);
  }

  private end(step: Step, outcome: Outcome): void {
    this.ended.set(step.address, outcome);
    this.queue.end(step.address);
    this.wake();
  }

  private wake(): void {
    const idle = this.idle;
    this.idle = [];
    for (const wake of idle) wake();
  }

  /** A step is skipped because of the first of its needs that did not succeed, or of what that one was skipped for. */
  private skipped(step: Step): Outcome | undefined {
    const { address, needs } = step;
    if (wasBegun(step, this.site)) return undefined;
    const failed = needs.map((need) => this.ended.get(need)).find((outcome) => outcome !== undefined && !this.isMet(outcome));
    if (failed === undefined) return undefined;
    const because = failed.because ?? failed.address;
    return { address, word: 'skipped', because, message: `it needs ${because}` };
  }

  /** What is held back from being replaced still lives under its address, and can be referred to. Who needs a deletion needs it done. */
  private isMet(outcome: Outcome): boolean {
    const step = this.byAddress.get(outcome.address);
    const isDeletion = step?.action === 'delete' || step?.held?.action === 'delete';
    return isDone(outcome) || (outcome.word === 'held' && !isDeletion && step?.before !== undefined && step.was === undefined);
  }

  private isBegun(step: Step): boolean {
    return this.site.journal.history(step.address).isOpen;
  }
}
