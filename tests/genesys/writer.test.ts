import { describe, expect, test } from '@jest/globals';
import { type Live, OrgFailure } from '../../providers/contract.ts';
import { genesys } from '../../providers/genesys/platform.ts';
import { emulatorHttp } from '../../providers/genesys-emulator/index.ts';
import { EMPTY, PRODUCTION } from '../../providers/genesys-emulator/practice/index.ts';
import { applyPlan } from '../../providers/reconciler/apply-plan.ts';
import { openJournal } from '../../providers/reconciler/journal.ts';
import type { HttpAnswer } from '../../providers/world.ts';
import { type Address, typeOf } from '../../state/address.ts';
import { canonicalJson } from '../../state/canonical.ts';
import { diffDocuments } from '../../state/diff.ts';
import type { Document } from '../../state/document.ts';
import { makePlan } from '../../state/make-plan.ts';
import { setAt } from '../../state/pointer.ts';
import { findOutside } from '../../state/remap.ts';
import { isList, isMap, type Value, type ValueMap } from '../../state/value.ts';
import { samples } from '../samples/index.ts';
import { PracticeSite } from './practice-site.ts';
import { documentOf, neededBy, ORG, SampleSite } from './sample-site.ts';

// Long because it is one suite over one writer: each kind of write, and each way in which it can fail.
const address = (text: string) => text as Address;
const noFiles = async (): Promise<Uint8Array> => new Uint8Array();
const sampleOf = (type: string) => samples.find((sample) => sample.type === type)!;

async function failureOf(work: Promise<unknown>): Promise<OrgFailure> {
  const failure = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(failure).toBeInstanceOf(OrgFailure);
  return failure as OrgFailure;
}

async function madeLive(site: SampleSite, document: Document): Promise<Live> {
  const made = await site.run(site.writer.create(document, noFiles));
  return typeof made === 'string' ? (await site.run(site.writer.get(document.address, made)))! : made;
}

test('an org is restored into an empty one with another home division: no difference, no write too many', async () => {
  const site = new PracticeSite();
  const [wanted, live] = [await site.read(PRODUCTION), await site.read(EMPTY)];
  const org = site.writer(EMPTY, (name) => `value of ${name}`);
  const externals = await site.run(org.locate(findOutside(wanted, genesys.types)));
  const plan = makePlan({ wanted, live, types: genesys.types, policy: { role: 'practice' }, externals });
  expect(plan.problems).toEqual([]);
  const journal = await site.run(openJournal(site.world, '/journal'));
  const files = (hash: string) => wanted.files.get(hash)!.read();
  const run = () => site.run(applyPlan(plan, { org, journal, types: genesys.types, files, world: site.world, report: () => undefined }));
  const { result, entries } = await site.requests(run);
  expect(result.filter(({ word }) => !['created', 'updated', 'adopted', 'unchanged'].includes(word))).toEqual([]);
  const back = await site.read(EMPTY);
  for (const [at, document] of wanted.documents)
    expect([at, diffDocuments(back.documents.get(at), document, genesys.types.get(typeOf(at))!)]).toEqual([at, []]);
  expect([...back.documents.keys()].sort()).toEqual([...wanted.documents.keys()].sort());
  const writes = entries.filter((entry) => entry.method !== 'GET' && !entry.path.includes('/export/'));
  const edges = plan.steps.filter((step) => step.address.includes('#/content')).length;
  const adopted = plan.steps.filter((step) => step.action === 'adopt' && step.changes.length > 0).length;
  const made = plan.steps.filter((step) => step.action === 'create').map((step) => writesToMake(wanted.documents.get(step.address)));
  expect(writes.length).toBe(made.reduce((sum, each) => sum + each, 0) + 2 * edges + adopted);
});

/** The fewest writing requests that make one object, from what its document says. */
function writesToMake(document: Document | undefined): number {
  if (document === undefined) return 0;
  const list = (name: string): readonly Value[] => (isList(document.body[name]) ? (document.body[name] as readonly Value[]) : []);
  const calls = (items: readonly Value[], size: number) => Math.ceil(items.length / size);
  switch (typeOf(document.address)) {
    case 'flow':
      return 2;
    case 'user':
      return 1 + calls(list('skills'), 50) + (document.body['manager'] === undefined ? 0 : 1);
    case 'routing_queue':
      return (
        1 +
        calls(list('members'), 100) +
        calls(
          list('members').filter((member) => isMap(member) && member['ringNumber'] !== undefined),
          100,
        ) +
        calls(list('wrapupCodes'), 100)
      );
    case 'integration':
      // Made, configured, switched on.
      return 3;
    case 'architect_user_prompt':
      return 1 + list('resources').length + list('resources').filter((resource) => isMap(resource) && resource['audio'] !== undefined).length;
    default:
      return 1;
  }
}

