import type { dynamic } from '@pulumi/pulumi';
import { type Address, splitEdge, typeOf } from '../../state/address.ts';
import { canonicalJson, hashDocument } from '../../state/canonical.ts';
import type { Step } from '../../state/change.ts';
import { diffDocuments, isReplacement, normalise } from '../../state/diff.ts';
import type { Document } from '../../state/document.ts';
import { isDone, type Outcome } from '../../state/outcome.ts';
import { getAt, type Pointer, setAt } from '../../state/pointer.ts';
import type { ResourceType, TypeTable } from '../../state/resource-type.ts';
import type { LiveSnapshot } from '../../state/snapshot.ts';
import type { Value } from '../../state/value.ts';
import { documentOf, isEdge, type ResourceInputs, readInputs } from './inputs.ts';

/** One org as the provider process reaches it: read once, written through the reconciler. */
export interface ProviderSite {
  readonly types: TypeTable;
  /** What the org holds, from one list per type; read at the first call and then from memory. */
  readonly live: () => Promise<LiveSnapshot>;
  /** The live document under an address, in the form in which the stack holds `last`: directives kept where they mean what is live. */
  readonly liveAs: (address: Address, last: Document | undefined) => Promise<Document | undefined>;
  readonly carryOut: (step: Step) => Promise<Outcome>;
}

type Bag = Readonly<Record<string, unknown>>;

/** Longest message that reaches the engine: a gRPC trailer beyond 60 KB hangs the connection. */
const LONGEST_MESSAGE = 8_000;

/**
 * The dynamic provider: Pulumi's five verbs on top of the one reconciler. `openSite` is called with an org's name, once per org and
 * process. Nothing here writes; whatever makes a write safe lives in the reconciler.
 */
export function makeProvider(openSite: (org: string) => Promise<ProviderSite>): dynamic.ResourceProvider {
  const sites = new Map<string, Promise<ProviderSite>>();
  const site = (inputs: ResourceInputs): Promise<ProviderSite> => {
    const open = sites.get(inputs.org) ?? openSite(inputs.org);
    sites.set(inputs.org, open);
    return open;
  };
  /** Owners that this process has checked, with the fields that edge resources write. */
  const checked = new Map<Address, readonly Pointer[]>();

  return {
    async check(_olds: Bag, news: Bag) {
      const { inputs, address, value } = readInputs(news);
      if (!isEdge(address)) checked.set(address, inputs.deferred);
      return { inputs: bagOf({ ...inputs, body: canonicalJson(value) }) };
    },

    async diff(_id: string, olds: Bag, news: Bag) {
      const before = readInputs(olds);
      const after = readInputs(news);
      if (isEdge(after.address)) return {};
      const type = await typeAt(site(after.inputs), after.address);
      const changes = diffDocuments(
        documentOf(before.address, before.value, after.inputs.ignore),
        documentOf(after.address, after.value, after.inputs.ignore),
        type,
      );
      // Delete first, so that the delete is refused before anything is created beside the live object.
      return isReplacement(changes, type) ? { replaces: ['body'], deleteBeforeReplace: true } : {};
    },

    async create(news: Bag) {
      const { inputs, address, value } = readInputs(news);
      const at = await site(inputs);
      const outcome = await at.carryOut(isEdge(address) ? await edgeStep(at, address, value) : createStep(address, inputs, value));
      return { id: settledId(outcome, inputs), outs: bagOf(inputs) };
    },

    async update(id: string, olds: Bag, news: Bag) {
      const { inputs, address, value } = readInputs(news);
      const at = await site(inputs);
      const step = isEdge(address) ? await edgeStep(at, address, value) : await updateStep(at, id, readInputs(olds), { inputs, address, value });
      settledId(await at.carryOut(step), inputs, id);
      return { outs: bagOf(inputs) };
    },

    async read(id: string, props: Bag) {
      const { inputs, address, value } = readInputs(props);
      const at = await site(inputs);
      const live = await (isEdge(address) ? readEdge(at, address, value) : readDocument(at, address, inputs, value));
      if (live === undefined) return { id: '', props: {} };
      const now = bagOf({ ...inputs, ...live });
      return { id: live.id ?? id, props: now, inputs: now };
    },

    async delete(id: string, props: Bag) {
      const { inputs, address } = readInputs(props);
      const { owner, pointer } = splitEdge(address);
      const inline = checked.get(owner);
      // The owner itself now says what the field is: dissolving a cycle never blanks it.
      if (pointer !== undefined && inline !== undefined && !inline.includes(pointer)) return;
      const at = await site(inputs);
      const live = await at.live();
      if (pointer === undefined && isGone(live, address)) return;
      settledId(await at.carryOut(heldStep(address, id)), inputs, id);
    },
  };
}

function isGone(live: LiveSnapshot, address: Address): boolean {
  return live.completeness.get(typeOf(address)) === 'whole' && !live.documents.has(address) && !live.twins.has(address);
}

function createStep(address: Address, inputs: ResourceInputs, value: Value): Step {
  const document = documentOf(address, value, inputs.ignore);
  return {
    address,
    action: 'create',
    changes: [],
    reasons: ['the stack holds no such resource'],
    after: hashDocument(document, inputs.deferred),
    document,
    deferred: inputs.deferred,
    needs: [],
  };
}

