import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { readInputs } from '../providers/pulumi/inputs.ts';
import { isLeft, liveInputs, makeLiveOrg } from '../providers/pulumi/live-inputs.ts';
import { type ProgramResource, programResources } from '../providers/pulumi/resources.ts';
import { type Adoption, type Deployment, urnOf, withAdoptions } from '../providers/pulumi/stack-entries.ts';
import { type Address, splitEdge, typeOf } from '../state/address.ts';
import { hasErrors, Refused } from '../state/problem.ts';
import type { LiveSnapshot, Memory } from '../state/snapshot.ts';
import { openEngine, type StackEngine } from './engine.ts';
import { EXIT, type Exit } from './exit.ts';
import { orgFolder } from './org-folder.ts';
import { openToRead } from './org-session.ts';
import { notePending, type Pending } from './pending-memory.ts';
import { readLive, rememberedIn } from './planning.ts';
import { runVerb, withCommonOptions } from './run-verb.ts';
import type { CommonOptions, Site } from './site.ts';
import { findProblems, readWanted, type Wanted } from './wanted.ts';

interface AdoptOptions extends CommonOptions {
  readonly org: string;
}

/** Name of the Pulumi project, as Pulumi.yaml has it. */
const PROJECT = 'cordboard';

export function defineAdopt(command: Command): void {
  withCommonOptions(command)
    .requiredOption('--org <name>', 'the org whose resources its stack shall hold')
    .addHelpText('after', '\nExample:\n  cordboard adopt --org practice-staging')
    .action((options: AdoptOptions) => runVerb(options, 'at once', async (site) => adopt(site, options.org, await openEngine(site, options.org))));
}

/** Writes what the manifests name and the org holds into the stack, in one import. The org is only read. */
export async function adopt(site: Site, org: string, engine: StackEngine): Promise<Exit> {
  const wanted = await readWanted(site, org);
  const found = findProblems(wanted);
  const { types } = wanted.platform;
  const { resources, problems } = programResources(org, wanted.tree.documents, types);
  if (hasErrors([...found, ...problems])) throw new Refused([...found, ...problems]);
  const session = await openToRead(site, org);
  const live = await readLive(site, session, wanted.tree);
  const before = JSON.parse(await engine.ask(['stack', 'export'])) as Deployment;
  const stack = { name: org, project: PROJECT };
  const held = new Set((before.deployment.resources ?? []).map((entry) => entry.urn));
  const adoptions = findAdoptions(wanted, resources, live, await rememberedIn(site, session)).filter(({ address }) => !held.has(urnOf(stack, address)));
  if (adoptions.length > 0) await engine.ask(['stack', 'import'], JSON.stringify(withAdoptions(before, stack, adoptions, randomUUID)));
  const byAddress = new Map(resources.map((resource) => [resource.address, resource]));
  await notePending(
    site.world,
    orgFolder(site.config(), org),
    adoptions.flatMap((adoption) => asApplied(adoption, byAddress, wanted)),
  );
  site.view.print({ record: 'totals', verb: 'adopt', counts: { adopted: adoptions.length, 'in the stack before': held.size } });
  return EXIT.done;
}

/** Each resource of the program that lives in the org, under its own address or the one before a declared rename, as the provider reads it back. */
export function findAdoptions(
  { platform, settings, tree }: Wanted,
  resources: readonly ProgramResource[],
  live: LiveSnapshot,
  memory: Memory | undefined,
): readonly Adoption[] {
  const { types } = platform;
  const org = makeLiveOrg(live, tree, { types, vars: new Map(Object.entries(settings.values)), memory });
  return resources.flatMap((resource): Adoption[] => {
    const { owner } = splitEdge(resource.address);
    const names = resource.was === undefined ? [owner] : [owner, splitEdge(resource.was).owner];
    const from = org.passing.get(owner) ?? names.find((name) => org.live.documents.has(name)) ?? owner;
    if (isLeft(owner, org)) return [];
    const [id, type] = [org.live.ids.get(from), types.get(typeOf(owner))];
    const { was: _, ...wanted } = resource.inputs;
    const inputs = type === undefined ? undefined : liveInputs(readInputs({ ...wanted, refs: {} }), type, org, from);
    if (id === undefined || inputs === undefined) return [];
    return [{ address: resource.address, id, inputs, needs: resource.needs, protect: resource.protect }];
  });
}

/** What lives as it is wanted counts as applied from here on. */
function asApplied(adoption: Adoption, resources: ReadonlyMap<Address, ProgramResource>, { tree }: Wanted): readonly Pending[] {
  const resource = resources.get(adoption.address);
  const { owner, pointer } = splitEdge(adoption.address);
  const document = tree.documents.get(owner);
  const isAsWanted = resource?.inputs.body === adoption.inputs.body && resource.inputs.address === adoption.inputs.address;
  if (document === undefined || !isAsWanted) return [];
  const deferred = pointer === undefined ? adoption.inputs.deferred : [pointer];
  const step = { address: adoption.address, action: 'adopt', changes: [], reasons: [], document, deferred, needs: [], id: adoption.id } as const;
  return [{ step, outcome: { address: adoption.address, word: 'adopted', id: adoption.id } }];
}