describe('creating', () => {
  test('a lost answer is unclear, and the request is sent once', async () => {
    const site = new SampleSite(sampleOf('routing_wrapup_code'));
    site.core.faults.plan = { nth: [{ fault: 'reset-after', nth: 1, method: 'POST', path: '/api/v2/routing/wrapupcodes' }] };
    const failure = await failureOf(site.run(site.writer.create(documentOf(sampleOf('routing_wrapup_code')), noFiles)));
    expect(failure.kind).toBe('unclear');
    expect(site.core.objects(ORG, 'routing_wrapup_code').length).toBe(1);
    expect(site.core.journal.filter((entry) => entry.method === 'POST' && entry.path.endsWith('/wrapupcodes')).length).toBe(1);
  });

  test('a taken key says so', async () => {
    const site = new SampleSite(sampleOf('routing_wrapup_code'));
    const document = documentOf(sampleOf('routing_wrapup_code'));
    await site.run(site.writer.create(document, noFiles));
    expect((await failureOf(site.run(site.writer.create(document, noFiles)))).kind).toBe('exists');
  });

  test('a soft-deleted user of the same e-mail comes back, with the same id and what it held', async () => {
    const site = new SampleSite(sampleOf('user'));
    const document = { address: address('user/eve@harborandpine.example'), body: { name: 'Eve', title: 'Agent' } as unknown as ValueMap };
    const first = await madeLive(site, document);
    await site.run(site.writer.remove(first));
    expect(await site.run(site.writer.get(document.address, first.id))).toBeUndefined();
    const again = await madeLive(site, document);
    expect(again.id).toBe(first.id);
    expect(again.document.body['title']).toBe('Agent');
  });

  test('a reference to nothing is refused before anything is sent', async () => {
    const site = new SampleSite(sampleOf('architect_ivr'));
    const document = { address: address('architect_ivr/New'), body: { openHoursFlow: { $ref: 'flow/Nowhere/inboundcall' } } as unknown as ValueMap };
    const { sent } = await site.writes(async () => {
      const failure = await failureOf(site.run(site.writer.create(document, noFiles)));
      expect([failure.kind, failure.message]).toEqual(['refused', 'flow/Nowhere/inboundcall is not in the org; create it first, or correct the reference']);
    });
    expect(sent).toEqual([]);
  });

  test('a secret without a value is refused before anything is sent', async () => {
    const site = new SampleSite(sampleOf('integration_credential'), () => undefined);
    const { sent } = await site.writes(async () => {
      const failure = await failureOf(site.run(site.writer.create(documentOf(sampleOf('integration_credential')), noFiles)));
      expect(failure.message).toBe('the secret "CRM_USER" has no value; set it and apply again');
    });
    expect(sent).toEqual([]);
  });

  test('a secret goes into a write-only field and nowhere else, since the next export would show it', async () => {
    const site = new SampleSite(sampleOf('architect_datatable_row'));
    const row = documentOf(sampleOf('architect_datatable_row'));
    const { sent } = await site.writes(async () => {
      const failure = await failureOf(site.run(site.writer.create({ ...row, body: setAt(row.body, '/city', { $secret: 'CITY' } as ValueMap) }, noFiles)));
      expect(failure.message).toContain('the secret "CITY" would be written to a field that anybody may read');
    });
    expect(sent).toEqual([]);
  });

  test('no value of a secret comes back in what is read, or in what goes wrong', async () => {
    const site = new SampleSite(sampleOf('integration_credential'), (name) => `planted-${name}`);
    const document = documentOf(sampleOf('integration_credential'));
    const live = await madeLive(site, document);
    expect(JSON.stringify([live.document, live.raw])).not.toContain('planted');
    const wrong = { ...document, address: address('integration_credential/CRM/nonsense') };
    expect((await failureOf(site.run(site.writer.create(wrong, noFiles)))).message).not.toContain('planted');
  });
});

