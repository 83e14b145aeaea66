import { type Address, edgeAddress, keyOf, splitEdge } from './address.ts';
import type { Step } from './change.ts';
import type { Document } from './document.ts';
import type { Going } from './going.ts';
import { buildGraph } from './graph.ts';
import type { Judged } from './judge-going.ts';
import { type Look, optional, typeIn } from './look.ts';
import { compareText, normalise } from './normalise.ts';
import { orderGraph } from './order-graph.ts';
import { dropAt, getAt, type Pointer, setAt } from './pointer.ts';
import type { Hold } from './policy.ts';
import { parentOf } from './refs.ts';
import type { ResourceType } from './resource-type.ts';
import { edgeHash, normalisedHash } from './step-hash.ts';
import { isTemporary } from './temporary-key.ts';

interface Deleting {
  readonly look: Look;
  readonly going: ReadonlyMap<Address, Going>;
  readonly judged: Judged;
  /** Steps of a wanted document that write something. */
  readonly stepsOf: (wanted: Address) => readonly Address[];
  /** Steps that already take something from what is to go, by its address when it goes: the address of each, and the document without that. */
  readonly cleared: ReadonlyMap<Address, { readonly steps: readonly Address[]; readonly document: Document }>;
  /** Steps that have to be done so that what it refers to is called as it is in the look, or so that it waits under its name. */
  readonly namers: (going: Going) => readonly Address[];
}

/**
 * The steps of what is to go: who refers to others before those. Where they refer to each other in a ring, the smallest set of edges that can be
 * cleared is cleared first. What is held comes last, in the same order.
 */
export function planDeletions(deleting: Deleting): readonly Step[] {
  const { look, going, judged } = deleting;
  const leaving = new Map([...going].filter(([address]) => !judged.holds.has(address)));
  const staying = [...going].filter(([address]) => judged.holds.has(address));
  const held = backward(new Map(staying.map(([address, { document }]) => [address, document])), look);
  const documents = new Map([...leaving].map(([address, one]) => [address, deleting.cleared.get(address)?.document ?? one.document]));
  return [
    ...stepsAway(documents, deleting),
    ...held.flatMap((address) => {
      const [one, hold] = [going.get(address), judged.holds.get(address)];
      return one === undefined || hold === undefined ? [] : [heldStep(one, hold, look)];
    }),
  ];
}

/** Users before what they use. */
function backward(documents: ReadonlyMap<Address, Document>, { request }: Look): readonly Address[] {
  const { order, leftOut } = orderGraph(buildGraph(documents, request.types));
  return [...[...leftOut].sort(compareText), ...order.filter((address) => documents.has(address)).reverse()];
}

/** Clearings and deletions of what may go, in an order in which each can be carried out. */
function stepsAway(documents: ReadonlyMap<Address, Document>, deleting: Deleting): readonly Step[] {
  const { look, going, judged } = deleting;
  const order = orderGraph(buildGraph(documents, look.request.types));
  const users = new Map<Address, Address[]>();
  for (const [user, needs] of order.needs) for (const used of needs) users.set(used, [...(users.get(used) ?? []), user]);
  const clearings = order.order.filter((address) => splitEdge(address).pointer !== undefined);
  return [...clearings, ...order.order.filter((address) => documents.has(address)).reverse()].flatMap((address) => {
    const { owner, pointer } = splitEdge(address);
    const [one, document] = [going.get(owner), documents.get(owner)];
    const type = typeIn(look.request, owner);
    if (one === undefined || document === undefined || type === undefined) return [];
    const before = [...(deleting.cleared.get(owner)?.steps ?? []), ...deleting.namers(one)];
    if (pointer !== undefined) return [clearingStep({ document, type, pointer, needs: before, look, going: one })];
    const cut = order.deferred.get(owner) ?? [];
    const others = (users.get(owner) ?? []).flatMap((user) => (splitEdge(user).pointer === undefined ? (going.get(user)?.step ?? []) : user));
    const droppers = [owner, ...ancestors(owner, deleting)].flatMap((above) =>
      [...(judged.droppers.get(above) ?? []), ...byOf(going.get(above))].flatMap(deleting.stepsOf),
    );
    const needs = [...before, ...others, ...droppers, ...cut.map((at) => edgeAddress(owner, at))];
    return [
      deletionStep(
        one,
        cut.reduce((left, at) => cleared(left, type, at), document),
        needs,
        look,
      ),
    ];
  });
}

