import { declare } from './declare.ts';

/** A person who signs in: known by e-mail, locked by version, soft-deleted and brought back. */
export const user = declare({
  type: 'user',
  deferrable: ['/manager'],
  // Where a merging update clears a field, it sends what stands here.
  defaults: {
    acdAutoAnswer: false,
    addresses: [],
    certifications: [],
    department: '',
    locations: [],
    preferredName: '',
    profileSkills: [],
    state: 'active',
    title: '',
  },
  lists: { '/addresses': { kind: 'set' }, '/certifications': { kind: 'set' }, '/locations': { kind: 'set' }, '/profileSkills': { kind: 'set' } },
  // Pictures and the chat address are made by the platform, the login name is the e-mail, membership is the group's.
  owned: ['/images', '/chat', '/username', '/groups'],
  expand: ['biography'],
  // One pass instead of one for each state; it names the soft-deleted ones as well.
  listQuery: { state: 'any' },
  // The key is an e-mail, which has to stay one.
  temporaryName: (email, tag) => `${tag}${email.replace(/^[^@]*/, '')}`,
  movedAs: 'USER',
  aloneInUpdate: 'state',
  restorable: { field: 'state', deleted: 'deleted', live: 'active' },
  parts: [
    {
      kind: 'list',
      at: '/skills',
      resource: 'routingskills',
      to: 'routing_skill',
      field: 'skill',
      values: { proficiency: undefined },
      read: { from: 'row' },
      write: { replace: { method: 'PUT', path: '/bulk', size: 50 }, more: { method: 'PATCH', path: '/bulk', size: 50 } },
    },
    {
      kind: 'list',
      at: '/languages',
      resource: 'routinglanguages',
      to: 'routing_language',
      field: 'language',
      values: { proficiency: undefined },
      read: { from: 'row' },
      write: { add: { method: 'PATCH', path: '/bulk', size: 50 }, remove: { method: 'DELETE', path: '/{id}' }, isChangedByAdd: true },
    },
  ],
});
