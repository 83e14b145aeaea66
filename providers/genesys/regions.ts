import type { Connection } from '../contract.ts';

/** Domains of Genesys Cloud by AWS region, from the vendor's own SDK (PureCloudRegionHosts, version 262). */
const DOMAINS: Readonly<Record<string, string>> = {
  'us-east-1': 'mypurecloud.com',
  'us-west-2': 'usw2.pure.cloud',
  'us-east-2': 'use2.us-gov-pure.cloud',
  'ca-central-1': 'cac1.pure.cloud',
  'eu-west-1': 'mypurecloud.ie',
  'eu-west-2': 'euw2.pure.cloud',
  'eu-central-1': 'mypurecloud.de',
  'eu-central-2': 'euc2.pure.cloud',
  'ap-southeast-2': 'mypurecloud.com.au',
  'ap-northeast-1': 'mypurecloud.jp',
  'ap-northeast-2': 'apne2.pure.cloud',
  'ap-northeast-3': 'apne3.pure.cloud',
  'ap-south-1': 'aps1.pure.cloud',
  'ap-southeast-1': 'apse1.pure.cloud',
  'sa-east-1': 'sae1.pure.cloud',
  'me-central-1': 'mec1.pure.cloud',
  'mx-central-1': 'mxc1.pure.cloud',
  'eusc-de-east-1': 'edee1.eusc-pure.cloud',
};

export const REGION_NAMES: readonly string[] = Object.keys(DOMAINS);

type Hosts = Pick<Connection, 'api' | 'login' | 'apps'>;

/** Hosts of a region, told by AWS name or by domain; undefined for one that Genesys Cloud does not have. */
export function hostsOfRegion(region: string): Hosts | undefined {
  const domain = DOMAINS[region] ?? Object.values(DOMAINS).find((known) => known === region);
  return domain === undefined ? undefined : { api: `https://api.${domain}`, login: `https://login.${domain}`, apps: `https://apps.${domain}` };
}

/**
 * Hosts behind one base address: those of its region where it is an API host of Genesys Cloud, all under the one address where it is
 * on loopback. Undefined for any other, so that no credentials are sent to a host that is not the vendor's.
 */
export function hostsOfAddress(address: string): Hosts | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  if (url.username !== '' || url.password !== '') return undefined;
  if (isLoopback(url.hostname)) return { api: url.origin, login: url.origin, apps: url.origin };
  return url.protocol === 'https:' && url.hostname.startsWith('api.') ? hostsOfRegion(url.hostname.slice('api.'.length)) : undefined;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
