import { isList, isMap, makeMap, type Value, type ValueMap } from '../../state/value.ts';

/** A menu, task, state, bot or menu choice: what `startUpRef`, `targetTaskRef` and the like lead to. */
interface Container {
  readonly path: Path;
  /** The key that it stands under: `task` of `tasks: [{ task: ... }]`. */
  readonly kind: string;
  readonly refId: string;
  /** The refId that it gets: its place among all containers. */
  readonly fresh: string;
  /** The same behind its name, as files spell it. */
  readonly named: string;
}
type Path = readonly (string | number)[];

const REF_KEY = /Ref$/;
const TARGET = /^([^[]*)\[(.*)\]$/s;

/**
 * The flow with containers numbered in order of appearance and every internal reference to them spelled one way: in full from the root
 * (`/inboundCall/tasks/task[#3]`), and from inside the container that it stands in where it leads to a part of that
 * (`./choices/menuTask[#2]`). The name is no part of the number, so that renaming a task changes its name alone. A reference that leads
 * nowhere is left as it is.
 */
export function renumberRefs(tree: Value): Value {
  return withRefs(tree, (container) => container.fresh);
}

/** The same as Architect spells it, for files: the name before the number (`task[Main_3]`). */
export function nameRefs(tree: Value): Value {
  return withRefs(tree, (container) => container.named);
}

type Spelling = (container: Container) => string;

function withRefs(tree: Value, refIdOfContainer: Spelling): Value {
  const containers = containersOf(tree);
  const byTarget = new Map<string, Container[]>();
  for (const container of containers) {
    const target = `${container.kind}[${container.refId}]`;
    byTarget.set(target, [...(byTarget.get(target) ?? []), container]);
  }
  const byPath = new Map(containers.map((container) => [pathText(container.path), container]));
  return rewrite(tree, [], (text, path) => {
    if (path.at(-1) === 'refId') {
      const own = byPath.get(pathText(path.slice(0, -1)));
      return own === undefined ? text : refIdOfContainer(own);
    }
    const target = targetOf(text, path, byTarget);
    return target === undefined ? text : spell(target, path, containers, refIdOfContainer);
  });
}

/** Internal references that lead to no container of the flow, which Architect would refuse. */
export function brokenRefs(tree: Value): { readonly path: Path; readonly target: string }[] {
  const byTarget = new Map(containersOf(tree).map((container) => [`${container.kind}[${container.refId}]`, [container]]));
  const broken: { path: Path; target: string }[] = [];
  rewrite(tree, [], (text, path) => {
    if (isRef(text, path) && targetOf(text, path, byTarget) === undefined) broken.push({ path, target: text });
    return text;
  });
  return broken;
}

function isRef(text: string, path: Path): boolean {
  return REF_KEY.test(String(path.at(-1))) && TARGET.test(text);
}

/** The container that a reference means; of several with one refId the nearest. */
function targetOf(text: string, path: Path, byTarget: ReadonlyMap<string, readonly Container[]>): Container | undefined {
  if (!isRef(text, path)) return undefined;
  const [, where = '', refId = ''] = TARGET.exec(text) ?? [];
  const candidates = byTarget.get(`${where.split('/').at(-1)}[${refId}]`) ?? [];
  return candidates.reduce<Container | undefined>(
    (best, next) => (best !== undefined && shared(best.path, path) >= shared(next.path, path) ? best : next),
    undefined,
  );
}

function shared(left: Path, right: Path): number {
  const at = left.findIndex((step, index) => step !== right[index]);
  return at < 0 ? left.length : at;
}

function spell(target: Container, from: Path, containers: readonly Container[], refIdOfContainer: Spelling): string {
  const owner = containers.findLast((outer) => outer !== target && isInside(target.path, outer.path) && isInside(from, outer.path));
  const words = target.path.slice(owner?.path.length ?? 0).filter((step) => typeof step === 'string');
  return `${owner === undefined ? '' : '.'}/${words.join('/')}[${refIdOfContainer(target)}]`;
}

function isInside(path: Path, outer: Path): boolean {
  return outer.length < path.length && shared(outer, path) === outer.length;
}

function containersOf(tree: Value): Container[] {
  const found: Container[] = [];
  const visit = (value: Value, path: Path): void => {
    if (isList(value)) for (const [index, item] of value.entries()) visit(item, [...path, index]);
    if (!isMap(value)) return;
    const refId = refIdOf(value);
    if (refId !== undefined) {
      const number = found.length + 1;
      found.push({ path, kind: String(path.at(-1)), refId, fresh: `#${number}`, named: `${nameOf(value, String(path.at(-1)))}_${number}` });
    }
    for (const [key, item] of Object.entries(value)) visit(item, [...path, key]);
  };
  visit(tree, []);
  return found;
}

function refIdOf(value: ValueMap): string | undefined {
  const refId = value['refId'];
  return typeof refId === 'string' || typeof refId === 'number' ? String(refId) : undefined;
}

function nameOf(value: ValueMap, kind: string): string {
  const name = value['name'];
  return typeof name === 'string' || typeof name === 'number' ? String(name) : kind;
}

function rewrite(value: Value, path: Path, change: (text: string, path: Path) => string): Value {
  if (typeof value === 'string') return change(value, path);
  if (typeof value === 'number' && path.at(-1) === 'refId') return change(String(value), path);
  if (isList(value)) return value.map((item, index) => rewrite(item, [...path, index], change));
  if (!isMap(value)) return value;
  return makeMap(Object.entries(value).map(([key, item]) => [key, rewrite(item, [...path, key], change)]));
}

function pathText(path: Path): string {
  return JSON.stringify(path);
}
