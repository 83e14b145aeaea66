import type { dynamic } from '@pulumi/pulumi';
import { type Address, splitEdge, typeOf } from '../../state/address.ts';
import { canonicalJson } from '../../state/canonical.ts';
import type { Step } from '../../state/change.ts';
import { diffDocuments } from '../../state/diff.ts';
import type { Document } from '../../state/document.ts';
import { isCreateOnly } from '../../state/make-plan.ts';
import { isDone, type Outcome } from '../../state/outcome.ts';
import { type Pointer, setAt } from '../../state/pointer.ts';
import { holdOf, type Policy } from '../../state/policy.ts';
import { isAlwaysThere } from '../../state/refs.ts';
import type { ResourceType, TypeTable } from '../../state/resource-type.ts';
import { rulesOf } from '../../state/rules.ts';
import type { LiveSnapshot } from '../../state/snapshot.ts';
import { edgeHash, resourceHash } from '../../state/step-hash.ts';
import { makeMap } from '../../state/value.ts';
import { documentOf, isEdge, type ReadBag, type ResourceInputs, readInputs } from './inputs.ts';
import { type LiveOrg, liveDocument, liveInputs } from './live-inputs.ts';

/** One org as the provider process reaches it: read once, written through the reconciler. */
export interface ProviderSite {
  readonly types: TypeTable;
  readonly policy: Policy;
  /** What the org holds, from one list per type; read at the first call and then from memory. */
  readonly org: () => Promise<LiveOrg>;
  readonly carryOut: (step: Step) => Promise<Outcome>;
}

type Bag = Readonly<Record<string, unknown>>;

/** Longest message that reaches the engine: a gRPC trailer beyond 60 KB hangs the connection. */
const LONGEST_MESSAGE = 8_000;

/**
 * The dynamic provider: Pulumi's verbs on top of the one reconciler. `openSite` is called with an org's name, once per org and
 * process. Nothing here writes; whatever makes a write safe lives in the reconciler.
 */
export function makeProvider(openSite: (org: string) => Promise<ProviderSite>): dynamic.ResourceProvider {
  const sites = new Map<string, Promise<ProviderSite>>();
  const siteOf = ({ inputs }: ReadBag): Promise<ProviderSite> => {
    const site = sites.get(inputs.org) ?? openSite(inputs.org);
    sites.set(inputs.org, site);
    return site;
  };
  /** Owners that this process has checked, with the fields that edge resources write. */
  const checked = new Map<Address, readonly Pointer[]>();

  return {
    async check(_olds: Bag, news: Bag) {
      const bag = readInputs(news);
      if (!isEdge(bag.address)) checked.set(bag.address, bag.inputs.deferred);
      return { inputs: bagOf({ ...bag.inputs, body: canonicalJson(bag.value) }) };
    },

    async diff(_id: string, olds: Bag, news: Bag) {
      const after = readInputs(news);
      if (isEdge(after.address)) return {};
      // Delete first, so that the delete is refused before anything is created beside the live object.
      return isReplacement(readInputs(olds), after, await siteOf(after)) ? { replaces: ['body'], deleteBeforeReplace: true } : {};
    },

    async create(news: Bag) {
      const bag = readInputs(news);
      const site = await siteOf(bag);
      const org = await site.org();
      const step = isEdge(bag.address)
        ? edgeStep(bag, undefined, site, org)
        : isAlwaysThere(bag.address)
          ? takeOverStep(bag, site, org)
          : createStep(bag, site);
      return { id: settledId(await site.carryOut(step)), outs: bagOf(bag.inputs) };
    },

    async update(id: string, olds: Bag, news: Bag) {
      const [before, after] = [readInputs(olds), readInputs(news)];
      const site = await siteOf(after);
      const org = await site.org();
      const step = isEdge(after.address) ? edgeStep(after, before, site, org) : updateStep(id, before, after, site, org);
      settledId(await site.carryOut(step), id);
      return { outs: bagOf(after.inputs) };
    },

    async read(id: string, props: Bag) {
      const bag = readInputs(props);
      const site = await siteOf(bag);
      const org = await site.org();
      const owner = splitEdge(bag.address).owner;
      if (isGone(org.live, owner)) return { id: '', props: {} };
      const now = liveInputs(bag, requireType(site, owner), org);
      if (now === undefined) throw bare(whyUnread(org.live, owner));
      const outs = bagOf(now);
      return { id: org.live.ids.get(owner) ?? id, props: outs, inputs: outs };
    },

    async delete(id: string, props: Bag) {
      const bag = readInputs(props);
      const { owner, pointer } = splitEdge(bag.address);
      const deferred = checked.get(owner);
      // The owner itself now says what the field is: dissolving a cycle never blanks it.
      if (pointer !== undefined && deferred !== undefined && !deferred.includes(pointer)) return;
      const site = await siteOf(bag);
      if (isGone((await site.org()).live, owner)) return;
      settledId(await site.carryOut(heldStep(bag, id, site)), id);
    },
  };
}

function isGone(live: LiveSnapshot, address: Address): boolean {
  return live.completeness.get(typeOf(address)) === 'whole' && !live.documents.has(address) && !live.twins.has(address);
}

function whyUnread(live: LiveSnapshot, address: Address): string {
  const twins = live.twins.get(address);
  if (twins !== undefined) return `${address} is several objects in this org (ids ${twins.join(', ')}); rename or remove all but one`;
  const problem = live.problems.find((one) => one.at === address) ?? live.problems.find((one) => one.message.includes(typeOf(address)));
  return `${address} could not be read: ${problem?.message ?? `the type ${typeOf(address)} was not read whole`}`;
}

