import type { Answer, RawRequest, Refusal } from './exchange.ts';
import type { Permissions } from './facts.ts';
import type { Json, JsonMap } from './json.ts';
import type { Thing } from './store.ts';

/** A request on its way to a handler: its path matched, its caller known. */
export interface Call extends RawRequest {
  /** Path parameters, decoded, by the names in the route. */
  readonly params: Readonly<Record<string, string>>;
  /** Where the client reached us, `http://127.0.0.1:4000`: the start of upload and download addresses. */
  readonly origin: string;
  /** The body as JSON; refuses with 400 what is none. */
  readonly json: () => Json;
}

/** Names given with `expand`, and `includeX` for each `includeX=true`; `everything` where nothing is to be left out. */
export type Expand = ReadonlySet<string> | 'everything';

/** Who calls: the OAuth client behind the token; the org itself while it is seeded. */
export interface Caller {
  readonly id: string;
  readonly name: string;
}

/** What an object is made of when a handler inserts it; what is left out is made, empty, or the home division. */
export interface NewThing {
  readonly id?: string;
  readonly scope?: string;
  readonly parts?: Readonly<Record<string, Json>>;
  readonly uses?: readonly string[];
}

/** One org as a handler sees it. Every write is committed at once: a handler refuses first, then writes. */
export interface OrgContext {
  readonly id: string;
  readonly name: string;
  readonly settings: { readonly thirdPartyOrgName: string; readonly defaultCountryCode: string };
  readonly caller: Caller;
  /** Where the caller reached us; empty while the org is seeded. */
  readonly origin: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The same as the API spells it: `2026-11-22T10:00:00.000Z`. */
  readonly nowText: () => string;
  readonly newId: () => string;
  /** The org's own seeded chance, in [0, 1). */
  readonly chance: () => number;
  readonly homeDivisionId: string;
  /** Living objects of a type, oldest first. */
  readonly all: (type: string) => readonly Thing[];
  /** Every user, softly deleted ones included. */
  readonly everyUser: () => Iterable<Thing>;
  /** An object by id, softly deleted or not. */
  readonly byId: (type: string, id: string) => Thing | undefined;
  /** A child by its parent's id and its own, for types whose ids are keys of their own (a row). */
  readonly child: (type: string, parentId: string, id: string) => Thing | undefined;
  /** Living objects whose name (first identity field) is exactly this. */
  readonly byName: (type: string, name: string) => readonly Thing[];
  /** Living objects that refer to an id, by body, parts or uses. */
  readonly usersOf: (id: string) => readonly Thing[];
  /** Stores a new object as it is: server-owned fields (dates, version, state) and the home division are filled in, nothing is checked. */
  readonly insert: (type: string, body: JsonMap, more?: NewThing) => Thing;
  /** Puts a changed object in place of the old one; the version goes up and the date of change is set where the type has them. */
  readonly replace: (thing: Thing, change: { body?: JsonMap; parts?: Readonly<Record<string, Json>>; uses?: readonly string[]; isDeleted?: boolean }) => Thing;
  /** Changes parts alone: version and dates of the object stay. */
  readonly replaceParts: (thing: Thing, parts: Readonly<Record<string, Json>>) => Thing;
  /** Removes it, softly where the type's objects have a deleted state. */
  readonly remove: (thing: Thing) => void;
  /** As GET answers it: id, selfUri, names of references filled in. `expand` names the fields that are left out otherwise. */
  readonly present: (thing: Thing, expand?: Expand) => JsonMap;
  /** Keeps bytes by content; returns `sha256:<hex>`. Bytes named in a body or a part of an object are part of the org's hash. */
  readonly keepBytes: (bytes: Uint8Array) => string;
  readonly bytes: (hash: string) => Uint8Array | undefined;
  /** Named maps for what is no configuration: jobs, uploads under way. Saved with the state, no part of the org's hash. */
  readonly memory: (name: string) => Map<string, Json>;
  /** To be thrown: `throw org.refuse(404, 'architect.flow.not.found', '...')`. */
  readonly refuse: (status: number, code: string, message: string, more?: { params?: Readonly<Record<string, string>>; field?: string }) => Refusal;
  /** 403 with the code and the permission's name, unless the caller has it. */
  readonly need: (permissions: Permissions) => void;
}

type Handler = (call: Call, org: OrgContext) => Answer;

export interface Route {
  readonly handle: Handler;
  /** Left out: those of the catalogue's operation at the same place, if there is one. */
  readonly permissions?: Permissions;
}

/**
 * Behaviour that the catalogue's facts alone do not give. A route replaces the generic one at the same method and path.
 * Registered in `specials.ts`.
 */
export interface Special {
  readonly name: string;
  /** `POST /api/v2/flows/jobs/{jobId}` -> what it does. */
  readonly routes: Readonly<Record<string, Route>>;
  /** Signed addresses: reached without a token; the path names the org in `{orgId}`. */
  readonly signedRoutes?: Readonly<Record<string, Route>>;
  /** How `seed` makes objects of a type, where its POST is not the way in (a flow is published from its file). Returns the id. */
  readonly seeds?: Readonly<Record<string, (org: OrgContext, body: JsonMap, parts: Readonly<Record<string, unknown>>) => string>>;
  /** Fields that an answer of this type has beside its stored body; what was not expanded may be left out. */
  readonly show?: Readonly<Record<string, (thing: Thing, org: OrgContext, expand: Expand) => JsonMap>>;
  /** Checks of a type beyond its model; returns the body to store. `before` is the object that is changed; `body` has the shape that is read. */
  readonly admit?: Readonly<Record<string, (body: JsonMap, place: { readonly before: Thing | undefined; readonly scope: string }, org: OrgContext) => JsonMap>>;
  /** Refuses, by throwing, a delete that the generic in-use rule would let pass. */
  readonly release?: Readonly<Record<string, (thing: Thing, call: Call, org: OrgContext) => void>>;
  /** Parts that POST does not take, written the way their own calls would; for `seed`. Keyed `type.part`. */
  readonly seedParts?: Readonly<Record<string, (thing: Thing, value: unknown, org: OrgContext) => void>>;
}
