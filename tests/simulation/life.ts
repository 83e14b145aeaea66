import { genesys } from '../../providers/genesys/platform.ts';
import { appliedDocuments, appliedIds } from '../../providers/reconciler/applied-record.ts';
import { ApplyStopped, applyPlan } from '../../providers/reconciler/apply-plan.ts';
import { openJournal } from '../../providers/reconciler/journal.ts';
import { judgeDeletions, namedBy } from '../../providers/reconciler/judge-deletions.ts';
import { claimLock, fenced, LockLost } from '../../providers/reconciler/lock.ts';
import { makeReceipt, writeReceipt } from '../../providers/reconciler/receipt.ts';
import { readTree } from '../../providers/store/read-tree.ts';
import type { WrittenTree } from '../../providers/store/tree-export.ts';
import { writeTree } from '../../providers/store/write-tree.ts';
import type { World } from '../../providers/world.ts';
import { type Address, keyOf, typeOf } from '../../state/address.ts';
import { canonicalJson } from '../../state/canonical.ts';
import type { Document } from '../../state/document.ts';
import { makePlan } from '../../state/make-plan.ts';
import type { Outcome } from '../../state/outcome.ts';
import type { Plan } from '../../state/plan.ts';
import type { DeleteLimit, Policy } from '../../state/policy.ts';
import { hasErrors, Refused } from '../../state/problem.ts';
import { findOutside } from '../../state/remap.ts';
import { openPlan, sealPlan } from '../../state/seal.ts';
import { Killed, makeChance, makeSimulatedWorld, type SimulatedWorld } from '../worlds/simulated-world.ts';
import { type Case, type MakeCase, makeCase, plantAs } from './case.ts';
import { checkEnd, checkOutcomes, checkPlan, checkReported } from './checks.ts';
import { Exchange } from './exchange.ts';
import { CALM, type Hostility } from './faults.ts';
import { type Json, KINDS } from './kinds.ts';
import { type Finding, SimulatedOrg, type Thing, US } from './org.ts';
import { portraitOfDocument } from './portrait.ts';

// Long because it is the one table of what may happen in a life, an event a few lines.
const FOLDER = '.cordboard/simulated';
const TREE = 'manifests/simulated';
const CONNECTION = { api: 'http://api.invalid', login: 'http://login.invalid', apps: 'http://apps.invalid', clientId: US, clientSecret: 'simulated-secret' };
const MOST_PLANS = 16;
/** From this plan on, nothing more goes wrong. */
const CALM_FROM = 9;
/** Nothing of other types lives there. */
const POLICY: Policy = { role: 'test', unreadReferrers: [...genesys.types.keys(), 'integration'].filter((type) => KINDS.every((kind) => kind.type !== type)) };
const DISK_CODES = ['ENOSPC', 'EIO', 'EMFILE', 'EROFS'];
/** Where things of a type are referred to in a list. */
const USES: Readonly<Record<string, { readonly by: string; readonly field: string }>> = {
  routing_wrapup_code: { by: 'routing_queue', field: 'wrapupCodes' },
  architect_schedule: { by: 'architect_schedule_group', field: 'openSchedules' },
};
const BEGINNING = Date.UTC(2026, 0, 5, 9);

/** A sender that dies has sent its request: it is carried out, and nobody hears the answer. */
export type Fate = 'go on' | 'kill' | 'die sending' | 'lose power';

export interface LifeOptions {
  readonly seed: number;
  readonly hostility: Hostility;
  readonly makeCase?: MakeCase;
  /** Decides, before each call of an apply that changes disk or org, whether it dies there. What dies before a reading call leaves the same behind. */
  readonly fate?: (index: number, what: string) => Fate;
  /** How much may be deleted; drawn where left out. */
  readonly limit?: DeleteLimit;
  readonly concurrency?: number;
  readonly trace?: (line: string) => void;
}

/** What a life came to. */
export interface Lived {
  readonly findings: readonly Finding[];
  readonly faults: Exchange['counts'];
  readonly kills: number;
  readonly plans: number;
  readonly requests: number;
  readonly writes: number;
  readonly calls: number;
}

/**
 * One simulated life: manifests are written, a plan is made and applied, again and again, by the product's own store, planner, client,
 * reconciler and journal, while wire, disk, clock and people do their worst; until there is nothing left to do.
 */
