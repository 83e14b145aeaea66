import * as p from './flow-parts.ts';
import { flowItem } from './flows.ts';
import { HARBOR_AND_PINE } from './harbor-and-pine.ts';
import { loginOf } from './people.ts';
import { idOf, type PracticeItem, type PracticeMap, PracticeRef, PracticeText, type PracticeValue, refTo } from './practice-item.ts';

/** What staging never got. What refers to it does without. */
const MISSING: ReadonlySet<string> = new Set([
  'routing_skill/Installation',
  'routing_skill/Loyalty',
  'routing_wrapup_code/Delivery Rescheduled',
  `user/${loginOf('Chen Wei')}`,
  `user/${loginOf('Tessa de Vries')}`,
  'routing_queue/Loyalty',
  'routing_queue/Fraud Review',
  'routing_utilization/@only',
  'architect_schedule/Inventory',
  'architect_user_prompt/Furniture_Whisper',
  'architect_datatable/Return Reasons',
  'flow/Return Label/WORKFLOW',
  'flow/Take Payment/SECURECALL',
  'architect_ivr/Recall 2024 (parked)',
  'integration_credential/Delivery Partner/userDefined',
  'integration_action/Get Tier/Loyalty',
]);

type Change = (body: PracticeMap, item: PracticeItem) => Partial<PracticeItem>;
const set =
  (more: PracticeMap): Change =>
  (body) => ({ body: { ...body, ...more } });
const rewrite =
  (from: string | RegExp, to: string): Change =>
  (body) => ({ body: { ...body, content: String(body['content']).replaceAll(from, to) } });

/** What is older or was changed by hand in staging. */
const CHANGED: Readonly<Record<string, Change>> = {
  'auth_division/Stores': set({ description: 'Shops in Seattle and Portland' }),
  'routing_queue/Support & Sales': (body, item) => ({
    body: { ...body, description: 'First line' },
    parts: { ...item.parts, members: (item.parts?.['members'] ?? []).slice(0, 4) },
  }),
  'routing_queue/Returns': set({ acwSettings: { wrapupPrompt: 'OPTIONAL' } }),
  'routing_queue/Gift Cards': set({ enableTranscription: false }),
  'routing_queue/Trade Desk': set({ description: 'Trade customers', queueFlow: refTo('flow', 'Hold Music/INQUEUECALL') }),
  'architect_schedule/Weekdays': set({ end: '2026-01-05T18:00:00.000', description: 'Phones' }),
  'architect_schedule/12:30': set({ end: '2026-01-05T13:30:00.000' }),
  'architect_schedule_group/Care Hours': set({ timeZone: 'America/Denver' }),
  [`user/${loginOf('Ben Okafor')}`]: set({ title: 'Agent' }),
  [`user/${loginOf('Keiko Tanaka')}`]: (_body, item) => ({ parts: { routingskills: (item.parts?.['routingskills'] ?? []).slice(0, 2) } }),
  'architect_user_prompt/Welcome': (_body, item) => ({
    parts: {
      resources: (item.parts?.['resources'] ?? []).map((resource) =>
        resource['language'] === 'en-us' ? { ...resource, ttsString: 'Welcome.', text: 'Welcome.', audio: 'Welcome.' } : resource,
      ),
    },
  }),
  'architect_user_prompt/Goodbye': (_body, item) => ({ parts: { resources: (item.parts?.['resources'] ?? []).slice(0, 1) } }),
  'integration_action/Get Order/Orders': (body) => ({ body: { ...body, config: { ...(body['config'] as PracticeMap), timeoutSeconds: 5 } } }),
  'architect_datatable_row/Routing Config/emergency': set({ value: 'yes', weight: 2 }),
  'architect_datatable_row/Store Hours/002': set({ phone: '', seats: 8 }),
  'flow/Main Menu/INBOUNDCALL': rewrite('For orders press 1. For returns press 2.', 'Say one for orders, two for returns.'),
  'flow/Web Messaging/INBOUNDSHORTMESSAGE': rewrite('name: Messaging Hours', 'name: Care Hours'),
  'architect_ivr/Main Line': set({ dnis: ['+12065550190'] }),
  'architect_ivr/Trade Line': set({ dnis: ['+12065550191'] }),
};

