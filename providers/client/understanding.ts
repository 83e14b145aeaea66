import { OrgFailure } from '../contract.ts';
import { HttpFailure } from '../world.ts';
import { type Concealer, makeConcealer } from './concealer.ts';
import { failureOf, nameOf } from './failure.ts';
import { type ApiAnswer, type ApiRequest, isAbsolute, isReading, type OrgClient } from './org-client.ts';
import { readBody } from './read-body.ts';

/** Content that is not what was asked for, with a good status: not data. */
export class WrongContent extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'WrongContent';
  }
}

/** Parses what is expected; throws `WrongContent` for HTML, cut-off JSON, a redirect, or an empty body where something was read. */
export function parsing(inner: OrgClient): OrgClient {
  return {
    async call(request) {
      const answer = await inner.call(request);
      return isGood(request, answer) ? { ...answer, value: contentOf(request, answer) } : answer;
    },
  };
}

/** The outermost client: anything but a good answer becomes an `OrgFailure`, and no message of it holds a secret. */
export function failing(inner: OrgClient, concealer: Concealer): OrgClient {
  return {
    async call(request) {
      const conceal = (failure: OrgFailure) => concealed(failure, request, concealer);
      let answer: ApiAnswer;
      try {
        answer = await inner.call(request);
      } catch (failure) {
        throw conceal(lostFailure(request, failure));
      }
      if (isGood(request, answer)) return answer;
      throw conceal(failureOf(request, cleaned(answer, concealerFor(request, concealer))));
    },
  };
}

function isGood(request: ApiRequest, answer: ApiAnswer): boolean {
  return (answer.status >= 200 && answer.status < 400) || (request.accepts ?? []).includes(answer.status);
}

function contentOf(request: ApiRequest, answer: ApiAnswer): ApiAnswer['value'] {
  if (answer.status >= 300 && answer.status < 400) throw new WrongContent(`${nameOf(request)} was answered with a redirect (${answer.status})`);
  if (request.expects === 'none') return null;
  const read = request.expects === 'bytes' ? bytesReading(answer) : readBody(answer);
  if (read.kind === 'json') return read.value;
  if (read.kind === 'wrong' && answer.status < 300) throw new WrongContent(`${nameOf(request)} was answered ${answer.status} with ${read.why}`);
  const needsBody = isReading(request) && request.method !== 'HEAD' && answer.status === 200 && request.expects !== 'bytes';
  if (read.kind === 'empty' && needsBody) throw new WrongContent(`${nameOf(request)} was answered ${answer.status} with nothing`);
  return null;
}

function bytesReading(answer: ApiAnswer): ReturnType<typeof readBody> {
  const read = /\b(html|xhtml)\b/i.test(answer.headers['content-type'] ?? '') ? readBody(answer) : undefined;
  return read?.kind === 'wrong' ? read : { kind: 'json', value: null };
}

/** What it means that no usable answer arrived: reads change nothing; writes may have been carried out unless surely not sent. */
function lostFailure(request: ApiRequest, failure: unknown): OrgFailure {
  if (failure instanceof OrgFailure) return failure;
  if (failure instanceof WrongContent) return new OrgFailure(isReading(request) ? 'refused' : 'unclear', failure.message, { cause: failure });
  if (!(failure instanceof HttpFailure)) throw failure;
  const kind = failure.wasSent ? 'unclear' : 'refused';
  return new OrgFailure(kind, `${nameOf(request)} got no answer: ${failure.message} (${hintOf(failure)})`, { cause: failure });
}

function hintOf(failure: HttpFailure): string {
  switch (failure.code) {
    case 'NAME':
      return 'the host name is not known here; check region and network';
    case 'REFUSED':
      return 'nothing answers there; check address and network';
    case 'TLS':
      return 'the host could not prove who it is';
    case 'TIMEOUT':
      return 'timed out';
    case 'RESET':
      return 'the connection broke';
    case 'TOO_LARGE':
      return 'too large';
    case 'ABORTED':
      return 'interrupted';
    case 'OTHER':
      return 'the network failed';
    default:
      return failure.code satisfies never;
  }
}

/** The shared concealer, which also knows the secrets of this one request. */
function concealerFor(request: ApiRequest, shared: Concealer): (text: string) => string {
  const signature =
    isAbsolute(request) && URL.canParse(request.path) ? [...new URL(request.path).searchParams.values()].filter((value) => value.length >= 8) : [];
  const own = makeConcealer([...(request.secrets ?? []), ...signature]);
  return (text) => own.conceal(shared.conceal(text));
}

/** A failed answer without secrets, so that shortening its message cannot leave half of one. */
function cleaned(answer: ApiAnswer, conceal: (text: string) => string): ApiAnswer {
  const headers = Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, conceal(value)]));
  return { ...answer, headers, bytes: new TextEncoder().encode(conceal(new TextDecoder().decode(answer.bytes))) };
}

/** The same failure with a safe message; of its cause only name and message are kept, since it may hold anything. */
function concealed(failure: OrgFailure, request: ApiRequest, shared: Concealer): OrgFailure {
  const conceal = concealerFor(request, shared);
  const { status, code, correlationId, permissions, mayLandTwice } = failure;
  const cause = failure.cause instanceof Error ? { cause: Object.assign(new Error(conceal(failure.cause.message)), { name: failure.cause.name }) } : {};
  const facts = {
    mayLandTwice,
    permissions: permissions.map(conceal),
    ...(status === undefined ? {} : { status }),
    ...(code === undefined ? {} : { code: conceal(code) }),
    ...(correlationId === undefined ? {} : { correlationId: conceal(correlationId) }),
    ...cause,
  };
  return new OrgFailure(failure.kind, conceal(failure.message), facts);
}