export async function live(options: LifeOptions): Promise<Lived> {
  const life = new Life(options);
  await life.run();
  const { org, exchange, kills, plans, calls } = life;
  for (const { kind } of org.commits) if (kind === 'delete') exchange.count('deleted');
  return { findings: org.findings, faults: exchange.counts, kills, plans, requests: exchange.requests, writes: org.commits.length, calls };
}

/** The state of one life; long, since all that happens in it goes through here. */
class Life {
  readonly org: SimulatedOrg;
  readonly exchange: Exchange;
  readonly given: Case;
  kills = 0;
  plans = 0;
  calls = 0;
  private readonly options: LifeOptions;
  private readonly world: SimulatedWorld;
  private readonly chance: () => number;
  private hostility: Hostility;
  private killsLeft: number;
  private processes = 0;
  private skew = 0;
  /** What the last plan held back. */
  private held: ReadonlySet<Address> = new Set();
  private isApplying = false;
  private isReading = false;
  private edits = 0;
  /** Objects that somebody changed since the plan at work was made. */
  private moved: Set<string> = new Set();
  /** What a process said that had to stop. */
  private stoppedWith: readonly Outcome[] | undefined;
  /** The outcomes of an apply beside ours, which remembers them as ours does. */
  private rivalSaid: readonly Outcome[] | undefined;
  private hadRival = false;
  /** Ends the rival with everything else when the power goes. */
  private darken: () => void = () => undefined;
  /** How much may be deleted, where the life asks for deletions. */
  private readonly limit: DeleteLimit | undefined;
  /** Codes of disk faults that struck the processes at work. */
  private readonly spoilt = new Set<string>();
  private interrupt = new AbortController();
  private memory: { documents: ReadonlyMap<Address, Document>; ids: ReadonlyMap<Address, string> } | undefined;

  constructor(options: LifeOptions) {
    const { seed, hostility } = options;
    this.options = options;
    this.hostility = hostility;
    this.killsLeft = hostility.mostKills;
    this.chance = makeChance(seed);
    this.world = makeSimulatedWorld({ seed: seed ^ 0x2545f491, now: BEGINNING });
    this.world.files.folds = seed % 2 === 0;
    const { ticks } = this.world.clock;
    this.org = new SimulatedOrg({ ticks, now: () => BEGINNING + ticks() });
    this.org.trace = options.trace;
    this.exchange = new Exchange(this.org, { ticks, wait: this.world.wait }, makeChance(seed ^ 0x1b873593));
    this.world.connect(this.exchange.http);
    this.given = (options.makeCase ?? makeCase)(makeChance(seed ^ 0x9e3779b9), this.org, this.exchange);
    this.limit = options.limit ?? (this.chance() < 0.3 ? { count: 1 + Math.floor(this.chance() * 6), percent: 100 } : undefined);
    this.org.limit = this.limit?.count ?? 0;
    if (this.limit !== undefined && options.limit === undefined) this.org.partTypes = new Set(KINDS.filter(() => this.chance() < 0.05).map(({ type }) => type));
    if (this.chance() < hostility.skew) this.moveClock();
  }

  async run(): Promise<void> {
    await this.rest();
    this.exchange.hostility = this.hostility;
    let documents = new Map([...this.given.wanted, ...this.given.broken]);
    let last: Plan | undefined;
    await this.writeManifests(documents);
    for (; this.plans < MOST_PLANS; this.plans += 1) {
      if (this.plans >= CALM_FROM) this.calmDown();
      const isRested = this.plans > 1 || this.options.hostility === CALM || this.chance() < 0.7;
      if (isRested) await this.rest();
      const before = this.troubles();
      const plan = await this.plan();
      if (plan === undefined) continue;
      checkPlan(this.org, plan, documents);
      if (this.given.broken.size > 0 && !hasErrors(plan.problems)) this.org.find('lies', 'a plan was made of a ref that leads nowhere');
      if (hasErrors(plan.problems)) {
        await this.mend(plan);
        documents = new Map(this.given.wanted);
        continue;
      }
      this.held = new Set(plan.steps.flatMap(({ address, action }) => (action === 'held' ? [address] : [])));
      if (isAtRest(plan) && isRested) {
        if (this.troubles() === before) last = plan;
        break;
      }
      await this.intrude();
      await this.applyUntilDone(plan);
    }
    await this.end(last);
  }

