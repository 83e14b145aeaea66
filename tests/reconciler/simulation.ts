import { applyPlan } from '../../providers/reconciler/apply-plan.ts';
import { openJournal } from '../../providers/reconciler/journal.ts';
import { claimLock } from '../../providers/reconciler/lock.ts';
import type { World } from '../../providers/world.ts';
import { type Address, keyOf, makeAddress, splitEdge, typeOf } from '../../state/address.ts';
import type { Step } from '../../state/change.ts';
import { diffDocuments } from '../../state/diff.ts';
import type { Document } from '../../state/document.ts';
import { makePlan } from '../../state/make-plan.ts';
import { isDone, type Outcome } from '../../state/outcome.ts';
import { setAt } from '../../state/pointer.ts';
import { STRICTEST } from '../../state/policy.ts';
import type { Snapshot } from '../../state/snapshot.ts';
import { directive, makeMap, type Value } from '../../state/value.ts';
import { Killed, makeChance, makeSimulatedWorld, type SimulatedWorld } from '../worlds/simulated-world.ts';
import { snapshotOf } from './one-org.ts';
import { bodyOf, type Faults, NO_FAULTS, type SimulatedObject, SimulatedOrg, US } from './simulated-org.ts';
import { HABITS, habitsOf, TOY_TYPES } from './toy-types.ts';

const FOLDER = '.cordboard/simulated';

/** How hostile one simulated life is. Shares are chances per event. */
export interface Hostility {
  readonly faults: Faults;
  /** Chance of a kill at each call to disk and org; half of them take the unsynced disk with them. */
  readonly kill: number;
  readonly mostKills: number;
  /** Whether somebody else changes and creates things meanwhile. */
  readonly hasHumans: boolean;
  readonly interrupt: number;
  readonly concurrency: number;
}

export const GENTLE: Hostility = { faults: NO_FAULTS, kill: 0, mostKills: 0, hasHumans: false, interrupt: 0, concurrency: 4 };

export interface Life {
  readonly world: SimulatedWorld;
  readonly org: SimulatedOrg;
  readonly chance: () => number;
  readonly wanted: ReadonlyMap<Address, Document>;
  kills: number;
  plans: number;
  readonly violations: string[];
  /** Decides at each call of a process whether it dies there. */
  fate: (index: number, what: string) => 'go on' | 'kill' | 'lose power';
  calls: number;
}

type Make = (chance: () => number, org: SimulatedOrg) => ReadonlyMap<Address, Document>;

/** Runs plan and apply until there is nothing to do, whatever happens on the way. Returns what was seen; `violations` must be empty. */
export async function live(seed: number, hostility: Hostility, make: Make = makeCase, fate?: Life['fate']): Promise<Life> {
  const chance = makeChance(seed);
  const world = makeSimulatedWorld({ seed: seed ^ 0x2545f491 });
  const org = new SimulatedOrg({ ticks: world.clock.ticks, now: world.clock.now }, makeChance(seed ^ 0x9e3779b9));
  if (process.env['TRACE'] !== undefined) org.onEvent = (line) => process.stderr.write(`${seed}: ${line}\n`);
  const wanted = make(chance, org);
  const life: Life = { world, org, chance, wanted, kills: 0, plans: 0, violations: org.violations, fate: fate ?? someKills(chance, hostility), calls: 0 };
  await liveOn(life, hostility);
  return life;
}

function someKills(chance: () => number, hostility: Hostility): Life['fate'] {
  let left = hostility.mostKills;
  return () => {
    if (left <= 0 || chance() >= hostility.kill) return 'go on';
    left -= 1;
    return chance() < 0.5 ? 'kill' : 'lose power';
  };
}

/** The rest of a life from its world and org as they are. */
async function liveOn(life: Life, hostility: Hostility): Promise<void> {
  const { org } = life;
  await rest(life);
  org.faults = hostility.faults;
  for (; life.plans < 15; life.plans += 1) {
    org.faults = life.plans < 10 ? hostility.faults : NO_FAULTS;
    const plan = planNow(life);
    if (plan.every((step) => step.action === 'unchanged' || (step.action === 'adopt' && step.changes.length === 0) || step.action === 'held')) break;
    org.show();
    if (hostility.hasHumans) {
      intrude(life);
      await rest(life);
    }
    const commits = org.commits.length;
    const outcomes = await applyUntilDone(life, plan, hostility);
    await rest(life);
    checkOutcomes(life, { plan, outcomes, commits: org.commits.slice(commits) });
  }
  await checkEnd(life, hostility);
}

