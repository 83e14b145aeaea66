import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { FaultPlan, JournalEntry } from '../../providers/genesys-emulator/index.ts';
import type { OrgSeed } from '../../providers/genesys-emulator/practice/index.ts';
import { VERSION } from '../../scripts/version.ts';
import { openPlan, sealPlan } from '../../state/seal.ts';
import type { JourneySite, Running } from './journey-site.ts';
import { compare, portrait } from './org-portrait.ts';
import { SHELL, SHELL_SEED, SHOP, SHOP_SEED } from './small-orgs.ts';
import { must, receipts, type Stage, Theatre, untruths } from './stage.ts';

const theatre = new Theatre();
let stage: Stage;
beforeAll(async () => {
  stage = await theatre.prepare('faults', [withShortTokens(SHOP_SEED), withShortTokens(SHELL_SEED)]);
}, 120_000);
afterAll(() => theatre.end());

/** Tokens end long before the links that jobs hand out. */
const TOKEN_SECONDS = 900;

function withShortTokens({ spec, fill }: OrgSeed): OrgSeed {
  return { fill, spec: { ...spec, clients: spec.clients.map((client) => ({ ...client, accessTokenValiditySeconds: TOKEN_SECONDS })) } };
}

/** One request that is never answered, and is carried out: whoever sent it stands still for as long as a test wants. */
const SILENCE: FaultPlan = { nth: [{ fault: 'late-commit', nth: 1, method: 'POST', path: '/routing/skills' }], lateSeconds: [0.1, 0.1] };

/** A site with that one request, and what resolves when it is met. */
async function openSilent(name: string): Promise<{ readonly site: JourneySite; readonly struck: Promise<void> }> {
  let settle: () => void = () => undefined;
  const struck = new Promise<void>((met) => {
    settle = met;
  });
  const onRequest = ({ fault }: JournalEntry): void => {
    if (fault === 'late-commit') settle();
  };
  return { site: await theatre.open(stage, name, { faults: SILENCE, onRequest }), struck };
}

/** The org is what the manifests say, and what somebody else keeps there is as it was; receipts tell what the org's journal tells. */
function expectDone(site: JourneySite): void {
  const foreign = [...stage.before].filter(([name]) => !stage.source.has(name));
  expect(compare(portrait(site.orgs.core, SHELL), new Map([...stage.source, ...foreign]))).toEqual([]);
  expect(untruths(site, stage)).toEqual([]);
}

function writes(site: JourneySite): number {
  return site.orgs.core.journal.flatMap((entry) => entry.commits).length;
}

describe('Ctrl-C', () => {
  test('trap: Ctrl-C exits 0: once: steps under way end, nothing new starts, exit 130, and the same plan goes on', async () => {
    let running: Running | undefined;
    let asked = 0;
    const site = await theatre.open(stage, 'ctrl-c-once', {
      onRequest: ({ method, path }) => {
        if (method === 'GET' || path.endsWith('/oauth/token')) return;
        asked += 1;
        if (asked === 4) running?.kill('SIGINT');
      },
    });
    running = site.start(['apply', 'plan.json']);
    const { code, err, out } = await running.ended;
    expect({ code, err }).toEqual({ code: 130, err: expect.stringContaining('stopping after the steps that are under way') });
    expect(out).toMatch(/ {2}skipped[^\n]*interrupted before/);
    expect(out).not.toMatch(/ {2}(failed|stale|unknown) /);
    expect(receipts(site, stage)).toHaveLength(1);
    expect(untruths(site, stage)).toEqual([]);
    await must(site, 0, 'apply', 'plan.json');
    expectDone(site);
  });

  test('twice: it ends at once, though a request is under way, and the same plan goes on', async () => {
    const { site, struck } = await openSilent('ctrl-c-twice');
    const running = site.start(['apply', 'plan.json']);
    await struck;
    running.kill('SIGINT');
    await running.shows(/Ctrl-C again/);
    running.kill('SIGINT');
    expect((await running.ended).code).toBe(130);
    expect(site.orgs.core.journal.filter((entry) => entry.fault === 'late-commit')).toHaveLength(1);
    await must(site, 0, 'apply', 'plan.json');
    expectDone(site);
  });
});

