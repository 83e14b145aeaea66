import { edgeAddress } from '../../state/address.ts';
import { normalise } from '../../state/normalise.ts';
import type { Outcome } from '../../state/outcome.ts';
import { edgeHash } from '../../state/step-hash.ts';
import { type Live, OrgFailure } from '../contract.ts';
import type { Aim } from './aim.ts';
import type { Intent } from './journal.ts';
import { contradictions, isKept, nameUnkept } from './judge.ts';
import { settle } from './settle.ts';
import { announce, describe, doneBefore, lookUntil, patienceOf, type Site, TRIES } from './site.ts';
import { converge } from './update.ts';

/**
 * Creates one object, once. What an earlier run may have sent is settled first. Where the org enforces keys the creating request is the only one;
 * where it does not, a look under the key comes before it. An answer that leaves open whether it was carried out is settled before
 * anything is sent again.
 */
export async function create(aim: Aim, site: Site): Promise<Outcome> {
  const known = await readKnown(aim, site);
  if (known !== undefined) return known;
  const { intent, isOpen } = site.journal.history(aim.step.address);
  if (intent !== undefined && isOpen) {
    const settled = await settleCreate(aim, site, intent);
    if (settled !== undefined) return settled;
  } else if (!aim.type.isKeyEnforced) {
    const met = meet(aim, await site.org.find(aim.step.address));
    if (met !== undefined) return met;
  }
  return sendUntilClear(aim, site);
}

async function sendUntilClear(aim: Aim, site: Site): Promise<Outcome> {
  const { address } = aim.step;
  for (let tries = 0; tries < TRIES; tries += 1) {
    await announce(site, aim.step);
    const answer = await send(aim, site);
    if (!(answer instanceof OrgFailure)) {
      await site.journal.made(address, idOf(answer));
      return complete(aim, site, { made: answer, isFresh: true, mayLandTwice: false });
    }
    if (answer.kind === 'exists') return meetTaken(aim, site, answer);
    if (answer.kind !== 'unclear') return { address, word: 'failed', message: describe(answer) };
    const { intent } = site.journal.history(address);
    const settled = intent === undefined ? undefined : await settleCreate(aim, site, intent);
    if (settled !== undefined) return settled;
  }
  return { address, word: 'failed', message: `the org gave no clear answer ${TRIES} times, and made nothing; apply again` };
}

async function send(aim: Aim, site: Site): Promise<Live | string | OrgFailure> {
  try {
    return await site.org.create(aim.target(undefined), site.files);
  } catch (failure) {
    if (failure instanceof OrgFailure) return failure;
    throw failure;
  }
}

/** The object that this journal says we made under this address, where it still lives there. */
async function readKnown(aim: Aim, site: Site): Promise<Outcome | undefined> {
  const { step } = aim;
  const { id, made, isOpen, ending } = site.journal.history(step.address);
  if (id === undefined || made === undefined) return undefined;
  // An id that we were given and that is not shown was removed, or is not shown yet: then creating would make a second one.
  const isRisky = !isOpen && (!aim.type.isKeyEnforced || (site.plan !== undefined && made.plan === site.plan));
  // Nor is what an earlier run of this plan saw done called anything else for a read that may only be late.
  const wasDone = doneBefore(step, site) !== undefined;
  let live: Live | undefined;
  await lookUntil(site, isRisky ? patienceOf(site).readLag : 0, `${step.address}: the org does not show what it made`, async () => {
    live = (await site.org.get(step.address, id)) ?? live;
    return live !== undefined && (!wasDone || isKept(aim, live)) ? true : undefined;
  });
  if (live === undefined || live.document.address !== step.address) return undefined;
  const isUnfinished = isOpen || (ending?.word === 'failed' && made.after === step.after);
  if (isUnfinished) return complete(aim, site, { made: live, isFresh: false, mayLandTwice: isOpen });
  const met = meet(aim, [live]);
  const isOfThisPlan = site.plan !== undefined && made.plan === site.plan;
  return met?.word === 'adopted' && isOfThisPlan ? { ...met, word: 'created' } : met;
}

async function settleCreate(aim: Aim, site: Site, intent: Intent): Promise<Outcome | undefined> {
  const { address } = aim.step;
  const settled = await settle(site, intent, (live) => contradictions(aim, live).length === 0);
  switch (settled.kind) {
    case 'none':
      return undefined;
    case 'ours':
      await site.journal.made(address, settled.live.id);
      return complete(aim, site, { made: settled.live, isFresh: false, mayLandTwice: false });
    case 'taken':
      return meetInDoubt(aim, site, settled.lives);
    case 'several':
      return {
        address,
        word: 'unknown',
        message: `a request of ours may have made one of several objects (ids ${settled.ids.join(', ')}); remove all but one by hand and apply again`,
      };
    case 'unsure':
      return { address, word: 'unknown', message: `it could not be read whether a request of ours was carried out: ${settled.message}; apply again` };
  }
}

