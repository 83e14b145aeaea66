import { type Address, parseAddress, splitEdge, typeOf } from '../../state/address.ts';
import { canonicalJson } from '../../state/canonical.ts';
import type { Document } from '../../state/document.ts';
import { parseJson } from '../../state/json.ts';
import { type Pointer, setAt } from '../../state/pointer.ts';
import { findRefs } from '../../state/refs.ts';
import type { ResourceType } from '../../state/resource-type.ts';
import { isMap, makeMap, type Value } from '../../state/value.ts';

/**
 * What Pulumi stores for one resource, as inputs and as outputs alike. The body is one canonical JSON string that keeps `$ref`, so that the
 * engine shows structural changes and an id that is not known yet never hides the body; beside it stand the ids that the refs have in this org.
 */
export interface ResourceInputs {
  readonly address: string;
  readonly body: string;
  /** The org by its name in cordboard.yaml. */
  readonly org: string;
  /** Pointers of the body that edge resources write. */
  readonly deferred: readonly Pointer[];
  /** Fields that are not managed. */
  readonly ignore: readonly string[];
  /** Ids of the resources that the body refers to, by address. */
  readonly refs: Readonly<Record<string, string>>;
  /**
   * The address under which the program registers it, where it lives under another that the manifests give to somebody else: the engine, which knows
   * resources by their names, tells the two apart by this.
   */
  readonly registered?: Address;
  /** The address before a declared rename. The program tells it, `check` remembers it, and it is never stored. */
  readonly was?: Address;
}

/** Type tokens of the dynamic resources: one per resource type, and one for deferred edges. */
const EDGE_TYPE = 'edge';
function typeToken(type: string): string {
  return `pulumi-nodejs:dynamic/genesys:${type}`;
}

/**
 * The provider's code as Pulumi stores it in every resource: a constant text, so that state stays small and always runs the code that is
 * installed today. The engine runs it beside the compiled program.
 */
export const PROVIDER_TEXT = 'exports.handler=()=>require("./pulumi-runtime.js").handler()';

/** The URN name of an address: its key, which may hold anything but the URN's own separator. An edge's type is that of all edges, so its name has its owner's. */
export function resourceName(address: Address): string {
  const name = isEdge(address) ? address : address.slice(address.indexOf('/') + 1);
  return name.replaceAll('::', ':%3A');
}

/** Canonical inputs of a resource: `document` without its deferred fields. */
export function documentInputs(org: string, document: Document, deferred: readonly Pointer[]): Omit<ResourceInputs, 'refs'> {
  return {
    address: document.address,
    body: canonicalJson(document.body),
    org,
    deferred: [...deferred].sort(),
    ignore: [...(document.ignore ?? [])].sort(),
  };
}

/** Canonical inputs of a deferred edge: the value that the field shall have. */
export function edgeInputs(org: string, edge: Address, value: Value): Omit<ResourceInputs, 'refs'> {
  return { address: edge, body: canonicalJson(value), org, deferred: [], ignore: [] };
}

/** Inputs with their address and body read. */
export interface ReadBag {
  readonly inputs: ResourceInputs;
  readonly address: Address;
  /** The body; of an edge: the value of its field. */
  readonly value: Value;
}

/** Reads what Pulumi hands back; throws where it is nothing that this version wrote. */
export function readInputs(bag: Readonly<Record<string, unknown>>): ReadBag {
  const address = typeof bag['address'] === 'string' ? parseEdgeOrAddress(bag['address']) : undefined;
  if (address === undefined || typeof bag['body'] !== 'string')
    throw new Error('the stack holds a resource that this version of Cordboard did not write: no address or body');
  const [was, registered] = ['was', 'registered'].map((name) => (typeof bag[name] === 'string' ? parseEdgeOrAddress(bag[name]) : undefined));
  const inputs: ResourceInputs = {
    address,
    body: bag['body'],
    org: typeof bag['org'] === 'string' ? bag['org'] : '',
    deferred: textList(bag['deferred']),
    ignore: textList(bag['ignore']),
    refs: textMap(bag['refs']),
    ...(registered === undefined ? {} : { registered }),
    ...(was === undefined ? {} : { was }),
  };
  return { inputs, address, value: parseBody(address, inputs.body) };
}

/** The address under which the program registers a resource; of an edge, its owner's. */
export function registeredAs({ address, inputs }: ReadBag): Address {
  return inputs.registered ?? splitEdge(address).owner;
}

/** The document that a resource's inputs describe. */
export function documentOf(address: Address, value: Value, ignore: readonly string[]): Document {
  if (!isMap(value)) throw new Error(`the stack's body of ${address} is no map`);
  return { address, body: value, ...(ignore.length > 0 ? { ignore } : {}) };
}

export function isEdge(address: Address): boolean {
  return splitEdge(address).pointer !== undefined;
}

export function tokenOf(address: Address): string {
  return typeToken(isEdge(address) ? EDGE_TYPE : typeOf(address));
}

/** Everything that a document refers to, itself left out: what its ids beside the body are of. Sorted, each once. */
export function refsOf(document: Document, type: ResourceType): readonly Address[] {
  const found = new Set(findRefs(document, type).refs.map(({ to }) => to));
  found.delete(document.address);
  return [...found].sort();
}

/** The document that a bag is about: of an edge, its owner with nothing but its field. */
export function bareDocument({ address, value, inputs: { ignore } }: ReadBag): Document {
  const { owner, pointer } = splitEdge(address);
  return pointer === undefined ? documentOf(address, value, ignore) : edgeDocument(owner, pointer, value);
}

export function edgeDocument(owner: Address, pointer: Pointer, value: Value): Document {
  return { address: owner, body: setAt(makeMap([]), pointer, value) };
}

function parseEdgeOrAddress(text: string): Address | undefined {
  const { owner, pointer } = splitEdge(text as Address);
  const parsed = parseAddress(owner);
  return parsed === undefined ? undefined : pointer === undefined ? parsed : (text as Address);
}

function parseBody(address: Address, body: string): Value {
  try {
    return parseJson(body);
  } catch (error) {
    throw new Error(`the stack's body of ${address} is no JSON: ${(error as Error).message}`);
  }
}

/** Ids that are not known yet come as a text of the engine's own, and stay as they are. */
function textMap(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

function textList(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}
