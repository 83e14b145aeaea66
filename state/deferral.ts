import { at, Heap } from './csr.ts';
import type { CutReason } from './cycle.ts';
import type { Graph } from './graph.ts';

/** Up to so many deferrable units in one cycle the smallest set is searched for; beyond, it is approached. */
const EXACT_UNITS = 12;
/** Beyond that, smaller sets than the greedy one are looked at, by their size, as long as they are no more than so many. */
const MOST_SETS = 20_000;
/** A set of units is one number of so many bits. */
const MOST_BITS = 31;
/** Edges looked at, over all tries, to take back what the greedy way deferred for nothing. */
const TAKE_BACK_WORK = 50_000_000;

/** What is written later in one component. */
interface Choice {
  readonly units: readonly number[];
  readonly why: CutReason;
}

/** One strongly connected component on its own: edges inside it by place in the graph, and the units that hold some of them, best to defer first. */
interface Component {
  readonly graph: Graph;
  readonly members: readonly number[];
  readonly edges: readonly number[];
  readonly units: readonly number[];
  readonly isInside: (node: number) => boolean;
}

/**
 * The units of one component that are written later, such that no cycle is left: the fewest; of several such sets the one with the fewest
 * assets, then the first by address and pointer. With more than twelve units the set is found greedily: what needs nothing more, or is needed
 * by nothing more, is taken away; then the unit is deferred that holds the most refs times the most waiting users of its owner (ties: no asset, then address);
 * and so on. Then, latest first, a unit that turns out not to be needed is taken back; at last smaller sets are tried, the smallest first, where those
 * of a size are few enough to try them all. It depends on the documents alone.
 * The edges that belong to no unit must hold no cycle.
 */
export function chooseDeferred(graph: Graph, members: readonly number[], componentOf: Int32Array): Choice {
  const component = readComponent(graph, members, componentOf);
  if (component.units.length <= EXACT_UNITS) return searchSmallest(component);
  const units = deferGreedily(component);
  const fewer = component.units.length < MOST_BITS ? searchFewer(component, units.length) : undefined;
  return fewer === undefined ? { units, why: 'loosens-most' } : { units: fewer, why: 'fewest' };
}

/** The best set of fewer units than `bound`; undefined where there is none, or where too many would have to be tried. */
function searchFewer(component: Component, bound: number): readonly number[] | undefined {
  const { units } = component;
  const reach = reachOfUnits(component);
  const assets = assetsIn(component);
  const all = 2 ** units.length - 1;
  let [tried, sets] = [0, 1];
  for (let size = 1; size < bound; size += 1) {
    sets = (sets * (units.length - size + 1)) / size;
    tried += sets;
    if (tried > MOST_SETS) return undefined;
    const found = setsOf(size, units.length).filter((set) => isAcyclic(all & ~set, reach));
    const [first, ...others] = found;
    if (first === undefined) continue;
    const best = others.reduce((left, right) => (isBetter(right, left, assets) ? right : left), first);
    return units.filter((_, index) => (best & (1 << index)) !== 0);
  }
  return undefined;
}

/** All sets of so many of the first `count` bits. */
function setsOf(size: number, count: number): readonly number[] {
  if (size === 0) return [0];
  return Array.from({ length: count - size + 1 }, (_, index) => index + size - 1).flatMap((top) => setsOf(size - 1, top).map((set) => set | (1 << top)));
}

function assetsIn({ graph, units }: Component): number {
  return units.reduce((bits, unit, index) => (graph.units[unit]?.isAsset === true ? bits | (1 << index) : bits), 0);
}

function readComponent(graph: Graph, members: readonly number[], componentOf: Int32Array): Component {
  const number = componentOf[members[0] ?? 0];
  const isInside = (node: number) => componentOf[node] === number;
  const edges = members.flatMap((node) => rowOf(graph.edges.starts, node).filter((edge) => isInside(at(graph.edges.targets, edge))));
  const units = [...new Set(edges.map((edge) => at(graph.edgeUnits, edge)))].filter((unit) => unit >= 0);
  const isAsset = (unit: number) => (graph.units[unit]?.isAsset === true ? 1 : 0);
  return { graph, members, edges, units: units.sort((left, right) => isAsset(left) - isAsset(right) || left - right), isInside };
}

function rowOf(starts: Int32Array, node: number): number[] {
  const [first, last] = [at(starts, node), at(starts, node + 1)];
  return Array.from({ length: last - first }, (_, index) => first + index);
}

