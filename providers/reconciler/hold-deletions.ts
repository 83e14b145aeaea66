import { type Address, splitEdge, typeOf } from '../../state/address.ts';
import type { Step } from '../../state/change.ts';
import type { Hold } from '../../state/policy.ts';
import { findRefs } from '../../state/refs.ts';
import type { TypeTable } from '../../state/resource-type.ts';
import type { LiveSnapshot } from '../../state/snapshot.ts';

/** By the address that a deletion is judged by: what was moved aside goes by the key that people know it by. */
export type Holds = ReadonlyMap<Address, Hold>;

/** Deletions of what somebody refers to that the plan does not change: since it was made, for it would have said so. Not every org would refuse them. */
export function holdsOfUsed(steps: readonly Step[], { documents }: LiveSnapshot, types: TypeTable): Holds {
  const going = new Set(steps.flatMap(({ action, address, was }) => (action === 'delete' && was === undefined ? [address] : [])));
  const changed = new Set(
    steps.flatMap(({ action, address, was }) =>
      action === 'unchanged' ? [] : was === undefined ? [splitEdge(address).owner] : [splitEdge(address).owner, was],
    ),
  );
  const holds = new Map<Address, Hold>();
  for (const document of going.size === 0 ? [] : documents.values()) {
    const type = types.get(typeOf(document.address));
    if (type === undefined || changed.has(document.address)) continue;
    for (const { to } of findRefs(document, type).refs) {
      if (!going.has(to) || to === document.address) continue;
      holds.set(to, { action: 'delete', rule: `"${document.address}" refers to it since the plan was made`, allow: 'plan again' });
    }
  }
  return holds;
}

/** The rule that holds this deletion, as judged. */
export function holdOn({ address, was }: Step, holds: Holds): Hold | undefined {
  return holds.get(was ?? address);
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
