import { createHash } from 'node:crypto';
import { type Address, keyOf, typeOf } from '../../state/address.ts';
import { hashOf } from '../../state/canonical.ts';
import { type EncodedAsset, type EncodeOptions, encodeDocument } from '../../state/codec.ts';
import type { Document } from '../../state/document.ts';
import { documentFile, fileStem, foldName } from '../../state/file-name.ts';
import { keepDirectives } from '../../state/keep-directives.ts';
import type { Report } from '../../state/notice.ts';
import { getAt } from '../../state/pointer.ts';
import { type Problem, Refused } from '../../state/problem.ts';
import type { ResourceType, TypeTable } from '../../state/resource-type.ts';
import { rewriteDocument, sameDocument } from '../../state/rewrite.ts';
import type { Completeness, Snapshot } from '../../state/snapshot.ts';
import { type Export, MANIFEST_FILE, mergeManifests, printManifest } from '../../state/tree-manifest.ts';
import { sameValue, type Value } from '../../state/value.ts';
import type { World } from '../world.ts';
import { readTree, type Tree } from './read-tree.ts';

/** One export, as it goes into a tree. */
export interface TreeExport {
  readonly types: TypeTable;
  /** The org by the name that it gives itself. */
  readonly org: string;
  /** How parts were chosen, as a person would type it. */
  readonly filters: readonly string[];
  readonly documents: Iterable<Document>;
  readonly files: Snapshot['files'];
  /** Of each type that was asked for, how much `documents` holds. Documents of a whole type that are gone are removed. */
  readonly completeness: ReadonlyMap<string, Completeness>;
  /** Documents of the tree that the org surely does not hold any more, though `documents` holds only a part of their type: removed as well. */
  readonly gone?: ReadonlySet<Address>;
  /** Types that could not be read as asked. */
  readonly failed?: ReadonlySet<string>;
  /** Values of `{ $var }` in this org. */
  readonly vars?: ReadonlyMap<string, Value>;
  /** The tree as it stands; left out: it is read. */
  readonly previous?: Tree;
  /** Whether a path (under the folder, as given) has edits that Git does not hold. */
  readonly isDirty: (path: string) => boolean;
  /** Where an editor finds a type's schema, seen from its folder. */
  readonly schema?: (type: string) => string | undefined;
  readonly report?: Report;
}

/** What became of the files. `kept` has edits that Git does not hold, or is in the way: it was not touched. */
export interface WrittenTree {
  readonly written: readonly string[];
  readonly removed: readonly string[];
  readonly kept: readonly string[];
  /** Files that stood already as the org has them. */
  readonly same: readonly string[];
  readonly problems: readonly Problem[];
}

/**
 * Brings a tree to what an org holds: writes only documents whose meaning changed, keeps directives, comments and names that people gave,
 * removes documents that are gone from wholly read types, never touches what has uncommitted edits. Each file is old or new, never half;
 * assets come before the documents that name them, the manifest last. Refuses, before the first write, a tree of another org or behind a link.
 */
export async function writeTree(world: World, folder: string, input: TreeExport): Promise<WrittenTree> {
  const previous = input.previous ?? (await readTree(world, folder, input.types));
  const fresh = new Map([...input.documents].map((document) => [document.address, document]));
  const site: Site = { world, folder, input, previous, fresh, written: [], removed: [], kept: [], same: [], problems: [], owners: ownersOf(previous) };
  const text = await manifestText(site);
  await refuseLinks(site);
  for (const address of [...fresh.keys()].sort()) await writeDocument(site, fresh.get(address) as Document);
  for (const address of previous.documents.keys()) if (isGone(site, address)) await removeDocument(site, address);
  await writeFile(site, `${folder}/${MANIFEST_FILE}`, text(site));
  const { written, removed, kept, same, problems } = site;
  return { written, removed, kept, same, problems };
}

interface Site {
  readonly world: World;
  readonly folder: string;
  readonly input: TreeExport;
  readonly previous: Tree;
  readonly fresh: ReadonlyMap<Address, Document>;
  readonly written: string[];
  readonly removed: string[];
  readonly kept: string[];
  readonly same: string[];
  readonly problems: Problem[];
  /** Documents that name an asset, by its path. */
  readonly owners: Map<string, Set<Address>>;
}

function ownersOf(previous: Tree): Map<string, Set<Address>> {
  const owners = new Map<string, Set<Address>>();
  for (const [address, source] of previous.sources) {
    for (const name of source.assetNames.values()) {
      const path = siblingOf(source.path, name);
      owners.set(path, (owners.get(path) ?? new Set()).add(address));
    }
  }
  return owners;
}

