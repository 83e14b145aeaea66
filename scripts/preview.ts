import type { Command } from 'commander';
import type { DeleteLimit } from '../state/policy.ts';
import { limitOfThisShell, readDeleteLimit, withAllowDeletes } from './allow-deletes.ts';
import { orgNamed } from './config.ts';
import { engineFailed, openEngine, type StackEngine } from './engine.ts';
import { type PreviewDigest, previewCounts, previewOutputs } from './engine-preview.ts';
import { EXIT, type Exit } from './exit.ts';
import { platformOf } from './org-session.ts';
import { policyOf } from './planning.ts';
import { runVerb, withCommonOptions } from './run-verb.ts';
import type { CommonOptions, Site } from './site.ts';

interface PreviewOptions extends CommonOptions {
  readonly org: string;
  readonly allowDeletes?: string;
}

/** What `pulumi preview --expect-no-changes` exits with where there are changes. */
const CHANGES = 7;

export function definePreview(command: Command): void {
  withAllowDeletes(withCommonOptions(command))
    .requiredOption('--org <name>', 'the org, which is also the name of its stack')
    .addHelpText(
      'after',
      '\nExample:\n  cordboard preview --org practice-staging\n  cordboard adopt --org practice-staging       (once, for an org that is not empty)',
    )
    .action((options: PreviewOptions) => runVerb(options, 'at once', (site) => preview(site, options)));
}

/** Shows what the engine would do. Neither the org nor, but for making it, the stack is written. */
async function preview(site: Site, { org, json, allowDeletes }: PreviewOptions): Promise<Exit> {
  const limit = readDeleteLimit(allowDeletes, '--allow-deletes') ?? limitOfThisShell();
  const engine = await openEngine(site, org);
  const exit =
    json === true
      ? await printRecords(site, engine, { org, limit, words: [] })
      : await engine.show(['preview', '--expect-no-changes', '--non-interactive', '--diff']);
  if (engine.isNew && exit === CHANGES) {
    site.view.print({
      record: 'next',
      text: `the stack is new and holds nothing yet; what lives in the org is taken into it by: cordboard adopt --org ${org}`,
    });
  }
  return exit === 0 ? EXIT.done : isShown(exit) ? EXIT.pending : EXIT.failed;
}

/** Whether a preview that ended so has shown what there is to do: nothing, or changes. */
export function isShown(exit: number): boolean {
  return exit === 0 || exit === CHANGES;
}

interface RecordsToPrint {
  readonly org: string;
  /** What the command allows to be deleted. */
  readonly limit: DeleteLimit | undefined;
  /** More words for the engine. */
  readonly words: readonly string[];
}

/** Prints the engine's preview in the records of a plan, or the problem where there is none; answers the engine's exit code. */
export async function printRecords(site: Site, engine: StackEngine, { org, limit, words: more }: RecordsToPrint): Promise<number> {
  const words = ['preview', '--expect-no-changes', '--json', ...more];
  const run = await engine.run(words);
  if (!isShown(run.exit)) {
    site.view.print({ record: 'problem', ...engineFailed(words, run) });
    return run.exit;
  }
  const settings = orgNamed(site.config(), org);
  const digest = JSON.parse(run.stdout) as PreviewDigest;
  const facts = { types: platformOf(settings).types, policy: policyOf(settings), ...(limit === undefined ? {} : { allowDeletes: limit }) };
  const outputs = previewOutputs(digest, facts);
  for (const output of outputs) site.view.print(output);
  site.view.print({ record: 'totals', verb: 'preview', counts: previewCounts(outputs, digest) });
  return run.exit;
}
