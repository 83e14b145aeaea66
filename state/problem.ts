import type { Address } from './address.ts';

/** Where in a file a problem stands: 1-based line and column. */
export interface Place {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/**
 * Something a person must fix, as data. Problems are gathered and shown all at once, never one at a time.
 * `message` is lower case without a final period and quotes the wrong value; `hint` is the next step.
 */
export interface Problem {
  readonly code: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly hint?: string;
  readonly at?: Address;
  /** JSON pointer into the document's body. */
  readonly pointer?: string;
  readonly place?: Place;
}

/** Thrown to stop now, with everything that is known to be wrong. The door prints the problems and exits with `exit`. */
export class Refused extends Error {
  readonly problems: readonly Problem[];
  /** 3 bad input, 1 failed; see the exit codes in the README. */
  readonly exit: 1 | 3;

  constructor(problems: readonly Problem[], exit: 1 | 3 = 3) {
    super(problems.map((problem) => problem.message).join('; '));
    this.name = 'Refused';
    this.problems = problems;
    this.exit = exit;
  }
}

export function hasErrors(problems: readonly Problem[]): boolean {
  return problems.some((problem) => problem.severity === 'error');
}
