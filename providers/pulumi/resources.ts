import { type Address, edgeAddress } from '../../state/address.ts';
import type { Document } from '../../state/document.ts';
import { buildGraph, orderGraph } from '../../state/graph.ts';
import { oldAddress } from '../../state/match.ts';
import { dropAt, getAt, type Pointer } from '../../state/pointer.ts';
import type { Problem } from '../../state/problem.ts';
import type { TypeTable } from '../../state/resource-type.ts';
import { documentInputs, edgeInputs, type ResourceInputs, refsOf } from './inputs.ts';

/** One resource of the Pulumi program: a document without its deferred fields, or one deferred edge. */
export interface ProgramResource {
  readonly address: Address;
  readonly inputs: Omit<ResourceInputs, 'refs'>;
  /** Resources whose ids stand beside the body. */
  readonly refs: readonly Address[];
  /** Resources that come first, those of `refs` included. */
  readonly needs: readonly Address[];
  readonly protect: boolean;
  /** The address before a declared rename. */
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
  const owners = new Map(
    [...order.deferred].flatMap(([owner, pointers]) => pointers.map((pointer) => [edgeAddress(owner, pointer), { owner, pointer }] as const)),
  );
  const resources = order.order.flatMap((address): ProgramResource[] => {
    const needs = order.needs.get(address) ?? [];
    const edge = owners.get(address);
    const document = documents.get(edge?.owner ?? address);
    if (document === undefined) return [];
    if (edge !== undefined) return [edgeResource(org, address, { document, pointer: edge.pointer, needs }, documents)];
    return [documentResource(org, document, { deferred: order.deferred.get(address) ?? [], needs }, documents)];
  });
  return { resources, problems: order.problems };
}

interface Edge {
  readonly document: Document;
  readonly pointer: Pointer;
  readonly needs: readonly Address[];
}

function edgeResource(org: string, address: Address, { document, pointer, needs }: Edge, documents: ReadonlyMap<Address, Document>): ProgramResource {
  const value = getAt(document.body, pointer) ?? null;
  const refs = refsOf(value).filter((target) => documents.has(target));
  const was = oldAddress(document);
  return {
    address,
    inputs: edgeInputs(org, address, value),
    refs,
    needs,
    protect: document.protect === true,
    ...(was === undefined ? {} : { was: edgeAddress(was, pointer) }),
  };
}

function documentResource(
  org: string,
  document: Document,
  { deferred, needs }: { readonly deferred: readonly Pointer[]; readonly needs: readonly Address[] },
  documents: ReadonlyMap<Address, Document>,
): ProgramResource {
  const body = deferred.reduce((left, pointer) => dropAt(left, pointer), document.body);
  const refs = refsOf(body).filter((target) => documents.has(target));
  const was = oldAddress(document);
  return {
    address: document.address,
    inputs: { ...documentInputs(org, { ...document, body }, deferred), ...(was === undefined ? {} : { was }) },
    refs,
    needs,
    protect: document.protect === true,
    ...(was === undefined ? {} : { was }),
  };
}
