import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JournalEntry } from '../../providers/genesys-emulator/index.ts';
import { OUTCOME_WORDS } from '../../state/outcome.ts';
import { openHand } from './by-hand.ts';
import { JourneySite, type Run, records } from './journey-site.ts';
import { lies, type ReceiptFile } from './receipt-agreement.ts';
import { SHELL, SHELL_SEED } from './small-orgs.ts';
import { must, receipts } from './stage.ts';

const LIMITS = { perToken: 'none', perOrg: 'none' } as const;
/** What is held whatever is allowed, and how long an uncertain request is waited for. */
const OWN = '    patience: { lateCommit: 0.3, readLag: 0.3 }\n    policy: { protect: [architect_user_prompt] }\n';

/** Each word by what a person or an org did to bring it about. */
const EXPECTED: Readonly<Record<string, { readonly word: string; readonly because?: string }>> = {
  'architect_schedule/New hours': { word: 'created' },
  'routing_skill/By hand': { word: 'adopted' },
  'architect_schedule/Made early': { word: 'adopted' },
  'architect_schedule/week': { word: 'updated' },
  'routing_skill/Welsh': { word: 'deleted' },
  'architect_user_prompt/Music': { word: 'held' },
  'routing_skill/Blocked': { word: 'failed' },
  'user/eve@shop.example': { word: 'skipped', because: 'routing_skill/Blocked' },
  'user/dan@shop.example': { word: 'stale' },
  'routing_wrapup_code/Lost': { word: 'unknown' },
};

interface Told {
  readonly run: Run;
  readonly receipt: ReceiptFile & { readonly isWhole: boolean; readonly counts: Readonly<Record<string, number>> };
  readonly journal: readonly JournalEntry[];
  readonly steps: readonly { readonly address: string; readonly changes: readonly unknown[] }[];
}

const scratch = mkdtempSync(join(tmpdir(), 'cordboard-words-'));
const sites: JourneySite[] = [];
let text: Told;
let json: Told;

beforeAll(async () => {
  const stateFile = join(scratch, 'state.json');
  const site = await open({ stateFile });
  await must(site, 0, 'export', '--org', SHELL, '--all');
  site.writeSecrets();
  await must(site, 2, 'plan', '--org', SHELL, '--out', 'plan.json');
  await must(site, 0, 'apply', 'plan.json');
  await moveByHand(site);
  editDocuments(site);
  await must(site, 2, 'plan', '--org', SHELL, '--allow-deletes', '1', '--out', 'plan.json');
  const { call, find } = await openHand(site.orgs.url, SHELL);
  const dan = await find('/api/v2/users', 'dan');
  await call('PATCH', `/api/v2/users/${dan.id}`, { version: dan['version'], title: 'Somebody else' });
  await site.orgs.close();
  text = await applyOn(site, stateFile, 'text', ['--all']);
  json = await applyOn(site, stateFile, 'json', ['--json']);
}, 120_000);
afterAll(async () => {
  for (const site of sites) await site.end();
  rmSync(scratch, { recursive: true, force: true });
});

async function open(options: { readonly stateFile: string; readonly like?: string; readonly onRequest?: (entry: JournalEntry) => void }): Promise<JourneySite> {
  const site = await JourneySite.start({ orgs: [SHELL_SEED], limits: LIMITS, seed: 'words', ...options });
  sites.push(site);
  site.configure('', { [SHELL]: OWN });
  return site;
}

/** What lives before the plan is made, and was not made from here. */
async function moveByHand(site: JourneySite): Promise<void> {
  const { call } = await openHand(site.orgs.url, SHELL);
  await call('POST', '/api/v2/routing/skills', { name: 'By hand' });
  await call('POST', '/api/v2/architect/schedules', { name: 'Made early', start: '2026-01-05T06:00:00.000', end: '2026-01-05T07:00:00.000' });
}

function editDocuments(site: JourneySite): void {
  const write = (file: string, lines: readonly string[]) => site.write(`manifests/practice/${file}.yaml`, `${lines.join('\n')}\n`);
  const hours = (name: string) => [
    'type: architect_schedule',
    `key: ${name}`,
    'body:',
    '  end: "2026-01-05T09:00:00.000"',
    '  start: "2026-01-05T08:00:00.000"',
  ];
  const change = (file: string, from: string | RegExp, to: string) => {
    const path = `manifests/practice/${file}`;
    const before = site.read(path);
    site.write(path, before.replace(from, to));
    if (site.read(path) === before) throw new Error(`${path} holds no ${String(from)}:\n${before}`);
  };
  write('architect_schedule/new-hours', hours('New hours'));
  write('architect_schedule/made-early', hours('Made early'));
  write('routing_skill/by-hand', ['type: routing_skill', 'key: By hand', 'was: none', 'body: {}']);
  write('routing_skill/blocked', ['type: routing_skill', 'key: Blocked', 'was: none', 'body: {}']);
  write('routing_wrapup_code/lost', ['type: routing_wrapup_code', 'key: Lost', 'body: {}']);
  write('user/eve', [
    'type: user',
    'key: eve@shop.example',
    'body:',
    '  name: eve',
    '  skills:',
    '    - proficiency: 3',
    '      skill: { $ref: routing_skill/Blocked }',
  ]);
  change(fileOf(site, 'user', 'dan@shop.example'), 'title: Visitor', 'title: Guest');
  change(fileOf(site, 'architect_schedule', 'week'), 'T22:00', 'T21:00');
  site.remove(`manifests/practice/${fileOf(site, 'architect_user_prompt', 'Music')}`);
  site.remove(`manifests/practice/${fileOf(site, 'routing_skill', 'Welsh')}`);
}

