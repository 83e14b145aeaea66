import { ref, type Sample } from './sample.ts';

export const sample: Sample = {
  type: 'architect_schedule',
  key: 'Weekdays',
  body: {
    description: 'Monday to Friday',
    division: ref('auth_division/Stores'),
    start: '2026-01-05T08:00:00.000',
    end: '2026-01-05T20:00:00.000',
    rrule: 'FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TU,WE,TH,FR',
  },
  lasting: ['start', 'end'],
};
