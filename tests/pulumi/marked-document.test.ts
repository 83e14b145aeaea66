import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { EMPTY, PulumiSite } from './pulumi-site.ts';

const SKILL = 'type: routing_skill\nkey: Weaving\nbody: {}\n';
const QUEUE = 'type: routing_queue\nkey: Looms\nbody:\n  description:\n    $conflict:\n      base: a\n      ours: b\n      theirs: c\n';

let site: PulumiSite;
beforeAll(async () => {
  site = await PulumiSite.start({ 'routing_skill/weaving.yaml': SKILL, 'routing_queue/looms.yaml': QUEUE });
}, 120_000);
afterAll(() => site.end());

test('the program of the engine registers nothing while a conflict is left in the manifests', async () => {
  await expect(site.program(EMPTY)).rejects.toThrow(/\/description was changed in Git and in the org since it was applied: base "a", ours "b", theirs "c"/);
  await site.commit({ 'routing_queue/looms.yaml': QUEUE.replace(/\n {4}\$conflict:[\s\S]*/, ' c\n') });
  expect((await site.program(EMPTY)).length).toBeGreaterThanOrEqual(2);
});
