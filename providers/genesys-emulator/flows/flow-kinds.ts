/**
 * The words of flow files: root keys and the API's flow types, and the kinds of objects that a file names. From the facts on
 * Architect's files (root keys, the table of references) and the catalogue's `dependencyTracking`.
 */
export const FLOW_TYPES: Readonly<Record<string, string>> = {
  botFlow: 'BOT',
  commonModule: 'COMMONMODULE',
  digitalBot: 'DIGITALBOT',
  emailSend: 'EMAILSEND',
  inboundCall: 'INBOUNDCALL',
  inboundChat: 'INBOUNDCHAT',
  inboundEmail: 'INBOUNDEMAIL',
  inboundShortMessage: 'INBOUNDSHORTMESSAGE',
  inqueueCall: 'INQUEUECALL',
  inqueueEmail: 'INQUEUEEMAIL',
  inqueueShortMessage: 'INQUEUESHORTMESSAGE',
  outboundCall: 'OUTBOUNDCALL',
  secureCall: 'SECURECALL',
  speech: 'SPEECH',
  surveyInvite: 'SURVEYINVITE',
  voice: 'VOICE',
  voicemail: 'VOICEMAIL',
  voiceSurvey: 'VOICESURVEY',
  workflow: 'WORKFLOW',
  workitem: 'WORKITEM',
};

/** A kind of object that flows name: how messages call it, the catalogue's type, the field that holds its name, and the type in dependency tracking. */
export interface ObjectKind {
  readonly label: string;
  readonly type: string;
  readonly nameField: string;
  readonly tracked: string;
}

const kind = (label: string, type: string, tracked: string, nameField = 'name'): ObjectKind => ({ label, type, nameField, tracked });

export const KINDS = {
  queue: kind('queue', 'routing_queue', 'QUEUE'),
  skill: kind('skill', 'routing_skill', 'ACDSKILL'),
  languageSkill: kind('language skill', 'routing_language', 'ACDLANGUAGE'),
  user: kind('user', 'user', 'USER', 'email'),
  group: kind('group', 'group', 'GROUP'),
  schedule: kind('schedule', 'architect_schedule', 'SCHEDULE'),
  scheduleGroup: kind('schedule group', 'architect_schedule_group', 'SCHEDULEGROUP'),
  emergencyGroup: kind('emergency group', 'architect_emergency_group', 'EMERGENCYGROUP'),
  wrapupCode: kind('wrap-up code', 'routing_wrapup_code', 'ACDWRAPUPCODE'),
  contactList: kind('contact list', 'outbound_contact_list', 'CONTACTLIST'),
  userPrompt: kind('user prompt', 'architect_user_prompt', 'USERPROMPT'),
  grammar: kind('grammar', 'architect_grammar', 'GRAMMAR'),
  dataTable: kind('data table', 'architect_datatable', 'DATATABLE'),
  dataAction: kind('data action', 'integration_action', 'DATAACTION'),
  script: kind('script', 'script', 'COMPOSERSCRIPT'),
  knowledgeBase: kind('knowledge base', 'knowledge_base', 'KNOWLEDGEBASE'),
  worktype: kind('worktype', 'task_worktype', 'WORKTYPE'),
  outcome: kind('flow outcome', 'flow_outcome', 'FLOWOUTCOME'),
  milestone: kind('flow milestone', 'flow_milestone', 'FLOWMILESTONE'),
  surveyForm: kind('survey form', 'quality_survey_form', 'SURVEYFORM'),
  flow: kind('flow', 'flow', ''),
  division: kind('division', 'auth_division', 'DIVISION'),
} as const satisfies Record<string, ObjectKind>;
export type KindName = keyof typeof KINDS;

