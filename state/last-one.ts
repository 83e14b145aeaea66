import { type Address, keyOf, typeOf } from './address.ts';
import type { Document } from './document.ts';
import { type Look, typeIn } from './look.ts';
import type { Match } from './match.ts';
import { getAt, type Pointer } from './pointer.ts';
import type { Hold } from './policy.ts';
import { findRefs } from './refs.ts';
import type { LastOneRule } from './resource-type.ts';
import { isList } from './value.ts';

export type Emptied = ReadonlyMap<Address, readonly { readonly at: Pointer; readonly hold: Hold }[]>;

/**
 * What is not emptied: by the wanted address the lists that live has items of and the wanted document none, and why they stay. The org's
 * policy may name the type or the address as one that may be empty (`mayBeEmpty`).
 */
export function findEmptied(look: Look): Emptied {
  const { request, matching } = look;
  const named = new Set(request.policy.mayBeEmpty ?? []);
  const rules = [...request.types.values()].filter((type) => type.lastOne !== undefined && !named.has(type.name)).map((type) => type.name);
  if (rules.length === 0) return new Map();
  const users = usersOf(look);
  return new Map(
    [...matching.matches].flatMap(([address, match]) => {
      if (!rules.includes(typeOf(address)) || named.has(address)) return [];
      const emptied = (typeIn(request, address)?.lastOne ?? []).filter((rule) => isEmptied(match, rule));
      const held = emptied.flatMap((rule) => {
        const user = rule.usedBy === undefined ? undefined : users(match.live?.address ?? address, rule.usedBy);
        return rule.usedBy !== undefined && user === undefined ? [] : [{ at: rule.at, hold: holdOf(rule, address, user) }];
      });
      return held.length === 0 ? [] : [[address, held] as const];
    }),
  );
}

function isEmptied({ live, wanted }: Match, { at }: LastOneRule): boolean {
  if (live === undefined || wanted.ignore?.includes(at) === true) return false;
  return hasItems(live, at) && !hasItems(wanted, at);
}

function hasItems({ body }: Document, at: Pointer): boolean {
  const list = getAt(body, at);
  return isList(list) && list.length > 0;
}

/** Finds one live object of these types that refers to an address; each type is looked through once. */
function usersOf({ request }: Look): (address: Address, types: readonly string[]) => Address | undefined {
  const known = new Map<string, ReadonlyMap<Address, Address>>();
  const read = (name: string): ReadonlyMap<Address, Address> => {
    const type = request.types.get(name);
    const users = [...request.live.documents.values()].filter(({ address }) => typeOf(address) === name);
    return new Map(type === undefined ? [] : users.flatMap((user) => findRefs(user, type).refs.map(({ to }) => [to, user.address] as const)));
  };
  return (address, types) => {
    for (const name of types) {
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
