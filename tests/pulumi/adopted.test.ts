import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { adopted } from './adopted-state.ts';
import { PRODUCTION, PulumiSite, type Registered, STAGING } from './pulumi-site.ts';
import type { SmallEngine } from './small-engine.ts';

let site: PulumiSite;
/** The manifests as they are committed, as the program registers them for the org that they were exported from. */
let program: readonly Registered[];

beforeAll(async () => {
  site = await PulumiSite.start();
  program = await site.program(PRODUCTION);
}, 300_000);
afterEach(() => site.closeProviders());
afterAll(() => site.end());

const core = () => site.site.orgs.core;
const body = (engine: SmallEngine, address: string) => JSON.parse(String(engine.entry(address).inputs['body'])) as Record<string, unknown>;

/** The id of an object by its name, in one of the practice orgs. */
function idOf(org: string, type: string, name: string): string {
  const found = core()
    .objects(org, type)
    .find((object) => object['name'] === name);
  return String(found?.['id']);
}

describe('what adopt writes into a stack', () => {
  test('is read back, checked and compared as unchanged, each entry, and the org saw no write', async () => {
    const before = core().journal.length;
    const engine = await adopted(site, PRODUCTION);
    expect(engine.state.size).toBe(program.length);
    const provider = await site.provider();
    expect(await engine.refresh(provider)).toEqual([]);
    expect(await engine.preview(provider, program)).toEqual([]);
    const writes = core()
      .journal.slice(before)
      .filter(({ method, path }) => method !== 'GET' && !/\/oauth\/token$|\/flows\/export\/jobs$/.test(path));
    expect(writes).toEqual([]);
  });

  test('of an org that differs: nothing that lives there is called new', async () => {
    const engine = await adopted(site, STAGING);
    const live = new Set([...engine.state.values()].map(({ inputs }) => String(inputs['address'])));
    const steps = await engine.preview(await site.provider(), await site.program(STAGING));
    expect(steps.filter(({ op, address }) => op === 'create' && live.has(address))).toEqual([]);
    expect(new Set(steps.map(({ op }) => op))).toEqual(new Set(['create', 'update']));
  });
});

