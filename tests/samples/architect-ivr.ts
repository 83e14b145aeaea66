import { ref, type Sample } from './sample.ts';

export const sample: Sample = {
  type: 'architect_ivr',
  key: 'Main Line',
  body: {
    description: 'The number on the van',
    division: ref('auth_division/Stores'),
    dnis: ['+12065550100', '+18005550100'],
    openHoursFlow: ref('flow/Main Menu/inboundcall'),
    closedHoursFlow: ref('flow/After Hours/inboundcall'),
    holidayHoursFlow: ref('flow/After Hours/inboundcall'),
    scheduleGroup: ref('architect_schedule_group/Care Hours'),
  },
};
