import { inQueueType, KIND_BY_KEY, KIND_BY_NAMED_PURPOSE, KIND_BY_PURPOSE, KIND_BY_VALUE_TYPE, type KindName, transferTypes } from './flow-kinds.ts';
import { editFlow, type FlowEdit, type FlowMap, type FlowNode, type FlowPath, isFlowMap, nodeAt, textAt } from './flow-node.ts';

/** One place of a flow file that names an object of the org. `path` leads to the string, or to the map key, that holds the name. */
export interface FlowReference {
  readonly kind: KindName;
  readonly name: string;
  readonly path: FlowPath;
  /** `value`: the whole string; `key`: the last step of the path; `token`: `Prompt.name` inside the string. */
  readonly place: 'value' | 'key' | 'token';
  /** For flows: the types it may have, the likeliest first. */
  readonly flowTypes?: readonly string[];
  /** For data actions: the category they stand in. */
  readonly category?: string;
}

/** Objects that are the platform's own, the same in every org: named in dependency tracking, never looked up. */
export interface PlatformUse {
  readonly tracked: 'SYSTEMPROMPT' | 'LANGUAGE' | 'TTSENGINE' | 'FLOWACTION' | 'FLOWDATATYPE';
  readonly name: string;
}

export interface FoundReferences {
  readonly references: readonly FlowReference[];
  readonly platform: readonly PlatformUse[];
}

const TOKEN = /\b(PromptSystem|Prompt|Grammar)\.([A-Za-z_]\w*)/gi;
const QUOTED = /"(?:[^"\\]|\\.)*"/g;

/**
 * Every name of an org's object in a flow, in the three spellings of Architect's files: `lit: { name }`, `name` under a purpose
 * key, and the name as a map key; and `Prompt.x` in expressions. Find functions are looked up at run time and are none.
 */
export function findReferences(rootKey: string, fileType: string, body: FlowMap): FoundReferences {
  const references: FlowReference[] = [];
  const platform = new Map<string, PlatformUse>();
  const use = (tracked: PlatformUse['tracked'], name: string) => platform.set(`${tracked}/${name}`, { tracked, name });
  const visit = (node: FlowNode, path: FlowPath): void => {
    if (typeof node === 'string') visitText(node, path, references, use);
    if (Array.isArray(node)) for (const [index, item] of node.entries()) visit(item, [...path, index]);
    if (!isFlowMap(node)) return;
    references.push(...byLiteral(node, path), ...byName(node, path, fileType), ...byKey(node, path));
    notePlatform(path, node, use);
    for (const [key, item] of Object.entries(node)) visit(item, [...path, key]);
  };
  visit(body, [rootKey]);
  return { references, platform: [...platform.values()] };
}

function visitText(text: string, path: FlowPath, references: FlowReference[], use: (tracked: PlatformUse['tracked'], name: string) => void): void {
  const key = path.at(-1);
  const isLiteralName = key === 'name' && path.at(-2) === 'lit';
  if (key !== 'exp' && key !== 'prompt' && !isLiteralName) return;
  const code = key === 'exp' ? blankQuoted(text) : text;
  for (const match of code.matchAll(TOKEN)) {
    const [, family = '', name = ''] = match;
    if (family.toLowerCase() === 'promptsystem') use('SYSTEMPROMPT', name);
    else references.push({ kind: family.toLowerCase() === 'prompt' ? 'userPrompt' : 'grammar', name, path, place: 'token' });
  }
}

/** The text with the content of its string literals blanked, every other character where it was. */
function blankQuoted(text: string): string {
  return text.replace(QUOTED, (literal) => ' '.repeat(literal.length));
}

/** Spelling a, in the map under a purpose key: `lit: { name: X }`, `lit: { userName: X }`, or a list of them. */
function byLiteral(node: FlowMap, path: FlowPath): FlowReference[] {
  const literal = node['lit'];
  const kind = kindOfLiteral(path);
  const at = (item: FlowNode | undefined, where: FlowPath): FlowReference[] => {
    const login = textAt(item, 'userName');
    if (login !== undefined) return [{ kind: 'user', name: login, path: [...where, 'userName'], place: 'value' }];
    const name = textAt(item, 'name');
    if (name === undefined || kind === undefined || /^(Prompt|PromptSystem|Grammar)\./i.test(name)) return [];
    return [{ kind, name, path: [...where, 'name'], place: 'value' }, ...secondPlace(node, path, kind, name)];
  };
  if (Array.isArray(literal)) return literal.flatMap((item, index) => at(item, [...path, 'lit', index]));
  return [...at(literal, [...path, 'lit']), ...besideSelected(node, path)];
}

/** A name may stand twice, beside `lit` as well; both change together. */
function secondPlace(node: FlowMap, path: FlowPath, kind: KindName, name: string): FlowReference[] {
  return textAt(node, 'name') === name ? [{ kind, name, path: [...path, 'name'], place: 'value' }] : [];
}

