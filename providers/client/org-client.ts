import type { Value } from '../../state/value.ts';

/** Which of an org's hosts a path belongs to. */
export type ApiHost = 'api' | 'apps' | 'login';

/** A body that is not JSON. */
export type ApiContent =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly contentType?: string }
  | { readonly kind: 'form'; readonly fields: Readonly<Record<string, string>> }
  | { readonly kind: 'multipart'; readonly parts: readonly MultipartPart[] };

export interface MultipartPart {
  readonly name: string;
  readonly value: string | Uint8Array;
  readonly fileName?: string;
  readonly contentType?: string;
}

export type QueryValue = string | number | boolean | readonly (string | number | boolean)[];

/** One request to an org. Everything but `method` and `path` has a default. */
export interface ApiRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `/api/v2/...` on `base`, or an absolute address that the org gave us (a presigned upload, a download). Ids in it are encoded: see `fillPath`. */
  readonly path: string;
  /** `api` where left out. */
  readonly base?: ApiHost;
  /**
   * `bearer` where left out; `bare` sends the token without the word Bearer (prompt uploads); `none` for absolute addresses where left out.
   * A token goes to the org's own hosts alone; asking for it elsewhere is refused.
   */
  readonly auth?: 'bearer' | 'bare' | 'none';
  readonly query?: Readonly<Record<string, QueryValue | undefined>>;
  /** A JSON body. */
  readonly body?: Value;
  /** A body that is not JSON; then `body` is left out. */
  readonly content?: ApiContent;
  readonly headers?: Readonly<Record<string, string>>;
  /** A POST that only reads (a search, an export job): it may be sent by a client that cannot write, if it is on the reviewed list, and is repeated like a GET. */
  readonly isRead?: boolean;
  /** Milliseconds for one exchange, body included: 60,000 where left out. Waiting for one's turn does not count. */
  readonly deadline?: number;
  /** Milliseconds that repetitions may take after the first fault: 300,000 where left out. */
  readonly patience?: number;
  /** 64 MiB where left out. */
  readonly maxBytes?: number;
  /** `json` where left out: anything else with a good status is a failure, not data. */
  readonly expects?: 'json' | 'bytes' | 'none';
  /** Statuses of 400 and more that are an answer to this request and not a failure. */
  readonly accepts?: readonly number[];
  /** Values in the body that no message may repeat, even where the server's own message does. */
  readonly secrets?: readonly string[];
  readonly signal?: AbortSignal;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The parsed JSON; null where the body is empty or JSON was not expected. Integers are exact, maps have no prototype. */
  readonly value: Value;
  readonly bytes: Uint8Array;
}

/**
 * An org, as the platform code talks to it. Resolves with an answer of a good (or accepted) status and the expected content;
 * everything else rejects with an `OrgFailure` whose kind says whether the request may have been carried out.
 */
export interface OrgClient {
  call(request: ApiRequest): Promise<ApiAnswer>;
}

/** Whether a request changes nothing, whatever its method. */
export function isReading(request: ApiRequest): boolean {
  return request.method === 'GET' || request.method === 'HEAD' || request.isRead === true;
}

/** Whether the request is for an address that the org gave us, and not for a path of its hosts. */
export function isAbsolute(request: ApiRequest): boolean {
  return /^https?:\/\//i.test(request.path);
}

/** How the request is authorized, with the defaults filled in. */
export function authOf(request: ApiRequest): 'bearer' | 'bare' | 'none' {
  return request.auth ?? (isAbsolute(request) ? 'none' : 'bearer');
}

/** A catalogue path with its `{parameters}` filled in and encoded. Throws where one is missing or would leave its place (`.`, `..`, empty). */
export function fillPath(template: string, parameters: Readonly<Record<string, string>> = {}): string {
  return template.replace(/\{([^}]+)\}/g, (_, name: string) => {
    const value = parameters[name];
    if (value === undefined) throw new Error(`path ${template} needs a value for "${name}"`);
    if (value === '' || value === '.' || value === '..') throw new Error(`"${value}" cannot stand for "${name}" in path ${template}`);
    return encodeURIComponent(value);
  });
}
