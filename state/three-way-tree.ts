import { type Address, keyOf, typeOf } from './address.ts';
import { canonicalJson } from './canonical.ts';
import type { EncodeOptions } from './codec.ts';
import { CONFLICT_KEY, makeMark, type Sides } from './conflict.ts';
import type { Document } from './document.ts';
import { findClaims, oldAddress } from './find-claims.ts';
import { keepDirectives } from './keep-directives.ts';
import { compareText } from './normalise.ts';
import type { Pattern, Pointer } from './pointer.ts';
import { movedChild, type Renames, renamedDocument } from './renames.ts';
import type { TypeTable } from './resource-type.ts';
import { sameDocument } from './rewrite.ts';
import type { LiveSnapshot, Snapshot } from './snapshot.ts';
import { isTemporary, temporaryAddress } from './temporary-key.ts';
import { type Meaning, mergeDocument, movedFields } from './three-way.ts';
import { valueAt } from './three-way-fields.ts';
import { makeMap, type Value, type ValueMap } from './value.ts';

/** What was applied to an org last: the base of a three-way export. Documents may be read one by one. */
export interface Base {
  readonly documents: ReadonlyMap<Address, Document>;
  readonly ids: ReadonlyMap<Address, string>;
  readonly completeness: Snapshot['completeness'];
  /** What lived there beside, when it was applied: no news. */
  readonly left: ReadonlySet<Address>;
}

export interface TreeSides {
  readonly base: Base;
  /** Git: the tree of manifests. */
  readonly ours: Snapshot;
  /** The org as it was read, and which of its documents the export takes. */
  readonly live: LiveSnapshot;
  readonly chosen: ReadonlyMap<Address, Document>;
  /** As they lived when an earlier export took them over, where nothing was applied since. */
  readonly taken: ReadonlyMap<Address, Document>;
  readonly types: TypeTable;
  readonly vars: ReadonlyMap<string, Value>;
  readonly ignore: Readonly<Record<string, readonly Pattern[]>>;
  /** Types of which the tree holds files that cannot be read: a document that it lacks may stand in one of them. */
  readonly spoilt: ReadonlySet<string>;
  /** What stands in such files, as far as they say so: left alone. */
  readonly unread: Pick<ReadonlySet<Address>, 'has'>;
  /** True where the tree is of this very org: then what it holds is taken also of types that were never applied whole. */
  readonly isOwn: boolean;
}

/** One document that Git shall have otherwise than it has it. */
export interface MergedDocument {
  readonly document: Document;
  /** Its address in the tree as it stands, where it stands there under another one. */
  readonly from?: Address;
  /** As it lives; absent where the org does not hold it. */
  readonly theirs?: Document;
  /** Fields at which a mark stands. */
  readonly conflicts: readonly Pointer[];
  /** What is the matter with the document as a whole. */
  readonly marks?: NonNullable<EncodeOptions['marks']>;
}

export interface MergedTree {
  readonly documents: readonly MergedDocument[];
  /** Deleted in the org, and untouched in Git. */
  readonly removed: readonly Address[];
  /** Where Git alone moved. */
  readonly pending: readonly Address[];
  /** What the org holds, and is not taken: it was there when the tree was applied, or is of a type that the tree does not hold whole. */
  readonly passedOver: readonly Address[];
}

interface Draft {
  readonly sides: TreeSides;
  readonly names: Names;
  readonly apart: ReadonlyMap<Address, RenamedApart>;
  readonly documents: MergedDocument[];
  readonly removed: Address[];
  readonly pending: Address[];
  readonly passedOver: Address[];
}

/**
 * What becomes of a tree of manifests where Git and the org both moved since it was applied. Only what differs between the two is looked at closer; the
 * rest is not even read from the base. The order of the inputs makes no difference.
 */
export function mergeTrees(sides: TreeSides): MergedTree {
  const draft: Draft = { sides, names: nameAll(sides), apart: renamedApart(sides), documents: [], removed: [], pending: [], passedOver: [] };
  const inConflict = new Set([...draft.apart.values()].map(({ lives }) => lives));
  const seen = new Set<Address>();
  for (const [lived, theirs] of sides.chosen) {
    if (inConflict.has(lived)) continue;
    const address = draft.names.ofLive(lived);
    if (sides.unread.has(address)) continue;
    const from = draft.names.inTree(address);
    const ours = sides.ours.documents.get(from);
    seen.add(from);
    if (ours === undefined) mergeLiveAlone(draft, address, draft.names.liveDocument(theirs, address));
    else mergeBoth(draft, { address, from, ours, theirs: draft.names.liveDocument(theirs, address) });
  }
  for (const [address, ours] of sides.ours.documents) if (!seen.has(address)) mergeGitAlone(draft, address, ours);
  return sorted(draft);
}

