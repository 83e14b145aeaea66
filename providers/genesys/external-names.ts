import { type Address, HOME, keyOf } from '../../state/address.ts';
import type { Problem } from '../../state/problem.ts';
import type { ValueMap } from '../../state/value.ts';
import { OrgFailure } from '../contract.ts';
import type { Miss } from './canonical-body.ts';
import { findFacts } from './facts.ts';
import { type GenesysType, isGenesysType } from './genesys-type.ts';
import { addressOf, idOf, type Keyed } from './natural-key.ts';
import { getOne, listRows, readProblem, type Session, typeNamed } from './session.ts';
import { genesysTypes } from './types.ts';

/**
 * Gives names to ids of resources that were not read: each is asked for once, by a GET of the type that it may be of, declared or not.
 * Returns what went wrong; an id that stays without a name is the caller's to report.
 */
export async function nameExternals(session: Session, misses: readonly Miss[], isRead: (type: string) => boolean): Promise<readonly Problem[]> {
  const wanted = new Map<string, Miss>();
  for (const miss of misses) if (miss.types.length > 0) wanted.set(`${miss.id} ${miss.types.join(' ')}`, miss);
  const outcomes = await Promise.all([...wanted.values()].map((miss) => nameExternal(session, miss, isRead)));
  return outcomes.flat();
}

/** From so many requests on for single objects, whole lists are cheaper. */
const FEW = 40;

/**
 * Gives names to ids found in texts, of which nobody says what they are: only a resource of a type of ours that was not read can own one. So a
 * read of all types asks for nothing here. What stays without a name is nobody's.
 */
export async function nameTexts(session: Session, misses: readonly Miss[], isRead: (type: string) => boolean): Promise<void> {
  const open = () => new Set(misses.filter((miss) => miss.types.length === 0 && session.names.idName(miss.id) === undefined).map(({ id }) => id));
  const types = [...genesysTypes.values()].filter(isGenesysType).filter((type) => !isRead(type.name) && type.parent === undefined && !type.isSingleton);
  const isFew = open().size * types.length <= FEW;
  for (const type of types) {
    const ids = [...open()];
    if (ids.length === 0) return;
    const rows = isFew ? await Promise.all(ids.map((id) => quietly(() => getOne(session, type.facts, id)))) : await quietly(() => rowsOf(session, type));
    for (const row of rows ?? []) learnExternal(session, type, row);
  }
}

const rowsOf = async (session: Session, type: GenesysType) => (await listRows(session, type.facts, undefined, type.listQuery)).rows;

/** What cannot be read has no names to give. */
async function quietly<Answer>(ask: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await ask();
  } catch (failure) {
    if (!(failure instanceof OrgFailure)) throw failure;
    return undefined;
  }
}

function learnExternal(session: Session, keyed: Keyed, row: ValueMap | undefined): Address | undefined {
  const address = row === undefined || row['state'] === 'deleted' ? undefined : addressOf(keyed, row);
  if (row === undefined || address === undefined) return undefined;
  // Every org has a home division, whether it was read or not.
  session.names.learn(keyed.facts.type, idOf(keyed.facts, row), keyOf(address) === HOME ? '$ref' : '$external', address);
  return address;
}

async function nameExternal(session: Session, miss: Miss, isRead: (type: string) => boolean): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const type of miss.types.filter((candidate) => !isRead(candidate))) {
    const facts = findFacts(type);
    if (facts?.get === undefined || facts.get === null || facts.parent !== null) continue;
    try {
      if (learnExternal(session, typeNamed(type) ?? { facts }, await getOne(session, facts, miss.id)) !== undefined) return problems;
    } catch (failure) {
      if (!(failure instanceof OrgFailure)) throw failure;
      // An id of another type is a wrong request to some of the paths. No token, or no network, says nothing of the id.
      if (failure.status !== 400) problems.push(readProblem(type, failure, facts.get));
    }
  }
  return problems;
}
