import { type Address, splitEdge, typeOf } from './address.ts';
import type { Step } from './change.ts';
import type { Document } from './document.ts';
import { findClaims } from './find-claims.ts';
import { buildGraph } from './graph.ts';
import { countLiving } from './judge-going.ts';
import { lookAt, optional, typeIn } from './look.ts';
import type { Match } from './match.ts';
import { compareText } from './normalise.ts';
import { type Order, orderGraph } from './order-graph.ts';
import type { Plan } from './plan.ts';
import { type Decisions, decide } from './plan-decisions.ts';
import { planDeletions } from './plan-deletions.ts';
import { planDocument } from './plan-documents.ts';
import { makeReadAt, type ReadAt } from './plan-names.ts';
import { type Arrangement, arrange, type Way } from './plan-order.ts';
import { findProblems } from './plan-problems.ts';
import type { PlanRequest } from './plan-request.ts';
import { asideStep, givingUpStep, withoutTaken } from './plan-way.ts';
import { sharedValues } from './plan-yields.ts';
import type { Problem } from './problem.ts';
import { sortProblems } from './problem-order.ts';
import { parentOf } from './refs.ts';
import { unknownSecrets } from './rotation.ts';
import type { Memory, Snapshot } from './snapshot.ts';
import { replacedAddress, temporaryAddress } from './temporary-key.ts';

export type { PlanRequest } from './plan-request.ts';

/**
 * What has to be done to make live as wanted: one step per document and per deferred edge, those that make way for others, those that delete,
 * then what is held. A document with a problem is in no step, nor is what needs it; the rest is planned. Nothing is called missing, or to be
 * deleted, unless its type was read whole (for deletion also: unless the tree holds it whole). The order of the inputs makes no difference.
 */
export function makePlan(given: PlanRequest): Plan {
  const { wanted, live, types, remembered: memory } = given;
  const claimed: Problem[] = [];
  const claims = findClaims({ wanted, live, types, memory }, claimed);
  const first = lookAt(given, claims, new Map());
  const order = orderGraph(buildGraph(wanted.documents, types));
  const unknown = unknownSecrets(wanted.documents.values(), types, given.rotate ?? new Set());
  const found = [...findProblems(first.request, first.matching), ...sharedValues(wanted, types), ...order.problems, ...unknown];
  const problems = [...wanted.problems, ...live.problems, ...claimed, ...first.matching.problems, ...found];
  const decisions = decide({ given, first, claims, order, problems });
  return {
    steps: planSteps(decisions, order),
    problems: sortProblems([...decisions.problems]),
    completeness: { live: live.completeness, wanted: wanted.completeness },
    cycles: order.cycles,
    living: countLiving(live),
    ...optional('allowDeletes', given.allowDeletes),
  };
}

/** The same, with what was applied last as what is wanted: each step is a drift. */
export function planDrift(request: Omit<PlanRequest, 'wanted' | 'remembered'> & { readonly applied: Snapshot & Memory }): Plan {
  return makePlan({ ...request, wanted: request.applied, remembered: request.applied });
}

/** Everything that making a step needs. */
interface Making extends Decisions {
  readonly order: Order;
  readonly arrangement: Arrangement;
  readonly readAt: ReadAt;
  /** Needs that come from how things are called when a step comes, by address. */
  readonly waits: Map<Address, Set<Address>>;
}

function planSteps(decisions: Decisions, order: Order): readonly Step[] {
  const { look, yields, leftOut } = decisions;
  const { types } = look.request;
  const waiting = new Map([...look.replaced].map(([from, { waits }]) => [from, waits]));
  const arrangement = arrange({
    order,
    yields,
    waiting,
    temporary: (from) => {
      const type = types.get(typeOf(from));
      return type === undefined ? from : temporaryAddress(from, type);
    },
    parent: (from) => {
      const type = types.get(typeOf(from));
      return type === undefined ? undefined : parentOf(from, type);
    },
  });
  const making: Making = { ...decisions, order, arrangement, readAt: makeReadAt(look, arrangement), waits: new Map() };
  const steps = arrangement.order.filter((address) => !leftOut.has(address)).flatMap((address) => makeStep(address, making) ?? []);
  const all = [...steps, ...deletions(steps, making)];
  return making.waits.size === 0 ? all : all.map((step) => withNeeds(step, making.waits.get(step.address)));
}

