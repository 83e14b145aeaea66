import { type EncodedAsset, type EncodeOptions, encodeDocument, fieldsOf } from './codec.ts';
import { CONFLICT_KEY } from './conflict.ts';
import type { Document } from './document.ts';
import { defaultsOf, fieldDefault, isPlainMap, normalise } from './normalise.ts';
import type { ResourceType } from './resource-type.ts';
import { isMap, makeMap, sameValue, type Value, type ValueMap } from './value.ts';
import { readYamlFast } from './yaml-fast.ts';
import { spliceYaml } from './yaml-splice.ts';

/**
 * A document's file after a change: the old text's own bytes where the meaning is the same; else only the lines of fields and items that
 * changed are new, and all comments stay. `old` is the document that the old text decodes to. A text that cannot be read is replaced.
 */
export function rewriteDocument(
  oldText: string,
  old: Document,
  document: Document,
  type: ResourceType,
  options: EncodeOptions = {},
): { text: string; assets: readonly EncodedAsset[] } {
  const encoded = encodeDocument(document, type, options);
  const before = readYamlFast('', oldText).value;
  const after = readYamlFast('', encoded.text).value;
  if (before === undefined || after === undefined) return encoded;
  if (options.marks === undefined && sameDocument(old, document, type) && sameFiles(before, after)) return { text: oldText, assets: encoded.assets };
  const wanted = isMap(before) && isMap(after) ? withWrittenDefaults(before, after, type) : after;
  return { text: spliceYaml(oldText, before, wanted, FIELD_ORDER), assets: encoded.assets };
}

/** Whether two documents say the same of one resource, and of how it is managed. */
export function sameDocument(left: Document, right: Document, type: ResourceType): boolean {
  const fields = (document: Document) => makeMap(fieldsOf(normalise(document, type)));
  return sameValue(fields(left), fields(right));
}

const FIELD_ORDER = ['type', 'key', 'was', 'protect', 'ignore', CONFLICT_KEY, 'body'];

/** Whether both files name the same assets; the trees among them are compared by their documents. */
function sameFiles(before: Value, after: Value): boolean {
  const names = (value: Value): string[] => {
    if (typeof value !== 'object' || value === null) return [];
    const own = isMap(value) && typeof value['$file'] === 'string' ? [value['$file']] : [];
    return [...own, ...Object.values(value).flatMap(names)];
  };
  return sameValue(names(before).sort(), names(after).sort());
}

/** A default that a person wrote out stays written. */
function withWrittenDefaults(before: ValueMap, after: ValueMap, type: ResourceType): ValueMap {
  const body = withDefaults(before['body'], after['body'], defaultsOf(type));
  return makeMap([...Object.entries(after).filter(([key]) => key !== 'body'), ['body', body ?? makeMap([])]]);
}

function withDefaults(before: Value | undefined, after: Value | undefined, defaults: Value | undefined): Value | undefined {
  if (after === undefined) return sameValue(before, defaults) ? before : undefined;
  if (!isPlainMap(before) || !isPlainMap(after) || !isPlainMap(defaults)) return after;
  const written = Object.keys(before).filter((key) => !Object.hasOwn(after, key) && sameValue(before[key], fieldDefault(defaults, key)));
  const entries = Object.entries(after).map(([key, value]) => [key, withDefaults(before[key], value, fieldDefault(defaults, key)) ?? value] as const);
  return makeMap([...entries, ...written.map((key) => [key, before[key] as Value] as const)]);
}
