import { HOME, inDivision, type PracticeItem, type PracticeMap, refTo } from './practice-item.ts';

const ivr = (name: string, dnis: readonly string[], flows: PracticeMap, group: string | undefined, division = HOME): PracticeItem => ({
  type: 'architect_ivr',
  key: name,
  body: { name, dnis, ...flows, ...(group === undefined ? {} : { scheduleGroup: refTo('architect_schedule_group', group) }), ...inDivision(division) },
});

const call = (name: string): PracticeMap => refTo('flow', `${name}/INBOUNDCALL`);

/** The numbers people dial. All of them are fictional (555-01xx). */
export const IVRS: readonly PracticeItem[] = [
  ivr(
    'Main Line',
    ['+12065550100', '+18005550100'],
    { openHoursFlow: call('Main Menu'), closedHoursFlow: call('After Hours'), holidayHoursFlow: call('After Hours') },
    'Care Hours',
  ),
  ivr('Línea en Español', ['+12065550111'], { openHoursFlow: call('Español'), closedHoursFlow: call('After Hours') }, 'Care Hours', 'Online'),
  ivr(
    'Trade Line',
    ['+12065550120', '+12065550121'],
    { openHoursFlow: call('Trade Line'), closedHoursFlow: call('After Hours'), holidayHoursFlow: call('After Hours') },
    'Trade Hours',
    'Wholesale/Trade',
  ),
  ivr('Stores & Café', ['+12065550130'], { openHoursFlow: call('Store Locator') }, undefined, 'Stores'),
  ivr('Recall 2024 (parked)', [], { openHoursFlow: call('After Hours') }, undefined),
];

/** Practice secrets, of no use anywhere. */
export const CREDENTIALS: readonly PracticeItem[] = [
  {
    type: 'integration_credential',
    key: 'Order System/basicAuth',
    body: { name: 'Order System', type: { name: 'basicAuth' }, credentialFields: { userName: 'cordboard-practice', password: 'practice-only-Tr0ub4dor&3' } },
  },
  {
    type: 'integration_credential',
    key: 'Loyalty API/userDefinedOAuth',
    body: {
      name: 'Loyalty API',
      type: { name: 'userDefinedOAuth' },
      credentialFields: { clientId: 'loyalty-practice', clientSecret: 'practice-only-9d2f6c', loginUrl: 'https://login.harborandpine.example/oauth' },
    },
  },
  {
    type: 'integration_credential',
    key: 'Delivery Partner/userDefined',
    body: { name: 'Delivery Partner', type: { name: 'userDefined' }, credentialFields: { apiKey: 'practice-only-key-0000' } },
  },
];
