import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Hand, openHand } from './by-hand.ts';
import { JourneySite, type Run } from './journey-site.ts';

const PRODUCTION = 'practice-production';
const GUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;
/** Each a name in cordboard.yaml for production, with a tree of its own, so that no test sees another's. */
const TREES = ['types', 'names', 'ids', 'closure', 'default', 'whole', 'merged', 'partial'] as const;
type TreeName = (typeof TREES)[number];

let site: JourneySite;
let queueId = '';

beforeAll(async () => {
  site = await JourneySite.start();
  const identity = `{ id: ${site.orgs.core.org(PRODUCTION).id}, name: ${PRODUCTION} }`;
  const entry = (name: string) =>
    `  ${name}:\n    address: ${site.orgs.url}\n    role: practice\n    manifests: manifests/${name}\n    pinned: ${identity}\n    credentials: { id: CLIENT, secret: CLIENT_SECRET }\n`;
  site.configure(TREES.map(entry).join(''));
  site.write('.env', `CLIENT=${PRODUCTION}\nCLIENT_SECRET=${PRODUCTION}-secret\n`);
  await seed(await openHand(site.orgs.url, PRODUCTION));
}, 120_000);
afterAll(() => site.end());

/** A group (no declared type) in a queue; two inactive people, one of whom is in a queue. */
async function seed({ call, find }: Hand): Promise<void> {
  const group = await call('POST', '/api/v2/groups', { name: 'Managers / East', type: 'official', rulesVisible: true, visibility: 'public' });
  const queue = await find('/api/v2/routing/queues', 'Returns');
  queueId = queue.id;
  await call('PUT', `/api/v2/routing/queues/${queueId}`, {
    ...(await call('GET', `/api/v2/routing/queues/${queueId}`)),
    memberGroups: [{ id: group['id'], type: 'GROUP' }],
  });
  const home = await call('GET', '/api/v2/authorization/divisions/home');
  for (const name of ['needed', 'idle']) {
    const user = await call('POST', '/api/v2/users', { name, email: `${name}@harborandpine.example`, divisionId: home['id'] });
    if (name === 'needed') await call('POST', `/api/v2/routing/queues/${queueId}/members`, [{ id: user['id'] }] as unknown as object);
    await call('PATCH', `/api/v2/users/${String(user['id'])}`, { state: 'inactive', version: user['version'] });
  }
}

/** Exports into a tree of its own; the org is as before. */
async function exported(tree: TreeName, ...words: readonly string[]): Promise<Run> {
  const before = site.hash(PRODUCTION);
  const run = await site.cordboard('export', '--org', tree, ...words);
  expect(site.hash(PRODUCTION)).toBe(before);
  return run;
}

const foldersOf = (tree: TreeName) => readdirSync(join(site.folder, 'manifests', tree)).filter((name) => name !== 'export.yaml');
const filesOf = (tree: TreeName, type: string) => readdirSync(join(site.folder, 'manifests', tree, type)).filter((name) => /^[^.]+\.yaml$/.test(name));
const keysOf = (tree: TreeName, type: string) => filesOf(tree, type).map((file) => /^key: (.*)$/m.exec(site.read(`manifests/${tree}/${type}/${file}`))?.[1]);
const textOf = (tree: TreeName) => [...site.tree(`manifests/${tree}`)].map(([, content]) => Buffer.from(content, 'base64').toString('utf8')).join('\n');
const manifestOf = (tree: TreeName) => site.read(`manifests/${tree}/export.yaml`);
const isThere = (tree: TreeName, type: string, key: string) => keysOf(tree, type).includes(key);

