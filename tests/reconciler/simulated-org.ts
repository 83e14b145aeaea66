import { type Live, OrgFailure, type OrgWriter } from '../../providers/contract.ts';
import type { World } from '../../providers/world.ts';
import { type Address, typeOf } from '../../state/address.ts';
import { canonicalJson } from '../../state/canonical.ts';
import { normalise } from '../../state/diff.ts';
import type { Document } from '../../state/document.ts';
import { asDirective, isList, isMap, makeMap, type Value, type ValueMap } from '../../state/value.ts';
import { habitsOf } from './toy-types.ts';

// Long because it is one org: its state, its clock and its faults are read by each of its calls.
/** One object as it was from a moment on. `undefined` body: it did not live. */
interface State {
  readonly at: number;
  readonly address: Address;
  readonly body: ValueMap;
  readonly version: number;
}

export interface SimulatedObject {
  readonly id: string;
  readonly createdBy: string;
  readonly createdAt: number;
  /** Latest last. */
  readonly states: State[];
  /** Seen by a plan, so that changing it was shown. */
  isShown: boolean;
  /** Values that a person put somewhere after the last plan, by field. */
  readonly unseen: Map<string, Value>;
  /** Secrets as they were last sent. */
  secrets: ValueMap;
  /** When it was deleted. */
  goneAt?: number;
}

export interface Faults {
  /** Share of writes whose answer is lost before they are carried out. */
  readonly lostBefore: number;
  /** ... after they were carried out. */
  readonly lostAfter: number;
  /** ... and that are carried out only later, up to `late` milliseconds. */
  readonly lateCommit: number;
  readonly late: number;
  /** Share of reads that fail. */
  readonly failedRead: number;
  /** Share of reads that show the org as it was up to `lag` milliseconds ago. */
  readonly laggingRead: number;
  readonly lag: number;
  /** Share of writes that the org refuses. */
  readonly refused: number;
}

export const NO_FAULTS: Faults = { lostBefore: 0, lostAfter: 0, lateCommit: 0, late: 0, failedRead: 0, laggingRead: 0, lag: 0, refused: 0 };

interface Pending {
  readonly due: number;
  readonly order: number;
  readonly carryOut: () => void;
}

export const US = 'our-client';

/**
 * An org that misbehaves as real ones do: answers get lost before or after, requests are carried out late, lists and objects are shown as they
 * were a while ago. Checks at every change what must never happen, and keeps what it saw as `violations`.
 */
export class SimulatedOrg {
  readonly objects = new Map<string, SimulatedObject>();
  readonly violations: string[] = [];
  /** Every change that was carried out for us, in order. */
  readonly commits: { readonly kind: 'create' | 'update' | 'delete'; readonly address: Address; readonly id: string; readonly at: number }[] = [];
  requests = 0;
  faults: Faults = NO_FAULTS;
  counts = { faults: 0 };
  /** Told of everything that happens, for looking at one seed. */
  onEvent: ((line: string) => void) | undefined;
  private readonly ticks: () => number;
  private readonly wall: () => number;
  private readonly chance: () => number;
  private pending: Pending[] = [];
  private order = 0;

  constructor(clock: { ticks: () => number; now: () => number }, chance: () => number) {
    this.ticks = clock.ticks;
    this.wall = clock.now;
    this.chance = chance;
  }

  /** Carries out what is due by now. */
  advance(): void {
    const now = this.ticks();
    for (;;) {
      const due = this.pending.filter((one) => one.due <= now).sort((left, right) => left.due - right.due || left.order - right.order)[0];
      if (due === undefined) return;
      this.pending = this.pending.filter((one) => one !== due);
      due.carryOut();
    }
  }

  /** All that lives, whatever a list would show. */
  live(): SimulatedObject[] {
    this.advance();
    return [...this.objects.values()].filter((object) => object.goneAt === undefined);
  }

  under(address: Address): SimulatedObject[] {
    return this.live().filter((object) => bodyOf(object).address === address);
  }

  /** Somebody else makes an object. */
  plant(address: Address, body: ValueMap, by = 'somebody'): SimulatedObject {
    return this.make(address, body, by, makeMap([]));
  }

  /** Somebody else changes a field. */
  touch(object: SimulatedObject, field: string, value: Value): void {
    const last = bodyOf(object);
    object.unseen.set(field, value);
    this.trace(`HUMAN ${last.address} ${field} ${canonicalJson(value)}`);
    this.change(object, makeMap([...Object.entries(last.body).filter(([key]) => key !== field), [field, value]]), last.address);
  }