function siblingOf(path: string, name: string): string {
  return `${path.slice(0, path.lastIndexOf('/'))}/${name}`;
}

/** The manifest's text, as a function of the tree afterwards; another org's tree is refused here. */
async function manifestText(site: Site): Promise<(site: Site) => string> {
  const { previous, input, world, folder } = site;
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
function exportOf({ input, previous, fresh, kept }: Site): Export {
  const addresses = new Set([...fresh.keys()]);
  for (const address of previous.documents.keys()) {
    const isRemoved = input.completeness.get(typeOf(address)) === 'whole' || input.gone?.has(address) === true;
    if (!isRemoved || kept.includes(previous.sources.get(address)?.path ?? '')) addresses.add(address);
  }
  const counts = new Map<string, number>();
  for (const address of addresses) counts.set(typeOf(address), (counts.get(typeOf(address)) ?? 0) + 1);
  const types = [...input.completeness].map(([type, completeness]) => [type, { count: counts.get(type) ?? 0, completeness }] as const);
  return { org: input.org, filters: input.filters, types: new Map(types), failed: input.failed ?? new Set() };
}

function inTheWay(path: string): Problem {
  return {
    code: 'IN_THE_WAY',
    severity: 'error',
    message: `"${path}" is a link, or of another kind than what belongs there`,
    hint: 'move it away, then export again',
    place: { file: path },
  };
}

/** A link on the way would lead the writing out of the tree. */
async function refuseLinks(site: Site): Promise<void> {
  const { world, folder, fresh } = site;
  const folders = [folder, ...new Set([...fresh.keys()].map((address) => `${folder}/${typeOf(address)}`))];
  const kinds = await Promise.all(folders.map(async (path) => ({ path, kind: await world.disk.kind(path) })));
  const wrong = kinds.filter(({ kind }) => kind !== undefined && kind !== 'folder');
  if (wrong.length > 0) throw new Refused(wrong.map(({ path }) => inTheWay(path)));
}

async function writeDocument(site: Site, fresh: Document): Promise<void> {
  const type = site.input.types.get(typeOf(fresh.address));
  if (type === undefined) throw new Error(`no type for ${fresh.address}`);
  const old = site.previous.documents.get(fresh.address);
  if (old === undefined) return addDocument(site, fresh, type);
  const merged = keepDirectives(old, fresh, type, { vars: site.input.vars ?? new Map() });
  if (sameDocument(old, merged, type)) return void site.same.push(...filesOf(site, old.address));
  await changeDocument(site, old, merged, type);
}

/** The files of a document of the tree. */
function filesOf({ previous }: Site, address: Address): readonly string[] {
  const source = previous.sources.get(address);
  return source === undefined ? [] : [source.path, ...[...source.assetNames.values()].map((name) => siblingOf(source.path, name))];
}

async function addDocument(site: Site, document: Document, type: ResourceType): Promise<void> {
  const stem = fileStem(keyOf(document.address));
  const path = `${site.folder}/${type.name}/${documentFile(stem)}`;
  const { text, assets } = encodeDocument(document, type, optionsOf(site, type, { stem }));
  const changed = assets.filter((asset) => !standsAsset(site, siblingOf(path, asset.name), asset));
  const isFree = (await site.world.disk.kind(path)) === undefined ? !sourcePaths(site.previous).has(foldName(path)) : await standsAs(site, path, text);
  const isBlocked = await isAnyInTheWay(
    site,
    changed.map(({ name }) => siblingOf(path, name)),
  );
  if (!isFree || isBlocked) return keep(site, path, document.address);
  for (const asset of changed) await writeAsset(site, siblingOf(path, asset.name), asset);
  await writeFile(site, path, text, document.address);
  site.same.push(...assets.filter((asset) => !changed.includes(asset)).map(({ name }) => siblingOf(path, name)));
}

const pathsOf = new WeakMap<Tree, Set<string>>();

/** Paths of the documents, as a file system sees them that ignores case. */
function sourcePaths(tree: Tree): Set<string> {
  const known = pathsOf.get(tree) ?? new Set([...tree.sources.values()].map(({ path }) => foldName(path)));
  pathsOf.set(tree, known);
  return known;
}

/** Where nobody has committed what stands there, or it is no file, it is not written over. */
async function isAnyInTheWay(site: Site, paths: readonly string[]): Promise<boolean> {
  for (const path of paths) {
    const kind = await site.world.disk.kind(path);
    if (kind !== undefined && (kind !== 'file' || site.input.isDirty(path) || site.owners.has(path))) return true;
  }
  return false;
}

async function changeDocument(site: Site, old: Document, document: Document, type: ResourceType): Promise<void> {
  const source = site.previous.sources.get(document.address);
  if (source === undefined) return;
  const stem = (source.path.split('/').at(-1) ?? '').replace(/\.yaml$/, '');
  const { text, assets } = rewriteDocument(source.text, old, document, type, optionsOf(site, type, { stem, assetNames: source.assetNames }));
  const pathOf = ({ name }: EncodedAsset) => siblingOf(source.path, name);
  const changed = assets.filter((asset) => !isSameTree(asset, old, document) && !standsAsset(site, pathOf(asset), asset));
  const left = new Set(assets.map(pathOf));
  const gone = [...source.assetNames.values()].map((name) => siblingOf(source.path, name)).filter((path) => !left.has(path));
  if ([source.path, ...gone, ...changed.map(pathOf)].some(site.input.isDirty)) return keep(site, source.path, document.address);
  for (const asset of changed) await writeAsset(site, pathOf(asset), asset);
  await writeFile(site, source.path, text, document.address);
  for (const path of gone) await removeAsset(site, path, document.address);
  site.same.push(...assets.filter((asset) => !changed.includes(asset)).map(pathOf));
}

function optionsOf(site: Site, type: ResourceType, options: EncodeOptions): EncodeOptions {
  const schema = site.input.schema?.(type.name);
  return schema === undefined ? options : { ...options, schema };
}

/** A tree whose meaning is the same keeps its file, whatever its formatting. */
function isSameTree(asset: EncodedAsset, old: Document, document: Document): boolean {
  return asset.content !== undefined && sameValue(getAt(old.body, asset.at), getAt(document.body, asset.at));
}

function standsAsset(site: Site, path: string, asset: EncodedAsset): boolean {
  return site.previous.assets.get(path)?.hash === (asset.hash ?? hashOf(asset.content ?? ''));
}

async function writeAsset(site: Site, path: string, asset: EncodedAsset): Promise<void> {
  if (asset.content !== undefined) return writeFile(site, path, asset.content);
  const file = site.input.files.get(asset.hash ?? '');
  if (file === undefined) throw new Error(`no content for ${path} (${asset.hash})`);
  const bytes = await file.read();
  const hash = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  if (hash !== asset.hash) throw new Error(`the content of ${path} is ${hash}, not ${asset.hash}`);
  await writeFile(site, path, bytes);
}

async function writeFile(site: Site, path: string, content: Uint8Array | string, address?: Address): Promise<void> {
  if (typeof content === 'string' && (await standsAs(site, path, content))) return void site.same.push(path);
  await site.world.disk.replace(path, content);
  site.written.push(path);
  site.input.report?.({ code: 'WROTE', file: path, ...(address === undefined ? {} : { at: address }) });
}

async function standsAs(site: Site, path: string, content: string): Promise<boolean> {
  if ((await site.world.disk.kind(path)) !== 'file') return false;
  return Buffer.from(await site.world.disk.read(path)).equals(Buffer.from(content));
}

function isGone(site: Site, address: Address): boolean {
  if (site.fresh.has(address)) return false;
  return site.input.completeness.get(typeOf(address)) === 'whole' || site.input.gone?.has(address) === true;
}

async function removeDocument(site: Site, address: Address): Promise<void> {
  const source = site.previous.sources.get(address);
  if (source === undefined) return;
  const assets = [...source.assetNames.values()].map((name) => siblingOf(source.path, name));
  if ([source.path, ...assets].some(site.input.isDirty)) return keep(site, source.path, address);
  await removeFile(site, source.path, address);
  for (const path of assets) await removeAsset(site, path, address);
}

/** An asset goes with the last document that names it. */
async function removeAsset(site: Site, path: string, address: Address): Promise<void> {
  const owners = site.owners.get(path);
  owners?.delete(address);
  if (owners === undefined || owners.size === 0) await removeFile(site, path, address);
}

async function removeFile(site: Site, path: string, address: Address): Promise<void> {
  await site.world.disk.remove(path);
  site.removed.push(path);
  site.input.report?.({ code: 'REMOVED', file: path, at: address });
}

function keep(site: Site, path: string, address: Address): void {
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
