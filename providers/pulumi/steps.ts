import { type Address, splitEdge, typeOf } from '../../state/address.ts';
import { canonicalJson } from '../../state/canonical.ts';
import type { Step } from '../../state/change.ts';
import { diffDocuments } from '../../state/diff.ts';
import type { Document } from '../../state/document.ts';
import { makeEmptyingJudge } from '../../state/last-one.ts';
import { dropAt, getAt, type Pointer, setAt } from '../../state/pointer.ts';
import type { Policy } from '../../state/policy.ts';
import { type Renames, renamedDocument } from '../../state/renames.ts';
import { isCreateOnly } from '../../state/replaceable.ts';
import type { ResourceType, TypeTable } from '../../state/resource-type.ts';
import { rulesOf } from '../../state/rules.ts';
import { edgeHash, resourceHash } from '../../state/step-hash.ts';
import type { ValueMap } from '../../state/value.ts';
import { bareDocument, documentOf, type ReadBag, type ResourceInputs } from './inputs.ts';
import { inWordsOf, type LiveOrg, liveDocument, placeOf } from './live-inputs.ts';

/** What the reconciler's steps are made from, beside the bags that the engine hands over. */
export interface StepSite {
  readonly types: TypeTable;
  readonly policy: Policy;
}

/** A new resource. Where something lives under its key already, the reconciler adopts it as it is or refuses. */
export function createStep(bag: ReadBag, site: StepSite): Step {
  const { deferred, ignore } = bag.inputs;
  const document = wantedOf(bag);
  const after = resourceHash(document, requireType(site, bag.address), deferred, ignore);
  const reasons = ['the stack holds no such resource'];
  return { address: bag.address, action: 'create', changes: [], reasons, after, document: withPlaceholders(document, bag, site), deferred, needs: [] };
}

/** What every org has is never made: it is adopted as it is now, with what differs. */
export function takeOverStep(bag: ReadBag, site: StepSite, org: LiveOrg): Step {
  const type = requireType(site, bag.address);
  const { deferred, ignore } = bag.inputs;
  const [live, document] = [liveDocument(bag, type, org), wantedOf(bag)];
  const id = org.live.ids.get(bag.address);
  return {
    address: bag.address,
    action: 'adopt',
    changes: diffDocuments(live, document, type, deferred),
    reasons: ['every org has it'],
    ...(live === undefined ? {} : { before: resourceHash(live, type, deferred, ignore) }),
    after: resourceHash(document, type, deferred, ignore),
    document,
    deferred,
    needs: [],
    ...(id === undefined ? {} : { id }),
  };
}

/**
 * The step goes by what the stack last saw, by its last refresh: an org that has moved since is refused by the reconciler as stale. Renames of this very
 * run are no such move: `now` is the object as it reads at this moment.
 */
export function updateStep(id: string, [before, after]: readonly [ReadBag, ReadBag], site: StepSite, org: LiveOrg, now: Document | undefined): Step {
  if (isUntouched(before, after)) return untouchedStep(id, after);
  const type = requireType(site, after.address);
  const { deferred, ignore } = after.inputs;
  const [known, document] = [documentOf(before.address, before.value, ignore), wantedOf(after)];
  const live = liveDocument(before, type, org);
  const hash = (of: Document, without: readonly Pointer[]): string => resourceHash(of, type, without, ignore);
  const there = (now === undefined ? live : inWordsOf(before, now, type, org)) ?? known;
  const isUnmoved = live !== undefined && hash(live, before.inputs.deferred) === hash(known, before.inputs.deferred);
  const [emptied] = live === undefined ? [] : makeEmptyingJudge({ ...site, live: org.live, wanted: { documents: org.wanted } })({ live, wanted: document });
  return {
    address: after.address,
    action: emptied === undefined ? 'update' : 'held',
    ...(emptied === undefined ? {} : { held: emptied.hold }),
    changes: diffDocuments(known, document, type, deferred),
    reasons: ['the stack and the manifests differ'],
    before: hash(isUnmoved ? there : known, deferred),
    after: hash(document, deferred),
    document,
    deferred,
    id,
    needs: [],
    ...(there.address === after.address ? {} : { was: there.address }),
  };
}

/**
 * An edge is a field of its owner. Where it is new to the stack, what lives there now may be overwritten only if it is nothing or the same.
 * `owner` is the owner's own bag, where this process has checked it: some orgs take secrets with every update.
 */
