import type { JsonMap } from './json.ts';

/**
 * What the server fills in where a body leaves it out, per type; maps merge into what the client gave. Sources: the schema defaults of the
 * Terraform provider (queue, user) and the org's factory settings (utilization). No live org was asked.
 */
const LEVEL = { percentage: 0.8, durationMs: 20_000 };

export const DEFAULTS: Readonly<Record<string, JsonMap>> = {
  routing_queue: {
    acwSettings: { wrapupPrompt: 'MANDATORY_TIMEOUT', timeoutMs: 300_000 },
    autoAnswerOnly: true,
    enableAudioMonitoring: false,
    enableManualAssignment: false,
    enableTranscription: false,
    lastAgentRoutingMode: 'AnyAgent',
    mediaSettings: {
      call: { alertingTimeoutSeconds: 8, enableAutoAnswer: false, serviceLevel: LEVEL },
      callback: { alertingTimeoutSeconds: 30, enableAutoAnswer: false, serviceLevel: LEVEL },
      chat: { alertingTimeoutSeconds: 30, enableAutoAnswer: false, serviceLevel: LEVEL },
      email: { alertingTimeoutSeconds: 300, enableAutoAnswer: false, serviceLevel: { percentage: 0.8, durationMs: 86_400_000 } },
      message: { alertingTimeoutSeconds: 30, enableAutoAnswer: false, serviceLevel: LEVEL },
    },
    scoringMethod: 'TimestampAndPriority',
    skillEvaluationMethod: 'ALL',
    suppressInQueueCallRecording: true,
  },
  user: { acdAutoAnswer: false },
  integration: { intendedState: 'DISABLED' },
  integration_action: { secure: false },
  routing_utilization: {
    utilization: {
      call: { maximumCapacity: 1, interruptableMediaTypes: [], includeNonAcd: false },
      callback: { maximumCapacity: 1, interruptableMediaTypes: [], includeNonAcd: false },
      chat: { maximumCapacity: 4, interruptableMediaTypes: [], includeNonAcd: false },
      email: { maximumCapacity: 1, interruptableMediaTypes: [], includeNonAcd: false },
      message: { maximumCapacity: 4, interruptableMediaTypes: [], includeNonAcd: false },
      workitem: { maximumCapacity: 1, interruptableMediaTypes: [], includeNonAcd: false },
    },
    labelUtilizations: {},
  },
};

/**
 * Types whose update does not take the division of the body: they move by POST /authorization/divisions/{id}/objects/{type}
 * (quirks, section 2: users and queues; a flow's division is that of its file).
 */
export const DIVISION_MOVES_APART: ReadonlySet<string> = new Set(['routing_queue', 'user', 'flow']);

/** `objectType` of POST /authorization/divisions/{id}/objects/{objectType} (API description; SCRIPT as Terraform uses it). */
export const OBJECT_TYPES: Readonly<Record<string, string>> = {
  CAMPAIGN: 'outbound_campaign',
  CONTACTLIST: 'outbound_contact_list',
  DATATABLES: 'architect_datatable',
  DNCLIST: 'outbound_dnc_list',
  EMERGENCYGROUPS: 'architect_emergency_group',
  FLOW: 'flow',
  IVRS: 'architect_ivr',
  MANAGEMENTUNIT: 'wfm_management_unit',
  QUEUE: 'routing_queue',
  SCHEDULES: 'architect_schedule',
  SCHEDULEGROUPS: 'architect_schedule_group',
  SCRIPT: 'script',
  SKILLGROUP: 'routing_skill_group',
  USER: 'user',
  WRAPUPCODE: 'routing_wrapup_code',
};

/** Terraform's provider updates schedule groups without a version, so the server cannot ask for one (quirks, section 2). */
export const VERSION_MAY_BE_MISSING: ReadonlySet<string> = new Set(['architect_schedule_group']);

/** Fields that a list row lacks where the catalogue says so in words only. */
export const ROW_LACKS: Readonly<Record<string, readonly string[]>> = {
  user_rule: ['criteria'],
  routing_skill_group: ['skillConditions'],
  learning_module: ['assessmentForm', 'rule'],
  telephony_edge_group: ['phoneTrunkBases'],
  integration: ['config'],
  integration_action: ['contract', 'config'],
  integration_action_draft: ['contract', 'config'],
  wfm_management_unit: ['settings'],
};
