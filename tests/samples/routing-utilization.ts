import { external, type Sample } from './sample.ts';

export const sample: Sample = {
  type: 'routing_utilization',
  key: '@only',
  body: {
    maxInboundCalls: 2,
    utilization: { call: { interruptableMediaTypes: ['chat', 'email'], includeNonAcd: true }, chat: { maximumCapacity: 6 } },
    labelUtilizations: { '${ref:routing_utilization_label/Sales}': { maximumCapacity: 3, interruptingLabelIds: [external('routing_utilization_label/VIP')] } },
  },
};
