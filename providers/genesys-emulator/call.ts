import type { RawRequest } from './exchange.ts';
import { Refusal } from './exchange.ts';
import type { Json } from './json.ts';
import { isJsonMap, parseJson } from './json.ts';
import type { Call } from './special.ts';

/** A bug of the emulator stays a bug: it is not turned into an answer. */
export function asRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (error instanceof URIError) return new Refusal(400, 'bad.request', 'the path holds an escape that is none');
  throw error;
}

/** A request with its path parameters, on its way to a handler. */
export function makeCall(request: RawRequest, params: Readonly<Record<string, string>>): Call {
  return { ...request, params, origin: originOf(request), json: () => bodyAsJson(request) };
}

/** Where the client reached us, by its Host header. */
export function originOf(request: RawRequest): string {
  return `${request.headers['x-forwarded-proto'] ?? 'http'}://${request.headers['host'] ?? 'localhost'}`;
}

function bodyAsJson(request: RawRequest): Json {
  const type = request.headers['content-type'] ?? 'application/json';
  if (!type.includes('json')) throw new Refusal(415, 'unsupported.media.type', `a body of type ${type} is not read here`);
  try {
    const parsed = parseJson(Buffer.from(request.body).toString('utf8'));
    return isJsonMap(parsed) ? { ...parsed } : parsed;
  } catch (error) {
    if (error instanceof SyntaxError) throw new Refusal(400, 'bad.request', 'the request body is not JSON');
    throw error;
  }
}
