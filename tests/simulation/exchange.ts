import { type Http, type HttpAnswer, HttpFailure, type HttpRequest } from '../../providers/world.ts';
import type { FaultName, Hostility, Totals } from './faults.ts';
import { CALM } from './faults.ts';
import type { Json, JsonMap } from './kinds.ts';
import { KINDS } from './kinds.ts';
import { OrgError, type SimulatedOrg } from './org.ts';
import { answer, type Said } from './routes.ts';

/** How long ago a reader may be shown the org, and how long after its end a lost request may still be carried out: less than the product waits. */
const LAG = 55_000;
const LATE = 50_000;
const SERVER_BEGAN = Date.UTC(2026, 0, 5, 9);
/** Of one life; most have about a hundred. */
const MOST_REQUESTS = 5_000;
const RETRY_AFTER = ['1', '7', '0', '-5', '1000000000', 'soon', '', 'Thu, 01 Jan 1970 00:00:00 GMT'];
const HTML = '<html><body><h1>Bad Gateway</h1></body></html>';

interface Pending {
  readonly due: number;
  readonly carryOut: () => void;
}

/** The wire between product and org, and all that goes wrong on it. A request that was sent is carried out whether or not its sender lives. */
export class Exchange {
  readonly counts: Totals = {};
  requests = 0;
  hostility: Hostility = CALM;
  /** While a plan is being made, whatever is read is shown to somebody. */
  isPlanning = false;
  private readonly org: SimulatedOrg;
  private readonly ticks: () => number;
  private readonly wait: (milliseconds: number) => Promise<void>;
  private readonly chance: () => number;
  private pending: Pending[] = [];
  private readonly tokens = new Map<string, number>();
  private issued = 0;
  /** Until when each token's process was asked to wait. */
  private readonly pauses = new Map<string, number>();
  private burstUntil = 0;
  private forbidden: { readonly path: string; readonly until: number } | undefined;

  constructor(org: SimulatedOrg, clock: { readonly ticks: () => number; readonly wait: (milliseconds: number) => Promise<void> }, chance: () => number) {
    this.org = org;
    this.ticks = clock.ticks;
    this.wait = clock.wait;
    this.chance = chance;
  }

  /** Carries out what is due by now. */
  advance(): void {
    if (this.pending.length === 0) return;
    const now = this.ticks();
    const due = this.pending.filter((one) => one.due <= now).sort((left, right) => left.due - right.due);
    if (due.length > 0) this.pending = this.pending.filter((one) => one.due > now);
    for (const one of due) one.carryOut();
  }

  /** Carries out what is due then, at that very moment, whether or not anybody asks for anything: a late reader is shown what was until then. */
  private async advanceAt(due: number): Promise<void> {
    // Rounded up, so that it is never a hair too early.
    await this.wait(Math.ceil(due - this.ticks()));
    this.advance();
  }

  /** The connections of a process end with it: what was sent is carried out soon or never. */
  hangUp(): void {
    this.forgetPauses();
    const latest = this.ticks() + LATE;
    if (this.pending.some(({ due }) => due > latest)) void this.advanceAt(latest);
    this.pending = this.pending.map((one) => (one.due <= latest ? one : { ...one, due: latest }));
  }

  /** What was told to a process that stands still is heard later. */
  forgetPauses(): void {
    this.pauses.clear();
  }

  strikes(share: number, fault: FaultName): boolean {
    if (share === 0 || this.chance() >= share) return false;
    this.count(fault);
    return true;
  }

  count(fault: FaultName): void {
    this.counts[fault] = (this.counts[fault] ?? 0) + 1;
  }

  readonly http: Http = async (request) => {
    this.requests += 1;
    if (this.requests === MOST_REQUESTS + 1) this.org.find('lies', `more than ${MOST_REQUESTS} requests, and no end`);
    const url = new URL(request.url);
    const name = `${request.method} ${url.pathname}${url.search.length > 60 ? '' : url.search}`;
    const latency = 20 + this.chance() * 180;
    this.org.tell(() => `SEND ${name} ${typeof request.body === 'string' ? request.body : ''}`);
    try {
      const said = url.pathname === '/oauth/token' ? await this.token(latency) : await this.carry(request, url, latency);
      this.org.tell(() => `GOT ${name}: ${said.status} ${said.body.length}`);
      return said;
    } catch (failure) {
      this.org.tell(() => `LOST ${name}: ${failure instanceof Error ? failure.message : failure}`);
      throw failure;
    }
  };

  private async token(latency: number): Promise<HttpAnswer> {
    await this.wait(latency);
    if (this.strikes(this.hostility.token * 5, 'F7')) {
      const kind = this.chance();
      if (kind < 0.3) return this.tooMany();
      if (kind < 0.6) return json(500, { error: 'server_error' });
      throw new HttpFailure('RESET', 'the connection was reset', true);
    }
    // No token is given twice, whatever became of the first: what one process was told counts for no other.
    this.issued += 1;
    const token = `token-${this.issued}-${'x'.repeat(20)}`;
    const life = this.strikes(this.hostility.token * 10, 'F7') ? 100 : 86_400;
    this.tokens.set(token, this.ticks() + life * 1_000);
    return json(200, { access_token: token, token_type: 'bearer', expires_in: life });
  }

