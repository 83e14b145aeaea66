import { type Address, typeOf } from './address.ts';
import type { Step } from './change.ts';
import { compareText } from './normalise.ts';
import type { Plan } from './plan.ts';
import { type DeleteLimit, type Hold, holdByProtection, type Policy } from './policy.ts';

/** Of a hundred living objects so many may be deleted where nobody says a figure. */
const PERCENT = 20;

/** One object that is to go: because no document wants it, or so that another can take its place (`replace`). */
export interface Deletion {
  readonly address: Address;
  readonly action: 'delete' | 'replace';
  /** The document says `protect: true`, now or when it was applied last. */
  readonly isProtected?: boolean;
}

export interface DeletionsToJudge {
  readonly policy: Policy;
  /** What the one who runs this allows (`--allow-deletes`); left out: nothing was asked for. */
  readonly allowed?: DeleteLimit;
  readonly deletions: readonly Deletion[];
  /** How many objects of each type live: what a percentage is taken of. */
  readonly living: ReadonlyMap<string, number>;
}

/**
 * Which deletions are held, by which rule, and how it is lifted; what is not in the answer may go. What is protected is held by itself and does
 * not count. All others count together, for each type and for the whole run: over the smaller of what the command and the org's policy
 * allow, every one of them is held. A share above 0 % never forbids a run that takes one object alone, or in a small type nothing could ever go.
 * Without a command nothing is allowed; in production nothing without a policy either.
 */
export function judgeDeletions({ policy, allowed, deletions, living }: DeletionsToJudge): ReadonlyMap<Address, Hold> {
  const held = new Map<Address, Hold>();
  const counted: Deletion[] = [];
  for (const deletion of deletions) {
    const hold = holdByProtection(deletion.action, deletion.address, policy, deletion.isProtected === true);
    if (hold === undefined) counted.push(deletion);
    else held.set(deletion.address, hold);
  }
  const refusal = counted.length === 0 ? undefined : (whyNone(policy, allowed) ?? overBudget(counted, limitOf(policy, allowed), living));
  if (refusal !== undefined) for (const { address, action } of counted) held.set(address, { action, ...refusal });
  return held;
}

/** Judges the deletions of a plan again, with the policy of this moment: before anything is written, since days may lie between. */
export function judgePlan(plan: Pick<Plan, 'steps' | 'allowDeletes' | 'living'>, policy: Policy): ReadonlyMap<Address, Hold> {
  const deletions = plan.steps.filter((step) => step.action === 'delete').map(deletionOf);
  return judgeDeletions({ policy, deletions, living: plan.living, ...(plan.allowDeletes === undefined ? {} : { allowed: plan.allowDeletes }) });
}

/** A deletion as it counts: what was moved aside goes by the key that people know it by. */
function deletionOf({ address, was }: Step): Deletion {
  return was === undefined ? { address, action: 'delete' } : { address: was, action: 'replace' };
}

/** The most of each that command and policy allow together. */
function limitOf(policy: Policy, allowed: DeleteLimit | undefined): Required<DeleteLimit> {
  const counts = [allowed?.count ?? 0, policy.deletes?.count ?? Number.POSITIVE_INFINITY];
  const percents = [allowed?.percent, policy.deletes?.percent].filter((percent) => percent !== undefined);
  return { count: Math.min(...counts), percent: percents.length === 0 ? PERCENT : Math.min(...percents) };
}

type Refusal = Omit<Hold, 'action'>;

function whyNone(policy: Policy, allowed: DeleteLimit | undefined): Refusal | undefined {
  if (policy.role === 'production' && policy.deletes === undefined) {
    const allow = 'set "deletes: { count: N }" in the policy of the org in cordboard.yaml, then plan with --allow-deletes N';
    return { rule: 'a production org deletes only what its policy and the command both allow, and its policy allows nothing', allow };
  }
  if (allowed === undefined) return { rule: 'nothing is deleted unless the command asks for it', allow: 'plan with --allow-deletes N' };
  return undefined;
}

interface Limit {
  readonly count: number;
  readonly percent: number;
}

function overBudget(counted: readonly Deletion[], limit: Limit, living: ReadonlyMap<string, number>): Refusal | undefined {
  const byType = new Map<string, number>();
  for (const { address } of counted) byType.set(typeOf(address), (byType.get(typeOf(address)) ?? 0) + 1);
  const all = [...living.values()].reduce((sum, count) => sum + count, 0);
  const tooMany = [
    ...[...byType].sort(([left], [right]) => compareText(left, right)).map(([type, asked]) => ({ what: `of type ${type}`, asked, of: living.get(type) ?? 0 })),
    { what: 'in this run', asked: counted.length, of: all },
  ].flatMap((share) => excess(share, limit, counted.length === 1));
  return tooMany.length === 0
    ? undefined
    : { rule: `more is to be deleted than is allowed, so nothing is: ${tooMany.join('; ')}`, allow: wayToAllow(counted.length) };
}

interface Share {
  readonly what: string;
  readonly asked: number;
  readonly of: number;
}

function excess({ what, asked, of }: Share, { count, percent }: Limit, isAlone: boolean): readonly string[] {
  const share = Math.max(isAlone && percent > 0 ? 1 : 0, Math.floor((of * percent) / 100));
  if (asked > count) return [`${asked} ${what}, where ${count} may be`];
  return asked > share ? [`${asked} of ${of} ${what}, where ${percent} % may be (${share})`] : [];
}

function wayToAllow(count: number): string {
  return `plan with --allow-deletes ${count}, or ${count},100% where the share is too large; where the policy of the org in cordboard.yaml says less, raise "deletes" there`;
}
