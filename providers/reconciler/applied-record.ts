import { type Address, splitEdge } from '../../state/address.ts';
import type { Step } from '../../state/change.ts';
import type { Document } from '../../state/document.ts';
import { isDone, type Outcome } from '../../state/outcome.ts';
import { getAt, type Pointer, setAt } from '../../state/pointer.ts';
import type { ValueMap } from '../../state/value.ts';

type Documents = ReadonlyMap<Address, Document>;

/** A step, and what became of it. */
export interface Done {
  readonly step: Step;
  readonly outcome: Outcome;
}

/**
 * What was last applied to an org, as it stands after steps in the order of their carrying out: the wanted document where the step succeeded, else
 * what was applied before (or nothing). A deferred field counts as applied once its edge was written; what was deleted is forgotten. Documents that
 * no step names stay. An object that is left under a temporary name is remembered under its own.
 */
export function appliedDocuments(done: readonly Done[], previous: Documents = new Map()): Documents {
  const applied = new Map(previous);
  const aside = new Map<Address, Address>();
  for (const { step, outcome } of done) {
    if (!isDone(outcome)) continue;
    const { owner, pointer } = splitEdge(step.address);
    if (outcome.word === 'deleted') applied.delete(owner);
    const { document } = step;
    if (document === undefined) continue;
    const before = applied.get(step.was ?? owner);
    if (step.was !== undefined) applied.delete(step.was);
    if (pointer === undefined) applied.set(owner, keepFields(document, step.deferred, before));
    else if (before !== undefined) applied.set(owner, { ...before, body: copyField(before.body, document, pointer) });
    if (step.temporary !== undefined) aside.set(owner, step.temporary.for);
  }
  for (const [temporary, own] of aside) {
    const before = previous.get(own);
    if (!applied.delete(temporary) || applied.has(own) || before === undefined) continue;
    applied.set(own, before);
  }
  return applied;
}

/**
 * The id behind each document that is applied (`documents`), as far as anybody saw it. What a step would have renamed, and did not, is not
 * remembered under its new name.
 */
export function appliedIds(done: readonly Done[], documents: Documents, previous: ReadonlyMap<Address, string> = new Map()): ReadonlyMap<Address, string> {
  const ids = new Map([...previous].filter(([address]) => documents.has(address)));
  for (const { step, outcome } of done) {
    const { owner, pointer } = splitEdge(step.address);
    const isInPlace = isDone(outcome) || (pointer === undefined && step.was === undefined);
    const id = outcome.id ?? step.id;
    if (isInPlace && id !== undefined && documents.has(owner)) ids.set(owner, id);
  }
  return ids;
}

/** The wanted document, with the fields that other steps write as they were applied before; else with what a creation puts in their place. */
function keepFields(document: Document, deferred: readonly Pointer[], before: Document | undefined): Document {
  return {
    ...document,
    body: deferred.reduce<ValueMap>((body, pointer) => setAt(body, pointer, getAt(before?.body, pointer) ?? getAt(body, pointer)), document.body),
  };
}

function copyField(body: ValueMap, from: Document, pointer: Pointer): ValueMap {
  return setAt(body, pointer, getAt(from.body, pointer));
}