export function edgeStep(after: ReadBag, before: ReadBag | undefined, site: StepSite, org: LiveOrg, ownerBag: ReadBag | undefined): Step {
  const { owner, pointer } = splitEdge(after.address);
  const field = pointer ?? '';
  const document = bareDocument(after);
  const id = org.live.ids.get(placeOf(owner, undefined, org) ?? owner);
  return {
    address: after.address,
    action: before === undefined ? 'create' : 'update',
    changes: diffDocuments(before === undefined ? undefined : bareDocument(before), document, requireType(site, owner)),
    reasons: ['it closes a cycle, so it is written after both ends exist'],
    ...(before === undefined ? {} : { before: edgeHash(after.address, bareDocument(before).body, field) }),
    after: edgeHash(after.address, document.body, field),
    document: ownerBag === undefined ? document : { ...document, body: setAt(wantedOf(ownerBag).body, field, after.value) },
    deferred: [field],
    needs: [],
    ...(id === undefined ? {} : { id }),
  };
}

/**
 * Whether a plan would call it unchanged: the same field for field, where what only was renamed is still the same, and so is what is at its default or
 * cleared either way. What is stored beside the fields has to be the same as well, or it would be out of date.
 */
export function isUnchanged(before: ReadBag, after: ReadBag, site: StepSite): boolean {
  const [old, now] = [before.inputs, after.inputs];
  const isBeside = canonicalJson([[...old.deferred], [...old.ignore]]) === canonicalJson([[...now.deferred], [...now.ignore]]);
  if (before.address !== after.address || !isBeside) return false;
  const type = requireType(site, splitEdge(after.address).owner);
  const known = renamedDocument(bareDocument(before), renamesBetween(old.refs, now.refs), site.types);
  return diffDocuments(known, bareDocument(after), type, now.deferred).length === 0;
}

/** The same id under another address is the same object. */
function renamesBetween(before: ResourceInputs['refs'], after: ResourceInputs['refs']): Renames {
  const now = new Map(Object.entries(after).map(([address, id]) => [id, address as Address]));
  const found = (Object.entries(before) as [Address, string][]).flatMap(([address, id]) => {
    const other = now.get(id);
    return other === undefined || other === address || after[address] !== undefined ? [] : [[address, other] as const];
  });
  return new Map(found);
}

/** Whether the live object would have to go for the wanted one to come. */
export function isReplacement(before: ReadBag, after: ReadBag, site: StepSite): boolean {
  const type = requireType(site, after.address);
  if (before.address !== after.address && !type.isRenamable) return true;
  const changes = diffDocuments(wantedOf(before), wantedOf(after), type, after.inputs.deferred);
  return changes.some((change) => isCreateOnly(change.at, rulesOf(type)));
}

export function wantedOf({ address, value, inputs }: ReadBag): Document {
  return documentOf(address, value, inputs.ignore);
}

export function requireType({ types }: StepSite, address: Address): ResourceType {
  const type = types.get(typeOf(address));
  if (type === undefined) throw new Error(`this version of Cordboard does not know the type of ${address}`);
  return type;
}

/**
 * Whether nothing of the resource itself differs: only the ids of what it refers to, or a field that an edge writes from now on and that
 * has a value. A field that no edge writes any more has to be looked at, and so has one that lacks its placeholder.
 */
function isUntouched(before: ReadBag, after: ReadBag): boolean {
  const { deferred } = after.inputs;
  const { body } = wantedOf(before);
  const left = before.inputs.deferred.filter((pointer) => !deferred.includes(pointer));
  const come = deferred.filter((pointer) => !before.inputs.deferred.includes(pointer) && getAt(body, pointer) === undefined);
  if (before.address !== after.address || left.length > 0 || come.length > 0) return false;
  return canonicalJson(without(body, deferred)) === canonicalJson(after.value);
}

function untouchedStep(id: string, after: ReadBag): Step {
  const reasons = ['only what stands beside the body differs'];
  return {
    address: after.address,
    action: 'unchanged',
    changes: [],
    reasons,
    document: wantedOf(after),
    deferred: after.inputs.deferred,
    needs: [],
    id,
  };
}

function without(body: ValueMap, pointers: readonly Pointer[]): ValueMap {
  return pointers.reduce((left, pointer) => dropAt(left, pointer), body);
}

function withPlaceholders(document: Document, { inputs }: ReadBag, site: StepSite): Document {
  const { placeholder } = requireType(site, document.address);
  const body = inputs.deferred.reduce((left, pointer) => {
    const value = placeholder?.(document, pointer);
    return value === undefined ? dropAt(left, pointer) : setAt(left, pointer, value);
  }, document.body);
  return { ...document, body };
}