describe('updating', () => {
  test('what somebody changed meanwhile is a conflict, and stays', async () => {
    const site = new SampleSite(sampleOf('architect_schedule'));
    const document = documentOf(sampleOf('architect_schedule'));
    const live = await madeLive(site, document);
    site.core.edit(ORG, 'architect_schedule', live.id, (body) => ({ ...body, description: 'by hand' }));
    const edited = { ...document, body: setAt(document.body, '/description', 'by us') };
    expect((await failureOf(site.run(site.writer.update(live, edited, noFiles)))).kind).toBe('conflict');
    expect(site.core.objects(ORG, 'architect_schedule')[0]?.['description']).toBe('by hand');
  });

  test.each(samples.filter(({ type }) => genesys.types.get(type)!.isRenamable && type !== 'architect_user_prompt'))(
    'a renamed $type keeps its id',
    async (sample) => {
      const site = new SampleSite(sample);
      const document = documentOf(sample);
      const live = await madeLive(site, document);
      const key = sample.type === 'user' ? 'eve@harborandpine.example' : sample.key.replace(/^[^/%]+/, 'Renamed');
      const renamed = { ...document, address: address(`${sample.type}/${key}`) };
      const back = await site.run(site.writer.update(live, renamed, noFiles));
      expect([back.id, back.address, diffDocuments(back.document, renamed, genesys.types.get(sample.type)!)]).toEqual([live.id, renamed.address, []]);
      expect(await site.run(site.writer.find(document.address))).toEqual([]);
    },
  );

  test('a skill cannot be changed: it would have to be replaced', async () => {
    const type = genesys.types.get('routing_skill')!;
    expect([type.isRenamable, type.createOnly]).toEqual([false, ['/division']]);
  });

  test('the home division is written under the name that it has in its org', async () => {
    const site = new SampleSite(sampleOf('auth_division'));
    const [home] = await site.run(site.writer.find(address('auth_division/@home')));
    const document = { address: home!.address, body: { description: 'The head office' } as unknown as ValueMap };
    await site.run(site.writer.update(home!, document, noFiles));
    const [division] = site.core.objects(ORG, 'auth_division').filter((each) => each['homeDivision'] === true);
    expect([division?.['name'], division?.['description']]).toEqual(['Headquarters', 'The head office']);
  });

  test('the placeholder of a flow stands in where nothing is published, and takes the place of content that a step takes out before the flow goes', async () => {
    const site = new SampleSite(sampleOf('flow'));
    const type = genesys.types.get('flow')!;
    const document = documentOf(sampleOf('flow'));
    const placeholder = { ...document, body: setAt(document.body, '/content', type.placeholder!(document, '/content')) };
    const first = await madeLive(site, placeholder);
    expect(diffDocuments(first.document, placeholder, type)).toEqual([]);
    const live = await site.run(site.writer.update(first, document, noFiles));
    expect(diffDocuments(live.document, document, type)).toEqual([]);
    const cleared = await site.run(site.writer.update(live, placeholder, noFiles));
    expect(diffDocuments(cleared.document, placeholder, type)).toEqual([]);
  });

  test('a flow that Architect refuses tells why, in its words', async () => {
    const site = new SampleSite({ ...sampleOf('flow') });
    const document = documentOf(sampleOf('flow'));
    const wrong = { ...document, body: setAt(document.body, '/content/inboundCall/tasks/0/task/actions/0/transferToAcd/targetQueue/lit/name', 'Nowhere') };
    const failure = await failureOf(site.run(site.writer.create(wrong, noFiles)));
    expect(failure.message).toMatch(/^Architect did not publish: No match found for kind 'queue' and value 'Nowhere'/);
    expect(site.core.objects(ORG, 'flow')).toEqual([]);
  });
});

describe('looking up', () => {
  test('ids of any type, declared or not; twins have several, what is absent none', async () => {
    const site = new SampleSite(sampleOf('routing_queue'));
    const twins = [site.insert(address('telephony_site/Berlin')), site.insert(address('telephony_site/Berlin'))];
    const asked = [
      'group/Night Crew',
      'telephony_site/Berlin',
      'flow/Hold/inqueuecall',
      'routing_queue/None',
      'auth_division/@home',
      'routing_utilization/@only',
    ];
    const found = await site.run(site.writer.locate(asked.map(address)));
    expect([...found].map(([at, ids]) => [at, ids.length])).toEqual([
      ['group/Night Crew', 1],
      ['telephony_site/Berlin', 2],
      ['flow/Hold/inqueuecall', 1],
      ['routing_queue/None', 0],
      ['auth_division/@home', 1],
      ['routing_utilization/@only', 1],
    ]);
    expect([...found.get(address('telephony_site/Berlin'))!].sort()).toEqual([...twins].sort());
  });

  test('removing what is gone already is success', async () => {
    const site = new SampleSite(sampleOf('routing_wrapup_code'));
    const live = await madeLive(site, documentOf(sampleOf('routing_wrapup_code')));
    await site.run(site.writer.remove(live));
    await site.run(site.writer.remove(live));
    expect(site.core.objects(ORG, 'routing_wrapup_code')).toEqual([]);
  });
});

