import { jsonAnswer, Refusal } from './exchange.ts';
import type { Json, JsonMap } from './json.ts';
import { isJsonList, isJsonMap } from './json.ts';
import type { Call, OrgContext, Special } from './special.ts';
import type { Thing } from './store.ts';

/**
 * Data tables hold a JSON Schema whose columns their rows must follow; the key column is called `key`. Columns may be added, never removed
 * or given another type (architect_datatable, notes). Rows show their keys alone unless showbrief=false (architect_datatable_row, notes).
 */
export const datatables: Special = {
  name: 'data tables',
  routes: {
    'GET /api/v2/flows/datatables/{datatableId}/rows/{rowId}': { handle: readRow },
  },
  admit: { architect_datatable: admitTable, architect_datatable_row: admitRow },
};

const KINDS = ['string', 'boolean', 'integer', 'number'];

function columnsOf(body: JsonMap | undefined): Readonly<Record<string, JsonMap>> {
  const schema = body?.['schema'];
  const properties = isJsonMap(schema) && isJsonMap(schema['properties']) ? schema['properties'] : {};
  return Object.fromEntries(Object.entries(properties).map(([name, column]) => [name, isJsonMap(column) ? column : {}]));
}

function admitTable(body: JsonMap, { before }: { readonly before: Thing | undefined }): JsonMap {
  const schema = body['schema'];
  const columns = columnsOf(body);
  const required = isJsonMap(schema) && isJsonList(schema['required']) ? schema['required'] : [];
  if (columns['key']?.['type'] !== 'string' || !required.includes('key')) throw schemaFault('the schema needs a text column "key" and must require it');
  const strange = Object.keys(columns).find((name) => !KINDS.includes(String(columns[name]?.['type'])));
  if (strange !== undefined) throw schemaFault(`the column "${strange}" has a type that is none of ${KINDS.join(', ')}`);
  for (const [name, column] of Object.entries(columnsOf(before?.body))) {
    const now = columns[name];
    if (now === undefined) throw new Refusal(400, 'flows.datatables.cannot.remove.fields', `the column "${name}" cannot be removed`, { field: 'schema' });
    if (now['type'] !== column['type']) throw schemaFault(`the type of column "${name}" cannot change`);
  }
  return body;
}

function schemaFault(message: string): Refusal {
  return new Refusal(400, 'flows.datatables.schema.exception', message, { field: 'schema' });
}

/** A row has the table's columns and no others; columns with a default are filled in. The key cannot change. */
function admitRow(body: JsonMap, { before, scope }: { readonly before: Thing | undefined; readonly scope: string }, org: OrgContext): JsonMap {
  const table = org.byId('architect_datatable', scope);
  const columns = columnsOf(table?.body);
  if (typeof body['key'] !== 'string' || body['key'] === '') throw rowFault('a row needs a text "key"');
  if (before !== undefined && body['key'] !== before.id) throw rowFault('the key of a row cannot change');
  for (const [name, value] of Object.entries(body)) {
    const column = Object.hasOwn(columns, name) ? columns[name] : undefined;
    if (column === undefined) throw rowFault(`the table has no column "${name}"`);
    if (!isOfKind(value ?? null, String(column['type']))) throw rowFault(`the column "${name}" takes ${String(column['type'])} values`);
  }
  const defaults = Object.entries(columns).flatMap(([name, column]) =>
    column['default'] === undefined || Object.hasOwn(body, name) ? [] : [[name, column['default']] as const],
  );
  return { ...body, ...Object.fromEntries(defaults) };
}

function rowFault(message: string): Refusal {
  return new Refusal(400, 'flows.datatables.schema.exception', message);
}

function isOfKind(value: Json, kind: string): boolean {
  if (kind === 'integer') return typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value));
  if (kind === 'number') return typeof value === 'bigint' || typeof value === 'number';
  return typeof value === kind;
}

function readRow(call: Call, org: OrgContext) {
  const { datatableId = '', rowId = '' } = call.params;
  if (org.byId('architect_datatable', datatableId) === undefined)
    throw new Refusal(404, 'flows.datatables.table.not.found', `there is no data table ${datatableId}`);
  const row = org.child('architect_datatable_row', datatableId, rowId);
  if (row === undefined) throw new Refusal(404, 'flows.datatables.row.not.found', `the table has no row "${rowId}"`, { params: { rowId } });
  return jsonAnswer(200, call.query.get('showbrief') === 'false' ? row.body : { key: rowId });
}
