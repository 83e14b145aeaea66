import type { Address } from '../state/address.ts';
import type { Document } from '../state/document.ts';
import type { Report } from '../state/notice.ts';
import type { Referrers } from '../state/referrers.ts';
import type { TypeTable } from '../state/resource-type.ts';
import type { FileContent, LiveSnapshot } from '../state/snapshot.ts';
import type { World } from './world.ts';

/** Who an org says it is. Pinned in `cordboard.yaml`, so that another org behind the same name is refused. */
export interface OrgIdentity {
  readonly id: string;
  readonly name: string;
}

/** One live object, read whole (parts and assets included). */
export interface Live {
  readonly address: Address;
  readonly id: string;
  readonly document: Document;
  readonly files: ReadonlyMap<string, FileContent>;
  /** When it was made and by which client, where the type says so: what tells our own object from somebody else's. */
  readonly createdAt?: number;
  readonly createdBy?: string;
  /** The object as the platform gave it; only the platform that made it reads it. */
  readonly raw: unknown;
}

export interface OrgReader {
  identity(): Promise<OrgIdentity>;
  /**
   * Reads all of the named types, with the fewest requests. Never throws because one type cannot be read: that type is `none` or `part`
   * in the snapshot, with a problem that names the missing permission or the fault.
   */
  read(types: readonly string[], report: Report): Promise<LiveSnapshot>;
  /** The ids behind addresses of any type, declared or not, looked up by key; an absent one has an empty list, twins have several. What is read later calls them by these names. */
  locate(addresses: readonly Address[]): Promise<ReadonlyMap<Address, readonly string[]>>;
  /**
   * Who else refers to objects that are to go, by their ids: types that are not managed, looked through raw. Asked only where deletions are asked for;
   * left out where nobody else can refer to anything.
   */
  readonly referrers?: (going: ReadonlyMap<Address, string>) => Promise<Referrers>;
  /** Every object that lives under this key now (not from memory), each read whole. Soft-deleted ones do not live. */
  find(address: Address): Promise<readonly Live[]>;
  /** One object by its id, read whole now; undefined where it is gone or soft-deleted. */
  get(address: Address, id: string): Promise<Live | undefined>;
}

export interface OrgWriter extends OrgReader {
  /**
   * Creates the object itself, without its parts. Returns it as the answer shows it where the answer shows all that the type's documents hold
   * (then nothing has to be read back), else its id alone. Sends the one creating request once and never repeats it after an unclear
   * answer: that is `OrgFailure('unclear')`, and the reconciler settles it.
   */
  create(document: Document, files: FileSource): Promise<Live | string>;
  /**
   * Makes the live object equal to `document` (whole, deferred and ignored fields already merged in) with the fewest requests:
   * the object itself, its parts, its assets, each only where it differs. Returns the object as read back. A failure is of the whole: a
   * request that fails after another was carried out, and a read-back that fails, are `unclear`, whatever they were answered.
   */
  update(live: Live, document: Document, files: FileSource): Promise<Live>;
  /** Removes it; a thing that is gone already is success. */
  remove(live: Live): Promise<void>;
}

/** Bytes of an asset by `sha256:<hex>`; rejects with a problem where nobody has them. */
export type FileSource = (hash: string) => Promise<Uint8Array>;

/** Values of `{ $secret: NAME }`; undefined where it is not set. */
export type SecretSource = (name: string) => string | undefined;

export type FailureKind =
  /** The request was certainly not carried out, for a reason that a repetition does not change. */
  | 'refused'
  /** As `refused`, because the key is taken. */
  | 'exists'
  /** As `refused`, because the object changed meanwhile (version lock). */
  | 'conflict'
  /** As `refused`, because something else still uses it. */
  | 'in-use'
  /** As `refused`, because a permission is missing. */
  | 'forbidden'
  /** As `refused`, because the object is not there (any more). */
  | 'gone'
  /** It may have been carried out. Look before sending again. */
  | 'unclear';

/** What an org answered to one of our requests when it did not do it. The message holds no secret and no token. */
export class OrgFailure extends Error {
  readonly kind: FailureKind;
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly correlationId: string | undefined;
  /** For `forbidden`: the permissions that the platform says are missing, any or all of them. */
  readonly permissions: readonly string[];
  /** For `unclear`: it was sent more than once, and its last sending may still be carried out though an earlier one was. */
  readonly mayLandTwice: boolean;

  constructor(
    kind: FailureKind,
    message: string,
    facts: { status?: number; code?: string; correlationId?: string; permissions?: readonly string[]; mayLandTwice?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause: facts.cause });
    this.name = 'OrgFailure';
    this.kind = kind;
    this.status = facts.status;
    this.code = facts.code;
    this.correlationId = facts.correlationId;
    this.permissions = facts.permissions ?? [];
    this.mayLandTwice = facts.mayLandTwice ?? false;
  }
}

/** How to reach one org. Credentials come from the environment, never from a file that Git sees. */
export interface Connection {
  /** API, login and upload hosts, all under one base address for a practice org. */
  readonly api: string;
  readonly login: string;
  readonly apps: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** A vendor's API, as the rest of Cordboard sees it. */
export interface Platform {
  readonly name: string;
  readonly types: TypeTable;
  /** JSON Schema of a whole document of a type as it stands in a file, for editors. */
  documentSchema(type: string): object | undefined;
  /** A session that cannot write: the client under it refuses every request but reads and the reviewed few that reads need. */
  openReader(world: World, connection: Connection, report: Report): OrgReader;
  openWriter(world: World, connection: Connection, report: Report, secrets: SecretSource): OrgWriter;
}
