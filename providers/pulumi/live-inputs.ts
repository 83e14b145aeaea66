import { type Address, splitEdge, typeOf } from '../../state/address.ts';
import { canonicalJson } from '../../state/canonical.ts';
import { normalise } from '../../state/diff.ts';
import type { Document } from '../../state/document.ts';
import { keepDirectives } from '../../state/keep-directives.ts';
import { dropAt, getAt, type Pointer, setAt } from '../../state/pointer.ts';
import type { ResourceType } from '../../state/resource-type.ts';
import type { LiveSnapshot } from '../../state/snapshot.ts';
import { makeMap, type Value } from '../../state/value.ts';
import { documentOf, type ReadBag, type ResourceInputs, refsOf } from './inputs.ts';

/** What an org holds and what its variables mean there. */
export interface LiveOrg {
  readonly live: LiveSnapshot;
  readonly vars: ReadonlyMap<string, Value>;
  /** The address of each id. */
  readonly addresses: ReadonlyMap<string, Address>;
}

export function makeLiveOrg(live: LiveSnapshot, values: Readonly<Record<string, Value>>): LiveOrg {
  return { live, vars: new Map(Object.entries(values)), addresses: new Map([...live.ids].map(([address, id]) => [id, address])) };
}

/** Where a resource lives: under its own address; else, where somebody renamed it in the org, under the one that its remembered id tells. */
export function whereabouts(address: Address, id: string, { live, addresses }: LiveOrg, isWanted: (address: Address) => boolean): Address | undefined {
  if (live.documents.has(address)) return address;
  const now = addresses.get(id);
  if (now === undefined || typeOf(now) !== typeOf(address) || live.twins.has(address)) return undefined;
  return live.documents.has(now) && !isWanted(now) ? now : undefined;
}

/** The live document in the words of `last`: its directives stay where they mean what is live. It lives under `last`'s own address or under `from`. */
export function liveDocument(last: Document, type: ResourceType, { live, vars }: LiveOrg, from: Address = last.address): Document | undefined {
  const fresh = live.documents.get(from);
  return fresh === undefined ? undefined : normalise(keepDirectives(normalise(last, type), fresh, type, { vars }), type);
}

/**
 * The inputs of one resource as its org has them now, in the very form in which the program gives them, so that equal means unchanged.
 * Undefined where nothing lives under the address `from` (left out: its own; of an edge: its owner's). A resource, not an edge, that lives
 * under another address has that one in its inputs.
 */
export function liveInputs({ address, inputs, value }: ReadBag, type: ResourceType, org: LiveOrg, from?: Address): ResourceInputs | undefined {
  const { owner, pointer } = splitEdge(address);
  const last = pointer === undefined ? documentOf(address, value, inputs.ignore) : { address: owner, body: setAt(makeMap([]), pointer, value) };
  const document = liveDocument(last, type, org, from);
  if (document === undefined) return undefined;
  const body = pointer === undefined ? withoutOthers(document, last, inputs) : (getAt(document.body, pointer) ?? null);
  return {
    ...inputs,
    address: pointer === undefined ? document.address : address,
    body: canonicalJson(body),
    deferred: inputs.deferred.filter((at) => !lacksPlaceholder(document, type, at)),
    refs: idsOfRefs(body, org.live),
  };
}

/** Where it lives without what others need to refer to it (a flow that was never published), somebody has to look after it: the placeholder comes first. */
function lacksPlaceholder(document: Document, type: ResourceType, at: Pointer): boolean {
  return type.placeholder !== undefined && getAt(document.body, at) === undefined;
}

/** Without what edges write, and with ignored fields as they were: nobody manages them here. */
function withoutOthers(document: Document, last: Document, { deferred, ignore }: ResourceInputs): Value {
  const own = deferred.reduce((body, pointer) => dropAt(body, pointer), document.body);
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
