import { type Address, keyOf, parseAddress, typeOf } from './address.ts';
import type { Claim, Claims, Sides } from './claim.ts';
import { diffDocuments } from './diff.ts';
import type { Document } from './document.ts';
import type { Problem } from './problem.ts';
import { movedChild, type Renames } from './renames.ts';
import { whyReplaced } from './replaceable.ts';
import type { LiveSnapshot, Memory } from './snapshot.ts';
import { isTemporary, temporaryAddress } from './temporary-key.ts';
import { settleUntold } from './untold-renames.ts';

/**
 * Finds the wanted documents that live under another key: by their `was`, by a temporary name made for them, then by the id that is remembered.
 * Names that were swapped as their documents say are not swapped back by the same lines: what was applied with its `was`, what has the id that
 * the other one had, and a ring that is in place as it is wanted are done. Where nobody remembers, the bodies have to tell, or it is a problem.
 */
export function findClaims(sides: Sides, problems: Problem[]): Claims {
  const claims = new Map<Address, Claim>();
  claimByWas(sides, claims, problems);
  dropDoneRings(sides, claims);
  settleUntold(sides, claims, problems);
  if ([...sides.live.documents.keys()].some(isTemporary)) claimTemporary(sides, claims);
  claimById(sides, claims);
  return claims;
}

/** Claims in an org whose renames are looked at as done: children live below the new names, and may have been renamed there themselves. */
export function claimsBelow(claims: Claims, sides: Sides, renames: Renames): Claims {
  if (renames.size === 0) return claims;
  const moved = new Map<Address, Claim>();
  for (const [address, claim] of claims) {
    const from = movedChild(claim.from, renames, sides.types) ?? claim.from;
    // What only went along with its parent was renamed by nobody.
    const isAlong = claim.by === 'org' && from !== claim.from && (sides.live.documents.has(address) || sides.wanted.documents.has(from));
    if (from !== address && !isAlong) moved.set(address, { ...claim, from });
  }
  for (const [address, claim] of findClaims(sides, [])) {
    const isChild = sides.types.get(typeOf(address))?.parent !== undefined;
    if (isChild && !moved.has(address)) moved.set(address, claim);
  }
  return moved;
}

/** New addresses by the old ones. */
export function renamesOf(claims: Claims): Renames {
  return new Map([...claims].map(([address, { from }]) => [from, address]));
}

/** The address that `was` names. */
export function oldAddress(document: Document): Address | undefined {
  return document.was === undefined || document.was === 'none' ? undefined : parseAddress(`${typeOf(document.address)}/${document.was}`);
}

function claimByWas(sides: Sides, claims: Map<Address, Claim>, problems: Problem[]): void {
  const { wanted, live, types, memory } = sides;
  for (const document of wanted.documents.values()) {
    const old = oldAddress(document);
    const from = placeOf(old, sides);
    if (old === undefined || from === undefined || !live.documents.has(from)) continue;
    if (isDone(document, from, old, sides)) continue;
    // Where keys cannot change, what has the key already is the one.
    const isFixed = types.get(typeOf(from))?.isRenamable === false;
    if (isFixed && (live.documents.has(document.address) || wanted.documents.has(from))) continue;
    claims.set(document.address, { from, by: from === old ? 'was' : 'temporary' });
  }
  for (const [address, { from, by }] of dropBlocked(live, claims)) {
    const isUnknown = !wanted.documents.has(from) && by === 'was' && memory?.documents.has(address) !== true;
    if (isUnknown && !isReplacing(address, from, sides)) problems.push(bothLive(address, from, live));
  }
}

/** Where a rename is a replacement, both live for a while. */
function isReplacing(address: Address, from: Address, { wanted, live, types }: Sides): boolean {
  const [document, old, type] = [wanted.documents.get(address), live.documents.get(from), types.get(typeOf(address))];
  return document !== undefined && old !== undefined && type !== undefined && whyReplaced({ wanted: document, live: old, isRenamed: true }, type) !== undefined;
}

/** Takes out, and answers, the claims to a key that another has and keeps; what those claimed keeps its own in turn. */
function dropBlocked(live: LiveSnapshot, claims: Map<Address, Claim>): Claims {
  const claimants = new Map([...claims].map(([address, { from }]) => [from, address]));
  const dropped = new Map<Address, Claim>();
  const open = [...claims.keys()].filter((address) => live.documents.has(address) && !claimants.has(address));
  for (let address = open.pop(); address !== undefined; address = open.pop()) {
    const claim = claims.get(address);
    if (claim === undefined) continue;
    claims.delete(address);
    dropped.set(address, claim);
    if (claims.has(claim.from)) open.push(claim.from);
  }
  return dropped;
}

