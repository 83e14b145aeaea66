/**
 * Set-up and the five commands of a clone: `npm start`, `npm test`, `npm run build`, `npm run bench`, `npm run simulate`.
 *
 * Plain JavaScript without dependencies, because it runs before anything is installed. It says what it does, does only what is
 * needed (installs when the lockfile changed, builds when a source changed), and its exit code is that of what it ran.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
const DIST = join(ROOT, 'dist');
const OLDEST_NODE = [20, 19, 0];
/** The bench runs in the simulated world of the tests. */
const SOURCE_ROOMS = ['state', 'providers', 'scripts', 'bench', 'tests/worlds'];
const BUILD_FILES = ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];

/** The checks of `npm test` before Jest, each one passed or failed. */
const CHECKS = [
  { name: 'types', run: ['typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.json'] },
  { name: 'lint', run: ['@biomejs/biome/bin/biome', 'check', '--error-on-warnings', '.'] },
  { name: 'unused code (knip)', run: ['knip/bin/knip.js'] },
  {
    name: 'import rules (dependency-cruiser)',
    run: ['dependency-cruiser/bin/dependency-cruise.mjs', '--config', '.dependency-cruiser.cjs', 'state', 'providers', 'scripts'],
  },
];

/** The simulated lives leave much behind that is soon forgotten; room for it saves a tenth of their time. */
const ROOMY = '--max-semi-space-size=32';

const COMMANDS = { start, test, build, bench, simulate };

await main(process.argv[2] ?? '', process.argv.slice(3));

/** @param {string} name @param {readonly string[]} words */
async function main(name, words) {
  const command = COMMANDS[name];
  if (command === undefined) {
    console.error(`unknown command "${name}"; one of: ${Object.keys(COMMANDS).join(', ')}`);
    process.exitCode = 3;
    return;
  }
  const missing = whatIsMissing();
  if (missing !== undefined) {
    console.error(missing);
    process.exitCode = 3;
    return;
  }
  process.exitCode = await command(words);
}

function whatIsMissing() {
  const have = process.versions.node.split('.').map(Number);
  const at = OLDEST_NODE.findIndex((part, index) => part !== have[index]);
  if (at >= 0 && have[at] < OLDEST_NODE[at]) return `Node ${OLDEST_NODE.join('.')} or newer is needed; this is ${process.versions.node}`;
  return undefined;
}

async function start(words) {
  const failed = await makeReady();
  if (failed !== 0) return failed;
  return run([join(DIST, 'scripts/practice-run.js'), ...words]);
}

async function bench(words) {
  const failed = await makeReady();
  if (failed !== 0) return failed;
  return run([join(DIST, 'bench/run.js'), ...words]);
}

/** From the sources as they stand; only real processes need what is built. */
async function simulate(words) {
  const failed = words.includes('--real') ? await makeReady() : await install();
  if (failed !== 0) return failed;
  return run(['--import', './tests/simulation/from-source.mjs', join(ROOT, 'tests/simulation/run.ts'), ...words]);
}

/** Types, lint, dead code, import rules, Jest: all of them even when an early one fails. The last line counts. */
async function test(words) {
  const notInstalled = await install();
  if (notInstalled !== 0) return notInstalled;
  const rows = [{ name: 'build', ...(await timed(() => build([]))) }];
  for (const check of CHECKS) {
    say(check.name);
    rows.push({ name: check.name, ...(await timed(() => runTool(check.run))) });
  }
  say('tests (jest)');
  const jest = await runJest(words);
  printTable([...rows.map(asRow), jest.row]);
  for (const name of jest.skippedNames) console.log(`skipped: ${name}`);
  const failed = rows.filter((row) => row.code !== 0).length + jest.failed;
  const passed = rows.filter((row) => row.code === 0).length + jest.passed;
  console.log(`${passed} passed, ${failed} failed, ${jest.skippedNames.length} skipped`);
  return failed === 0 ? 0 : 1;
}

async function runJest(words) {
  const file = join(ROOT, '.cordboard', `jest-${process.pid}.json`);
  mkdirSync(dirname(file), { recursive: true });
  const jest = [ROOMY, '--experimental-vm-modules', '--no-warnings', tool('jest/bin/jest.js'), '--json', '--outputFile', file, '--passWithNoTests', ...words];
  const { code, seconds } = await withScratch((environment) => timed(() => run(jest, { quietOut: true, environment })));
  const result = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
  rmSync(file, { force: true });
  return countJest(result, code, seconds);
}

