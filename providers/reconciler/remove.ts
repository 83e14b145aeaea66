import { type Address, splitEdge, typeOf } from '../../state/address.ts';
import type { Step } from '../../state/change.ts';
import type { Outcome } from '../../state/outcome.ts';
import { resourceHash } from '../../state/step-hash.ts';
import { type Live, OrgFailure } from '../contract.ts';
import { announce, describe, doneBefore, lookUntil, patienceOf, pause, type Site, TRIES } from './site.ts';
import { readFresh } from './update.ts';

/** The one object that a step deletes: by its id, never by its key, so that no namesake made meanwhile is touched. */
interface Doomed {
  readonly step: Step;
  /** Where it lives; the step's own address may say more (`#/~replaced`). */
  readonly owner: Address;
  readonly id: string;
  /** In the terms of the step's `before`. */
  readonly hash: (live: Live) => string;
}

/**
 * Deletes one object and looks until it is gone. What is gone already is `deleted`, and nothing is sent; what moved since the plan is `stale`.
 * After an answer that leaves open whether the request was carried out it is sent anew, since no id is ever given twice; nothing but `deleted` is
 * concluded while an earlier request may still be carried out.
 */
export async function remove(step: Step, site: Site): Promise<Outcome> {
  const { address, id, before } = step;
  const { owner } = splitEdge(address);
  const type = site.types.get(typeOf(owner));
  if (type === undefined) throw new Error(`this version does not know the type of ${owner}, which its plan was made with`);
  if (id === undefined || before === undefined) return { address, word: 'stale', message: 'the plan does not say which object is meant; plan again' };
  const doomed = { step, owner, id, hash: (live: Live) => resourceHash(live.document, type, step.deferred) };
  const live = await readFresh({ owner }, site, owner, id);
  return live === undefined ? goneAlready(doomed, site) : removeUntilGone(doomed, site, live);
}

/** A list or an object may be shown as it was before this one was made: what nobody has seen to live is looked at until that is over. */
async function goneAlready(doomed: Doomed, site: Site): Promise<Outcome> {
  const { step, owner, id } = doomed;
  const { address } = step;
  if (doneBefore(step, site) === 'deleted') return { address, word: 'deleted', id };
  const wasSent = site.journal.history(address).isOpen;
  const live = await lookUntil(site, patienceOf(site).readLag, `${address}: the org does not show it any more`, () => site.org.get(owner, id));
  if (live !== undefined) return removeUntilGone(doomed, site, live);
  return wasSent ? { address, word: 'deleted', id } : { address, word: 'deleted', id, message: 'it was gone already; nothing was sent' };
}

async function removeUntilGone(doomed: Doomed, site: Site, first: Live): Promise<Outcome> {
  const { step, owner, id } = doomed;
  const { clock } = site.world;
  const { lateCommit, readLag } = patienceOf(site);
  // The latest moment at which a request is carried out, and the time until every read shows that.
  const outstanding = lateCommit + readLag;
  // What used it was changed a moment ago, and an org can take a while to see that.
  const freeBy = clock.ticks() + (step.needs.length > 0 ? readLag : 0);
  let quietAt = site.journal.history(step.address).isOpen ? clock.ticks() + outstanding : 0;
  let [last, unclear, refusal]: [Live, number, OrgFailure | undefined] = [first, 0, undefined];
  for (let [live, wait]: [Live | undefined, number] = [first, 1_000]; ; wait = Math.min(wait * 2, 15_000)) {
    last = live ?? last;
    const stop = whyStop(doomed, live, { unclear, refusal });
    if (stop !== undefined && clock.ticks() >= quietAt) return stop;
    if (stop === undefined) {
      // What seems gone after an unclear answer is asked for once more: a read may be late, the answer to a deletion is not.
      const failure = await send(doomed, last, site);
      if (failure === undefined) return seenGone(doomed, site);
      if (failure.kind === 'unclear') {
        unclear += 1;
        quietAt = clock.ticks() + outstanding;
        wait = 1_000;
      } else if (failure.kind !== 'in-use' || clock.ticks() >= freeBy) refusal = failure;
      if (refusal !== undefined && clock.ticks() >= quietAt) return refused(doomed, refusal);
    }
    await pause(
      site,
      wait,
      `${step.address}: ${refusal === undefined && unclear === 0 ? 'the org says that it is still used' : 'an earlier request may still be carried out'}`,
    );
    live = await site.org.get(owner, id);
  }
}

/** What ends the work on an object that lives, or seems gone, without another request. */
function whyStop(
  doomed: Doomed,
  live: Live | undefined,
  { unclear, refusal }: { readonly unclear: number; readonly refusal: OrgFailure | undefined },
): Outcome | undefined {
  const { id, owner, step } = doomed;
  const { address } = step;
  if (live === undefined) return unclear < TRIES && refusal === undefined ? undefined : { address, word: 'deleted', id };
  if (live.document.address !== owner) return stale(doomed, `it is called "${live.document.address}" now`);
  if (doomed.hash(live) !== step.before) return stale(doomed, 'it is not what the plan showed');
  if (refusal !== undefined) return refused(doomed, refusal);
  if (unclear < TRIES) return undefined;
  return { address, word: 'failed', id, message: `the org gave no clear answer ${TRIES} times, and it still lives; apply again` };
}

async function send({ step, id }: Doomed, live: Live, site: Site): Promise<OrgFailure | undefined> {
  await announce(site, { address: step.address, action: 'delete', id, ...(step.before === undefined ? {} : { before: step.before }) });
  try {
    await site.org.remove(live);
    return undefined;
  } catch (failure) {
    if (failure instanceof OrgFailure) return failure;
    throw failure;
  }
}

/** A read may show for a while what is gone. */
async function seenGone({ step, owner, id }: Doomed, site: Site): Promise<Outcome> {
  const { address } = step;
  const isGone = await lookUntil(site, patienceOf(site).readLag, `${address}: the org still shows what it deleted`, async () =>
    (await site.org.get(owner, id)) === undefined ? true : undefined,
  );
  if (isGone) return { address, word: 'deleted', id };
  return { address, word: 'failed', id, message: 'the org says that it deleted it, and still shows it; read it again with `cordboard plan`' };
}

function stale({ step, id }: Doomed, what: string): Outcome {
  return { address: step.address, word: 'stale', id, message: `the org has moved since the plan was made: ${what}; plan again` };
}

function refused({ step, id }: Doomed, failure: OrgFailure): Outcome {
  const next = failure.kind === 'in-use' ? '; take it out of what uses it and plan again' : '';
  return { address: step.address, word: 'failed', id, message: `${describe(failure)}${next}` };
}
