import { relative } from 'node:path';
import type { Command } from 'commander';
import type { OrgReader } from '../providers/contract.ts';
import { type Tree, type WrittenTree, writeTree } from '../providers/store/manifest-tree.ts';
import { type Address, typeOf } from '../state/address.ts';
import { unknownType } from '../state/policy-names.ts';
import { hasErrors, type Problem, Refused } from '../state/problem.ts';
import { findUnruled } from '../state/remap.ts';
import type { TypeTable } from '../state/resource-type.ts';
import { findIdleFilters, type Selection, selectDocuments } from '../state/select.ts';
import type { LiveSnapshot } from '../state/snapshot.ts';
import type { MergedTree } from '../state/three-way-tree.ts';
import { printFilter } from '../state/tree-filter.ts';
import { type OrgSettings, orgNamed } from './config.ts';
import { EXIT, type Exit } from './exit.ts';
import { mergeWith, noteMerged, recallBase } from './export-base.ts';
import { type ExportTarget, openTarget } from './export-target.ts';
import { type OrgSession, openToRead, platformOf } from './org-session.ts';
import { runVerb, withCommonOptions } from './run-verb.ts';
import { schemaFolder, schemaPath, writeSchemas } from './schema-files.ts';
import type { CommonOptions, Site } from './site.ts';
import { readManifests } from './wanted.ts';

/** More written files than these are only counted. */
const MANY = 20;

interface ExportOptions extends CommonOptions {
  readonly org: string;
  readonly type?: readonly string[];
  readonly name?: readonly string[];
  readonly id?: readonly string[];
  readonly all?: boolean;
  readonly dependencies?: boolean;
  readonly commit?: boolean | string;
  readonly branch?: string;
}

export function defineExport(command: Command): void {
  withCommonOptions(command)
    .requiredOption('--org <name>', 'the org to read')
    .option('--type <types...>', "only these types, by the catalogue's name or an alias (routing:queue, genesyscloud_routing_queue)")
    .option('--name <patterns...>', 'only keys that match one of these patterns (* and ?)')
    .option('--id <ids...>', 'only the objects with these ids')
    .option('--all', 'also inactive resources that nothing exported refers to')
    .option('--dependencies', 'also everything that the chosen ones refer to; without it such a ref becomes $external')
    .option('--commit [message]', 'commit the manifests with Git')
    .option('--branch <name>', 'make the commit on a new branch, from HEAD; work tree, index and current branch stay as they are')
    .addHelpText(
      'after',
      '\nExample:\n  cordboard export --org practice-production --commit\n  cordboard export --org practice-production --type routing:queue --name "Trade*" --dependencies\n  cordboard export --org practice-staging --branch drift/practice-staging',
    )
    .action((options: ExportOptions) => runVerb(options, 'at once', (site) => exportOrg(site, options)));
}

async function exportOrg(site: Site, options: ExportOptions): Promise<Exit> {
  const settings = orgNamed(site.config(), options.org);
  const { types } = platformOf(settings);
  const selection = selectionOf(options, settings, types);
  if (isCommitting(options) && (await site.repository()) === undefined) throw new Refused([noRepository()]);
  const target = await openTarget(site, settings, options);
  try {
    return await exportTo(target, { site, settings, options, selection });
  } finally {
    target.close();
  }
}

interface Exporting {
  readonly site: Site;
  readonly settings: OrgSettings;
  readonly options: ExportOptions;
  readonly selection: Selection;
}

async function exportTo(target: ExportTarget, { site, settings, options, selection }: Exporting): Promise<Exit> {
  const { types } = platformOf(settings);
  const session = await openToRead(site, options.org);
  site.view.print({ record: 'org', org: settings.name, ...session.identity, pinned: settings.pinned !== undefined });
  const previous = await readManifests(site, settings, target.world);
  await session.client.locate(findUnruled(previous.documents.values(), types));
  const live = await readSelected(site, session, selection);
  const idle = findIdleFilters(live, selection);
  if (hasErrors(idle)) throw new Refused([...idle, ...live.problems]);
  const chosen = selectDocuments(live, types, selection, previous.documents);
  const filter = printFilter(selection);
  const remembered = await recallBase(site, session, previous);
  const merging = remembered.base === undefined ? undefined : mergeWith({ base: remembered.base, taken: remembered.taken, previous, live, chosen }, session);
  const written = await site.view.during(`writing ${relative(process.cwd(), settings.manifests)}`, async () =>
    writeTree(target.world, settings.manifests, {
      types,
      root: site.config().folder,
      org: session.identity.name,
      filters: filter === undefined ? [] : [filter],
      documents: chosen.documents.values(),
      completeness: chosen.completeness,
      files: { get: (hash) => live.files.get(hash) ?? remembered.base?.files.get(hash) },
      failed: new Set([...live.completeness].filter(([, read]) => read !== 'whole').map(([type]) => type)),
      vars: new Map(Object.entries(settings.values)),
      previous,
      isDirty: target.isDirty,
      schema: schemaPath(site, settings),
      gone: goneFrom(live, previous),
      ...merging,
    }),
  );
  if (options.branch === undefined) await writeSchemas(site, settings);
  sayWritten(site, { chosen, written, merged: merging?.merged });
  const problems = [...idle, ...live.problems, ...remembered.problems, ...written.problems];
  for (const problem of problems) site.view.print({ record: 'problem', ...problem });
  if (isCommitting(options)) await commit(site, settings, options, written);
  await target.finish({ merged: merging?.merged, hasBase: remembered.base !== undefined });
  await noteMerged(site, settings, merging?.merged);
  // A document that was kept is not as the org has it, and of several under one key none is taken: a part was not done.
  const isPartial = written.kept.length > 0 || live.twins.size > 0 || [...live.completeness.values()].some((read) => read !== 'whole');
  return isPartial || hasErrors(problems) ? EXIT.failed : EXIT.done;
}

