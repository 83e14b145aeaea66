import { join } from 'node:path';
import type { Command } from 'commander';
import type { FileSource, OrgWriter } from '../providers/contract.ts';
import { type Applied, writeApplied } from '../providers/git/applied-memory.ts';
import { appliedDocuments, appliedIds } from '../providers/reconciler/applied-record.ts';
import { ApplyStopped, applyPlan } from '../providers/reconciler/apply-plan.ts';
import { openJournal } from '../providers/reconciler/journal.ts';
import { type JudgedPlan, judgeByPolicy, judgeDeletions, namedBy } from '../providers/reconciler/judge-deletions.ts';
import { claimLock, fenced } from '../providers/reconciler/lock.ts';
import { makeReceipt, type Receipt, writeReceipt } from '../providers/reconciler/receipt.ts';
import { type Address, splitEdge, typeOf } from '../state/address.ts';
import { isDone, type Outcome } from '../state/outcome.ts';
import type { Plan } from '../state/plan.ts';
import { isWantedHold } from '../state/policy.ts';
import { type Problem, Refused } from '../state/problem.ts';
import { findUnruled } from '../state/remap.ts';
import { assetSource } from './asset-source.ts';
import type { OrgSettings } from './config.ts';
import { orgNamed } from './config.ts';
import { EXIT, type Exit } from './exit.ts';
import { missingFiles, missingSecrets } from './needed-for-writing.ts';
import { orgFolder } from './org-folder.ts';
import { type OrgSession, openToWrite, readSecret } from './org-session.ts';
import { patienceWith } from './patience.ts';
import { APPLIED, policyOf, readLive, recall, referrersIn } from './planning.ts';
import { productionProblems } from './production.ts';
import { runVerb, withCommonOptions } from './run-verb.ts';
import { openFor, type PlanFile, readPlanFile } from './sealed-plan.ts';
import type { CommonOptions, Site } from './site.ts';

interface ApplyOptions extends CommonOptions {
  readonly confirm?: string;
  readonly all?: boolean;
}

export function defineApply(command: Command): void {
  withCommonOptions(command)
    .argument('<plan>', 'file that "cordboard plan --out" or "cordboard drift --out" sealed')
    .option('--confirm <org>', 'name of the production org that is meant')
    .option('--all', 'also list what was right already')
    .addHelpText('after', '\nExample:\n  cordboard apply plan.json')
    .action((file: string, options: ApplyOptions) => runVerb(options, 'gracefully', (site) => applyFile(site, file, options)));
}

async function applyFile(site: Site, file: string, options: ApplyOptions): Promise<Exit> {
  const planFile = readPlanFile(site, file);
  const settings = orgNamed(site.config(), planFile.orgName);
  const folder = orgFolder(site.config(), settings.name);
  const lock = await claimLock(site.world, folder);
  try {
    const session = await openToWrite({ ...site, world: fenced(site.world, lock) }, settings.name);
    return sayOutcomes(site, await carryOutPlan({ site, session, planFile, folder, lock, confirm: options.confirm }), options.all === true);
  } finally {
    await lock.release();
  }
}

interface Work {
  readonly site: Site;
  readonly session: OrgSession<OrgWriter>;
  readonly planFile: PlanFile;
  readonly folder: string;
  readonly lock: Awaited<ReturnType<typeof claimLock>>;
  readonly confirm: string | undefined;
}

interface Applying {
  readonly plan: Plan;
  readonly outcomes: readonly Outcome[];
  readonly receipt: Receipt;
}

/** Everything that can be refused is refused before the first write; what was done is remembered whatever happens. */
async function carryOutPlan(work: Work): Promise<Applying> {
  const { site, session, planFile, folder, lock } = work;
  const opened = openFor(site, planFile, session.identity.id);
  const { plan: sealed, facts, digest } = opened;
  const previous = await recall(site, session);
  const files = assetSource(site, session, previous);
  await refuseUnready(work, opened, files);
  const { plan, deletions } = await judgeAgain(work, sealed);
  // Deletions that the plan showed as held. A wanted change that is held is not done, shown or not.
  const shownHeld = new Set(
    sealed.steps.flatMap(({ action, address, held }) => (action === 'held' && held !== undefined && !isWantedHold(held) ? [address] : [])),
  );
  const startedAt = site.world.clock.now();
  const journal = await openJournal(site.world, join(folder, 'journal.jsonl'));
  const outcomes = await site.view.during(`applying to ${session.settings.name}`, () =>
    applyPlan(plan, {
      org: session.client,
      journal,
      lock,
      types: session.platform.types,
      files: files.read,
      world: site.world,
      report: site.view.report,
      plan: digest,
      me: session.clientId,
      deletions,
      interrupt: site.signal,
      ...patienceWith(session.settings),
    }).catch((error: unknown) => {
      if (!(error instanceof ApplyStopped)) throw error;
      site.view.print({ record: 'problem', code: 'APPLY_STOPPED', severity: 'error', message: error.message });
      return error.outcomes;
    }),
  );
  const receipt = makeReceipt(
    { plan: digest, org: session.identity, startedAt, endedAt: site.world.clock.now(), ...(facts.commit === undefined ? {} : { commit: facts.commit }) },
    outcomes,
    ({ address }) => shownHeld.has(address),
  );
  const applying = { plan, outcomes, receipt };
  try {
    await journal.close();
    await writeReceipt(site.world, receiptFile(folder, receipt), receipt);
    await remember(site, session, { ...applying, previous, source: facts.tree, files: files.read });
  } catch (failure) {
    // What was done is told, though it could not be kept.
    sayOutcomes(site, applying, false);
    throw failure;
  }
  return applying;
}

