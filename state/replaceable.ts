import { diffDocuments } from './diff.ts';
import type { Document } from './document.ts';
import { type Pointer, pointerSegments } from './pointer.ts';
import type { ResourceType } from './resource-type.ts';
import { type Rules, rulesBelow, rulesOf } from './rules.ts';
import { makeMap } from './value.ts';

interface Pair {
  readonly wanted: Document;
  readonly live: Document;
  /** True where the live one would need another key. */
  readonly isRenamed: boolean;
}

/** Why the live object would have to go for the wanted one to come; undefined where it can become it. */
export function whyReplaced({ wanted, live, isRenamed }: Pair, type: ResourceType): string | undefined {
  if (isRenamed && !type.isRenamable) return 'the key of this type cannot change, so a rename is a replacement';
  if (type.createOnly.length === 0) return undefined;
  const roots = new Set(type.createOnly.map((pattern) => pointerSegments(pattern)[0] ?? ''));
  if (![...roots].some((name) => Object.hasOwn(live.body, name) || Object.hasOwn(wanted.body, name))) return undefined;
  const changes = diffDocuments(withOnly(live, roots), withOnly(wanted, roots), type);
  const fixed = changes.filter((change) => isCreateOnly(change.at, rulesOf(type)));
  return fixed.length === 0 ? undefined : `cannot change once it exists: ${fixed.map((change) => change.at).join(', ')}`;
}

function withOnly(document: Document, roots: ReadonlySet<string>): Document {
  return { ...document, body: makeMap(Object.entries(document.body).filter(([name]) => roots.has(name))) };
}

/** Whether a field cannot change once its resource exists. `root` are the rules of its type. */
export function isCreateOnly(at: Pointer, root: Rules): boolean {
  let rules = root;
  for (const segment of pointerSegments(at)) {
    rules = rulesBelow(rules, segment);
    if (rules.isCreateOnly === true) return true;
  }
  return false;
}