/** The JSON bodies of the writing requests that reach the org from now on. */
function bodiesSent(site: SampleSite): ValueMap[] {
  const bodies: ValueMap[] = [];
  const http = emulatorHttp(site.core);
  site.world.connect((request) => {
    if (['POST', 'PUT', 'PATCH'].includes(request.method) && !request.url.includes('/oauth/')) bodies.push(JSON.parse(String(request.body)) as ValueMap);
    return http(request);
  });
  return bodies;
}

describe('an update of a queue that replaces its whole body', () => {
  const sentFor = async (hand: Readonly<Record<string, unknown>>): Promise<ValueMap> => {
    const site = new SampleSite(sampleOf('routing_queue'));
    const document = documentOf(sampleOf('routing_queue'));
    const { id } = await madeLive(site, document);
    site.core.edit(ORG, 'routing_queue', id, (body) => ({ ...body, ...hand }) as typeof body);
    const live = (await site.run(site.writer.get(document.address, id)))!;
    const wanted = { ...live.document, body: setAt(live.document.body, '/description', 'other') };
    const bodies = bodiesSent(site);
    await site.run(site.writer.update(live, wanted, noFiles));
    expect(bodies.map((body) => body['description'])).toEqual(['other']);
    return bodies[0]!;
  };

  test('writes no default that the org does not show: a queue whose agents end their after-call work gets no time for it', async () => {
    const hand = { acwSettings: { wrapupPrompt: 'OPTIONAL' }, mediaSettings: { call: { alertingTimeoutSeconds: 20 } } };
    const { acwSettings, mediaSettings } = (await sentFor(hand)) as Record<string, object>;
    expect([acwSettings, mediaSettings]).toEqual([hand.acwSettings, hand.mediaSettings]);
  });

  test('keeps what is configuration and not ours', async () => {
    const peerId = '11111111-1111-4111-8111-111111111111';
    expect((await sentFor({ peerId }))['peerId']).toBe(peerId);
  });
});

test('who refers to what was renamed is read by its new name, though a read of it was late', async () => {
  const sample = sampleOf('architect_schedule_group');
  const site = new SampleSite(sample);
  const group = await madeLive(site, documentOf(sample));
  const old = neededBy(sample).find((needed) => typeOf(needed) === 'architect_schedule')!;
  const [schedule] = await site.run(site.writer.find(old));
  const http = emulatorHttp(site.core);
  let late: HttpAnswer | undefined;
  site.world.connect(async (request) => {
    if (request.method !== 'GET' || !request.url.endsWith(`/schedules/${schedule!.id}`)) return http(request);
    late ??= await http(request);
    return late;
  });
  await site.run(site.writer.get(old, schedule!.id));
  const renamed = address('architect_schedule/renamed');
  await site.run(site.writer.update(schedule!, { ...schedule!.document, address: renamed }, noFiles));
  expect((await site.run(site.writer.get(renamed, schedule!.id)))?.address).toBe(old);
  const text = canonicalJson((await site.run(site.writer.get(group.address, group.id)))!.document.body);
  expect([text.includes(`"${renamed}"`), text.includes(`"${old}"`)]).toEqual([true, false]);
});

test('a name that the org refused is none: who refers to the object is read by the name that it has', async () => {
  const sample = sampleOf('architect_schedule_group');
  const site = new SampleSite(sample);
  const group = await madeLive(site, documentOf(sample));
  const old = neededBy(sample).find((needed) => typeOf(needed) === 'architect_schedule')!;
  const [schedule] = await site.run(site.writer.find(old));
  site.core.edit(ORG, 'architect_schedule', schedule!.id, (live) => ({ ...live, name: 'by hand' }));
  const renamed = site.writer.update(schedule!, { ...schedule!.document, address: address('architect_schedule/renamed') }, noFiles);
  await expect(site.run(renamed)).rejects.toMatchObject({ kind: 'conflict' });
  await site.run(site.writer.get(old, schedule!.id));
  const text = canonicalJson((await site.run(site.writer.get(group.address, group.id)))!.document.body);
  expect([text.includes('"architect_schedule/by hand"'), text.includes(`"${old}"`)]).toEqual([true, false]);
});

