import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type FaultPlan, type JournalEntry, type Limits, startEmulator } from '../../providers/genesys-emulator/index.ts';
import { fillOrgs, type OrgSeed, practiceOrgs, type RunningPracticeOrgs } from '../../providers/genesys-emulator/practice/index.ts';
import type { Clock } from '../../providers/world.ts';

export const CLONE = resolve(import.meta.dirname, '../..');
const CLI = join(CLONE, 'dist/scripts/cordboard.js');

export interface Run {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
  /** Both, for what may be on either. */
  readonly all: string;
}

/** A process under way. */
export interface Running {
  /** The number of the process. */
  readonly id: number | undefined;
  readonly ended: Promise<Run>;
  /** Once its output holds this: all that it has shown by then. */
  readonly shows: (what: RegExp) => Promise<string>;
  readonly kill: (signal: NodeJS.Signals) => void;
}

export interface SiteOptions {
  /** The three practice orgs unless others are named; the first administrator's client of each is named like its org. */
  readonly orgs?: readonly OrgSeed[];
  readonly limits?: Limits;
  readonly faults?: FaultPlan;
  /** Ids, tokens and faults follow from it. */
  readonly seed?: string;
  /** A saved state to begin from, in place of filling the orgs anew. */
  readonly stateFile?: string;
  /** The orgs' own clock. */
  readonly clock?: Clock;
  /** A folder to begin with a copy of, in place of an empty repository. */
  readonly like?: string;
  /** Told of every request once it is answered, and before the answer is sent. */
  readonly onRequest?: (entry: JournalEntry) => void;
}

/** A person's folder: its own Git repository, configuration and manifests, beside practice orgs on real sockets. */
export class JourneySite {
  readonly folder: string;
  readonly orgs: RunningPracticeOrgs;

  private constructor(folder: string, orgs: RunningPracticeOrgs) {
    this.folder = folder;
    this.orgs = orgs;
  }

  static async start(options: SiteOptions = {}): Promise<JourneySite> {
    if (!existsSync(CLI)) throw new Error('journeys run the built CLI: npm run build first');
    const site = new JourneySite(realpathSync(mkdtempSync(join(tmpdir(), 'cordboard-journey-'))), await startOrgs(options));
    if (options.like === undefined) await site.makeRepository();
    else cpSync(options.like, site.folder, { recursive: true });
    site.configure('');
    return site;
  }

  private async makeRepository(): Promise<void> {
    await this.git('init', '-q', '-b', 'main');
    await this.git('config', 'user.name', 'A Person');
    await this.git('config', 'user.email', 'person@example.com');
    this.write('.gitignore', '.cordboard/\n.env\n/*.json\n');
  }

  async end(): Promise<void> {
    await this.orgs.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** The orgs that run, each with `extra` lines of its own, and `more` orgs as YAML below `orgs:`. */
  configure(more: string, extra: Readonly<Record<string, string>> = {}): void {
    const org = (name: string) => {
      const own = extra[name] ?? '';
      const folder = own.includes('manifests:') ? '' : '    manifests: manifests/practice\n';
      return `  ${name}:\n    address: ${this.orgs.url}\n    role: practice\n${folder}    pinned: { id: ${this.orgs.core.org(name).id}, name: ${name} }\n${own}`;
    };
    this.write('cordboard.yaml', `orgs:\n${this.orgs.orgs.map(org).join('')}${more}`);
  }

  write(path: string, content: string | Uint8Array): void {
    mkdirSync(join(this.folder, path, '..'), { recursive: true });
    writeFileSync(join(this.folder, path), content);
  }

  read(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8');
  }

  /** All files below a folder, by path, with their content. */
  tree(path: string): ReadonlyMap<string, string> {
    const root = join(this.folder, path);
    const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
    return new Map(paths.map((file) => [file.slice(root.length + 1), readFileSync(file).toString('base64')]));
  }

  copy(from: string, to: string): void {
    rmSync(join(this.folder, to), { recursive: true, force: true });
    cpSync(join(this.folder, from), join(this.folder, to), { recursive: true });
  }

  remove(path: string): void {
    rmSync(join(this.folder, path), { recursive: true, force: true });
  }

  /** A value for each secret that the manifests name. */
  writeSecrets(): void {
    const files = readdirSync(join(this.folder, 'manifests'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
    const names = new Set(files.flatMap((name) => [...this.read(`manifests/${name}`).matchAll(/\$secret: (\w+)/g)].map((found) => found[1])));
    this.write('.env', [...names].map((name) => `${name}=canary-${name}\n`).join(''));
  }

  hash(org: string): string {
    return this.orgs.core.hash(org);
  }

  cordboard(...words: readonly string[]): Promise<Run> {
    return this.start(words).ended;
  }

  /** The CLI as a process of its own, to be told what happens meanwhile. */
  start(words: readonly string[], environment: Readonly<Record<string, string>> = {}): Running {
    return run(process.execPath, [CLI, ...words], this.folder, environment);
  }

  /** Another command in the person's folder; what it printed, whatever came of it. */
  async shell(command: string, ...words: readonly string[]): Promise<string> {
    return (await run(command, words, this.folder, {}).ended).all;
  }

  async git(...words: readonly string[]): Promise<string> {
    const { code, out, err } = await run('git', words, this.folder, {}).ended;
    if (code !== 0) throw new Error(`git ${words.join(' ')}: ${err}`);
    return out.trim();
  }
}

async function startOrgs({ orgs = practiceOrgs(), limits, faults, seed = 'practice', stateFile, onRequest, clock }: SiteOptions): Promise<RunningPracticeOrgs> {
  const emulator = await startEmulator({
    orgs: orgs.map((org) => org.spec),
    seed,
    ...(limits === undefined ? {} : { limits }),
    ...(faults === undefined ? {} : { faults }),
    ...(stateFile === undefined ? {} : { stateFile }),
    ...(onRequest === undefined ? {} : { log: onRequest }),
    ...(clock === undefined ? {} : { clock }),
  });
  try {
    if (stateFile === undefined || !existsSync(stateFile)) fillOrgs(emulator.core, orgs);
  } catch (failure) {
    await emulator.close();
    throw failure;
  }
  return { url: emulator.url, orgs: orgs.map((org) => org.spec.name), core: emulator.core, close: emulator.close };
}

/** No credentials of the person who runs the tests reach what they run. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(GENESYS|GIT|PULUMI|NODE_OPTIONS|FORCE_COLOR)/.test(name)));
}

export function run(command: string, words: readonly string[], folder: string, environment: Readonly<Record<string, string>>): Running {
  const child = spawn(command, words, { cwd: folder, env: { ...cleanEnvironment(), NO_COLOR: '1', ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, err, all] = ['', '', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk;
    all += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk;
    all += chunk;
  });
  const ended = new Promise<Run>((settle, reject) => {
    child.on('error', reject);
    child.on('close', (code) => settle({ code, out, err, all }));
  });
  const shows = (what: RegExp): Promise<string> =>
    new Promise((settle, reject) => {
      const look = (): void => {
        if (what.test(all)) settle(all);
      };
      child.stdout.on('data', look);
      child.stderr.on('data', look);
      child.on('close', () => reject(new Error(`ended without showing ${String(what)}: ${all}`)));
      look();
    });
  return { id: child.pid, ended, shows, kill: (signal) => child.kill(signal) };
}

/** The records of `--json`. */
export function records(out: string): readonly Readonly<Record<string, unknown>>[] {
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}
