import type { Report } from '../../state/notice.ts';
import type { Problem } from '../../state/problem.ts';
import type { Completeness } from '../../state/snapshot.ts';
import type { ValueMap } from '../../state/value.ts';
import type { Listing } from '../client/pages.ts';
import { OrgFailure } from '../contract.ts';
import type { GenesysType } from './genesys-type.ts';
import { addressOf, idOf } from './natural-key.ts';
import type { RawObject } from './raw-object.ts';
import { isLost, isWhole, readParts, type Whole } from './read-parts.ts';
import { getOne, listRows, readProblem, type Session, typeNamed } from './session.ts';

/** All that an org gave of one type. */
export interface FetchedType {
  readonly objects: readonly RawObject[];
  /** Objects that are there and could not be read whole. */
  readonly incomplete: readonly RawObject[];
  readonly deleted: readonly RawObject[];
  readonly completeness: Completeness;
  readonly problems: readonly Problem[];
  /** False for a parent that was read only for the sake of its children. */
  readonly isAsked: boolean;
}

type Fetch = (name: string) => Promise<FetchedType>;

/** Reads types side by side, each once; a child's type waits for its parent's list. */
export async function fetchTypes(session: Session, names: readonly string[], report: Report): Promise<ReadonlyMap<string, FetchedType>> {
  const running = new Map<string, Promise<FetchedType>>();
  const fetch: Fetch = (name) => {
    const known = running.get(name);
    if (known !== undefined) return known;
    const started = fetchType(session, name, names.includes(name), fetch, report);
    running.set(name, started);
    return started;
  };
  await Promise.all(names.map(fetch));
  return new Map(await Promise.all([...running].map(async ([name, fetched]) => [name, await fetched] as const)));
}

async function fetchType(session: Session, name: string, isAsked: boolean, fetch: Fetch, report: Report): Promise<FetchedType> {
  const type = typeNamed(name);
  if (type === undefined) return { ...nothing(isAsked), problems: [unknownType(name)] };
  const fetched =
    type.parent === undefined ? await fetchStanding(session, type, isAsked) : await fetchChildren(session, type, isAsked, await fetch(type.parent));
  if (isAsked) report({ code: 'TYPE_READ', type: name, count: fetched.objects.length, completeness: fetched.completeness });
  return fetched;
}

function nothing(isAsked: boolean): FetchedType {
  return { objects: [], incomplete: [], deleted: [], completeness: 'none', problems: [], isAsked };
}

function unknownType(name: string): Problem {
  return {
    code: 'TYPE_UNKNOWN',
    severity: 'error',
    message: `"${name}" is no type that is read from Genesys Cloud`,
    hint: 'name one of the types that `cordboard export --help` lists',
  };
}

async function fetchStanding(session: Session, type: GenesysType, isAsked: boolean): Promise<FetchedType> {
  if (type.facts.singleton) return fetchSingleton(session, type, isAsked);
  const listing = await listRows(session, type.facts, undefined, { ...type.query, ...type.listQuery });
  return wholeType(session, type, isAsked, listing, undefined);
}

async function fetchSingleton(session: Session, type: GenesysType, isAsked: boolean): Promise<FetchedType> {
  try {
    const raw = await getOne(session, type.facts, '', type.query);
    return wholeType(session, type, isAsked, { rows: raw === undefined ? [] : [raw], complete: true }, undefined);
  } catch (failure) {
    if (!(failure instanceof OrgFailure)) throw failure;
    return { ...nothing(isAsked), problems: [readProblem(type.name, failure, type.facts.get)] };
  }
}

/** Children of every parent. Where a parent is missing or unreadable, so may be children: then the type is not whole. */
async function fetchChildren(session: Session, type: GenesysType, isAsked: boolean, parents: FetchedType): Promise<FetchedType> {
  const all = [...parents.objects, ...parents.incomplete];
  const each = await Promise.all(
    all.map(async (parent) => wholeType(session, type, isAsked, await listRows(session, type.facts, parent.id, { ...type.query, ...type.listQuery }), parent)),
  );
  const read = each.filter(({ completeness }) => completeness !== 'none');
  const isAll = parents.completeness === 'whole' && each.every(({ completeness }) => completeness === 'whole');
  const isNothing = parents.completeness === 'none' || (all.length > 0 && read.length === 0);
  return {
    objects: each.flatMap(({ objects }) => objects),
    incomplete: each.flatMap(({ incomplete }) => incomplete),
    deleted: each.flatMap(({ deleted }) => deleted),
    completeness: isAll ? 'whole' : isNothing ? 'none' : 'part',
    problems: onePerCode([...(parents.isAsked ? [] : parents.problems), ...each.flatMap(({ problems }) => problems)]),
    isAsked,
  };
}

