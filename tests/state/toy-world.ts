import { type Address, keyParts, makeAddress, splitEdge, typeOf } from '../../state/address.ts';
import type { Step } from '../../state/change.ts';
import type { Document } from '../../state/document.ts';
import { dropAt, expand, getAt, setAt } from '../../state/pointer.ts';
import { findRefs, parentOf } from '../../state/refs.ts';
import type { ResourceType, TypeTable } from '../../state/resource-type.ts';
import type { LiveSnapshot, Memory } from '../../state/snapshot.ts';
import { edgeHash, resourceHash } from '../../state/step-hash.ts';
import { asDirective, directive, isList, isMap, makeMap, type Value, type ValueMap } from '../../state/value.ts';
import { org } from './sample-types.ts';

interface Thing {
  readonly id: string;
  readonly type: string;
  /** The part of the key that is its own. */
  own: readonly string[];
  readonly parent: string | undefined;
  /** With ids where a document has addresses. */
  body: ValueMap;
}

/**
 * An org as a plan's contract sees it: carries steps out one by one and throws where an org would refuse: a create or rename to a key that is
 * taken, a ref to nothing, the deletion of what something refers to, a number that two would have, a live object that is not as `before` says.
 */
export class ToyWorld {
  readonly #things = new Map<string, Thing>();
  readonly #types: TypeTable;
  #made = 0;

