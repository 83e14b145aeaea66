import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AppliedStage, change } from './applied-stage.ts';
import type { Hand } from './by-hand.ts';
import type { JourneySite, Run } from './journey-site.ts';
import { SHELL, SHOP } from './small-orgs.ts';
import { must } from './stage.ts';

const DAY = 86_400_000;
const QUEUES = '/api/v2/routing/queues';
const SKILLS = '/api/v2/routing/skills';
const CODES = '/api/v2/routing/wrapupcodes';
const OFFICE = 'manifests/practice/routing_queue/office.yaml';
/** What is found gone or there is looked at again for as long as a read may lag. */
const PATIENCE = '    patience: { lateCommit: 0.3, readLag: 0.3 }\n';
const APPLIED = `refs/cordboard/applied/${SHELL}`;

const stage = new AppliedStage();
beforeAll(() => stage.prepare(), 300_000);
afterAll(() => stage.end());

const document = (type: string, key: string) => [`manifests/practice/${type}/${key.toLowerCase()}.yaml`, `type: ${type}\nkey: ${key}\nbody: {}\n`] as const;
const edit = (site: JourneySite, file: string, from: string | RegExp, to: string): void => {
  if (site.read(file).replace(from, to) === site.read(file)) throw new Error(`nothing was changed in ${file}`);
  site.write(file, site.read(file).replace(from, to));
};
/** The names of a list of the API, with their ids. */
async function listed({ call }: Hand, path: string): Promise<readonly { readonly id: string; readonly name: string }[]> {
  return ((await call('GET', `${path}?pageSize=100`)) as { entities: { id: string; name: string }[] }).entities;
}
const namesOf = async (hand: Hand, path: string) => (await listed(hand, path)).map(({ name }) => name).sort();
const writes = (site: JourneySite, from: number) =>
  site.orgs.core.journal.slice(from).filter(({ method, path }) => method !== 'GET' && !/\/oauth\/token|\/query|\/jobs/.test(path));

/** What a sealed plan would do. */
const pending = (site: JourneySite, file: string) =>
  (JSON.parse(site.read(file)) as { steps: { address: string; action: string }[] }).steps
    .filter(({ action }) => action !== 'unchanged' && action !== 'held')
    .map(({ address, action }) => `${action} ${address}`);

/** Points ids in what is remembered of the last apply elsewhere, as nobody but Git's plumbing could. */
async function lie(site: JourneySite, change: (ids: Record<string, string>) => void): Promise<void> {
  const ids = JSON.parse(await site.git('cat-file', 'blob', `${APPLIED}:ids.json`)) as Record<string, string>;
  change(ids);
  site.write('ids.lie', `${JSON.stringify(ids)}\n`);
  const blob = await site.git('hash-object', '-w', 'ids.lie');
  const tree = await site.git('ls-tree', APPLIED);
  site.write('tree.lie', `${tree.replace(/^(100644 blob )\w+(?=\tids\.json$)/m, `$1${blob}`)}\n`);
  site.write('make.sh', `git update-ref ${APPLIED} $(git commit-tree $(git mktree < tree.lie) -m lie)`);
  await site.shell('sh', 'make.sh');
  for (const file of ['ids.lie', 'tree.lie', 'make.sh']) site.remove(file);
  expect(await site.git('cat-file', 'blob', `${APPLIED}:ids.json`)).toBe(JSON.stringify(ids));
}

