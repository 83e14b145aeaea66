import { type Address, edgeAddress, keyOf, splitEdge } from './address.ts';
import type { Action, FieldChange, Step } from './change.ts';
import { diffNormalised } from './diff.ts';
import type { Document } from './document.ts';
import type { Emptied } from './last-one.ts';
import { type Look, optional, typeIn } from './look.ts';
import type { Match } from './match.ts';
import { normalise } from './normalise.ts';
import type { Order } from './order-graph.ts';
import type { PlanRequest } from './plan-request.ts';
import { dropAt, expand, getAt, isUnder, type Pointer, setAt } from './pointer.ts';
import type { Hold } from './policy.ts';
import type { ResourceType } from './resource-type.ts';
import { rotatedFields } from './rotation.ts';
import { edgeHash, normalisedHash } from './step-hash.ts';
import { isTemporary } from './temporary-key.ts';
import { asDirective, makeMap } from './value.ts';

export interface Planning {
  readonly look: Look;
  readonly order: Pick<Order, 'deferred'>;
  readonly needs: ReadonlyMap<Address, readonly Address[]>;
  /** What cannot become what is wanted, by the wanted address: why, and what holds the replacement. */
  readonly kept: ReadonlyMap<Address, { readonly reason: string; readonly hold: Hold }>;
  readonly emptied: Emptied;
}

/** The step of one wanted document, or of one of its edges. `live` is what lives for it when the step comes; `was`, what it is called then. */
export function planDocument(address: Address, match: Match, planning: Planning): Step | undefined {
  const { owner, pointer } = splitEdge(address);
  const type = typeIn(planning.look.request, owner);
  if (type === undefined) return undefined;
  return pointer === undefined ? planResource(match, type, planning) : planEdge({ match, pointer, type }, planning);
}

function planResource(match: Match, type: ResourceType, planning: Planning): Step {
  const { order, needs, look, kept, emptied } = planning;
  const { wanted, live } = match;
  const { request } = look;
  const stop = kept.get(wanted.address);
  if (stop !== undefined && live !== undefined && isTemporary(live.address)) return calledBack(match, live, type, planning);
  const deferred = order.deferred.get(wanted.address) ?? [];
  const [before, after] = [live === undefined ? undefined : normalise(live, type), normalise(wanted, type)];
  const rotated = live === undefined ? [] : rotatedFields(wanted, type, request.rotate ?? NONE);
  const differing = [...diffNormalised(before, after, type, deferred), ...lackingPlaceholders(wanted, live, type, deferred)];
  const changes = [...differing, ...rotated];
  const beforeHash = before === undefined ? undefined : normalisedHash(before, deferred, wanted.ignore);
  const isSame = beforeHash !== undefined && changes.length === 0 && match.was === undefined;
  const last = emptied.get(wanted.address)?.find(({ at }) => !deferred.some((edge) => isUnder(at, edge)));
  const held = stop?.hold ?? last?.hold;
  return {
    address: wanted.address,
    action: held === undefined ? actionOf(match, changes) : 'held',
    changes,
    reasons: [...reasonsOf(match, differing, request), ...rotationReasons(rotated), ...(stop === undefined ? [] : [stop.reason])],
    ...optional('before', beforeHash),
    after: isSame ? beforeHash : normalisedHash(after, deferred, wanted.ignore),
    document: baseDocument(wanted, deferred, live === undefined ? type : undefined),
    deferred,
    ...optional('id', match.id),
    ...optional('was', match.was),
    needs: needs.get(wanted.address) ?? [],
    ...optional('held', held),
  };
}

/** What a run that was cut off left under a temporary name, and may not be replaced: it gets its own name back, and nothing else. */
function calledBack({ wanted, id }: Match, live: Document, type: ResourceType, { needs, kept, order }: Planning): Step {
  const document = withSecrets({ ...live, address: wanted.address }, wanted, type);
  const deferred = order.deferred.get(wanted.address) ?? [];
  return {
    address: wanted.address,
    action: 'update',
    changes: [],
    reasons: [leftover(live.address), `it is to be replaced, which is held: ${kept.get(wanted.address)?.hold.rule ?? ''}`],
    before: normalisedHash(normalise(live, type), deferred),
    after: normalisedHash(normalise(document, type), deferred),
    document: baseDocument(document, deferred, undefined),
    deferred,
    ...optional('id', id),
    was: live.address,
    needs: needs.get(wanted.address) ?? [],
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

function planEdge({ match, pointer, type }: { match: Match; pointer: Pointer; type: ResourceType }, { needs, emptied }: Planning): Step {
  const { wanted, live } = match;
  const address = edgeAddress(wanted.address, pointer);
  const [before, after] = [live === undefined ? undefined : normalise(live, type), normalise(wanted, type)];
  const changes = diffNormalised(before === undefined ? undefined : pick(before, pointer), pick(after, pointer), type, []);
  const beforeHash = before === undefined ? undefined : edgeHash(address, before.body, pointer);
  const last = emptied.get(wanted.address)?.find(({ at }) => isUnder(at, pointer));
  return {
    address,
    action: last === undefined ? actionOf({ ...match, was: undefined }, changes) : 'held',
    changes,
    reasons: [`"${pointer}" is written after both ends exist, since they need each other`],
    ...optional('before', beforeHash),
    after: changes.length === 0 && beforeHash !== undefined ? beforeHash : edgeHash(address, after.body, pointer),
    document: wanted,
    deferred: [pointer],
    ...optional('id', match.id),
    needs: needs.get(address) ?? [],
    ...optional('held', last?.hold),
  };
}

/** Where an object lives without what others need to refer to it (a flow that was never published): the placeholder is written first, as at creation. */
function lackingPlaceholders(wanted: Document, live: Document | undefined, type: ResourceType, deferred: readonly Pointer[]): readonly FieldChange[] {
  const { placeholder } = type;
  if (live === undefined || placeholder === undefined) return [];
  return deferred.filter((at) => getAt(live.body, at) === undefined).map((at) => ({ at, kind: 'add', after: placeholder(wanted, at) }));
}

/** The document as if it had this field alone. */
export function pick(document: Document, pointer: Pointer): Document {
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
  if (was !== undefined && match.renamedBy === 'temporary') return [leftover(was)];
  if (was !== undefined && match.renamedBy === 'org') return [`it was renamed to "${keyOf(was)}" in the org since it was last applied`];
  if (was !== undefined) return [`the document says that it was "${wanted.was}"`];
  if (!match.isKnown) return ['it lives in the org, and was not applied from here before'];
  return changes.length === 0 ? [] : [changes.length === 1 ? 'one field differs' : `${changes.length} fields differ`];
}

function leftover(temporary: Address): string {
  return `"${keyOf(temporary)}" is a temporary name, left by a run that was cut off`;
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

/** The document with the names of secrets that another one has: without them, some orgs take what is sent for what they shall be. */
export function withSecrets(document: Document, wanted: Document, type: ResourceType): Document {
  const pointers = type.secrets.flatMap((pattern) => expand(wanted.body, pattern)).filter((at) => asDirective(getAt(wanted.body, at))?.name === '$secret');
  return pointers.length === 0 ? document : { ...document, body: pointers.reduce((body, at) => setAt(body, at, getAt(wanted.body, at)), document.body) };
}

const NONE: ReadonlySet<string> = new Set();
