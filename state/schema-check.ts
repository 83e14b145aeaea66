import type { ErrorObject, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { nearest } from './nearest.ts';
import type { Pointer } from './pointer.ts';
import type { Problem } from './problem.ts';
import { isList, isMap, type Value } from './value.ts';

export type Validator = ValidateFunction;

/** Not asked of ajv: whether a schema is one. Each is ours, a test asks it of all of them, and asking takes a fifth of the time of a `check`. */
const OPTIONS = { validateSchema: false, code: { optimize: false }, allErrors: true, verbose: true, strict: false, validateFormats: false, messages: true };

/** A JSON Schema (2020-12), made ready once. */
export function makeValidator(schema: object): Validator {
  return new Ajv2020(OPTIONS).compile(schema);
}

/** How the problems of one validation are called. */
export interface Naming {
  readonly code: string;
  /** What is validated, as in `the plan file`. */
  readonly what: string;
  /** A field that resembles none may be one that the vendor added since: it is kept as it stands, so it is only a warning. */
  readonly mayGrow?: boolean;
}

/** Everything in which a value is not as its schema says, each place once, with the nearest name for a field that nobody knows. */
export function explainSchemaErrors(validate: Validator, value: Value, naming: Naming): readonly Problem[] {
  if (validate(toPlain(value))) return [];
  const told = (validate.errors ?? []).filter((error) => !['if', 'anyOf', 'oneOf', 'not'].includes(error.keyword));
  const errors = told.length > 0 ? told : (validate.errors ?? []);
  const problems = errors.map((error) => explain(error, naming));
  return [...new Map(problems.map((problem) => [`${problem.pointer} ${problem.message}`, problem])).values()];
}

function explain(error: ErrorObject, naming: Naming): Problem {
  const pointer = error.instancePath;
  const at = pointer === '' ? naming.what : `"${pointer}"`;
  const make = (code: string, message: string, hint?: string, where: Pointer = pointer): Problem => ({
    code,
    severity: 'error',
    pointer: where,
    message,
    ...(hint === undefined ? {} : { hint }),
  });
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return unknownField(error, make, naming);
    case 'required':
      return make('FIELD_MISSING', `${at} lacks the field "${String(params['missingProperty'])}"`, 'add it');
    case 'type':
      return make('FIELD_KIND', `${at} must be ${kindNames(params['type'])}, and is ${kindOf(error.data)}`);
    case 'enum':
      return make('FIELD_VALUE', `${at} is ${shown(error.data)}`, oneOf(params['allowedValues']));
    case 'const':
      return make('FIELD_VALUE', `${at} is ${shown(error.data)}`, oneOf([params['allowedValue']]));
    default:
      return make(naming.code, `${at} ${error.message ?? 'is not as its schema says'}`);
  }
}

type Make = (code: string, message: string, hint?: string, where?: Pointer) => Problem;

function unknownField(error: ErrorObject, make: Make, { mayGrow }: Naming): Problem {
  const params = error.params as Record<string, unknown>;
  const name = String(params['additionalProperty'] ?? params['unevaluatedProperty']);
  const schema = error.parentSchema as { readonly properties?: Record<string, unknown> } | undefined;
  const near = nearest(name, Object.keys(schema?.properties ?? {}));
  const where = `${error.instancePath}/${name.replace(/~/g, '~0').replace(/\//g, '~1')}`;
  const message = `"${name}" is no field that this version knows${error.instancePath === '' ? '' : ` at "${error.instancePath}"`}`;
  if (near !== undefined) return make('UNKNOWN_FIELD', message, `did you mean "${near}"?`, where);
  if (mayGrow !== true || ['__proto__', 'constructor', 'prototype'].includes(name)) return make('UNKNOWN_FIELD', message, 'take it out', where);
  return {
    ...make('UNKNOWN_FIELD', message, 'if it is not new at the vendor, take it out; it is sent as it stands, and never cleared', where),
    severity: 'warning',
  };
}

function kindNames(type: unknown): string {
  const names = (Array.isArray(type) ? type : String(type).split(',')) as string[];
  return names.join(' or ');
}

function kindOf(data: unknown): string {
  if (data === null) return 'null';
  return Array.isArray(data) ? 'array' : typeof data;
}

/** A value as a message may show it: short, and never a whole body. */
function shown(data: unknown): string {
  if (typeof data === 'string') return `"${data.length > 60 ? `${data.slice(0, 60)}...` : data}"`;
  return typeof data === 'object' && data !== null ? kindOf(data) : String(data);
}

function oneOf(values: unknown): string {
  const names = (Array.isArray(values) ? values : [values]).filter((value) => value !== null).map((value) => String(value));
  return names.length > 20 ? `one of: ${names.slice(0, 20).join(', ')}, ...` : `one of: ${names.join(', ')}`;
}

/** As plain objects and numbers: the validator knows neither maps without a prototype nor big integers. */
function toPlain(value: Value): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (isList(value)) return value.map(toPlain);
  if (!isMap(value)) return value;
  const plain: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    if (key === '__proto__') Object.defineProperty(plain, key, { value: toPlain(item), enumerable: true, configurable: true, writable: true });
    else plain[key] = toPlain(item);
  }
  return plain;
}
