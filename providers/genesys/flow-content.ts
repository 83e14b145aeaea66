import { parseDocument, stringify } from 'yaml';
import { isMap, makeMap, type Value, type ValueMap } from '../../state/value.ts';

/** Root keys of Architect's files by flow type in small letters; `bot` alone is not its root key in small letters. */
const ROOTS: Readonly<Record<string, string>> = Object.fromEntries(
  [
    'commonModule',
    'digitalBot',
    'emailSend',
    'inboundCall',
    'inboundChat',
    'inboundEmail',
    'inboundShortMessage',
    'inqueueCall',
    'inqueueEmail',
    'inqueueShortMessage',
    'outboundCall',
    'secureCall',
    'speech',
    'surveyInvite',
    'voice',
    'voicemail',
    'voiceSurvey',
    'workflow',
    'workitem',
  ].map((root) => [root.toLowerCase(), root]),
);

/** The root key of a flow of this type (in small letters); an unknown type is its own root. */
export function rootKeyOf(type: string): string {
  return type === 'bot' ? 'botFlow' : (ROOTS[type] ?? type);
}

export function typeOfRoot(root: string): string {
  return root === 'botFlow' ? 'bot' : root.toLowerCase();
}

export interface FlowContent {
  readonly name: string;
  /** In small letters, as in a key. */
  readonly type: string;
  readonly content: ValueMap;
}

/** An exported file as the content of a document: without its division, which stands in the document's body. */
export function readFlowFile(text: string): FlowContent | undefined {
  const tree = parseDocument(text, { intAsBigInt: false }).toJS() as Value;
  const [root, inner] = isMap(tree) ? (Object.entries(tree)[0] ?? []) : [];
  if (root === undefined || !isMap(inner) || typeof inner['name'] !== 'string') return undefined;
  const fields = Object.entries(inner).filter(([key]) => key !== 'division');
  return { name: inner['name'], type: typeOfRoot(root), content: makeMap([[root, makeMap(fields)]]) };
}

/** The file to publish: the content under the flow's name and in its division. */
export function printFlowFile(content: ValueMap, name: string, division: string): string {
  const [root, inner] = Object.entries(content)[0] ?? [];
  const fields = isMap(inner) ? Object.entries(inner).filter(([key]) => key !== 'name' && key !== 'division') : [];
  const file = makeMap([[root ?? '', makeMap([['name', name], ['division', division], ...fields])]]);
  return stringify(file, { lineWidth: 0 });
}

/** The least that Architect publishes as a flow of this type: it ends at once. It stands in for a flow whose content needs what is not there yet. */
export function placeholderContent(type: string, name: string): ValueMap {
  const root = rootKeyOf(type);
  const end = type === 'workflow' || type === 'workitem' ? 'endWorkflow' : 'disconnect';
  const actions = [{ [end]: { name: 'End' } }];
  const container = { name: 'Placeholder', refId: 'Placeholder_1', actions };
  const listed = (kind: string): Record<string, Value> => ({ startUpRef: `/${root}/${kind}s/${kind}[Placeholder_1]`, [`${kind}s`]: [{ [kind]: container }] });
  const states = ['inboundshortmessage', 'inboundchat', 'inboundemail', 'workflow', 'workitem', 'surveyinvite'];
  const inner = type.startsWith('inqueue') || type === 'commonmodule' ? { startUpTaskActions: actions } : listed(states.includes(type) ? 'state' : 'task');
  return makeMap([[root, makeMap([['name', name], ...Object.entries(inner)])]]);
}
