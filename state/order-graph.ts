import type { Address } from './address.ts';
import { at, type Csr, findCycles, makeCsr, reverseCsr, sortByNeeds } from './csr.ts';
import type { CutReason, Cycle } from './cycle.ts';
import { chooseDeferred } from './deferral.ts';
import type { Graph } from './graph.ts';
import { compareText } from './normalise.ts';
import type { Pointer } from './pointer.ts';
import type { Problem } from './problem.ts';

/** In which order documents and deferred edges can be written one by one. */
export interface Order {
  /** Addresses of documents and of deferred edges. */
  readonly order: readonly Address[];
  /** For each address of `order`, those that have to be done before, by address. */
  readonly needs: ReadonlyMap<Address, readonly Address[]>;
  /** Pointers of a document that are written by steps of their own. */
  readonly deferred: ReadonlyMap<Address, readonly Pointer[]>;
  readonly cycles: readonly Cycle[];
  /** What is in no order: cycles that nothing can cut, and all that needs them. */
  readonly leftOut: ReadonlySet<Address>;
  readonly problems: readonly Problem[];
}

/**
 * Cuts cycles and orders what is left. Which edges are cut depends on the documents alone. A cycle that cannot be cut is a problem that
 * shows its path; it and what needs it are left out, and the rest goes on. `extra` are pairs `[one, other]`: one only after the other.
 */
export function orderGraph(graph: Graph, extra: readonly (readonly [Address, Address])[] = []): Order {
  const isGone = new Uint8Array(graph.nodes.length);
  const isCut = new Uint8Array(graph.edges.targets.length);
  const problems = cutOff(graph, isGone);
  const cycles = cutCycles(graph, isGone, isCut);
  const deferred = new Map<number, number[]>();
  for (const unit of cycles.flatMap((cycle) => cycle.units).sort((left, right) => left - right)) {
    const owner = graph.units[unit]?.owner ?? 0;
    deferred.set(owner, [...(deferred.get(owner) ?? []), unit]);
  }
  const line = lineUp(graph, [...deferred.values()].flat(), { isGone, isCut, extra });
  return {
    order: line.order,
    needs: line.needs,
    deferred: new Map([...deferred].map(([owner, units]) => [addressOf(graph, owner), units.map((unit) => graph.units[unit]?.pointer ?? '')])),
    cycles: cycles.map(({ path, units, why }) => ({
      path,
      deferred: units.map((unit) => graph.units[unit]?.address as Address).sort(compareText),
      why: units.map(() => why),
    })),
    leftOut: new Set([...graph.nodes.filter((_, node) => at(isGone, node) === 1), ...line.stuck]),
    problems: [...problems, ...line.stuck.map(stuckProblem)],
  };
}

/** Takes out cycles of edges that cannot be deferred, and all that needs them, by whatever edge. */
function cutOff(graph: Graph, isGone: Uint8Array): Problem[] {
  const isSoft = Uint8Array.from(graph.edgeUnits, (unit) => (unit < 0 ? 0 : 1));
  const { cyclic } = findCycles(graph.edges, isSoft, isGone);
  if (cyclic.length === 0) return [];
  const users = reverseCsr(graph.edges);
  const open = cyclic.flat();
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (at(isGone, node) === 1) continue;
    isGone[node] = 1;
    for (let edge = at(users.starts, node); edge < at(users.starts, node + 1); edge += 1) open.push(at(users.targets, edge));
  }
  return cyclic.map((members) => cycleProblem(cyclePath(graph, members, isSoft)));
}

interface Cut {
  readonly path: readonly Address[];
  readonly units: readonly number[];
  readonly why: CutReason;
}

/** Chooses what to defer in each cycle and marks those edges in `isCut`. */
function cutCycles(graph: Graph, isGone: Uint8Array, isCut: Uint8Array): Cut[] {
  const { component, cyclic } = findCycles(graph.edges, isCut, isGone);
  const cuts = cyclic.map((members) => ({ path: cyclePath(graph, members, isCut), ...chooseDeferred(graph, members, component) }));
  const chosen = new Uint8Array(graph.units.length);
  for (const unit of cuts.flatMap((cut) => cut.units)) chosen[unit] = 1;
  graph.edgeUnits.forEach((unit, edge) => {
    if (unit >= 0 && at(chosen, unit) === 1) isCut[edge] = 1;
  });
  return cuts.sort((left, right) => compareText(left.path[0] ?? '', right.path[0] ?? ''));
}

