#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { EXIT, EXIT_HELP } from './exit.ts';
import { usageProblem } from './usage-problem.ts';
import { VERSION } from './version.ts';
import { makeView } from './view/view.ts';

/** A verb of the CLI: its file is loaded only when it is called, so that each starts fast. */
interface Verb {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<(command: Command) => void>;
}

const VERBS: readonly Verb[] = [
  { name: 'practice', summary: 'start the practice orgs on this machine and keep them', load: async () => (await import('./practice.ts')).definePractice },
  { name: 'export', summary: 'write an org as YAML into its manifests', load: async () => (await import('./export.ts')).defineExport },
  { name: 'check', summary: 'find every problem in manifests, without an org', load: async () => (await import('./check.ts')).defineCheck },
  { name: 'graph', summary: 'show what depends on what, and the order', load: async () => (await import('./graph.ts')).defineGraph },
  { name: 'plan', summary: 'show what would change in an org, and seal it', load: async () => (await import('./plan.ts')).definePlan },
  { name: 'apply', summary: 'carry out a sealed plan', load: async () => (await import('./apply.ts')).defineApply },
  { name: 'drift', summary: 'show what changed in an org since it was last applied', load: async () => (await import('./drift.ts')).defineDrift },
  { name: 'preview', summary: 'show what Pulumi would change in an org', load: async () => (await import('./preview.ts')).definePreview },
  { name: 'up', summary: 'carry out what the preview shows, through Pulumi', load: async () => (await import('./up.ts')).defineUp },
  { name: 'adopt', summary: 'take what an org holds into its Pulumi stack', load: async () => (await import('./adopt.ts')).defineAdopt },
];

const program = new Command('cordboard');

async function main(words: readonly string[]): Promise<void> {
  program
    .description('A contact-center org as YAML in Git: exported, planned, applied, checked for drift.')
    .version(VERSION)
    .addHelpText('after', `\n${EXIT_HELP}`)
    .configureOutput({ outputError: () => {} })
    .exitOverride();
  const called = words.find((word) => !word.startsWith('-'));
  for (const verb of VERBS) {
    const command = program.command(verb.name).description(verb.summary).addHelpText('after', `\n${EXIT_HELP}`).exitOverride();
    if (verb.name === called || called === 'help') (await verb.load())(command);
  }
  await program.parseAsync(words, { from: 'user' });
}

// Whoever read our output has left (`| head`): what was not told was not done.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? EXIT.failed);
    throw error;
  });
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.badInput;
  const words = process.argv.slice(2);
  const problem = usageProblem(error, program, words);
  if (problem !== undefined) makeView({ json: words.includes('--json'), quiet: false }).print({ record: 'problem', ...problem });
}
