import { ownIdField, refPaths, typeFacts } from './facts.ts';
import type { Json, JsonMap } from './json.ts';
import { isJsonList, stringsAt, valueAt } from './json.ts';

/** One stored object. Never changed in place: a write puts a new one in its stead. */
export interface Thing {
  readonly type: string;
  readonly id: string;
  /** Ids of its ancestors in the path, outermost first, joined by `/`; empty without a parent. */
  readonly scope: string;
  /** As GET answers it, without `id` and `selfUri`, references as `{ id }` alone. */
  readonly body: JsonMap;
  /** Sub-resources by name: lists of members and the like. An item's `id` counts as a use of that object. */
  readonly parts: Readonly<Record<string, Json>>;
  /** Ids that it uses without showing them in its body: what a flow's content names. */
  readonly uses: readonly string[];
  /** Softly deleted: no list shows it, its key is free, GET may still answer it. */
  readonly isDeleted: boolean;
}

export type Commit = { readonly action: 'create' | 'update' | 'delete'; readonly type: string; readonly id: string };

/** Told of every write, with the object as it is and as it was. */
export type OnCommit = (commit: Commit, thing: Thing, before: Thing | undefined) => void;

interface Table {
  readonly things: Map<string, Thing>;
  readonly keys: Map<string, Set<string>>;
  readonly names: Map<string, Set<string>>;
  /** Softly deleted objects by key. */
  readonly resting: Map<string, Set<string>>;
  /** What lists show instead of the truth until a moment: undefined shows nothing. */
  readonly ghosts: Map<string, { readonly until: number; readonly shown: Thing | undefined }>;
  version: number;
}

/** The objects of one org, with the indexes that make looks-ups by key, by name and by use fast. Knows no rule of the API but identity. */
export class Store {
  readonly #tables = new Map<string, Table>();
  /** id -> the objects that use it, as `type id` handles. */
  readonly #users = new Map<string, Map<string, Thing>>();
  readonly #children = new Map<string, Map<string, Thing>>();
  readonly #onCommit: OnCommit;

  constructor(onCommit: OnCommit) {
    this.#onCommit = onCommit;
  }

  /** Every object of a type, softly deleted ones included, oldest first. */
  every(type: string): Iterable<Thing> {
    return this.#table(type).things.values();
  }

  /** Living objects of a type, oldest first. */
  all(type: string): readonly Thing[] {
    return [...this.every(type)].filter((thing) => !thing.isDeleted);
  }

