import type { Command } from 'commander';
import { adopt } from './adopt.ts';
import { openEngine } from './engine.ts';
import { EXIT, type Exit } from './exit.ts';
import { runVerb, withCommonOptions } from './run-verb.ts';
import type { CommonOptions, Site } from './site.ts';

interface UpOptions extends CommonOptions {
  readonly org: string;
  readonly yes?: boolean;
  readonly confirm?: string;
}

export function defineUp(command: Command): void {
  withCommonOptions(command)
    .requiredOption('--org <name>', 'the org, which is also the name of its stack')
    .option('--yes', 'carry out what the preview shows without asking')
    .option('--confirm <org>', 'name of the production org that is meant')
    .addHelpText('after', '\nExample:\n  cordboard up --org practice-staging --yes')
    .action((options: UpOptions) => runVerb(options, 'gracefully', (site) => up(site, options)));
}

/** What exists is taken into the stack first, so that the preview says `update` or nothing for it, never `create`. */
async function up(site: Site, { org, yes, confirm, json }: UpOptions): Promise<Exit> {
  const engine = await openEngine(site, org);
  await adopt(site, org, engine);
  const words = ['up', '--diff', ...(yes === true ? ['--yes', '--non-interactive'] : []), ...(json === true ? ['--json'] : [])];
  const exit = await engine.show(words, confirm === undefined ? {} : { CORDBOARD_CONFIRM: confirm });
  return exit === 0 ? EXIT.done : EXIT.failed;
}
