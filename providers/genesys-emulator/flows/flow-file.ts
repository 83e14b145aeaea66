import { parseDocument, stringify } from 'yaml';
import { FLOW_TYPES } from './flow-kinds.ts';
import { type FlowMap, type FlowNode, flowMap, isFlowMap, textAt } from './flow-node.ts';

/** What Architect takes from a file: the kind of flow from the root key, name and division from beneath it. */
export interface FlowFile {
  readonly rootKey: string;
  readonly type: string;
  readonly name: string;
  readonly division?: string;
  readonly description?: string;
  readonly tree: FlowMap;
}

const DEEPEST = 200;

/** Reads a file as it was uploaded; what is wrong comes back as the messages of the failed job. */
export function readFlowFile(text: string): FlowFile | { readonly messages: readonly string[] } {
  const parsed = parse(text);
  if ('messages' in parsed) return parsed;
  const { tree } = parsed;
  const rootKey = isFlowMap(tree) ? Object.keys(tree).find((key) => FLOW_TYPES[key] !== undefined) : undefined;
  if (!isFlowMap(tree) || rootKey === undefined)
    return failed(
      `unknown flow type '${isFlowMap(tree) ? (Object.keys(tree)[0] ?? '') : ''}': the root key must be one of ${Object.keys(FLOW_TYPES).join(', ')}`,
    );
  const body = tree[rootKey];
  if (!isFlowMap(body)) return failed(`object expected, got ${body === null ? 'null' : typeof body}. YAML path: /${rootKey}`);
  const name = body['name'];
  if (name === undefined || name === null || String(name).trim() === '') return failed(`flow name is undefined. YAML path: /${rootKey}/name`);
  const division = textAt(body, 'division');
  const description = textAt(body, 'description');
  return {
    rootKey,
    type: FLOW_TYPES[rootKey] ?? '',
    name: String(name),
    tree,
    ...(division === undefined ? {} : { division }),
    ...(description === undefined ? {} : { description }),
  };
}

function parse(text: string): { readonly tree: FlowNode } | { readonly messages: readonly string[] } {
  try {
    const document = parseDocument(text, { version: '1.2', stringKeys: true, intAsBigInt: true, merge: false });
    const [fault] = document.errors;
    if (fault !== undefined) return failed(`the YAML does not parse: ${fault.message.split('\n')[0]}`);
    return { tree: plain(document.toJS({ maxAliasCount: 100 }), 0) };
  } catch (error) {
    return failed(`the YAML does not parse: ${error instanceof RangeError ? 'nested too deeply' : String(error)}`);
  }
}

function failed(message: string): { readonly messages: readonly string[] } {
  return { messages: [message] };
}

/** Integers that a number holds exactly become numbers; the others stay whole. */
function plain(value: unknown, depth: number): FlowNode {
  if (depth > DEEPEST) throw new RangeError('nested too deeply');
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (Array.isArray(value)) return value.map((item) => plain(item, depth + 1));
  if (typeof value === 'object' && value !== null) return flowMap(Object.entries(value).map(([key, item]) => [key, plain(item, depth + 1)] as const));
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  return typeof value === 'boolean' || typeof value === 'string' ? value : null;
}

/**
 * The file as Architect exports it: no header, two spaces, lists indented, LF, every scalar on one line, and double quotes
 * where a YAML 1.1 reader would read another value.
 */
export function printFlowFile(tree: FlowNode): string {
  return stringify(tree, {
    version: '1.2',
    compat: 'yaml-1.1',
    aliasDuplicateObjects: false,
    blockQuote: false,
    indent: 2,
    indentSeq: true,
    lineWidth: 0,
    minContentWidth: 0,
    singleQuote: false,
    nullStr: '',
  });
}
