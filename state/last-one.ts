import { type Address, keyOf, typeOf } from './address.ts';
import type { Document } from './document.ts';
import type { Look } from './look.ts';
import type { Match } from './match.ts';
import type { PlanRequest } from './plan-request.ts';
import { getAt, type Pointer } from './pointer.ts';
import type { Hold } from './policy.ts';
import { findRefs } from './refs.ts';
import type { LastOneRule } from './resource-type.ts';
import { isList } from './value.ts';

export type Emptied = ReadonlyMap<Address, readonly { readonly at: Pointer; readonly hold: Hold }[]>;

/** What the rule is judged by: what lives, and what the org's policy says. */
export type EmptyingFacts = Pick<PlanRequest, 'types' | 'policy' | 'live'>;

/** What is not emptied, of all that a plan would change: by the wanted address. */
export function findEmptied({ request, matching }: Look): Emptied {
  const judge = makeEmptyingJudge(request);
  return new Map(
    [...matching.matches].flatMap(([address, match]) => {
      const held = judge(match);
      return held.length === 0 ? [] : [[address, held] as const];
    }),
  );
}

/**
 * Judges one document at a time: the lists that live has items of and the wanted document none, and why they stay. The org's policy may name
 * the type or the address as one that may be empty (`mayBeEmpty`).
 */
export function makeEmptyingJudge(facts: EmptyingFacts): (match: Pick<Match, 'live' | 'wanted'>) => readonly { readonly at: Pointer; readonly hold: Hold }[] {
  const named = new Set(facts.policy.mayBeEmpty ?? []);
  const users = usersOf(facts);
  return (match) => {
    const { address } = match.wanted;
    const rules = facts.types.get(typeOf(address))?.lastOne ?? [];
    if (rules.length === 0 || named.has(address) || named.has(typeOf(address))) return [];
    return rules
      .filter((rule) => isEmptied(match, rule))
      .flatMap((rule) => {
        const user = rule.usedBy === undefined ? undefined : users(match.live?.address ?? address, rule.usedBy);
        return rule.usedBy !== undefined && user === undefined ? [] : [{ at: rule.at, hold: holdOf(rule, address, user) }];
      });
  };
}

function isEmptied({ live, wanted }: Pick<Match, 'live' | 'wanted'>, { at }: LastOneRule): boolean {
  if (live === undefined || wanted.ignore?.includes(at) === true) return false;
  return hasItems(live, at) && !hasItems(wanted, at);
}

function hasItems({ body }: Document, at: Pointer): boolean {
  const list = getAt(body, at);
  return isList(list) && list.length > 0;
}

/** Finds one live object of these types that refers to an address; each type is looked through once. */
function usersOf({ types, live }: EmptyingFacts): (address: Address, types: readonly string[]) => Address | undefined {
  const known = new Map<string, ReadonlyMap<Address, Address>>();
  const read = (name: string): ReadonlyMap<Address, Address> => {
    const type = types.get(name);
    const users = [...live.documents.values()].filter(({ address }) => typeOf(address) === name);
    return new Map(type === undefined ? [] : users.flatMap((user) => findRefs(user, type).refs.map(({ to }) => [to, user.address] as const)));
  };
  return (address, names) => {
    for (const name of names) {
      const found = known.get(name) ?? read(name);
      known.set(name, found);
      const user = found.get(address);
      if (user !== undefined) return user;
    }
    return undefined;
  };
}

function holdOf({ at, rule }: LastOneRule, address: Address, user: Address | undefined): Hold {
  const because = user === undefined ? '' : `, and "${user}" uses it`;
  return {
    action: 'update',
    rule: `${rule}: this would leave "${at}" of "${keyOf(address)}" empty${because}`,
    allow: `keep one there, or name "${address}" under "mayBeEmpty" in the org's policy in cordboard.yaml`,
  };
}