/** A shortest cycle through the first member. */
function cyclePath(graph: Graph, members: readonly number[], isCut: Uint8Array): readonly Address[] {
  const first = members[0] ?? 0;
  const inside = new Set(members);
  const cameFrom = new Map<number, number>();
  const line = [first];
  for (const node of line) {
    for (let edge = at(graph.edges.starts, node); edge < at(graph.edges.starts, node + 1); edge += 1) {
      const target = at(graph.edges.targets, edge);
      if (at(isCut, edge) === 1 || !inside.has(target)) continue;
      if (target === first) return trace(graph, cameFrom, node);
      if (cameFrom.has(target)) continue;
      cameFrom.set(target, node);
      line.push(target);
    }
  }
  return members.map((node) => addressOf(graph, node));
}

function trace(graph: Graph, cameFrom: ReadonlyMap<number, number>, last: number): readonly Address[] {
  const path: Address[] = [];
  for (let node: number | undefined = last; node !== undefined; node = cameFrom.get(node)) path.push(addressOf(graph, node));
  return path.reverse();
}

interface Cuts {
  readonly isGone: Uint8Array;
  readonly isCut: Uint8Array;
  readonly extra: readonly (readonly [Address, Address])[];
}

/** The order of documents and deferred units together: a unit comes after its owner and after all that it names. */
function lineUp(graph: Graph, units: readonly number[], { isGone, isCut, extra }: Cuts) {
  const count = graph.nodes.length;
  const place = new Map(units.map((unit, index) => [unit, count + index]));
  const [from, to]: [number[], number[]] = [[], []];
  graph.edges.targets.forEach((target, edge) => {
    from.push(at(isCut, edge) === 1 ? (place.get(at(graph.edgeUnits, edge)) ?? 0) : at(graph.edges.sources, edge));
    to.push(target);
  });
  for (const unit of units) {
    from.push(place.get(unit) ?? 0);
    to.push(graph.units[unit]?.owner ?? 0);
  }
  addExtra(graph, extra, { from, to });
  const addresses = [...graph.nodes, ...units.map((unit) => graph.units[unit]?.address as Address)];
  const all = makeCsr(addresses.length, from, to);
  const gone = new Uint8Array(addresses.length);
  gone.set(isGone);
  const order = sortByNeeds(all, rankOf(addresses), gone);
  return {
    order: order.map((node) => addresses[node] as Address),
    needs: new Map(order.map((node) => [addresses[node] as Address, needsOf(all, addresses, node)])),
    stuck: stuckNodes(order, gone).map((node) => addresses[node] as Address),
  };
}

function addExtra(graph: Graph, extra: readonly (readonly [Address, Address])[], edges: { from: number[]; to: number[] }): void {
  if (extra.length === 0) return;
  const index = new Map(graph.nodes.map((address, node) => [address, node]));
  for (const [one, other] of extra) {
    const [left, right] = [index.get(one), index.get(other)];
    if (left === undefined || right === undefined) continue;
    edges.from.push(left);
    edges.to.push(right);
  }
}

function rankOf(addresses: readonly Address[]): Int32Array {
  const rank = new Int32Array(addresses.length);
  addresses
    .map((address, node) => ({ address, node }))
    .sort((left, right) => compareText(left.address, right.address))
    .forEach(({ node }, place) => {
      rank[node] = place;
    });
  return rank;
}

function needsOf(graph: Csr, addresses: readonly Address[], node: number): readonly Address[] {
  const needs = new Set<Address>();
  for (let edge = at(graph.starts, node); edge < at(graph.starts, node + 1); edge += 1) needs.add(addresses[at(graph.targets, edge)] as Address);
  return [...needs].sort(compareText);
}

function stuckNodes(order: readonly number[], isGone: Uint8Array): number[] {
  const isDone = isGone.slice();
  for (const node of order) isDone[node] = 1;
  return [...isDone.keys()].filter((node) => at(isDone, node) === 0);
}

function addressOf(graph: Graph, node: number): Address {
  return graph.nodes[node] as Address;
}

/** Paths longer than this are shown by their ends. */
const LONGEST_PATH = 12;

function cycleProblem(path: readonly Address[]): Problem {
  const shown =
    path.length <= LONGEST_PATH ? path : [...path.slice(0, LONGEST_PATH - 2), `... ${path.length - LONGEST_PATH + 1} more ...`, path[path.length - 1]];
  return {
    code: 'CYCLE',
    severity: 'error',
    message: `these resources need each other, and none of the refs between them can be written later: ${[...shown, path[0]].join(' -> ')}`,
    hint: 'take one of these refs out',
    ...(path[0] === undefined ? {} : { at: path[0] }),
  };
}

function stuckProblem(address: Address): Problem {
  return {
    code: 'RENAME_CYCLE',
    severity: 'error',
    at: address,
    message: `${address} cannot be put in any order: it waits for a key that is free only after another rename, which waits for this one`,
    hint: 'rename in two steps, through a key that nobody uses',
  };
}
