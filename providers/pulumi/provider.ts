import type { dynamic } from '@pulumi/pulumi';
import { type Address, splitEdge, typeOf } from '../../state/address.ts';
import { canonicalJson } from '../../state/canonical.ts';
import type { Step } from '../../state/change.ts';
import { isDone, type Outcome } from '../../state/outcome.ts';
import type { Plan } from '../../state/plan.ts';
import { type Problem, Refused } from '../../state/problem.ts';
import { isAlwaysThere } from '../../state/refs.ts';
import type { LiveSnapshot } from '../../state/snapshot.ts';
import { asideStep, clearStep, deleteStep, heldStep, judgedStep, unjudged } from './deletions.ts';
import { isEdge, type ReadBag, type ResourceInputs, readInputs, registeredAs } from './inputs.ts';
import { isLeft, type LiveOrg, liveInputs, placeOf } from './live-inputs.ts';
import type { ProviderHost, ProviderSite } from './provider-site.ts';
import { type Run, startRun } from './run.ts';
import { createStep, edgeStep, isReplacement, isUnchanged, requireType, takeOverStep, updateStep, wantedOf } from './steps.ts';

type Bag = Readonly<Record<string, unknown>>;

/** Most bytes of a message that reaches the engine: it travels in a gRPC trailer, three times as long, and one beyond 60 KB hangs the connection. */
const LONGEST_MESSAGE = 8_000;

/**
 * The dynamic provider: Pulumi's verbs on top of the one reconciler. Nothing here writes; whatever makes a write safe lives in the
 * reconciler. Every failure is told in words for people, without a stack, and bounded.
 */
export function makeProvider(host: ProviderHost): dynamic.ResourceProvider {
  const run = startRun(host);
  return inWordsForPeople({
    check: (olds: Bag, news: Bag) => check(run, olds, news),
    diff: (_id: string, olds: Bag, news: Bag) => diff(run, olds, news),
    create: (news: Bag) => create(run, news),
    update: (id: string, olds: Bag, news: Bag) => update(run, id, [olds, news]),
    read: (id: string, props: Bag) => read(run, id, props),
    delete: (id: string, props: Bag) => remove(run, id, props),
  });
}

async function check(run: Run, olds: Bag, news: Bag): Promise<dynamic.CheckResult> {
  const bag = readInputs(news);
  const { was, ...inputs } = bag.inputs;
  const body = canonicalJson(bag.value);
  if (!isEdge(bag.address)) run.remember(bag);
  const problems = [
    ...(isEdge(bag.address) || olds['body'] === body ? [] : run.findMissing(inputs.org, wantedOf(bag))),
    ...(was === undefined ? [] : findWrongRename(bag, was, await (await run.siteOf(bag)).org(), olds['body'] === undefined ? undefined : readInputs(olds))),
  ];
  return { inputs: bagOf({ ...inputs, body }), failures: problems.map((problem) => ({ property: 'body', reason: bound(sayProblem(problem)) })) };
}

async function diff(run: Run, olds: Bag, news: Bag): Promise<dynamic.DiffResult> {
  const [before, after] = [readInputs(olds), readInputs(news)];
  requireSameOrg(before, after);
  const site = await run.siteOf(after);
  if (!isEdge(after.address) && isReplacement(before, after, site)) {
    if (before.inputs.registered !== undefined) throw new Error(whyNotHere(after));
    run.replaced.set(after.address, before);
    return { replaces: ['body'], deleteBeforeReplace: false };
  }
  // Where something differs the engine compares the inputs itself, and shows it field by field.
  return isUnchanged(before, after, site) ? { changes: false } : {};
}

async function create(run: Run, news: Bag): Promise<dynamic.CreateResult> {
  const bag = readInputs(news);
  const site = await run.siteOf(bag);
  const org = await site.org();
  const old = run.replaced.get(bag.address);
  if (old !== undefined) return { id: await replaceIn(site, old, bag, await run.judged(site, bag.inputs.org)), outs: bagOf(bag.inputs) };
  const step = () =>
    isEdge(bag.address)
      ? edgeStep(bag, undefined, site, org, run.checked(splitEdge(bag.address).owner))
      : isAlwaysThere(bag.address)
        ? takeOverStep(bag, site, org)
        : createStep(bag, site);
  return { id: settledId(await run.wayOf(site, bag.inputs.org).carryOut(bag.address, step)), outs: bagOf(bag.inputs) };
}

