/** Finds what answers a method and a path; fixed segments win over parameters. */
export interface Match<T> {
  readonly value: T;
  /** Decoded path parameters by the names in the route's own pattern. */
  readonly params: Readonly<Record<string, string>>;
}

interface Entry<T> {
  readonly value: T;
  readonly names: readonly string[];
}

interface Node<T> {
  readonly fixed: Map<string, Node<T>>;
  readonly methods: Map<string, Entry<T>>;
  any: Node<T> | undefined;
}

export class Router<T> {
  readonly #root: Node<T> = makeNode();

  /** The first one to claim a method and pattern keeps it. */
  add(method: string, pattern: string, value: T): void {
    const names: string[] = [];
    let node = this.#root;
    for (const segment of pattern.split('/')) {
      const name = /^\{(.*)\}$/.exec(segment)?.[1];
      if (name !== undefined) names.push(name);
      node = name === undefined ? fixedChild(node, segment) : anyChild(node);
    }
    if (!node.methods.has(method)) node.methods.set(method, { value, names });
  }

  /** `other-method` where only other methods are known at this path. Throws `URIError` on an escape that is none. */
  find(method: string, path: string): Match<T> | 'other-method' | undefined {
    const found = this.#walk(this.#root, path.split('/'), 0, [], method);
    if (found === undefined) return undefined;
    const entry = found.node.methods.get(method);
    if (entry === undefined) return 'other-method';
    return { value: entry.value, params: Object.fromEntries(entry.names.map((name, index) => [name, decodeURIComponent(found.values[index] ?? '')])) };
  }

  #walk(
    node: Node<T>,
    segments: readonly string[],
    at: number,
    values: readonly string[],
    method: string,
  ): { node: Node<T>; values: readonly string[] } | undefined {
    const segment = segments[at];
    if (segment === undefined) return node.methods.size === 0 ? undefined : { node, values };
    const fixed = node.fixed.get(segment);
    const first = fixed === undefined ? undefined : this.#walk(fixed, segments, at + 1, values, method);
    if (first?.node.methods.has(method) === true) return first;
    const second = node.any === undefined || segment === '' ? undefined : this.#walk(node.any, segments, at + 1, [...values, segment], method);
    return second?.node.methods.has(method) === true ? second : (first ?? second);
  }
}

function makeNode<T>(): Node<T> {
  return { fixed: new Map(), methods: new Map(), any: undefined };
}

function fixedChild<T>(node: Node<T>, segment: string): Node<T> {
  const known = node.fixed.get(segment);
  if (known !== undefined) return known;
  const made = makeNode<T>();
  node.fixed.set(segment, made);
  return made;
}

function anyChild<T>(node: Node<T>): Node<T> {
  node.any ??= makeNode<T>();
  return node.any;
}
