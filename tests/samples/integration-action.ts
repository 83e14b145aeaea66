// The vendor's templates have variables that look like JavaScript's.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: not JavaScript's
import { ref, type Sample } from './sample.ts';

const inputSchema = {
  $schema: 'http://json-schema.org/draft-04/schema#',
  title: 'Order',
  type: 'object',
  required: ['orderId'],
  properties: { orderId: { type: 'string', title: 'order id' }, line: { $$ref: '#/definitions/line' } },
  additionalProperties: true,
};

export const sample: Sample = {
  type: 'integration_action',
  key: 'Get Order/Orders',
  body: {
    integrationId: ref('integration/Order System'),
    secure: true,
    contract: {
      input: { inputSchema },
      output: { successSchema: { type: 'object', properties: { status: { type: 'string' } }, additionalProperties: true } },
    },
    config: {
      timeoutSeconds: 15,
      request: {
        requestType: 'POST',
        requestUrlTemplate: '/orders/${input.orderId}?queue=${ref:routing_queue/Support}',
        requestTemplate: '#set($q = "${ref:routing_queue/Support}")\n{"order": "${input.orderId}", "queue": "$!{q}", "by": ["${ref:user/ada@example.com}"]}\n',
        headers: { 'X-Queue': ref('routing_queue/Support'), Accept: 'application/json' },
      },
      response: {
        translationMap: { status: '$.order.status' },
        translationMapDefaults: { status: '"unknown"' },
        successTemplate: '{"status": ${status}, "literal": "$${ref:not a reference"}',
      },
    },
  },
  lasting: ['integrationId', 'secure', 'contract', 'config'],
};
