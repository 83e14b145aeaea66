import { parseAddress, typeOf } from './address.ts';
import { nearest } from './nearest.ts';
import { makePointer, type Pointer } from './pointer.ts';
import type { Policy } from './policy.ts';
import type { Problem } from './problem.ts';

/** What the configuration of one org says of types and addresses by name. Of `unreadReferrers`, a deletion that is held names what is meant. */
export interface NamingRules {
  readonly policy: Pick<Policy, 'protect' | 'mayBeEmpty'>;
  readonly ignore: Readonly<Record<string, unknown>>;
  readonly filters: { readonly types?: readonly string[] };
}

export interface KnownNames {
  readonly types: readonly string[];
  /** Other names of them, by which a filter may name them as well. */
  readonly aliases: readonly string[];
  /** Every address of a type, in the files and in the org; undefined where they are not all known. */
  readonly addressesOf: (type: string) => readonly string[] | undefined;
}

/** A problem, and where in the settings of the org it stands. */
export interface UnknownName {
  readonly pointer: Pointer;
  readonly problem: Problem;
}

/** Entries that name what is not there, each with the nearest name that is: a slip in `protect` protects nothing, one in a filter lets no export run. */
export function unknownNames({ policy, ignore, filters }: NamingRules, known: KnownNames): readonly UnknownName[] {
  const listed = (['protect', 'mayBeEmpty'] as const).flatMap((list) =>
    (policy[list] ?? []).flatMap((name, index) => {
      const lack = lackOf(name, known);
      return lack === undefined ? [] : [unknownName(name, { list, pointer: makePointer(['policy', list, index]), lack })];
    }),
  );
  const ignored = Object.keys(ignore).flatMap((name) => {
    const lack = known.types.includes(name) ? undefined : { what: 'type', near: nearest(name, known.types) };
    return lack === undefined ? [] : [unknownName(name, { list: 'ignore' as const, pointer: makePointer(['ignore', name]), lack })];
  });
  const spelt = [...known.types, ...known.aliases];
  const filtered = (filters.types ?? []).flatMap((name, index) => {
    const pointer = makePointer(['filters', 'types', index]);
    return spelt.includes(name) ? [] : [{ pointer, problem: unknownType(name, spelt) }];
  });
  return [...listed, ...ignored, ...filtered];
}

/** A type that was named, by whatever name, and that there is none of. */
export function unknownType(name: string, spelt: readonly string[]): Problem {
  const near = nearest(name, spelt);
  const hint = near === undefined ? 'write the name of a type, or another name of it: cordboard export --help shows some' : `did you mean "${near}"?`;
  return { code: 'UNKNOWN_TYPE', severity: 'error', message: `"${name}" is no type that this version knows`, hint };
}

/** What there is not, and what may be meant. */
interface Lack {
  readonly what: string;
  readonly near: string | undefined;
}

function lackOf(name: string, { types, addressesOf }: KnownNames): Lack | undefined {
  const type = name.includes('/') ? name.slice(0, name.indexOf('/')) : name;
  if (!types.includes(type)) {
    const near = nearest(type, types);
    return { what: 'type', near: near === undefined ? undefined : near + name.slice(type.length) };
  }
  if (type === name) return undefined;
  const address = parseAddress(name);
  const addresses = addressesOf(address === undefined ? type : typeOf(address));
  if (address !== undefined && (addresses === undefined || addresses.includes(address))) return undefined;
  return { what: address === undefined ? 'address' : 'object in the files or in the org', near: nearest(name, addresses ?? []) };
}

/** What an entry does not do as long as it names nothing. */
const EFFECT = { protect: 'protects nothing', mayBeEmpty: 'lets nothing be emptied', ignore: 'ignores nothing' } as const;

function unknownName(
  name: string,
  { list, pointer, lack }: { readonly list: keyof typeof EFFECT; readonly pointer: Pointer; readonly lack: Lack },
): UnknownName {
  const message = `"${name}" under "${list}" ${EFFECT[list]}: there is no such ${lack.what}`;
  const way = list === 'ignore' ? 'write the name of a type' : 'write the name of a type, or an address as a plan shows it';
  const hint = lack.near === undefined ? `${way}; or take the entry out` : `did you mean "${lack.near}"?`;
  return { pointer, problem: { code: 'POLICY_NAMES_NOTHING', severity: 'warning', message, hint } };
}