function besideSelected(node: FlowMap, path: FlowPath): FlowReference[] {
  const selected = node['selectedSchedule'];
  const name = textAt(node, 'name');
  const isTwice = isFlowMap(selected) && name !== undefined && textAt(selected['lit'], 'name') === name;
  return isTwice ? [{ kind: 'schedule', name, path: [...path, 'name'], place: 'value' }] : [];
}

function kindOfLiteral(path: FlowPath): KindName | undefined {
  const purpose = path.findLast((step) => typeof step === 'string');
  const owner = String(path.at(-2) ?? '');
  if (purpose === 'initialValue') return KIND_BY_VALUE_TYPE[owner.replace(/(Collection)?Variable$/, '')];
  if (purpose === 'value') return KIND_BY_VALUE_TYPE[owner];
  return KIND_BY_PURPOSE[String(purpose)];
}

/** Spelling b: a plain `name` in the map under a purpose key. */
function byName(node: FlowMap, path: FlowPath, fileType: string): FlowReference[] {
  const name = textAt(node, 'name');
  const purpose = String(path.at(-1));
  if (name === undefined) return [];
  const at = { name, path: [...path, 'name'], place: 'value' } as const;
  if (purpose === 'targetFlow') return [{ kind: 'flow', ...at, flowTypes: transferTypes(String(path.at(-2)), fileType) }];
  if (purpose === 'overrideInQueueFlow') return [{ kind: 'flow', ...at, flowTypes: [inQueueType(fileType)] }];
  if (purpose === 'flow' && path.at(-3) === 'flows' && path.at(-4) === 'referencedObjects') {
    return [{ kind: 'flow', ...at, flowTypes: [(textAt(node, 'type') ?? fileType).toUpperCase()] }];
  }
  const kind = 'lit' in node ? undefined : KIND_BY_NAMED_PURPOSE[purpose];
  return kind === undefined ? [] : [{ kind, ...at }];
}

/** Spelling c: the names are the keys of the map. */
function byKey(node: FlowMap, path: FlowPath): FlowReference[] {
  const [action, purpose] = [path.at(-2), path.at(-1)];
  const keyed = (kind: KindName, more: Partial<FlowReference>) =>
    Object.keys(node).map((name): FlowReference => ({ kind, name, path: [...path, name], place: 'key', ...more }));
  const rule = KIND_BY_KEY.find((row) => row.action === action && row.purpose === purpose);
  if (rule !== undefined) return keyed(rule.kind, rule.flowType === undefined ? {} : { flowTypes: [rule.flowType] });
  const isDataAction = purpose === 'dataAction' && path.at(-3) === 'category' && /^callData/.test(String(path.at(-4)));
  if (isDataAction) return keyed('dataAction', { category: String(action) });
  return purpose === 'settingsKnowledge' ? keyed('knowledgeBase', {}).filter((found) => isFlowMap(node[found.name])) : [];
}

function notePlatform(path: FlowPath, node: FlowMap, use: (tracked: PlatformUse['tracked'], name: string) => void): void {
  const key = path.at(-1);
  if (key === 'supportedLanguages') for (const language of Object.keys(node)) use('LANGUAGE', language);
  if (key === 'textToSpeech') for (const engine of Object.keys(node)) use('TTSENGINE', engine);
  if (path.at(-2) === 'actions' && typeof key === 'number') for (const action of Object.keys(node)) use('FLOWACTION', action);
  if (path.at(-2) === 'variables' && typeof key === 'number') for (const variable of Object.keys(node)) use('FLOWDATATYPE', variable.replace(/Variable$/, ''));
}

type Named = Pick<FlowReference, 'path' | 'place' | 'name' | 'kind'>;

/** The tree with the references' names put anew. `nameOf` gives the new name, or the same. */
export function renameReferences<Reference extends Named>(
  tree: FlowNode,
  references: readonly Reference[],
  nameOf: (reference: Reference) => string,
): FlowNode {
  const tokens = new Map<string, Reference[]>();
  const edits: FlowEdit[] = [];
  for (const reference of references) {
    const { path, place } = reference;
    if (place !== 'token') edits.push({ path, place, to: nameOf(reference) });
    else tokens.set(JSON.stringify(path), [...(tokens.get(JSON.stringify(path)) ?? []), reference]);
  }
  for (const together of tokens.values()) {
    const path = together[0]?.path ?? [];
    edits.push({ path, place: 'value', to: renameTokens(String(nodeAt(tree, path)), together, nameOf) });
  }
  return editFlow(tree, edits);
}

function renameTokens<Reference extends Named>(text: string, references: readonly Reference[], nameOf: (reference: Reference) => string): string {
  const quoted = [...text.matchAll(QUOTED)].map((match) => [match.index, match.index + match[0].length] as const);
  return text.replace(TOKEN, (whole, family: string, name: string, at: number) => {
    const kind = family.toLowerCase() === 'prompt' ? 'userPrompt' : 'grammar';
    const reference = references.find((candidate) => candidate.kind === kind && candidate.name === name);
    const isCode = !quoted.some(([start, end]) => at >= start && at < end);
    return reference !== undefined && isCode && family.toLowerCase() !== 'promptsystem' ? `${family}.${nameOf(reference)}` : whole;
  });
}
