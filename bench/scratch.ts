import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../scripts/cordboard.js', import.meta.url));

/** A folder that is gone afterwards, with a configuration that names one practice org. */
export async function inScratch<Result>(
  org: { readonly name: string; readonly url: string } | undefined,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'cordboard-bench-'));
  try {
    if (org !== undefined) await writeFile(join(folder, 'cordboard.yaml'), `orgs:\n  ${org.name}:\n    address: ${org.url}\n    role: practice\n`);
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export interface Run {
  readonly code: number | null;
  /** The end of what it printed. */
  readonly told: string;
  readonly said: string;
}

/** The real CLI, in a process of its own, as that org's administrator. */
export function runVerb(folder: string, org: string, words: readonly string[], nodeWords: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Run> {
  const credentials = { GENESYS_CLOUD_OAUTH_CLIENT_ID: org, GENESYS_CLOUD_OAUTH_CLIENT_SECRET: `${org}-secret` };
  return runCommand(folder, process.execPath, [...nodeWords, CLI, ...words], { ...credentials, ...env, NO_COLOR: '1' });
}

export async function runCommand(folder: string, command: string, words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Run> {
  const child = spawn(command, words, { cwd: folder, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let [told, said] = ['', ''];
  child.stdout.on('data', (text: Buffer) => {
    told = `${told}${text}`.slice(-4_000);
  });
  child.stderr.on('data', (text: Buffer) => {
    said = `${said}${text}`.slice(-4_000);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, told, said };
}