describe('what an export takes', () => {
  test('types under any of their names; a ref to any other type is $external, also to one that is not declared; the tree stands alone', async () => {
    const { code } = await exported('types', '--type', 'routing:queue,genesyscloud_routing_skill', 'architect_schedule');
    expect(code).toBe(0);
    expect(foldersOf('types').sort()).toEqual(['architect_schedule', 'routing_queue', 'routing_skill']);
    expect(textOf('types')).not.toMatch(/\$ref: (user|auth_division\/[^@]|flow|routing_wrapup_code|architect_user_prompt)/);
    const queue = site.read('manifests/types/routing_queue/returns.yaml');
    expect(queue).toContain('{ $external: group/Managers %2F East }');
    expect(queue).toContain('{ $external: user/needed@harborandpine.example }');
    expect(textOf('types')).not.toMatch(GUID);
    expect(await site.cordboard('check', '--org', 'types')).toMatchObject({ code: 0 });
  });

  test('a type that nobody knows is refused with the nearest name', async () => {
    const { code, err } = await exported('types', '--type', 'routing:que');
    expect([code, err]).toEqual([3, expect.stringContaining('did you mean "routing:queue"?')]);
  });

  test('keys that match a pattern; what matches nothing is told, and refused where nothing is left', async () => {
    const { code, err } = await exported('names', '--type', 'routing_queue', '--name', 'Trade*', 'Night Line 24?7', 'Nowhere*');
    expect([code, err]).toEqual([0, expect.stringContaining('no key matches "Nowhere*"')]);
    expect(keysOf('names', 'routing_queue').sort()).toEqual(['Night Line 24%2F7', 'Trade Desk']);
    expect(manifestOf('names')).toMatch(/completeness: part\n\s+count: 2/);
    const before = site.tree('manifests/names');
    const hostile = ['Nowhere*', '', '(', '[a-z', '\\', `${'*a'.repeat(100)}b`, '../*', '\u202e', '\u001b[31m'];
    const nothing = await exported('names', '--name', ...hostile);
    expect([nothing.code, nothing.err.split('error: ').length - 1]).toEqual([3, hostile.length]);
    for (const raw of ['fault of Cordboard', '\u001b', '\u202e']) expect(nothing.err).not.toContain(raw);
    expect(site.tree('manifests/names')).toEqual(before);
  });

  test('ids; no id stands in the tree, and one that nobody has is refused', async () => {
    expect(await exported('ids', '--id', queueId)).toMatchObject({ code: 0 });
    expect(keysOf('ids', 'routing_queue')).toEqual(['Returns']);
    expect(foldersOf('ids')).toEqual(['routing_queue']);
    expect(textOf('ids')).not.toMatch(GUID);
    const before = site.tree('manifests/ids');
    const { code, err } = await exported('ids', '--id', queueId, 'aaaaaaaa-0000-4000-8000-000000000000');
    expect([code, err]).toEqual([3, expect.stringContaining('nothing that was read has the id "aaaaaaaa-')]);
    expect(site.tree('manifests/ids')).toEqual(before);
  });

  test('the closure of what was chosen: every ref is inside the tree, but for what no type declares', async () => {
    expect(await exported('closure', '--type', 'routing_queue', '--name', 'Returns', '--dependencies')).toMatchObject({ code: 0 });
    expect(keysOf('closure', 'routing_queue')).toContain('Returns');
    expect([...textOf('closure').matchAll(/\$external: ([^/]+)/g)].map((found) => found[1])).toEqual(['group']);
    expect(isThere('closure', 'user', 'needed@harborandpine.example')).toBe(true);
    expect(isThere('closure', 'user', 'idle@harborandpine.example')).toBe(false);
    expect(await site.cordboard('check', '--org', 'closure')).toMatchObject({ code: 0 });
  });

  test('by default everything but inactive ones that nothing exported refers to; with --all these too', async () => {
    expect(await exported('default')).toMatchObject({ code: 0 });
    expect(isThere('default', 'user', 'needed@harborandpine.example')).toBe(true);
    expect(isThere('default', 'user', 'idle@harborandpine.example')).toBe(false);
    expect(manifestOf('default')).toMatch(/completeness: part\n\s+count: 31\n\s+type: user/);
    expect(await exported('default', '--all')).toMatchObject({ code: 0 });
    expect(isThere('default', 'user', 'idle@harborandpine.example')).toBe(true);
    expect(manifestOf('default')).toMatch(/completeness: whole\n\s+count: 32\n\s+seal: \w+\n\s+type: user/);
  });
});

