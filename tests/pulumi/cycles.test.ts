import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { EMPTY, PulumiSite } from './pulumi-site.ts';
import { type EngineStep, SmallEngine } from './small-engine.ts';

const queue = (name: string, backup?: string) =>
  `type: routing_queue\nkey: ${name}\nbody:\n  description: ${name}\n${backup === undefined ? '' : `  directRouting: { backupQueueId: { $ref: routing_queue/${backup} } }\n`}`;
const A = 'routing_queue/ring-a.yaml';
const B = 'routing_queue/ring-b.yaml';
const EDGE = 'routing_queue/Ring A#/directRouting/backupQueueId';

let site: PulumiSite;
let engine: SmallEngine;
/** What the backup of "Ring A" was at every write to the org since the ring was closed: a name, or nothing. */
let seen: string[] = [];

beforeAll(async () => {
  site = await PulumiSite.start({ [A]: queue('Ring A', 'Ring B'), [B]: queue('Ring B', 'Ring A') });
}, 120_000);
beforeEach(async () => {
  await site.commit({
    [A]: queue('Ring A', 'Ring B'),
    [B]: queue('Ring B', 'Ring A'),
  });
  for (const { id } of core().objects(EMPTY, 'routing_queue')) core().remove(EMPTY, 'routing_queue', String(id));
  await site.forget();
  engine = new SmallEngine();
  await up();
  seen = [];
});
afterEach(() => site.closeProviders());
afterAll(() => site.end());

const core = () => site.site.orgs.core;

async function up(): Promise<readonly EngineStep[]> {
  await site.closeProviders();
  const program = await site.program(EMPTY);
  const provider = await site.provider();
  const stop = core().onCommit(() => seen.push(backupOf('Ring A')));
  try {
    return await engine.up(provider, program);
  } finally {
    stop();
  }
}

function find(name: string) {
  return core()
    .objects(EMPTY, 'routing_queue')
    .find((object) => object['name'] === name);
}

/** The name of the queue that stands behind another one; empty where none does. */
function backupOf(name: string): string {
  const { backupQueueId: id } = (find(name)?.['directRouting'] ?? {}) as { backupQueueId?: string };
  return String(
    core()
      .objects(EMPTY, 'routing_queue')
      .find((object) => object['id'] === id)?.['name'] ?? '',
  );
}

test('an edge is made after both ends, is read back unchanged, shows what was changed by hand, and is put back', async () => {
  expect([backupOf('Ring A'), backupOf('Ring B')]).toEqual(['Ring B', 'Ring A']);
  expect(engine.entry(EDGE).inputs['body']).toBe('{"$ref":"routing_queue/Ring B"}');
  expect(await up()).toEqual([]);
  core().edit(EMPTY, 'routing_queue', String(find('Ring A')?.['id']), ({ directRouting: _, ...object }) => object);
  expect(await up()).toEqual([{ op: 'update', address: EDGE }]);
  expect(backupOf('Ring A')).toBe('Ring B');
});

test('a cycle that is dissolved in the manifests never blanks the field at any instant', async () => {
  await site.commit({ [B]: queue('Ring B') });
  const steps = await up();
  expect(steps).toContainEqual({ op: 'delete', address: EDGE });
  expect([backupOf('Ring A'), backupOf('Ring B')]).toEqual(['Ring B', '']);
  expect(seen.length).toBeGreaterThan(0);
  expect(new Set(seen)).toEqual(new Set(['Ring B']));
  expect(await up()).toEqual([]);
});

test('a cycle that is formed anew never blanks the field either, and writes nothing to its owner', async () => {
  await site.commit({ [B]: queue('Ring B') });
  await up();
  await site.commit({ [B]: queue('Ring B', 'Ring A') });
  seen = [];
  const before = find('Ring A');
  const steps = await up();
  expect(steps).toContainEqual({ op: 'create', address: EDGE });
  expect([backupOf('Ring A'), backupOf('Ring B')]).toEqual(['Ring B', 'Ring A']);
  expect(new Set(seen)).toEqual(new Set(['Ring B']));
  expect(find('Ring A')).toEqual(before);
  expect(await up()).toEqual([]);
});

test('a field that is taken out of the manifests is cleared, edge or not', async () => {
  await site.commit({ [A]: queue('Ring A') });
  expect(await up()).toContainEqual({ op: 'delete', address: EDGE });
  expect(backupOf('Ring A')).toBe('');
  expect(await up()).toEqual([]);
});

test.each([
  { name: 'Ring 0', reason: 'its field is written last as before' },
  { name: 'Ring C', reason: 'another field of the cycle is written last from now on' },
])('the owner of an edge is renamed to $name, and keeps its id and its field: $reason', async ({ name }) => {
  const id = find('Ring A')?.['id'];
  await site.commit({ [A]: `${queue('Ring A', 'Ring B').replace('key: Ring A', `key: ${name}`)}was: Ring A\n`, [B]: queue('Ring B', name) });
  const steps = await up();
  expect(find(name)?.['id']).toBe(id);
  expect(find('Ring A')).toBeUndefined();
  expect([backupOf(name), backupOf('Ring B')]).toEqual(['Ring B', name]);
  expect(steps.filter(({ op, address }) => op !== 'update' && !address.includes('#'))).toEqual([]);
  expect(await up()).toEqual([]);
});

test('an edge whose owner this process has not checked is held, and one whose owner is gone is done', async () => {
  const { id, outputs } = engine.entry(EDGE);
  const provider = await site.provider();
  await expect(provider.delete(id, outputs)).rejects.toThrow(/held/);
  await provider.delete('nothing', { ...outputs, address: 'routing_queue/Nobody#/directRouting/backupQueueId' });
  expect(backupOf('Ring A')).toBe('Ring B');
});
