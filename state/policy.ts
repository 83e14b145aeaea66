import { type Address, typeOf } from './address.ts';
import type { Document } from './document.ts';

export type OrgRole = 'production' | 'test' | 'practice';

/** What an org allows to be done to it; from `cordboard.yaml`. */
export interface Policy {
  readonly role: OrgRole;
  /** Types and addresses of which nothing may ever be deleted or replaced. */
  readonly protect?: readonly string[];
}

/** The strictest policy: an org that nobody described is treated as production. */
export const STRICTEST: Policy = { role: 'production' };

/** Why a step is held, and the way to allow it. */
export interface Hold {
  readonly action: 'delete' | 'replace';
  readonly rule: string;
  readonly allow: string;
}

/**
 * The rule that holds a deletion or a replacement. Both are always held in this version: the rule that is named is the strictest that
 * applies, so that nobody lifts one to find the next behind it.
 */
export function holdOf(action: 'delete' | 'replace', address: Address, policy: Policy, document?: Document): Hold {
  const noun = action === 'delete' ? 'deletion' : 'replacement';
  if (document?.protect === true)
    return { action, rule: `the document says "protect: true", which forbids its ${noun}`, allow: 'take "protect: true" out of the document' };
  const named = policy.protect?.find((name) => name === address || name === typeOf(address));
  if (named !== undefined)
    return { action, rule: `"${named}" is protected in this org`, allow: `take "${named}" out of "protect" in the org's policy in cordboard.yaml` };
  if (policy.role === 'production')
    return { action, rule: `a production org refuses every ${noun}`, allow: `do it by hand in the org, then plan again; this version carries out no ${noun}` };
  return { action, rule: `this version carries out no ${noun}`, allow: 'do it by hand in the org, then plan again' };
}
