import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import type { Measure } from '../../bench/measure.ts';

/** Every measure that `npm run bench` prints. */
const IDS = [
  'requests-export-practice-production',
  'requests-plan-practice-production',
  'requests-drift-practice-production',
  'requests-export-practice-sized-2000',
  'requests-plan-practice-sized-2000',
  'requests-drift-practice-sized-2000',
  'writes-restore',
  'pacing-100',
  'pacing-300',
  'pacing-1000',
  'restore-300-a-minute',
  'restore-64-at-once',
  'records-bytes',
  'records-growth',
  'replan-100000',
  ...['1000', '10000', '100000'].flatMap((size) => [`plan-cpu-${size}`, `plan-memory-${size}`]),
  'plan-cpu-growth',
  'plan-memory-growth',
  'export-three-way',
  'export-three-way-files',
  'simulation-speed',
  'simulation-million',
];

test('the results that are kept hold every measure, once', () => {
  const kept = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../bench/results/latest.json'), 'utf8')) as readonly Measure[];
  expect(kept.map(({ id }) => id).sort()).toEqual([...IDS].sort());
});
