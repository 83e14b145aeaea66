import type { FileSource, OrgReader } from '../providers/contract.ts';
import type { Applied } from '../providers/git/applied-memory.ts';
import { Refused } from '../state/problem.ts';
import type { OrgSession } from './org-session.ts';
import type { Site } from './site.ts';
import { readManifests } from './wanted.ts';

/** Bytes of assets: of the manifests as they are now, else of what was applied before; by their hash, so that either is right. */
export function assetSource(
  site: Site,
  { settings }: Pick<OrgSession<OrgReader>, 'settings'>,
  previous: Applied | undefined,
): { readonly read: FileSource; readonly has: (hash: string) => Promise<boolean> } {
  let tree: ReturnType<typeof readManifests> | undefined;
  const find = async (hash: string) => {
    tree ??= readManifests(site, settings);
    return (await tree).files.get(hash) ?? previous?.files.get(hash);
  };
  return {
    has: async (hash) => (await find(hash)) !== undefined,
    read: async (hash) => {
      const file = await find(hash);
      if (file === undefined) throw new Refused([{ code: 'FILE_MISSING', severity: 'error', message: `no file of the manifests has the content ${hash}` }]);
      return file.read();
    },
  };
}
