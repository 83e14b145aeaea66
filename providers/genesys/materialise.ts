import { fieldDefault, isPlainMap } from '../../state/normalise.ts';
import { isList, isMap, makeMap, type Value, type ValueMap } from '../../state/value.ts';

/** The inverse of `normalise`: a canonical body with every declared default written out, so that leaving a field out means its default to any server. */
export function materialise(body: ValueMap, defaults: ValueMap): ValueMap {
  return filled(body, defaults) as ValueMap;
}

/**
 * The declared defaults as far as an object of the org shows their fields, and those that requests must have. What it does not show it does not
 * have: a default written there would set what nobody asked for (how long after-call work may take, where the queue's agents end it themselves).
 */
export function shownDefaults(defaults: ValueMap, shown: ValueMap, required: ReadonlySet<string> = NONE): ValueMap {
  return makeMap(
    Object.entries(defaults).flatMap(([name, fallback]) => {
      const live = shown[name];
      if (name === '*' || required.has(name)) return [[name, fallback] as const];
      if (live === undefined || live === null) return [];
      return [[name, isPlainMap(fallback) && isMap(live) ? shownDefaults(fallback, live) : fallback] as const];
    }),
  );
}

const NONE: ReadonlySet<string> = new Set();

function filled(value: Value | undefined, fallback: Value): Value | undefined {
  if (!isPlainMap(fallback)) return value === undefined ? fallback : value;
  if (isList(value)) return value.map((item) => filledItem(item, fieldDefault(fallback, '*')));
  if (value !== undefined && !isPlainMap(value)) return value;
  const entries = value === undefined ? [] : Object.entries(value).map(([key, item]) => [key, filledItem(item, fieldDefault(fallback, key))] as const);
  const missing = Object.entries(fallback).flatMap(([key, item]) => {
    const made = key === '*' || (value !== undefined && Object.hasOwn(value, key)) ? undefined : filled(undefined, item);
    return made === undefined ? [] : [[key, made] as const];
  });
  const isNothing = value === undefined && missing.length === 0;
  return isNothing ? undefined : makeMap([...entries, ...missing]);
}

function filledItem(item: Value, fallback: Value | undefined): Value {
  return fallback === undefined ? item : (filled(item, fallback) ?? item);
}
