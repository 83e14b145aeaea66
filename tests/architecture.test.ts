import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import { genesysTypes } from '../providers/genesys/types.ts';

const ROOT = resolve(import.meta.dirname, '..');

interface Source {
  /** Path from the root, with forward slashes. */
  readonly path: string;
  readonly tree: ts.SourceFile;
  /** What it imports: our own files by path from the root, packages and Node's modules by name. */
  readonly imports: readonly Import[];
}

interface Import {
  readonly to: string;
  readonly isOurs: boolean;
  readonly isType: boolean;
  /** Awaited where it is needed, not loaded with the file. */
  readonly isLazy: boolean;
}

const sources = ['state', 'providers', 'scripts', 'bench'].flatMap(readRoom);
const inFolder = (...folders: readonly string[]): readonly Source[] =>
  sources.filter((source) => folders.some((folder) => source.path.startsWith(`${folder}/`)));

function readRoom(room: string): readonly Source[] {
  if (!existsSync(join(ROOT, room))) return [];
  const files = readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return files.map((name) => parseSource(`${room}/${name.replaceAll('\\', '/')}`, readFileSync(join(ROOT, room, name), 'utf8')));
}

function parseSource(path: string, text: string): Source {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  const imports: Import[] = [];
  const visit = (node: ts.Node): void => {
    const found = importOf(node, path);
    if (found !== undefined) imports.push(found);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return { path, tree, imports };
}

function importOf(node: ts.Node, from: string): Import | undefined {
  const isDynamic = ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword;
  const name = ts.isImportDeclaration(node) || ts.isExportDeclaration(node) ? node.moduleSpecifier : isDynamic ? node.arguments[0] : undefined;
  if (name === undefined || !ts.isStringLiteral(name)) return undefined;
  const isType = ts.isImportDeclaration(node) ? node.importClause?.isTypeOnly === true : ts.isExportDeclaration(node) && node.isTypeOnly;
  const isOurs = name.text.startsWith('.');
  return { to: isOurs ? relative(ROOT, resolve(ROOT, dirname(from), name.text)).replaceAll('\\', '/') : name.text, isOurs, isType, isLazy: isDynamic };
}

/** Every use of one of these global names, or of `Math.random` and the like when a dot is in the name. */
function usesOf(source: Source, names: readonly string[]): readonly string[] {
  const found: string[] = [];
  const own = declaredIn(source);
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && names.includes(node.getText(source.tree))) found.push(at(source, node));
    if (ts.isIdentifier(node) && names.includes(node.text) && !own.has(node.text) && isFree(node)) found.push(at(source, node));
    if (ts.isNewExpression(node) && node.expression.getText(source.tree) === 'Date' && (node.arguments?.length ?? 0) === 0 && names.includes('Date.now'))
      found.push(at(source, node));
    ts.forEachChild(node, visit);
  };
  visit(source.tree);
  return found;
}

/** Names that the file itself gives to something: a parameter called `fetch` is no network. */
function declaredIn(source: Source): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    const isNaming =
      ts.isParameter(node) || ts.isVariableDeclaration(node) || ts.isBindingElement(node) || ts.isFunctionDeclaration(node) || ts.isImportSpecifier(node);
    if (isNaming && node.name !== undefined && ts.isIdentifier(node.name)) names.add(node.name.text);
    ts.forEachChild(node, visit);
  };
  visit(source.tree);
  return names;
}

/** Not the name of a property, of a declaration or of an import. */
function isFree(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) || ts.isQualifiedName(parent)) return parent.getChildAt(0) === node;
  if (ts.isImportSpecifier(parent) || ts.isTypeReferenceNode(parent) || ts.isShorthandPropertyAssignment(parent)) return false;
  return !('name' in parent && parent.name === node);
}

function at(source: Source, node: ts.Node): string {
  return `${source.path}:${source.tree.getLineAndCharacterOfPosition(node.getStart(source.tree)).line + 1} ${node.getText(source.tree).slice(0, 60)}`;
}

function importsThat(from: readonly Source[], isWrong: (imported: Import, source: Source) => boolean): readonly string[] {
  return from.flatMap((source) => source.imports.filter((imported) => isWrong(imported, source)).map((imported) => `${source.path} -> ${imported.to}`));
}

const isNode = (imported: Import): boolean => imported.to.startsWith('node:') || builtinModules.includes(imported.to);
const CLOCK_AND_CHANCE = ['Date.now', 'Math.random', 'performance', 'setTimeout', 'setInterval', 'setImmediate', 'process', 'fetch', 'WebSocket'];

