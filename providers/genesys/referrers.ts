import { type Address, typeOf } from '../../state/address.ts';
import { walk } from '../../state/pointer.ts';
import type { Referrers } from '../../state/referrers.ts';
import { isMap, type ValueMap } from '../../state/value.ts';
import type { QueryValue } from '../client/org-client.ts';
import { OrgFailure } from '../contract.ts';
import { allFacts, findFacts, type TypeFacts } from './facts.ts';
import { getOne, listRows, type Session, typeNamed, wholeRows } from './session.ts';

/**
 * Who else refers to objects that are to go. Declared types are read anyway; of every other type that may refer to them, by the catalogue, the raw
 * objects are looked through for their ids, wherever those stand. Asked only where deletions are: it costs a request or more for each such type.
 */
export async function findReferrers(session: Session, going: ReadonlyMap<Address, string>): Promise<Referrers> {
  const types = new Map([...new Set([...going.keys()].map(typeOf))].map((type) => [type, referrersOf(type)]));
  const others = [...new Set([...types.values()].flat())].filter((type) => typeNamed(type) === undefined);
  const look = makeLook(session);
  const looked = await Promise.all(others.map(async (type) => [type, await look(type)] as const));
  const owners = new Map([...going].map(([address, id]) => [id, address]));
  const uses = new Map<Address, Set<string>>();
  for (const [type, rows = []] of looked)
    for (const row of rows.filter((one) => !isManaged(session, one)))
      for (const address of namedIn(row, owners)) uses.set(address, (uses.get(address) ?? new Set()).add(`${type} "${nameOf(row)}"`));
  return {
    types,
    read: new Set(looked.flatMap(([type, rows]) => (rows === undefined ? [] : [type]))),
    uses: new Map([...uses].map(([address, names]) => [address, [...names].sort()])),
  };
}

/** One list can show objects of two types: what is read as a declared one speaks for itself. */
function isManaged({ names }: Session, { id }: ValueMap): boolean {
  const named = typeof id === 'string' ? names.idName(id) : undefined;
  return named !== undefined && typeNamed(typeOf(named.address)) !== undefined;
}

/** Types that may refer to this one. What the API shows nobody (an invitation that is under way) is left out. */
function referrersOf(type: string): readonly string[] {
  const mayRefer = ({ refs }: TypeFacts) => refs.some(({ to, oneOf = [] }) => to === type || oneOf.includes(type));
  const canBeSeen = ({ list, parent, singleton }: TypeFacts) => list !== null || parent !== null || singleton;
  return allFacts()
    .filter((facts) => facts.type !== type && mayRefer(facts) && canBeSeen(facts))
    .map((facts) => facts.type);
}

/** All raw objects of a type, each type asked for once; undefined where they cannot be read whole. */
type Look = (type: string) => Promise<readonly ValueMap[] | undefined>;

function makeLook(session: Session): Look {
  const known = new Map<string, ReturnType<Look>>();
  const look: Look = (type) => {
    const found = known.get(type) ?? readAll(session, type, look);
    known.set(type, found);
    return found;
  };
  return look;
}

async function readAll(session: Session, type: string, look: Look): Promise<readonly ValueMap[] | undefined> {
  const facts = findFacts(type);
  if (facts === undefined) return undefined;
  const parents = facts.parent === null ? undefined : await look(facts.parent);
  if (parents?.length === 0) return [];
  // Of what stands below two others only the innermost is known here.
  const isDeep = facts.parent !== null && findFacts(facts.parent)?.parent !== null;
  if ((facts.parent !== null && parents === undefined) || isDeep) return undefined;
  try {
    if (facts.singleton) return [(await getOne(session, facts, '')) ?? {}];
    const rows = await Promise.all((parents ?? [undefined]).map((parent) => rowsOf(session, facts, parent)));
    return rows.flat();
  } catch (failure) {
    if (!(failure instanceof OrgFailure)) throw failure;
    return undefined;
  }
}

async function rowsOf(session: Session, facts: TypeFacts, parent: ValueMap | undefined): Promise<readonly ValueMap[]> {
  const parentId = parent === undefined ? undefined : String(parent['id']);
  const rows = wholeRows(facts, await listRows(session, facts, parentId, queryOf(facts)));
  if (facts.list?.partial === undefined) return rows;
  const ids = rows.map((row) => (parentId === undefined ? String(row['id']) : `${parentId}/${String(row['id'])}`));
  const whole = await Promise.all(ids.map((id) => getOne(session, facts, id)));
  return rows.map((row, index) => ({ ...row, ...whole[index] }));
}

/** What makes rows whole, and what a list asks for. */
function queryOf({ list }: TypeFacts): Readonly<Record<string, QueryValue>> {
  const asked = (list?.requiredQuery ?? []).flatMap((name) => {
    const words = list?.filters?.[name];
    return Array.isArray(words) ? [[name, words as readonly string[]] as const] : [];
  });
  return { ...(list?.expandForFull === undefined ? {} : { expand: list.expandForFull }), ...Object.fromEntries(asked) };
}

const GUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/** The objects whose ids stand anywhere in a row, but for its own. */
function namedIn(row: ValueMap, owners: ReadonlyMap<string, Address>): ReadonlySet<Address> {
  const named = new Set<Address>();
  const look = (text: string) => {
    for (const id of text.match(GUID) ?? []) {
      const address = owners.get(id);
      if (address !== undefined) named.add(address);
    }
  };
  for (const { value } of walk(row)) {
    if (typeof value === 'string') look(value);
    else if (isMap(value)) for (const key of Object.keys(value)) look(key);
  }
  return named;
}

function nameOf(row: ValueMap): string {
  const name = row['name'] ?? row['id'];
  return typeof name === 'string' ? name : 'without a name';
}
