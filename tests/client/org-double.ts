import { openClient } from '../../providers/client/open-client.ts';
import type { OrgClient } from '../../providers/client/org-client.ts';
import type { RequestRecord } from '../../providers/client/recording.ts';
import type { Connection } from '../../providers/contract.ts';
import { type HttpAnswer, HttpFailure, type HttpRequest } from '../../providers/world.ts';
import type { Notice } from '../../state/notice.ts';
import { makeSimulatedWorld, type SimulatedWorld } from '../worlds/simulated-world.ts';

export const connection: Connection = {
  api: 'https://api.org.test',
  login: 'https://login.org.test',
  apps: 'https://apps.org.test',
  clientId: 'client-id-1',
  clientSecret: 'pl4nted s3cret/+"é',
};

export type Reply = Partial<Omit<HttpAnswer, 'body'>> & { readonly body?: unknown };
export type Handler = (request: HttpRequest, count: number) => Reply | HttpFailure | Promise<Reply | HttpFailure>;

export interface Setting {
  readonly world: SimulatedWorld;
  readonly client: OrgClient;
  /** Requests that reached a server, the token's apart. */
  readonly requests: HttpRequest[];
  readonly tokenRequests: HttpRequest[];
  readonly records: RequestRecord[];
  readonly notices: Notice[];
}

/** A client in a simulated world, against a server of one function. `latency` is the time of an exchange. */
export function setting(
  handler: Handler,
  options: { seed?: number; mode?: 'read' | 'write'; latency?: () => number; atOnce?: number; token?: Handler; connection?: Connection } = {},
): Setting {
  const world = makeSimulatedWorld({ seed: options.seed ?? 1 });
  const requests: HttpRequest[] = [];
  const tokenRequests: HttpRequest[] = [];
  const records: RequestRecord[] = [];
  const notices: Notice[] = [];
  const token: Handler = options.token ?? ((_, count) => ({ body: { access_token: `token-${count}`, token_type: 'bearer', expires_in: 86_400 } }));
  world.connect(async (request) => {
    const isToken = request.url.endsWith('/oauth/token');
    const list = isToken ? tokenRequests : requests;
    list.push(request);
    const count = list.length;
    const delay = options.latency?.() ?? 10;
    await world.clock.sleep(delay / 2);
    const reply = await (isToken ? token : handler)(request, count);
    await world.clock.sleep(delay / 2);
    if (reply instanceof HttpFailure) throw reply;
    return answerOf(reply);
  });
  const client = openClient(world, options.connection ?? connection, {
    mode: options.mode ?? 'write',
    report: (notice) => notices.push(notice),
    record: (record) => records.push(record),
    ...(options.atOnce === undefined ? {} : { atOnce: options.atOnce }),
  });
  return { world, client, requests, tokenRequests, records, notices };
}

export function answerOf(reply: Reply): HttpAnswer {
  const isText = typeof reply.body === 'string';
  const body = reply.body === undefined ? '' : isText ? (reply.body as string) : JSON.stringify(reply.body);
  return {
    status: reply.status ?? 200,
    headers: { 'content-type': isText ? 'text/html' : 'application/json', ...reply.headers },
    body: reply.body instanceof Uint8Array ? reply.body : new TextEncoder().encode(body),
  };
}

export function errorReply(status: number, code: string, message = 'told by the server', more: object = {}): Reply {
  return {
    status,
    headers: { 'inin-correlation-id': 'correlation-1' },
    body: { message, code, status, contextId: 'correlation-1', details: [], errors: [], ...more },
  };
}

export const lost = (code: HttpFailure['code'], wasSent = true) => new HttpFailure(code, `simulated ${code}`, wasSent);
