import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import ts from 'typescript';

const ROOT = resolve(import.meta.dirname, '..');
const MOST_LINES = { file: 350, function: 60 };
/** In a comment, not in a text: a line that begins as one. */
const REASON = /^\s*(\/\/|\/?\*).*(\blong\b.{0,20}\b(because|since)\b|lines because)/im;

const sources = ['state', 'providers', 'scripts', 'bench', 'tests'].flatMap((room) =>
  readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|mjs)$/.test(name))
    .map((name) => ({ path: `${room}/${name.replaceAll('\\', '/')}`, text: readFileSync(join(ROOT, room, name), 'utf8') })),
);

/** Functions of more than 60 lines without a reason before or in them. The callback of `describe` is a chapter, not a function. */
function longFunctions(path: string, text: string): readonly string[] {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true);
  const lineOf = (position: number): number => tree.getLineAndCharacterOfPosition(position).line + 1;
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const isLong = lineOf(node.end) - lineOf(node.getStart(tree)) >= MOST_LINES.function;
    if (!isLong) return;
    const isFunction = ts.isFunctionLike(node) && 'body' in node && node.body !== undefined && !isChapter(node);
    const name = isFunction ? nameOf(node) : '';
    if (isFunction && !REASON.test(ownerOf(node).getFullText(tree))) found.push(`${path}:${lineOf(node.getStart(tree))} ${name}`);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

function isChapter({ parent }: ts.Node): boolean {
  return ts.isCallExpression(parent) && /^(describe|onEngine)\b/.test(parent.expression.getText());
}

function nameOf(node: ts.SignatureDeclaration): string {
  return node.name?.getText() ?? (ts.isVariableDeclaration(node.parent) ? node.parent.name.getText() : '');
}

/** What a comment about a function stands before: the method, or the statement. */
function ownerOf(node: ts.Node): ts.Node {
  return ts.isStatement(node) || ts.isClassElement(node) || node.parent === undefined ? node : ownerOf(node.parent);
}

test('a file of more than 350 lines says why in a comment', () => {
  const long = sources.filter(({ text }) => text.split('\n').length > MOST_LINES.file + 1 && !REASON.test(text));
  expect(long.map(({ path }) => path)).toEqual([]);
});

test('a function of more than 60 lines says why in a comment', () => {
  expect(sources.flatMap(({ path, text }) => longFunctions(path, text))).toEqual([]);
});

test('the rule sees functions of every kind, chapters aside, and reasons in comments alone', () => {
  const lines = '  f();\n'.repeat(MOST_LINES.function);
  const cases = [`function a() {\n${lines}}`, `const a = () => {\n${lines}};`, `class A { b() {\n${lines}} }`, `test('x', () => {\n${lines}});`];
  for (const text of cases) {
    expect(longFunctions('a.ts', text)).toHaveLength(1);
    expect(longFunctions('a.ts', `/** Long because it lists. */\n${text}`)).toHaveLength(text.startsWith('class') ? 1 : 0);
    expect(longFunctions('a.ts', text.replace('  f();', "  f('long because');"))).toHaveLength(1);
  }
  expect(longFunctions('a.ts', `describe('x', () => {\n${lines}});`)).toEqual([]);
  expect(longFunctions('a.ts', `function a() {\n${lines.slice(0, 30)}}`)).toEqual([]);
});