async function update(run: Run, id: string, [olds, news]: readonly [Bag, Bag]): Promise<dynamic.UpdateResult> {
  const [before, after] = [readInputs(olds), readInputs(news)];
  requireSameOrg(before, after);
  const site = await run.siteOf(after);
  const org = await site.org();
  if (isUnseen(before, after.address, org)) throw new Error(`${after.address}: ${NOT_REFRESHED}`);
  const way = run.wayOf(site, after.inputs.org);
  const step = () =>
    isEdge(after.address)
      ? edgeStep(after, before, site, org, run.checked(splitEdge(after.address).owner))
      : updateStep(id, [before, after], site, org, way.asNow(id, org));
  settledId(await way.carryOut(after.address, step), id);
  return { outs: bagOf(after.inputs) };
}

async function read(run: Run, id: string, props: Bag): Promise<dynamic.ReadResult> {
  const bag = readInputs(props);
  const site = await run.siteOf(bag);
  const org = await site.org();
  const owner = registeredAs(bag);
  const from = placeOf(owner, id, org);
  if (from === undefined && isGone(owner, org)) return { id: '', props: {} };
  const now = from === undefined ? undefined : liveInputs(bag, requireType(site, owner), org, from);
  if (from === undefined || now === undefined) throw new Error(whyUnread(org.live, owner));
  const outs = bagOf(now);
  return { id: org.live.ids.get(from) ?? id, props: outs, inputs: outs };
}

async function remove(run: Run, id: string, props: Bag): Promise<void> {
  const bag = readInputs(props);
  const { owner, pointer } = splitEdge(bag.address);
  const ownerNow = run.checked(owner);
  // The owner itself now says what the field is: dissolving a cycle never blanks it.
  if (pointer !== undefined && ownerNow !== undefined && !ownerNow.inputs.deferred.includes(pointer)) return;
  const site = await run.siteOf(bag);
  const org = await site.org();
  if (isGone(owner, org) && !isAnywhere(owner, id, org)) return;
  const step = goingStep(bag, id, await run.judged(site, bag.inputs.org), site, org);
  settledId(await run.wayOf(site, bag.inputs.org).carryOut(bag.address, () => step), id);
}

/** What a deletion that the engine wants comes to: as the plan of the whole run judges it. */
function goingStep(bag: ReadBag, id: string, plan: Plan, site: ProviderSite, org: LiveOrg): Step {
  const { owner, pointer } = splitEdge(bag.address);
  const step = judgedStep(plan, owner, id);
  if (step?.action !== 'delete') return heldStep(bag, id, step?.held ?? unjudged(plan, owner, site.policy));
  if (pointer !== undefined) return clearStep(bag, site, org);
  // What was moved aside is as the plan saw it; all else as the stack last saw it.
  return step.was === undefined ? deleteStep(bag, id, step, site, org) : step;
}

/** Creates what takes the place of a live object that cannot become it. That one is moved aside first, and back where the new one cannot be made. */
async function replaceIn(site: ProviderSite, old: ReadBag, bag: ReadBag, plan: Plan): Promise<string> {
  const { address } = bag;
  const held = plan.steps.find((step) => step.held !== undefined && (step.address === address || step.was === address));
  if (held?.held !== undefined) return settledId(await site.carryOut(heldStep(bag, held.id ?? '', held.held)));
  const step = asideStep(plan, old, bag, { site, org: await site.org() });
  const aside = step === undefined ? undefined : await site.carryOut(step);
  if (aside !== undefined) settledId(aside);
  const outcome = await site.carryOut(createStep(bag, site));
  if (step !== undefined && aside !== undefined && !isDone(outcome)) await site.takeBack(step, aside);
  return settledId(outcome);
}

/** Whether it certainly lives no more: its type was read whole, and no object has its key. */
function isGone(address: Address, org: LiveOrg): boolean {
  const { live } = org;
  const isFree = !live.documents.has(address) || isLeft(address, org);
  return live.completeness.get(typeOf(address)) === 'whole' && isFree && !live.twins.has(address);
}

/** Whether the stack does not say yet which object it is that has this name from now on: another had it when it was last refreshed. */
function isUnseen(before: ReadBag, address: Address, org: LiveOrg): boolean {
  const from = org.passing.get(address);
  return from === undefined ? isLeft(address, org) : !isEdge(before.address) && before.address !== from;
}

const NOT_REFRESHED = 'its name passes from one object to another, and the stack does not know yet which is which; pulumi refresh, then again';

function whyNotHere({ address, inputs }: ReadBag): string {
  const message = `${address} takes the name of another object and has to be made anew at the same time, which the engine cannot tell apart`;
  return `${message}; cordboard plan --org ${inputs.org} --out plan.json, then cordboard apply plan.json; after that this stack is right as it is`;
}

