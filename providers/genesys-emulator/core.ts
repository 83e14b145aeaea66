import type { Clock } from '../world.ts';
import type { Grant } from './access.ts';
import { Access } from './access.ts';
import { asRefusal, makeCall, originOf } from './call.ts';
import { guid, hashText, seededChance } from './chance.ts';
import { createThing, editThing } from './crud.ts';
import type { Endpoint } from './endpoint.ts';
import type { Answer, RawRequest } from './exchange.ts';
import { errorBody, jsonAnswer, Refusal } from './exchange.ts';
import { typeFacts } from './facts.ts';
import type { FaultKind, FaultPlan } from './faults.ts';
import { Faults } from './faults.ts';
import type { JournalEntry, OpenEntry } from './journal.ts';
import { openEntry } from './journal.ts';
import type { JsonMap } from './json.ts';
import type { Limits } from './limits.ts';
import { RateLimits, retryAfter } from './limits.ts';
import type { ListFaults } from './listing.ts';
import type { OrgSpec, SavedOrg } from './org.ts';
import { forbidden, Org } from './org.ts';
import { reorderAnswer } from './reorder.ts';
import type { Router } from './router.ts';
import { makeRouter } from './routes.ts';
import type { OrgContext } from './special.ts';
import { SPECIALS } from './specials.ts';
import type { Commit, Thing } from './store.ts';

export interface CoreOptions {
  readonly orgs: readonly OrgSpec[];
  readonly seed: string;
  readonly clock: Clock;
  readonly faults?: FaultPlan;
  readonly limits?: Limits;
  readonly saved?: SavedState;
  /** Told of every request once it is answered. */
  readonly log?: (entry: JournalEntry) => void;
}

export interface SavedState {
  readonly format: 1;
  readonly seed: string;
  readonly orgs: Readonly<Record<string, SavedOrg>>;
}

/** A request whose way is clear but for a fault. */
interface Attempt {
  readonly request: RawRequest;
  readonly entry: OpenEntry;
  readonly contextId: string;
  readonly grant?: Grant;
  readonly endpoint?: Endpoint;
  readonly act: (faults: ListFaults) => Answer;
}

interface LateCommit {
  readonly at: number;
  readonly run: () => void;
}

/**
 * A Genesys Cloud as a synchronous state machine: a request in, an answer out, by an injected clock and seeded chance alone. Same seed, same
 * requests at the same times: same answers. Faults of the transport are part of the answer; whoever carries it carries them out.
 * Long because it is the one state that tests, saved files and the door look into; what it does with a request stands in the other files.
 */
export class EmulatorCore {
  readonly clock: Clock;
  readonly faults: Faults;
  readonly access: Access;
  readonly journal: JournalEntry[] = [];
  readonly #seed: string;
  readonly #orgs: ReadonlyMap<string, Org>;
  readonly #limits: RateLimits;
  readonly #router: Router<Endpoint>;
  readonly #noise: () => number;
  readonly #log: ((entry: JournalEntry) => void) | undefined;
  readonly #listeners = new Set<(org: string, commit: Commit, thing: Thing) => void>();
  #late: LateCommit[] = [];
  #open: OpenEntry | undefined;

