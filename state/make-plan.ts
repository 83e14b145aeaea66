import { type Address, edgeAddress, keyOf, splitEdge, typeOf } from './address.ts';
import type { Action, FieldChange, Step } from './change.ts';
import { holdOf } from './delete-budget.ts';
import { diffNormalised } from './diff.ts';
import type { Document } from './document.ts';
import { buildGraph, type Order, orderGraph } from './graph.ts';
import { findRenames, type Match, type Matching, type Memory, matchDocuments } from './match.ts';
import { compareText, normalise } from './normalise.ts';
import type { Plan } from './plan.ts';
import { dropAt, getAt, type Pointer, pointerSegments, setAt } from './pointer.ts';
import type { DeleteLimit, Policy } from './policy.ts';
import type { Problem } from './problem.ts';
import { sortProblems } from './problem-order.ts';
import type { Referrers } from './referrers.ts';
import { isAlwaysThere } from './refs.ts';
import { completenessOf, findVariables, makeRefChecker, missingVariable } from './remap.ts';
import { rememberedAs, withRenames } from './renames.ts';
import type { ResourceType, TypeTable } from './resource-type.ts';
import { rotatedFields, unknownSecrets } from './rotation.ts';
import { type Rules, rulesBelow, rulesOf } from './rules.ts';
import type { LiveSnapshot, Snapshot } from './snapshot.ts';
import { edgeHash, normalisedHash } from './step-hash.ts';
import { asDirective, makeMap } from './value.ts';

export interface PlanRequest {
  /** What shall be, with variables resolved (`resolveVariables`). */
  readonly wanted: Snapshot;
  readonly live: LiveSnapshot;
  readonly types: TypeTable;
  readonly policy: Policy;
  /** The ids behind addresses that the tree names and does not hold (`findOutside`); none for what is not there. */
  readonly externals: ReadonlyMap<Address, readonly string[]>;
  /** What the one who plans allows to be deleted; left out: nothing. */
  readonly allowDeletes?: DeleteLimit;
  /** Who else may refer to what is to be deleted, beside what the declared types tell. */
  readonly referrers?: Referrers;
  /** What was applied to this org last. Without it, nothing that lives is known to be ours, so all of it is adopted. */
  readonly remembered?: Memory;
  /** Names of secrets whose fields are sent again although nothing differs that can be read. */
  readonly rotate?: ReadonlySet<string>;
}

/**
 * What has to be done to make live as wanted: one step per document and per deferred edge, those that need nothing first, then what is held.
 * A document with a problem is in no step, nor is what needs it; the rest is planned. Nothing is called missing, or to be deleted, unless its
 * type was read whole (for deletion also: unless the tree holds it whole). The order of the inputs makes no difference.
 */
export function makePlan(given: PlanRequest): Plan {
  const { wanted, types } = given;
  const renames = findRenames(wanted, given.live, given.remembered);
  const live = withRenames(given.live, renames, types);
  const remembered = given.remembered === undefined ? undefined : rememberedAs(given.remembered, renames, types);
  const request: PlanRequest = { ...given, live, ...optional('remembered', remembered) };
  const matching = matchDocuments(wanted, live, types, remembered);
  const order = orderGraph(buildGraph(wanted.documents, types), renameOrder(matching));
  const unknown = unknownSecrets(wanted.documents.values(), types, request.rotate ?? NONE);
  const found = [...wanted.problems, ...live.problems, ...matching.problems, ...findProblems(request, matching), ...order.problems, ...unknown];
  const problems = sortProblems(found);
  const leftOut = leaveOut(order, problems);
  const planning: Planning = { request, matching, order };
  const steps = order.order.filter((address) => !leftOut.has(address)).flatMap((address) => planAddress(address, planning));
  return {
    steps: [...steps, ...planDeletions(planning)],
    problems,
    completeness: { live: live.completeness, wanted: wanted.completeness },
    cycles: order.cycles,
    living: countLiving(given.live),
    ...optional('allowDeletes', given.allowDeletes),
  };
}

