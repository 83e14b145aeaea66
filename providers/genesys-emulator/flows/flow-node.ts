/** A flow file as plain data. Maps have no prototype, so that a key named `__proto__` is only a key. */
export type FlowNode = null | boolean | number | bigint | string | FlowNode[] | FlowMap;
export interface FlowMap {
  [key: string]: FlowNode;
}
/** Where something stands in a flow file, from the root. */
export type FlowPath = readonly (string | number)[];

export function isFlowMap(node: FlowNode | undefined): node is FlowMap {
  return typeof node === 'object' && node !== null && !Array.isArray(node);
}

export function flowMap(entries: Iterable<readonly [string, FlowNode]>): FlowMap {
  const map: FlowMap = Object.setPrototypeOf({}, null);
  for (const [key, node] of entries) map[key] = node;
  return map;
}

/** The string under a key of a map, where one stands there. */
export function textAt(node: FlowNode | undefined, key: string): string | undefined {
  const found = isFlowMap(node) ? node[key] : undefined;
  return typeof found === 'string' ? found : undefined;
}

/** A path as Architect's messages spell it: `/inboundCall/tasks[0]/task/name`. */
export function printPath(path: FlowPath): string {
  return path.map((step) => (typeof step === 'number' ? `[${step}]` : `/${step}`)).join('');
}

/** What stands at a path. */
export function nodeAt(tree: FlowNode, path: FlowPath): FlowNode | undefined {
  let node: FlowNode | undefined = tree;
  for (const step of path) node = Array.isArray(node) ? node[Number(step)] : isFlowMap(node) ? node[step] : undefined;
  return node;
}

/** Another string at a path, or another spelling of the key that the path ends with. */
export interface FlowEdit {
  readonly path: FlowPath;
  readonly place: 'value' | 'key';
  readonly to: string;
}

interface Edits {
  value?: string;
  key?: string;
  readonly under: Map<string | number, Edits>;
}

/** The tree with its edits made. Paths are those of the given tree, which stays as it is; what no edit touches is shared with it. */
export function editFlow(tree: FlowNode, edits: readonly FlowEdit[]): FlowNode {
  const root: Edits = { under: new Map() };
  for (const { path, place, to } of edits) {
    let at = root;
    for (const step of path) {
      const next = at.under.get(step) ?? { under: new Map() };
      at.under.set(step, next);
      at = next;
    }
    at[place] = to;
  }
  return edited(tree, root);
}

function edited(node: FlowNode, edits: Edits): FlowNode {
  if (edits.value !== undefined) return edits.value;
  const change = (item: FlowNode, step: string | number): FlowNode => {
    const inner = edits.under.get(step);
    return inner === undefined ? item : edited(item, inner);
  };
  if (edits.under.size === 0) return node;
  if (Array.isArray(node)) return node.map(change);
  return isFlowMap(node) ? flowMap(Object.entries(node).map(([name, item]) => [edits.under.get(name)?.key ?? name, change(item, name)] as const)) : node;
}

/** Every string of a tree with its path, in order of appearance. */
export function* stringsOf(node: FlowNode, path: FlowPath = []): Generator<readonly [text: string, path: FlowPath]> {
  if (typeof node === 'string') yield [node, path];
  else if (Array.isArray(node)) for (const [index, item] of node.entries()) yield* stringsOf(item, [...path, index]);
  else if (isFlowMap(node)) for (const [key, item] of Object.entries(node)) yield* stringsOf(item, [...path, key]);
}
