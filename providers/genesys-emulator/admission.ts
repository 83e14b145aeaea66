import { Refusal } from './exchange.ts';
import type { Model } from './facts.ts';
import { modelNamed, resolveModel } from './facts.ts';
import type { Json, JsonMap } from './json.ts';
import { isJsonList, isJsonMap } from './json.ts';

/**
 * A request body as the API takes it, checked against its model: unknown fields, wrong kinds and missing required fields are refused with
 * 400 and the field's name; read-only fields are dropped, as the real API ignores them; nulls survive only at the top, where PATCH clears with them.
 */
export function admitBody(modelName: string, body: Json, options: { readonly required: boolean }): JsonMap {
  const model = modelNamed(modelName);
  if (!isJsonMap(body)) throw refuse('bad.request', 'body', 'the request body must be a JSON object');
  if (model === undefined) return body;
  return admitMap(model, body, '', options.required);
}

/** The same for a body that is a list of one model: `[WritableEntity]`. */
export function admitList(modelName: string, body: Json): readonly JsonMap[] {
  if (!isJsonList(body)) throw refuse('bad.request', 'body', 'the request body must be a JSON list');
  return body.map((item) => admitBody(modelName, item, { required: true }));
}

function admitMap(model: Model, body: JsonMap, at: string, required: boolean): JsonMap {
  const properties = model.properties ?? {};
  const missing = required ? (model.required ?? []).find((name) => isMissing(body[name]) && properties[name]?.readOnly !== true) : undefined;
  if (missing !== undefined) throw new MissingField(at + missing);
  const entries = Object.entries(body).flatMap(([name, value]): readonly (readonly [string, Json])[] => {
    const property = Object.hasOwn(properties, name) ? properties[name] : freeProperty(model);
    if (property === undefined) throw refuse('invalid.property', at + name, `the field "${at}${name}" is not known`);
    // An id inside a reference is what the reference says, though some models mark it read only.
    if (property.readOnly === true && !(name === 'id' && at !== '')) return [];
    if (value === undefined || (value === null && at !== '')) return [];
    return [[name, value === null ? null : admitValue(property, value, at + name)]];
  });
  return Object.fromEntries(entries);
}

/** Refused with the common code; whoever knows the type whose body it is answers the type's own. */
export class MissingField extends Refusal {
  readonly field: string;

  constructor(field: string) {
    super(400, 'constraint.validation', `the field "${field}" is required`, { field, params: { fieldName: field } });
    this.field = field;
  }
}

function freeProperty(model: Model): Model | undefined {
  if (typeof model.additionalProperties === 'object') return model.additionalProperties;
  return model.properties === undefined && model.additionalProperties !== false ? {} : undefined;
}

function isMissing(value: Json | undefined): boolean {
  return value === undefined || value === null;
}

function admitValue(property: Model, value: Json, at: string): Json {
  const model = resolveModel(property);
  if (model.enum !== undefined && !model.enum.includes(value)) throw refuse('invalid.value', at, `"${String(value)}" is not a value of "${at}"`);
  switch (model.type) {
    case 'object':
      return admitObject(model, property, value, at);
    case 'array':
      return admitArray(model, property, value, at);
    case 'string':
      return admitString(model, value, at);
    case 'integer':
    case 'number':
      return admitNumber(model, value, at);
    case 'boolean':
      if (typeof value !== 'boolean') throw refuse('invalid.value', at, `"${at}" must be true or false`);
      return value;
    default:
      return value;
  }
}

function admitObject(model: Model, property: Model, value: Json, at: string): Json {
  if (!isJsonMap(value)) {
    // JsonSchemaDocument says that its properties are objects; real schemas hold plain values there (additionalProperties: false).
    if (model.properties === undefined && property.$ref === undefined && at.includes('.')) return value;
    throw refuse('invalid.value', at, `"${at}" must be an object`);
  }
  const isReference = property['x-ref'] !== undefined || typeof value['id'] === 'string';
  return admitMap(model, value, `${at}.`, !isReference);
}

function admitArray(model: Model, property: Model, value: Json, at: string): Json {
  if (!isJsonList(value)) throw refuse('invalid.value', at, `"${at}" must be a list`);
  if (value.length < (model.minItems ?? 0) || value.length > (model.maxItems ?? Number.POSITIVE_INFINITY)) {
    throw refuse('constraint.validation', at, `"${at}" holds ${value.length} items`);
  }
  const items = { ...(model.items ?? {}), ...(property['x-ref'] === undefined ? {} : { 'x-ref': property['x-ref'] }) };
  return value.map((item, index) => admitValue(items, item, `${at}[${index}]`));
}

const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/;
const LOCAL_DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/;

function admitString(model: Model, value: Json, at: string): Json {
  if (typeof value !== 'string') throw refuse('invalid.value', at, `"${at}" must be text`);
  if (model.format === 'date-time' && !(DATE_TIME.test(value) && Number.isFinite(Date.parse(value))))
    throw refuse('invalid.date', at, `"${value}" is no date and time`);
  if (model.format === 'local-date-time' && !LOCAL_DATE_TIME.test(value)) throw refuse('invalid.date', at, `"${value}" is no local date and time`);
  const isTooShort = value.length < (model.minLength ?? 0) || value.length > (model.maxLength ?? Number.POSITIVE_INFINITY);
  if (isTooShort) throw refuse('constraint.validation', at, `"${at}" has ${value.length} characters`);
  if (model.pattern !== undefined && !new RegExp(model.pattern).test(value))
    throw refuse('constraint.validation', at, `"${value}" does not match ${model.pattern}`);
  return value;
}

function admitNumber(model: Model, value: Json, at: string): Json {
  const isNumber = typeof value === 'bigint' || (typeof value === 'number' && (model.type === 'number' || Number.isInteger(value)));
  if (!isNumber) throw refuse('invalid.value', at, `"${at}" must be ${model.type === 'integer' ? 'a whole number' : 'a number'}`);
  if (value < (model.minimum ?? Number.NEGATIVE_INFINITY) || value > (model.maximum ?? Number.POSITIVE_INFINITY)) {
    throw refuse('constraint.validation', at, `"${at}" is out of range`);
  }
  return value;
}

function refuse(code: string, field: string, message: string): Refusal {
  return new Refusal(400, code, message, { field, params: { fieldName: field } });
}