function countLiving({ documents }: LiveSnapshot): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const address of documents.keys()) counts.set(typeOf(address), (counts.get(typeOf(address)) ?? 0) + 1);
  return counts;
}

/** The same, with what was applied last as what is wanted: each step is a drift. */
export function planDrift(request: Omit<PlanRequest, 'wanted' | 'remembered'> & { readonly applied: Snapshot & Memory }): Plan {
  return makePlan({ ...request, wanted: request.applied, remembered: request.applied });
}

const NONE: ReadonlySet<string> = new Set();

interface Planning {
  readonly request: PlanRequest;
  readonly matching: Matching;
  readonly order: Order;
}

/** Who takes over a key comes after the one that gives it up. */
function renameOrder({ matches }: Matching): readonly (readonly [Address, Address])[] {
  return [...matches.values()].flatMap(({ wanted, was }) => (was !== undefined && matches.has(was) ? [[was, wanted.address] as const] : []));
}

/** All that keeps documents from being planned and is not told by matching or ordering. */
function findProblems({ wanted, live, types, externals }: PlanRequest, { matches }: Matching): readonly Problem[] {
  const checkRefs = makeRefChecker({ tree: wanted, types, org: { live, externals } });
  const told = new Set(wanted.problems.filter((problem) => problem.code === 'VAR_NOT_SET').map((problem) => problem.at));
  const found: Problem[] = [];
  const notRead = new Map<string, Address[]>();
  for (const document of [...wanted.documents.values()].sort((left, right) => compareText(left.address, right.address))) {
    const { address } = document;
    const type = types.get(typeOf(address));
    if (type === undefined) {
      found.push(unknownType(address));
      continue;
    }
    found.push(...checkRefs(document, type));
    if (!told.has(address)) found.push(...findVariables(document, type).map((miss) => missingVariable(address, miss, new Map())));
    const isMissing = matches.get(address)?.live === undefined && matches.has(address);
    if (isMissing && completenessOf(live, type.name) !== 'whole' && externals.get(address)?.length !== 0) {
      notRead.set(type.name, [...(notRead.get(type.name) ?? []), address]);
    }
  }
  return [...found, ...[...notRead].flatMap(([type, addresses]) => addresses.map((address) => notReadProblem(type, address, live)))];
}

/** Everything that has an error, and every step that needs one of them. */
function leaveOut(order: Order, problems: readonly Problem[]): ReadonlySet<Address> {
  const out = new Set<Address>(order.leftOut);
  for (const problem of problems) if (problem.severity === 'error' && problem.at !== undefined) out.add(problem.at);
  for (const address of order.order) {
    if (out.has(address)) continue;
    if ((order.needs.get(address) ?? []).some((need) => out.has(need))) out.add(address);
  }
  return out;
}

function planAddress(address: Address, planning: Planning): readonly Step[] {
  const { owner, pointer } = splitEdge(address);
  const match = planning.matching.matches.get(owner);
  const type = planning.request.types.get(typeOf(owner));
  if (match === undefined || type === undefined) return [];
  return [pointer === undefined ? planResource(match, type, planning) : planEdge({ match, pointer, type }, planning)];
}

function planResource(match: Match, type: ResourceType, { request, order }: Planning): Step {
  const { wanted, live } = match;
  const deferred = order.deferred.get(wanted.address) ?? [];
  const [before, after] = [live === undefined ? undefined : normalise(live, type), normalise(wanted, type)];
  const rotated = live === undefined ? [] : rotatedFields(wanted, type, request.rotate ?? NONE);
  const differing = [...diffNormalised(before, after, type, deferred), ...lackingPlaceholders(wanted, live, type, deferred)];
  const changes = [...differing, ...rotated];
  const replaced = live === undefined ? undefined : whyReplaced(match, changes, type);
  const beforeHash = before === undefined ? undefined : normalisedHash(before, deferred, wanted.ignore);
  const isSame = beforeHash !== undefined && changes.length === 0 && match.was === undefined;
  return {
    address: wanted.address,
    action: replaced === undefined ? actionOf(match, changes) : 'held',
    changes,
    reasons: [...reasonsOf(match, differing, request), ...rotationReasons(rotated), ...(replaced === undefined ? [] : [replaced])],
    ...optional('before', beforeHash),
    after: isSame ? beforeHash : normalisedHash(after, deferred, wanted.ignore),
    document: baseDocument(wanted, deferred, live === undefined ? type : undefined),
    deferred,
    ...optional('id', match.id),
    ...optional('was', match.was),
    needs: order.needs.get(wanted.address) ?? [],
    ...(replaced === undefined ? {} : { held: holdOf('replace', wanted.address, request.policy, wanted) }),
  };
}

