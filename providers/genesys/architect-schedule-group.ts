import { declare } from './declare.ts';

/** Opening hours and holidays of a place, in its time zone. */
export const architectScheduleGroup = declare({
  type: 'architect_schedule_group',
  lastOne: [{ at: '/openSchedules', rule: 'the hours of an IVR keep an open schedule', usedBy: ['architect_ivr'] }],
  lists: { '/openSchedules': { kind: 'set' }, '/closedSchedules': { kind: 'set' }, '/holidaySchedules': { kind: 'set' } },
});