  /** What went wrong so far. That a reader is shown what was does nothing after a rest. */
  private troubles(): number {
    return Object.entries(this.exchange.counts).reduce((sum, [fault, count]) => (fault === 'F15' ? sum : sum + count), 0);
  }

  /** Nothing is left to do, and a run after the last one writes nothing. The last plan is as good as a new one where nothing went wrong while it was made. */
  private async end(last: Plan | undefined): Promise<void> {
    this.calmDown();
    await this.rest();
    checkEnd(this.org, this.given.wanted, { held: this.held, isUnfinished: this.plans >= MOST_PLANS });
    const before = this.org.commits.length;
    const plan = last ?? (await this.plan());
    if (plan === undefined) this.org.find('lies', 'no plan could be made although nothing was wrong');
    else if (hasErrors(plan.problems)) this.org.find('lost', `what is wanted cannot be planned: ${plan.problems.map(({ message }) => message).join('; ')}`);
    else await this.applyUntilDone(plan);
    await this.rest();
    if (this.org.commits.length !== before) this.org.find('rewrites', 'a run after the last one wrote something');
  }

  // The processes of a life.

  private async writeManifests(documents: ReadonlyMap<Address, Document>): Promise<void> {
    // Nothing is deleted while anything that may refer to it was not read.
    const types = this.limit === undefined ? [...documents.keys()].map(typeOf) : KINDS.map(({ type }) => type);
    const completeness = new Map([...new Set(types)].map((type) => [type, this.org.partTypes.has(type) ? ('part' as const) : ('whole' as const)]));
    for (let tries = 0; ; tries += 1) {
      const written = await this.process('export', (world) =>
        writeTree(world, TREE, {
          types: genesys.types,
          org: 'simulated',
          filters: [],
          documents: documents.values(),
          files: new Map(),
          completeness,
          isDirty: () => false,
          // Beyond so many files of an export nothing is synced.
          synced: Math.floor(this.chance() * 4),
        }),
      );
      if (written !== undefined && !this.isHindered(written)) break;
      if (tries > 50) throw new Error('fifty disk faults and kills are more than were asked for');
    }
    const read = await this.calmly(() => this.process('check', (world) => readTree(world, TREE, genesys.types)));
    this.world.files.flush();
    for (const [address, document] of documents) {
      const back = read?.documents.get(address);
      const isSame = back !== undefined && canonicalJson(portraitOfDocument(back)) === canonicalJson(portraitOfDocument(document)) && back.was === document.was;
      if (!isSame) this.org.find('lost', `the tree does not hold ${address} as it was written`);
    }
  }

  /** What the disk did not give back for a moment is kept, the export says so and exits with 1: somebody exports again. */
  private isHindered({ kept }: WrittenTree): boolean {
    return kept.length > 0 && this.spoilt.size > 0;
  }

  /** Reads tree and org and seals a plan; undefined where that was not possible. */
  private async plan(): Promise<Plan | undefined> {
    this.exchange.isPlanning = true;
    this.moved = new Set();
    const plan = await this.process('plan', async (world) => {
      const { types } = genesys;
      const client = genesys.openReader(world, CONNECTION, () => undefined);
      const tree = await readTree(world, TREE, types);
      if (hasErrors(tree.problems)) throw new Refused(tree.problems);
      const identity = await client.identity();
      const live = await client.read(typesOf([...tree.documents.keys()].map(typeOf), tree.completeness.keys()), () => undefined);
      const externals = await client.locate(findOutside(tree, types));
      const remembered = this.memory === undefined ? {} : { remembered: this.memory };
      const made = makePlan({
        wanted: { ...tree, problems: [] },
        live,
        types,
        policy: POLICY,
        externals,
        ...remembered,
        ...(this.limit === undefined ? {} : { allowDeletes: this.limit }),
      });
      if (!hasErrors(made.problems)) await world.disk.replace('plan.json', this.seal(world, made, identity), { durable: true });
      return made;
    });
    this.exchange.isPlanning = false;
    for (const { severity, code, at, message } of plan?.problems ?? []) this.org.tell(() => `PROBLEM ${severity} ${code} ${at}: ${message}`);
    for (const { action, address, held, changes } of plan?.steps ?? [])
      this.org.tell(() => `STEP ${action} ${address} ${held?.rule ?? ''} ${changes.map((change) => change.at).join()}`);
    return plan;
  }

