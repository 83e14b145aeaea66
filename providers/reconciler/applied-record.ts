import { type Address, splitEdge } from '../../state/address.ts';
import type { Step } from '../../state/change.ts';
import type { Document } from '../../state/document.ts';
import { isDone, type Outcome } from '../../state/outcome.ts';
import { getAt, type Pointer, setAt } from '../../state/pointer.ts';
import type { ValueMap } from '../../state/value.ts';

type Documents = ReadonlyMap<Address, Document>;

/**
 * What was last applied to an org, as it stands after a run: the wanted document where the step succeeded, else what was applied before (or
 * nothing). A deferred field counts as applied once its edge was written. Documents that the plan does not name stay.
 */
export function appliedDocuments(plan: { readonly steps: readonly Step[] }, outcomes: readonly Outcome[], previous: Documents = new Map()): Documents {
  const done = new Set(outcomes.filter(isDone).map((outcome) => outcome.address));
  const applied = new Map(previous);
  for (const step of plan.steps.filter((one) => done.has(one.address))) {
    const { document } = step;
    const { owner, pointer } = splitEdge(step.address);
    if (document === undefined) continue;
    const before = applied.get(step.was ?? owner);
    if (step.was !== undefined) applied.delete(step.was);
    if (pointer === undefined) applied.set(owner, keepFields(document, step.deferred, before));
    else if (before !== undefined) applied.set(owner, { ...before, body: copyField(before.body, document, pointer) });
  }
  return applied;
}

/** The wanted document, with the fields that other steps write as they were applied before. */
function keepFields(document: Document, deferred: readonly Pointer[], before: Document | undefined): Document {
  return { ...document, body: deferred.reduce<ValueMap>((body, pointer) => copyField(body, before, pointer), document.body) };
}

function copyField(body: ValueMap, from: Document | undefined, pointer: Pointer): ValueMap {
  return setAt(body, pointer, getAt(from?.body, pointer));
}
