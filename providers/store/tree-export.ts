import type { Address } from '../../state/address.ts';
import type { Document } from '../../state/document.ts';
import type { Report } from '../../state/notice.ts';
import type { Problem } from '../../state/problem.ts';
import type { TypeTable } from '../../state/resource-type.ts';
import type { Completeness, Snapshot } from '../../state/snapshot.ts';
import type { MergedTree } from '../../state/three-way-tree.ts';
import type { Value } from '../../state/value.ts';
import type { Tree } from './read-tree.ts';

/** One export, as it goes into a tree. */
export interface TreeExport {
  readonly types: TypeTable;
  /** The org by the name that it gives itself. */
  readonly org: string;
  /** How parts were chosen, as a person would type it. */
  readonly filters: readonly string[];
  readonly documents: Iterable<Document>;
  readonly files: Pick<Snapshot['files'], 'get'>;
  /** Of each type that was asked for, how much `documents` holds. Documents of a whole type that are gone are removed. */
  readonly completeness: ReadonlyMap<string, Completeness>;
  /** Documents of the tree that the org surely does not hold any more, though `documents` holds only a part of their type: removed as well. */
  readonly gone?: ReadonlySet<Address>;
  /** Types that could not be read as asked. */
  readonly failed?: ReadonlySet<string>;
  /** Values of `{ $var }` in this org. */
  readonly vars?: ReadonlyMap<string, Value>;
  /** From here down to the tree every folder has to be real; left out: only the tree's own. */
  readonly root?: string;
  /** The tree as it stands; left out: it is read. */
  readonly previous?: Tree;
  /** Whether a path (under the folder, as given) has edits that Git does not hold. */
  readonly isDirty: (path: string) => boolean;
  /** Where an editor finds a type's schema, seen from its folder. */
  readonly schema?: (type: string) => string | undefined;
  readonly report?: Report;
  /** What Git and the org come to together: written in the place of `documents`, which then only say what the org holds. */
  readonly merged?: MergedTree;
  /** So many files are on disk before they take their place; 1,000 where left out. */
  readonly synced?: number;
  /** True where the tree is of another org, whose name and completeness it keeps. */
  readonly isOthers?: boolean;
}

/** What became of the files. `kept` has edits that Git does not hold, or is in the way: it was not touched. */
export interface WrittenTree {
  readonly written: readonly string[];
  readonly removed: readonly string[];
  readonly kept: readonly string[];
  /** Files that stood already as the org has them. */
  readonly same: readonly string[];
  /** Written files in which somebody has to resolve a conflict, and what stands beside them for that. */
  readonly marked: readonly string[];
  readonly problems: readonly Problem[];
}
