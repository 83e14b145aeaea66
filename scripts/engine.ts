import { ENGINE_VERSION, type Engine, findEngine, runEngine } from '../providers/pulumi/engine.ts';
import { Refused } from '../state/problem.ts';
import { projectFolder } from './pulumi-site.ts';
import type { Site } from './site.ts';

/** The Pulumi engine, at work in the project's folder on the stack of one org. */
export interface StackEngine {
  readonly engine: Engine;
  /** Runs it for this stack, its output on the terminal; answers its exit code. */
  readonly show: (words: readonly string[], environment?: Readonly<Record<string, string>>) => Promise<number>;
  /** Runs it for this stack and answers what it printed; throws where it failed. */
  readonly ask: (words: readonly string[], input?: string) => Promise<string>;
}

/** Finds the engine, says which one it is, and makes the org's stack where there is none. Throws `Refused` without an engine. */
export async function openEngine(site: Site, org: string): Promise<StackEngine> {
  const environment = { ...process.env, ...site.environment() };
  const engine = await findEngine(environment);
  if (engine === undefined) throw new Refused([noEngine(org)]);
  if (engine.version !== ENGINE_VERSION) site.view.print({ record: 'problem', ...otherVersion(engine) });
  site.view.report({ code: 'STARTED', task: `Pulumi ${engine.version} at ${engine.path}` });
  const folder = projectFolder(site.config().folder);
  const ask = async (words: readonly string[], input?: string): Promise<string> => {
    const run = await runEngine(engine, [...words, '--stack', org, '--non-interactive'], { environment, folder, ...(input === undefined ? {} : { input }) });
    if (run.exit !== 0) throw new Refused([failed(words, run.stderr)], 1);
    return run.stdout;
  };
  const show = async (words: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<number> => {
    const run = await runEngine(engine, [...words, '--stack', org], { environment: { ...environment, ...more }, folder, through: true });
    return run.exit;
  };
  const stacks = await runEngine(engine, ['stack', 'ls', '--json', '--non-interactive'], { environment, folder });
  const isMade = stacks.exit === 0 && (JSON.parse(stacks.stdout) as { name: string }[]).some(({ name }) => name === org);
  if (!isMade) await runEngine(engine, ['stack', 'init', org, '--non-interactive', '--no-select'], { environment, folder });
  return { engine, ask, show };
}

function noEngine(org: string) {
  return {
    code: 'PULUMI_MISSING',
    severity: 'error',
    message: `no Pulumi CLI on PATH, nor in ~/.pulumi/versions/${ENGINE_VERSION}/bin`,
    hint: `the same without Pulumi: cordboard plan --org ${org} --out plan.json, then cordboard apply plan.json; to install it: https://www.pulumi.com/docs/install, version ${ENGINE_VERSION}`,
  } as const;
}

function otherVersion({ path, version }: Engine) {
  return {
    code: 'PULUMI_VERSION',
    severity: 'warning',
    message: `Pulumi ${version} at "${path}" is not the version that this was made for (${ENGINE_VERSION})`,
    hint: `install ${ENGINE_VERSION} in ~/.pulumi/versions/${ENGINE_VERSION}/bin, and it is taken`,
  } as const;
}

function failed(words: readonly string[], stderr: string) {
  const said = stderr.trim().split('\n').slice(-5).join('; ');
  return {
    code: 'PULUMI_FAILED',
    severity: 'error',
    message: `pulumi ${words.slice(0, 2).join(' ')} failed: ${said}`,
    hint: 'mend what it says, then run it again',
  } as const;
}
