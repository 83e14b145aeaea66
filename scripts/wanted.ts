import type { Platform } from '../providers/contract.ts';
import { readTree, type Tree } from '../providers/store/manifest-tree.ts';
import type { World } from '../providers/world.ts';
import { checkTree } from '../state/check.ts';
import { ignoring } from '../state/ignoring.ts';
import { type KnownNames, unknownNames } from '../state/policy-names.ts';
import { type Problem, Refused } from '../state/problem.ts';
import { resolveVariables } from '../state/remap.ts';
import { type Config, type OrgSettings, orgNamed } from './config.ts';
import { platformOf } from './org-session.ts';
import type { Site } from './site.ts';

/** What an org's manifests want, as it is meant for that org: its variables resolved, what it does not manage ignored. */
export interface Wanted {
  readonly settings: OrgSettings;
  readonly platform: Platform;
  readonly tree: Tree;
}

/** Reads an org's manifests; refuses a tree that holds nothing at all. */
export async function readWanted(site: Site, orgName: string): Promise<Wanted> {
  const settings = orgNamed(site.config(), orgName);
  const tree = await readManifests(site, settings);
  if (isEmpty(tree)) throw new Refused([emptyTree(settings)]);
  return wantedBy(settings, tree);
}

/** The tree of an org as it stands in its files, its variables and all; links do not lead there, from the configuration's folder on. */
export function readManifests(site: Site, settings: OrgSettings, world: World = site.world): Promise<Tree> {
  return readTree(world, settings.manifests, platformOf(settings).types, site.config().folder);
}

/** What a tree means for one of the orgs that use it. */
export function wantedBy(settings: OrgSettings, tree: Tree): Wanted {
  const platform = platformOf(settings);
  const resolved = resolveVariables(tree, platform.types, new Map(Object.entries(settings.values)));
  const documents = new Map([...resolved.documents].map(([address, document]) => [address, ignoring(document, settings.ignore)]));
  return { settings, platform, tree: { ...tree, ...resolved, documents } };
}

/** The orgs of the configuration, those that share a tree of manifests together. */
export function orgsByTree(config: Config): readonly [OrgSettings, ...OrgSettings[]][] {
  const groups = new Map<string, [OrgSettings, ...OrgSettings[]]>();
  for (const settings of config.orgs.values()) {
    const group = groups.get(settings.manifests);
    if (group === undefined) groups.set(settings.manifests, [settings]);
    else group.push(settings);
  }
  return [...groups.values()];
}

/** Everything that is wrong with the manifests and can be told without an org, each with its place in a file. */
export function findProblems({ tree, platform }: Pick<Wanted, 'tree' | 'platform'>): readonly Problem[] {
  // The check of the tree names both files of such a pair, reading it only one.
  const problems = checkTree(tree, platform.types).filter((problem) => problem.code !== 'KEYS_DIFFER_IN_CASE');
  return problems.map((problem) => {
    const place = problem.place ?? (problem.at === undefined ? undefined : tree.places(problem.at, problem.pointer));
    return place === undefined ? problem : { ...problem, place };
  });
}

/** Entries of an org's policy, of what it ignores and of its filters, that name what is not there; `addressesOf` as far as they are known. */
export function findUnknownNames(settings: OrgSettings, addressesOf: KnownNames['addressesOf'] = () => undefined): readonly Problem[] {
  const { types } = platformOf(settings);
  const aliases = [...types.values()].flatMap((type) => type.aliases);
  return unknownNames(settings, { types: [...types.keys()], aliases, addressesOf }).map(({ pointer, problem }) => ({
    ...problem,
    place: settings.placeOf(pointer),
  }));
}

/** Whether there is nothing to read, nor anything wrong. */
export function isEmpty(tree: Tree): boolean {
  return tree.documents.size === 0 && tree.problems.length === 0;
}

export function emptyTree(settings: OrgSettings): Problem {
  return {
    code: 'NO_MANIFESTS',
    severity: 'error',
    message: `there are no manifests in "${settings.manifests}"`,
    hint: `cordboard export --org ${settings.name}, or name another folder under "manifests" in cordboard.yaml`,
    place: settings.place,
  };
}