/** Every cycle runs through units, so the question is the same on a graph of units alone: which of them, taken away, leave no cycle. */
function searchSmallest(component: Component): Choice {
  const { units } = component;
  const reach = reachOfUnits(component);
  const assets = assetsIn(component);
  const all = (1 << units.length) - 1;
  let best = all;
  let why = 'only' as CutReason;
  for (let set = 0; set < all; set += 1) {
    const bySize = countBits(set) - countBits(best);
    if (bySize > 0 || !isAcyclic(all & ~set, reach)) continue;
    const byAssets = countBits(set & assets) - countBits(best & assets);
    why = bySize < 0 ? 'fewest' : byAssets === 0 ? 'first' : byAssets < 0 || why !== 'first' ? 'fewest-assets' : why;
    if (isBetter(set, best, assets)) best = set;
  }
  return { units: units.filter((_, index) => (best & (1 << index)) !== 0), why };
}

function isBetter(set: number, best: number, assets: number): boolean {
  const bySize = countBits(set) - countBits(best);
  if (bySize !== 0) return bySize < 0;
  const byAssets = countBits(set & assets) - countBits(best & assets);
  if (byAssets !== 0) return byAssets < 0;
  const differing = set ^ best;
  return (set & (differing & -differing)) !== 0;
}

function countBits(bits: number): number {
  let count = 0;
  for (let left = bits; left !== 0; left &= left - 1) count += 1;
  return count;
}

function isAcyclic(units: number, reach: readonly number[]): boolean {
  let left = units;
  for (let before = -1; before !== left; ) {
    before = left;
    for (let index = 0; index < reach.length; index += 1) if (((reach[index] ?? 0) & left) === 0) left &= ~(1 << index);
  }
  return left === 0;
}

/** For each unit the units (as bits) whose owner it needs, directly or through refs that cannot be deferred. */
function reachOfUnits(component: Component): readonly number[] {
  const { graph, units, edges } = component;
  const owned = new Map<number, number>();
  units.forEach((unit, index) => {
    const owner = graph.units[unit]?.owner ?? 0;
    owned.set(owner, (owned.get(owner) ?? 0) | (1 << index));
  });
  const targets = new Map<number, number[]>(units.map((unit) => [unit, []]));
  for (const edge of edges) targets.get(at(graph.edgeUnits, edge))?.push(at(graph.edges.targets, edge));
  return units.map((unit) => {
    let bits = 0;
    for (const node of reachable(component, targets.get(unit) ?? [], (edge) => at(graph.edgeUnits, edge) < 0)) bits |= owned.get(node) ?? 0;
    return bits;
  });
}

function reachable({ graph, isInside }: Component, from: readonly number[], follows: (edge: number) => boolean): ReadonlySet<number> {
  const seen = new Set(from);
  for (const node of seen) {
    for (let edge = at(graph.edges.starts, node); edge < at(graph.edges.starts, node + 1); edge += 1) {
      const target = at(graph.edges.targets, edge);
      if (isInside(target) && follows(edge)) seen.add(target);
    }
  }
  return seen;
}

function deferGreedily(component: Component): readonly number[] {
  const { graph, units } = component;
  const peeling = new Peeling(component);
  const scores = new Float64Array(units.map((unit) => peeling.scoreOf(unit)));
  const best = new Heap((left, right) => (scores[left] ?? 0) > (scores[right] ?? 0) || (scores[left] === scores[right] && left < right));
  units.forEach((_, index) => {
    best.add(index);
  });
  const chosen: number[] = [];
  peeling.peel(component.members);
  for (let index = best.take(); index !== undefined && peeling.left > 0; index = best.take()) {
    const unit = units[index] ?? 0;
    const score = peeling.scoreOf(unit);
    if (score === scores[index] && score > 0) {
      chosen.push(unit);
      peeling.defer(unit);
    } else if (score > 0) {
      scores[index] = score;
      best.add(index);
    }
  }
  return takeBack(component, chosen).sort((left, right) => left - right || compareOwners(graph, left, right));
}

function compareOwners(graph: Graph, left: number, right: number): number {
  return (graph.units[left]?.owner ?? 0) - (graph.units[right]?.owner ?? 0);
}

