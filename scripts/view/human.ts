import pc from 'picocolors';
import { canonicalJson } from '../../state/canonical.ts';
import type { Action, FieldChange } from '../../state/change.ts';
import type { OutcomeWord } from '../../state/outcome.ts';
import type { Problem } from '../../state/problem.ts';
import type { Value } from '../../state/value.ts';
import { cycleLines } from './cycle.ts';
import { escapeText } from './escape.ts';
import type { Output, StepOutput } from './output.ts';

const SIGN: Readonly<Record<Action, string>> = { create: '+', adopt: '~', update: '~', replace: '-', delete: '-', unchanged: '=', held: '-' };
const OUTCOME_SIGN: Readonly<Record<OutcomeWord, string>> = {
  created: '+',
  adopted: '=',
  updated: '~',
  deleted: '-',
  unchanged: '=',
  held: '-',
  skipped: '!',
  stale: '!',
  failed: '!',
  unknown: '!',
};
const CHANGE_SIGN = { add: '+', change: '~', remove: '-' } as const;
/** Longer values are cut in the middle of a line; `--json` shows them whole. */
const LONGEST = 96;

/** The lines in which a person reads one output: sign first, then what it is about. `width` is that of the terminal, where there is one. */
export function humanLines(output: Output, width?: number): readonly string[] {
  switch (output.record) {
    case 'problem':
      return problemLines(output);
    case 'org':
      return [`org ${escapeText(output.org)}: "${escapeText(output.name)}" (${escapeText(output.id)})${output.pinned ? ', pinned' : ''}`];
    case 'type':
      return [`  ${output.type.padEnd(28)} ${String(output.count).padStart(5)}${output.completeness === 'whole' ? '' : `  (${output.completeness})`}`];
    case 'file':
      return [`${{ written: '+', removed: '-', kept: '=' }[output.change]} ${escapeText(output.file)}`];
    case 'step':
      return stepLines(output);
    case 'drift':
      return driftLines(output);
    case 'outcome':
      return outcomeLines(output);
    case 'cycle':
      return cycleLines(output, width);
    case 'node':
      return [escapeText(output.address), ...output.needs.map((need) => `  needs ${escapeText(need)}`)];
    case 'saved':
      return [`${output.what} ${escapeText(output.at)}`];
    case 'listening':
      return [`${output.org}: ${output.address} (client ${output.clientId})`];
    case 'text':
      return output.text.split('\n').map(escapeText);
    case 'totals':
      return [totalsLine(output)];
    case 'next':
      return output.text.split('\n').map((line, index) => `${index === 0 ? 'next: ' : '      '}${escapeText(line)}`);
    default:
      return output satisfies never;
  }
}

function stepLines(step: StepOutput): readonly string[] {
  const was = step.was === undefined ? '' : ` (was ${escapeText(step.was)})`;
  const word = step.held === undefined ? step.action : `held: ${step.held.action}`;
  const reasons = step.reasons.length === 0 ? '' : `: ${step.reasons.map(escapeText).join('; ')}`;
  const sign = step.action === 'adopt' && step.changes.length === 0 ? '=' : SIGN[step.action];
  const head = paint(sign, `${sign} ${escapeText(step.address)}${was}  ${pc.dim(word + reasons)}`);
  const held = step.held === undefined ? [] : [`    held by: ${escapeText(step.held.rule)}; to allow: ${escapeText(step.held.allow)}`];
  return [head, ...held, ...temporaryLines(step), ...(step.action === 'create' ? [] : step.changes.map(changeLine))];
}

function temporaryLines({ temporary }: StepOutput): readonly string[] {
  if (temporary === undefined) return [];
  return [`    a temporary name, until ${escapeText(temporary.until)}; back to ${escapeText(temporary.for)} where the run fails on the way`];
}

/** What became of an address since it was applied: gone, new, or changed field by field. */
function driftLines(drift: StepOutput): readonly string[] {
  const address = escapeText(drift.address);
  if (drift.action === 'create') return [paint('-', `- ${address}  ${pc.dim('gone from the org')}`)];
  if (drift.held?.action === 'delete') return [paint('+', `+ ${address}  ${pc.dim('new in the org; putting back leaves it')}`)];
  if (drift.action === 'delete') return [paint('+', `+ ${address}  ${pc.dim('new in the org; putting back deletes it')}`)];
  if (drift.action === 'unchanged') return [`= ${address}`];
  const now = drift.was === undefined ? '' : ` (now ${escapeText(drift.was)})`;
  const held = drift.held === undefined ? [] : [`    cannot be put back: ${escapeText(drift.held.rule)}; to allow: ${escapeText(drift.held.allow)}`];
  return [paint('~', `~ ${address}${now}  ${pc.dim('changed in the org')}`), ...held, ...drift.changes.map(changeLine)];
}

function changeLine(change: FieldChange): string {
  const sign = CHANGE_SIGN[change.kind];
  const at = escapeText(change.at === '' ? '/' : change.at);
  if (change.kind === 'add') return paint(sign, `    + ${at}: ${sayValue(change.after)}`);
  if (change.kind === 'remove') return paint(sign, `    - ${at}: ${sayValue(change.before)}`);
  return paint(sign, `    ~ ${at}: ${sayValue(change.before)} -> ${sayValue(change.after)}`);
}

function sayValue(value: Value | undefined): string {
  if (value === undefined) return '(not set)';
  const text = escapeText(canonicalJson(value));
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST / 2)} ... ${text.slice(-LONGEST / 3)} (${text.length} characters)`;
}

function outcomeLines(outcome: Extract<Output, { record: 'outcome' }>): readonly string[] {
  const sign = OUTCOME_SIGN[outcome.word];
  const because = outcome.because === undefined ? '' : ` because of ${escapeText(outcome.because)}`;
  const message = outcome.message === undefined || outcome.because !== undefined ? '' : `: ${escapeText(outcome.message)}`;
  return [paint(sign, `${sign} ${escapeText(outcome.address)}  ${pc.dim(outcome.word)}${because}${message}`)];
}

function problemLines(problem: Problem): readonly string[] {
  const isError = problem.severity === 'error';
  const word = isError ? pc.red('error') : pc.yellow('warning');
  const place = problem.place === undefined ? '' : `${escapeText(sayPlace(problem.place))}: `;
  const at = problem.at === undefined ? [] : [`    at ${escapeText(problem.at)}${problem.pointer === undefined ? '' : ` ${escapeText(problem.pointer)}`}`];
  const hint = problem.hint === undefined ? [] : [`    next: ${escapeText(problem.hint)}`];
  return [`${word}: ${place}${escapeText(problem.message)}`, ...at, ...hint];
}

function sayPlace(place: NonNullable<Problem['place']>): string {
  return [place.file, place.line, place.column].filter((part) => part !== undefined).join(':');
}

/** What was carried out and came to nothing is not called "nothing to do": whether there was, is not known here. */
function totalsLine({ verb, counts }: Extract<Output, { record: 'totals' }>): string {
  const parts = Object.entries(counts).filter(([, count]) => count > 0);
  return parts.length === 0
    ? verb === 'apply' || verb === 'up'
      ? 'nothing was done'
      : 'nothing to do'
    : parts.map(([word, count]) => `${count} ${count === 1 ? word.replace(/^(file|document|error|warning)s/, '$1') : word}`).join(', ');
}

function paint(sign: string, line: string): string {
  if (sign === '+') return pc.green(line);
  if (sign === '~') return pc.yellow(line);
  return sign === '-' || sign === '!' ? pc.red(line) : line;
}
