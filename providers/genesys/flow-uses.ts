import { type Address, keyParts, makeAddress } from '../../state/address.ts';
import { makePointer } from '../../state/pointer.ts';
import type { Problem } from '../../state/problem.ts';
import type { RefUse } from '../../state/resource-type.ts';
import { isList, isMap, type Value, type ValueMap } from '../../state/value.ts';
import { type ExpressionUse, expressionUses, finderOf, prefixedUse, quotedText } from './flow-expression.ts';
import { brokenRefs } from './flow-inner-refs.ts';
import { inQueueType, KEYED_PURPOSES, TYPE_BY_DATA_TYPE, TYPE_BY_NAMED_PURPOSE, TYPE_BY_PURPOSE, transferTypes, VALUE_KEYS } from './flow-names.ts';

type Path = readonly (string | number)[];

interface Found {
  readonly path: Path;
  readonly type: string;
  readonly key: readonly string[];
  readonly optional?: boolean;
  readonly dynamic?: boolean;
}

/**
 * Every other resource that a flow names: the three spellings of Architect's files (`lit: { name }`, `name` under a purpose, the name as a
 * map key) and the names in expressions. What is looked up at run time is optional; a name made at run time is told as dynamic. Uses of the
 * flow itself, system prompts, languages and voices are none. `at` is where the tree stands in the document's body.
 */
export function flowUses(tree: Value, flow: Address, at = '/content'): RefUse[] {
  const ownType = keyParts(flow)?.[1] ?? '';
  const found: Found[] = [];
  const visit = (value: Value, path: Path): void => {
    if (typeof value === 'string') found.push(...inText(value, path));
    if (isList(value)) for (const [index, item] of value.entries()) visit(item, [...path, index]);
    if (!isMap(value)) return;
    found.push(...byLiteral(value, path), ...byName(value, path, ownType), ...byKey(value, path), ...byFinder(value, path), ...besideSelected(value, path));
    for (const [key, item] of Object.entries(value)) visit(item, [...path, key]);
  };
  visit(tree, []);
  return found.map((use) => refUse(use, at)).filter((use) => use.to !== flow);
}

/** References inside the flow that lead to no container of it, each a problem. */
export function flowProblems(tree: Value, flow: Address, at = '/content'): Problem[] {
  return brokenRefs(tree).map(({ path, target }) => ({
    code: 'FLOW_REF_NOT_FOUND',
    severity: 'error',
    at: flow,
    pointer: `${at}${makePointer(path)}`,
    message: `"${target}" leads to nothing in this flow`,
    hint: 'write the refId of a menu, task, state or bot of this file in the brackets',
  }));
}

function refUse({ path, type, key, optional, dynamic }: Found, at: string): RefUse {
  const flags = { ...(optional === true ? { optional } : {}), ...(dynamic === true ? { dynamic } : {}) };
  return { pointer: `${at}${makePointer(path)}`, to: makeAddress(type, key), ...flags };
}

/** Expressions, and prompts that stand alone. */
function inText(text: string, path: Path): Found[] {
  const key = path.at(-1);
  if (key === 'exp') return expressionUses(text).map((use) => fromExpression(use, path));
  const isAlone = key === 'prompt' || (key === 'name' && (path.at(-2) === 'lit' || path.at(-3) === 'lit'));
  const use = isAlone ? prefixedUse(text) : undefined;
  return use === undefined ? [] : [fromExpression(use, path)];
}

function fromExpression(use: ExpressionUse, path: Path): Found {
  return { path, type: use.type, key: [use.name], ...(use.kind === 'lookup' ? { optional: true } : {}), ...(use.kind === 'dynamic' ? { dynamic: true } : {}) };
}

/** First spelling: `lit: { name: X }` or a list of such, under a key that says the type; `lit: { userName: X }` says it by itself. */
function byLiteral(map: ValueMap, path: Path): Found[] {
  const literal = map['lit'];
  const items = isList(literal) ? literal.map((item, index) => [item, ['lit', index]] as const) : [[literal, ['lit']] as const];
  return items.flatMap(([item, steps]): Found[] => {
    if (!isMap(item)) return [];
    const login = item['userName'];
    if (typeof login === 'string' && login !== '') return [{ path: [...path, ...steps, 'userName'], type: 'user', key: [login] }];
    const [name, type] = [nameIn(item), literalType(path)];
    if (name === undefined || type === undefined || /^(?:Prompt|PromptSystem|Grammar)\./i.test(name)) return [];
    return [{ path: [...path, ...steps, 'name'], type, key: [name] }, ...(nameIn(map) === name ? [{ path: [...path, 'name'], type, key: [name] }] : [])];
  });
}

