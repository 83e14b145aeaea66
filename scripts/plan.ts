import type { Command } from 'commander';
import type { Step } from '../state/change.ts';
import { hasChanges } from '../state/plan.ts';
import { isWantedHold } from '../state/policy.ts';
import { hasErrors, type Problem } from '../state/problem.ts';
import { readDeleteLimit, withAllowDeletes } from './allow-deletes.ts';
import { EXIT, type Exit } from './exit.ts';
import { type Asked, countActions, countDrift, type Planned, planManifests, stepOutputs } from './planning.ts';
import { runVerb, withCommonOptions } from './run-verb.ts';
import { refuseOtherFile, sealToFile } from './sealed-plan.ts';
import type { CommonOptions, Site } from './site.ts';
import { makeCycleTeller } from './view/cycle.ts';
import type { StepOutput } from './view/output.ts';

export interface PlanOptions extends CommonOptions {
  readonly org: string;
  readonly out?: string;
  readonly all?: boolean;
  readonly rotate?: readonly string[];
  readonly allowDeletes?: string;
}

export function definePlan(command: Command): void {
  withAllowDeletes(withCommonOptions(command))
    .requiredOption('--org <name>', 'the org to plan for')
    .option('--out <file>', 'seal the plan into a file that "cordboard apply" takes')
    .option('--all', 'also list what stays as it is, or is taken over as it is')
    .option(
      '--rotate <secret>',
      'send this secret again, though nothing differs that can be read; may be repeated',
      (name: string, names: readonly string[] = []) => [...names, name],
    )
    .addHelpText(
      'after',
      '\nExamples:\n  cordboard plan --org practice-staging --out plan.json\n  cordboard plan --org practice-staging --rotate CRM_BASIC_AUTH_PASSWORD --out plan.json\n  cordboard plan --org practice-staging --allow-deletes 2 --out plan.json',
    )
    .action((options: PlanOptions) =>
      runVerb(options, 'at once', async (site) => {
        refuseOtherFile(options.out);
        return showPlan(site, options, await planManifests(site, options.org, askedOf(options)), 'plan');
      }),
    );
}

/** What the command asks for beside what the manifests want. */
export function askedOf({ rotate, allowDeletes }: PlanOptions): Asked {
  const limit = readDeleteLimit(allowDeletes, '--allow-deletes');
  return { rotate: new Set(rotate), ...(limit === undefined ? {} : { allowDeletes: limit }) };
}

/** Shows a plan, seals it where asked for, and says with the exit code whether it would do anything. */
export async function showPlan(site: Site, options: PlanOptions, planned: Planned, verb: 'plan' | 'drift'): Promise<Exit> {
  const { plan, warnings = [] } = planned;
  for (const problem of warnings) site.view.print({ record: 'problem', ...problem });
  for (const problem of plan.problems) site.view.print({ record: 'problem', ...placed(problem, planned) });
  const written = new Set(plan.steps.filter((step) => step.action !== 'unchanged' && step.changes.length > 0).map((step) => step.address));
  const tellCycle = makeCycleTeller(
    plan.steps.map(({ address }) => address),
    new Map(plan.steps.map(({ address, needs }) => [address, needs])),
  );
  for (const cycle of plan.cycles) if (cycle.deferred.some((edge) => written.has(edge))) site.view.print(tellCycle(cycle));
  for (const output of stepOutputs(plan, verb === 'plan' ? 'step' : 'drift')) {
    if (options.all === true || !isQuiet(output, site.view.isJson)) site.view.print(output);
  }
  site.view.print({ record: 'totals', verb, counts: verb === 'drift' ? countDrift(plan) : countActions(plan) });
  if (hasErrors(plan.problems)) return EXIT.badInput;
  const isPending = verb === 'drift' ? hasChanges(plan) : plan.steps.some(isAwaited);
  // Also a plan without a step is worth keeping: applied, it makes what is in the manifests now what was applied last.
  if (options.out !== undefined) await sealToFile(site, options.out, planned);
  if (!isPending) return EXIT.done;
  if (options.out === undefined) site.view.print({ record: 'next', text: nextStep(options, verb) });
  return EXIT.pending;
}

/** A held deletion is told and is nothing to do. What is wanted and held (an update, a replacement) still waits: for a person. */
function isAwaited({ action, held }: Step): boolean {
  return action === 'held' ? held !== undefined && isWantedHold(held) : action !== 'unchanged';
}

function placed(problem: Problem, { places }: Planned): Problem {
  const place = problem.place ?? (problem.at === undefined ? undefined : places?.(problem.at, problem.pointer));
  return place === undefined ? problem : { ...problem, place };
}

function nextStep({ org, allowDeletes }: PlanOptions, verb: 'plan' | 'drift'): string {
  const file = verb === 'plan' ? 'plan.json' : 'put-back.json';
  const deletes = allowDeletes === undefined ? '' : ` --allow-deletes ${allowDeletes}`;
  return `cordboard ${verb} --org ${org}${deletes} --out ${file}, then cordboard apply ${file}`;
}

/** What stays as it is, is only counted; a person also needs no list of what is taken over without a change. */
function isQuiet({ action, changes }: StepOutput, isJson: boolean): boolean {
  return action === 'unchanged' || (!isJson && action === 'adopt' && changes.length === 0);
}
