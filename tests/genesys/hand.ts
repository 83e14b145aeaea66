import { factsOf, findFacts, toPattern } from '../../providers/genesys/facts.ts';
import { ownKeyFields } from '../../providers/genesys/natural-key.ts';
import type { EmulatorCore } from '../../providers/genesys-emulator/index.ts';
import { type Address, makeAddress, typeOf } from '../../state/address.ts';
import { setAt } from '../../state/pointer.ts';
import { asDirective, isList, isMap, sameValue, unescapeLiteral, type Value, type ValueMap } from '../../state/value.ts';
import { groupBy } from './drift-lines.ts';
import type { HandEdit, Path, Targets } from './hand-edits.ts';

type Json = null | boolean | number | bigint | string | readonly Json[] | { readonly [key: string]: Json | undefined };
type JsonMap = { readonly [key: string]: Json | undefined };

/** Carries hand edits out in one org of an emulator, in the org's own spelling of objects, and takes them back. */
export class Hand {
  readonly core: EmulatorCore;
  readonly org: string;
  /** The id of every address that an edit may touch or point at. */
  readonly ids: Map<Address, string>;

  constructor(core: EmulatorCore, org: string, ids: Map<Address, string>) {
    this.core = core;
    this.org = org;
    this.ids = ids;
  }

  /** The stored object behind an address. */
  thing(address: Address) {
    const { store } = this.core.org(this.org);
    const id = this.ids.get(address) ?? '';
    const slash = factsOf(typeOf(address)).parent === null ? -1 : id.indexOf('/');
    const [scope, own] = slash < 0 ? ['', id] : [id.slice(0, slash), id.slice(slash + 1)];
    const found = store.get(typeOf(address), own, scope) ?? (factsOf(typeOf(address)).singleton ? store.get(typeOf(address), 'only') : undefined);
    if (found === undefined) throw new Error(`the org has no ${address}`);
    return found;
  }

  /** Makes the edits and returns what takes them back. */
  make(edits: readonly HandEdit[]): () => void {
    const undo = this.remember(edits.map(({ address }) => address));
    for (const edit of edits) this.#carryOut(edit);
    return undo;
  }

  /** What puts these objects back as they are now, versions and dates included. */
  remember(addresses: readonly Address[]): () => void {
    const { store } = this.core.org(this.org);
    const before = new Map(addresses.map((address) => [address, this.thing(address)]));
    return () => {
      for (const [address, thing] of before) store.replace(this.thing(address), { body: thing.body, parts: thing.parts, uses: thing.uses });
    };
  }

  #carryOut(edit: HandEdit): void {
    const thing = this.thing(edit.address);
    const [top = '', ...rest] = storedPath(thing.type, edit.path).map((segment) => this.#segment(String(segment)));
    const part = PARTS[`${thing.type}/${top}`];
    const context = this.core.context(this.org);
    const value = this.#raw(edit);
    if (part === undefined) {
      context.replace(thing, { body: changedAt(thing.body as Json, [top, ...rest], this.#spot(thing.body as Json, edit), value) as never });
      return;
    }
    const items = (thing.parts[part.name] ?? []) as readonly JsonMap[];
    const key = this.#itemKey(edit, part);
    const [, ...inside] = rest;
    const isItem = inside.length === 0;
    const changed =
      isItem && edit.kind === 'remove item'
        ? items.filter((item) => item[part.key] !== key)
        : isItem && edit.kind === 'add item'
          ? [...items, this.#newItem(edit, part)]
          : items.map((item) => (item[part.key] === key ? withField(item, inside, value) : item));
    context.replaceParts(thing, { ...thing.parts, [part.name]: changed } as never);
  }

  /** A key that is a reference is an id in the org. */
  #segment(segment: string): string {
    const address = /^\$\{ref:(.*)\}$/.exec(segment)?.[1];
    if (address !== undefined) return this.ids.get(address as Address) ?? segment;
    return segment.replace(/^\$(?=\$+(?:ref|secret|var|file|external)$)/, '');
  }

  /** Which item of a part an edit is about, as the org tells items apart. */
  #itemKey(edit: HandEdit, part: PartSpelling): Json | undefined {
    const identity = keyOfItem(edit);
    return part.isRef ? this.ids.get(identity as Address) : identity;
  }

  #newItem(edit: HandEdit, part: PartSpelling): JsonMap {
    const to = edit.to as ValueMap;
    if (!part.isRef) return { ...to, uploadStatus: 'created' } as unknown as JsonMap;
    const told = asDirective(to) ?? asDirective(Object.values(to).find((value) => asDirective(value) !== undefined));
    const values = Object.fromEntries(Object.entries(asDirective(to) === undefined ? to : {}).filter(([, value]) => asDirective(value) === undefined));
    return { id: this.ids.get(told?.value as Address) ?? '', ...part.born, ...(values as JsonMap) };
  }

  /** The value as the org spells it; undefined takes the field out. */
  #raw(edit: HandEdit): Json | undefined {
    if (edit.kind === 'audio') {
      const bytes = new TextEncoder().encode(`RIFF....WAVE by hand ${edit.address} ${edit.path.join('/')}`);
      return edit.to === undefined ? undefined : this.core.context(this.org).keepBytes(bytes);
    }
    return edit.to === undefined ? undefined : this.#spelled(edit.to, edit.address, edit.path);
  }

