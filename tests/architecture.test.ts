import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import { genesysTypes } from '../providers/genesys/types.ts';

/** Long because it is the one list of what may import and use what, with the reader that sees it and proofs that the reader is not blind. */
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
  /** What it takes by name; `*` where it takes all, or where a re-export or a lazy import does. */
  readonly names: readonly string[];
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
  if (name === undefined) return undefined;
  const isType = ts.isImportDeclaration(node) ? node.importClause?.isTypeOnly === true : ts.isExportDeclaration(node) && node.isTypeOnly;
  // A name that is put together while it runs could be any module: no rule lets it pass as one of ours.
  const text = ts.isStringLiteralLike(name) ? name.text : `node:${name.getText()}`;
  const isOurs = text.startsWith('.');
  const to = isOurs ? relative(ROOT, resolve(ROOT, dirname(from), text)).replaceAll('\\', '/') : text;
  return { to, isOurs, isType, isLazy: isDynamic, names: ts.isImportDeclaration(node) ? namesTaken(node) : ['*'] };
}

function namesTaken({ importClause }: ts.ImportDeclaration): readonly string[] {
  const { name, namedBindings } = importClause ?? {};
  const named = namedBindings === undefined ? [] : ts.isNamedImports(namedBindings) ? namedBindings.elements.map(importedName) : ['*'];
  return [...(name === undefined ? [] : ['*']), ...named];
}

function importedName({ name, propertyName }: ts.ImportSpecifier): string {
  return (propertyName ?? name).text;
}

/** What a rule forbids: names of globals, and members of globals (`Date.now`), however they are spelled. */
interface Forbidden {
  readonly globals: readonly string[];
  /** Of these globals the listed members, and every use by which a member could be reached unseen. */
  readonly members: Readonly<Record<string, readonly string[]>>;
}

/** Every use of a forbidden global or member: read, called, cast, taken apart, or reached by a text in brackets. */
function usesOf(source: Source, forbidden: Forbidden): readonly string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node) && isFree(node) && isForbidden(node, forbidden) && !isDeclaredAround(node)) found.push(at(source, node.parent));
    ts.forEachChild(node, visit);
  };
  visit(source.tree);
  return found;
}

function isForbidden(node: ts.Identifier, { globals, members }: Forbidden): boolean {
  if (globals.includes(node.text)) return true;
  const listed = Object.hasOwn(members, node.text) ? members[node.text] : undefined;
  if (listed === undefined) return false;
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return listed.includes(parent.name.text);
  // A moment that is given is no clock; anything but a call of a member (`Date['now']`, `const { now } = Date`, `Date()`) may be one.
  if (ts.isNewExpression(parent) && parent.expression === node) return (parent.arguments ?? []).every((argument) => ts.isSpreadElement(argument));
  return !(ts.isBinaryExpression(parent) && parent.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword);
}

/** Whether a name is given to something by a scope around its use: a parameter called `fetch` is no network, inside its own function. */
function isDeclaredAround(use: ts.Identifier): boolean {
  for (let scope: ts.Node | undefined = use.parent; scope !== undefined; scope = scope.parent) {
    if (namesOfScope(scope).has(use.text)) return true;
  }
  return false;
}

const scopes = new WeakMap<ts.Node, ReadonlySet<string>>();

function namesOfScope(scope: ts.Node): ReadonlySet<string> {
  const known = scopes.get(scope);
  if (known !== undefined) return known;
  const names = new Set<string>();
  if (isScope(scope)) ts.forEachChild(scope, (child) => addNames(child, names));
  scopes.set(scope, names);
  return names;
}

function isScope(node: ts.Node): boolean {
  const isLoop = ts.isForStatement(node) || ts.isForOfStatement(node) || ts.isForInStatement(node);
  return ts.isFunctionLike(node) || ts.isBlock(node) || ts.isSourceFile(node) || ts.isCaseBlock(node) || ts.isCatchClause(node) || isLoop;
}

/** Names that a node gives to the scope it stands in; scopes inside it keep theirs to themselves. */
function addNames(node: ts.Node, names: Set<string>): void {
  if (isNaming(node) && node.name !== undefined && ts.isIdentifier(node.name)) names.add(node.name.text);
  if (!isScope(node)) ts.forEachChild(node, (child) => addNames(child, names));
}

/** Ambient declarations (`declare const process`) name nothing of the file's own. */
function isNaming(node: ts.Node): node is ts.Node & { readonly name?: ts.Node } {
  const isAmbient = ts.isVariableDeclaration(node) && ts.isVariableStatement(node.parent.parent) && hasDeclare(node.parent.parent);
  const isValue = ts.isParameter(node) || ts.isVariableDeclaration(node) || ts.isBindingElement(node) || ts.isFunctionDeclaration(node);
  const isImport = ts.isImportSpecifier(node) || ts.isImportClause(node) || ts.isNamespaceImport(node);
  return !isAmbient && (isValue || isImport || ts.isClassDeclaration(node));
}