  constructor(options: CoreOptions) {
    const stream = (name: string) => seededChance(`${options.seed}/${name}`);
    const now = () => options.clock.now();
    this.clock = options.clock;
    this.#seed = options.seed;
    this.#log = options.log;
    this.#router = makeRouter(SPECIALS);
    this.#noise = stream('noise');
    this.faults = new Faults(options.faults ?? {}, stream('faults'));
    this.#limits = new RateLimits(options.limits ?? {}, now, stream('limits'));
    const site = {
      seed: options.seed,
      now,
      specials: SPECIALS,
      onCommit: (org: Org, commit: Commit, thing: Thing, before: Thing | undefined) => this.#committed(org, commit, thing, before),
    };
    this.#orgs = new Map(options.orgs.map((spec) => [spec.name, new Org(spec, site, options.saved?.orgs[spec.name])]));
    this.access = new Access(this.#orgs.values(), now, stream('tokens'));
  }

  /** Answers one request. Commits that were late and are due come first. */
  handle(request: RawRequest): Answer {
    this.settle();
    const entry = openEntry(this.journal.length + 1, this.clock.now(), request);
    this.journal.push(entry);
    const contextId = guid(this.#noise);
    const answer = this.#answer(request, entry, contextId);
    entry.status = answer.effect === undefined ? answer.status : 0;
    entry.bytesOut = answer.effect === undefined ? answer.body.length : 0;
    this.#log?.(entry);
    return { ...answer, headers: { date: new Date(entry.at).toUTCString(), 'inin-correlation-id': contextId, ...answer.headers } };
  }

  /** Carries out late commits whose moment has come. Every look at an org does this first. */
  settle(): void {
    const now = this.clock.now();
    const due = this.#late.filter((late) => late.at <= now).sort((left, right) => left.at - right.at);
    this.#late = this.#late.filter((late) => late.at > now);
    for (const late of due) late.run();
  }

  /** Commits that have not landed yet. */
  get pending(): number {
    return this.#late.length;
  }

  /** Told of every write to any org at the instant it is made, by whomever. Returns what ends it. */
  onCommit(listener: (org: string, commit: Commit, thing: Thing) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  org(name: string): Org {
    const org = this.#orgs.get(name);
    if (org === undefined) throw new Error(`the emulator has no org "${name}"; it has ${[...this.#orgs.keys()].join(', ')}`);
    this.settle();
    return org;
  }

  get orgNames(): readonly string[] {
    return [...this.#orgs.keys()];
  }

  /** Living objects of a type, everything expanded, as GET would answer them. */
  objects(orgName: string, type: string): readonly JsonMap[] {
    const org = this.org(orgName);
    return org.store.all(type).map((thing) => org.present(thing, 'everything', TESTER));
  }

  /** Configuration and assets alone; see `Org.hash`. */
  hash(orgName: string): string {
    return this.org(orgName).hash();
  }

  /** Changes an object by hand, as the web UI would: no check, but version and date move on. */
  edit(orgName: string, type: string, id: string, change: (body: JsonMap) => JsonMap): void {
    const org = this.org(orgName);
    editThing(this.#thing(org, type, id), change, org.context(TESTER));
  }

  /** Removes an object by hand. */
  remove(orgName: string, type: string, id: string): void {
    const org = this.org(orgName);
    org.remove(this.#thing(org, type, id));
  }

  #thing(org: Org, type: string, id: string): Thing {
    const thing = org.store.get(type, id) ?? org.store.all(type).find((candidate) => candidate.id === id);
    if (thing === undefined) throw new Error(`org "${org.spec.name}" has no ${type} ${id}`);
    return thing;
  }

  /** The org as handlers see it, for tests and practice data that need more than `seed`. */
  context(orgName: string): OrgContext {
    return this.org(orgName).context(TESTER);
  }

  /**
   * Makes an object as its POST would, with the same checks, but without token, limits and journal. `parts` are written after it as their own
   * calls would: members, wrapupcodes, routingskills, resources. Returns its id; throws `Refusal` where POST would answer an error.
   */
  seed(orgName: string, type: string, body: JsonMap, more: { readonly parent?: string; readonly parts?: Readonly<Record<string, unknown>> } = {}): string {
    const org = this.org(orgName);
    const context = org.context(TESTER);
    const own = SPECIALS.find((special) => special.seeds?.[type] !== undefined)?.seeds?.[type];
    if (own !== undefined) return own(context, body, more.parts ?? {});
    const thing = createThing(typeFacts(type), body, more.parent ?? '', org, context);
    for (const [name, value] of Object.entries(more.parts ?? {})) {
      const write = SPECIALS.flatMap((special) => special.seedParts?.[`${type}.${name}`] ?? [])[0];
      if (write === undefined) throw new Error(`"${type}" has no part "${name}" that can be seeded`);
      write(org.store.get(type, thing.id, thing.scope) as Thing, value, context);
    }
    return thing.id;
  }

  /** Everything but tokens, rates and journal. */
  save(): SavedState {
    this.settle();
    return { format: 1, seed: this.#seed, orgs: Object.fromEntries([...this.#orgs].map(([name, org]) => [name, org.save()])) };
  }

  #answer(request: RawRequest, entry: OpenEntry, contextId: string): Answer {
    let headers: Readonly<Record<string, string>> = {};
    try {
      const answer = this.#route(request, entry, contextId, (counted) => {
        headers = counted;
      });
      return { ...answer, headers: { ...headers, ...answer.headers } };
    } catch (error) {
      const refusal = asRefusal(error);
      entry.code = refusal.code;
      const wait: Readonly<Record<string, string>> =
        refusal.status === 429 && refusal.params['seconds'] !== undefined ? { 'retry-after': refusal.params['seconds'] } : {};
      const answer = jsonAnswer(refusal.status, errorBody(refusal, contextId));
      return { ...answer, headers: { ...headers, ...wait, ...answer.headers } };
    }
  }

  #route(request: RawRequest, entry: OpenEntry, contextId: string, counted: (headers: Readonly<Record<string, string>>) => void): Answer {
    if (request.body.length > this.#limits.bodyBytes && !request.path.startsWith('/uploads/')) {
      throw new Refusal(413, 'request.entity.too.large', `the request body is larger than ${this.#limits.bodyBytes} bytes`);
    }
    if (request.method === 'POST' && request.path.endsWith('/oauth/token'))
      return this.#struck({ request, entry, contextId, act: () => this.access.issue(request) });
    const match = this.#router.find(request.method, request.path);
    if (match !== undefined && match !== 'other-method' && match.value.isSigned) return this.#signed(request, match.value, match.params, entry, contextId);
    const grant = this.access.grantOf(request);
    entry.org = grant.org.spec.name;
    entry.client = grant.client.id;
    const { headers, refusal } = this.#limits.count(grant);
    counted(headers);
    if (refusal !== undefined) throw refusal;
    if (request.path === '/api/v2/tokens/me') return this.#tokenAnswer(request, grant);
    if (match === undefined) throw new Refusal(404, 'not.found', `there is nothing at ${request.path}`);
    if (match === 'other-method') throw new Refusal(405, 'method.not.allowed', `${request.method} is not allowed at ${request.path}`);
    const permissions = this.access.permissionsOf(grant.client);
    const context = grant.org.context({ id: grant.client.id, name: grant.client.name ?? grant.client.id }, permissions, originOf(request));
    const act = (listFaults: ListFaults): Answer => {
      if (match.value.permissions !== undefined) context.need(match.value.permissions);
      return match.value.answer(makeCall(request, match.params), grant.org, context, listFaults);
    };
    return this.#struck({ request, entry, contextId, grant, endpoint: match.value, act });
  }

  /** GET, HEAD and DELETE /api/v2/tokens/me inspect, check and end the caller's own token (README, section 4). */
  #tokenAnswer(request: RawRequest, grant: Grant): Answer {
    const organization = { id: grant.org.id, name: grant.org.spec.name };
    if (request.method === 'DELETE') this.access.revoke({ token: grant.token });
    if (request.method !== 'GET') return jsonAnswer(200, undefined);
    // The key is written OAuthClient (quirks, section 3).
    const client = { id: grant.client.id, name: grant.client.name ?? grant.client.id, organization };
    return jsonAnswer(200, { organization, homeOrganization: organization, authorizedScope: [], OAuthClient: client });
  }

  #signed(request: RawRequest, endpoint: Endpoint, params: Readonly<Record<string, string>>, entry: OpenEntry, contextId: string): Answer {
    const org = [...this.#orgs.values()].find((candidate) => candidate.id === params['orgId']);
    if (org === undefined) throw new Refusal(404, 'not.found', `there is nothing at ${request.path}`);
    entry.org = org.spec.name;
    const context = org.context({ id: 'signed', name: 'signed address' }, ['*'], originOf(request));
    return this.#struck({ request, entry, contextId, act: (listFaults) => endpoint.answer(makeCall(request, params), org, context, listFaults) });
  }

  /** Runs a request, or what a fault makes of it. */
  #struck({ request, entry, contextId, grant, endpoint, act }: Attempt): Answer {
    const fault = this.faults.strike(request, endpoint?.isList === true);
    entry.fault = fault;
    const run = () => this.#recorded(entry, () => this.#reordered(request, act(this.#listFaults(fault))));
    switch (fault) {
      case undefined:
      case 'short-page':
      case 'moving-total':
        return run();
      case 'unauthorised':
        if (grant !== undefined) this.access.revoke({ token: grant.token });
        throw new Refusal(401, 'bad.credentials', 'Invalid login credentials.');
      case 'forbidden':
        throw forbidden('missing.permissions', permissionsOf(endpoint), 'all of');
      case 'too-many-requests':
        return this.#injectedTooMany(contextId);
      case 'server-error':
        throw serverError();
      case 'server-error-after':
        this.#quietly(run);
        throw serverError();
      case 'bad-gateway-html':
        return BAD_GATEWAY;
      case 'bad-gateway-after':
        this.#quietly(run);
        return BAD_GATEWAY;
      case 'unavailable-before':
        throw unavailable();
      case 'unavailable-after':
        this.#quietly(run);
        throw unavailable();
      case 'reset-before':
        return RESET;
      case 'reset-after':
        this.#quietly(run);
        return RESET;
      case 'late-commit':
        this.#late.push({ at: this.clock.now() + this.faults.between(this.faults.plan.lateSeconds ?? [1, 30]), run: () => this.#quietly(run) });
        return this.faults.plan.lateAnswer === 'gateway-timeout' ? GATEWAY_TIMEOUT : SILENCE;
      default:
        return fault satisfies never;
    }
  }

