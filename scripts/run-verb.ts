import { type Command, Option } from 'commander';
import { OrgFailure } from '../providers/contract.ts';
import { Refused } from '../state/problem.ts';
import { EXIT, type Exit } from './exit.ts';
import { type CommonOptions, makeSite, type Site } from './site.ts';
import { makeView, type View } from './view/view.ts';

/** How a verb stops: a verb that only reads is left at once; one that writes is told, and ends after the steps that run; one that serves closes its doors. */
export type Stop = 'at once' | 'gracefully' | 'closing';

const STOPPING: Readonly<Record<Stop, string | undefined>> = {
  'at once': undefined,
  gracefully: 'stopping after the steps that are under way; Ctrl-C again to stop at once',
  closing: 'closing; Ctrl-C again to stop at once',
};

export function withCommonOptions(command: Command): Command {
  return command
    .addOption(new Option('--config <file>', 'configuration to use').default('cordboard.yaml'))
    .option('--json', 'one JSON record per line on stdout (docs/json.md)')
    .option('--quiet', 'no progress on stderr');
}

/**
 * Runs the work of a verb and sets the process's exit code: what it answers; 3 or 1 for what was refused; 1 for any other failure;
 * 130 once interrupted. A second Ctrl-C ends the process at once.
 */
export async function runVerb(options: CommonOptions, stop: Stop, work: (site: Site) => Promise<Exit>): Promise<void> {
  const view = makeView({ json: options.json === true, quiet: options.quiet === true });
  const interrupt = listenForInterrupt(stop);
  try {
    const working = work(makeSite(options, view, interrupt.signal));
    process.exitCode = await (stop === 'at once' ? Promise.race([working, interrupt.interrupted]) : working);
    if (interrupt.signal.aborted) process.exitCode = EXIT.interrupted;
  } catch (error) {
    process.exitCode = interrupt.signal.aborted ? EXIT.interrupted : sayFailure(error, view);
  }
  interrupt.end();
  // What an interrupted verb left behind (an open request, a timer) must not keep the process.
  if (process.exitCode === EXIT.interrupted) process.exit(EXIT.interrupted);
}

function listenForInterrupt(stop: Stop): { readonly signal: AbortSignal; readonly interrupted: Promise<Exit>; readonly end: () => void } {
  const controller = new AbortController();
  let settle: (code: Exit) => void = () => {};
  const interrupted = new Promise<Exit>((resolve) => {
    settle = resolve;
  });
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
    if (STOPPING[stop] !== undefined) process.stderr.write(`\n${STOPPING[stop]}\n`);
    controller.abort(new Error('interrupted'));
    settle(EXIT.interrupted);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  const end = (): void => {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  };
  return { signal: controller.signal, interrupted, end };
}

/** Problems and an org's own failures are told as such; anything else is a bug of Cordboard and keeps its stack. */
function sayFailure(error: unknown, view: View): Exit {
  if (error instanceof Refused) {
    for (const problem of error.problems) view.print({ record: 'problem', ...problem });
    return error.exit;
  }
  if (error instanceof OrgFailure) {
    view.print({ record: 'problem', code: error.code ?? 'ORG_FAILED', severity: 'error', message: error.message, hint: hintFor(error) });
    return EXIT.failed;
  }
  if (isDiskFailure(error)) {
    view.print({ record: 'problem', code: error.code, severity: 'error', message: error.message, hint: `${WAY_OUT[error.code]}, then run it again` });
    return EXIT.failed;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${view.redactor.clean(`this is a fault of Cordboard, please report it:\n${text}`)}\n`);
  return EXIT.failed;
}

function hintFor(failure: OrgFailure): string {
  const where = failure.correlationId === undefined ? '' : `; correlation id ${failure.correlationId}`;
  if (failure.status === 401) return `look at the OAuth client's id and secret${where}`;
  const isReached = failure.status !== undefined && failure.status >= 400;
  return isReached
    ? `run it again; what was done is kept${where}`
    : 'look at the address of the org in cordboard.yaml, at the network and at a proxy in between; what was done is kept';
}

const DISK = 'free or mend the disk';
const RIGHTS = 'let the user who runs this write there';
const PATH = 'put right what stands at that path, or name another';

/** What the disk says no to, and what a person does about it. */
const WAY_OUT: Readonly<Record<string, string>> = {
  ENOSPC: DISK,
  EDQUOT: DISK,
  EIO: DISK,
  EFBIG: DISK,
  EMFILE: 'let the process open more files at once (ulimit -n)',
  ENFILE: 'let the machine open more files at once',
  EACCES: RIGHTS,
  EPERM: RIGHTS,
  EROFS: RIGHTS,
  EBUSY: 'end what uses that file or folder',
  EISDIR: PATH,
  ENOTDIR: PATH,
  EEXIST: PATH,
  ENOTEMPTY: PATH,
  ENAMETOOLONG: PATH,
  ELOOP: PATH,
};

function isDiskFailure(error: unknown): error is NodeJS.ErrnoException & { code: string } {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return error instanceof Error && code !== undefined && Object.hasOwn(WAY_OUT, code);
}
