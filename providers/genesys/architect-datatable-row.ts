import { declare } from './declare.ts';

/** A row of a data table. Its columns are the table's, so the API has no model of it: the whole body is the user's. */
export const architectDatatableRow = declare({
  type: 'architect_datatable_row',
  // Without it a list holds keys alone.
  query: { showbrief: false },
});
