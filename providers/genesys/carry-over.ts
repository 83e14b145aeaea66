import { isList, isMap, makeMap, sameValue, type Value, type ValueMap } from '../../state/value.ts';
import type { Shape } from './wire-shape.ts';

/**
 * The body of a replacing update with what the live object holds beside it: configuration that is not ours, and fields that this version does
 * not know. Left out, they would be cleared. An item of a list gets what the live item holds that says all that it says.
 */
export function carryOver(body: ValueMap, raw: ValueMap, shape: Shape): ValueMap {
  const carried = carry(body, raw, shape);
  return isMap(carried) ? carried : body;
}

function carry(value: Value, raw: Value | undefined, shape: Shape): Value {
  if (shape.kind === 'list' && isList(value) && isList(raw)) {
    return value.map((item) =>
      carry(
        item,
        raw.find((live) => says(live, item)),
        shape.items,
      ),
    );
  }
  if (!isMap(value) || !isMap(raw)) return value;
  if (shape.kind === 'map') return makeMap(Object.entries(value).map(([key, item]) => [key, carry(item, raw[key], shape.values)]));
  if (shape.kind !== 'object') return value;
  const own = Object.entries(value).map(([name, item]) => {
    const field = shape.fields.get(name);
    return [name, field === undefined ? item : carry(item, raw[name], field.shape)] as const;
  });
  const others = Object.entries(raw).filter(([name, item]) => item !== null && !Object.hasOwn(value, name) && isOthers(name, shape));
  return makeMap([...own, ...others]);
}

function isOthers(name: string, { fields, owned, carried, isOpen }: Extract<Shape, { kind: 'object' }>): boolean {
  return isOpen !== true && (carried.has(name) || !(fields.has(name) || owned.has(name) || name === 'selfUri'));
}

/** Whether a live value holds all that a written one says. */
function says(live: Value | undefined, written: Value): boolean {
  if (isMap(written)) return isMap(live) && Object.entries(written).every(([name, item]) => says(live[name], item));
  if (isList(written)) return isList(live) && live.length === written.length && written.every((item, index) => says(live[index], item));
  return sameValue(live, written);
}
