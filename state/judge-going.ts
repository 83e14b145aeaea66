import { type Address, keyOf, typeOf } from './address.ts';
import { judgeDeletions } from './delete-budget.ts';
import type { Document } from './document.ts';
import type { Going } from './going.ts';
import { buildGraph } from './graph.ts';
import { type Look, optional, typeIn } from './look.ts';
import { compareText } from './normalise.ts';
import { orderGraph } from './order-graph.ts';
import { type Hold, holdByProtection } from './policy.ts';
import type { Problem } from './problem.ts';
import { type FoundRef, findRefs } from './refs.ts';
import type { LiveSnapshot } from './snapshot.ts';
import { canTakeAway, makeUnreadJudge, stayerHold } from './staying-refs.ts';

interface Judging {
  readonly look: Look;
  readonly going: ReadonlyMap<Address, Going>;
  /** Whether the step of a wanted document will be carried out as it stands, so that what it drops is dropped. */
  readonly isWritten: (wanted: Address) => boolean;
  /** The refusal that counts for all, where it was found before and something was taken out of the plan for it. */
  readonly refusal?: Omit<Hold, 'action'>;
}

/** What is held of what is to go, and what has to be done before each of the others. */
export interface Judged {
  readonly holds: ReadonlyMap<Address, Hold>;
  /** Wanted documents whose steps drop their refs to it. */
  readonly droppers: ReadonlyMap<Address, ReadonlySet<Address>>;
  /** The rule of the budget, where it holds them all. */
  readonly refusal?: Omit<Hold, 'action'>;
  readonly problems: readonly Problem[];
}

/** Judges each by its own: protected, of a type that the tree may hold in part, perhaps only renamed, perhaps needed by something unread, needed by something that stays. Then all by the budget. */
export function judgeGoing(judging: Judging): Judged {
  const { look, going, refusal } = judging;
  const { policy, allowDeletes, live } = look.request;
  // Who does not ask for deletions has not read for them either.
  const whyUnread = allowDeletes === undefined ? () => undefined : makeUnreadJudge(look.request);
  const holds = new Map<Address, Hold>();
  for (const [address, one] of going) {
    const found =
      holdByProtection(one.action, one.known, policy, one.isProtected) ?? doubtHold(one) ?? renameHold(one, allowDeletes !== undefined) ?? whyUnread(one);
    if (found !== undefined) holds.set(address, found);
  }
  for (const address of knotted(going, look)) if (!holds.has(address)) holds.set(address, knotHold(going.get(address)?.action ?? 'delete'));
  const { stayers, droppers } = holdNeeded(judging, new Set(holds.keys()));
  for (const [address, names] of stayers) {
    const one = going.get(address);
    if (one !== undefined && !holds.has(address)) holds.set(address, stayerHold(one.action, [...names].sort(compareText)));
  }
  const left = [...going.values()].filter(({ address }) => !holds.has(address));
  const counted = judgeDeletions({
    policy,
    deletions: left.map(({ address, action }) => ({ address, action })),
    living: countLiving(live),
    ...optional('allowed', allowDeletes),
  });
  const [first] = counted.values();
  const rule = refusal ?? first;
  if (rule !== undefined) for (const { address, action } of left) holds.set(address, { action, rule: rule.rule, allow: rule.allow });
  const problems = allowDeletes === undefined ? [] : [...going.values()].flatMap(unansweredRename);
  return { holds, droppers, problems, ...(rule === undefined ? {} : { refusal: { rule: rule.rule, allow: rule.allow } }) };
}

/** What refers to each other by refs that nothing can clear, and what refers to that. */
function knotted(going: ReadonlyMap<Address, Going>, { request }: Look): ReadonlySet<Address> {
  const documents = new Map([...going].map(([address, { document }]) => [address, document]));
  return orderGraph(buildGraph(documents, request.types)).leftOut;
}

function knotHold(action: Hold['action']): Hold {
  return {
    action,
    rule: 'it is in a ring of references of which none can be cleared, or refers to one',
    allow: 'take one of the references out in the org, then plan again',
  };
}

/** How many objects of each type live. */
export function countLiving({ documents }: LiveSnapshot): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const address of documents.keys()) counts.set(typeOf(address), (counts.get(typeOf(address)) ?? 0) + 1);
  return counts;
}

function doubtHold({ address, action, isDoubted }: Going): Hold | undefined {
  if (isDoubted !== true) return undefined;
  const rule = `the tree's export.yaml calls ${typeOf(address)} whole, and no export of this version wrote that: what it leaves out is never deleted`;
  return { action, rule, allow: `export ${typeOf(address)} again into this tree, or restore its export.yaml from Git` };
}

function renameHold({ address, maybeNow, action }: Going, isAsked: boolean): Hold | undefined {
  if (maybeNow === undefined || !isAsked) return undefined;
  const rule = `"${maybeNow}" is new and has the same body, so this may be a rename`;
  return { action, rule, allow: `say in the new document either "was: ${keyOf(address)}" or "was: none"` };
}

function unansweredRename({ address, maybeNow }: Going): readonly Problem[] {
  if (maybeNow === undefined) return [];
  return [
    {
      code: 'RENAME_UNANSWERED',
      severity: 'error',
      at: maybeNow,
      message: `"${maybeNow}" is new, and "${address}" with the same body is to be deleted: if that is a rename, deleting would lose the object`,
      hint: `add the line "was: ${keyOf(address)}" if it is the same one, "was: none" if it is not`,
    },
  ];
}

/** Who refers to what is to go and keeps doing so, or stops doing so by which step. What is held stays, and so does what it refers to. */
function holdNeeded({ look, going, isWritten }: Judging, held: ReadonlySet<Address>) {
  const stayers = new Map<Address, Set<Address>>();
  const droppers = new Map<Address, Set<Address>>();
  const usedBy = new Map<Address, Address[]>();
  const add = (sets: Map<Address, Set<Address>>, to: Address, one: Address) => sets.set(to, (sets.get(to) ?? new Set()).add(one));
  if (going.size === 0) return { stayers, droppers };
  for (const one of look.request.live.documents.values()) {
    const type = typeIn(look.request, one.address);
    if (type === undefined) continue;
    const own = look.replaced.get(one.address)?.waits ?? one.address;
    for (const ref of findRefs(one, type).refs) {
      if (!going.has(ref.to) || ref.to === own) continue;
      if (going.has(own)) usedBy.set(own, [...(usedBy.get(own) ?? []), ref.to]);
      else if (isDropped(one, ref, look, isWritten)) add(droppers, ref.to, look.wantedOf.get(one.address) as Address);
      else add(stayers, ref.to, one.address);
    }
  }
  const open = [...held, ...stayers.keys()];
  const seen = new Set<Address>(open);
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    for (const to of usedBy.get(one) ?? []) {
      add(stayers, to, one);
      if (!seen.has(to)) open.push(to);
      seen.add(to);
    }
  }
  return { stayers, droppers };
}

/** Whether the step of the document that refers takes this ref away. */
function isDropped(one: Document, ref: FoundRef, { request, wantedOf }: Look, isWritten: (wanted: Address) => boolean): boolean {
  const address = wantedOf.get(one.address);
  const wanted = address === undefined ? undefined : request.wanted.documents.get(address);
  const type = typeIn(request, one.address);
  if (address === undefined || wanted === undefined || type === undefined || !isWritten(address)) return false;
  return canTakeAway(ref, one, wanted, type) && findRefs(wanted, type).refs.every(({ to }) => to !== ref.to);
}
