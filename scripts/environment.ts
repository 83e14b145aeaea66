import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { Connection } from '../providers/contract.ts';
import { hostsOfAddress, hostsOfRegion, REGION_NAMES } from '../providers/genesys/regions.ts';
import { type Problem, Refused } from '../state/problem.ts';
import type { OrgSettings } from './config.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The process's environment, and what `.env` beside the configuration adds to it; the process wins. */
export function readEnvironment(folder: string): Environment {
  const file = join(folder, '.env');
  if (!existsSync(file)) return process.env;
  const text = readDotEnv(file);
  const problems = findWrongLines(file, text);
  if (problems.length > 0) throw new Refused(problems);
  return { ...parseEnv(text), ...process.env };
}

function readDotEnv(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/^\ufeff/, '');
  } catch (error) {
    const message = `cannot read "${file}": ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`;
    throw new Refused([{ code: 'ENV_UNREADABLE', severity: 'error', message, hint: 'make it a readable file, or remove it' }]);
  }
}

/** Node passes over what it does not understand, so that a variable would only seem not to be set. No line is ever quoted: it may hold a secret. */
function findWrongLines(file: string, text: string): readonly Problem[] {
  const quoted = /^[ \t]*(?:export[ \t]+)?[A-Za-z_][\w.-]*[ \t]*=[ \t]*(?:"[^"]*"|'[^']*'|`[^`]*`)[ \t]*(?:#.*)?$/gm;
  const rest = text.replace(/\r\n/g, '\n').replace(quoted, (value) => value.replace(/[^\n]/g, ''));
  return rest.split('\n').flatMap((line, index) => {
    const message = wrongLine(line);
    const place = { file, line: index + 1 };
    return message === undefined ? [] : [{ code: 'ENV_INVALID', severity: 'error' as const, message, hint: 'mend the line, or remove it', place }];
  });
}

function wrongLine(line: string): string | undefined {
  if (/^\s*(#.*)?$/.test(line)) return undefined;
  if (!/^\s*(export\s+)?[A-Za-z_][\w.-]*\s*=/.test(line)) return 'this line is no NAME=value, no comment and not empty';
  return /=\s*["'`]/.test(line) && !/=\s*(["'`]).*\1/.test(line) ? 'this value opens a quote that is not closed' : undefined;
}

/** How to reach an org, and with what; throws `Refused` naming the variable or the address that is wrong. Values are never quoted. */
export function connectionOf(org: OrgSettings, environment: Environment): Connection {
  const hosts = hostsOf(org, environment);
  const isPractice = org.role === 'practice';
  if (isPractice && !hosts.api.startsWith('http:')) throw new Refused([practiceElsewhere(org)]);
  const clientId = environment[org.credentials.id] ?? (isPractice ? org.name : '');
  const clientSecret = environment[org.credentials.secret] ?? (isPractice ? practiceSecret(org.name) : '');
  const missing = [clientId === '' ? org.credentials.id : undefined, clientSecret === '' ? org.credentials.secret : undefined].filter(
    (name) => name !== undefined,
  );
  if (missing.length > 0) throw new Refused([noCredentials(org, missing)]);
  return { ...hosts, clientId, clientSecret };
}

/** The practice orgs' clients are no secret: they open nothing but a practice org on this machine. */
export function practiceSecret(orgName: string): string {
  return `${orgName}-secret`;
}

function hostsOf(org: OrgSettings, environment: Environment): Pick<Connection, 'api' | 'login' | 'apps'> {
  if (org.region !== undefined) {
    const hosts = hostsOfRegion(org.region);
    if (hosts === undefined) throw new Refused([unknownRegion(org, org.region)]);
    return hosts;
  }
  const address = org.address ?? environment['GENESYS_CLOUD_BASE_URL'];
  if (address === undefined) throw new Refused([noAddress(org)]);
  const hosts = hostsOfAddress(address);
  if (hosts === undefined) throw new Refused([foreignAddress(org)]);
  return hosts;
}

function unknownRegion(org: OrgSettings, region: string): Problem {
  return {
    code: 'REGION_UNKNOWN',
    severity: 'error',
    message: `org "${org.name}" is in the unknown region "${region}"`,
    hint: `one of: ${REGION_NAMES.join(', ')}, or its domain`,
    place: org.place,
  };
}

function noAddress(org: OrgSettings): Problem {
  return {
    code: 'ADDRESS_MISSING',
    severity: 'error',
    message: `nothing says where org "${org.name}" is`,
    hint: 'write its region into cordboard.yaml, or set GENESYS_CLOUD_BASE_URL',
    place: org.place,
  };
}

function foreignAddress(org: OrgSettings): Problem {
  return {
    code: 'ADDRESS_REFUSED',
    severity: 'error',
    message: `the base address of org "${org.name}" is neither an API host of Genesys Cloud nor on loopback, so it gets no credentials`,
    hint: 'write https://api.<domain of a region>, or the region itself',
    place: org.place,
  };
}

function practiceElsewhere(org: OrgSettings): Problem {
  return {
    code: 'PRACTICE_NOT_LOCAL',
    severity: 'error',
    message: `org "${org.name}" has the role practice, yet is not on loopback`,
    hint: 'give it the role test or production',
    place: org.place,
  };
}

function noCredentials(org: OrgSettings, missing: readonly string[]): Problem {
  return {
    code: 'CREDENTIALS_MISSING',
    severity: 'error',
    message: `no credentials for org "${org.name}": ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} not set`,
    hint: 'set them in the environment or in .env beside cordboard.yaml; the OAuth client needs the grant "client credentials"',
    place: org.place,
  };
}
