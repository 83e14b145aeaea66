import { afterAll, expect, test } from '@jest/globals';
import type { Connection, OrgWriter } from '../../providers/contract.ts';
import { genesys } from '../../providers/genesys/platform.ts';
import { EmulatorCore, emulatorHttp } from '../../providers/genesys-emulator/index.ts';
import { appliedDocuments, appliedIds } from '../../providers/reconciler/applied-record.ts';
import { applyPlan } from '../../providers/reconciler/apply-plan.ts';
import { openJournal } from '../../providers/reconciler/journal.ts';
import { type Address, keyOf, keyParts, makeAddress, typeOf } from '../../state/address.ts';
import { canonicalJson } from '../../state/canonical.ts';
import type { Step } from '../../state/change.ts';
import { diffDocuments } from '../../state/diff.ts';
import type { Document } from '../../state/document.ts';
import { makePlan } from '../../state/make-plan.ts';
import { normalise } from '../../state/normalise.ts';
import { isDone, type Outcome } from '../../state/outcome.ts';
import type { Plan } from '../../state/plan.ts';
import type { Policy } from '../../state/policy.ts';
import type { ResourceType } from '../../state/resource-type.ts';
import type { Memory, Snapshot } from '../../state/snapshot.ts';
import { makeSimulatedWorld } from '../worlds/simulated-world.ts';
import { compareDrift, driftOf, roundsOf, say } from './drift-lines.ts';
import { Hand, targetsIn } from './hand.ts';
import { editsOf, type HandEdit } from './hand-edits.ts';
import { chanceOf, RandomTree, withRandomRenames } from './random-orgs.ts';

/**
 * The plan from any org to any other, applied to the first, gives the second: equal but for ids and secrets. The plan after that is empty, and
 * any part of it from its start, followed by a fresh plan, ends there as well.
 */
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const RUNS = Number(process.env['RUNS'] ?? 14);
const ORG = 'org';
const URL = 'http://127.0.0.1:4022';
const TYPES = [...genesys.types.keys()];
/** Deletes allowed, nothing protected, every list may be emptied. */
const POLICY: Policy = { role: 'test', deletes: { count: 10_000, percent: 100 }, mayBeEmpty: TYPES };
const spec = { name: ORG, homeDivision: 'Headquarters', clients: [{ id: ORG, secret: 'secret', permissions: ['*'] }] };

class Site {
  readonly world = makeSimulatedWorld({ seed: 5 });
  readonly core: EmulatorCore;
  #runs = 0;
  /** What was applied last, as the built-in driver remembers it. */
  memory: Memory | undefined;

  constructor(saved?: ReturnType<EmulatorCore['save']>, memory?: Memory) {
    this.memory = memory;
    this.core = new EmulatorCore({ orgs: [spec], seed: 'any', clock: this.world.clock, ...(saved === undefined ? {} : { saved }) });
    this.world.connect(emulatorHttp(this.core));
  }

  writer(): OrgWriter {
    const connection: Connection = { api: URL, login: URL, apps: URL, clientId: ORG, clientSecret: 'secret' };
    return genesys.openWriter(
      this.world,
      connection,
      () => undefined,
      (name) => `value of ${name}`,
    );
  }

  async plan(wanted: Snapshot): Promise<Plan> {
    const live = await this.world.run(this.writer().read(TYPES, () => undefined));
    const remembered = this.memory === undefined ? {} : { remembered: this.memory };
    return makePlan({ wanted, live, types: genesys.types, policy: POLICY, externals: new Map(), allowDeletes: { count: 10_000, percent: 100 }, ...remembered });
  }

  /** What did not succeed. */
  async apply(plan: Plan): Promise<readonly string[]> {
    this.#runs += 1;
    const org = this.writer();
    await this.world.run(org.read(TYPES, () => undefined));
    const journal = await this.world.run(openJournal(this.world, `/journal-${this.#runs}`));
    const files = async (): Promise<never> => Promise.reject(new Error('no files here'));
    const outcomes = await this.world.run(
      applyPlan(plan, { org, journal, types: genesys.types, files, world: this.world, report: () => undefined, deletions: async () => undefined }),
    );
    this.#remember(plan, outcomes);
    return outcomes.filter((outcome) => !isDone(outcome)).map(({ address, word, message }) => `${word} ${address}: ${message ?? ''}`);
  }

