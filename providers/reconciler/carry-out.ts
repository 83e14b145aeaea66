import { type Address, splitEdge } from '../../state/address.ts';
import type { Step } from '../../state/change.ts';
import type { Outcome } from '../../state/outcome.ts';
import type { Hold } from '../../state/policy.ts';
import { Refused } from '../../state/problem.ts';
import { OrgFailure } from '../contract.ts';
import { type Aim, aimOf } from './aim.ts';
import { create } from './create.ts';
import type { Journal } from './journal.ts';
import { remove } from './remove.ts';
import { describe, doneBefore, Interrupted, lookUntil, patienceOf, type Site, wasBegun } from './site.ts';
import { update } from './update.ts';

/**
 * Carries out one step of a plan against one org; the only place from which an org is written. Before a request that writes, its intent is
 * on disk and the lock is still ours; what is reported was read back. A step whose live object is no longer what the plan showed is `stale`
 * and writes nothing; nothing is created while something lives under its key; nothing is deleted that was not judged (`Site.deletions`).
 *
 * Returns an outcome for all that an org can answer. Throws where this run must stop: its lock is lost, its disk fails, or there is a bug.
 */
export async function carryOut(step: Step, site: Site): Promise<Outcome> {
  site.report({ code: 'STEP', step });
  const outcome = await alone(splitEdge(step.address).owner, site, async () => {
    const found = await attempt(step, site);
    if (found.word !== 'unknown' && site.journal.history(step.address).isOpen) await site.journal.end(found, site.plan);
    return found;
  });
  site.report({ code: 'OUTCOME', outcome });
  return outcome;
}

/** The last step under way for each object, of each org at work. */
const underWay = new WeakMap<Journal, Map<Address, Promise<unknown>>>();

/**
 * Steps of one object follow each other: each edge is written with the whole of its owner as it was read, so of two at once the later would take
 * back what the earlier wrote, and neither would see it.
 */
async function alone<Result>(owner: Address, { journal }: Site, work: () => Promise<Result>): Promise<Result> {
  const lasts = underWay.get(journal) ?? new Map<Address, Promise<unknown>>();
  underWay.set(journal, lasts);
  const mine = (lasts.get(owner) ?? Promise.resolve()).then(work, work);
  lasts.set(owner, mine);
  try {
    return await mine;
  } finally {
    if (lasts.get(owner) === mine) lasts.delete(owner);
  }
}

/** What a step comes to that sends no request; undefined for one that has to be carried out. */
export function restingOutcome(step: Step): Outcome | undefined {
  const { address, action } = step;
  const found = { ...(step.id === undefined ? {} : { id: step.id }), ...hashOf(step.before ?? step.after) };
  if (action === 'unchanged') return { address, word: 'unchanged', ...found };
  if (action === 'adopt' && step.changes.length === 0 && step.before === step.after) return { address, word: 'adopted', ...found };
  if (action === 'create' || action === 'update' || action === 'adopt' || action === 'delete') return undefined;
  return heldBy(step, step.held ?? NOT_JUDGED);
}

/** Nobody looked at whether it may be deleted. */
export const NOT_JUDGED: Hold = { action: 'delete', rule: 'nothing is deleted that was not judged in this run', allow: 'plan again' };

function heldBy(step: Step, { action, rule, allow }: Hold): Outcome {
  return {
    address: step.address,
    word: 'held',
    ...(step.id === undefined ? {} : { id: step.id }),
    ...hashOf(step.before),
    message: `${action} is held: ${rule}; ${allow}`,
  };
}

async function attempt(step: Step, site: Site): Promise<Outcome> {
  const resting = restingOutcome(step);
  if (resting !== undefined) return resting.word === 'held' ? heldNow(step, resting, site) : resting;
  if (site.interrupt?.aborted) return outcomeOf(new Interrupted(), step, site);
  try {
    return await (step.action === 'delete' ? removeJudged(step, site) : write(step, site));
  } catch (failure) {
    return outcomeOf(failure, step, site);
  }
}

/**
 * What is held now may have been deleted by an earlier run of this very plan, before there was a reason to hold it: that is looked at, for as long
 * as a read may be late, and told.
 */
async function heldNow(step: Step, resting: Outcome, site: Site): Promise<Outcome> {
  const { address, id } = step;
  if (id === undefined || !wasBegun(step, site) || site.journal.history(address).intent?.action !== 'delete') return resting;
  try {
    const isGone = await lookUntil(site, patienceOf(site).readLag, `${address}: an earlier run may have deleted it`, async () =>
      (await site.org.get(splitEdge(address).owner, id)) === undefined ? true : undefined,
    );
    return isGone === true ? { address, word: 'deleted', id } : resting;
  } catch (failure) {
    return outcomeOf(failure, step, site);
  }
}

/** What this run did not judge, or judged to be held, is not deleted, whatever the step says. */
async function removeJudged(step: Step, site: Site): Promise<Outcome> {
  const hold = site.deletions === undefined ? NOT_JUDGED : await site.deletions(step);
  return hold === undefined ? remove(step, site) : heldBy(step, hold);
}

async function write(step: Step, site: Site): Promise<Outcome> {
  if (step.document === undefined) throw new Error(`the plan's step for ${step.address} says '${step.action}' and holds no document`);
  const aim = aimOf(step, step.document, site.types);
  return isCreation(aim) ? create(aim, site) : update(aim, site);
}

function isCreation({ step }: Aim): boolean {
  return step.action === 'create' && splitEdge(step.address).pointer === undefined;
}

/** What is left are failures of requests that only read, and refusals before any request was sent. */
function outcomeOf(failure: unknown, step: Step, site: Site): Outcome {
  const { address } = step;
  const { isOpen, id, made } = site.journal.history(address);
  if (failure instanceof Interrupted) {
    return isOpen
      ? {
          address,
          word: 'unknown',
          message: 'interrupted while it was not certain whether a request was carried out; the next apply looks before it sends anything',
        }
      : { address, word: 'skipped', message: 'interrupted before anything was sent' };
  }
  if (!(failure instanceof OrgFailure) && !(failure instanceof Refused)) throw failure;
  const done = doneBefore(step, site);
  if (failure instanceof OrgFailure && (isOpen || done !== undefined)) {
    return {
      address,
      word: 'unknown',
      ...(id === undefined ? {} : { id }),
      message: `what was sent could not be read back: ${describe(failure)}; apply again`,
    };
  }
  const isMadeByThisPlan = made !== undefined && made.plan === site.plan;
  return { address, word: 'failed', ...(id === undefined || !isMadeByThisPlan ? {} : { id }), message: describe(failure) };
}

function hashOf(hash: string | undefined): { hash?: string } {
  return hash === undefined ? {} : { hash };
}
