import { SINGLETON } from '../../state/address.ts';
import type { Pattern } from '../../state/pointer.ts';
import { isMap, type ValueMap } from '../../state/value.ts';
import type { Model } from './facts.ts';
import type { GenesysType } from './genesys-type.ts';
import type { Shape, WireRef } from './wire-shape.ts';

type Schema = Readonly<Record<string, unknown>>;
type Typed = Omit<GenesysType, 'schema'>;

const text = { type: 'string' } as const;
const only = (name: string, value: Schema): Schema => ({ type: 'object', properties: { [name]: value }, required: [name], additionalProperties: false });

/** Directives that may stand where the API takes a scalar: a value of the org's own, or an id that was found in a text. */
const DEFINITIONS = {
  scalar: {
    type: 'object',
    minProperties: 1,
    maxProperties: 1,
    properties: { $var: text, $ref: text, $external: text, $$ref: true, $$secret: true, $$var: true, $$file: true, $$external: true },
    additionalProperties: false,
  },
  secret: only('$secret', { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]*$' }),
  file: only('$file', text),
} as const;

/** Schemas that occur again and again, each once under a name: a queue has a hundred scalars and thirty references. */
type Shared = Map<string, Schema>;

function share(shared: Shared, name: string, schema: Schema): Schema {
  if (!shared.has(name)) shared.set(name, schema);
  return { $ref: `#/$defs/${name}` };
}

interface Context {
  readonly type: Typed;
  readonly shared: Shared;
}

/** JSON Schema (2020-12) of a type's canonical body, self-contained. A field that it does not name is an error. */
export function bodySchema(type: Typed): object {
  const shared: Shared = new Map();
  const schema = schemaOf(type.shape, { type, shared }, '');
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: type.name,
    ...schema,
    $defs: { ...DEFINITIONS, ...Object.fromEntries(shared) },
  };
}

/** JSON Schema of a whole document as it stands in a file, for editors. */
export function documentSchema(type: GenesysType): object {
  const { $schema, title, $defs, ...body } = type.schema() as Record<string, unknown>;
  const key = type.isSingleton ? { const: SINGLETON } : { type: 'string', minLength: 1 };
  return {
    $schema,
    title: `${String(title)} (a document of Cordboard)`,
    type: 'object',
    properties: {
      type: { const: type.name },
      key,
      body,
      protect: { type: 'boolean' },
      was: text,
      ignore: { type: 'array', items: { type: 'string', pattern: '^/' } },
    },
    required: ['type', 'key'],
    additionalProperties: false,
    $defs,
  };
}

function schemaOf(shape: Shape, context: Context, at: Pattern): Schema {
  switch (shape.kind) {
    case 'object':
      return objectSchema(shape, context, at);
    case 'list':
      return { type: ['array', 'null'], items: schemaOf(shape.items, context, `${at}/*`) };
    case 'map':
      return { type: ['object', 'null'], additionalProperties: schemaOf(shape.values, context, `${at}/*`) };
    case 'ref':
      return share(context.shared, refName(shape.ref), refSchema(shape.ref));
    case 'secret':
      return { $ref: '#/$defs/secret' };
    case 'asset':
      return shape.form === 'bytes' ? { $ref: '#/$defs/file' } : { type: 'object' };
    case 'leaf':
      return leafSchema(shape.model, context);
    default:
      return context.type.shape === shape ? { type: 'object' } : {};
  }
}

function objectSchema(shape: Extract<Shape, { kind: 'object' }>, context: Context, at: Pattern): Schema {
  const { defaults } = context.type;
  const properties = Object.fromEntries([...shape.fields].map(([name, field]) => [name, schemaOf(field.shape, context, `${at}/${name}`)]));
  const required = [...shape.required].filter((name) => shape.fields.has(name) && !(at === '' && name in defaults));
  return {
    type: at === '' ? 'object' : ['object', 'null'],
    properties,
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: shape.isOpen === true,
    ...(at === '' ? defaultsNote(defaults) : {}),
  };
}

/** Editors show what a field has when it is left out. */
function defaultsNote(defaults: ValueMap): Schema {
  return isMap(defaults) && Object.keys(defaults).length > 0 ? { default: JSON.parse(JSON.stringify(defaults)) as unknown } : {};
}

function refName({ to, mayBeAll }: WireRef): string {
  return `${to.join('_or_')}${mayBeAll ? '_or_all' : ''}_ref`;
}

function refSchema(ref: WireRef): Schema {
  const address = { type: 'string', pattern: `^(${ref.to.join('|')})/.` };
  const target = {
    type: 'object',
    minProperties: 1,
    maxProperties: 1,
    properties: { $ref: address, $external: address, $var: text },
    additionalProperties: false,
  };
  return ref.mayBeAll ? choose({ type: 'string' }, { const: '*' }, target) : { ...target, type: ['object', 'null'] };
}

/** A scalar of the model, `null` to clear it, or a directive in its place. */
function leafSchema(model: Model, { shared }: Context): Schema {
  const kind = model.type ?? 'string';
  const pattern = patternOf(model);
  const schema = choose({ type: 'object' }, { $ref: '#/$defs/scalar' }, { type: [kind, 'null'], ...enumOf(model), ...pattern });
  if (model.enum !== undefined) return schema;
  return share(shared, Object.keys(pattern).length === 0 ? `${kind}_or_directive` : 'local_time_or_directive', schema);
}

/** Not `anyOf`: a value that is wrong is then wrong for one reason. */
function choose(condition: Schema, yes: Schema, no: Schema): Schema {
  return Object.fromEntries([
    ['if', condition],
    ['then', yes],
    ['else', no],
  ]);
}

function enumOf(model: Model): Schema {
  return model.enum === undefined ? {} : { enum: [...model.enum, null] };
}

/** Local times carry no zone: it stands on the schedule group. */
function patternOf(model: Model): Schema {
  return model.format === 'local-date-time' ? { pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,9})?)?$' } : {};
}