function hasDeclare(statement: ts.VariableStatement): boolean {
  return statement.modifiers?.some((modifier) => modifier.kind === ts.SyntaxKind.DeclareKeyword) === true;
}

/** A read of a value: not the name of a property, of a declaration, of a type or of an import. */
function isFree(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  const isInType = ts.isQualifiedName(parent) || ts.isTypeQueryNode(parent) || ts.isTypeReferenceNode(parent) || ts.isTypePredicateNode(parent);
  if (isInType || ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) return false;
  if (ts.isShorthandPropertyAssignment(parent)) return parent.name === node;
  if (ts.isBindingElement(parent)) return parent.initializer === node;
  return !('name' in parent && parent.name === node);
}

function at(source: Source, node: ts.Node): string {
  return `${source.path}:${source.tree.getLineAndCharacterOfPosition(node.getStart(source.tree)).line + 1} ${node.getText(source.tree).slice(0, 60)}`;
}

function importsThat(from: readonly Source[], isWrong: (imported: Import, source: Source) => boolean): readonly string[] {
  return from.flatMap((source) => source.imports.filter((imported) => isWrong(imported, source)).map((imported) => `${source.path} -> ${imported.to}`));
}

const isNode = (imported: Import): boolean => imported.to.startsWith('node:') || builtinModules.includes(imported.to);
const takesOnly = (imported: Import, names: readonly string[]): boolean => imported.names.every((name) => names.includes(name));
const HASHES = ['createHash', 'hash'];