function withNeeds(step: Step, more: ReadonlySet<Address> | undefined): Step {
  return more === undefined ? step : { ...step, needs: [...new Set([...step.needs, ...more])].sort(compareText) };
}

function makeStep(address: Address, making: Making): Step | undefined {
  const { look, arrangement } = making;
  const way = arrangement.stepsOfWays.get(address);
  if (way !== undefined) return makeWay(address, way, making);
  const match = look.matching.matches.get(splitEdge(address).owner);
  if (match === undefined) return undefined;
  const planning = { ...making, needs: arrangement.needs };
  const first = planDocument(address, asItComes(match, making), planning);
  if (first === undefined || match.live === undefined || first.action === 'unchanged' || first.action === 'create') return first;
  const live = readFor(match.live, address, making);
  return live === match.live ? first : planDocument(address, asItComes({ ...match, live }, making), planning);
}

/** How a live document reads when this step comes; what that asks of the order is noted. */
function readFor(document: Document, step: Address, { readAt, waits }: Making): Document {
  const reading = readAt(document, step);
  for (const other of reading.after) addTo(waits, step, other);
  for (const other of reading.before) addTo(waits, other, step);
  return reading.document;
}

function addTo(sets: Map<Address, Set<Address>>, key: Address, item: Address): void {
  sets.set(key, (sets.get(key) ?? new Set()).add(item));
}

/** What lives for a document when its own step comes: under its temporary name, without what it gave up before. */
function asItComes(match: Match, { arrangement }: Making): Match {
  const { live, was } = match;
  const way = live === undefined ? undefined : arrangement.ways.get(was ?? live.address);
  if (live === undefined || way === undefined) return match;
  const left = withoutTaken(live, way);
  return way.aside === undefined ? { ...match, live: left } : { ...match, live: { ...left, address: way.aside }, was: way.aside };
}

/** A step that makes way: it only gives something up, or gives an object a temporary name. */
function makeWay(address: Address, way: Way, making: Making): Step | undefined {
  const { look, arrangement } = making;
  const { from, giver, aside } = way;
  const live = look.request.live.documents.get(from);
  const type = typeIn(look.request, from);
  const needs = arrangement.needs.get(address) ?? [];
  if (live === undefined || type === undefined) return undefined;
  const clearing = way.clearings.find((one) => one.address === address);
  const { ids } = look.request.live;
  if (clearing !== undefined) return givingUpStep(clearing, { live, id: ids.get(live.address), needs }, look.request.types);
  const wanted = look.request.wanted.documents.get(giver ?? look.replaced.get(from)?.wanted ?? from);
  if (aside === undefined || wanted === undefined) return undefined;
  const until = giver ?? replacedAddress(aside);
  const left = withoutTaken(readFor(live, address, making), way);
  return asideStep({ from, to: aside, until, live: left, id: ids.get(from), wanted, needs }, type, look.request.types);
}

/** The steps that delete, behind all others; what is held of them last. */
function deletions(steps: readonly Step[], making: Making): readonly Step[] {
  const { look, going, judged, arrangement, readAt } = making;
  const written = new Map<Address, Address[]>();
  for (const { address, action } of steps) {
    const { owner } = splitEdge(address);
    if (action !== 'unchanged') written.set(owner, [...(written.get(owner) ?? []), address]);
  }
  const cleared = new Map(
    [...arrangement.ways.values()].flatMap((way) => {
      const [live, address] = [look.request.live.documents.get(way.from), look.replaced.get(way.from)?.waits ?? way.from];
      if (live === undefined || way.clearings.length === 0 || !going.has(address)) return [];
      return [[address, { steps: way.clearings.map((one) => one.address), document: { ...withoutTaken(live, way), address } }] as const];
    }),
  );
  return planDeletions({
    look,
    going,
    judged,
    stepsOf: (wanted) => written.get(wanted) ?? [],
    cleared,
    namers: ({ document, address, step, known }) => {
      const live = step === address ? document : (look.request.live.documents.get(known) ?? document);
      const aside = written.get(address) ?? [];
      return [...readAt(live).after, ...aside];
    },
  });
}
