import { type Address, keyOf, typeOf } from '../../state/address.ts';
import { decodeDocument, type EncodedAsset, type EncodeOptions, encodeDocument } from '../../state/codec.ts';
import type { Document } from '../../state/document.ts';
import { documentFile, fileStem, foldName } from '../../state/file-name.ts';
import { keepDirectives } from '../../state/keep-directives.ts';
import { getAt } from '../../state/pointer.ts';
import { Refused } from '../../state/problem.ts';
import type { ResourceType } from '../../state/resource-type.ts';
import { rewriteDocument, sameDocument } from '../../state/rewrite.ts';
import type { MergedDocument, MergedTree } from '../../state/three-way-tree.ts';
import { type Export, MANIFEST_FILE, mergeManifests, printManifest } from '../../state/tree-manifest.ts';
import { sameValue } from '../../state/value.ts';
import type { World } from '../world.ts';
import { inTheWay, refuseDetours } from './detour.ts';
import { isDocumentFile, readTree } from './read-tree.ts';
import type { TreeExport, WrittenTree } from './tree-export.ts';
import {
  isAnyInTheWay,
  isBeginning,
  keep,
  ownersOf,
  removeAsset,
  removeFile,
  type Site,
  siblingOf,
  sourcePaths,
  standsAsset,
  writeAsset,
  writeFile,
} from './write-files.ts';

/**
 * Brings a tree to what an org holds: writes only documents whose meaning changed, keeps directives, comments and names that people gave,
 * removes documents that are gone from wholly read types, never touches what has uncommitted edits. Assets come before the documents that name
 * them, the manifest last. Refuses, before the first write, a tree of another org or behind a link.
 *
 * Each file is old or new, never half, also when the process dies or the disk is full. A power loss can leave a file empty or cut off only
 * after the first `synced` files of one export, since syncing each of 100,000 takes minutes; the next export writes such a file over.
 */
export async function writeTree(world: World, folder: string, input: TreeExport): Promise<WrittenTree> {
  const previous = input.previous ?? (await readTree(world, folder, input.types, input.root));
  const fresh = new Map([...(input.merged?.documents.map(({ document }) => document) ?? input.documents)].map((document) => [document.address, document]));
  const lists = { written: [], removed: [], kept: [], same: [], marked: [], problems: [] };
  const site: Site = { world, folder, input, previous, fresh, ...lists, owners: ownersOf(previous) };
  const text = await manifestText(site);
  await refuseLinks(site);
  if (input.merged === undefined) for (const address of [...fresh.keys()].sort()) await writeDocument(site, fresh.get(address) as Document);
  else await writeAllMerged(site, input.merged);
  const gone = input.merged?.removed ?? [...previous.documents.keys()].filter((address) => isGone(site, address));
  for (const address of gone) await removeDocument(site, address);
  const manifest = text(site);
  if (manifest !== undefined) await writeFile(site, `${folder}/${MANIFEST_FILE}`, manifest, { isWhole: true });
  const { written, removed, kept, same, marked, problems } = site;
  return { written, removed, kept, same, marked, problems };
}

/** The manifest's text, as a function of the tree afterwards; another org's tree is refused here, unless what was applied from it is merged into it. */
async function manifestText(site: Site): Promise<(site: Site) => string | undefined> {
  const { previous, input, world, folder } = site;
  if (input.isOthers === true) return (after) => othersManifest(after);
  const { problems } = mergeManifests(previous.manifest, exportOf(site), input.types);
  if (problems.length > 0) throw new Refused(problems);
  const path = `${folder}/${MANIFEST_FILE}`;
  const kind = await world.disk.kind(path);
  if (kind !== undefined && kind !== 'file') throw new Refused([inTheWay(path)]);
  // What cannot be read is not written over: it may hold a merge conflict that somebody has to resolve.
  if (kind === 'file' && previous.manifest === undefined) throw new Refused(previous.problems.filter(({ place }) => place?.file === path));
  const old = kind === 'file' ? new TextDecoder().decode(await world.disk.read(path)) : undefined;
  return (after) => printManifest(mergeManifests(previous.manifest, exportOf(after), input.types).manifest, old);
}

/** Counts are of the documents that the tree holds now. */
function exportOf(site: Site): Export {
  const { input } = site;
  const counts = countsOf(site);
  const types = [...input.completeness].map(([type, completeness]) => [type, { count: counts.get(type) ?? 0, completeness }] as const);
  return { org: input.org, filters: input.filters, types: new Map(types), failed: input.failed ?? new Set() };
}

