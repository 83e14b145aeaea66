import { type Address, splitEdge, typeOf } from '../../state/address.ts';
import type { FieldChange, Step } from '../../state/change.ts';
import { diffDocuments, normalise } from '../../state/diff.ts';
import type { Document } from '../../state/document.ts';
import { dropAt, expand, getAt, isUnder, type Pointer, setAt } from '../../state/pointer.ts';
import type { ResourceType, TypeTable } from '../../state/resource-type.ts';
import { edgeHash, resourceHash } from '../../state/step-hash.ts';
import { makeMap, type ValueMap } from '../../state/value.ts';
import { carryIgnored } from './carry-ignored.ts';

/** What a step wants of one object, said in terms of whatever lives there now. Pure. */
export interface Aim {
  readonly step: Step;
  readonly type: ResourceType;
  /** The object that is written: the step's own address, or the owner of its edge. */
  readonly owner: Address;
  /** Fields of the live object that are not as this step wants them. */
  remaining(live: Document): readonly FieldChange[];
  /** Deferred fields that hold nothing and for which the type needs a placeholder, so that others can refer to the object. */
  lacking(live: Document): readonly Pointer[];
  /** In the terms of the step's `before` and `after`. */
  hash(live: Document): string;
  /** The whole document to write over the live one; without a live one, the document to create. */
  target(live: Document | undefined): Document;
}

/** The aim of a step that has a document. */
export function aimOf(step: Step, document: Document, types: TypeTable): Aim {
  const { owner, pointer } = splitEdge(step.address);
  const type = types.get(typeOf(owner));
  if (type === undefined) throw new Error(`this version does not know the type of ${owner}, which its plan was made with`);
  return pointer === undefined ? resourceAim(step, document, type) : edgeAim(step, document, type, owner, pointer);
}

function resourceAim(step: Step, document: Document, type: ResourceType): Aim {
  return {
    step,
    type,
    owner: step.address,
    remaining: (live) => diffDocuments(live, document, type, step.deferred),
    lacking: (live) => {
      const body = withDeferred(step, document, type, live);
      return step.deferred.filter((pointer) => getAt(live.body, pointer) === undefined && getAt(body, pointer) !== undefined);
    },
    hash: (live) => resourceHash(live, type, step.deferred, document.ignore),
    target: (live) => ({ ...document, body: carryIgnored(withDeferred(step, document, type, live), live?.body, document.ignore ?? [], type) }),
  };
}

/** Deferred fields stay as they live; where nothing lives there, the type may need something small and valid in their place. */
function withDeferred(step: Step, document: Document, type: ResourceType, live: Document | undefined): ValueMap {
  return step.deferred.reduce<ValueMap>((body, pointer) => {
    const value = getAt(live?.body, pointer) ?? getAt(document.body, pointer) ?? type.placeholder?.(document, pointer);
    return setAt(body, pointer, value);
  }, document.body);
}

function edgeAim(step: Step, document: Document, type: ResourceType, owner: Address, pointer: Pointer): Aim {
  // A field that is to be empty may still need something small and valid, as at creation.
  const wanted = getAt(document.body, pointer) ?? type.placeholder?.(document, pointer);
  const linked = (live: Document): Document => ({
    address: live.address,
    body: wanted === undefined ? dropAt(live.body, pointer) : setAt(live.body, pointer, wanted),
  });
  const bare = (live: Document): Document => ({ address: live.address, body: live.body });
  return {
    step,
    type,
    owner,
    remaining: (live) => diffDocuments(bare(live), linked(live), type).filter((change) => isUnder(change.at, pointer) || isUnder(pointer, change.at)),
    lacking: () => [],
    hash: (live) => edgeHash(step.address, normalise(live, type).body, pointer),
    target: (live) => withSecrets(linked(live ?? { address: owner, body: makeMap([]) }), document, type),
  };
}

/** An org replaces all write-only fields with any other update, and shows none of them. */
function withSecrets(target: Document, document: Document, type: ResourceType): Document {
  const secrets = type.secrets.flatMap((pattern) => expand(document.body, pattern));
  return { ...target, body: secrets.reduce<ValueMap>((body, pointer) => setAt(body, pointer, getAt(document.body, pointer)), target.body) };
}