  /** A plan is made from all that lives: whatever stands there is shown. */
  show(): void {
    for (const object of this.live()) {
      object.isShown = true;
      object.unseen.clear();
    }
  }

  /** The org as one process reaches it. `tick` runs before a request is sent and before its answer is handled, and may kill. */
  writer(world: World, tick: (what: string) => Promise<void>): OrgWriter {
    const read = async <T>(what: string, look: (from: number) => T): Promise<T> => {
      await tick(what);
      this.requests += 1;
      await world.clock.sleep(20 + this.chance() * 180);
      if (this.strikes(this.faults.failedRead)) throw new OrgFailure('unclear', 'the answer was lost');
      this.advance();
      const from = this.strikes(this.faults.laggingRead) ? this.ticks() - this.chance() * this.faults.lag : this.ticks();
      const seen = look(from);
      await tick(`${what} answered`);
      return seen;
    };
    const write = <T>(what: string, carryOut: () => T): Promise<T> => this.send(world, tick, { what, carryOut });
    const get = (id: string) => read(`get ${id}`, (from) => this.seen(this.objects.get(id), from));
    return {
      identity: async () => ({ id: 'org-1', name: 'simulated' }),
      read: () => Promise.reject(new Error('the reconciler reads objects one by one')),
      locate: () => Promise.reject(new Error('not used')),
      find: (address) =>
        read(
          `find ${address}`,
          (from) => [...this.objects.values()].map((object) => this.seen(object, from)).filter((live) => live?.address === address) as Live[],
        ),
      get: (_, id) => get(id),
      create: async (document) => {
        const habits = habitsOf(typeOf(document.address));
        const { body, secrets } = this.taken(document, habits.parts);
        const made = await write(`create ${document.address}`, () => {
          const object = this.createdByUs(document.address, body, secrets);
          return this.seen(object, this.ticks()) as Live;
        });
        return habits.answersWhole ? made : made.id;
      },
      update: async (live, document) => {
        const habits = habitsOf(typeOf(document.address));
        const { body, secrets } = this.taken(document, habits.parts);
        const own = makeMap(Object.entries(live.document.body).filter(([key]) => !habits.parts.includes(key)));
        const isRenamed = live.document.address !== document.address;
        const raw = live.raw as { version: number };
        if (isRenamed || Object.keys(secrets).length > 0 || canonicalJson(own) !== canonicalJson(body)) {
          await write(`put ${document.address}`, () => this.put(live.id, document.address, body, secrets, habits.isVersioned ? raw.version : undefined));
        }
        for (const part of habits.parts)
          for (const request of partRequests(live.document.body[part], document.body[part])) {
            await write(`part ${document.address}/${part}`, () => this.writePart(live.id, part, request));
          }
        if (this.chance() < 0.5) return (await get(live.id)) ?? live;
        const now = this.seen(this.objects.get(live.id), this.ticks());
        if (now === undefined) throw new OrgFailure('gone', 'it is not there');
        return now;
      },
      remove: async (live) => {
        try {
          await write(`delete ${live.address}`, () => this.deletedByUs(live.id));
        } catch (failure) {
          if (!(failure instanceof OrgFailure) || failure.kind !== 'gone') throw failure;
        }
      },
    };
  }

  /** Sends one write: it may be carried out now, later or never, and its answer may be lost. */
  private async send<T>(world: World, tick: (what: string) => Promise<void>, request: { what: string; carryOut: () => T }): Promise<T> {
    await tick(request.what);
    this.requests += 1;
    const latency = 20 + this.chance() * 180;
    if (this.strikes(this.faults.refused)) {
      await world.clock.sleep(latency);
      throw new OrgFailure('refused', 'the org does not want to', { status: 400 });
    }
    const isLost = this.strikes(this.faults.lostBefore);
    const isLate = !isLost && this.strikes(this.faults.lateCommit);
    const isUnheard = isLost || isLate || this.strikes(this.faults.lostAfter);
    let answer: { value: T } | { failure: unknown } = { failure: new OrgFailure('unclear', 'never carried out') };
    const carryOut = () => {
      try {
        answer = { value: request.carryOut() };
      } catch (failure) {
        answer = { failure };
      }
    };
    this.trace(`SEND ${request.what} ${isLost ? 'lost' : isLate ? 'late' : isUnheard ? 'unheard' : ''}`);
    const delay = isLate ? latency + this.chance() * this.faults.late : latency / 2;
    this.order += 1;
    if (!isLost) this.pending.push({ due: this.ticks() + delay, order: this.order, carryOut });
    await world.clock.sleep(latency);
    this.advance();
    await tick(`${request.what} answered`);
    if (isUnheard) throw new OrgFailure('unclear', 'the answer was lost');
    if ('failure' in answer) throw answer.failure;
    return (answer as { value: T }).value;
  }