/** Whether the object of this id lives under any address of the type. */
function isAnywhere(address: Address, id: string, { addresses }: LiveOrg): boolean {
  const now = addresses.get(id);
  return now !== undefined && typeOf(now) === typeOf(address);
}

function whyUnread(live: LiveSnapshot, address: Address): string {
  const twins = live.twins.get(address);
  if (twins !== undefined) return `${address} is several objects in this org (ids ${twins.join(', ')}); rename or remove all but one`;
  const problem = live.problems.find((one) => one.at === address) ?? live.problems.find((one) => one.message.includes(typeOf(address)));
  return `${address} could not be read: ${problem?.message ?? `the type ${typeOf(address)} was not read whole`}`;
}

/**
 * A document that declares a rename which the engine cannot carry out: of what this stack does not hold, since creating it would put a second one
 * beside the old; or of a name that another document takes, where the stack (`before`) does not say yet which object is which.
 */
function findWrongRename({ address, inputs }: ReadBag, was: Address, org: LiveOrg, before: ReadBag | undefined): readonly Problem[] {
  const { live, unclear, passing } = org;
  const untold = unclear.filter(({ at }) => at === address);
  if (untold.length > 0 || isEdge(address)) return untold;
  const problem = (code: string, message: string, hint: string): Problem => ({ code, severity: 'error', at: address, message, hint });
  if (before !== undefined && isUnseen(before, address, org)) {
    const message = `${address} says that it was ${was}, and another document takes that name: this stack does not know yet which is which`;
    return [problem('RENAME_NOT_REFRESHED', message, 'pulumi refresh, then again; cordboard up does so itself')];
  }
  const from = passing.get(address) ?? (live.documents.has(address) ? undefined : was);
  if (before !== undefined || from === undefined || !live.documents.has(from)) return [];
  const message = `${address} says that it was ${was}, which lives in the org and not in this stack`;
  return [problem('RENAME_NOT_ADOPTED', message, `cordboard adopt --org ${inputs.org}, then again`)];
}

/** A state that was moved to another org's stack knows nothing of that org. */
function requireSameOrg(before: ReadBag, after: ReadBag): void {
  if (before.inputs.org === after.inputs.org) return;
  const [stack, program] = [before.inputs.org, after.inputs.org];
  throw new Error(`the stack holds ${after.address} of the org "${stack}", and the program is for "${program}"; make a new stack, then cordboard adopt`);
}

/** The id after a step that went well; otherwise the error that the engine shows. What was made is in the journal and is found again. */
function settledId(outcome: Outcome, known?: string): string {
  const id = outcome.id ?? known;
  if (isDone(outcome) && id !== undefined) return id;
  throw new Error(`${outcome.address}: ${outcome.word}${outcome.message === undefined ? '' : `: ${outcome.message}`}`);
}

type Verb = (...bags: never[]) => Promise<unknown>;

function inWordsForPeople<Verbs extends Readonly<Record<string, Verb>>>(verbs: Verbs): Verbs {
  const entries = Object.entries(verbs).map(([name, verb]) => {
    const bounded = async (...bags: never[]) => {
      try {
        return await verb(...bags);
      } catch (failure) {
        throw bare(failure instanceof Refused ? failure.problems.map(sayProblem).join('; ') : failure instanceof Error ? failure.message : String(failure));
      }
    };
    return [name, bounded] as const;
  });
  return Object.fromEntries(entries) as Verbs;
}

/** An error for people: the provider process prints the stack of what it catches, and ours would say nothing to them. */
function bare(message: string): Error {
  const error = new Error(bound(message));
  error.stack = '';
  return error;
}

function sayProblem({ message, hint }: Problem): string {
  return hint === undefined ? message : `${message}; ${hint}`;
}

function bound(message: string): string {
  const bytes = Buffer.from(message);
  return bytes.length <= LONGEST_MESSAGE
    ? message
    : `${bytes
        .subarray(0, LONGEST_MESSAGE)
        .toString()
        .replace(/\uFFFD+$/, '')} ...`;
}

/** Plain JSON for the engine: `undefined` anywhere in a bag makes it refuse the whole answer. */
function bagOf({ address, body, org, deferred, ignore, refs, registered }: ResourceInputs): Record<string, unknown> {
  return { address, body, org, deferred: [...deferred], ignore: [...ignore], refs: { ...refs }, ...(registered === undefined ? {} : { registered }) };
}