function onePerCode(problems: readonly Problem[]): readonly Problem[] {
  return [...new Map(problems.map((problem) => [`${problem.code} ${problem.message}`, problem])).values()];
}

/** The rows of one list made whole. A list that ended in a refusal holds nothing; one that ended early, or lost a part, is a part. */
async function wholeType(session: Session, type: GenesysType, isAsked: boolean, listing: Listing, parent: RawObject | undefined): Promise<FetchedType> {
  const fromList = listProblems(type, listing);
  if (listing.failure !== undefined && listing.rows.length === 0) return { ...nothing(isAsked), problems: fromList };
  const rows = type.isBuiltIn === undefined ? listing.rows : listing.rows.filter((row) => type.isBuiltIn?.(row) !== true);
  const drafts = rows.map((row) => draftOf(type, row, parent));
  const named = drafts.filter((draft) => draft !== undefined);
  const deleted = named.filter(({ body }) => body['state'] === 'deleted');
  const outcomes = await wholeObjects(
    session,
    type,
    named.filter(({ body }) => body['state'] !== 'deleted'),
  );
  const objects = outcomes.filter(isWhole);
  const lost = outcomes.filter(isLost);
  const problems = [...fromList, ...lost.map(({ incomplete, failure }) => readProblem(type.name, failure, type.facts.get, incomplete.address))];
  const isAll = listing.complete && lost.length === 0 && named.length === drafts.length;
  const isUnreadable = objects.length === 0 && lost.length > 0;
  return {
    objects,
    incomplete: lost.map(({ incomplete }) => incomplete),
    deleted,
    completeness: isAll ? 'whole' : isUnreadable ? 'none' : 'part',
    problems: named.length === drafts.length ? problems : [...problems, keylessProblem(type, drafts.length - named.length)],
    isAsked,
  };
}

function listProblems(type: GenesysType, listing: Listing): readonly Problem[] {
  if (listing.failure !== undefined) return [readProblem(type.name, listing.failure, type.facts.list)];
  if (listing.complete) return [];
  return [
    {
      code: 'LIST_INCOMPLETE',
      severity: 'error',
      message: `the list of ${type.name} could not be read whole: ${listing.why ?? 'rows are missing'}`,
      hint: 'try again when nobody changes the org; until then nothing of this type counts as missing',
    },
  ];
}

function keylessProblem(type: GenesysType, count: number): Problem {
  return {
    code: 'KEY_MISSING',
    severity: 'error',
    message: `${count} of ${type.name} have no ${type.keyFields.join(' and ')} and cannot be named`,
    hint: 'give each of them one in the org',
  };
}

function draftOf(type: GenesysType, body: ValueMap, parent: RawObject | undefined): RawObject | undefined {
  const address = addressOf(type, body, parent?.address);
  return address === undefined ? undefined : { type, id: idOf(type.facts, body, parent?.id), address, body, files: new Map() };
}

/** Rows with what they lack: a GET of each where the API leaves no other way, and the parts. */
export async function wholeObjects(session: Session, type: GenesysType, drafts: readonly RawObject[]): Promise<readonly Whole[]> {
  const each = (await Promise.all(drafts.map((draft) => (lacksSomething(type, draft) ? readEach(session, type, draft) : [draft])))).flat();
  return [...(await readParts(session, type, each.filter(isWhole))), ...each.filter(isLost)];
}

function lacksSomething({ isReadEach }: GenesysType, { body }: RawObject): boolean {
  return typeof isReadEach === 'boolean' ? isReadEach : isReadEach.some((field) => body[field] === undefined);
}

/** One row by its own GET; gone meanwhile is nothing. */
async function readEach(session: Session, type: GenesysType, draft: RawObject): Promise<readonly Whole[]> {
  try {
    const body = await getOne(session, type.facts, draft.id, type.query);
    return body === undefined ? [] : [{ ...draft, body: { ...draft.body, ...body } }];
  } catch (failure) {
    if (!(failure instanceof OrgFailure)) throw failure;
    return [{ incomplete: draft, failure }];
  }
}