/** Applies one plan, again and again while it is killed or interrupted. */
async function applyUntilDone(life: Life, steps: readonly Step[], hostility: Hostility): Promise<readonly Outcome[]> {
  const digest = `plan-${life.plans}`;
  for (let tries = 0; tries < 40; tries += 1) {
    const interrupt = new AbortController();
    try {
      const outcomes = await life.world.run(runProcess(life, { steps, digest, interrupt, hostility }));
      if (!interrupt.signal.aborted) return outcomes;
    } catch (failure) {
      if (!(failure instanceof Killed)) throw failure;
      life.kills += 1;
      if (life.chance() < 0.3) await rest(life);
    }
  }
  throw new Error('forty kills and interrupts are more than were asked for');
}

let processes = 0;

async function runProcess(
  life: Life,
  run: { steps: readonly Step[]; digest: string; interrupt: AbortController; hostility: Hostility },
): Promise<readonly Outcome[]> {
  const { world: simulation, org } = life;
  processes += 1;
  org.onEvent?.(`start ${run.digest}`);
  const self = processes;
  const world: World = { ...simulation.boot(), processes: { self, isAlive: (id) => id === self } };
  const tick = async (what: string): Promise<void> => {
    if (strike(life, what)) await new Promise<never>(() => undefined);
    if (life.chance() < run.hostility.interrupt) run.interrupt.abort();
    if (run.hostility.hasHumans && life.chance() < 0.01) disturb(life);
  };
  simulation.onCall = (_, what) => void strike(life, what);
  const lock = await claimLock(world, FOLDER);
  const journal = await openJournal(world, `${FOLDER}/journal.jsonl`);
  const outcomes = await applyPlan(
    { steps: run.steps },
    {
      org: org.writer(world, tick),
      journal,
      lock,
      world,
      types: TOY_TYPES,
      files: () => Promise.reject(new Error('no assets here')),
      report: () => undefined,
      plan: run.digest,
      me: US,
      interrupt: run.interrupt.signal,
      concurrency: run.hostility.concurrency,
    },
  );
  await journal.close();
  await lock.release();
  return outcomes;
}

function strike(life: Life, what: string): boolean {
  life.calls += 1;
  const fate = life.fate(life.calls, what);
  if (fate !== 'go on') life.org.onEvent?.(`${fate} at ${what}`);
  if (fate === 'kill') life.world.kill();
  if (fate === 'lose power') life.world.losePower();
  return fate !== 'go on';
}

/** Long enough for everything late to arrive and everything lagging to be seen. */
async function rest(life: Life): Promise<void> {
  life.world.onCall = () => undefined;
  life.world.boot();
  await life.world.run(life.world.clock.sleep(200_000));
  life.org.advance();
}

// What somebody else does.

/** Between plan and apply. */
function intrude(life: Life): void {
  const { chance, org, wanted } = life;
  for (const [address, document] of wanted) {
    const [here] = org.under(address);
    if (here === undefined && document.was === undefined && chance() < 0.08) {
      const isEqual = chance() < 0.3;
      const body = { ...setAt(document.body, '/fields', undefined) };
      org.plant(address, isEqual ? makeMap(Object.entries(body)) : makeMap([['color', `theirs ${org.objects.size}`]]));
    } else if (here !== undefined && chance() < 0.05) org.touch(here, 'color', `by hand ${org.objects.size} ${life.calls}`);
  }
}

/** While the apply runs: only objects with versions, since nothing protects the others from whoever writes last. */
function disturb(life: Life): void {
  const versioned = life.org.live().filter((object) => habitsOf(typeOf(bodyOf(object).address)).isVersioned);
  const object = versioned[Math.floor(life.chance() * versioned.length)];
  if (object !== undefined) life.org.touch(object, 'color', `meanwhile by hand ${life.calls}`);
}

// What must hold.

