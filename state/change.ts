import type { Address } from './address.ts';
import type { Document } from './document.ts';
import type { Pointer } from './pointer.ts';
import type { Value } from './value.ts';

/** What a plan does with one address. `held` is shown and never carried out. */
export type Action = 'create' | 'adopt' | 'update' | 'replace' | 'delete' | 'unchanged' | 'held';

/** One field that differs. In a set or keyed list the last segment is the item's identity, not its index. */
export interface FieldChange {
  readonly at: Pointer;
  readonly kind: 'add' | 'change' | 'remove';
  readonly before?: Value;
  readonly after?: Value;
}

/** Why an object is called by a temporary name, and how that ends. */
export interface Temporary {
  /** Where it lived before: back there it goes where the run fails on the way. */
  readonly for: Address;
  /** The step that ends it: the rename to its own key (`type/key`), or its deletion (`type/temporary key#/~replaced`). */
  readonly until: Address;
}

/** One difference between live and wanted, ready to be carried out by the reconciler. */
export interface Step {
  /** A resource, or one deferred edge of it (`type/key#/pointer`), or the deletion of what was moved aside before (`type/key#/~replaced`). No two steps of a plan share one. */
  readonly address: Address;
  readonly action: Action;
  readonly changes: readonly FieldChange[];
  /** One sentence each: why this step is here. */
  readonly reasons: readonly string[];
  /** Hash of the live document that was planned against; absent where nothing lives there. */
  readonly before?: string;
  /** Hash of the live document after this step. */
  readonly after?: string;
  /** What shall be there: the wanted document without its deferred fields. For an edge: the owner's whole wanted document. */
  readonly document?: Document;
  /** Pointers of `document` that other steps write (of a resource), or the one that this step writes (of an edge). */
  readonly deferred: readonly Pointer[];
  /** The id of the live object, as seen when planning: a hint, never authority. */
  readonly id?: string;
  /** The address under which the object lives now, where this step renames it. Of a deletion: the one that people know it by, where it waits under another. */
  readonly was?: Address;
  /** For a step that gives the object a name that is not to stay. */
  readonly temporary?: Temporary;
  /** Steps that have to be done first. */
  readonly needs: readonly Address[];
  /** For `held`: what would be done, the rule that holds it, and the way to allow it. */
  readonly held?: { readonly action: 'delete' | 'replace' | 'update'; readonly rule: string; readonly allow: string };
}
