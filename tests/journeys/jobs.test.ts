import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Answer, openHand } from './by-hand.ts';
import { CLONE, JourneySite, run } from './journey-site.ts';

const STAGING = 'practice-staging';

/** One fenced block of the page, with the heading that it stands below. */
interface Block {
  readonly job: string;
  readonly kind: string;
  readonly text: string;
}

const PAGE = readFileSync(join(CLONE, 'docs/jobs.md'), 'utf8');
const blocks: readonly Block[] = PAGE.split(/^## /m)
  .slice(1)
  .flatMap((part) => [...part.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, kind = '', text = '']) => ({ job: part.split('\n')[0] ?? '', kind, text })));
const jobs = [...new Set(blocks.map(({ job }) => job))];

/** A typed line, how it has to end, and what has to be printed. */
interface Typed {
  readonly line: string;
  readonly exit: number;
  readonly prints: readonly string[];
}

function typedIn(text: string): readonly Typed[] {
  return text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [first = '', ...prints] = part.trimEnd().split('\n');
      const [, line = first, exit = '0'] = /^(.*?)\s+# exit (\d+)$/.exec(first) ?? [];
      return { line, exit: Number(exit), prints };
    });
}

let site: JourneySite;
const told = new Map<string, string[]>();

/** Types a line in a shell in which `cordboard` is the built CLI. */
async function type({ line, exit, prints }: Typed): Promise<readonly string[]> {
  const script = `cordboard() { "${process.execPath}" "${join(CLONE, 'dist/scripts/cordboard.js')}" "$@"; }\n${line}`;
  const { code, all } = await run('sh', ['-c', script], site.folder, {}).ended;
  const missing = prints.filter((text) => !all.includes(text.trim()));
  if (code === exit && missing.length === 0) return [];
  return [`$ ${line}\nended with ${code}, not ${exit}${missing.length === 0 ? '' : `, and did not print:\n${missing.join('\n')}`}\n${all.slice(-4_000)}`];
}

async function applyDiff(text: string): Promise<readonly string[]> {
  site.write('edit.diff', text);
  const { code, all } = await run('git', ['apply', 'edit.diff'], site.folder, {}).ended;
  site.remove('edit.diff');
  return code === 0 ? [] : [`the diff does not apply: ${all}\n${text}`];
}

/** What somebody does in the org: the object as it is, with these fields. */
async function byHand(text: string): Promise<readonly string[]> {
  const [, method = '', path = '', name = '', body = ''] = /^(\w+) (\S+)\/<(.*?)>\n([\s\S]*)$/.exec(text) ?? [];
  const { call, find } = await openHand(site.orgs.url, STAGING);
  const { id } = await find(path, name);
  await call(method, `${path}/${id}`, { ...(await call('GET', `${path}/${id}`)), ...(JSON.parse(body) as Answer) });
  return [];
}

function configure(text: string): readonly string[] {
  site.configure('', { [STAGING]: text.replace(/^(?=.)/gm, '    ') });
  return [];
}

async function carryOut({ kind, text }: Block): Promise<readonly string[]> {
  if (kind === 'diff') return applyDiff(text);
  if (kind === 'http') return byHand(text);
  if (kind === 'yaml') return configure(text);
  const wrong: string[] = [];
  for (const typed of typedIn(text)) wrong.push(...(await type(typed)));
  return wrong;
}

beforeAll(async () => {
  site = await JourneySite.start({ limits: { perToken: 'none', perOrg: 'none' } });
  for (const block of blocks) told.set(block.job, [...(told.get(block.job) ?? []), ...(await carryOut(block))]);
}, 300_000);
afterAll(() => site.end());

describe('docs/jobs.md', () => {
  test.each(jobs)('%s: what the page says to type is typed, ends as it says and prints what it says', (job) => {
    expect(told.get(job)?.join('\n')).toBe('');
  });

  test('its five jobs are all there, each with something to type', () => {
    expect(jobs).toEqual(['Promote', 'Put back', 'Swap two queue names', 'Delete safely', 'Take over what was changed by hand']);
    expect(jobs.filter((job) => !blocks.some((block) => block.job === job && block.kind === 'console'))).toEqual([]);
  });
});
