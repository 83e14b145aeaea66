import { type FlowFile, readFlowFile } from './flow-file.ts';
import { KINDS, type KindName } from './flow-kinds.ts';
import { type FlowMap, isFlowMap, printPath } from './flow-node.ts';
import { type FlowReference, findReferences, type PlatformUse } from './flow-references.ts';
import { brokenInnerReferences } from './inner-references.ts';

/** An object of the org that a name in a flow file may mean. */
export interface NamedObject {
  readonly id: string;
  readonly name: string;
  readonly category?: string;
  readonly flowType?: string;
  readonly isPublished?: boolean;
}

/** The org's living objects of a kind whose name is `name`, whatever its case. */
export type FindNamed = (kind: KindName, name: string) => readonly NamedObject[];

/** A reference whose object was found: from here on the id counts, and the name is what the object is called. */
export type BoundReference = Pick<FlowReference, 'kind' | 'name' | 'path' | 'place'> & { readonly id: string; readonly flowType?: string };

/** A published version's content: the tree as uploaded, and which object each name in it means. */
export interface FlowContent {
  readonly rootKey: string;
  readonly tree: FlowMap;
  readonly references: readonly BoundReference[];
  readonly platform: readonly PlatformUse[];
}

export interface Publishable {
  readonly file: FlowFile;
  readonly divisionId: string | undefined;
  readonly content: FlowContent;
}

/**
 * What publishing a file comes to: the flow's content with every name bound to an object of the org, or the messages of the
 * failed job. The flow itself may be named in its own file, published or not.
 */
export function preparePublish(text: string, find: FindNamed): Publishable | { readonly messages: readonly string[] } {
  const file = readFlowFile(text);
  if ('messages' in file) return file;
  const body = file.tree[file.rootKey];
  if (!isFlowMap(body)) return { messages: [`object expected, got null. YAML path: /${file.rootKey}`] };
  const { references, platform } = findReferences(file.rootKey, file.type, body);
  const division = file.division === undefined ? undefined : bindDivision(file, file.division, find);
  const bound = references.map((reference) => bind(reference, file, find));
  const messages = [
    ...brokenInnerReferences(file.tree).map(({ path, target }) => `No match found for kind 'container' and value '${target}'. YAML path: ${printPath(path)}`),
    ...[division, ...bound].filter((item) => typeof item === 'string'),
  ];
  if (messages.length > 0) return { messages };
  const content = { rootKey: file.rootKey, tree: file.tree, references: bound.filter((item) => typeof item !== 'string'), platform };
  return { file, divisionId: typeof division === 'object' ? division.id : undefined, content };
}

function bindDivision(file: FlowFile, name: string, find: FindNamed): NamedObject | string {
  const path = [file.rootKey, 'division'];
  return pick({ kind: 'division', name, path, place: 'value' }, find('division', name));
}

function bind(reference: FlowReference, file: FlowFile, find: FindNamed): BoundReference | string {
  const found = reference.flowTypes === undefined ? pickOther(reference, find) : pickFlow(reference, reference.flowTypes, file, find);
  if (typeof found === 'string') return found;
  const { kind, name, path, place } = reference;
  return { kind, name, path, place, id: found.id, ...(found.flowType === undefined ? {} : { flowType: found.flowType }) };
}

function pickOther(reference: FlowReference, find: FindNamed): NamedObject | string {
  const candidates = find(reference.kind, reference.name);
  const inCategory = candidates.filter((candidate) => reference.category === undefined || candidate.category === reference.category);
  return pick(reference, inCategory);
}

function pickFlow(reference: FlowReference, types: readonly string[], file: FlowFile, find: FindNamed): NamedObject | string {
  const candidates = find('flow', reference.name);
  const type = types.find((one) => candidates.some((candidate) => candidate.flowType === one));
  const isItself = types.includes(file.type) && file.name === reference.name;
  if (type === undefined && isItself) return { id: ITSELF, name: file.name, flowType: file.type };
  const found = pick(
    reference,
    candidates.filter((candidate) => candidate.flowType === type),
    ` of type ${types.join(' or ')}`,
  );
  if (typeof found === 'string' || found.isPublished || isItself) return found;
  return `The flow '${found.name}' (${found.flowType}) has no published version. Kind 'flow' and value '${reference.name}'. YAML path: ${printPath(reference.path)}`;
}

/** Stands for the flow's own id, which it gets when it is first published. */
export const ITSELF = '@itself';

/** Case is ignored, the exact spelling goes first, and two that are spelled alike are one too many. */
function pick(reference: FlowReference, candidates: readonly NamedObject[], detail = ''): NamedObject | string {
  const where = `YAML path: ${printPath(reference.path)}`;
  const { label } = KINDS[reference.kind];
  const exact = candidates.filter((candidate) => candidate.name === reference.name);
  const [first, second] = exact.length > 0 ? exact : candidates;
  if (first === undefined) return `No match found for kind '${label}' and value '${reference.name}'${detail}. ${where}`;
  if (second === undefined) return first;
  const how = exact.length > 0 ? 'Several case-sensitive matches' : 'Several matches';
  return `${how} found for kind '${label}' and value '${reference.name}': ${candidates.map((candidate) => candidate.id).join(', ')}. ${where}`;
}