function planNow(life: Life): readonly Step[] {
  const wanted: Snapshot = { documents: life.wanted, completeness: ALL_WHOLE, files: new Map(), twins: new Map(), problems: [] };
  const snapshot = snapshotOf(life.org);
  const remembered = life.chance() < 0.5 ? { documents: snapshot.documents, ids: snapshot.ids } : undefined;
  const plan = makePlan({
    wanted,
    live: snapshot,
    types: TOY_TYPES,
    policy: STRICTEST,
    externals: new Map(),
    ...(remembered === undefined ? {} : { remembered }),
  });
  if (plan.problems.some((problem) => problem.severity === 'error'))
    life.violations.push(`the plan has problems: ${plan.problems.map((problem) => problem.message).join('; ')}`);
  return plan.steps;
}

const ALL_WHOLE = new Map(HABITS.map(({ type }) => [type.name, 'whole' as const]));

function checkOutcomes(life: Life, run: { plan: readonly Step[]; outcomes: readonly Outcome[]; commits: SimulatedOrg['commits'] }): void {
  const complain = (step: Step, outcome: Outcome, what: string) =>
    life.violations.push(`outcome of ${step.address} is '${outcome.word}' (${outcome.message ?? ''}), but ${what}`);
  for (const [index, step] of run.plan.entries()) {
    const outcome = run.outcomes[index];
    if (outcome?.address !== step.address) {
      life.violations.push(`no outcome for ${step.address}`);
      continue;
    }
    const { owner, pointer } = splitEdge(step.address);
    const made = run.commits.filter((commit) => commit.kind === 'create' && commit.address === step.address);
    // Where objects do not name their creator, an equal one that appeared after our request is taken for ours.
    const isNameless = !habitsOf(typeOf(owner)).namesCreator && life.org.objects.get(outcome.id ?? '')?.createdBy !== US;
    if (outcome.word === 'created' && !isNameless && !made.some((commit) => commit.id === outcome.id))
      complain(step, outcome, 'the org did not create it for us');
    if (outcome.word !== 'created' && made.length > 0 && outcome.id === undefined && outcome.word !== 'unknown')
      complain(step, outcome, 'the org created it for us');
    if (made.length > 1) complain(step, outcome, 'the org created it more than once');
    if (outcome.word === 'updated' && !run.commits.some((commit) => commit.kind === 'update' && commit.id === outcome.id))
      complain(step, outcome, 'nothing was written');
    const touched = run.commits.filter((commit) => commit.address === step.address);
    if (pointer === undefined && (outcome.word === 'skipped' || outcome.word === 'held') && touched.length > 0 && !isInterrupted(outcome))
      complain(step, outcome, 'it was written');
    if (isDone(outcome) && pointer === undefined && outcome.word !== 'unchanged') checkDone(life, step, outcome, complain);
    if (isDone(outcome) && !life.org.objects.has(outcome.id ?? '')) complain(step, outcome, `no object has the id ${outcome.id} (owner ${owner})`);
  }
}

function isInterrupted(outcome: Outcome): boolean {
  return outcome.message?.startsWith('interrupted') === true;
}

/** What is called done is there, unless somebody changed it afterwards. */
function checkDone(life: Life, step: Step, outcome: Outcome, complain: (step: Step, outcome: Outcome, what: string) => void): void {
  const object = life.org.objects.get(outcome.id ?? '');
  const type = TOY_TYPES.get(typeOf(step.address));
  if (object === undefined || type === undefined || step.document === undefined || object.unseen.size > 0) return;
  const left = diffDocuments(documentOf(object), step.document, type, step.deferred);
  if (left.length > 0) complain(step, outcome, `these fields are not as wanted: ${left.map((change) => change.at).join(', ')}`);
  if (outcome.word !== 'adopted') checkSecrets(step, object, (what) => complain(step, outcome, what));
}

function checkSecrets(step: Step, object: SimulatedObject, complain: (what: string) => void): void {
  const fields = step.document?.body['fields'];
  if (fields === undefined || fields === null) return;
  for (const name of Object.keys(fields)) if (object.secrets[name] === undefined) complain(`the secret ${name} was not sent`);
}

