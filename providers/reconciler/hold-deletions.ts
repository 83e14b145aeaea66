import { type Address, splitEdge, typeOf } from '../../state/address.ts';
import type { Step } from '../../state/change.ts';
import type { Document } from '../../state/document.ts';
import { isUnder } from '../../state/pointer.ts';
import type { Hold } from '../../state/policy.ts';
import { type FoundRef, findRefs } from '../../state/refs.ts';
import type { ResourceType, TypeTable } from '../../state/resource-type.ts';
import type { LiveSnapshot } from '../../state/snapshot.ts';
import { canTakeAway } from '../../state/staying-refs.ts';
import { restingOutcome } from './carry-out.ts';

/** By the address that a deletion is judged by: what was moved aside goes by the key that people know it by. */
export type Holds = ReadonlyMap<Address, Hold>;

/** The address that a deletion is judged by. */
export function knownAs({ address, was }: Step): Address {
  return was ?? address;
}

/** Whether a hold says of a deletion, or of a replacement. */
export function goingBy({ was }: Step): 'delete' | 'replace' {
  return was === undefined ? 'delete' : 'replace';
}

/**
 * Deletions of what somebody refers to who keeps doing so. A ref counts as dropped only by a step that writes, that the deletion waits for, and that
 * takes this very ref away: where that step finds its object moved, it is stale and the deletion is skipped. Not every org would refuse the rest.
 */
export function holdsOfUsed(steps: readonly Step[], live: LiveSnapshot, types: TypeTable): Holds {
  const doomed = findDoomed(steps, live);
  const byAddress = new Map(steps.map((step) => [step.address, step]));
  const holds = new Map<Address, Hold>();
  for (const document of doomed.size === 0 ? [] : live.documents.values()) {
    const type = types.get(typeOf(document.address));
    if (type === undefined) continue;
    for (const ref of findRefs(document, type).refs) {
      const going = doomed.get(ref.to);
      if (going === undefined || ref.to === document.address) continue;
      const user: User = { document, type, ref, id: live.ids.get(document.address) };
      if (!going.needs.some((need) => isDroppedBy(byAddress.get(need), user, going))) holds.set(knownAs(going), usedHold(document.address, going));
    }
  }
  return holds;
}

/** What is to be deleted, by where it lives now: by its id, since names may have been changed by an earlier run of the same plan. */
function findDoomed(steps: readonly Step[], { ids }: LiveSnapshot): ReadonlyMap<Address, Step> {
  const going = steps.filter(({ action }) => action === 'delete');
  const found = new Map<Address, Step>();
  if (going.length === 0) return found;
  const byId = new Map(going.map((step) => [`${typeOf(step.address)} ${step.id}`, step]));
  for (const [address, id] of ids) {
    const step = byId.get(`${typeOf(address)} ${id}`);
    if (step !== undefined) found.set(address, step);
  }
  // What could not be read, or shares its name, goes by the name that it had.
  for (const step of going) if (!ids.has(knownAs(step))) found.set(knownAs(step), step);
  return found;
}

/** One ref to what is to go, and who says it. */
interface User {
  readonly document: Document;
  readonly type: ResourceType;
  readonly ref: FoundRef;
  readonly id: string | undefined;
}

function isDroppedBy(step: Step | undefined, user: User, going: Step): boolean {
  if (step === undefined || restingOutcome(step) !== undefined || !isOf(step, user)) return false;
  if (step.action === 'delete') return true;
  const { document } = step;
  const { ref, type } = user;
  const { pointer: edge } = splitEdge(step.address);
  const isWritten = ({ pointer }: FoundRef) => (edge === undefined ? !step.deferred.some((at) => isUnder(pointer, at)) : isUnder(pointer, edge));
  if (document === undefined || !isWritten(ref) || !canTakeAway(ref, user.document, document, type)) return false;
  // Of what makes way for another the document names that other one, which has the same name.
  return going.was !== undefined || findRefs(document, type).refs.every((kept) => kept.to !== going.address || !isWritten(kept));
}

function isOf({ address, id, was }: Step, user: User): boolean {
  const own = user.document.address;
  if (typeOf(splitEdge(address).owner) !== typeOf(own)) return false;
  return id === undefined ? splitEdge(address).owner === own || was === own : id === user.id;
}

function usedHold(user: Address, going: Step): Hold {
  const rule = `"${user}" refers to it, which no step here takes away, as it may since the plan was made`;
  return { action: goingBy(going), rule, allow: 'plan again' };
}

/** The rule that holds this deletion, as judged. */
export function holdOn(step: Step, holds: Holds): Hold | undefined {
  return holds.get(knownAs(step));
}

/**
 * The steps as they may be carried out after a judgement: a deletion that is held, and whatever is in the plan for its sake alone (its edges
 * that were to be cleared, the temporary name of what was to be replaced), is held with the same words.
 */
export function heldSteps(steps: readonly Step[], holds: Holds): readonly Step[] {
  if (holds.size === 0) return steps;
  const deletions = new Map(steps.flatMap((step) => (step.action === 'delete' ? [[step.address, holdOn(step, holds)] as const] : [])));
  return steps.map((step) => {
    const { owner, pointer } = splitEdge(step.address);
    const cleared = step.action === 'update' && pointer !== undefined ? deletions.get(owner) : undefined;
    const aside = step.temporary === undefined ? undefined : deletions.get(step.temporary.until);
    const hold = deletions.get(step.address) ?? cleared ?? aside;
    return hold === undefined ? step : { ...step, action: 'held', held: hold };
  });
}
