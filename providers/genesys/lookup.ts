import { type Address, HOME, keyOf, SINGLETON, typeOf } from '../../state/address.ts';
import type { ValueMap } from '../../state/value.ts';
import { findFacts, type TypeFacts } from './facts.ts';
import { addressOf, idOf, type Keyed, keyFields, parentOf } from './natural-key.ts';
import { getOne, listRows, type Session, shared, typeNamed, wholeRows } from './session.ts';

/** An object found by its key: its id, and the row that the list gave. */
export interface Found {
  readonly id: string;
  readonly row: ValueMap;
}

/** From so many keys of one type on, its whole list is cheaper than a look at each. */
const FEW = 3;

/** Everything that lives under these keys now, of declared types and others; several under one key are all named. */
export async function lookUp(session: Session, addresses: readonly Address[]): Promise<ReadonlyMap<Address, readonly Found[]>> {
  const found = new Map<Address, readonly Found[]>(addresses.map((address) => [address, []]));
  const groups = new Map<string, Address[]>();
  for (const address of found.keys()) groups.set(typeOf(address), [...(groups.get(typeOf(address)) ?? []), address]);
  await Promise.all(
    [...groups].map(async ([type, group]) => {
      const facts = findFacts(type);
      if (facts === undefined) return;
      const objects = await lookUpType(session, typeNamed(type) ?? { facts }, group);
      for (const address of group) found.set(address, objects.get(address) ?? []);
    }),
  );
  return found;
}

async function lookUpType(session: Session, keyed: Keyed, addresses: readonly Address[]): Promise<ReadonlyMap<Address, readonly Found[]>> {
  const { facts } = keyed;
  if (facts.parent !== null) return lookUpChildren(session, keyed, addresses);
  const isByName = facts.list?.filters?.['name'] !== undefined && facts.identity[0] === 'name' && addresses.length <= FEW;
  const queries = isByName ? addresses.map((address) => nameQuery(keyed, address)) : [{}];
  const rows = await Promise.all(queries.map((query) => livingRows(session, keyed, undefined, query)));
  return grouped(rows.flat(), (row) => addressOf(keyed, row), facts);
}

/** The home division has whatever name, and a singleton none. */
function nameQuery(keyed: Keyed, address: Address): Record<string, string> {
  const isReserved = [HOME, SINGLETON].includes(keyOf(address));
  const name = isReserved ? undefined : keyFields(keyed, address, undefined)['name'];
  return typeof name === 'string' ? { name } : {};
}

async function livingRows(session: Session, { facts }: Keyed, parentId: string | undefined, query: Record<string, string>): Promise<readonly ValueMap[]> {
  const declared = typeNamed(facts.type);
  if (facts.singleton) return [(await getOne(session, facts, '')) ?? {}];
  const rows = wholeRows(facts, await listRows(session, facts, parentId, { ...declared?.listQuery, ...query }));
  return rows.filter((row) => row['state'] !== 'deleted' && declared?.isBuiltIn?.(row) !== true);
}

async function lookUpChildren(session: Session, keyed: Keyed, addresses: readonly Address[]): Promise<ReadonlyMap<Address, readonly Found[]>> {
  const { facts } = keyed;
  const parents = new Map<Address, Address[]>();
  for (const address of addresses) {
    const parent = parentOf(facts, address);
    if (parent !== undefined) parents.set(parent, [...(parents.get(parent) ?? []), address]);
  }
  const ids = await idsOf(session, [...parents.keys()]);
  const each = await Promise.all(
    [...parents].flatMap(([parent, children]) => (ids.get(parent) ?? []).map((id) => childrenOf(session, keyed, { parent, id, children }))),
  );
  return new Map(each.flatMap((found) => [...found]));
}

interface Family {
  readonly parent: Address;
  readonly id: string;
  readonly children: readonly Address[];
}

/** A child whose key is its id in the path is asked for by it; any other is looked for in its parent's list. */
async function childrenOf(session: Session, keyed: Keyed, { parent, id, children }: Family): Promise<ReadonlyMap<Address, readonly Found[]>> {
  const { facts } = keyed;
  const declared = typeNamed(facts.type);
  if (facts.model === null && children.length <= FEW) {
    const rows = await Promise.all(
      children.map((child) => getOne(session, facts, `${id}/${idOf(facts, keyFields(keyed, child, undefined))}`, declared?.query)),
    );
    return grouped(
      rows.filter((row) => row !== undefined),
      (row) => addressOf(keyed, row, parent),
      facts,
      id,
    );
  }
  const rows = wholeRows(facts, await listRows(session, facts, id, { ...declared?.query, ...declared?.listQuery }));
  return grouped(rows, (row) => addressOf(keyed, row, parent), facts, id);
}

function grouped(
  rows: readonly ValueMap[],
  name: (row: ValueMap) => Address | undefined,
  facts: TypeFacts,
  parentId?: string,
): ReadonlyMap<Address, readonly Found[]> {
  const found = new Map<Address, Found[]>();
  for (const row of rows) {
    const address = name(row);
    if (address === undefined) continue;
    const object = { id: idOf(facts, row, parentId), row };
    const others = found.get(address)?.filter(({ id }) => id !== object.id) ?? [];
    found.set(address, [...others, object]);
  }
  return found;
}

/** Ids behind addresses: those seen before, the others looked up now, each type once at a time. */
export async function idsOf(session: Session, addresses: readonly Address[]): Promise<ReadonlyMap<Address, readonly string[]>> {
  const unseen = addresses.filter((address) => session.names.idsOf(address).length === 0);
  await Promise.all(unseen.map((address) => shared(session, `ids of ${address}`, () => learnIds(session, address))));
  return new Map(addresses.map((address) => [address, session.names.idsOf(address)]));
}

async function learnIds(session: Session, address: Address): Promise<void> {
  const found = (await lookUp(session, [address])).get(address) ?? [];
  for (const { id } of found) session.names.learn(typeOf(address), id, '$ref', address);
}
