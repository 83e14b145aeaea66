import { canonicalJson } from '../../state/canonical.ts';
import { type Connection, OrgFailure } from '../contract.ts';
import type { HttpRequest, World } from '../world.ts';
import { nameOf } from './failure.ts';
import {
  type ApiAnswer,
  type ApiContent,
  type ApiHost,
  type ApiRequest,
  authOf,
  isAbsolute,
  type MultipartPart,
  type OrgClient,
  type QueryValue,
} from './org-client.ts';

const DEADLINE = 60_000;
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * The innermost client: one request, one exchange, whatever the answer. Knows nothing of JSON answers, tokens or repetition.
 * Throws `HttpFailure` where no whole answer arrived.
 */
export function transport(world: World, connection: Connection): OrgClient {
  const hosts = hostsOf(connection);
  return {
    async call(request) {
      const answer = await world.http(httpRequest(request, hosts, world.chance));
      return { status: answer.status, headers: answer.headers, value: null, bytes: answer.body } satisfies ApiAnswer;
    },
  };
}

/** The hosts of an org, each without a slash at its end and with the path below which its own paths stand. */
type Hosts = Readonly<Record<ApiHost, { readonly base: string; readonly origin: string; readonly prefix: string }>>;

function hostsOf({ api, login, apps }: Connection): Hosts {
  const host = (address: string) => {
    const base = address.replace(/\/+$/, '');
    const { origin, pathname } = new URL(base);
    return { base, origin, prefix: pathname.replace(/\/$/, '') };
  };
  return { api: host(api), login: host(login), apps: host(apps) };
}

function httpRequest(request: ApiRequest, hosts: Hosts, chance: () => number): HttpRequest {
  const encoded = encodeBody(request, chance);
  return {
    method: request.method,
    url: addressOf(request, hosts),
    headers: { accept: request.expects === 'bytes' ? '*/*' : 'application/json', 'user-agent': 'cordboard', ...encoded.headers, ...request.headers },
    ...(encoded.body === undefined ? {} : { body: encoded.body }),
    deadline: request.deadline ?? DEADLINE,
    maxBytes: request.maxBytes ?? MAX_BYTES,
    ...(request.signal === undefined ? {} : { signal: request.signal }),
  };
}

/** The address of a request. Refuses a token for a host that is not the org's, and a path that would leave the place it names. */
function addressOf(request: ApiRequest, hosts: Hosts): string {
  const url = absoluteOf(request, hosts);
  const isOurs = url.origin === hosts.api.origin || url.origin === hosts.apps.origin || url.origin === hosts.login.origin;
  if (authOf(request) !== 'none' && !isOurs) throw new OrgFailure('refused', `${nameOf(request)} is not on a host of the org, so no token is sent there`);
  for (const [name, value] of Object.entries(request.query ?? {})) {
    for (const text of queryTexts(value)) url.searchParams.append(name, text);
  }
  return url.href;
}

function absoluteOf(request: ApiRequest, hosts: Hosts): URL {
  if (isAbsolute(request)) return new URL(request.path);
  const { base, prefix } = hosts[request.base ?? 'api'];
  const url = new URL(`${base}${request.path}`);
  if (url.pathname !== `${prefix}${request.path.replace(/[?#].*$/s, '')}`) throw new OrgFailure('refused', `"${request.path}" is not a plain path`);
  return url;
}

/** Lists go as one parameter with commas, as the API has them. */
function queryTexts(value: QueryValue | undefined): string[] {
  if (value === undefined) return [];
  return [Array.isArray(value) ? value.join(',') : String(value)];
}

interface Encoded {
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
}

function encodeBody(request: ApiRequest, chance: () => number): Encoded {
  if (request.content !== undefined) return encodeContent(request.content, chance);
  if (request.body === undefined) return { headers: {} };
  return { headers: { 'content-type': 'application/json' }, body: canonicalJson(request.body) };
}

function encodeContent(content: ApiContent, chance: () => number): Encoded {
  switch (content.kind) {
    case 'bytes':
      return { headers: content.contentType === undefined ? {} : { 'content-type': content.contentType }, body: content.bytes };
    case 'form':
      return { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams(content.fields).toString() };
    case 'multipart':
      return encodeMultipart(content.parts, boundaryFor(content.parts, chance));
    default:
      return content satisfies never;
  }
}

/** A boundary that no part holds. */
function boundaryFor(parts: readonly MultipartPart[], chance: () => number): string {
  const texts = parts.map((part) => Buffer.from(part.value));
  for (;;) {
    const boundary = `cordboard-${Math.floor(chance() * 2 ** 48).toString(36)}${Math.floor(chance() * 2 ** 48).toString(36)}`;
    if (!texts.some((text) => text.includes(boundary))) return boundary;
  }
}

function encodeMultipart(parts: readonly MultipartPart[], boundary: string): Encoded {
  const pieces = parts.flatMap((part) => {
    const file = part.fileName === undefined ? '' : `; filename="${quoted(part.fileName)}"`;
    const type = part.contentType === undefined ? '' : `Content-Type: ${part.contentType}\r\n`;
    return [
      Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${quoted(part.name)}"${file}\r\n${type}\r\n`),
      Buffer.from(part.value),
      Buffer.from('\r\n'),
    ];
  });
  return { headers: { 'content-type': `multipart/form-data; boundary=${boundary}` }, body: Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]) };
}

/** Names in a part's header, as browsers write them. */
function quoted(name: string): string {
  return name.replace(/"/g, '%22').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
}