test('a flow that is renamed keeps the description that stands beside its content', async () => {
  const site = new SampleSite(sampleOf('flow'));
  const document = documentOf(sampleOf('flow'));
  const { id } = await madeLive(site, document);
  site.core.edit(ORG, 'flow', id, (body) => ({ ...body, description: 'by hand' }));
  const live = (await site.run(site.writer.get(document.address, id)))!;
  const bodies = bodiesSent(site);
  await site.run(site.writer.update(live, { ...live.document, address: address('flow/Renamed/inboundcall') }, noFiles));
  expect(bodies[0]).toMatchObject({ name: 'Renamed', description: 'by hand' });
  expect(bodies[0]).not.toHaveProperty('publishedVersion');
});

test('a field that is taken out goes back to its default where the org shows it', async () => {
  const site = new SampleSite(sampleOf('routing_queue'));
  const document = documentOf(sampleOf('routing_queue'));
  const live = await madeLive(site, document);
  const wanted = { ...document, body: setAt(setAt(document.body, '/autoAnswerOnly', undefined), '/mediaSettings/call', undefined) };
  const back = await site.run(site.writer.update(live, wanted, noFiles));
  expect(diffDocuments(back.document, wanted, genesys.types.get('routing_queue')!)).toEqual([]);
  const queue = site.core.objects(ORG, 'routing_queue').find((each) => each['id'] === live.id);
  expect(queue).toMatchObject({ autoAnswerOnly: true, mediaSettings: { call: { alertingTimeoutSeconds: 8, serviceLevel: { percentage: 0.8 } } } });
});

test('a creation sends what the document says, and no default of ours beside it', async () => {
  const site = new SampleSite(sampleOf('routing_queue'));
  const document = { address: address('routing_queue/Plain'), body: { acwSettings: { wrapupPrompt: 'OPTIONAL' } } as unknown as ValueMap };
  const bodies = bodiesSent(site);
  await madeLive(site, document);
  expect(bodies.map(({ division: _, ...body }) => body)).toEqual([{ name: 'Plain', acwSettings: { wrapupPrompt: 'OPTIONAL' } }]);
});

describe('a list that comes back short', () => {
  const short = { rates: { 'short-page': 1 } } as const;

  test('does not say that a key is free: neither by name, nor in a list without that filter, nor of children', async () => {
    for (const type of ['architect_schedule', 'user', 'architect_datatable_row']) {
      const site = new SampleSite(sampleOf(type));
      const document = documentOf(sampleOf(type));
      await madeLive(site, document);
      site.core.faults.plan = short;
      const isChild = type === 'architect_datatable_row';
      const parent = address(`architect_datatable/${document.address.split('/')[1] ?? ''}`);
      const look = async () => (isChild ? [] : site.writer.find(document.address));
      const locate = async () => (await site.writer.locate([isChild ? parent : document.address])).size;
      if (!isChild) expect((await failureOf(site.run(look()))).message).toContain('could not be read whole');
      expect((await failureOf(site.run(locate()))).message).toContain('could not be read whole');
    }
  });

  test('brings back no deleted user', async () => {
    const site = new SampleSite(sampleOf('user'));
    const document = { address: address('user/eve@harborandpine.example'), body: { name: 'Eve' } as unknown as ValueMap };
    await site.run(site.writer.remove(await madeLive(site, document)));
    site.core.faults.plan = short;
    expect((await failureOf(site.run(site.writer.create(document, noFiles)))).message).toContain('could not be read whole');
    expect(site.core.objects(ORG, 'user').filter((user) => user['email'] === 'eve@harborandpine.example' && user['state'] !== 'deleted')).toEqual([]);
  });
});

