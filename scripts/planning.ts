import { basename } from 'node:path';
import type { OrgReader } from '../providers/contract.ts';
import { type Applied, readApplied, writeApplied } from '../providers/git/applied-memory.ts';
import type { Repository } from '../providers/git/repository.ts';
import { makeReceipt } from '../providers/reconciler/receipt.ts';
import { type Address, typeOf } from '../state/address.ts';
import type { Action, FieldChange, Step } from '../state/change.ts';
import { makePlan, type PlanRequest, planDrift } from '../state/make-plan.ts';
import type { Plan } from '../state/plan.ts';
import type { DeleteLimit, Policy } from '../state/policy.ts';
import { hasErrors, type Place, type Problem, Refused } from '../state/problem.ts';
import { findOutside } from '../state/remap.ts';
import type { Completeness, LiveSnapshot, Memory } from '../state/snapshot.ts';
import { assetSource } from './asset-source.ts';
import type { OrgSettings } from './config.ts';
import { orgFolder } from './org-folder.ts';
import { type OrgSession, openToRead } from './org-session.ts';
import { forgetPending, readPending, withPending } from './pending-memory.ts';
import type { Site } from './site.ts';
import type { StepOutput } from './view/output.ts';
import { findProblems, findUnknownNames, readWanted } from './wanted.ts';

/** What a plan file names as its tree where it puts back what was applied last. */
export const APPLIED = 'applied last';

/** A plan for one org, with the session that read it. */
export interface Planned {
  readonly plan: Plan;
  /** What to tell beside the plan's own problems: of the configuration of this clone. */
  readonly warnings?: readonly Problem[];
  readonly session: OrgSession<OrgReader>;
  /** What is wanted: the name of a tree of manifests, or what was applied last. */
  readonly source: string;
  /** Where in the files an address, or a field of its document, stands; undefined where it stands in none. */
  readonly places?: (address: Address, pointer?: string) => Place | undefined;
  /** The commit of the manifests; absent where they are not committed as they are. */
  readonly commit?: string;
}

/** What a command asks for beside what is wanted. */
export interface Asked {
  /** Names of secrets that are to be sent again. */
  readonly rotate?: ReadonlySet<string>;
  /** How much may be deleted; left out: nothing. */
  readonly allowDeletes?: DeleteLimit;
}

/** Compares the org's manifests with the org. Reads both, writes neither. */
export async function planManifests(site: Site, orgName: string, asked: Asked = {}): Promise<Planned> {
  const wanted = await readWanted(site, orgName);
  const found = findProblems(wanted);
  if (hasErrors(found)) throw new Refused(found);
  const { tree, settings, platform } = wanted;
  const session = await openToRead(site, orgName);
  // First, so that what is read calls by name what only a text of the tree names.
  const externals = await session.client.locate(findOutside(tree, platform.types));
  const live = await readLive(site, session, tree, asked.allowDeletes === undefined ? 'what it names' : 'all');
  const remembered = await recall(site, session);
  const request = { wanted: { ...tree, problems: [] }, live, types: platform.types, policy: policyOf(settings), externals, ...asked };
  const memory = remembered === undefined ? {} : { remembered };
  const plan = await withReferrers(site, session, { live, asked }, (referrers) => makePlan({ ...request, ...memory, ...referrers }));
  const warnings = findUnknownNames(settings, addressesIn(tree, live));
  const commit = await committed(site, settings);
  const places: Planned['places'] = (address, pointer) => (tree.documents.has(address) ? tree.places(address, pointer) : undefined);
  return { plan, warnings, session, source: basename(settings.manifests), places, ...(commit === undefined ? {} : { commit }) };
}

/** All addresses of a type that was read whole. */
function addressesIn(tree: Holding, live: LiveSnapshot): (type: string) => readonly Address[] | undefined {
  const ofType = (type: string) => [...tree.documents.keys(), ...live.documents.keys(), ...live.twins.keys()].filter((address) => typeOf(address) === type);
  return (type) => (live.completeness.get(type) === 'whole' ? ofType(type) : undefined);
}

/**
 * A plan that deletes is made a second time, with what refers to the objects that are to go from outside of what is managed here. A plan that
 * deletes nothing asks for nothing.
 */
