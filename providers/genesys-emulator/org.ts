import { createHash } from 'node:crypto';
import type { Chance } from './chance.ts';
import { guid, seededChance } from './chance.ts';
import { Refusal } from './exchange.ts';
import type { Permissions } from './facts.ts';
import { ownIdField, typeFacts } from './facts.ts';
import type { Json, JsonMap } from './json.ts';
import { isJsonMap, jsonText } from './json.ts';
import type { Moment } from './shape.ts';
import { bareReferences, bornBody, changedBody, decorate, isSoftDeleted, selfUri } from './shape.ts';
import type { Call, Caller, Expand, NewThing, OrgContext, Special } from './special.ts';
import type { Commit, Thing } from './store.ts';
import { nameOf, Store } from './store.ts';

/** An OAuth client of an org. Permissions as the API names them; `*` allows all, `routing:*` all of an area. */
export interface ClientSpec {
  readonly id: string;
  readonly secret: string;
  readonly name?: string;
  readonly permissions?: readonly string[];
  readonly accessTokenValiditySeconds?: number;
}

export interface OrgSpec {
  readonly name: string;
  readonly id?: string;
  readonly thirdPartyOrgName?: string;
  readonly homeDivision?: string;
  readonly defaultCountryCode?: string;
  readonly clients: readonly ClientSpec[];
}

export interface SavedOrg {
  readonly id: string;
  readonly chance: readonly number[];
  readonly things: readonly Thing[];
  readonly bytes: Readonly<Record<string, string>>;
  readonly memories: Readonly<Record<string, readonly (readonly [string, Json])[]>>;
}

export interface OrgSite {
  readonly seed: string;
  readonly now: () => number;
  readonly specials: readonly Special[];
  readonly onCommit: (org: Org, commit: Commit, thing: Thing, before: Thing | undefined) => void;
}

const HOME: Caller = { id: 'genesys', name: 'Genesys Cloud' };

/** One tenant: its objects, bytes and memories. Everything that happens to it goes through a context, which knows the caller. */
export class Org {
  readonly spec: OrgSpec;
  readonly id: string;
  readonly store: Store;
  readonly homeDivisionId: string;
  readonly #site: OrgSite;
  readonly #chance: Chance;
  readonly #bytes = new Map<string, Uint8Array>();
  readonly #memories = new Map<string, Map<string, Json>>();

