import { readFileSync } from 'node:fs';

/** One call of the API, as the catalogue knows it. */
export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly returns?: string;
  readonly expand?: readonly string[];
  readonly query?: Readonly<Record<string, unknown>>;
  readonly permissions?: { readonly all?: readonly string[]; readonly any?: readonly string[] };
}

interface ListOperation extends Operation {
  readonly itemsAt: string;
  readonly maxPageSize?: number;
  readonly defaultPageSize?: number;
  readonly pagination: 'page' | 'cursor' | 'none';
  readonly paging?: {
    readonly param?: string;
    readonly bodyParam?: string;
    readonly first?: number;
    readonly sizeParam?: string;
    readonly next?: readonly string[];
  };
  /** What `expand` has to name for a row as whole as a single GET. */
  readonly expandForFull?: readonly string[];
  readonly filters?: Readonly<Record<string, unknown>>;
  readonly requiredQuery?: readonly string[];
  /** What a row lacks, in words. */
  readonly partial?: string;
}

export interface RefFact {
  readonly path: string;
  readonly to?: string;
  readonly oneOf?: readonly string[];
  readonly when?: string;
  readonly by?: string;
  readonly optional?: boolean;
  readonly in: 'read' | 'write' | 'both';
}

export interface SubResource {
  readonly name: string;
  readonly path: string;
  readonly returns?: string;
  readonly operations: readonly string[];
  readonly bodies?: Readonly<Record<string, string>>;
  readonly refs?: readonly Omit<RefFact, 'in'>[];
}

/** What the catalogue knows of one resource type; see the conventions in its `about`. */
export interface TypeFacts {
  readonly type: string;
  readonly model: string | null;
  readonly terraform: readonly string[];
  readonly singleton: boolean;
  readonly parent: string | null;
  readonly list: ListOperation | null;
  readonly get: Operation | null;
  readonly create: Operation | null;
  readonly update: Operation | null;
  readonly delete: Operation | null;
  readonly updateStyle?: 'replace' | 'merge';
  readonly identity: readonly string[];
  readonly identityEnforcedBy: Readonly<Record<string, readonly string[]>> | null;
  readonly versioned: boolean;
  readonly versionPath?: string;
  readonly immutable?: boolean;
  readonly readOnlyFields: readonly string[];
  readonly serverSetFields?: readonly string[];
  readonly createOnlyFields?: readonly string[];
  readonly requiredOnCreate?: readonly string[];
  readonly refs: readonly RefFact[];
  readonly subResources: readonly SubResource[];
  readonly secretFields: readonly string[];
}

/** A model's JSON Schema, as far as it is used here. */
export interface Model {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly readOnly?: boolean;
  readonly properties?: Readonly<Record<string, Model>>;
  readonly items?: Model;
  readonly uniqueItems?: boolean;
  readonly additionalProperties?: boolean | Model;
  readonly required?: readonly string[];
}

// Read as files: `import ... with { type: 'json' }` prints a warning on Node 20. They are constants of the program, so once and at once is right.
const load = (name: string): unknown => JSON.parse(readFileSync(new URL(`../genesys-facts/${name}.json`, import.meta.url), 'utf8'));
const catalog = load('catalog') as { readonly resources: readonly TypeFacts[] };
const models = load('models') as { readonly $defs: Readonly<Record<string, Model>> };
const byType = new Map(catalog.resources.map((facts) => [facts.type, facts]));

/** Facts of any type of the catalogue, declared here or not; undefined for a word that is no type. */
export function findFacts(type: string): TypeFacts | undefined {
  return byType.get(type);
}

/** Facts of every type of the catalogue. */
export function allFacts(): readonly TypeFacts[] {
  return catalog.resources;
}

/** Facts of a type that the program itself names; an unknown one is a bug. */
export function factsOf(type: string): TypeFacts {
  const facts = byType.get(type);
  if (facts === undefined) throw new Error(`the catalogue has no type "${type}"`);
  return facts;
}

/** The model behind a name or behind `$ref`s; undefined for words like `object` that no model stands behind. */
export function modelOf(at: string | Model | undefined): Model | undefined {
  let model = typeof at === 'string' ? models.$defs[at] : at;
  while (model?.$ref !== undefined) model = models.$defs[model.$ref.slice('#/$defs/'.length)];
  return model;
}

/** `a.b[].c{}` of the catalogue as `/a/b/<item>/c/<item>`, where an item is written `*`. */
export function toPattern(path: string): string {
  return `/${path
    .replace(/\[\]|\{\}/g, '.*')
    .split('.')
    .join('/')}`.replace(/\/\//g, '/');
}

/** The permissions that an operation asks for, as a sentence part: `a and b`, `a or b`; undefined where the API declares none. */
export function permissionsOf(operation: Operation | null): string | undefined {
  const { all, any } = operation?.permissions ?? {};
  const words = all !== undefined && all.length > 0 ? all.join(' and ') : any?.join(' or ');
  return words === undefined || words === '' ? undefined : words;
}
