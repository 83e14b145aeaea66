import { declare } from './declare.ts';

const media = (maximumCapacity: number) => ({ maximumCapacity, interruptableMediaTypes: [], includeNonAcd: false });

/** How many interactions of each medium an agent takes at once; an org has exactly one. */
export const routingUtilization = declare({
  type: 'routing_utilization',
  lists: { '/utilization/*/interruptableMediaTypes': { kind: 'set' } },
  // What a new org has.
  defaults: {
    utilization: { call: media(1), callback: media(1), chat: media(4), email: media(1), message: media(4), workitem: media(1) },
    labelUtilizations: {},
  },
});
