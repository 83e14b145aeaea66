import type { Address } from '../../state/address.ts';
import type { AssetContent } from '../../state/codec.ts';
import type { Document } from '../../state/document.ts';
import type { Problem } from '../../state/problem.ts';
import type { TypeTable } from '../../state/resource-type.ts';
import type { FileContent } from '../../state/snapshot.ts';
import type { Disk, DiskEntry } from '../world.ts';
import { findDetour } from './detour.ts';

/** The file of one document. */
export interface Source {
  readonly path: string;
  readonly text: string;
  /** Names of its assets, by `assetIdentity`. */
  readonly assetNames: ReadonlyMap<string, string>;
}

/** A tree while it is read, and what was found wrong so far. */
export interface Draft {
  readonly folder: string;
  readonly types: TypeTable;
  readonly disk: Disk;
  readonly documents: Map<Address, Document>;
  readonly sources: Map<Address, Source>;
  readonly files: Map<string, FileContent>;
  readonly assets: Map<string, AssetContent>;
  readonly problems: Problem[];
  /** Types of which something could not be read. */
  readonly spoilt: Set<string>;
  readonly unread: Map<Address, string>;
}

/** What stands in a folder, by name; nothing, and a problem, where it or a folder on the way to it from `root` on is none. */
export async function listFolder(draft: Draft, path: string, root: string = path): Promise<readonly DiskEntry[]> {
  const detour = await findDetour(draft.disk, root, path);
  if (detour?.kind === 'link') report(draft, detour.path, 'LINK', 'is a link, and links are not followed', 'put a real folder there');
  else if (detour !== undefined) report(draft, detour.path, 'NOT_A_FOLDER', 'is no folder', 'put a real folder there');
  if (detour !== undefined) return [];
  const entries = (await draft.disk.list(path)).filter(({ name }) => !name.startsWith('.'));
  return [...entries].sort((left, right) => (left.name < right.name ? -1 : 1));
}

export function report(draft: Draft, path: string, code: string, message: string, hint: string, severity: Problem['severity'] = 'error'): void {
  draft.problems.push({ code, severity, message: `"${path}" ${message}`, hint, place: { file: path } });
}

export function countErrors(draft: Draft): number {
  return draft.problems.filter((problem) => problem.severity === 'error').length;
}

export async function readText(draft: Draft, path: string): Promise<string | undefined> {
  const bytes = await readBytes(draft, path);
  try {
    return bytes === undefined ? undefined : new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    report(draft, path, 'NOT_UTF8', 'is no UTF-8 text', 'save it as UTF-8');
    return undefined;
  }
}

export async function readBytes(draft: Draft, path: string): Promise<Uint8Array | undefined> {
  try {
    return await draft.disk.read(path);
  } catch (failure) {
    const code = failure instanceof Error && 'code' in failure ? String(failure.code) : 'unknown';
    report(draft, path, 'FILE_UNREADABLE', `cannot be read (${code})`, 'check the file and its permissions');
    return undefined;
  }
}
