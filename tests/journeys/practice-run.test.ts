import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { CLONE, run } from './journey-site.ts';

const RUN = join(CLONE, 'dist/scripts/practice-run.js');
const state = () =>
  execFileSync('git', ['status', '--porcelain', '--', 'manifests', 'schemas', 'cordboard.yaml', 'Pulumi.yaml', 'package.json', 'package-lock.json'], {
    cwd: CLONE,
    encoding: 'utf8',
  });
const folders = () => (existsSync(join(CLONE, '.cordboard')) ? readdirSync(join(CLONE, '.cordboard')).filter((name) => name.startsWith('practice')) : []);

describe('the practice run', () => {
  test('goes through the whole job, prints each command before it runs, and leaves the clone as it was', async () => {
    const before = state();
    const { code, out, err } = await run(process.execPath, [RUN], CLONE, {}).ended;
    expect({ code, err }).toEqual({ code: 0, err: expect.not.stringMatching(/fault|^error/m) });
    const commands = [...out.matchAll(/^\$ cordboard (\w+)/gm)].map((found) => found[1]);
    expect(commands).toEqual(['export', 'check', 'plan', 'apply', 'plan', 'drift', 'apply', 'drift']);
    expect(out).toContain('~ /acwSettings/timeoutMs: 120000 -> 30000');
    expect(out).toMatch(/What to try next:/);
    expect(state()).toBe(before);
  });

  test('an interrupt in the middle ends it with 130, and its folder is gone', async () => {
    const before = folders();
    const running = run(process.execPath, [RUN], CLONE, {});
    await running.shows(/\$ cordboard export/);
    running.kill('SIGINT');
    const { code } = await running.ended;
    expect(code).toBe(130);
    expect(folders().filter((name) => !before.includes(name))).toEqual([]);
  });
});
