/** What the exit code of every verb means; printed in each `--help`. */
export const EXIT = { done: 0, failed: 1, pending: 2, badInput: 3, interrupted: 130 } as const;
export type Exit = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_HELP = `Exit codes:
  0    done, or nothing to do
  1    failed, or only a part was done
  2    changes or drift are pending
  3    bad input; nothing was written
  130  interrupted`;
