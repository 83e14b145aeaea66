import { type Address, splitEdge, typeOf } from '../../state/address.ts';
import { hashDocument } from '../../state/canonical.ts';
import type { FieldChange, Step } from '../../state/change.ts';
import { diffDocuments, normalise } from '../../state/diff.ts';
import type { Document } from '../../state/document.ts';
import { expand, getAt, isUnder, type Pointer, setAt } from '../../state/pointer.ts';
import type { ResourceType, TypeTable } from '../../state/resource-type.ts';
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
  /** The live object (what the step writes of it) as a hash; `isHash` says whether it is the one that a plan noted. */
  hash(live: Document): string;
  isHash(live: Document, hash: string | undefined): boolean;
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

/** The part of a document that one edge is. */
export function edgeHash(address: Address, body: ValueMap, pointer: Pointer): string {
  const value = getAt(body, pointer);
  return hashDocument({ address, body: makeMap(value === undefined ? [] : [['value', value]]) }, []);
}

function resourceAim(step: Step, document: Document, type: ResourceType): Aim {
  const ignoring = (live: Document): Document => (document.ignore === undefined ? live : { ...live, ignore: document.ignore });
  return {
    step,
    type,
    owner: step.address,
    remaining: (live) => diffDocuments(ignoring(live), document, type, step.deferred),
    hash: (live) => hashDocument(normalise(ignoring(live), type), step.deferred),
    isHash: (live, hash) => [ignoring(live), normalise(ignoring(live), type)].some((form) => hashDocument(form, step.deferred) === hash),
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
  const wanted = getAt(document.body, pointer);
  const linked = (live: Document): Document => ({ address: live.address, body: setAt(live.body, pointer, wanted) });
  const bare = (live: Document): Document => ({ address: live.address, body: live.body });
  return {
    step,
    type,
    owner,
    remaining: (live) => diffDocuments(bare(live), linked(live), type).filter((change) => isUnder(change.at, pointer) || isUnder(pointer, change.at)),
    hash: (live) => edgeHash(step.address, live.body, pointer),
    isHash: (live, hash) => hash !== undefined && [edgeHash(step.address, live.body, pointer), hashDocument(bare(live), [])].includes(hash),
    target: (live) => withSecrets(linked(live ?? { address: owner, body: makeMap([]) }), document, type),
  };
}

/** An org replaces all write-only fields with any other update, and shows none of them. */
function withSecrets(target: Document, document: Document, type: ResourceType): Document {
  const secrets = type.secrets.flatMap((pattern) => expand(document.body, pattern));
  return { ...target, body: secrets.reduce<ValueMap>((body, pointer) => setAt(body, pointer, getAt(document.body, pointer)), target.body) };
}
