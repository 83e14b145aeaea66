import { printFlowFile } from '../flows/flow-file.ts';
import { FLOW_TYPES } from '../flows/flow-kinds.ts';
import type { FlowMap } from '../flows/flow-node.ts';
import * as p from './flow-parts.ts';
import { loginOf } from './people.ts';
import type { PracticeItem } from './practice-item.ts';

/** The flows of Harbor & Pine. Main Menu and After Hours lead to each other; Hold With Callback names the queue whose in-queue flow it is. */
const MAIN_MENU = p.flowFile('inboundCall', 'Main Menu', 'Home', {
  description: 'What callers of the main line hear first',
  startUpRef: '/inboundCall/tasks/task[Check Hours_11]',
  initialGreeting: p.expression('Prompt.Welcome'),
  defaultLanguage: 'en-us',
  supportedLanguages: p.BOTH,
  variables: [
    p.variable('string', 'Flow.shop'),
    p.variable('queue', 'Flow.firstLine', p.named('Support & Sales')),
    p.variable('boolean', 'Flow.isKnown', p.literal(false)),
  ],
  ...p.CALL_SETTINGS,
  menus: [
    {
      menu: {
        name: 'Choices',
        refId: 'Choices_12',
        audio: p.speech('For orders press 1. For returns press 2. For our shops press 3. Para español, oprima 9.'),
        settingsMenu: { repeatCount: { noValue: true } },
        choices: [
          p.choice('menuTask', 'Orders', 1, {
            refId: 'Orders_14',
            task: {
              actions: [
                p.callModule('Order Status', { number: p.expression('Call.Ani') }, { text: { var: 'Flow.shop' } }),
                p.toQueue('Order Tracking', p.skills('Order Tracking', 'English')),
              ],
            },
          }),
          p.choice('menuTransferToAcd', 'Returns', 2, { targetQueue: p.named('Returns'), preTransferAudio: p.NO_VALUE, ...p.skills('Returns') }),
          p.choice('menuJumpToTask', 'Shops', 3, { targetTaskRef: '/inboundCall/tasks/task[Shops_13]' }),
          p.choice('menuTransferToFlow', 'Español', 9, { targetFlow: { name: 'Español' } }),
          p.choice('menuDisconnect', 'Goodbye', 8, {}),
        ],
        defaultChildMenuRef: './choices/menuTask[Orders_14]',
      },
    },
  ],
  tasks: [
    p.task('Check Hours', 11, [
      p.byHours('Care Hours', { closed: [p.toFlow('After Hours')], holiday: [p.play('Holiday', p.promptAudio('Holiday_Closed')), p.disconnect()] }),
      p.decide('Known caller?', 'Length(Call.Ani) > 0 and Call.Ani != "anonymous"', [p.update('boolean', 'Flow.isKnown', p.literal(true))], []),
      { jumpToMenu: { name: 'To the menu', targetMenuRef: '/inboundCall/menus/menu[Choices_12]' } },
    ]),
    p.task('Shops', 13, [
      p.play('Ask', p.expression('Append(Prompt.Welcome, ToAudioTTS("Which shop?"), PromptSystem.beep)')),
      p.toFlow('Store Locator'),
      p.endTask(),
    ]),
  ],
});

const AFTER_HOURS = p.flowFile('inboundCall', 'After Hours', 'Home', {
  startUpRef: '/inboundCall/tasks/task[Closed_21]',
  initialGreeting: p.expression('If(Hour(Flow.StartDateTimeUtc) < 12, Prompt.Closed, Prompt.Goodbye)'),
  defaultLanguage: 'en-us',
  supportedLanguages: p.BOTH,
  variables: [],
  ...p.CALL_SETTINGS,
  tasks: [
    p.task('Closed', 21, [
      p.decide('Open again?', 'Flow.firstLine == NOT_SET', [p.toFlow('Main Menu')], []),
      {
        transferToVoicemail: {
          name: 'Leave a message',
          destination: { queue: { targetQueue: p.named('Night Line 24/7'), voicemailGreeting: p.NO_VALUE } },
          preTransferAudio: p.NO_VALUE,
        },
      },
      p.disconnect(),
    ]),
  ],
});

const SPANISH = p.flowFile('inboundCall', 'Español', 'Online', {
  startUpRef: '/inboundCall/tasks/task[Saludo_31]',
  initialGreeting: { prompt: 'Prompt.Welcome' },
  defaultLanguage: 'es-us',
  supportedLanguages: p.BOTH,
  variables: [],
  ...p.CALL_SETTINGS,
  tasks: [
    p.task('Saludo', 31, [
      p.toQueue('Español', { ...p.skills('Spanish'), preferredAgents: [{ agent: p.literal({ userName: loginOf('Carmen Ruiz') }) }] }),
      p.disconnect('Adiós'),
    ]),
  ],
});

