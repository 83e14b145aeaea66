import { type Address, splitEdge } from '../../state/address.ts';
import { canonicalJson } from '../../state/canonical.ts';
import { normalise } from '../../state/diff.ts';
import type { Document } from '../../state/document.ts';
import { keepDirectives } from '../../state/keep-directives.ts';
import { getAt, setAt } from '../../state/pointer.ts';
import type { ResourceType } from '../../state/resource-type.ts';
import type { LiveSnapshot } from '../../state/snapshot.ts';
import { makeMap, type Value } from '../../state/value.ts';
import { documentOf, type ReadBag, type ResourceInputs, refsOf } from './inputs.ts';

/** What an org holds and what its variables mean there. */
export interface LiveOrg {
  readonly live: LiveSnapshot;
  readonly vars: ReadonlyMap<string, Value>;
}

/** The live document in the words of `last`: its directives stay where they mean what is live. */
export function liveDocument(last: Document, type: ResourceType, { live, vars }: LiveOrg): Document | undefined {
  const fresh = live.documents.get(last.address);
  return fresh === undefined ? undefined : normalise(keepDirectives(normalise(last, type), fresh, type, { vars }), type);
}

/**
 * The inputs of one resource as its org has them now, in the very form in which the program gives them, so that equal means unchanged.
 * Undefined where nothing lives under the address (of an edge: its owner).
 */
export function liveInputs({ address, inputs, value }: ReadBag, type: ResourceType, org: LiveOrg): ResourceInputs | undefined {
  const { owner, pointer } = splitEdge(address);
  const last = pointer === undefined ? documentOf(address, value, inputs.ignore) : { address: owner, body: setAt(makeMap([]), pointer, value) };
  const document = liveDocument(last, type, org);
  if (document === undefined) return undefined;
  const body = pointer === undefined ? withoutOthers(document, last, inputs) : (getAt(document.body, pointer) ?? null);
  return { ...inputs, body: canonicalJson(body), refs: idsOfRefs(body, org.live) };
}

/** Without what edges write, and with ignored fields as they were: nobody manages them here. */
function withoutOthers(document: Document, last: Document, { deferred, ignore }: ResourceInputs): Value {
  const own = deferred.reduce((body, pointer) => setAt(body, pointer, undefined), document.body);
  return ignore.reduce((body, pattern) => setAt(body, pattern, getAt(last.body, pattern)), own);
}

/** Ids of the `$ref`s of a body, by address, as they are in this org. */
function idsOfRefs(body: Value, live: Pick<LiveSnapshot, 'ids'>): Readonly<Record<Address, string>> {
  const found = refsOf(body).flatMap((address) => {
    const id = live.ids.get(address);
    return id === undefined ? [] : [[address, id] as const];
  });
  return Object.fromEntries(found);
}
