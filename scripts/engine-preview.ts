import { isEdge, type ReadBag, readInputs } from '../providers/pulumi/inputs.ts';
import { type Address, splitEdge, typeOf } from '../state/address.ts';
import type { Action, FieldChange } from '../state/change.ts';
import { judgeDeletions } from '../state/delete-budget.ts';
import { diffDocuments } from '../state/diff.ts';
import type { Document } from '../state/document.ts';
import { setAt } from '../state/pointer.ts';
import type { DeleteLimit, Hold, Policy } from '../state/policy.ts';
import type { TypeTable } from '../state/resource-type.ts';
import { replacedAddress, temporaryAddress } from '../state/temporary-key.ts';
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
  /** What the command allows to be deleted. */
  readonly allowDeletes?: DeleteLimit;
}

/** What the engine's steps come to; what goes beside them in a replacement is told with it. Steps that change nothing are in none. */
const ACTIONS: Readonly<Record<string, Action>> = { create: 'create', update: 'update', delete: 'delete', replace: 'replace' };

/** A resource of ours in one of the engine's steps. */
interface Shown {
  readonly step: PreviewStep;
  readonly order: number;
  readonly action: Action;
  readonly before: ReadBag | undefined;
  readonly bag: ReadBag;
}

/** The engine's preview in the records of a plan: same addresses, same actions, same field changes. What it would not carry out is held. */
export function previewOutputs(digest: PreviewDigest, facts: PreviewFacts): readonly StepOutput[] {
  const steps = (digest.steps ?? []).flatMap((step, order): Shown[] => {
    const action = ACTIONS[step.op];
    const before = bagOf(step.oldState);
    const bag = bagOf(step.newState) ?? before;
    return action === undefined || bag === undefined ? [] : [{ step, order, action, before, bag }];
  });
  const holds = judgedHolds(digest, steps, facts);
  const leaving = new Map(
    steps.flatMap((shown) => (shown.before === undefined || shown.before.address === shown.bag.address ? [] : [[shown.before.address, shown] as const])),
  );
  return steps.flatMap((shown) => [...asideOf(shown, leaving.get(shown.bag.address), facts), ...outputsOf(shown, holds, facts)]);
}

/** Who takes a name over before its holder has left it: that one waits under a temporary name, as in a plan. */
function asideOf({ order, bag: { address } }: Shown, holder: Shown | undefined, { types }: PreviewFacts): readonly StepOutput[] {
  const type = types.get(typeOf(address));
  if (holder === undefined || type === undefined || holder.order <= order) return [];
  const id = holder.step.oldState?.id;
  const told = { record: 'step' as const, order, reasons: [], needs: [], ...(id === undefined ? {} : { id }) };
  return [{ ...told, address: temporaryAddress(address, type), action: 'update', changes: [], was: address }];
}

/** What is held of all that is to be deleted or replaced, by its address. */
function judgedHolds({ steps = [] }: PreviewDigest, shown: readonly Shown[], { policy, allowDeletes }: PreviewFacts): ReadonlyMap<Address, Hold | undefined> {
  const going = shown.filter(({ action, bag }) => (action === 'delete' || action === 'replace') && !isEdge(bag.address));
  const deletions = going.map(({ action, bag }) => ({ address: bag.address, action: action === 'replace' ? ('replace' as const) : ('delete' as const) }));
  const held = judgeDeletions({ policy, deletions, living: countLiving(steps), ...(allowDeletes === undefined ? {} : { allowed: allowDeletes }) });
  return new Map(deletions.map(({ address }) => [address, held.get(address)]));
}

/** What the stack holds of each type: no more than lives. */
function countLiving(steps: readonly PreviewStep[]): ReadonlyMap<string, number> {
  const found = new Set(steps.flatMap(({ op, oldState, newState }) => bagOf(oldState ?? (op === 'same' ? newState : undefined))?.address ?? []));
  const counts = new Map<string, number>();
  for (const address of found) if (!isEdge(address)) counts.set(typeOf(address), (counts.get(typeOf(address)) ?? 0) + 1);
  return counts;
}

function outputsOf(shown: Shown, holds: ReadonlyMap<Address, Hold | undefined>, { types }: PreviewFacts): readonly StepOutput[] {
  const { step, order, action, before, bag } = shown;
  const { address } = bag;
  const { owner } = splitEdge(address);
  const hold = holds.get(owner);
  const id = step.oldState?.id;
  const told = { record: 'step' as const, order, reasons: [], needs: [], ...(id === undefined || id === '' ? {} : { id }) };
  if (action === 'delete' && isEdge(address)) {
    // An edge whose owner stays is dissolved: the owner itself says from now on what the field is.
    if (!holds.has(owner)) return [];
    return [{ ...told, address, action: hold === undefined ? 'update' : 'held', changes: [], ...(hold === undefined ? {} : { held: hold }) }];
  }
  const changes = action === 'delete' ? [] : changesOf(before, bag, types);
  const was = before === undefined || before.address === address ? {} : { was: before.address };
  if (hold !== undefined) return [{ ...told, address, action: 'held', changes, ...was, held: hold }];
  return action === 'replace' ? replacementOf(told, { address, changes }, types) : [{ ...told, address, action, changes, ...was }];
}

/** The old one makes way under a temporary name, the new one is made, the old one goes: as in a plan. */
function replacementOf(
  { id, ...told }: Pick<StepOutput, 'record' | 'order' | 'reasons' | 'needs' | 'id'>,
  { address, changes }: Pick<StepOutput, 'changes'> & { readonly address: Address },
  types: TypeTable,
): readonly StepOutput[] {
  const type = types.get(typeOf(address));
  if (type === undefined) return [];
  const aside = temporaryAddress(address, type);
  const old = id === undefined ? {} : { id };
  return [
    { ...told, address: aside, action: 'update', changes: [], was: address, ...old },
    { ...told, address, action: 'create', changes },
    { ...told, address: replacedAddress(aside), action: 'delete', changes: [], was: address, ...old },
  ];
}

/** How many steps of each kind, in the words of a plan. */
export function previewCounts(outputs: readonly StepOutput[], { changeSummary = {} }: PreviewDigest): Readonly<Record<string, number>> {
  const count = (action: Action): number => outputs.filter((output) => output.action === action).length;
  return {
    'to create': count('create'),
    'to update': count('update'),
    'to delete': count('delete'),
    held: count('held'),
    unchanged: changeSummary['same'] ?? 0,
  };
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