describe('a change by hand', () => {
  test('of a field shows as that field of that resource, and up puts it back', async () => {
    const engine = await adopted(site, PRODUCTION);
    const before = body(engine, 'routing_queue/Returns');
    core().edit(PRODUCTION, 'routing_queue', idOf(PRODUCTION, 'routing_queue', 'Returns'), (queue) => ({ ...queue, description: 'by hand' }));
    const provider = await site.provider();
    expect(await engine.refresh(provider)).toEqual(['routing_queue/Returns']);
    expect(body(engine, 'routing_queue/Returns')).toEqual({ ...before, description: 'by hand' });
    const steps = await engine.up(await site.provider(), program);
    expect(steps).toEqual([{ op: 'update', address: 'routing_queue/Returns' }]);
    expect(await engine.refresh(await site.provider())).toEqual([]);
    expect(body(engine, 'routing_queue/Returns')).toEqual(before);
  });

  test('of a name is a rename: it keeps its id, and up gives the name back', async () => {
    const engine = await adopted(site, PRODUCTION);
    const id = idOf(PRODUCTION, 'routing_wrapup_code', 'Resolved');
    core().edit(PRODUCTION, 'routing_wrapup_code', id, (code) => ({ ...code, name: 'Resolved by hand' }));
    const steps = await engine.up(await site.provider(), program);
    expect(steps).toContainEqual({ op: 'update', address: 'routing_wrapup_code/Resolved' });
    expect(steps.filter(({ op }) => op !== 'update')).toEqual([]);
    expect(idOf(PRODUCTION, 'routing_wrapup_code', 'Resolved')).toBe(id);
    expect(
      core()
        .objects(PRODUCTION, 'routing_wrapup_code')
        .filter((code) => String(code['name']).startsWith('Resolved by hand')),
    ).toEqual([]);
  });

  test('that takes it away shows as gone, and up makes it again', async () => {
    const id = core().seed(PRODUCTION, 'routing_skill', { name: 'To go' });
    site.site.write('manifests/practice/routing_skill/to-go.yaml', 'type: routing_skill\nkey: To go\nbody: {}\n');
    const engine = await adopted(site, PRODUCTION);
    core().remove(PRODUCTION, 'routing_skill', id);
    const steps = await engine.up(await site.provider(), await site.program(PRODUCTION));
    expect(steps).toEqual([{ op: 'create', address: 'routing_skill/To go' }]);
    expect(idOf(PRODUCTION, 'routing_skill', 'To go')).not.toBe(id);
    core().remove(PRODUCTION, 'routing_skill', idOf(PRODUCTION, 'routing_skill', 'To go'));
    await site.site.git('clean', '-qfd', 'manifests');
  });

  test('made after the org was read for the preview is stale where a step was shown, and is left alone where none was', async () => {
    const [returns, lighting] = [idOf(PRODUCTION, 'routing_queue', 'Returns'), idOf(PRODUCTION, 'routing_queue', 'Lighting')];
    const describe = (id: string, description: string) => core().edit(PRODUCTION, 'routing_queue', id, (queue) => ({ ...queue, description }));
    const described = (id: string) =>
      core()
        .objects(PRODUCTION, 'routing_queue')
        .find((queue) => queue['id'] === id)?.['description'];
    const [first, second] = [described(returns), described(lighting)];
    const engine = await adopted(site, PRODUCTION);
    describe(returns, 'drifted');
    const shown = await engine.preview(await site.provider(), program);
    expect(shown).toEqual([{ op: 'update', address: 'routing_queue/Returns' }]);
    describe(returns, 'by hand since');
    describe(lighting, 'by hand as well');
    const hash = core().hash(PRODUCTION);
    await expect(engine.up(await site.provider(), program, { refresh: false })).rejects.toThrow(/routing_queue\/Returns: stale: .*\/description/);
    expect(core().hash(PRODUCTION)).toBe(hash);
    describe(returns, 'drifted');
    await site.closeProviders();
    expect(await engine.up(await site.provider(), program, { refresh: false })).toEqual(shown);
    expect([described(returns), described(lighting)]).toEqual([first, 'by hand as well']);
    core().edit(PRODUCTION, 'routing_queue', lighting, ({ description: _, ...queue }) => (second === undefined ? queue : { ...queue, description: second }));
  });
});

describe('a resource that the program no longer holds', () => {
  test('is held where it lives, naming the rule and the way, and the org stays as it is', async () => {
    const engine = await adopted(site, PRODUCTION);
    const { id, outputs } = engine.entry('routing_skill/Spanish');
    const hash = core().hash(PRODUCTION);
    const provider = await site.provider();
    await expect(provider.delete(id, outputs)).rejects.toThrow(
      /routing_skill\/Spanish: held: delete is held: nothing is deleted unless the command asks for it.*CORDBOARD_ALLOW_DELETES=N/,
    );
    expect(core().hash(PRODUCTION)).toBe(hash);
  });

  test('is held where somebody gave it another name', async () => {
    const engine = await adopted(site, PRODUCTION);
    const { id, outputs } = engine.entry('routing_skill/Spanish');
    core().edit(PRODUCTION, 'routing_skill', id, (skill) => ({ ...skill, name: 'Other' }));
    const provider = await site.provider();
    await expect(provider.delete(id, outputs)).rejects.toThrow(/held/);
    core().edit(PRODUCTION, 'routing_skill', id, (skill) => ({ ...skill, name: 'Spanish' }));
  });

  test('leaves the stack where it is gone', async () => {
    const engine = await adopted(site, PRODUCTION);
    const { inputs } = engine.entry('routing_skill/Spanish');
    const provider = await site.provider();
    await provider.delete('an-id-of-nothing', { ...inputs, address: 'routing_skill/Nobody has it' });
  });
});
