import { CREDENTIALS, IVRS } from './doors.ts';
import { FLOWS, PLACEHOLDERS } from './flows.ts';
import { SCHEDULE_GROUPS, SCHEDULES } from './hours.ts';
import { INTEGRATIONS } from './integrations.ts';
import { DIVISIONS, SKILLS, USERS, WRAPUP_CODES } from './people.ts';
import type { PracticeItem } from './practice-item.ts';
import { PROMPTS } from './prompts.ts';
import { QUEUES, UTILIZATION } from './routing.ts';
import { ROWS, TABLES } from './tables.ts';

/**
 * Harbor & Pine, a retailer that does not exist, in an order in which each item finds what it names: flows that stand in a
 * cycle come as placeholders first and whole later.
 */
export const HARBOR_AND_PINE: readonly PracticeItem[] = [
  ...DIVISIONS,
  ...SKILLS,
  ...WRAPUP_CODES,
  ...USERS,
  UTILIZATION,
  ...SCHEDULES,
  ...SCHEDULE_GROUPS,
  ...PROMPTS,
  ...TABLES,
  ...ROWS,
  ...CREDENTIALS,
  ...PLACEHOLDERS,
  ...QUEUES,
  ...FLOWS,
  ...IVRS,
  ...INTEGRATIONS,
];