/** The parents that are to go as well: what refers to them uses their children. */
function ancestors(address: Address, { look, going }: Pick<Deleting, 'look' | 'going'>): readonly Address[] {
  const type = typeIn(look.request, address);
  const parent = type === undefined ? undefined : parentOf(address, type);
  return parent === undefined || !going.has(parent) ? [] : [parent, ...ancestors(parent, { look, going })];
}

function byOf(going: Going | undefined): readonly Address[] {
  return going?.by === undefined ? [] : [going.by];
}

function cleared(document: Document, type: ResourceType, pointer: Pointer): Document {
  const standIn = type.placeholder?.(document, pointer);
  return { ...document, body: standIn === undefined ? dropAt(document.body, pointer) : setAt(document.body, pointer, standIn) };
}

interface Clearing {
  readonly document: Document;
  readonly type: ResourceType;
  readonly pointer: Pointer;
  readonly needs: readonly Address[];
  readonly look: Look;
  readonly going: Going;
}

function clearingStep({ document, type, pointer, needs, look, going }: Clearing): Step {
  const address = edgeAddress(document.address, pointer);
  const [before, after] = [normalise(document, type), normalise(cleared(document, type, pointer), type)];
  const [had, has] = [getAt(before.body, pointer), getAt(after.body, pointer)];
  return {
    address,
    action: 'update',
    changes: [{ at: pointer, kind: has === undefined ? 'remove' : 'change', ...optional('before', had), ...optional('after', has) }],
    reasons: [`it is to be deleted, and "${pointer}" is cleared first, since they need each other`],
    before: edgeHash(address, before.body, pointer),
    after: edgeHash(address, after.body, pointer),
    document: cleared(document, type, pointer),
    deferred: [pointer],
    ...optional('id', look.request.live.ids.get(liveAddress(going))),
    needs: [...new Set(needs)].sort(compareText),
  };
}

/** Where it lives before anything is moved aside: there its id is known. */
function liveAddress({ action, address, step, known }: Going): Address {
  return action === 'replace' && step !== address ? known : address;
}

function deletionStep(going: Going, document: Document, needs: readonly Address[], look: Look): Step {
  const type = typeIn(look.request, going.address);
  return {
    address: going.step,
    action: 'delete',
    changes: [],
    reasons: reasonsOf(going),
    before: normalisedHash(type === undefined ? document : normalise(document, type), []),
    deferred: [],
    ...optional('id', look.request.live.ids.get(liveAddress(going))),
    ...optional('was', going.known === going.address ? undefined : going.known),
    needs: [...new Set(needs)].sort(compareText),
  };
}

function heldStep(going: Going, held: Hold, look: Look): Step {
  const step = deletionStep(going, going.document, [], look);
  return { ...step, action: 'held', held };
}

function reasonsOf({ address, step, known, by, maybeNow }: Going): readonly string[] {
  const isLeft = isTemporary(address) && step === address;
  const left = isLeft ? ['its name is a temporary one, left by a run that was cut off'] : [];
  if (by !== undefined) return [`"${by}" takes the place of "${known}"`, ...left];
  const hint =
    maybeNow === undefined ? [] : [`"${keyOf(maybeNow)}" is new and has the same body: if it is this one, add the line "was: ${keyOf(address)}" there`];
  return ['it lives in the org and is in no document', ...left, ...hint];
}
