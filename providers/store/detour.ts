import { join, relative, sep } from 'node:path';
import { type Problem, Refused } from '../../state/problem.ts';
import type { Disk, DiskEntry } from '../world.ts';

/** What stands where a folder belongs, and is none: a link would lead whoever follows it out of what may be read or written. */
export interface Detour {
  readonly path: string;
  readonly kind: DiskEntry['kind'];
}

/** The first detour on the way from `root` (which is believed) down to `folder`, itself included; what is not there yet is none. */
export async function findDetour(disk: Disk, root: string, folder: string): Promise<Detour | undefined> {
  const names = relative(root, folder).split(sep);
  const way = root === folder ? [folder] : names.map((_, index) => join(root, ...names.slice(0, index + 1)));
  for (const path of way) {
    const kind = await disk.kind(path);
    if (kind === undefined) return undefined;
    if (kind !== 'folder') return { path, kind };
  }
  return undefined;
}

/** Refuses to write where a detour is. */
export async function refuseDetours(disk: Disk, root: string, folders: readonly string[]): Promise<void> {
  const found = await Promise.all(folders.map((folder) => findDetour(disk, root, folder)));
  const paths = new Set(found.flatMap((detour) => detour?.path ?? []));
  if (paths.size > 0) throw new Refused([...paths].map(inTheWay));
}

/** Something is not what belongs there, and is not to be written through or over. */
export function inTheWay(path: string): Problem {
  return {
    code: 'IN_THE_WAY',
    severity: 'error',
    message: `"${path}" is a link, or of another kind than what belongs there`,
    hint: 'move it away, then export again',
    place: { file: path },
  };
}
