import { type Address, edgeAddress } from '../../state/address.ts';
import type { Step } from '../../state/change.ts';
import type { Document } from '../../state/document.ts';
import { isDone, type Outcome } from '../../state/outcome.ts';
import type { Plan } from '../../state/plan.ts';
import { asideStep, givingUpStep } from '../../state/plan-way.ts';
import { withoutValues, type Yield } from '../../state/plan-yields.ts';
import { setAt } from '../../state/pointer.ts';
import { renamedDocument } from '../../state/renames.ts';
import { temporaryAddress } from '../../state/temporary-key.ts';
import { judgedStep } from './deletions.ts';
import type { LiveOrg } from './live-inputs.ts';
import type { ProviderSite } from './provider-site.ts';
import { requireType } from './steps.ts';

/**
 * Carries out the steps of one run of the engine, and before each of them what has to make way: who has the name waits under a temporary one, who
 * has a value that only one can have gives it up, until their own step comes. The engine knows nothing of that. Where anything passes from one object to
 * another in a run, its steps follow each other, since what an object is called then hangs on what came before.
 */
export class MakingWay {
  private readonly site: ProviderSite;
  private readonly judged: () => Promise<Plan>;
  /** The names that this run gave, by id. */
  private readonly called = new Map<string, Address>();
  /** What objects gave up before their own step, by id. */
  private readonly gaveUp = new Map<string, readonly Yield[]>();
  /** Objects whose own step was done: they have nothing more that others take over. */
  private readonly done = new Set<string>();
  private last: Promise<unknown> = Promise.resolve();

  constructor(site: ProviderSite, judged: () => Promise<Plan>) {
    this.site = site;
    this.judged = judged;
  }

  /** The step of a resource with this address, made once all is free that it takes over. */
  async carryOut(address: Address, make: () => Step): Promise<Outcome> {
    const org = await this.site.org();
    if (org.yields().size === 0) return this.own(make());
    const mine = this.last.then(() => this.freed(address, make, org));
    this.last = mine.catch(() => undefined);
    return mine;
  }

  /** An object as it reads at this moment, by the names that this run has given until now; undefined where nothing of this id was read. */
  asNow(id: string, org: LiveOrg): Document | undefined {
    const read = org.readAs.get(id);
    const document = read === undefined ? undefined : org.asRead.documents.get(read);
    if (document === undefined) return undefined;
    const given = [...this.called].flatMap(([one, name]) => [[org.readAs.get(one) ?? name, name] as const]);
    const body = (this.gaveUp.get(id) ?? []).reduce((left, one) => {
      const at = one.value?.pointer ?? '';
      return setAt(left, at, withoutValues({ ...document, body: left }, at, [one]));
    }, document.body);
    const renamed = renamedDocument({ ...document, body }, new Map(given), org.types);
    return { ...renamed, address: this.called.get(id) ?? renamed.address };
  }

  private async freed(address: Address, make: () => Step, org: LiveOrg): Promise<Outcome> {
    const asides: (readonly [Step, Outcome])[] = [];
    const takeBack = async (): Promise<void> => {
      for (const [step, outcome] of asides.reverse()) {
        await this.site.takeBack(step, outcome);
        this.called.delete(step.id ?? '');
      }
    };
    // Nobody makes way for what is not carried out.
    const isCarriedOut = ['create', 'update', 'adopt'].includes(make().action);
    for (const one of isCarriedOut ? (org.yields().get(address) ?? []) : []) {
      const step = await this.wayFor(one, org);
      if (step === undefined) continue;
      const outcome = await this.site.carryOut(step);
      if (!isDone(outcome)) {
        await takeBack();
        return outcome;
      }
      const id = step.id ?? '';
      if (one.value === undefined) {
        asides.push([step, outcome]);
        this.called.set(id, step.address);
      } else this.gaveUp.set(id, [...(this.gaveUp.get(id) ?? []), one]);
    }
    const outcome = await this.own(make());
    // Where it is not known whether the name was given, it may not be free for its old holder either.
    if (!isDone(outcome) && outcome.word !== 'unknown') await takeBack();
    return outcome;
  }

  private async own(step: Step): Promise<Outcome> {
    const outcome = await this.site.carryOut(step);
    const id = outcome.id ?? step.id;
    if (id === undefined || !isDone(outcome)) return outcome;
    if (step.was !== undefined) this.called.set(id, step.address);
    this.gaveUp.delete(id);
    this.done.add(id);
    return outcome;
  }

  /** The step by which a name or a value comes free; undefined where it is already, or where who has it keeps it: then the org refuses. */
  private async wayFor(one: Yield, org: LiveOrg): Promise<Step | undefined> {
    const { from, giver, value } = one;
    const id = org.live.ids.get(from);
    const live = id === undefined || this.done.has(id) ? undefined : this.asNow(id, org);
    if (id === undefined || live === undefined || !(await this.isGivenUp(one, id))) return undefined;
    if (value !== undefined) {
      const { pointer } = value;
      return givingUpStep({ address: edgeAddress(live.address, pointer), pointer, taken: [one] }, { live, id, needs: [] }, org.types);
    }
    const wanted = giver === undefined ? undefined : org.wanted.get(giver);
    if (wanted === undefined || this.called.has(id)) return undefined;
    const type = requireType(this.site, from);
    const to = temporaryAddress(live.address, type);
    return asideStep({ from: live.address, to, until: wanted.address, live, id, wanted, needs: [] }, type, org.types);
  }

  /** Whether its own step comes, or its deletion, by the plan of the whole run: what is held keeps what it has. */
  private async isGivenUp({ giver, from }: Yield, id: string): Promise<boolean> {
    const plan = await this.judged();
    if (giver === undefined) return judgedStep(plan, from, id)?.action === 'delete';
    const step = plan.steps.find(({ address }) => address === giver);
    return step !== undefined && step.held === undefined;
  }
}
