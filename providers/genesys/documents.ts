import { createHash } from 'node:crypto';
import { keyOf, keyParts } from '../../state/address.ts';
import { normalise } from '../../state/diff.ts';
import type { Document } from '../../state/document.ts';
import { type Pointer, pointerSegments } from '../../state/pointer.ts';
import { makeMap } from '../../state/value.ts';
import { type BodyContext, canonicalBody, type Miss } from './canonical-body.ts';
import type { NameTable } from './name-table.ts';
import type { RawObject } from './raw-object.ts';

interface Reading {
  readonly document: Document;
  /** Ids that have no name yet. */
  readonly misses: readonly Miss[];
}

/** An object of the org as a document, as far as its ids have names. */
export function readDocument(raw: RawObject, names: NameTable): Reading {
  const misses: Miss[] = [];
  const context: BodyContext = {
    refName: (types, id) => names.refName(types, id),
    idName: (id) => names.idName(id),
    secretName: (pointer) => secretName(raw, pointer),
    unnamed: (miss) => misses.push(miss),
  };
  const body = canonicalBody(bodyWithoutKey(raw), raw.type.shape, context);
  return { document: normalise({ address: raw.address, body }, raw.type), misses };
}

/** A body without a model (a row of a table) is the user's, but for its key. */
function bodyWithoutKey({ type, body }: RawObject): RawObject['body'] {
  if (type.shape.kind !== 'free') return body;
  return makeMap(Object.entries(body).filter(([name]) => !type.keyFields.includes(name)));
}

/** `CRM_BASICAUTH_PASSWORD` for a credential's field: the same in every org; with a mark of its own where letters had to go. */
function secretName({ address }: Pick<RawObject, 'address'>, pointer: Pointer): string {
  const parts = [...(keyParts(address) ?? [keyOf(address)]), pointerSegments(pointer).at(-1) ?? ''];
  const plain = parts.map((part) =>
    part
      .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
      .replace(/[^A-Za-z0-9]+/g, '_')
      .toUpperCase(),
  );
  const name = plain.join('_').replace(/^(?=\d)/, '_');
  const isExact = parts.every((part) => /^[A-Za-z0-9 _-]+$/.test(part));
  return isExact ? name : `${name}_${createHash('sha256').update(parts.join('/')).digest('hex').slice(0, 6).toUpperCase()}`;
}