/** A temporary folder for whatever the work starts, gone afterwards with all that was left in it: also after Ctrl-C, which ends the work first. */
async function withScratch(work) {
  const folder = mkdtempSync(join(tmpdir(), 'cordboard-test-'));
  try {
    return await work({ ...process.env, TMPDIR: folder, TMP: folder, TEMP: folder });
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A suite that could not run counts as one failure; so does a Jest that failed without saying why. */
function countJest(result, code, seconds) {
  const tests = (result?.testResults ?? []).flatMap((suite) => suite.assertionResults.map((one) => ({ ...one, file: relative(ROOT, suite.name) })));
  const skippedNames = tests.filter((one) => one.status !== 'passed' && one.status !== 'failed').map((one) => `${one.file}: ${one.fullName}`);
  const counted = (result?.numFailedTests ?? 0) + (result?.numRuntimeErrorTestSuites ?? 0);
  const failed = code !== 0 && counted === 0 ? 1 : counted;
  const passed = result?.numPassedTests ?? 0;
  return { passed, failed, skippedNames, row: ['tests (jest)', failed === 0 ? 'passed' : 'FAILED', `${passed} passed, ${failed} failed`, `${seconds} s`] };
}

function asRow(row) {
  return [row.name, row.code === 0 ? 'passed' : 'FAILED', '', `${row.seconds} s`];
}

function printTable(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  console.log('');
  for (const row of rows)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    );
}

async function makeReady() {
  const failed = await install();
  return failed === 0 ? build([]) : failed;
}

/** `npm ci` when what is installed is not what the lockfile says. Scripts of packages are never run; none of ours needs one. */
async function install() {
  const stamp = join(ROOT, 'node_modules/.cordboard-lock');
  const wanted = hash([readFileSync(join(ROOT, 'package-lock.json'))]);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return 0;
  say('installing packages from package-lock.json (once, about a minute)');
  const npm = process.env.npm_execpath;
  const words = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const code = npm === undefined ? await runCommand('npm', words) : await run([npm, ...words]);
  if (code === 0) writeFileSync(stamp, wanted);
  else console.error('npm could not install the packages; see above. A network that reaches the npm registry is needed once');
  return code;
}

/** Compiles into `dist/` when a source is not the one it was compiled from; the old one stays until the new one is whole. */
async function build(_words) {
  if (!existsSync(tool('typescript/bin/tsc'))) {
    const failed = await install();
    if (failed !== 0) return failed;
  }
  const stamp = hashOfSources();
  if (existsSync(join(DIST, '.built')) && readFileSync(join(DIST, '.built'), 'utf8') === stamp) return 0;
  say('building');
  const fresh = join(ROOT, `.cordboard/dist-${process.pid}`);
  rmSync(fresh, { recursive: true, force: true });
  const code = await runTool(['typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', fresh]);
  if (code === 0) takeOver(fresh, stamp);
  rmSync(fresh, { recursive: true, force: true });
  return code;
}

function takeOver(fresh, stamp) {
  for (const file of filesOf(join(ROOT, 'providers')).filter((name) => name.endsWith('.json'))) {
    cpSync(file, join(fresh, relative(ROOT, file)));
  }
  writeFileSync(join(fresh, '.built'), stamp);
  const old = `${fresh}-old`;
  if (existsSync(DIST)) renameSync(DIST, old);
  renameSync(fresh, DIST);
  rmSync(old, { recursive: true, force: true });
}

function hashOfSources() {
  const files = [...BUILD_FILES.map((name) => join(ROOT, name)), ...SOURCE_ROOMS.flatMap((room) => filesOf(join(ROOT, room)))];
  const sources = files.filter((name) => /\.(ts|json)$/.test(name)).sort();
  return hash(sources.flatMap((name) => [relative(ROOT, name), readFileSync(name)]));
}

function filesOf(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

function hash(parts) {
  const sum = createHash('sha256');
  for (const part of parts) sum.update(part).update('\0');
  return sum.digest('hex');
}

function tool(path) {
  return join(ROOT, 'node_modules', path);
}

function runTool([path, ...words]) {
  return run([tool(path), ...words]);
}

/** Runs a Node program in the repository's folder; resolves to its exit code, 130 where a signal ended it. */
function run(words, options = {}) {
  return runCommand(process.execPath, words, options);
}

/** Ctrl-C reaches the program itself; one who ends only this process means the program too. Either way what comes after it is still done. */
function runCommand(command, words, options = {}) {
  return new Promise((resolve) => {
    const stdio = ['inherit', options.quietOut ? 'ignore' : 'inherit', 'inherit'];
    const child = spawn(command, words, { cwd: ROOT, stdio, shell: false, env: options.environment ?? process.env });
    const wait = () => {};
    const end = () => child.kill('SIGTERM');
    process.on('SIGINT', wait);
    process.on('SIGTERM', end);
    child.on('error', (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(1);
    });
    child.on('close', (code, signal) => {
      process.off('SIGINT', wait);
      process.off('SIGTERM', end);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
}

async function timed(work) {
  const from = performance.now();
  const code = await work();
  return { code, seconds: ((performance.now() - from) / 1000).toFixed(1) };
}

function say(what) {
  console.error(`> ${what}`);
}
