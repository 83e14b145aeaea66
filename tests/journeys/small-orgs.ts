import type { FlowMap } from '../../providers/genesys-emulator/flows/flow-node.ts';
import * as p from '../../providers/genesys-emulator/practice/flow-parts.ts';
import { flowItem } from '../../providers/genesys-emulator/practice/flows.ts';
import { type OrgSeed, seedOf } from '../../providers/genesys-emulator/practice/org-seed.ts';
import { practiceClients } from '../../providers/genesys-emulator/practice/practice-clients.ts';
import { idOf, type PracticeItem, type PracticeMap, refTo } from '../../providers/genesys-emulator/practice/practice-item.ts';

/** A corner shop with one of every trait: cycles of flows and of flow and queue, members, audio, rows, and names that no org keeps unique. */
export const SHOP = 'practice-shop';
/** The same shop before it was finished: some of it missing or older, and things of somebody else beside it. */
export const SHELL = 'practice-shell';
const HOME_OF_SHELL = 'Elsewhere';

const ITEMS = {
  division: { type: 'auth_division', key: 'Shop', body: { name: 'Shop', description: 'The shop itself' } },
  english: { type: 'routing_skill', key: 'English', body: { name: 'English' } },
  french: { type: 'routing_skill', key: 'Français', body: { name: 'Français' } },
  done: { type: 'routing_wrapup_code', key: 'Done', body: { name: 'Done', division: refTo('auth_division', 'Shop') } },
  again: { type: 'routing_wrapup_code', key: 'Calls again', body: { name: 'Calls again' } },
  ann: user('ann', 'Shopkeeper', [
    ['English', 5],
    ['Français', 2],
  ]),
  bob: user('bob', 'Assistant', [['English', 4]]),
  cyd: user('cyd', 'Assistant', [['Français', 4]]),
  utilization: {
    type: 'routing_utilization',
    key: '@only',
    body: { utilization: { chat: { maximumCapacity: 2, interruptableMediaTypes: [], includeNonAcd: false } } },
  },
  week: schedule('Week', '2026-01-05T08:00:00.000', '2026-01-05T18:00:00.000', 'FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TU,WE,TH,FR'),
  fair: schedule('Fair', '2026-06-01T00:00:00.000', '2026-06-02T00:00:00.000'),
  hours: {
    type: 'architect_schedule_group',
    key: 'Opening Hours',
    body: {
      name: 'Opening Hours',
      timeZone: 'Europe/Paris',
      openSchedules: [refTo('architect_schedule', 'Week')],
      closedSchedules: [],
      holidaySchedules: [refTo('architect_schedule', 'Fair')],
    },
  },
  hello: prompt('Hello', [
    ['en-us', 'Good morning.', true],
    ['fr-fr', 'Bonjour.', true],
  ]),
  wait: prompt('Wait', [['en-us', 'One moment.', false]]),
  table: {
    type: 'architect_datatable',
    key: 'Prices',
    body: {
      name: 'Prices',
      schema: {
        $schema: 'http://json-schema.org/draft-04/schema#',
        title: 'Prices',
        type: 'object',
        properties: { key: column('article', 'key', 0), cents: { ...column('cents', 'cents', 1), type: 'integer', default: 0 } },
        required: ['key'],
        additionalProperties: false,
      },
    },
  },
  bread: row('bread', 250),
  tea: row('tea', 400),
  till: credential('Till', { userName: 'till', password: 'practice-only-till' }),
  supplier: credential('Supplier', { userName: 'supplier', password: 'practice-only-supplier' }),
  counter: queue('Counter', ['ann', ['bob', 2]], ['Done', 'Calls again'], { queueFlow: refTo('flow', 'Hold/INQUEUECALL'), description: 'Whoever calls' }),
  office: queue('Office', ['cyd'], ['Done'], {
    directRouting: { backupQueueId: idOf('routing_queue', 'Counter'), waitForAgent: true, agentWaitSeconds: 30 },
  }),
  line: {
    type: 'architect_ivr',
    key: 'Shop Line',
    body: {
      name: 'Shop Line',
      dnis: ['+33155550100'],
      openHoursFlow: refTo('flow', 'Door/INBOUNDCALL'),
      closedHoursFlow: refTo('flow', 'Closed/INBOUNDCALL'),
      scheduleGroup: refTo('architect_schedule_group', 'Opening Hours'),
    },
  },
} satisfies Readonly<Record<string, PracticeItem>>;

const door = callFlow('Door', 1, [
  p.byHours('Opening Hours', { closed: [p.toFlow('Closed')] }),
  p.play('Hello', p.promptAudio('Hello')),
  p.toQueue('Counter', p.skills('English')),
]);
const closed = callFlow('Closed', 2, [
  p.play('Wait', p.promptAudio('Wait')),
  p.decide('Open again?', 'Hour(Flow.StartDateTimeUtc) > 8', [p.toFlow('Door')], []),
]);
const hold = p.flowFile('inqueueCall', 'Hold', 'Home', {
  defaultLanguage: 'en-us',
  supportedLanguages: p.ENGLISH,
  variables: [],
  ...p.CALL_SETTINGS,
  startUpTaskActions: [p.play('Wait', p.promptAudio('Wait')), { createCallback: { name: 'Callback', queue: p.named('Counter') } }],
});
const emptyHold = (home: string) =>
  p.flowFile('inqueueCall', 'Hold', home, { defaultLanguage: 'en-us', supportedLanguages: p.SILENT, startUpTaskActions: [p.disconnect()] });

