import type { Report } from '../../state/notice.ts';
import { OrgFailure } from '../contract.ts';
import { HttpFailure, type World } from '../world.ts';
import { nameOf } from './failure.ts';
import { type ApiAnswer, type ApiRequest, isReading, type OrgClient } from './org-client.ts';
import { retryAfter } from './retry-after.ts';
import { WrongContent } from './understanding.ts';

const FIRST_WAIT = 500;
const LONGEST_BACKOFF = 30_000;
/** However long a server asks us to wait, we ask again after this. */
const LONGEST_WAIT = 300_000;
const PATIENCE = 300_000;
/** Waits that are worth telling. */
const TOLD_WAIT = 5_000;

/** What to do about one attempt. `limit`: how often such a fault is worth another try. */
type Verdict =
  | { readonly kind: 'final' }
  | { readonly kind: 'again'; readonly limit: number; readonly reason: string; readonly wait?: number; readonly isUnclear: boolean };

const FINAL: Verdict = { kind: 'final' };
const WITHOUT_END = Number.POSITIVE_INFINITY;

/**
 * Repeats what may be repeated, with growing random waits, for as long as the request's patience lasts.
 *
 * A write is repeated where it was surely not carried out (429, connection refused), and after an unclear answer only if it is a PUT,
 * PATCH or DELETE whose first sending cannot land later: never after a timeout (also 408 and 504), since the server may still be at it.
 * A POST after an unclear answer is never sent again; that is the reconciler's to settle.
 */
export function retrying(inner: OrgClient, world: Pick<World, 'clock' | 'chance'>, report: Report = () => undefined): OrgClient {
  return {
    async call(request) {
      let wasUnclear = false;
      let firstFault: number | undefined;
      let counted = 0;
      for (let tries = 1; ; tries += 1) {
        const attempt = await attemptOf(inner, request);
        const verdict = judge(request, attempt, world.clock.now());
        if (verdict.kind === 'final') return outcomeOf(request, attempt, wasUnclear);
        firstFault ??= world.clock.ticks();
        const left = firstFault + (request.patience ?? PATIENCE) - world.clock.ticks();
        const wait = Math.max(Math.min(verdict.wait ?? 0, LONGEST_WAIT), backoff(tries, world.chance));
        wasUnclear ||= verdict.isUnclear;
        if (verdict.limit !== WITHOUT_END) counted += 1;
        if (counted > verdict.limit || wait > left) return outcomeOf(request, attempt, wasUnclear);
        if (wait >= TOLD_WAIT) report({ code: 'WAITING', reason: verdict.reason, milliseconds: Math.round(wait) });
        const mayHaveActed = wasUnclear;
        await world.clock.sleep(wait, request.signal).catch((reason: unknown) => {
          throw new HttpFailure('ABORTED', 'the request was given up between two attempts', mayHaveActed, reason);
        });
      }
    },
  };
}

type Attempt = { readonly answer: ApiAnswer } | { readonly failure: unknown };

async function attemptOf(inner: OrgClient, request: ApiRequest): Promise<Attempt> {
  try {
    return { answer: await inner.call(request) };
  } catch (failure) {
    return { failure };
  }
}

/**
 * The last attempt as this client's own result. Once an attempt of a write was unclear, a later refusal proves nothing about it (a conflict
 * may be with our own write), so the whole stays unclear; only that the object is gone stays true whatever happened before.
 */
function outcomeOf(request: ApiRequest, attempt: Attempt, wasUnclear: boolean): ApiAnswer {
  const status = 'answer' in attempt ? attempt.answer.status : 0;
  if ('answer' in attempt && (!wasUnclear || isReading(request) || isSettled(status, request))) return attempt.answer;
  if ('failure' in attempt && (!wasUnclear || isReading(request))) throw attempt.failure;
  const told = 'answer' in attempt ? `was answered ${status}` : 'got no answer';
  throw new OrgFailure('unclear', `${nameOf(request)} ${told} after an attempt whose answer was lost; it may have been carried out`, {
    mayLandTwice: mayLandLate(attempt),
    ...(status === 0 ? {} : { status }),
  });
}

/** Whether the server may still be at it, though nobody waits for its answer any more. */
function mayLandLate(attempt: Attempt): boolean {
  if ('answer' in attempt) return isLate(attempt.answer.status);
  const { failure } = attempt;
  return failure instanceof HttpFailure && failure.wasSent && (failure.code === 'TIMEOUT' || failure.code === 'ABORTED');
}

function isLate(status: number): boolean {
  return status === 408 || status === 504;
}

function isSettled(status: number, request: ApiRequest): boolean {
  return status < 400 || status === 404 || status === 410 || (request.accepts ?? []).includes(status);
}

function judge(request: ApiRequest, attempt: Attempt, now: number): Verdict {
  if (request.signal?.aborted) return FINAL;
  return 'failure' in attempt ? judgeFailure(request, attempt.failure) : judgeAnswer(request, attempt.answer, now);
}

function judgeFailure(request: ApiRequest, failure: unknown): Verdict {
  if (failure instanceof WrongContent)
    return isReading(request) ? again(3, `${nameOf(request)} was answered with something that is not the platform's`, true) : FINAL;
  if (!(failure instanceof HttpFailure)) return FINAL;
  if (failure.code === 'TLS' || failure.code === 'TOO_LARGE' || failure.code === 'ABORTED') return FINAL;
  const reason = `${nameOf(request)} got no answer (${failure.code})`;
  if (!failure.wasSent) return again(failure.code === 'NAME' ? 2 : 4, reason, false);
  if (isReading(request)) return again(failure.code === 'TIMEOUT' ? 3 : WITHOUT_END, reason, true);
  return failure.code !== 'TIMEOUT' && isRepeatable(request) ? again(WITHOUT_END, reason, true) : FINAL;
}

function judgeAnswer(request: ApiRequest, answer: ApiAnswer, now: number): Verdict {
  const { status } = answer;
  const asked = retryAfter(answer.headers, now);
  const wait = asked === undefined ? {} : { wait: asked };
  if (status === 429) return { ...again(WITHOUT_END, 'the org limits how fast requests may come', false), ...wait };
  if (status !== 408 && status < 500) return FINAL;
  if (status === 501 || status === 505) return FINAL;
  if (!isReading(request) && (isLate(status) || !isRepeatable(request))) return FINAL;
  return { ...again(WITHOUT_END, `${nameOf(request)} was answered ${status}`, true), ...wait };
}

function again(limit: number, reason: string, isUnclear: boolean): Extract<Verdict, { kind: 'again' }> {
  return { kind: 'again', limit, reason, isUnclear };
}

/** Methods whose repetition leaves the same state as one sending. */
function isRepeatable(request: ApiRequest): boolean {
  return request.method === 'PUT' || request.method === 'PATCH' || request.method === 'DELETE';
}

/** Full jitter: anything up to a bound that doubles. */
function backoff(tries: number, chance: () => number): number {
  return chance() * Math.min(LONGEST_BACKOFF, FIRST_WAIT * 2 ** Math.min(tries - 1, 10));
}
