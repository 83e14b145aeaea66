/** What Pulumi's dynamic-provider process loads (the text in every resource's state requires this file): the provider, wired to the project. */
import { join } from 'node:path';
import { readOnlyWhile } from '../providers/client/read-only.ts';
import { planOfRun } from '../providers/pulumi/deletions.ts';
import { makeLiveOrg } from '../providers/pulumi/live-inputs.ts';
import { makeProvider } from '../providers/pulumi/provider.ts';
import type { Kept, ProviderSite } from '../providers/pulumi/provider-site.ts';
import { carryOut, NOT_JUDGED, restingOutcome } from '../providers/reconciler/carry-out.ts';
import { type Journal, openJournal } from '../providers/reconciler/journal.ts';
import { claimLock, fenced, type Lock } from '../providers/reconciler/lock.ts';
import type { Site as ReconcilerSite } from '../providers/reconciler/site.ts';
import { undoTemporaries } from '../providers/reconciler/undo-temporary.ts';
import { type Address, typeOf } from '../state/address.ts';
import type { Step } from '../state/change.ts';
import type { Document } from '../state/document.ts';
import { optional } from '../state/look.ts';
import type { Plan } from '../state/plan.ts';
import { type Problem, Refused } from '../state/problem.ts';
import type { Snapshot } from '../state/snapshot.ts';
import { limitOfThisShell } from './allow-deletes.ts';
import { assetSource } from './asset-source.ts';
import { orgNamed } from './config.ts';
import { missingSecretsOf } from './needed-for-writing.ts';
import { orgFolder } from './org-folder.ts';
import { openToWrite, platformOf, readSecret } from './org-session.ts';
import { patienceWith } from './patience.ts';
import { pendingNotes } from './pending-memory.ts';
import { committed, policyOf, readLive, rememberedIn, withReferrers } from './planning.ts';
import { productionProblems } from './production.ts';
import { engineSite } from './pulumi-site.ts';
import { readWanted } from './wanted.ts';

/** Called once per process by Pulumi's shim; must not wait for anything. */
export function handler() {
  return makeProvider({ openSite, findMissing });
}

function findMissing(org: string, document: Document): readonly Problem[] {
  const site = engineSite();
  const type = platformOf(orgNamed(site.config(), org)).types.get(typeOf(document.address));
  return type === undefined || type.secrets.length === 0 ? [] : missingSecretsOf(document, (name) => readSecret(site, name));
}

/** One org, wired. Long, since all of it shares what is read, held and allowed in this one process, and each part is a line or two. */
async function openSite(org: string): Promise<ProviderSite> {
  const site = engineSite();
  const { tree, settings } = await readWanted(site, org);
  // The engine does not say whether this is a preview: until something has to be carried out, nothing that writes leaves this process.
  let held: Lock | undefined;
  const fence: Pick<Lock, 'guard'> = { guard: async () => held?.guard() };
  const http = readOnlyWhile(() => held === undefined, fenced(site.world, fence).http);
  const session = await openToWrite({ ...site, world: { ...site.world, http } }, org);
  const { types } = session.platform;
  const folder = orgFolder(site.config(), org);
  const vars = new Map(Object.entries(settings.values));
  const limit = limitOfThisShell();
  const reading = limit === undefined ? 'what it names' : 'all';
  const readOnce = once(async () =>
    makeLiveOrg(await readLive(site, session, tree, reading), tree, { types, vars, memory: await rememberedIn(site, session) }),
  );
  const openOnce = once(openReconciler);
  const note = pendingNotes(site.world, folder);
  /** What may be deleted, as it was judged last. */
  let allowed: ReadonlySet<Address> = new Set();
  const judge = async (keeps: Kept): Promise<Plan> => {
    const remembered = (await rememberedIn(site, session)) ?? { documents: new Map(), ids: new Map() };
    const { asRead: live } = await readOnce();
    const asked = limit === undefined ? {} : { allowDeletes: limit };
    const facts = { tree, live, remembered, types, policy: policyOf(settings), ...asked };
    const plan = await withReferrers(site, session, { live, asked }, (referrers) => planOfRun({ ...facts, ...referrers }, keeps));
    allowed = new Set(plan.steps.flatMap(({ action, address }) => (action === 'delete' ? [address] : [])));
    return plan;
  };
  return {
    types,
    policy: policyOf(settings),
    org: readOnce,
    carryOut: async (step) => {
      const resting = restingOutcome(step);
      // The org is read before the first write, so that every id is known and the first write finds the org that is meant.
      if (resting === undefined) await readOnce();
      const outcome = resting ?? (await carryOut(step, await openOnce()));
      await note({ step: asDeclared(step, tree), outcome });
      return outcome;
    },
    judge,
    takeBack: async (step, outcome) => {
      const [undone] = await undoTemporaries([step], new Map([[step.address, outcome]]), await openOnce());
      if (undone !== undefined) await note({ step, outcome: undone });
    },
  };

  /** Where nothing may be written, this rejects, and with it every step. */
  async function openReconciler(): Promise<ReconcilerSite> {
    // Only what this shell says is consent; a file that stays would be consent for ever.
    const consent = { commit: await committed(site, settings), confirm: process.env['CORDBOARD_CONFIRM'] };
    const refused = productionProblems(settings, { ...consent, way: `cordboard up --confirm ${org}, or CORDBOARD_CONFIRM=${org} in the environment` });
    if (refused.length > 0) throw new Refused(refused);
    const lock = await claimLock(site.world, folder);
    held = lock;
    const journal = await openJournal(site.world, join(folder, 'journal.jsonl'));
    leaveTidily(lock, journal);
    const files = assetSource(site, session, undefined).read;
    const deletions: ReconcilerSite['deletions'] = async ({ address }) => (allowed.has(address) ? undefined : NOT_JUDGED);
    const { world } = site;
    return { org: session.client, journal, lock, types, files, world, report: site.view.report, me: session.clientId, deletions, ...patienceWith(settings) };
  }
}

/** The step with what its document says of itself and no resource holds: that its rename was carried out is remembered, whoever did it. */
function asDeclared(step: Step, { documents }: Snapshot): Step {
  const [declared, { document }] = [documents.get(step.address), step];
  if (document === undefined || declared === undefined) return step;
  const { was, protect } = declared;
  return { ...step, document: { ...document, ...optional('was', was), ...optional('protect', protect) } };
}

/** The engine ends its providers by a signal, once nothing is under way. A lock that is not given back is dead with this process, and is taken over. */
function leaveTidily(lock: Lock, journal: Journal): void {
  const leave = async (): Promise<void> => {
    await Promise.allSettled([lock.release(), journal.close()]);
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void leave());
}

function once<Result>(make: () => Promise<Result>): () => Promise<Result> {
  let made: Promise<Result> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
