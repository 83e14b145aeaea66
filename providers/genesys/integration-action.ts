import { declare } from './declare.ts';

/**
 * A data action: what a flow may ask of another system, known to flows by its name and category. The templates of its request and its answer
 * are texts at addresses of their own; what it takes and gives (its contract) and its integration are fixed once it exists.
 */
export const integrationAction = declare({
  type: 'integration_action',
  defaults: { secure: false },
  free: ['/contract/input/inputSchema', '/contract/output/successSchema'],
  owned: ['/config/request/requestTemplateUri', '/config/response/successTemplateUri'],
  // A row shows both where they are asked for, but "not always" (the catalogue).
  query: { includeConfig: true },
  isReadEach: ['contract', 'config'],
  texts: [
    { at: '/config/request/requestTemplate', from: '/config/request/requestTemplateUri', resource: 'templates' },
    { at: '/config/response/successTemplate', from: '/config/response/successTemplateUri', resource: 'templates' },
  ],
  deferrable: ['/config/request/requestTemplate', '/config/response/successTemplate'],
  // Those that an integration brings along are the vendor's.
  isBuiltIn: (row) => String(row['id']).startsWith('static'),
});
