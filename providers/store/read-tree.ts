import { createHash } from 'node:crypto';
import { type Address, typeOf } from '../../state/address.ts';
import { type AssetContent, decodeDocument } from '../../state/codec.ts';
import { foldName } from '../../state/file-name.ts';
import { nearest } from '../../state/nearest.ts';
import type { Pointer } from '../../state/pointer.ts';
import type { Place } from '../../state/problem.ts';
import type { ResourceType, TypeTable } from '../../state/resource-type.ts';
import type { Completeness, Snapshot } from '../../state/snapshot.ts';
import { MANIFEST_FILE, readManifest, type TreeManifest } from '../../state/tree-manifest.ts';
import type { DiskEntry, World } from '../world.ts';
import { countErrors, type Draft, listFolder, readBytes, readText, report, type Source } from './tree-draft.ts';

/** What a folder of manifests wants, read whole, with everything that is wrong in it. */
export interface Tree extends Snapshot {
  readonly folder: string;
  readonly manifest?: TreeManifest;
  /** The manifest as it stands in its file. */
  readonly manifestText?: string;
  /** Where a document, or a field of its body, stands. */
  readonly places: (address: Address, pointer?: Pointer) => Place;
  readonly sources: ReadonlyMap<Address, Source>;
  /** What stands in files that are not taken for documents, as far as they say who they are: in conflict, in a wrong folder, there twice. */
  readonly unread: ReadonlyMap<Address, string>;
  /** Types of which something could not be read: a document that the tree lacks may stand in such a file. */
  readonly spoilt: ReadonlySet<string>;
  /** Content of every asset by path, as hash; a tree's text by its own. */
  readonly assets: ReadonlyMap<string, AssetContent>;
}

/**
 * Reads `folder/<type>/<file>.yaml` and what stands beside the documents. Never throws for what a person can have written: links, unknown
 * types, unreadable files and documents that do not decode are problems, all of them, and a type with any is not whole. An absent
 * folder is an empty tree. From `root` down to it every folder has to be real.
 */
export async function readTree(world: World, folder: string, types: TypeTable, root: string = folder): Promise<Tree> {
  const draft: Draft = {
    folder,
    types,
    disk: world.disk,
    documents: new Map(),
    sources: new Map(),
    files: new Map(),
    assets: new Map(),
    problems: [],
    spoilt: new Set(),
    unread: new Map(),
  };
  const entries = await listFolder(draft, folder, root);
  const manifest = entries.some(({ name, kind }) => name === MANIFEST_FILE && kind === 'file') ? await readTreeManifest(draft) : {};
  for (const entry of entries) if (await isTypeFolder(draft, entry)) await readType(draft, entry.name);
  checkCase(draft);
  return finish(draft, manifest);
}

function finish(draft: Draft, { manifest, manifestText }: ReadManifest): Tree {
  const { folder, documents, files, problems, sources, assets, spoilt, unread } = draft;
  const base = {
    folder,
    documents,
    files,
    problems,
    sources,
    assets,
    spoilt,
    unread,
    twins: new Map(),
    completeness: completenessOf(draft, manifest),
    places: placesOf(draft),
  };
  if (manifest === undefined || manifestText === undefined) return base;
  return { ...base, manifest, manifestText, ...(manifest.doubted === undefined ? {} : { doubted: manifest.doubted }) };
}

/** Whole is what the manifest calls whole and could be read without a problem. */
function completenessOf(draft: Draft, manifest: TreeManifest | undefined): ReadonlyMap<string, Completeness> {
  const found = new Map<string, Completeness>();
  for (const address of draft.documents.keys()) found.set(typeOf(address), 'part');
  for (const [type, { completeness }] of manifest?.types ?? []) {
    if (completeness !== 'none' || !found.has(type)) found.set(type, completeness);
  }
  for (const type of draft.spoilt) found.set(type, 'part');
  return found;
}

/** Places are found by reading the file again: few are ever asked for, and a parsed tree is many times its text. */
function placesOf(draft: Draft): Tree['places'] {
  return (address, pointer = '') => {
    const source = draft.sources.get(address);
    if (source === undefined) return { file: draft.folder };
    const folder = source.path.slice(0, source.path.lastIndexOf('/'));
    const asset = (name: string) => draft.assets.get(`${folder}/${name}`);
    return decodeDocument({ file: source.path, text: source.text, types: draft.types, asset }).places(pointer);
  };
}

interface ReadManifest {
  readonly manifest?: TreeManifest;
  readonly manifestText?: string;
}

async function readTreeManifest(draft: Draft): Promise<ReadManifest> {
  const path = `${draft.folder}/${MANIFEST_FILE}`;
  const text = await readText(draft, path);
  if (text === undefined) return {};
  const { manifest, problems } = readManifest(path, text, draft.types);
  draft.problems.push(...problems);
  return manifest === undefined ? {} : { manifest, manifestText: text };
}

