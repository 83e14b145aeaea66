import type { Command } from 'commander';
import { withAllowDeletes } from './allow-deletes.ts';
import { askedOf, type PlanOptions, showPlan } from './plan.ts';
import { planAgainstApplied } from './planning.ts';
import { runVerb, withCommonOptions } from './run-verb.ts';
import { refuseOtherFile } from './sealed-plan.ts';

export function defineDrift(command: Command): void {
  withAllowDeletes(withCommonOptions(command))
    .requiredOption('--org <name>', 'the org to compare with what was last applied to it')
    .option('--out <file>', 'seal the plan that puts it back, for "cordboard apply"')
    .option('--all', 'also list what did not change')
    .addHelpText(
      'after',
      '\nExample:\n  cordboard drift --org practice-staging --out put-back.json\n  cordboard drift --org practice-staging --allow-deletes 1 --out put-back.json   (what is new in the org goes as well)',
    )
    .action((options: PlanOptions) =>
      runVerb(options, 'at once', async (site) => {
        refuseOtherFile(options.out);
        return showPlan(site, options, await planAgainstApplied(site, options.org, askedOf(options)), 'drift');
      }),
    );
}
