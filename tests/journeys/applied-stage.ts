import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Hand, openHand } from './by-hand.ts';
import { JourneySite, type SiteOptions } from './journey-site.ts';
import { SHELL, SHELL_SEED, SHOP, SHOP_SEED } from './small-orgs.ts';
import { must } from './stage.ts';

const LIMITS = { perToken: 'none', perOrg: 'none' } as const;
const orgs = [SHOP_SEED, SHELL_SEED];

/** A shop exported, committed and applied to its shell: copies of it, each to be changed by hand in its own way. */
export class AppliedStage {
  readonly #scratch = mkdtempSync(join(tmpdir(), 'cordboard-applied-'));
  readonly #sites: JourneySite[] = [];
  #first: JourneySite | undefined;

  async prepare(): Promise<void> {
    const site = await JourneySite.start({ orgs, limits: LIMITS, seed: 'applied', stateFile: join(this.#scratch, 'first.json') });
    this.#first = site;
    this.#sites.push(site);
    await must(site, 0, 'export', '--org', SHOP, '--all');
    await site.git('add', '--all');
    await site.git('commit', '-q', '-m', 'the shop');
    site.writeSecrets();
    await must(site, 2, 'plan', '--org', SHELL, '--out', 'plan.json');
    await must(site, 0, 'apply', 'plan.json');
    await site.git('commit', '-q', '--allow-empty', '-m', 'applied');
    await site.orgs.close();
  }

  /** A copy, and somebody who works in its shell by hand. */
  async open(name: string, options: Pick<SiteOptions, 'clock'> = {}): Promise<{ readonly site: JourneySite; readonly hand: Hand }> {
    if (this.#first === undefined) throw new Error('prepare first');
    const stateFile = join(this.#scratch, `${name.replace(/\W/g, '-')}.json`);
    copyFileSync(join(this.#scratch, 'first.json'), stateFile);
    const site = await JourneySite.start({ orgs, limits: LIMITS, seed: name, stateFile, like: this.#first.folder, ...options });
    this.#sites.push(site);
    return { site, hand: await openHand(site.orgs.url, SHELL) };
  }

  async end(): Promise<void> {
    for (const site of this.#sites) await site.end();
    rmSync(this.#scratch, { recursive: true, force: true });
  }
}

/** Changes fields of one object by hand. */
export async function change({ call, find }: Hand, path: string, name: string, fields: object): Promise<void> {
  const { id } = await find(path, name);
  await call('PUT', `${path}/${id}`, { ...(await call('GET', `${path}/${id}`)), ...fields });
}
