import type { Command } from 'commander';
import type { DeleteLimit } from '../state/policy.ts';
import { type Problem, Refused } from '../state/problem.ts';

/** What asks for deletions where the engine is started by hand. */
export const ALLOW_DELETES = 'CORDBOARD_ALLOW_DELETES';

export function withAllowDeletes(command: Command): Command {
  return command.option(
    '--allow-deletes <N>',
    'let up to N objects be deleted, for each type and in all; "N,P%" also at most P % of those that live (20 where nobody says; above 0 one alone may always go)',
  );
}

/** Reads `5` or `5,10%`; undefined where nothing was said. Anything else is refused, with what was read and what is meant. `from` names where it stands. */
export function readDeleteLimit(text: string | undefined, from: string): DeleteLimit | undefined {
  if (text === undefined) return undefined;
  const [, count, percent] = /^(\d{1,9})(?:,(\d{1,3}(?:\.\d{1,6})?)%)?$/.exec(text.trim()) ?? [];
  if (count === undefined || Number(percent ?? 0) > 100) throw new Refused([wrongLimit(text, from)]);
  return { count: Number(count), ...(percent === undefined ? {} : { percent: Number(percent) }) };
}

/** What this shell allows; an empty variable is none. */
export function limitOfThisShell(): DeleteLimit | undefined {
  return readDeleteLimit(process.env[ALLOW_DELETES] || undefined, ALLOW_DELETES);
}

/** As `readDeleteLimit` reads it. */
export function printDeleteLimit({ count, percent }: DeleteLimit): string {
  return percent === undefined ? String(count) : `${count},${percent}%`;
}

function wrongLimit(text: string, from: string): Problem {
  const shown = text.length <= 40 ? text : `${text.slice(0, 40)}...`;
  return {
    code: 'ALLOW_DELETES_INVALID',
    severity: 'error',
    message: `${from} says "${shown}", which is no number of objects`,
    hint: `a whole number, and behind a comma the share of those that live, 100 at most: ${from === ALLOW_DELETES ? `${ALLOW_DELETES}=5` : '--allow-deletes 5'}, or 5,10%`,
  };
}
