import type { Address } from '../../state/address.ts';
import { canonicalJson } from '../../state/canonical.ts';
import type { Document } from '../../state/document.ts';
import type { Value } from '../../state/value.ts';
import { appliedRef } from './applied-memory.ts';
import { DocumentLines } from './document-lines.ts';
import type { Repository } from './repository.ts';

/**
 * What exports took over from an org since it was last applied to, as it lived: under `refs/cordboard/taken/<org>`. It tells an edit of Git's own
 * from what Git has of the org already. A hint like all that is remembered; it ends with the next apply, and deleting the ref loses nothing else.
 */
export async function readTaken(repository: Repository, org: string): Promise<ReadonlyMap<Address, Document>> {
  const since = await repository.readRef(takenRef(org), 'applied');
  const applied = await repository.commitOf(appliedRef(org));
  if (since === undefined || since.toString('utf8') !== applied) return new Map();
  const lines = await repository.readRef(takenRef(org), 'documents.jsonl');
  return lines === undefined ? new Map() : new DocumentLines(lines);
}

/** Adds to it; nothing is written where nothing was taken, or where nothing was ever applied. */
export async function noteTaken(repository: Repository, org: string, taken: readonly Document[], when: number): Promise<void> {
  const applied = await repository.commitOf(appliedRef(org));
  if (taken.length === 0 || applied === undefined) return;
  const all = new Map([...(await readTaken(repository, org)), ...taken.map((document) => [document.address, document] as const)]);
  const lines = [...all.values()]
    .sort((left, right) => (left.address < right.address ? -1 : 1))
    .map((document) => `${canonicalJson(document as unknown as Value)}\n`)
    .join('');
  const files = new Map([
    ['applied', applied],
    ['documents.jsonl', lines],
  ]);
  await repository.writeRef(takenRef(org), files, `Taken over from ${org}`, when);
}

function takenRef(org: string): string {
  return `refs/cordboard/taken/${org}`;
}
