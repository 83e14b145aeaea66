import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { ProviderProcess } from './provider-process.ts';
import { EMPTY, PulumiSite, type Registered } from './pulumi-site.ts';
import { SmallEngine } from './small-engine.ts';

let site: PulumiSite;
let program: readonly Registered[];

const tokens = new Set<string>();

beforeAll(async () => {
  site = await PulumiSite.start();
  const { access } = site.site.orgs.core;
  const issue = access.issue.bind(access);
  access.issue = (request) => {
    const answer = issue(request);
    tokens.add((JSON.parse(String(answer.body)) as { access_token: string }).access_token);
    return answer;
  };
  program = await site.program(EMPTY);
}, 300_000);
afterEach(() => site.closeProviders());
afterAll(() => site.end());

test('the program registers each document once, each edge of a cycle apart, and what needs nothing first', () => {
  const names = program.map(({ inputs }) => String(inputs['address']));
  expect(new Set(names).size).toBe(names.length);
  const documents = [...site.site.tree('manifests/practice').keys()].filter((file) => /^[^/]+\/[^/.]+\.yaml$/.test(file));
  expect(names.filter((name) => !name.includes('#')).length).toBe(documents.length);
  expect(names.filter((name) => name.includes('#')).length).toBeGreaterThan(0);
  const seen = new Set<string>();
  for (const { type, name, dependencies } of program) {
    for (const urn of dependencies) expect(seen).toContain(urn.split('::').slice(2).join('::'));
    seen.add(`${type}::${name}`);
  }
});

describe('the whole tree, made in an empty org by the provider process', () => {
  const engine = new SmallEngine();
  let made: readonly string[];
  let said = '';
  let provider: ProviderProcess;

  beforeAll(async () => {
    provider = await site.provider();
    made = (await engine.up(provider, program)).map(({ op }) => op);
    said = provider.said();
    await site.closeProviders();
  }, 300_000);

  test('is what the tree says: exported again, the same bytes but for the name of the org', async () => {
    expect(new Set(made)).toEqual(new Set(['create']));
    const [wanted, found] = [site.site.tree('manifests/practice'), await site.export(EMPTY)];
    const differing = [...new Set([...wanted.keys(), ...found.keys()])].filter((file) => wanted.get(file) !== found.get(file));
    expect(differing).toEqual(['export.yaml']);
  });

  test('is unchanged when it is read again', async () => {
    const before = site.site.hash(EMPTY);
    provider = await site.provider();
    expect(await engine.refresh(provider)).toEqual([]);
    expect(await engine.up(provider, program)).toEqual([]);
    expect(site.site.hash(EMPTY)).toBe(before);
  });

  test('stands in the state with little beside what the YAML says, and no secret and no token in state, output or log', () => {
    const texts = [...engine.state.values()].map((entry) => JSON.stringify(entry));
    const overhead = [...engine.state.values()].map(({ inputs }) => String(inputs['__provider']).length);
    expect(Math.max(...overhead)).toBeLessThan(100);
    const own = site.site.tree('.cordboard');
    const logs = [...own.values()].map((content) => Buffer.from(content, 'base64').toString('latin1'));
    const secrets = readFileSync(join(site.folder, '.env'), 'utf8').match(/canary-\w+/g) ?? [];
    expect([secrets.length, tokens.size].every((count) => count > 0)).toBe(true);
    for (const text of [...texts, ...logs, said]) for (const secret of [...secrets, ...tokens, `${EMPTY}-secret`]) expect(text).not.toContain(secret);
    expect(readdirSync(join(site.folder, '.cordboard', EMPTY))).toContain('journal.jsonl');
  });
});
