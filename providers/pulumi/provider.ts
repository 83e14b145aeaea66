import type { dynamic } from '@pulumi/pulumi';
import { type Address, splitEdge, typeOf } from '../../state/address.ts';
import { canonicalJson } from '../../state/canonical.ts';
import type { Step } from '../../state/change.ts';
import type { Document } from '../../state/document.ts';
import { isDone, type Outcome } from '../../state/outcome.ts';
import type { Plan } from '../../state/plan.ts';
import { type Problem, Refused } from '../../state/problem.ts';
import { isAlwaysThere } from '../../state/refs.ts';
import type { LiveSnapshot } from '../../state/snapshot.ts';
import { asideStep, clearStep, deleteStep, heldStep, judgedStep, unjudged } from './deletions.ts';
import { isEdge, type ReadBag, type ResourceInputs, readInputs } from './inputs.ts';
import { type LiveOrg, liveInputs, whereabouts } from './live-inputs.ts';
import { createStep, edgeStep, isReplacement, isUnchanged, requireType, type StepSite, takeOverStep, updateStep, wantedOf } from './steps.ts';

/** What the provider process is given: how it reaches an org, and what it can tell without one. */
export interface ProviderHost {
  /** Called once per org and process. */
  readonly openSite: (org: string) => Promise<ProviderSite>;
  /** What is missing to write this document to that org (a secret that is not set); asked in every preview. Needs no org. */
  readonly findMissing: (org: string, document: Document) => readonly Problem[];
}

/** One org as the provider process reaches it: read once, written through the reconciler. */
export interface ProviderSite extends StepSite {
  /** What the org holds, from one list per type; read at the first call and then from memory. */
  readonly org: () => Promise<LiveOrg>;
  readonly carryOut: (step: Step) => Promise<Outcome>;
  /** The plan by which the deletions of this run are judged, where it keeps these addresses and nothing else that was applied. */
  readonly judge: (isKept: (address: Address) => boolean) => Promise<Plan>;
  /** Takes a temporary name back that led nowhere; what became of it is noted. */
  readonly takeBack: (step: Step, outcome: Outcome) => Promise<void>;
}

type Bag = Readonly<Record<string, unknown>>;

/** Most bytes of a message that reaches the engine: it travels in a gRPC trailer, three times as long, and one beyond 60 KB hangs the connection. */
const LONGEST_MESSAGE = 8_000;

/**
 * The dynamic provider: Pulumi's verbs on top of the one reconciler. Nothing here writes; whatever makes a write safe lives in the
 * reconciler. Every failure is told in words for people, without a stack, and bounded.
 */
