import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { CLONE, run } from './journey-site.ts';

const copy = mkdtempSync(join(tmpdir(), 'cordboard-add-a-type-'));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** Does what the page says: writes a file, or puts lines behind another. */
function follow(page: string): void {
  for (const [, head = '', body = ''] of page.matchAll(/^```ts (.*)\n([\s\S]*?)^```$/gm)) {
    const file = /file=(\S+)/.exec(head)?.[1];
    const [, into = '', after = ''] = /in=(\S+) after="(.*)"/.exec(head) ?? [];
    if (file !== undefined) writeFileSync(join(copy, file), body);
    else insert(join(copy, into), after, body);
  }
}

function insert(file: string, after: string, lines: string): void {
  const text = readFileSync(file, 'utf8');
  if (text.split(`${after}\n`).length !== 2) throw new Error(`${file} has not exactly one line ${after}`);
  writeFileSync(file, text.replace(`${after}\n`, `${after}\n${lines}`));
}

test('the steps of docs/add-a-type.md make a type that compiles, and that passes the suite of all types', async () => {
  for (const name of readdirSync(CLONE).filter((entry) => !['.git', 'node_modules', 'dist', '.cordboard'].includes(entry))) {
    cpSync(join(CLONE, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(CLONE, 'node_modules'), join(copy, 'node_modules'));
  follow(readFileSync(join(CLONE, 'docs/add-a-type.md'), 'utf8'));
  const types = await run(process.execPath, ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.build.json'], copy, {}).ended;
  expect(types).toMatchObject({ code: 0, all: '' });
  const jest = [
    '--experimental-vm-modules',
    '--no-warnings',
    'node_modules/jest/bin/jest.js',
    'tests/genesys/samples.test.ts',
    '--testNamePattern',
    'routing_language|every type of the list',
  ];
  const suite = await run(process.execPath, jest, copy, {}).ended;
  expect(suite).toMatchObject({ code: 0, all: expect.stringContaining('passed') });
});
