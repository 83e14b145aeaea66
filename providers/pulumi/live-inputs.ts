import { type Address, splitEdge, typeOf } from '../../state/address.ts';
import { canonicalJson } from '../../state/canonical.ts';
import { findClaims, renamesOf } from '../../state/claims.ts';
import { normalise } from '../../state/diff.ts';
import type { Document } from '../../state/document.ts';
import { keepDirectives } from '../../state/keep-directives.ts';
import type { Memory } from '../../state/match.ts';
import { dropAt, getAt, type Pointer, setAt } from '../../state/pointer.ts';
import type { Problem } from '../../state/problem.ts';
import { movedChild, type Renames, renamedDocument, withRenames } from '../../state/renames.ts';
import type { ResourceType, TypeTable } from '../../state/resource-type.ts';
import type { LiveSnapshot, Snapshot } from '../../state/snapshot.ts';
import type { Value } from '../../state/value.ts';
import { bareDocument, edgeDocument, type ReadBag, type ResourceInputs, refsOf } from './inputs.ts';

/** What an org holds, and what is meant to be there. */
export interface LiveOrg {
  readonly live: LiveSnapshot;
  /** The same as it was read, by the names that everything has now. */
  readonly asRead: LiveSnapshot;
  readonly types: TypeTable;
  /** Values of this org's variables. */
  readonly vars: ReadonlyMap<string, Value>;
  /** The address of each id. */
  readonly addresses: ReadonlyMap<string, Address>;
  /** Whether the manifests hold this address. */
  readonly isWanted: (address: Address) => boolean;
  /** The documents of the manifests. */
  readonly wanted: Snapshot['documents'];
  /** Renames that the manifests declare and the org has not seen yet. */
  readonly declared: Renames;
  /** Renames of which nobody can tell whether the org has seen them. */
  readonly unclear: readonly Problem[];
}

/**
 * What lives, called as it will be once the renames that the manifests (`tree`) declare are carried out; what is renamed keeps its own address until
 * then. What is remembered tells which were carried out before.
 */
export function makeLiveOrg(
  live: LiveSnapshot,
  tree: Snapshot,
  { types, vars, memory }: Pick<LiveOrg, 'types' | 'vars'> & { readonly memory?: Memory | undefined },
): LiveOrg {
  const problems: Problem[] = [];
  // What somebody renamed in the org is told by the ids that the stack holds.
  const claims = [...findClaims({ wanted: tree, live, types, memory }, problems)].filter(([, { by }]) => by !== 'org');
  const declared = renamesOf(new Map(claims));
  const unclear = problems.filter(({ code }) => code === 'RENAME_UNCLEAR');
  const called = withRenames(live, declared, types);
  const addresses = new Map([...called.ids].map(([address, id]) => [id, address]));
  const isWanted = (address: Address): boolean => tree.documents.has(address);
  return { live: called, asRead: live, types, vars, addresses, isWanted, wanted: tree.documents, declared, unclear };
}

/** Where a resource lives: under its own address; else, where somebody renamed it in the org, under the one that its remembered id tells. */
export function whereabouts(address: Address, id: string | undefined, { live, types, addresses, isWanted, declared }: LiveOrg): Address | undefined {
  if (live.documents.has(address)) return address;
  const now = id === undefined ? undefined : addresses.get(id);
  if (now === undefined || typeOf(now) !== typeOf(address) || live.twins.has(address)) return undefined;
  const isChildOfRenamed = movedChild(address, declared, types) === now;
  return live.documents.has(now) && (isChildOfRenamed || !isWanted(now)) ? now : undefined;
}

/**
 * The live document of a bag, in the bag's own words: its directives stay where they mean what is live, and what somebody renamed in the org is
 * called as before. It lives under its own address or under `from`.
 */
export function liveDocument(bag: ReadBag, type: ResourceType, org: LiveOrg, from: Address = splitEdge(bag.address).owner): Document | undefined {
  const fresh = org.live.documents.get(from);
  if (fresh === undefined) return undefined;
  const called = renamedDocument(fresh, renamesAround(bag, org), org.types);
  return normalise(keepDirectives(normalise(bareDocument(bag), type), called, type, { vars: org.vars }), type);
}

/**
 * The inputs of one resource as its org has them now, in the very form in which the program gives them, so that equal means unchanged.
 * Undefined where nothing lives under the address `from` (left out: its own; of an edge: its owner's). A resource, not an edge, that lives
 * under another address has that one in its inputs.
 */
export function liveInputs(bag: ReadBag, type: ResourceType, org: LiveOrg, from?: Address): ResourceInputs | undefined {
  const { address, inputs } = bag;
  const { owner, pointer } = splitEdge(address);
  const document = liveDocument(bag, type, org, from);
  if (document === undefined) return undefined;
  const value = pointer === undefined ? withoutOthers(document, bareDocument(bag), inputs) : (getAt(document.body, pointer) ?? null);
  const now = { ...bag, value, address: pointer === undefined ? document.address : address };
  const referring = pointer === undefined ? bareDocument(now) : edgeDocument(owner, pointer, value);
  return {
    ...inputs,
    address: now.address,
    body: canonicalJson(value),
    deferred: inputs.deferred.filter((at) => !lacksPlaceholder(document, type, at)),
    refs: idsOf(refsOf(referring, type), bag, org),
  };
}

/** What a bag refers to and somebody renamed in the org: the address now, and the one that the bag knows. */
function renamesAround({ inputs }: ReadBag, org: LiveOrg): Renames {
  const found = (Object.entries(inputs.refs) as [Address, string][]).flatMap(([address, id]) => {
    const now = whereabouts(address, id, org);
    return now === undefined || now === address ? [] : [[now, address] as const];
  });
  return new Map(found);
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

/** Ids, as they are in this org, of what the manifests hold of these. */
function idsOf(addresses: readonly Address[], { inputs }: ReadBag, org: LiveOrg): Readonly<Record<Address, string>> {
  const found = addresses.flatMap((address) => {
    const at = whereabouts(address, inputs.refs[address], org);
    const id = at === undefined || !org.isWanted(address) ? undefined : org.live.ids.get(at);
    return id === undefined ? [] : [[address, id] as const];
  });
  return Object.fromEntries(found);
}
