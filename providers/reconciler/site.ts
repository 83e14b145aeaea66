import type { Address } from '../../state/address.ts';
import type { Action, Step } from '../../state/change.ts';
import type { Report } from '../../state/notice.ts';
import { isDone, type OutcomeWord } from '../../state/outcome.ts';
import type { Hold } from '../../state/policy.ts';
import type { TypeTable } from '../../state/resource-type.ts';
import { type FileSource, OrgFailure, type OrgWriter } from '../contract.ts';
import type { World } from '../world.ts';
import type { History, Journal } from './journal.ts';
import type { Lock } from './lock.ts';

/** The one org that steps are carried out against, and all that carrying out needs. */
export interface Site {
  readonly org: OrgWriter;
  readonly journal: Journal;
  readonly types: TypeTable;
  /** Bytes of the wanted documents' assets. */
  readonly files: FileSource;
  readonly world: World;
  readonly report: Report;
  /** Left out where something else keeps a second run away (Pulumi locks its stacks). */
  readonly lock?: Lock;
  /** Digest of the sealed plan. */
  readonly plan?: string;
  /** The id of our own client, as objects name their creator. */
  readonly me?: string;
  readonly patience?: Partial<Patience>;
  /** The rule that holds a deletion, as judged for this run before its first one; left out: all are held. */
  readonly deletions?: (step: Step) => Promise<Hold | undefined>;
  /** Aborted when a person wants to stop: steps whose intent is written end, waits do not go on, nothing else is begun. */
  readonly interrupt?: AbortSignal;
}

/** How long the org may take, in milliseconds. Too small a figure makes second ones. */
export interface Patience {
  /** Longest time between a lost answer and the moment when its request is carried out after all. */
  readonly lateCommit: number;
  /** Longest time until everybody who reads sees what was written. */
  readonly readLag: number;
}

const PATIENCE: Patience = { lateCommit: 60_000, readLag: 60_000 };
/** Times that one step sends its request anew after answers that left open whether it was carried out. */
export const TRIES = 3;

export function patienceOf(site: Site): Patience {
  return { ...PATIENCE, ...site.patience };
}

/** A person stopped the run while a step waited. What the step sent is in the journal, and is settled by the next run. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted');
    this.name = 'Interrupted';
  }
}

/** Waits, tells why, and throws `Interrupted` where a person stops the run. */
export async function pause(site: Site, milliseconds: number, reason: string): Promise<void> {
  if (site.interrupt?.aborted) throw new Interrupted();
  if (milliseconds >= 4_000) site.report({ code: 'WAITING', reason, milliseconds });
  try {
    await site.world.clock.sleep(milliseconds, site.interrupt);
  } catch (failure) {
    if (site.interrupt?.aborted) throw new Interrupted();
    throw failure;
  }
}

/**
 * Looks again and again, with growing pauses, until `look` finds something (what it returns is defined) or has looked once at or
 * after the end of the time given. Undefined where it never did.
 */
export async function lookUntil<T>(site: Site, time: number, reason: string, look: (isLast: boolean) => Promise<T | undefined>): Promise<T | undefined> {
  const { clock } = site.world;
  const end = clock.ticks() + time;
  for (let wait = 1_000; ; wait = Math.min(wait * 2, 15_000)) {
    const left = end - clock.ticks();
    const found = await look(left <= 0);
    if (found !== undefined || left <= 0) return found;
    await pause(site, Math.min(wait, left), reason);
  }
}

/** One sentence about a failure, for an outcome. */
export function describe(failure: unknown): string {
  if (!(failure instanceof OrgFailure)) return failure instanceof Error ? failure.message : String(failure);
  const facts = [failure.status, failure.code, failure.correlationId && `correlation id ${failure.correlationId}`].filter(
    (fact) => fact !== undefined && fact !== '',
  );
  return facts.length === 0 ? failure.message : `${failure.message} (${facts.join(', ')})`;
}

/**
 * Writes the intent (on disk when this returns) and makes sure that this run may still write. Right before a request that writes. Throws
 * `Interrupted` where a person stopped the run before this step had written one: it has sent nothing, and sends nothing any more.
 */
export async function announce(site: Site, step: { address: Address; action: Action; id?: string; before?: string; after?: string }): Promise<void> {
  if (site.interrupt?.aborted && !site.journal.history(step.address).isOpen) throw new Interrupted();
  await open(site, step);
  await site.lock?.guard();
}

/** Writes the intent: on disk when this returns. From then on nothing is certain of this step until its end is written. */
export async function open(site: Site, step: { address: Address; action: Action; id?: string; before?: string; after?: string }): Promise<void> {
  await site.journal.intend({
    address: step.address,
    action: step.action,
    at: site.world.clock.now(),
    ...(step.action !== 'delete' || step.id === undefined ? {} : { id: step.id }),
    ...(step.before === undefined ? {} : { before: step.before }),
    ...(step.after === undefined ? {} : { after: step.after }),
    ...(site.plan === undefined ? {} : { plan: site.plan }),
  });
}

/** How an earlier run of this very plan ended this step, where it succeeded. */
export function doneBefore(step: { readonly address: Address }, site: Site): OutcomeWord | undefined {
  const ending = site.journal.history(step.address).isOpen ? undefined : endedBefore(step, site);
  return ending !== undefined && isDone(ending) ? ending.word : undefined;
}

/** How an earlier run of this very plan ended this step. */
export function endedBefore({ address }: { readonly address: Address }, site: Site): History['ending'] {
  const { ending } = site.journal.history(address);
  return site.plan !== undefined && ending?.plan === site.plan ? ending : undefined;
}

/** Whether this very plan began this step, now or in an earlier run: then what it needs was there. */
export function wasBegun(step: { readonly address: Address }, site: Site): boolean {
  return site.plan !== undefined && site.journal.history(step.address).intent?.plan === site.plan;
}
