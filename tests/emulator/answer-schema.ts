import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formatsPlugin from 'ajv-formats';
import { VENDOR_MODELS } from './vendor-models.ts';

/** The words of JSON Schema that the published models use. */
export interface Schema {
  readonly type?: string;
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly format?: string;
}

/**
 * Validates answers against `models.json` itself, closed: what a model does not list is a mistake, at any depth. Two things are loosened, for
 * the published models are wrong or mute there: `required` counts at the top and in rows, not in nested objects (a reference to a user is no
 * whole user with its version); what the models call a map of objects holds plain values in DataTableRowEntityListing and JsonSchemaDocument.
 * One is tightened: an error without code, message, status and contextId is none.
 */
const published = JSON.parse(readFileSync(new URL('../../providers/genesys-facts/models.json', import.meta.url), 'utf8')) as {
  readonly $defs: Readonly<Record<string, Schema>>;
};
const ERROR_MUST_HAVE = ['code', 'message', 'status', 'contextId'];
const MODELS: Readonly<Record<string, Schema>> = {
  ...published.$defs,
  ...VENDOR_MODELS,
  ErrorBody: { ...published.$defs['ErrorBody'], required: ERROR_MUST_HAVE },
};
const ROWS = new Set(['entities', 'results']);
const PLAIN_VALUES = new Set(['JsonSchemaDocument', 'DataTableRowEntityListing']);
/** Models that the catalogue names and that say no more than this. */
const MUTE: Readonly<Record<string, Schema>> = { object: { type: 'object' }, Empty: { type: 'object', properties: {} } };

interface Depth {
  /** Whether `required` counts here. */
  readonly isWhole: boolean;
  readonly holdsPlainValues: boolean;
}

/** A schema whose objects have no fields but those that it lists. */
function closed(schema: Schema, depth: Depth): Schema {
  if (depth.holdsPlainValues && Object.keys(schema).length === 1 && schema.type === 'object') return {};
  const { required, properties, items, additionalProperties, $ref, ...rest } = schema;
  const within = { ...depth, isWhole: false };
  const fields = Object.entries(properties ?? {}).map(([name, field]) => [name, closed(field, { ...depth, isWhole: ROWS.has(name) })]);
  const others = typeof additionalProperties === 'object' ? closed(additionalProperties, within) : additionalProperties;
  const free = others ?? (properties === undefined ? undefined : false);
  return {
    ...rest,
    ...($ref === undefined ? {} : { $ref: depth.isWhole ? $ref : `${$ref}~inner` }),
    ...(properties === undefined ? {} : { properties: Object.fromEntries(fields) }),
    ...(items === undefined ? {} : { items: closed(items, depth) }),
    ...(free === undefined ? {} : { additionalProperties: free }),
    ...(depth.isWhole && required !== undefined ? { required } : {}),
  };
}

const ajv = new Ajv2020({ strict: false, allErrors: true });
(formatsPlugin as unknown as (target: Ajv2020) => void)(ajv);
for (const format of ['int32', 'int64', 'double', 'float', 'uri', 'local-date-time', 'local-time', 'interval', 'byte', 'binary', 'password'])
  ajv.addFormat(format, true);
const $defs = Object.fromEntries(
  Object.entries({ ...MODELS, ...MUTE }).flatMap(([name, schema]) => {
    const holdsPlainValues = PLAIN_VALUES.has(name);
    return [
      [name, closed(schema, { isWhole: true, holdsPlainValues })],
      [`${name}~inner`, closed(schema, { isWhole: false, holdsPlainValues })],
    ];
  }),
);
ajv.addSchema({ $id: 'models', $defs });

/** Why an answer is not of the model; empty where it is. `[Model]` is a list. Throws on a model that nobody has described. */
export function mistakesOf(model: string, body: unknown): readonly string[] {
  const item = model.startsWith('[') ? model.slice(1, -1) : undefined;
  if (item !== undefined) return Array.isArray(body) ? body.flatMap((each) => mistakesOf(item, each)) : [`a list of ${item} was expected`];
  const validate = Object.hasOwn($defs, model) ? ajv.getSchema(`models#/$defs/${model}`) : undefined;
  if (validate === undefined) throw new Error(`there is no model "${model}"`);
  if (validate(body) === true) return [];
  return (validate.errors ?? []).map((error) => `${model}${error.instancePath} ${error.message} ${JSON.stringify(error.params)}`);
}
