import type { Command, CommanderError } from 'commander';
import { nearest } from '../state/nearest.ts';
import type { Problem } from '../state/problem.ts';

/** What is wrong with the words of a command line, with the nearest word or the way to the help; undefined where help was all that was asked for. */
export function usageProblem(error: CommanderError, program: Command, words: readonly string[]): Problem | undefined {
  if (error.exitCode === 0 || error.code === 'commander.help') return undefined;
  const verb = program.commands.find((command) => command.name() === words.find((word) => !word.startsWith('-')));
  const unknown = unknownOption(verb, words);
  if (unknown !== undefined) return problemOf(`unknown option "${unknown}"`, nearestOption(verb, unknown) ?? helpOf(verb));
  const misplaced = error.code === 'commander.unknownOption' && verb !== undefined;
  if (misplaced) return problemOf('an option stands in front of the verb', `write it behind: cordboard ${verb.name()} [options]`);
  const [message = '', guess] = error.message.replace(/^error: /, '').split('\n');
  const meant = /^\(Did you mean (?:one of )?(.*)\?\)$/.exec(guess ?? '')?.[1];
  const quoted = message
    .replaceAll("'", '"')
    .replace(/\.( |$)/g, ';$1')
    .replace(/;$/, '');
  return problemOf(`${quoted.charAt(0).toLowerCase()}${quoted.slice(1)}`, meant === undefined ? helpOf(verb) : `did you mean ${meant}?`);
}

/** A slip in an option's name is told as such, also where it leaves a required option out. */
function unknownOption(verb: Command | undefined, words: readonly string[]): string | undefined {
  if (verb === undefined) return undefined;
  const known = new Set(verb.options.flatMap(({ long, short }) => [long, short]));
  const end = words.indexOf('--');
  const named = words.slice(0, end < 0 ? undefined : end).filter((word) => word.startsWith('--'));
  return named.map((word) => word.split('=', 1)[0] ?? word).find((word) => word !== '--help' && !known.has(word));
}

function nearestOption(verb: Command | undefined, name: string): string | undefined {
  const near = nearest(
    name,
    (verb?.options ?? []).flatMap(({ long }) => (long === undefined ? [] : [long])),
  );
  return near === undefined ? undefined : `did you mean "${near}"?`;
}

function helpOf(verb: Command | undefined): string {
  return verb === undefined ? 'cordboard --help lists the verbs' : `cordboard ${verb.name()} --help lists its options`;
}

function problemOf(message: string, hint: string): Problem {
  return { code: 'USAGE', severity: 'error', message, hint };
}