  #remember({ steps }: Plan, outcomes: readonly Outcome[]): void {
    const done = steps.flatMap((step, index) => outcomes.slice(index, index + 1).map((outcome) => ({ step, outcome })));
    const documents = appliedDocuments(done, this.memory?.documents);
    this.memory = { documents, ids: appliedIds(done, documents, this.memory?.ids) };
  }

  /** Where the org differs from what is wanted. */
  async differences(wanted: Snapshot): Promise<readonly string[]> {
    const { documents, problems } = await this.world.run(this.writer().read(TYPES, () => undefined));
    const all = new Set([...documents.keys(), ...wanted.documents.keys()]);
    const different = [...all].flatMap((address) => {
      const [live, want] = [documents.get(address), wanted.documents.get(address)];
      if (live === undefined || want === undefined) return [`${address} ${live === undefined ? 'is missing' : 'is still there'}`];
      return diffDocuments(live, want, genesys.types.get(typeOf(address))!).map((change) => `${address} ${JSON.stringify(change)}`);
    });
    return [...different, ...problems.map(({ at, message }) => `${at}: ${message}`)];
  }
}

function treeOf(documents: ReadonlyMap<Address, Document>): Snapshot {
  return { documents, completeness: new Map(TYPES.map((type) => [type, 'whole'])), files: new Map(), twins: new Map(), problems: [] };
}

/** Steps that do or wait for something; what is taken over as it is needs nothing. */
const pending = ({ steps, problems }: Plan) => [
  ...steps
    .filter(({ action, changes }) => action !== 'unchanged' && (action !== 'adopt' || changes.length > 0))
    .map(({ address, action, changes, held }) => `${action} ${address} ${JSON.stringify(held?.rule ?? changes)}`),
  ...problems.filter(({ severity }) => severity === 'error').map(({ at, message }) => `${at}: ${message}`),
];

const isHeldOrWrong = (plan: Plan) => pending({ ...plan, steps: plan.steps.filter(({ action }) => action === 'held') });

/** What the plans from one org to another held, so that nobody takes the property for more than it is. */
const met = new Map<string, number>();

const add = (what: string, more: number) => met.set(what, (met.get(what) ?? 0) + more);

function count({ steps }: Plan): void {
  for (const step of steps) {
    const { action, address, was, temporary } = step;
    add(action, 1);
    if (was !== undefined) add('renames', 1);
    if (temporary !== undefined) add('temporary names', 1);
    if (isReplacing(step)) add('replacements', 1);
    else if (address.includes('#/')) add('deferred edges', 1);
  }
}

/**
 * How many of a plan's steps are carried out before it is cut off: each number where few of them write; else some by chance, and one between a
 * replacement's two ends.
 */
function partsOf({ steps }: Plan, chance: () => number): readonly number[] {
  const writing = steps.flatMap(({ action }, index) => (action === 'unchanged' ? [] : [index]));
  if (writing.length <= 5) return writing;
  const some = [0, 1, 2].map(() => writing[Math.floor(chance() * writing.length)] as number);
  const ends = steps.flatMap((step, index) => (isReplacing(step) ? [index] : []));
  const parts = [...new Set([...some, ...ends.slice(0, 1)])];
  add('cuts', parts.length);
  return parts;
}

/** Whether a step deletes what another has taken the place of. */
function isReplacing({ address, reasons }: Step): boolean {
  return address.endsWith('#/~replaced') || reasons.some((reason) => reason.includes('takes the place of'));
}

afterAll(() => {
  process.stdout.write(
    `the plans had ${[...met]
      .sort()
      .map(([what, times]) => `${times} ${what}`)
      .join(', ')}\n`,
  );
});

process.stdout.write(`any org to any other: SEED=${SEED} RUNS=${RUNS}\n`);

const typeIn = ({ address }: Pick<Document, 'address'>) => genesys.types.get(typeOf(address)) as ResourceType;

/** What the API refuses to change once it is there: the columns of a table, and what only a creation takes. */
function isForGood({ address, path }: HandEdit): boolean {
  const at = `/${path[0]}`;
  return typeIn({ address }).createOnly.includes(at) || (typeOf(address) === 'architect_datatable' && at === '/schema');
}

const isNamed = ({ address }: Document) => typeIn({ address }).isRenamable && typeIn({ address }).keyFields[0] === 'name' && !keyOf(address).startsWith('@');

function nameByHand(address: Address): Address {
  const [name = '', ...rest] = keyParts(address) ?? [];
  return makeAddress(typeOf(address), [`${name}_by_hand`, ...rest]);
}

