import type { Address } from '../../state/address.ts';
import { canonicalJson } from '../../state/canonical.ts';
import { parseJson } from '../../state/json.ts';
import type { Completeness, FileContent, Snapshot } from '../../state/snapshot.ts';
import { isMap, type Value, type ValueMap } from '../../state/value.ts';
import type { Receipt } from '../reconciler/receipt.ts';
import { DocumentLines } from './document-lines.ts';
import type { Repository } from './repository.ts';

/**
 * What was last applied to an org, kept in the repository under `refs/cordboard/applied/<org>`: the documents and their assets, the
 * receipt, and the ids that were seen. It is the base of drift and a hint for matching, never authority; deleting the ref loses nothing else.
 */
export interface Applied extends Snapshot {
  readonly receipt: Receipt;
  /** The id of each address when it was last seen: tells a rename in the org from a delete and a create. */
  readonly ids: ReadonlyMap<Address, string>;
  /** What the org held beside, and what was not to be deleted: known, and no drift. */
  readonly left: ReadonlySet<Address>;
}

/** What there is to remember; `files` reads the content of an asset by its hash. */
export interface Remembered extends Pick<Applied, 'documents' | 'completeness' | 'receipt' | 'ids' | 'left'> {
  readonly files: (hash: string) => Promise<Uint8Array>;
}

export async function readApplied(repository: Repository, org: string): Promise<Applied | undefined> {
  const receipt = await repository.readRef(appliedRef(org), 'receipt.json');
  const lines = await repository.readRef(appliedRef(org), 'documents.jsonl');
  if (receipt === undefined || lines === undefined) return undefined;
  const ids = (await readMap(repository, org, 'ids.json')) as Readonly<Record<Address, string>>;
  const completeness = (await readMap(repository, org, 'types.json')) as Readonly<Record<string, Completeness>>;
  const assets = await repository.listRef(appliedRef(org), 'assets');
  return {
    receipt: parseJson(receipt.toString('utf8')) as unknown as Receipt,
    ids: new Map(Object.entries(ids) as [Address, string][]),
    left: new Set(Object.keys(await readMap(repository, org, 'left.json')) as Address[]),
    documents: new DocumentLines(lines),
    completeness: new Map(Object.entries(completeness)),
    files: new Map(assets.map((name) => [`sha256:${name}`, storedFile(repository, org, `sha256:${name}`)])),
    twins: new Map(),
    problems: [],
  };
}

/** Remembers a tree as applied. The ref moves last and at once: a reader sees the old memory or the new one. */
export async function writeApplied(repository: Repository, org: string, applied: Remembered): Promise<void> {
  const documents = [...applied.documents.values()].sort((left, right) => (left.address < right.address ? -1 : 1));
  const hashes = [...new Set(documents.flatMap((document) => assetHashes(document.body)))].sort();
  const files = new Map<string, Uint8Array | string>([
    ['receipt.json', `${canonicalJson(applied.receipt as unknown as Value)}\n`],
    ['types.json', `${canonicalJson(Object.fromEntries(applied.completeness))}\n`],
    ['ids.json', `${canonicalJson(Object.fromEntries(applied.ids))}\n`],
    ['left.json', `${canonicalJson(Object.fromEntries([...applied.left].map((address) => [address, true])))}\n`],
    ['documents.jsonl', documents.map((document) => `${canonicalJson(document as unknown as Value)}\n`).join('')],
  ]);
  for (const hash of hashes) files.set(assetPath(hash), await applied.files(hash));
  const { receipt } = applied;
  const message = `Applied to ${org}: ${receipt.commit ?? 'manifests that were not committed'}`;
  await repository.writeRef(appliedRef(org), files, message, Date.parse(receipt.endedAt));
}

/** Where what was applied to an org is kept. */
export function appliedRef(org: string): string {
  return `refs/cordboard/applied/${org}`;
}

function assetPath(hash: string): string {
  return `assets/${hash.replace('sha256:', '')}`;
}

function storedFile(repository: Repository, org: string, hash: string): FileContent {
  return {
    sha256: hash,
    read: async () => {
      const content = await repository.readRef(appliedRef(org), assetPath(hash));
      if (content === undefined) throw new Error(`the memory of what was applied to ${org} does not hold ${hash}`);
      return content;
    },
  };
}

async function readMap(repository: Repository, org: string, path: string): Promise<ValueMap> {
  const content = await repository.readRef(appliedRef(org), path);
  const value = content === undefined ? undefined : parseJson(content.toString('utf8'));
  return isMap(value) ? value : {};
}

/** Every `$file` of a body, without recursion. */
function assetHashes(body: ValueMap): readonly string[] {
  const found: string[] = [];
  const open: Value[] = [body];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    const file = isMap(next) ? next['$file'] : undefined;
    if (typeof file === 'string' && file.startsWith('sha256:')) found.push(file);
    open.push(...(Object.values(next) as Value[]));
  }
  return found;
}