function fileOf(site: JourneySite, type: string, key: string): string {
  const found = [...site.tree(`manifests/practice/${type}`)].find(([, content]) => Buffer.from(content, 'base64').toString().includes(`\nkey: ${key}\n`));
  if (found === undefined) throw new Error(`no document of ${type}/${key}`);
  return `${type}/${found[0]}`;
}

/** Applies the plan to a copy of the org in which one request is refused, one is carried out and never answered, and what it made cannot be read. */
async function applyOn(like: JourneySite, state: string, name: string, words: readonly string[]): Promise<Told> {
  const stateFile = join(scratch, `${name}.json`);
  copyFileSync(state, stateFile);
  const onRequest = ({ fault }: JournalEntry): void => {
    if (fault === 'reset-after')
      site.orgs.core.faults.plan = { nth: [...nth, { fault: 'forbidden', nth: 1, times: 1_000, method: 'GET', path: '/routing/wrapupcodes' }] };
  };
  const site = await open({ stateFile, like: like.folder, onRequest });
  const nth = [
    { fault: 'forbidden', nth: 1, method: 'POST', path: '/routing/skills' },
    { fault: 'reset-after', nth: 1, method: 'POST', path: '/routing/wrapupcodes' },
  ] as const;
  site.orgs.core.faults.plan = { nth };
  const run = await site.cordboard('apply', 'plan.json', ...words);
  const receipt = receipts(site, { target: SHELL }).at(-1) as Told['receipt'];
  const { steps } = JSON.parse(site.read('plan.json')) as Pick<Told, 'steps'>;
  return { run, receipt, steps, journal: site.orgs.core.journal };
}

/** What the lines of the text say: address, word and cause. */
function said(out: string): readonly object[] {
  const lines = [...out.matchAll(/^[-+~=!] (\S.*?) {2}(\w+)(?: because of (.*))?(?:: .*)?$/gm)];
  return lines.map(([, address, word, because]) => ({ address, word, ...(because === undefined ? {} : { because }) }));
}

function bare(outcomes: readonly Readonly<Record<string, unknown>>[]): readonly object[] {
  return outcomes.map(({ address, word, because }) => ({ address, word, ...(because === undefined ? {} : { because }) })).sort(byAddress);
}

function isChanged(outcome: object): boolean {
  return (outcome as { word?: string }).word !== 'unchanged';
}

function byAddress(left: object, right: object): number {
  return JSON.stringify(left) < JSON.stringify(right) ? -1 : 1;
}

describe('trap: summary lies after failure: in one run with every outcome word', () => {
  test.each(Object.entries(EXPECTED))('%s is told as it was', (address, wanted) => {
    const found = text.receipt.outcomes.find((outcome) => outcome.address === address);
    expect(found).toMatchObject(wanted);
  });

  test('every word there is comes up in this one run', () => {
    const counted = OUTCOME_WORDS.filter((word) => (text.receipt.counts[word] ?? 0) > 0);
    expect(counted).toEqual(OUTCOME_WORDS);
    expect([...new Set(text.receipt.outcomes.map(({ word }) => word))].sort()).toEqual(OUTCOME_WORDS.filter((word) => word !== 'unchanged').sort());
  });

  test('the text says of each address what the receipt says; of what is unchanged, the receipt keeps the number', () => {
    const all = [...said(text.run.out)].sort(byAddress);
    expect(all.filter(isChanged)).toEqual(bare(text.receipt.outcomes));
    expect(all.length - all.filter(isChanged).length).toBe(text.receipt.counts['unchanged']);
    expect(all).toContainEqual({ address: 'routing_skill/English', word: 'unchanged' });
  });

  test('the JSON records are the receipt’s, field by field', () => {
    const told = records(json.run.out).filter(({ record }) => record === 'outcome');
    const plain = told.filter(isChanged).map(({ record: _, ...outcome }) => outcome);
    expect(plain.sort(byAddressField)).toEqual([...json.receipt.outcomes].sort(byAddressField));
    expect(bare(told)).toEqual([...said(text.run.out)].sort(byAddress));
  });

  test.each(['text', 'json'])('%s: totals, receipt and exit code count the same outcomes', (form) => {
    const { run, receipt } = form === 'text' ? text : json;
    const outcomes = form === 'text' ? said(run.out) : records(run.out).filter(({ record }) => record === 'outcome');
    const counted = Object.fromEntries(
      OUTCOME_WORDS.map((word) => [word, outcomes.filter((outcome) => (outcome as Told['receipt']['outcomes'][0]).word === word).length]),
    );
    expect(receipt).toMatchObject({ counts: counted, isWhole: false });
    const totals = form === 'text' ? textTotals(run.out) : records(run.out).find(({ record }) => record === 'totals')?.['counts'];
    expect(totals).toEqual(form === 'text' ? Object.fromEntries(Object.entries(counted).filter(([, count]) => count > 0)) : counted);
    expect(run.code).toBe(1);
  });

  test.each(['text', 'json'])('%s: the org’s own journal tells the same story, word by word', (form) => {
    const { receipt, steps, journal } = form === 'text' ? text : json;
    expect(lies(receipt, steps, { journal, org: SHELL })).toEqual([]);
  });
});

function byAddressField(left: object, right: object): number {
  return String((left as { address?: string }).address) < String((right as { address?: string }).address) ? -1 : 1;
}

function textTotals(out: string): object {
  const line = out.split('\n').find((one) => /^\d+ \w+(, \d+ \w+)*$/.test(one)) ?? '';
  return Object.fromEntries(
    line
      .split(', ')
      .map((part) => part.split(' ').reverse())
      .map(([word, count]) => [word, Number(count)]),
  );
}
