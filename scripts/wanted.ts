import type { Platform } from '../providers/contract.ts';
import { readTree, type Tree } from '../providers/store/manifest-tree.ts';
import { checkTree } from '../state/check.ts';
import { ignoring } from '../state/ignoring.ts';
import { type Problem, Refused } from '../state/problem.ts';
import { resolveVariables } from '../state/remap.ts';
import { type OrgSettings, orgNamed } from './config.ts';
import { platformOf } from './org-session.ts';
import type { Site } from './site.ts';

/** What an org's manifests want, as it is meant for that org: its variables resolved, what it does not manage ignored. */
export interface Wanted {
  readonly settings: OrgSettings;
  readonly platform: Platform;
  readonly tree: Tree;
}

export async function readWanted(site: Site, orgName: string): Promise<Wanted> {
  const settings = orgNamed(site.config(), orgName);
  const platform = platformOf(settings);
  const tree = await readTree(site.world, settings.manifests, platform.types);
  if (tree.documents.size === 0 && tree.problems.length === 0) throw new Refused([emptyTree(settings)]);
  const resolved = resolveVariables(tree, platform.types, new Map(Object.entries(settings.values)));
  const documents = new Map([...resolved.documents].map(([address, document]) => [address, ignoring(document, settings.ignore)]));
  return { settings, platform, tree: { ...tree, ...resolved, documents } };
}

/** Everything that is wrong with the manifests and can be told without an org, each with its place in a file. */
export function findProblems({ tree, platform }: Wanted): readonly Problem[] {
  // The check of the tree names both files of such a pair, reading it only one.
  const problems = checkTree(tree, platform.types).filter((problem) => problem.code !== 'KEYS_DIFFER_IN_CASE');
  return problems.map((problem) => {
    const place = problem.place ?? (problem.at === undefined ? undefined : tree.places(problem.at, problem.pointer));
    return place === undefined ? problem : { ...problem, place };
  });
}

function emptyTree(settings: OrgSettings) {
  return {
    code: 'NO_MANIFESTS',
    severity: 'error',
    message: `there are no manifests in "${settings.manifests}"`,
    hint: `cordboard export --org ${settings.name}, or name another folder under "manifests" in cordboard.yaml`,
    place: settings.place,
  } as const;
}
