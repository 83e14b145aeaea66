import { type Address, edgeAddress, keyOf, splitEdge, typeOf } from './address.ts';
import type { Step } from './change.ts';
import { judgeDeletions } from './delete-budget.ts';
import type { Document } from './document.ts';
import { buildGraph, orderGraph } from './graph.ts';
import { type Look, optional, typeIn } from './look.ts';
import { compareText, normalise } from './normalise.ts';
import { dropAt, expand, getAt, isUnder, type Pointer, setAt } from './pointer.ts';
import { type Hold, holdByProtection } from './policy.ts';
import type { Problem } from './problem.ts';
import { type FoundRef, findRefs, isAlwaysThere, parentOf } from './refs.ts';
import { completenessOf } from './remap.ts';
import type { ResourceType } from './resource-type.ts';
import type { LiveSnapshot } from './snapshot.ts';
import { edgeHash, normalisedHash } from './step-hash.ts';
import { isTemporary, replacedAddress, temporaryAddress } from './temporary-key.ts';

/** One live object that is to go. */
export interface Going {
  /** Where it lives when it goes. */
  readonly address: Address;
  /** Where its step stands in the plan. */
  readonly step: Address;
  /** As it is when it goes, before any of its edges is cleared. */
  readonly document: Document;
  readonly action: 'delete' | 'replace';
  /** The key by which people know it: what is protected by name is protected under a temporary name too. */
  readonly known: Address;
  readonly isProtected: boolean;
  /** Who takes its place. */
  readonly by?: Address;
  /** The new document with the same body, which may be this one under another key. */
  readonly maybeNow?: Address;
}

/**
 * Everything that is to go, by address: what is in no document, of types that both sides hold whole, and what is replaced. Not what every org
 * has, and not what shares its key with another.
 */
export function findGoing(look: Look): ReadonlyMap<Address, Going> {
  const { request, matching, replaced } = look;
  const { live, wanted, remembered } = request;
  const isGone = (address: Address) =>
    [live, wanted].every((side) => completenessOf(side, typeOf(address)) === 'whole') && !isAlwaysThere(address) && !live.twins.has(address);
  const unwanted = matching.unclaimed
    .filter(({ address }) => isGone(address))
    .flatMap(({ address, maybeNow }): Going[] => {
      const document = live.documents.get(address);
      if (document === undefined) return [];
      const known = isTemporary(address) ? ownerOf(address, look) : address;
      const isProtected = remembered?.documents.get(known)?.protect === true;
      const by = known === address ? undefined : known;
      const action = by === undefined ? 'delete' : 'replace';
      return [{ address, step: address, document, action, known, isProtected, ...optional('by', by), ...optional('maybeNow', maybeNow) }];
    });
  const makingWay = [...replaced].flatMap(([from, { waits: address, wanted: by }]): Going[] => {
    const document = live.documents.get(from);
    if (document === undefined) return [];
    const isProtected = [wanted.documents.get(by), remembered?.documents.get(from)].some((one) => one?.protect === true);
    const step = address === from ? address : replacedAddress(address);
    return [{ address, step, document: address === from ? document : { ...document, address }, action: 'replace', known: from, isProtected, by }];
  });
  return new Map([...unwanted, ...makingWay].sort((left, right) => compareText(left.address, right.address)).map((going) => [going.address, going]));
}

/** The wanted address for which a temporary name was made; the name itself where no document stands for it. */
function ownerOf(temporary: Address, { request }: Look): Address {
  const type = typeIn(request, temporary);
  if (type === undefined) return temporary;
  for (const address of request.wanted.documents.keys()) {
    if (typeOf(address) === type.name && temporaryAddress(address, type) === temporary) return address;
  }
  return temporary;
}

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

