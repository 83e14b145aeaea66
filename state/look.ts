import { type Address, typeOf } from './address.ts';
import type { Claims } from './claim.ts';
import type { Document } from './document.ts';
import { claimsBelow, renamesOf } from './find-claims.ts';
import { type Matching, matchDocuments } from './match.ts';
import type { PlanRequest } from './plan-request.ts';
import { rememberedAs, withRenames } from './renames.ts';
import type { ResourceType } from './resource-type.ts';

export interface Displaced {
  /** The address under which it waits to be deleted: the live one, or a temporary one. */
  readonly waits: Address;
  /** Who takes its place. */
  readonly wanted: Address;
  /** Why it cannot become that itself. */
  readonly reason: string;
}

export type Replaced = ReadonlyMap<Address, Displaced>;

/** What a look takes of what is asked. */
export type Sides = Pick<PlanRequest, 'wanted' | 'live' | 'types' | 'remembered'>;

/** The org as it is called once all renames are carried out, and what lives there for each wanted document. */
export interface Look<Request extends Sides = PlanRequest> {
  /** What was asked, with the org and the memory looked at so. */
  readonly request: Request;
  readonly matching: Matching;
  /** What is to go so that another can take its place, by the live address. */
  readonly replaced: Replaced;
  /** The wanted address of each live object that stays. */
  readonly wantedOf: ReadonlyMap<Address, Address>;
  /** Documents that look different from how they were read, and how they were. */
  readonly read: ReadonlyMap<Document, Document>;
}

/** Looks at the org with the renames that are claimed, and with what is `replaced` under the names under which it waits. */
export function lookAt<Request extends Sides>(given: Request, claims: Claims, replaced: Replaced): Look<Request> {
  const { wanted, types } = given;
  const aside = [...replaced].flatMap(([from, { waits }]) => (from === waits ? [] : [[from, waits] as const]));
  const renames = new Map([...renamesOf(new Map([...claims].filter(([, { from }]) => !replaced.has(from)))), ...aside]);
  const live = withRenames(given.live, renames, types);
  const memory = given.remembered === undefined ? undefined : rememberedAs(given.remembered, renames, types);
  const below = claimsBelow(claims, { wanted, live, types, memory }, renames);
  const matching = matchDocuments({ wanted, live, types, memory, claims: below, replaced: new Set(replaced.keys()) });
  return {
    request: { ...given, live, ...(memory === undefined ? {} : { remembered: memory }) },
    matching,
    replaced,
    wantedOf: new Map([...matching.matches].flatMap(([address, match]) => (match.live === undefined ? [] : [[match.live.address, address] as const]))),
    read: renames.size === 0 ? new Map() : asRead([...given.live.documents.values()], [...live.documents.values()]),
  };
}

function asRead(read: readonly Document[], looked: readonly Document[]): ReadonlyMap<Document, Document> {
  return new Map(looked.flatMap((document, index) => (read[index] === undefined || read[index] === document ? [] : [[document, read[index]] as const])));
}

/** The declared type of an address; undefined where this version knows none. */
export function typeIn({ types }: Pick<PlanRequest, 'types'>, address: Address): ResourceType | undefined {
  return types.get(typeOf(address));
}

/** A field of a record that is there only where it has a value. */
export function optional<Name extends string, Of>(name: Name, value: Of | undefined): { readonly [Key in Name]?: Of } {
  return (value === undefined ? {} : { [name]: value }) as { readonly [Key in Name]?: Of };
}
