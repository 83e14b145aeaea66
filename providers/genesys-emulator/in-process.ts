import type { Http, HttpAnswer, HttpRequest } from '../world.ts';
import { HttpFailure } from '../world.ts';
import type { EmulatorCore } from './core.ts';
import type { Answer, RawRequest } from './exchange.ts';

/** How long a request and its answer take on the way, in milliseconds of the core's clock. */
export interface Transport {
  readonly latency?: () => number;
}

/**
 * The emulator without sockets, for simulations and benchmarks: any host will do, the path decides. Transport faults become `HttpFailure`,
 * and time passes on the core's own clock.
 */
export function emulatorHttp(core: EmulatorCore, transport: Transport = {}): Http {
  return async (request) => {
    const { clock } = core;
    const started = clock.ticks();
    const latency = transport.latency?.() ?? 0;
    request.signal?.throwIfAborted();
    await pass(core, Math.min(latency / 2, request.deadline), request);
    const answer = core.handle(rawRequest(request));
    await pass(core, latency / 2, request);
    if (answer.effect?.kind === 'silence') await pass(core, Math.max(0, request.deadline - (clock.ticks() - started)), request);
    if (answer.effect?.kind === 'silence' || clock.ticks() - started > request.deadline)
      throw new HttpFailure('TIMEOUT', `no answer within ${request.deadline} ms`, true);
    if (answer.effect?.kind === 'reset') throw new HttpFailure('RESET', 'the connection was reset', true);
    return wholeAnswer(answer, request);
  };
}

async function pass(core: EmulatorCore, milliseconds: number, request: HttpRequest): Promise<void> {
  if (milliseconds <= 0) return;
  try {
    await core.clock.sleep(milliseconds, request.signal);
  } catch (error) {
    throw new HttpFailure('ABORTED', 'the request was aborted', true, error);
  }
}

function rawRequest(request: HttpRequest): RawRequest {
  const url = new URL(request.url);
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]));
  const body = request.body === undefined ? new Uint8Array() : typeof request.body === 'string' ? Buffer.from(request.body) : request.body;
  return {
    method: request.method,
    path: url.pathname,
    query: url.searchParams,
    headers: { host: url.host, 'x-forwarded-proto': url.protocol.slice(0, -1), ...headers },
    body,
  };
}

function wholeAnswer(answer: Answer, request: HttpRequest): HttpAnswer {
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body;
  if (body.length > request.maxBytes) throw new HttpFailure('TOO_LARGE', `the answer is larger than ${request.maxBytes} bytes`, true);
  return { status: answer.status, headers: answer.headers, body };
}