describe('imports run scripts -> providers -> state', () => {
  test('the rooms are there, so that the rules below are about something', () => {
    for (const room of ['state', 'providers', 'scripts']) expect(inFolder(room).length).toBeGreaterThan(5);
  });

  test('state imports nothing of ours outside state', () => {
    expect(importsThat(inFolder('state'), (imported) => imported.isOurs && !imported.to.startsWith('state/'))).toEqual([]);
  });

  test('providers import providers and state, never scripts, bench or tests', () => {
    expect(importsThat(inFolder('providers'), (imported) => imported.isOurs && !/^(providers|state)\//.test(imported.to))).toEqual([]);
  });

  test('no room of the product imports tests', () => {
    expect(importsThat(inFolder('state', 'providers', 'scripts'), (imported) => imported.isOurs && imported.to.startsWith('tests/'))).toEqual([]);
  });

  test('the emulator imports state at most as formats, and nothing else of ours but the facts, the world and itself', () => {
    const allowed = /^(providers\/genesys-emulator\/|providers\/genesys-facts\/|providers\/(world|node-world)\.ts$|state\/)/;
    expect(importsThat(inFolder('providers/genesys-emulator'), (imported) => imported.isOurs && !allowed.test(imported.to))).toEqual([]);
    expect(importsThat(inFolder('providers/genesys-emulator'), (imported) => imported.to === 'state/resource-type.ts')).toEqual([]);
  });

  test('no provider imports the emulator', () => {
    const others = inFolder('providers').filter((source) => !source.path.startsWith('providers/genesys-emulator/'));
    expect(importsThat(others, (imported) => imported.to.startsWith('providers/genesys-emulator/'))).toEqual([]);
  });

  test('only providers/pulumi imports Pulumi', () => {
    const others = sources.filter((source) => !source.path.startsWith('providers/pulumi/'));
    expect(importsThat(others, (imported) => imported.to.startsWith('@pulumi/'))).toEqual([]);
  });

  test('no verb but those of the Pulumi driver loads Pulumi', () => {
    const verbs = ['practice', 'export', 'check', 'graph', 'plan', 'apply', 'drift'].map((name) => `scripts/${name}.ts`);
    const loaded = loadedBy(['scripts/cordboard.ts', ...verbs]);
    expect(importsThat(loaded, (imported) => !imported.isType && imported.to.startsWith('@pulumi/'))).toEqual([]);
    expect(loaded.length).toBeGreaterThan(50);
  });
});

/** Every source of ours that is loaded with these. */
function loadedBy(paths: readonly string[]): readonly Source[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const found = new Set<Source>();
  const open = [...paths];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const source = byPath.get(path);
    if (source === undefined || found.has(source)) continue;
    found.add(source);
    open.push(...source.imports.filter((imported) => imported.isOurs && !imported.isType && !imported.isLazy).map((imported) => imported.to));
  }
  return [...found];
}

describe('the core is pure', () => {
  test('state imports of Node only the hashes of node:crypto', () => {
    expect(importsThat(inFolder('state'), (imported) => isNode(imported) && imported.to !== 'node:crypto')).toEqual([]);
    const wrong = inFolder('state').filter((source) => /import \{(?! createHash \})[^}]*\} from 'node:crypto'/.test(source.tree.text));
    expect(wrong.map((source) => source.path)).toEqual([]);
  });

  test('state has no clock, chance, timer, network or process', () => {
    expect(inFolder('state').flatMap((source) => usesOf(source, CLOCK_AND_CHANCE))).toEqual([]);
  });

  test('state does not wait: no async function stands there', () => {
    const isAsync = (source: Source): boolean => /\basync\b|\bawait\b/.test(withoutComments(source));
    expect(
      inFolder('state')
        .filter(isAsync)
        .map((source) => source.path),
    ).toEqual([]);
  });
});

describe('client, declarations, reconciler and store reach time, chance, disk and network through World alone', () => {
  const ruled = inFolder('providers/client', 'providers/genesys', 'providers/reconciler', 'providers/store');
  /** The facts are data of this package, read once when it loads: not the disk of a run. */
  const DATA_READERS = ['providers/genesys/facts.ts'];

  test('none of them imports a module of Node that does input or output', () => {
    const pure = ['node:crypto', 'node:buffer', 'node:path', 'node:path/posix', 'node:util', 'node:async_hooks'];
    const isWrong = (imported: Import, source: Source): boolean => isNode(imported) && !pure.includes(imported.to) && !DATA_READERS.includes(source.path);
    expect(importsThat(ruled, isWrong)).toEqual([]);
  });

  test('none of them imports an HTTP or Git library', () => {
    expect(importsThat(ruled, (imported) => ['undici', 'fastify', 'simple-git'].includes(imported.to))).toEqual([]);
  });

  test('none of them uses a clock, chance, a timer, the network or the process', () => {
    expect(ruled.flatMap((source) => usesOf(source, CLOCK_AND_CHANCE))).toEqual([]);
    expect(ruled.flatMap((source) => usesOf(source, ['randomUUID', 'randomBytes', 'crypto.randomUUID', 'crypto.getRandomValues']))).toEqual([]);
  });
});

