/** Loads `.ts` files: types stripped by swc, all else as written, but for one rule of the protocol where `CORDBOARD_MUTANT` is its number. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';
import { mutate } from './mutants.mjs';

const OPTIONS = { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' }, sourceMaps: 'inline' };
const MUTANT = process.env.CORDBOARD_MUTANT;

export async function load(url, context, next) {
  if (!url.startsWith('file:') || !url.endsWith('.ts')) return next(url, context);
  const filename = fileURLToPath(url);
  const text = await readFile(filename, 'utf8');
  const { code } = await transform(MUTANT === undefined ? text : mutate(text, filename, Number(MUTANT)), { ...OPTIONS, filename });
  return { format: 'module', shortCircuit: true, source: code };
}
