import { HOME, inDivision, type PracticeItem, type PracticeMap, refTo } from './practice-item.ts';

type Column = readonly [name: string, type: 'string' | 'boolean' | 'integer' | 'number', fallback?: string | number | boolean];

const table = (name: string, about: string, keyTitle: string, columns: readonly Column[], division = HOME): PracticeItem => ({
  type: 'architect_datatable',
  key: name,
  body: {
    name,
    ...(about === '' ? {} : { description: about }),
    ...inDivision(division),
    schema: {
      $schema: 'http://json-schema.org/draft-04/schema#',
      title: name,
      type: 'object',
      properties: { key: { title: keyTitle, type: 'string', $id: '/properties/key', displayOrder: 0 }, ...Object.fromEntries(columns.map(columnSchema)) },
      required: ['key'],
      additionalProperties: false,
    },
  },
});

function columnSchema([name, type, fallback]: Column, index: number): readonly [string, PracticeMap] {
  const base = { title: name, type, $id: `/properties/${name}`, displayOrder: index + 1 };
  return [name, fallback === undefined ? base : { ...base, default: fallback }];
}

export const TABLES: readonly PracticeItem[] = [
  table(
    'Store Hours',
    'One row per shop',
    'shop number',
    [
      ['name', 'string'],
      ['isOpenSunday', 'boolean', false],
      ['phone', 'string', ''],
      ['seats', 'integer', 0],
    ],
    'Stores',
  ),
  table('Routing Config', 'Switches that flows read', 'setting', [
    ['value', 'string', ''],
    ['weight', 'number', 1],
    ['isOn', 'boolean', true],
  ]),
  table(
    'Return Reasons',
    '',
    'code',
    [
      ['label', 'string'],
      ['daysAllowed', 'integer', 30],
      ['restockingShare', 'number', 0],
    ],
    'Online',
  ),
];

const row = (owner: string, key: string, columns: PracticeMap): PracticeItem => ({
  type: 'architect_datatable_row',
  key: `${owner}/${key}`,
  body: { key, ...columns },
  parts: { table: [refTo('architect_datatable', owner)] },
});

const LONG = Array.from(
  { length: 60 },
  (_, index) => `Sentence ${index + 1} of a notice that nobody wanted to shorten: returns need the receipt, the card and patience.`,
).join(' ');

/** Awkward on purpose: zeros, empty texts, numbers that are texts, words that YAML takes for something else, long text. */
export const ROWS: readonly PracticeItem[] = [
  row('Store Hours', '001', { name: 'Seattle, Pike Street', isOpenSunday: true, phone: '+12065550100', seats: 24 }),
  row('Store Hours', '002', { name: 'Portland', isOpenSunday: false, phone: '5035550101', seats: 0 }),
  row('Store Hours', '010', { name: 'Boise "The Barn"', isOpenSunday: false, phone: '', seats: 12 }),
  row('Store Hours', 'A/1', { name: 'Pop-up: Airport\nTerminal A', isOpenSunday: true, phone: '0', seats: -1 }),
  row('Routing Config', 'emergency', { value: 'no', weight: 0, isOn: false }),
  row('Routing Config', 'callback.limit', { value: '10', weight: 0.5, isOn: true }),
  row('Routing Config', 'discount%', { value: '007', weight: 1e-7, isOn: true }),
  row('Routing Config', 'opens', { value: '12:30', weight: 100_000_000, isOn: true }),
  row('Routing Config', 'greeting', { value: '  two spaces before and after  ', weight: 1, isOn: true }),
  row('Routing Config', 'Notice', { value: LONG, weight: 1, isOn: false }),
  row('Routing Config', 'notice', { value: '# not a comment', weight: 1, isOn: true }),
  row('Return Reasons', 'DMG', { label: 'Damaged: on arrival', daysAllowed: 90, restockingShare: 0 }),
  row('Return Reasons', 'CHG', { label: 'Changed mind', daysAllowed: 30, restockingShare: 0.15 }),
  row('Return Reasons', 'NULL', { label: 'null', daysAllowed: 0, restockingShare: 1 }),
  row('Return Reasons', '2026-01-01', { label: 'Día de Reyes — regalo equivocado', daysAllowed: 45, restockingShare: 0.075 }),
];
