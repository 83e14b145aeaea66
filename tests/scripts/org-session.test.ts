import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { EmulatorCore, emulatorHttp } from '../../providers/genesys-emulator/index.ts';
import { readConfig } from '../../scripts/config.ts';
import { openToRead } from '../../scripts/org-session.ts';
import type { Site } from '../../scripts/site.ts';
import { Refused } from '../../state/problem.ts';
import { makeSimulatedWorld } from '../worlds/simulated-world.ts';

const ADDRESS = 'http://127.0.0.1:4030';

/** One org, `live`, behind every name of the configuration, since the same credentials are in the environment for all. */
function siteOf(orgs: (id: string) => string) {
  const world = makeSimulatedWorld({ seed: 3 });
  const spec = { name: 'live', homeDivision: 'Home', clients: [{ id: 'client', secret: 'client-secret', permissions: ['*'] }] };
  const core = new EmulatorCore({ orgs: [spec], seed: 'pins', clock: world.clock });
  world.connect(emulatorHttp(core));
  const file = join(mkdtempSync(join(tmpdir(), 'cordboard-pins-')), 'cordboard.yaml');
  writeFileSync(file, orgs(core.org('live').id));
  const printed: { readonly code?: string }[] = [];
  const view = { print: (record: { code?: string }) => printed.push(record), report: () => undefined, redactor: { add: () => undefined } };
  const environment = { GENESYS_CLOUD_OAUTH_CLIENT_ID: 'client', GENESYS_CLOUD_OAUTH_CLIENT_SECRET: 'client-secret' };
  const site = { world, view, config: () => readConfig(file), environment: () => environment } as unknown as Site;
  return { printed, open: (name: string) => world.run(openToRead(site, name)) };
}

const org = (name: string, more = '') => `  ${name}: { address: "${ADDRESS}", role: test${more} }\n`;

test('an org that is not pinned is refused where it answers as one that is pinned under another name', async () => {
  const { open } = siteOf((id) => `orgs:\n${org('staging')}${org('live', `, pinned: { id: ${id}, name: live }`)}`);
  const failure = await open('staging').then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(failure).toBeInstanceOf(Refused);
  expect((failure as Refused).problems.map(({ code, message }) => [code, message.replace(/\(.*\)/, '(id)')])).toEqual([
    ['ORG_OTHER', '"staging" answers as "live" (id), which is pinned as "live"'],
  ]);
});

test('an org that is not pinned anywhere is opened, with the line that pins it; one pinned under two names is meant by both', async () => {
  const loose = siteOf(() => `orgs:\n${org('staging')}`);
  expect((await loose.open('staging')).identity.name).toBe('live');
  expect(loose.printed.map(({ code }) => code)).toEqual(['ORG_NOT_PINNED']);
  const both = siteOf((id) => `orgs:\n${['a', 'b'].map((name) => org(name, `, pinned: { id: ${id}, name: live }`)).join('')}`);
  expect((await both.open('b')).identity.name).toBe('live');
});
