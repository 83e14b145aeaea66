import { type Pattern, pointerSegments } from './pointer.ts';
import type { ListRule, RefRule, ResourceType } from './resource-type.ts';

/** What a type declares about one place of its bodies. A body is walked with these beside it, so that no pattern is tried twice. */
export interface Rules {
  readonly list?: ListRule;
  readonly ref?: RefRule;
  readonly isSecret?: boolean;
  readonly isIgnored?: boolean;
  /** A tree in the vendor's own notation (a flow's content): no directive stands in it. */
  readonly isTree?: boolean;
  readonly isCreateOnly?: boolean;
  readonly below: ReadonlyMap<string, Rules>;
}

interface Draft {
  list?: ListRule;
  ref?: RefRule;
  isSecret?: boolean;
  isIgnored?: boolean;
  isTree?: boolean;
  isCreateOnly?: boolean;
  readonly below: Map<string, Draft>;
}

/** Where nothing is declared, nor anything below. */
const NO_RULES: Rules = { below: new Map() };
const cache = new WeakMap<ResourceType, Rules>();

/** The rules of a type from the root of its bodies on; `ignore` are a document's own patterns. */
export function rulesOf(type: ResourceType, ignore: readonly Pattern[] = []): Rules {
  const known = cache.get(type);
  if (known !== undefined && ignore.length === 0) return known;
  const root: Draft = { below: new Map() };
  for (const [pattern, list] of Object.entries(type.lists)) draftAt(root, pattern).list = list;
  for (const ref of type.refs) draftAt(root, ref.at).ref = ref;
  for (const pattern of type.secrets) draftAt(root, pattern).isSecret = true;
  for (const pattern of type.createOnly) draftAt(root, pattern).isCreateOnly = true;
  for (const asset of type.assets) if (asset.form === 'tree') draftAt(root, asset.at).isTree = true;
  for (const pattern of ignore) draftAt(root, pattern).isIgnored = true;
  if (ignore.length === 0) cache.set(type, root);
  return root;
}

/** Rules of the field, or of the item with this identity, below a place. What is declared for it by name stands before what `*` says. */
export function rulesBelow(rules: Rules, segment: string): Rules {
  const named = rules.below.get(segment);
  const any = rules.below.get('*');
  if (named === undefined || any === undefined || named === any) return named ?? any ?? NO_RULES;
  return { ...any, ...named, below: new Map([...any.below, ...named.below]) };
}

function draftAt(root: Draft, pattern: Pattern): Draft {
  let at = root;
  for (const segment of pointerSegments(pattern)) {
    const next = at.below.get(segment) ?? { below: new Map() };
    at.below.set(segment, next);
    at = next;
  }
  return at;
}
