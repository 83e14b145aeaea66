import type { OrgWriter } from '../../providers/contract.ts';
import { genesys } from '../../providers/genesys/platform.ts';
import { EMPTY, PRODUCTION } from '../../providers/genesys-emulator/practice/index.ts';
import { appliedDocuments } from '../../providers/reconciler/applied-record.ts';
import { applyPlan } from '../../providers/reconciler/apply-plan.ts';
import { openJournal } from '../../providers/reconciler/journal.ts';
import { type Address, splitEdge, typeOf } from '../../state/address.ts';
import { makePlan, planDrift } from '../../state/make-plan.ts';
import { isDone, type Outcome } from '../../state/outcome.ts';
import type { Plan } from '../../state/plan.ts';
import { findOutside } from '../../state/remap.ts';
import type { LiveSnapshot, Memory, Snapshot } from '../../state/snapshot.ts';
import { PracticeSite } from './practice-site.ts';

export const ORG = EMPTY;
const POLICY = { role: 'practice' } as const;

/** The practice org's whole tree, applied to an empty org by the product's own planner and driver, and what is remembered of that. */
export class AppliedSite extends PracticeSite {
  org: OrgWriter = this.writer(ORG, (name) => `value of ${name}`);
  applied!: Snapshot & Memory;
  #runs = 0;

  static async make(): Promise<AppliedSite> {
    const site = new AppliedSite();
    const [wanted, live] = [await site.read(PRODUCTION), await site.read(ORG)];
    const externals = await site.run(site.org.locate(findOutside(wanted, genesys.types)));
    const plan = makePlan({ wanted, live, types: genesys.types, policy: POLICY, externals });
    const outcomes = await site.apply(plan, wanted);
    const failed = outcomes.filter((outcome) => !isDone(outcome));
    if (failed.length > 0) throw new Error(`the practice tree does not apply: ${JSON.stringify(failed[0])}`);
    const documents = appliedDocuments(plan.steps.map((step, index) => ({ step, outcome: outcomes[index]! })));
    const ids = new Map<Address, string>(plan.steps.flatMap(({ address, id }) => (id === undefined ? [] : [[address, id] as const])));
    for (const { address, id } of outcomes) if (id !== undefined) ids.set(splitEdge(address).owner, id);
    site.applied = { ...wanted, documents, ids };
    return site;
  }

  /** Carries a plan out as `cordboard apply` does: the session has read the org before. */
  async apply(plan: Plan, wanted: Snapshot = this.applied): Promise<readonly Outcome[]> {
    this.#runs += 1;
    const digest = `sha256:run-${this.#runs}`;
    const org = this.writer(ORG, (name) => `value of ${name}`);
    await this.run(org.read([...genesys.types.keys()], () => undefined));
    const journal = await this.run(openJournal(this.world, '/journal'));
    const files = (hash: string) => wanted.files.get(hash)!.read();
    const site = { org, journal, types: genesys.types, files, world: this.world, report: () => undefined, plan: digest };
    const outcomes = await this.run(applyPlan(plan, site));
    await this.run(journal.close());
    return outcomes;
  }

  /** What drift says of the org as it is now. */
  async drift(types?: readonly string[]): Promise<{ readonly plan: Plan; readonly live: LiveSnapshot }> {
    const live = await this.read(ORG, types);
    const read = new Set(types ?? genesys.types.keys());
    const documents = new Map([...this.applied.documents].filter(([address]) => read.has(typeOf(address))));
    const applied = { ...this.applied, documents };
    const externals = await this.run(this.org.locate(findOutside(applied, genesys.types)));
    return { plan: planDrift({ applied, live, types: genesys.types, policy: POLICY, externals }), live };
  }
}
