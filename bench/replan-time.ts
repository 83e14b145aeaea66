import { genesys } from '../providers/genesys/platform.ts';
import { sizedOrg } from '../providers/genesys-emulator/practice/index.ts';
import { typeOf } from '../state/address.ts';
import type { Document } from '../state/document.ts';
import type { PlanRequest } from '../state/make-plan.ts';
import { openReplanning } from '../state/replan.ts';
import type { LiveSnapshot } from '../state/snapshot.ts';
import { makeMap } from '../state/value.ts';
import { VirtualSite } from './virtual-site.ts';

const ORG = 'practice-sized';
/** Documents that are changed one after the other. */
const CHANGES = 20;

export interface ReplanTime {
  readonly documents: number;
  /** Milliseconds on a processor of the whole plan, and of the median change after it. */
  readonly whole: number;
  readonly change: number;
  /** Changes that had to be planned anew. */
  readonly anew: number;
}

/** Plans a sized org whole, then again after each of some changes to one queue, in one process. */
export async function timeReplan(size: number): Promise<ReplanTime> {
  const live = await readSized(size);
  const wanted = { ...live, documents: new Map([...live.documents].map(([address, document]) => [address, { ...document }])) };
  const remembered = { documents: live.documents, ids: live.ids };
  const request: PlanRequest = { wanted, live, types: genesys.types, policy: { role: 'practice' }, externals: new Map(), remembered };
  const start = process.cpuUsage();
  let planned = openReplanning(request);
  const whole = since(start);
  const times: number[] = [];
  let anew = 0;
  for (const document of [...wanted.documents.values()].filter(({ address }) => typeOf(address) === 'routing_queue').slice(0, CHANGES)) {
    const from = process.cpuUsage();
    planned = planned.change(edited(document));
    times.push(since(from));
    if (!planned.isQuick) anew += 1;
  }
  const changed = planned.plan.steps.filter(({ action }) => action === 'update').length;
  if (changed !== CHANGES) throw new Error(`${CHANGES} documents were changed, and the plan changes ${changed}`);
  return { documents: wanted.documents.size, whole, change: times.sort((left, right) => left - right)[CHANGES / 2] ?? 0, anew };
}

function readSized(size: number): Promise<LiveSnapshot> {
  const site = new VirtualSite({ orgs: [sizedOrg({ size, seed: 'replan' })], seed: 1 });
  return site.world.run(site.reader(ORG).read(site.types, () => undefined));
}

function edited(document: Document): Document {
  return { ...document, body: makeMap([...Object.entries(document.body), ['description', 'Changed in a hurry']]) };
}

function since(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}
