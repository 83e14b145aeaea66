import { admitList } from './admission.ts';
import { notFoundRefusal } from './codes.ts';
import { jsonAnswer, Refusal } from './exchange.ts';
import { typeFacts } from './facts.ts';
import type { Json, JsonMap } from './json.ts';
import { isJsonMap } from './json.ts';
import { itemsOf, mapsOf, pageAnswer } from './lists.ts';
import type { Call, OrgContext, Special } from './special.ts';
import type { Thing } from './store.ts';

/** Members and wrap-up codes of a queue. A member added by a call is joined and rings first; counts stand on the queue itself. */
const MEMBERS = '/api/v2/routing/queues/{queueId}/members';
const CODES = '/api/v2/routing/queues/{queueId}/wrapupcodes';
const view = { any: ['routing:queue:view'] };
const edit = { any: ['routing:queue:edit', 'routing:queueMember:manage'] };

/** 100 members or codes a call (quirks, section 2). */
const MOST = 100;

export const queueParts: Special = {
  name: 'queue parts',
  routes: {
    [`GET ${MEMBERS}`]: { permissions: view, handle: listMembers },
    [`POST ${MEMBERS}`]: { permissions: edit, handle: addMembers },
    [`PATCH ${MEMBERS}`]: { permissions: edit, handle: changeMembers },
    [`PATCH ${MEMBERS}/{memberId}`]: { permissions: edit, handle: changeMember },
    [`DELETE ${MEMBERS}/{memberId}`]: { permissions: edit, handle: removeMember },
    [`GET ${CODES}`]: { permissions: view, handle: listCodes },
    [`POST ${CODES}`]: { permissions: edit, handle: addCodes },
    [`DELETE ${CODES}/{codeId}`]: { permissions: edit, handle: removeCode },
  },
  show: { routing_queue: memberCounts },
  seedParts: {
    'routing_queue.members': (queue, value, org) => writeMembers(queue, addTo(itemsOf(queue.parts['members']), membersFrom(value as Json, org, queue)), org),
    'routing_queue.wrapupcodes': (queue, value, org) => writeCodes(queue, mapsOf(value as Json, Number.POSITIVE_INFINITY), org),
  },
};

function memberCounts(queue: Thing): JsonMap {
  const members = itemsOf(queue.parts['members']);
  const joined = members.filter((member) => member['joined'] === true).length;
  return { memberCount: members.length, userMemberCount: members.length, joinedMemberCount: joined };
}

function queueOf(call: Call, org: OrgContext): Thing {
  const id = call.params['queueId'] ?? '';
  const queue = org.byId('routing_queue', id);
  if (queue === undefined) throw notFoundRefusal(typeFacts('routing_queue'), 'update', id);
  return queue;
}

function listMembers(call: Call, org: OrgContext) {
  const queue = queueOf(call, org);
  const joined = call.query.get('joined');
  const memberBy = call.query.get('memberBy');
  const members = itemsOf(queue.parts['members'])
    .filter((member) => joined === null || String(member['joined']) === joined)
    .filter(() => memberBy === null || memberBy === 'user')
    .map((member) => memberBody(queue, member, org));
  return pageAnswer(call, members, MOST, false);
}

function memberBody(queue: Thing, member: JsonMap, org: OrgContext): JsonMap {
  const id = String(member['id']);
  const user = org.byId('user', id);
  const name = String(user?.body['name'] ?? '');
  const selfUri = `/api/v2/routing/queues/${queue.id}/members/${id}`;
  return { ...member, id, name, user: { id, name, selfUri: `/api/v2/users/${id}`, version: Number(user?.body['version'] ?? 1) }, memberBy: 'user', selfUri };
}

function membersFrom(body: Json, org: OrgContext, queue: Thing): readonly JsonMap[] {
  return mapsOf(body, Number.POSITIVE_INFINITY).map((item) => {
    const id = String(item['id'] ?? '');
    const user = org.byId('user', id);
    if (user === undefined || user.isDeleted) throw new Refusal(404, 'resource.not.found', `there is no user ${id}`, { params: { id } });
    const before = itemsOf(queue.parts['members']).find((member) => member['id'] === id);
    const ringNumber = item['ringNumber'] ?? before?.['ringNumber'] ?? 1;
    if (typeof ringNumber !== 'number' || ringNumber < 1 || ringNumber > 6)
      throw new Refusal(400, 'constraint.validation', '"ringNumber" must be 1 to 6', { field: 'ringNumber' });
    return { id, ringNumber, joined: item['joined'] ?? before?.['joined'] ?? true };
  });
}

