import { type Address, splitEdge } from '../../state/address.ts';
import type { Step } from '../../state/change.ts';
import { judgeDeletions } from '../../state/delete-budget.ts';
import { diffDocuments } from '../../state/diff.ts';
import type { Document } from '../../state/document.ts';
import { makePlan, type PlanRequest } from '../../state/make-plan.ts';
import type { Plan } from '../../state/plan.ts';
import { dropAt, setAt } from '../../state/pointer.ts';
import type { DeleteLimit, Hold, Policy } from '../../state/policy.ts';
import { findOutside } from '../../state/remap.ts';
import type { TypeTable } from '../../state/resource-type.ts';
import type { LiveSnapshot, Memory, Snapshot } from '../../state/snapshot.ts';
import { edgeHash, resourceHash } from '../../state/step-hash.ts';
import { isTemporary } from '../../state/temporary-key.ts';
import { bareDocument, type ReadBag } from './inputs.ts';
import { type LiveOrg, liveDocument, placeOf } from './live-inputs.ts';
import type { Kept } from './provider-site.ts';
import { requireType, type StepSite } from './steps.ts';

/** What the deletions of one run are judged by. */
export interface RunFacts {
  /** The manifests. */
  readonly tree: Snapshot;
  /** The org before this run wrote to it. */
  readonly live: LiveSnapshot;
  /** What was applied to it last, by whatever driver. */
  readonly remembered: Memory;
  readonly types: TypeTable;
  readonly policy: Policy;
  readonly allowDeletes?: DeleteLimit;
  readonly referrers?: PlanRequest['referrers'];
}

/**
 * The plan by which the deletions of a run of the engine are judged, all at once: wanted is what the run keeps, to go is what was applied last and
 * is not kept. What lives beside was never ours, and stays. The same function plans it that plans everything else, with all its rules.
 */
export function planOfRun(facts: RunFacts, keeps: Kept): Plan {
  const { tree, live, remembered, types } = facts;
  const isOurs = (address: Address): boolean => tree.documents.has(address) || remembered.documents.has(address) || isTemporary(address);
  const documents = new Map<Address, Document>();
  if (keeps === 'the manifests') for (const [address, document] of tree.documents) documents.set(address, document);
  for (const [address, document] of live.documents) if (!isOurs(address)) documents.set(address, document);
  const completeness: Snapshot['completeness'] = new Map([...types.keys()].map((type) => [type, 'whole']));
  // What the tree's manifest claims does not matter: only what was applied last goes.
  const wanted: Snapshot = { ...tree, documents, completeness, doubted: new Set(), problems: [] };
  const externals = new Map(findOutside(wanted, types).map((address) => [address, ['there']]));
  const { allowDeletes, referrers } = facts;
  return makePlan({
    wanted,
    live,
    types,
    policy: facts.policy,
    externals,
    remembered,
    ...(allowDeletes === undefined ? {} : { allowDeletes }),
    ...(referrers === undefined ? {} : { referrers }),
  });
}

/** The step of such a plan for one object that the engine wants deleted: a deletion, or one that is held. */
export function judgedStep(plan: Plan, address: Address, id: string): Step | undefined {
  const isGoing = ({ action, held }: Step): boolean => action === 'delete' || held?.action === 'delete' || held?.action === 'replace';
  const going = plan.steps.filter(isGoing);
  return going.find((step) => step.id === id) ?? going.find((step) => step.address === address || step.was === address);
}

/** Why something is held that no step of the plan speaks of. */
export function unjudged(plan: Plan, address: Address, policy: Policy): Hold {
  const { allowDeletes, living } = plan;
  const allowed = allowDeletes === undefined ? {} : { allowed: allowDeletes };
  const byBudget = judgeDeletions({ policy, deletions: [{ address, action: 'delete' }], living, ...allowed }).get(address);
  if (byBudget !== undefined) return byBudget;
  const problem = plan.problems.find(({ at }) => at === address);
  if (problem !== undefined) return { action: 'delete', rule: problem.message, allow: problem.hint ?? 'see cordboard plan' };
  const rule = 'nothing here remembers that it was applied, so it cannot be counted what else is to go';
  return { action: 'delete', rule, allow: 'apply without Pulumi: cordboard plan --allow-deletes N --out plan.json, then cordboard apply plan.json' };
}