  #injectedTooMany(contextId: string): Answer {
    const wait = this.faults.plan.retryAfter === undefined ? '2' : this.faults.plan.retryAfter;
    const refusal = retryAfter(Number(wait) || 2, 300);
    const answer = jsonAnswer(429, errorBody(refusal, contextId));
    return { ...answer, headers: { ...answer.headers, ...(wait === null ? {} : { 'retry-after': wait }) } };
  }

  #listFaults(fault: FaultKind | undefined): ListFaults {
    return { shuffle: this.#shuffle(), isShort: fault === 'short-page', totalMoves: fault === 'moving-total' ? (this.#noise() < 0.5 ? -1 : 1) : 0 };
  }

  #shuffle(): number | undefined {
    const { shuffle = false } = this.faults.plan;
    if (shuffle === false) return undefined;
    return hashText(shuffle === true ? this.#seed : `${this.#seed}/${shuffle}`);
  }

  #reordered(request: RawRequest, answer: Answer): Answer {
    const shuffle = request.method === 'GET' ? this.#shuffle() : undefined;
    return shuffle === undefined ? answer : reorderAnswer(answer, shuffle);
  }

  /** A request whose answer nobody sees: what it refuses is lost with it. */
  #quietly(run: () => Answer): void {
    try {
      run();
    } catch (error) {
      asRefusal(error);
    }
  }

  #recorded(entry: OpenEntry, act: () => Answer): Answer {
    const outer = this.#open;
    this.#open = entry;
    try {
      return act();
    } finally {
      this.#open = outer;
    }
  }

  #committed(org: Org, commit: Commit, thing: Thing, before: Thing | undefined): void {
    const at = this.clock.now();
    this.#open?.commits.push({ ...commit, at });
    const lag = this.faults?.plan.lagSeconds;
    if (this.#open !== undefined && lag !== undefined) org.store.haunt(thing, before, at + this.faults.between(lag));
    for (const listener of this.#listeners) listener(org.spec.name, commit, thing);
  }
}

const TESTER = { id: 'practice', name: 'practice' } as const;
const BAD_GATEWAY: Answer = {
  status: 502,
  headers: { 'content-type': 'text/html' },
  body: '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>',
};
const GATEWAY_TIMEOUT: Answer = {
  status: 504,
  headers: { 'content-type': 'text/html' },
  body: '<html><head><title>504 Gateway Time-out</title></head><body><h1>504 Gateway Time-out</h1></body></html>',
};
const RESET: Answer = { status: 0, headers: {}, body: '', effect: { kind: 'reset' } };
const SILENCE: Answer = { status: 0, headers: {}, body: '', effect: { kind: 'silence' } };

function permissionsOf(endpoint: Endpoint | undefined): readonly string[] {
  return endpoint?.permissions?.all ?? endpoint?.permissions?.any ?? ['directory:user:view'];
}

function serverError(): Refusal {
  return new Refusal(500, 'internal.server.error', 'The server encountered an unexpected condition which prevented it from fulfilling the request.');
}

function unavailable(): Refusal {
  return new Refusal(
    503,
    'service.unavailable',
    'Service Unavailable - The server is currently unavailable (because it is overloaded or down for maintenance).',
  );
}
