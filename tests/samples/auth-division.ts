import type { Sample } from './sample.ts';

export const sample: Sample = { type: 'auth_division', key: 'Stores%2FWest', body: { description: 'Shops west of the river' } };