  private createdByUs(address: Address, body: ValueMap, secrets: ValueMap): SimulatedObject {
    const holders = this.living().filter((object) => bodyOf(object).address === address);
    if (holders.length > 0 && habitsOf(typeOf(address)).type.isKeyEnforced) throw new OrgFailure('exists', 'the name is taken', { status: 409 });
    if (holders.some((object) => object.createdBy === US || object.createdAt < this.wall() - 130_000)) this.violations.push(`a second ${address} was created`);
    const object = this.make(address, body, US, secrets);
    this.commits.push({ kind: 'create', address, id: object.id, at: this.ticks() });
    return object;
  }

  /** Somebody else deletes an object. */
  vanish(object: SimulatedObject): void {
    object.goneAt = this.ticks();
    this.trace(`HUMAN deletes ${bodyOf(object).address} ${object.id}`);
  }

  private deletedByUs(id: string): void {
    const object = this.mustLive(id);
    const { address } = bodyOf(object);
    const users = this.living().filter((other) => other !== object && canonicalJson(bodyOf(other).body).includes(`{"$ref":${JSON.stringify(address)}}`));
    if (users.length > 0) throw new OrgFailure('in-use', `it is still used by ${users.map((user) => bodyOf(user).address).join(', ')}`, { status: 409 });
    if (object.createdBy !== US && !object.isShown) this.violations.push(`${address} (${object.id}) of somebody else was deleted unseen`);
    if (object.unseen.size > 0) this.violations.push(`${address} (${object.id}) was deleted though a person had changed it unseen`);
    this.commits.push({ kind: 'delete', address, id, at: this.ticks() });
    object.goneAt = this.ticks();
  }

  private living(): SimulatedObject[] {
    return [...this.objects.values()].filter((object) => object.goneAt === undefined);
  }

  private put(id: string, address: Address, body: ValueMap, secrets: ValueMap, version: number | undefined): void {
    const object = this.mustLive(id);
    const last = bodyOf(object);
    if (version !== undefined && version !== last.version) throw new OrgFailure('conflict', 'it has another version', { status: 409 });
    const holders = this.living().filter((other) => other !== object && bodyOf(other).address === address);
    if (holders.length > 0) throw new OrgFailure('exists', 'the name is taken', { status: 409 });
    const parts = Object.entries(last.body).filter(([key]) => habitsOf(typeOf(address)).parts.includes(key));
    this.checkTouch(object, makeMap([...Object.entries(body), ...parts]), address);
    object.secrets = secrets;
    this.change(object, makeMap([...Object.entries(body), ...parts]), address);
  }

  private writePart(id: string, part: string, request: (before: Value | undefined) => Value | undefined): void {
    const object = this.mustLive(id);
    const { body, address } = bodyOf(object);
    const value = request(body[part]);
    const calls = part === 'content' && isMap(value) && isMap(value['calls']) ? value['calls']['$ref'] : undefined;
    if (
      calls !== undefined &&
      calls !== address &&
      this.live().every((other) => bodyOf(other).address !== calls || bodyOf(other).body['content'] === undefined)
    ) {
      throw new OrgFailure('refused', `${calls} has no content yet`, { status: 400 });
    }
    const next = makeMap([...Object.entries(body).filter(([key]) => key !== part), ...(value === undefined ? [] : [[part, value] as const])]);
    this.checkTouch(object, next, address);
    this.change(object, next, address);
  }

  private checkTouch(object: SimulatedObject, body: ValueMap, address: Address): void {
    this.trace(`touch ${address} ${object.id} v${bodyOf(object).version} ${canonicalJson(body)}`);
    this.commits.push({ kind: 'update', address, id: object.id, at: this.ticks() });
    if (object.createdBy !== US && !object.isShown) this.violations.push(`${address} (${object.id}) of somebody else was changed unseen`);
    if (canonicalJson(body['note'] ?? null) !== canonicalJson(bodyOf(object).body['note'] ?? null))
      this.violations.push(`the ignored field of ${address} changed`);
    for (const [field, value] of object.unseen) {
      if (canonicalJson(body[field] ?? null) !== canonicalJson(value))
        this.violations.push(`what a person put into ${address}/${field} was overwritten unseen`);
    }
  }

