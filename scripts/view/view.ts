import { relative, sep } from 'node:path';
import { canonicalJson } from '../../state/canonical.ts';
import type { Notice, Report } from '../../state/notice.ts';
import type { Place } from '../../state/problem.ts';
import type { Value } from '../../state/value.ts';
import { escapeJson, escapeText, makeRedactor, type Redactor } from './escape.ts';
import { humanLines } from './human.ts';
import type { Output } from './output.ts';

/** How a verb speaks: data to stdout, progress to stderr, and no secret anywhere. */
export interface View {
  readonly redactor: Redactor;
  readonly isJson: boolean;
  /** Data: a line of JSON, or what a person reads. */
  readonly print: (output: Output) => void;
  /** What the engine reports while it works. */
  readonly report: Report;
  /** Long work under a title; the title and what is reported meanwhile are shown on stderr where somebody may be looking. */
  readonly during: <Result>(title: string, work: () => Promise<Result>) => Promise<Result>;
}

export interface ViewOptions {
  readonly json: boolean;
  readonly quiet: boolean;
}

export function makeView(options: ViewOptions): View {
  const redactor = makeRedactor();
  const lineOf = (output: Output) => (options.json ? [jsonLine(output, redactor)] : humanLines(output, process.stdout.columns).map(redactor.clean));
  const print = (output: Output): void => {
    const stream = !options.json && output.record === 'problem' ? process.stderr : process.stdout;
    for (const line of lineOf(output.record === 'problem' ? fromHere(output) : output)) stream.write(`${line}\n`);
  };
  let progress: ((text: string) => void) | undefined;
  const showProgress = (text: string): void => progress?.(redactor.clean(escapeText(text)));
  // Where no line is drawn anew, a long wait is the one thing that must not look like a standstill.
  const showWait = (text: string): void => {
    if (progress !== undefined || options.quiet || options.json) showProgress(text);
    else process.stderr.write(`> ${redactor.clean(escapeText(text))}\n`);
  };
  return {
    redactor,
    isJson: options.json,
    print,
    report: (notice) => reportNotice(notice, print, notice.code === 'WAITING' ? showWait : showProgress),
    during: async (title, work) => {
      if (options.quiet || options.json) return work();
      if (!process.stderr.isTTY) process.stderr.write(`> ${title}\n`);
      if (!process.stderr.isTTY) return work();
      return underTitle(title, work, (show) => {
        progress = show;
      });
    },
  };
}

/** A problem with its paths as a person in this folder would type them; one far from here stays absolute. */
function fromHere<Told extends { readonly message: string; readonly hint?: string; readonly place?: Place }>(problem: Told): Told {
  const here = `${process.cwd()}${sep}`;
  const hint = problem.hint?.replaceAll(here, '');
  const place = problem.place === undefined ? undefined : { ...problem.place, file: nearPath(problem.place.file) };
  return { ...problem, message: problem.message.replaceAll(here, ''), ...(hint === undefined ? {} : { hint }), ...(place === undefined ? {} : { place }) };
}

function nearPath(file: string): string {
  const near = relative(process.cwd(), file);
  return near !== '' && near.length < file.length ? near : file;
}

/** One record as a line of JSON, without secrets: taken out of its texts one by one, so that no secret, whatever it is, can change its form. */
export function jsonLine(output: Output, redactor: Redactor): string {
  return escapeJson(canonicalJson(plainValue(output, redactor) as Value));
}

/** Fields that hold one of Cordboard's own words, but where they stand in a value of the org's. */
const OWN_WORDS: ReadonlySet<string> = new Set([
  'record',
  'code',
  'severity',
  'action',
  'kind',
  'word',
  'change',
  'what',
  'verb',
  'completeness',
  'why',
  'type',
]);
const FOREIGN: ReadonlySet<string> = new Set(['before', 'after']);

function plainValue(value: unknown, redactor: Redactor, isOurs = true): unknown {
  if (typeof value === 'string') return redactor.clean(value);
  if (value instanceof Map) return plainValue(Object.fromEntries(value), redactor, isOurs);
  if (Array.isArray(value)) return value.map((item) => plainValue(item, redactor, isOurs));
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([, item]) => item !== undefined);
  const isWord = (name: string, item: unknown) => isOurs && OWN_WORDS.has(name) && typeof item === 'string';
  return Object.fromEntries(fields.map(([name, item]) => [name, isWord(name, item) ? item : plainValue(item, redactor, isOurs && !FOREIGN.has(name))]));
}

/** Problems are data; all else is progress. Outcomes that need a person are printed by the verb, with its totals. */
function reportNotice(notice: Notice, print: View['print'], progress: (text: string) => void): void {
  if (notice.code === 'PROBLEM') print({ record: 'problem', ...notice.problem });
  else progress(progressText(notice));
}

function progressText(notice: Exclude<Notice, { code: 'PROBLEM' }>): string {
  switch (notice.code) {
    case 'OUTCOME':
      return `${notice.outcome.word} ${notice.outcome.address}`;
    case 'STARTED':
      return notice.task;
    case 'PROGRESS':
      return `${notice.task}: ${notice.done}${notice.total === undefined ? '' : ` of ${notice.total}`}`;
    case 'FINISHED':
      return `${notice.task}: ${notice.done}`;
    case 'TYPE_READ':
      return `${notice.type}: ${notice.count}`;
    case 'WAITING':
      return `waiting ${Math.ceil(notice.milliseconds / 1000)} s: ${notice.reason}`;
    case 'STEP':
      return `${notice.step.action} ${notice.step.address}`;
    case 'WROTE':
      return `wrote ${notice.file}`;
    case 'REMOVED':
      return `removed ${notice.file}`;
    default:
      return notice satisfies never;
  }
}

async function underTitle<Result>(title: string, work: () => Promise<Result>, follow: (show: ((text: string) => void) | undefined) => void): Promise<Result> {
  const { Listr, ListrLogger, ProcessOutput } = await import('listr2');
  const logger = new ListrLogger({ processOutput: new ProcessOutput(process.stderr, process.stderr) });
  let result: { readonly value: Result } | undefined;
  const list = new Listr(
    [
      {
        title,
        task: async (_, task) => {
          follow((text) => {
            task.output = text;
          });
          result = { value: await work() };
          follow(undefined);
        },
      },
    ],
    { renderer: 'default', rendererOptions: { logger }, fallbackRendererOptions: { logger }, registerSignalListeners: false },
  );
  await list.run();
  if (result === undefined) throw new Error(`"${title}" ended without a result`);
  return result.value;
}