const NOT_OURS = /^(readme|license|notice|changelog)(\..*)?$/i;

async function isTypeFolder(draft: Draft, { name, kind }: DiskEntry): Promise<boolean> {
  const path = `${draft.folder}/${name}`;
  if (kind === 'link') report(draft, path, 'LINK', 'is a link, and links are not followed', 'put the real file or folder there');
  else if (kind === 'folder' && draft.types.has(name)) return true;
  else if (kind === 'folder') await readUnknownFolder(draft, path, name);
  else if (name !== MANIFEST_FILE && !NOT_OURS.test(name) && !(isDocumentFile(name) && (await isMoved(draft, path)))) reportOutside(draft, path);
  return false;
}

/** A folder of no type: documents that were moved into it are told as what they are, anything else is of a type that nobody knows. */
async function readUnknownFolder(draft: Draft, path: string, name: string): Promise<void> {
  const { moved, others } = await readStrays(draft, path);
  if (moved > 0 && others.length === 0) return;
  const near = nearest(name, [...draft.types.keys()]);
  report(
    draft,
    path,
    'UNKNOWN_TYPE',
    'is the folder of no type that this version knows',
    near === undefined ? 'move it out of the tree' : `did you mean "${near}"?`,
  );
}

async function readType(draft: Draft, name: string): Promise<void> {
  const folder = `${draft.folder}/${name}`;
  const type = draft.types.get(name) as ResourceType;
  const before = countErrors(draft);
  const listed = await listFolder(draft, folder);
  for (const entry of listed) if (entry.kind === 'folder') await readNested(draft, `${folder}/${entry.name}`);
  const entries = listed.filter((entry) => entry.kind !== 'folder' && isReadable(draft, folder, entry));
  reportSameNames(draft, folder, entries);
  const assets = new Map<string, AssetContent>();
  await forEach(
    entries.filter((entry) => !isDocumentFile(entry.name)),
    (entry) => readAsset(draft, folder, entry.name, type, assets),
  );
  const used = new Set<string>();
  const texts = new Map<string, string>();
  const documents = entries.filter((entry) => isDocumentFile(entry.name));
  await forEach(documents, async (entry) => {
    const text = await readText(draft, `${folder}/${entry.name}`);
    if (text !== undefined) texts.set(entry.name, text);
  });
  for (const entry of documents) {
    const text = texts.get(entry.name);
    if (text !== undefined) addDocument(draft, { type: name, path: `${folder}/${entry.name}`, text, assets, used });
  }
  if (countErrors(draft) > before) draft.spoilt.add(name);
  reportUnused(draft, folder, [...assets.keys()].filter((asset) => !used.has(asset)).sort());
}

export function isDocumentFile(name: string): boolean {
  return /^[^.]+\.yaml$/.test(name);
}

function isReadable(draft: Draft, folder: string, { name, kind }: DiskEntry): boolean {
  const path = `${folder}/${name}`;
  if (kind === 'link') report(draft, path, 'LINK', 'is a link, and links are not followed', 'put the real file there');
  else if (kind !== 'file')
    report(draft, path, 'FOLDER_NOT_READ', 'is no file, and is not read', 'documents stand directly in the folder of their type', 'warning');
  else if (/^[^.]+\.yml$/i.test(name) || /^[^.]+\.ya?ml$/i.test(name) !== isDocumentFile(name))
    report(draft, path, 'FILE_NOT_READ', 'does not end in ".yaml"', 'rename it');
  else return !NOT_OURS.test(name);
  return false;
}

/** Two names that some file system takes for one: the tree could not be checked out everywhere. */
function reportSameNames(draft: Draft, folder: string, entries: readonly DiskEntry[]): void {
  const seen = new Map<string, string>();
  for (const { name } of entries) {
    const other = seen.get(foldName(name));
    if (other !== undefined)
      report(draft, `${folder}/${name}`, 'NAMES_DIFFER_IN_CASE', `and "${other}" are one file on Windows and macOS`, 'rename one of them');
    seen.set(foldName(name), name);
  }
}

async function readAsset(draft: Draft, folder: string, name: string, type: ResourceType, assets: Map<string, AssetContent>): Promise<void> {
  const path = `${folder}/${name}`;
  const isTree = type.assets.some((rule) => rule.form === 'tree' && name.endsWith(`.${rule.extension}`));
  const bytes = isTree ? undefined : await readBytes(draft, path);
  const text = isTree ? await readText(draft, path) : undefined;
  const content = bytes ?? text;
  if (content === undefined) return;
  const hex = createHash('sha256').update(content).digest('hex');
  const asset = { hash: `sha256:${hex}`, ...(text === undefined ? {} : { text }) };
  assets.set(name, asset);
  draft.assets.set(path, asset);
  if (bytes !== undefined) draft.files.set(asset.hash, { sha256: hex, read: () => draft.disk.read(path) });
}

