import { createHash } from 'node:crypto';
import type { Address } from '../../state/address.ts';
import { hashOf } from '../../state/canonical.ts';
import type { EncodedAsset } from '../../state/codec.ts';
import type { Document } from '../../state/document.ts';
import { foldName } from '../../state/file-name.ts';
import type { Problem } from '../../state/problem.ts';
import type { World } from '../world.ts';
import type { Tree } from './read-tree.ts';
import type { TreeExport } from './tree-export.ts';

export interface Site {
  readonly world: World;
  readonly folder: string;
  readonly input: TreeExport;
  readonly previous: Tree;
  readonly fresh: ReadonlyMap<Address, Document>;
  readonly written: string[];
  readonly removed: string[];
  readonly kept: string[];
  readonly same: string[];
  readonly marked: string[];
  readonly problems: Problem[];
  /** Documents that name an asset, by its path. */
  readonly owners: Map<string, Set<Address>>;
}

export function ownersOf(previous: Tree): Map<string, Set<Address>> {
  const owners = new Map<string, Set<Address>>();
  for (const [address, source] of previous.sources) {
    for (const name of source.assetNames.values()) {
      const path = siblingOf(source.path, name);
      owners.set(path, (owners.get(path) ?? new Set()).add(address));
    }
  }
  return owners;
}

export function siblingOf(path: string, name: string): string {
  return `${path.slice(0, path.lastIndexOf('/'))}/${name}`;
}

const pathsOf = new WeakMap<Tree, Set<string>>();

/** Paths of the documents, as a file system sees them that ignores case. */
export function sourcePaths(tree: Tree): Set<string> {
  const known = pathsOf.get(tree) ?? new Set([...tree.sources.values()].map(({ path }) => foldName(path)));
  pathsOf.set(tree, known);
  return known;
}

/** Where nobody has committed what stands there, or it is no file, it is not written over. */
export async function isAnyInTheWay(site: Site, paths: readonly string[]): Promise<boolean> {
  for (const path of paths) {
    const kind = await site.world.disk.kind(path);
    if (kind !== undefined && (kind !== 'file' || site.input.isDirty(path) || site.owners.has(path))) return true;
  }
  return false;
}

export function standsAsset(site: Site, path: string, asset: EncodedAsset): boolean {
  return site.previous.assets.get(path)?.hash === (asset.hash ?? hashOf(asset.content ?? ''));
}

export async function writeAsset(site: Site, path: string, asset: EncodedAsset): Promise<void> {
  if (asset.content !== undefined) return writeFile(site, path, asset.content);
  const file = site.input.files.get(asset.hash ?? '') ?? site.previous.files.get(asset.hash ?? '');
  if (file === undefined) throw new Error(`no content for ${path} (${asset.hash})`);
  const bytes = await file.read();
  const hash = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  if (hash !== asset.hash) throw new Error(`the content of ${path} is ${hash}, not ${asset.hash}`);
  await writeFile(site, path, bytes);
}

/** Files of one export that are synced before they take their place: about two seconds of waiting for the disk. */
const SYNCED = 1_000;

interface Writing {
  readonly address?: Address;
  /** Synced, however many were before it. */
  readonly isWhole?: boolean;
}

export async function writeFile(site: Site, path: string, content: Uint8Array | string, { address, isWhole = false }: Writing = {}): Promise<void> {
  if (typeof content === 'string' && (await standsAs(site, path, content))) return void site.same.push(path);
  await site.world.disk.replace(path, content, { whole: isWhole || site.written.length < (site.input.synced ?? SYNCED) });
  site.written.push(path);
  site.input.report?.({ code: 'WROTE', file: path, ...(address === undefined ? {} : { at: address }) });
}

async function standsAs(site: Site, path: string, content: string): Promise<boolean> {
  if ((await site.world.disk.kind(path)) !== 'file') return false;
  return Buffer.from(await site.world.disk.read(path)).equals(Buffer.from(content));
}

/** Whether a file holds nothing but the beginning of what belongs there, or nothing: what a power loss leaves of a file that was not synced. All of it, where its assets are lost. */
export async function isBeginning(site: Site, path: string, content: string): Promise<boolean> {
  if (sourcePaths(site.previous).has(foldName(path))) return false;
  // What the disk does not give back may hold anything: it is kept and told, and the rest is written.
  const read = await site.world.disk.read(path).catch(() => undefined);
  if (read === undefined) return false;
  const bytes = Buffer.from(read);
  const whole = Buffer.from(content);
  return bytes.equals(whole.subarray(0, bytes.length)) && (bytes.length === whole.length || !site.input.isDirty(path));
}

/** An asset goes with the last document that names it. */
export async function removeAsset(site: Site, path: string, address: Address): Promise<void> {
  const owners = site.owners.get(path);
  owners?.delete(address);
  if (owners === undefined || owners.size === 0) await removeFile(site, path, address);
}

export async function removeFile(site: Site, path: string, address: Address): Promise<void> {
  await site.world.disk.remove(path);
  site.removed.push(path);
  site.input.report?.({ code: 'REMOVED', file: path, at: address });
}

export function keep(site: Site, path: string, address: Address): void {
  site.kept.push(path);
  const problem: Problem = { code: 'FILE_KEPT', severity: 'warning', at: address, place: { file: path }, ...whyKept(site, path) };
  site.problems.push(problem);
  site.input.report?.({ code: 'PROBLEM', problem });
}

function whyKept({ input, previous }: Site, path: string): Pick<Problem, 'message' | 'hint' | 'place'> {
  const wrong = previous.problems.find(({ severity, place }) => severity === 'error' && place?.file === path);
  if (wrong !== undefined) {
    const place = wrong.place === undefined ? {} : { place: wrong.place };
    return { message: `"${path}" was not touched, since it cannot be read: ${wrong.message}`, hint: 'mend it or remove it, then export again', ...place };
  }
  const why = input.isDirty(path) ? 'it has edits that are not committed' : 'another file stands there, or one of its files has edits that are not committed';
  return { message: `"${path}" was not touched: ${why}`, hint: 'commit or discard the edits, then export again' };
}