  private seal(world: World, plan: Plan, org: { readonly id: string; readonly name: string }): string {
    const now = world.clock.now();
    return sealPlan(plan, { org, tree: TREE, tool: 'simulated', made: new Date(now).toISOString(), expires: new Date(now + 86_400_000).toISOString() });
  }

  /** Applies the sealed plan, again and again while it is killed, interrupted or stopped; then compares what it said with what the org did. */
  private async applyUntilDone(plan: Plan): Promise<void> {
    this.org.run += 1;
    const first = this.org.commits.length;
    const commits = () => this.org.commits.slice(first);
    let isSole = true;
    for (let tries = 0; tries < 60; tries += 1) {
      if (tries > 25) this.calmDown();
      const isCalm = this.hostility === CALM;
      const said = await this.process('apply', (world) => this.apply(world));
      for (const outcomes of [this.rivalSaid, this.stoppedWith]) if (outcomes !== undefined) checkReported(this.org, { plan, outcomes, commits: commits() });
      if (this.rivalSaid !== undefined) this.remember(plan, this.rivalSaid);
      isSole &&= tries === 0 && !this.hadRival;
      this.rivalSaid = undefined;
      if (said === 'refused') return;
      if (said !== undefined && this.interrupt.signal.aborted) checkReported(this.org, { plan, outcomes: said, commits: commits() });
      if (said === undefined || this.interrupt.signal.aborted) {
        if (this.chance() < 0.3) await this.rest();
        continue;
      }
      await this.rest();
      checkOutcomes(this.org, { plan, outcomes: said, commits: commits(), isSole, isCalm, moved: this.moved });
      this.remember(plan, said);
      return;
    }
    this.org.find('lies', 'a plan could not be applied although nothing was wrong');
  }

  private async apply(world: World): Promise<readonly Outcome[] | 'refused'> {
    const { types } = genesys;
    const lock = await claimLock(world, FOLDER);
    const client = genesys.openWriter(
      fenced(world, lock),
      CONNECTION,
      () => undefined,
      (name) => `value of ${name}`,
    );
    const identity = await client.identity();
    const opened = openPlan(new TextDecoder().decode(await world.disk.read('plan.json')), { org: identity, tool: 'simulated', now: world.clock.now() });
    const { plan: sealed, digest } = opened;
    if (sealed === undefined || digest === undefined) {
      await lock.release();
      return 'refused';
    }
    const { documents, completeness } = namedBy(sealed);
    // Nothing of other types lives there, so nobody is asked for it.
    const read = () => client.read(typesOf([...documents.keys()].map(typeOf), completeness.keys()), () => undefined);
    const { plan, deletions } = await judgeDeletions(sealed, { types, policy: POLICY, read });
    const startedAt = world.clock.now();
    const journal = await openJournal(world, `${FOLDER}/journal.jsonl`);
    const outcomes = await applyPlan(plan, {
      org: client,
      journal,
      lock,
      types,
      files: () => Promise.reject(new Error('there are no assets here')),
      world,
      report: () => undefined,
      deletions,
      plan: digest,
      me: US,
      interrupt: this.interrupt.signal,
      concurrency: this.options.concurrency ?? 4,
    });
    await journal.close();
    await writeReceipt(world, `${FOLDER}/receipt.json`, makeReceipt({ plan: digest, org: identity, startedAt, endedAt: world.clock.now() }, outcomes));
    await lock.release();
    return outcomes;
  }

  /** Runs one process; undefined where it was killed, or ended by what was done to it. What it throws on its own account is a finding. */
  private async process<T>(name: string, work: (world: World) => Promise<T>): Promise<T | undefined> {
    this.processes += 1;
    const self = this.processes;
    this.org.tell(() => `START ${name}`);
    this.spoilt.clear();
    this.stoppedWith = undefined;
    this.hadRival = false;
    this.isApplying = name === 'apply';
    this.isReading = name === 'plan' || name === 'check';
    this.interrupt = new AbortController();
    const world: World = { ...this.world.boot(), processes: { self, isAlive: (id) => id === self } };
    const rival = name === 'apply' && this.chance() < this.hostility.rivals ? this.startRival() : undefined;
    this.world.onCall = (_, what) => this.strike(what);
    this.world.files.fault = () => this.spoil();
    try {
      const done = await this.world.run(work(world));
      return (await this.ended(rival)) ? undefined : done;
    } catch (failure) {
      if (failure instanceof ApplyStopped) this.stoppedWith = failure.outcomes;
      if (failure instanceof Killed) this.kills += 1;
      else if (!this.isExpected(failure)) this.org.find('lies', `${name} ended with: ${failure instanceof Error ? failure.stack : failure}`);
      this.org.tell(() => `END ${name}: ${failure instanceof Error ? failure.message : failure}`);
      return undefined;
    } finally {
      await this.ended(rival);
      this.world.onCall = () => undefined;
      this.world.files.fault = () => undefined;
      this.exchange.hangUp();
    }
  }

