import type { Command } from 'commander';
import { type Outcome, sumUp } from '../state/outcome.ts';
import { type Problem, Refused } from '../state/problem.ts';
import { adopt } from './adopt.ts';
import { ALLOW_DELETES, printDeleteLimit, readDeleteLimit, withAllowDeletes } from './allow-deletes.ts';
import { engineFailed, openEngine } from './engine.ts';
import { EXIT, type Exit } from './exit.ts';
import { orgFolder } from './org-folder.ts';
import { readPending } from './pending-memory.ts';
import { runVerb, withCommonOptions } from './run-verb.ts';
import type { CommonOptions, Site } from './site.ts';

interface UpOptions extends CommonOptions {
  readonly org: string;
  readonly yes?: boolean;
  readonly confirm?: string;
  readonly allowDeletes?: string;
}

export function defineUp(command: Command): void {
  withAllowDeletes(withCommonOptions(command))
    .requiredOption('--org <name>', 'the org, which is also the name of its stack')
    .option('--yes', 'carry out what the preview shows without asking')
    .option('--confirm <org>', 'name of the production org that is meant')
    .addHelpText(
      'after',
      '\nExample:\n  cordboard up --org practice-staging              (shows the preview, then asks)\n  cordboard up --org practice-staging --yes --json',
    )
    .action((options: UpOptions) => runVerb(options, 'gracefully', (site) => up(site, options)));
}

/**
 * What exists is taken into the stack first, so that the preview says `update` or nothing for it, never `create`. Then the engine previews, asks,
 * and carries out; what became of each step is told in Cordboard's own words, as the reconciler saw it.
 */
async function up(site: Site, options: UpOptions): Promise<Exit> {
  const { org, yes, confirm, json, allowDeletes } = options;
  const limit = readDeleteLimit(allowDeletes, '--allow-deletes');
  if (yes !== true && (json === true || !process.stdin.isTTY)) throw new Refused([nobodyToAsk(org)]);
  const engine = await openEngine(site, org);
  await adopt(site, org, engine);
  const folder = orgFolder(site.config(), org);
  const before = (await readPending(site.world, folder)).length;
  const words = ['up', '--diff', ...(yes === true ? ['--yes', '--non-interactive'] : [])];
  const consent = {
    ...(confirm === undefined ? {} : { CORDBOARD_CONFIRM: confirm }),
    ...(limit === undefined ? {} : { [ALLOW_DELETES]: printDeleteLimit(limit) }),
  };
  const run = json === true ? await engine.run(['up', '--yes'], consent) : { exit: await engine.show(words, consent), stdout: '', stderr: '' };
  if (json === true && run.exit !== 0) site.view.print({ record: 'problem', ...engineFailed(words, run) });
  const outcomes = (await readPending(site.world, folder)).slice(before).map(({ outcome }) => outcome);
  return sayOutcomes(site, outcomes, run.exit);
}

/** What became of each step decides, together with how the engine ended: neither alone can call a run whole. */
function sayOutcomes(site: Site, outcomes: readonly Outcome[], engineExit: number): Exit {
  const { counts, isWhole } = sumUp(outcomes);
  if (site.view.isJson) for (const outcome of outcomes) site.view.print({ record: 'outcome', ...outcome });
  site.view.print({ record: 'totals', verb: 'up', counts });
  return engineExit === 0 && isWhole ? EXIT.done : EXIT.failed;
}

function nobodyToAsk(org: string): Problem {
  const message = 'nobody can be asked whether to go on: this is no terminal, or --json was given';
  return { code: 'NOT_CONFIRMED', severity: 'error', message, hint: `look at cordboard preview --org ${org}, then add --yes` };
}
