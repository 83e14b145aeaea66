import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ENGINE_VERSION, engineEnvironment, findEngine } from '../../providers/pulumi/engine.ts';
import { changeQueueByHand } from '../../scripts/practice-hand.ts';
import { type Run, records, run } from '../journeys/journey-site.ts';
import { type Portrait, portrait } from '../journeys/org-portrait.ts';
import { EMPTY, PulumiSite, STAGING } from './pulumi-site.ts';

const engine = await findEngine(process.env);
/** Skipped by name where this machine has no Pulumi CLI; the same rules are held without one by the other tests of this folder. */
const onEngine = engine === undefined ? describe.skip : describe;

/** What was seen at one step of a journey: the run, and the hash of the org before and after. */
interface Seen extends Run {
  readonly before: string;
  readonly after: string;
  /** The org after it, without versions and dates. */
  readonly portrait: Portrait;
}

/** A site with the steps of one journey, seen in their order; the tests look at them in any. */
class Journey {
  readonly site: PulumiSite;
  readonly org: string;
  readonly seen: Record<string, Seen> = {};

  constructor(site: PulumiSite, org: string) {
    this.site = site;
    this.org = org;
  }

  /** A raw command, as a person types it, with the one line of docs/pulumi.md exported. */
  async pulumi(name: string, ...words: readonly string[]): Promise<void> {
    await this.pulumiWith({}, name, ...words);
  }

  async pulumiWith(more: Readonly<Record<string, string>>, name: string, ...words: readonly string[]): Promise<void> {
    if (engine === undefined) throw new Error('no engine');
    const { PATH = '' } = engineEnvironment(engine, process.env);
    const environment = { PATH, PULUMI_CONFIG_PASSPHRASE: '', PULUMI_HOME: join(this.site.folder, '.pulumi-home'), PULUMI_SKIP_UPDATE_CHECK: 'true', ...more };
    await this.#see(name, () => run(engine.path, [...words, '--non-interactive', '--color', 'never'], this.site.folder, environment).ended);
  }

  async cordboard(name: string, ...words: readonly string[]): Promise<void> {
    await this.#see(name, () => this.site.site.cordboard(...words));
  }

  async #see(name: string, work: () => Promise<Run>): Promise<void> {
    const before = this.site.site.hash(this.org);
    const ended = await work();
    this.seen[name] = { ...ended, before, after: this.site.site.hash(this.org), portrait: portrait(this.site.site.orgs.core, this.org) };
  }

  codes(): Readonly<Record<string, number | null>> {
    return Object.fromEntries(Object.entries(this.seen).map(([name, { code }]) => [name, code]));
  }

  /** Steps that left the org as it was. */
  silent(): readonly string[] {
    return Object.entries(this.seen).flatMap(([name, { before, after }]) => (before === after ? [name] : []));
  }

  said(name: string): string {
    return this.seen[name]?.all ?? `nothing was seen of "${name}"`;
  }
}

