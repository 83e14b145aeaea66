import type { Sides } from './conflict.ts';
import type { Document } from './document.ts';
import { keepDirectives } from './keep-directives.ts';
import { normalise } from './normalise.ts';
import type { Pattern, Pointer } from './pointer.ts';
import { resolveVariables } from './remap.ts';
import type { ResourceType } from './resource-type.ts';
import { findMoves, isMoved, type Moves, markConflicts, placesOf, takeTheirs, valueAt } from './three-way-fields.ts';
import { isList, makeMap, type Value } from './value.ts';

/** One document as it was applied last, as Git has it (directives and all), and as it lives. */
export interface ThreeDocuments {
  /** Undefined where it was never applied: then each field of either side is one that it added. */
  readonly base: Document | undefined;
  readonly ours: Document;
  readonly theirs: Document;
  /** As it lived when an earlier export took it over, where nothing was applied since. */
  readonly taken?: Document | undefined;
}

/** What a document means in the org in question. */
export interface Meaning {
  readonly type: ResourceType;
  readonly vars: ReadonlyMap<string, Value>;
  /** What the org's settings say is not managed, beside the document's own `ignore`. */
  readonly ignore: readonly Pattern[];
}

export interface MergedFields {
  /** What Git shall have: marks stand where both moved, each its own way. */
  readonly document: Document;
  /** Where the org alone moved: its value was taken. */
  readonly taken: readonly Pointer[];
  /** Where Git alone moved: a change that waits to be applied. */
  readonly pending: readonly Pointer[];
  readonly conflicts: readonly Pointer[];
}

/**
 * Puts together what Git and the org did to one document since it was applied, field by field: where one of them moved, its value; where both moved
 * to the same, that; where both moved apart, a mark with all three values. Directives stay where they mean what is there; secrets and what is ignored are Git's.
 */
export function mergeDocument({ base, ours, theirs, taken }: ThreeDocuments, meaning: Meaning): MergedFields {
  const { type, vars } = meaning;
  const ignore = [...new Set([...(ours.ignore ?? []), ...meaning.ignore])];
  const plain = (document: Document): Document => normalise({ address: ours.address, body: document.body, ignore }, type);
  const [from, git, org] = [plain(base ?? nothing(ours)), plain(resolved(ours, meaning)), plain(theirs)];
  const seen = taken === undefined ? undefined : plain(taken);
  const all = [from, git, org, ...(seen === undefined ? [] : [seen])];
  const moves = (left: Document, right: Document): Moves => findMoves(left, right, type, all);
  const [byGit, byOrg, apart] = [moves(from, git), moves(org, from), moves(org, git)];
  const sinceTaken = seen === undefined ? undefined : moves(seen, git);
  // What Git holds as the org once had it was taken over from there, and is no edit of Git's own.
  const isOurs = (at: Pointer) => isMoved(byGit, at) && (sinceTaken === undefined || isMoved(sinceTaken, at));
  const differences = [...apart.at].sort();
  // To leave a field out, to clear it and to empty it is the same where both sides did one of them: the org's word for it is taken.
  const areBothEmpty = (at: Pointer) => isEmpty(valueAt(git, at, type)) && isEmpty(valueAt(org, at, type));
  const isApart = (at: Pointer) => isOurs(at) && !areBothEmpty(at);
  const pending = differences.filter((at) => !isMoved(byOrg, at));
  const conflicts = differences.filter((at) => isMoved(byOrg, at) && isApart(at));
  const takes = differences.filter((at) => isMoved(byOrg, at) && !isApart(at));
  const body = takeTheirs(git.body, org.body, placesOf(takes), type);
  const written = keepDirectives(ours, { address: ours.address, body }, type, { vars });
  const sides: Sides<Document['body']> = { base: base === undefined ? undefined : from.body, ours: body, theirs: org.body };
  const document = conflicts.length === 0 ? written : { ...written, body: markConflicts(written.body, sides, placesOf(conflicts), type) };
  return { document, taken: takes, pending, conflicts };
}

function isEmpty(value: Value | undefined): boolean {
  return value === undefined || value === null || (isList(value) && value.length === 0);
}

function nothing({ address }: Document): Document {
  return { address, body: makeMap([]) };
}

/** The document with this org's values in the place of its variables. */
function resolved(document: Document, { type, vars }: Meaning): Document {
  const tree = {
    documents: new Map([[document.address, document]]),
    completeness: new Map(),
    files: new Map(),
    twins: new Map(),
    problems: [],
  };
  return resolveVariables(tree, new Map([[type.name, type]]), vars).documents.get(document.address) ?? document;
}

/** Whether one side of a document moved away from what was applied, at any field that is managed. */
export function movedFields(from: Document, to: Document, meaning: Meaning): readonly Pointer[] {
  const { type } = meaning;
  const ignore = [...new Set([...(to.ignore ?? []), ...(from.ignore ?? []), ...meaning.ignore])];
  const plain = (document: Document): Document => normalise({ address: to.address, body: resolved(document, meaning).body, ignore }, type);
  const [one, other] = [plain(from), plain(to)];
  return [...findMoves(one, other, type, [one, other]).at].sort();
}