/** Latest first, takes back a unit whose refs lead no way back to its owner once the others are deferred. */
function takeBack(component: Component, chosen: readonly number[]): number[] {
  const { graph, edges } = component;
  const kept = new Set(chosen);
  const tries = Math.floor(TAKE_BACK_WORK / Math.max(1, edges.length));
  for (const unit of [...chosen].reverse().slice(0, tries)) {
    const targets = edges.filter((edge) => graph.edgeUnits[edge] === unit).map((edge) => at(graph.edges.targets, edge));
    const found = reachable(component, targets, (edge) => !kept.has(at(graph.edgeUnits, edge)));
    if (!found.has(graph.units[unit]?.owner ?? 0)) kept.delete(unit);
  }
  return [...kept];
}

/** A component from which nodes are taken away that no cycle can run through any more. Each edge is looked at a few times in all. */
class Peeling {
  left: number;
  readonly #component: Component;
  readonly #isGone = new Set<number>();
  readonly #isDeferred = new Set<number>();
  readonly #needs = new Map<number, number>();
  readonly #users = new Map<number, number>();
  readonly #edgesInto = new Map<number, number[]>();
  readonly #edgesOf = new Map<number, number[]>();

  constructor(component: Component) {
    this.#component = component;
    this.left = component.members.length;
    const { graph } = component;
    for (const edge of component.edges) {
      const [source, target] = [at(graph.edges.sources, edge), at(graph.edges.targets, edge)];
      this.#needs.set(source, (this.#needs.get(source) ?? 0) + 1);
      this.#users.set(target, (this.#users.get(target) ?? 0) + 1);
      push(this.#edgesInto, target, edge);
      push(this.#edgesOf, at(graph.edgeUnits, edge), edge);
    }
  }

  /** How much deferring a unit would loosen: its refs that still count, times those who still wait for its owner. Only ever falls. */
  scoreOf(unit: number): number {
    const { graph } = this.#component;
    const owner = graph.units[unit]?.owner ?? 0;
    if (this.#isGone.has(owner) || this.#isDeferred.has(unit)) return 0;
    const refs = (this.#edgesOf.get(unit) ?? []).filter((edge) => !this.#isGone.has(at(graph.edges.targets, edge))).length;
    return refs * (this.#users.get(owner) ?? 0);
  }

  defer(unit: number): void {
    const { graph } = this.#component;
    const owner = graph.units[unit]?.owner ?? 0;
    const loosened = [owner];
    for (const edge of this.#edgesOf.get(unit) ?? []) {
      const target = at(graph.edges.targets, edge);
      if (this.#isGone.has(target)) continue;
      this.#needs.set(owner, (this.#needs.get(owner) ?? 0) - 1);
      this.#users.set(target, (this.#users.get(target) ?? 0) - 1);
      loosened.push(target);
    }
    this.#isDeferred.add(unit);
    this.peel(loosened);
  }

  /** Takes away, from these nodes on, all that need nothing more or are needed by nothing more. */
  peel(nodes: readonly number[]): void {
    const open = [...nodes];
    for (let node = open.pop(); node !== undefined; node = open.pop()) {
      if (this.#isGone.has(node) || ((this.#needs.get(node) ?? 0) > 0 && (this.#users.get(node) ?? 0) > 0)) continue;
      open.push(...this.#take(node));
    }
  }

  /** Takes one node away; returns its neighbours. */
  #take(node: number): readonly number[] {
    const { graph, isInside } = this.#component;
    const neighbours: number[] = [];
    this.#isGone.add(node);
    this.left -= 1;
    for (let edge = at(graph.edges.starts, node); edge < at(graph.edges.starts, node + 1); edge += 1) {
      const target = at(graph.edges.targets, edge);
      if (!isInside(target) || this.#isGone.has(target) || this.#isDeferred.has(at(graph.edgeUnits, edge))) continue;
      this.#users.set(target, (this.#users.get(target) ?? 0) - 1);
      neighbours.push(target);
    }
    for (const edge of this.#edgesInto.get(node) ?? []) {
      const source = at(graph.edges.sources, edge);
      if (this.#isGone.has(source) || this.#isDeferred.has(at(graph.edgeUnits, edge))) continue;
      this.#needs.set(source, (this.#needs.get(source) ?? 0) - 1);
      neighbours.push(source);
    }
    return neighbours;
  }
}

function push(lists: Map<number, number[]>, key: number, item: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [item]);
  else list.push(item);
}