/** The wanted document without what other steps write; where it is created (`created`), with the type's placeholders there. */
function baseDocument(wanted: Document, deferred: readonly Pointer[], created: ResourceType | undefined): Document {
  if (deferred.length === 0) return wanted;
  const body = deferred.reduce((left, pointer) => {
    const standIn = created?.placeholder?.(wanted, pointer);
    return standIn === undefined ? dropAt(left, pointer) : setAt(left, pointer, standIn);
  }, wanted.body);
  return { ...wanted, body };
}

function planEdge({ match, pointer, type }: { match: Match; pointer: Pointer; type: ResourceType }, { order }: Planning): Step {
  const { wanted, live } = match;
  const address = edgeAddress(wanted.address, pointer);
  const [before, after] = [live === undefined ? undefined : normalise(live, type), normalise(wanted, type)];
  const changes = diffNormalised(before === undefined ? undefined : pick(before, pointer), pick(after, pointer), type, []);
  const beforeHash = before === undefined ? undefined : edgeHash(address, before.body, pointer);
  return {
    address,
    action: actionOf({ ...match, was: undefined }, changes),
    changes,
    reasons: [`"${pointer}" is written after both ends exist, since they need each other`],
    ...optional('before', beforeHash),
    after: changes.length === 0 && beforeHash !== undefined ? beforeHash : edgeHash(address, after.body, pointer),
    document: wanted,
    deferred: [pointer],
    ...optional('id', match.id),
    needs: order.needs.get(address) ?? [],
  };
}

/** Where an object lives without what others need to refer to it (a flow that was never published): the placeholder is written first, as at creation. */
function lackingPlaceholders(wanted: Document, live: Document | undefined, type: ResourceType, deferred: readonly Pointer[]): readonly FieldChange[] {
  const { placeholder } = type;
  if (live === undefined || placeholder === undefined) return [];
  return deferred.filter((at) => getAt(live.body, at) === undefined).map((at) => ({ at, kind: 'add', after: placeholder(wanted, at) }));
}

/** The document as if it had this field alone. */
function pick(document: Document, pointer: Pointer): Document {
  const value = getAt(document.body, pointer);
  return { ...document, body: value === undefined ? makeMap([]) : setAt(makeMap([]), pointer, value) };
}

function actionOf(match: { readonly live?: Document; readonly was?: Address | undefined; readonly isKnown: boolean }, changes: readonly FieldChange[]): Action {
  if (match.live === undefined) return 'create';
  if (match.was !== undefined) return 'update';
  if (!match.isKnown) return 'adopt';
  return changes.length === 0 ? 'unchanged' : 'update';
}

function reasonsOf(match: Match, changes: readonly FieldChange[], { live }: PlanRequest): readonly string[] {
  const { wanted, was } = match;
  if (match.live === undefined) {
    const isDeleted = live.deleted.has(wanted.address);
    return [isDeleted ? 'it is deleted in the org, and creating it restores it' : 'nothing lives in the org under this key', ...renameHint(match)];
  }
  if (was !== undefined && match.renamedBy === 'org') return [`it was renamed to "${keyOf(was)}" in the org since it was last applied`];
  if (was !== undefined) return [`the document says that it was "${keyOf(was)}"`];
  if (!match.isKnown) return ['it lives in the org, and was not applied from here before'];
  return changes.length === 0 ? [] : [changes.length === 1 ? 'one field differs' : `${changes.length} fields differ`];
}

function renameHint({ maybeWas }: Match): readonly string[] {
  if (maybeWas === undefined) return [];
  return [
    `"${keyOf(maybeWas)}" in the org has the same body and is in no document: if this is its new key, add the line "was: ${keyOf(maybeWas)}"; if not, "was: none"`,
  ];
}

