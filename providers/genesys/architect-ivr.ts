import { declare } from './declare.ts';

/** What happens to calls to a set of numbers, by opening hours. */
export const architectIvr = declare({
  type: 'architect_ivr',
  lists: { '/dnis': { kind: 'set' } },
  // A number belongs to one IVR of an org.
  unique: ['/dnis/*'],
});