  constructor(spec: OrgSpec, site: OrgSite, saved?: SavedOrg) {
    this.spec = spec;
    this.#site = site;
    this.#chance = seededChance(`${site.seed}/${spec.name}`, saved?.chance);
    this.id = saved?.id ?? spec.id ?? guid(this.#chance);
    this.store = new Store((commit, thing, before) => site.onCommit(this, commit, thing, before));
    if (saved !== undefined) this.#restore(saved);
    const home = this.store.all('auth_division').find((division) => division.body['homeDivision'] === true);
    this.homeDivisionId = home?.id ?? guid(this.#chance);
    if (home === undefined) this.#makeHome();
  }

  #makeHome(): void {
    const name = this.spec.homeDivision ?? 'Home';
    const body = { name, description: 'Home division', homeDivision: true };
    this.context(HOME).insert('auth_division', body, { id: this.homeDivisionId });
  }

  /** The org as one caller sees it. `permissions` left out: everything is allowed. */
  context(caller: Caller, permissions: readonly string[] = ['*'], origin = ''): OrgContext {
    const moment = () => this.#moment(caller);
    const { store } = this;
    return {
      id: this.id,
      name: this.spec.name,
      settings: { thirdPartyOrgName: this.spec.thirdPartyOrgName ?? this.spec.name, defaultCountryCode: this.spec.defaultCountryCode ?? 'US' },
      caller,
      origin,
      now: this.#site.now,
      nowText: () => moment().now,
      newId: () => guid(this.#chance),
      chance: this.#chance,
      homeDivisionId: this.homeDivisionId,
      all: (type) => store.all(type),
      everyUser: () => store.every('user'),
      byId: (type, id) => store.get(type, id),
      child: (type, parentId, id) => store.get(type, id, parentId),
      byName: (type, name) => store.withName(type, name).filter((thing) => nameOf(thing) === name),
      usersOf: (id) => store.usersOf(id),
      insert: (type, body, more) => store.insert(this.#newThing(type, body, more, moment())),
      replace: (thing, change) => {
        const body = changedBody(thing.type, thing.body, bareReferences(thing.type, change.body ?? thing.body), moment());
        return store.replace(thing, { ...change, body });
      },
      replaceParts: (thing, parts) => store.replace(thing, { parts }),
      remove: (thing) => this.remove(thing, caller),
      present: (thing, expand) => this.present(thing, expand ?? new Set(), caller, origin),
      keepBytes: (bytes) => this.keepBytes(bytes),
      bytes: (hash) => this.#bytes.get(hash),
      memory: (name) => this.#memory(name),
      refuse: (status, code, message, more) => new Refusal(status, code, message, more),
      need: (wanted) => demand(wanted, permissions),
    };
  }

  #moment(caller: Caller): Moment {
    return { now: new Date(this.#site.now()).toISOString(), clientId: caller.id, homeDivisionId: this.homeDivisionId };
  }

  #newThing(type: string, body: JsonMap, more: NewThing | undefined, moment: Moment): Thing {
    const own = ownIdField(type);
    const given = own === undefined ? undefined : body[own];
    const id = more?.id ?? (typeof given === 'string' ? given : guid(this.#chance));
    const stored = bornBody(type, bareReferences(type, body), moment);
    return { type, id, scope: more?.scope ?? '', body: stored, parts: more?.parts ?? {}, uses: more?.uses ?? [], isDeleted: false };
  }

  /** What the special behaviour of a type makes of a body before it is stored; throws `Refusal`. */
  admit(type: string, body: JsonMap, place: { readonly before: Thing | undefined; readonly scope: string }, context: OrgContext): JsonMap {
    return this.#site.specials.reduce((admitted, special) => special.admit?.[type]?.(admitted, place, context) ?? admitted, body);
  }

  release(thing: Thing, call: Call, context: OrgContext): void {
    for (const special of this.#site.specials) special.release?.[thing.type]?.(thing, call, context);
  }

  now(): number {
    return this.#site.now();
  }

  /** Removes an object, its children, and its entries in other objects' lists of members. */
  remove(thing: Thing, by: Caller = HOME): void {
    const moment = this.#moment(by);
    for (const child of this.store.childrenOf(thing.id)) this.remove(child, by);
    for (const user of this.store.usersOf(thing.id)) this.#dropFromParts(user, thing.id);
    if (isSoftDeleted(thing.type))
      this.store.replace(thing, { body: changedBody(thing.type, thing.body, { ...thing.body, state: 'deleted' }, moment), isDeleted: true });
    else this.store.remove(thing);
  }

  #dropFromParts(user: Thing, id: string): void {
    const holds = (part: Json) => Array.isArray(part) && part.some((item: Json) => isJsonMap(item) && item['id'] === id);
    if (!Object.values(user.parts).some(holds)) return;
    const without = (part: Json) => (Array.isArray(part) ? part.filter((item: Json) => !isJsonMap(item) || item['id'] !== id) : part);
    this.store.replace(user, { parts: Object.fromEntries(Object.entries(user.parts).map(([name, part]) => [name, without(part)])) });
  }

  present(thing: Thing, expand: Expand, caller: Caller, origin = ''): JsonMap {
    const facts = typeFacts(thing.type);
    const shows = this.#site.specials.flatMap((special) => special.show?.[thing.type] ?? []);
    const shown = decorate(thing.type, thing.body, (types, id) => this.#named(types, id));
    const more = shows.length === 0 ? {} : Object.assign({}, ...shows.map((show) => show(thing, this.context(caller, ['*'], origin), expand)));
    const { id: _id, selfUri: _selfUri, ...fields } = { ...shown, ...more };
    const whole: JsonMap = facts.model === null ? { ...shown, ...more } : { id: thing.id, ...fields, selfUri: selfUri(thing) };
    if (expand === 'everything') return whole;
    const hidden = expandable(facts.get.expand).filter((field) => !expand.has(field) && isHidden(thing.type, field));
    return hidden.length === 0 ? whole : Object.fromEntries(Object.entries(whole).filter(([name]) => !hidden.includes(name)));
  }

  #named(types: readonly string[], id: string): { name: string; selfUri: string } | undefined {
    for (const type of types) {
      const thing = this.store.get(type, id);
      if (thing !== undefined) return { name: nameOf(thing), selfUri: selfUri(thing) };
    }
    return undefined;
  }

  keepBytes(bytes: Uint8Array): string {
    const hash = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    if (!this.#bytes.has(hash)) this.#bytes.set(hash, bytes.slice());
    return hash;
  }

  #memory(name: string): Map<string, Json> {
    const known = this.#memories.get(name);
    if (known !== undefined) return known;
    const made = new Map<string, Json>();
    this.#memories.set(name, made);
    return made;
  }

  /** A hash of configuration and assets alone: same objects, same hash, in whatever order they were made. Tokens, jobs and memories are no part of it. */
  hash(): string {
    const digest = createHash('sha256');
    for (const type of this.store.types()) {
      const lines = [...this.store.every(type)].map((thing) =>
        jsonText([type, thing.scope, thing.id, thing.isDeleted, sorted(thing.body), sorted(thing.parts), thing.uses]),
      );
      for (const line of lines.sort()) digest.update(line).update('\n');
    }
    return `sha256:${digest.digest('hex')}`;
  }

  save(): SavedOrg {
    const bytes = [...this.#bytes].map(([hash, content]) => [hash, Buffer.from(content).toString('base64')]);
    const memories = [...this.#memories].map(([name, entries]) => [name, [...entries]]);
    const things = this.store.types().flatMap((type) => [...this.store.every(type)]);
    return { id: this.id, chance: this.#chance.state(), things, bytes: Object.fromEntries(bytes), memories: Object.fromEntries(memories) };
  }

  #restore(saved: SavedOrg): void {
    for (const thing of saved.things) this.store.insert(thing);
    for (const [hash, text] of Object.entries(saved.bytes)) this.#bytes.set(hash, Buffer.from(text, 'base64'));
    for (const [name, entries] of Object.entries(saved.memories)) this.#memories.set(name, new Map(entries));
  }
}

/** The catalogue says `string` where `expand` takes any name. */
function expandable(names: readonly string[] | string | undefined): readonly string[] {
  return typeof names === 'object' ? names : [];
}

/** Fields that are left out unless they are expanded: those the catalogue calls so, nothing else that `expand` could name. */
function isHidden(type: string, field: string): boolean {
  const { get, list } = typeFacts(type);
  return get.expandForFull?.includes(field) === true || list?.expandForFull?.includes(field) === true;
}

function sorted(value: Json | undefined): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isJsonMap(value)) return value ?? null;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

/** 403 as the API answers it, with the permission's name in the message and its parameters. */
function demand(wanted: Permissions, held: readonly string[]): void {
  const has = (permission: string) =>
    held.some((pattern) => pattern === '*' || pattern === permission || (pattern.endsWith(':*') && permission.startsWith(pattern.slice(0, -1))));
  const missing = (wanted.all ?? []).filter((permission) => !has(permission));
  if (missing.length > 0) throw forbidden('missing.permissions', missing, 'all of');
  if (wanted.any !== undefined && wanted.any.length > 0 && !wanted.any.some(has)) throw forbidden('missing.any.permissions', wanted.any, 'any of');
}

export function forbidden(code: string, permissions: readonly string[], which: string): Refusal {
  const names = permissions.join(', ');
  return new Refusal(403, code, `Unable to perform the requested action. You are missing ${which} the following permission(s): ${names}`, {
    params: { permissions: names },
  });
}
