import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { Agent, type Dispatcher, EnvHttpProxyAgent, request as send } from 'undici';
import { type Http, type HttpAnswer, HttpFailure, type HttpRequest } from './world.ts';

/** Connections kept to one host. Callers limit how much they send at once; this only bounds sockets. */
const CONNECTIONS = 64;
const CONNECT_TIMEOUT = 15_000;

/** HTTP over undici: pooled connections, proxies of the environment (never for loopback), no redirects, no retries. */
export function nodeHttp(): Http {
  const options = { connections: CONNECTIONS, connect: { timeout: CONNECT_TIMEOUT }, headersTimeout: 0, bodyTimeout: 0 };
  const direct = new Agent(options);
  let proxied: Dispatcher | undefined;
  const dispatcherOf = (url: URL): Dispatcher => {
    if (isLoopback(url.hostname)) return direct;
    proxied ??= new EnvHttpProxyAgent(options);
    return proxied;
  };
  return (request) => exchange(request, dispatcherOf(new URL(request.url)));
}

async function exchange(request: HttpRequest, dispatcher: Dispatcher): Promise<HttpAnswer> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(new HttpFailure('TIMEOUT', `no whole answer within ${request.deadline} ms`, true)), request.deadline);
  const onAbort = () => stop.abort(new HttpFailure('ABORTED', 'the request was given up', true, request.signal?.reason));
  if (request.signal?.aborted) onAbort();
  request.signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const response = await send(request.url, {
      method: request.method as Dispatcher.HttpMethod,
      headers: { 'accept-encoding': 'gzip', ...request.headers },
      body: request.body === undefined ? null : request.body,
      signal: stop.signal,
      dispatcher,
    });
    const headers = headersOf(response.headers);
    const packed = await bodyOf(response.body, request.maxBytes, stop);
    return { status: response.statusCode, headers, body: await unpack(packed, headers['content-encoding'], request.maxBytes) };
  } catch (failure) {
    throw stop.signal.aborted && stop.signal.reason instanceof HttpFailure ? stop.signal.reason : failureOf(failure);
  } finally {
    clearTimeout(timer);
    request.signal?.removeEventListener('abort', onAbort);
  }
}

/** The body's bytes; the connection is dropped as soon as there are too many. */
async function bodyOf(body: AsyncIterable<Uint8Array>, maxBytes: number, stop: AbortController): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) {
      const failure = tooLarge(maxBytes);
      stop.abort(failure);
      throw failure;
    }
    chunks.push(chunk);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks);
}

async function unpack(body: Uint8Array, encoding: string | undefined, maxBytes: number): Promise<Uint8Array> {
  const work = { gzip: gunzip, 'x-gzip': gunzip, deflate: inflate, br: brotliDecompress }[encoding?.toLowerCase() ?? ''];
  if (work === undefined || body.length === 0) return body;
  try {
    return await promisify<Uint8Array, { maxOutputLength: number }, Buffer>(work)(body, { maxOutputLength: maxBytes });
  } catch (failure) {
    throw codeOf(failure) === 'ERR_BUFFER_TOO_LARGE' ? tooLarge(maxBytes) : new HttpFailure('RESET', 'the packed answer is cut off or damaged', true, failure);
  }
}

function tooLarge(maxBytes: number): HttpFailure {
  return new HttpFailure('TOO_LARGE', `the answer is longer than ${maxBytes} bytes`, true);
}

function headersOf(raw: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(raw).map(([name, value]) => [name.toLowerCase(), Array.isArray(value) ? value.join(', ') : (value ?? '')]));
}

const TLS = /^(CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/;

/** What a failure of the socket means for the question whether the server acted. Unknown failures count as sent. */
function failureOf(failure: unknown): HttpFailure {
  if (failure instanceof HttpFailure) return failure;
  const code = codeOf(failure);
  const message = failure instanceof Error && failure.message !== '' ? failure.message : code;
  if (code === 'UND_ERR_CONNECT_TIMEOUT') return new HttpFailure('TIMEOUT', 'no connection in time', false, failure);
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return new HttpFailure('NAME', message, false, failure);
  if (code === 'ECONNREFUSED' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH') return new HttpFailure('REFUSED', message, false, failure);
  if (TLS.test(code)) return new HttpFailure('TLS', message, false, failure);
  if (code === 'ECONNRESET' || code === 'EPIPE' || code.startsWith('UND_ERR_') || code.startsWith('HPE_'))
    return new HttpFailure('RESET', message, true, failure);
  return new HttpFailure('OTHER', message, true, failure);
}

/** The code of a failure; of several tries to connect, the first one's. */
function codeOf(failure: unknown): string {
  const { code, errors, cause } = (failure ?? {}) as { code?: unknown; errors?: unknown; cause?: unknown };
  if (typeof code === 'string') return code;
  const inner = Array.isArray(errors) ? errors[0] : cause;
  return inner === undefined ? '' : codeOf(inner);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\./.test(host);
}