function isReplacement(before: ReadBag, after: ReadBag, site: ProviderSite): boolean {
  const type = requireType(site, after.address);
  if (before.address !== after.address && !type.isRenamable) return true;
  const changes = diffDocuments(wantedOf(before), wantedOf(after), type, after.inputs.deferred);
  return changes.some((change) => isCreateOnly(change.at, rulesOf(type)));
}

function createStep(bag: ReadBag, site: ProviderSite): Step {
  const { deferred, ignore } = bag.inputs;
  const document = wantedOf(bag);
  const after = resourceHash(document, requireType(site, bag.address), deferred, ignore);
  const reasons = ['the stack holds no such resource'];
  return { address: bag.address, action: 'create', changes: [], reasons, after, document: withPlaceholders(document, bag, site), deferred, needs: [] };
}

/** What every org has is never made: it is adopted as it is now, with what differs. */
function takeOverStep(bag: ReadBag, site: ProviderSite, org: LiveOrg): Step {
  const type = requireType(site, bag.address);
  const { deferred, ignore } = bag.inputs;
  const [live, document] = [liveDocument(wantedOf(bag), type, org), wantedOf(bag)];
  const id = org.live.ids.get(bag.address);
  return {
    address: bag.address,
    action: 'adopt',
    changes: diffDocuments(live, document, type, deferred),
    reasons: ['every org has it'],
    ...(live === undefined ? {} : { before: resourceHash(live, type, deferred, ignore) }),
    after: resourceHash(document, type, deferred, ignore),
    document,
    deferred,
    needs: [],
    ...(id === undefined ? {} : { id }),
  };
}

/** What the stack last saw is what the preview showed: an org that has moved since is refused by the reconciler as stale. */
function updateStep(id: string, before: ReadBag, after: ReadBag, site: ProviderSite, org: LiveOrg): Step {
  const type = requireType(site, after.address);
  const { deferred, ignore } = after.inputs;
  const [known, document] = [documentOf(before.address, before.value, ignore), wantedOf(after)];
  const live = liveDocument(known, type, org);
  const hash = (of: Document, without: readonly Pointer[]): string => resourceHash(of, type, without, ignore);
  const isUnmoved = live !== undefined && hash(live, before.inputs.deferred) === hash(known, before.inputs.deferred);
  return {
    address: after.address,
    action: 'update',
    changes: diffDocuments(known, document, type, deferred),
    reasons: ['the stack and the manifests differ'],
    before: hash(isUnmoved ? live : known, deferred),
    after: hash(document, deferred),
    document,
    deferred,
    id,
    needs: [],
    ...(before.address === after.address ? {} : { was: before.address }),
  };
}

/** An edge is a field of its owner. Where it is new to the stack, what lives there now may be overwritten only if it is nothing or the same. */
function edgeStep(after: ReadBag, before: ReadBag | undefined, site: ProviderSite, { live }: LiveOrg): Step {
  const { owner, pointer } = splitEdge(after.address);
  const field = pointer ?? '';
  const holding = (bag: ReadBag): Document => ({ address: owner, body: setAt(makeMap([]), field, bag.value) });
  const document = holding(after);
  const id = live.ids.get(owner);
  return {
    address: after.address,
    action: before === undefined ? 'create' : 'update',
    changes: diffDocuments(before === undefined ? undefined : holding(before), document, requireType(site, owner)),
    reasons: ['it closes a cycle, so it is written after both ends exist'],
    ...(before === undefined ? {} : { before: edgeHash(after.address, holding(before).body, field) }),
    after: edgeHash(after.address, document.body, field),
    document,
    deferred: [field],
    needs: [],
    ...(id === undefined ? {} : { id }),
  };
}

function heldStep({ address }: ReadBag, id: string, { policy }: ProviderSite): Step {
  const reasons = ['the program no longer holds it'];
  return { address, action: 'held', changes: [], reasons, deferred: [], needs: [], id, held: holdOf('delete', splitEdge(address).owner, policy) };
}

function wantedOf({ address, value, inputs }: ReadBag): Document {
  return documentOf(address, value, inputs.ignore);
}

function withPlaceholders(document: Document, { inputs }: ReadBag, site: ProviderSite): Document {
  const { placeholder } = requireType(site, document.address);
  const body = inputs.deferred.reduce((left, pointer) => setAt(left, pointer, placeholder?.(document, pointer)), document.body);
  return { ...document, body };
}

function requireType({ types }: ProviderSite, address: Address): ResourceType {
  const type = types.get(typeOf(address));
  if (type === undefined) throw new Error(`this version of Cordboard does not know the type of ${address}`);
  return type;
}

/** The id after a step that went well; otherwise the error that the engine shows. What was made is in the journal and is found again. */
function settledId(outcome: Outcome, known?: string): string {
  const id = outcome.id ?? known;
  if (isDone(outcome) && id !== undefined) return id;
  throw bare(`${outcome.address}: ${outcome.word}${outcome.message === undefined ? '' : `: ${outcome.message}`}`);
}

/** An error for people: the provider process prints the stack of what it catches, and ours would say nothing to them. */
function bare(message: string): Error {
  const error = new Error(message.slice(0, LONGEST_MESSAGE));
  error.stack = '';
  return error;
}

/** Plain JSON for the engine: `undefined` anywhere in a bag makes it refuse the whole answer. */
function bagOf({ address, body, org, deferred, ignore, refs }: ResourceInputs): Record<string, unknown> {
  return { address, body, org, deferred: [...deferred], ignore: [...ignore], refs: { ...refs } };
}