describe('several exports into one tree', () => {
  test('add up to the tree of one export with its manifest, but for what was $external then', async () => {
    expect(await exported('whole', '--all')).toMatchObject({ code: 0 });
    const parts = ['routing_queue', 'user,routing_skill,auth_division,routing_wrapup_code', 'flow,architect_user_prompt,architect_ivr'];
    const rest =
      'architect_datatable,architect_datatable_row,architect_schedule,architect_schedule_group,integration,integration_action,integration_credential,routing_utilization';
    for (const types of [...parts, rest]) expect(await exported('merged', '--type', types, '--all')).toMatchObject({ code: 0 });
    expect(manifestOf('merged')).toBe(manifestOf('whole'));
    const names = (tree: TreeName) => [...site.tree(`manifests/${tree}`).keys()];
    expect(names('merged')).toEqual(names('whole'));
    expect(textOf('merged').replaceAll('$external', '$ref').replaceAll('{ $ref: group', '{ $external: group')).toBe(textOf('whole'));
    expect(await site.cordboard('check', '--org', 'merged')).toMatchObject({ code: 0 });
  });

  test('a type that the client may not read: told with its permission, exit 1, type and tree in part, and what the tree held of it stays', async () => {
    expect(await exported('partial', '--type', 'routing_wrapup_code,routing_skill')).toMatchObject({ code: 0 });
    expect(manifestOf('partial')).toMatch(/completeness: whole\n\s+count: 12\n\s+seal: \w+\n\s+type: routing_wrapup_code/);
    const held = filesOf('partial', 'routing_wrapup_code');
    const words = ['export', '--org', 'partial', '--type', 'routing_wrapup_code', 'routing_skill'];
    const { code, err } = await site.start(words, { CLIENT: `${PRODUCTION}-partial`, CLIENT_SECRET: `${PRODUCTION}-partial-secret` }).ended;
    expect([code, err]).toEqual([1, expect.stringContaining('routing:wrapupCode:view')]);
    expect(filesOf('partial', 'routing_wrapup_code')).toEqual(held);
    expect(manifestOf('partial')).toMatch(/completeness: (part|none)\n\s+count: 12\n\s+type: routing_wrapup_code/);
  });
});