  private async carry(request: HttpRequest, url: URL, latency: number): Promise<HttpAnswer> {
    const stopped = await this.before(request, url, latency);
    if (stopped !== undefined) return stopped;
    return request.method === 'GET' ? this.read(request, url, latency) : this.write(request, url, latency);
  }

  /** What happens before the org has read the request. */
  private async before(request: HttpRequest, url: URL, latency: number): Promise<HttpAnswer | undefined> {
    const { hostility } = this;
    const token = (request.headers['authorization'] ?? '').replace('Bearer ', '');
    const end = this.tokens.get(token) ?? 0;
    if (this.ticks() < (this.pauses.get(token) ?? 0))
      this.org.find('lies', `${request.method} ${url.pathname} was sent before the end of a pause that the org had asked for`);
    const revoked = this.strikes(hostility.token, 'F7');
    if (revoked) this.tokens.delete(token);
    if (revoked || end < this.ticks()) return this.late(latency, json(401, errorBody(401, 'bad.credentials')));
    if (this.strikes(hostility.burst, 'F2')) this.burstUntil = this.ticks() + 1_000 * 600 ** this.chance();
    if (this.ticks() < this.burstUntil) return this.late(latency, this.unavailable());
    if (this.isForbidden(url.pathname)) return this.late(latency, json(403, errorBody(403, 'missing.permissions')));
    if (hostility.before > 0 && this.chance() < hostility.before) return this.stopped(token, latency);
    return undefined;
  }

  private async stopped(token: string, latency: number): Promise<HttpAnswer> {
    const kind = this.chance();
    if (kind < 0.3) {
      this.count('F1');
      const said = this.tooMany();
      await this.wait(latency);
      this.pauses.set(token, this.ticks() + pauseOf(said));
      return said;
    }
    if (kind < 0.65) {
      this.count('F2');
      return this.late(latency, this.unavailable());
    }
    this.count('F3');
    await this.wait(latency);
    if (kind < 0.75) throw new HttpFailure('REFUSED', 'nothing listens there', false);
    throw new HttpFailure('RESET', 'the connection was reset', true);
  }

  private isForbidden(path: string): boolean {
    if (this.forbidden !== undefined && this.ticks() < this.forbidden.until) return path.startsWith(this.forbidden.path);
    this.forbidden = undefined;
    if (!this.strikes(this.hostility.forbidden / 50, 'F8')) return false;
    const kind = KINDS[Math.floor(this.chance() * KINDS.length)];
    this.forbidden = { path: kind?.path ?? '', until: this.ticks() + 20_000 };
    return path.startsWith(this.forbidden.path);
  }

  private async read(request: HttpRequest, url: URL, latency: number): Promise<HttpAnswer> {
    await this.wait(latency);
    const { hostility } = this;
    if (hostility.reads > 0 && this.chance() < hostility.reads) {
      const kind = this.chance();
      this.count(kind < 0.5 ? 'F3' : kind < 0.7 ? 'F5' : 'F4');
      if (kind < 0.5) throw new HttpFailure('RESET', 'the connection was reset', true);
      if (kind < 0.7) return this.silence(request);
      return cut(this.said(request, url, this.ticks()), this.chance());
    }
    const from = this.strikes(hostility.lag, 'F15') ? this.ticks() - this.chance() * LAG : this.ticks();
    const said = this.said(request, url, from);
    if (said.status !== 200 || !isList(said.body) || hostility.pages === 0 || this.chance() >= hostility.pages) return toHttp(said);
    const body = this.bent(said.body);
    if (body !== said.body) this.count('F16');
    return toHttp({ ...said, body });
  }

  /** A page that does not add up. */
  private bent(page: JsonMap): JsonMap {
    const rows = page['entities'] as readonly Json[];
    const total = Number(page['total'] ?? rows.length);
    const kind = this.chance();
    if (page['total'] === undefined) return page;
    if (kind < 0.4 && rows.length > 0) return { ...page, entities: rows.slice(0, -1) };
    if (kind < 0.6) return { ...page, total: total + 1 };
    if (kind < 0.8 && rows.length > 1) return { ...page, entities: [...rows.slice(0, -1), rows[0] as Json] };
    return { ...page, pageCount: 7, nextUri: '/api/v2/elsewhere?pageNumber=1' };
  }

