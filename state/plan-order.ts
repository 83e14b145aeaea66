import { type Address, edgeAddress } from './address.ts';
import { findCycles, makeCsr, sortByNeeds } from './csr.ts';
import { compareText } from './normalise.ts';
import type { Order } from './order-graph.ts';
import type { Yield } from './plan-yields.ts';
import type { Pointer } from './pointer.ts';

/** In which order the steps of wanted documents come, with those that make way for them. */
export interface Arrangement {
  readonly order: readonly Address[];
  readonly needs: ReadonlyMap<Address, readonly Address[]>;
  /** What makes way before its own step comes, by the address that it has now. */
  readonly ways: ReadonlyMap<Address, Way>;
  /** The same, by the addresses of the steps that it takes. */
  readonly stepsOfWays: ReadonlyMap<Address, Way>;
}

/** How a live object makes way. */
export interface Way {
  readonly from: Address;
  /** The wanted document that it becomes; left out where it is to go. */
  readonly giver?: Address;
  /** The name for the time until its own is free, or until it is deleted. */
  readonly aside?: Address;
  readonly clearings: readonly Clearing[];
}

/** A list, or a field, that gives something up. */
export interface Clearing {
  /** `type/key#/pointer`. */
  readonly address: Address;
  readonly pointer: Pointer;
  readonly taken: readonly Yield[];
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
export function arrange(making: Making): Arrangement {
  const { order, yields, waiting } = making;
  if (yields.length === 0 && waiting.size === 0) return { ...order, ways: new Map(), stepsOfWays: new Map() };
  const broken = breakRings(order, yields);
  const early = new Set(yields.filter((one) => one.giver === undefined || broken.has(one)));
  const ways = findWays(making, early);
  const stepsOfWays = new Map(
    [...ways.values()].flatMap((way) =>
      [...(way.aside === undefined ? [] : [way.aside]), ...way.clearings.map(({ address }) => address)].map((address) => [address, way] as const),
    ),
  );
  return { ...sortAll(order, [...stepsOfWays.keys()], moreNeeds(making, early, ways)), ways, stepsOfWays };
}

function findWays({ waiting, temporary }: Making, early: ReadonlySet<Yield>): ReadonlyMap<Address, Way> {
  const ways = new Map<Address, Way>();
  for (const [from, aside] of waiting) if (from !== aside) ways.set(from, { from, aside, clearings: [] });
  for (const one of early) {
    const { from, giver, value } = one;
    const way: Way = ways.get(from) ?? { from, ...(giver === undefined ? {} : { giver }), clearings: [] };
    if (value !== undefined) ways.set(from, { ...way, clearings: withTaken(way.clearings, one, value.pointer) });
    else if (giver !== undefined) ways.set(from, { ...way, aside: temporary(from) });
  }
  return ways;
}

function withTaken(clearings: readonly Clearing[], one: Yield, pointer: Pointer): readonly Clearing[] {
  const same = clearings.find((clearing) => clearing.pointer === pointer);
  if (same === undefined) return [...clearings, { address: edgeAddress(one.from, pointer), pointer, taken: [one] }];
  return clearings.map((clearing) => (clearing === same ? { ...same, taken: [...same.taken, one] } : clearing));
}

/** What has to come before what, beside what documents need of each other. */
function moreNeeds({ yields, parent }: Making, early: ReadonlySet<Yield>, ways: ReadonlyMap<Address, Way>): ReadonlyMap<Address, ReadonlySet<Address>> {
  const more = new Map<Address, Set<Address>>();
  const need = (step: Address | undefined, other: Address | undefined) => {
    if (step !== undefined && other !== undefined && other !== step) more.set(step, (more.get(step) ?? new Set()).add(other));
  };
  for (const one of yields) {
    const step = one.value === undefined ? ways.get(one.from)?.aside : edgeAddress(one.from, one.value.pointer);
    need(one.taker, early.has(one) ? step : one.giver);
  }
  for (const { from, giver, aside, clearings } of ways.values()) {
    const steps = clearings.map(({ address }) => address);
    for (const step of steps) need(aside, step);
    for (const step of [aside, ...steps]) {
      need(step, parent(from));
      need(giver, step);
    }
    // What takes the place of the one that waits; a key that passes on has its taker among those who take over.
    if (giver === undefined && aside !== undefined) need(from, aside);
  }
  return more;
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
