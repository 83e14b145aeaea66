import { declare } from './declare.ts';

/** What an agent may say of an interaction when it is over. */
export const routingWrapupCode = declare({ type: 'routing_wrapup_code' });
