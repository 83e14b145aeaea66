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
  const lineOf = (output: Output) => (options.json ? [jsonLine(output)] : humanLines(output, process.stdout.columns));
  const print = (output: Output): void => {
    const stream = !options.json && output.record === 'problem' ? process.stderr : process.stdout;
    for (const line of lineOf(output.record === 'problem' ? fromHere(output) : output)) stream.write(`${redactor.clean(line)}\n`);
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

function jsonLine(output: Output): string {
  return escapeJson(canonicalJson(withoutUndefined(output) as Value));
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

function withoutUndefined(value: unknown): unknown {
  if (value instanceof Map) return withoutUndefined(Object.fromEntries(value));
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : [[key, withoutUndefined(item)]])));
}