  /** A write is carried out at half its way, later, or never; and its answer may not arrive. */
  private async write(request: HttpRequest, url: URL, latency: number): Promise<HttpAnswer> {
    const { hostility } = this;
    const isLate = hostility.late > 0 && this.chance() < hostility.late;
    const isLost = !isLate && hostility.after > 0 && this.chance() < hostility.after;
    const isSilent = isLate && this.chance() < 0.7;
    const end = isSilent ? request.deadline : latency;
    const isNever = isLate && this.chance() < 0.3;
    let said: Said = { status: 500, body: undefined };
    const carryOut = () => {
      said = this.said(request, url, this.ticks());
      this.org.tell(() => `DONE ${request.method} ${url.pathname}: ${said.status} ${isLate ? 'late' : isLost ? 'unheard' : ''}`);
    };
    const due = this.ticks() + (isLate ? latency + this.chance() * (end + LATE - latency) : latency / 2);
    if (!isNever) this.pending.push({ due, carryOut });
    if (isLate && !isNever) void this.advanceAt(due);
    if (isLate) this.count('F5');
    if (isSilent) return this.silence(request);
    await this.wait(latency);
    this.advance();
    if (isLate) return html(504);
    return isLost ? this.unheard(said) : toHttp(said);
  }

  private unheard(said: Said): HttpAnswer {
    const kind = this.chance();
    this.count(kind < 0.6 ? 'F4' : 'F6');
    if (kind < 0.3) throw new HttpFailure('RESET', 'the connection was reset', true);
    if (kind < 0.6) return cut(said, this.chance());
    if (kind < 0.8) return json(500, errorBody(500, 'internal.server.error'));
    return kind < 0.9 ? html(502) : json(503, errorBody(503, 'service.unavailable'));
  }

  private said(request: HttpRequest, url: URL, from: number): Said {
    this.advance();
    const body = typeof request.body === 'string' && request.body !== '' ? (JSON.parse(request.body) as Json) : null;
    try {
      return answer(this.org, {
        method: request.method,
        path: url.pathname,
        query: url.searchParams,
        body,
        from,
        isPlanning: this.isPlanning,
        onDrop: () => this.count('F30'),
      });
    } catch (failure) {
      if (!(failure instanceof OrgError)) throw failure;
      return { status: failure.status, body: errorBody(failure.status, failure.code, failure.message) };
    }
  }

  private async silence(request: HttpRequest): Promise<HttpAnswer> {
    await this.wait(request.deadline + 1_000);
    throw new HttpFailure('TIMEOUT', `no answer within ${request.deadline} ms`, true);
  }

  private async late(latency: number, said: HttpAnswer): Promise<HttpAnswer> {
    await this.wait(latency);
    return said;
  }

  private tooMany(): HttpAnswer {
    const kind = Math.floor(this.chance() * (RETRY_AFTER.length + 2));
    const asked = kind > RETRY_AFTER.length ? this.httpDate(1_000 + this.chance() * 30_000) : RETRY_AFTER[kind];
    const said = json(429, errorBody(429, 'too.many.requests'));
    return asked === undefined ? said : { ...said, headers: { ...said.headers, date: this.httpDate(0), 'retry-after': asked } };
  }

  /** By the server's own clock, which is not ours. */
  private httpDate(after: number): string {
    return new Date(SERVER_BEGAN + this.ticks() + after).toUTCString();
  }

  private unavailable(): HttpAnswer {
    return this.chance() < 0.6 ? json(503, errorBody(503, 'service.unavailable')) : html(this.chance() < 0.5 ? 502 : 504);
  }
}

/** How long a 429 that says it plainly asks for, as far as the product heeds it. A date is told in whole seconds. */
function pauseOf({ headers }: HttpAnswer): number {
  const asked = headers['retry-after'] ?? '';
  if (/^\d+$/.test(asked)) return Math.min(Number(asked) * 1_000, 300_000);
  const wait = Date.parse(asked) - Date.parse(headers['date'] ?? '');
  return Number.isNaN(wait) ? 0 : Math.max(0, wait);
}

function toHttp({ status, body }: Said): HttpAnswer {
  return body === undefined ? { status, headers: {}, body: new Uint8Array() } : json(status, body);
}

function json(status: number, body: Json): HttpAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(body)) };
}

function html(status: number): HttpAnswer {
  return { status, headers: { 'content-type': 'text/html' }, body: Buffer.from(HTML) };
}

/** A body that ends anywhere, under the status of the whole. */
function cut(said: Said, share: number): HttpAnswer {
  const whole = toHttp(said);
  if (whole.body.length === 0) throw new HttpFailure('RESET', 'the connection was reset', true);
  return { ...whole, body: whole.body.slice(0, Math.floor(share * whole.body.length)) };
}

function errorBody(status: number, code: string, message = code): JsonMap {
  return { message, code, status, contextId: 'none', details: [], errors: [] };
}

function isList(body: Json | undefined): body is JsonMap {
  return typeof body === 'object' && body !== null && !Array.isArray(body) && Array.isArray((body as JsonMap)['entities']);
}
