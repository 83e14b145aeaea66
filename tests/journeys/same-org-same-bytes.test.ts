import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { JourneySite, type Run, records } from './journey-site.ts';

const PRODUCTION = 'practice-production';
const STAGING = 'practice-staging';
const EMPTY = 'practice-empty';
/** Orders in which the orgs answer; the first is the order in which objects were made. */
const SHUFFLES = [false, 'one', 'two', 'three'] as const;

/** Each block has orgs of its own: one of them fills the empty one. */
let site: JourneySite;
const start = async () => {
  site = await JourneySite.start({ limits: { perToken: 'none', perOrg: 'none' } });
};

async function did(code: number, ...words: readonly string[]): Promise<Run> {
  const ended = await site.cordboard(...words);
  if (ended.code !== code) throw new Error(`cordboard ${words.join(' ')} ended with ${ended.code}, not ${code}:\n${ended.all}`);
  return ended;
}

function steps(file: string): string {
  return JSON.stringify((JSON.parse(site.read(file)) as { steps: unknown }).steps);
}

describe('trap: order-sensitive: every list and page shuffled', () => {
  const trees: ReadonlyMap<string, string>[] = [];
  const plans: string[] = [];
  beforeAll(async () => {
    await start();
    site.configure('');
    for (const shuffle of SHUFFLES) {
      site.orgs.core.faults.plan = { shuffle };
      site.remove('manifests');
      await did(0, 'export', '--org', PRODUCTION, '--all');
      trees.push(site.tree('manifests'));
      for (const org of [STAGING, EMPTY]) {
        await did(2, 'plan', '--org', org, '--out', 'plan.json');
        plans.push(steps('plan.json'));
      }
    }
  }, 300_000);
  afterAll(() => site.end());

  test('an export has the same files, byte by byte', () => {
    expect(trees[0]?.size).toBeGreaterThan(150);
    for (const tree of trees.slice(1)) expect(tree).toEqual(trees[0]);
  });

  test('a plan has the same steps in the same order, byte by byte', () => {
    expect(plans[0]?.length).toBeGreaterThan(10_000);
    for (const [index, plan] of plans.entries()) expect(plan === plans[index % 2]).toBe(true);
  });
});

describe('an org restored into an empty one, whose home division has another name', () => {
  let [first, second, fresh]: ReadonlyMap<string, string>[] = [];
  let again: Run;
  beforeAll(async () => {
    await start();
    site.configure('');
    site.remove('manifests');
    await did(0, 'export', '--org', PRODUCTION, '--all');
    site.writeSecrets();
    first = site.tree('manifests/practice');
    await did(2, 'plan', '--org', EMPTY, '--out', 'plan.json');
    await did(0, 'apply', 'plan.json');
    again = await did(0, 'plan', '--org', EMPTY, '--json');
    // The first tree's directives: the restored org is exported over a copy of the documents, whose tree is its own.
    site.copy('manifests/practice', 'manifests/restored');
    site.remove('manifests/restored/export.yaml');
    site.configure('', { [EMPTY]: '    manifests: manifests/restored\n' });
    await did(0, 'export', '--org', EMPTY, '--all');
    second = site.tree('manifests/restored');
    site.configure('', { [EMPTY]: '    manifests: manifests/fresh\n' });
    await did(0, 'export', '--org', EMPTY, '--all');
    fresh = site.tree('manifests/fresh');
  }, 300_000);
  afterAll(() => site.end());

  test('its home division keeps its own name', () => {
    const names = site.orgs.core.objects(EMPTY, 'auth_division').filter((division) => division['homeDivision'] === true);
    expect(names.map((division) => division['name'])).toEqual(['New Org']);
  });

  test("its export is the first one byte by byte, but for the org's name in export.yaml", () => {
    const renamed = new Map(first).set(
      'export.yaml',
      recoded(first?.get('export.yaml'), (text) => text.replace(PRODUCTION, EMPTY)),
    );
    expect(recoded(first?.get('export.yaml'), (text) => text)).not.toBe(renamed.get('export.yaml'));
    expect(second).toEqual(renamed);
    expect(fresh).toEqual(renamed);
  });

  test('the second plan has nothing to do', () => {
    const actions = records(again.out)
      .filter((record) => record['record'] === 'step')
      .map((step) => step['action']);
    expect(new Set(actions)).toEqual(new Set());
  });
});

function recoded(base64: string | undefined, change: (text: string) => string): string {
  return Buffer.from(change(Buffer.from(base64 ?? '', 'base64').toString('utf8'))).toString('base64');
}
