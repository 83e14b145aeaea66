import { genesys } from '../providers/genesys/platform.ts';
import { sizedOrg } from '../providers/genesys-emulator/practice/index.ts';
import { applyPlan } from '../providers/reconciler/apply-plan.ts';
import { openJournal } from '../providers/reconciler/journal.ts';
import { makeReceipt, writeReceipt } from '../providers/reconciler/receipt.ts';
import { type Address, typeOf } from '../state/address.ts';
import { hashOf } from '../state/canonical.ts';
import { encodeDocument } from '../state/codec.ts';
import type { Document } from '../state/document.ts';
import { planDrift } from '../state/make-plan.ts';
import { isDone } from '../state/outcome.ts';
import { findOutside } from '../state/remap.ts';
import type { LiveSnapshot } from '../state/snapshot.ts';
import { VirtualSite } from './virtual-site.ts';

const ORG = 'practice-sized';
const JOURNAL = '/bench/journal.jsonl';
const RECEIPT = '/bench/receipt.json';

/** What one apply wrote down of itself, against what it was about. */
export interface RecordSize {
  readonly size: number;
  readonly changed: number;
  readonly journal: number;
  readonly receipt: number;
  /** Bytes of the changed documents as they stand in their files. */
  readonly documents: number;
}

/** Changes so many documents of a sized org by hand, puts them back with the product's own plan and driver, and counts bytes on its disk. */
export async function measureRecords(size: number, changed: number): Promise<RecordSize> {
  const site = new VirtualSite({ orgs: [sizedOrg({ size, seed: 'records' })], seed: 1 });
  const applied = await read(site);
  const addresses = changeByHand(site, applied, changed);
  const live = await read(site);
  const externals = await site.world.run(site.reader(ORG).locate(findOutside(applied, genesys.types)));
  const plan = planDrift({ applied, live, types: genesys.types, policy: { role: 'practice' }, externals });
  const digest = hashOf(`plan of ${size}`);
  const org = site.writer(ORG);
  await site.world.run(org.read(site.types, () => undefined));
  const journal = await site.world.run(openJournal(site.world, JOURNAL));
  const files = (hash: string) => applied.files.get(hash)?.read() ?? Promise.reject(new Error(`nobody has ${hash}`));
  const base = { org, journal, types: genesys.types, files, world: site.world, report: () => undefined, plan: digest, me: ORG };
  const startedAt = site.world.clock.now();
  const outcomes = await site.world.run(applyPlan(plan, base));
  const receipt = makeReceipt({ plan: digest, org: await site.world.run(org.identity()), startedAt, endedAt: site.world.clock.now() }, outcomes);
  await site.world.run(journal.close());
  await site.world.run(writeReceipt(site.world, RECEIPT, receipt));
  const written = outcomes.filter(({ word }) => word === 'updated').length;
  if (written !== changed || !outcomes.every(isDone)) throw new Error(`${changed} documents were changed, and ${written} were put back`);
  const documents = addresses.map((address) => applied.documents.get(address)).flatMap((document) => (document === undefined ? [] : [document]));
  return {
    size,
    changed,
    journal: await bytesOf(site, JOURNAL),
    receipt: await bytesOf(site, RECEIPT),
    documents: documents.reduce((sum, document) => sum + sizeOf(document), 0),
  };
}

function read(site: VirtualSite): Promise<LiveSnapshot> {
  return site.world.run(site.reader(ORG).read(site.types, () => undefined));
}

/** The field by which each of these types is changed: one that every object may have. */
const FIELDS: Readonly<Record<string, string>> = {
  architect_ivr: 'description',
  architect_schedule: 'description',
  architect_schedule_group: 'description',
  architect_user_prompt: 'description',
  routing_queue: 'description',
  user: 'title',
};

/** Spread evenly over the org, in the proportions in which it holds these types. */
function changeByHand(site: VirtualSite, applied: LiveSnapshot, changed: number): readonly Address[] {
  const all = [...applied.documents.keys()].filter((address) => FIELDS[typeOf(address)] !== undefined).sort();
  const chosen = Array.from({ length: changed }, (_, index) => all[Math.floor((index * all.length) / changed)]).filter((address) => address !== undefined);
  for (const address of chosen) {
    const [type, id] = [typeOf(address), applied.ids.get(address) ?? ''];
    site.core.edit(ORG, type, id, (body) => ({ ...body, [FIELDS[type] ?? '']: 'Changed in a hurry' }));
  }
  return chosen;
}

function sizeOf(document: Document): number {
  const type = genesys.types.get(typeOf(document.address));
  return type === undefined ? 0 : Buffer.byteLength(encodeDocument(document, type).text);
}

async function bytesOf(site: VirtualSite, file: string): Promise<number> {
  return (await site.world.run(site.world.disk.read(file))).length;
}