/** What the tree holds and the org, read whole, does not: removed also where the export took only a part of the type. */
function goneFrom(live: LiveSnapshot, previous: Tree): ReadonlySet<Address> {
  const isGone = (address: Address): boolean => live.completeness.get(typeOf(address)) === 'whole' && !live.documents.has(address) && !live.twins.has(address);
  return new Set([...previous.documents.keys()].filter(isGone));
}

interface Said {
  readonly chosen: Pick<LiveSnapshot, 'documents' | 'completeness'>;
  readonly written: WrittenTree;
  readonly merged: MergedTree | undefined;
}

function sayWritten(site: Site, { chosen, written: { written, removed, kept, marked }, merged }: Said): void {
  const say = (files: readonly string[], change: 'written' | 'removed' | 'kept') => {
    for (const file of files) site.view.print({ record: 'file', file: relative(process.cwd(), file), change });
  };
  if (site.view.isJson || written.length <= MANY) say(written, 'written');
  say(removed, 'removed');
  say(kept, 'kept');
  for (const [type, completeness] of chosen.completeness) {
    const count = [...chosen.documents.keys()].filter((address) => typeOf(address) === type).length;
    site.view.print({ record: 'type', type, count, completeness });
  }
  const conflicts = marked.filter((file) => /[\\/][^.\\/]+\.yaml$/.test(file)).length;
  const counts = { 'files written': written.length, removed: removed.length, kept: kept.length };
  const merging = merged === undefined ? {} : { 'with a conflict': conflicts, 'waiting to be applied': merged.pending.length };
  site.view.print({ record: 'totals', verb: 'export', counts: { ...counts, ...merging } });
}

function isCommitting({ commit }: ExportOptions): boolean {
  return commit !== undefined && commit !== false;
}

function noRepository(): Problem {
  return {
    code: 'NO_REPOSITORY',
    severity: 'error',
    message: 'cordboard.yaml is in no Git repository, so there is nothing to commit to',
    hint: 'git init beside it, or leave --commit out',
  };
}

/** Commits what is as the org has it. Edits that nobody has committed, of what was kept or not exported, stay as they are. */
async function commit(site: Site, settings: OrgSettings, options: ExportOptions, { written, removed, same, marked }: WrittenTree): Promise<void> {
  const repository = await site.repository();
  if (repository === undefined) throw new Refused([noRepository()]);
  const message = typeof options.commit === 'string' ? options.commit : `Export of ${settings.name}`;
  // What somebody has to resolve first is not committed, and stays an edit of the work tree.
  const exported = new Set([...written, ...removed, ...same].filter((path) => !marked.includes(path)));
  const edited = (await repository.dirtyPaths(settings.manifests)).filter((path) => !exported.has(path));
  const schemas = schemaFolder(site.config());
  const paths = (await repository.isIgnored(schemas)) ? [settings.manifests] : [settings.manifests, schemas];
  const made = await repository.commitPaths(paths, message, edited);
  site.view.print(made === undefined ? { record: 'text', text: 'nothing to commit' } : { record: 'saved', what: 'commit', at: made });
}

/** What the command line asks for; what it does not say, the org's filters in `cordboard.yaml` do. */
function selectionOf(options: ExportOptions, { filters }: OrgSettings, types: TypeTable): Selection {
  const named = options.type?.flatMap((text) => text.split(',')) ?? filters.types;
  const names = options.name ?? filters.names;
  return {
    all: options.all ?? filters.all ?? false,
    dependencies: options.dependencies === true,
    ...(named === undefined ? {} : { types: named.map((text) => typeNamed(text, types)) }),
    ...(names === undefined ? {} : { names }),
    ...(options.id === undefined ? {} : { ids: options.id.flatMap((text) => text.split(',')) }),
  };
}

/** The catalogue's name of a type that a person named in any spelling. */
function typeNamed(text: string, types: TypeTable): string {
  const found = [...types.values()].find((type) => type.name === text || type.aliases.includes(text));
  if (found !== undefined) return found.name;
  const spelt = [...types.values()].flatMap((type) => [type.name, ...type.aliases]);
  throw new Refused([unknownType(text, spelt)]);
}

/** Reads whole types: the asked-for ones, or all where what they refer to is wanted too. */
function readSelected(site: Site, { client, settings, platform }: OrgSession<OrgReader>, selection: Selection): Promise<LiveSnapshot> {
  const types = [...platform.types.keys()].filter((type) => selection.dependencies || (selection.types?.includes(type) ?? true));
  return site.view.during(`reading ${settings.name}`, () => client.read(types, site.view.report));
}
