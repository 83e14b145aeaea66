/** What Pulumi's dynamic-provider process loads (the text in every resource's state requires this file): the provider, wired to the project. */
import { join } from 'node:path';
import { makeProvider, type ProviderSite } from '../providers/pulumi/provider.ts';
import { carryOut } from '../providers/reconciler/carry-out.ts';
import { openJournal } from '../providers/reconciler/journal.ts';
import { claimLock } from '../providers/reconciler/lock.ts';
import type { Site as ReconcilerSite } from '../providers/reconciler/site.ts';
import { assetSource } from './asset-source.ts';
import { orgFolder } from './org-folder.ts';
import { openToWrite } from './org-session.ts';
import { notePending } from './pending-memory.ts';
import { policyOf, readLive } from './planning.ts';
import { engineSite } from './pulumi-site.ts';
import { readWanted } from './wanted.ts';

/** Called once per process by Pulumi's shim; must not wait for anything. */
export function handler() {
  return makeProvider(openSite);
}

async function openSite(org: string): Promise<ProviderSite> {
  const site = engineSite();
  const { tree } = await readWanted(site, org);
  const session = await openToWrite(site, org);
  const { types } = session.platform;
  const vars = new Map(Object.entries(session.settings.values));
  const folder = orgFolder(site.config(), org);
  const readOnce = once(async () => ({ live: await readLive(site, session, tree), vars }));
  const openOnce = once(openReconciler);
  return {
    types,
    policy: policyOf(session.settings),
    org: readOnce,
    carryOut: async (step) => {
      // The org is read before the first write, so that every id is known and the first write finds the org that is meant.
      await readOnce();
      const outcome = await carryOut(step, await openOnce());
      await notePending(site.world, folder, [{ step, outcome }]);
      return outcome;
    },
  };

  /** The lock is not given back: it is dead with this process, and the next run takes it over. */
  async function openReconciler(): Promise<ReconcilerSite> {
    const lock = await claimLock(site.world, folder);
    const journal = await openJournal(site.world, join(folder, 'journal.jsonl'));
    const files = assetSource(site, session, undefined).read;
    return { org: session.client, journal, lock, types, files, world: site.world, report: site.view.report, me: session.clientId };
  }
}

function once<Result>(make: () => Promise<Result>): () => Promise<Result> {
  let made: Promise<Result> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