  #spelled(value: Value, address: Address, path: Path): Json {
    const told = asDirective(value);
    if (told !== undefined) {
      const id = this.ids.get(told.value as Address);
      if (id === undefined) throw new Error(`no id is known for ${told.value}`);
      return isObjectRef(typeOf(address), path) ? { id, ...kindWord(typeOf(address), path, told.value as Address) } : id;
    }
    if (isList(value)) return value.map((item, index) => this.#spelled(item, address, [...path, index]));
    if (typeof value === 'string') return unescapeLiteral(value.replace(/(?<!\$)\$\{ref:([^{}]*)\}/g, (_, to: Address) => this.ids.get(to) ?? to)) as Json;
    if (!isMap(value)) return value as Json;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.#spelled(item, address, [...path, key])]));
  }

  /** Index in the org's own list of each item on the way: the org keeps sets in an order of its own. */
  #spot(body: Json, { path, from, kind, address }: HandEdit): number | undefined {
    if (kind !== 'remove item' || from === undefined) return undefined;
    const list = valueAt(body, storedPath(typeOf(address), path).slice(0, -1).map(String));
    const wanted = this.#spelled(from, address, path);
    const idOf = (item: Json | undefined) => (typeof item === 'object' && item !== null && !Array.isArray(item) ? ((item as JsonMap)['id'] ?? item) : item);
    const isIt = (item: Json) => sameValue(idOf(item) as Value, idOf(wanted) as Value);
    const found = Array.isArray(list) ? list.findIndex(isIt) : -1;
    return found < 0 ? undefined : found;
  }
}

/** The org keeps an integration's configuration one step deeper than its documents do. */
function storedPath(type: string, path: Path): Path {
  return type === 'integration' && path[0] === 'config' ? ['config', 'current', ...path.slice(1)] : path;
}

interface PartSpelling {
  readonly name: string;
  readonly key: string;
  readonly isRef: boolean;
  readonly born?: JsonMap;
}

/** Where the emulator keeps what other calls write, and how items are told apart there. */
const PARTS: Readonly<Record<string, PartSpelling>> = {
  'routing_queue/members': { name: 'members', key: 'id', isRef: true, born: { ringNumber: 1, joined: true } },
  'routing_queue/wrapupCodes': { name: 'wrapupcodes', key: 'id', isRef: true },
  'user/skills': { name: 'routingskills', key: 'id', isRef: true },
  'user/languages': { name: 'routinglanguages', key: 'id', isRef: true },
  'architect_user_prompt/resources': { name: 'resources', key: 'language', isRef: false },
};

/** The identity in an expected change: the second segment of its pointer, or the value itself. */
function keyOfItem({ expected }: HandEdit): string {
  const segments = expected.at
    .slice(1)
    .split('/')
    .map((segment) => segment.replace(/~1/g, '/').replace(/~0/g, '~'));
  return segments[1] ?? '';
}

function withField(item: JsonMap, path: readonly string[], value: Json | undefined): JsonMap {
  const [name = ''] = path;
  if (name === 'audio') {
    const { audio: _audio, uploadStatus: _status, ...others } = item;
    return value === undefined ? { ...others, uploadStatus: 'created' } : { ...others, audio: value, uploadStatus: 'transcoded' };
  }
  return changedAt(item as Json, path, undefined, value) as JsonMap;
}

