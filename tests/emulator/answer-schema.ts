import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formatsPlugin from 'ajv-formats';

type Schema = { [key: string]: unknown };

/**
 * Validates answers against `models.json` itself. Three things are loosened, for the published models are wrong or mute there:
 * `required` counts at the top and in rows, not in nested objects (a reference to a user is no whole user with its version); the
 * values of DataTableRowEntityListing rows and of a JSON Schema document are plain values in life, where the models say objects.
 */
const models = JSON.parse(readFileSync(new URL('../../providers/genesys-facts/models.json', import.meta.url), 'utf8')) as { $defs: Record<string, Schema> };
const ROWS = new Set(['entities', 'results']);
const PLAIN_VALUES = new Set(['JsonSchemaDocument', 'DataTableRowEntityListing']);

function inner(schema: unknown, isRow: boolean): unknown {
  if (Array.isArray(schema)) return schema.map((item) => inner(item, isRow));
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]) => {
    if (key === '$ref') return [key, isRow ? value : `${String(value)}~inner`];
    return [key, inner(value, isRow)];
  });
  return Object.fromEntries(entries);
}

function loosened(name: string, schema: Schema, keepRequired: boolean): Schema {
  const properties = Object.entries((schema['properties'] ?? {}) as Record<string, unknown>).map(([key, value]) => [key, inner(value, ROWS.has(key))]);
  const { required, properties: _properties, ...rest } = inner(schema, false) as Schema;
  const whole = {
    ...rest,
    ...(properties.length === 0 ? {} : { properties: Object.fromEntries(properties) }),
    ...(keepRequired && required !== undefined ? { required } : {}),
  };
  return PLAIN_VALUES.has(name)
    ? (JSON.parse(JSON.stringify(whole).replaceAll('"additionalProperties":{"type":"object"}', '"additionalProperties":true')) as Schema)
    : whole;
}

const ajv = new Ajv2020({ strict: false, allErrors: true });
(formatsPlugin as unknown as (target: Ajv2020) => void)(ajv);
for (const format of ['int32', 'int64', 'double', 'float', 'uri', 'local-date-time', 'local-time', 'interval', 'byte', 'binary', 'password'])
  ajv.addFormat(format, true);
const $defs = Object.fromEntries(
  Object.entries(models.$defs).flatMap(([name, schema]) => [
    [name, loosened(name, schema, true)],
    [`${name}~inner`, loosened(name, schema, false)],
  ]),
);
ajv.addSchema({ $id: 'models', $defs });

/** Why an answer is not of the model; empty where it is, and where the model has no definition. */
export function mistakesOf(model: string | null | undefined, body: unknown): readonly string[] {
  const item = model?.startsWith('[') === true ? model.slice(1, -1) : undefined;
  if (item !== undefined) return Array.isArray(body) ? body.flatMap((each) => mistakesOf(item, each)) : [`a list of ${item} was expected`];
  if (model === null || model === undefined || models.$defs[model] === undefined) return [];
  const validate = ajv.getSchema(`models#/$defs/${model}`);
  if (validate === undefined) throw new Error(`no schema ${model}`);
  return validate(body) === true
    ? []
    : (validate.errors ?? []).map((error) => `${model}${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`);
}
