import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { MUTANTS, mutate } from './mutants.mjs';

test('each rule that a mutant leaves out stands in exactly one place of the sources', () => {
  for (const [index, { file, to, from }] of MUTANTS.entries()) {
    const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
    const mutated = mutate(text, `/any/${file}`, index);
    expect(mutated).not.toBe(text);
    expect(mutated.length - text.length).toBe(to.length - from.length);
  }
});

test('there are twenty rules or more, each once', () => {
  expect(new Set(MUTANTS.map(({ rule }) => rule)).size).toBeGreaterThanOrEqual(20);
});

test('a rule that has moved is told, not passed over', () => {
  expect(() => mutate('nothing of the kind', `/any/${MUTANTS[0]?.file}`, 0)).toThrow('is found 0 times');
});
