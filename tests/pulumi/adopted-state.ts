import { join } from 'node:path';
import { programResources } from '../../providers/pulumi/resources.ts';
import { type StackEntry, withAdoptions } from '../../providers/pulumi/stack-entries.ts';
import { findAdoptions } from '../../scripts/adopt.ts';
import { openToRead } from '../../scripts/org-session.ts';
import { readLive } from '../../scripts/planning.ts';
import { makeSite } from '../../scripts/site.ts';
import { makeView } from '../../scripts/view/view.ts';
import { readWanted } from '../../scripts/wanted.ts';
import type { Bag } from './provider-process.ts';
import type { PulumiSite } from './pulumi-site.ts';
import { SmallEngine } from './small-engine.ts';

/** A stack as `cordboard adopt` fills it from what the org holds now. */
export async function adopted(site: PulumiSite, org: string): Promise<SmallEngine> {
  const door = makeSite({ config: join(site.folder, 'cordboard.yaml') }, makeView({ json: true, quiet: true }), new AbortController().signal);
  const wanted = await readWanted(door, org);
  const { resources } = programResources(org, wanted.tree.documents, wanted.platform.types);
  const live = await readLive(door, await openToRead(door, org), wanted.tree);
  const empty = { version: 3, deployment: {} };
  const { deployment } = withAdoptions(empty, { name: org, project: 'cordboard' }, findAdoptions(wanted, resources, live, undefined), () => 'a-guid');
  const engine = new SmallEngine();
  for (const entry of deployment.resources ?? []) if (isDynamic(entry)) engine.hold(entry);
  return engine;
}

function isDynamic(entry: StackEntry): entry is StackEntry & { readonly id: string; readonly inputs: Bag; readonly outputs: Bag } {
  return entry.type.startsWith('pulumi-nodejs:dynamic/');
}
