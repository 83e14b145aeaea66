import type { RawRequest } from './exchange.ts';

/** What can go wrong on demand. `-before`: nothing was committed; `-after`: it was, and the client is not told. */
export const FAULT_KINDS = [
  'unauthorised',
  'forbidden',
  'too-many-requests',
  'server-error',
  'server-error-after',
  'bad-gateway-html',
  'bad-gateway-after',
  'unavailable-before',
  'unavailable-after',
  'reset-before',
  'reset-after',
  'late-commit',
  'short-page',
  'moving-total',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** The n-th request (from 1) that fits meets this fault; with `times` the following ones too. */
export interface NthFault {
  readonly fault: FaultKind;
  readonly nth: number;
  readonly times?: number;
  readonly method?: string;
  /** A text that the path holds, or a pattern that it matches. */
  readonly path?: string | RegExp;
}

export interface FaultPlan {
  /** How often each kind strikes, 0 to 1, of the requests that it can strike. */
  readonly rates?: Readonly<Partial<Record<FaultKind, number>>>;
  readonly nth?: readonly NthFault[];
  /** Every write reaches the lists only after a delay between these seconds. */
  readonly lagSeconds?: readonly [number, number];
  /** A late commit lands between these seconds after the request; 1 to 30 unless set. */
  readonly lateSeconds?: readonly [number, number];
  /** What the client of a late commit gets: nothing until it gives up, or at once a gateway's 504. `silence` unless set. */
  readonly lateAnswer?: 'silence' | 'gateway-timeout';
  /** What an injected 429 carries as Retry-After; null leaves the header out, 2 unless set. */
  readonly retryAfter?: string | null;
  /** Every list, every page in itself, and every list inside an answer that promises no order, in an order that chance chose; each text another one. */
  readonly shuffle?: boolean | string;
}

const WRITES_ONLY: ReadonlySet<FaultKind> = new Set(['server-error-after', 'bad-gateway-after', 'unavailable-after', 'reset-after', 'late-commit']);
const LISTS_ONLY: ReadonlySet<FaultKind> = new Set(['short-page', 'moving-total']);
const TOKEN_TOO: ReadonlySet<FaultKind> = new Set(['too-many-requests', 'server-error', 'bad-gateway-html', 'unavailable-before', 'reset-before']);

/** Which fault a request meets, if any; decided once per request, from the plan and seeded chance alone. */
export class Faults {
  plan: FaultPlan;
  readonly #chance: () => number;
  #met = new Map<NthFault, number>();

  constructor(plan: FaultPlan, chance: () => number) {
    this.plan = plan;
    this.#chance = chance;
  }

  strike(request: RawRequest, isList: boolean): FaultKind | undefined {
    const named = this.#named(request);
    if (named !== undefined) return named;
    for (const [kind, rate] of Object.entries(this.plan.rates ?? {}) as readonly [FaultKind, number][]) {
      if (!canStrike(kind, request, isList)) continue;
      if (this.#chance() < rate) return kind;
    }
    return undefined;
  }

  between([least, most]: readonly [number, number]): number {
    return (least + this.#chance() * (most - least)) * 1000;
  }

  #named(request: RawRequest): FaultKind | undefined {
    let fault: FaultKind | undefined;
    for (const rule of this.plan.nth ?? []) {
      if (!fits(rule, request)) continue;
      const count = (this.#met.get(rule) ?? 0) + 1;
      this.#met.set(rule, count);
      if (count >= rule.nth && count < rule.nth + (rule.times ?? 1)) fault ??= rule.fault;
    }
    return fault;
  }
}

function fits(rule: NthFault, request: RawRequest): boolean {
  if (rule.method !== undefined && rule.method !== request.method) return false;
  if (rule.path === undefined) return true;
  return typeof rule.path === 'string' ? request.path.includes(rule.path) : rule.path.test(request.path);
}

function canStrike(kind: FaultKind, request: RawRequest, isList: boolean): boolean {
  if (request.path.endsWith('/oauth/token')) return TOKEN_TOO.has(kind);
  if (LISTS_ONLY.has(kind)) return isList;
  // Links that jobs hand out carry a signature and no token.
  if (kind === 'unauthorised' && request.headers['authorization'] === undefined) return false;
  return !WRITES_ONLY.has(kind) || request.method !== 'GET';
}
