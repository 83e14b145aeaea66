import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

/** The engine that the SDK in package.json belongs to: the last line that supports Node 20. */
export const ENGINE_VERSION = '3.248.0';

export interface Engine {
  readonly path: string;
  readonly version: string;
}

export interface EngineRun {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The Pulumi CLI on this machine: on PATH, else where its own installer puts this version. Undefined where there is none; nothing is
 * downloaded. A different version on PATH is taken only if the pinned one is nowhere.
 */
export async function findEngine(environment: NodeJS.ProcessEnv): Promise<Engine | undefined> {
  const folders = [
    ...(environment['PATH'] ?? '').split(delimiter),
    join(environment['PULUMI_HOME'] ?? join(homedir(), '.pulumi'), 'versions', ENGINE_VERSION, 'bin'),
  ];
  const found: Engine[] = [];
  for (const path of new Set(folders.filter((folder) => folder !== '').map((folder) => join(folder, 'pulumi')))) {
    if (!isExecutable(path)) continue;
    const { exit, stdout } = await runEngine({ path, version: '' }, ['version'], { environment, folder: process.cwd() });
    if (exit === 0) found.push({ path, version: stdout.trim().replace(/^v/, '') });
  }
  return found.find((engine) => engine.version === ENGINE_VERSION) ?? found[0];
}

/**
 * The environment of every engine run: no update check, no download, one save of the state at the end (a kill loses no object: the
 * journal and the natural keys find what was made), and an empty passphrase unless one is given, since our stacks hold no secret.
 */
export function engineEnvironment(engine: Engine, environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const shim = dirname(createRequire(import.meta.url).resolve('@pulumi/pulumi/package.json'));
  return {
    PULUMI_CONFIG_PASSPHRASE: environment['PULUMI_CONFIG_PASSPHRASE_FILE'] === undefined ? '' : undefined,
    PULUMI_SKIP_CHECKPOINTS: 'true',
    PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: 'true',
    PULUMI_PARALLEL: '16',
    ...environment,
    PULUMI_SKIP_UPDATE_CHECK: 'true',
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    PATH: [dirname(engine.path), environment['PATH'] ?? '', shim].join(delimiter),
  };
}

/** Runs the engine and collects what it says; with `through`, its output goes to the terminal as well as it comes. */
export function runEngine(
  engine: Engine,
  words: readonly string[],
  options: { readonly environment: NodeJS.ProcessEnv; readonly folder: string; readonly through?: boolean; readonly input?: string },
): Promise<EngineRun> {
  return new Promise((resolve, reject) => {
    const keyboard = options.input === undefined ? (options.through ? 'inherit' : 'ignore') : 'pipe';
    const child = spawn(engine.path, [...words], {
      cwd: options.folder,
      env: engineEnvironment(engine, options.environment),
      stdio: options.through ? [keyboard, 'inherit', 'inherit'] : [keyboard, 'pipe', 'pipe'],
    });
    const text = { stdout: '', stderr: '' };
    child.stdout?.on('data', (chunk: Buffer) => {
      text.stdout += chunk.toString();
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      text.stderr += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ exit: code ?? (signal === 'SIGINT' ? 130 : 1), ...text }));
    if (options.input !== undefined) child.stdin?.end(options.input);
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