  types(): readonly string[] {
    return [...this.#tables.keys()].sort();
  }

  /** Goes up with every write to the type: what caches of lists compare. */
  version(type: string): number {
    return this.#table(type).version;
  }

  get(type: string, id: string, scope = ''): Thing | undefined {
    return this.#table(type).things.get(handle(type, id, scope));
  }

  /** Living objects with exactly this identity in this scope. */
  withKey(type: string, scope: string, key: string): readonly Thing[] {
    return this.#found(type, this.#table(type).keys.get(`${scope}\n${key}`));
  }

  /** Softly deleted objects that had exactly this identity. */
  restingWithKey(type: string, scope: string, key: string): readonly Thing[] {
    return this.#found(type, this.#table(type).resting.get(`${scope}\n${key}`));
  }

  /** Living objects whose first identity field equals the name, letter case ignored. */
  withName(type: string, name: string): readonly Thing[] {
    return this.#found(type, this.#table(type).names.get(name.toLowerCase()));
  }

  /** Living objects that refer to this id, by their body, parts or uses. */
  usersOf(id: string): readonly Thing[] {
    return [...(this.#users.get(id)?.values() ?? [])];
  }

  childrenOf(id: string): readonly Thing[] {
    return [...(this.#children.get(id)?.values() ?? [])];
  }

  insert(thing: Thing): Thing {
    this.#put(thing);
    this.#onCommit({ action: 'create', type: thing.type, id: thing.id }, thing, undefined);
    return thing;
  }

  replace(thing: Thing, change: Partial<Omit<Thing, 'type' | 'id' | 'scope'>>): Thing {
    const changed = { ...thing, ...change };
    this.#take(thing);
    this.#put(changed);
    const action = changed.isDeleted && !thing.isDeleted ? 'delete' : thing.isDeleted && !changed.isDeleted ? 'create' : 'update';
    this.#onCommit({ action, type: thing.type, id: thing.id }, changed, thing);
    return changed;
  }

  remove(thing: Thing): void {
    this.#take(thing);
    const table = this.#table(thing.type);
    table.things.delete(handle(thing.type, thing.id, thing.scope));
    table.version += 1;
    this.#onCommit({ action: 'delete', type: thing.type, id: thing.id }, thing, thing);
  }

  /** Lists go on showing `shown` (undefined: nothing) for this object until the moment has passed. */
  haunt(thing: Thing, shown: Thing | undefined, until: number): void {
    const table = this.#table(thing.type);
    const key = handle(thing.type, thing.id, thing.scope);
    const before = table.ghosts.get(key);
    table.ghosts.set(key, { until, shown: before === undefined ? shown : before.shown });
  }

  /** What a list shows now: living objects, but for those whose last write has not reached the lists yet. */
  listed(type: string, now: number): readonly Thing[] {
    const table = this.#table(type);
    for (const [key, ghost] of table.ghosts) if (ghost.until <= now) table.ghosts.delete(key);
    if (table.ghosts.size === 0) return [...table.things.values()];
    const shown = [...table.things].flatMap(([key, thing]) => {
      const ghost = table.ghosts.get(key);
      return ghost === undefined ? [thing] : ghost.shown === undefined ? [] : [ghost.shown];
    });
    const gone = [...table.ghosts].flatMap(([key, ghost]) => (table.things.has(key) || ghost.shown === undefined ? [] : [ghost.shown]));
    return [...shown, ...gone];
  }

  hasGhosts(type: string): boolean {
    return this.#table(type).ghosts.size > 0;
  }

  #table(type: string): Table {
    const known = this.#tables.get(type);
    if (known !== undefined) return known;
    const made: Table = { things: new Map(), keys: new Map(), names: new Map(), resting: new Map(), ghosts: new Map(), version: 0 };
    this.#tables.set(type, made);
    return made;
  }

  #found(type: string, handles: ReadonlySet<string> | undefined): readonly Thing[] {
    const { things } = this.#table(type);
    return [...(handles ?? [])].flatMap((key) => things.get(key) ?? []);
  }

  #put(thing: Thing): void {
    const table = this.#table(thing.type);
    const key = handle(thing.type, thing.id, thing.scope);
    table.things.set(key, thing);
    table.version += 1;
    addTo(thing.isDeleted ? table.resting : table.keys, `${thing.scope}\n${identityOf(thing.type, thing.body)}`, key);
    if (thing.isDeleted) return;
    addTo(table.names, nameOf(thing).toLowerCase(), key);
    for (const id of usedIds(thing)) put(this.#users, id, `${thing.type} ${key}`, thing);
    if (thing.scope !== '') put(this.#children, parentOf(thing), `${thing.type} ${key}`, thing);
  }

  #take(thing: Thing): void {
    const table = this.#table(thing.type);
    const key = handle(thing.type, thing.id, thing.scope);
    const now = table.things.get(key) ?? thing;
    takeFrom(now.isDeleted ? table.resting : table.keys, `${now.scope}\n${identityOf(now.type, now.body)}`, key);
    takeFrom(table.names, nameOf(now).toLowerCase(), key);
    for (const id of usedIds(now)) drop(this.#users, id, `${now.type} ${key}`);
    if (now.scope !== '') drop(this.#children, parentOf(now), `${now.type} ${key}`);
  }
}

/** The catalogue's identity of a body as one text; fields that are unset count as null. */
export function identityOf(type: string, body: JsonMap): string {
  return typeFacts(type)
    .identity.map((field) => JSON.stringify(valueAt(body, field) ?? null, (_key, value) => (typeof value === 'bigint' ? `${value}` : value)))
    .join(',');
}

/** The first identity field as text: what lists filter by and what messages call the object. */
export function nameOf(thing: Pick<Thing, 'type' | 'body' | 'id'>): string {
  const field = typeFacts(thing.type).identity[0] ?? 'name';
  const value = field === 'id' ? thing.id : (valueAt(thing.body, field) ?? thing.body['name']);
  return typeof value === 'string' ? value : '';
}

/** Every id that an object refers to: body, parts, uses. */
export function usedIds(thing: Thing): ReadonlySet<string> {
  const ids = new Set(thing.uses);
  for (const ref of refPaths(thing.type)) for (const id of stringsAt(thing.body, ref.steps)) ids.add(id);
  for (const part of Object.values(thing.parts)) if (isJsonList(part)) for (const id of stringsAt(part, ['[]', 'id'])) ids.add(id);
  return ids;
}

function parentOf(thing: Thing): string {
  return thing.scope.slice(thing.scope.lastIndexOf('/') + 1);
}

function handle(type: string, id: string, scope: string): string {
  return ownIdField(type) === undefined ? id : `${scope}/${id}`;
}

function addTo(index: Map<string, Set<string>>, key: string, value: string): void {
  const known = index.get(key);
  if (known === undefined) index.set(key, new Set([value]));
  else known.add(value);
}

function takeFrom(index: Map<string, Set<string>>, key: string, value: string): void {
  const known = index.get(key);
  known?.delete(value);
  if (known?.size === 0) index.delete(key);
}

function put(index: Map<string, Map<string, Thing>>, key: string, name: string, thing: Thing): void {
  const known = index.get(key);
  if (known === undefined) index.set(key, new Map([[name, thing]]));
  else known.set(name, thing);
}

function drop(index: Map<string, Map<string, Thing>>, key: string, name: string): void {
  const known = index.get(key);
  known?.delete(name);
  if (known?.size === 0) index.delete(key);
}
