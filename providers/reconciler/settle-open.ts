import { type Address, splitEdge } from '../../state/address.ts';
import type { Outcome } from '../../state/outcome.ts';
import { OrgFailure } from '../contract.ts';
import type { Intent } from './journal.ts';
import { settle } from './settle.ts';
import { describe, Interrupted, patienceOf, pause, type Site } from './site.ts';

/**
 * Settles what earlier runs may have sent and this plan does not take up: also to be called where a plan is refused, so that nothing comes into
 * being after the last word was said. Writes nothing to the org. Returns an outcome for each, for people to see; none where a person interrupts.
 */
export async function settleOpen(site: Site, isTakenUp: (intent: Intent) => boolean = () => false): Promise<readonly Outcome[]> {
  const open = site.journal.open().filter((intent) => !isTakenUp(intent));
  const outcomes = await Promise.all(open.map((intent) => settleIntent(site, intent)));
  return outcomes.filter((outcome) => outcome !== undefined);
}

async function settleIntent(site: Site, intent: Intent): Promise<Outcome | undefined> {
  try {
    const { outcome, isOver } = await settleOne(site, intent);
    if (isOver) await site.journal.end(outcome, intent.plan);
    site.report({ code: 'OUTCOME', outcome });
    return outcome;
  } catch (failure) {
    if (failure instanceof Interrupted) return undefined;
    throw failure;
  }
}

/** An outcome, and whether nothing can come of the intent any more: else it stays open, and is settled by the next run. */
interface Settlement {
  readonly outcome: Outcome;
  readonly isOver: boolean;
}

async function settleOne(site: Site, intent: Intent): Promise<Settlement> {
  const { address, action, id } = intent;
  if (isCreation(intent)) return overIfKnown(await settleCreation(site, intent));
  const { lateCommit, readLag } = patienceOf(site);
  await pause(site, lateCommit + (action === 'delete' ? readLag : 0), `${address}: an earlier request may still be carried out`);
  if (action === 'delete' && id !== undefined) return overIfKnown(await settledDeletion(site, address, id));
  // It is there or will not come any more; which of the two is not looked at, since what the step wrote of this object is its own plan's to say.
  const message = 'an earlier apply was cut off while it changed this; plan again to see what is there';
  return { outcome: { address, word: 'unknown', message }, isOver: true };
}

function overIfKnown(outcome: Outcome): Settlement {
  return { outcome, isOver: outcome.word !== 'unknown' };
}

async function settleCreation(site: Site, intent: Intent): Promise<Outcome> {
  const { address } = intent;
  const settled = await settle(site, intent, () => true);
  switch (settled.kind) {
    case 'ours':
      return { address, word: 'failed', id: settled.live.id, message: 'an earlier apply that was cut off created it, perhaps not whole; plan again' };
    case 'none':
    case 'taken':
      return { address, word: 'failed', message: 'an earlier apply that was cut off did not create it' };
    case 'several':
      return {
        address,
        word: 'unknown',
        message: `an earlier apply that was cut off may have made one of several objects (ids ${settled.ids.join(', ')}); remove all but one by hand`,
      };
    case 'unsure':
      return { address, word: 'unknown', message: `it could not be read whether an earlier apply that was cut off created it: ${settled.message}` };
  }
}

async function settledDeletion(site: Site, address: Address, id: string): Promise<Outcome> {
  try {
    const isGone = (await site.org.get(splitEdge(address).owner, id)) === undefined;
    if (isGone) return { address, word: 'deleted', id };
    return { address, word: 'failed', id, message: 'an earlier apply that was cut off did not delete it; plan again' };
  } catch (failure) {
    if (!(failure instanceof OrgFailure)) throw failure;
    return { address, word: 'unknown', id, message: `it could not be read whether an earlier apply that was cut off deleted it: ${describe(failure)}` };
  }
}

function isCreation({ action, address }: Intent): boolean {
  return action === 'create' && splitEdge(address).pointer === undefined;
}