export async function withReferrers(
  site: Site,
  session: OrgSession<OrgReader>,
  { live, asked }: { readonly live: LiveSnapshot; readonly asked: Asked },
  make: (found: Pick<PlanRequest, 'referrers'>) => Plan,
): Promise<Plan> {
  const first = make({});
  const referrers = referrersIn(site, session);
  const types = new Set(first.steps.filter(({ action }) => action === 'delete').map(({ address }) => typeOf(address)));
  if (referrers === undefined || asked.allowDeletes === undefined || types.size === 0) return first;
  const ids = new Map([...live.ids].filter(([address]) => types.has(typeOf(address))));
  return make({ referrers: await referrers(ids) });
}

/** Who refers to what is to go from outside of what is managed here, as the org's platform finds it; undefined where nobody can. */
export function referrersIn(site: Site, { client, settings }: OrgSession<OrgReader>): OrgReader['referrers'] {
  const { referrers } = client;
  if (referrers === undefined) return undefined;
  return (going) => site.view.during(`looking in ${settings.name} for what refers to what is to go`, () => referrers(going));
}

/** Compares what was last applied with the org. Throws `Refused` where nothing was applied yet, naming what to do. */
export async function planAgainstApplied(site: Site, orgName: string, { allowDeletes }: Asked = {}): Promise<Planned> {
  const session = await openToRead(site, orgName);
  const applied = await recall(site, session);
  if (applied === undefined) throw new Refused([(await site.repository()) === undefined ? noRepository(site.config().folder) : neverApplied(orgName)]);
  const { types } = session.platform;
  const externals = await session.client.locate(findOutside(applied, types));
  const live = await readLive(site, session, applied, allowDeletes === undefined ? 'what it names' : 'all');
  const limit = allowDeletes === undefined ? {} : { allowDeletes };
  // What was there and left when the rest was applied is no drift; what came since is.
  const request = { applied, live, types, policy: policyOf(session.settings), externals, left: applied.left, ...limit };
  const plan = await withReferrers(site, session, { live, asked: limit }, (referrers) => planDrift({ ...request, ...referrers }));
  return { plan, session, source: APPLIED, ...(applied.receipt.commit === undefined ? {} : { commit: applied.receipt.commit }) };
}

/** What was last applied to this very org, as far as the repository remembers; what it remembers of another org of the same name is refused. */
export async function recall(site: Site, session: OrgSession<OrgReader>): Promise<Applied | undefined> {
  const repository = await site.repository();
  if (repository === undefined) return undefined;
  const { name } = session.settings;
  const applied = await readApplied(repository, name);
  if (applied !== undefined && applied.receipt.org.id !== session.identity.id) throw new Refused([appliedElsewhere(name, applied.receipt.org.id)]);
  return (await takeOver(site, session, repository, applied)) ? readApplied(repository, name) : applied;
}

/** As `recall`, with what the Pulumi engine had done since, and nothing is written. What is remembered of another org counts for nothing. */
export async function rememberedIn(site: Site, session: OrgSession<OrgReader>): Promise<Memory | undefined> {
  const repository = await site.repository();
  const { name } = session.settings;
  const applied = repository === undefined ? undefined : await readApplied(repository, name);
  const pending = await readPending(site.world, orgFolder(site.config(), name));
  const before = applied?.receipt.org.id === session.identity.id ? applied : undefined;
  return pending.length === 0 ? before : withPending(pending, before);
}

/** Takes what the Pulumi engine had done since into the memory; false where it did nothing. */
async function takeOver(site: Site, { settings, identity }: OrgSession<OrgReader>, repository: Repository, applied: Applied | undefined): Promise<boolean> {
  const folder = orgFolder(site.config(), settings.name);
  const pending = await readPending(site.world, folder);
  if (pending.length === 0) return false;
  const { documents, ids, outcomes } = withPending(pending, applied);
  const now = site.world.clock.now();
  const { read } = assetSource(site, { settings }, applied);
  await writeApplied(repository, settings.name, {
    documents,
    ids,
    left: applied?.left ?? new Set(),
    completeness: new Map([...new Set([...documents.keys()].map(typeOf))].map((type) => [type, applied?.completeness.get(type) ?? 'part'])),
    receipt: makeReceipt({ plan: 'carried out by Pulumi', org: identity, startedAt: now, endedAt: now }, outcomes),
    files: read,
  });
  await forgetPending(site.world, folder);
  return true;
}

function appliedElsewhere(name: string, id: string): Problem {
  return {
    code: 'APPLIED_ELSEWHERE',
    severity: 'error',
    message: `what was last applied as "${name}" went to another org (${id})`,
    hint: `if this org takes its place: git update-ref -d refs/cordboard/applied/${name}`,
  };
}

