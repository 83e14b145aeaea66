import { type Address, typeOf } from './address.ts';
import type { Document } from './document.ts';
import { type Look, optional, typeIn } from './look.ts';
import { compareText } from './normalise.ts';
import { isAlwaysThere } from './refs.ts';
import { completenessOf } from './remap.ts';
import { isTemporary, replacedAddress, temporaryAddress } from './temporary-key.ts';

/** One live object that is to go. */
export interface Going {
  /** Where it lives when it goes. */
  readonly address: Address;
  /** Where its step stands in the plan. */
  readonly step: Address;
  /** As it is when it goes, before any of its edges is cleared. */
  readonly document: Document;
  readonly action: 'delete' | 'replace';
  /** The key by which people know it: what is protected by name is protected under a temporary name too. */
  readonly known: Address;
  readonly isProtected: boolean;
  /** Who takes its place. */
  readonly by?: Address;
  /** The new document with the same body, which may be this one under another key. */
  readonly maybeNow?: Address;
  /** No export wrote that the tree holds its type whole. */
  readonly isDoubted?: true;
}

/**
 * Everything that is to go, by address: what is in no document, of types that both sides hold whole (or are said to), and what is replaced. Not
 * what every org has, and not what shares its key with another.
 */
export function findGoing(look: Look): ReadonlyMap<Address, Going> {
  const { request, matching, replaced } = look;
  const { live, wanted, remembered, left } = request;
  const isDoubted = (address: Address) => wanted.doubted?.has(typeOf(address)) === true;
  const isGone = (address: Address) =>
    completenessOf(live, typeOf(address)) === 'whole' &&
    (completenessOf(wanted, typeOf(address)) === 'whole' || isDoubted(address)) &&
    !isAlwaysThere(address) &&
    !live.twins.has(address) &&
    left?.has(address) !== true;
  const unwanted = matching.unclaimed
    .filter(({ address }) => isGone(address))
    .flatMap(({ address, maybeNow }): Going[] => {
      const document = live.documents.get(address);
      if (document === undefined) return [];
      const known = isTemporary(address) ? ownerOf(address, look) : address;
      const isProtected = remembered?.documents.get(known)?.protect === true;
      const by = known === address ? undefined : known;
      const action = by === undefined ? 'delete' : 'replace';
      const hints = isDoubted(address) ? { isDoubted: true as const } : optional('maybeNow', maybeNow);
      return [{ address, step: address, document, action, known, isProtected, ...optional('by', by), ...hints }];
    });
  const makingWay = [...replaced].flatMap(([from, { waits: address, wanted: by }]): Going[] => {
    const document = live.documents.get(from);
    if (document === undefined) return [];
    const isProtected = [wanted.documents.get(by), remembered?.documents.get(from)].some((one) => one?.protect === true);
    const step = address === from ? address : replacedAddress(address);
    return [{ address, step, document: address === from ? document : { ...document, address }, action: 'replace', known: from, isProtected, by }];
  });
  return new Map([...unwanted, ...makingWay].sort((left, right) => compareText(left.address, right.address)).map((going) => [going.address, going]));
}

/** The wanted address for which a temporary name was made; the name itself where no document stands for it. */
function ownerOf(temporary: Address, { request }: Look): Address {
  const type = typeIn(request, temporary);
  if (type === undefined) return temporary;
  for (const address of request.wanted.documents.keys()) {
    if (typeOf(address) === type.name && temporaryAddress(address, type) === temporary) return address;
  }
  return temporary;
}
