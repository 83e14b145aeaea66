import { relative } from 'node:path';
import { checkBranchName, makeBranch } from '../providers/git/branch.ts';
import { openCommitDisk } from '../providers/git/commit-disk.ts';
import type { Repository } from '../providers/git/repository.ts';
import { refuseDetours } from '../providers/store/manifest-tree.ts';
import type { World } from '../providers/world.ts';
import { type Problem, Refused } from '../state/problem.ts';
import type { MergedTree } from '../state/three-way-tree.ts';
import { MANIFEST_FILE } from '../state/tree-manifest.ts';
import type { OrgSettings } from './config.ts';
import { schemaFolder } from './schema-files.ts';
import type { Site } from './site.ts';
import { escapeText } from './view/escape.ts';

/** Where an export goes: the work tree, or a commit beside it. */
export interface ExportTarget {
  readonly world: World;
  /** Whether a file has edits that Git does not hold. */
  readonly isDirty: (path: string) => boolean;
  /** Called once everything is written. */
  readonly finish: (done: Done) => Promise<void>;
  /** Always called in the end, whatever happened. */
  readonly close: () => void;
}

interface Done {
  readonly merged: MergedTree | undefined;
  readonly hasBase: boolean;
}

interface TargetOptions {
  readonly branch?: string;
  readonly commit?: boolean | string;
}

/** Opens what an export writes to; refuses what cannot be made before any org is asked. */
export async function openTarget(site: Site, settings: OrgSettings, { branch, commit }: TargetOptions): Promise<ExportTarget> {
  const repository = await site.repository();
  const { folder } = site.config();
  if (branch === undefined) {
    await refuseDetours(site.world.disk, folder, [settings.manifests, schemaFolder(site.config())]);
    return { world: site.world, isDirty: await dirtyFiles(repository, settings), finish: async () => undefined, close: () => undefined };
  }
  if (commit !== undefined && commit !== false) throw refused('OPTIONS', '--branch makes a commit of its own', 'leave --commit out');
  if (repository === undefined) throw refused('NO_REPOSITORY', 'cordboard.yaml is in no Git repository, so there is no branch to make', 'git init beside it');
  await checkBranchName(repository.root, branch);
  const parent = await repository.head();
  if (parent === undefined) throw refused('NO_COMMIT', 'this repository has no commit yet that a branch could stand on', 'git commit, or leave --branch out');
  const disk = await openCommitDisk(repository.root, parent, settings.manifests);
  await refuseDetours(disk, folder, [settings.manifests]).catch((refusal: unknown) => {
    disk.close();
    throw refusal;
  });
  await sayDirty(site, settings, repository);
  const finish = async (done: Done): Promise<void> => {
    const changes = disk.changes();
    const isChanged = [...changes.keys()].some((path) => path !== `${settings.manifests}/${MANIFEST_FILE}`);
    if (!isChanged)
      return site.view.print({ record: 'text', text: `HEAD holds what "${settings.name}" has, but for what waits to be applied; no branch was made` });
    const files = [...changes].map(([path, { content }]) => `${content === undefined ? '-' : '~'} ${relative(settings.manifests, path)}`);
    const made = await makeBranch(repository.root, { branch, parent, changes, message: messageOf(settings, files, done) });
    const now = await repository.head();
    if (now !== parent) site.view.print({ record: 'problem', ...headMoved(branch, parent) });
    if (made.wasThere) site.view.print({ record: 'text', text: `the branch ${branch} is there already, with just this` });
    site.view.print({ record: 'saved', what: 'commit', at: made.commit });
    site.view.print({ record: 'next', text: `git push -u origin ${branch}, then: gh pr create --head ${branch}` });
  };
  return { world: { ...site.world, disk }, isDirty: () => false, finish, close: disk.close };
}

/** Everything under the manifests that differs from HEAD; outside of a repository nothing is known to be edited. */
async function dirtyFiles(repository: Repository | undefined, settings: OrgSettings): Promise<(path: string) => boolean> {
  const dirty = new Set(repository === undefined ? [] : await repository.dirtyPaths(settings.manifests));
  return (path) => dirty.has(path);
}

async function sayDirty(site: Site, settings: OrgSettings, repository: Repository): Promise<void> {
  const dirty = await repository.dirtyPaths(settings.manifests);
  if (dirty.length === 0) return;
  const what = dirty.length === 1 ? 'one file below the manifests has edits that are' : `${dirty.length} files below the manifests have edits that are`;
  const problem: Problem = {
    code: 'EDITS_LEFT_OUT',
    severity: 'warning',
    message: `${what} not committed: the branch is made from HEAD, without them`,
    hint: 'nothing of them is touched; commit them first if they belong to it',
  };
  site.view.print({ record: 'problem', ...problem });
}

const MANY = 50;

/** Names stand indented, each in its own line and escaped: none of them can say anything of its own to Git, to a page or to whoever reads it. */
function messageOf(settings: OrgSettings, files: readonly string[], { hasBase, merged }: Done): string {
  const shown = files.slice(0, MANY).map((line) => `    ${plainText(line)}`);
  const more = files.length > MANY ? [`    and ${files.length - MANY} more`] : [];
  const marked = (merged?.documents ?? []).filter(({ conflicts, marks }) => conflicts.length > 0 || marks !== undefined).length;
  const notes = [
    ...(hasBase ? [] : ['Without a base: nothing is remembered as applied, so what only Git had changed is taken back here as well. Look closely.']),
    ...(marked === 0
      ? []
      : [`${marked === 1 ? 'One document holds' : `${marked} documents hold`} a conflict that somebody has to resolve; "cordboard check" names each.`]),
  ];
  return `${[`Take over what was changed in ${plainText(settings.name)}`, ...notes, [...shown, ...more].join('\n')].join('\n\n')}\n`;
}

/** Nothing in it mentions a person or closes an issue where the message is shown. */
function plainText(text: string): string {
  return escapeText(text).replace(/#(?=\d)|(?<!\w)@(?=\w)/g, (sign) => `\\u{${sign.charCodeAt(0).toString(16)}}`);
}

function headMoved(branch: string, parent: string): Problem {
  return {
    code: 'HEAD_MOVED',
    severity: 'warning',
    message: `somebody committed meanwhile: ${branch} stands on ${parent.slice(0, 12)}, which is not HEAD any more`,
    hint: 'nothing is lost; Git merges the two, or delete the branch and export again',
  };
}

function refused(code: string, message: string, hint: string): Refused {
  return new Refused([{ code, severity: 'error', message, hint }]);
}
