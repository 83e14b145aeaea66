import type { Sample } from './sample.ts';

export const sample: Sample = {
  type: 'architect_datatable_row',
  key: 'Shops/00%2F1',
  body: { city: 'São Paulo', seats: 24, isOpen: false },
  // A column that is left out is filled with the table's default.
  lasting: ['city', 'seats', 'isOpen'],
};