function addTo(members: readonly JsonMap[], more: readonly JsonMap[]): readonly JsonMap[] {
  return [...new Map([...members, ...more].map((member) => [member['id'], member])).values()];
}

function writeMembers(queue: Thing, members: readonly JsonMap[], org: OrgContext): void {
  org.replaceParts(queue, { ...queue.parts, members });
}

/** POST [{ id }] adds, with ?delete=true it removes. */
function addMembers(call: Call, org: OrgContext) {
  const queue = queueOf(call, org);
  const body = admitList('WritableEntity', call.json());
  mapsOf(body, MOST);
  const members = itemsOf(queue.parts['members']);
  if (call.query.get('delete') === 'true') {
    const gone = new Set(body.map((item) => item['id']));
    writeMembers(
      queue,
      members.filter((member) => !gone.has(member['id'])),
      org,
    );
  } else writeMembers(queue, addTo(members, membersFrom(body, org, queue)), org);
  return jsonAnswer(204, undefined);
}

/** PATCH [{ id, joined, ringNumber }] of members; those that are none are refused. */
function changeMembers(call: Call, org: OrgContext) {
  const queue = queueOf(call, org);
  const body = mapsOf(admitList('QueueMember', call.json()), MOST);
  for (const item of body) memberOf(queue, String(item['id']));
  const changed = addTo(itemsOf(queue.parts['members']), membersFrom(body, org, queue));
  writeMembers(queue, changed, org);
  return jsonAnswer(202, { entities: changed.map((member) => memberBody(queue, member, org)) });
}

function memberOf(queue: Thing, id: string): JsonMap {
  const member = itemsOf(queue.parts['members']).find((candidate) => candidate['id'] === id);
  if (member === undefined) throw new Refusal(404, 'resource.not.found', `user ${id} is no member of this queue`, { params: { id } });
  return member;
}

function changeMember(call: Call, org: OrgContext) {
  const queue = queueOf(call, org);
  const id = call.params['memberId'] ?? '';
  memberOf(queue, id);
  const body = call.json();
  const [item = {}] = admitList('QueueMember', [body]);
  writeMembers(queue, addTo(itemsOf(queue.parts['members']), membersFrom([{ ...item, id }], org, queue)), org);
  return jsonAnswer(202, undefined);
}

function removeMember(call: Call, org: OrgContext) {
  const queue = queueOf(call, org);
  const id = call.params['memberId'] ?? '';
  memberOf(queue, id);
  writeMembers(
    queue,
    itemsOf(queue.parts['members']).filter((member) => member['id'] !== id),
    org,
  );
  return jsonAnswer(204, undefined);
}

function listCodes(call: Call, org: OrgContext) {
  const codes = itemsOf(queueOf(call, org).parts['wrapupcodes']).flatMap((item) => org.byId('routing_wrapup_code', String(item['id'])) ?? []);
  return pageAnswer(
    call,
    codes.map((code) => org.present(code)),
    MOST,
    true,
  );
}

function addCodes(call: Call, org: OrgContext) {
  const queue = queueOf(call, org);
  const written = writeCodes(queue, mapsOf(admitList('WrapUpCodeReference', call.json()), MOST), org);
  return jsonAnswer(
    200,
    written.map((code) => org.present(code)),
  );
}

function writeCodes(queue: Thing, items: readonly JsonMap[], org: OrgContext): readonly Thing[] {
  const codes = items.map((item) => org.byId('routing_wrapup_code', String(item['id'])) ?? missingCode(String(item['id'])));
  const known = itemsOf(queue.parts['wrapupcodes']);
  const added = addTo(
    known,
    codes.map((code) => ({ id: code.id })),
  );
  org.replaceParts(queue, { ...queue.parts, wrapupcodes: added });
  return codes;
}

function missingCode(id: string): never {
  throw new Refusal(404, 'resource.not.found', `there is no wrap-up code ${id}`, { params: { id } });
}

function removeCode(call: Call, org: OrgContext) {
  const queue = queueOf(call, org);
  const id = call.params['codeId'] ?? '';
  const known = itemsOf(queue.parts['wrapupcodes']);
  if (!known.some((item) => isJsonMap(item) && item['id'] === id))
    throw new Refusal(404, 'resource.not.found', `the queue has no wrap-up code ${id}`, { params: { id } });
  org.replaceParts(queue, { ...queue.parts, wrapupcodes: known.filter((item) => item['id'] !== id) });
  return jsonAnswer(204, undefined);
}