function rotationReasons(rotated: readonly FieldChange[]): readonly string[] {
  const names = [...new Set(rotated.flatMap(({ after }) => asDirective(after)?.value ?? []))];
  return names.length === 0 ? [] : [`secrets are to be sent again: ${names.join(', ')}`];
}

/** Why the live object would have to go for the wanted one to come; undefined where it can become it. */
function whyReplaced(match: Match, changes: readonly FieldChange[], type: ResourceType): string | undefined {
  if (match.was !== undefined && !type.isRenamable) return 'the key of this type cannot change, so a rename is a replacement';
  const fixed = type.createOnly.length === 0 ? [] : changes.filter((change) => isCreateOnly(change.at, rulesOf(type)));
  return fixed.length === 0 ? undefined : `cannot change once it exists: ${fixed.map((change) => change.at).join(', ')}`;
}

/** Whether a field cannot change once its resource exists. `root` are the rules of its type. */
export function isCreateOnly(at: Pointer, root: Rules): boolean {
  let rules = root;
  for (const segment of pointerSegments(at)) {
    rules = rulesBelow(rules, segment);
    if (rules.isCreateOnly === true) return true;
  }
  return false;
}

/** What lives and is in no document, of types that both sides hold whole: all held, what is needed by others last. */
function planDeletions({ request, matching }: Planning): readonly Step[] {
  const { live, wanted, types } = request;
  const isGone = (address: Address) =>
    [live, wanted].every((side) => completenessOf(side, typeOf(address)) === 'whole') && !isAlwaysThere(address) && !isTwin(address, live);
  const gone = new Map(matching.unclaimed.filter(({ address }) => isGone(address)).map((found) => [found.address, found]));
  const documents = new Map(
    [...gone.keys()].flatMap((address) => {
      const document = live.documents.get(address);
      return document === undefined ? [] : [[address, document] as const];
    }),
  );
  const { order, leftOut } = orderGraph(buildGraph(documents, types));
  const backward = [...[...leftOut].sort(compareText), ...order.filter((address) => documents.has(address)).reverse()];
  return backward.flatMap((address) => {
    const document = documents.get(address);
    return document === undefined ? [] : [planDeletion(document, gone.get(address)?.maybeNow, request)];
  });
}

function isTwin(address: Address, live: LiveSnapshot): boolean {
  return live.twins.has(address);
}

function planDeletion(document: Document, maybeNow: Address | undefined, { live, types, policy, remembered }: PlanRequest): Step {
  const { address } = document;
  const type = types.get(typeOf(address));
  const hint =
    maybeNow === undefined ? [] : [`"${keyOf(maybeNow)}" is new and has the same body: if it is this one, add the line "was: ${keyOf(address)}" there`];
  return {
    address,
    action: 'held',
    changes: [],
    reasons: ['it lives in the org and is in no document', ...hint],
    before: normalisedHash(type === undefined ? document : normalise(document, type), []),
    deferred: [],
    ...optional('id', live.ids.get(address)),
    needs: [],
    held: holdOf('delete', address, policy, remembered?.documents.get(address)),
  };
}

function optional<Name extends string, Of>(name: Name, value: Of | undefined): { readonly [Key in Name]?: Of } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [Key in Name]?: Of };
}

function unknownType(address: Address): Problem {
  return {
    code: 'UNKNOWN_TYPE',
    severity: 'error',
    at: address,
    message: `"${typeOf(address)}" is no type that this version knows`,
    hint: 'see "cordboard check"',
  };
}

function notReadProblem(type: string, address: Address, live: LiveSnapshot): Problem {
  const how = completenessOf(live, type) === 'part' ? 'only in part' : 'not at all';
  return {
    code: 'TYPE_NOT_READ',
    severity: 'error',
    at: address,
    message: `whether "${address}" lives in the org cannot be told: the type "${type}" was read ${how}`,
    hint: 'see the other problems of this type; give the client the permission that it lacks, and plan again',
  };
}
