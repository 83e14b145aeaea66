import { type Address, keyOf, parseAddress, typeOf } from './address.ts';
import { canonicalJson } from './canonical.ts';
import type { Document } from './document.ts';
import { normalise } from './normalise.ts';
import type { Problem } from './problem.ts';
import { isAlwaysThere } from './refs.ts';
import type { TypeTable } from './resource-type.ts';
import type { LiveSnapshot, Snapshot } from './snapshot.ts';

/** What was applied to the org last, as far as anybody remembers: a hint, never authority. */
export interface Memory {
  readonly documents: ReadonlyMap<Address, Document>;
  readonly ids: ReadonlyMap<Address, string>;
}

/** One wanted document and what lives for it. */
export interface Match {
  readonly wanted: Document;
  readonly live?: Document;
  readonly id?: string;
  /** The address under which it lives now, where that is another. */
  readonly was?: Address;
  /** Who told that: the document's `was`, or the id remembered from the last apply. */
  readonly renamedBy?: 'was' | 'org';
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

interface Claim {
  readonly from: Address;
  readonly by: 'was' | 'org';
}

/**
 * Finds for each wanted document what lives for it: by its address; where nothing does, by its `was`, then by the id that was remembered
 * for it. A key that several objects share is matched with none of them and a problem that lists them all.
 */
export function matchDocuments(wanted: Snapshot, live: LiveSnapshot, types: TypeTable, memory?: Memory): Matching {
  const problems: Problem[] = [];
  const claims = findClaims(wanted, live, memory, problems);
  const claimed = new Set<Address>([...claims.values()].map((claim) => claim.from));
  for (const address of wanted.documents.keys()) if (live.documents.has(address)) claimed.add(address);
  const unclaimed = [...live.documents.keys()].filter((address) => !claimed.has(address)).sort();
  const renames = findLikelyRenames(wanted, live, { claims, unclaimed }, types);
  const moved = new Set([...claims.values()].map((claim) => claim.from));
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

/** New addresses by the old ones, of all that lives under another key than it is wanted under. */
export function findRenames(wanted: Snapshot, live: LiveSnapshot, memory: Memory | undefined): ReadonlyMap<Address, Address> {
  return new Map([...findClaims(wanted, live, memory, [])].map(([address, { from }]) => [from, address]));
}

/** Wanted documents that live under another key. */
function findClaims(wanted: Snapshot, live: LiveSnapshot, memory: Memory | undefined, problems: Problem[]): ReadonlyMap<Address, Claim> {
  const claims = new Map<Address, Claim>();
  const declared = [...wanted.documents.values()].filter((document) => document.was !== undefined && document.was !== 'none');
  const movedAway = new Set(declared.map(oldAddress));
  for (const document of declared) {
    const from = oldAddress(document);
    if (from === undefined || !live.documents.has(from)) continue;
    if (!live.documents.has(document.address) || movedAway.has(document.address)) claims.set(document.address, { from, by: 'was' });
    else if (!wanted.documents.has(from) && memory?.documents.has(document.address) !== true) problems.push(bothLive(document.address, from, live));
  }
  if (memory === undefined) return claims;
  const taken = new Set([...claims.values()].map((claim) => claim.from));
  const addressOfId = new Map([...live.ids].map(([address, id]) => [id, address]));
  for (const address of wanted.documents.keys()) {
    const id = memory.ids.get(address);
    const from = id === undefined ? undefined : addressOfId.get(id);
    if (from === undefined || from === address || typeOf(from) !== typeOf(address) || claims.has(address) || taken.has(from)) continue;
    if (live.documents.has(address) || !live.documents.has(from) || wanted.documents.has(from)) continue;
    claims.set(address, { from, by: 'org' });
  }
  return claims;
}

/** The address that `was` names. */
export function oldAddress(document: Document): Address | undefined {
  return document.was === undefined || document.was === 'none' ? undefined : parseAddress(`${typeOf(document.address)}/${document.was}`);
}

/** New documents whose body is the same as that of one unclaimed live object of their type, one to one. */
function findLikelyRenames(
  wanted: Snapshot,
  live: LiveSnapshot,
  { claims, unclaimed }: { readonly claims: ReadonlyMap<Address, Claim>; readonly unclaimed: readonly Address[] },
  types: TypeTable,
): ReadonlyMap<Address, Address> {
  const isNew = (document: Document) =>
    !live.documents.has(document.address) && !claims.has(document.address) && document.was === undefined && !isAlwaysThere(document.address);
  const fresh = [...wanted.documents.values()].filter(isNew);
  if (fresh.length === 0 || unclaimed.length === 0) return new Map();
  const print = (document: Document) => {
    const type = types.get(typeOf(document.address));
    return `${typeOf(document.address)} ${canonicalJson(type === undefined ? document.body : normalise(document, type).body)}`;
  };
  const typesOfFresh = new Set(fresh.map((document) => typeOf(document.address)));
  const vanished = unclaimed.flatMap((address) => (typesOfFresh.has(typeOf(address)) ? (live.documents.get(address) ?? []) : []));
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

function bothLive(address: Address, from: Address, live: LiveSnapshot): Problem {
  const ids = [live.ids.get(from), live.ids.get(address)].filter((id) => id !== undefined).join(', ');
  return {
    code: 'RENAME_TAKEN',
    severity: 'error',
    at: address,
    message: `"was: ${keyOf(from)}" declares a rename, but the org holds both "${keyOf(from)}" and "${keyOf(address)}" (${ids})`,
    hint: 'take "was" out if these are two resources, or remove one of them in the org',
  };
}