const OWN: readonly PracticeItem[] = [
  { type: 'routing_skill', key: 'Sandbox', body: { name: 'Sandbox' } },
  { type: 'routing_wrapup_code', key: 'Test Call', body: { name: 'Test Call' } },
  {
    type: 'user',
    key: 'qa.robot@harborandpine.example',
    body: { name: 'QA Robot', email: 'qa.robot@harborandpine.example', divisionId: idOf('auth_division', '@home') },
    parts: { routingskills: [{ ...refTo('routing_skill', 'Sandbox'), proficiency: 1 }] },
  },
  {
    type: 'architect_schedule',
    key: 'Always',
    body: { name: 'Always', start: '2026-01-01T00:00:00.000', end: '2026-01-02T00:00:00.000', rrule: 'FREQ=DAILY;INTERVAL=1' },
  },
  {
    type: 'routing_queue',
    key: 'Staging Smoke Test',
    body: { name: 'Staging Smoke Test' },
    parts: { members: [{ ...refTo('user', 'qa.robot@harborandpine.example'), ringNumber: 1 }], wrapupcodes: [refTo('routing_wrapup_code', 'Test Call')] },
  },
  flowItem(
    p.flowFile('inboundCall', 'Smoke Test', 'Home', {
      startUpRef: '/inboundCall/tasks/task[Smoke_1]',
      defaultLanguage: 'en-us',
      supportedLanguages: p.ENGLISH,
      ...p.CALL_SETTINGS,
      tasks: [p.task('Smoke', 1, [p.toQueue('Staging Smoke Test', p.skills('Sandbox')), p.disconnect()])],
    }),
  ),
  {
    type: 'architect_ivr',
    key: 'Smoke Test Line',
    body: { name: 'Smoke Test Line', dnis: ['+12065550199'], openHoursFlow: refTo('flow', 'Smoke Test/INBOUNDCALL') },
  },
];

/** An older, partly different copy of Harbor & Pine: some of it missing, some of it changed, some of it staging's own. */
export const STAGING: readonly PracticeItem[] = [...HARBOR_AND_PINE.filter((item) => !isMissing(item)).map(older), ...OWN];

function isMissing(item: PracticeItem): boolean {
  return MISSING.has(`${item.type}/${item.key}`) || (item.type === 'architect_datatable_row' && MISSING.has(`architect_datatable/${item.key.split('/')[0]}`));
}

function older(item: PracticeItem): PracticeItem {
  const isPlaceholder = item.type === 'flow' && !String(item.body['content']).includes('settingsErrorHandling');
  const changed = isPlaceholder ? item : { ...item, ...CHANGED[`${item.type}/${item.key}`]?.(item.body, item) };
  const parts = Object.entries(changed.parts ?? {}).map(([name, rows]) => [name, rows.flatMap((row) => (isGone(row['id'] ?? null) ? [] : [row]))] as const);
  return { ...changed, body: withoutGone(changed.body), ...(parts.length === 0 ? {} : { parts: Object.fromEntries(parts) }) };
}

function isGone(value: PracticeValue): boolean {
  return value instanceof PracticeRef && MISSING.has(`${value.type}/${value.key}`);
}

/** The body without references to what is missing: list items and fields that hold nothing else go with them. */
function withoutGone(body: PracticeMap): PracticeMap {
  const holdsGone = (value: PracticeValue) => isMap(value) && isGone(value['id'] ?? null);
  const entries = Object.entries(body).flatMap(([name, value]): (readonly [string, PracticeValue])[] => {
    if (holdsGone(value)) return [];
    return [[name, isList(value) ? value.filter((item) => !holdsGone(item)) : value]];
  });
  return Object.fromEntries(entries);
}

function isList(value: PracticeValue): value is readonly PracticeValue[] {
  return Array.isArray(value);
}

function isMap(value: PracticeValue): value is PracticeMap {
  return typeof value === 'object' && value !== null && !isList(value) && !(value instanceof PracticeRef) && !(value instanceof PracticeText);
}
