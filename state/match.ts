import { type Address, keyOf, typeOf } from './address.ts';
import { canonicalJson } from './canonical.ts';
import type { Claim, Claims } from './claim.ts';
import type { Document } from './document.ts';
import { normalise } from './normalise.ts';
import type { Problem } from './problem.ts';
import { isAlwaysThere } from './refs.ts';
import type { TypeTable } from './resource-type.ts';
import type { LiveSnapshot, Memory, Snapshot } from './snapshot.ts';
import { isTemporary } from './temporary-key.ts';

/** One wanted document and what lives for it. */
export interface Match {
  readonly wanted: Document;
  readonly live?: Document;
  readonly id?: string;
  /** The address under which it lives now, where that is another. */
  readonly was?: Address;
  /** Who told that. */
  readonly renamedBy?: Claim['by'];
  /** The live object with the same body that nothing in the tree claims. */
  readonly maybeWas?: Address;
  /** True where it was applied by us before. */
  readonly isKnown: boolean;
}

export interface Matching {
  readonly matches: ReadonlyMap<Address, Match>;
  /** Live objects that no document claims, sorted by address; with the new document of the same body, if there is one. */
  readonly unclaimed: readonly { readonly address: Address; readonly maybeNow?: Address }[];
  readonly problems: readonly Problem[];
}

export interface MatchRequest {
  readonly wanted: Snapshot;
  readonly live: LiveSnapshot;
  readonly types: TypeTable;
  readonly memory?: Memory | undefined;
  readonly claims: Claims;
  /** Live objects that are to go so that others can take their places: they live for nobody. */
  readonly replaced?: ReadonlySet<Address>;
}

/**
 * Finds for each wanted document what lives for it: what it claims under another key, else what has its address. A key that several
 * objects share is matched with none of them and a problem that lists them all.
 */
export function matchDocuments({ wanted, live, types, memory, claims: all, replaced = new Set() }: MatchRequest): Matching {
  const problems: Problem[] = [];
  const claims = new Map([...all].filter(([, { from }]) => !replaced.has(from)));
  const claimed = new Set<Address>([...replaced, ...[...claims.values()].map((claim) => claim.from)]);
  for (const address of wanted.documents.keys()) if (live.documents.has(address)) claimed.add(address);
  const unclaimed = [...live.documents.keys()].filter((address) => !claimed.has(address)).sort();
  const renames = findLikelyRenames(wanted, live, { claims: all, unclaimed }, types);
  const moved = new Set([...replaced, ...[...claims.values()].map((claim) => claim.from)]);
  const matches = new Map<Address, Match>();
  for (const [address, document] of wanted.documents) {
    const twins = live.twins.get(address);
    if (twins !== undefined) problems.push(ambiguousKey(address, twins));
    else matches.set(address, makeMatch(document, live, { claim: claims.get(address), isFree: moved.has(address), maybeWas: renames.get(address), memory }));
  }
  const back = new Map([...renames].map(([now, before]) => [before, now]));
  return { matches, unclaimed: unclaimed.map((address) => withRename(address, back.get(address))), problems };
}

function withRename(address: Address, maybeNow: Address | undefined): { address: Address; maybeNow?: Address } {
  return maybeNow === undefined ? { address } : { address, maybeNow };
}

interface Hints {
  readonly claim: Claim | undefined;
  /** True where what lives under the key gets another one. */
  readonly isFree: boolean;
  readonly maybeWas: Address | undefined;
  readonly memory: Memory | undefined;
}

function makeMatch(wanted: Document, live: LiveSnapshot, { claim, isFree, maybeWas, memory }: Hints): Match {
  const from = claim?.from ?? wanted.address;
  const isThere = claim !== undefined || !isFree;
  const found = isThere ? live.documents.get(from) : undefined;
  const id = isThere ? live.ids.get(from) : undefined;
  return {
    wanted,
    isKnown: memory !== undefined && (memory.documents.has(wanted.address) || memory.documents.has(from)),
    ...(found === undefined ? {} : { live: found }),
    ...(found === undefined || id === undefined ? {} : { id }),
    ...(claim === undefined ? {} : { was: claim.from, renamedBy: claim.by }),
    ...(maybeWas === undefined ? {} : { maybeWas }),
  };
}

/** New documents whose body is the same as that of one unclaimed live object of their type, one to one. */
function findLikelyRenames(
  wanted: Snapshot,
  live: LiveSnapshot,
  { claims, unclaimed }: { readonly claims: Claims; readonly unclaimed: readonly Address[] },
  types: TypeTable,
): ReadonlyMap<Address, Address> {
  // Where keys cannot change, another key is another object.
  const isNew = (document: Document) =>
    types.get(typeOf(document.address))?.isRenamable === true &&
    !live.documents.has(document.address) &&
    !claims.has(document.address) &&
    document.was === undefined &&
    !isAlwaysThere(document.address);
  const fresh = [...wanted.documents.values()].filter(isNew);
  if (fresh.length === 0 || unclaimed.length === 0) return new Map();
  const print = (document: Document) => {
    const type = types.get(typeOf(document.address));
    return `${typeOf(document.address)} ${canonicalJson(type === undefined ? document.body : normalise(document, type).body)}`;
  };
  const typesOfFresh = new Set(fresh.map((document) => typeOf(document.address)));
  const vanished = unclaimed.flatMap((address) => (typesOfFresh.has(typeOf(address)) && !isTemporary(address) ? (live.documents.get(address) ?? []) : []));
  const [oldOnes, newOnes] = [groupBy(vanished, print), groupBy(fresh, print)];
  const found = new Map<Address, Address>();
  for (const [body, [now, ...others]] of newOnes) {
    const [before, ...more] = oldOnes.get(body) ?? [];
    if (now !== undefined && before !== undefined && others.length === 0 && more.length === 0) found.set(now.address, before.address);
  }
  return found;
}

function groupBy(documents: readonly Document[], print: (document: Document) => string): ReadonlyMap<string, readonly Document[]> {
  const groups = new Map<string, Document[]>();
  for (const document of documents) {
    const key = print(document);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [document]);
    else group.push(document);
  }
  return groups;
}

function ambiguousKey(address: Address, ids: readonly string[]): Problem {
  return {
    code: 'AMBIGUOUS_KEY',
    severity: 'error',
    at: address,
    message: `several resources in the org are called "${keyOf(address)}": ${[...ids].sort().join(', ')}`,
    hint: 'rename all but one of them in the org; until then none is touched',
  };
}