/** Time, chance, network, process, and the doors through which any of them can be had. */
const OUTSIDE: Forbidden = {
  globals: [
    ...['performance', 'setTimeout', 'setInterval', 'setImmediate', 'Atomics', 'crypto', 'process', 'console', 'navigator'],
    ...['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest', 'globalThis', 'global', 'eval', 'Function', 'require'],
  ],
  members: { Date: ['now'], Math: ['random'] },
};

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
  test('state imports of Node only the hashes of node:crypto, of packages only formats', () => {
    const formats = ['ajv', 'ajv/dist/2020.js', 'fast-json-stable-stringify', 'yaml'];
    const isPure = (imported: Import): boolean => (imported.to === 'node:crypto' ? takesOnly(imported, HASHES) : formats.includes(imported.to));
    expect(importsThat(inFolder('state'), (imported) => !imported.isOurs && !isPure(imported))).toEqual([]);
  });

  test('state has no clock, chance, timer, network or process', () => {
    expect(inFolder('state').flatMap((source) => usesOf(source, OUTSIDE))).toEqual([]);
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

describe('the emulator is a state machine on a clock and a chance that are given to it', () => {
  const EMULATOR = 'providers/genesys-emulator';
  /** Sockets and files, the facts that are read when it loads, what starts the practice orgs, and the carrier that stands for a network. */
  const DOORS = ['index.ts', 'door.ts', 'facts.ts', 'in-process.ts', 'practice/index.ts', 'practice/start-practice-orgs.ts'].map(
    (name) => `${EMULATOR}/${name}`,
  );
  const core = inFolder(EMULATOR).filter((source) => !DOORS.includes(source.path));

  test('its core imports of Node only hashes, and of packages only formats', () => {
    const formats = ['fflate', 'yaml'];
    const isPure = (imported: Import): boolean => (imported.to === 'node:crypto' ? takesOnly(imported, HASHES) : formats.includes(imported.to));
    expect(importsThat(core, (imported) => !imported.isOurs && !isPure(imported))).toEqual([]);
    expect(importsThat(core, (imported) => !imported.isType && DOORS.includes(imported.to) && imported.to !== `${EMULATOR}/facts.ts`)).toEqual([]);
    expect(core.length).toBeGreaterThan(40);
  });

  test('its core has no clock, chance, timer, network or process of its own, and waits for nothing', () => {
    expect(core.flatMap((source) => usesOf(source, OUTSIDE))).toEqual([]);
    expect(core.filter((source) => /\basync\b|\bawait\b/.test(withoutComments(source))).map((source) => source.path)).toEqual([]);
  });

  test('only the door knows the server', () => {
    expect(importsThat(inFolder(EMULATOR), (imported, source) => imported.to === 'fastify' && source.path !== `${EMULATOR}/door.ts`)).toEqual([]);
  });
});

describe('client, declarations, reconciler and store reach time, chance, disk and network through World alone', () => {
  const ruled = inFolder('providers/client', 'providers/genesys', 'providers/reconciler', 'providers/store');
  /** The facts are data of this package, read once when it loads: not the disk of a run. */
  const DATA_READERS = ['providers/genesys/facts.ts'];

  test('none of them imports a module of Node that does input or output', () => {
    const pure = ['node:buffer', 'node:path', 'node:path/posix', 'node:util', 'node:async_hooks'];
    const isPure = (imported: Import): boolean => (imported.to === 'node:crypto' ? takesOnly(imported, HASHES) : pure.includes(imported.to));
    const isWrong = (imported: Import, source: Source): boolean => isNode(imported) && !isPure(imported) && !DATA_READERS.includes(source.path);
    expect(importsThat(ruled, isWrong)).toEqual([]);
  });

  test('none of them imports an HTTP or Git library', () => {
    expect(importsThat(ruled, (imported) => ['undici', 'fastify', 'simple-git'].includes(imported.to))).toEqual([]);
  });

  test('none of them uses a clock, chance, a timer, the network or the process', () => {
    expect(ruled.flatMap((source) => usesOf(source, OUTSIDE))).toEqual([]);
  });
});

describe('the rules see what they forbid', () => {
  const cases = [
    { reason: 'a static import', text: "import { a } from '../providers/world.ts';", imports: ['providers/world.ts'], uses: 0 },
    { reason: 'an import of types alone', text: "import type { A } from '../providers/world.ts';", imports: ['providers/world.ts'], uses: 0 },
    { reason: 'a dynamic import', text: "const a = await import('node:fs');", imports: ['node:fs'], uses: 0 },
    { reason: 'a re-export', text: "export * from './value.ts';", imports: ['state/value.ts'], uses: 0 },
    { reason: 'an import whose name is put together', text: 'const a = await import(name);', imports: ['node:name'], uses: 0 },
    { reason: 'the clock, in both spellings', text: 'const a = Date.now(); const b = new Date();', imports: [], uses: 2 },
    { reason: 'the clock as a text', text: 'const a = Date();', imports: [], uses: 1 },
    { reason: 'a member by a text in brackets', text: "Date['now'](); Math['random']();", imports: [], uses: 2 },
    { reason: 'a member that is taken out', text: 'const { now } = Date; const { random } = Math;', imports: [], uses: 2 },
    { reason: 'a member behind a cast', text: 'const a = (Date as Clock).now(); const b = Math?.random();', imports: [], uses: 2 },
    { reason: 'globals through their object', text: "globalThis.Date.now(); globalThis.setTimeout(f); globalThis['process'];", imports: [], uses: 3 },
    { reason: 'chance of the web', text: 'const a = crypto.randomUUID();', imports: [], uses: 1 },
    { reason: 'a timer handed on', text: 'const wait = setTimeout;', imports: [], uses: 1 },
    { reason: 'a timer handed on by its own name', text: 'const timers = { setTimeout };', imports: [], uses: 1 },
    { reason: 'the environment', text: "const a = process.env['A']; const { env } = process;", imports: [], uses: 2 },
    { reason: 'the environment behind a cast', text: "const a = (process as unknown as Env).env['A'];", imports: [], uses: 1 },
    { reason: 'a global that the file only declares', text: 'declare const process: { env: object }; process.env;', imports: [], uses: 1 },
    {
      reason: 'a parameter gives its name to its own function alone',
      text: 'const a = (process: P) => process.id; const b = process.env;',
      imports: [],
      uses: 1,
    },
    {
      reason: 'a variable gives its name to its own block alone',
      text: '{ const fetch = 1; fetch; for (const process of all) process; } fetch; process;',
      imports: [],
      uses: 2,
    },
    { reason: 'names that only look like it', text: 'const a = { process: 1 }; a.process; new Date(5); clock.setTimeout();', imports: [], uses: 0 },
    { reason: 'members that ask no clock and no chance', text: 'Date.parse(a); Date.UTC(1); Math.max(1, 2); a instanceof Date;', imports: [], uses: 0 },
    { reason: 'types', text: 'let a: Date; let b: NodeJS.Timeout; const c = (process: unknown): process is Date => true;', imports: [], uses: 0 },
  ];
  test.each(cases)('$reason', ({ text, imports, uses }) => {
    const source = parseSource('state/sample.ts', text);
    expect(source.imports.map((imported) => imported.to)).toEqual(imports);
    expect(usesOf(source, OUTSIDE)).toHaveLength(uses);
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
});

function withoutComments(source: Source): string {
  const scanner = ts.createScanner(ts.ScriptTarget.ES2023, true, ts.LanguageVariant.Standard, source.tree.text);
  const words: string[] = [];
  for (let token = scanner.scan(); token !== ts.SyntaxKind.EndOfFileToken; token = scanner.scan()) {
    if (token !== ts.SyntaxKind.StringLiteral && token !== ts.SyntaxKind.NoSubstitutionTemplateLiteral) words.push(scanner.getTokenText());
  }
  return words.join(' ');
}
