import type { Address } from '../../state/address.ts';
import { PROVIDER_TEXT, type ResourceInputs, resourceName, tokenOf } from './inputs.ts';

/** A stack's checkpoint as `pulumi stack export` prints it; only what we touch is named. */
export interface Deployment {
  readonly version: number;
  readonly deployment: { readonly resources?: readonly StackEntry[]; readonly [field: string]: unknown };
}

export interface StackEntry {
  readonly urn: string;
  readonly type: string;
  readonly custom: boolean;
  readonly id?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  readonly [field: string]: unknown;
}

/** A resource to be taken over: what is live, in the form in which the provider reads it back. */
export interface Adoption {
  readonly address: Address;
  readonly id: string;
  readonly inputs: ResourceInputs;
  /** Addresses of resources that the program makes it wait for, those of `inputs.refs` included. */
  readonly needs: readonly Address[];
  readonly protect: boolean;
}

export interface Stack {
  readonly name: string;
  readonly project: string;
}

const STACK_TYPE = 'pulumi:pulumi:Stack';
const PROVIDER_TYPE = 'pulumi:providers:pulumi-nodejs';

/**
 * The checkpoint with `adoptions` added, in the order given (dependencies first); what the stack holds already stays as it is.
 * `newId` names the default provider where the stack has none yet.
 */
export function withAdoptions(before: Deployment, stack: Stack, adoptions: readonly Adoption[], newId: () => string): Deployment {
  const held = before.deployment.resources ?? [];
  const known = new Set(held.map((entry) => entry.urn));
  const provider = held.find((entry) => entry.type === PROVIDER_TYPE) ?? providerEntry(stack, newId());
  const roots = [rootEntry(stack), provider].filter((entry) => !known.has(entry.urn));
  const added: StackEntry[] = [];
  for (const adoption of adoptions.filter(({ address }) => !known.has(urnOf(stack, address)))) {
    const entry = entryOf(stack, adoption, { provider: `${provider.urn}::${provider.id ?? ''}`, known });
    known.add(entry.urn);
    added.push(entry);
  }
  return { ...before, deployment: { ...before.deployment, resources: [...held, ...roots, ...added] } };
}

export function urnOf(stack: Stack, address: Address): string {
  return urn(stack, tokenOf(address), resourceName(address));
}

/** A stack in which something depends on what is not there is refused by the engine, so only what is known counts. */
function entryOf(stack: Stack, adoption: Adoption, { provider, known }: { readonly provider: string; readonly known: ReadonlySet<string> }): StackEntry {
  const bag = { ...adoption.inputs, __provider: PROVIDER_TEXT };
  const urns = (addresses: readonly Address[]) => [...new Set(addresses.map((address) => urnOf(stack, address)))].filter((urn) => known.has(urn));
  const refs = Object.keys(adoption.inputs.refs) as Address[];
  return {
    urn: urnOf(stack, adoption.address),
    custom: true,
    id: adoption.id,
    type: tokenOf(adoption.address),
    inputs: bag,
    outputs: bag,
    parent: rootEntry(stack).urn,
    provider,
    protect: adoption.protect,
    dependencies: urns([...adoption.needs, ...refs]),
    propertyDependencies: { refs: urns(refs) },
  };
}

function rootEntry(stack: Stack): StackEntry {
  return { urn: urn(stack, STACK_TYPE, `${stack.project}-${stack.name}`), custom: false, type: STACK_TYPE };
}

function providerEntry(stack: Stack, id: string): StackEntry {
  return { urn: urn(stack, PROVIDER_TYPE, 'default'), custom: true, id, type: PROVIDER_TYPE, inputs: {}, outputs: {} };
}

function urn(stack: Stack, type: string, name: string): string {
  return `urn:pulumi:${stack.name}::${stack.project}::${type}::${name}`;
}
