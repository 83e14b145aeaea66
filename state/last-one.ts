import { type Address, keyOf, typeOf } from './address.ts';
import type { Document } from './document.ts';
import type { Look } from './look.ts';
import type { Match } from './match.ts';
import type { PlanRequest } from './plan-request.ts';
import { getAt, type Pointer } from './pointer.ts';
import type { Hold } from './policy.ts';
import { findRefs } from './refs.ts';
import { completenessOf } from './remap.ts';
import type { LastOneRule } from './resource-type.ts';
import type { Snapshot } from './snapshot.ts';
import { isList } from './value.ts';

export type Emptied = ReadonlyMap<Address, readonly { readonly at: Pointer; readonly hold: Hold }[]>;

/** What the rule is judged by: what lives, what is wanted, and what the org's policy says. */
export interface EmptyingFacts extends Pick<PlanRequest, 'types' | 'policy' | 'live'> {
  readonly wanted: Pick<Snapshot, 'documents'>;
}

type Pair = Pick<Match, 'live' | 'wanted'>;
type Found = readonly { readonly at: Pointer; readonly hold: Hold }[];

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
 * Judges one document at a time: the lists that live has items of and the wanted document none, and refs of what lives that newly point to such a
 * list with nothing in it; and why they stay. Who uses a list now or is to use it counts alike, since nothing orders the two steps. The org's policy may
 * name the type or the address of the list as one that may be empty (`mayBeEmpty`).
 */
export function makeEmptyingJudge(facts: EmptyingFacts): (match: Pair) => Found {
  const mayBeEmpty = new Set(facts.policy.mayBeEmpty ?? []);
  const users = usersOf(facts);
  const rulesOn = (address: Address): readonly LastOneRule[] =>
    mayBeEmpty.has(address) || mayBeEmpty.has(typeOf(address)) ? [] : (facts.types.get(typeOf(address))?.lastOne ?? []);
  const ruledTypes = new Set([...facts.types.values()].flatMap(({ lastOne = [] }) => lastOne.flatMap(({ usedBy = [] }) => usedBy)));
  return (match) => {
    const { address } = match.wanted;
    const own = rulesOn(address)
      .filter((rule) => isEmptied(match, rule))
      .flatMap((rule) => {
        const user = rule.usedBy === undefined ? undefined : users([match.live?.address ?? address, address], rule.usedBy);
        return rule.usedBy !== undefined && user === undefined ? [] : [{ at: rule.at, hold: holdOf(rule, address, user) }];
      });
    return ruledTypes.has(typeOf(address)) ? [...own, ...findNewUses(match, facts, rulesOn)] : own;
  };
}

function isEmptied({ live, wanted }: Pair, { at }: LastOneRule): boolean {
  return live !== undefined && hasItems(live, at) && !hasItems(wanted, at) && !isIgnored(wanted, at);
}

/** Refs that come with this document to a list that has nothing in it, and gets nothing. Who is only made takes no hours away from anybody. */
function findNewUses({ live, wanted }: Pair, facts: EmptyingFacts, rulesOn: (address: Address) => readonly LastOneRule[]): Found {
  const type = facts.types.get(typeOf(wanted.address));
  if (live === undefined || type === undefined) return [];
  const before = new Set(findRefs(live, type).refs.map(({ to }) => to));
  return findRefs(wanted, type)
    .refs.filter(({ to }) => !before.has(to))
    .flatMap(({ to, pointer }) => {
      const rule = rulesOn(to).find(({ usedBy = [], at }) => usedBy.includes(type.name) && isLeftEmpty(to, at, facts));
      return rule === undefined ? [] : [{ at: pointer, hold: newUseHold(rule, to) }];
    });
}

/** Whether there is nothing in a list now, and nothing after the plan. One that the plan would empty is held, and keeps what it has. */
function isLeftEmpty(address: Address, at: Pointer, facts: EmptyingFacts): boolean {
  const [live, wanted] = [facts.live.documents.get(address), facts.wanted.documents.get(address)];
  const isFilled = wanted !== undefined && hasItems(wanted, at) && !(live !== undefined && isIgnored(wanted, at));
  return (live !== undefined || wanted !== undefined) && !isFilled && (live === undefined || !hasItems(live, at));
}

function isIgnored({ ignore = [] }: Document, at: Pointer): boolean {
  return ignore.includes(at);
}

function hasItems({ body }: Document, at: Pointer): boolean {
  const list = getAt(body, at);
  return isList(list) && list.length > 0;
}

/** Finds one object of these types, as it lives or as it is wanted, that refers to one of these addresses, or else a type of them that was not read whole; each type is looked through once. */
function usersOf({ types, live, wanted, policy }: EmptyingFacts): (addresses: readonly Address[], types: readonly string[]) => string | undefined {
  const known = new Map<string, ReadonlyMap<Address, Address>>();
  const read = (name: string): ReadonlyMap<Address, Address> => {
    const type = types.get(name);
    const users = [...live.documents.values(), ...wanted.documents.values()].filter(({ address }) => typeOf(address) === name);
    return new Map(type === undefined ? [] : users.flatMap((user) => findRefs(user, type).refs.map(({ to }) => [to, user.address] as const)));
  };
  return (addresses, names) => {
    for (const name of names) {
      const found = known.get(name) ?? read(name);
      known.set(name, found);
      const user = addresses.map((address) => found.get(address)).find((one) => one !== undefined);
      if (user !== undefined) return `"${user}" uses it`;
    }
    const unread = names.find((name) => completenessOf(live, name) !== 'whole' && policy.unreadReferrers?.includes(name) !== true);
    return unread === undefined ? undefined : `${unread}, of which one may use it, was not read whole`;
  };
}

function holdOf({ at, rule }: LastOneRule, address: Address, used: string | undefined): Hold {
  const because = used === undefined ? '' : `, and ${used}`;
  return {
    action: 'update',
    rule: `${rule}: this would leave "${at}" of "${keyOf(address)}" empty${because}`,
    allow: `keep one there, or name "${address}" under "mayBeEmpty" in the org's policy in cordboard.yaml`,
  };
}

function newUseHold({ at, rule }: LastOneRule, to: Address): Hold {
  return {
    action: 'update',
    rule: `${rule}: this would begin to use "${keyOf(to)}", whose "${at}" is empty`,
    allow: `put one there and apply that, or name "${to}" under "mayBeEmpty" in the org's policy in cordboard.yaml`,
  };
}
