import { type Address, splitEdge, typeOf } from '../../state/address.ts';
import { canonicalJson } from '../../state/canonical.ts';
import { normalise } from '../../state/diff.ts';
import type { Document } from '../../state/document.ts';
import { findClaims, oldAddress, renamesOf } from '../../state/find-claims.ts';
import { keepDirectives } from '../../state/keep-directives.ts';
import { lookAt, optional } from '../../state/look.ts';
import { findYields, type Yield } from '../../state/plan-yields.ts';
import { dropAt, getAt, type Pointer, setAt } from '../../state/pointer.ts';
import type { Problem } from '../../state/problem.ts';
import { movedChild, type Renames, renamedDocument, withRenames } from '../../state/renames.ts';
import type { ResourceType, TypeTable } from '../../state/resource-type.ts';
import type { LiveSnapshot, Memory, Snapshot } from '../../state/snapshot.ts';
import type { Value } from '../../state/value.ts';
import { bareDocument, edgeDocument, type ReadBag, type ResourceInputs, refsOf, registeredAs } from './inputs.ts';

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
  /** The same, by the names as they were read. */
  readonly readAs: ReadonlyMap<string, Address>;
  /** Whether the manifests hold this address. */
  readonly isWanted: (address: Address) => boolean;
  /** The documents of the manifests. */
  readonly wanted: Snapshot['documents'];
  /** Renames that the manifests declare and the org has not seen yet. */
  readonly declared: Renames;
  /** Where the objects live whose old names the manifests give to others, by the address that each gets: the engine has no aliases for these. */
  readonly passing: ReadonlyMap<Address, Address>;
  /** Keys and unique values that are somebody else's until they are given up, by who takes them over. */
  readonly yields: () => ReadonlyMap<Address, readonly Yield[]>;
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
  const [addresses, readAs] = [byId(called), byId(live)];
  const isWanted = (address: Address): boolean => tree.documents.has(address);
  const passing = new Map([...declared].flatMap(([from, to]) => (isTakenOver(tree.documents.get(to), tree) ? [[to, from] as const] : [])));
  // Only what writes asks for them, and a preview does not.
  let found: Map<Address, Yield[]> | undefined;
  const yields = () => {
    if (found !== undefined) return found;
    found = new Map();
    const look = lookAt({ wanted: tree, live, types, ...optional('remembered', memory) }, new Map(claims), new Map());
    for (const one of findYields(look)) found.set(one.taker, [...(found.get(one.taker) ?? []), one]);
    return found;
  };
  return { live: called, asRead: live, types, vars, addresses, readAs, isWanted, wanted: tree.documents, declared, passing, yields, unclear };
}

function byId({ ids }: LiveSnapshot): ReadonlyMap<string, Address> {
  return new Map([...ids].map(([address, id]) => [id, address]));
}

/** Whether the manifests give the old name of a document to another one. */
function isTakenOver(document: Document | undefined, { documents }: Snapshot): boolean {
  const old = document === undefined ? undefined : oldAddress(document);
  return old !== undefined && documents.has(old);
}

/** Where a resource lives that the program registers under this address: as `whereabouts`, but for names that pass from one object to another. */
export function placeOf(address: Address, id: string | undefined, org: LiveOrg): Address | undefined {
  const from = org.passing.get(address);
  if (from !== undefined) return org.live.documents.has(from) ? from : undefined;
  return isLeft(address, org) ? undefined : whereabouts(address, id, org);
}

/** Whether what lives under this address is to be called otherwise, and nothing that lives comes in its place. */
export function isLeft(address: Address, { declared, passing }: LiveOrg): boolean {
  const next = declared.get(address);
  return next !== undefined && passing.get(next) === address && !passing.has(address);
}

/** Where a resource lives: under its own address; else, where somebody renamed it in the org, under the one that its remembered id tells. */
function whereabouts(address: Address, id: string | undefined, { live, types, addresses, isWanted, declared }: LiveOrg): Address | undefined {
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
  return inWordsOf(bag, org.live.documents.get(from), type, org);
}

/** A document of the org in the words of a bag, as `liveDocument`. */
export function inWordsOf(bag: ReadBag, fresh: Document | undefined, type: ResourceType, org: LiveOrg): Document | undefined {
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
  const own = registeredAs(bag);
  const { registered: _, ...rest } = inputs;
  const referring = pointer === undefined ? bareDocument(now) : edgeDocument(owner, pointer, value);
  return {
    ...rest,
    ...(pointer === undefined && now.address !== own && org.passing.get(own) === now.address ? { registered: own } : {}),
    address: now.address,
    body: canonicalJson(value),
    deferred: inputs.deferred.filter((at) => !lacksPlaceholder(document, type, at)),
    refs: idsOf(refsOf(referring, type), bag, org),
  };
}

/** What a bag refers to and somebody renamed in the org: the address now, and the one that the bag knows. */
function renamesAround({ inputs }: ReadBag, org: LiveOrg): Renames {
  const found = (Object.entries(inputs.refs) as [Address, string][]).flatMap(([address, id]) => {
    const now = placeOf(address, id, org);
    // What passes names on is called by its new name here already.
    return now === undefined || now === address || org.passing.has(address) ? [] : [[now, address] as const];
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
    const at = placeOf(address, inputs.refs[address], org);
    const id = at === undefined || !org.isWanted(address) ? undefined : org.live.ids.get(at);
    return id === undefined ? [] : [[address, id] as const];
  });
  return Object.fromEntries(found);
}
