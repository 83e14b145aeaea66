import type { Connection } from '../../providers/contract.ts';
import { genesys } from '../../providers/genesys/platform.ts';
import { EmulatorCore, emulatorHttp, type FaultPlan, type JournalEntry } from '../../providers/genesys-emulator/index.ts';
import { fillOrgs } from '../../providers/genesys-emulator/practice/index.ts';
import { appliedDocuments } from '../../providers/reconciler/applied-record.ts';
import { applyPlan } from '../../providers/reconciler/apply-plan.ts';
import { openJournal } from '../../providers/reconciler/journal.ts';
import { judgeDeletions } from '../../providers/reconciler/judge-deletions.ts';
import { type Address, splitEdge } from '../../state/address.ts';
import type { Document } from '../../state/document.ts';
import { makePlan, type PlanRequest } from '../../state/make-plan.ts';
import { isDone, type Outcome } from '../../state/outcome.ts';
import type { Plan } from '../../state/plan.ts';
import type { DeleteLimit, Policy } from '../../state/policy.ts';
import { findOutside } from '../../state/remap.ts';
import type { LiveSnapshot, Memory, Snapshot } from '../../state/snapshot.ts';
import { type Portrait, portrait } from '../journeys/org-portrait.ts';
import { SHELL, SHELL_SEED, SHOP, SHOP_SEED } from '../journeys/small-orgs.ts';
import { makeSimulatedWorld, type SimulatedWorld } from '../worlds/simulated-world.ts';

export { SHELL, SHOP };

const URL = 'http://127.0.0.1:4030';
const TYPES = [...genesys.types.keys()];
/** As if whoever runs this had allowed everything: what is still held, is held by something else. */
const ALL: DeleteLimit = { count: 10_000, percent: 100 };

export interface Asked {
  /** Left out: any number; null: nobody asked for deletions. */
  readonly allowDeletes?: DeleteLimit | null;
  readonly policy?: Policy;
  /** What was applied last; left out: what this site remembers; null: nothing. */
  readonly remembered?: Memory | null;
}

/** A finished shop and one that was only begun, in memory, behind the product's own client, planner and driver. The clock takes no time. */
export class TrapSite {
  readonly world: SimulatedWorld = makeSimulatedWorld({ seed: 3 });
  readonly core: EmulatorCore;
  #remembered: Memory | undefined;
  #runs = 0;

  constructor(faults?: FaultPlan) {
    const seeds = [SHOP_SEED, SHELL_SEED];
    this.core = new EmulatorCore({ orgs: seeds.map((seed) => seed.spec), seed: 'traps', clock: this.world.clock });
    fillOrgs(this.core, seeds);
    if (faults !== undefined) this.core.faults.plan = faults;
    this.world.connect(emulatorHttp(this.core));
  }

  /** The whole tree of an org, or the types named. */
  read(org: string, types: readonly string[] = TYPES): Promise<LiveSnapshot> {
    return this.world.run(genesys.openReader(this.world, connection(org), () => undefined).read(types, () => undefined));
  }

  async plan(wanted: Snapshot, { allowDeletes = ALL, policy = { role: 'practice' }, remembered = this.#remembered }: Asked = {}, org = SHELL): Promise<Plan> {
    const reader = genesys.openReader(this.world, connection(org), () => undefined);
    const live = await this.world.run(reader.read(TYPES, () => undefined));
    const externals = await this.world.run(reader.locate(findOutside(wanted, genesys.types)));
    const request: PlanRequest = { wanted, live, types: genesys.types, policy, externals, ...(allowDeletes === null ? {} : { allowDeletes }) };
    return makePlan({ ...request, ...(remembered === null || remembered === undefined ? {} : { remembered }) });
  }

  /** Carries a plan out as `cordboard apply` does, and remembers it. `journal` names the journal: another one has been lost. */
  async apply(plan: Plan, wanted: Snapshot, org = SHELL, journal = '/journal'): Promise<readonly Outcome[]> {
    this.#runs += 1;
    const writer = genesys.openWriter(
      this.world,
      connection(org),
      () => undefined,
      (name) => `value of ${name}`,
    );
    const judged = await this.world.run(
      judgeDeletions(plan, { types: genesys.types, policy: { role: 'practice' }, read: () => writer.read(TYPES, () => undefined) }),
    );
    const { steps } = judged.plan;
    const log = await this.world.run(openJournal(this.world, journal));
    const outcomes = await this.world.run(
      applyPlan(
        { steps },
        {
          org: writer,
          journal: log,
          types: genesys.types,
          files: (hash) => (wanted.files.get(hash) ?? noFile(hash)).read(),
          world: this.world,
          report: () => undefined,
          plan: `sha256:run-${this.#runs}`,
          me: org,
          deletions: judged.deletions,
        },
      ),
    );
    await this.world.run(log.close());
    this.#remember(steps.map((step, index) => ({ step, outcome: outcomes[index] as Outcome })));
    return outcomes;
  }

  #remember(done: readonly { readonly step: Plan['steps'][number]; readonly outcome: Outcome }[]): void {
    const documents = appliedDocuments(done, this.#remembered?.documents);
    const ids = new Map<Address, string>(this.#remembered?.ids ?? []);
    for (const { step, outcome } of done) {
      const id = outcome.id ?? step.id;
      if (id !== undefined && isDone(outcome)) ids.set(splitEdge(step.address).owner, id);
    }
    this.#remembered = { documents, ids };
  }

  /** Writes to an org since `from`, by its own journal. */
  writes(from: number, org = SHELL): readonly string[] {
    const entries = this.core.journal.slice(from).filter((entry: JournalEntry) => entry.org === org);
    return entries.flatMap(({ commits }) => commits.map(({ action, type, id }) => `${action} ${type} ${id}`));
  }

  get now(): number {
    return this.core.journal.length;
  }

  portrait(org = SHELL): Portrait {
    return portrait(this.core, org);
  }
}

function noFile(hash: string): never {
  throw new Error(`nobody has the file ${hash}`);
}

function connection(client: string): Connection {
  return { api: URL, login: URL, apps: URL, clientId: client, clientSecret: `${client}-secret` };
}

/** A tree with other documents: `undefined` takes one out. */
export function withDocuments(tree: Snapshot, changes: Readonly<Record<string, Document['body'] | undefined>>): Snapshot {
  const documents = new Map(tree.documents);
  for (const [address, body] of Object.entries(changes)) {
    if (body === undefined) documents.delete(address as Address);
    else documents.set(address as Address, { ...documents.get(address as Address), address: address as Address, body });
  }
  return { ...tree, documents };
}

/** Steps that are not for nothing, as `action address`. */
export function stepsOf(plan: Plan): readonly string[] {
  return plan.steps.filter(({ action }) => action !== 'unchanged').map(({ action, address }) => `${action} ${address}`);
}