interface Found {
  readonly type: string;
  readonly path: string;
  readonly text: string;
  readonly assets: ReadonlyMap<string, AssetContent>;
  readonly used: Set<string>;
}

function addDocument(draft: Draft, { type, path, text, assets, used }: Found): void {
  const asset = (name: string) => {
    used.add(name);
    return assets.get(name);
  };
  const { document, problems, assetNames, address: name } = decodeDocument({ file: path, text, types: draft.types, asset });
  draft.problems.push(...problems);
  if (document === undefined && name !== undefined) draft.unread.set(name, path);
  if (document === undefined) return;
  const { address } = document;
  const other = draft.sources.get(address);
  if (!address.startsWith(`${type}/`)) reportMoved(draft, path, address);
  else if (other !== undefined) report(draft, path, 'ADDRESS_TWICE', `and "${other.path}" are both ${address}`, 'remove one of them, or change its key');
  else {
    draft.documents.set(address, document);
    draft.sources.set(address, { path, text, assetNames });
  }
}

/** A folder in the folder of a type: documents in it are not where they belong, anything else is not ours. */
async function readNested(draft: Draft, path: string): Promise<void> {
  const { moved, others } = await readStrays(draft, path);
  for (const other of others) reportOutside(draft, other);
  if (moved + others.length === 0)
    report(draft, path, 'FOLDER_NOT_READ', 'is no file, and is not read', 'documents stand directly in the folder of their type', 'warning');
}

/** Looks for documents in a folder where none is read, and in all folders below: how many were moved there, and the files that are none of ours. */
async function readStrays(draft: Draft, folder: string): Promise<{ readonly moved: number; readonly others: readonly string[] }> {
  const others: string[] = [];
  let moved = 0;
  const open = [folder];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const entries = await listFolder(draft, path);
    for (const { name, kind } of entries) {
      if (kind === 'folder') open.push(`${path}/${name}`);
      else if (kind !== 'file' || !isDocumentFile(name)) continue;
      else if (await isMoved(draft, `${path}/${name}`)) moved += 1;
      else others.push(`${path}/${name}`);
    }
  }
  return { moved, others };
}

/** Whether a file is a document that was moved to where none is read: it is told with the way back, and not taken for deleted. */
async function isMoved(draft: Draft, path: string): Promise<boolean> {
  const text = await readText(draft, path);
  const { address } = text === undefined ? {} : decodeDocument({ file: path, text, types: draft.types, asset: () => undefined });
  if (address === undefined || !draft.types.has(typeOf(address))) return false;
  reportMoved(draft, path, address);
  return true;
}

function reportOutside(draft: Draft, path: string): void {
  report(draft, path, 'FILE_NOT_READ', 'stands outside of the folders of types, and is not read', 'move it, or remove it', 'warning');
}

/** A document in the folder of another type: neither type is whole without it. */
function reportMoved(draft: Draft, path: string, address: Address): void {
  report(draft, path, 'WRONG_FOLDER', `holds ${address}, which belongs directly in the folder of its type`, `move it to ${draft.folder}/${typeOf(address)}`);
  draft.unread.set(address, path);
  draft.spoilt.add(typeOf(address));
}

function reportUnused(draft: Draft, folder: string, names: readonly string[]): void {
  for (const name of names) report(draft, `${folder}/${name}`, 'FILE_NOT_USED', 'is named by no document', 'remove it, or name it in a $file', 'warning');
}

/** Keys that differ only in case are one key to orgs that refuse a second resource under one key. */
function checkCase(draft: Draft): void {
  const seen = new Map<string, Address>();
  for (const address of draft.documents.keys()) {
    const folded = foldName(address);
    const other = seen.get(folded);
    seen.set(folded, address);
    if (other === undefined) continue;
    const type = draft.types.get(typeOf(address));
    // Keys below a parent (rows of a table) are data, in which case counts.
    const isEnforced = type?.isKeyEnforced === true && type.parent === undefined;
    const message = `holds ${address}, which differs from ${other} only in case or spelling of letters`;
    const path = draft.sources.get(address)?.path ?? draft.folder;
    report(draft, path, 'KEYS_DIFFER_IN_CASE', message, 'the org may take them for one: rename one of them', isEnforced ? 'error' : 'warning');
  }
}

const AT_ONCE = 32;

async function forEach<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < items.length; from += AT_ONCE) await Promise.all(items.slice(from, from + AT_ONCE).map(work));
}
