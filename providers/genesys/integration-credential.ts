import { declare } from './declare.ts';

/** A credential of an integration: the names of its fields are configuration, their values are secrets that no answer holds. */
export const integrationCredential = declare({
  type: 'integration_credential',
  // Rows lack the names of the fields.
  isReadEach: true,
  fixedKeyFields: ['type.name'],
});