function countsOf(site: Site): ReadonlyMap<string, number> {
  const { previous, fresh } = site;
  const kept = new Set(site.kept);
  // What stands in a file that cannot be read as it is still stands there.
  const addresses = new Set([...fresh.keys(), ...previous.unread.keys()]);
  for (const address of previous.documents.keys()) {
    if (!isLeaving(site, address) || kept.has(previous.sources.get(address)?.path ?? '')) addresses.add(address);
  }
  const counts = new Map<string, number>();
  for (const address of addresses) counts.set(typeOf(address), (counts.get(typeOf(address)) ?? 0) + 1);
  return counts;
}

/** Another org's manifest stays as it is, but for how many documents there are now of the types that changed. */
function othersManifest(site: Site): string | undefined {
  const { manifest, manifestText: text } = site.previous;
  if (manifest === undefined || text === undefined) return undefined;
  const counts = countsOf(site);
  const touched = new Set([...site.fresh.keys(), ...(site.input.merged?.removed ?? [])].map(typeOf));
  const types = [...manifest.types].map(([type, { count, completeness }]) => {
    return [type, { count: touched.has(type) ? (counts.get(type) ?? 0) : count, completeness }] as const;
  });
  return printManifest({ ...manifest, types: new Map(types) }, text);
}

/** A link on the way would lead the writing out of the tree. */
async function refuseLinks({ world, folder, fresh, input }: Site): Promise<void> {
  await refuseDetours(world.disk, input.root ?? folder, [folder, ...new Set([...fresh.keys()].map((address) => `${folder}/${typeOf(address)}`))]);
}

/** What stands in files that cannot be read is told, and left alone. */
async function writeAllMerged(site: Site, merged: MergedTree): Promise<void> {
  for (const document of merged.documents) await writeMerged(site, document);
  for (const [address, path] of site.previous.unread) if (site.input.completeness.has(typeOf(address))) keep(site, path, address);
}

/** One document as Git and the org come to it together, at the address and in the file where it belongs now. */
async function writeMerged(site: Site, merged: MergedDocument): Promise<void> {
  const { document, from = document.address, marks } = merged;
  const type = site.input.types.get(typeOf(document.address));
  const old = site.previous.documents.get(from);
  if (type === undefined) throw new Error(`no type for ${document.address}`);
  const isMarked = marks !== undefined || merged.conflicts.length > 0;
  const options = marks === undefined ? {} : { marks };
  const before = site.written.length;
  if (old === undefined) await addDocument(site, document, type, options);
  else await changeDocument(site, old, document, { type, options });
  if (isMarked) await sayMarks(site, document.address, site.written.slice(before));
}

/** Each mark is told with its line, from the file as it was written. */
async function sayMarks(site: Site, address: Address, written: readonly string[]): Promise<void> {
  site.marked.push(...written);
  for (const file of written.filter((path) => isDocumentFile(path.slice(path.lastIndexOf('/') + 1)))) {
    const text = new TextDecoder().decode(await site.world.disk.read(file));
    const { problems } = decodeDocument({ file, text, types: site.input.types, asset: () => undefined });
    for (const problem of problems) site.problems.push({ at: address, ...problem });
  }
}

async function writeDocument(site: Site, fresh: Document): Promise<void> {
  const type = site.input.types.get(typeOf(fresh.address));
  if (type === undefined) throw new Error(`no type for ${fresh.address}`);
  const old = site.previous.documents.get(fresh.address);
  if (old === undefined) return addDocument(site, fresh, type);
  const merged = keepDirectives(old, fresh, type, { vars: site.input.vars ?? new Map() });
  if (sameDocument(old, merged, type)) return void site.same.push(...filesOf(site, old.address));
  await changeDocument(site, old, merged, { type });
}

/** The files of a document of the tree. */
function filesOf({ previous }: Site, address: Address): readonly string[] {
  const source = previous.sources.get(address);
  return source === undefined ? [] : [source.path, ...[...source.assetNames.values()].map((name) => siblingOf(source.path, name))];
}

async function addDocument(site: Site, document: Document, type: ResourceType, more: EncodeOptions = {}): Promise<void> {
  const stem = fileStem(keyOf(document.address));
  const path = pathOfKey(site, document.address);
  const { text, assets } = encodeDocument(document, type, optionsOf(site, type, { ...more, stem }));
  const kind = await site.world.disk.kind(path);
  const isOurs = kind === 'file' && (await isBeginning(site, path, text));
  const unread = site.previous.unread.get(document.address);
  if (unread !== undefined && !(isOurs && unread === path)) return keep(site, unread, document.address);
  const changed = assets.filter((asset) => !standsAsset(site, siblingOf(path, asset.name), asset));
  const isFree = isOurs || (kind === undefined && !sourcePaths(site.previous).has(foldName(path)));
  const isBlocked = await isAnyInTheWay(
    site,
    changed.map(({ name }) => siblingOf(path, name)),
  );
  if (!isFree || isBlocked) return keep(site, path, document.address);
  for (const asset of changed) await writeAsset(site, siblingOf(path, asset.name), asset);
  await writeFile(site, path, text, { address: document.address });
  site.same.push(...assets.filter((asset) => !changed.includes(asset)).map(({ name }) => siblingOf(path, name)));
}

