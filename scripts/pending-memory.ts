import { join } from 'node:path';
import type { Applied, Remembered } from '../providers/git/applied-memory.ts';
import { appliedDocuments, appliedIds } from '../providers/reconciler/applied-record.ts';
import type { World } from '../providers/world.ts';
import { canonicalJson } from '../state/canonical.ts';
import type { Step } from '../state/change.ts';
import { parseJson } from '../state/json.ts';
import type { Outcome } from '../state/outcome.ts';
import type { Value } from '../state/value.ts';

/** One step that the Pulumi engine had carried out, and that the repository does not remember as applied yet. */
export interface Pending {
  readonly step: Step;
  readonly outcome: Outcome;
}

/** Notes what was done through Pulumi, for the next command to take into the repository's memory. Holds names of secrets, never values. */
export async function notePending(world: World, folder: string, pending: readonly Pending[]): Promise<void> {
  if (pending.length === 0) return;
  const log = await world.disk.openLog(fileOf(folder));
  await log.append(pending.map((one) => `${canonicalJson(one as unknown as Value)}\n`).join(''));
  await log.sync();
  await log.close();
}

/**
 * As `notePending`, for notes that come while others are being written: those wait and are written together. The file is not kept open,
 * since a command may take it into the memory at any time.
 */
export function pendingNotes(world: World, folder: string): (pending: Pending) => Promise<void> {
  let waiting: Pending[] = [];
  let last: Promise<void> = Promise.resolve();
  const writeAll = (): Promise<void> => {
    const batch = waiting;
    waiting = [];
    return notePending(world, folder, batch);
  };
  return (pending) => {
    waiting.push(pending);
    last = last.catch(() => undefined).then(writeAll);
    return last;
  };
}

/** Everything noted since it was last taken over; a torn last line is left out. */
export async function readPending(world: World, folder: string): Promise<readonly Pending[]> {
  if ((await world.disk.kind(fileOf(folder))) === undefined) return [];
  const text = new TextDecoder().decode(await world.disk.read(fileOf(folder)));
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.filter((line) => line !== '').map((line) => parseJson(line) as unknown as Pending);
}

export async function forgetPending(world: World, folder: string): Promise<void> {
  await world.disk.remove(fileOf(folder));
}

/** What is applied once `pending` is added to what was remembered before. */
export function withPending(
  pending: readonly Pending[],
  before: Applied | undefined,
): Pick<Remembered, 'documents' | 'ids'> & { readonly outcomes: readonly Outcome[] } {
  const outcomes = pending.map(({ outcome }) => outcome);
  const documents = appliedDocuments(pending, before?.documents);
  return { documents, ids: appliedIds(pending, documents, before?.ids), outcomes };
}

function fileOf(folder: string): string {
  return join(folder, 'applied-by-pulumi.jsonl');
}
