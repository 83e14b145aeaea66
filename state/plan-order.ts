import { type Address, edgeAddress } from './address.ts';
import { findCycles, makeCsr, sortByNeeds } from './csr.ts';
import type { Order } from './graph.ts';
import { compareText } from './normalise.ts';
import type { Yield } from './plan-yields.ts';

/** In which order the steps of wanted documents come, with those that make way for them. */
export interface Arrangement {
  readonly order: readonly Address[];
  readonly needs: ReadonlyMap<Address, readonly Address[]>;
  /** What passes through a temporary name: the wanted address, and that name. */
  readonly asides: ReadonlyMap<Address, Address>;
  /** Steps that only give something up, by address (`type/key#/pointer`, by the key that it has now). */
  readonly clearings: ReadonlyMap<Address, readonly Yield[]>;
}

interface Making {
  readonly order: Pick<Order, 'order' | 'needs'>;
  readonly yields: readonly Yield[];
  /** What is to go and waits under another name for that: the name by the live address. */
  readonly waiting: ReadonlyMap<Address, Address>;
  /** The temporary name for a live address. */
  readonly temporary: (from: Address) => Address;
  /** Below what a live address stands, if it is a child. */
  readonly parent: (from: Address) => Address | undefined;
}

/** Rounds in which one of each ring makes way; after so many, all that are left do. */
const ROUNDS = 20;

/**
 * Puts who takes something over behind who gives it up. Where they wait for each other, the giver that is first by address makes way: a key by a
 * temporary name, a value by a step that only gives it up. What a live object holds that is to go is given up by such a step as well.
 */
export function arrange({ order, yields, waiting, temporary, parent }: Making): Arrangement {
  if (yields.length === 0 && waiting.size === 0) return { ...order, asides: new Map(), clearings: new Map() };
  const broken = breakRings(order, yields);
  const isEarly = (one: Yield) => one.giver === undefined || broken.has(one);
  const asides = new Map(
    yields.flatMap((one) => (one.giver !== undefined && one.value === undefined && broken.has(one) ? [[one.giver, temporary(one.from)] as const] : [])),
  );
  const clearings = new Map<Address, Yield[]>();
  for (const one of yields) if (one.value !== undefined && isEarly(one)) push(clearings, edgeAddress(one.from, one.value.pointer), one);
  const more = new Map<Address, Set<Address>>();
  const need = (step: Address, other: Address | undefined) => {
    if (other !== undefined && other !== step) more.set(step, (more.get(step) ?? new Set()).add(other));
  };
  const asideOf = new Map([
    ...waiting,
    ...yields.flatMap(({ giver, from, value }) =>
      giver !== undefined && value === undefined && asides.has(giver) ? [[from, asides.get(giver) as Address] as const] : [],
    ),
  ]);
  for (const one of yields) need(one.taker, stepThatYields(one, isEarly(one), asideOf));
  for (const [giver, aside] of asides) need(giver, aside);
  for (const [from, waits] of waiting) if (from !== waits) need(from, waits);
  for (const [address, [one]] of clearings) {
    if (one?.giver !== undefined) need(one.giver, address);
    const aside = one === undefined ? undefined : asideOf.get(one.from);
    if (aside !== undefined && aside !== one?.from) need(aside, address);
  }
  for (const [from, aside] of asideOf) if (from !== aside) need(aside, parent(from));
  for (const [address, [one]] of clearings) if (one !== undefined) need(address, parent(one.from));
  const early = [...asides.values(), ...[...waiting].flatMap(([from, waits]) => (from === waits ? [] : [waits])), ...clearings.keys()];
  return { ...sortAll(order, early, more), asides, clearings };
}

function stepThatYields({ giver, from, value }: Yield, isEarly: boolean, asideOf: ReadonlyMap<Address, Address>): Address | undefined {
  if (!isEarly) return giver;
  return value === undefined ? asideOf.get(from) : edgeAddress(from, value.pointer);
}

function push<Key, Item>(lists: Map<Key, Item[]>, key: Key, item: Item): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}

/** Chooses who makes way, one in each ring and round, until nobody waits for themselves. */
function breakRings({ order, needs }: Making['order'], yields: readonly Yield[]): ReadonlySet<Yield> {
  const index = new Map(order.map((address, place) => [address, place]));
  const pairs = yields.flatMap((one) => {
    const [taker, giver] = [index.get(one.taker), one.giver === undefined ? undefined : index.get(one.giver)];
    return taker === undefined || giver === undefined ? [] : [{ one, taker, giver }];
  });
  const broken = new Set<Yield>();
  if (pairs.length === 0) return broken;
  const [from, to] = [[] as number[], [] as number[]];
  for (const [address, others] of needs) {
    for (const other of others) {
      from.push(index.get(address) ?? 0);
      to.push(index.get(other) ?? 0);
    }
  }
  for (let round = 0; ; round += 1) {
    const left = pairs.filter(({ one }) => !broken.has(one));
    const graph = makeCsr(order.length, [...from, ...left.map(({ taker }) => taker)], [...to, ...left.map(({ giver }) => giver)]);
    const { component, cyclic } = findCycles(graph, new Uint8Array(graph.targets.length), new Uint8Array(order.length));
    if (cyclic.length === 0) return broken;
    const inRings = left.filter(({ taker, giver }) => component[taker] === component[giver]);
    const first = new Map<number, Address>();
    for (const { giver } of inRings) {
      const [ring, address] = [component[giver] ?? 0, order[giver] as Address];
      const best = first.get(ring);
      if (best === undefined || compareText(address, best) < 0) first.set(ring, address);
    }
    for (const { one, giver } of inRings) if (round >= ROUNDS || first.get(component[giver] ?? 0) === order[giver]) broken.add(one);
  }
}

/** The order of all steps, those that make way among them. */
function sortAll(
  { order, needs }: Making['order'],
  early: readonly Address[],
  more: ReadonlyMap<Address, ReadonlySet<Address>>,
): Pick<Arrangement, 'order' | 'needs'> {
  const nodes = [...order, ...early];
  const index = new Map(nodes.map((address, place) => [address, place]));
  const all = new Map(nodes.map((address) => [address, allNeeds(needs.get(address), more.get(address), index)]));
  const [from, to] = [[] as number[], [] as number[]];
  nodes.forEach((address, place) => {
    for (const other of all.get(address) ?? []) {
      from.push(place);
      to.push(index.get(other) ?? 0);
    }
  });
  const rank = new Int32Array(nodes.length);
  [...nodes.keys()]
    .sort((left, right) => compareText(nodes[left] ?? '', nodes[right] ?? ''))
    .forEach((node, place) => {
      rank[node] = place;
    });
  const sorted = sortByNeeds(makeCsr(nodes.length, from, to), rank, new Uint8Array(nodes.length));
  return { order: sorted.map((node) => nodes[node] as Address), needs: all };
}

function allNeeds(own: readonly Address[] = [], more: ReadonlySet<Address> | undefined, index: ReadonlyMap<Address, number>): readonly Address[] {
  if (more === undefined) return own;
  return [...new Set([...own, ...[...more].filter((address) => index.has(address))])].sort(compareText);
}