/** What needs no look at the org: consent for a production org, secrets, and files of what may be written. All of it at once. */
async function refuseUnready(
  { site, session, confirm }: Work,
  { plan, facts }: ReturnType<typeof openFor>,
  files: ReturnType<typeof assetSource>,
): Promise<void> {
  const { settings, platform } = session;
  const allowed = judgeByPolicy(plan, policyOf(settings));
  const refused = [
    ...productionProblems(settings, { commit: facts.commit, confirm, way: `--confirm ${settings.name}` }),
    ...missingSecrets(allowed, platform.types, (name) => readSecret(site, name)),
    ...(await missingFiles(allowed, files.has)),
  ];
  if (refused.length > 0) throw new Refused(refused);
}

/** The plan as it may be carried out now. What could not be read is told. The session learns the id behind each address, so that refs can be written and what is read back has names. */
async function judgeAgain({ site, session }: Work, sealed: Plan): Promise<JudgedPlan> {
  const { client, platform, settings } = session;
  await client.locate(
    findUnruled(
      sealed.steps.flatMap(({ document }) => document ?? []),
      platform.types,
    ),
  );
  const judged = await judgeDeletions(sealed, {
    types: platform.types,
    policy: policyOf(settings),
    read: (reading) => readLive(site, session, namedBy(sealed), reading),
    referrers: referrersIn(site, session),
  });
  for (const problem of judged.problems) site.view.print({ record: 'problem', ...problem });
  return judged;
}

interface Done {
  readonly plan: Plan;
  readonly outcomes: readonly Outcome[];
  readonly previous: Applied | undefined;
  readonly receipt: Receipt;
  /** What the plan was made from: a tree of manifests, or what was applied before. */
  readonly source: string;
  readonly files: FileSource;
}

/** Keeps in Git what is applied now: the base of drift. What neither the plan nor the tree names any more is forgotten. */
async function remember(site: Site, { settings }: OrgSession<OrgWriter>, { plan, outcomes, previous, receipt, source, files }: Done): Promise<void> {
  const repository = await site.repository();
  if (repository === undefined) {
    site.view.print({ record: 'problem', ...notRemembered(settings) });
    return;
  }
  // What a tree left out that does not hold its type whole was never deleted in Git: nothing is remembered of it.
  const isLeftOut = ({ address, held }: Plan['steps'][number]) => held?.action === 'delete' && plan.completeness.wanted.get(typeOf(address)) !== 'whole';
  const told = plan.steps.filter((step) => !isLeftOut(step));
  const named = new Set(told.flatMap(({ address, was }) => [splitEdge(address).owner, ...(was === undefined ? [] : [was])]));
  const before = new Map([...(previous?.documents ?? [])].filter(([address]) => named.has(address)));
  const done = plan.steps.flatMap((step, index) => outcomes.slice(index, index + 1).map((outcome) => ({ step, outcome })));
  const documents = appliedDocuments(done, before);
  if (documents.size === 0 && previous === undefined) return;
  const ids = appliedIds(done, documents, previous?.ids);
  const held = told.filter((step) => step.held?.action === 'delete').map((step) => step.address);
  const left = new Set([...(source === APPLIED ? (previous?.left ?? []) : []), ...held]);
  await writeApplied(repository, settings.name, { documents, ids, left, receipt, completeness: appliedCompleteness(plan, outcomes), files });
}

/** A type of which a step was not done is remembered in part: what lives there unremembered is not said to be new. */
function appliedCompleteness(plan: Plan, outcomes: readonly Outcome[]): Plan['completeness']['wanted'] {
  const undone = new Set(outcomes.filter((outcome) => !isDone(outcome) && outcome.word !== 'held').map(({ address }) => typeOf(address)));
  return new Map([...plan.completeness.wanted].map(([type, held]) => [type, undone.has(type) && held === 'whole' ? 'part' : held]));
}

/** Nothing was written for it, and nothing is wrong: only counted, unless somebody asks. */
function isQuiet({ word, address }: Outcome, changed: ReadonlySet<Address>): boolean {
  return word === 'unchanged' || (word === 'adopted' && !changed.has(address));
}

function sayOutcomes(site: Site, { plan, outcomes, receipt }: Applying, isAll: boolean): Exit {
  const changed = new Set(plan.steps.filter((step) => step.changes.length > 0).map((step) => step.address));
  const sorted = [...outcomes].sort((left, right) => (left.address < right.address ? -1 : 1));
  for (const outcome of sorted) if (isAll || site.view.isJson || !isQuiet(outcome, changed)) site.view.print({ record: 'outcome', ...outcome });
  site.view.print({ record: 'totals', verb: 'apply', counts: receipt.counts });
  if (receipt.isWhole) return EXIT.done;
  site.view.print({ record: 'next', text: 'look at what is marked with "!", then apply the same plan again or plan anew; what was done is not done twice' });
  return EXIT.failed;
}

function receiptFile(folder: string, receipt: Receipt): string {
  return join(folder, 'receipts', `${receipt.startedAt.replace(/[:.]/g, '-')}-${receipt.plan.replace('sha256:', '').slice(0, 12)}.json`);
}

function notRemembered(settings: OrgSettings): Problem {
  return {
    code: 'NOT_REMEMBERED',
    severity: 'warning',
    message: `what was applied to "${settings.name}" is not remembered, because cordboard.yaml is in no Git repository`,
    hint: 'git init there; until then "cordboard drift" has nothing to compare with',
  };
}
