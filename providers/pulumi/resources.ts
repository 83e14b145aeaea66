import { type Address, edgeAddress, typeOf } from '../../state/address.ts';
import { normalise } from '../../state/diff.ts';
import type { Document } from '../../state/document.ts';
import { oldAddress } from '../../state/find-claims.ts';
import { buildGraph } from '../../state/graph.ts';
import { type Order, orderGraph } from '../../state/order-graph.ts';
import { type Arrangement, arrange } from '../../state/plan-order.ts';
import { dropAt, getAt, type Pointer } from '../../state/pointer.ts';
import type { Problem } from '../../state/problem.ts';
import { parentOf } from '../../state/refs.ts';
import { movedChild } from '../../state/renames.ts';
import type { ResourceType, TypeTable } from '../../state/resource-type.ts';
import { temporaryAddress } from '../../state/temporary-key.ts';
import { documentInputs, edgeDocument, edgeInputs, type ResourceInputs, refsOf } from './inputs.ts';

/** One resource of the Pulumi program: a document without its deferred fields, or one deferred edge. */
export interface ProgramResource {
  readonly address: Address;
  readonly inputs: Omit<ResourceInputs, 'refs'>;
  /** Resources whose ids stand beside the body. */
  readonly refs: readonly Address[];
  /** Resources that come first, those of `refs` included. */
  readonly needs: readonly Address[];
  readonly protect: boolean;
  /** The address before a declared rename; absent where another document has that one. */
  readonly was?: Address;
}

/**
 * The resources of a tree, those that need nothing first. The same graph, the same deferred edges and the same order as in every plan,
 * so that both drivers write the same things.
 */
export function programResources(
  org: string,
  documents: ReadonlyMap<Address, Document>,
  types: TypeTable,
): { readonly resources: readonly ProgramResource[]; readonly problems: readonly Problem[] } {
  const order = orderGraph(buildGraph(documents, types));
  const arranged = arrangeNames(documents, order, types);
  const owners = new Map(
    [...order.deferred].flatMap(([owner, pointers]) => pointers.map((pointer) => [edgeAddress(owner, pointer), { owner, pointer }] as const)),
  );
  const renames = declaredRenames(documents);
  const wasOf = (address: Address) => renames.get(address) ?? movedChild(address, renames, types);
  // The engine knows resources by their names: of a name that another document has it would take that one's resource.
  const aliasOf = (was: Address | undefined) => (was === undefined || documents.has(was) ? undefined : was);
  const resources = arranged.order.flatMap((address): ProgramResource[] => {
    const needs = arranged.needs.get(address) ?? [];
    const edge = owners.get(address);
    const found = documents.get(edge?.owner ?? address);
    const type = types.get(typeOf(edge?.owner ?? address));
    if (found === undefined || type === undefined) return [];
    const document = normalise(found, type);
    const was = wasOf(document.address);
    const alias = aliasOf(was);
    const place = { needs, type, documents, ...(was === undefined ? {} : { was }), ...(alias === undefined ? {} : { alias }) };
    if (edge !== undefined) return [edgeResource(org, { document, pointer: edge.pointer }, place)];
    return [documentResource(org, { document, deferred: order.deferred.get(address) ?? [] }, place)];
  });
  return { resources, problems: order.problems };
}

/** Who takes over a name comes behind who leaves it, as in a plan, but for one in each ring: that one waits under a temporary name. */
function arrangeNames(documents: Documents, order: Order, types: TypeTable): Pick<Arrangement, 'order' | 'needs'> {
  const yields = [...declaredRenames(documents)].flatMap(([giver, was]) =>
    documents.has(was) && types.has(typeOf(was)) ? [{ taker: was, giver, from: was }] : [],
  );
  const typeAt = (from: Address) => types.get(typeOf(from)) as ResourceType;
  const [temporary, parent] = [(from: Address) => temporaryAddress(from, typeAt(from)), (from: Address) => parentOf(from, typeAt(from))];
  return arrange({ order, yields, waiting: new Map(), temporary, parent });
}

/** Old addresses by the new ones, of documents that say what they were. */
function declaredRenames(documents: Documents): ReadonlyMap<Address, Address> {
  const found = [...documents.values()].flatMap((document) => {
    const was = oldAddress(document);
    return was === undefined ? [] : [[document.address, was] as const];
  });
  return new Map(found);
}

type Documents = ReadonlyMap<Address, Document>;

/** What is known of a resource beside its document. */
interface Surroundings {
  readonly needs: readonly Address[];
  readonly type: ResourceType;
  readonly documents: Documents;
  /** The address of the document before a declared rename, its own or its parent's. */
  readonly was?: Address;
  /** The same, where nothing else is called so. */
  readonly alias?: Address;
}

function edgeResource(
  org: string,
  { document, pointer }: { readonly document: Document; readonly pointer: Pointer },
  { needs, type, documents, alias }: Surroundings,
): ProgramResource {
  const address = edgeAddress(document.address, pointer);
  const value = getAt(document.body, pointer) ?? null;
  return {
    address,
    inputs: edgeInputs(org, address, value),
    refs: refsOf(edgeDocument(document.address, pointer, value), type).filter((target) => documents.has(target)),
    needs,
    protect: document.protect === true,
    ...(alias === undefined ? {} : { was: edgeAddress(alias, pointer) }),
  };
}

function documentResource(
  org: string,
  { document, deferred }: { readonly document: Document; readonly deferred: readonly Pointer[] },
  { needs, type, documents, was, alias }: Surroundings,
): ProgramResource {
  const body = deferred.reduce((left, pointer) => dropAt(left, pointer), document.body);
  return {
    address: document.address,
    inputs: { ...documentInputs(org, { ...document, body }, deferred), ...(was === undefined ? {} : { was }) },
    refs: refsOf({ ...document, body }, type).filter((target) => documents.has(target)),
    needs,
    protect: document.protect === true,
    ...(alias === undefined ? {} : { was: alias }),
  };
}