describe('two people plan from the same state', () => {
  test('the second plan writes over nothing and makes nothing twice: what moved is stale, exit 1, with the way', async () => {
    const { site, hand } = await stage.open('two-people');
    site.configure('', { [SHELL]: PATIENCE });
    edit(site, OFFICE, 'body:', 'body:\n  description: By the first');
    site.write(...document('routing_skill', 'Cornish'));
    await must(site, 2, 'plan', '--org', SHELL, '--out', 'first.json');
    edit(site, OFFICE, 'By the first', 'By the second');
    site.write(...document('routing_skill', 'Manx'));
    await must(site, 2, 'plan', '--org', SHELL, '--out', 'second.json');
    await must(site, 0, 'apply', 'first.json');
    const from = site.orgs.core.journal.length;
    const second = await site.cordboard('apply', 'second.json');
    expect([second.code, second.out]).toEqual([1, expect.stringMatching(/! routing_queue\/Office {2}stale.*\n/)]);
    expect(second.all).toMatch(/plan again/);
    expect(await hand.call('GET', `${QUEUES}/${(await hand.find(QUEUES, 'Office')).id}`)).toMatchObject({ description: 'By the first' });
    expect((await namesOf(hand, SKILLS)).filter((name) => /Cornish|Manx/.test(name))).toEqual(['Cornish', 'Manx']);
    // Only what the first had not made was written.
    expect(writes(site, from).map(({ method, path }) => `${method} ${path}`)).toEqual([`POST ${SKILLS}`]);
    await must(site, 2, 'plan', '--org', SHELL, '--out', 'third.json');
    expect(pending(site, 'third.json')).toEqual(['update routing_queue/Office']);
  });

  test('the same plan sealed by both, and deletions of both: the second finds it done', async () => {
    const { site, hand } = await stage.open('same-plan');
    site.configure('', { [SHELL]: PATIENCE });
    site.write(...document('routing_skill', 'Cornish'));
    for (const file of ['first.json', 'second.json']) await must(site, 2, 'plan', '--org', SHELL, '--allow-deletes', '9,100%', '--out', file);
    await must(site, 0, 'apply', 'first.json');
    const [from, skills] = [site.orgs.core.journal.length, await namesOf(hand, SKILLS)];
    const second = await site.cordboard('apply', 'second.json');
    expect({ code: second.code, all: second.all }).toMatchObject({ code: expect.any(Number), all: expect.not.stringContaining('fault of Cordboard') });
    expect(writes(site, from)).toEqual([]);
    expect(await namesOf(hand, SKILLS)).toEqual(skills);
    expect(skills.filter((name) => name === 'Cornish')).toEqual(['Cornish']);
  });
});

describe('an org that moves between a plan that deletes and its apply', () => {
  /** A plan that takes everything over as it is, with nothing remembered, and deletes what is in no document: one skill of that is "Doomed". */
  const sealed = async (name: string) => {
    const { site, hand } = await stage.open(name);
    site.configure('', { [SHELL]: PATIENCE });
    const doomed = String((await hand.call('POST', SKILLS, { name: 'Doomed' }))['id']);
    await site.git('update-ref', '-d', APPLIED);
    await must(site, 2, 'plan', '--org', SHELL, '--allow-deletes', '99,100%', '--out', 'plan.json');
    expect(pending(site, 'plan.json')).toContain('delete routing_skill/Doomed');
    return { site, hand, doomed };
  };

  test('what somebody was given since then is held, told, and stays theirs: exit 1', async () => {
    const { site, hand, doomed } = await sealed('given-since');
    const { entities } = (await hand.call('GET', '/api/v2/users?pageSize=100')) as { entities: { id: string; email: string }[] };
    const ann = entities.find(({ email }) => email.startsWith('ann'))!;
    expect(pending(site, 'plan.json')).toContain(`adopt user/${ann.email}`);
    await hand.call('POST', `/api/v2/users/${ann.id}/routingskills`, { id: doomed, proficiency: 3 });
    const { code, all } = await site.cordboard('apply', 'plan.json');
    expect([code, all]).toEqual([1, expect.stringMatching(/routing_skill\/Doomed {2}held.*"user\/ann@\S+" refers to it.*plan again/s)]);
    expect(await namesOf(hand, SKILLS)).toContain('Doomed');
    expect(await hand.call('GET', `/api/v2/users/${ann.id}/routingskills`)).toMatchObject({
      entities: expect.arrayContaining([expect.objectContaining({ id: doomed })]),
    });
  });

  test('where the client may not read any more what may refer to it, everything of that is held, and the missing permission is told: exit 1', async () => {
    const { site, hand } = await sealed('unread-since');
    site.orgs.core.faults.plan = { nth: [{ fault: 'forbidden', nth: 1, times: 1_000, path: /^\/api\/v2\/users$/ }] };
    const before = await namesOf(hand, SKILLS);
    const { code, all } = await site.cordboard('apply', 'plan.json');
    site.orgs.core.faults.plan = {};
    expect([code, all]).toEqual([1, expect.stringMatching(/routing_skill\/Doomed {2}held.*may be referred to from what was not read whole: .*user/s)]);
    expect(all).toMatch(/directory:user:view|routing:user:view|permission/);
    expect(await namesOf(hand, SKILLS)).toEqual(before);
  });
});

