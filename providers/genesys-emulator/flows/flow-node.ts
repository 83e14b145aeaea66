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
  const map: FlowMap = Object.create(null);
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

/** The same tree with another string or key spelling; containers are made anew, so the given tree stays as it is. */
export function mapFlow(node: FlowNode, value: (text: string, path: FlowPath) => FlowNode, key: (key: string, path: FlowPath) => string): FlowNode {
  const visit = (here: FlowNode, path: FlowPath): FlowNode => {
    if (typeof here === 'string') return value(here, path);
    if (Array.isArray(here)) return here.map((item, index) => visit(item, [...path, index]));
    if (!isFlowMap(here)) return here;
    return flowMap(Object.entries(here).map(([name, item]) => [key(name, [...path, name]), visit(item, [...path, name])] as const));
  };
  return visit(node, []);
}
