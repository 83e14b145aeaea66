import type { Command } from 'commander';
import { hasErrors } from '../state/problem.ts';
import { EXIT, type Exit } from './exit.ts';
import { runVerb, withCommonOptions } from './run-verb.ts';
import type { CommonOptions, Site } from './site.ts';
import { findProblems, readWanted } from './wanted.ts';

interface CheckOptions extends CommonOptions {
  readonly org: string;
}

export function defineCheck(command: Command): void {
  withCommonOptions(command)
    .requiredOption('--org <name>', 'whose manifests, with its values of $var')
    .addHelpText('after', '\nExample:\n  cordboard check --org practice-staging')
    .action((options: CheckOptions) => runVerb(options, 'at once', (site) => checkManifests(site, options)));
}

/** Every problem of an org's manifests at once, each with its place. Asks no org and needs no credentials. */
async function checkManifests(site: Site, { org }: CheckOptions): Promise<Exit> {
  const wanted = await readWanted(site, org);
  const problems = findProblems(wanted);
  for (const problem of problems) site.view.print({ record: 'problem', ...problem });
  const errors = problems.filter((problem) => problem.severity === 'error').length;
  const counts = { 'documents checked': wanted.tree.documents.size, errors, warnings: problems.length - errors };
  site.view.print({ record: 'totals', verb: 'check', counts });
  return hasErrors(problems) ? EXIT.badInput : EXIT.done;
}
