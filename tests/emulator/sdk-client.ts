import { mkdtempSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What these tests use of the official SDK. Its own type file is megabytes; loading it would slow every type check. */
export type Entity = Readonly<Record<string, unknown>> & { readonly id: string; readonly name: string; readonly version: number };
interface Listing {
  readonly entities: readonly Entity[];
  readonly total: number;
  readonly pageCount: number;
  readonly nextUri?: string;
}
type Method = (...parameters: readonly unknown[]) => Promise<Entity & Listing>;
export type Api = Readonly<Record<string, Method>>;

interface ApiClient {
  config: { live_reload_config: boolean; setConfigPath(path: string): void };
  setGateway(gateway: { host: string; protocol: string; port: string; path_params_login: string; path_params_api: string }): void;
  loginClientCredentialsGrant(id: string, secret: string): Promise<unknown>;
}
type Sdk = Readonly<Record<string, new (client: ApiClient) => Api>> & { readonly ApiClientClass: new () => ApiClient };

let loaded: Sdk | undefined;

/** The SDK, loaded with a home folder of its own, so that it reads nobody's ~/.genesyscloudjavascript. */
function loadSdk(): Sdk {
  if (loaded !== undefined) return loaded;
  const home = process.env['HOME'];
  process.env['HOME'] = mkdtempSync(join(tmpdir(), 'sdk-home-'));
  loaded = createRequire(import.meta.url)('purecloud-platform-client-v2') as Sdk;
  process.env['HOME'] = home;
  return loaded;
}

/** An SDK client of one org, logged in; `api('RoutingApi')` gives one of its APIs. */
export async function sdkClient(url: string, id: string, secret: string): Promise<(name: string) => Api> {
  const sdk = loadSdk();
  const home = process.env['HOME'];
  process.env['HOME'] = mkdtempSync(join(tmpdir(), 'sdk-home-'));
  const client = new sdk.ApiClientClass();
  process.env['HOME'] = home;
  client.config.live_reload_config = false;
  const { hostname, port } = new URL(url);
  client.setGateway({ host: hostname, protocol: 'http', port, path_params_login: '', path_params_api: '' });
  await client.loginClientCredentialsGrant(id, secret);
  return (name) => {
    const Made = sdk[name];
    if (Made === undefined) throw new Error(`the SDK has no ${name}`);
    return new Made(client);
  };
}

/** Status and code of the error that the SDK throws: the API's error body itself. */
export async function errorOf(promise: Promise<unknown>): Promise<readonly [number, string]> {
  try {
    await promise;
  } catch (error) {
    const { status, code } = error as { status: number; code: string };
    return [status, code];
  }
  throw new Error('the call succeeded');
}
