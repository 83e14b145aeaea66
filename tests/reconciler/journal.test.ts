import { expect, test } from '@jest/globals';
import { type Journal, openJournal } from '../../providers/reconciler/journal.ts';
import { makeAddress } from '../../state/address.ts';
import { Refused } from '../../state/problem.ts';
import { makeSimulatedWorld, type SimulatedWorld } from '../worlds/simulated-world.ts';

const FILE = '.cordboard/org/journal.jsonl';
const [ONE, TWO] = [makeAddress('crate', ['one']), makeAddress('crate', ['two'])];

function world(): SimulatedWorld {
  return makeSimulatedWorld({ seed: 3 });
}

async function open(at: SimulatedWorld): Promise<Journal> {
  return at.run(openJournal(at, FILE));
}

async function writeSome(at: SimulatedWorld): Promise<Journal> {
  const journal = await open(at);
  await at.run(journal.intend({ address: ONE, action: 'create', at: 1, after: 'sha256:a', plan: 'p' }));
  await at.run(journal.made(ONE, 'id-1'));
  await at.run(journal.end({ address: ONE, word: 'created', id: 'id-1', hash: 'sha256:a' }, 'p'));
  await at.run(journal.intend({ address: TWO, action: 'update', at: 2, before: 'sha256:b', after: 'sha256:c', plan: 'p' }));
  return journal;
}

test('what was written is known after opening again; an intent without an ending is open', async () => {
  const at = world();
  await writeSome(at);
  const journal = await open(at);
  expect(journal.history(ONE)).toMatchObject({ isOpen: false, id: 'id-1', ending: { word: 'created' }, made: { after: 'sha256:a', plan: 'p' } });
  expect(journal.open()).toEqual([{ address: TWO, action: 'update', at: 2, before: 'sha256:b', after: 'sha256:c', plan: 'p' }]);
});

test('an intent survives a power loss the moment it is written', async () => {
  for (let seed = 0; seed < 50; seed += 1) {
    const at = makeSimulatedWorld({ seed });
    await writeSome(at);
    at.losePower();
    at.boot();
    expect((await open(at)).open().map((intent) => intent.address)).toContain(TWO);
  }
});

test('a journal cut at any byte opens, knows the whole records before the cut, and can be written on', async () => {
  const at = world();
  await writeSome(at);
  const whole = at.files.text(FILE) ?? '';
  for (let cut = 0; cut <= whole.length; cut += 1) {
    const torn = world();
    torn.files.put(FILE, whole.slice(0, cut));
    const journal = await open(torn);
    await torn.run(journal.intend({ address: makeAddress('crate', ['after']), action: 'create', at: 3 }));
    const lines = (torn.files.text(FILE) ?? '').trimEnd().split('\n');
    expect(lines.slice(0, -1).join('\n')).toBe(whole.slice(0, cut).split('\n').slice(0, -1).join('\n'));
    expect((await open(torn)).open().at(-1)?.address).toBe('crate/after');
  }
});

test('a tail of zeros, as a power loss leaves it on some file systems, is cut before anything is written behind it', async () => {
  const at = world();
  await writeSome(at);
  const whole = at.files.text(FILE) ?? '';
  at.files.put(FILE, `${whole}${'\0'.repeat(64)}`);
  const journal = await open(at);
  await at.run(journal.intend({ address: makeAddress('crate', ['after']), action: 'create', at: 3 }));
  expect((await open(at)).open().at(-1)?.address).toBe('crate/after');
  expect((at.files.text(FILE) ?? '').startsWith(`${whole}{`)).toBe(true);
});

test('a broken record that is not the last is a problem with file and line, and nothing is written', async () => {
  const at = world();
  await writeSome(at);
  const lines = (at.files.text(FILE) ?? '').split('\n');
  const broken = [lines[0], (lines[1] ?? '').slice(0, 10), ...lines.slice(2)].join('\n');
  at.files.put(FILE, broken);
  const failure = await open(at).catch((reason: unknown) => reason);
  expect(failure).toBeInstanceOf(Refused);
  expect((failure as Refused).problems[0]).toMatchObject({ code: 'JOURNAL_BROKEN', place: { file: FILE, line: 2 } });
  expect(at.files.text(FILE)).toBe(broken);
});

test('a record half-written by a process that failed hides no record that another one wrote behind it', async () => {
  for (const share of [0.05, 0.3, 0.9]) {
    const at = world();
    await writeSome(at);
    const lines = (at.files.text(FILE) ?? '').split('\n');
    const half = (lines[0] ?? '').slice(0, share * (lines[0] ?? '').length);
    const before = (await open(at)).history(ONE);
    at.files.put(FILE, lines.map((line, index) => (index === 1 ? `${half}${line}` : line)).join('\n'));
    expect((await open(at)).history(ONE)).toEqual(before);
  }
});

test('steps that wait for the disk at the same time share one sync', async () => {
  const at = world();
  const journal = await open(at);
  let syncs = 0;
  at.files.fault = (call) => {
    if (call.kind === 'sync') syncs += 1;
    return undefined;
  };
  await at.run(
    Promise.all(Array.from({ length: 20 }, (_, index) => journal.intend({ address: makeAddress('crate', [String(index)]), action: 'create', at: 1 }))),
  );
  expect(syncs).toBeLessThanOrEqual(2);
  expect(journal.open()).toHaveLength(20);
});

test('after a failed write nothing more is written, so that only the last record can be half', async () => {
  const at = world();
  const journal = await open(at);
  at.files.fault = (call) => (call.kind === 'append' ? 'ENOSPC' : undefined);
  await expect(at.run(journal.intend({ address: ONE, action: 'create', at: 1 }))).rejects.toThrow('ENOSPC');
  at.files.fault = () => undefined;
  await expect(at.run(journal.intend({ address: TWO, action: 'create', at: 1 }))).rejects.toThrow('ENOSPC');
  expect(at.files.text(FILE)).not.toContain('\n');
  expect(at.files.text(FILE)).not.toContain(TWO);
});

test('a long journal is shortened when it is opened, and tells the same', async () => {
  const at = world();
  await writeSome(at);
  const some = at.files.text(FILE) ?? '';
  const [intent = '', made = '', end = ''] = some.split('\n');
  at.files.put(FILE, `${`${intent}\n${made}\n${end}\n`.repeat(7_000)}${some}`);
  const journal = await open(at);
  const told = [journal.history(ONE), journal.history(TWO), journal.open()];
  expect((at.files.text(FILE) ?? '').split('\n').length).toBeLessThan(10);
  const again = await open(at);
  expect([again.history(ONE), again.history(TWO), again.open()]).toEqual(told);
});
