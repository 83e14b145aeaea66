import type { OrgReader } from '../providers/contract.ts';
import { type Applied, appliedRef } from '../providers/git/applied-memory.ts';
import { noteTaken, readTaken } from '../providers/git/taken-memory.ts';
import type { Tree, TreeExport } from '../providers/store/manifest-tree.ts';
import type { Address } from '../state/address.ts';
import type { Document } from '../state/document.ts';
import { type Problem, Refused } from '../state/problem.ts';
import type { LiveSnapshot } from '../state/snapshot.ts';
import { type MergedTree, mergeTrees } from '../state/three-way-tree.ts';
import type { OrgSettings } from './config.ts';
import type { OrgSession } from './org-session.ts';
import { recall } from './planning.ts';
import type { Site } from './site.ts';

/** What a three-way export starts from. */
export interface RememberedBase {
  /** Absent where nothing was applied to the org, or where what is remembered of it cannot be read. */
  readonly base?: Applied;
  readonly taken: ReadonlyMap<Address, Document>;
  readonly problems: readonly Problem[];
}

/** What was applied to the org last, where there is a tree to put it together with: a folder that holds nothing yet has taken nothing out. What cannot be read of it is told loudly, and the export goes on without: then the org's word stands for everything. */
export async function recallBase(site: Site, session: OrgSession<OrgReader>, tree: Tree): Promise<RememberedBase> {
  const repository = await site.repository();
  const nothing = { taken: new Map<Address, Document>() };
  const isNew = tree.manifest === undefined && tree.documents.size === 0;
  if (repository === undefined || isNew) return { ...nothing, problems: [] };
  try {
    const base = await recall(site, session);
    if (base !== undefined) return { base, taken: await readTaken(repository, session.settings.name), problems: [] };
    const isThere = (await repository.commitOf(appliedRef(session.settings.name))) !== undefined;
    return { ...nothing, problems: isThere ? [baseGone(session.settings.name, 'it holds no documents')] : [] };
  } catch (error) {
    if (error instanceof Refused) throw error;
    return { ...nothing, problems: [baseGone(session.settings.name, error instanceof Error ? error.message : String(error))] };
  }
}

function baseGone(org: string, why: string): Problem {
  return {
    code: 'BASE_GONE',
    severity: 'warning',
    message: `what was applied to "${org}" last cannot be read (${why.trim().split('\n', 1)[0]}): a change that waits in Git cannot be told from one by hand, and is taken back`,
    hint: `look at the difference before you keep it; git fetch origin "+${appliedRef(org)}:${appliedRef(org)}" may bring it back`,
  };
}

interface Merging {
  readonly base: Applied;
  readonly taken: ReadonlyMap<Address, Document>;
  readonly previous: Tree;
  readonly live: LiveSnapshot;
  readonly chosen: Pick<LiveSnapshot, 'documents'>;
}

/** What Git and the org come to together, as the writing of a tree takes it. */
export function mergeWith({ base, taken, previous, live, chosen }: Merging, { settings, platform, identity }: OrgSession<OrgReader>): MergedInput {
  const isOthers = previous.manifest !== undefined && previous.manifest.org !== identity.name;
  const merged = mergeTrees({
    base,
    taken,
    ours: previous,
    live,
    chosen: chosen.documents,
    types: platform.types,
    vars: new Map(Object.entries(settings.values)),
    ignore: settings.ignore,
    spoilt: previous.spoilt,
    unread: previous.unread,
    isOwn: !isOthers,
  });
  return { merged, isOthers };
}

type MergedInput = Required<Pick<TreeExport, 'merged' | 'isOthers'>>;

/** Remembers what was taken over, so that the next export knows it from an edit. */
export async function noteMerged(site: Site, settings: OrgSettings, merged: MergedTree | undefined): Promise<void> {
  const repository = await site.repository();
  const taken = (merged?.documents ?? []).flatMap(({ theirs, marks }) => (theirs === undefined || marks !== undefined ? [] : [theirs]));
  if (repository !== undefined) await noteTaken(repository, settings.name, taken, site.world.clock.now());
}
