import { type Address, splitEdge, typeOf } from '../../state/address.ts';
import type { Step } from '../../state/change.ts';
import type { Document } from '../../state/document.ts';
import { isDone, type Outcome } from '../../state/outcome.ts';
import type { Plan } from '../../state/plan.ts';
import { kindOf } from './kinds.ts';
import { type Commit, type SimulatedOrg, type Thing, US } from './org.ts';
import { differing, portraitField, portraitOfDocument, portraitOfObject } from './portrait.ts';

/** A plan calls nothing missing that was not read whole, names both of two twins, and touches nothing that has a problem. */
export function checkPlan(org: SimulatedOrg, plan: Plan, documents: ReadonlyMap<Address, Document>): void {
  const errors = new Set(plan.problems.filter(({ severity }) => severity === 'error').map(({ at }) => at));
  for (const { address, action } of plan.steps) {
    const read = plan.completeness.live.get(typeOf(address));
    if ((action === 'create' || action === 'delete') && read !== 'whole') org.find('lies', `${address} is to be ${action}d, and its type was read ${read}`);
    if (errors.has(address)) org.find('lies', `${address} has a problem, and a step`);
  }
  org.takeUp(changedFields(plan.steps));
  org.mayDelete = new Set(plan.steps.flatMap(({ action, id }) => (action === 'delete' && id !== undefined ? [id] : [])));
  for (const address of documents.keys()) {
    const twins = org.under(address);
    if (twins.length < 2 || plan.completeness.live.get(typeOf(address)) !== 'whole') continue;
    const isTold = plan.problems.some(({ at, message }) => at === address && twins.every(({ id }) => message.includes(id)));
    if (!isTold) org.find('lies', `${address} lives twice, and the plan does not name both ids`);
  }
}

/** The top fields that the steps of a plan change, by the id of what lives. */
function changedFields(steps: readonly Step[]): ReadonlyMap<string, ReadonlySet<string>> {
  const fields = new Map<string, Set<string>>();
  for (const { id, action, address, changes, was, temporary } of steps) {
    if (id === undefined || action === 'delete' || action === 'held') continue;
    const { pointer } = splitEdge(address);
    const named = [
      ...changes.map(({ at }) => at),
      ...(pointer === undefined ? [] : [pointer]),
      ...(was === undefined && temporary === undefined ? [] : ['/name']),
    ];
    fields.set(id, new Set([...(fields.get(id) ?? []), ...named.map((at) => at.split('/')[1] ?? '')]));
  }
  return fields;
}

export interface Run {
  readonly plan: Plan;
  readonly outcomes: readonly Outcome[];
  /** What the org carried out for us since the plan was taken up. */
  readonly commits: readonly Commit[];
  /** One process alone carried it out. */
  readonly isSole: boolean;
  /** Nothing could go wrong while it was carried out. */
  readonly isCalm: boolean;
  /** Objects that somebody changed between the plan and its being taken up. */
  readonly moved: ReadonlySet<string>;
}

/** What a process said that did not come to its end, or that was not alone: what it calls done was done. */
export function checkReported(org: SimulatedOrg, { plan, outcomes, commits }: Pick<Run, 'plan' | 'outcomes' | 'commits'>): void {
  for (const [index, step] of plan.steps.entries()) {
    const outcome = outcomes[index];
    if (outcome === undefined) continue;
    for (const what of undone(org, { step, outcome }, commits)) org.find('lies', `${step.address} is '${outcome.word}' at a stop, but ${what}`);
  }
}

interface Told {
  readonly step: Step;
  readonly outcome: Outcome;
}

/** A word for something done, of which the org knows nothing. */
function undone(org: SimulatedOrg, { step, outcome }: Told, commits: readonly Commit[]): string[] {
  const { word, id } = outcome;
  const thing = org.things.get(id ?? '');
  const made = commits.filter(({ kind, address }) => (kind === 'create' || kind === 'restore') && address === step.address);
  // Where an object does not name its creator, an equal one that came after our request is taken for ours.
  const { isSigned } = kindOf(typeOf(splitEdge(step.address).owner));
  if (word === 'created' && isSigned && !made.some((commit) => commit.id === id)) return ['the org did not create it for us'];
  if (word === 'updated' && !commits.some((commit) => commit.kind === 'update' && commit.id === id)) return ['nothing was written'];
  const isDeleted = commits.some((commit) => commit.kind === 'delete' && commit.id === step.id) || thing === undefined || org.now(thing).isGone;
  return word === 'deleted' && !isDeleted ? ['nothing was deleted'] : [];
}

/** Every word of an outcome against the org's own journal. */
export function checkOutcomes(org: SimulatedOrg, run: Run): void {
  for (const [index, step] of run.plan.steps.entries()) {
    const outcome = run.outcomes[index];
    if (outcome?.address !== step.address) org.find('lies', `there is no outcome for ${step.address}`);
    else
      for (const what of contradictions(org, { step, outcome }, run))
        org.find('lies', `${step.address} is '${outcome.word}' (${outcome.message ?? ''}), but ${what}`);
  }
}

