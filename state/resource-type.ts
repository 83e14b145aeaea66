import type { Address } from './address.ts';
import type { Document } from './document.ts';
import type { Pattern, Pointer } from './pointer.ts';
import type { Place, Problem } from './problem.ts';
import type { Value, ValueMap } from './value.ts';

/** A place in a canonical body that holds a ref, and what it may point at. */
export interface RefRule {
  /** Where the `{ $ref }` stands in the canonical body: `/division`, `/openSchedules/*`. For a map whose keys are refs: the map, with `keys`. */
  readonly at: Pattern;
  readonly to: readonly string[];
  readonly optional: boolean;
  readonly keys?: boolean;
}

/** How a list compares: in order (the default), as a set of whole items, or as a set keyed by one field of its items. */
export type ListRule = { readonly kind: 'set' } | { readonly kind: 'keyed'; readonly by: string };

/** An asset of a type: bytes by content hash, or a tree that a file beside the document holds in its own format. */
export interface AssetRule {
  readonly at: Pattern;
  readonly form: 'bytes' | 'tree';
  /** File extension without the dot: `wav`, `architect.yaml`. */
  readonly extension: string;
  /** For a tree in a format of its own: the file's text, and back; `address` is the document's, for formats that name their owner. Pure; left out: canonical YAML. */
  readonly print?: (value: Value, address?: Address) => string;
  readonly parse?: (
    text: string,
    file: string,
    address?: Address,
  ) => { readonly value?: Value; readonly place?: (pointer: Pointer) => Place; readonly problems: readonly Problem[] };
}

/** A list whose last item is not taken away by a plan. */
export interface LastOneRule {
  /** The list: `/members`. */
  readonly at: Pattern;
  /** Why, in a sentence that the refusal says: `a staffed queue keeps a member`. */
  readonly rule: string;
  /** The rule counts only where an object of one of these types refers to the one that holds the list, or is to; these are also kept from an empty one. */
  readonly usedBy?: readonly string[];
}

/** A use of another resource found by a type's own reading of its body (names inside a flow). */
export interface RefUse {
  readonly pointer: Pointer;
  readonly to: Address;
  readonly optional?: boolean;
  /** True where the name is made at run time: `to` is then only what could be said, and nothing resolves it. */
  readonly dynamic?: boolean;
  /** True where it is written in the in-string form, not in the type's own notation. */
  readonly isText?: boolean;
}

/**
 * What the core has to know of one resource type. Pure data and pure functions; how the API is called stands in the
 * provider's declaration, which extends this.
 */
export interface ResourceType {
  readonly name: string;
  /** Other spellings accepted at the door: `genesyscloud_routing_queue`, `routing:queue`. */
  readonly aliases: readonly string[];
  /** The fields that make the natural key, by their API names, without the parent's part. */
  readonly keyFields: readonly string[];
  /** The type whose key comes first in this type's key. */
  readonly parent?: string;
  readonly isSingleton: boolean;
  readonly refs: readonly RefRule[];
  readonly lists: Readonly<Record<Pattern, ListRule>>;
  /** Canonical values that a field has when a document leaves it out. */
  readonly defaults: ValueMap;
  /** Fields that may be written after both ends exist, so that a cycle can be cut there. */
  readonly deferrable: readonly Pattern[];
  /** What stands at a deferred field while the resource is created; left out: the field is absent (a flow gets a small valid placeholder). */
  readonly placeholder?: (document: Document, pointer: Pointer) => Value;
  /** Write-only fields: in a document only as `{ $secret }`, never compared with live. */
  readonly secrets: readonly Pattern[];
  /** Fields that cannot change once the resource exists: a change there is a replacement. */
  readonly createOnly: readonly Pattern[];
  /** True where the natural key can change; where it cannot, a rename is a replacement. */
  readonly isRenamable: boolean;
  /** A name for a moment that is valid for this type and holds `tag`; left out: the name, shortened, and `~tag` behind it. */
  readonly temporaryName?: (name: string, tag: string) => string;
  /** True where the org itself refuses a second resource under one key, so that creating needs no look-up first. Left out: it may take both. */
  readonly isKeyEnforced?: boolean;
  /** True where creating brings a soft-deleted resource of that key back to life, with what it held. */
  readonly isRestoredByCreate?: boolean;
  readonly assets: readonly AssetRule[];
  /** Lists that are not emptied by a plan unless the org's policy names them (`mayBeEmpty`). */
  readonly lastOne?: readonly LastOneRule[];
  /** Values that no two objects of the type may hold at one time: a field, or the items of a list (`/dnis/*`); none of them deferrable. Who takes one over comes after who gives it up. */
  readonly unique?: readonly Pattern[];
  /** Names of other resources inside the body, in the type's own notation. */
  readonly usesIn?: (document: Document) => readonly RefUse[];
  /** Problems that only this type's own reading finds. */
  readonly check?: (document: Document) => readonly Problem[];
  /** Whether this version knows what stands at a place of a canonical body; left out: it knows all. What it does not know it never takes out. */
  readonly knows?: (pointer: Pointer) => boolean;
  /** Who says what stands at a place of which the schema does not speak: the document's own `key`, or the org by itself. Undefined for what nobody knows. */
  readonly reserved?: (pointer: Pointer) => 'key' | 'org' | undefined;
  /** JSON Schema (2020-12) of the canonical body, self-contained. */
  readonly schema: () => object;
}

/** The types of a platform by name; the one way to look one up. */
export type TypeTable = ReadonlyMap<string, ResourceType>;
