import { printFlowFile } from './flow-file.ts';
import { type FlowNode, flowMap, isFlowMap } from './flow-node.ts';
import { renameReferences } from './flow-references.ts';
import { renumber } from './inner-references.ts';
import type { BoundReference, FlowContent } from './publish-flow.ts';

/** The names that an export prints: those at the time of the export. */
export interface NamesNow {
  readonly flow: string;
  readonly division: string;
  /** Empty: the file has none. */
  readonly description: string;
  readonly of: (reference: BoundReference) => string;
}

/**
 * The file of a published version. No two exports are alike: every container gets a new number and the root's keys come in
 * another order, both drawn from `chance`; the meaning is always the same.
 */
export function exportFlow(content: FlowContent, names: NamesNow, chance: () => number): string {
  const named = renameReferences(content.tree, content.references, names.of);
  const tree = isFlowMap(named) ? renumber(named, numbersFrom(chance)) : named;
  const body = isFlowMap(tree) ? tree[content.rootKey] : undefined;
  if (!isFlowMap(body)) return printFlowFile(tree);
  const { name: _name, division: _division, description: _description, ...rest } = body;
  const about: [string, FlowNode][] = names.description === '' ? [] : [['description', names.description]];
  const entries: [string, FlowNode][] = [['division', names.division], ...about, ...Object.entries(rest)];
  return printFlowFile(flowMap([[content.rootKey, flowMap([['name', names.flow], ...shuffle(entries, chance)])]]));
}

/** Rising numbers with gaps, from a start that differs each time. */
function numbersFrom(chance: () => number): () => number {
  let last = 9 + Math.floor(chance() * 400);
  return () => {
    last += 1 + Math.floor(chance() * 30);
    return last;
  };
}

function shuffle<Item>(items: readonly Item[], chance: () => number): Item[] {
  const result = [...items];
  for (let at = result.length - 1; at > 0; at -= 1) {
    const other = Math.floor(chance() * (at + 1));
    const [one, two] = [result[at], result[other]];
    if (one !== undefined && two !== undefined) [result[at], result[other]] = [two, one];
  }
  return result;
}
