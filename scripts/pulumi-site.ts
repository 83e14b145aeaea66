import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Problem } from '../state/problem.ts';
import { makeSite, type Site } from './site.ts';
import { humanLines } from './view/human.ts';
import { makeView } from './view/view.ts';

/**
 * A site for what the Pulumi engine starts: it runs beside the compiled program, so the project is the nearest folder above that has a
 * Pulumi.yaml and a cordboard.yaml.
 */
export function engineSite(): Site {
  const folder = projectFolder(process.cwd());
  return makeSite({ config: join(folder, 'cordboard.yaml') }, makeView({ json: false, quiet: true }), new AbortController().signal);
}

export function projectFolder(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'Pulumi.yaml')) && existsSync(join(folder, 'cordboard.yaml'))) return folder;
    if (folder === dirname(folder)) throw new Error(`no folder above "${from}" holds a Pulumi.yaml and a cordboard.yaml`);
  }
}

/** Problems as the engine's diagnostics show them. */
export function sayProblems(problems: readonly Problem[]): string {
  return problems.flatMap((problem) => humanLines({ record: 'problem', ...problem })).join('\n');
}
