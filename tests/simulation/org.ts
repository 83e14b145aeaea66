import type { Address } from '../../state/address.ts';
import { canonicalJson } from '../../state/canonical.ts';
import { addressIn, type Json, type JsonMap, type Kind, kindOf } from './kinds.ts';

/** What a simulated life may do wrong. The last line of every run counts them by these names. */
export const WRONGS = ['lost', 'duplicated', 'foreign', 'dangling', 'rewrites', 'lies'] as const;
export type Wrong = (typeof WRONGS)[number];

export interface Finding {
  readonly wrong: Wrong;
  readonly what: string;
}

/** An object from a moment on. */
interface State {
  readonly at: number;
  readonly body: JsonMap;
  readonly version: number;
  /** Deleted, or soft-deleted. */
  readonly isGone: boolean;
}

export interface Thing {
  readonly id: string;
  readonly kind: Kind;
  readonly by: string;
  /** By the org's wall clock, and by its monotonic one. */
  readonly bornAt: number;
  readonly born: number;
  /** Latest last. */
  readonly states: State[];
  /** A plan has read it, so that changing it was shown to somebody. */
  isShown: boolean;
  /** What a person put somewhere and no plan has read yet: the value, and the number of the state that holds it. */
  readonly unseen: Map<string, { readonly value: Json | undefined; readonly state: number }>;
  /** Fields that its document leaves to others. */
  ignored: readonly string[];
  /** Values of secrets as they were last sent. */
  secrets: JsonMap;
}

/** A change that the org carried out for us: its own journal, against which reports are checked. */
export interface Commit {
  readonly kind: 'create' | 'update' | 'delete' | 'restore';
  readonly address: Address;
  readonly id: string;
  readonly at: number;
  /** Under which apply it was asked for. */
  readonly run: number;
}

/** The org's own refusal of a request. */
export class OrgError extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const US = 'our-client';
/** A list may hide what is younger; nobody can be blamed for not knowing it. */
const HIDDEN_FOR = 130_000;

/**
 * The state of a simulated org and its rules. Checks at every change, at the instant when it is made, what must never happen; what it finds
 * stays in `findings`. Knows nothing of HTTP or faults (`exchange.ts`).
 */
export class SimulatedOrg {
  readonly id = '00000000-0000-4000-8000-0000000000aa';
  readonly homeId: string;
  readonly findings: Finding[] = [];
  readonly commits: Commit[] = [];
  readonly things = new Map<string, Thing>();
  /** Ids that the plan at work deletes, with the deletion shown. */
  mayDelete: ReadonlySet<string> = new Set();
  /** Types of which the tree says that it holds a part: nothing of them is deleted. */
  partTypes: ReadonlySet<string> = new Set();
  /** The fields that the plan at work changes, by the id of what they are fields of, and those of the plan before it, whose requests may come late. */
  private mayChange: readonly ReadonlyMap<string, ReadonlySet<string>>[] = [];
  run = 0;
  /** So many of a type may be deleted in one run. */
  limit = 0;
  trace: ((line: string) => void) | undefined;
  private readonly ticks: () => number;
  private readonly wall: () => number;
  private made = 0;

  constructor(clock: { readonly ticks: () => number; readonly now: () => number }) {
    this.ticks = clock.ticks;
    this.wall = clock.now;
    this.homeId = this.plant('auth_division', { name: 'Home', description: 'Home division', homeDivision: true }, 'genesys').id;
  }

  // What lives.

  now(thing: Thing): State {
    return thing.states.at(-1) as State;
  }

  living(type?: string): Thing[] {
    return [...this.things.values()].filter((thing) => (type === undefined || thing.kind.type === type) && !this.now(thing).isGone);
  }

  under(address: Address): Thing[] {
    return this.living().filter((thing) => this.addressOf(thing) === address);
  }

  addressOf(thing: Thing): Address {
    return addressIn(thing.kind, this.now(thing).body);
  }

  /** What an id stands for, in words for a portrait. */
  nameOf = (type: string, id: string): string => {
    const thing = this.things.get(id);
    if (thing === undefined) return `nothing (${id})`;
    if (thing.kind.type !== type) return `a ${thing.kind.type} (${id})`;
    return this.now(thing).isGone ? `a deleted one (${id})` : this.addressOf(thing);
  };

  /** As a reader sees it who is shown the org as it was at `from`. */
  seen(thing: Thing, from: number): State | undefined {
    let at = thing.states.length - 1;
    while (at >= 0 && (thing.states[at] as State).at > from) at -= 1;
    return thing.states[at];
  }

  /** A plan reads it in this state: what a person had put there by then is shown. */
  show(thing: Thing, state: State): void {
    thing.isShown = true;
    if (thing.unseen.size === 0) return;
    const index = thing.states.indexOf(state);
    for (const [field, edit] of thing.unseen) if (edit.state <= index) thing.unseen.delete(field);
  }

