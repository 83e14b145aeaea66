import { declare } from './declare.ts';

const media = (alertingTimeoutSeconds: number) => ({
  alertingTimeoutSeconds,
  enableAutoAnswer: false,
  serviceLevel: { percentage: 0.8, durationMs: 20_000 },
});

/** A queue: who answers (members, groups), what they may wrap up with, and the flows and prompts that callers hear meanwhile. */
export const routingQueue = declare({
  type: 'routing_queue',
  deferrable: [
    '/queueFlow',
    '/emailInQueueFlow',
    '/messageInQueueFlow',
    '/whisperPrompt',
    '/onHoldPrompt',
    '/directRouting/backupQueueId',
    '/conditionalGroupRouting',
    '/conditionalGroupActivation',
    '/outboundEmailAddress',
  ],
  // As the vendor's Terraform provider has them.
  defaults: {
    acwSettings: { wrapupPrompt: 'MANDATORY_TIMEOUT', timeoutMs: 300_000 },
    autoAnswerOnly: true,
    enableAudioMonitoring: false,
    enableManualAssignment: false,
    enableTranscription: false,
    lastAgentRoutingMode: 'AnyAgent',
    mediaSettings: {
      call: media(8),
      callback: media(30),
      chat: media(30),
      email: { ...media(300), serviceLevel: { percentage: 0.8, durationMs: 86_400_000 } },
      message: media(30),
    },
    scoringMethod: 'TimestampAndPriority',
    skillEvaluationMethod: 'ALL',
    suppressInQueueCallRecording: true,
  },
  // The peer is a queue of another org, and no other org's id is configuration of this one.
  owned: ['/peerId'],
  lastOne: [{ at: '/members', rule: 'a staffed queue keeps a member' }],
  // A PUT does not move a queue to another division.
  movedAs: 'QUEUE',
  parts: [
    {
      kind: 'list',
      at: '/members',
      resource: 'members',
      to: 'user',
      field: 'user',
      values: { ringNumber: 1 },
      // Members by a group are the group's; the row says whether there are any at all.
      read: { from: 'pages', query: { memberBy: 'user' }, countAt: ['userMemberCount', 'memberCount'] },
      write: {
        add: { method: 'POST', size: 100 },
        change: { method: 'PATCH', size: 100 },
        remove: { method: 'POST', query: { delete: true }, size: 100 },
      },
    },
    {
      kind: 'list',
      at: '/wrapupCodes',
      resource: 'wrapupcodes',
      to: 'routing_wrapup_code',
      read: { from: 'pages' },
      write: { add: { method: 'POST', size: 100 }, remove: { method: 'DELETE', path: '/{id}' } },
    },
  ],
});
