import { type Address, typeOf } from './address.ts';
import type { Document } from './document.ts';
import { compareText } from './normalise.ts';
import type { PlanRequest } from './plan-request.ts';
import { expand, isUnder } from './pointer.ts';
import type { Hold } from './policy.ts';
import type { FoundRef } from './refs.ts';
import { completenessOf } from './remap.ts';
import type { ResourceType } from './resource-type.ts';

/** What it is judged by whether something that nobody here knows refers to what is to go. */
export type UnreadFacts = Pick<PlanRequest, 'types' | 'live' | 'policy' | 'referrers'>;

/** What is to go, by the key that people know it by. */
export interface Leaving {
  readonly known: Address;
  readonly action: 'delete' | 'replace';
}

/**
 * Judges why something that was not read, or is not managed here, keeps an object from being deleted: what was found there that refers to it, or the
 * types that may and were not read whole. Of twins none has a document, so their type was not read whole either. The same at planning and before the
 * first write.
 */
export function makeUnreadJudge({ types, live, policy, referrers }: UnreadFacts): (leaving: Leaving) => Hold | undefined {
  const trusted = new Set(policy.unreadReferrers ?? []);
  const twinned = new Set([...live.twins.keys()].map(typeOf));
  const isWhole = (name: string) => (types.has(name) ? completenessOf(live, name) === 'whole' && !twinned.has(name) : referrers?.read.has(name) === true);
  const unread = new Map<string, readonly string[]>();
  const unreadFor = (name: string): readonly string[] => {
    const declared = [...types.values()].filter((type) => mayRefer(type, name)).map((type) => type.name);
    const all = new Set([...declared, ...(referrers?.types.get(name) ?? [])]);
    return [...all].filter((other) => !isWhole(other) && !trusted.has(other)).sort(compareText);
  };
  return ({ known, action }) => {
    const name = typeOf(known);
    const found = unread.get(name) ?? unreadFor(name);
    unread.set(name, found);
    const uses = referrers?.uses.get(known) ?? [];
    if (uses.length > 0) return stayerHold(action, uses);
    if (found.length === 0) return undefined;
    const allow = `give the client the permission to read them; or, if none refers to it, name them under "unreadReferrers" in the org's policy in cordboard.yaml`;
    return { action, rule: `it may be referred to from what was not read whole: ${some(found)}`, allow };
  };
}

function mayRefer(type: ResourceType, to: string): boolean {
  return type.parent === to || type.usesIn !== undefined || type.refs.some((ref) => ref.to.includes(to));
}

/** What refers to it and stays. */
export function stayerHold(action: Hold['action'], names: readonly string[]): Hold {
  return { action, rule: `what stays refers to it: ${some(names)}`, allow: 'take these refs out of the manifests or the org first, then plan again' };
}

/** Up to five of them. */
function some(names: readonly string[]): string {
  return names.length <= 5 ? names.join(', ') : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`;
}

/** Whether a step that writes `wanted` over `one` can take this ref away: not the parent in its key, nor what this version does not know, nor what is ignored. */
export function canTakeAway(ref: FoundRef, one: Document, wanted: Document, type: ResourceType): boolean {
  if (ref.kind === 'parent' || type.knows?.(ref.pointer) === false) return false;
  const ignored = (wanted.ignore ?? []).flatMap((pattern) => expand(one.body, pattern));
  return !ignored.some((pointer) => isUnder(ref.pointer, pointer));
}
