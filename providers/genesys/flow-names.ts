/**
 * The words of Architect's flow files: root keys, and where a file names other resources. Facts from public flow files and the vendor's
 * scripting documentation; one row per purpose.
 */
const ROOT_KEYS = [
  'botFlow',
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
] as const;

const ROOT_BY_TYPE: ReadonlyMap<string, string> = new Map(ROOT_KEYS.map((root) => [typeOfRootKey(root), root]));

/** The API's flow type, in small letters as in a key, of a file with this root key. */
export function typeOfRootKey(root: string): string {
  return root === 'botFlow' ? 'bot' : root.toLowerCase();
}

/** The root key of a file of this flow type; a type that nobody has seen is its own root key. */
export function rootKeyOfType(type: string): string {
  return ROOT_BY_TYPE.get(type.toLowerCase()) ?? type;
}

/** First spelling: types by the key above `lit: { name: X }`. Logins (`lit: { userName: X }`) are users wherever they stand. */
export const TYPE_BY_PURPOSE: Readonly<Record<string, string>> = {
  targetQueue: 'routing_queue',
  queue: 'routing_queue',
  acdSkill: 'routing_skill',
  skill: 'routing_skill',
  languageSkill: 'routing_language',
  defaultLanguageSkill: 'routing_language',
  targetGroup: 'group',
  group: 'group',
  schedule: 'architect_schedule',
  selectedSchedule: 'architect_schedule',
  inServiceSchedules: 'architect_schedule',
  scheduleGroup: 'architect_schedule_group',
  emergencyGroup: 'architect_emergency_group',
  wrapupCode: 'routing_wrapup_code',
  contactList: 'outbound_contact_list',
};

/** Types of variables and of values in `updateData`: `queueVariable`, `skillCollectionVariable`, `statements[].queue`. */
export const TYPE_BY_DATA_TYPE: Readonly<Record<string, string>> = {
  queue: 'routing_queue',
  skill: 'routing_skill',
  language: 'routing_language',
  languageSkill: 'routing_language',
  group: 'group',
  schedule: 'architect_schedule',
  scheduleGroup: 'architect_schedule_group',
  emergencyGroup: 'architect_emergency_group',
  wrapupCode: 'routing_wrapup_code',
};

/** Second spelling: types by the key above a plain `name: X`. Flows stand apart, since their type follows from the place. */
export const TYPE_BY_NAMED_PURPOSE: Readonly<Record<string, string>> = {
  worktype: 'task_worktype',
  flowOutcome: 'flow_outcome',
  outcome: 'flow_outcome',
  flowMilestone: 'flow_milestone',
  milestone: 'flow_milestone',
  surveyForm: 'quality_survey_form',
};

/** Third spelling: the name is a map key under this purpose of this action. `flowType` where a flow is called. */
export const KEYED_PURPOSES: readonly { readonly actions: readonly string[]; readonly purpose: string; readonly type: string; readonly flowType?: string }[] = [
  { actions: ['callCommonModule'], purpose: 'commonModule', type: 'flow', flowType: 'commonmodule' },
  { actions: ['callBotFlow'], purpose: 'botFlow', type: 'flow', flowType: 'bot' },
  { actions: ['callDigitalBotFlow'], purpose: 'digitalBotFlow', type: 'flow', flowType: 'digitalbot' },
  { actions: ['callDigitalBotFlow'], purpose: 'digitalBot', type: 'flow', flowType: 'digitalbot' },
  { actions: ['dataTableLookup'], purpose: 'dataTable', type: 'architect_datatable' },
  { actions: ['setScreenPop'], purpose: 'screenPopScript', type: 'script' },
  { actions: ['transferToVoicemail', 'createCallback'], purpose: 'script', type: 'script' },
];

/** What stands where a name could, and is none. */
export const VALUE_KEYS: ReadonlySet<string> = new Set(['lit', 'exp', 'var', 'noValue', 'noValueWithNoFallback', 'prompt', 'tts']);

/** Prefixes of names that say their type themselves; system prompts are the platform's own. */
export const TYPE_BY_PREFIX: Readonly<Record<string, string | undefined>> = {
  prompt: 'architect_user_prompt',
  grammar: 'architect_grammar',
  promptsystem: undefined,
};

/** What `Find...` looks up at run time, in actions (`findQueue`) and in expressions (`FindQueue("x")`), in small letters. */
export const TYPE_BY_FINDER: Readonly<Record<string, string>> = {
  findqueue: 'routing_queue',
  findskill: 'routing_skill',
  findlanguageskill: 'routing_language',
  findgroup: 'group',
  finduser: 'user',
  findschedule: 'architect_schedule',
  findschedulegroup: 'architect_schedule_group',
  findemergencygroup: 'architect_emergency_group',
  finduserprompt: 'architect_user_prompt',
  findgrammar: 'architect_grammar',
  findutilizationlabel: 'routing_utilization_label',
};

/** Types of the flow that a transfer may lead to; of several nobody can tell which from the file alone. */
export function transferTypes(action: string, ownType: string): readonly string[] {
  if (action === 'transferToFlowSecure' || action === 'menuTransferToFlowSecure') return ['securecall'];
  if (ownType === 'inqueueemail') return ['inboundemail'];
  if (ownType === 'inqueueshortmessage') return ['inboundshortmessage'];
  if (ownType === 'inboundcall' || ownType === 'inqueuecall' || ownType === 'commonmodule') return ['inboundcall'];
  return ['inboundemail', 'inboundchat', 'inboundshortmessage'].includes(ownType) ? [ownType] : [ownType, 'inboundcall'];
}

/** The type of an in-queue flow that takes the place of the queue's own. */
export function inQueueType(ownType: string): string {
  if (ownType === 'inboundemail') return 'inqueueemail';
  return ownType === 'inboundshortmessage' || ownType === 'inboundchat' ? 'inqueueshortmessage' : 'inqueuecall';
}
