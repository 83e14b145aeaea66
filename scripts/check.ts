import type { Command } from 'commander';
import { canonicalJson } from '../state/canonical.ts';
import { hasErrors, type Problem } from '../state/problem.ts';
import { makeMap, type Value } from '../state/value.ts';
import { type OrgSettings, orgNamed } from './config.ts';
import { EXIT, type Exit } from './exit.ts';
import { runVerb, withCommonOptions } from './run-verb.ts';
import type { CommonOptions, Site } from './site.ts';
import { emptyTree, findProblems, findUnknownNames, isEmpty, orgsByTree, readManifests, wantedBy } from './wanted.ts';

interface CheckOptions extends CommonOptions {
  readonly org?: string;
}

export function defineCheck(command: Command): void {
  withCommonOptions(command)
    .option('--org <name>', 'only the manifests of this org; left out: every tree of cordboard.yaml, for each org that uses it')
    .addHelpText('after', '\nExample:\n  cordboard check\n  cordboard check --org practice-staging')
    .action((options: CheckOptions) => runVerb(options, 'at once', (site) => checkManifests(site, options)));
}

/** What was found in one tree. */
interface Checked {
  readonly documents: number;
  readonly problems: readonly Problem[];
}

/** Every problem of the manifests at once, each with its place. Asks no org and needs no credentials. */
async function checkManifests(site: Site, { org }: CheckOptions): Promise<Exit> {
  const config = site.config();
  const groups = org === undefined ? orgsByTree(config) : [[orgNamed(config, org)] as const];
  const checked: Checked[] = [];
  for (const orgs of groups) checked.push(await checkGroup(site, orgs));
  const documents = checked.reduce((sum, each) => sum + each.documents, 0);
  // An org that was never exported is no fault of the other trees; where nothing is there at all, nothing was checked.
  const problems = checked.flatMap((each) => each.problems).map((problem) => (documents > 0 && isLackOfTree(problem) ? asWarning(problem) : problem));
  for (const problem of problems) site.view.print({ record: 'problem', ...problem });
  const errors = problems.filter((problem) => problem.severity === 'error').length;
  site.view.print({ record: 'totals', verb: 'check', counts: { 'documents checked': documents, errors, warnings: problems.length - errors } });
  return hasErrors(problems) ? EXIT.badInput : EXIT.done;
}

/** One tree, read once and checked for each of its orgs whose values or ignored fields differ. */
async function checkGroup(site: Site, orgs: readonly [OrgSettings, ...OrgSettings[]]): Promise<Checked> {
  const tree = await readManifests(site, orgs[0]);
  const names = orgs.flatMap((settings) => findUnknownNames(settings));
  if (isEmpty(tree)) return { documents: 0, problems: [...names, emptyTree(orgs[0])] };
  const meanings = [...new Map(orgs.map((settings) => [meaningOf(settings), settings])).keys()];
  const found = meanings.map((meaning) => {
    const sharing = orgs.filter((settings) => meaningOf(settings) === meaning);
    return { names: sharing.map(({ name }) => name), problems: findProblems(wantedBy(sharing[0] ?? orgs[0], tree)) };
  });
  return { documents: tree.documents.size, problems: [...names, ...unite(found)] };
}

/** What makes one tree mean different things in two orgs. */
function meaningOf({ platform, values, ignore }: OrgSettings): string {
  return canonicalJson(makeMap(Object.entries({ platform, values, ignore: ignore as Value })));
}

/** Each problem once; one that only some of the orgs have says which. */
function unite(found: readonly { readonly names: readonly string[]; readonly problems: readonly Problem[] }[]): readonly Problem[] {
  const told = new Map<string, { readonly problem: Problem; readonly names: string[] }>();
  for (const { names, problems } of found) {
    for (const problem of problems) {
      const identity = JSON.stringify([problem.code, problem.at, problem.pointer, problem.message, problem.place]);
      const same = told.get(identity);
      if (same === undefined) told.set(identity, { problem, names: [...names] });
      else same.names.push(...names);
    }
  }
  const all = new Set(found.flatMap(({ names }) => names)).size;
  return [...told.values()].map(({ problem, names }) =>
    names.length >= all ? problem : { ...problem, message: `${problem.message} (for ${names.join(', ')})` },
  );
}

function isLackOfTree(problem: Problem): boolean {
  return problem.code === 'NO_MANIFESTS';
}

function asWarning(problem: Problem): Problem {
  return { ...problem, severity: 'warning' };
}
