import type { Json, JsonMap } from './json.ts';
import { jsonText } from './json.ts';

/** A request as it reaches the core: the path still encoded, without its query. Header names in lower case. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** What the transport does to an answer beside carrying it. The core has decided by then whether anything was committed. */
type Effect =
  /** The connection breaks and no answer arrives. */
  | { readonly kind: 'reset' }
  /** Nothing arrives until the client gives up. */
  | { readonly kind: 'silence' };

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  readonly effect?: Effect;
}

/** Thrown before anything has been changed: the request is answered with this error and nothing is committed. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly params: Readonly<Record<string, string>>;
  readonly details: readonly { readonly errorCode: string; readonly fieldName?: string }[];

  constructor(status: number, code: string, message: string, more: { params?: Readonly<Record<string, string>>; field?: string } = {}) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.code = code;
    this.params = more.params ?? {};
    this.details = more.field === undefined ? [] : [{ errorCode: code, fieldName: more.field }];
  }
}

export function jsonAnswer(status: number, body: Json | undefined): Answer {
  if (body === undefined) return { status, headers: {}, body: '' };
  return { status, headers: { 'content-type': 'application/json' }, body: jsonText(body) };
}

/** The API's `ErrorBody`; `contextId` equals the correlation id of the answer. */
export function errorBody(refusal: Refusal, contextId: string): JsonMap {
  const names = Object.keys(refusal.params).length === 0 ? {} : { messageParams: refusal.params };
  return { message: refusal.message, code: refusal.code, status: refusal.status, contextId, ...names, details: refusal.details as unknown as Json, errors: [] };
}
