import type { Answer, RawRequest } from './exchange.ts';
import { jsonAnswer, Refusal } from './exchange.ts';
import type { ClientSpec, Org } from './org.ts';

/** OAuth: tokens for the clients of the orgs. A token belongs to one client of one org and lives as long as the client's setting says. */
export interface Grant {
  readonly token: string;
  readonly org: Org;
  readonly client: ClientSpec;
  readonly expiresAt: number;
}

/** `accessTokenValiditySeconds`: 300 to 172,800, a day unless set (README, section 4). Tests may set less. */
const A_DAY = 86_400;

export class Access {
  readonly #clients = new Map<string, { readonly org: Org; readonly spec: ClientSpec }>();
  readonly #permissions = new Map<string, readonly string[]>();
  readonly #grants = new Map<string, Grant>();
  readonly #now: () => number;
  readonly #chance: () => number;

  constructor(orgs: Iterable<Org>, now: () => number, chance: () => number) {
    this.#now = now;
    this.#chance = chance;
    for (const org of orgs) {
      for (const spec of org.spec.clients) {
        if (this.#clients.has(spec.id)) throw new Error(`two orgs have an OAuth client "${spec.id}": its id is what chooses the org`);
        this.#clients.set(spec.id, { org, spec });
        this.#permissions.set(spec.id, spec.permissions ?? ['*']);
      }
    }
  }

  /** POST /oauth/token with client credentials. */
  issue(request: RawRequest): Answer {
    const form = new URLSearchParams(Buffer.from(request.body).toString('utf8'));
    const [id, secret] = basicCredentials(request.headers['authorization']) ?? [form.get('client_id') ?? '', form.get('client_secret') ?? ''];
    const known = this.#clients.get(id);
    if (known === undefined || known.spec.secret !== secret) return oauthError(401, 'invalid_client', 'authentication failed');
    if (form.get('grant_type') !== 'client_credentials') return oauthError(400, 'unsupported_grant_type', 'only client_credentials is granted here');
    const seconds = known.spec.accessTokenValiditySeconds ?? A_DAY;
    const token = Array.from({ length: 64 }, () => LETTERS.charAt(Math.floor(this.#chance() * LETTERS.length))).join('');
    this.#grants.set(token, { token, org: known.org, client: known.spec, expiresAt: this.#now() + seconds * 1000 });
    return jsonAnswer(200, { access_token: token, token_type: 'bearer', expires_in: seconds });
  }

  /** Who calls; refuses with 401 where the token is absent, unknown, expired or revoked. */
  grantOf(request: RawRequest): Grant {
    const header = request.headers['authorization'] ?? '';
    if (header === '') throw new Refusal(401, 'authentication.required', 'No authentication bearer token specified in authorization header.');
    // Uploads of prompts carry the token without the word before it (quirks, section 2).
    const grant = this.#grants.get(header.replace(/^bearer\s+/i, ''));
    if (grant === undefined || grant.expiresAt <= this.#now()) throw new Refusal(401, 'bad.credentials', 'Invalid login credentials.');
    return grant;
  }

  permissionsOf(client: ClientSpec): readonly string[] {
    return this.#permissions.get(client.id) ?? [];
  }

  /** What a client may do from now on. */
  allow(clientId: string, permissions: readonly string[]): void {
    this.#permissions.set(clientId, permissions);
  }

  /** Ends one token, or every token of a client. */
  revoke(which: { readonly token?: string; readonly clientId?: string }): void {
    for (const grant of this.#grants.values()) if (grant.token === which.token || grant.client.id === which.clientId) this.#grants.delete(grant.token);
  }
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function basicCredentials(header: string | undefined): readonly [string, string] | undefined {
  const match = /^basic\s+(.+)$/i.exec(header ?? '');
  if (match === null) return undefined;
  const text = Buffer.from(match[1] ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : [decodeLoosely(text.slice(0, colon)), decodeLoosely(text.slice(colon + 1))];
}

/** Some clients escape both halves, as RFC 6749 says; most do not. */
function decodeLoosely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function oauthError(status: number, error: string, description: string): Answer {
  return jsonAnswer(status, { error, description, error_description: description });
}