export function policyOf({ role, policy }: OrgSettings): Policy {
  const { expires: _, ...rules } = policy;
  return { role, ...rules };
}

/** The commit whose manifests these are: HEAD, where nothing of the folder differs from it. */
export async function committed(site: Site, settings: OrgSettings): Promise<string | undefined> {
  const repository = await site.repository();
  if (repository === undefined || (await repository.dirtyPaths(settings.manifests)).length > 0) return undefined;
  return repository.head();
}

/** What says which types matter: a tree, or the steps of a plan. */
export interface Holding {
  readonly documents: ReadonlyMap<Address, unknown>;
  readonly completeness: ReadonlyMap<string, Completeness>;
}

/** All types that the tree says something about: what it holds, and what it says it holds whole; all there are, where something may be deleted that others refer to. */
export async function readLive(
  site: Site,
  { client, settings, platform }: OrgSession<OrgReader>,
  tree: Holding,
  reading: 'what it names' | 'all' = 'what it names',
): Promise<LiveSnapshot> {
  const named = new Set([...tree.completeness.keys(), ...[...tree.documents.keys()].map(typeOf)]);
  const types = [...platform.types.keys()].filter((type) => reading === 'all' || named.has(type));
  return site.view.during(`reading ${settings.name}`, () => client.read(types, site.view.report));
}

function neverApplied(orgName: string) {
  return {
    code: 'NEVER_APPLIED',
    severity: 'error',
    message: `nothing was applied to "${orgName}" from this repository yet, so there is nothing to compare it with`,
    hint: `cordboard plan --org ${orgName} --out plan.json, then cordboard apply plan.json`,
  } as const;
}

function noRepository(folder: string) {
  return {
    code: 'NO_REPOSITORY',
    severity: 'error',
    message: `"${folder}" is in no Git repository, so nothing remembers what was applied`,
    hint: 'git init, then plan and apply once more; from then on drift is told',
  } as const;
}

/** The steps of a plan as outputs, sorted by address; `order` tells in which order they are carried out. */
export function stepOutputs(plan: Plan, record: 'step' | 'drift'): readonly StepOutput[] {
  return plan.steps
    .map((step, order) => ({ step, order }))
    .sort((left, right) => (left.step.address < right.step.address ? -1 : 1))
    .map(({ step, order }) => ({
      record,
      order,
      address: step.address,
      action: step.action,
      changes: record === 'drift' ? step.changes.map(turned) : step.changes,
      reasons: step.reasons,
      needs: step.needs,
      ...(step.id === undefined ? {} : { id: step.id }),
      ...(step.was === undefined ? {} : { was: step.was }),
      ...(step.temporary === undefined ? {} : { temporary: step.temporary }),
      ...(step.held === undefined ? {} : { held: step.held }),
    }));
}

/** A drift is told from what was applied to what is there; putting it back goes the other way. */
function turned({ at, kind, before, after }: FieldChange): FieldChange {
  const turnedKind = { add: 'remove', change: 'change', remove: 'add' } as const;
  return { at, kind: turnedKind[kind], ...(after === undefined ? {} : { before: after }), ...(before === undefined ? {} : { after: before }) };
}

/** How many steps of each action, in the order in which they are told; of what is taken over, how much is changed by that. */
export function countActions(plan: Plan): Readonly<Record<string, number>> {
  const count = (action: Action, isChanged?: boolean): number =>
    plan.steps.filter((step) => step.action === action && (isChanged === undefined || step.changes.length > 0 === isChanged)).length;
  return {
    'to create': count('create'),
    'to adopt with changes': count('adopt', true),
    'to adopt as they are': count('adopt', false),
    'to update': count('update'),
    'to delete': count('delete'),
    held: count('held'),
    unchanged: count('unchanged'),
  };
}

/** How an org differs from what was applied to it. */
export function countDrift(plan: Plan): Readonly<Record<string, number>> {
  const count = (isCounted: (step: Step) => boolean): number => plan.steps.filter(isCounted).length;
  return {
    changed: count((step) => step.action === 'update' || step.action === 'adopt' || step.held?.action === 'replace'),
    gone: count((step) => step.action === 'create'),
    new: count((step) => step.action === 'delete' || step.held?.action === 'delete'),
    'as applied': count((step) => step.action === 'unchanged'),
  };
}
