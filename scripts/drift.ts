import type { Command } from 'commander';
import { type PlanOptions, showPlan } from './plan.ts';
import { planAgainstApplied } from './planning.ts';
import { runVerb, withCommonOptions } from './run-verb.ts';

export function defineDrift(command: Command): void {
  withCommonOptions(command)
    .requiredOption('--org <name>', 'the org to compare with what was last applied to it')
    .option('--out <file>', 'seal the plan that puts it back, for "cordboard apply"')
    .option('--all', 'also list what did not change')
    .addHelpText('after', '\nExample:\n  cordboard drift --org practice-staging --out put-back.json')
    .action((options: PlanOptions) =>
      runVerb(options, 'at once', async (site) => showPlan(site, options, await planAgainstApplied(site, options.org), 'drift')),
    );
}
