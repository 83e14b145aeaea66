import { declare } from './declare.ts';

/**
 * A connection to another system: made by its type and name alone, then configured, then switched on. The type is the vendor's own word, the
 * same in every org, and cannot change.
 */
export const integration = declare({
  type: 'integration',
  defaults: { intendedState: 'DISABLED' },
  owned: ['/integrationType/name'],
  deferrable: ['/config'],
  parts: [{ kind: 'object', at: '/config', resource: 'config', keyField: 'name', version: 'version' }],
});
