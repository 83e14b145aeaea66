import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { countReading } from '../../bench/count-requests.ts';
import { readMinimum, sumOf, writeMinimum } from '../../bench/minimum.ts';
import { restore } from '../../bench/restore.ts';
import { isWrite, tally, VirtualSite } from '../../bench/virtual-site.ts';
import type { OrgClient } from '../../providers/client/org-client.ts';
import { exportFlows } from '../../providers/genesys/flow-jobs.ts';
import { NameTable } from '../../providers/genesys/name-table.ts';
import type { RawObject } from '../../providers/genesys/raw-object.ts';
import { EMPTY, PRODUCTION, practiceOrgs, sizedOrg } from '../../providers/genesys-emulator/practice/index.ts';
import { canonicalJson } from '../../state/canonical.ts';

const ROOT = resolve(import.meta.dirname, '../..');

describe('the minimum is computed from facts and contents alone', () => {
  test('it reaches no file of providers/genesys, the client or the reconciler, through whatever it imports', () => {
    const reached = filesReached('bench/minimum.ts');
    expect(reached).toContain('providers/genesys-emulator/facts.ts');
    expect(reached.filter((file) => /^(scripts|tests)\/|^providers\/(genesys|client|reconciler|store|git|pulumi)\//.test(file))).toEqual([]);
  });

  const cases = [
    { reason: 'one page is asked for even where there is nothing', size: 0, types: ['routing_skill'], want: 2 },
    { reason: 'full pages need no look behind the last one: 276 skills, 500 a page', size: 2_000, types: ['routing_skill'], want: 2 },
    { reason: 'wrap-up codes come 100 a page: 166 of them', size: 2_000, types: ['routing_wrapup_code'], want: 3 },
    { reason: 'rows of credentials lack their fields: 41 of them, each by itself', size: 2_000, types: ['integration_credential'], want: 43 },
    { reason: 'rows are listed table by table, and the 41 tables in one page', size: 2_000, types: ['architect_datatable_row'], want: 43 },
    { reason: '193 flows share one export job and one download', size: 2_000, types: ['flow'], want: 4 },
  ];
  test.each(cases)('$reason', ({ size, types, want }) => {
    const site = new VirtualSite({ orgs: [sizedOrg({ size, seed: 'practice' })], seed: 1 });
    expect(sumOf(readMinimum(site.contents('practice-sized'), types))).toBe(want);
  });

  test('a cycle of two flows costs one more publishing, one of a queue and its flow one more PUT', () => {
    const site = new VirtualSite({ orgs: [...practiceOrgs(), sizedOrg({ size: 4_000, seed: 'practice' })], seed: 1 });
    const terms = writeMinimum(site.contents('practice-sized'), site.contents(EMPTY), site.types);
    expect(terms.find(({ what }) => what === 'fields that complete a cycle')?.requests).toBe(2 + 1);
  });
});

describe('the product sends no request more than the minimum', () => {
  test('an export, a plan and a drift check of the practice org, when nothing changed', async () => {
    const site = new VirtualSite({ orgs: practiceOrgs(), seed: 1 });
    const fewest = sumOf(readMinimum(site.contents(PRODUCTION), site.types));
    const counts = await countReading(site, PRODUCTION);
    expect({ export: counts.export.length, plan: counts.plan.length, drift: counts.drift.length, sent: tally(counts.export) }).toEqual({
      export: fewest,
      plan: fewest,
      drift: fewest,
      sent: tally(counts.plan),
    });
    expect(counts.pending).toBe(0);
  });

  test('more flows than one export job may name share as few jobs as can hold them', async () => {
    const flows = Array.from({ length: 9_589 }, (_, index) => ({ raw: {} as RawObject, id: String(index).padStart(36, '0'), version: '10.0' }));
    const bodies: number[] = [];
    const client: OrgClient = {
      async call({ method, body }) {
        if (method === 'POST') bodies.push(canonicalJson(body ?? null).length);
        const value = method === 'POST' ? { id: 'job' } : { status: 'Success', downloadUrl: 'https://downloads.example/flows' };
        return { status: 200, headers: {}, value: value as never, bytes: new Uint8Array() };
      },
    };
    const { world } = new VirtualSite({ orgs: [], seed: 1 });
    const session = { client, world, names: new NameTable(), report: () => undefined, asking: new Map() };
    await world.run(exportFlows(session, flows));
    expect(bodies).toHaveLength(2);
    expect(Math.max(...bodies)).toBeLessThanOrEqual(512_000);
  });

  test('a restore of the practice org into an empty one, counted in writes, and then there is nothing left to do', async () => {
    const site = new VirtualSite({ orgs: practiceOrgs(), seed: 1 });
    const fewest = writeMinimum(site.contents(PRODUCTION), site.contents(EMPTY), site.types);
    const { entries, failures, left } = await restore(site, PRODUCTION, EMPTY);
    expect(failures).toEqual([]);
    expect(left).toBe(0);
    expect(entries.filter(isWrite).length).toBe(sumOf(fewest));
    const homeReads = entries.filter(({ path }) => /^\/api\/v2\/authorization\/divisions\/[^/]+$/.test(path));
    expect(homeReads.length).toBeLessThanOrEqual(1);
  });
});

/** Every file of ours that a file imports, directly or not. */
function filesReached(entry: string): readonly string[] {
  const found = new Set<string>();
  const waiting = [entry];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (found.has(file) || !existsSync(join(ROOT, file))) continue;
    found.add(file);
    const text = readFileSync(join(ROOT, file), 'utf8');
    for (const [, to = ''] of text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g))
      waiting.push(relative(ROOT, resolve(ROOT, dirname(file), to)).replaceAll('\\', '/'));
  }
  return [...found].sort();
}
