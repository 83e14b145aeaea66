import { ref, type Sample } from './sample.ts';

export const sample: Sample = {
  type: 'architect_schedule_group',
  key: 'Care Hours',
  body: {
    description: 'When we answer',
    division: ref('auth_division/Stores'),
    timeZone: 'America/Los_Angeles',
    openSchedules: [ref('architect_schedule/Weekdays'), ref('architect_schedule/Saturdays')],
    closedSchedules: [ref('architect_schedule/Inventory')],
    holidaySchedules: [ref('architect_schedule/Christmas Day')],
  },
};
