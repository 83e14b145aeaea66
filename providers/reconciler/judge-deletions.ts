import { type Address, splitEdge } from '../../state/address.ts';
import type { Step } from '../../state/change.ts';
import { judgePlan } from '../../state/delete-budget.ts';
import type { Plan } from '../../state/plan.ts';
import type { Policy } from '../../state/policy.ts';
import type { Problem } from '../../state/problem.ts';
import type { Referrers } from '../../state/referrers.ts';
import type { TypeTable } from '../../state/resource-type.ts';
import type { LiveSnapshot } from '../../state/snapshot.ts';
import { makeUnreadJudge } from '../../state/staying-refs.ts';
import { NOT_JUDGED } from './carry-out.ts';
import { goingBy, type Holds, heldSteps, holdOn, holdsOfUsed, knownAs } from './hold-deletions.ts';
import type { Site } from './site.ts';

/** What the deletions of a plan are judged by once more. */
export interface Judging {
  readonly types: TypeTable;
  /** The org's policy of today. */
  readonly policy: Policy;
  /** Reads the org as it is now: the types that the plan names, or all there are, where something is to be deleted that others may refer to. */
  readonly read: (reading: 'what it names' | 'all') => Promise<LiveSnapshot>;
  /** Who refers to these objects from outside of the declared types; left out where nobody can. */
  readonly referrers?: ((going: ReadonlyMap<Address, string>) => Promise<Referrers>) | undefined;
}

/** A plan as it may be carried out now. */
export interface JudgedPlan {
  readonly plan: Plan;
  /** The judgement, for the reconciler: what is not in it was not judged. */
  readonly deletions: NonNullable<Site['deletions']>;
  /** What could not be read. */
  readonly problems: readonly Problem[];
}

/** The plan with what the policy of today holds of it. Pure: it needs no org. */
export function judgeByPolicy(plan: Plan, policy: Policy): Plan {
  return { ...plan, steps: heldSteps(plan.steps, judgePlan(plan, policy)) };
}

/**
 * Judges all deletions of a plan again, before its first write: by the policy of today, and by the org as it is now, since days may lie between. What
 * somebody refers to and keeps, and what something may refer to that could not be read whole, is held; whatever the plan saw. Reads the org in any
 * case, so that its client learns the id behind each name. Writes nothing.
 */
export async function judgeDeletions(sealed: Plan, { types, policy, read, referrers }: Judging): Promise<JudgedPlan> {
  const allowed = judgeByPolicy(sealed, policy);
  const going = allowed.steps.filter(({ action }) => action === 'delete');
  const live = await read(going.length === 0 ? 'what it names' : 'all');
  const ids = new Map(going.flatMap((step) => (step.id === undefined ? [] : [[knownAs(step), step.id] as const])));
  const found = ids.size === 0 ? undefined : await referrers?.(ids);
  const whyUnread = makeUnreadJudge({ types, live, policy, ...(found === undefined ? {} : { referrers: found }) });
  const unread = going.flatMap((step) => {
    const hold = whyUnread({ known: knownAs(step), action: goingBy(step) });
    return hold === undefined ? [] : [[knownAs(step), hold] as const];
  });
  const holds: Holds = new Map([...unread, ...holdsOfUsed(allowed.steps, live, types)]);
  const judged = new Set(going.map(({ address }) => address));
  return {
    plan: { ...allowed, steps: heldSteps(allowed.steps, holds) },
    deletions: async (step) => (judged.has(step.address) ? holdOn(step, holds) : NOT_JUDGED),
    problems: live.problems,
  };
}

/** What says which types a plan is about: of edges, those of their owners. */
export function namedBy({ steps, completeness }: Plan) {
  return { documents: new Map(steps.map(({ address }: Step) => [splitEdge(address).owner, undefined])), completeness: completeness.wanted };
}
