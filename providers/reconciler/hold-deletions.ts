import { type Address, splitEdge } from '../../state/address.ts';
import type { Step } from '../../state/change.ts';
import type { Hold } from '../../state/policy.ts';

/** By the address that a deletion is judged by: what was moved aside goes by the key that people know it by. */
export type Holds = ReadonlyMap<Address, Hold>;

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
