import { ref, type Sample } from './sample.ts';

export const sample: Sample = {
  type: 'routing_wrapup_code',
  key: 'Order Placed',
  body: { description: 'Sold $${ref:not a reference', division: ref('auth_division/Stores') },
};