/** Purpose keys over `lit: { name }` (spelling a). */
export const KIND_BY_PURPOSE: Readonly<Record<string, KindName>> = {
  targetQueue: 'queue',
  queue: 'queue',
  acdSkill: 'skill',
  skill: 'skill',
  languageSkill: 'languageSkill',
  defaultLanguageSkill: 'languageSkill',
  preferredAgents: 'user',
  preferredAgent: 'user',
  directAgent: 'user',
  targetUser: 'user',
  targetGroup: 'group',
  group: 'group',
  schedule: 'schedule',
  selectedSchedule: 'schedule',
  inServiceSchedules: 'schedule',
  scheduleGroup: 'scheduleGroup',
  emergencyGroup: 'emergencyGroup',
  wrapupCode: 'wrapupCode',
  contactList: 'contactList',
};

/** Variable and value types (`queueVariable`, `updateData.statements[].queue`). */
export const KIND_BY_VALUE_TYPE: Readonly<Record<string, KindName>> = {
  queue: 'queue',
  skill: 'skill',
  languageSkill: 'languageSkill',
  user: 'user',
  group: 'group',
  schedule: 'schedule',
  scheduleGroup: 'scheduleGroup',
  emergencyGroup: 'emergencyGroup',
  wrapupCode: 'wrapupCode',
};

/** Purpose keys over a plain `name` (spelling b). Flows stand apart, since their type follows from the place. */
export const KIND_BY_NAMED_PURPOSE: Readonly<Record<string, KindName>> = {
  worktype: 'worktype',
  flowOutcome: 'outcome',
  outcome: 'outcome',
  flowMilestone: 'milestone',
  milestone: 'milestone',
  surveyForm: 'surveyForm',
};

/** Actions whose map key is the name (spelling c): action, purpose key, kind, and the called flow's type. */
export const KIND_BY_KEY: readonly { readonly action: string; readonly purpose: string; readonly kind: KindName; readonly flowType?: string }[] = [
  { action: 'callCommonModule', purpose: 'commonModule', kind: 'flow', flowType: 'COMMONMODULE' },
  { action: 'callBotFlow', purpose: 'botFlow', kind: 'flow', flowType: 'BOT' },
  { action: 'callDigitalBotFlow', purpose: 'digitalBotFlow', kind: 'flow', flowType: 'DIGITALBOT' },
  { action: 'dataTableLookup', purpose: 'dataTable', kind: 'dataTable' },
  { action: 'setScreenPop', purpose: 'screenPopScript', kind: 'script' },
];

/** The type of dependency tracking for a flow type; two of them do not end in FLOW twice. */
export function trackedFlowType(flowType: string): string {
  return flowType === 'WORKFLOW' ? flowType : `${flowType}FLOW`;
}

const LIKE_ITSELF: ReadonlySet<string> = new Set(['INBOUNDCALL', 'INBOUNDEMAIL', 'INBOUNDCHAT', 'INBOUNDSHORTMESSAGE']);

/** The flow types that a transfer may lead to, the likeliest first: a flow of the same kind, and from calls of any kind an inbound call flow. */
export function transferTypes(action: string, fileType: string): readonly string[] {
  if (/^(menuT|t)ransferToFlowSecure$/.test(action)) return ['SECURECALL'];
  if (fileType === 'INQUEUECALL' || fileType === 'COMMONMODULE') return ['INBOUNDCALL'];
  if (fileType === 'INQUEUEEMAIL') return ['INBOUNDEMAIL'];
  if (fileType === 'INQUEUESHORTMESSAGE') return ['INBOUNDSHORTMESSAGE'];
  return LIKE_ITSELF.has(fileType) ? [fileType] : [fileType, 'INBOUNDCALL'];
}

/** The type of an in-queue flow that overrides the queue's own. */
export function inQueueType(fileType: string): string {
  if (fileType === 'INBOUNDEMAIL') return 'INQUEUEEMAIL';
  return fileType === 'INBOUNDSHORTMESSAGE' || fileType === 'INBOUNDCHAT' ? 'INQUEUESHORTMESSAGE' : 'INQUEUECALL';
}
