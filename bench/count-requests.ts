import type { OrgReader } from '../providers/contract.ts';
import { genesys } from '../providers/genesys/platform.ts';
import type { JournalEntry } from '../providers/genesys-emulator/index.ts';
import type { Address } from '../state/address.ts';
import type { Document } from '../state/document.ts';
import { makePlan, planDrift } from '../state/make-plan.ts';
import type { Policy } from '../state/policy.ts';
import { findOutside } from '../state/remap.ts';
import type { Completeness, LiveSnapshot, Snapshot } from '../state/snapshot.ts';
import { isPoll, isToken, type VirtualSite } from './virtual-site.ts';

/** Requests that the three reading verbs send, each with a session of its own, as a command has it. */
export interface ReadingCounts {
  readonly export: readonly JournalEntry[];
  readonly plan: readonly JournalEntry[];
  readonly drift: readonly JournalEntry[];
  /** Steps of plan and drift that would write: none, where nothing changed. */
  readonly pending: number;
}

const isCounted = (entry: JournalEntry): boolean => !isToken(entry) && !isPoll(entry);

/** An export of everything, then a plan and a drift check of what was exported, against the same org. */
export async function countReading(site: VirtualSite, org: string): Promise<ReadingCounts> {
  const exported = await site.requests(() => readAll(site.reader(org), site.types));
  const documents = exported.result.documents;
  const planned = await site.requests(() => planNothing(site.reader(org), documents, exported.result));
  const drifted = await site.requests(() => checkDrift(site.reader(org), documents, exported.result));
  return {
    export: exported.entries.filter(isCounted),
    plan: planned.entries.filter(isCounted),
    drift: drifted.entries.filter(isCounted),
    pending: planned.result + drifted.result,
  };
}

async function readAll(reader: OrgReader, types: readonly string[]): Promise<LiveSnapshot> {
  await reader.identity();
  return reader.read(types, () => undefined);
}

const POLICY: Policy = { role: 'practice' };

type Documents = ReadonlyMap<Address, Document>;

async function planNothing(reader: OrgReader, documents: Documents, { completeness }: LiveSnapshot): Promise<number> {
  const live = await readAll(reader, [...completeness.keys()]);
  const wanted = snapshotOf(documents, completeness);
  const externals = await reader.locate(findOutside(wanted, genesys.types));
  const { steps } = makePlan({ wanted, live, types: genesys.types, policy: POLICY, externals });
  return steps.filter(({ changes }) => changes.length > 0).length;
}

async function checkDrift(reader: OrgReader, documents: Documents, { completeness, ids }: LiveSnapshot): Promise<number> {
  const live = await readAll(reader, [...completeness.keys()]);
  const applied = { ...snapshotOf(documents, completeness), ids };
  const externals = await reader.locate(findOutside(applied, genesys.types));
  const { steps } = planDrift({ applied, live, types: genesys.types, policy: POLICY, externals });
  return steps.filter(({ changes }) => changes.length > 0).length;
}

function snapshotOf(documents: Documents, completeness: ReadonlyMap<string, Completeness>): Snapshot {
  return { documents, completeness, files: new Map(), twins: new Map(), problems: [] };
}