/** What came under the key while a request of ours was under way: somebody else's where it names another creator, else nobody can tell whose it is. */
function meetInDoubt(aim: Aim, site: Site, lives: readonly Live[]): Outcome | undefined {
  const met = meet(aim, lives);
  const isSurelyAnothers = site.me !== undefined && lives.every(({ createdBy }) => createdBy !== undefined && createdBy !== site.me);
  if (met?.word !== 'stale' || isSurelyAnothers) return met;
  const ids = lives.map(({ id }) => id).join(', ');
  const message = `what lives under this key (${ids}) may have been made by an earlier request of ours, and is not as wanted; look at it and plan again`;
  return { ...met, word: 'unknown', message };
}

/** An object that we made. */
interface Made {
  readonly made: Live | string;
  /** The org answered with it just now. */
  readonly isFresh: boolean;
  /** What follows the creating request may be under way, sent twice; the creating request never is. */
  readonly mayLandTwice: boolean;
}

/** Brings an object that we made to what is wanted: parts, and fields beyond what creating takes. */
async function complete(aim: Aim, site: Site, { made, isFresh, mayLandTwice }: Made): Promise<Outcome> {
  const { address } = aim.step;
  // What the org answered just now is ours as it stands, with whatever the org put there; at any later look somebody may have been there.
  let fresh: Live | Outcome | undefined;
  const moved = (live: Live) => contradictions(aim, live, isFresh && fresh !== undefined && 'document' in fresh ? fresh : undefined);
  const outcome = await converge(aim, site, {
    read: async () => {
      const live = fresh === undefined && typeof made !== 'string' ? made : await readMade(aim, site, idOf(made));
      fresh ??= live;
      return live;
    },
    word: 'created',
    keptWord: 'created',
    mustWrite: false,
    isOutstanding: !isFresh && site.journal.history(address).isOpen,
    mayLandTwice,
    moved,
    mayLag: (live) => moved(live).length === 0,
    onKept: (live) => noteEdges(aim, site, live),
  });
  return outcome.word === 'failed' ? { ...outcome, message: `created, but not whole: ${outcome.message}` } : outcome;
}

/** Remembers how the deferred edges of a new object were left, so that writing them later overwrites nothing that somebody put there. */
async function noteEdges({ step, type }: Aim, site: Site, { id, document }: Live): Promise<void> {
  if (step.deferred.length === 0) return;
  const hashes = step.deferred.map((pointer) => {
    const edge = edgeAddress(step.address, pointer);
    return [edge, edgeHash(edge, normalise(document, type).body, pointer)] as const;
  });
  await site.journal.made(step.address, id, Object.fromEntries(hashes));
}

function idOf(made: Live | string): string {
  return typeof made === 'string' ? made : made.id;
}

async function readMade(aim: Aim, site: Site, id: string): Promise<Live | Outcome> {
  const { address } = aim.step;
  const live = await lookUntil(site, patienceOf(site).readLag, `${address}: the org does not show yet what it made`, () => site.org.get(address, id));
  return live ?? { address, word: 'unknown', id, message: `the org gave the id ${id} and then did not show the object; apply again` };
}

/** The org says that the key is taken; a list may show by whom only later. */
async function meetTaken(aim: Aim, site: Site, failure: OrgFailure): Promise<Outcome> {
  const { address } = aim.step;
  const lives = await lookUntil(site, patienceOf(site).readLag, `${address}: the org does not show yet what has this key`, async () => {
    const found = await site.org.find(address);
    return found.length > 0 ? found : undefined;
  });
  return (
    meet(aim, lives ?? []) ?? { address, word: 'failed', message: `the org says that this key is taken, and shows nothing under it: ${describe(failure)}` }
  );
}

/** What lives under the key and is not ours: adopted without a write where it is as wanted, else left alone. */
function meet(aim: Aim, lives: readonly Live[]): Outcome | undefined {
  const { address } = aim.step;
  const [live, ...others] = lives;
  if (live === undefined) return undefined;
  if (others.length > 0)
    return {
      address,
      word: 'stale',
      message: `several objects live under this key (ids ${lives.map((one) => one.id).join(', ')}); rename or remove all but one and plan again`,
    };
  if (isKept(aim, live)) return { address, word: 'adopted', id: live.id, hash: aim.hash(live.document) };
  const fields = nameUnkept(aim, live);
  return {
    address,
    word: 'stale',
    id: live.id,
    message: `since the plan was made somebody created it, and it differs in ${fields}; plan again (or \`cordboard adopt\` for Pulumi)`,
  };
}
