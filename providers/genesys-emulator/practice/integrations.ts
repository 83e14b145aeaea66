// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables of the vendor's templates, not JavaScript's
import { idOf, type PracticeItem, type PracticeMap, PracticeText, refTo } from './practice-item.ts';

const queue = (name: string) => idOf('routing_queue', name);

const integration = (name: string, credential: readonly [slot: string, key: string], config: PracticeMap): PracticeItem => ({
  type: 'integration',
  key: name,
  body: { name, integrationType: { id: 'custom-rest-actions' } },
  parts: {
    config: [{ properties: {}, advanced: {}, notes: '', ...config, credentials: { [credential[0]]: refTo('integration_credential', credential[1]) } }],
    state: [{ intendedState: 'ENABLED' }],
  },
});

const text = (name: string): PracticeMap => ({ type: 'string', title: name });

const action = (name: string, category: string, owner: string, config: PracticeMap): PracticeItem => ({
  type: 'integration_action',
  key: `${name}/${category}`,
  body: {
    name,
    category,
    integrationId: idOf('integration', owner),
    secure: false,
    contract: {
      input: {
        inputSchema: { $schema: 'http://json-schema.org/draft-04/schema#', type: 'object', required: ['number'], properties: { number: text('number') } },
      },
      output: { successSchema: { type: 'object', properties: { status: text('status'), queueId: text('queue id') } } },
    },
    config,
  },
});

/** What the contact center asks of the retailer's other systems. Templates name queues and people by their ids, as templates do. */
export const INTEGRATIONS: readonly PracticeItem[] = [
  integration('Order System', ['basicAuth', 'Order System/basicAuth'], {
    notes: 'Orders, returns and deliveries',
    properties: { queueIdFilterList: [queue('Returns'), queue('Support & Sales')] },
  }),
  integration('Loyalty API', ['userDefinedOAuth', 'Loyalty API/userDefinedOAuth'], { advanced: { retry: { times: 0 } } }),
  action('Get Order', 'Orders', 'Order System', {
    request: {
      requestUrlTemplate: new PracticeText('https://orders.harborandpine.example/v1/orders/${input.number}?queue=', queue('Returns')),
      requestType: 'GET',
      requestTemplate: '${input.rawRequest}',
      headers: { Accept: 'application/json', 'X-Queue': queue('Returns') },
    },
    response: {
      translationMap: { status: '$.order.status' },
      translationMapDefaults: { status: '"unknown"' },
      successTemplate: new PracticeText('{"status": ${status}, "queueId": "', queue('Returns'), '"}'),
    },
  }),
  action('Book Delivery', 'Orders', 'Order System', {
    request: {
      requestUrlTemplate: 'https://orders.harborandpine.example/v1/deliveries',
      requestType: 'POST',
      requestTemplate: new PracticeText(
        '#set($queue = "',
        queue('Support & Sales'),
        '")\n{\n  "order": "$esc.jsonString(${input.number})",\n  "note": "{\\"queue\\":\\"',
        queue('Support & Sales'),
        '\\",\\"flow\\":\\"',
        idOf('flow', 'Main Menu/INBOUNDCALL'),
        '\\"}",\n  "price": "$${ref:not ours}"\n}\n',
      ),
      headers: { 'Content-Type': 'application/json' },
    },
    response: { translationMap: {}, translationMapDefaults: {}, successTemplate: '${rawResult}' },
  }),
  action('Get Tier', 'Loyalty', 'Loyalty API', {
    request: {
      requestUrlTemplate: 'https://loyalty.harborandpine.example/members/${input.number}',
      requestType: 'GET',
      requestTemplate: new PracticeText('{"queues": ["', queue('Loyalty'), '", "', queue('Gift Cards'), '"]}'),
    },
    response: { successTemplate: '${rawResult}' },
  }),
  {
    type: 'architect_datatable_row',
    key: 'Routing Config/fallback.queue',
    body: { key: 'fallback.queue', value: queue('Returns'), weight: 1, isOn: true },
    parts: { table: [refTo('architect_datatable', 'Routing Config')] },
  },
];
