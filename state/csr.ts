/**
 * Directed graphs on integers, edges stored row by row in two arrays. Nothing here recurses, so a chain of 100,000 is as good as one of ten.
 * An edge `from -> to` says that `from` needs `to`.
 */
export interface Csr {
  readonly size: number;
  /** Edges of node `n` stand at `starts[n]` up to `starts[n + 1]`. */
  readonly starts: Int32Array;
  readonly targets: Int32Array;
  /** The owner of each edge. */
  readonly sources: Int32Array;
  /** Which given edge stands at a place, for what is kept beside it. */
  readonly origins: Int32Array;
}

export function makeCsr(size: number, from: readonly number[], to: readonly number[]): Csr {
  const starts = new Int32Array(size + 1);
  for (const source of from) starts[source + 1] = at(starts, source + 1) + 1;
  for (let node = 0; node < size; node += 1) starts[node + 1] = at(starts, node + 1) + at(starts, node);
  const next = starts.slice();
  const [targets, sources, origins] = [new Int32Array(from.length), new Int32Array(from.length), new Int32Array(from.length)];
  from.forEach((source, origin) => {
    const place = at(next, source);
    next[source] = place + 1;
    targets[place] = to[origin] ?? 0;
    sources[place] = source;
    origins[place] = origin;
  });
  return { size, starts, targets, sources, origins };
}

/** The same edges, turned round; `origins` are places in the given graph. */
export function reverseCsr(graph: Csr): Csr {
  return makeCsr(graph.size, Array.from(graph.targets), Array.from(graph.sources));
}

/** Reads an array of integers; outside of it is 0. */
export function at(array: Int32Array | Uint8Array, index: number): number {
  return array[index] ?? 0;
}

/**
 * Strongly connected components by Tarjan's algorithm with its own stack: the number of each node's component, and the nodes of those that
 * hold a cycle (more than one node, or an edge to itself), each ascending. `isCut` marks edges that do not count, `isGone` nodes that do not.
 */
export function findCycles(graph: Csr, isCut: Uint8Array, isGone: Uint8Array): { readonly component: Int32Array; readonly cyclic: readonly number[][] } {
  const { size, starts, targets } = graph;
  const [order, low, component] = [new Int32Array(size), new Int32Array(size), new Int32Array(size).fill(-1)];
  const next = starts.slice(0, size);
  const [path, open]: [number[], number[]] = [[], []];
  const cyclic: number[][] = [];
  let [visited, components] = [0, 0];
  const enter = (node: number) => {
    visited += 1;
    order[node] = visited;
    low[node] = visited;
    path.push(node);
    open.push(node);
  };
  const close = (node: number) => {
    const members = open.splice(open.lastIndexOf(node));
    for (const member of members) component[member] = components;
    components += 1;
    if (members.length > 1 || hasLoop(graph, node, isCut)) cyclic.push(members.sort((left, right) => left - right));
  };
  for (let root = 0; root < size; root += 1) {
    if (at(order, root) === 0 && at(isGone, root) === 0) enter(root);
    for (let node = path[path.length - 1]; node !== undefined; node = path[path.length - 1]) {
      const edge = at(next, node);
      if (edge < at(starts, node + 1)) {
        next[node] = edge + 1;
        const target = at(targets, edge);
        if (at(isCut, edge) === 1 || at(isGone, target) === 1) continue;
        if (at(order, target) === 0) enter(target);
        else if (component[target] === -1) low[node] = Math.min(at(low, node), at(order, target));
        continue;
      }
      path.pop();
      if (at(low, node) === at(order, node)) close(node);
      const parent = path[path.length - 1];
      if (parent !== undefined) low[parent] = Math.min(at(low, parent), at(low, node));
    }
  }
  return { component, cyclic };
}

function hasLoop({ starts, targets }: Csr, node: number, isCut: Uint8Array): boolean {
  for (let edge = at(starts, node); edge < at(starts, node + 1); edge += 1) if (at(targets, edge) === node && at(isCut, edge) === 0) return true;
  return false;
}

/**
 * Nodes in an order in which each comes after all that it needs: of those that are ready, first the one with the longest chain of others
 * waiting for it, then the one with the lower rank. Nodes on or behind a cycle are missing from it.
 */
export function sortByNeeds(graph: Csr, rank: Int32Array, isGone: Uint8Array): number[] {
  const users = reverseCsr(graph);
  const height = measureChains(graph, users, isGone);
  const isBefore = (left: number, right: number) =>
    at(height, left) > at(height, right) || (at(height, left) === at(height, right) && at(rank, left) < at(rank, right));
  const ready = new Heap(isBefore);
  return takeReady(graph, users, isGone, { add: (node) => ready.add(node), take: () => ready.take() });
}

/** For each node the number of nodes in the longest chain that waits for it. */
function measureChains(graph: Csr, users: Csr, isGone: Uint8Array): Int32Array {
  const line: number[] = [];
  let head = 0;
  const order = takeReady(graph, users, isGone, { add: (node) => line.push(node), take: () => line[head++] });
  const height = new Int32Array(graph.size);
  for (let index = order.length - 1; index >= 0; index -= 1) {
    const node = order[index] ?? 0;
    for (let edge = at(graph.starts, node); edge < at(graph.starts, node + 1); edge += 1) {
      const target = at(graph.targets, edge);
      height[target] = Math.max(at(height, target), at(height, node) + 1);
    }
  }
  return height;
}

interface Ready {
  readonly add: (node: number) => void;
  readonly take: () => number | undefined;
}

/** Kahn's algorithm; `ready` says which of the ready nodes goes next. */
function takeReady(graph: Csr, users: Csr, isGone: Uint8Array, ready: Ready): number[] {
  const open = new Int32Array(graph.size);
  for (let node = 0; node < graph.size; node += 1) {
    open[node] = at(graph.starts, node + 1) - at(graph.starts, node);
    if (at(open, node) === 0 && at(isGone, node) === 0) ready.add(node);
  }
  const order: number[] = [];
  for (let node = ready.take(); node !== undefined; node = ready.take()) {
    order.push(node);
    for (let edge = at(users.starts, node); edge < at(users.starts, node + 1); edge += 1) {
      const user = at(users.targets, edge);
      open[user] = at(open, user) - 1;
      if (at(open, user) === 0 && at(isGone, user) === 0) ready.add(user);
    }
  }
  return order;
}

/** A binary heap of integers. */
export class Heap {
  readonly #items: number[] = [];
  readonly #isBefore: (left: number, right: number) => boolean;

  constructor(isBefore: (left: number, right: number) => boolean) {
    this.#isBefore = isBefore;
  }

  add(item: number): void {
    const items = this.#items;
    let place = items.push(item) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = items[parent] as number;
      if (!this.#isBefore(item, above)) break;
      items[place] = above;
      place = parent;
    }
    items[place] = item;
  }

  take(): number | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (last === undefined || items.length === 0) return first;
    this.#sink(last);
    return first;
  }

  #sink(item: number): void {
    const items = this.#items;
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      if (left >= items.length) break;
      const right = left + 1;
      const child = right < items.length && this.#isBefore(items[right] as number, items[left] as number) ? right : left;
      if (!this.#isBefore(items[child] as number, item)) break;
      items[place] = items[child] as number;
      place = child;
    }
    items[place] = item;
  }
}
