import { HOME, keyOf } from '../../state/address.ts';
import type { Problem } from '../../state/problem.ts';
import { OrgFailure } from '../contract.ts';
import type { Miss } from './canonical-body.ts';
import { findFacts } from './facts.ts';
import { addressOf } from './natural-key.ts';
import { getOne, readProblem, type Session, typeNamed } from './session.ts';

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

async function nameExternal(session: Session, miss: Miss, isRead: (type: string) => boolean): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  for (const type of miss.types.filter((candidate) => !isRead(candidate))) {
    const facts = findFacts(type);
    if (facts?.get === undefined || facts.get === null || facts.parent !== null) continue;
    try {
      const raw = await getOne(session, facts, miss.id);
      const declared = typeNamed(type);
      const address = raw === undefined ? undefined : addressOf(declared ?? { facts }, raw);
      if (address === undefined) continue;
      // Every org has a home division, whether it was read or not.
      session.names.learn(type, miss.id, keyOf(address) === HOME ? '$ref' : '$external', address);
      return problems;
    } catch (failure) {
      if (!(failure instanceof OrgFailure)) throw failure;
      if (failure.kind !== 'refused') problems.push(readProblem(type, failure, facts.get));
    }
  }
  return problems;
}
