import { type Address, edgeAddress, splitEdge, typeOf } from './address.ts';
import type { Step } from './change.ts';
import type { Document } from './document.ts';
import type { Look } from './look.ts';
import { makePlan } from './make-plan.ts';
import type { Plan } from './plan.ts';
import { planDocument } from './plan-documents.ts';
import type { PlanRequest } from './plan-request.ts';
import { getAt, makePointer, type Pattern, pointerSegments } from './pointer.ts';
import { findRefs } from './refs.ts';
import { findVariables } from './remap.ts';
import { isCreateOnly } from './replaceable.ts';
import type { ResourceType } from './resource-type.ts';
import { rulesOf } from './rules.ts';
import { sameValue } from './value.ts';

/** A plan that can follow its documents: what one changed document changes in it, found without planning anew where it reaches nothing else. */
export interface Replanning {
  readonly plan: Plan;
  /** True where the last change was followed without planning anew. */
  readonly isQuick: boolean;
  /** The same plan as `makePlan` makes with this document in place of the one under its address. */
  readonly change: (document: Document) => Replanning;
}

/** Plans, and stays ready to plan again. */
export function openReplanning(request: PlanRequest): Replanning {
  return planWhole(request, new Map());
}

/** What is known of a plan, so that one step of it can be made anew. */
interface Known {
  readonly request: PlanRequest;
  /** Documents that have changed since `request`. */
  readonly changed: ReadonlyMap<Address, Document>;
  readonly plan: Plan;
  readonly places: ReadonlyMap<Address, number>;
  /** Addresses of which a problem tells. */
  readonly told: ReadonlySet<Address>;
}

function planWhole(given: PlanRequest, changed: ReadonlyMap<Address, Document>): Replanning {
  const documents = changed.size === 0 ? given.wanted.documents : new Map([...given.wanted.documents, ...changed]);
  const request = { ...given, wanted: { ...given.wanted, documents } };
  const plan = makePlan(request);
  const places = new Map(plan.steps.map(({ address }, place) => [address, place]));
  const told = new Set(plan.problems.flatMap(({ at }) => at ?? []));
  const known: Known = { request, changed: new Map(), plan, places, told };
  return isPlain(known) ? following(known, false) : { plan, isQuick: false, change: (document) => planWhole(request, new Map([[document.address, document]])) };
}

function following(known: Known, isQuick: boolean): Replanning {
  const change = (document: Document): Replanning => {
    const changed = new Map([...known.changed, [document.address, document]]);
    const steps = stepsAlone(document, known);
    if (steps === undefined) return planWhole(known.request, changed);
    const all = known.plan.steps.slice();
    for (const step of steps) all[known.places.get(step.address) ?? -1] = step;
    return following({ ...known, changed, plan: { ...known.plan, steps: all } }, true);
  };
  return { plan: known.plan, isQuick, change };
}

/** Whether every step is of its own document alone: nothing changes its name or its owner, and nothing goes. */
function isPlain({ plan, places }: Known): boolean {
  return plan.steps.every(({ address, action, was, temporary }) => {
    const { owner, pointer } = splitEdge(address);
    const step = plan.steps[places.get(owner) ?? -1];
    return action !== 'delete' && was === undefined && temporary === undefined && (pointer === undefined || step?.deferred.includes(pointer) === true);
  });
}

/** The steps of one document, made anew; undefined where the change may reach other steps, or problems. */
function stepsAlone(document: Document, { request, changed, plan, places, told }: Known): readonly Step[] | undefined {
  const { address } = document;
  const before = changed.get(address) ?? request.wanted.documents.get(address);
  const [type, live, old] = [request.types.get(typeOf(address)), request.live.documents.get(address), plan.steps[places.get(address) ?? -1]];
  if (before === undefined || type === undefined || live === undefined || old === undefined) return undefined;
  if (old.held !== undefined || told.has(address) || (request.rotate?.size ?? 0) > 0 || !reachesNothingElse(before, document, type)) return undefined;
  const id = request.live.ids.get(address);
  const match = { wanted: document, live, isKnown: old.action !== 'adopt', ...(id === undefined ? {} : { id }) };
  const addresses = [address, ...old.deferred.map((pointer) => edgeAddress(address, pointer))];
  const needs = new Map(addresses.map((one) => [one, plan.steps[places.get(one) ?? -1]?.needs ?? []]));
  const planning = { look: lookOf(request), order: { deferred: new Map([[address, old.deferred]]) }, needs, kept: new Map(), emptied: new Map() };
  const steps = addresses.flatMap((one) => (places.has(one) ? (planDocument(one, match, planning) ?? []) : []));
  const isFixed = steps.some(({ changes }) => changes.some(({ at }) => isCreateOnly(at, rulesOf(type))));
  return steps.length < addresses.length || isFixed ? undefined : steps;
}

/** Whether both documents name the same others, at the same places, and hold the same of all that other documents have to do with. */
function reachesNothingElse(before: Document, after: Document, type: ResourceType): boolean {
  if (before.was !== undefined || after.was !== undefined || before.protect !== after.protect) return false;
  if ((before.ignore ?? []).join('\n') !== (after.ignore ?? []).join('\n')) return false;
  if (findVariables(before, type).length > 0 || findVariables(after, type).length > 0) return false;
  const shared = [...(type.unique ?? []), ...(type.lastOne ?? []).map(({ at }) => at)].map(rootOf);
  return shared.every((at) => sameValue(getAt(before.body, at), getAt(after.body, at))) && namesOf(before, type) === namesOf(after, type);
}

/** The place above the first `*`. */
function rootOf(pattern: Pattern): string {
  const segments = pointerSegments(pattern);
  return makePointer(segments.slice(0, segments.includes('*') ? segments.indexOf('*') : segments.length));
}

/** All that a document names, as one text. */
function namesOf(document: Document, type: ResourceType): string {
  const { refs, malformed, dynamic } = findRefs(document, type);
  return JSON.stringify([refs.map(({ pointer, to, kind, optional }) => [pointer, to, kind, optional]), malformed, dynamic]);
}

/** As much of a look at the org as making a step of a document needs where nothing has another name. */
function lookOf(request: PlanRequest): Look {
  return { request, matching: { matches: new Map(), unclaimed: [], problems: [] }, replaced: new Map(), wantedOf: new Map(), read: new Map() };
}