// Long because each journey is lived through once, and looked at from several sides.
onEngine(`raw commands on Pulumi ${ENGINE_VERSION}, from an empty org on`, () => {
  let journey: Journey;

  beforeAll(async () => {
    const site = await PulumiSite.start(SMALL);
    journey = new Journey(site, EMPTY);
    await journey.pulumi('init', 'stack', 'init', EMPTY);
    await journey.pulumi('preview', 'preview', '--diff');
    await journey.pulumi('up', 'up', '--yes');
    await journey.pulumi('no-op', 'preview', '--expect-no-changes');
    const queue = site.site.orgs.core.objects(EMPTY, 'routing_queue').find(({ name }) => name === 'Returns');
    await changeQueueByHand(site.site.orgs.url, EMPTY);
    await journey.pulumi('drift', 'preview', '--expect-no-changes', '--diff');
    await journey.pulumi('put back', 'up', '--yes');
    await journey.pulumi('refresh', 'refresh', '--yes');
    await site.commit({ 'routing_queue/returns.yaml': SMALL['routing_queue/returns.yaml']?.replace('key: Returns', 'key: Returned\nwas: Returns') });
    await site.commit({ 'routing_queue/ring-b.yaml': SMALL['routing_queue/ring-b.yaml']?.replace(/body:[\s\S]*/, 'body: {}\n') });
    await journey.pulumi('rename and dissolve', 'up', '--yes');
    ids = [queue?.['id'], site.site.orgs.core.objects(EMPTY, 'routing_queue').find(({ name }) => name === 'Returned')?.['id']];
    await journey.pulumi('after all', 'preview', '--expect-no-changes');
    await journey.pulumi('destroy', 'destroy', '--yes');
    await journey.pulumi('state', 'stack', 'export');
    await journey.pulumiWith({ CORDBOARD_ALLOW_DELETES: '2,100%' }, 'destroy over the budget', 'destroy', '--yes');
    await journey.pulumiWith({ CORDBOARD_ALLOW_DELETES: '99,100%' }, 'destroy as allowed', 'destroy', '--yes');
    left = Object.keys(SMALL).flatMap((file) => site.site.orgs.core.objects(EMPTY, file.split('/')[0] ?? '').map(({ name }) => String(name)));
  }, 300_000);
  afterAll(() => journey.site.end());
  let ids: readonly unknown[] = [];
  let left: readonly string[] = [];

  test('each ends as it should: 7 for drift where no changes were expected, not 0 for a destroy that was held', () => {
    expect(journey.codes()).toMatchObject({
      init: 0,
      preview: 0,
      up: 0,
      'no-op': 0,
      drift: 7,
      'put back': 0,
      refresh: 0,
      'rename and dissolve': 0,
      'after all': 0,
      state: 0,
      'destroy as allowed': 0,
    });
    expect(journey.seen['destroy']?.code).not.toBe(0);
    expect(journey.seen['destroy over the budget']?.code).not.toBe(0);
  });

  test('none writes to the org but the ups', () => {
    expect(journey.silent()).toEqual(['init', 'preview', 'no-op', 'drift', 'refresh', 'after all', 'destroy', 'state', 'destroy over the budget']);
  });

  test('drift is shown field by field', () => {
    expect(journey.said('drift')).toMatch(/timeoutMs\s*: 30000 => 120000/);
    expect(journey.said('drift')).toMatch(/Changed in a hurry/);
    expect(journey.seen['put back']?.portrait).toEqual(journey.seen['up']?.portrait);
  });

  test('a rename that the document declares keeps the id, and a cycle that is dissolved at the same time is no obstacle', () => {
    expect(ids[0]).toBeDefined();
    expect(ids[1]).toBe(ids[0]);
  });

  test('destroy is held, naming the rule and the way', () => {
    expect(journey.said('destroy')).toMatch(/held: delete is held: nothing is deleted unless the command asks for it.*CORDBOARD_ALLOW_DELETES=N/);
  });

  test('destroy deletes nothing over the budget, and everything within it', () => {
    expect(journey.said('destroy over the budget')).toMatch(/more is to be deleted than is allowed, so nothing is/);
    // The home division, which every org has.
    expect(left).toEqual(['New Org']);
  });

  test('the state holds no secret, and little beside the bodies', () => {
    expect(journey.said('state')).not.toMatch(/canary-|practice-empty-secret/);
  });
});