const TRADE = p.flowFile('inboundCall', 'Trade Line', 'Wholesale/Trade', {
  startUpRef: '/inboundCall/tasks/task[Trade_41]',
  initialGreeting: p.promptAudio('Trade_Welcome'),
  defaultLanguage: 'en-us',
  supportedLanguages: p.ENGLISH,
  variables: [],
  ...p.CALL_SETTINGS,
  tasks: [
    p.task('Trade', 41, [
      p.byHours('Trade Hours', { closed: [p.toFlow('After Hours')] }),
      p.toQueue('Trade Desk', {
        ...p.skills('Trade Accounts'),
        directAgent: p.literal({ userName: loginOf('Umar Farouk') }),
        overrideInQueueFlow: { name: 'Hold Music' },
      }),
      p.disconnect(),
    ]),
  ],
});

const LOCATOR = p.flowFile('inboundCall', 'Store Locator', 'Stores', {
  startUpRef: '/inboundCall/tasks/task[Find_51]',
  initialGreeting: p.NO_VALUE,
  defaultLanguage: 'en-us',
  supportedLanguages: p.BOTH,
  variables: [p.variable('string', 'Flow.number'), p.variable('string', 'Flow.name'), p.variable('integer', 'Flow.seats', p.literal(0))],
  ...p.CALL_SETTINGS,
  tasks: [
    p.task('Find', 51, [
      {
        collectInput: {
          name: 'Shop number',
          inputData: { var: 'Flow.number' },
          digits: { exact: p.literal(3) },
          inputAudio: p.speech('Enter the three digits of the shop.'),
          noEntryTimeout: p.NO_VALUE,
        },
      },
      p.lookUp(
        'Store Hours',
        'Flow.number',
        { name: 'Flow.name', seats: 'Flow.seats' },
        [p.decide('Café?', 'Flow.seats > 0', [p.callModule('Café Greeting', {}, {}), p.toQueue('Café')], [p.toQueue('Store Support')])],
        [p.toQueue('Store Support', p.skills('English', '100% Wool Rugs'))],
      ),
      p.disconnect(),
    ]),
  ],
});

const HOLD_CALLBACK = p.flowFile('inqueueCall', 'Hold With Callback', 'Home', {
  description: 'Offers a callback every other minute',
  defaultLanguage: 'en-us',
  supportedLanguages: p.BOTH,
  variables: [p.variable('boolean', 'Flow.wasAsked', p.literal(false))],
  ...p.CALL_SETTINGS,
  settingsInQueueCall: { holdMusic: p.named('Prompt.Hold_Music') },
  startUpTaskActions: [
    { holdMusic: { name: 'Hold Music', prompt: p.expression('Flow.HoldPrompt'), bargeInEnabled: p.NO_VALUE, playStyle: { duration: p.seconds(60) } } },
    p.play('Offer', p.promptAudio('Callback_Offer')),
    { createCallback: { name: 'Callback', queue: p.named('Support & Sales'), callbackNumber: p.expression('Call.Ani'), setupFailureAudio: p.NO_VALUE } },
    p.decide('Escalate?', 'GetQueueEstimatedWaitTime(FindQueue("Escalations")) < 60', [p.toQueue('Escalations')], []),
  ],
});

const HOLD = p.flowFile('inqueueCall', 'Hold Music', 'Home', {
  defaultLanguage: 'en-us',
  supportedLanguages: p.ENGLISH,
  variables: [],
  ...p.CALL_SETTINGS,
  settingsInQueueCall: { holdMusic: p.named('PromptSystem.on_hold_music') },
  startUpTaskActions: [{ holdMusic: { name: 'Hold Music', prompt: p.named('Prompt.Hold_Music'), playStyle: { entirePrompt: true } } }],
});

const EMAIL = p.flowFile('inboundEmail', 'Customer E-mail', 'Online', {
  startUpRef: '/inboundEmail/states/state[Sort_61]',
  defaultLanguage: 'en-us',
  supportedLanguages: p.SILENT,
  variables: [p.variable('skill', 'State.skill')],
  settingsErrorHandling: { errorHandling: { queue: { targetQueue: p.named('E-mail Care') } } },
  settingsInboundEmailHandling: { emailHandling: { disconnect: { none: true } } },
  states: [
    p.state('Sort', 61, [
      {
        switch: {
          name: 'By subject',
          evaluate: {
            firstTrue: {
              default: { actions: [p.update('skill', 'State.skill', p.named('E-mail'))] },
              cases: [
                { case: { value: p.expression('Contains(Email.Message.subject, "return")'), actions: [p.update('skill', 'State.skill', p.named('Returns'))] } },
              ],
            },
          },
        },
      },
      { sendAutoReply: { name: 'Reply', messageBody: p.expression('"Thank you. We answer within a day."') } },
      p.toQueue('E-mail Care'),
      p.disconnect(),
    ]),
  ],
});

const MESSAGES = p.flowFile('inboundShortMessage', 'Web Messaging', 'Online', {
  startUpRef: '/inboundShortMessage/states/state[Start_71]',
  defaultLanguage: 'en-us',
  supportedLanguages: p.SILENT,
  variables: [],
  settingsErrorHandling: { errorHandling: { disconnect: { none: true } } },
  states: [p.state('Start', 71, [p.byHours('Messaging Hours', { closed: [p.disconnect()] }), p.toQueue('Messaging', p.skills('Messaging')), p.disconnect()])],
});

