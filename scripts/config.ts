import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import type { OrgIdentity } from '../providers/contract.ts';
import { makePointer, type Pattern, type Pointer } from '../state/pointer.ts';
import type { OrgRole, Policy } from '../state/policy.ts';
import { type Place, type Problem, Refused } from '../state/problem.ts';
import type { ValueMap } from '../state/value.ts';
import { readYaml } from '../state/yaml-read.ts';
import { PACKAGE_ROOT } from './version.ts';

/** What `cordboard.yaml` says of one org, with defaults filled in. */
export interface OrgSettings {
  readonly name: string;
  readonly platform: string;
  readonly region?: string;
  readonly address?: string;
  /** Names of environment variables, never values. */
  readonly credentials: { readonly id: string; readonly secret: string };
  readonly role: OrgRole;
  readonly pinned?: OrgIdentity;
  /** Absolute path of the org's tree of manifests. */
  readonly manifests: string;
  readonly values: ValueMap;
  readonly filters: { readonly types?: readonly string[]; readonly names?: readonly string[]; readonly all?: boolean };
  readonly policy: Omit<Policy, 'role'> & { readonly expires?: number };
  readonly ignore: Readonly<Record<string, readonly Pattern[]>>;
  /** In seconds; only of an org of role practice. */
  readonly patience?: { readonly lateCommit?: number; readonly readLag?: number };
  /** Where the org stands in the file, for problems. */
  readonly place: Place;
  /** Where a part of it stands there. */
  readonly placeOf: (pointer: Pointer) => Place;
}

export interface Config {
  /** Absolute path of `cordboard.yaml`, and of the folder that it stands in. */
  readonly file: string;
  readonly folder: string;
  readonly orgs: ReadonlyMap<string, OrgSettings>;
}

const DEFAULT_CREDENTIALS = { id: 'GENESYS_CLOUD_OAUTH_CLIENT_ID', secret: 'GENESYS_CLOUD_OAUTH_CLIENT_SECRET' };

/** Reads and validates the configuration; throws `Refused` with every problem and its place. */
export function readConfig(path: string): Config {
  const file = realFile(path);
  const { value, place, problems } = readYaml(file, readText(file));
  if (value === undefined) throw new Refused(problems);
  const check = new Ajv2020({ allErrors: true, verbose: true }).compile<RawConfig>(schema());
  if (!check(value)) throw new Refused((check.errors ?? []).filter(isOfOwn).map((error) => problem(sayError(error), place(placeOf(error)))));
  const contradictions = Object.entries(value.orgs).flatMap(([name, { policy }]) => contradictionsIn(policy ?? {}, ['orgs', name, 'policy'], place));
  if (contradictions.length > 0) throw new Refused(contradictions);
  const folder = dirname(file);
  const orgs = Object.entries(value.orgs).map(([name, org]) => [name, settings(name, org, folder, place)] as const);
  return { file, folder, orgs: new Map(orgs) };
}

/** The settings of one org by its name; an unknown name is refused with the names that exist. */
export function orgNamed(config: Config, name: string): OrgSettings {
  const org = config.orgs.get(name);
  if (org !== undefined) return org;
  throw new Refused([
    {
      code: 'ORG_UNKNOWN',
      severity: 'error',
      message: `no org "${name}" in ${config.file}`,
      hint: `one of: ${[...config.orgs.keys()].join(', ')}; or add it there`,
    },
  ]);
}

interface RawConfig {
  readonly orgs: Readonly<Record<string, Partial<Omit<OrgSettings, 'name' | 'place' | 'placeOf'>>>>;
}

function settings(name: string, raw: RawConfig['orgs'][string], folder: string, place: (at: Pointer) => Place): OrgSettings {
  const own = makePointer(['orgs', name]);
  return {
    platform: 'genesys',
    credentials: DEFAULT_CREDENTIALS,
    role: 'production',
    values: {},
    filters: {},
    policy: {},
    ignore: {},
    ...raw,
    manifests: join(folder, raw.manifests ?? `manifests/${name}`),
    name,
    place: place(own),
    placeOf: (pointer) => place(`${own}${pointer}`),
  };
}

/** The file by the folder's own path, not by a link to it: Git names paths so. */
function realFile(path: string): string {
  const file = resolve(path);
  const folder = dirname(file);
  return existsSync(folder) ? join(realpathSync(folder), basename(file)) : file;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const message = isMissing ? `no configuration at "${file}"` : `cannot read "${file}": ${(error as Error).message}`;
    throw new Refused([{ code: 'CONFIG_UNREADABLE', severity: 'error', message, hint: 'write a cordboard.yaml, or name one with --config' }]);
  }
}

function schema(): object {
  return JSON.parse(readFileSync(join(PACKAGE_ROOT, 'schemas/cordboard.schema.json'), 'utf8')) as object;
}

function problem(message: string, place: Place): Problem {
  return { code: 'CONFIG_INVALID', severity: 'error', message, place, hint: 'schemas/cordboard.schema.json says what may stand there' };
}

/** Entries of a policy of which one makes the other mean nothing: a problem each that names both lines. */
function contradictionsIn(policy: OrgSettings['policy'], path: readonly (string | number)[], place: (at: Pointer) => Place): readonly Problem[] {
  const at = (...more: (string | number)[]): Place => place(makePointer([...path, ...more]));
  const found: Problem[] = [];
  const { count, percent } = policy.deletes ?? {};
  if (count === 0 && percent !== undefined && percent > 0) {
    found.push(contradiction(`"count: 0" allows no deletion, and "percent: ${percent}" allows some`, [at('deletes', 'count'), at('deletes', 'percent')]));
  }
  if (count !== undefined && count > 0 && percent === 0) {
    found.push(contradiction(`"count: ${count}" allows deletions, and "percent: 0" allows none`, [at('deletes', 'count'), at('deletes', 'percent')]));
  }
  for (const [index, name] of (policy.mayBeEmpty ?? []).entries()) {
    const other = policy.protect?.indexOf(name) ?? -1;
    if (other >= 0) found.push(contradiction(`"${name}" is protected, and its lists may be emptied`, [at('protect', other), at('mayBeEmpty', index)]));
  }
  return found;
}

function contradiction(message: string, [first, second]: readonly [Place, Place]): Problem {
  const lines = `line ${first.line} and line ${second.line}`;
  return { code: 'POLICY_CONTRADICTS', severity: 'error', message: `${message} (${lines})`, place: first, hint: 'take one of the two out' };
}

/** A field too many is pointed at itself, not at the map that holds it. */
function placeOf(error: ErrorObject): Pointer {
  return error.keyword === 'additionalProperties' ? `${error.instancePath}${makePointer([String(error.params['additionalProperty'])])}` : error.instancePath;
}

/** What follows from a condition is told by the condition. */
function isOfOwn(error: ErrorObject): boolean {
  return !error.schemaPath.includes('/then/');
}

function sayError(error: ErrorObject): string {
  const at = error.instancePath === '' ? 'the file' : error.instancePath;
  if (error.keyword === 'additionalProperties') return `${at} has the unknown field "${String(error.params['additionalProperty'])}"`;
  if (error.keyword === 'if') return `${at} has patience, which only an org of role practice may have: any other takes the time that it takes`;
  if (error.keyword === 'not') return `${at} has both region and address; one of them says where the org is`;
  if (error.keyword === 'enum') return `${at} must be one of: ${(error.params['allowedValues'] as string[]).join(', ')}`;
  if (error.keyword === 'type' && at.includes('/policy/')) return `${at} is ${JSON.stringify(error.data)}, and ${error.message}`;
  return `${at} ${error.message ?? 'is not valid'}`;
}
