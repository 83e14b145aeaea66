import type { Grant } from './access.ts';
import { Refusal } from './exchange.ts';

/** Requests a minute and body bytes; `none` switches a rate off. Defaults are the API's (README, section 5). */
export interface Limits {
  readonly perToken?: number | 'none';
  /** Per org and client. */
  readonly perOrg?: number | 'none';
  readonly bodyBytes?: number;
}

const DEFAULT_LIMITS = { perToken: 300, perOrg: 3_000, bodyBytes: 512_000 } as const;

const MINUTE = 60_000;

interface Window {
  readonly phase: number;
  index: number;
  count: number;
}

/** Fixed windows of a minute whose phase no client can know: they begin where chance put them. */
export class RateLimits {
  readonly #windows = new Map<string, Window>();
  readonly #limits: Required<Limits>;
  readonly #now: () => number;
  readonly #chance: () => number;

  constructor(limits: Limits, now: () => number, chance: () => number) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.#now = now;
    this.#chance = chance;
  }

  get bodyBytes(): number {
    return this.#limits.bodyBytes;
  }

  /** Counts a request; returns the headers that every answer to it carries, and the refusal if it was one too many. */
  count(grant: Grant): { readonly headers: Readonly<Record<string, string>>; readonly refusal: Refusal | undefined } {
    const token = this.#hit(`token ${grant.token}`, this.#limits.perToken);
    const org = this.#hit(`org ${grant.org.id} ${grant.client.id}`, this.#limits.perOrg);
    const headers: Readonly<Record<string, string>> =
      token === undefined
        ? {}
        : { 'inin-ratelimit-allowed': String(token.allowed), 'inin-ratelimit-count': String(token.count), 'inin-ratelimit-reset': String(token.reset) };
    if (token !== undefined && token.count > token.allowed) return { headers, refusal: retryAfter(token.reset, token.allowed) };
    if (org !== undefined && org.count > org.allowed) return { headers, refusal: tooMany(org.allowed, org.reset) };
    return { headers, refusal: undefined };
  }

  #hit(name: string, allowed: number | 'none'): { allowed: number; count: number; reset: number } | undefined {
    if (allowed === 'none') return undefined;
    const window = this.#windows.get(name) ?? { phase: Math.floor(this.#chance() * MINUTE), index: Number.NaN, count: 0 };
    this.#windows.set(name, window);
    const index = Math.floor((this.#now() - window.phase) / MINUTE);
    if (index !== window.index) Object.assign(window, { index, count: 0 });
    window.count += 1;
    const end = (index + 1) * MINUTE + window.phase;
    return { allowed, count: window.count, reset: Math.max(1, Math.ceil((end - this.#now()) / 1000)) };
  }
}

/** The body's two forms (README, section 5). `seconds` also goes into Retry-After. */
export function retryAfter(seconds: number, value: number): Refusal {
  const message = `Rate limit exceeded the maximum. Retry the request in [${seconds}] seconds`;
  const params = { seconds: String(seconds), key: 'client.credentials.token.rate.per.minute', value: String(value) };
  return new Refusal(429, 'too.many.requests.retry.after', message, { params });
}

function tooMany(value: number, seconds: number): Refusal {
  const message = `Rate limit exceeded the maximum [${value}] requests within [60] seconds`;
  return new Refusal(429, 'too.many.requests', message, { params: { seconds: String(seconds), key: 'org.app.user.rate.per.minute', value: String(value) } });
}
