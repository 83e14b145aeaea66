import { readFileSync } from 'node:fs';
import { pathSteps } from './json.ts';

/** The catalogue and the models as they lie in `providers/genesys-facts`, typed as far as the emulator reads them. */
export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly body?: string | null;
  readonly returns?: string | null;
  readonly status?: readonly (number | string)[];
  readonly permissions?: Permissions;
  readonly expand?: readonly string[] | string;
  readonly expandForFull?: readonly string[];
  readonly query?: Readonly<Record<string, unknown>>;
}

export interface Permissions {
  readonly all?: readonly string[];
  readonly any?: readonly string[];
}

export interface ListOperation extends Operation {
  readonly itemsAt: string;
  readonly itemModel: string;
  readonly itemsSameModel: boolean | null;
  readonly pagination: 'page' | 'cursor' | 'none';
  readonly paging?: {
    readonly param?: string;
    readonly bodyParam?: string;
    readonly next?: readonly string[];
    readonly sizeParam?: string;
    readonly size?: string;
  } | null;
  readonly defaultPageSize?: number;
  readonly maxPageSize?: number;
  readonly terraformPageSize?: number;
  readonly expandParam?: string;
  readonly requiredQuery?: readonly string[];
  readonly filters?: Readonly<Record<string, unknown>>;
  readonly partial?: string;
}

interface Reference {
  readonly path: string;
  readonly to?: string;
  readonly oneOf?: readonly string[];
  readonly by?: string;
  readonly in: 'read' | 'write' | 'both';
  readonly optional: boolean;
}

export interface SubResource {
  readonly name: string;
  readonly path: string;
  readonly documented: boolean;
  readonly operations?: readonly string[];
  readonly returns?: string;
  readonly bodies?: Readonly<Record<string, string>>;
  readonly refs?: readonly { readonly path: string; readonly to?: string }[];
}

export type ErrorCodes = Readonly<Record<string, readonly string[]>>;

export interface TypeFacts {
  readonly type: string;
  readonly model: string | null;
  readonly singleton: boolean;
  readonly parent: string | null;
  readonly parentKind?: string;
  readonly list: ListOperation | null;
  readonly get: Operation;
  readonly create: Operation | null;
  readonly update: Operation | null;
  readonly delete: Operation | null;
  readonly identity: readonly string[];
  readonly identityEnforcedBy: ErrorCodes | null;
  readonly versioned: boolean;
  readonly versionPath?: string;
  readonly versionRequiredBySchema?: boolean;
  readonly versionConflict?: { readonly status: number; readonly codes: readonly string[] };
  readonly updateStyle?: 'replace' | 'merge';
  readonly readOnlyFields: readonly string[];
  readonly serverSetFields?: readonly string[];
  readonly createOnlyFields?: readonly string[];
  readonly requiredOnCreate?: readonly string[];
  readonly secretFields: readonly string[];
  readonly refs: readonly Reference[];
  readonly subResources: readonly SubResource[];
  readonly errorCodes?: { readonly create?: ErrorCodes; readonly update?: ErrorCodes; readonly delete?: ErrorCodes };
}

export interface Model {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Model>>;
  readonly required?: readonly string[];
  readonly items?: Model;
  readonly additionalProperties?: Model | boolean;
  readonly enum?: readonly unknown[];
  readonly $ref?: string;
  readonly readOnly?: boolean;
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly 'x-ref'?: string | readonly string[];
}

function readFacts<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../genesys-facts/${name}`, import.meta.url), 'utf8')) as T;
}

const catalog = readFacts<{ readonly resources: readonly TypeFacts[]; readonly builtins: readonly string[] }>('catalog.json');
const models = readFacts<{ readonly $defs: Readonly<Record<string, Model>> }>('models.json');

export const TYPES: ReadonlyMap<string, TypeFacts> = new Map(catalog.resources.map((facts) => [facts.type, facts]));

/** Throws on a name that the catalogue does not have: a mistake of the caller, not of a client. */
export function typeFacts(type: string): TypeFacts {
  const facts = TYPES.get(type);
  if (facts === undefined) throw new Error(`the catalogue has no type "${type}"`);
  return facts;
}

/** A model by name; undefined for `object`, `Empty` and lists (`[string]`), which have no definition. */
export function modelNamed(name: string | null | undefined): Model | undefined {
  return name === null || name === undefined ? undefined : models.$defs[name];
}

/** Follows `$ref`s; what stands beside a `$ref` (readOnly, x-ref) is the caller's to read first. */
export function resolveModel(model: Model): Model {
  return model.$ref === undefined ? model : (models.$defs[model.$ref.slice('#/$defs/'.length)] ?? {});
}

export interface RefPath {
  readonly steps: readonly string[];
  readonly path: string;
  readonly to: readonly string[];
}

const readRefs = new Map<string, readonly RefPath[]>();

/** References that stand in an object as it is stored and read. Those by number (`dnis`) are not ids and are left out. */
export function refPaths(type: string): readonly RefPath[] {
  const known = readRefs.get(type);
  if (known !== undefined) return known;
  const facts = TYPES.get(type);
  const paths = (facts?.refs ?? [])
    .filter((ref) => ref.by === undefined && !(ref.path.endsWith('{}') && ref.to !== undefined))
    .map((ref) => ({ steps: pathSteps(ref.path), path: ref.path, to: ref.oneOf ?? (ref.to === undefined ? [] : [ref.to]) }));
  readRefs.set(type, paths);
  return paths;
}

/**
 * Types whose id in the path is a field that the client chose, not an id of the server: a row's key, a language code, a domain.
 * Everywhere else the server makes a v4 id.
 */
const OWN_ID_FIELD: Readonly<Record<string, string>> = {
  architect_datatable_row: 'key',
  architect_grammar_language: 'language',
  routing_email_domain: 'id',
  routing_email_outbound_domain: 'id',
};

export function ownIdField(type: string): string | undefined {
  return OWN_ID_FIELD[type];
}
