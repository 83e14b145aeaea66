import type { Command } from 'commander';
import { type Outcome, sumUp } from '../state/outcome.ts';
import type { DeleteLimit } from '../state/policy.ts';
import { type Problem, Refused } from '../state/problem.ts';
import { adopt } from './adopt.ts';
import { ALLOW_DELETES, limitOfThisShell, printDeleteLimit, readDeleteLimit, withAllowDeletes } from './allow-deletes.ts';
import { AS_READ, engineFailed, openEngine, type StackEngine } from './engine.ts';
import { EXIT, type Exit } from './exit.ts';
import { orgFolder } from './org-folder.ts';
import { readPending } from './pending-memory.ts';
import { isShown, printRecords } from './preview.ts';
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
 * What exists is taken into the stack first, so that the preview says `update` or nothing for it, never `create`; then the stack is brought up to
 * what the org holds, once. The preview and what is carried out both go by that: what moves in between is `stale` where a step would write
 * it, and is left alone where none was shown. What became of each step is told in Cordboard's own words, as the reconciler saw it.
 */
async function up(site: Site, options: UpOptions): Promise<Exit> {
  const { org, yes, confirm, json, allowDeletes } = options;
  const limit = readDeleteLimit(allowDeletes, '--allow-deletes');
  if (yes !== true && (json === true || !process.stdin.isTTY)) throw new Refused([nobodyToAsk(org)]);
  const engine = await openEngine(site, org);
  await adopt(site, org, engine);
  site.view.report({ code: 'STARTED', task: `reading what the stack of ${org} holds` });
  await engine.ask(['refresh', '--yes', '--skip-preview', '--skip-pending-creates']);
  const folder = orgFolder(site.config(), org);
  const before = (await readPending(site.world, folder)).length;
  const consent = {
    ...(confirm === undefined ? {} : { CORDBOARD_CONFIRM: confirm }),
    ...(limit === undefined ? {} : { [ALLOW_DELETES]: printDeleteLimit(limit) }),
  };
  const exit = json === true ? await upInRecords(site, engine, { org, limit, consent }) : await engine.show([...UP, ...(yes === true ? UNASKED : [])], consent);
  const outcomes = (await readPending(site.world, folder)).slice(before).map(({ outcome }) => outcome);
  return sayOutcomes(site, outcomes, exit);
}

/** By what the stack holds, not by a second look at the org that nobody was shown. */
const UP = ['up', '--diff', AS_READ];
const UNASKED = ['--yes', '--non-interactive'];

interface RunInRecords {
  readonly org: string;
  readonly limit: DeleteLimit | undefined;
  readonly consent: Readonly<Record<string, string>>;
}

/** First the records of the preview, then the run: nothing is written that was not printed before. Answers the engine's exit code. */
async function upInRecords(site: Site, engine: StackEngine, { org, limit, consent }: RunInRecords): Promise<number> {
  const shown = await printRecords(site, engine, { org, limit: limit ?? limitOfThisShell(), words: [AS_READ] });
  if (!isShown(shown)) return shown;
  const words = ['up', '--yes', '--skip-preview', AS_READ];
  const run = await engine.run(words, consent);
  if (run.exit !== 0) site.view.print({ record: 'problem', ...engineFailed(words, run) });
  return run.exit;
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
