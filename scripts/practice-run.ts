import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import pc from 'picocolors';
import { startPracticeOrgs } from '../providers/genesys-emulator/practice/index.ts';
import { makeRepository } from '../providers/git/repository.ts';
import { EXIT, type Exit } from './exit.ts';
import { askIdentity, changeQueueByHand } from './practice-hand.ts';
import { PACKAGE_ROOT } from './version.ts';

/** One command of the practice run, as a person would type it, or something done by hand in an org. */
interface Stage {
  readonly say: string;
  readonly command?: readonly string[];
  readonly byHand?: (place: Place) => Promise<string>;
  /** Exit codes that mean it went as it should; anything else ends the practice run. */
  readonly expect: readonly Exit[];
}

const PRODUCTION = 'practice-production';
const STAGING = 'practice-staging';

const STAGES: readonly Stage[] = [
  { say: 'Export production as YAML, and commit it.', command: ['export', '--org', PRODUCTION, '--commit'], expect: [EXIT.done] },
  { say: 'No org shows its secrets, so they come from .env, which Git does not see.', byHand: ({ folder }) => writeSecrets(folder), expect: [EXIT.done] },
  { say: 'Check the manifests. This needs no org.', command: ['check', '--org', STAGING], expect: [EXIT.done] },
  { say: 'Plan: what would change in staging? Nothing is written.', command: ['plan', '--org', STAGING, '--out', 'plan.json'], expect: [EXIT.pending] },
  { say: 'Apply exactly this plan.', command: ['apply', 'plan.json'], expect: [EXIT.done] },
  { say: 'Plan again: staging is what the manifests say.', command: ['plan', '--org', STAGING], expect: [EXIT.done] },
  { say: 'Somebody changes a queue in staging by hand.', byHand: ({ address }) => changeQueueByHand(address, STAGING), expect: [EXIT.done] },
  { say: 'Drift: which fields, from what to what?', command: ['drift', '--org', STAGING, '--out', 'put-back.json'], expect: [EXIT.pending] },
  { say: 'Put it back.', command: ['apply', 'put-back.json'], expect: [EXIT.done] },
  { say: 'No drift any more.', command: ['drift', '--org', STAGING], expect: [EXIT.done] },
];

/** Runs the main job against practice orgs of its own, in a folder and a Git repository of its own; the clone stays as it was. */
async function practise(): Promise<Exit> {
  const from = performance.now();
  const folder = takeFolder();
  const running = new Running();
  const orgs = await startPracticeOrgs({ port: 0 });
  try {
    await prepare(folder, orgs.url);
    say(`Practice orgs at ${orgs.url}; a Git repository of its own in ${relative(process.cwd(), folder)}.\n`);
    for (const [index, stage] of STAGES.entries()) {
      const code = await playStage(stage, { folder, address: orgs.url, running, title: `${index + 1}/${STAGES.length} ${stage.say}` });
      if (running.isInterrupted) return EXIT.interrupted;
      if (!stage.expect.includes(code)) {
        say(pc.red(`\nThis ended with exit code ${code}, not ${stage.expect.join(' or ')}; the practice run stops here.`));
        return EXIT.failed;
      }
    }
    say(closing(folder, (performance.now() - from) / 1000));
    return EXIT.done;
  } finally {
    await orgs.close();
    running.end();
    if (running.isInterrupted) rmSync(folder, { recursive: true, force: true });
    else rmSync(join(folder, LOCK), { force: true });
  }
}

interface Place {
  readonly folder: string;
  readonly address: string;
  readonly running: Running;
  readonly title: string;
}

async function playStage(stage: Stage, place: Place): Promise<Exit> {
  say(pc.bold(place.title));
  if (stage.byHand !== undefined) {
    say(`  ${await stage.byHand(place)}\n`);
    return EXIT.done;
  }
  const words = stage.command ?? [];
  say(pc.cyan(`$ cordboard ${words.join(' ')}`));
  const code = await place.running.cordboard(place.folder, words);
  say('');
  return code;
}