test('an id map that lies: nothing is renamed, deleted or written at the wrong object, also where deletions are allowed', async () => {
  const { site, hand } = await stage.open('lies');
  const truth = JSON.parse(await site.git('cat-file', 'blob', `${APPLIED}:ids.json`)) as Record<string, string>;
  const [office, foreign] = [(await hand.find(QUEUES, 'Office')).id, (await hand.find(QUEUES, 'Stockroom')).id];
  const lies: Readonly<Record<string, Readonly<Record<string, string | undefined>>>> = {
    'of an object of another type': { 'routing_queue/Office': truth['routing_skill/English'] },
    'of nobody': { 'routing_queue/Office': 'none of any org' },
    swapped: { 'routing_queue/Office': truth['routing_queue/Counter'], 'routing_queue/Counter': office },
    'of an object that is not ours': { 'routing_queue/Office': foreign },
  };
  // As long as all lives, there is nothing to do, whatever the map says.
  await lie(site, (ids) => Object.assign(ids, lies['swapped']));
  for (const verb of ['plan', 'drift']) await must(site, 0, verb, '--org', SHELL);
  // The one whose id is wrong is gone: it is made again, and no other is taken for it.
  const others = (await listed(hand, QUEUES)).filter(({ id }) => id !== office);
  await hand.call('DELETE', `${QUEUES}/${office}`);
  for (const [reason, wrong] of Object.entries(lies)) {
    await lie(site, (ids) => Object.assign(ids, truth, wrong));
    await must(site, 2, 'drift', '--org', SHELL, '--allow-deletes', '1', '--out', 'back.json');
    expect([reason, pending(site, 'back.json')]).toEqual([reason, ['create routing_queue/Office']]);
  }
  await must(site, 2, 'plan', '--org', SHELL, '--allow-deletes', '1', '--out', 'plan.json');
  expect(pending(site, 'plan.json')).toEqual(['create routing_queue/Office']);
  await must(site, 0, 'apply', 'back.json');
  const after = await listed(hand, QUEUES);
  for (const { id, name } of others) expect(after).toContainEqual(expect.objectContaining({ id, name }));
  expect(after.map(({ name }) => name).sort()).toEqual([...others.map(({ name }) => name), 'Office'].sort());
});

test.each([
  ['a day ahead', DAY],
  ['a day behind', -DAY],
])('an org whose clock is %s: everything works, nothing is made twice, and receipts and expiry go by our own clock', async (reason, skew) => {
  const wait = (milliseconds: number) => new Promise<void>((done) => setTimeout(done, milliseconds));
  const { site, hand } = await stage.open(reason, { clock: { now: () => Date.now() + skew, ticks: () => performance.now(), sleep: wait } });
  const began = Date.now();
  await must(site, 0, 'export', '--org', SHOP, '--all');
  expect(await site.git('status', '--porcelain', '--', 'manifests')).toBe('');
  site.write(...document('routing_skill', 'Cornish'));
  edit(site, OFFICE, 'body:', 'body:\n  description: Now');
  await must(site, 2, 'plan', '--org', SHELL, '--out', 'plan.json');
  await must(site, 0, 'apply', 'plan.json');
  const from = site.orgs.core.journal.length;
  for (const verb of ['plan', 'drift']) await must(site, 0, verb, '--org', SHELL);
  expect(writes(site, from)).toEqual([]);
  expect((await namesOf(hand, SKILLS)).filter((name) => name === 'Cornish')).toHaveLength(1);
  const receipt = JSON.parse(await site.git('cat-file', 'blob', `${APPLIED}:receipt.json`)) as Readonly<Record<string, string>>;
  const plan = JSON.parse(site.read('plan.json')) as Readonly<Record<string, string>>;
  for (const time of [receipt['startedAt'], receipt['endedAt'], plan['made'], plan['expires']]) {
    expect(Math.abs(Date.parse(String(time)) - began)).toBeLessThan(DAY / 2);
  }
});