  /** Somebody applies the same plan beside it: at once, or after the first one has stood still for longer than its lock holds. True where it carried anything out. */
  private async startRival(): Promise<boolean> {
    const isStill = this.chance() < 0.5;
    this.hadRival = true;
    this.exchange.count(isStill ? 'F29' : 'F28');
    await this.world.wait(this.chance() * 4_000);
    if (isStill) {
      this.world.stand(true);
      this.exchange.forgetPauses();
      this.org.tell(() => 'it stands still');
      await this.world.wait(125_000 + this.chance() * 100_000);
    }
    this.processes += 1;
    const { world, end } = this.world.beside();
    const first = this.org.commits.length;
    this.org.tell(() => `START beside it ${this.processes}`);
    try {
      const applied = this.apply({ ...world, processes: { self: this.processes, isAlive: () => true } });
      const lost = new Promise<'refused'>((resolve) => {
        this.darken = () => {
          end();
          resolve('refused');
        };
      });
      const said = await Promise.race([applied, lost]);
      if (said === 'refused') return false;
      this.rivalSaid = said;
      return true;
    } catch (failure) {
      if (!this.isExpected(failure)) this.org.find('lies', `an apply beside another ended with: ${failure instanceof Error ? failure.stack : failure}`);
      this.org.tell(() => `END beside it: ${failure instanceof Error ? failure.message : failure}`);
      // Also one that had ended, and could not give its lock back.
      return failure instanceof ApplyStopped || this.org.commits.length > first;
    } finally {
      end();
      this.darken = () => undefined;
      if (isStill) this.world.stand(false);
      if (isStill) this.exchange.forgetPauses();
      this.org.tell(() => 'it goes on');
    }
  }

  /** Waits for the rival, and only for it. */
  private async ended(rival: Promise<boolean> | undefined): Promise<boolean> {
    if (rival === undefined) return false;
    this.world.onCall = () => undefined;
    this.world.boot();
    return this.world.run(rival);
  }

  private isExpected(failure: unknown): boolean {
    const isOfDisk = (reason: unknown) => reason instanceof Error && this.spoilt.has((reason as NodeJS.ErrnoException).code ?? '');
    if (isOfDisk(failure) || failure instanceof LockLost) return true;
    if (failure instanceof ApplyStopped) return failure.cause instanceof LockLost || isOfDisk(failure.cause);
    // What the org refuses while a plan is read ends it, with a message; so does a lock whose holder seems alive.
    return failure instanceof Refused || (failure instanceof Error && failure.name === 'OrgFailure');
  }

  // What is done to them.

  private strike(what: string): void {
    const isPoint = this.isApplying && isChanging(what);
    if (isPoint) this.calls += 1;
    const fate: Fate = this.options.fate === undefined ? this.drawFate(what) : isPoint ? this.options.fate(this.calls, what) : 'go on';
    if (fate !== 'go on') this.org.tell(() => `${fate} at call ${this.calls}`);
    if (fate === 'kill') {
      this.exchange.count('F9');
      this.world.kill();
    } else if (fate === 'die sending') {
      this.exchange.count('F9');
      // The call itself follows at once.
      queueMicrotask(() => this.world.kill());
    } else if (fate === 'lose power') {
      this.exchange.count('F10');
      this.darken();
      this.world.losePower();
    } else this.bother();
  }

  /** What only reads leaves the same behind wherever it dies, so it dies where it writes its one file. */
  private drawFate(what: string): Fate {
    if (this.killsLeft <= 0 || (this.isReading && !isChanging(what)) || this.chance() >= this.hostility.kill) return 'go on';
    this.killsLeft -= 1;
    const kind = this.chance();
    if (kind < 0.5) return 'lose power';
    return kind < 0.7 && isSending(what) ? 'die sending' : 'kill';
  }

