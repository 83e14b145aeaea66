import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AppliedStage, change } from './applied-stage.ts';
import type { JourneySite } from './journey-site.ts';
import { SHELL } from './small-orgs.ts';
import { must } from './stage.ts';

const QUEUES = '/api/v2/routing/queues';
const at = (file: string) => `manifests/practice/${file}`;
const COUNTER = at('routing_queue/counter.yaml');
const OFFICE = at('routing_queue/office.yaml');
const BRANCH = `drift/${SHELL}`;

const stage = new AppliedStage();
beforeAll(() => stage.prepare(), 300_000);
afterAll(() => stage.end());

const edit = (site: JourneySite, file: string, how: (text: string) => string): void => {
  const text = site.read(file);
  if (how(text) === text) throw new Error(`nothing was changed in ${file}:\n${text}`);
  site.write(file, how(text));
};
const commit = async (site: JourneySite, message: string): Promise<void> => {
  await site.git('commit', '-aqm', message);
};
const files = async (site: JourneySite, from = 'HEAD'): Promise<readonly string[]> => {
  const listed = await site.git('diff', '--name-status', '--no-renames', from);
  return listed.split('\n').filter((line) => line !== '');
};
/** What a person sees of their repository: branch, HEAD, index and work tree. */
const desk = async (site: JourneySite): Promise<unknown> => ({
  head: await site.git('rev-parse', 'HEAD'),
  branch: await site.git('rev-parse', '--abbrev-ref', 'HEAD'),
  index: await site.git('ls-files', '--stage'),
  status: await site.git('status', '--porcelain'),
  files: site.tree('manifests'),
});

