import type { Command } from 'commander';
import { openEngine } from './engine.ts';
import { EXIT, type Exit } from './exit.ts';
import { runVerb, withCommonOptions } from './run-verb.ts';
import type { CommonOptions, Site } from './site.ts';

interface PreviewOptions extends CommonOptions {
  readonly org: string;
}

/** What `pulumi preview --expect-no-changes` exits with where there are changes. */
const CHANGES = 7;

export function definePreview(command: Command): void {
  withCommonOptions(command)
    .requiredOption('--org <name>', 'the org, which is also the name of its stack')
    .addHelpText('after', '\nExample:\n  cordboard preview --org practice-staging')
    .action((options: PreviewOptions) => runVerb(options, 'at once', (site) => preview(site, options)));
}

async function preview(site: Site, { org, json }: PreviewOptions): Promise<Exit> {
  const { show } = await openEngine(site, org);
  const exit = await show(['preview', '--expect-no-changes', '--non-interactive', json === true ? '--json' : '--diff']);
  return exit === 0 ? EXIT.done : exit === CHANGES ? EXIT.pending : EXIT.failed;
}
