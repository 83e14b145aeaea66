/** A tree of manifests on disk: `folder/<type>/<file>.yaml`, assets beside them, `export.yaml` above. */
export { refuseDetours } from './detour.ts';
export { readTree, type Tree } from './read-tree.ts';
export type { TreeExport, WrittenTree } from './tree-export.ts';
export { writeTree } from './write-tree.ts';
