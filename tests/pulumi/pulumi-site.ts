import { cpSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { CLONE, JourneySite, type Run, run } from '../journeys/journey-site.ts';
import { type Bag, type ProviderProcess, startProviderProcess } from './provider-process.ts';

export const PRODUCTION = 'practice-production';
export const STAGING = 'practice-staging';
export const EMPTY = 'practice-empty';

/** One resource as the program registers it with the engine. */
export interface Registered {
  readonly type: string;
  readonly name: string;
  readonly inputs: Bag;
  readonly protect: boolean;
  readonly aliases: readonly string[];
  readonly dependencies: readonly string[];
}

/** A person's folder that is a Pulumi project as well: the compiled program and its packages beside the manifests. */
export class PulumiSite {
  readonly site: JourneySite;
  readonly #processes: ProviderProcess[] = [];
  readonly #programs = new Map<string, readonly Registered[]>();

  private constructor(site: JourneySite) {
    this.site = site;
  }

  /** With the manifests `files`, else with the practice production org's; and a value for each secret that they name. */
  static async start(files?: Readonly<Record<string, string>>): Promise<PulumiSite> {
    const made = new PulumiSite(await JourneySite.start({ limits: { perToken: 'none', perOrg: 'none' } }));
    try {
      await made.#fill(files);
      return made;
    } catch (error) {
      await made.end();
      throw error;
    }
  }

  async #fill(files?: Readonly<Record<string, string>>): Promise<void> {
    const { folder } = this;
    const stacks = [PRODUCTION, STAGING, EMPTY].map((org) => `Pulumi.${org}.yaml`);
    for (const name of ['dist', 'schemas', 'package.json', 'Pulumi.yaml', ...stacks]) cpSync(join(CLONE, name), join(folder, name), { recursive: true });
    symlinkSync(join(CLONE, 'node_modules'), join(folder, 'node_modules'));
    mkdirSync(join(folder, '.pulumi-state'));
    this.site.write('.gitignore', '.cordboard/\n.env\n/*.json\ndist\nnode_modules\n.pulumi-state\n');
    if (files === undefined) await this.#export();
    else await this.commit(files);
    this.site.writeSecrets();
  }

  async #export(): Promise<void> {
    const exported = await this.site.cordboard('export', '--org', PRODUCTION, '--all', '--commit');
    if (exported.code !== 0) throw new Error(`the practice org could not be exported: ${exported.all}`);
  }

  /** Writes manifests, by their path below the tree, and commits them; one without text is removed. */
  async commit(files: Readonly<Record<string, string | undefined>>): Promise<void> {
    for (const [path, text] of Object.entries(files)) {
      if (text === undefined) rmSync(join(this.folder, 'manifests/practice', path), { force: true });
      else this.site.write(`manifests/practice/${path}`, text);
    }
    await this.site.git('add', '.');
    await this.site.git('commit', '-q', '--allow-empty', '-m', 'manifests');
  }

  /** An org as it is, exported with the directives that the manifests have and without regard to what was applied; the manifests stay as they are. */
  async export(org: string): Promise<ReadonlyMap<string, string>> {
    const folder = `manifests/${org}`;
    this.site.copy('manifests/practice', folder);
    this.site.write(`${folder}/export.yaml`, this.site.read(`${folder}/export.yaml`).replace(PRODUCTION, org));
    this.site.configure('', { [org]: `    manifests: ${folder}\n` });
    await this.site.git('add', 'manifests');
    await this.site.git('commit', '-q', '-m', `a tree of ${org}`);
    const ended = await this.withoutMemory(org, () => this.site.cordboard('export', '--org', org, '--all'));
    this.site.configure('');
    if (ended.code !== 0) throw new Error(`${org} could not be exported: ${ended.all}`);
    return this.site.tree(folder);
  }

  /** What was applied to the org is out of the way meanwhile: an export would take only what came since. */
  private async withoutMemory<Result>(org: string, work: () => Promise<Result>): Promise<Result> {
    const refs = (await this.site.git('for-each-ref', '--format=%(refname) %(objectname)', 'refs/cordboard')).split('\n').filter((line) => line !== '');
    const notes = join(this.folder, '.cordboard', org, 'applied-by-pulumi.jsonl');
    const hasNotes = existsSync(notes);
    for (const line of refs) await this.site.git('update-ref', '-d', line.split(' ')[0] ?? '');
    if (hasNotes) renameSync(notes, `${notes}.aside`);
    const result = await work();
    for (const line of refs) await this.site.git('update-ref', ...line.split(' '));
    if (hasNotes) renameSync(`${notes}.aside`, notes);
    return result;
  }

  get folder(): string {
    return this.site.folder;
  }

  async end(): Promise<void> {
    await this.closeProviders();
    await this.site.end();
  }

  /** Pulumi's provider process, as the engine starts it. What it prints besides its port is kept. */
  async provider(environment: NodeJS.ProcessEnv = {}): Promise<ProviderProcess> {
    const provider = await startProviderProcess(join(this.folder, 'dist/scripts'), { ...this.cleared(), ...environment });
    this.#processes.push(provider);
    return provider;
  }

  async closeProviders(): Promise<void> {
    await Promise.all(this.#processes.splice(0).map((provider) => provider.close()));
  }

  /**
   * What the program registers for a stack; throws what the program says where it fails. It hangs on what is committed and on the configuration, so
   * it runs once for each state of them.
   */
  async program(stack: string, ids: 'known' | 'unknown' = 'known'): Promise<readonly Registered[]> {
    const [tree, changes] = [await this.site.git('rev-parse', 'HEAD^{tree}'), await this.site.git('status', '--porcelain')];
    const state = [stack, ids, tree, this.site.read('cordboard.yaml')].join('\n');
    const made = (changes === '' ? this.#programs.get(state) : undefined) ?? (await this.#register(stack, ids));
    if (changes === '') this.#programs.set(state, made);
    return made;
  }

  async #register(stack: string, ids: 'known' | 'unknown'): Promise<readonly Registered[]> {
    const ended = await this.runProgram(stack, ids);
    if (ended.code !== 0) throw new Error(ended.err);
    return JSON.parse(ended.out) as readonly Registered[];
  }

  runProgram(stack: string, ids: 'known' | 'unknown' = 'known'): Promise<Run> {
    return run(process.execPath, [join(import.meta.dirname, 'monitor.mjs'), stack, ids], join(this.folder, 'dist/scripts'), {}).ended;
  }

  /** Empties what the driver keeps of its own between runs, so that the next test starts anew. */
  async forget(): Promise<void> {
    rmSync(join(this.folder, '.cordboard'), { recursive: true, force: true });
    const refs = await this.site.git('for-each-ref', '--format=%(refname)', 'refs/cordboard');
    for (const ref of refs.split('\n').filter((name) => name !== '')) await this.site.git('update-ref', '-d', ref);
  }

  /** Nothing of the person who runs the tests reaches the process. */
  private cleared(): NodeJS.ProcessEnv {
    return { CORDBOARD_CONFIRM: undefined };
  }
}