onEngine(`names that pass from one object to another on Pulumi ${ENGINE_VERSION}`, () => {
  let journey: Journey;
  const queue = (key: string, is: string, was?: string) => ({
    [`routing_queue/${key.toLowerCase()}.yaml`]: `type: routing_queue\nkey: ${key}\n${was === undefined ? '' : `was: ${was}\n`}body: { description: ${is} }\n`,
  });
  const ids = () =>
    Object.fromEntries(journey.site.site.orgs.core.objects(EMPTY, 'routing_queue').map(({ description, id, name }) => [String(description), [name, id]]));
  const seen: Record<string, Readonly<Record<string, readonly unknown[]>>> = {};

  beforeAll(async () => {
    const site = await PulumiSite.start({
      ...queue('One', 'first'),
      ...queue('Two', 'second'),
      ...queue('Three', 'third'),
      ...queue('Four', 'fourth'),
      ...queue('Five', 'fifth'),
    });
    journey = new Journey(site, EMPTY);
    await journey.pulumi('init', 'stack', 'init', EMPTY);
    await journey.pulumi('up', 'up', '--yes');
    seen['before'] = ids();
    await site.commit({ ...queue('One', 'second', 'Two'), ...queue('Two', 'first', 'One') });
    await journey.pulumi('unseen', 'preview', '--refresh=false');
    await journey.pulumi('preview', 'preview', '--diff');
    await journey.pulumi('swap', 'up', '--yes');
    seen['swapped'] = ids();
    await journey.pulumi('after the swap', 'preview', '--expect-no-changes');
    await site.commit({ ...queue('One', 'second'), ...queue('Two', 'first') });
    await journey.pulumi('without was', 'preview', '--expect-no-changes');
    await site.commit({ ...queue('Four', 'third', 'Three'), ...queue('Five', 'fourth', 'Four'), ...queue('Three', 'fifth', 'Five') });
    await journey.cordboard('ring', 'up', '--org', EMPTY, '--yes', '--json');
    seen['ring'] = ids();
    await site.commit({ ...queue('Six', 'second', 'One'), ...queue('One', 'new') });
    await journey.cordboard('row', 'up', '--org', EMPTY, '--yes', '--json');
    seen['row'] = ids();
    await journey.cordboard('after the row', 'preview', '--org', EMPTY);
    await journey.cordboard('plan', 'plan', '--org', EMPTY);
  }, 300_000);
  afterAll(() => journey.site.end());

  test('each ends as it should', () => {
    expect(journey.codes()).toMatchObject({
      up: 0,
      preview: 0,
      swap: 0,
      'after the swap': 0,
      'without was': 0,
      ring: 0,
      row: 0,
      'after the row': 0,
      plan: 0,
    });
    expect(journey.seen['unseen']?.code).not.toBe(0);
    expect(journey.said('unseen')).toMatch(/this stack does not know yet which is which; pulumi refresh, then again/);
    expect(journey.silent()).toEqual(['init', 'unseen', 'preview', 'after the swap', 'without was', 'after the row', 'plan']);
  });

  test('every object keeps its id', () => {
    const before = seen['before'] as Readonly<Record<string, readonly unknown[]>>;
    const named = (names: Readonly<Record<string, string>>) => Object.fromEntries(Object.entries(names).map(([is, name]) => [is, [name, before[is]?.[1]]]));
    const swapped = { first: 'Two', second: 'One', third: 'Three', fourth: 'Four', fifth: 'Five' };
    const ring = { ...swapped, third: 'Four', fourth: 'Five', fifth: 'Three' };
    expect([seen['swapped'], seen['ring']]).toEqual([named(swapped), named(ring)]);
    expect(seen['row']).toEqual({ ...named({ ...ring, second: 'Six' }), new: ['One', expect.any(String)] });
  });

  test('the preview shows the new names, and the temporary one', () => {
    expect(journey.said('preview')).toMatch(/address\s*: "routing_queue\/Two" => "routing_queue\/One"/);
    const steps = records(journey.seen['ring']?.out ?? '').filter(({ record }) => record === 'step');
    expect(steps.filter(({ address }) => String(address).includes('~cordboard'))).toHaveLength(1);
    const outcomes = records(journey.seen['ring']?.out ?? '').filter(({ record }) => record === 'outcome');
    expect(outcomes.map(({ address, word }) => [address, word]).sort()).toEqual(steps.map(({ address }) => [address, 'updated']).sort());
  });
});