/** Where the object is that was called so: under the temporary name made for it, unless the one under the name is known to be it. */
function placeOf(old: Address | undefined, { wanted, live, types, memory }: Sides): Address | undefined {
  const type = old === undefined ? undefined : types.get(typeOf(old));
  if (old === undefined || type === undefined) return old;
  const temporary = temporaryAddress(old, type);
  if (!live.documents.has(temporary)) return old;
  const id = live.ids.get(old);
  // Who came under the name by a rename of its own that was carried out already is the next holder, not the one that was called so.
  const isNext = wasApplied(wanted.documents.get(old), memory);
  return id !== undefined && id === memory?.ids.get(old) && !isNext ? old : temporary;
}

/**
 * Whether a rename was carried out before, though something lives under its old name: as applied, or as the ids tell. That the new name is gone
 * since does not open it again: who came under the old name by a rename of its own, or has it for good, is another object.
 */
function isDone(document: Document, from: Address, old: Address, { wanted, live, memory }: Sides): boolean {
  const holder = wanted.documents.get(from);
  if (wasApplied(document, memory) || wasApplied(holder, memory)) return true;
  const [meant, found] = [memory?.ids.get(old), live.ids.get(from)];
  if (meant === undefined || meant === found) return false;
  // What nobody knows under an old name may have been made anew there; what is known under another one came there since.
  return live.documents.has(document.address) || (holder !== undefined && isKnownElsewhere(from, found, memory));
}

/** Whether the rename that the document declares was applied already: then it says where the object came from, and nothing is to be done for it. */
function wasApplied(document: Document | undefined, memory: Memory | undefined): boolean {
  if (document?.was === undefined || document.was === 'none') return false;
  return memory?.documents.get(document.address)?.was === document.was;
}

function isKnownElsewhere(address: Address, id: string | undefined, memory: Memory | undefined): boolean {
  if (id === undefined || memory === undefined) return false;
  return [...memory.ids].some(([other, known]) => known === id && other !== address && typeOf(other) === typeOf(address));
}

/** A ring of names of which each one lives as it is wanted is closed already, unless each is known to be the one that always had its name. */
function dropDoneRings({ wanted, live, types, memory }: Sides, claims: Map<Address, Claim>): void {
  const seen = new Set<Address>();
  for (const start of [...claims.keys()]) {
    const ring: Address[] = [];
    let at: Address | undefined = start;
    for (; at !== undefined && !seen.has(at); at = claims.get(at)?.from) {
      seen.add(at);
      if (claims.has(at)) ring.push(at);
    }
    const isSame = (address: Address) => {
      if (memory?.ids.get(address) !== undefined && memory.ids.get(address) === live.ids.get(address)) return false;
      const [type, there, document] = [types.get(typeOf(address)), live.documents.get(address), wanted.documents.get(address)];
      return type !== undefined && there !== undefined && document !== undefined && diffDocuments(there, document, type).length === 0;
    };
    if (at === start && ring.every(isSame)) for (const address of ring) claims.delete(address);
  }
}

function claimTemporary({ wanted, live, types }: Sides, claims: Map<Address, Claim>): void {
  const taken = new Set([...claims.values()].map((claim) => claim.from));
  for (const address of wanted.documents.keys()) {
    const type = types.get(typeOf(address));
    if (type === undefined || type.isSingleton || live.documents.has(address) || claims.has(address)) continue;
    const from = temporaryAddress(address, type);
    if (live.documents.has(from) && !taken.has(from)) claims.set(address, { from, by: 'temporary' });
  }
}

/** By ids alone, where nothing else that is remembered speaks against them: an object known under its own name was called nothing else. */
function claimById({ wanted, live, memory }: Sides, claims: Map<Address, Claim>): void {
  if (memory === undefined) return;
  const owners = new Map<string, number>();
  const named = (address: Address, id: string) => `${typeOf(address)} ${id}`;
  for (const [address, id] of memory.ids) owners.set(named(address, id), (owners.get(named(address, id)) ?? 0) + 1);
  const taken = new Set([...claims.values()].map((claim) => claim.from));
  const addressOfId = new Map([...live.ids].map(([address, id]) => [id, address]));
  for (const address of wanted.documents.keys()) {
    const id = memory.ids.get(address);
    const from = id === undefined ? undefined : addressOfId.get(id);
    if (from === undefined || from === address || typeOf(from) !== typeOf(address) || claims.has(address) || taken.has(from)) continue;
    if (live.documents.has(address) || !live.documents.has(from) || wanted.documents.has(from)) continue;
    if ((id !== undefined && owners.get(named(address, id)) !== 1) || memory.left?.has(from) === true) continue;
    claims.set(address, { from, by: 'org' });
  }
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