  /** From now on what we change of these objects are these fields. */
  takeUp(fields: ReadonlyMap<string, ReadonlySet<string>>): void {
    this.mayChange = [fields, ...this.mayChange.slice(0, 1)];
  }

  // What others do.

  plant(type: string, body: JsonMap, by = 'somebody', secrets: JsonMap = {}): Thing {
    const kind = kindOf(type);
    const home: JsonMap = type === 'auth_division' || type === 'integration_credential' ? {} : { division: { id: this.homeId } };
    return this.make(kind, { ...kind.defaults, ...home, ...body }, by, secrets);
  }

  /** Fields of what was planted, once what they refer to is there too. */
  arrange(thing: Thing, fields: JsonMap): void {
    thing.states[0] = { ...(thing.states[0] as State), body: { ...this.now(thing).body, ...fields } };
  }

  touch(thing: Thing, field: string, value: Json): void {
    const { body } = this.now(thing);
    thing.unseen.set(field, { value, state: thing.states.length });
    this.tell(() => `SOMEBODY writes ${field} of ${this.addressOf(thing)}: ${JSON.stringify(value)}`);
    this.change(thing, { ...body, [field]: value });
  }

  removeByHand(thing: Thing): void {
    this.tell(() => `SOMEBODY deletes ${this.addressOf(thing)} ${thing.id}`);
    thing.states.push({ ...this.now(thing), at: this.ticks(), isGone: true });
  }

  // What we do. Each throws `OrgError` where the org refuses.

  create(kind: Kind, body: JsonMap, secrets: JsonMap): Thing {
    const whole = { ...kind.defaults, ...body };
    const address = addressIn(kind, whole);
    const holders = this.under(address);
    const kept = kind.isKept && [...this.things.values()].some((thing) => thing.kind === kind && addressIn(kind, this.now(thing).body) === address);
    if ((holders.length > 0 && kind.isUnique) || kept) throw new OrgError(409, 'general.duplicate', `${address} exists already`);
    this.refuseTakenNumbers(kind, whole, undefined);
    if (holders.some((thing) => thing.by === US || thing.born < this.ticks() - HIDDEN_FOR)) this.find('duplicated', `a second ${address} was created`);
    const thing = this.make(kind, whole, US, secrets);
    this.commit('create', thing);
    this.checkRefs(thing);
    return thing;
  }

  update(thing: Thing, body: JsonMap, version: number | undefined, secrets?: JsonMap): void {
    const { kind } = thing;
    const last = this.now(thing);
    if (version !== undefined && version !== last.version) throw new OrgError(409, 'general.conflict', 'the version does not match the current version');
    const address = addressIn(kind, body);
    const holders = this.under(address).filter((other) => other !== thing);
    if (holders.length > 0 && kind.isUnique) throw new OrgError(409, 'general.duplicate', `${address} exists already`);
    if (holders.some((other) => other.by === US || other.born < this.ticks() - HIDDEN_FOR)) this.find('duplicated', `a second ${address} came of a rename`);
    this.refuseTakenNumbers(kind, body, thing);
    this.checkTouch(thing, body);
    if (secrets !== undefined) thing.secrets = secrets;
    this.change(thing, body);
    this.commit('update', thing);
    this.checkRefs(thing);
  }

  remove(thing: Thing): void {
    const users = this.usersOf(thing);
    const spent = this.commits.filter(
      (commit) => commit.run === this.run && commit.kind === 'delete' && this.things.get(commit.id)?.kind === thing.kind,
    ).length;
    if (spent >= this.limit) this.find('lost', `more of ${thing.kind.type} were deleted in one run than the budget of ${this.limit}`);
    const address = this.addressOf(thing);
    if (users.length > 0 && thing.kind.isGuarded)
      throw new OrgError(409, 'in.use', `${address} is used by ${users.map((user) => this.addressOf(user)).join()}`);
    if (!thing.isShown || !this.mayDelete.has(thing.id))
      this.find(thing.by === US ? 'lost' : 'foreign', `${address} (${thing.id}) was deleted, and no plan said so`);
    if (this.partTypes.has(thing.kind.type)) this.find('lost', `${address} was deleted, though the tree holds only a part of its type`);
    for (const field of thing.unseen.keys()) this.find('foreign', `${address} was deleted with what a person had put into ${field}`);
    for (const user of users) this.find('dangling', `${this.addressOf(user)} refers to ${address}, which was deleted`);
    thing.states.push({ ...this.now(thing), at: this.ticks(), isGone: true, version: this.now(thing).version + 1 });
    this.commit('delete', thing, address);
  }

