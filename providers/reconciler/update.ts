import type { Address } from '../../state/address.ts';
import { hashDocument } from '../../state/canonical.ts';
import type { FieldChange, Step } from '../../state/change.ts';
import type { Outcome, OutcomeWord } from '../../state/outcome.ts';
import { sameValue } from '../../state/value.ts';
import { type Live, OrgFailure } from '../contract.ts';
import type { Aim } from './aim.ts';
import { isKept, movedFields, nameFields, nameUnkept } from './judge.ts';
import { announce, describe, doneBefore, endedBefore, lookUntil, patienceOf, pause, type Site, TRIES } from './site.ts';

/** Carries out an update, an adoption with changes, a rename or an edge. */
export async function update(aim: Aim, site: Site): Promise<Outcome> {
  const { step } = aim;
  const done = doneBefore(step, site);
  // A read that shows a temporary name which was taken back may be late, as one may that shows what a request did of which nothing is known.
  const isOpen = site.journal.history(step.address).isOpen || wasTakenBack(step, site);
  const word = step.action === 'adopt' ? 'adopted' : 'updated';
  return converge(aim, site, {
    read: () => (done === undefined ? readLive(aim, site) : readAgain(aim, site)),
    word,
    keptWord: done ?? (mayBeOurs(aim, site) || step.action === 'adopt' ? word : 'unchanged'),
    mustWrite: isRotation(step) && done === undefined,
    isOutstanding: isOpen,
    mayLandTwice: isOpen,
    moved: (live) => movedSince(aim, live, site),
    mayLag: (live) => movedFields(aim, live).length === 0,
  });
}

/** How to bring one object to what its step wants. */
export interface Course {
  /** The object as it lives now, or the outcome that its absence means. */
  readonly read: () => Promise<Live | Outcome>;
  readonly word: OutcomeWord;
  /** The word where nothing has to be written now. */
  readonly keptWord: OutcomeWord;
  /** True where an object that looks as wanted has to be written all the same: its secrets cannot be read. */
  readonly mustWrite: boolean;
  /** True where an earlier request may still be carried out. */
  readonly isOutstanding: boolean;
  /** True where that request may have been sent more than once, so that an object which is as wanted does not tell that it came. */
  readonly mayLandTwice: boolean;
  /** The fields for which this live object must not be overwritten; none: it may be. `undefined` stands for all of it. */
  readonly moved: (live: Live) => readonly FieldChange[] | undefined;
  /** Whether what was read back can be a state on the way to what was written. */
  readonly mayLag: (live: Live) => boolean;
  readonly onKept?: (live: Live) => Promise<void>;
}

/**
 * Writes until the object is as wanted: reads, decides, writes, reads back. After an answer that leaves open whether the request was carried
 * out, nothing is sent and nothing concluded before the object is as wanted or the request cannot be carried out any more, since a late one
 * could undo a later step's work. Of a request that may have been sent twice (by the client, by an earlier run, or anew here where a late read
 * hid that it had come), what is as wanted tells only that it came once.
 */
export async function converge(aim: Aim, site: Site, course: Course): Promise<Outcome> {
  const { clock } = site.world;
  const quietAt = course.isOutstanding ? clock.ticks() + patienceOf(site).lateCommit : 0;
  const tries = { unclear: 0, conflicts: 0, sent: 0, conflictsUntil: 0, quietAt, mayLandTwice: course.mayLandTwice };
  for (let wait = 1_000; ; ) {
    if (tries.conflicts > 1) await pause(site, wait, `${aim.step.address}: the org does not show yet what somebody changed`);
    const live = await course.read();
    if ('word' in live && tries.quietAt <= clock.ticks()) return live;
    const left = tries.quietAt - clock.ticks();
    const isSettled = left <= 0 || !tries.mayLandTwice;
    if (!('word' in live) && isSettled && isKept(aim, live) && !course.mustWrite)
      return kept(aim, site, course, live, tries.sent > 0 ? course.word : course.keptWord);
    if (left > 0) {
      await pause(site, Math.min(wait, left), `${aim.step.address}: an earlier request may still be carried out`);
      wait = Math.min(wait * 2, 15_000);
      continue;
    }
    if ('word' in live) return live;
    const stop = whyStop(aim, live, course, { unclear: tries.unclear, hasRivals: tries.conflicts > 1 && clock.ticks() >= tries.conflictsUntil });
    if (stop !== undefined) return stop;
    if (tries.unclear >= TRIES) return endInDoubt(aim, site, course, { live, message: `the org gave no clear answer ${TRIES} times`, word: course.word });
    await announce(site, aim.step);
    tries.sent += 1;
    let back: Live | undefined;
    try {
      back = await site.org.update(live, aim.target(live.document), site.files);
      return await verify(aim, site, course, back);
    } catch (failure) {
      if (!(failure instanceof OrgFailure)) throw failure;
      // What cannot be read back any more was carried out all the same.
      if (failure.kind === 'unclear' || back !== undefined) {
        tries.unclear += 1;
        tries.mayLandTwice ||= failure.mayLandTwice || tries.unclear > 1;
        tries.quietAt = clock.ticks() + patienceOf(site).lateCommit;
        wait = 1_000;
      } else if (failure.kind === 'conflict' || failure.kind === 'gone') {
        tries.conflicts += 1;
        if (tries.conflicts === 1) tries.conflictsUntil = clock.ticks() + patienceOf(site).readLag;
        else wait = Math.min(wait * 2, 15_000);
      } else if (failure.kind !== 'exists' && (tries.unclear > 0 || course.isOutstanding))
        return endInDoubt(aim, site, course, { live, message: describe(failure), word: tries.unclear > 0 ? course.word : course.keptWord });
      else return refused(aim, live, failure);
    }
  }
}

