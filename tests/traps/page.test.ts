import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const CLONE = resolve(import.meta.dirname, '../..');
const PAGE = readFileSync(join(CLONE, 'docs/traps.md'), 'utf8');

/** Every trap that is known; a page that lost one is no page of all. */
const TRAPS = [
  'failed or short list → mass delete',
  'dry-run writes',
  'dry-run blind spots',
  'no-op is not a no-op',
  'summary lies after failure',
  'duplicate after lost map',
  'orphan after timeout',
  'filename collision / stale file',
  'order-sensitive',
  'exclusion leaks to children',
  'rename/unique clash',
  'value masking corrupts output',
  'plan applied to a moved world',
  'ACL emptied',
  'truncated hash id',
  'backup unreadable or altered',
  'keep-policy eats good snapshots',
  'Ctrl-C exits 0',
];

/** The rows of the table: trap, where it was seen, what holds here, and the files of its tests. */
const rows = PAGE.split('\n')
  .filter((line) => /^\|(?! -| ?trap +\|)/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, trap = '', seen = '', holds = '', files = '']) => ({ trap, seen, holds, files: [...files.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file) }));

describe('docs/traps.md', () => {
  test('has a row for each trap, each with where it was seen', () => {
    expect(rows.map(({ trap }) => trap)).toEqual(TRAPS);
    expect(rows.filter(({ seen }) => seen === '')).toEqual([]);
  });

  test.each(rows)('$trap: a test of each file that the row names carries its name, or the row says that the part is not built', ({ trap, holds, files }) => {
    if (files.length === 0) expect(holds).toMatch(/^Not built yet/);
    for (const file of files) {
      const titles = [...readFileSync(join(CLONE, file), 'utf8').matchAll(/(?:test|describe)(?:\.each\([\s\S]*?\))?\(\s*(['"`])(.*?)\1/g)].map(
        ([, , title = '']) => title,
      );
      expect([file, titles.filter((title) => title.startsWith(`trap: ${trap}`))]).not.toEqual([file, []]);
    }
  });
});
