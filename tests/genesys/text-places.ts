import type { GenesysType } from '../../providers/genesys/genesys-type.ts';
import type { Shape } from '../../providers/genesys/wire-shape.ts';
import { makePointer, type Pointer, walk } from '../../state/pointer.ts';
import { asDirective, isList, isMap, type Value, type ValueMap } from '../../state/value.ts';

/** A place of a type's bodies where text can stand: `*` is any item or key; what is the user's own (any JSON) is one place as a whole. */
interface TextPlace {
  readonly at: string;
  /** The only words that the API takes there. */
  readonly words?: readonly unknown[];
}

/** Every place of a type's bodies where text can stand, from its shape alone. What stands in files beside the document is not among them. */
export function textPlaces(shape: Shape, at = ''): readonly TextPlace[] {
  switch (shape.kind) {
    case 'leaf':
      return shape.model.type === 'string' ? [{ at, ...(shape.model.enum === undefined ? {} : { words: shape.model.enum }) }] : [];
    case 'object':
      return [...[...shape.fields].flatMap(([name, field]) => textPlaces(field.shape, `${at}/${name}`)), ...(shape.isOpen === true ? [{ at: `${at}/*` }] : [])];
    case 'list':
      return textPlaces(shape.items, `${at}/*`);
    case 'map':
      return textPlaces(shape.values, `${at}/*`);
    case 'free':
      return [{ at }];
    default:
      return [];
  }
}

/** One text of a document, and the place of its type that it stands at. */
interface TextLeaf {
  readonly pointer: Pointer;
  readonly place: string;
}

/** Every text of a body that is no directive and no word of an enumeration. */
export function textsOf(type: GenesysType, body: ValueMap): readonly TextLeaf[] {
  const found: TextLeaf[] = [];
  const visit = (shape: Shape, value: Value | undefined, pointer: Pointer, place: string): void => {
    if (value === undefined || asDirective(value) !== undefined) return;
    if (shape.kind === 'leaf' && typeof value === 'string' && shape.model.enum === undefined) found.push({ pointer, place });
    if (shape.kind === 'free') found.push(...freeTexts(value).map((inner) => ({ pointer: `${pointer}${inner}`, place })));
    if (shape.kind === 'object' && isMap(value))
      for (const [name, inner] of Object.entries(value)) {
        const field = shape.fields.get(name);
        if (field !== undefined) visit(field.shape, inner, below(pointer, name), `${place}/${name}`);
        else if (shape.isOpen === true) visit({ kind: 'free' }, inner, below(pointer, name), `${place}/*`);
      }
    if (shape.kind === 'list' && isList(value)) for (const [index, item] of value.entries()) visit(shape.items, item, `${pointer}/${index}`, `${place}/*`);
    if (shape.kind === 'map' && isMap(value)) for (const [name, inner] of Object.entries(value)) visit(shape.values, inner, below(pointer, name), `${place}/*`);
  };
  visit(type.shape, body, '', '');
  return found;
}

const below = (pointer: Pointer, name: string): Pointer => `${pointer}${makePointer([name])}`;

function freeTexts(value: Value): readonly Pointer[] {
  const parents = new Map([...walk(value)].map(({ pointer, value: at }) => [pointer, at]));
  const isInDirective = (pointer: string) => asDirective(parents.get(pointer.slice(0, pointer.lastIndexOf('/')))) !== undefined;
  return [...parents].filter(([pointer, at]) => typeof at === 'string' && !isInDirective(pointer)).map(([pointer]) => pointer);
}

/** Where texts are wanted, and an example of what may stand, beside what is there, at a place whose inside the shape does not know. */
interface Wishes {
  readonly isWanted: (place: string) => boolean;
  readonly example: (place: string) => Value | undefined;
}

/** The body with a text at every place of the shape that `isWanted`: one item in each list on the way, one key in each map. */
export function filled(shape: Shape, value: Value | undefined, wishes: Wishes, at = ''): Value | undefined {
  if (value !== undefined && asDirective(value) !== undefined) return value;
  if (shape.kind !== 'free' && value === undefined && !textPlaces(shape, at).some((place) => place.words === undefined && wishes.isWanted(place.at)))
    return undefined;
  switch (shape.kind) {
    case 'leaf':
      return value ?? 'text';
    case 'free':
      return withExample(value, wishes.example(at));
    case 'list': {
      const items = (isList(value) && value.length > 0 ? value : [undefined]).map((item) => filled(shape.items, item, wishes, `${at}/*`));
      return items.filter((item) => item !== undefined);
    }
    case 'map': {
      const entries = isMap(value) && Object.keys(value).length > 0 ? Object.entries(value) : [['one', undefined] as const];
      return mapOf(entries.map(([name, inner]) => [name, filled(shape.values, inner, wishes, `${at}/*`)]));
    }
    case 'object': {
      const given = isMap(value) ? value : {};
      const names = [...new Set([...Object.keys(given), ...shape.fields.keys()])];
      return mapOf(
        names.map((name) => {
          const field = shape.fields.get(name);
          return [name, field === undefined ? given[name] : filled(field.shape, given[name], wishes, `${at}/${name}`)];
        }),
      );
    }
    default:
      return value;
  }
}

function withExample(value: Value | undefined, example: Value | undefined): Value | undefined {
  return isMap(value) && isMap(example) ? { ...value, ...example } : (value ?? example);
}

function mapOf(entries: readonly (readonly [string, Value | undefined])[]): ValueMap {
  return Object.fromEntries(entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