function whyStop(aim: Aim, live: Live, course: Course, tries: { readonly unclear: number; readonly hasRivals: boolean }): Outcome | undefined {
  const { address } = aim.step;
  const moved = course.moved(live);
  const before = doneSoFar(course, tries.unclear);
  if (moved === undefined || moved.length > 0) return stale(aim, live, moved, before);
  if (tries.hasRivals)
    return { address, word: 'stale', id: live.id, message: `${before}somebody else keeps changing this object; plan again when they are done` };
  return undefined;
}

/** The end of a step of which an earlier request may have been carried out. The last read may lag behind that one, so nothing is called failed by it. */
async function endInDoubt(
  aim: Aim,
  site: Site,
  course: Course,
  { live, message, word }: { readonly live: Live; readonly message: string; readonly word: OutcomeWord },
): Promise<Outcome> {
  const { address } = aim.step;
  if (course.mustWrite) return { address, word: 'unknown', id: live.id, message: `${message}, and secrets cannot be read back; apply again` };
  const last = await readPastLag(aim, site, course, live);
  return isKept(aim, last) ? kept(aim, site, course, last, word) : failed(aim, last, `${message}, and the object is not as wanted; apply again`);
}

/** The beginning of a message that tells of an object that is not as wanted: what this step did to it all the same. */
function doneSoFar({ word }: Course, unclear: number): string {
  if (word === 'created') return 'created, and then: ';
  return unclear > 0 ? 'perhaps written in part, and then: ' : '';
}

/** Reads back what a write returned. */
async function verify(aim: Aim, site: Site, course: Course, back: Live): Promise<Outcome> {
  const last = await readPastLag(aim, site, course, back);
  if (isKept(aim, last)) return kept(aim, site, course, last, course.word);
  return failed(aim, last, `the org did not keep ${nameUnkept(aim, last)}; read it again with \`cordboard plan\``);
}

/** A read that may lag behind a write is repeated before the org is blamed. */
async function readPastLag(aim: Aim, site: Site, course: Course, first: Live): Promise<Live> {
  let last = first;
  const isLate = (live: Live) => !isKept(aim, live) && course.mayLag(live);
  if (!isLate(first)) return first;
  await lookUntil(site, patienceOf(site).readLag, `${aim.step.address}: the org does not show yet what was written`, async () => {
    last = (await site.org.get(aim.owner, first.id)) ?? last;
    return isLate(last) ? undefined : last;
  });
  return last;
}

/** The object that the step was planned against: by its remembered id, else by its key. */
async function readLive(aim: Aim, site: Site): Promise<Live | Outcome> {
  const { step, owner } = aim;
  const names = step.was === undefined ? [owner] : [step.was, owner];
  const id = step.id ?? site.journal.history(owner).id;
  const hinted = id === undefined ? undefined : await readFresh({ owner: step.was ?? owner }, site, names[0] ?? owner, id);
  if (hinted !== undefined && names.includes(hinted.document.address)) return hinted;
  if (hinted !== undefined && step.was !== undefined && step.id !== undefined) return calledOtherwise(aim, site, hinted);
  // Who renames means one object: what has the new name already is another, unless it is that one.
  const isMeant = (live: Live): boolean => step.was === undefined || id === undefined || live.id === id || live.document.address === step.was;
  const isFresh = site.journal.history(owner).made !== undefined;
  const found = await lookUntil(site, isFresh ? patienceOf(site).readLag : 0, `${owner}: the org does not show it yet`, async (isLast) => {
    const lives = (await Promise.all(names.map((name) => site.org.find(name)))).flat().filter(isMeant);
    return lives.length > 0 || isLast ? lives : undefined;
  });
  const [live, ...others] = found ?? [];
  if (live === undefined) return { address: step.address, word: 'stale', message: `${names[0]} does not live in the org any more; plan again` };
  if (others.length === 0) return live;
  const ids = [live, ...others].map((one) => one.id).join(', ');
  return { address: step.address, word: 'stale', message: `several objects live under this key (ids ${ids}); rename or remove all but one and plan again` };
}

/** As `readLive`, of what an earlier run of this plan did: it is not sent again for a read that may only be late. */
async function readAgain(aim: Aim, site: Site): Promise<Live | Outcome> {
  const isClear = (live: Live | Outcome) => 'word' in live || isKept(aim, live) || movedFields(aim, live).length > 0;
  let live = await readLive(aim, site);
  await lookUntil(site, patienceOf(site).readLag, `${aim.step.address}: the org does not show what was done before`, async () => {
    if (!isClear(live)) live = await readLive(aim, site);
    return isClear(live) ? true : undefined;
  });
  return live;
}

