import { type Address, HOME, keyOf } from '../../state/address.ts';
import { nearest } from '../../state/nearest.ts';
import type { Named } from './canonical-body.ts';

interface Known {
  readonly type: string;
  readonly named: Named;
}

/** Among more ids than these a slip of the pen is not looked for. */
const MOST_COMPARED = 20_000;

/** What the ids of an org are called, as far as anything has been read; and the ids behind addresses. */
export class NameTable {
  readonly #byId = new Map<string, Known[]>();
  readonly #ids = new Map<Address, Set<string>>();
  readonly #deleted = new Map<string, Address>();
  /** The names that we gave, or are about to give. */
  readonly #given = new Map<string, Address>();

  learn(type: string, id: string, name: Named['name'], address: Address): void {
    if (this.#given.get(keyOfId(type, id)) !== address) this.#given.delete(keyOfId(type, id));
    this.#drop(type, id);
    this.#byId.set(id, [...(this.#byId.get(id) ?? []), { type, named: { name, address } }]);
    const ids = this.#ids.get(address) ?? new Set();
    this.#ids.set(address, ids.add(id));
  }

  /** That an object is about to get this name from us: a read of it alone that shows any other is late. Answers how to say that the org did not take it. */
  give(type: string, id: string, address: Address): () => void {
    const key = keyOfId(type, id);
    const before = this.#given.get(key);
    this.#given.set(key, address);
    return () => {
      if (before === undefined) this.#given.delete(key);
      else this.#given.set(key, before);
    };
  }

  /** As `learn`, from a read of this object alone; a late one takes back no name that we gave. */
  learnAlone(type: string, id: string, address: Address): void {
    const given = this.#given.get(keyOfId(type, id));
    if (given === undefined || given === address) this.learn(type, id, '$ref', address);
  }

  /** As `learn`, of an object outside of what is read; what is known already stays. */
  learnOutside(type: string, id: string, address: Address): void {
    const isKnown = this.#byId.get(id)?.some((known) => known.type === type) === true;
    if (!isKnown) this.learn(type, id, keyOf(address) === HOME ? '$ref' : '$external', address);
  }

  /** A soft-deleted object: references to it can still be told by name, as long as nobody alive has that name. */
  learnDeleted(type: string, id: string, address: Address): void {
    this.forget(type, id);
    this.#deleted.set(keyOfId(type, id), address);
  }

  forget(type: string, id: string): void {
    this.#given.delete(keyOfId(type, id));
    this.#drop(type, id);
  }

  #drop(type: string, id: string): void {
    const known = this.#byId.get(id) ?? [];
    for (const { type: of, named } of known) if (of === type) this.#ids.get(named.address)?.delete(id);
    const others = known.filter((each) => each.type !== type);
    if (others.length === 0) this.#byId.delete(id);
    else this.#byId.set(id, others);
    this.#deleted.delete(keyOfId(type, id));
  }

  refName(types: readonly string[], id: string): Named | undefined {
    const known = this.#byId.get(id)?.find((each) => types.includes(each.type))?.named;
    if (known !== undefined) return known;
    const gone = types.map((type) => this.#deleted.get(keyOfId(type, id))).find((address) => address !== undefined);
    return gone === undefined || this.idsOf(gone).length > 0 ? undefined : { name: '$ref', address: gone };
  }

  /** The name of an id in a text, whatever its type: ids are unique in an org. */
  idName(id: string): Named | undefined {
    return this.#byId.get(id)?.[0]?.named;
  }

  /** What an id without a name may have been meant for: its own in other letters, one that is deleted, or the nearest one. */
  near(id: string): { readonly address: Address; readonly isSame: boolean; readonly isDeleted: boolean } | undefined {
    const folded = id.toLowerCase();
    const same = this.idName(folded)?.address;
    if (same !== undefined) return { address: same, isSame: true, isDeleted: false };
    for (const [told, address] of this.#deleted) if (told.endsWith(`:${folded}`)) return { address, isSame: false, isDeleted: true };
    const near = this.#byId.size > MOST_COMPARED ? undefined : nearest(id, this.#byId.keys());
    const address = near === undefined ? undefined : this.idName(near)?.address;
    return address === undefined ? undefined : { address, isSame: false, isDeleted: false };
  }

  idsOf(address: Address): readonly string[] {
    return [...(this.#ids.get(address) ?? [])];
  }
}

function keyOfId(type: string, id: string): string {
  return `${type}:${id}`;
}
