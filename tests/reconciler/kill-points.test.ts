import { expect, test } from '@jest/globals';
import { makeAddress } from '../../state/address.ts';
import type { Document } from '../../state/document.ts';
import { directive, makeMap, type Value } from '../../state/value.ts';
import type { SimulatedOrg } from './simulated-org.ts';
import { GENTLE, type Life, live } from './simulation.ts';

/** All pairs take a minute; without this every fourth of them is tried. */
const STRIDE = process.env['EXHAUSTIVE'] === undefined ? 4 : 1;
const QUIET = { ...GENTLE, concurrency: 1 };

function document(type: string, entries: Record<string, Value>): Document {
  return { address: makeAddress(type, ['a']), body: makeMap(Object.entries(entries)) };
}

/** A key that the org enforces, one that it does not, an update, and an object with parts and a ref. */
function fourSteps(_: () => number, org: SimulatedOrg): ReadonlyMap<Document['address'], Document> {
  const crate = document('crate', { color: 'red', size: 2 });
  const stamp = document('stamp', { color: 'red' });
  const script = document('script', { color: 'red', content: makeMap([['lines', 'new']]) });
  const shelf = document('shelf', { color: 'red', members: [makeMap([['crate', directive('$ref', crate.address)]])] });
  org.plant(script.address, makeMap([['color', 'old']]));
  return new Map([crate, stamp, script, shelf].map((one) => [one.address, one]));
}

/** Two that need each other, so that one is made with a placeholder and its edge is written at the end. */
function cycle(): ReadonlyMap<Document['address'], Document> {
  const names = ['a', 'b'].map((name) => makeAddress('script', [name]));
  const body = (calls: string) => makeMap([['content', makeMap([['calls', directive('$ref', calls)]])]]);
  return new Map(names.map((address, index) => [address, { address, body: body(names[1 - index] as string) }]));
}

type Fate = 'kill' | 'lose power';

/** One life that ends at these calls (counted over all its processes), in these ways. */
async function dieAt(points: readonly number[], fate: Fate, seed: number, make = fourSteps): Promise<Life> {
  return live(seed, QUIET, make, (index) => (points.includes(index) ? fate : 'go on'));
}

async function callsOf(make: typeof fourSteps): Promise<number> {
  const life = await live(1, QUIET, make);
  expect(life.violations).toEqual([]);
  return life.calls;
}

for (const [name, make] of [
  ['four steps', fourSteps],
  ['a cycle', cycle],
] as const) {
  test(`a kill or a power loss at any call of ${name}: nothing twice, nothing lost, and the next run ends it`, async () => {
    const calls = await callsOf(make);
    const bad: string[] = [];
    for (const fate of ['kill', 'lose power'] as const) {
      for (let point = 1; point <= calls; point += 1) {
        for (const seed of [1, 2, 3]) {
          const { violations, kills, plans } = await dieAt([point], fate, seed, make);
          if (kills !== 1 || plans > 1 || violations.length > 0)
            bad.push(`${fate} at ${point}, seed ${seed}: ${kills} kills, ${plans} plans, ${violations.join('; ')}`);
        }
      }
    }
    console.log(`${name}: ${calls} calls, ${calls * 6} lives`);
    expect(bad).toEqual([]);
  });

  test(`two kills or power losses in ${name}, the second in the run that makes up for the first`, async () => {
    const calls = await callsOf(make);
    const bad: string[] = [];
    let lives = 0;
    for (const fate of ['kill', 'lose power'] as const) {
      for (let first = 1; first <= calls; first += 1) {
        for (let second = first + 1 + (first % STRIDE); ; second += STRIDE) {
          const { violations, kills, plans } = await dieAt([first, second], fate, 1, make);
          lives += 1;
          if (plans > 1 || violations.length > 0) bad.push(`${fate} at ${first} and ${second}: ${plans} plans, ${violations.join('; ')}`);
          if (kills < 2) break;
        }
      }
    }
    console.log(`${name}: ${lives} lives`);
    expect(bad).toEqual([]);
  });
}