/** What is to be renamed has a third name: the one for which it was to have a temporary one, so that this step is behind it; or anybody's. Its old name is another's. */
function calledOtherwise(aim: Aim, site: Site, live: Live): Outcome {
  const { address, temporary } = aim.step;
  const { id, document } = live;
  if (temporary?.until === document.address) return { address, word: wasTried(aim, site) ? 'updated' : 'unchanged', id, hash: aim.hash(document) };
  return { address, word: 'stale', id, message: `it is called "${document.address}" now; plan again` };
}

/** One edge is written over the whole of its owner: a read that lags behind our own last write there would undo that one. */
export async function readFresh(aim: Pick<Aim, 'owner'>, site: Site, address: Address, id: string): Promise<Live | undefined> {
  const { seen } = site.journal.history(aim.owner);
  let last: Live | undefined;
  await lookUntil(site, seen === undefined ? 0 : patienceOf(site).readLag, `${address}: the org does not show yet what was written`, async () => {
    last = await site.org.get(address, id);
    return seen === undefined || (last !== undefined && wholeHash(last) === seen) ? true : undefined;
  });
  return last;
}

function wholeHash({ document }: Live): string {
  return hashDocument({ address: document.address, body: document.body }, []);
}

/** A step that sends secrets changes nothing there that can be read: whether it is done can only be told by the journal. */
function isRotation({ before, after, changes }: Step): boolean {
  return before !== undefined && (before === after || changes.some((change) => change.kind === 'change' && sameValue(change.before, change.after)));
}

/** Whether an earlier run of this plan gave this temporary name, and took it back; or may have, for all that is known. */
function wasTakenBack(step: Step, site: Site): boolean {
  const word = step.temporary === undefined ? undefined : endedBefore(step, site)?.word;
  return word === 'failed' || word === 'unknown';
}

/** Whether a step with the same before and after was begun, now or in an earlier run. */
function wasTried({ step }: Aim, site: Site): boolean {
  const { intent } = site.journal.history(step.address);
  return intent !== undefined && intent.after === step.after && intent.before === step.before;
}

/**
 * Whether a live object that is as wanted may be so by what this plan sent for this very step: nothing says how that ended, nor does another plan
 * that waited for it; or its ending tells, by what it read back, that a part of it was carried out. What an earlier plan sent may have been there
 * when this one was made.
 */
function mayBeOurs(aim: Aim, site: Site): boolean {
  const { isOpen, intent } = site.journal.history(aim.step.address);
  if (!wasTried(aim, site)) return false;
  const ending = endedBefore(aim.step, site);
  return (isOpen && intent?.plan === site.plan) || ending?.word === 'unknown' || (ending?.word === 'failed' && ending.hash !== undefined);
}

/**
 * The live object may be overwritten where it is what the plan was made against, where we left it so when we made it, or where a step of
 * ours that was cut off explains every difference. Of an edge, only its own field counts, and what the plan showed there.
 */
function movedSince(aim: Aim, live: Live, site: Site): readonly FieldChange[] | undefined {
  const { step, owner } = aim;
  if (aim.hash(live.document) === step.before) return [];
  const { left } = site.journal.history(owner);
  const isEdge = step.address !== owner;
  if (isEdge && left?.id === live.id && left.hashes[step.address] === aim.hash(live.document)) return [];
  const moved = movedFields(aim, live);
  if (moved.length > 0) return moved;
  return wasTried(aim, site) || (isEdge && step.changes.length > 0) ? [] : undefined;
}

async function kept(aim: Aim, site: Site, course: Course, live: Live, word: OutcomeWord): Promise<Outcome> {
  await course.onKept?.(live);
  site.journal.saw(aim.owner, wholeHash(live));
  return { address: aim.step.address, word, id: live.id, hash: aim.hash(live.document) };
}

function stale(aim: Aim, live: Live, moved: readonly FieldChange[] | undefined, before: string): Outcome {
  const fields = moved === undefined || moved.length === 0 ? 'it' : nameFields(moved);
  return {
    address: aim.step.address,
    word: 'stale',
    id: live.id,
    message: `${before}the org has moved since the plan was made: ${fields} changed; plan again`,
  };
}

/** The hash stands for what was read after something was sent that may have changed it. */
function failed(aim: Aim, live: Live, message: string): Outcome {
  return { address: aim.step.address, word: 'failed', id: live.id, message, hash: aim.hash(live.document) };
}

/** Nothing that was sent may have changed it, so no hash is told. */
function refused({ step }: Aim, { id }: Live, failure: OrgFailure): Outcome {
  const { address } = step;
  if (failure.kind === 'exists') return { address, word: 'stale', id, message: `the org says that this key is taken: ${describe(failure)}; plan again` };
  return { address, word: 'failed', id, message: describe(failure) };
}