function sorted({ documents, removed, pending, passedOver }: Draft): MergedTree {
  const byAddress = [...documents].sort((left, right) => compareText(left.document.address, right.document.address));
  return { documents: byAddress, removed: [...removed].sort(), pending: [...pending].sort(), passedOver: [...passedOver].sort() };
}

/** One name for each resource, whatever Git, the org and the base call it: the org's where it was renamed there, else Git's. */
interface Names {
  readonly ofLive: (address: Address) => Address;
  readonly inTree: (address: Address) => Address;
  /** Whether the org holds what the tree calls so, under whatever name. */
  readonly lives: (address: Address) => boolean;
  readonly liveDocument: (theirs: Document, address: Address) => Document;
  readonly ourDocument: (ours: Document, address: Address) => Document;
  readonly baseDocument: (address: Address) => Document | undefined;
}

function nameAll({ ours, live, base, types }: TreeSides): Names {
  const claims = [...findClaims({ wanted: ours, live, types, memory: base }, [])];
  // Git's own renames, and names that a run left for a moment, are told from the org's name to Git's; what the org renamed, from Git's to the org's.
  const byGit: Renames = new Map(claims.filter(([, { by }]) => by !== 'org').map(([to, { from }]) => [from, to]));
  const byOrg: Renames = new Map(claims.filter(([, { by }]) => by === 'org').map(([to, { from }]) => [to, from]));
  const moved = (address: Address, by: Renames) => (by.size === 0 ? address : (by.get(address) ?? movedChild(address, by, types) ?? address));
  const back = byOrg.size === 0 ? new Map<Address, Address>() : new Map([...ours.documents.keys()].map((address) => [moved(address, byOrg), address]));
  const ofBase =
    byGit.size + byOrg.size === 0 ? undefined : new Map([...base.documents.keys()].map((address) => [moved(moved(address, byGit), byOrg), address]));
  const forward: Renames = new Map([...byGit].map(([before, now]) => [now, before]));
  const namesOf = (address: Address): readonly Address[] => {
    const type = types.get(typeOf(address));
    return [address, moved(address, byOrg), moved(address, forward), ...(type === undefined ? [] : [temporaryAddress(address, type)])];
  };
  const called = (document: Document, address: Address, by: Renames): Document => {
    const renamed = renamedDocument(document, by, types);
    return renamed.address === address ? renamed : { ...renamed, address };
  };
  return {
    ofLive: (address) => moved(address, byGit),
    inTree: (address) => back.get(address) ?? address,
    lives: (address) => namesOf(address).some((name) => live.documents.has(name) || live.twins.has(name)),
    liveDocument: (theirs, address) => called(theirs, address, byGit),
    ourDocument: (document, address) => called(document, address, byOrg),
    baseDocument: (address) => {
      const document = base.documents.get(ofBase?.get(address) ?? address);
      return document === undefined ? undefined : called(renamedDocument(document, byGit, types), address, byOrg);
    },
  };
}

function meaningOf({ types, vars, ignore }: TreeSides, address: Address): Meaning | undefined {
  const type = types.get(typeOf(address));
  return type === undefined ? undefined : { type, vars, ignore: Object.hasOwn(ignore, type.name) ? (ignore[type.name] ?? []) : [] };
}

/** The org holds it, Git does not. */
function mergeLiveAlone(draft: Draft, address: Address, theirs: Document): void {
  const { sides, names, documents } = draft;
  const meaning = meaningOf(sides, address);
  const base = names.baseDocument(address);
  if (meaning === undefined) return;
  if (base !== undefined) {
    if (sides.spoilt.has(typeOf(address))) return void draft.passedOver.push(address);
    const changed = movedFields(theirs, base, meaning);
    if (changed.length === 0) draft.pending.push(address);
    else documents.push({ document: theirs, theirs, conflicts: [], marks: { whole: deletedMark({ base, edited: theirs, by: 'theirs' }, changed, meaning) } });
  } else if (isNews(sides, address)) documents.push({ document: theirs, theirs, conflicts: [] });
  else draft.passedOver.push(address);
}

/** What the org got since the tree was applied. Of a type that was not applied whole nobody can tell, but where the tree is the org's own. */
function isNews({ base, isOwn, taken }: TreeSides, address: Address): boolean {
  if (base.left.has(address) || isTemporary(address)) return false;
  return taken.has(address) || isOwn || base.completeness.get(typeOf(address)) === 'whole';
}

interface Both {
  readonly address: Address;
  readonly from: Address;
  readonly ours: Document;
  readonly theirs: Document;
}