async function updateStep(at: ProviderSite, id: string, before: ReturnType<typeof readInputs>, after: ReturnType<typeof readInputs>): Promise<Step> {
  const known = documentOf(before.address, before.value, after.inputs.ignore);
  const live = await at.liveAs(before.address, known);
  const document = documentOf(after.address, after.value, after.inputs.ignore);
  const type = requireType(at.types, after.address);
  const unmoved = live !== undefined && hashDocument(live, before.inputs.deferred) === hashDocument(known, before.inputs.deferred);
  return {
    address: after.address,
    action: 'update',
    changes: diffDocuments(known, document, type, after.inputs.deferred),
    reasons: ['the stack and the manifests differ'],
    // What the stack last saw is what the preview showed. An org that has moved since is refused by the reconciler as stale.
    before: hashDocument(unmoved ? live : known, after.inputs.deferred),
    after: hashDocument(document, after.inputs.deferred),
    document,
    deferred: after.inputs.deferred,
    id,
    needs: [],
    ...(before.address === after.address ? {} : { was: before.address }),
  };
}

/** An edge's document is its owner's live document with the one field as wanted. */
async function edgeStep(at: ProviderSite, edge: Address, value: Value): Promise<Step> {
  const { owner, pointer } = splitEdge(edge);
  const live = await at.liveAs(owner, undefined);
  const field = pointer ?? '';
  const document: Document = { address: owner, body: setAt(live?.body ?? {}, field, value) };
  return {
    address: edge,
    action: 'update',
    changes: [],
    reasons: ['this edge closes a cycle, so it is written after both ends exist'],
    document,
    deferred: [field],
    needs: [],
    ...(live === undefined ? {} : { before: hashDocument(live, []) }),
  };
}

function heldStep(address: Address, id: string): Step {
  const held = {
    action: 'delete',
    rule: 'deletes are off',
    allow: 'take the resource out of the stack with "pulumi state delete", or put its document back',
  } as const;
  return { address, action: 'held', changes: [], reasons: ['the program no longer holds it'], deferred: [], needs: [], id, held };
}

interface Seen {
  readonly id?: string;
  readonly body: string;
  readonly refs?: Readonly<Record<string, string>>;
}

async function readDocument(at: ProviderSite, address: Address, inputs: ResourceInputs, value: Value): Promise<Seen | undefined> {
  const live = await at.live();
  if (isGone(live, address)) return undefined;
  const twins = live.twins.get(address);
  if (twins !== undefined) throw new Error(`${address} is several objects in this org: ${twins.join(', ')}; rename or remove all but one`);
  const last = documentOf(address, value, inputs.ignore);
  const document = await at.liveAs(address, last);
  const id = live.ids.get(address);
  if (document === undefined || id === undefined) throw new Error(`${address} could not be read: ${reasonOf(live, typeOf(address))}`);
  let body = normalise(document, requireType(at.types, address)).body;
  for (const pointer of inputs.deferred) body = setAt(body, pointer, undefined);
  for (const pattern of inputs.ignore) body = setAt(body, pattern, getAt(last.body, pattern));
  return { id, body: canonicalJson(body), refs: idsOfRefs(body, live) };
}

async function readEdge(at: ProviderSite, edge: Address, _last: Value): Promise<Seen | undefined> {
  const { owner, pointer } = splitEdge(edge);
  if (isGone(await at.live(), owner)) return undefined;
  const document = await at.liveAs(owner, undefined);
  return { body: canonicalJson(getAt(document?.body, pointer ?? '') ?? null) };
}

/** Ids of the `$ref`s of a body, by address, as they are in this org. */
export function idsOfRefs(body: Value, live: Pick<LiveSnapshot, 'ids'>): Readonly<Record<string, string>> {
  const found = refsOf(body).flatMap((address) => {
    const id = live.ids.get(address);
    return id === undefined ? [] : [[address, id] as const];
  });
  return Object.fromEntries(found);
}

function reasonOf(live: LiveSnapshot, type: string): string {
  return live.problems.find((problem) => problem.message.includes(type))?.message ?? `type ${type} was not read whole`;
}

async function typeAt(site: Promise<ProviderSite>, address: Address): Promise<ResourceType> {
  return requireType((await site).types, address);
}

function requireType(types: TypeTable, address: Address): ResourceType {
  const type = types.get(typeOf(address));
  if (type === undefined) throw new Error(`this version of Cordboard does not know the type of ${address}`);
  return type;
}

/** The id after a step that went well; otherwise the error that the engine shows, with what was made so far so that it is not lost. */
function settledId(outcome: Outcome, inputs: ResourceInputs, known?: string): string {
  const id = outcome.id ?? known;
  if (isDone(outcome) && id !== undefined) return id;
  const message = `${outcome.address}: ${outcome.word}${outcome.message === undefined ? '' : `: ${outcome.message}`}`.slice(0, LONGEST_MESSAGE);
  throw new Error(message);
}

/** Plain JSON for the engine: `undefined` anywhere in a bag makes it refuse the whole answer. */
function bagOf(inputs: ResourceInputs): Record<string, unknown> {
  const { address, body, org, deferred, ignore, refs } = inputs;
  return { address, body, org, deferred: [...deferred], ignore: [...ignore], refs: { ...refs } };
}
