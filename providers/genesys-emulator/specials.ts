import { architectRules } from './architect-rules.ts';
import { credentials } from './credentials.ts';
import { datatables } from './datatables.ts';
import { flowSpecial } from './flows/flow-special.ts';
import { integrations } from './integrations.ts';
import { organization } from './organization.ts';
import { prompts } from './prompts.ts';
import { queueParts } from './queue-parts.ts';
import type { Special } from './special.ts';
import { userParts } from './user-parts.ts';

/** Every special behaviour; earlier ones win where two claim one route. */
export const SPECIALS: readonly Special[] = [organization, queueParts, userParts, prompts, credentials, integrations, datatables, architectRules, flowSpecial];