function mergeBoth(draft: Draft, { address, from, ours: written, theirs }: Both): void {
  const { sides, names } = draft;
  const meaning = meaningOf(sides, address);
  if (meaning === undefined) return;
  const ours = withOldKey(names.ourDocument(written, address), from, sides);
  const isAsWritten = ours === written;
  if (isAsWritten && isSame(ours, theirs, meaning)) return;
  const base = names.baseDocument(address) ?? renamedByBoth(sides, ours);
  const { document, conflicts } = mergeDocument({ base, ours, theirs, taken: sides.taken.get(address) }, meaning);
  const isKept = conflicts.length === 0 && from === address && sameDocument(written, document, meaning.type);
  if (isKept) return void draft.pending.push(address);
  draft.documents.push({ document, theirs, conflicts, ...(from === address ? {} : { from }) });
}

/** The document under its new name says what it was called, for the other orgs of the tree; not where another document says so already. */
function withOldKey(document: Document, from: Address, { ours }: TreeSides): Document {
  if (document.address === from) return document;
  const isGivenOn = [...ours.documents.values()].some((other) => oldAddress(other) === from);
  return isGivenOn ? document : { ...document, was: keyOf(from) };
}

function isSame(ours: Document, theirs: Document, { type, vars }: Meaning): boolean {
  return sameDocument(ours, keepDirectives(ours, theirs, type, { vars }), type);
}

/** What was applied under the old key, where Git and the org gave it the same new one. */
function renamedByBoth({ base, live }: TreeSides, ours: Document): Document | undefined {
  const from = oldAddress(ours);
  return from === undefined || live.documents.has(from) ? undefined : base.documents.get(from);
}

/** Git holds it, the org (or what is taken of it) does not. */
function mergeGitAlone(draft: Draft, address: Address, ours: Document): void {
  const { sides, names, documents, apart } = draft;
  const meaning = meaningOf(sides, address);
  const isGone = sides.live.completeness.get(typeOf(address)) === 'whole' && !names.lives(address);
  if (meaning === undefined || !isGone) return;
  const renamed = apart.get(address);
  if (renamed !== undefined) return void documents.push({ document: ours, conflicts: [], marks: { key: makeMark(renamed.keys) } });
  const taken = sides.taken.get(address);
  const applied = names.baseDocument(address) ?? taken;
  if (applied === undefined) return void draft.pending.push(address);
  const changed = movedFields(applied, ours, meaning);
  const isAsTaken = taken !== undefined && movedFields(taken, ours, meaning).length === 0;
  const isUntouched = (changed.length === 0 || isAsTaken) && ours.protect !== true;
  if (isUntouched) draft.removed.push(address);
  else documents.push({ document: ours, conflicts: [], marks: { whole: deletedMark({ base: applied, edited: ours, by: 'ours' }, changed, meaning) } });
}

interface Deleted {
  readonly base: Document;
  readonly edited: Document;
  /** Which side edited; the other deleted. */
  readonly by: 'ours' | 'theirs';
}

/** Longer values are not repeated in a mark: they stand in the document. */
const MAX_VALUE = 200;

/** The mark of a document that one side deleted and the other edited: what the other did. */
function deletedMark({ base, edited, by }: Deleted, changed: readonly Pointer[], { type }: Meaning): ValueMap {
  const show = (value: Value | undefined): Value | undefined =>
    value !== undefined && canonicalJson(value).length > MAX_VALUE ? '(too long to be shown here)' : value;
  const fields = changed.map((at): [string, Value] => {
    const sides = [['base', show(valueAt(base, at, type))] as const, [by, show(valueAt(edited, at, type))] as const];
    return [at, makeMap(sides.flatMap(([side, value]) => (value === undefined ? [] : [[side, value] as const])))];
  });
  const words: [string, Value][] = [
    ['ours', by === 'ours' ? 'edited' : 'deleted'],
    ['theirs', by === 'ours' ? 'deleted' : 'edited'],
  ];
  return makeMap([[CONFLICT_KEY, makeMap([...words, ['changed', makeMap(fields)]])]]);
}

interface RenamedApart {
  readonly keys: Sides<string>;
  readonly lives: Address;
}

/** What Git renamed to one key and the org to another, by Git's address. */
function renamedApart({ ours, base, live }: TreeSides): ReadonlyMap<Address, RenamedApart> {
  const isOpen = (address: Address, from: Address) => !live.documents.has(from) && !live.documents.has(address) && !base.documents.has(address);
  const candidates = [...ours.documents.values()].flatMap(({ address, was }) => {
    const from = was === undefined ? undefined : oldAddress({ address, was, body: {} });
    const id = from === undefined || !isOpen(address, from) ? undefined : base.ids.get(from);
    return from === undefined || id === undefined ? [] : [{ address, from, id }];
  });
  if (candidates.length === 0) return new Map();
  const addressOfId = new Map([...live.ids].map(([address, id]) => [id, address]));
  return new Map(
    candidates.flatMap(({ address, from, id }) => {
      const lives = addressOfId.get(id);
      if (lives === undefined || typeOf(lives) !== typeOf(from)) return [];
      return [[address, { lives, keys: { base: keyOf(from), ours: keyOf(address), theirs: keyOf(lives) } }] as const];
    }),
  );
}
