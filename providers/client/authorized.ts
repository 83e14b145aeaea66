import { isMap } from '../../state/value.ts';
import { type Connection, OrgFailure } from '../contract.ts';
import type { World } from '../world.ts';
import type { Concealer } from './concealer.ts';
import { type ApiRequest, authOf, type OrgClient } from './org-client.ts';

interface Token {
  readonly text: string;
  /** Monotonic time from which on a new one is fetched first. */
  readonly renewAt: number;
  /** Whether the org has taken it for any request: then a 401 says that it ended, else that no token will do. */
  hasWorked: boolean;
}

/** A request that meets the end of so many tokens in a row is not answered. */
const TRIES = 6;

/** Renewed so long before the end, but never earlier than after nine tenths of a token's life. */
const MARGIN = 60_000;

export interface AuthorizedOptions {
  readonly world: Pick<World, 'clock'>;
  readonly connection: Connection;
  /** The client that fetches tokens: it repeats, fails and records on its own. */
  readonly login: OrgClient;
  readonly concealer: Concealer;
}

/**
 * Adds the token. One token request at a time, whoever asks; renewed before it ends, and once for each token when an answer says 401 all the
 * same. A 401 to a token that never worked is final.
 * A token is kept in memory only.
 */
export function authorized(inner: OrgClient, { world, connection, login, concealer }: AuthorizedOptions): OrgClient {
  let token: Token | undefined;
  let fetching: Promise<Token> | undefined;

  const fetchOnce = async (): Promise<Token> => {
    fetching ??= fetchToken(login, connection, world).finally(() => {
      fetching = undefined;
    });
    token = await fetching;
    concealer.add(token.text);
    return token;
  };
  const current = async (): Promise<Token> => (token !== undefined && world.clock.ticks() < token.renewAt ? token : fetchOnce());

  return {
    async call(request) {
      if (authOf(request) === 'none') return inner.call(request);
      for (let tries = 1; ; tries += 1) {
        const used = await current();
        const answer = await inner.call(withToken(request, used));
        if (answer.status !== 401) used.hasWorked = true;
        if (answer.status !== 401 || tries === TRIES || (tries > 1 && !used.hasWorked)) return answer;
        if (token === used) token = undefined;
      }
    },
  };
}

function withToken(request: ApiRequest, token: Token): ApiRequest {
  const authorization = authOf(request) === 'bare' ? token.text : `Bearer ${token.text}`;
  return { ...request, headers: { ...request.headers, authorization } };
}

async function fetchToken(login: OrgClient, connection: Connection, world: Pick<World, 'clock'>): Promise<Token> {
  const asked = world.clock.ticks();
  const { value } = await login.call(tokenRequest(connection)).catch((failure: unknown) => {
    throw failure instanceof OrgFailure ? tokenFailure(failure) : failure;
  });
  const text = isMap(value) ? value['access_token'] : undefined;
  const seconds = isMap(value) ? Number(value['expires_in'] ?? 86_400) : Number.NaN;
  if (typeof text !== 'string' || text === '' || !(seconds > 0)) throw new OrgFailure('refused', 'the login host answered without a token');
  const life = seconds * 1_000;
  return { text, renewAt: asked + Math.max(life - MARGIN, life * 0.9), hasWorked: false };
}

function tokenRequest({ clientId, clientSecret }: Connection): ApiRequest {
  const basic = Buffer.from(`${clientId}:${clientSecret}`, 'utf8').toString('base64');
  return {
    method: 'POST',
    base: 'login',
    path: '/oauth/token',
    auth: 'none',
    isRead: true,
    headers: { authorization: `Basic ${basic}` },
    content: { kind: 'form', fields: { grant_type: 'client_credentials' } },
    maxBytes: 1024 * 1024,
    patience: 120_000,
  };
}

/** Wrong credentials are the commonest mistake, so they are told in plain words. */
function tokenFailure(failure: OrgFailure): OrgFailure {
  const isCredentials = failure.status === 400 || failure.status === 401;
  const message = isCredentials
    ? 'the login host does not accept client id and secret; check the two environment variables and the region'
    : `no token: ${failure.message}`;
  const { status, code, correlationId } = failure;
  const facts = {
    ...(status === undefined ? {} : { status }),
    ...(code === undefined ? {} : { code }),
    ...(correlationId === undefined ? {} : { correlationId }),
  };
  return new OrgFailure('refused', message, facts);
}
