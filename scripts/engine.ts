import { ENGINE_VERSION, type Engine, type EngineRun, findEngine, runEngine } from '../providers/pulumi/engine.ts';
import { type Problem, Refused } from '../state/problem.ts';
import { ALLOW_DELETES } from './allow-deletes.ts';
import { orgNamed } from './config.ts';
import { projectFolder } from './pulumi-site.ts';
import type { Site } from './site.ts';

/** The Pulumi engine, at work in the project's folder on the stack of one org. */
export interface StackEngine {
  readonly engine: Engine;
  /** True where the stack was made just now, so that nothing is in it. */
  readonly isNew: boolean;
  /** Runs it for this stack, its output on the terminal; answers its exit code. */
  readonly show: (words: readonly string[], environment?: Readonly<Record<string, string>>) => Promise<number>;
  /** Runs it for this stack, its output kept; nobody is asked anything. */
  readonly run: (words: readonly string[], environment?: Readonly<Record<string, string>>) => Promise<EngineRun>;
  /** Runs it for this stack and answers what it printed; throws `Refused` where it failed. */
  readonly ask: (words: readonly string[], input?: string) => Promise<string>;
}

/** By what the stack holds, where it was read from the org before: `refresh: always` in Pulumi.yaml would read it again. */
export const AS_READ = '--refresh=false';

/** Finds the engine, says which one it is, and makes the org's stack where there is none. Throws `Refused` without an engine. */
export async function openEngine(site: Site, org: string): Promise<StackEngine> {
  orgNamed(site.config(), org);
  // Consent to write a production org, and to delete, comes from this shell, never from a file that stays.
  const ofThisShell = { CORDBOARD_CONFIRM: process.env['CORDBOARD_CONFIRM'], [ALLOW_DELETES]: process.env[ALLOW_DELETES] };
  const environment = { ...process.env, ...site.environment(), ...ofThisShell };
  const engine = await findEngine(environment);
  if (engine === undefined) throw new Refused([noEngine(org)]);
  if (engine.version !== ENGINE_VERSION) site.view.print({ record: 'problem', ...otherVersion(engine) });
  site.view.report({ code: 'STARTED', task: `Pulumi ${engine.version} at ${engine.path}` });
  const folder = projectFolder(site.config().folder);
  const here = { environment, folder };
  const isNew = await makeStack(engine, org, here);
  return {
    engine,
    isNew,
    ask: async (words, input) => {
      const run = await runEngine(engine, [...words, '--stack', org, '--non-interactive'], { ...here, ...(input === undefined ? {} : { input }) });
      if (run.exit !== 0) throw new Refused([engineFailed(words, run)], 1);
      return run.stdout;
    },
    run: (words, more = {}) => runEngine(engine, [...words, '--stack', org, '--non-interactive'], { ...here, environment: { ...environment, ...more } }),
    show: async (words, more = {}) => {
      const run = await runEngine(engine, [...words, '--stack', org], { ...here, environment: { ...environment, ...more }, through: true });
      return run.exit;
    },
  };
}

/** Makes the stack of an org where there is none; true where it did. */
async function makeStack(engine: Engine, org: string, here: { readonly environment: NodeJS.ProcessEnv; readonly folder: string }): Promise<boolean> {
  const list = ['stack', 'ls', '--json', '--non-interactive'];
  const stacks = await runEngine(engine, list, here);
  if (stacks.exit !== 0) throw new Refused([engineFailed(list, stacks)], 1);
  if ((JSON.parse(stacks.stdout) as { name: string }[]).some(({ name }) => name === org || name.endsWith(`/${org}`))) return false;
  const init = ['stack', 'init', org, '--non-interactive', '--no-select'];
  const made = await runEngine(engine, init, here);
  if (made.exit !== 0) throw new Refused([engineFailed(init, made)], 1);
  return true;
}

/** What the engine said where it failed, as a problem: its own last words. */
export function engineFailed(words: readonly string[], { stdout, stderr }: EngineRun): Problem {
  const said = [...diagnosticsOf(stdout), ...stderr.trim().split('\n')].filter((line) => line !== '').slice(-8);
  return {
    code: 'PULUMI_FAILED',
    severity: 'error',
    message: `pulumi ${words.slice(0, 2).join(' ')} failed: ${said.join('; ')}`,
    hint: 'mend what it says, then run it again',
  };
}

/** With `--json` the engine says on stdout what is wrong. */
function diagnosticsOf(stdout: string): readonly string[] {
  try {
    const { diagnostics = [] } = JSON.parse(stdout) as { diagnostics?: readonly { severity?: string; message?: string }[] };
    return diagnostics.filter(({ severity }) => severity === 'error').map(({ message = '' }) => message.replaceAll(/<\{%.*?%\}>/g, '').trim());
  } catch {
    return [];
  }
}

function noEngine(org: string): Problem {
  return {
    code: 'PULUMI_MISSING',
    severity: 'error',
    message: `no Pulumi CLI on PATH, nor in ~/.pulumi/versions/${ENGINE_VERSION}/bin`,
    hint: `the same without Pulumi: cordboard plan --org ${org} --out plan.json, then cordboard apply plan.json; to install it: https://www.pulumi.com/docs/install, version ${ENGINE_VERSION}`,
  };
}

function otherVersion({ path, version }: Engine): Problem {
  return {
    code: 'PULUMI_VERSION',
    severity: 'warning',
    message: `Pulumi ${version} at "${path}" is not the version that this was made for (${ENGINE_VERSION})`,
    hint: `install ${ENGINE_VERSION} in ~/.pulumi/versions/${ENGINE_VERSION}/bin, and it is taken`,
  };
}