export function makeProvider({ openSite, findMissing }: ProviderHost): dynamic.ResourceProvider {
  const sites = new Map<string, Promise<ProviderSite>>();
  const siteOf = ({ inputs }: ReadBag): Promise<ProviderSite> => {
    const site = sites.get(inputs.org) ?? openSite(inputs.org);
    sites.set(inputs.org, site);
    return site;
  };
  /** Owners of edges as this process has checked them, by their address and, unless another has it now, by the one before a rename. */
  const checked = new Map<Address, ReadBag>();
  /** What the engine was told to replace: it creates the new one, and deletes the old at the end. */
  const replaced = new Set<Address>();
  /** Judged once, before the first deletion: by then everything that this run keeps was checked. */
  const judgements = new Map<string, Promise<Plan>>();
  const judged = (site: ProviderSite, org: string): Promise<Plan> => {
    const plan = judgements.get(org) ?? site.judge((address) => checked.has(address));
    judgements.set(org, plan);
    return plan;
  };
  const remember = (bag: ReadBag): void => {
    const { was } = bag.inputs;
    if (was !== undefined && !checked.has(was)) checked.set(was, bag);
    checked.set(bag.address, bag);
  };

  return inWordsForPeople({
    async check(olds: Bag, news: Bag) {
      const bag = readInputs(news);
      const { was, ...inputs } = bag.inputs;
      const body = canonicalJson(bag.value);
      if (!isEdge(bag.address)) remember(bag);
      const problems = [
        ...(isEdge(bag.address) || olds['body'] === body ? [] : findMissing(inputs.org, wantedOf(bag))),
        ...(was === undefined ? [] : findWrongRename(bag, was, await (await siteOf(bag)).org(), olds['body'] === undefined)),
      ];
      return { inputs: bagOf({ ...inputs, body }), failures: problems.map((problem) => ({ property: 'body', reason: bound(sayProblem(problem)) })) };
    },

    async diff(_id: string, olds: Bag, news: Bag) {
      const [before, after] = [readInputs(olds), readInputs(news)];
      requireSameOrg(before, after);
      const site = await siteOf(after);
      if (!isEdge(after.address) && isReplacement(before, after, site)) {
        replaced.add(after.address);
        return { replaces: ['body'], deleteBeforeReplace: false };
      }
      // Where something differs the engine compares the inputs itself, and shows it field by field.
      return isUnchanged(before, after, site) ? { changes: false } : {};
    },

    async create(news: Bag) {
      const bag = readInputs(news);
      const site = await siteOf(bag);
      const org = await site.org();
      if (replaced.has(bag.address)) return { id: await replaceIn(site, bag), outs: bagOf(bag.inputs) };
      const step = isEdge(bag.address)
        ? edgeStep(bag, undefined, site, org, checked.get(splitEdge(bag.address).owner))
        : isAlwaysThere(bag.address)
          ? takeOverStep(bag, site, org)
          : createStep(bag, site);
      return { id: settledId(await site.carryOut(step)), outs: bagOf(bag.inputs) };
    },

    async update(id: string, olds: Bag, news: Bag) {
      const [before, after] = [readInputs(olds), readInputs(news)];
      requireSameOrg(before, after);
      const site = await siteOf(after);
      const org = await site.org();
      const step = isEdge(after.address)
        ? edgeStep(after, before, site, org, checked.get(splitEdge(after.address).owner))
        : updateStep(id, before, after, site, org);
      settledId(await site.carryOut(step), id);
      return { outs: bagOf(after.inputs) };
    },

    async read(id: string, props: Bag) {
      const bag = readInputs(props);
      const site = await siteOf(bag);
      const org = await site.org();
      const owner = splitEdge(bag.address).owner;
      const from = whereabouts(owner, id, org);
      if (from === undefined && isGone(org.live, owner)) return { id: '', props: {} };
      const now = from === undefined ? undefined : liveInputs(bag, requireType(site, owner), org, from);
      if (from === undefined || now === undefined) throw new Error(whyUnread(org.live, owner));
      const outs = bagOf(now);
      return { id: org.live.ids.get(from) ?? id, props: outs, inputs: outs };
    },

    async delete(id: string, props: Bag) {
      const bag = readInputs(props);
      const { owner, pointer } = splitEdge(bag.address);
      const ownerNow = checked.get(owner);
      // The owner itself now says what the field is: dissolving a cycle never blanks it.
      if (pointer !== undefined && ownerNow !== undefined && !ownerNow.inputs.deferred.includes(pointer)) return;
      const site = await siteOf(bag);
      const org = await site.org();
      if (isGone(org.live, owner) && !isAnywhere(owner, id, org)) return;
      settledId(await site.carryOut(goingStep(bag, id, await judged(site, bag.inputs.org), site, org)), id);
    },
  });
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
async function replaceIn(site: ProviderSite, bag: ReadBag): Promise<string> {
  const plan = await site.judge(() => true);
  const { address } = bag;
  const held = plan.steps.find((step) => step.held !== undefined && (step.address === address || step.was === address));
  if (held?.held !== undefined) return settledId(await site.carryOut(heldStep(bag, held.id ?? '', held.held)));
  const step = asideStep(plan, address);
  const aside = step === undefined ? undefined : await site.carryOut(step);
  if (aside !== undefined) settledId(aside);
  const outcome = await site.carryOut(createStep(bag, site));
  if (step !== undefined && aside !== undefined && !isDone(outcome)) await site.takeBack(step, aside);
  return settledId(outcome);
}

/** Whether it certainly lives no more: its type was read whole, and no object has its key. */
function isGone(live: LiveSnapshot, address: Address): boolean {
  return live.completeness.get(typeOf(address)) === 'whole' && !live.documents.has(address) && !live.twins.has(address);
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
 * beside the old; or of a name that another document takes, since the engine would take the one for the other.
 */
function findWrongRename({ address, inputs }: ReadBag, was: Address, { live, isWanted, declared }: LiveOrg, isNew: boolean): readonly Problem[] {
  const { org } = inputs;
  const problem = (code: string, message: string, hint: string): Problem => ({ code, severity: 'error', at: address, message, hint });
  if (isWanted(was) && declared.get(was) === address && splitEdge(address).pointer === undefined) {
    const message = `${address} says that it was ${was}, and another document takes that name: the engine, which knows resources by their names, would mix them up`;
    return [
      problem(
        'RENAME_OF_SEVERAL',
        message,
        `cordboard plan --org ${org} --out plan.json, then cordboard apply plan.json; after that this stack is right as it is`,
      ),
    ];
  }
  if (!isNew || live.documents.has(address) || !live.documents.has(was)) return [];
  const message = `${address} says that it was ${was}, which lives in the org and not in this stack`;
  return [problem('RENAME_NOT_ADOPTED', message, `cordboard adopt --org ${org}, then again`)];
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
function bagOf({ address, body, org, deferred, ignore, refs }: ResourceInputs): Record<string, unknown> {
  return { address, body, org, deferred: [...deferred], ignore: [...ignore], refs: { ...refs } };
}
