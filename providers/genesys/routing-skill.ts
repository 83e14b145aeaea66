import { declare } from './declare.ts';

/** An ACD skill: a name, and nothing that an update could change. */
export const routingSkill = declare({ type: 'routing_skill' });
