import { afterAll, expect, test } from '@jest/globals';
import type { Connection, OrgWriter } from '../../providers/contract.ts';
import { genesys } from '../../providers/genesys/platform.ts';
import { EmulatorCore, emulatorHttp } from '../../providers/genesys-emulator/index.ts';
import { appliedDocuments, appliedIds } from '../../providers/reconciler/applied-record.ts';
import { applyPlan } from '../../providers/reconciler/apply-plan.ts';
import { openJournal } from '../../providers/reconciler/journal.ts';
import { type Address, typeOf } from '../../state/address.ts';
import { diffDocuments } from '../../state/diff.ts';
import type { Document } from '../../state/document.ts';
import { makePlan } from '../../state/make-plan.ts';
import type { Memory } from '../../state/match.ts';
import { isDone, type Outcome } from '../../state/outcome.ts';
import type { Plan } from '../../state/plan.ts';
import type { Policy } from '../../state/policy.ts';
import type { Snapshot } from '../../state/snapshot.ts';
import { makeSimulatedWorld } from '../worlds/simulated-world.ts';
import { chanceOf, RandomTree, withRandomRenames } from './random-orgs.ts';

/**
 * The plan from any org to any other, applied to the first, gives the second: equal but for ids and secrets. The plan after that is empty, and
 * any part of it from its start, followed by a fresh plan, ends there as well.
 */
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const RUNS = Number(process.env['RUNS'] ?? 24);
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

function count({ steps }: Plan): void {
  const add = (what: string, more: number) => met.set(what, (met.get(what) ?? 0) + more);
  for (const { action, address, was, temporary } of steps) {
    add(action, 1);
    if (was !== undefined) add('renames', 1);
    if (temporary !== undefined) add('temporary names', 1);
    if (address.includes('#/')) add('deferred edges', 1);
  }
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

test.each(Array.from({ length: RUNS }, (_, run) => SEED + run))(
  'SEED=%i: its plan makes one org the other, then nothing is left, from wherever it was cut off',
  async (seed) => {
    const chance = chanceOf(seed);
    const one = treeOf(new RandomTree(chance).documents);
    const other = treeOf(withRandomRenames(one.documents, new RandomTree(chance).documents, chance));
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
    const again = new Site(saved, memory);
    const part = Math.floor(chance() * plan.steps.length);
    await again.apply({ ...plan, steps: plan.steps.slice(0, part) });
    const rest = await again.plan(other);
    expect([`after ${part} steps`, ...isHeldOrWrong(rest)]).toEqual([`after ${part} steps`]);
    expect([`after ${part} steps`, ...(await again.apply(rest))]).toEqual([`after ${part} steps`]);
    expect([`after ${part} steps`, ...(await again.differences(other))]).toEqual([`after ${part} steps`]);
    expect(pending(await again.plan(other))).toEqual([]);
  },
  60_000,
);
