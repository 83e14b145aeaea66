import { type Address, typeOf } from './address.ts';

export type OrgRole = 'production' | 'test' | 'practice';

/** What an org allows to be done to it; from `cordboard.yaml`. */
export interface Policy {
  readonly role: OrgRole;
  /** Types and addresses of which nothing may ever be deleted or replaced. */
  readonly protect?: readonly string[];
  /** The most that may be deleted per type and per run; in production nothing is deleted without it. */
  readonly deletes?: DeleteLimit;
  /** Types and addresses whose lists may be emptied although a rule of their type says that one stays. */
  readonly mayBeEmpty?: readonly string[];
  /** Types that need not have been read before something is deleted to which they may refer. */
  readonly unreadReferrers?: readonly string[];
}

/** How much may be deleted: so many, and where it is said so many of a hundred of those that live. Both hold for each type and for the whole run; a share above 0 leaves a run that takes one alone to the count. */
export interface DeleteLimit {
  readonly count: number;
  readonly percent?: number;
}

/** The strictest policy: an org that nobody described is treated as production. */
export const STRICTEST: Policy = { role: 'production' };

/** Why a step is held, and the way to allow it. */
export interface Hold {
  readonly action: 'delete' | 'replace' | 'update';
  readonly rule: string;
  readonly allow: string;
}

/** Whether what is held is something that the manifests want, and not only the end of what they do not name: then it waits for a person, and nothing is done before. */
export function isWantedHold({ action }: Pick<Hold, 'action'>): boolean {
  return action !== 'delete';
}

/** What a person protected, in the document or in the policy: held whatever the budget. Undefined where nobody did. */
export function holdByProtection(action: 'delete' | 'replace', address: Address, policy: Policy, isProtected: boolean): Hold | undefined {
  const noun = action === 'delete' ? 'deletion' : 'replacement';
  if (isProtected)
    return {
      action,
      rule: `the document says "protect: true", which forbids its ${noun}`,
      allow: 'take "protect: true" out of the document, and apply that first',
    };
  const named = policy.protect?.find((name) => name === address || name === typeOf(address));
  if (named === undefined) return undefined;
  return { action, rule: `"${named}" is protected in this org`, allow: `take "${named}" out of "protect" in the org's policy in cordboard.yaml` };
}