async function checkEnd(life: Life, hostility: Hostility): Promise<void> {
  const { org, wanted, violations } = life;
  await rest(life);
  for (const [address, document] of wanted) {
    const objects = org.under(address);
    if (objects.length !== 1) violations.push(`${address} lives ${objects.length} times at the end`);
    const [object] = objects;
    const type = TOY_TYPES.get(typeOf(address));
    if (object === undefined || type === undefined) continue;
    const left = diffDocuments(documentOf(object), document, type);
    if (left.length > 0 && life.plans < 15) violations.push(`${address} is not as wanted at the end: ${left.map((change) => change.at).join(', ')}`);
  }
  if (life.plans >= 15) violations.push('after fifteen plans there was still something to do');
  org.faults = NO_FAULTS;
  const before = org.commits.length;
  await applyUntilDone({ ...life, fate: () => 'go on', plans: 99 }, planNow(life), { ...GENTLE, concurrency: hostility.concurrency });
  if (org.commits.length !== before) violations.push('a run after the last one wrote something');
}

function documentOf(object: SimulatedObject): Document {
  const { address, body } = bodyOf(object);
  return { address, body };
}

// What is wanted, and what lives at first.

const COLORS = ['red', 'green', 'blue'];

/** A few documents of each toy type, of which the org holds some already, some of them otherwise; and strangers. */
function makeCase(chance: () => number, org: SimulatedOrg): ReadonlyMap<Address, Document> {
  const any = <T>(of: readonly T[]): T => of[Math.floor(chance() * of.length)] as T;
  const some = (type: string, most: number): Address[] =>
    Array.from({ length: Math.floor(chance() * (most + 1)) }, (_, index) => makeAddress(type, [`${type} ${index}`]));
  const [crates, stamps, tokens, shelves, racks, scripts] = [
    some('crate', 3),
    some('stamp', 2),
    some('token', 2),
    some('shelf', 3),
    some('rack', 3),
    some('script', 2),
  ] as const;
  const documents = new Map<Address, Document>();
  const want = (address: Address, entries: [string, Value][]) => documents.set(address, { address, body: makeMap(entries) });
  for (const address of crates)
    want(address, [
      ['color', any(COLORS)],
      ['size', any([2, 3])],
    ]);
  for (const address of stamps) want(address, [['color', any(COLORS)]]);
  for (const address of tokens)
    want(address, [
      ['color', any(COLORS)],
      ['fields', makeMap([['password', directive('$secret', 'PASSWORD')]])],
    ]);
  for (const [index, address] of shelves.entries()) {
    const next = shelves[(index + 1) % shelves.length] as Address;
    const members = crates
      .filter(() => chance() < 0.7)
      .map((crate) => makeMap([['crate', directive('$ref', crate)], ...(chance() < 0.5 ? [['rank', 2] as const] : [])]));
    want(address, [
      ['color', any(COLORS)],
      ...(chance() < 0.8 ? [['next', directive('$ref', next)] as [string, Value]] : []),
      ...(members.length > 0 ? [['members', members] as [string, Value]] : []),
    ]);
  }
  for (const [index, address] of racks.entries()) {
    want(address, [
      ['color', any(COLORS)],
      ['next', directive('$ref', racks[(index + 1) % racks.length] as Address)],
    ]);
  }
  for (const [index, address] of scripts.entries()) {
    const calls = scripts[(index + 1) % scripts.length] as Address;
    want(address, [
      ['color', any(COLORS)],
      ['content', makeMap([['lines', `say ${any(COLORS)}`], ...(chance() < 0.8 ? [['calls', directive('$ref', calls)] as const] : [])])],
    ]);
  }
  plantSome(chance, org, documents);
  return documents;
}

/** What lives already: as wanted, otherwise, under an old name, with a field that the document ignores. */
function plantSome(chance: () => number, org: SimulatedOrg, documents: Map<Address, Document>): void {
  for (const [address, document] of documents) {
    const fate = chance();
    const body = setAt(document.body, '/fields', undefined);
    const old = setAt(setAt(body, '/next', undefined), '/color', 'old');
    if (fate < 0.15) org.plant(address, body);
    else if (fate < 0.3) org.plant(address, old);
    else if (fate < 0.4) {
      org.plant(address, setAt(old, '/note', `note of ${address}`));
      documents.set(address, { ...document, ignore: ['/note'] });
    } else if (fate < 0.5) {
      org.plant(makeAddress(typeOf(address), [`old name of ${keyOf(address)}`]), chance() < 0.5 ? body : old);
      documents.set(address, { ...document, was: `old name of ${keyOf(address)}` });
    }
  }
  for (const { type } of HABITS) if (chance() < 0.3) org.plant(makeAddress(type.name, ['stranger']), makeMap([['color', 'theirs']]));
}