/** The deletion of what the stack holds no more, as the stack last saw it. */
export function deleteStep(bag: ReadBag, id: string, judged: Step, site: StepSite, org: LiveOrg): Step {
  const { address } = bag;
  const { deferred } = bag.inputs;
  const before = resourceHash(asKnown(bag, site, org), requireType(site, address), deferred);
  return { address, action: 'delete', changes: [], reasons: ['the program no longer holds it'], before, deferred, needs: judged.needs, id };
}

/** An edge whose owner goes as well: its field is cleared first, so that neither end keeps the other. */
export function clearStep(bag: ReadBag, site: StepSite, org: LiveOrg): Step {
  const { owner, pointer = '' } = splitEdge(bag.address);
  const type = requireType(site, owner);
  const known = bareDocument(bag);
  const from = placeOf(owner, undefined, org) ?? owner;
  const there = org.live.documents.get(from);
  const cleared: Document = { address: owner, body: dropAt(there?.body ?? known.body, pointer) };
  const left = type.placeholder?.(cleared, pointer);
  const after = left === undefined ? cleared : { ...cleared, body: setAt(cleared.body, pointer, left) };
  const id = org.live.ids.get(from);
  return {
    address: bag.address,
    action: 'update',
    changes: diffDocuments(known, { address: owner, body: left === undefined ? dropAt(known.body, pointer) : setAt(known.body, pointer, left) }, type),
    reasons: [`"${pointer}" is cleared before either end is deleted, since they need each other`],
    before: edgeHash(bag.address, known.body, pointer),
    after: edgeHash(bag.address, after.body, pointer),
    document: after,
    deferred: [pointer],
    needs: [],
    ...(id === undefined ? {} : { id }),
  };
}

/** A step that is shown and not carried out. */
export function heldStep({ address }: ReadBag, id: string, hold: Hold): Step {
  const here = hold.allow.includes('plan with --allow-deletes') ? '; through Pulumi: cordboard up --allow-deletes N, or CORDBOARD_ALLOW_DELETES=N' : '';
  const held = { ...hold, allow: `${hold.allow}${here}` };
  return { address, action: 'held', changes: [], reasons: ['the program no longer holds it'], deferred: [], needs: [], id, held };
}

/**
 * The step that moves what is to be replaced aside; undefined where its key is free for the new one already. Where it is not as the stack last saw
 * it (`old`), that is what the step was made for, so that the reconciler refuses it as stale.
 */
export function asideStep(plan: Plan, old: ReadBag, { address }: ReadBag, { site, org }: { readonly site: StepSite; readonly org: LiveOrg }): Step | undefined {
  const step = plan.steps.find(({ action, temporary }) => action === 'update' && temporary?.for === address);
  if (step === undefined || isUnmoved(old, site, org)) return step;
  return { ...step, before: resourceHash(bareDocument(old), requireType(site, old.address), old.inputs.deferred) };
}

/** Whether what lives is still as the stack last saw it. */
function isUnmoved(bag: ReadBag, site: StepSite, org: LiveOrg): boolean {
  const { deferred, ignore } = bag.inputs;
  const type = requireType(site, bag.address);
  const live = liveDocument(bag, type, org);
  return live !== undefined && resourceHash(live, type, deferred, ignore) === resourceHash(bareDocument(bag), type, deferred, ignore);
}

/** What the stack last saw; where that lives unmoved, in the org's own words. */
function asKnown(bag: ReadBag, site: StepSite, org: LiveOrg): Document {
  const live = isUnmoved(bag, site, org) ? (org.live.documents.get(bag.address) ?? liveDocument(bag, requireType(site, bag.address), org)) : undefined;
  return live ?? bareDocument(bag);
}
