import type { Address } from './address.ts';
import { hashDocument } from './canonical.ts';
import type { Document } from './document.ts';
import { normalise } from './normalise.ts';
import { getAt, type Pattern, type Pointer } from './pointer.ts';
import type { ResourceType } from './resource-type.ts';
import { makeMap, type ValueMap } from './value.ts';

/** The before- and after-hash of a resource's step: its shortest form without what other steps write and what the wanted document ignores. */
export function resourceHash(document: Document, type: ResourceType, deferred: readonly Pointer[], ignore?: readonly Pattern[]): string {
  return normalisedHash(normalise(document, type), deferred, ignore);
}

/** As `resourceHash`, of a document that is in its shortest form already. */
export function normalisedHash({ address, body }: Document, deferred: readonly Pointer[], ignore?: readonly Pattern[]): string {
  return hashDocument(ignore === undefined ? { address, body } : { address, body, ignore }, deferred);
}

/** The before- and after-hash of an edge's step: the one field that it writes. */
export function edgeHash(edge: Address, body: ValueMap, pointer: Pointer): string {
  const value = getAt(body, pointer);
  return hashDocument({ address: edge, body: makeMap(value === undefined ? [] : [['value', value]]) }, []);
}
