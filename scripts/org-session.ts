import type { Connection, OrgIdentity, OrgReader, OrgWriter, Platform } from '../providers/contract.ts';
import { platforms } from '../providers/platforms.ts';
import { type Problem, Refused } from '../state/problem.ts';
import type { Value } from '../state/value.ts';
import { type OrgSettings, orgNamed } from './config.ts';
import { connectionOf } from './environment.ts';
import type { Site } from './site.ts';

/** An org that was reached and is the one that the configuration means. */
export interface OrgSession<Client extends OrgReader> {
  readonly settings: OrgSettings;
  readonly platform: Platform;
  readonly identity: OrgIdentity;
  readonly client: Client;
  /** Id of the OAuth client that we are: what objects that we made name as their creator. */
  readonly clientId: string;
}

/** Opens an org with a client that cannot write. */
export async function openToRead(site: Site, name: string): Promise<OrgSession<OrgReader>> {
  const { settings, platform, connection } = prepare(site, name);
  const client = platform.openReader(site.world, connection, site.view.report);
  return { settings, platform, client, clientId: connection.clientId, identity: await identify(site, settings, client) };
}

/** Opens an org to write to it. Its secrets come from the environment, by the names that documents give them. */
export async function openToWrite(site: Site, name: string): Promise<OrgSession<OrgWriter>> {
  const { settings, platform, connection } = prepare(site, name);
  const client = platform.openWriter(site.world, connection, site.view.report, (secret) => readSecret(site, secret));
  return { settings, platform, client, clientId: connection.clientId, identity: await identify(site, settings, client) };
}

/** The platform of an org; needs neither credentials nor the org. */
export function platformOf(settings: OrgSettings): Platform {
  const platform = platforms.get(settings.platform);
  if (platform === undefined) throw new Error(`no platform "${settings.platform}"`);
  return platform;
}

/** A secret by the name that documents give it; what it says is taken out of everything that is printed from then on. */
export function readSecret(site: Site, name: string): string | undefined {
  const value = site.environment()[name];
  site.view.redactor.add(value);
  return value;
}

function prepare(site: Site, name: string): { settings: OrgSettings; platform: Platform; connection: Connection } {
  const settings = orgNamed(site.config(), name);
  const connection = connectionOf(settings, site.environment());
  site.view.redactor.add(connection.clientSecret);
  return { settings, platform: platformOf(settings), connection };
}

/** Asks the org who it is. Another org behind the same name is refused; one that is not pinned yet gets the line that pins it. */
async function identify(site: Site, settings: OrgSettings, client: OrgReader): Promise<OrgIdentity> {
  const identity = await client.identity();
  const { pinned } = settings;
  const namesake = [...site.config().orgs.values()].find((other) => other.name !== settings.name && other.pinned?.id === identity.id);
  if (pinned === undefined && namesake !== undefined) throw new Refused([pinnedElsewhere(settings, namesake, identity)]);
  if (pinned === undefined) site.view.print({ record: 'problem', ...notPinned(settings, identity) });
  else if (pinned.id !== identity.id || pinned.name !== identity.name) throw new Refused([otherOrg(settings, pinned, identity)]);
  return identity;
}

function notPinned(settings: OrgSettings, identity: OrgIdentity): Problem {
  const line = `pinned: { id: ${sayYaml(identity.id)}, name: ${sayYaml(identity.name)} }`;
  return {
    code: 'ORG_NOT_PINNED',
    severity: 'warning',
    message: `org "${settings.name}" is not pinned; it says it is "${identity.name}"`,
    hint: `if that is right, add to it in cordboard.yaml: ${line}`,
    place: settings.place,
  };
}

/** The commonest way to the wrong org: the credentials of another are still in the environment. */
function pinnedElsewhere(settings: OrgSettings, namesake: OrgSettings, identity: OrgIdentity): Problem {
  return {
    code: 'ORG_OTHER',
    severity: 'error',
    message: `"${settings.name}" answers as "${identity.name}" (${identity.id}), which is pinned as "${namesake.name}"`,
    hint: `look at the credentials and the region of "${settings.name}"; if both names mean one org, pin it under both`,
    place: settings.place,
  };
}

function otherOrg(settings: OrgSettings, pinned: OrgIdentity, identity: OrgIdentity): Problem {
  return {
    code: 'ORG_OTHER',
    severity: 'error',
    message: `"${settings.name}" answers as "${identity.name}" (${identity.id}), and is pinned as "${pinned.name}" (${pinned.id})`,
    hint: 'look at the credentials; change "pinned" in cordboard.yaml only if this org is meant',
    place: settings.place,
  };
}

function sayYaml(text: string): string {
  return /^[A-Za-z][A-Za-z0-9 _-]*[A-Za-z0-9]$/.test(text) ? text : JSON.stringify(text satisfies Value);
}