  constructor(types: TypeTable, documents: readonly Document[] = []) {
    this.#types = types;
    const places = documents.map((document) => this.#place(document));
    documents.forEach((document, index) => {
      const thing = places[index]!;
      this.#things.set(thing.id, { ...thing, parent: this.#parentId(document.address) });
    });
    documents.forEach((document, index) => {
      this.#things.get(places[index]!.id)!.body = this.#withIds(document);
    });
  }

  copy(): ToyWorld {
    const other = new ToyWorld(this.#types);
    for (const [id, thing] of this.#things) other.#things.set(id, { ...thing });
    other.#made = this.#made + 1_000_000;
    return other;
  }

  documents(): readonly Document[] {
    return [...this.#things.values()].map((thing) => this.#render(thing));
  }

  live(): LiveSnapshot {
    return org(this.documents(), { ids: new Map([...this.#things.values()].map((thing) => [this.#addressOf(thing), thing.id])) });
  }

  memory(documents: readonly Document[]): Memory {
    return { documents: new Map(documents.map((one) => [one.address, one])), ids: this.live().ids };
  }

  /** Carries one step out; throws where an org would refuse it. */
  carryOut(step: Step): void {
    if (step.action === 'unchanged') return;
    if (step.action === 'held') throw new Error(`${step.address} is held: ${step.held?.rule}`);
    if (step.action === 'delete') this.#remove(step);
    else if (splitEdge(step.address).pointer !== undefined) this.#writeEdge(step);
    else if (step.action === 'create') this.#create(step.document!);
    else this.#update(step);
    this.#checkNumbers(step);
  }

  /** Somebody deletes it; false where something refers to it or stands below it. */
  removeByHand(address: Address): boolean {
    const thing = this.#at(address);
    const isUsed = (one: Document) => one.address !== address && findRefs(one, this.#typeOf(one.address)).refs.some(({ to }) => to === address);
    if (thing === undefined || this.documents().some(isUsed) || [...this.#things.values()].some(({ parent }) => parent === thing.id)) return false;
    return this.#things.delete(thing.id);
  }

  /** Somebody gives it another name; false where that is taken. */
  renameByHand(address: Address, name: string): boolean {
    const thing = this.#at(address);
    const own = [name, ...(thing?.own.slice(1) ?? [])];
    if (thing === undefined || [...this.#things.values()].some((one) => one.type === thing.type && one.own[0] === name)) return false;
    thing.own = own;
    return true;
  }

  #create(document: Document): void {
    if (this.#at(document.address) !== undefined) throw new Error(`create ${document.address}: the key is taken`);
    this.#made += 1;
    const thing = { ...this.#place(document), parent: this.#parentId(document.address) };
    this.#things.set(thing.id, thing);
    thing.body = this.#withIds(document);
  }

  #update(step: Step): void {
    const { address, was, document, deferred } = step;
    const thing = this.#expect(was ?? address, step);
    const type = this.#typeOf(address);
    this.#compare(step, 'before', resourceHash(this.#render(thing), type, deferred, document!.ignore));
    if (was !== undefined && this.#at(address) !== undefined) throw new Error(`rename to ${address}: the key is taken`);
    const kept = deferred.map((pointer) => [pointer, getAt(thing.body, pointer)] as const);
    for (const pattern of type.createOnly) {
      const [had, has] = [getAt(thing.body, pattern), getAt(this.#withIds(document!), pattern)];
      if (JSON.stringify(had) !== JSON.stringify(has)) throw new Error(`update ${address}: ${pattern} cannot change`);
    }
    if (was !== undefined && !type.isRenamable) throw new Error(`rename to ${address}: the key of this type cannot change`);
    const body = this.#withIds(document!);
    thing.own = this.#ownParts(address);
    // What the org has of a deferred field stays, unless a placeholder is written there.
    thing.body = kept.reduce((left, [pointer, value]) => (value === undefined ? left : setAt(left, pointer, value)), body);
    this.#compare(step, 'after', resourceHash(this.#render(thing), type, deferred, document!.ignore));
  }

  #writeEdge(step: Step): void {
    const { owner, pointer } = splitEdge(step.address);
    const thing = this.#expect(owner, step);
    if (step.before !== undefined) this.#compare(step, 'before', edgeHash(step.address, this.#render(thing).body, pointer!));
    // The step holds the owner's whole document; other edges of it may be written later.
    const alone = setAt(makeMap([]), pointer!, getAt(step.document!.body, pointer!));
    const value = getAt(this.#withIds({ ...step.document!, body: alone }), pointer!);
    thing.body = value === undefined ? dropAt(thing.body, pointer!) : setAt(thing.body, pointer!, value);
    this.#compare(step, 'after', edgeHash(step.address, this.#render(thing).body, pointer!));
  }

  #remove(step: Step): void {
    const { owner } = splitEdge(step.address);
    const thing = this.#expect(owner, step);
    this.#compare(step, 'before', resourceHash(this.#render(thing), this.#typeOf(owner), step.deferred));
    const address = this.#addressOf(thing);
    const user = this.documents().find((one) => one.address !== address && findRefs(one, this.#typeOf(one.address)).refs.some(({ to }) => to === address));
    if (user !== undefined) throw new Error(`delete ${address}: ${user.address} refers to it`);
    this.#things.delete(thing.id);
  }

  /** The one object at an address, which has to be the one that the plan means. */
  #expect(address: Address, step: Step): Thing {
    const thing = this.#at(address);
    if (thing === undefined) throw new Error(`${step.action} ${step.address}: nothing lives at ${address}`);
    if (step.id !== undefined && step.id !== thing.id) throw new Error(`${step.action} ${step.address}: ${address} is another object than the plan means`);
    return thing;
  }

  #compare(step: Step, which: 'before' | 'after', hash: string): void {
    if (step[which] !== hash) throw new Error(`${step.action} ${step.address}: the object is not as "${which}" says`);
  }

  #checkNumbers({ address }: Step): void {
    for (const type of this.#types.values()) {
      for (const pattern of type.unique ?? []) {
        const all = [...this.#things.values()]
          .filter((thing) => thing.type === type.name)
          .flatMap(({ body }) => expand(body, pattern).map((pointer) => String(getAt(body, pointer))));
        if (new Set(all).size !== all.length) throw new Error(`${address}: two have the same ${pattern}`);
      }
    }
  }

  #typeOf(address: Address): ResourceType {
    return this.#types.get(typeOf(address))!;
  }

  #ownParts(address: Address): readonly string[] {
    return keyParts(address)!.slice(-this.#typeOf(address).keyFields.length);
  }

  #place(document: Document): Thing {
    const type = typeOf(document.address);
    this.#made += 1;
    return { id: `${type} ${this.#made}`, type, own: this.#ownParts(document.address), parent: undefined, body: makeMap([]) };
  }

  #parentId(address: Address): string | undefined {
    const parent = parentOf(address, this.#typeOf(address));
    if (parent === undefined) return undefined;
    const thing = this.#at(parent);
    if (thing === undefined) throw new Error(`${address}: its parent does not live`);
    return thing.id;
  }

  #addressOf(thing: Thing): Address {
    const parent = thing.parent === undefined ? undefined : this.#things.get(thing.parent);
    return makeAddress(thing.type, [...(parent === undefined ? [] : keyParts(this.#addressOf(parent))!), ...thing.own]);
  }

  #at(address: Address): Thing | undefined {
    const found = [...this.#things.values()].filter((thing) => this.#addressOf(thing) === address);
    if (found.length > 1) throw new Error(`two objects live at ${address}`);
    return found[0];
  }

  #withIds(document: Document): ValueMap {
    return this.#mapRefs(document.body, (address) => {
      const thing = this.#at(address as Address);
      if (thing === undefined) throw new Error(`${document.address} refers to ${address}, which does not live`);
      return thing.id;
    });
  }

  #render(thing: Thing): Document {
    const body = this.#mapRefs(thing.body, (id) => {
      const target = this.#things.get(id);
      if (target === undefined) throw new Error(`${this.#addressOf(thing)} refers to ${id}, which is gone`);
      return this.#addressOf(target);
    });
    return { address: this.#addressOf(thing), body };
  }

  /** Refs, and the names under `uses`. */
  #mapRefs(body: ValueMap, change: (text: string) => string): ValueMap {
    const walk = (value: Value, isName: boolean): Value => {
      const told = asDirective(value);
      if (told?.name === '$ref') return directive('$ref', change(told.value));
      if (isName && typeof value === 'string') return change(value);
      if (isList(value)) return value.map((item) => walk(item, isName));
      if (!isMap(value) || told !== undefined) return value;
      return makeMap(Object.entries(value).map(([key, item]) => [key, walk(item, key === 'uses')] as const));
    };
    return walk(body, false) as ValueMap;
  }
}