/** A value for each secret that the manifests name: these orgs take any. */
async function writeSecrets(folder: string): Promise<string> {
  const manifests = join(folder, 'manifests/practice');
  const files = readdirSync(manifests, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.yaml'));
  const names = new Set(files.flatMap((name) => [...readFileSync(join(manifests, name), 'utf8').matchAll(/\$secret: (\w+)/g)].map((found) => found[1])));
  writeFileSync(join(folder, '.env'), [...names].map((name) => `${name}=only-for-practice\n`).join(''), { mode: 0o600 });
  return `${names.size} names, a value for each`;
}

/** The one command under way, and whether somebody pressed Ctrl-C: the terminal tells the command, we tidy up. */
class Running {
  isInterrupted = false;
  #child: ChildProcess | undefined;
  readonly #onSignal = (signal: NodeJS.Signals): void => {
    if (this.isInterrupted) process.exit(EXIT.interrupted);
    this.isInterrupted = true;
    if (signal !== 'SIGINT' || !process.stdin.isTTY) this.#child?.kill('SIGINT');
  };

  constructor() {
    process.on('SIGINT', this.#onSignal);
    process.on('SIGTERM', this.#onSignal);
  }

  cordboard(folder: string, words: readonly string[]): Promise<Exit> {
    if (this.isInterrupted) return Promise.resolve(EXIT.interrupted);
    return new Promise((resolve, reject) => {
      const cli = join(import.meta.dirname, `cordboard${import.meta.filename.endsWith('.ts') ? '.ts' : '.js'}`);
      this.#child = spawn(process.execPath, [cli, ...words], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
      this.#child.on('error', reject);
      this.#child.on('close', (code) => resolve((code ?? EXIT.interrupted) as Exit));
    });
  }

  end(): void {
    process.off('SIGINT', this.#onSignal);
    process.off('SIGTERM', this.#onSignal);
  }
}

const LOCK = '.running';

/** A fresh folder; where another practice run is at work in the usual one, a second beside it. */
function takeFolder(): string {
  const usual = join(PACKAGE_ROOT, '.cordboard/practice');
  const folder = isInUse(usual) ? `${usual}-${process.pid}` : usual;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, LOCK), String(process.pid));
  return folder;
}

function isInUse(folder: string): boolean {
  const lock = join(folder, LOCK);
  if (!existsSync(lock)) return false;
  try {
    return process.kill(Number(readFileSync(lock, 'utf8')), 0);
  } catch {
    return false;
  }
}

async function prepare(folder: string, address: string): Promise<void> {
  await makeRepository(folder, { name: 'Cordboard Practice', email: 'practice@localhost' });
  writeFileSync(join(folder, '.gitignore'), ['.cordboard/', '.env', LOCK, '/*.json', ''].join('\n'));
  const org = async (name: string): Promise<string> => {
    const pinned = JSON.stringify(await askIdentity(address, name));
    return `  ${name}:\n    address: ${address}\n    role: practice\n    pinned: ${pinned}\n    manifests: manifests/practice\n`;
  };
  writeFileSync(join(folder, 'cordboard.yaml'), `orgs:\n${await org(PRODUCTION)}${await org(STAGING)}`);
}

function closing(folder: string, seconds: number): string {
  return [
    pc.bold(`Done in ${Math.round(seconds)} s. What to try next:`),
    `  the manifests:      ${relative(process.cwd(), join(folder, 'manifests/practice'))}`,
    `  their history:      git -C ${relative(process.cwd(), folder)} log --stat`,
    '  practice orgs that stay, for the commands below:',
    '                      npx cordboard practice',
    '  in a second terminal, from this folder:',
    `                      npx cordboard plan --org ${STAGING}`,
    `                      npx cordboard graph --org ${STAGING}`,
    '  an org of your own: README.md, "A first export of your own org"',
  ].join('\n');
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

process.exitCode = await practise();