describe('a re-export', () => {
  const ORG = 'practice-staging';
  const at = (file: string) => `manifests/practice/${file}`;
  const RETURNS = at('routing_queue/returns.yaml');
  const GIFTS = at('routing_queue/gift-cards.yaml');
  const CREDENTIAL = 'integration_credential/order-system_basicauth--iqaliqhrkogv.yaml';
  const edit = (file: string, change: (text: string) => string) => {
    const text = site.read(file);
    if (change(text) === text) throw new Error(`nothing was changed in ${file}:\n${text}`);
    site.write(file, change(text));
  };
  const writtenAt = (file: string) => statSync(join(site.folder, file)).mtimeMs;

  // Long because it is one export after another into the same tree: each looks at what the one before left.
  test('keeps what people wrote, rewrites what changed alone, leaves edits that nobody committed, removes what is gone, commits the tree alone', async () => {
    const hand = await openHand(site.orgs.url, ORG);
    const config = site.read('cordboard.yaml');
    await site.git('add', '.gitignore', 'cordboard.yaml');
    expect(await site.cordboard('export', '--org', ORG, '--all', '--commit')).toMatchObject({ code: 0 });
    // A person makes the tree their own.
    site.write('cordboard.yaml', config.replace(`name: ${ORG} }\n`, `name: ${ORG} }\n    values: { prompt: OPTIONAL, lag: 7 }\n`));
    edit(RETURNS, (text) =>
      text
        .replace('wrapupPrompt: OPTIONAL', 'wrapupPrompt: { $var: prompt } # as agreed with the shop floor')
        .replace(/\{ \$ref: (auth_division\/\w+) \}/, '{ $external: $1 }')
        .replace('body:', '# ask Rosa first\nbody:'),
    );
    edit(at(CREDENTIAL), (text) => text.replace(/\$secret: \w+/, '$secret: OUR_OWN_NAME'));
    await site.git('commit', '-aqm', 'ours');
    const ours = site.tree('manifests/practice');
    const again = await site.cordboard('export', '--org', ORG, '--all', '--commit');
    expect(again).toMatchObject({ code: 0, out: expect.stringContaining('nothing to commit') });
    expect(site.tree('manifests/practice')).toEqual(ours);

    // The org moves on: one queue has a description and another time, one skill is gone. Somebody edits another queue, and stages a file.
    const queue = await hand.find('/api/v2/routing/queues', 'Returns');
    await hand.call('PUT', `/api/v2/routing/queues/${queue.id}`, {
      ...(await hand.call('GET', `/api/v2/routing/queues/${queue.id}`)),
      description: 'Moved on',
    });
    const gifts = await hand.find('/api/v2/routing/queues', 'Gift Cards');
    await hand.call('PUT', `/api/v2/routing/queues/${gifts.id}`, {
      ...(await hand.call('GET', `/api/v2/routing/queues/${gifts.id}`)),
      description: 'Moved on too',
    });
    const skill = await hand.call('POST', '/api/v2/routing/skills', { name: 'Short Lived' });
    expect(await site.cordboard('export', '--org', ORG, '--type', 'routing_skill', '--all', '--commit')).toMatchObject({ code: 0 });
    expect(ours.has('routing_skill/short-lived.yaml')).toBe(false);
    site.read(at('routing_skill/short-lived.yaml'));
    await hand.call('DELETE', `/api/v2/routing/skills/${String(skill['id'])}`);
    edit(GIFTS, (text) => text.replace('body:', 'body:\n  autoAnswerOnly: true # not committed'));
    const edited = site.read(GIFTS);
    site.write('notes.txt', 'mine\n');
    await site.git('add', 'notes.txt');
    const before = { other: writtenAt(at('routing_queue/escalations.yaml')), schema: writtenAt('schemas/types/user.schema.json') };
    const moved = await site.cordboard('export', '--org', ORG, '--all', '--commit', 'What moved on');
    expect([moved.code, moved.err]).toEqual([1, expect.stringContaining('gift-cards.yaml" was not touched: it has edits that are not committed')]);
    expect(site.read(GIFTS)).toBe(edited);
    expect(site.read(RETURNS)).toContain('wrapupPrompt: { $var: prompt } # as agreed with the shop floor');
    expect(site.read(RETURNS)).toContain('# ask Rosa first');
    expect(site.read(RETURNS)).toMatch(/description: Moved on$/m);
    expect(site.read(RETURNS)).toContain('$external: auth_division/');
    expect(site.read(at(CREDENTIAL))).toContain('OUR_OWN_NAME');
    expect({ other: writtenAt(at('routing_queue/escalations.yaml')), schema: writtenAt('schemas/types/user.schema.json') }).toEqual(before);
    const changed = await site.git('show', '--name-status', '--format=%s', 'HEAD');
    expect(changed.split('\n').filter((line) => line !== '')).toEqual([
      'What moved on',
      `M\t${at('export.yaml')}`,
      `M\t${RETURNS}`,
      `D\t${at('routing_skill/short-lived.yaml')}`,
    ]);
    expect(await site.git('status', '--porcelain', '--', 'notes.txt', GIFTS)).toBe('M manifests/practice/routing_queue/gift-cards.yaml\nA  notes.txt');

    // Where the org holds another value than the variable's, the value is the org's.
    await site.git('checkout', '-q', '--', GIFTS);
    const live = await hand.call('GET', `/api/v2/routing/queues/${queue.id}`);
    await hand.call('PUT', `/api/v2/routing/queues/${queue.id}`, { ...live, acwSettings: { wrapupPrompt: 'MANDATORY', timeoutMs: 30_000 } });
    expect(await site.cordboard('export', '--org', ORG, '--type', 'routing_queue')).toMatchObject({ code: 0 });
    expect(site.read(RETURNS)).toMatch(/timeoutMs: 30000\n\s+wrapupPrompt: MANDATORY # as agreed with the shop floor/);
  });
});
