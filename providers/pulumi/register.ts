import * as pulumi from '@pulumi/pulumi';
import type { Address } from '../../state/address.ts';
import { type Problem, Refused } from '../../state/problem.ts';
import { PROVIDER_TEXT, resourceName, tokenOf } from './inputs.ts';
import type { ProgramResource } from './resources.ts';

/**
 * Registers with the engine what `list` answers for the stack's name, which is the org's name. Nothing is registered where it rejects; what it
 * refuses is shown in the words of `say`, without a stack trace.
 */
export async function registerStack(
  list: (stack: string) => Promise<readonly ProgramResource[]>,
  say: (problems: readonly Problem[]) => string,
): Promise<void> {
  const registered = new Map<Address, pulumi.CustomResource>();
  const resources = await list(pulumi.getStack()).catch((failure: unknown) => {
    throw failure instanceof Refused ? new pulumi.RunError(say(failure.problems)) : failure;
  });
  for (const resource of resources) registered.set(resource.address, register(resource, registered));
}

/** A resource of the dynamic provider; made by hand, since `dynamic.Resource` would store its provider's source in every resource. */
class GenesysResource extends pulumi.CustomResource {}

function register(resource: ProgramResource, registered: ReadonlyMap<Address, pulumi.CustomResource>): pulumi.CustomResource {
  const refs = resource.refs.flatMap((address) => {
    const target = registered.get(address);
    return target === undefined ? [] : [[address, target.id] as const];
  });
  const inputs = { ...resource.inputs, refs: Object.fromEntries(refs), __provider: PROVIDER_TEXT };
  return new GenesysResource(tokenOf(resource.address), resourceName(resource.address), inputs, {
    dependsOn: resource.needs.flatMap((address) => registered.get(address) ?? []),
    protect: resource.protect,
    ...(resource.was === undefined ? {} : { aliases: [{ name: resourceName(resource.was) }] }),
  });
}
