import { beforeAll, describe, expect, test } from '@jest/globals';
import { normaliseFlow, placeholderFlow } from '../../providers/genesys/flow-file.ts';
import { genesys } from '../../providers/genesys/platform.ts';
import { contentOf } from '../../providers/genesys-emulator/flows/stored-flow.ts';
import { type Address, keyOf, splitEdge, typeOf } from '../../state/address.ts';
import type { Document } from '../../state/document.ts';
import { makePlan } from '../../state/make-plan.ts';
import { isDone } from '../../state/outcome.ts';
import type { Plan } from '../../state/plan.ts';
import { findOutside } from '../../state/remap.ts';
import { makeMap, sameValue, type Value } from '../../state/value.ts';
import { AppliedSite, ORG } from './applied-site.ts';

const rootKeyIn = (tree: Value): string => Object.keys(tree as object)[0] ?? '';

let site: AppliedSite;
let cycles: Plan['cycles'];

beforeAll(async () => {
  site = await AppliedSite.make();
  cycles = (await planFor(site.applied.documents)).cycles;
}, 120_000);

async function planFor(documents: ReadonlyMap<Address, Document>): Promise<Plan> {
  const wanted = { ...site.applied, documents };
  const live = await site.read(ORG);
  const externals = await site.run(site.org.locate(findOutside(wanted, genesys.types)));
  return makePlan({ wanted, live, types: genesys.types, policy: { role: 'practice' }, externals, remembered: site.applied });
}

/** A flow that names nobody: its other end is free. Not the placeholder, which stands for content that is still to come. */
function silent(document: Document): Document {
  const root = rootKeyIn(document.body['content'] ?? null);
  const inner = (placeholderFlow(root) as Record<string, Value>)[root] as Record<string, Value>;
  const content = normaliseFlow(makeMap([[root, makeMap([...Object.entries(inner), ['description', 'says nothing of others']])]]));
  return { ...document, body: makeMap([...Object.entries(document.body), ['content', content]]) };
}

/** Everything that a caller could meet as blank at the instant of a commit. */
async function whileWatching(work: () => Promise<void>): Promise<readonly string[]> {
  const blank: string[] = [];
  const seen = new Set<string>();
  const queueFlows = new Set(
    site.core
      .context(ORG)
      .all('routing_queue')
      .flatMap((queue) => (queue.body['queueFlow'] === undefined ? [] : [queue.id])),
  );
  const stop = site.core.onCommit((_org, { type, id }) => {
    const thing = site.core.context(ORG).byId(type, id);
    if (thing === undefined) return;
    seen.add(type);
    if (type === 'routing_queue' && queueFlows.has(id) && thing.body['queueFlow'] === undefined)
      blank.push(`queue ${String(thing.body['name'])} without its flow`);
    if (type === 'flow' && isPlaceholder(thing)) blank.push(`flow ${String(thing.body['name'])} with a placeholder`);
  });
  await work();
  stop();
  expect([...seen]).toContain('flow');
  return blank;
}

function isPlaceholder(flow: Parameters<typeof contentOf>[0], version = (flow.body['publishedVersion'] as { id: string } | undefined)?.id ?? ''): boolean {
  const tree = contentOf(flow, version)?.tree as Value | undefined;
  return tree === undefined || sameValue(normaliseFlow(tree), placeholderFlow(rootKeyIn(tree)));
}

async function apply(documents: ReadonlyMap<Address, Document>): Promise<void> {
  const plan = await planFor(documents);
  expect(plan.problems).toEqual([]);
  const outcomes = await site.apply(plan, { ...site.applied, documents });
  expect(outcomes.filter((outcome) => !isDone(outcome))).toEqual([]);
  expect((await planFor(documents)).steps.filter((step) => step.action !== 'unchanged')).toEqual([]);
}

describe('cycles that the manifests dissolve, and form anew', () => {
  test('the practice org has cycles of flows with flows, and of queues with flows', () => {
    const kinds = new Set(cycles.map(({ path }) => [...new Set(path.map((address) => typeOf(splitEdge(address).owner)))].sort().join(' and ')));
    expect([...kinds].sort()).toEqual(expect.arrayContaining(['flow', 'flow and routing_queue']));
  });

  test('a placeholder is told as one: the first version of a flow whose content had to wait, when nothing was there yet', () => {
    const waited = cycles
      .flatMap(({ deferred }) => deferred)
      .map(splitEdge)
      .filter(({ owner }) => typeOf(owner) === 'flow');
    const flows = waited.map(({ owner }) => site.core.context(ORG).byId('flow', site.applied.ids.get(owner)!)!);
    expect(flows.map((flow) => [isPlaceholder(flow, '1.0'), isPlaceholder(flow)])).toEqual(flows.map(() => [true, false]));
    expect(flows.length).toBeGreaterThan(0);
  });

  test('never blank a field, dissolved at one flow after the other and formed again, one cycle after the other', async () => {
    const ends = [...new Set(cycles.flatMap(({ path }) => path.map((address) => splitEdge(address).owner)))].filter((address) => typeOf(address) === 'flow');
    expect(ends.length).toBeGreaterThan(2);
    for (const address of ends.slice(0, 6)) {
      const dissolved = new Map(site.applied.documents).set(address, silent(site.applied.documents.get(address)!));
      expect([keyOf(address), await whileWatching(() => apply(dissolved))]).toEqual([keyOf(address), []]);
      expect([keyOf(address), await whileWatching(() => apply(site.applied.documents))]).toEqual([keyOf(address), []]);
    }
  }, 300_000);

  test('never blank a field, all dissolved at once and all formed at once', async () => {
    const inCycles = new Set(cycles.flatMap(({ path }) => path.map((address) => splitEdge(address).owner)));
    const quiet = ([address, document]: readonly [Address, Document]) =>
      [address, inCycles.has(address) && typeOf(address) === 'flow' ? silent(document) : document] as const;
    const dissolved = new Map([...site.applied.documents].map(quiet));
    expect((await planFor(dissolved)).cycles).toEqual([]);
    expect(await whileWatching(() => apply(dissolved))).toEqual([]);
    expect(await whileWatching(() => apply(site.applied.documents))).toEqual([]);
  }, 300_000);

  test("a queue's own end that the manifests change never goes through nothing", async () => {
    const at = cycles.flatMap(({ path }) => path).find((address) => typeOf(address) === 'routing_queue' && splitEdge(address).pointer === undefined)!;
    const queue = site.applied.documents.get(at)!;
    const now = (queue.body['queueFlow'] as { $ref: string }).$ref;
    const other = [...site.applied.documents.keys()].find(
      (address) => typeOf(address) === 'flow' && keyOf(address).endsWith('/inqueuecall') && address !== now,
    )!;
    const moved = new Map(site.applied.documents).set(at, {
      ...queue,
      body: makeMap([...Object.entries(queue.body), ['queueFlow', makeMap([['$ref', other]])]]),
    });
    const blank: string[] = [];
    const { id } = site.core.context(ORG).byName('routing_queue', keyOf(at))[0]!;
    const stop = site.core.onCommit((_org, commit, thing) => {
      if (commit.id === id && thing.body['queueFlow'] === undefined) blank.push(keyOf(at));
    });
    await apply(moved);
    await apply(site.applied.documents);
    stop();
    expect(blank).toEqual([]);
  }, 120_000);
});