const { counter, office, line, ...plain } = ITEMS;

export const SHOP_SEED: OrgSeed = seedOf({ name: SHOP, homeDivision: 'Home', clients: practiceClients(SHOP) }, [
  ...Object.values(plain),
  ...[emptyHold('Home'), callFlow('Door', 1, [])].map(flowItem),
  counter,
  office,
  ...[closed, door, hold].map(flowItem),
  line,
]);

const { division, english, done, ann, bob, week, hours, hello, wait, table, bread, till } = ITEMS;

export const SHELL_SEED: OrgSeed = seedOf({ name: SHELL, homeDivision: HOME_OF_SHELL, clients: practiceClients(SHELL) }, [
  { ...division, body: { ...division.body, description: 'Not open yet' } },
  english,
  done,
  { ...ann, body: { ...ann.body, title: 'Owner' }, parts: { routingskills: (ann.parts?.['routingskills'] ?? []).slice(0, 1) } },
  bob,
  { ...week, body: { ...week.body, end: '2026-01-05T12:00:00.000' } },
  { ...hours, body: { ...hours.body, holidaySchedules: [] } },
  { ...hello, parts: { resources: (hello.parts?.['resources'] ?? []).slice(0, 1) } },
  wait,
  table,
  { ...bread, body: { ...bread.body, cents: 200 } },
  till,
  ...foreign(),
  ...[emptyHold(HOME_OF_SHELL), callFlow('Door', 1, [], HOME_OF_SHELL)].map(flowItem),
  { ...counter, parts: { members: [{ ...refTo('user', mail('bob')), ringNumber: 1 }], wrapupcodes: [refTo('routing_wrapup_code', 'Done')] } },
  flowItem(callFlow('Door', 1, [p.play('Wait', p.promptAudio('Wait')), p.toQueue('Counter')], HOME_OF_SHELL)),
]);

/** What nobody asked to change. */
function foreign(): readonly PracticeItem[] {
  return [
    { type: 'routing_skill', key: 'Welsh', body: { name: 'Welsh' } },
    schedule('week', '2026-01-05T06:00:00.000', '2026-01-05T22:00:00.000'),
    credential('Till (old)', { userName: 'old', password: 'practice-only-old' }),
    credential('Supplier ', { userName: 'other', password: 'practice-only-other' }),
    user('dan', 'Visitor', []),
    queue('Stockroom', ['dan'], [], {}),
    prompt('Music', [['en-us', 'La la la.', true]]),
    flowItem(callFlow('Stock', 3, [], HOME_OF_SHELL)),
  ];
}

function mail(name: string): string {
  return `${name}@shop.example`;
}

function user(name: string, title: string, skills: readonly (readonly [skill: string, proficiency: number])[]): PracticeItem {
  return {
    type: 'user',
    key: mail(name),
    body: { name, email: mail(name), title, divisionId: idOf('auth_division', '@home') },
    parts: { routingskills: skills.map(([skill, proficiency]) => ({ ...refTo('routing_skill', skill), proficiency })) },
  };
}

function schedule(name: string, start: string, end: string, rrule?: string): PracticeItem {
  return { type: 'architect_schedule', key: name, body: { name, start, end, ...(rrule === undefined ? {} : { rrule }) } };
}

function prompt(name: string, languages: readonly (readonly [language: string, text: string, hasAudio: boolean])[]): PracticeItem {
  const resources = languages.map(([language, text, hasAudio]) => ({ language, text, ttsString: text, ...(hasAudio ? { audio: text } : {}) }));
  return { type: 'architect_user_prompt', key: name, body: { name }, parts: { resources } };
}

function column(title: string, name: string, displayOrder: number): PracticeMap {
  return { title, type: 'string', $id: `/properties/${name}`, displayOrder };
}

function row(key: string, cents: number): PracticeItem {
  return { type: 'architect_datatable_row', key: `Prices/${key}`, body: { key, cents }, parts: { table: [refTo('architect_datatable', 'Prices')] } };
}

function credential(name: string, credentialFields: PracticeMap): PracticeItem {
  return { type: 'integration_credential', key: `${name}/basicAuth`, body: { name, type: { name: 'basicAuth' }, credentialFields } };
}

function queue(name: string, members: readonly (string | readonly [string, number])[], codes: readonly string[], more: PracticeMap): PracticeItem {
  const toMember = (member: (typeof members)[number]): PracticeMap => {
    const [who, ringNumber] = typeof member === 'string' ? [member, 1] : member;
    return { ...refTo('user', mail(who)), ringNumber };
  };
  return {
    type: 'routing_queue',
    key: name,
    body: { name, ...more },
    parts: { members: members.map(toMember), wrapupcodes: codes.map((code) => refTo('routing_wrapup_code', code)) },
  };
}

function callFlow(name: string, number: number, actions: readonly FlowMap[], home = 'Home'): FlowMap {
  return p.flowFile('inboundCall', name, home, {
    startUpRef: `/inboundCall/tasks/task[Start_${number}]`,
    defaultLanguage: 'en-us',
    supportedLanguages: p.ENGLISH,
    variables: [],
    ...p.CALL_SETTINGS,
    tasks: [p.task('Start', number, [...actions, p.disconnect()])],
  });
}
