import { LOGINS, WRAPUP_NAMES } from './people.ts';
import { HOME, idOf, inDivision, type PracticeItem, type PracticeMap, refTo } from './practice-item.ts';

interface QueueSpec {
  readonly name: string;
  readonly division?: string;
  readonly about?: string;
  /** Members by index of the logins; a second number is the ring. */
  readonly members: readonly (number | readonly [number, number])[];
  readonly codes: readonly number[];
  readonly inQueue?: string;
  readonly more?: PracticeMap;
}

const HOLD = 'Hold Music/INQUEUECALL';
const CALLBACK = 'Hold With Callback/INQUEUECALL';

const calls = (alertingTimeoutSeconds: number, percentage: number, durationMs: number): PracticeMap => ({
  mediaSettings: { call: { alertingTimeoutSeconds, serviceLevel: { percentage, durationMs } } },
});

const QUEUES_SPEC: readonly QueueSpec[] = [
  {
    name: 'Support & Sales',
    about: 'First line for everything',
    members: [0, 1, 3, 4, 5, [6, 2], [9, 2], [17, 3]],
    codes: [0, 1, 2, 5, 6, 10],
    inQueue: CALLBACK,
    more: calls(20, 0.9, 30_000),
  },
  {
    name: 'Returns',
    division: 'Online',
    members: [1, 3, 9, [17, 2]],
    codes: [0, 3, 4, 8],
    inQueue: HOLD,
    more: { acwSettings: { wrapupPrompt: 'MANDATORY', timeoutMs: 120_000 } },
  },
  { name: 'Order Tracking', division: 'Online', members: [3, 4, 6], codes: [0, 1, 7], inQueue: HOLD, more: { skillEvaluationMethod: 'BEST' } },
  {
    name: 'Delivery & Installation',
    members: [18, 19, [5, 2]],
    codes: [0, 7, 8],
    inQueue: HOLD,
    more: { callingPartyName: 'Harbor & Pine Delivery', callingPartyNumber: '+12065550142' },
  },
  {
    name: 'Furniture',
    division: 'Stores',
    members: [10, 11],
    codes: [0, 5],
    inQueue: HOLD,
    more: { whisperPrompt: refTo('architect_user_prompt', 'Furniture_Whisper') },
  },
  { name: 'Kitchen & Dining', division: 'Stores', members: [12, [11, 2]], codes: [0, 5], inQueue: HOLD },
  { name: 'Lighting', division: 'Stores', members: [13, [12, 2], [10, 3]], codes: [0, 5], inQueue: HOLD, more: { scoringMethod: 'PriorityOnly' } },
  { name: 'Gift Cards', division: 'Online', members: [6], codes: [0, 4], more: { enableTranscription: true } },
  { name: 'Loyalty', division: 'Online', members: [6, 25], codes: [0, 1], more: { lastAgentRoutingMode: 'QueueMembersOnly' } },
  {
    name: 'Trade Desk',
    division: 'Wholesale/Trade',
    about: 'Direct lines of the account managers',
    members: [20, 21],
    codes: [0, 5, 6],
    inQueue: CALLBACK,
    more: { agentOwnedRouting: { enableAgentOwnedCallbacks: true, maxOwnedCallbackHours: 48, maxOwnedCallbackDelayHours: 24 } },
  },
  { name: 'Store Support', division: 'Stores', members: [14, 15, 16], codes: [0, 10, 11], inQueue: HOLD },
  { name: 'Messaging', division: 'Online', members: [4, 24, 25], codes: [0, 1], more: { mediaSettings: { message: { alertingTimeoutSeconds: 45 } } } },
  { name: 'E-mail Care', division: 'Online', members: [7, 8, 25], codes: [0, 1, 8], more: { mediaSettings: { email: { alertingTimeoutSeconds: 600 } } } },
  {
    name: 'Escalations',
    members: [0, 1, 2],
    codes: [0, 8],
    inQueue: CALLBACK,
    more: {
      autoAnswerOnly: false,
      enableManualAssignment: true,
      directRouting: { backupQueueId: idOf('routing_queue', 'Support & Sales'), waitForAgent: true, agentWaitSeconds: 30 },
    },
  },
  { name: 'Fraud Review', members: [22, 23], codes: [0, 8, 11], more: { suppressInQueueCallRecording: false } },
  { name: 'Café', division: 'Stores', members: [26], codes: [0], more: { onHoldPrompt: refTo('architect_user_prompt', 'Hold_Music') } },
  { name: 'Español', division: 'Online', members: [2, 8, 15, 17], codes: [0, 1, 8], inQueue: HOLD },
  { name: 'Night Line 24/7', members: [27, 28], codes: [0, 9], more: { acwSettings: { wrapupPrompt: 'OPTIONAL' } } },
];

export const QUEUES: readonly PracticeItem[] = QUEUES_SPEC.map(({ name, division, about, members, codes, inQueue, more }) => ({
  type: 'routing_queue',
  key: name,
  body: {
    name,
    ...inDivision(division ?? HOME),
    ...(about === undefined ? {} : { description: about }),
    ...(inQueue === undefined ? {} : { queueFlow: refTo('flow', inQueue) }),
    ...more,
  },
  parts: { members: members.map(toMember), wrapupcodes: codes.map((code) => refTo('routing_wrapup_code', WRAPUP_NAMES[code] ?? '')) },
}));

function toMember(member: QueueSpec['members'][number]): PracticeMap {
  const [index, ringNumber] = typeof member === 'number' ? [member, 1] : member;
  return { ...refTo('user', LOGINS[index] ?? ''), ringNumber };
}

/** Changed from the factory settings: two chats at once, and calls that may interrupt e-mail. */
export const UTILIZATION: PracticeItem = {
  type: 'routing_utilization',
  key: '@only',
  body: {
    utilization: {
      call: { maximumCapacity: 1, interruptableMediaTypes: ['email'], includeNonAcd: true },
      callback: { maximumCapacity: 1, interruptableMediaTypes: [], includeNonAcd: false },
      chat: { maximumCapacity: 2, interruptableMediaTypes: [], includeNonAcd: false },
      email: { maximumCapacity: 3, interruptableMediaTypes: [], includeNonAcd: false },
      message: { maximumCapacity: 5, interruptableMediaTypes: ['email'], includeNonAcd: false },
      workitem: { maximumCapacity: 1, interruptableMediaTypes: [], includeNonAcd: false },
    },
  },
};