describe('two applies to one org', () => {
  test('the second is refused, names the first, and writes nothing; the lock of one that was killed is taken over', async () => {
    const { site, struck } = await openSilent('second');
    const first = site.start(['apply', 'plan.json']);
    await struck;
    const before = site.orgs.core.journal.length;
    const second = await must(site, 1, 'apply', 'plan.json');
    expect(second.err).toMatch(new RegExp(`another apply to this org is at work \\(process ${first.id}\\)`));
    const since = site.orgs.core.journal.slice(before);
    expect(since.filter((entry) => entry.path === '/oauth/token')).toEqual([]);
    first.kill('SIGKILL');
    await first.ended;
    await must(site, 0, 'apply', 'plan.json');
    expectDone(site);
  });
});

const QUIET = { stdio: 'ignore' } as const;

/** A file system of so many KiB at a folder; needs the right to mount one. */
class SmallDisk {
  readonly #folder: string;

  constructor(folder: string, kibibytes: number) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kibibytes}k`, 'tmpfs', folder], QUIET);
  }

  static isAllowed(): boolean {
    const folder = mkdtempSync(join(tmpdir(), 'cordboard-disk-'));
    try {
      new SmallDisk(folder, 16).end();
      return true;
    } catch {
      return false;
    } finally {
      rmdirSync(folder);
    }
  }

  grow(kibibytes: number): void {
    execFileSync('mount', ['-o', `remount,size=${kibibytes}k`, this.#folder]);
  }

  async whileFull<Result>(work: () => Promise<Result>): Promise<Result> {
    const filler = join(this.#folder, '.filler');
    try {
      for (;;) writeFileSync(filler, Buffer.alloc(4_096), { flag: 'a' });
    } catch (failure) {
      if ((failure as NodeJS.ErrnoException).code !== 'ENOSPC') throw failure;
    }
    const result = await work();
    rmSync(filler);
    return result;
  }

  end(): void {
    execFileSync('umount', [this.#folder]);
  }
}

/** Mounting takes a right that not everybody has; without it these two are skipped, and what remains is the simulated disk of `tests/reconciler`. */
const testWithDisk = SmallDisk.isAllowed() ? test : test.skip;

describe('a full disk', () => {
  testWithDisk('in the middle of an apply: told as such, exit 1, and the same plan goes on once there is room', async () => {
    const site = await theatre.open(stage, 'full-apply');
    const disk = new SmallDisk(join(site.folder, '.cordboard', SHELL), 16);
    try {
      const { err, out } = await must(site, 1, 'apply', 'plan.json');
      expect(err).toMatch(/ENOSPC|no space left/i);
      expect(out).toMatch(/^\d.* skipped/m);
      expect(err).not.toContain('fault of Cordboard');
      expect(writes(site)).toBeGreaterThan(0);
      disk.grow(4_096);
      await must(site, 0, 'apply', 'plan.json');
      expectDone(site);
    } finally {
      disk.end();
    }
  });

  testWithDisk('in the middle of an export: told as such, exit 1, every old file whole, and the next export writes what is missing', async () => {
    const site = await theatre.open(stage, 'full-export');
    const disk = new SmallDisk(join(site.folder, 'manifests'), 2_048);
    try {
      await must(site, 0, 'export', '--org', SHOP, '--all', '--commit');
      const old = site.tree('manifests');
      for (const { id } of site.orgs.core.org(SHOP).store.all('routing_queue')) {
        site.orgs.core.edit(SHOP, 'routing_queue', id, (body) => ({ ...body, description: `Changed, ${'and told at length '.repeat(20)}` }));
      }
      const { err } = await disk.whileFull(() => must(site, 1, 'export', '--org', SHOP, '--all'));
      expect(err).toMatch(/ENOSPC|no space left/i);
      expect(err).not.toContain('fault of Cordboard');
      expect(site.tree('manifests')).toEqual(old);
      await must(site, 0, 'export', '--org', SHOP, '--all');
      const changed = [...site.tree('manifests')].filter(([path, text]) => old.get(path) !== text).map(([path]) => path);
      expect(changed.sort()).toEqual(['practice/routing_queue/counter.yaml', 'practice/routing_queue/office.yaml']);
    } finally {
      disk.end();
    }
  });
});

describe('a sealed plan whose time or place has passed', () => {
  const reseal = (site: JourneySite, change: (facts: { made: string; expires: string }) => { made: string; expires: string }) => {
    const text = site.read('plan.json');
    const org = { id: site.orgs.core.org(SHELL).id, name: SHELL };
    const { plan, facts } = openPlan(text, { org, tool: VERSION, now: Date.now() });
    if (plan === undefined || facts === undefined) throw new Error('the plan does not open');
    site.write('plan.json', sealPlan(plan, { ...facts, ...change(facts) }));
  };

  test('one that expired is refused before anything is asked of the org', async () => {
    const site = await theatre.open(stage, 'expired');
    reseal(site, () => ({ made: '2026-01-01T00:00:00.000Z', expires: '2026-01-01T01:00:00.000Z' }));
    const { err } = await must(site, 3, 'apply', 'plan.json');
    expect(err).toMatch(/the plan expired at 2026-01-01T01:00:00\.000Z[\s\S]*plan again/);
    expect(site.orgs.core.journal).toEqual([]);
  });

  test('one for an org whose name now stands for another org is refused, and neither is written to', async () => {
    const site = await theatre.open(stage, 'elsewhere');
    const [shop, shell] = [SHOP, SHELL].map((name) => site.hash(name));
    const credentials = '    credentials: { id: OTHER_ID, secret: OTHER_SECRET }\n';
    site.write('.env', `${site.read('.env')}OTHER_ID=${SHOP}\nOTHER_SECRET=${SHOP}-secret\n`);
    const other = `    pinned: { id: ${site.orgs.core.org(SHOP).id}, name: ${SHOP} }\n`;
    site.write('cordboard.yaml', site.read('cordboard.yaml').replace(/ {4}pinned: \{ id: [^}]*name: practice-shell \}\n/, `${other}${credentials}`));
    const { err } = await must(site, 3, 'apply', 'plan.json');
    expect(err).toContain('the plan was made for the org "practice-shell"');
    expect([SHOP, SHELL].map((name) => site.hash(name))).toEqual([shop, shell]);
  });
});

test('trap: plan applied to a moved world: what moved in the org since the plan is left as it is and told as stale; the rest is done, and a new plan puts it right', async () => {
  const site = await theatre.open(stage, 'moved');
  const row = () =>
    site.orgs.core
      .org(SHELL)
      .store.all('architect_datatable_row')
      .find(({ body }) => body['key'] === 'bread');
  site.orgs.core.edit(SHELL, 'architect_datatable_row', 'bread', (body) => ({ ...body, cents: 999 }));
  const { out } = await must(site, 1, 'apply', 'plan.json');
  expect(out).toMatch(/^! architect_datatable_row\/Prices\/bread {2}stale: [^\n]*cents[^\n]*plan again/m);
  expect(out.match(/^! .*$/gm)).toHaveLength(1);
  expect(row()?.body['cents']).toBe(999);
  const now = portrait(site.orgs.core, SHELL);
  expect([...stage.source.keys()].filter((name) => now.get(name) !== stage.source.get(name))).toEqual(['architect_datatable_row "bread" of Prices']);
  await must(site, 2, 'plan', '--org', SHELL, '--out', 'plan.json');
  await must(site, 0, 'apply', 'plan.json');
  expect(row()?.body['cents']).toBe(250);
});

describe('tokens that end in the middle', () => {
  /** Five times, each after so many requests with one token, the orgs' clock is past the end of all: one request may meet all of them, and no more. */
  const open = async (name: string, every: number) => {
    let [ahead, count, left] = [0, 0, 5];
    const clock = { now: () => Date.now() + ahead, ticks: () => performance.now(), sleep: async () => {} };
    const site = await theatre.open(stage, name, {
      clock,
      onRequest: ({ path }) => {
        // Each token works for a while: one that never did is no token to the client.
        if (path.endsWith('/oauth/token')) count = 0;
        if (path.endsWith('/oauth/token') || path.startsWith('/uploads') || path.startsWith('/downloads')) return;
        count += 1;
        if (count !== every || left === 0) return;
        left -= 1;
        ahead += TOKEN_SECONDS * 1_000;
      },
    });
    const tokens = () => site.orgs.core.journal.filter((entry) => entry.path.endsWith('/oauth/token')).length;
    const refused = () => site.orgs.core.journal.filter((entry) => entry.status === 401).length;
    return { site, tokens, refused };
  };

  test('an export asks for new ones and ends with the same files', async () => {
    const { site, tokens, refused } = await open('tokens-export', 9);
    const before = site.tree('manifests');
    await must(site, 0, 'export', '--org', SHOP, '--all');
    expect(refused()).toBeGreaterThan(0);
    expect(tokens()).toBeGreaterThan(1);
    expect(tokens()).toBeLessThanOrEqual(1 + refused());
    expect(site.tree('manifests')).toEqual(before);
  });

  test('an apply asks for new ones and is done', async () => {
    const { site, tokens, refused } = await open('tokens-apply', 25);
    await must(site, 0, 'apply', 'plan.json');
    expect(refused()).toBeGreaterThan(2);
    expect(tokens()).toBeGreaterThan(3);
    expectDone(site);
  });
});