describe('taking over what was changed by hand', () => {
  test('nothing was changed: no file is written, no branch is made', async () => {
    const { site } = await stage.open('nothing');
    const before = await desk(site);
    expect(await site.cordboard('export', '--org', SHELL)).toMatchObject({ code: 0 });
    const branch = await site.cordboard('export', '--org', SHELL, '--branch', BRANCH);
    expect([branch.code, branch.all]).toEqual([0, expect.stringContaining('no branch was made')]);
    expect(await desk(site)).toEqual(before);
    expect(await site.git('branch', '--list', BRANCH)).toBe('');
  });

  test('the drifted field alone changes; a change that waits in Git stays, and so do comments', async () => {
    const { site, hand } = await stage.open('field');
    edit(site, COUNTER, (text) =>
      text.replace('body:', '# ask Rosa first\nbody:').replace('description: Whoever calls', 'description: Whoever comes # pending'),
    );
    await commit(site, 'pending');
    await change(hand, QUEUES, 'Counter', { skillEvaluationMethod: 'BEST' });
    await change(hand, QUEUES, 'Office', { description: 'By hand' });
    const run = await site.cordboard('export', '--org', SHELL);
    expect([run.code, run.all]).toEqual([0, expect.not.stringContaining('error')]);
    expect(await files(site)).toEqual([`M\t${COUNTER}`, `M\t${OFFICE}`]);
    const changed = await site.git('diff', '-U0', '--', COUNTER);
    expect(changed.split('\n').filter((line) => /^[-+][^-+]/.test(line))).toEqual(['+  skillEvaluationMethod: BEST']);
    // What waits is still what a plan would do, and what was taken over is not.
    await commit(site, 'taken over');
    const plan = await must(site, 2, 'plan', '--org', SHELL);
    expect(plan.out).toContain('/description: "Whoever calls" -> "Whoever comes"');
    expect(plan.out).not.toMatch(/By hand|BEST/);
  });

  test('a branch holds it, and nothing of the person is touched: not the index, not edits, not HEAD', async () => {
    const { site, hand } = await stage.open('branch');
    await change(hand, QUEUES, 'Office', { description: 'By hand' });
    edit(site, OFFICE, (text) => text.replace('body:', 'body: # being edited'));
    site.write('notes.txt', 'mine\n');
    await site.git('add', 'notes.txt');
    const before = await desk(site);
    const run = await site.cordboard('export', '--org', SHELL, '--branch', BRANCH);
    expect([run.code, run.all]).toEqual([0, expect.stringContaining(`git push -u origin ${BRANCH}`)]);
    expect(run.all).toContain('one file below the manifests has edits that are not committed');
    expect(await desk(site)).toEqual(before);
    expect(await site.git('rev-parse', `${BRANCH}^`)).toBe(await site.git('rev-parse', 'HEAD'));
    const diff = await site.git('diff', '-U0', 'HEAD', BRANCH);
    expect(diff.split('\n').filter((line) => /^[-+][^-+]/.test(line))).toEqual(['+  description: By hand']);
    expect(await site.git('log', '-1', '--format=%B', BRANCH)).toContain(`Take over what was changed in ${SHELL}\n\n    ~ routing_queue/office.yaml`);
    expect(await site.git('status', '--porcelain', '--', 'notes.txt')).toBe('A  notes.txt');

    // Once more is the same; something else under that name is refused.
    const again = await site.cordboard('export', '--org', SHELL, '--branch', BRANCH);
    expect([again.code, again.all]).toEqual([0, expect.stringContaining('is there already, with just this')]);
    await change(hand, QUEUES, 'Office', { description: 'By another hand' });
    const other = await site.cordboard('export', '--org', SHELL, '--branch', BRANCH);
    expect([other.code, other.err]).toEqual([3, expect.stringContaining(`the branch "${BRANCH}" is there already, and holds something else`)]);
    expect(await desk(site)).toEqual(before);

    // Merged, it is no drift any more, and what is changed by hand after that is taken over like the first time.
    await site.git('checkout', '-q', '--', OFFICE);
    await site.git('merge', '-q', BRANCH);
    expect(await site.cordboard('export', '--org', SHELL)).toMatchObject({ code: 0 });
    expect(site.read(OFFICE)).toContain('description: By another hand');
  });

  test('both moved apart: the document is marked, refused by check and plan, left alone by the next export, and resolved by editing', async () => {
    const { site, hand } = await stage.open('conflict');
    edit(site, COUNTER, (text) => text.replace('description: Whoever calls', 'description: Whoever comes # ours'));
    await commit(site, 'ours');
    await change(hand, QUEUES, 'Counter', { description: 'Nobody\n=======\n>>>>>>> theirs\n$conflict: { ours: x }', skillEvaluationMethod: 'BEST' });
    const run = await site.cordboard('export', '--org', SHELL, '--commit');
    expect([run.code, run.err]).toEqual([1, expect.stringMatching(/counter\.yaml:\d+:\d+: \/description was changed in Git and in the org/)]);
    const marked = site.read(COUNTER);
    expect(marked).toMatch(/# ours\n {2}description:\n {4}\$conflict:\n {6}base: Whoever calls\n {6}ours: Whoever comes\n {6}theirs: "Nobody/);
    expect(marked).toContain('skillEvaluationMethod: BEST');
    expect(await files(site)).toEqual([`M\t${COUNTER}`]);
    for (const words of [['check'], ['plan', '--org', SHELL]]) {
      const refused = await site.cordboard(...words);
      expect([words[0], refused.code, refused.err]).toEqual([words[0], 3, expect.stringContaining('/description was changed in Git and in the org')]);
    }
    await commit(site, 'marked');
    const again = await site.cordboard('export', '--org', SHELL);
    expect([again.code, site.read(COUNTER)]).toEqual([1, marked]);
    edit(site, COUNTER, (text) => text.replace(/description:\n[\s\S]*theirs: .*\n/, 'description: Whoever comes\n'));
    await commit(site, 'resolved');
    expect(await site.cordboard('check', '--org', SHELL)).toMatchObject({ code: 0 });
    await must(site, 2, 'plan', '--org', SHELL, '--out', 'plan.json');
    await must(site, 0, 'apply', 'plan.json');
    expect(await site.cordboard('export', '--org', SHELL)).toMatchObject({ code: 0 });
    expect(await files(site)).toEqual([]);
  });

  test('created, renamed and deleted by hand; deleted there and edited here; deleted here and edited there; only in Git', async () => {
    const { site, hand } = await stage.open('documents');
    const again = at('routing_wrapup_code/calls-again--g99nb8tolg1q.yaml');
    const group = at('architect_schedule_group/opening-hours.yaml');
    edit(site, at('architect_schedule/fair.yaml'), (text) => text.replace('2026-06-02', '2026-06-03'));
    edit(site, OFFICE, (text) => `# the quiet ones\n${text}`);
    edit(site, COUNTER, (text) => text.replace(/ *- \{ \$ref: routing_wrapup_code\/Calls again \}\n/, ''));
    edit(site, group, (text) => text.replace(/( *holidaySchedules:)\n.*\n/, '$1 []\n'));
    site.remove(again);
    site.write(at('routing_skill/cornish.yaml'), 'type: routing_skill\nkey: Cornish\nbody: {}\n');
    await site.git('add', '--all');
    await commit(site, 'ours');

    await hand.call('POST', '/api/v2/routing/skills', { name: 'Breton' });
    await change(hand, QUEUES, 'Office', { name: 'Back Office' });
    await change(hand, '/api/v2/architect/schedulegroups', 'Opening Hours', { holidaySchedules: [] });
    const fair = await hand.find('/api/v2/architect/schedules', 'Fair');
    await hand.call('DELETE', `/api/v2/architect/schedules/${fair.id}`);
    const english = await hand.find('/api/v2/routing/skills', 'Welsh');
    await hand.call('DELETE', `/api/v2/routing/skills/${english.id}`);
    const shop = await hand.find('/api/v2/authorization/divisions', 'Shop');
    await change(hand, '/api/v2/routing/wrapupcodes', 'Calls again', { division: { id: shop.id } });

    const run = await site.cordboard('export', '--org', SHELL);
    expect([run.code, run.err]).toEqual([1, expect.stringContaining('fair.yaml:4:1: this was deleted in the org, and changed in Git since it was applied')]);
    expect(run.err).toContain('calls-again--g99nb8tolg1q.yaml:4:1: this was deleted in Git, and changed in the org since it was applied');
    await site.git('add', '--intent-to-add', '.');
    const changed = await files(site);
    expect(changed).toEqual([
      `M\t${at('architect_schedule/fair.yaml')}`,
      `M\t${at('export.yaml')}`,
      `A\t${at('routing_queue/back-office.yaml')}`,
      `D\t${OFFICE}`,
      `A\t${at('routing_skill/breton.yaml')}`,
      `A\t${again}`,
    ]);
    expect(site.read(at('routing_queue/back-office.yaml'))).toMatch(/^# the quiet ones\n[\s\S]*key: Back Office\nwas: Office\n/);
    expect(site.read(at('architect_schedule/fair.yaml'))).toMatch(
      /\$conflict:\n {2}changed:\n {4}\/end:\n {6}base: .*\n {6}ours: .*\n {2}ours: edited\n {2}theirs: deleted\nbody:\n/,
    );
    expect((await site.cordboard('check', '--org', SHELL)).code).toBe(3);
    site.remove(at('architect_schedule/fair.yaml'));
    edit(site, again, (text) => text.replace(/\$conflict:\n( .*\n)*/, ''));
    expect(await site.cordboard('check', '--org', SHELL)).toMatchObject({ code: 0, err: '' });
    // The rename is told to the other org of the tree; in this one nothing is left to do for it.
    await site.git('add', '--all');
    await commit(site, 'taken over');
    const plan = await site.cordboard('plan', '--org', SHELL);
    expect(plan.out).not.toMatch(/Back Office|Breton|Fair/);
  });
});
