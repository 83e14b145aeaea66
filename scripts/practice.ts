import { type Command, InvalidArgumentError, Option } from 'commander';
import { startPracticeOrgs } from '../providers/genesys-emulator/practice/index.ts';
import { type Problem, Refused } from '../state/problem.ts';
import { EXIT, type Exit } from './exit.ts';
import { runVerb, withCommonOptions } from './run-verb.ts';
import type { CommonOptions, Site } from './site.ts';

interface PracticeOptions extends CommonOptions {
  readonly port: number;
  readonly size?: number;
  readonly faults?: boolean;
  readonly log?: boolean;
}

/** The port that `cordboard.yaml` names for the practice orgs. */
const PORT = 8477;

export function definePractice(command: Command): void {
  withCommonOptions(command)
    .addOption(new Option('--port <number>', 'port on 127.0.0.1').default(PORT).argParser(toCount(0, 65_535)))
    .addOption(new Option('--size <number>', 'another org, "practice-sized", of so many resources').argParser(toCount(1, 100_000)))
    .option('--faults', 'now and then an error, a lost answer, a short page')
    .option('--log', 'show every request')
    .addHelpText('after', '\nExample:\n  cordboard practice --log\n  cordboard plan --org practice-staging      (in a second terminal)')
    .action((options: PracticeOptions) => runVerb(options, 'closing', (site) => keepPracticeOrgs(site, options)));
}

/** Runs until Ctrl-C, which is the way to end it: exit 130, as of every verb that is interrupted. */
async function keepPracticeOrgs(site: Site, options: PracticeOptions): Promise<Exit> {
  const orgs = await startPracticeOrgs({
    port: options.port,
    ...(options.size === undefined ? {} : { size: options.size }),
    faults: options.faults === true,
    ...(options.log === true ? { onRequest: (line: string) => site.view.print({ record: 'text', text: line }) } : {}),
  }).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EADDRINUSE' ? new Refused([portTaken(options.port)], 1) : error;
  });
  for (const org of orgs.orgs) site.view.print({ record: 'listening', org, address: orgs.url, clientId: org });
  site.view.print({ record: 'next', text: 'leave this running; Ctrl-C ends it' });
  await new Promise<void>((resolve) => site.signal.addEventListener('abort', () => resolve(), { once: true }));
  await orgs.close();
  return EXIT.done;
}

function portTaken(port: number): Problem {
  const hint = 'they may be running already; or choose another with --port, and write it into cordboard.yaml';
  return { code: 'PORT_TAKEN', severity: 'error', message: `something else listens on port ${port} of this machine`, hint };
}

function toCount(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`a whole number from ${least} to ${most}`);
  };
}