test('a flow whose division has no name is not published into the home division', async () => {
  const site = new SampleSite(sampleOf('flow'));
  const document = documentOf(sampleOf('flow'));
  const live = await madeLive(site, document);
  const division = () => (site.core.objects(ORG, 'flow').find((flow) => flow['id'] === live.id) as { division: { id: string; name: string } }).division;
  const { id, name } = division();
  const wanted = setAt(setAt(document.body, '/division', id), '/content/inboundCall/description', 'another');
  const { sent } = await site.writes(async () => {
    const failure = await failureOf(site.run(site.writer.update(live, { ...document, body: wanted }, noFiles)));
    expect(failure.message).toBe(`${document.address} cannot be published: its division "${id}" is no resource that has a name`);
  });
  expect(sent.filter((request) => request.includes('/flows/jobs'))).toEqual([]);
  expect(division().name).toBe(name);
});

test('a lost answer to registering a publish job is asked for again, since nothing has been published', async () => {
  const site = new SampleSite(sampleOf('flow'));
  site.core.faults.plan = { nth: [{ fault: 'reset-after', nth: 1, method: 'POST', path: '/api/v2/flows/jobs' }] };
  const live = await madeLive(site, documentOf(sampleOf('flow')));
  expect(site.core.objects(ORG, 'flow').map((flow) => flow['id'])).toEqual([live.id]);
});

describe('once something was written, a failure is of a part and says nothing of the whole: unclear', () => {
  const QUEUE = /\/routing\/queues\/[0-9a-f-]{36}$/;
  const cases = [
    { reason: 'the read-back is refused', fault: { fault: 'forbidden', nth: 1, method: 'GET', path: QUEUE }, members: 2 },
    {
      reason: 'the read-back is put off until patience ends',
      fault: { fault: 'too-many-requests', nth: 1, times: 10_000, method: 'GET', path: QUEUE },
      members: 2,
    },
    { reason: 'a later request is refused', fault: { fault: 'forbidden', nth: 1, method: 'POST', path: '/members' }, members: 0 },
  ] as const;
  test.each(cases)('of an update ($reason)', async ({ fault, members }) => {
    const site = new SampleSite(sampleOf('routing_queue'));
    const document = documentOf(sampleOf('routing_queue'));
    const live = await madeLive(site, document);
    site.core.faults.plan = { nth: [fault] };
    const failure = await failureOf(site.run(site.writer.update(live, { ...document, body: setAt(document.body, '/description', 'written') }, noFiles)));
    expect([failure.kind, failure.status]).toEqual(['unclear', fault.fault === 'forbidden' ? 403 : 429]);
    site.core.faults.plan = {};
    const back = (await site.run(site.writer.get(document.address, live.id)))!;
    expect(back.document.body['description']).toBe('written');
    expect(((back.document.body['members'] ?? []) as readonly Value[]).length).toBe(members);
  });

  test.each(['forbidden', 'too-many-requests'] as const)(
    'of a flow: Architect has the file, whatever it answers to the question for the end (%s)',
    async (fault) => {
      const site = new SampleSite(sampleOf('flow'));
      site.core.faults.plan = { nth: [{ fault, nth: 1, times: 10_000, method: 'GET', path: '/api/v2/flows/jobs/' }] };
      const document = documentOf(sampleOf('flow'));
      expect((await failureOf(site.run(site.writer.create(document, noFiles)))).kind).toBe('unclear');
      expect((await site.run(site.writer.find(document.address))).length).toBe(1);
    },
  );

  test('of a user that was brought back', async () => {
    const site = new SampleSite(sampleOf('user'));
    const document = { address: address('user/eve@harborandpine.example'), body: { name: 'Eve' } as unknown as ValueMap };
    await site.run(site.writer.remove(await madeLive(site, document)));
    site.core.faults.plan = { nth: [{ fault: 'forbidden', nth: 1, method: 'GET', path: /\/users\/[0-9a-f-]{36}$/ }] };
    expect((await failureOf(site.run(site.writer.create(document, noFiles)))).kind).toBe('unclear');
    expect(site.core.objects(ORG, 'user').find((user) => user['email'] === 'eve@harborandpine.example')?.['state']).toBe('active');
  });
});

test('a first request that is refused changed nothing, and says so', async () => {
  const site = new SampleSite(sampleOf('routing_queue'));
  const document = documentOf(sampleOf('routing_queue'));
  const live = await madeLive(site, document);
  site.core.faults.plan = { nth: [{ fault: 'forbidden', nth: 1, method: 'PUT', path: '/routing/queues/' }] };
  const failure = await failureOf(site.run(site.writer.update(live, { ...document, body: setAt(document.body, '/description', 'written') }, noFiles)));
  expect(failure.kind).toBe('forbidden');
});
