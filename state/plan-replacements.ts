import { type Address, keyOf } from './address.ts';
import type { Document } from './document.ts';
import { type Look, typeIn } from './look.ts';
import type { Hold } from './policy.ts';
import { whyReplaced } from './replaceable.ts';
import type { ResourceType } from './resource-type.ts';
import { temporaryAddress } from './temporary-key.ts';

/** A live object that cannot become what is wanted, so that another has to take its place. */
export interface Replacement {
  readonly wanted: Document;
  /** Where it lives. */
  readonly from: Address;
  /** Where it waits to be deleted: there as well, unless its key is wanted for another. */
  readonly waits: Address;
  /** Why, as a plan says it. */
  readonly reason: string;
  /** Why nothing can take its place while it lives. */
  readonly hold?: Hold;
}

/** Everything that would have to be replaced, looked at this way. `skip` are wanted addresses that are not planned at all. */
export function findReplacements(look: Look, skip: ReadonlySet<Address>): readonly Replacement[] {
  return [...look.matching.matches.values()].flatMap((match) => {
    const { wanted, live } = match;
    const type = typeIn(look.request, wanted.address);
    if (live === undefined || type === undefined || skip.has(wanted.address)) return [];
    const reason = whyReplaced({ wanted, live, isRenamed: match.was !== undefined }, type);
    return reason === undefined ? [] : [replacementOf({ wanted, from: live.address, reason }, type, look)];
  });
}

function replacementOf(found: Pick<Replacement, 'wanted' | 'from' | 'reason'>, type: ResourceType, { request, matching }: Look): Replacement {
  const { from } = found;
  if (!matching.matches.has(from)) return { ...found, waits: from };
  if (type.isSingleton || !type.isRenamable) return { ...found, waits: from, hold: hold(`the key "${keyOf(from)}" cannot change, and no two can have it`) };
  const waits = temporaryAddress(from, type);
  if (!request.live.documents.has(waits)) return { ...found, waits };
  return { ...found, waits, hold: hold(`"${keyOf(waits)}", the name under which it would wait, is taken by what an earlier run left`) };
}

function hold(rule: string): Hold {
  return { action: 'replace', rule, allow: 'do it by hand in the org, then plan again' };
}
