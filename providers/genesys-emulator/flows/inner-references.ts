import { editFlow, type FlowEdit, type FlowMap, type FlowNode, type FlowPath, isFlowMap, stringsOf, textAt } from './flow-node.ts';

/** A menu, task, state, bot or menu choice: what `startUpRef`, `targetTaskRef` and the like lead to. */
interface Container {
  readonly path: FlowPath;
  readonly refId: string;
  readonly name: string;
}

const REF_KEY = /Ref$/;
const REF_TARGET = /^(.*)\[(.*)\]$/s;

/** The containers of a flow, in order of appearance. */
function findContainers(tree: FlowNode): Container[] {
  const found: Container[] = [];
  const visit = (node: FlowNode, path: FlowPath): void => {
    if (Array.isArray(node)) node.forEach((item, index) => void visit(item, [...path, index]));
    if (!isFlowMap(node)) return;
    const refId = textAt(node, 'refId');
    if (refId !== undefined) found.push({ path, refId, name: textAt(node, 'name') ?? refId.replace(/_\d+$/, '') });
    for (const [key, item] of Object.entries(node)) visit(item, [...path, key]);
  };
  visit(tree, []);
  return found;
}

/** The container that a reference leads to: `/inboundCall/tasks/task[Main_12]`, or a hand-written `./tasks/task[main]`. */
function resolve(text: string, containers: readonly Container[]): Container | undefined {
  const [, where = '', refId = ''] = REF_TARGET.exec(text) ?? [];
  const word = where.split('/').at(-1);
  return containers.find((container) => container.refId === refId && container.path.at(-1) === word);
}

const isRef = (text: string, path: FlowPath) => REF_KEY.test(String(path.at(-1))) && REF_TARGET.test(text);

/** The internal references that lead nowhere. */
export function brokenInnerReferences(tree: FlowMap): readonly { readonly path: FlowPath; readonly target: string }[] {
  const containers = findContainers(tree);
  const refs = [...stringsOf(tree)].filter(([text, path]) => isRef(text, path));
  return refs.filter(([text]) => resolve(text, containers) === undefined).map(([target, path]) => ({ path, target }));
}

/** The flow with a new `name_number` for every container, and every internal reference spelled with it. */
export function renumber(tree: FlowMap, nextNumber: () => number): FlowNode {
  const containers = findContainers(tree);
  const fresh = new Map(containers.map((container) => [container, `${container.name}_${nextNumber()}`]));
  const edits = containers.map((container): FlowEdit => ({ path: [...container.path, 'refId'], place: 'value', to: fresh.get(container) ?? container.refId }));
  for (const [text, path] of stringsOf(tree)) {
    const target = isRef(text, path) ? resolve(text, containers) : undefined;
    if (target !== undefined) edits.push({ path, place: 'value', to: spell(target, containers, fresh.get(target) ?? target.refId) });
  }
  return editFlow(tree, edits);
}

/** In full from the root; a choice of a menu from its menu, as `./choices/menuTask[Orders_14]`. */
function spell(target: Container, containers: readonly Container[], refId: string): string {
  const isAround = (outer: Container) => outer !== target && outer.path.every((step, at) => step === target.path[at]);
  const owner = containers.findLast(isAround);
  const words = target.path.slice(owner?.path.length ?? 0).filter((step) => typeof step === 'string');
  return `${owner === undefined ? '' : '.'}/${words.join('/')}[${refId}]`;
}
