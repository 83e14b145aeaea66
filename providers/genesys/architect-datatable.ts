import { declare } from './declare.ts';

/** A table that flows look things up in. Its columns are a JSON Schema, kept word for word; its rows are resources of their own. */
export const architectDatatable = declare({ type: 'architect_datatable', free: ['/schema'] });
