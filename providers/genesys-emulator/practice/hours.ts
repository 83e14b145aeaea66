import { HOME, inDivision, type PracticeItem, refTo } from './practice-item.ts';

type Hours = readonly [name: string, start: string, end: string, rrule: string | undefined, about?: string | undefined, division?: string];

const WEEKDAYS = 'FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TU,WE,TH,FR';

const SCHEDULES_SPEC: readonly Hours[] = [
  ['Weekdays', '2026-01-05T08:00:00.000', '2026-01-05T20:00:00.000', WEEKDAYS, 'Phones, Monday to Friday'],
  ['Saturdays', '2026-01-03T09:00:00.000', '2026-01-03T17:00:00.000', 'FREQ=WEEKLY;INTERVAL=1;BYDAY=SA'],
  ['12:30', '2026-01-05T12:30:00.000', '2026-01-05T13:00:00.000', WEEKDAYS, 'The café closes for half an hour', 'Stores'],
  ['Trade Desk Hours', '2026-01-05T07:00:00.000', '2026-01-05T16:00:00.000', WEEKDAYS, undefined, 'Wholesale/Trade'],
  ['Inventory', '2026-01-30T00:00:00.000', '2026-01-31T00:00:00.000', 'FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=30', 'Stores stay closed', 'Stores'],
  ['Christmas Day', '2026-12-25T00:00:00.000', '2026-12-26T00:00:00.000', 'FREQ=YEARLY;INTERVAL=1;BYMONTH=12;BYMONTHDAY=25'],
  ['New Year', '2026-01-01T00:00:00.000', '2026-01-02T00:00:00.000', 'FREQ=YEARLY;INTERVAL=1;BYMONTH=1;BYMONTHDAY=1'],
  ['Thanksgiving', '2026-11-26T00:00:00.000', '2026-11-27T00:00:00.000', undefined, 'Set again every year'],
  ['weekdays', '2026-01-05T06:00:00.000', '2026-01-05T22:00:00.000', WEEKDAYS, 'Messaging; spelled small by whoever made it', 'Online'],
];

export const SCHEDULES: readonly PracticeItem[] = SCHEDULES_SPEC.map(([name, start, end, rrule, about, division]) => ({
  type: 'architect_schedule',
  key: name,
  body: {
    name,
    start,
    end,
    ...(rrule === undefined ? {} : { rrule }),
    ...(about === undefined ? {} : { description: about }),
    ...inDivision(division ?? HOME),
  },
}));

const list = (...names: readonly string[]) => names.map((name) => refTo('architect_schedule', name));

const group = (name: string, open: readonly string[], closed: readonly string[], holiday: readonly string[], division = HOME): PracticeItem => ({
  type: 'architect_schedule_group',
  key: name,
  body: {
    name,
    timeZone: 'America/Los_Angeles',
    openSchedules: list(...open),
    closedSchedules: list(...closed),
    holidaySchedules: list(...holiday),
    ...inDivision(division),
  },
});

export const SCHEDULE_GROUPS: readonly PracticeItem[] = [
  group('Care Hours', ['Weekdays', 'Saturdays'], ['Inventory'], ['Christmas Day', 'New Year', 'Thanksgiving']),
  group('Café Hours', ['Weekdays'], ['12:30'], ['Christmas Day'], 'Stores'),
  group('Trade Hours', ['Trade Desk Hours'], [], ['Christmas Day', 'New Year'], 'Wholesale/Trade'),
  group('Messaging Hours', ['weekdays', 'Saturdays'], [], [], 'Online'),
];
