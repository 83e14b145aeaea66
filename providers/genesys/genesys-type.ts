import type { Address } from '../../state/address.ts';
import type { Pattern } from '../../state/pointer.ts';
import type { AssetRule, ResourceType } from '../../state/resource-type.ts';
import type { Value, ValueMap } from '../../state/value.ts';
import type { QueryValue } from '../client/org-client.ts';
import type { TypeFacts } from './facts.ts';
import type { Shape } from './wire-shape.ts';

/** A call on a sub-resource. `{id}` in the path makes it one call for each item; otherwise `size` items go in one. */
export interface PartCall {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path?: '/bulk' | '/{id}';
  readonly query?: Readonly<Record<string, QueryValue>>;
  readonly size?: number;
}

/** A list of other resources that belongs to a resource and is read and written by calls of its own: the members of a queue. */
export interface ListPart {
  readonly kind: 'list';
  readonly at: Pattern;
  /** The catalogue's name of the sub-resource; its path and its models come from there. */
  readonly resource: string;
  readonly to: string;
  /** Under which name an item holds the reference; left out: the item is the reference. */
  readonly field?: string;
  /** What an item says beside the reference, and the value that it has when nothing is said. */
  readonly values?: Readonly<Record<string, Value | undefined>>;
  /** From where it is read: the row or object itself, where `expand` puts it there, or pages of its own. */
  readonly read:
    | { readonly from: 'row' }
    | { readonly from: 'pages'; readonly query?: Readonly<Record<string, QueryValue>>; readonly countAt?: readonly string[] };
  /** How it is written: all at once, or item by item. `change` is needed where items say something. */
  readonly write:
    | { readonly replace: PartCall; readonly more?: PartCall }
    | { readonly add: PartCall; readonly change?: PartCall; readonly remove: PartCall; readonly isChangedByAdd?: boolean };
}

/** Recordings in several languages, each a resource of its own with an uploaded file (prompts). */
interface RecordingsPart {
  readonly kind: 'recordings';
  readonly at: Pattern;
  readonly resource: string;
}

/** Content in a format of its own that is exported and published by jobs (flows). */
interface PublishedPart {
  readonly kind: 'published';
  readonly at: Pattern;
  readonly extension: string;
  /** The file's text and back; with the address, the file says as well what the key says, so that the vendor's own tools read it. */
  readonly print: (value: Value, address?: Address) => string;
  readonly parse: (text: string, file: string, address?: Address) => ReturnType<NonNullable<AssetRule['parse']>>;
}

/** One object of its own under a resource, read by GET and replaced whole by PUT under a version lock: the configuration of an integration. */
export interface ObjectPart {
  readonly kind: 'object';
  readonly at: Pattern;
  /** The catalogue's name of the sub-resource; its path, models and references come from there. */
  readonly resource: string;
  /** The resource's key field that this object holds as well, so that a rename is written here. */
  readonly keyField: string;
  /** The field of the version lock. */
  readonly version: string;
}

export type Part = ListPart | RecordingsPart | PublishedPart | ObjectPart;

/** A text that the object only says the address of. */
export interface TextRule {
  readonly at: Pattern;
  /** The field that holds the address; its last segment names the text under the sub-resource. */
  readonly from: Pattern;
  readonly resource: string;
}

/** A resource type of Genesys Cloud: what the core has to know, and beside it how the API is called. Pure data; the loops stand in reader and writer. */
export interface GenesysType extends ResourceType {
  readonly facts: TypeFacts;
  readonly shape: Shape;
  readonly parts: readonly Part[];
  /** Query of the list and of the single GET that makes their answers whole. */
  readonly query: Readonly<Record<string, QueryValue>>;
  readonly listQuery: Readonly<Record<string, QueryValue>>;
  /** Whether rows lack something that only a GET of each has; fields: a row is asked for that lacks one of them. */
  readonly isReadEach: boolean | readonly string[];
  readonly texts: readonly TextRule[];
  /** Rows that are the vendor's own and no configuration. */
  readonly isBuiltIn?: (row: ValueMap) => boolean;
  /** Key fields that the API spells in capitals and keys in small letters. */
  readonly lowerCaseKeys: readonly string[];
  /** The word under which the division's own call moves objects of this type, where PUT or PATCH does not. */
  readonly movedAs?: string;
  /** A field that an update sends in a request of its own. */
  readonly aloneInUpdate?: string;
  /** Where a deleted object can be brought back: the field and its two words. */
  readonly restorable?: { readonly field: string; readonly deleted: string; readonly live: string };
  /** Key fields that an update does not change although it sends them. */
  readonly fixedKeyFields: readonly string[];
  /** Values that stand for `unset` in a merging update, by field. */
  readonly cleared: ValueMap;
}

export function isGenesysType(type: ResourceType | undefined): type is GenesysType {
  return type !== undefined && 'facts' in type;
}
