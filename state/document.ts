import type { Address } from './address.ts';
import type { Pattern } from './pointer.ts';
import type { ValueMap } from './value.ts';

/**
 * One resource in canonical form. `body` holds what an engineer would want to read: no ids, no key fields (they stand in the address),
 * no server-owned fields, no secrets, no field that is at its type's default; refs and other directives as one-key maps.
 *
 * In memory an asset kept as bytes is `{ $file: 'sha256:<hex>' }`; an asset kept as a tree (a flow's YAML) stands in the body as that tree.
 * The codec alone moves either of them into a file beside the document and back.
 */
export interface Document {
  readonly address: Address;
  readonly body: ValueMap;
  /** A person forbids deletion and replacement. */
  readonly protect?: boolean;
  /** The key before a rename (same object, same id), or `none`: surely not a rename. */
  readonly was?: string;
  /** Fields that are not managed: not reported, carried along where the API replaces whole bodies. */
  readonly ignore?: readonly Pattern[];
}