onEngine(`an org that moves while Pulumi ${ENGINE_VERSION} is at work`, () => {
  let journey: Journey;
  let between: Server;
  /** What somebody does by hand once everything was shown and before it is carried out. */
  let move: () => void = () => undefined;

  const core = () => journey.site.site.orgs.core;
  const queues = () => core().objects(EMPTY, 'routing_queue');
  const describeByHand = (name: string, description: string) => {
    const id = String(queues().find((queue) => queue['name'] === name)?.['id']);
    core().edit(EMPTY, 'routing_queue', id, (queue) => ({ ...queue, description }));
  };
  const described = () => Object.fromEntries(queues().map(({ name, description }) => [String(name), description]));

  /** An engine before which somebody is at work whenever it is told to carry out. */
  function delayedEngine(): Readonly<Record<string, string>> {
    if (engine === undefined) throw new Error('no engine');
    const { port } = between.address() as AddressInfo;
    const folder = join(journey.site.folder, '.delayed');
    mkdirSync(folder);
    const ask = `'${process.execPath}' -e 'fetch("http://127.0.0.1:${port}/")'`;
    writeFileSync(join(folder, 'pulumi'), `#!/bin/sh\nif [ "$1" = up ]; then ${ask}; fi\nexec '${engine.path}' "$@"\n`, { mode: 0o755 });
    return { PATH: [folder, dirname(engine.path), process.env['PATH'] ?? ''].join(delimiter) };
  }

  beforeAll(async () => {
    const site = await PulumiSite.start(SMALL);
    journey = new Journey(site, EMPTY);
    between = createServer((_, response) => {
      move();
      response.end();
    });
    await new Promise<void>((resolve) => between.listen(0, '127.0.0.1', resolve));
    const first = await site.site.cordboard('up', '--org', EMPTY, '--yes');
    if (first.code !== 0) throw new Error(first.all);
  }, 300_000);
  afterAll(async () => {
    between.close();
    await journey.site.end();
  });

  test('up carries out what it printed before: what moved since is stale, and what was not in it is left alone', async () => {
    const environment = delayedEngine();
    const up = async () => records((await journey.site.site.start(['up', '--org', EMPTY, '--yes', '--json'], environment).ended).out);
    const brief = (all: readonly Readonly<Record<string, unknown>>[]) =>
      all.flatMap(({ record, address, action, word }) => (record === 'step' || record === 'outcome' ? [[record, address, action ?? word]] : []));
    describeByHand('Ring A', 'drifted');
    move = () => {
      describeByHand('Ring A', 'by hand since');
      describeByHand('Returns', 'by hand as well');
    };
    expect(brief(await up())).toEqual([
      ['step', 'routing_queue/Ring A', 'update'],
      ['outcome', 'routing_queue/Ring A', 'stale'],
    ]);
    expect(described()).toMatchObject({ 'Ring A': 'by hand since', Returns: 'by hand as well' });
    move = () => describeByHand('Ring B', 'by hand in the end');
    expect(brief(await up()).sort()).toEqual([
      ['outcome', 'routing_queue/Returns', 'updated'],
      ['outcome', 'routing_queue/Ring A', 'updated'],
      ['step', 'routing_queue/Returns', 'update'],
      ['step', 'routing_queue/Ring A', 'update'],
    ]);
    expect(described()).toMatchObject({ 'Ring B': 'by hand in the end' });
    expect(Object.values(described()).filter((text) => text !== undefined && text !== '')).toEqual(['by hand in the end']);
  }, 300_000);
});

