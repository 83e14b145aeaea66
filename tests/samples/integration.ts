import { external, ref, type Sample } from './sample.ts';

export const sample: Sample = {
  type: 'integration',
  key: 'Order System',
  body: {
    integrationType: { id: 'custom-rest-actions' },
    intendedState: 'ENABLED',
    config: {
      properties: {
        pollSeconds: 30,
        groups: [external('group/Agents')],
        queueIdFilterList: [ref('routing_queue/Support')],
        deep: { at: 'https://orders.example' },
      },
      advanced: { retry: true },
      notes: 'Orders and returns',
      credentials: { basicAuth: ref('integration_credential/Order System/basicAuth') },
    },
  },
  lasting: ['integrationType'],
};
