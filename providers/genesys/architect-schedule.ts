import { declare } from './declare.ts';

/** A time, once or recurring, in local time: the zone stands on the schedule group. */
export const architectSchedule = declare({ type: 'architect_schedule' });
