import { type Live, OrgFailure } from '../contract.ts';
import type { Intent } from './journal.ts';
import { describe, lookUntil, patienceOf, type Site } from './site.ts';

/** What became of a creating request whose answer we never had. */
export type Settled =
  | { readonly kind: 'ours'; readonly live: Live }
  /** It made nothing, and will not any more. */
  | { readonly kind: 'none' }
  /** It made nothing; something of somebody else lives under the key. */
  | { readonly kind: 'taken'; readonly lives: readonly Live[] }
  /** More than one object fits; neither is touched. */
  | { readonly kind: 'several'; readonly ids: readonly string[] }
  /** The org could not be read. */
  | { readonly kind: 'unsure'; readonly message: string };

/** Our clock and the org's may differ by so much. */
const CLOCKS_APART = 10 * 60_000;

/**
 * Looks under the key until an object appears that fits the intent, or until the request can neither be carried out any more nor be hidden by a
 * list that lags. The whole time is waited by the monotonic clock, whatever the wall clock says has passed since the intent.
 */
export async function settle(site: Site, intent: Intent, isOurs: (live: Live) => boolean): Promise<Settled> {
  const { lateCommit, readLag } = patienceOf(site);
  let last: Settled = { kind: 'none' };
  const settled = await lookUntil(site, lateCommit + readLag, `${intent.address}: an earlier request may have made it, or may still`, async () => {
    last = await lookOnce(site, intent, isOurs);
    return last.kind === 'ours' || last.kind === 'several' ? last : undefined;
  });
  return settled ?? last;
}

async function lookOnce(site: Site, intent: Intent, isOurs: (live: Live) => boolean): Promise<Settled> {
  try {
    const lives = await site.org.find(intent.address);
    const fitting = lives.filter((live) => fits(live, intent, site.me, isOurs));
    const [live, ...others] = fitting;
    if (live !== undefined) return others.length === 0 ? { kind: 'ours', live } : { kind: 'several', ids: fitting.map((one) => one.id) };
    return lives.length === 0 ? { kind: 'none' } : { kind: 'taken', lives };
  } catch (failure) {
    if (!(failure instanceof OrgFailure)) throw failure;
    return { kind: 'unsure', message: describe(failure) };
  }
}

/** By creator and time where the object names them; where it names neither, by holding nothing that we did not send. */
function fits(live: Live, intent: Intent, me: string | undefined, isOurs: (live: Live) => boolean): boolean {
  const namesCreator = live.createdBy !== undefined && me !== undefined;
  if (namesCreator && live.createdBy !== me) return false;
  if (live.createdAt !== undefined && live.createdAt < intent.at - CLOCKS_APART) return false;
  return namesCreator || live.createdAt !== undefined || isOurs(live);
}
