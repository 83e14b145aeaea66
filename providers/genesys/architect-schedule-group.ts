import { declare } from './declare.ts';

/** Opening hours and holidays of a place, in its time zone. */
export const architectScheduleGroup = declare({
  type: 'architect_schedule_group',
  lists: { '/openSchedules': { kind: 'set' }, '/closedSchedules': { kind: 'set' }, '/holidaySchedules': { kind: 'set' } },
});