function valueAt(body: Json | undefined, path: readonly string[]): Json | undefined {
  let at: Json | undefined = body;
  for (const step of path) at = Array.isArray(at) ? at[Number(step)] : typeof at === 'object' && at !== null ? (at as JsonMap)[step] : undefined;
  return at;
}

/** The object with one value changed; `spot` is the index in the last list where that is another than the path's. */
function changedAt(at: Json | undefined, path: readonly string[], spot: number | undefined, value: Json | undefined): Json | undefined {
  const [head, ...rest] = path;
  if (head === undefined) return value;
  if (Array.isArray(at) || (at === undefined && /^\d+$/.test(head))) {
    const list: readonly Json[] = Array.isArray(at) ? at : [];
    const index = rest.length === 0 && spot !== undefined ? spot : Number(head);
    const next = changedAt(list[index], rest, spot, value);
    if (next === undefined) return list.filter((_, place) => place !== index);
    return index < list.length ? list.map((item, place) => (place === index ? next : item)) : [...list, next];
  }
  const map = (typeof at === 'object' && at !== null ? at : {}) as JsonMap;
  const { [head]: before, ...others } = map;
  const next = changedAt(before, rest, spot, value);
  return next === undefined ? others : { ...others, [head]: next };
}

/** Whether the org holds a reference as `{ id }`, by the catalogue: `queueFlow.id`, `bullseye.rings[].memberGroups[].id`. */
function isObjectRef(type: string, path: Path): boolean {
  return refFact(type, path)?.path.endsWith('.id') === true;
}

function refFact(type: string, path: Path) {
  const spelled = (fact: string) => fact.replace(/\.id$/, '').replace(/\[\]/g, '.#').replace(/\{\}/g, '.#').split('.');
  return findFacts(type)?.refs.find((fact) => {
    const steps = spelled(fact.path);
    const at = storedPath(type, path);
    return steps.length === at.length && steps.every((step, index) => step === '#' || step === at[index]);
  });
}

/** The word that the org keeps beside an id where it may be of several types. */
function kindWord(type: string, path: Path, to: Address): JsonMap {
  const fact = refFact(type, path);
  const [field, words] = fact?.when?.split(':') ?? [];
  const all = words?.split('|').map((word) => word.trim()) ?? [];
  const index = (fact?.oneOf ?? []).indexOf(typeOf(to));
  const name = field?.split('.').at(-1)?.replace('[]', '');
  return name === undefined || all[index] === undefined || all.length < 2 ? {} : { [name]: all[index] };
}

/** What references can point at: what the hand knows, else new objects of types that are not read. */
export function targetsIn(hand: Hand, isRead: (type: string) => boolean): Targets {
  const byType = groupBy([...hand.ids.keys()], typeOf);
  return (types, not) => {
    for (const type of types) {
      const known = byType.get(type) ?? [];
      if (known.length < 2 && !isRead(type)) byType.set(type, [...known, ...bystanders(hand, type)]);
      const all = byType.get(type) ?? [];
      const next = all[(all.indexOf(not as Address) + 1) % all.length];
      if (next !== undefined && next !== not) return next;
    }
    return undefined;
  };
}

/** Three objects that only have to be there. */
function bystanders({ core, org, ids }: Hand, type: string): readonly Address[] {
  const { parent, singleton } = factsOf(type);
  const identity = ownKeyFields(factsOf(type));
  if (parent !== null || singleton || identity.length === 0) return [];
  return ['One', 'Two', 'Three'].map((name) => {
    const parts = identity.map((field, index) => (index === 0 ? name : field === 'type' ? 'inboundcall' : `${field} x`));
    const spelled = (field: string, index: number) => (field === 'type' ? parts[index]!.toUpperCase() : parts[index]!);
    const fields = identity.reduce<ValueMap>((body, field, index) => setAt(body, toPattern(field), spelled(field, index)), {}) as Record<string, never>;
    const address = makeAddress(type, parts);
    ids.set(address, core.context(org).insert(type, fields).id);
    return address;
  });
}