function contradictions(org: SimulatedOrg, told: Told, run: Run): string[] {
  const { step, outcome } = told;
  const { plan, commits } = run;
  const { owner, pointer } = splitEdge(step.address);
  const { word, id } = outcome;
  const found = undone(org, told, commits);
  const made = pointer === undefined ? commits.filter(({ kind, address }) => (kind === 'create' || kind === 'restore') && address === step.address) : [];
  const thing = org.things.get(id ?? '');
  if (made.length > 0 && word !== 'created' && word !== 'unknown' && id === undefined) found.push('the org created it for us');
  if (made.filter(({ kind }) => kind === 'create').length > 1) found.push('the org created it more than once');
  // A name that was taken for a while is given back, and that is written.
  const isAside = plan.steps.some(({ address, temporary }) => temporary !== undefined || (address !== owner && splitEdge(address).owner === owner));
  const isTouched = !isAside && commits.some((commit) => commit.address === step.address);
  if (pointer === undefined && isTouched && (word === 'held' || (word === 'skipped' && !outcome.message?.startsWith('interrupted'))))
    found.push('it was written');
  const isOwned = /^(created|perhaps written)/.test(outcome.message ?? '');
  if (word === 'stale' && run.isSole && pointer === undefined && isTouched && !isOwned) found.push('it was written');
  if (word === 'unknown' && run.isCalm && run.isSole) found.push('nothing was unclear');
  if ((word === 'updated' || word === 'deleted') && pointer === undefined && step.id !== undefined && run.moved.has(step.id))
    found.push('somebody had changed it since the plan was made');
  if (
    word === 'failed' &&
    step.temporary === undefined &&
    thing?.unseen.size === 0 &&
    step.document !== undefined &&
    pointer === undefined &&
    unkept(org, told, thing, run).length === 0
  )
    found.push('it is as wanted');
  if (!isDone(outcome) || word === 'deleted') return found;
  const goesLater = plan.steps.some((other) => other.action === 'delete' && other.id === id);
  if (thing === undefined || org.now(thing).isGone) return goesLater ? found : [...found, `no object has the id ${id}`];
  return [...found, ...unkept(org, told, thing, run)];
}

/** What is called done is as wanted, unless somebody has been there since. */
function unkept(org: SimulatedOrg, { step, outcome: { word } }: Told, thing: Thing, run: Run): string[] {
  // What is moved aside is changed by the steps that follow.
  if (step.document === undefined || step.temporary !== undefined || thing.unseen.size > 0) return [];
  const { pointer } = splitEdge(step.address);
  const portrait = portraitOfDocument(step.document);
  // An edge that is cleared makes way for a moment.
  if (pointer !== undefined && portrait[portraitField(step.address, pointer)] === '') return [];
  const left = differing(portraitOfObject(thing.kind, org.now(thing).body, namesMeant(org, run)), portrait, thing.ignored);
  const deferred = new Set(step.deferred.map((at) => portraitField(step.address, at)));
  const fields = left.filter((field) => (pointer === undefined ? !deferred.has(field) : field === portraitField(step.address, pointer)));
  const secrets = word === 'adopted' || word === 'unchanged' || pointer !== undefined ? [] : unsentSecrets(step.document, thing);
  // A portrait shows no name.
  const names = pointer === undefined && org.addressOf(thing) !== step.address ? ['name'] : [];
  return [...[...names, ...fields].map((field) => `its ${field} is not as wanted`), ...secrets];
}

/**
 * What ids stand for in refs. What was to be renamed, and was not, is told so of itself: who refers to it refers to the object that is meant, whatever
 * it is called, and has nothing to write.
 */
function namesMeant(org: SimulatedOrg, { plan, outcomes }: Run): SimulatedOrg['nameOf'] {
  const meant = new Map<string, Address>();
  for (const [index, { id, was, temporary, document, address }] of plan.steps.entries()) {
    const outcome = outcomes[index];
    const isOwn = temporary === undefined && document !== undefined;
    if (id !== undefined && was !== undefined && isOwn && outcome !== undefined && !isDone(outcome)) meant.set(id, address);
  }
  const isLiving = (id: string) => org.living().some((thing) => thing.id === id);
  return (type, id) => {
    const address = meant.get(id);
    return address !== undefined && typeOf(address) === type && isLiving(id) ? address : org.nameOf(type, id);
  };
}

function unsentSecrets(document: Document, thing: Thing): string[] {
  const names = Object.keys((document.body['credentialFields'] ?? {}) as object);
  return names.filter((name) => thing.secrets[name] === undefined && thing.by === US).map((name) => `the secret ${name} was not sent`);
}

/** In the end everything that is wanted lives once, as wanted, and refers to what lives. */
export function checkEnd(
  org: SimulatedOrg,
  wanted: ReadonlyMap<Address, Document>,
  { held, isUnfinished }: { held: ReadonlySet<Address>; isUnfinished: boolean },
): void {
  if (isUnfinished) org.find('lost', 'after all plans there was still something to do');
  for (const [address, document] of wanted) {
    const [thing, ...others] = org.under(address);
    if (thing === undefined) org.find('lost', `${address} does not live at the end`);
    if (others.length > 0) org.find('duplicated', `${address} lives ${others.length + 1} times at the end`);
    if (thing === undefined || isUnfinished || held.has(address)) continue;
    const left = differing(portraitOf(org, thing), portraitOfDocument(document), thing.ignored);
    if (left.length > 0) org.find('lost', `${address} is not as wanted at the end: ${left.join()}`);
  }
  for (const thing of org.living())
    for (const [type, id] of thing.kind.refs(org.now(thing).body)) {
      const target = org.things.get(id);
      if (target === undefined || target.kind.type !== type || org.now(target).isGone)
        org.find('dangling', `${org.addressOf(thing)} refers to ${org.nameOf(type, id)}`);
    }
}

function portraitOf(org: SimulatedOrg, thing: Thing) {
  return portraitOfObject(thing.kind, org.now(thing).body, org.nameOf);
}
