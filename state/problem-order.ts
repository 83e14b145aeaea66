import { compareText } from './normalise.ts';
import type { Problem } from './problem.ts';

/** Problems by address, pointer, code and text, each once: the same list whatever the order in which they were found. */
export function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  const keyed = problems.map((problem) => [`${problem.at ?? ''}\0${problem.pointer ?? ''}\0${problem.code}\0${problem.message}`, problem] as const);
  return [...new Map(keyed)].sort(([left], [right]) => compareText(left, right)).map(([, problem]) => problem);
}
