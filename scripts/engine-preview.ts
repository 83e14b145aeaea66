import { isEdge, type ReadBag, readInputs } from '../providers/pulumi/inputs.ts';
import { splitEdge, typeOf } from '../state/address.ts';
import type { Action, FieldChange } from '../state/change.ts';
import { holdOf } from '../state/delete-budget.ts';
import { diffDocuments } from '../state/diff.ts';
import type { Document } from '../state/document.ts';
import { setAt } from '../state/pointer.ts';
import type { Policy } from '../state/policy.ts';
import type { TypeTable } from '../state/resource-type.ts';
import { isMap, makeMap } from '../state/value.ts';
import type { StepOutput } from './view/output.ts';

/** What `pulumi preview --json` prints; only what is read is named. */
export interface PreviewDigest {
  readonly steps?: readonly PreviewStep[];
  readonly changeSummary?: Readonly<Record<string, number>>;
}

interface PreviewStep {
  readonly op: string;
  readonly oldState?: ResourceState;
  readonly newState?: ResourceState;
}

interface ResourceState {
  readonly type: string;
  readonly id?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
}

export interface PreviewFacts {
  readonly types: TypeTable;
  readonly policy: Policy;
}

/** What each of the engine's steps comes to; what it refuses to carry out is held, as in a plan. Steps that change nothing are in none. */
const ACTIONS: Readonly<Record<string, { readonly action: Action; readonly held?: 'delete' | 'replace' }>> = {
  create: { action: 'create' },
  update: { action: 'update' },
  delete: { action: 'held', held: 'delete' },
  replace: { action: 'held', held: 'replace' },
};

/** The engine's preview in the records of a plan: same addresses, same actions, same field changes. */
export function previewOutputs(digest: PreviewDigest, facts: PreviewFacts): readonly StepOutput[] {
  return (digest.steps ?? []).flatMap((step, order) => {
    const meant = ACTIONS[step.op];
    const [before, after] = [bagOf(step.oldState), bagOf(step.newState)];
    const shown = after ?? before;
    if (meant === undefined || shown === undefined) return [];
    const { address } = shown;
    const id = step.oldState?.id;
    return [
      {
        record: 'step' as const,
        order,
        address,
        action: meant.action,
        changes: meant.held === 'delete' ? [] : changesOf(before, shown, facts.types),
        reasons: [],
        needs: [],
        ...(id === undefined || id === '' ? {} : { id }),
        ...(before === undefined || before.address === address ? {} : { was: before.address }),
        ...(meant.held === undefined ? {} : { held: holdOf(meant.held, splitEdge(address).owner, facts.policy) }),
      },
    ];
  });
}

/** How many steps of each kind, in the words of a plan. */
export function previewCounts(outputs: readonly StepOutput[], { changeSummary = {} }: PreviewDigest): Readonly<Record<string, number>> {
  const count = (action: Action): number => outputs.filter((output) => output.action === action).length;
  return { 'to create': count('create'), 'to update': count('update'), held: count('held'), unchanged: changeSummary['same'] ?? 0 };
}

/** A resource of ours; the stack itself and its provider are none. */
function bagOf(state: ResourceState | undefined): ReadBag | undefined {
  return state?.type.startsWith('pulumi-nodejs:dynamic/') && state.inputs !== undefined ? readInputs(state.inputs) : undefined;
}

function changesOf(before: ReadBag | undefined, after: ReadBag, types: TypeTable): readonly FieldChange[] {
  const type = types.get(typeOf(splitEdge(after.address).owner));
  return type === undefined ? [] : diffDocuments(before === undefined ? undefined : documentOf(before), documentOf(after), type, after.inputs.deferred);
}

/** An edge as a document that holds nothing but its field. */
function documentOf({ address, value, inputs: { ignore } }: ReadBag): Document {
  const { owner, pointer } = splitEdge(address);
  const body = isEdge(address) ? setAt(makeMap([]), pointer ?? '', value) : isMap(value) ? value : makeMap([]);
  return { address: owner, body, ...(ignore.length > 0 ? { ignore } : {}) };
}