/** Some leaves of the org are changed by hand, and at times a name; something is made, something is gone: just that is planned, and put back. */
async function editByHand(site: Site, wanted: Snapshot, chance: () => number): Promise<void> {
  const live = await site.world.run(site.writer().read(TYPES, () => undefined));
  const hand = new Hand(site.core, ORG, new Map<Address, string>(live.ids));
  // As it is wanted, since drift is told from there; what is at its default is left out. A singleton that nobody ever wrote has nothing to be edited.
  const isStored = ({ address }: Document) => !typeIn({ address }).isSingleton || site.core.objects(ORG, typeOf(address)).length > 0;
  const documents = [...wanted.documents.values()].filter(isStored).map((document) => normalise(document, typeIn(document)));
  const maybeOne = (isIt: (document: Document) => boolean): readonly Address[] => {
    const possible = documents.filter(isIt).map(({ address }) => address);
    return chance() < 0.5 ? possible.slice(Math.floor(chance() * possible.length)).slice(0, 1) : [];
  };
  const gone = maybeOne(({ address }) => typeOf(address) === 'architect_datatable_row');
  const renamed = maybeOne(isNamed);
  const targets = targetsIn(hand, (type) => genesys.types.has(type));
  const free = documents.filter(({ address }) => ![...gone, ...renamed].includes(address));
  // What is made to lead to a renamed object leads to its new name.
  const isNew = ({ to }: HandEdit) => renamed.some((address) => canonicalJson(to ?? null).includes(address));
  const possible = free.flatMap((document) => editsOf(document, typeIn(document), targets)).filter((edit) => !isForGood(edit) && !isNew(edit));
  const [edits = []] = roundsOf(possible.filter(() => chance() < 0.04));
  hand.make(edits);
  for (const address of gone) site.core.context(ORG).remove(hand.thing(address));
  for (const address of renamed)
    site.core.edit(ORG, typeOf(address), hand.thing(address).id, (body) => ({ ...body, name: keyParts(nameByHand(address))?.[0] ?? '' }));
  const made = chance() < 0.5 ? ['Made by hand'] : [];
  for (const name of made) site.core.seed(ORG, 'routing_wrapup_code', { name });
  add('edits by hand', edits.length + gone.length + renamed.length + made.length);
  const plan = await site.plan(wanted);
  const steps = plan.steps.filter(({ action, changes }) => action !== 'adopt' || changes.length > 0);
  compareDrift(driftOf({ ...plan, steps: steps.map((step) => (step.action === 'create' ? { ...step, changes: [] } : step)) }), [
    ...edits.map(({ address, expected }) => say(address, expected)),
    ...gone.map((address) => `${address} create `),
    ...renamed.map((address) => `${address} update ${nameByHand(address)}`),
    ...made.map((name) => `routing_wrapup_code/${name} delete `),
  ]);
  expect(await site.apply(plan)).toEqual([]);
  expect(await site.differences(wanted)).toEqual([]);
}

test.each(Array.from({ length: RUNS }, (_, run) => SEED + run))(
  'SEED=%i: its plan makes one org the other, then nothing is left, from wherever it was cut off',
  async (seed) => {
    const chance = chanceOf(seed);
    const one = treeOf(new RandomTree(chance).documents);
    const other = treeOf(withRandomRenames(one.documents, new RandomTree(chance, one.documents).documents, chance));
    const site = new Site();
    const first = await site.plan(one);
    expect(isHeldOrWrong(first)).toEqual([]);
    expect(await site.apply(first)).toEqual([]);
    expect(await site.differences(one)).toEqual([]);
    const { memory } = site;
    const saved = site.core.save();
    const plan = await site.plan(other);
    count(plan);
    expect(isHeldOrWrong(plan)).toEqual([]);
    expect(await site.apply(plan)).toEqual([]);
    expect(await site.differences(other)).toEqual([]);
    expect(pending(await site.plan(other))).toEqual([]);
    for (const part of partsOf(plan, chance)) {
      const again = new Site(saved, memory);
      const failed = await again.apply({ ...plan, steps: plan.steps.slice(0, part) });
      // What made way for what was not done has its own name again.
      expect([`after ${part} steps`, ...failed.filter((line) => !line.includes('taken back'))]).toEqual([`after ${part} steps`]);
      const rest = await again.plan(other);
      expect([`after ${part} steps`, ...isHeldOrWrong(rest)]).toEqual([`after ${part} steps`]);
      expect([`after ${part} steps`, ...(await again.apply(rest))]).toEqual([`after ${part} steps`]);
      expect([`after ${part} steps`, ...(await again.differences(other))]).toEqual([`after ${part} steps`]);
      expect([`after ${part} steps`, ...pending(await again.plan(other))]).toEqual([`after ${part} steps`]);
    }
    await editByHand(site, other, chance);
  },
  60_000,
);
