import { expect, test } from '@jest/globals';
import { type Live, OrgFailure } from '../../providers/contract.ts';
import { genesys } from '../../providers/genesys/platform.ts';
import { PRODUCTION } from '../../providers/genesys-emulator/practice/index.ts';
import { carryOut } from '../../providers/reconciler/carry-out.ts';
import { openJournal } from '../../providers/reconciler/journal.ts';
import { type Address, typeOf } from '../../state/address.ts';
import type { Step } from '../../state/change.ts';
import { findRefs } from '../../state/refs.ts';
import { resourceHash } from '../../state/step-hash.ts';
import { samples } from '../samples/index.ts';
import { PracticeSite } from './practice-site.ts';
import { documentOf, SampleSite } from './sample-site.ts';

const bytes = async (): Promise<Uint8Array> => new Uint8Array([82, 73, 70, 70]);

async function failureOf(work: Promise<unknown>): Promise<OrgFailure | undefined> {
  const failure = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (failure !== undefined) expect(failure).toBeInstanceOf(OrgFailure);
  return failure as OrgFailure | undefined;
}

for (const sample of samples.filter(({ type }) => genesys.types.get(type)?.isSingleton === false)) {
  test(`a ${sample.type} with all its parts is deleted by one request, and gone`, async () => {
    const site = new SampleSite(sample);
    const document = documentOf(sample);
    const made = await site.run(site.writer.create(document, bytes));
    const born = typeof made === 'string' ? (await site.run(site.writer.get(document.address, made)))! : made;
    const live: Live = await site.run(site.writer.update(born, document, bytes));
    const type = genesys.types.get(sample.type)!;
    const before = resourceHash(live.document, type, []);
    const step: Step = { address: live.address, action: 'delete', changes: [], reasons: [], before, deferred: [], needs: [], id: live.id };
    const journal = await site.run(openJournal(site.world, '/journal'));
    const reconciler = { org: site.writer, journal, types: genesys.types, files: bytes, world: site.world, report: () => undefined };
    const { result, sent } = await site.writes(() => site.run(carryOut(step, { ...reconciler, deletions: async () => undefined })));
    expect(result).toEqual({ address: live.address, word: 'deleted', id: live.id });
    expect(sent.map((request) => request.split(' ')[0])).toEqual(['DELETE']);
    expect(await site.run(site.writer.find(live.address))).toEqual([]);
    expect(await site.run(site.writer.get(live.address, live.id))).toBeUndefined();
  });
}

/** Types whose objects the API deletes though something names them (a list that loses an entry, or a name that stays and means nothing). */
const DELETED_THOUGH_USED = new Set(['integration', 'integration_action', 'routing_skill', 'routing_wrapup_code', 'integration_credential']);

test('in the practice org whatever something names is not deleted by the API, which says what uses it; or the plan has to see to it', async () => {
  const site = new PracticeSite();
  const live = await site.read(PRODUCTION);
  const writer = site.writer(PRODUCTION);
  const users = new Map<Address, Address[]>();
  for (const document of live.documents.values()) {
    const type = genesys.types.get(typeOf(document.address))!;
    for (const { to } of findRefs(document, type).refs) if (to !== document.address) users.set(to, [...(users.get(to) ?? []), document.address]);
  }
  const tried = new Map<string, string>();
  for (const [address, by] of users) {
    const type = genesys.types.get(typeOf(address));
    const id = live.ids.get(address);
    if (type === undefined || type.isSingleton || id === undefined || tried.has(typeOf(address)) || address === 'auth_division/@home') continue;
    // Being in a list of members never keeps anything from being deleted.
    if (!by.some((user) => !/^(user|routing_queue)$/.test(typeOf(user)) || typeOf(address) === 'auth_division')) continue;
    const found = (await site.run(writer.get(address, id)))!;
    const failure = await failureOf(site.run(writer.remove(found)));
    tried.set(typeOf(address), failure?.kind ?? 'deleted');
    if (failure !== undefined) expect(failure.message).toMatch(/used by|is used/);
    expect([address, (await site.run(writer.get(address, id))) === undefined]).toEqual([address, failure === undefined]);
  }
  expect([...tried.keys()].sort()).toEqual(expect.arrayContaining(['architect_schedule', 'architect_schedule_group', 'auth_division', 'flow']));
  for (const [type, what] of tried) expect([type, what]).toEqual([type, DELETED_THOUGH_USED.has(type) ? 'deleted' : 'in-use']);
});