/** Judges each by its own: protected, perhaps only renamed, perhaps needed by something unread, needed by something that stays. Then all by the budget. */
export function judgeGoing(judging: Judging): Judged {
  const { look, going, refusal } = judging;
  const { policy, allowDeletes, live } = look.request;
  // Who does not ask for deletions has not read for them either.
  const whyUnread = allowDeletes === undefined ? () => undefined : unreadRule(look);
  const holds = new Map<Address, Hold>();
  for (const [address, one] of going) {
    const found = holdByProtection(one.action, one.known, policy, one.isProtected) ?? renameHold(one, allowDeletes !== undefined) ?? whyUnread(one);
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

/** Why something unread, or not managed here, keeps an object from being deleted. */
function unreadRule({ request }: Look): (going: Going) => Hold | undefined {
  const { types, live, referrers, policy } = request;
  const trusted = new Set(policy.unreadReferrers ?? []);
  const unread = new Map<string, readonly string[]>();
  const unreadFor = (name: string): readonly string[] => {
    const declared = [...types.values()].filter((type) => mayRefer(type, name) && completenessOf(live, type.name) !== 'whole').map((type) => type.name);
    const others = (referrers?.types.get(name) ?? []).filter((other) =>
      types.has(other) ? completenessOf(live, other) !== 'whole' : !referrers?.read.has(other),
    );
    return [...new Set([...declared, ...others])].filter((other) => !trusted.has(other)).sort(compareText);
  };
  return ({ address, known, action }) => {
    const name = typeOf(address);
    const found = unread.get(name) ?? unreadFor(name);
    unread.set(name, found);
    const uses = referrers?.uses.get(known) ?? [];
    if (uses.length > 0) return stayerHold(action, uses);
    if (found.length === 0) return undefined;
    const allow = `give the client the permission to read them; or, if none refers to it, name them under "unreadReferrers" in the org's policy in cordboard.yaml`;
    return { action, rule: `it may be referred to from what was not read whole: ${some(found)}`, allow };
  };
}

function mayRefer(type: ResourceType, to: string): boolean {
  return type.parent === to || type.usesIn !== undefined || type.refs.some((ref) => ref.to.includes(to));
}

function stayerHold(action: Hold['action'], names: readonly string[]): Hold {
  return { action, rule: `what stays refers to it: ${some(names)}`, allow: 'take these refs out of the manifests or the org first, then plan again' };
}

/** Up to five of them. */
function some(names: readonly string[]): string {
  return names.length <= 5 ? names.join(', ') : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`;
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
  if (address === undefined || wanted === undefined || type === undefined || ref.kind === 'parent' || !isWritten(address)) return false;
  if (type.knows?.(ref.pointer) === false) return false;
  const ignored = (wanted.ignore ?? []).flatMap((pattern) => expand(one.body, pattern));
  if (ignored.some((pointer) => isUnder(ref.pointer, pointer))) return false;
  return findRefs(wanted, type).refs.every(({ to }) => to !== ref.to);
}

interface Deleting {
  readonly look: Look;
  readonly going: ReadonlyMap<Address, Going>;
  readonly judged: Judged;
  /** Steps of a wanted document that write something. */
  readonly stepsOf: (wanted: Address) => readonly Address[];
  /** Steps that already take something from what is to go, by its address when it goes: the address of each, and the document without that. */
  readonly cleared: ReadonlyMap<Address, { readonly steps: readonly Address[]; readonly document: Document }>;
  /** Steps that have to be done so that what it refers to is called as it is in the look, or so that it waits under its name. */
  readonly namers: (going: Going) => readonly Address[];
}

/**
 * The steps of what is to go: who refers to others before those. Where they refer to each other in a ring, the smallest set of edges that can be
 * cleared is cleared first. What is held comes last, in the same order.
 */
export function planDeletions(deleting: Deleting): readonly Step[] {
  const { look, going, judged } = deleting;
  const leaving = new Map([...going].filter(([address]) => !judged.holds.has(address)));
  const staying = [...going].filter(([address]) => judged.holds.has(address));
  const held = backward(new Map(staying.map(([address, { document }]) => [address, document])), look);
  const documents = new Map([...leaving].map(([address, one]) => [address, deleting.cleared.get(address)?.document ?? one.document]));
  return [
    ...stepsAway(documents, deleting),
    ...held.flatMap((address) => {
      const [one, hold] = [going.get(address), judged.holds.get(address)];
      return one === undefined || hold === undefined ? [] : [heldStep(one, hold, look)];
    }),
  ];
}

/** Users before what they use. */
function backward(documents: ReadonlyMap<Address, Document>, { request }: Look): readonly Address[] {
  const { order, leftOut } = orderGraph(buildGraph(documents, request.types));
  return [...[...leftOut].sort(compareText), ...order.filter((address) => documents.has(address)).reverse()];
}

/** Clearings and deletions of what may go, in an order in which each can be carried out. */
function stepsAway(documents: ReadonlyMap<Address, Document>, deleting: Deleting): readonly Step[] {
  const { look, going, judged } = deleting;
  const order = orderGraph(buildGraph(documents, look.request.types));
  const users = new Map<Address, Address[]>();
  for (const [user, needs] of order.needs) for (const used of needs) users.set(used, [...(users.get(used) ?? []), user]);
  const clearings = order.order.filter((address) => splitEdge(address).pointer !== undefined);
  return [...clearings, ...order.order.filter((address) => documents.has(address)).reverse()].flatMap((address) => {
    const { owner, pointer } = splitEdge(address);
    const [one, document] = [going.get(owner), documents.get(owner)];
    const type = typeIn(look.request, owner);
    if (one === undefined || document === undefined || type === undefined) return [];
    const before = [...(deleting.cleared.get(owner)?.steps ?? []), ...deleting.namers(one)];
    if (pointer !== undefined) return [clearingStep({ document, type, pointer, needs: before, look, going: one })];
    const cut = order.deferred.get(owner) ?? [];
    const others = (users.get(owner) ?? []).flatMap((user) => (splitEdge(user).pointer === undefined ? (going.get(user)?.step ?? []) : user));
    const droppers = [owner, ...ancestors(owner, deleting)].flatMap((above) =>
      [...(judged.droppers.get(above) ?? []), ...byOf(going.get(above))].flatMap(deleting.stepsOf),
    );
    const needs = [...before, ...others, ...droppers, ...cut.map((at) => edgeAddress(owner, at))];
    return [
      deletionStep(
        one,
        cut.reduce((left, at) => cleared(left, type, at), document),
        needs,
        look,
      ),
    ];
  });
}

/** The parents that are to go as well: what refers to them uses their children. */
function ancestors(address: Address, { look, going }: Pick<Deleting, 'look' | 'going'>): readonly Address[] {
  const type = typeIn(look.request, address);
  const parent = type === undefined ? undefined : parentOf(address, type);
  return parent === undefined || !going.has(parent) ? [] : [parent, ...ancestors(parent, { look, going })];
}

function byOf(going: Going | undefined): readonly Address[] {
  return going?.by === undefined ? [] : [going.by];
}

function cleared(document: Document, type: ResourceType, pointer: Pointer): Document {
  const standIn = type.placeholder?.(document, pointer);
  return { ...document, body: standIn === undefined ? dropAt(document.body, pointer) : setAt(document.body, pointer, standIn) };
}

interface Clearing {
  readonly document: Document;
  readonly type: ResourceType;
  readonly pointer: Pointer;
  readonly needs: readonly Address[];
  readonly look: Look;
  readonly going: Going;
}

function clearingStep({ document, type, pointer, needs, look, going }: Clearing): Step {
  const address = edgeAddress(document.address, pointer);
  const [before, after] = [normalise(document, type), normalise(cleared(document, type, pointer), type)];
  const [had, has] = [getAt(before.body, pointer), getAt(after.body, pointer)];
  return {
    address,
    action: 'update',
    changes: [{ at: pointer, kind: has === undefined ? 'remove' : 'change', ...optional('before', had), ...optional('after', has) }],
    reasons: [`it is to be deleted, and "${pointer}" is cleared first, since they need each other`],
    before: edgeHash(address, before.body, pointer),
    after: edgeHash(address, after.body, pointer),
    document: cleared(document, type, pointer),
    deferred: [pointer],
    ...optional('id', look.request.live.ids.get(liveAddress(going))),
    needs: [...new Set(needs)].sort(compareText),
  };
}

/** Where it lives before anything is moved aside: there its id is known. */
function liveAddress({ action, address, step, known }: Going): Address {
  return action === 'replace' && step !== address ? known : address;
}

function deletionStep(going: Going, document: Document, needs: readonly Address[], look: Look): Step {
  const type = typeIn(look.request, going.address);
  return {
    address: going.step,
    action: 'delete',
    changes: [],
    reasons: reasonsOf(going),
    before: normalisedHash(type === undefined ? document : normalise(document, type), []),
    deferred: [],
    ...optional('id', look.request.live.ids.get(liveAddress(going))),
    ...optional('was', going.known === going.address ? undefined : going.known),
    needs: [...new Set(needs)].sort(compareText),
  };
}

function heldStep(going: Going, held: Hold, look: Look): Step {
  const step = deletionStep(going, going.document, [], look);
  return { ...step, action: 'held', held };
}

function reasonsOf({ address, step, known, by, maybeNow }: Going): readonly string[] {
  const isLeft = isTemporary(address) && step === address;
  const left = isLeft ? ['its name is a temporary one, left by a run that was cut off'] : [];
  if (by !== undefined) return [`"${by}" takes the place of "${known}"`, ...left];
  const hint =
    maybeNow === undefined ? [] : [`"${keyOf(maybeNow)}" is new and has the same body: if it is this one, add the line "was: ${keyOf(address)}" there`];
  return ['it lives in the org and is in no document', ...left, ...hint];
}