  private make(address: Address, body: ValueMap, createdBy: string, secrets: ValueMap): SimulatedObject {
    const id = `id-${this.objects.size + 1}`;
    const object: SimulatedObject = { id, createdBy, createdAt: this.wall(), states: [], isShown: false, unseen: new Map(), secrets };
    this.objects.set(id, object);
    this.trace(`MAKE ${address} ${id} ${createdBy}`);
    object.states.push({ at: this.ticks(), address, body: tidy(address, body), version: 1 });
    return object;
  }

  private change(object: SimulatedObject, body: ValueMap, address: Address): void {
    object.states.push({ at: this.ticks(), address, body: tidy(address, body), version: bodyOf(object).version + 1 });
  }

  private mustLive(id: string): SimulatedObject {
    const object = this.objects.get(id);
    if (object === undefined || object.goneAt !== undefined) throw new OrgFailure('gone', 'it is not there', { status: 404 });
    return object;
  }

  /** What a create or put takes of a document: no parts, and secrets apart. */
  private taken(document: Document, parts: readonly string[]): { body: ValueMap; secrets: ValueMap } {
    const secrets: [string, Value][] = [];
    const entries = Object.entries(document.body).flatMap(([key, value]): [string, Value][] => {
      if (parts.includes(key)) return [];
      if (key !== 'fields' || !isMap(value)) return [[key, value]];
      secrets.push(...Object.entries(value).map(([name, item]): [string, Value] => [name, `value of ${asDirective(item)?.value}`]));
      return [];
    });
    return { body: makeMap(entries), secrets: makeMap(secrets) };
  }

  private seen(object: SimulatedObject | undefined, from: number): Live | undefined {
    const state = object?.states.findLast((one) => one.at <= from);
    if (object === undefined || state === undefined || (object.goneAt !== undefined && object.goneAt <= from)) return undefined;
    const names = habitsOf(typeOf(state.address)).namesCreator ? { createdAt: object.createdAt, createdBy: object.createdBy } : {};
    return {
      address: state.address,
      id: object.id,
      document: { address: state.address, body: state.body },
      files: new Map(),
      raw: { version: state.version },
      ...names,
    };
  }

  private trace(event: string): void {
    this.onEvent?.(`${this.ticks().toFixed(0)} ${event}`);
  }

  private strikes(share: number): boolean {
    const isHit = share > 0 && this.chance() < share;
    if (isHit) this.counts.faults += 1;
    return isHit;
  }
}

export function bodyOf(object: SimulatedObject): State {
  return object.states.at(-1) as State;
}

function tidy(address: Address, body: ValueMap): ValueMap {
  return normalise({ address, body }, habitsOf(typeOf(address)).type).body;
}

/** One request for each member that comes, goes or changes; any other part is written whole. */
function partRequests(before: Value | undefined, after: Value | undefined): ((now: Value | undefined) => Value | undefined)[] {
  if (canonicalJson(before ?? null) === canonicalJson(after ?? null)) return [];
  if (!isList(before ?? []) || !isList(after ?? [])) return [() => after];
  const [from, to] = [(before ?? []) as readonly ValueMap[], (after ?? []) as readonly ValueMap[]];
  const name = (item: ValueMap) => canonicalJson(item['crate'] ?? null);
  const put = (items: readonly ValueMap[], item: ValueMap) => [...items.filter((one) => name(one) !== name(item)), item];
  const gone = from.filter((item) => !to.some((other) => name(other) === name(item)));
  const fresh = to.filter((item) => !from.some((other) => canonicalJson(other) === canonicalJson(item)));
  return [
    ...gone.map((item) => (now: Value | undefined) => listOrNothing(((now ?? []) as readonly ValueMap[]).filter((one) => name(one) !== name(item)))),
    ...fresh.map((item) => (now: Value | undefined) => listOrNothing(put((now ?? []) as readonly ValueMap[], item))),
  ];
}

function listOrNothing(list: readonly Value[]): Value | undefined {
  return list.length === 0 ? undefined : list;
}
