import type { Report } from '../../state/notice.ts';
import { HttpFailure, type World } from '../world.ts';
import { type ApiAnswer, authOf, type OrgClient } from './org-client.ts';
import { RateWindow } from './rate-window.ts';
import { retryAfter } from './retry-after.ts';

export interface ThrottleOptions {
  readonly world: Pick<World, 'clock'>;
  /** Requests under way at once. */
  readonly atOnce?: number;
  readonly report?: Report;
}

interface Waiter {
  readonly start: () => void;
  isGone: boolean;
}

const AT_ONCE = 64;
/** Under way at once until the first answer, which may tell the limit. */
const AT_ONCE_UNHEARD = 8;
const TOLD_WAIT = 5_000;
/** Why an alarm is off. One constant: an abort without a reason makes an error with a stack, which is dear. */
const OUT_OF_DATE = 'another alarm comes first';
/** However long a 429 asks everybody to wait, one request tries again after this. */
const LONGEST_PAUSE = 300_000;

/**
 * Sends no faster than the org allows, as its own headers tell it: as fast as it goes until the minute's allowance is used up, then nothing
 * until that minute is surely over. First come, first served. Requests without a token (uploads, logins) are only bounded in number.
 * One long closure, since all its parts share the state of one queue.
 */
export function throttled(inner: OrgClient, { world, atOnce = AT_ONCE, report = () => undefined }: ThrottleOptions): OrgClient {
  const { clock } = world;
  const window = new RateWindow();
  let waiters: Waiter[] = [];
  let first = 0;
  let underWay = 0;
  let pausedUntil = 0;
  let hasHeard = false;
  let alarm: { readonly at: number; readonly off: AbortController } | undefined;

  const waitNow = (): number => Math.max(pausedUntil - clock.ticks(), window.waitAt(clock.ticks()), 0);
  const isFree = (): boolean => underWay < (hasHeard ? atOnce : Math.min(atOnce, AT_ONCE_UNHEARD)) && waitNow() === 0;

  const pump = (): void => {
    for (; first < waiters.length && (waiters[first]?.isGone || isFree()); first += 1) {
      if (!waiters[first]?.isGone) waiters[first]?.start();
    }
    if (first > 1_000 && first * 2 > waiters.length) {
      waiters = waiters.slice(first);
      first = 0;
    }
    if (first < waiters.length) setAlarm(waitNow());
    else clearAlarm();
  };
  const clearAlarm = (): void => {
    alarm?.off.abort(OUT_OF_DATE);
    alarm = undefined;
  };
  /** One alarm at most, at the earliest time that anything told. */
  const setAlarm = (wait: number): void => {
    const at = clock.ticks() + wait;
    if (wait === 0 || wait === Number.POSITIVE_INFINITY || (alarm !== undefined && alarm.at <= at)) return;
    if (alarm === undefined && wait >= TOLD_WAIT)
      report({ code: 'WAITING', reason: 'the org allows no more requests in this minute', milliseconds: Math.round(wait) });
    clearAlarm();
    const mine = { at, off: new AbortController() };
    alarm = mine;
    const ring = () => {
      if (alarm === mine) alarm = undefined;
      pump();
    };
    clock.sleep(wait, mine.off.signal).then(ring, () => undefined);
  };
  /** Resolves with the time of sending once it is this request's turn, which then counts as under way. */
  const turn = (signal: AbortSignal | undefined, isCounted: boolean): Promise<number> =>
    new Promise((resolve, reject) => {
      const giveUp = () => {
        waiter.isGone = true;
        reject(new HttpFailure('ABORTED', 'the request was given up before it was sent', false, signal?.reason));
        pump();
      };
      const waiter: Waiter = {
        isGone: false,
        start: () => {
          signal?.removeEventListener('abort', giveUp);
          underWay += 1;
          if (isCounted) window.sent(clock.ticks());
          resolve(clock.ticks());
        },
      };
      if (signal?.aborted) return giveUp();
      signal?.addEventListener('abort', giveUp, { once: true });
      waiters.push(waiter);
      pump();
    });
  const learn = (answer: ApiAnswer | undefined, sentAt: number): void => {
    const now = clock.ticks();
    window.done(sentAt, now, answer === undefined ? undefined : lessonOf(answer));
    hasHeard ||= answer !== undefined;
    if (answer?.status !== 429) return;
    const asked = retryAfter(answer.headers, clock.now());
    if (asked === undefined) window.exhausted(sentAt);
    else pausedUntil = Math.max(pausedUntil, now + Math.min(asked, LONGEST_PAUSE));
  };

  return {
    async call(request) {
      const isCounted = authOf(request) !== 'none';
      const sentAt = await turn(request.signal, isCounted);
      let answer: ApiAnswer | undefined;
      try {
        answer = await inner.call(request);
        return answer;
      } finally {
        underWay -= 1;
        if (isCounted) learn(answer, sentAt);
        pump();
      }
    },
  };
}

/** What an answer's headers say about the rate; undefined where they say nothing usable. */
function lessonOf(answer: ApiAnswer): { readonly allowed: number; readonly count: number; readonly reset: number } | undefined {
  const [allowed, count, reset] = ['allowed', 'count', 'reset'].map((name) => headerNumber(answer.headers[`inin-ratelimit-${name}`]));
  return allowed === undefined || allowed < 1 || count === undefined || reset === undefined ? undefined : { allowed, count, reset };
}

function headerNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,9}$/.test(text.trim()) ? Number(text) : undefined;
}