  /** Brings a kept one back. */
  restore(thing: Thing, body: JsonMap, version: number | undefined): void {
    const last = this.now(thing);
    if (version !== undefined && version !== last.version) throw new OrgError(409, 'general.conflict', 'the version does not match the current version');
    thing.states.push({ at: this.ticks(), body, version: last.version + 1, isGone: false });
    this.commit('restore', thing);
    this.checkRefs(thing);
  }

  usersOf(target: Thing): Thing[] {
    return this.living().filter((thing) => thing !== target && thing.kind.refs(this.now(thing).body).some(([, id]) => id === target.id));
  }

  find(wrong: Wrong, what: string): void {
    this.tell(() => `FOUND ${wrong}: ${what}`);
    this.findings.push({ wrong, what });
  }

  tell(line: () => string): void {
    this.trace?.(`${this.ticks().toFixed(0)} ${line()}`);
  }

  private refuseTakenNumbers(kind: Kind, body: JsonMap, self: Thing | undefined): void {
    if (kind.type !== 'architect_ivr') return;
    const numbers = new Set(numbersIn(body));
    const holder = this.living('architect_ivr').find((ivr) => ivr !== self && numbersIn(this.now(ivr).body).some((number) => numbers.has(number)));
    if (holder !== undefined) throw new OrgError(400, 'general.bad.request', `a number belongs to ${this.addressOf(holder)}`);
  }

  private checkTouch(thing: Thing, body: JsonMap): void {
    const { body: last } = this.now(thing);
    const name = this.addressOf(thing);
    if (thing.by !== US && !thing.isShown) this.find('foreign', `${name} (${thing.id}) of somebody else was changed unseen`);
    for (const field of thing.ignored)
      if (isOther(body[field], last[field])) this.find('foreign', `${field} of ${name}, which its document ignores, was changed`);
    for (const [field, { value }] of thing.unseen)
      if (isOther(body[field], value)) this.find('foreign', `what a person put into ${field} of ${name} was overwritten unseen`);
    if (!this.mayChange[0]?.has(thing.id)) return;
    const named = this.mayChange.flatMap((fields) => [...(fields.get(thing.id) ?? [])]);
    for (const field of new Set([...Object.keys(last), ...Object.keys(body)]))
      if (!named.includes(field) && isOther(asSet(body[field]), asSet(last[field])))
        this.find('lost', `${field} of ${name} was changed, and no step changes it`);
  }

  private checkRefs(thing: Thing): void {
    for (const [type, id] of thing.kind.refs(this.now(thing).body)) {
      const target = this.things.get(id);
      if (target === undefined || target.kind.type !== type || this.now(target).isGone)
        this.find('dangling', `${this.addressOf(thing)} was written with a ref to ${this.nameOf(type, id)}`);
    }
  }

  private make(kind: Kind, body: JsonMap, by: string, secrets: JsonMap): Thing {
    this.made += 1;
    const id = `${(0x10000000 + this.made).toString(16)}-1111-4111-8111-${(0x100000000000 + this.made * 7919).toString(16)}`;
    const thing: Thing = {
      id,
      kind,
      by,
      bornAt: this.wall(),
      born: this.ticks(),
      states: [{ at: this.ticks(), body, version: 1, isGone: false }],
      isShown: by === US,
      unseen: new Map(),
      ignored: [],
      secrets,
    };
    this.things.set(id, thing);
    this.tell(() => `MAKE ${this.addressOf(thing)} ${id} by ${by}`);
    return thing;
  }

  private change(thing: Thing, body: JsonMap): void {
    thing.states.push({ at: this.ticks(), body, version: this.now(thing).version + 1, isGone: false });
  }

  private commit(kind: Commit['kind'], thing: Thing, address = this.addressOf(thing)): void {
    this.tell(() => `COMMIT ${kind} ${address} ${thing.id} v${this.now(thing).version} ${JSON.stringify(this.now(thing).body)}`);
    this.commits.push({ kind, address, id: thing.id, at: this.ticks(), run: this.run });
  }
}

function numbersIn(body: JsonMap): string[] {
  return Array.isArray(body['dnis']) ? body['dnis'].map(String) : [];
}

/** A value whose lists come in one order, whatever order they came in. */
function asSet(value: Json | undefined): Json | undefined {
  if (Array.isArray(value)) return value.map((item: Json) => canonicalJson(item)).sort();
  return typeof value === 'object' && value !== null ? canonicalJson(value) : value;
}

/** Absent, null and the empty value of a field are the same to a person. */
function isOther(left: Json | undefined, right: Json | undefined): boolean {
  return JSON.stringify(left === '' ? null : (left ?? null)) !== JSON.stringify(right === '' ? null : (right ?? null));
}