  private bother(): void {
    const { hostility } = this;
    if (hostility.interrupt > 0 && this.chance() < hostility.interrupt) {
      this.exchange.count('F28');
      this.interrupt.abort();
    }
    if (this.isApplying && hostility.humans > 0 && this.chance() < hostility.humans / 60) this.disturb();
    if (hostility.skew > 0 && this.chance() < hostility.skew / 200) this.moveClock();
  }

  private spoil(): string | undefined {
    if (this.hostility.disk === 0 || this.chance() >= this.hostility.disk) return undefined;
    this.exchange.count('F11');
    const code = DISK_CODES[Math.floor(this.chance() * DISK_CODES.length)] as string;
    this.spoilt.add(code);
    return code;
  }

  private moveClock(): void {
    this.exchange.count('F17');
    this.skew = Math.round((this.chance() * 2 - 1) * 86_400_000);
    this.world.setNow(BEGINNING + this.world.clock.ticks() + this.skew);
    this.org.tell(() => `the clock is off by ${this.skew}`);
  }

  /** Between plan and apply: somebody takes a key, or changes what the plan was made against. */
  private async intrude(): Promise<void> {
    if (this.chance() >= this.hostility.humans) return;
    for (const [address] of this.given.wanted) {
      const [here] = this.org.under(address);
      const kind = here?.kind;
      if (here !== undefined && kind?.byHand !== undefined && this.chance() < 0.06) {
        this.editByHand(here, kind.byHand, 'by hand');
      }
    }
    for (const id of this.org.mayDelete) this.meddle(id);
    this.takeKey();
    await this.rest();
  }

  /** Somebody goes on using what is to be deleted: fills a field in, gives it another name, or refers to it. */
  private meddle(id: string): void {
    const thing = this.org.things.get(id);
    if (thing === undefined || this.org.now(thing).isGone || this.chance() >= 0.4) return;
    const user = this.chance() < 0.4 ? this.whoMayUse(thing) : undefined;
    if (user !== undefined) {
      this.touch(user.thing, user.field, [...list(this.org.now(user.thing).body[user.field]), { id }]);
      return;
    }
    const field = this.chance() < 0.3 && thing.kind.type !== 'user' ? 'name' : thing.kind.byHand;
    if (field !== undefined) this.editByHand(thing, field, 'still used');
  }

  /** Something that stays and does not use it yet, and a field of it in which such things are referred to. */
  private whoMayUse(thing: Thing): { readonly thing: Thing; readonly field: string } | undefined {
    const use = USES[thing.kind.type];
    const isUsed = (by: Thing) => this.org.usersOf(thing).some(({ id }) => id === by.id);
    const user = this.org.living(use?.by).find((one) => !this.org.mayDelete.has(one.id) && !isUsed(one));
    return use === undefined || user === undefined ? undefined : { thing: user, field: use.field };
  }

  private editByHand(thing: Thing, field: string, text: string): void {
    this.edits += 1;
    this.touch(thing, field, `${text} ${this.edits}`);
  }

  private touch(thing: Thing, field: string, value: Json): void {
    this.exchange.count('F14');
    this.org.touch(thing, field, value);
    if (!thing.ignored.includes(field)) this.moved.add(thing.id);
  }

  private takeKey(): void {
    for (const [address, document] of this.given.wanted) {
      if (this.chance() >= 0.06 || document.was !== undefined || this.org.under(address).length > 0) continue;
      this.exchange.count('F13');
      this.plant(document, this.chance() < 0.3);
    }
  }

  private plant(document: Document, isEqual: boolean): void {
    const kind = typeOf(document.address);
    // Its numbers are taken, or what it cannot change later would have to be replaced.
    if (kind === 'architect_ivr' || (kind === 'routing_skill' && document.body['division'] !== undefined)) return;
    const thing = plantAs(
      this.org,
      document,
      isEqual || kind === 'routing_skill' || kind === 'integration_credential' ? {} : { [kind === 'user' ? 'department' : 'description']: 'theirs' },
    );
    // What is as wanted may be taken over, its deferred edges written.
    if (isEqual) thing.isShown = true;
  }