onEngine(`cordboard on Pulumi ${ENGINE_VERSION}, for an org that is not empty`, () => {
  let journey: Journey;
  let steps: readonly Readonly<Record<string, unknown>>[] = [];
  /** The org after this driver, and a twin of it after the built-in one. */
  let trees: readonly ReadonlyMap<string, string>[] = [];
  let applied: readonly Readonly<Record<string, unknown>>[] = [];

  /** The same manifests, planned and applied without Pulumi to the same org as it was. */
  async function applyBuiltIn(): Promise<ReadonlyMap<string, string>> {
    const twin = await PulumiSite.start();
    try {
      await twin.site.cordboard('plan', '--org', STAGING, '--out', 'plan.json');
      const ended = await twin.site.cordboard('apply', 'plan.json', '--json');
      applied = records(ended.out).filter(({ record }) => record === 'outcome');
      return await twin.export(STAGING);
    } finally {
      await twin.end();
    }
  }

  beforeAll(async () => {
    const site = await PulumiSite.start();
    journey = new Journey(site, STAGING);
    await journey.cordboard('preview too early', 'preview', '--org', STAGING, '--json');
    await journey.cordboard('adopt', 'adopt', '--org', STAGING);
    await journey.pulumi('state', 'stack', 'export', '--stack', STAGING);
    await journey.cordboard('preview', 'preview', '--org', STAGING, '--json');
    await journey.cordboard('plan', 'plan', '--org', STAGING, '--json');
    await journey.cordboard('up unasked', 'up', '--org', STAGING);
    await journey.cordboard('up', 'up', '--org', STAGING, '--yes', '--json');
    await journey.cordboard('preview after', 'preview', '--org', STAGING);
    await journey.cordboard('drift', 'drift', '--org', STAGING);
    trees = [await site.export(STAGING), await applyBuiltIn()];
    steps = records(journey.seen['preview']?.out ?? '').filter(({ record }) => record === 'step');
  }, 300_000);
  afterAll(() => journey.site.end());

  test('exit codes are those of a plan: 2 for changes, 0 for none, 3 where nobody can be asked', () => {
    expect(journey.codes()).toEqual({ 'preview too early': 2, adopt: 0, state: 0, preview: 2, plan: 2, 'up unasked': 3, up: 0, 'preview after': 0, drift: 0 });
  });

  test('only up writes to the org', () => {
    expect(journey.silent()).toEqual(Object.keys(journey.seen).filter((name) => name !== 'up'));
  });

  test('after adopt nothing that lives in the org is called new', () => {
    const { deployment } = JSON.parse(journey.seen['state']?.out ?? '{}') as { deployment: { resources: { inputs?: { address?: string } }[] } };
    const held = new Set(deployment.resources.map(({ inputs }) => inputs?.address));
    expect(held.size).toBeGreaterThan(100);
    expect(steps.filter(({ action, address }) => action === 'create' && held.has(address as string))).toEqual([]);
  });

  test('a preview lists the same addresses, actions and field changes as the plan of the built-in driver', () => {
    const planned = records(journey.seen['plan']?.out ?? '').filter(({ record, action, changes }) => {
      return record === 'step' && action !== 'held' && action !== 'unchanged' && (action !== 'adopt' || (changes as unknown[]).length > 0);
    });
    const say = ({ address, action, changes }: Readonly<Record<string, unknown>>) => ({
      address,
      action: action === 'adopt' ? 'update' : action,
      changes: action === 'create' ? 'all' : changes,
    });
    expect(steps.map(say).sort(byAddress)).toEqual(planned.map(say).sort(byAddress));
  });

  test('the org is then the same as after the built-in driver', () => {
    const [here, there] = trees;
    expect(here?.size).toBeGreaterThan(100);
    expect([...(here ?? [])]).toEqual([...(there ?? [])]);
  });

  test('up tells what became of each step in the words of an apply', () => {
    const outcomes = records(journey.seen['up']?.out ?? '').filter(({ record }) => record === 'outcome');
    expect(outcomes.length).toBe(steps.length);
    expect(new Set(outcomes.map(({ word }) => word))).toEqual(new Set(['created', 'updated']));
    // What lives and is to change is adopted by the one driver before, and by the other at the same time.
    const written = applied.filter(({ address, word }) => word === 'created' || steps.some((step) => step['address'] === address));
    const say = ({ address, word }: Readonly<Record<string, unknown>>) => ({ address, word: word === 'adopted' ? 'updated' : word });
    expect(outcomes.map(say).sort(byAddress)).toEqual(written.map(say).sort(byAddress));
    expect(journey.said('up')).not.toMatch(/canary-/);
  });
});

onEngine(`the whole tree through Pulumi ${ENGINE_VERSION} into an empty org`, () => {
  let journey: Journey;
  let tree: ReadonlyMap<string, string>;

  beforeAll(async () => {
    const site = await PulumiSite.start();
    journey = new Journey(site, EMPTY);
    await journey.cordboard('up', 'up', '--org', EMPTY, '--yes', '--json');
    tree = await site.export(EMPTY);
    await journey.cordboard('preview', 'preview', '--org', EMPTY);
    await journey.cordboard('plan', 'plan', '--org', EMPTY);
  }, 300_000);
  afterAll(() => journey.site.end());

  test('exported again it is the same bytes but for the name of the org, and nothing is left to do in either driver', () => {
    expect(journey.codes()).toEqual({ up: 0, preview: 0, plan: 0 });
    const wanted = journey.site.site.tree('manifests/practice');
    expect([...tree.keys()]).toEqual([...wanted.keys()]);
    expect([...wanted.keys()].filter((file) => tree.get(file) !== wanted.get(file))).toEqual(['export.yaml']);
  });
});

function byAddress(one: { readonly address: unknown }, other: { readonly address: unknown }): number {
  return String(one.address) < String(other.address) ? -1 : 1;
}

const SMALL: Readonly<Record<string, string>> = {
  'auth_division/shops.yaml': 'type: auth_division\nkey: Shops\nbody: {}\n',
  'routing_queue/returns.yaml':
    'type: routing_queue\nkey: Returns\nbody:\n  acwSettings: { timeoutMs: 120000, wrapupPrompt: MANDATORY }\n  division: { $ref: auth_division/Shops }\n',
  'routing_queue/ring-a.yaml': 'type: routing_queue\nkey: Ring A\nbody:\n  directRouting: { backupQueueId: { $ref: routing_queue/Ring B } }\n',
  'routing_queue/ring-b.yaml': 'type: routing_queue\nkey: Ring B\nbody:\n  directRouting: { backupQueueId: { $ref: routing_queue/Ring A } }\n',
};
