import { expect, test } from '@jest/globals';
import { simulate } from './command.ts';

test('a kill or a power loss at any call of an apply of four steps, or a death while a request is under way, and any two of them: nothing twice, nothing lost, and the next run ends it', async () => {
  const { out, code, all } = await simulate('--pairs', '4');
  const said = out.trimEnd().split('\n').at(-1) ?? '';
  process.stdout.write(`${said}\n`);
  const [, kills = '0', pairs = '0'] = /kills (\d+) pairs (\d+) bad 0$/.exec(said) ?? [];
  expect(code === 0 ? '' : all).toBe('');
  expect([Number(kills) > 100, Number(pairs) > 3_000]).toEqual([true, true]);
}, 600_000);
