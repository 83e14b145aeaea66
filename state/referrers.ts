import type { Address } from './address.ts';

/** What an org says of references beyond the declared types: of types that Cordboard does not manage, and of what was not read. */
export interface Referrers {
  /** By a type's name: the types that may refer to its objects, by the platform's own facts, managed here or not. */
  readonly types: ReadonlyMap<string, readonly string[]>;
  /** Of the types that are not managed here, those whose objects were all looked through for ids, or that hold none. */
  readonly read: ReadonlySet<string>;
  /** What was found there: by the address that is referred to, how people know what refers to it (`type "name"`). */
  readonly uses: ReadonlyMap<Address, readonly string[]>;
}