describe('the rules see what they forbid', () => {
  const cases = [
    { reason: 'a static import', text: "import { a } from '../providers/world.ts';", imports: ['providers/world.ts'], uses: 0 },
    { reason: 'an import of types alone', text: "import type { A } from '../providers/world.ts';", imports: ['providers/world.ts'], uses: 0 },
    { reason: 'a dynamic import', text: "const a = await import('node:fs');", imports: ['node:fs'], uses: 0 },
    { reason: 'a re-export', text: "export * from './value.ts';", imports: ['state/value.ts'], uses: 0 },
    { reason: 'the clock, in both spellings', text: 'const a = Date.now(); const b = new Date();', imports: [], uses: 2 },
    { reason: 'a timer handed on', text: 'const wait = setTimeout;', imports: [], uses: 1 },
    { reason: 'the environment', text: "const a = process.env['A'];", imports: [], uses: 1 },
    { reason: 'names that only look like it', text: 'const a = { process: 1 }; a.process; new Date(5); clock.setTimeout();', imports: [], uses: 0 },
  ];
  test.each(cases)('$reason', ({ text, imports, uses }) => {
    const source = parseSource('state/sample.ts', text);
    expect(source.imports.map((imported) => imported.to)).toEqual(imports);
    expect(usesOf(source, CLOCK_AND_CHANCE)).toHaveLength(uses);
  });
});

describe('a resource type is one file that declares', () => {
  const files = inFolder('providers/genesys').filter((source) => source.imports.some((imported) => imported.to === 'providers/genesys/declare.ts'));

  test('every listed type has a file of its own, a schema and a sample', () => {
    const named = [...genesysTypes.keys()].map((name) => name.replaceAll('_', '-')).sort();
    expect(files.map((source) => source.path.replace(/^providers\/genesys\/|\.ts$/g, '')).sort()).toEqual(named);
    for (const type of genesysTypes.values()) expect([type.name, typeof type.schema()]).toEqual([type.name, 'object']);
    expect(named.filter((name) => !existsSync(join(ROOT, `tests/samples/${name}.ts`)))).toEqual([]);
  });

  test('no type file imports another', () => {
    const paths = files.map((source) => source.path);
    expect(importsThat(files, (imported) => paths.includes(imported.to))).toEqual([]);
  });

  test('a type file holds no loop over requests: it imports no client and no session', () => {
    expect(
      importsThat(files, (imported) => /^providers\/(client|reconciler|store|git)\//.test(imported.to) || imported.to === 'providers/genesys/session.ts'),
    ).toEqual([]);
  });
});

describe('the house', () => {
  test('no source names a path outside of the repository', () => {
    const isForeign = /\.\.\/shared|['"`]\/(work|home|tmp|Users)\//;
    expect(sources.filter((source) => isForeign.test(source.tree.text)).map((source) => source.path)).toEqual([]);
  });

  test('manifests hold YAML and assets, no code', () => {
    const folder = join(ROOT, 'manifests');
    const files = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()) : [];
    expect(files.map((entry) => entry.name).filter((name) => !/\.(yaml|wav|mp3|json)$/.test(name) && name !== 'README.md')).toEqual([]);
  });

  test('nothing has a default export, and no source is named after nothing', () => {
    const defaults = sources.filter((source) => source.tree.statements.some((statement) => ts.isExportAssignment(statement)));
    expect(defaults.map((source) => source.path)).toEqual([]);
    expect(sources.map((source) => source.path).filter((path) => /(^|\/)(utils?|common|helpers?|misc)(\.ts|\/)/.test(path))).toEqual([]);
  });

  test('a file of more than 350 lines says why in a comment', () => {
    const long = sources.filter((source) => source.tree.text.split('\n').length > 351 && !/long because|lines because/i.test(source.tree.text));
    expect(long.map((source) => source.path)).toEqual([]);
  });
});

function withoutComments(source: Source): string {
  const scanner = ts.createScanner(ts.ScriptTarget.ES2023, true, ts.LanguageVariant.Standard, source.tree.text);
  const words: string[] = [];
  for (let token = scanner.scan(); token !== ts.SyntaxKind.EndOfFileToken; token = scanner.scan()) {
    if (token !== ts.SyntaxKind.StringLiteral && token !== ts.SyntaxKind.NoSubstitutionTemplateLiteral) words.push(scanner.getTokenText());
  }
  return words.join(' ');
}
