import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { JourneySite } from './journey-site.ts';
import { portrait } from './org-portrait.ts';
import { SHELL, SHELL_SEED } from './small-orgs.ts';
import { must, receipts } from './stage.ts';

let site: JourneySite;

beforeAll(async () => {
  site = await JourneySite.start({ orgs: [SHELL_SEED], limits: { perToken: 'none', perOrg: 'none' } });
  await must(site, 0, 'export', '--org', SHELL, '--all');
  site.writeSecrets();
  await must(site, 2, 'plan', '--org', SHELL, '--out', 'plan.json');
  await must(site, 0, 'apply', 'plan.json');
}, 120_000);
afterAll(() => site.end());

/** A document of the tree by its key. */
function fileOf(type: string, key: string): string {
  const found = [...site.tree(`manifests/practice/${type}`)].find(([, content]) => Buffer.from(content, 'base64').toString().includes(`\nkey: ${key}\n`));
  if (found === undefined) throw new Error(`no document of ${type}/${key}`);
  return `manifests/practice/${type}/${found[0]}`;
}

function isLastWhole(): boolean | undefined {
  return (receipts(site, { target: SHELL }).at(-1) as { isWhole?: boolean } | undefined)?.isWhole;
}

describe('what is held and the exit code', () => {
  test('a deletion that nobody asked for is nothing to do: plan and apply end with 0', async () => {
    site.remove(fileOf('routing_skill', 'Welsh'));
    const { out } = await must(site, 0, 'plan', '--org', SHELL, '--out', 'plan.json');
    expect(out).toMatch(/^- routing_skill\/Welsh {2}held: delete/m);
    await must(site, 0, 'apply', 'plan.json');
    expect(isLastWhole()).toBe(true);
  }, 60_000);

  test('a wanted change that is held is not done: plan ends with 2, apply with 1, and the org stays as it is', async () => {
    const file = fileOf('routing_queue', 'Stockroom');
    const before = site.read(file);
    site.write(file, before.replace(/^ {2}members:\n(?: {4}.*\n)+/m, '  description: Nobody works here\n'));
    expect(site.read(file)).not.toBe(before);
    const lives = portrait(site.orgs.core, SHELL);
    try {
      const { out } = await must(site, 2, 'plan', '--org', SHELL, '--out', 'plan.json');
      expect(out).toMatch(/routing_queue\/Stockroom {2}held: update/);
      await must(site, 1, 'apply', 'plan.json');
      expect(isLastWhole()).toBe(false);
      expect(portrait(site.orgs.core, SHELL)).toEqual(lives);
    } finally {
      site.write(file, before);
    }
  }, 60_000);
});
