import { type Address, edgeAddress } from './address.ts';
import { type Csr, makeCsr } from './csr.ts';
import type { Document } from './document.ts';
import { compareText } from './normalise.ts';
import { isUnder, makePointer, type Pointer, pointerSegments } from './pointer.ts';
import { findRefs } from './refs.ts';
import type { ResourceType, TypeTable } from './resource-type.ts';

/** What can be written later in one go: a deferrable field of a resource, with all refs below it. */
export interface Unit {
  readonly owner: number;
  readonly pointer: Pointer;
  readonly address: Address;
  /** Cutting at an asset needs a placeholder in its place, so other fields are cut first. */
  readonly isAsset: boolean;
}

/** Who needs whom, among the documents of one snapshot. Nodes stand in order of address, whatever order they came in. */
export interface Graph {
  readonly nodes: readonly Address[];
  readonly edges: Csr;
  /** For each edge the unit that holds it, or -1 where it cannot be written later. */
  readonly edgeUnits: Int32Array;
  readonly units: readonly Unit[];
}

/** Edges come from refs of every spelling and from the parent in a key; what a document needs outside of `documents` makes none. */
export function buildGraph(documents: ReadonlyMap<Address, Document>, types: TypeTable): Graph {
  const nodes = [...documents.keys()].sort(compareText);
  const index = new Map(nodes.map((address, node) => [address, node]));
  const draft = { from: [] as number[], to: [] as number[], unit: [] as number[], units: [] as Unit[] };
  nodes.forEach((address, node) => {
    const document = documents.get(address);
    const type = types.get(address.slice(0, address.indexOf('/')));
    if (document === undefined || type === undefined) return;
    const known = new Map<string, number>();
    for (const { to, pointer } of uniqueUses(document, type)) {
      const target = index.get(to);
      if (target === undefined) continue;
      draft.from.push(node);
      draft.to.push(target);
      draft.unit.push(
        pointer === undefined
          ? -1
          : unitNumber(draft.units, known, { owner: node, pointer, address: edgeAddress(address, pointer), isAsset: isAsset(type, pointer) }),
      );
    }
  });
  const edges = makeCsr(nodes.length, draft.from, draft.to);
  return { nodes, edges, edgeUnits: edges.origins.map((origin) => draft.unit[origin] ?? -1), units: draft.units };
}

/** Each target once per unit, by address and pointer, so that edges too stand in one order. */
function uniqueUses(document: Document, type: ResourceType): readonly { readonly to: Address; readonly pointer: Pointer | undefined }[] {
  const roots = deferrableRoots(type);
  const found = new Map<string, { to: Address; pointer: Pointer | undefined }>();
  for (const ref of findRefs(document, type).refs) {
    const pointer = ref.kind === 'parent' ? undefined : roots.find((root) => isUnder(ref.pointer, root));
    found.set(`${ref.to}\n${pointer ?? ''}`, { to: ref.to, pointer });
  }
  return [...found.keys()].sort(compareText).flatMap((key) => found.get(key) ?? []);
}

const rootsCache = new WeakMap<ResourceType, readonly Pointer[]>();

/** Declared deferrable fields as plain pointers: an item of a list has no place of its own in two orgs, so the list is written as a whole. */
function deferrableRoots(type: ResourceType): readonly Pointer[] {
  const known = rootsCache.get(type);
  if (known !== undefined) return known;
  const roots = type.deferrable.map((pattern) => {
    const segments = pointerSegments(pattern);
    const star = segments.indexOf('*');
    return makePointer(star < 0 ? segments : segments.slice(0, star));
  });
  const sorted = [...new Set(roots)].filter((root) => root !== '').sort(compareText);
  rootsCache.set(type, sorted);
  return sorted;
}

function isAsset(type: ResourceType, pointer: Pointer): boolean {
  return type.assets.some((asset) => asset.at === pointer);
}

function unitNumber(units: Unit[], known: Map<string, number>, unit: Unit): number {
  const number = known.get(unit.pointer) ?? units.push(unit) - 1;
  known.set(unit.pointer, number);
  return number;
}
