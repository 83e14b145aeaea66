/** Lives until one goes wrong: `hunt.ts lives|kills <most>`. Exit 2 with what went wrong in the last line, 0 where nothing did. */
import { HOSTILE } from './faults.ts';
import { live } from './life.ts';
import { killEverywhere } from './pairs.ts';

const [by = 'lives', most = '1000'] = process.argv.slice(2);

const found = (by === 'kills' ? await firstKill() : undefined) ?? (await firstLife(Number(most)));
process.stdout.write(`${found ?? 'nothing went wrong'}\n`);
process.exitCode = found === undefined ? 0 : 2;

async function firstKill(): Promise<string | undefined> {
  const { bad, lives } = await killEverywhere(4);
  return bad[0] === undefined ? undefined : `${bad.length} of ${lives} kills of four steps: ${short(bad[0])}`;
}

async function firstLife(lives: number): Promise<string | undefined> {
  for (let seed = 1; seed <= lives; seed += 1) {
    const wrong = await wrongIn(seed);
    if (wrong !== undefined) return `seed ${seed}: ${short(wrong)}`;
  }
  return undefined;
}

async function wrongIn(seed: number): Promise<string | undefined> {
  const [first] = (await live({ seed, hostility: HOSTILE })).findings;
  return first === undefined ? undefined : `${first.wrong}: ${first.what}`;
}

function short(text: string): string {
  const line = text.split('\n')[0] ?? '';
  return line.length > 140 ? `${line.slice(0, 140)}...` : line;
}