/** Where a document stands whose file nobody named. */
function pathOfKey({ folder }: Site, address: Address): string {
  return `${folder}/${typeOf(address)}/${documentFile(fileStem(keyOf(address)))}`;
}

interface Changing {
  readonly type: ResourceType;
  readonly options?: EncodeOptions;
}

async function changeDocument(site: Site, old: Document, document: Document, { type, options = {} }: Changing): Promise<void> {
  const source = site.previous.sources.get(old.address);
  if (source === undefined) return;
  const path = await pathAfter(site, old.address, document.address);
  const stem = (path.split('/').at(-1) ?? '').replace(/\.yaml$/, '');
  const names = path === source.path ? { assetNames: source.assetNames } : {};
  const { text, assets } = rewriteDocument(source.text, old, document, type, optionsOf(site, type, { ...options, ...names, stem }));
  const pathOf = ({ name }: EncodedAsset) => siblingOf(source.path, name);
  const isKept = (asset: EncodedAsset) => asset.isOurs === true && path === source.path;
  const changed = assets.filter(
    (asset) => !isKept(asset) && !(path === source.path && isSameTree(asset, old, document)) && !standsAsset(site, pathOf(asset), asset),
  );
  const left = new Set(assets.map(pathOf));
  const gone = [...source.assetNames.values()].map((name) => siblingOf(source.path, name)).filter((asset) => !left.has(asset));
  if ([source.path, ...gone, ...changed.map(pathOf)].some(site.input.isDirty)) return keep(site, source.path, document.address);
  for (const asset of changed) await writeAsset(site, pathOf(asset), asset);
  await writeFile(site, path, text, { address: document.address });
  if (path !== source.path) await removeFile(site, source.path, old.address);
  for (const asset of gone) await removeAsset(site, asset, document.address);
  site.same.push(...assets.filter((asset) => !changed.includes(asset)).map(pathOf));
}

/** A renamed document's file goes by its new key, unless somebody named the file, or something stands there. */
async function pathAfter(site: Site, before: Address, after: Address): Promise<string> {
  const path = site.previous.sources.get(before)?.path ?? '';
  if (before === after || path !== pathOfKey(site, before)) return path;
  const next = pathOfKey(site, after);
  const isFree = (await site.world.disk.kind(next)) === undefined && !sourcePaths(site.previous).has(foldName(next));
  return isFree ? next : path;
}

function optionsOf(site: Site, type: ResourceType, options: EncodeOptions): EncodeOptions {
  const schema = site.input.schema?.(type.name);
  return schema === undefined ? options : { ...options, schema };
}

/** A tree whose meaning is the same keeps its file, whatever its formatting. */
function isSameTree(asset: EncodedAsset, old: Document, document: Document): boolean {
  return asset.content !== undefined && sameValue(getAt(old.body, asset.at), getAt(document.body, asset.at));
}

function isGone(site: Site, address: Address): boolean {
  return !site.fresh.has(address) && isLeaving(site, address);
}

/** Whether a document of the tree is no longer one, but for a fresh one in its place. */
function isLeaving(site: Site, address: Address): boolean {
  const { merged } = site.input;
  if (merged !== undefined) return removedBy(merged).has(address);
  return site.input.completeness.get(typeOf(address)) === 'whole' || site.input.gone?.has(address) === true;
}

const removals = new WeakMap<MergedTree, ReadonlySet<Address>>();

/** What a merged tree does not hold any more under its old address. */
function removedBy(merged: MergedTree): ReadonlySet<Address> {
  const known = removals.get(merged) ?? new Set([...merged.removed, ...merged.documents.flatMap(({ from }) => (from === undefined ? [] : [from]))]);
  removals.set(merged, known);
  return known;
}

async function removeDocument(site: Site, address: Address): Promise<void> {
  const source = site.previous.sources.get(address);
  if (source === undefined) return;
  const assets = [...source.assetNames.values()].map((name) => siblingOf(source.path, name));
  if ([source.path, ...assets].some(site.input.isDirty)) return keep(site, source.path, address);
  await removeFile(site, source.path, address);
  for (const path of assets) await removeAsset(site, path, address);
}
