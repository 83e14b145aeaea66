import type { OrgWriter } from '../../providers/contract.ts';
import type { ApplySite } from '../../providers/reconciler/apply-plan.ts';
import { openJournal } from '../../providers/reconciler/journal.ts';
import type { Address } from '../../state/address.ts';
import type { Step } from '../../state/change.ts';
import type { Document } from '../../state/document.ts';
import { makePlan } from '../../state/make-plan.ts';
import type { Notice } from '../../state/notice.ts';
import { STRICTEST } from '../../state/policy.ts';
import type { LiveSnapshot } from '../../state/snapshot.ts';
import { makeChance, makeSimulatedWorld, type SimulatedWorld } from '../worlds/simulated-world.ts';
import { bodyOf, SimulatedOrg, US } from './simulated-org.ts';
import { HABITS, TOY_TYPES } from './toy-types.ts';

/** One org, one process, no faults but those that a test asks for. */
export interface OneOrg {
  readonly world: SimulatedWorld;
  readonly org: SimulatedOrg;
  readonly site: ApplySite;
  readonly notices: Notice[];
  /** Every request of the reconciler, in order. */
  readonly sent: string[];
  run<T>(work: Promise<T>): Promise<T>;
  /** The steps that make the org hold these documents; with `isRemembered`, what lives was applied by us before. */
  plan(documents: readonly Document[], isRemembered?: boolean): readonly Step[];
}

export async function openOneOrg(changes: Partial<ApplySite> = {}, wrap: (writer: OrgWriter) => OrgWriter = (writer) => writer, seed = 7): Promise<OneOrg> {
  const world = makeSimulatedWorld({ seed });
  const org = new SimulatedOrg({ ticks: world.clock.ticks, now: world.clock.now }, makeChance(seed));
  const notices: Notice[] = [];
  const sent: string[] = [];
  const site: ApplySite = {
    org: wrap(org.writer(world, async (what) => void (what.endsWith('answered') || sent.push(what)))),
    journal: await world.run(openJournal(world, '.cordboard/one/journal.jsonl')),
    world,
    types: TOY_TYPES,
    files: () => Promise.reject(new Error('no assets here')),
    report: (notice) => void notices.push(notice),
    plan: 'plan-1',
    me: US,
    ...changes,
  };
  return {
    world,
    org,
    site,
    notices,
    sent,
    run: (work) => world.run(work),
    plan: (documents, isRemembered = false) => planFor(org, documents, isRemembered),
  };
}

const ALL_WHOLE = new Map(HABITS.map(({ type }) => [type.name, 'whole' as const]));

function planFor(org: SimulatedOrg, documents: readonly Document[], isRemembered: boolean): readonly Step[] {
  const live = snapshotOf(org);
  const wanted = {
    documents: new Map(documents.map((document) => [document.address, document])),
    completeness: new Map(),
    files: new Map(),
    twins: new Map(),
    problems: [],
  };
  const remembered = isRemembered ? { remembered: { documents: live.documents, ids: live.ids } } : {};
  return makePlan({ wanted, live, types: TOY_TYPES, policy: STRICTEST, externals: new Map(), ...remembered }).steps;
}

/** All that lives in a simulated org, as a planner reads it. */
function snapshotOf(org: SimulatedOrg): LiveSnapshot {
  const documents = new Map<Address, Document>();
  const ids = new Map<Address, string>();
  const twins = new Map<Address, string[]>();
  for (const object of org.live()) {
    const { address, body } = bodyOf(object);
    const first = ids.get(address);
    if (first !== undefined) twins.set(address, [...(twins.get(address) ?? [first]), object.id]);
    documents.set(address, { address, body });
    ids.set(address, object.id);
  }
  for (const address of twins.keys()) documents.delete(address);
  return { documents, ids, twins, deleted: new Set(), completeness: ALL_WHOLE, files: new Map(), problems: [] };
}