describe('one that vanished and one that is new, with the same body', () => {
  /** "Before" is in no document and lives; "After" is new. */
  const renamed = async (name: string) => {
    const { site, hand } = await stage.open(name);
    site.configure('', { [SHELL]: PATIENCE });
    site.write(FILE, site.read('manifests/practice/routing_wrapup_code/calls-again--g99nb8tolg1q.yaml').replace('key: Calls again', 'key: After'));
    return { site, hand, before: String((await hand.call('POST', CODES, { name: 'Before' }))['id']) };
  };
  const FILE = 'manifests/practice/routing_wrapup_code/after.yaml';

  test('no deletion is asked for: a hint with the line to add, and both are there afterwards', async () => {
    const { site, hand } = await renamed('hint');
    const { out, code } = await site.cordboard('plan', '--org', SHELL, '--out', 'plan.json');
    expect([code, out]).toEqual([2, expect.stringMatching(/[+] routing_wrapup_code\/After[\s\S]*add the line "was: Before"/)]);
    await must(site, 0, 'apply', 'plan.json');
    expect(await namesOf(hand, CODES)).toEqual(expect.arrayContaining(['After', 'Before']));
  });

  test('a deletion is asked for: a problem with the place of the new one, and no plan, until the document says which', async () => {
    const { site, hand, before } = await renamed('answered');
    const asked = ['plan', '--org', SHELL, '--allow-deletes', '9,100%', '--out', 'asked.json'] as const;
    const state = site.hash(SHELL);
    const refused = await site.cordboard(...asked);
    expect([refused.code, refused.err]).toEqual([
      3,
      expect.stringMatching(/after\.yaml:\d+:\d+: .*"routing_wrapup_code\/Before".*\n.*\n.*"was: Before".*"was: none"/),
    ]);
    expect(() => site.read('asked.json')).toThrow();
    expect(site.hash(SHELL)).toBe(state);
    edit(site, FILE, 'body:', 'was: Before\nbody:');
    await must(site, 2, ...asked);
    await must(site, 0, 'apply', 'asked.json');
    expect((await hand.find(CODES, 'After')).id).toBe(before);
    expect(await namesOf(hand, CODES)).not.toContain('Before');
  });

  test('"was: none": the old one is deleted, and the new one is another', async () => {
    const { site, hand, before } = await renamed('another');
    edit(site, FILE, 'body:', 'was: none\nbody:');
    await must(site, 2, 'plan', '--org', SHELL, '--allow-deletes', '9,100%', '--out', 'plan.json');
    await must(site, 0, 'apply', 'plan.json');
    expect((await hand.find(CODES, 'After')).id).not.toBe(before);
    expect(await namesOf(hand, CODES)).not.toContain('Before');
  });
});

