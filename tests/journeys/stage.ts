import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OrgSeed } from '../../providers/genesys-emulator/practice/index.ts';
import { JourneySite, type Run, type SiteOptions } from './journey-site.ts';
import { type Portrait, portrait } from './org-portrait.ts';
import { disagreements, type ReceiptFile } from './receipt-agreement.ts';

const LIMITS = { perToken: 'none', perOrg: 'none' } as const;
/** Longer than what the faults of these journeys can take, and far shorter than what a real org may take. */
const PATIENCE = '    patience: { lateCommit: 1.2, readLag: 1.2 }\n';

/** A source that was exported and a plan that was sealed for a target, to be applied to the very same target again and again. */
export interface Stage {
  readonly orgs: readonly OrgSeed[];
  readonly target: string;
  /** Folder and state of the orgs right before the apply. */
  readonly folder: string;
  readonly stateFile: string;
  /** What the manifests were exported from, and the target as it was. */
  readonly source: Portrait;
  readonly before: Portrait;
  readonly steps: readonly { readonly address: string; readonly changes: readonly unknown[] }[];
}

/** Prepares stages, opens copies of them, and tidies up behind both. */
export class Theatre {
  readonly #scratch = mkdtempSync(join(tmpdir(), 'cordboard-theatre-'));
  readonly #sites = new Set<JourneySite>();

  /** Exports the org of the first seed and seals a plan of it for the org of the second. */
  async prepare(name: string, orgs: readonly [OrgSeed, OrgSeed]): Promise<Stage> {
    const [source, target] = orgs.map((org) => org.spec.name) as [string, string];
    const stateFile = join(this.#scratch, `${name}.json`);
    const site = await JourneySite.start({ orgs, limits: LIMITS, seed: name, stateFile });
    this.#sites.add(site);
    await must(site, 0, 'export', '--org', source, '--all');
    site.writeSecrets();
    await must(site, 2, 'plan', '--org', target, '--out', 'plan.json');
    const portraits = { source: portrait(site.orgs.core, source), before: portrait(site.orgs.core, target) };
    await site.orgs.close();
    const { steps } = JSON.parse(site.read('plan.json')) as Pick<Stage, 'steps'>;
    return { orgs, target, folder: site.folder, stateFile, steps, ...portraits };
  }

  /** A copy of a stage, with orgs of its own that are patient for a second or so alone. */
  async open(stage: Stage, name: string, options: SiteOptions = {}): Promise<JourneySite> {
    const stateFile = join(this.#scratch, `${name.replace(/\W/g, '-')}.json`);
    copyFileSync(stage.stateFile, stateFile);
    const site = await JourneySite.start({ limits: LIMITS, seed: name, ...options, orgs: stage.orgs, stateFile, like: stage.folder });
    this.#sites.add(site);
    site.configure('', { [stage.target]: PATIENCE });
    return site;
  }

  async close(site: JourneySite): Promise<void> {
    this.#sites.delete(site);
    await site.end();
  }

  async end(): Promise<void> {
    for (const site of this.#sites) await site.end();
    rmSync(this.#scratch, { recursive: true, force: true });
  }
}

/** Runs the CLI, which has to end with this code. */
export async function must(site: JourneySite, code: number, ...words: readonly string[]): Promise<Run> {
  const run = await site.cordboard(...words);
  if (run.code !== code) throw new Error(`cordboard ${words.join(' ')} ended with ${run.code}, not ${code}:\n${run.all}`);
  return run;
}

/** Receipts of all applies to the target so far, oldest first. */
export function receipts(site: JourneySite, { target }: Pick<Stage, 'target'>): readonly ReceiptFile[] {
  const files = [...site.tree(`.cordboard/${target}`)].filter(([path]) => path.startsWith('receipts/') && path.endsWith('.json'));
  const read = files.map(([, text]) => JSON.parse(Buffer.from(text, 'base64').toString('utf8')) as ReceiptFile);
  return read.sort((left, right) => (left.startedAt < right.startedAt ? -1 : 1));
}

/** Where receipts and the org's journal tell different stories; `isWhole` as long as no plan was made anew. */
export function untruths(site: JourneySite, stage: Stage, isWhole = true): readonly string[] {
  return disagreements(receipts(site, stage), stage.steps, { journal: site.orgs.core.journal, org: stage.target, isWhole });
}
