import { typeOf } from './address.ts';
import type { Document } from './document.ts';
import type { Pattern } from './pointer.ts';

/** A document as it is meant for one org: what the org does not manage of its type (`ignore` in cordboard.yaml) is ignored, beside what it ignores itself. */
export function ignoring(document: Document, ignore: Readonly<Record<string, readonly Pattern[]>>): Document {
  const type = typeOf(document.address);
  const patterns = Object.hasOwn(ignore, type) ? (ignore[type] ?? []) : [];
  return patterns.length === 0 ? document : { ...document, ignore: [...new Set([...(document.ignore ?? []), ...patterns])] };
}