const workflow = (name: string, division: string, number: number, actions: readonly FlowMap[]): FlowMap =>
  p.flowFile('workflow', name, division, {
    startUpRef: `/workflow/states/state[Initial State_${number}]`,
    defaultLanguage: 'en-us',
    supportedLanguages: p.SILENT,
    variables: [p.variable('string', 'Flow.order', p.NO_VALUE, { isInput: true }), p.variable('string', 'Flow.label')],
    settingsErrorHandling: { errorHandling: { endWorkflow: { none: true } } },
    states: [p.state('Initial State', number, [...actions, { endWorkflow: { name: 'End Workflow', exitReason: p.NO_VALUE } }])],
  });

const ORDER_STATUS_WORKFLOW = workflow('Order Status', 'Online', 81, [p.lookUp('Routing Config', '"callback.limit"', { value: 'Flow.label' }, [], [])]);
const RETURN_LABEL = workflow('Return Label', 'Online', 91, [
  p.lookUp(
    'Return Reasons',
    'Flow.order',
    { label: 'Flow.label' },
    [{ setWrapupCode: { name: 'Wrap up', wrapupCode: p.named('Return Started') } }],
    [{ setWrapupCode: { name: 'Wrap up', wrapupCode: p.named('no') } }],
  ),
]);

const module = (name: string, division: string, languages: FlowMap, compatible: string, actions: readonly FlowMap[]): FlowMap =>
  p.flowFile('commonModule', name, division, {
    defaultLanguage: 'en-us',
    supportedLanguages: languages,
    variables: [p.variable('string', 'Common.number', p.NO_VALUE, { isInput: true }), p.variable('string', 'Common.text', p.literal('no'), { isOutput: true })],
    settingsCommonModule: { compatibleFlowTypes: [{ flowType: compatible }] },
    startUpTaskActions: [...actions, p.endTask()],
  });

const ORDER_STATUS_MODULE = module('Order Status', 'Online', p.ENGLISH, 'inboundcall', [
  p.lookUp('Routing Config', '"greeting"', { value: 'Common.text' }, [], []),
  p.callModule('Café Greeting', {}, {}),
]);
const CAFE_GREETING = module('Café Greeting', 'Stores', p.BOTH, 'inboundcall', [
  {
    evaluateSchedule: {
      name: 'Noon?',
      evaluationType: { schedule: { name: '12:30', selectedSchedule: p.named('12:30') } },
      evaluate: { now: true },
      outputs: { active: { actions: [] } },
    },
  },
  p.play('Greeting', { prompt: 'Prompt.Cafe_Greeting' }),
]);

const PAYMENT = p.flowFile('secureCall', 'Take Payment', 'Home', {
  startUpRef: '/secureCall/tasks/task[Pay_101]',
  defaultLanguage: 'en-us',
  supportedLanguages: p.ENGLISH,
  variables: [{ stringVariable: { name: 'Flow.card', initialValue: p.NO_VALUE, isSecure: true } }],
  ...p.CALL_SETTINGS,
  tasks: [p.task('Pay', 101, [p.play('Wait', p.speech('Please hold.')), p.disconnect()])],
});

/** In an order in which each can be published once the placeholders stand. */
const FILES: readonly FlowMap[] = [
  HOLD,
  CAFE_GREETING,
  ORDER_STATUS_MODULE,
  SPANISH,
  LOCATOR,
  AFTER_HOURS,
  MAIN_MENU,
  HOLD_CALLBACK,
  TRADE,
  EMAIL,
  MESSAGES,
  ORDER_STATUS_WORKFLOW,
  RETURN_LABEL,
  PAYMENT,
];

export const FLOWS: readonly PracticeItem[] = FILES.map(flowItem);

/** Smallest flows of their types: what is published first where two lead to each other. */
export const PLACEHOLDERS: readonly PracticeItem[] = [
  p.flowFile('inboundCall', 'Main Menu', 'Home', {
    startUpRef: '/inboundCall/tasks/task[Start_1]',
    defaultLanguage: 'en-us',
    supportedLanguages: p.SILENT,
    tasks: [p.task('Start', 1, [p.disconnect()])],
  }),
  p.flowFile('inqueueCall', 'Hold With Callback', 'Home', { defaultLanguage: 'en-us', supportedLanguages: p.SILENT, startUpTaskActions: [p.disconnect()] }),
  p.flowFile('inqueueCall', 'Hold Music', 'Home', { defaultLanguage: 'en-us', supportedLanguages: p.SILENT, startUpTaskActions: [p.disconnect()] }),
].map(flowItem);

export function flowItem(tree: FlowMap): PracticeItem {
  const [root = '', body = {}] = Object.entries(tree)[0] ?? [];
  const name = typeof body === 'object' && body !== null && !Array.isArray(body) ? String(body['name']) : '';
  return { type: 'flow', key: `${name}/${FLOW_TYPES[root] ?? ''}`, body: { content: printFlowFile(tree) } };
}
