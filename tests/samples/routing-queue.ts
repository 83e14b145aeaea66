import { external, ref, type Sample } from './sample.ts';

export const sample: Sample = {
  type: 'routing_queue',
  key: 'Support & Sales',
  body: {
    description: 'First line',
    division: ref('auth_division/Stores'),
    acwSettings: { wrapupPrompt: 'OPTIONAL' },
    autoAnswerOnly: false,
    bullseye: {
      rings: [
        {
          expansionCriteria: [{ type: 'TIMEOUT_SECONDS', threshold: 30 }],
          actions: { skillsToRemove: [ref('routing_skill/English')] },
          memberGroups: [external('routing_skill_group/Experts')],
        },
        { expansionCriteria: [{ type: 'TIMEOUT_SECONDS', threshold: 5 }], actions: { skillsToRemove: [] } },
      ],
    },
    callingPartyName: 'Harbor & Pine',
    cannedResponseLibraries: { libraryIds: [external('response_library/Greetings')], mode: 'SelectedOnly' },
    conditionalGroupRouting: {
      rules: [
        {
          metric: 'EstimatedWaitTime',
          operator: 'GreaterThan',
          conditionValue: 12.5,
          waitSeconds: 20,
          groups: [external('group/Night Crew'), external('team/Blue')],
        },
      ],
    },
    defaultScripts: { CALL: external('script/Welcome') },
    directRouting: { backupQueueId: ref('routing_queue/Overflow'), waitForAgent: true },
    mediaSettings: {
      call: { alertingTimeoutSeconds: 20, serviceLevel: { percentage: 0.95 } },
      callback: { liveVoiceReactionType: 'TransferToFlow', liveVoiceFlow: ref('flow/Call Back/outboundcall') },
      message: { subTypeSettings: { sms: { enableAutoAnswer: true } } },
    },
    memberGroups: [external('group/Night Crew')],
    members: [{ user: ref('user/ada@harborandpine.example') }, { user: ref('user/ben@harborandpine.example'), ringNumber: 3 }],
    onHoldPrompt: ref('architect_user_prompt/Hold_Music'),
    queueFlow: ref('flow/Hold/inqueuecall'),
    routingRules: [{ operator: 'MEETS_THRESHOLD', threshold: 3, waitSeconds: 10 }],
    whisperPrompt: external('architect_system_prompt/Beep'),
    wrapupCodes: [ref('routing_wrapup_code/Order Placed'), ref('routing_wrapup_code/Resolved')],
  },
};