  /** While it is applied: only what has versions and stays, since nothing protects the rest from whoever writes last. */
  private disturb(): void {
    const things = this.org.living().filter((thing) => thing.kind.isVersioned && thing.kind.byHand !== undefined && !this.org.mayDelete.has(thing.id));
    const thing = things[Math.floor(this.chance() * things.length)];
    if (thing?.kind.byHand === undefined) return;
    this.exchange.count('F14');
    this.edits += 1;
    this.org.touch(thing, thing.kind.byHand, `meanwhile ${this.edits}`);
  }

  /** A person reads what the plan refused, and mends it: twins, refs to nothing, whether something new is something old renamed, and renames that nobody can tell from carried out ones. */
  private async mend({ problems }: Plan): Promise<void> {
    const { wanted, broken } = this.given;
    for (const address of wanted.keys()) {
      // Of twins nobody deletes one that is in use: it is called otherwise.
      const used = (thing: Thing) => this.org.usersOf(thing).length;
      const [, ...others] = this.org.under(address).sort((left, right) => used(right) - used(left));
      for (const other of others)
        if (used(other) === 0) this.org.removeByHand(other);
        else this.org.touch(other, 'name', `twin of ${keyOf(address)}`);
    }
    // Brought from another clone: it was carried out.
    const unclear = problems.flatMap(({ code, at }) => (code === 'RENAME_UNCLEAR' && at !== undefined ? [at as Address] : []));
    for (const address of unclear) this.recall(address, wanted.get(address));
    const asked = problems.flatMap(({ code, at }) => (code === 'RENAME_UNANSWERED' && at !== undefined ? [wanted.get(at as Address) ?? []].flat() : []));
    if (asked.length > 0 || unclear.length > 0) this.exchange.count('asked');
    for (const document of asked) wanted.set(document.address, { ...document, was: 'none' });
    if (broken.size > 0 || asked.length > 0) {
      broken.clear();
      await this.writeManifests(wanted);
    }
  }

  private recall(address: Address, document: Document | undefined): void {
    const [documents, ids] = [new Map(this.memory?.documents), new Map(this.memory?.ids)];
    const [thing] = this.org.under(address);
    if (document !== undefined) documents.set(address, document);
    if (thing !== undefined) ids.set(address, thing.id);
    this.memory = { documents, ids };
  }

  private remember(plan: Plan, outcomes: readonly Outcome[]): void {
    // Only what is remembered tells a ring of names that is closed from one that is yet to be.
    const hasRings = [...this.given.wanted.values()].some(({ was }) => was !== undefined);
    if (this.memory === undefined && this.chance() < 0.4 && !hasRings) return;
    const done = plan.steps.flatMap((step, index) => (outcomes[index] === undefined ? [] : [{ step, outcome: outcomes[index] }]));
    const documents = appliedDocuments(done, this.memory?.documents);
    this.memory = { documents, ids: appliedIds(done, documents, this.memory?.ids) };
  }

  private calmDown(): void {
    this.hostility = CALM;
    this.exchange.hostility = CALM;
    this.killsLeft = 0;
  }

  private async calmly<T>(work: () => Promise<T>): Promise<T> {
    const { hostility, killsLeft } = this;
    this.calmDown();
    const done = await work();
    this.hostility = hostility;
    this.exchange.hostility = hostility;
    this.killsLeft = killsLeft;
    return done;
  }

  /** Long enough for everything late to arrive and everything lagging to be seen. */
  private async rest(): Promise<void> {
    this.world.boot();
    await this.world.run(this.world.wait(200_000));
    this.world.files.flush();
    this.exchange.advance();
  }
}

function typesOf(...names: readonly Iterable<string>[]): string[] {
  const named = new Set(names.flatMap((some) => [...some]));
  return [...genesys.types.keys()].filter((type) => named.has(type));
}

/** Whether a call may leave something behind, on disk or in the org. */
function isChanging(what: string): boolean {
  return /^(POST|PUT|PATCH|DELETE) (?!.*\/oauth\/)|^disk (replace|remove|claim|append|sync|open)$/.test(what);
}

/** Whether a call is a request that may change the org. */
export function isSending(what: string): boolean {
  return isChanging(what) && !what.startsWith('disk ');
}

function isAtRest({ steps }: Plan): boolean {
  return steps.every(({ action, changes }) => action === 'unchanged' || action === 'held' || (action === 'adopt' && changes.length === 0));
}

function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : [];
}
