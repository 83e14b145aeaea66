import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { fastify } from 'fastify';
import type { EmulatorCore } from './core.ts';
import type { RawRequest } from './exchange.ts';

/** HTTP in front of the core: raw bodies in, answers out, faults of the transport carried out on the socket. Decides nothing. */
export interface Door {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Beyond the API's own body limit, so that the core can answer 413 itself; uploads of audio are larger. */
const MOST_BYTES = 64 * 1024 * 1024;

export async function openDoor(core: EmulatorCore, port: number): Promise<Door> {
  const server = fastify({ bodyLimit: MOST_BYTES, forceCloseConnections: true, routerOptions: { maxParamLength: 10_000 } });
  server.removeAllContentTypeParsers();
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  server.setNotFoundHandler((request, reply) => answer(core, request, reply));
  const url = await server.listen({ host: '127.0.0.1', port });
  return { url, close: () => close(server) };
}

async function close(server: FastifyInstance): Promise<void> {
  await server.close();
}

function answer(core: EmulatorCore, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const answered = core.handle(rawRequest(request));
  if (answered.effect !== undefined) {
    reply.hijack();
    // A silent connection stays open until the client gives up; the server's own end closes it at last.
    if (answered.effect.kind === 'reset') request.raw.socket.resetAndDestroy();
    return reply;
  }
  const { body } = answered;
  return reply
    .code(answered.status)
    .headers(answered.headers)
    .send(body.length === 0 ? undefined : typeof body === 'string' ? body : Buffer.from(body));
}

function rawRequest(request: FastifyRequest): RawRequest {
  const at = request.url.indexOf('?');
  const path = at < 0 ? request.url : request.url.slice(0, at);
  const query = new URLSearchParams(at < 0 ? '' : request.url.slice(at + 1));
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]));
  return { method: request.method, path, query, headers, body: Buffer.isBuffer(request.body) ? request.body : new Uint8Array() };
}
