import { type Address, keyOf, typeOf } from './address.ts';
import { canonicalJson } from './canonical.ts';
import type { Document } from './document.ts';
import type { Look, Sides } from './look.ts';
import { compareText } from './normalise.ts';
import { expand, getAt, type Pattern, type Pointer } from './pointer.ts';
import type { Problem } from './problem.ts';
import type { ResourceType, TypeTable } from './resource-type.ts';
import type { Snapshot } from './snapshot.ts';
import { isList, type Value } from './value.ts';

/** Something that only one can have: who takes it over can be written only after who gives it up. */
export interface Yield {
  readonly taker: Address;
  /** The wanted address of who gives it up; left out: a live object that no document stands for. */
  readonly giver?: Address;
  /** Where the giver lives, as it is called in the look. */
  readonly from: Address;
  /** For a unique value: the list or field that holds it, and the value. Left out: it is the key. */
  readonly value?: { readonly pointer: Pointer; readonly is: Value };
}

/** Every key and every unique value that changes hands. */
export function findYields(look: Look<Sides>): readonly Yield[] {
  return [...keyYields(look), ...[...look.request.types.values()].flatMap((type) => valueYields(type, look))];
}

function keyYields({ matching: { matches } }: Look<Sides>): readonly Yield[] {
  return [...matches.values()].flatMap(({ wanted, was }) => (was !== undefined && matches.has(was) ? [{ taker: was, giver: wanted.address, from: was }] : []));
}

function valueYields(type: ResourceType, look: Look<Sides>): readonly Yield[] {
  const { request, matching, wantedOf } = look;
  return (type.unique ?? []).flatMap((pattern) => {
    const holders = new Map<string, Address>();
    for (const document of request.live.documents.values()) {
      if (typeOf(document.address) === type.name) for (const value of valuesAt(document, pattern)) holders.set(canonicalJson(value), document.address);
    }
    if (holders.size === 0) return [];
    return [...matching.matches.values()].flatMap(({ wanted, live }) => {
      if (typeOf(wanted.address) !== type.name) return [];
      return valuesAt(wanted, pattern).flatMap((is): Yield[] => {
        const from = holders.get(canonicalJson(is));
        if (from === undefined || from === live?.address) return [];
        const giver = wantedOf.get(from);
        return [{ taker: wanted.address, from, value: { pointer: rootOf(pattern), is }, ...(giver === undefined ? {} : { giver }) }];
      });
    });
  });
}

function valuesAt({ body }: Document, pattern: Pattern): readonly Value[] {
  return expand(body, pattern).flatMap((pointer) => getAt(body, pointer) ?? []);
}

/** The list that holds values of a pattern, or the field itself: an item has no place of its own. */
function rootOf(pattern: Pattern): Pointer {
  const star = pattern.indexOf('/*');
  return star < 0 ? pattern : pattern.slice(0, star);
}

/** Values that two documents of one tree want at once. */
export function sharedValues(wanted: Pick<Snapshot, 'documents'>, types: TypeTable): readonly Problem[] {
  return [...types.values()].flatMap((type) =>
    (type.unique ?? []).flatMap((pattern) => {
      const holders = new Map<string, Address[]>();
      for (const document of wanted.documents.values()) {
        if (typeOf(document.address) !== type.name) continue;
        for (const text of new Set(valuesAt(document, pattern).map(canonicalJson))) holders.set(text, [...(holders.get(text) ?? []), document.address]);
      }
      const shared = [...holders].filter(([, addresses]) => addresses.length > 1);
      return shared.flatMap(([text, addresses]) => addresses.map((address) => valueShared(address, rootOf(pattern), text, addresses)));
    }),
  );
}

function valueShared(at: Address, pointer: Pointer, text: string, addresses: readonly Address[]): Problem {
  const others = addresses.filter((address) => address !== at).sort(compareText);
  return {
    code: 'UNIQUE_SHARED',
    severity: 'error',
    at,
    pointer,
    message: `${text} is wanted by ${others.map((other) => `"${other}"`).join(', ')} as well, and only one can have it`,
    hint: 'take it out of all but one',
  };
}

/** What is wanted and cannot be had, since who has it keeps it. */
export function notYielded({ taker, from, value }: Yield): Problem {
  const what = value === undefined ? `the key "${keyOf(from)}"` : canonicalJson(value.is);
  return {
    code: value === undefined ? 'KEY_NOT_FREE' : 'UNIQUE_TAKEN',
    severity: 'error',
    at: taker,
    ...(value === undefined ? {} : { pointer: value.pointer }),
    message: `${what} is held by "${from}" in the org, which keeps it in this plan`,
    hint: 'see what the plan says of that one; take it away there first, or allow its deletion',
  };
}

/** What is left of a list, or of a field (undefined), without the values that others take over. */
export function withoutValues({ body }: Document, pointer: Pointer, taken: readonly Yield[]): Value | undefined {
  const texts = new Set(taken.flatMap(({ value }) => (value === undefined ? [] : [canonicalJson(value.is)])));
  const list = getAt(body, pointer);
  return isList(list) ? list.filter((item) => !texts.has(canonicalJson(item))) : undefined;
}