describe('on one site', () => {
  let site: JourneySite;
  let hand: Hand;
  beforeAll(async () => ({ site, hand } = await stage.open('wrong-words')));

  describe('a budget that is no number', () => {
    test.each(['ten', '-1', '1.5', '5,200%', ''])(
      '--allow-deletes "%s": exit 3, with what was read and what is meant, before the org is asked',
      async (text) => {
        const from = site.orgs.core.journal.length;
        const { code, err } = await site.cordboard(text === 'ten' ? 'drift' : 'plan', '--org', SHELL, `--allow-deletes=${text}`);
        expect([code, err]).toEqual([3, expect.stringContaining(`--allow-deletes says "${text}", which is no number of objects`)]);
        expect(err).toMatch(/next: a whole number, .*--allow-deletes 5, or 5,10%/);
        expect(site.orgs.core.journal.length).toBe(from);
      },
    );

    test.each(['many', ''])('deletes: { count: %s } in cordboard.yaml: exit 3, with its line', async (count) => {
      site.configure('', { [SHELL]: `    policy:\n      deletes:\n        count: ${count}\n` });
      const { code, err } = await site.cordboard('check');
      site.configure('');
      const what = count === '' ? 'a value is missing' : '.*/policy/deletes/count is "many", and must be integer';
      expect([code, err]).toEqual([3, expect.stringMatching(new RegExp(`cordboard\\.yaml:14:\\d+: ${what}`))]);
    });
  });

  describe('entries of a policy', () => {
    const policy = async (lines: string, ...words: string[]): Promise<Run> => {
      site.configure('', { [SHELL]: lines.replace(/^(?=.)/gm, '    ') });
      const run = await site.cordboard(...words);
      site.configure('');
      return run;
    };

    test('that contradict each other are refused with both lines', async () => {
      const { code, err } = await policy('policy:\n  protect: [routing_queue]\n  mayBeEmpty: [routing_queue]\n', 'check');
      expect([code, err]).toEqual([3, expect.stringMatching(/cordboard\.yaml:13:\d+: .*protected, and its lists may be emptied \(line 13 and line 14\)/)]);
    });

    test('that name no type are told by check and by plan, with the place and the nearest name', async () => {
      const lines = 'policy: { protect: [routing_quue] }\nignore: { routing_skil: [/name] }\n';
      for (const words of [['check'], ['check', '--org', SHELL], ['plan', '--org', SHELL]]) {
        const { code, err } = await policy(lines, ...words);
        expect([words, code]).toEqual([words, 0]);
        expect(err).toMatch(/warning: \S*cordboard\.yaml:12:\d+: "routing_quue" under "protect" protects nothing.*\n.*did you mean "routing_queue"\?/);
        expect(err).toMatch(/warning: \S*cordboard\.yaml:13:\d+: "routing_skil" under "ignore" ignores nothing.*\n.*did you mean "routing_skill"\?/);
      }
    });

    test('that name no object, here or in the org, are told by plan; one that lives in the org alone is right', async () => {
      const lines = 'policy:\n  protect:\n    - routing_queue/Stockroom\n    - routing_queue/Ofice\n';
      const { err } = await policy(lines, 'plan', '--org', SHELL);
      expect(err).toMatch(/cordboard\.yaml:15:\d+: "routing_queue\/Ofice" under "protect" protects nothing.*\n.*did you mean "routing_queue\/Office"\?/);
      expect(err).not.toContain('Stockroom');
    });
  });

  test('names that forge lines of a terminal or of Markdown: one step, one line, in plan, apply and drift', async () => {
    const names = [
      'one\n- routing_queue/Counter  delete',
      'two\r+ routing_skill/Forged',
      'three\u001b[2K\u001b[1Ared',
      'four\u202eeerht',
      'five `code` <!-- gone -->',
      'six | x | `|',
      'seven\u2028- routing_skill/English  delete',
    ];
    const made: string[] = [];
    for (const name of names)
      await hand.call('POST', CODES, { name }).then(
        () => made.push(name),
        () => undefined,
      );
    expect(made.length).toBeGreaterThanOrEqual(3);
    await change(hand, QUEUES, 'Office', { description: `x\n- routing_queue/Counter  delete\u001b[2K\r\u202e` });
    const clean = (text: string): void => {
      expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      expect(text).not.toMatch(/^\s*[-+~!] (routing_queue\/Counter|routing_skill\/(Forged|English)) /m);
    };
    const plan = await site.cordboard('plan', '--org', SHELL, '--all', '--allow-deletes', '99,100%', '--out', 'plan.json');
    const drift = await site.cordboard('drift', '--org', SHELL, '--allow-deletes', '99,100%', '--out', 'back.json');
    const apply = await site.cordboard('apply', 'back.json', '--all');
    for (const { all } of [plan, drift, apply]) {
      clean(all);
      const steps = all.split('\n').filter((line) => /^\s*[-+~!=] /.test(line));
      for (const name of made) expect(steps.filter((line) => line.includes(`routing_wrapup_code/${name.split(/\W/)[0]}`)).length).toBeLessThanOrEqual(1);
    }
    expect(plan.out).toContain('one\\n- routing_queue');
  });
});