/** A schedule's name stands a second time beside the place that selects it; both change together. */
function besideSelected(map: ValueMap, path: Path): Found[] {
  const selected = map['selectedSchedule'];
  const literal = isMap(selected) ? selected['lit'] : undefined;
  const name = isMap(literal) ? nameIn(literal) : undefined;
  return name === undefined || nameIn(map) !== name ? [] : [{ path: [...path, 'name'], type: 'architect_schedule', key: [name] }];
}

/** The type that the keys above a literal say; list items count as what their list is. */
function literalType(path: Path): string | undefined {
  const words = path.filter((step) => typeof step === 'string');
  const [purpose = '', owner = ''] = [words.at(-1), words.at(-2)];
  if (purpose === 'initialValue') return TYPE_BY_DATA_TYPE[owner.replace(/(?:Collection)?Variable$/, '')];
  if (purpose === 'value') return TYPE_BY_DATA_TYPE[owner.replace(/Collection$/, '')];
  return TYPE_BY_PURPOSE[purpose];
}

/** Second spelling: a plain `name` under a key that says what is named. */
function byName(map: ValueMap, path: Path, ownType: string): Found[] {
  const name = nameIn(map);
  if (name === undefined || 'lit' in map) return [];
  const purpose = String(path.at(-1));
  const at = [...path, 'name'];
  if (purpose === 'targetFlow') return flowsOf(name, transferTypes(String(path.at(-2)), ownType), at);
  if (purpose === 'overrideInQueueFlow') return flowsOf(name, [inQueueType(ownType)], at);
  if (path.at(-3) === 'flows' && path.at(-4) === 'referencedObjects') return flowsOf(name, [String(map['type'] ?? ownType).toLowerCase()], at);
  const type = TYPE_BY_NAMED_PURPOSE[purpose];
  return type === undefined ? [] : [{ path: at, type, key: [name] }];
}

/** A flow of one of these types; where there are several, each of them only perhaps. */
function flowsOf(name: string, types: readonly string[], path: Path): Found[] {
  return types.map((type) => ({ path, type: 'flow', key: [name, type], ...(types.length > 1 ? { optional: true } : {}) }));
}

/** Third spelling: the names are the keys of a map. Actions are list items only; settings repeat their names as plain keys. */
function byKey(map: ValueMap, path: Path): Found[] {
  const names = Object.keys(map).filter((key) => !VALUE_KEYS.has(key));
  const purpose = path.at(-1);
  if (purpose === 'settingsKnowledge' && path.length === 2) {
    return names.filter((name) => isMap(map[name])).map((name) => ({ path: [...path, name], type: 'knowledge_base', key: [name] }));
  }
  const action = actionAbove(path);
  if (action === undefined) return [];
  if (purpose === 'dataAction' && path.at(-3) === 'category' && /^callData/.test(action)) {
    return names.map((name) => ({ path: [...path, name], type: 'integration_action', key: [name, String(path.at(-2))] }));
  }
  const rule = KEYED_PURPOSES.find((row) => row.purpose === purpose && row.actions.includes(action));
  if (rule === undefined) return [];
  return names.map((name) => ({ path: [...path, name], type: rule.type, key: rule.flowType === undefined ? [name] : [name, rule.flowType] }));
}

/** The action that a path is inside of: the key of the nearest list item. */
function actionAbove(path: Path): string | undefined {
  const at = path.findLastIndex((step) => typeof step === 'number');
  const action = at < 0 ? undefined : path[at + 1];
  return typeof action === 'string' ? action : undefined;
}

/** Actions that look a name up while the flow runs: `findQueue: { findName: { lit: X } }`. An id, or a name that is computed, is dynamic. */
function byFinder(map: ValueMap, path: Path): Found[] {
  const finder = typeof path.at(-2) === 'number' ? finderOf(String(path.at(-1))) : undefined;
  if (finder === undefined) return [];
  return ['findName', 'findUserName', 'findId', 'findIds'].flatMap((key): Found[] => {
    const wanted = map[key];
    if (wanted === undefined || (isMap(wanted) && 'noValue' in wanted)) return [];
    const [field, text] = isMap(wanted) ? ([['lit', 'exp', 'var'].find((one) => one in wanted) ?? '', undefined] as const) : (['', wanted] as const);
    const told = isMap(wanted) ? wanted[field] : text;
    if (typeof told !== 'string') return [];
    const name = field === 'lit' || field === '' ? told : field === 'exp' ? quotedText(told.trim()) : undefined;
    const isKnown = name !== undefined && !finder.isById;
    return [
      { path: [...path, key, ...(field === '' ? [] : [field])], type: finder.type, key: [name ?? told], ...(isKnown ? { optional: true } : { dynamic: true }) },
    ];
  });
}

function nameIn(map: ValueMap): string | undefined {
  const name = map['name'];
  return typeof name === 'string' && name !== '' ? name : typeof name === 'number' || typeof name === 'bigint' ? String(name) : undefined;
}
