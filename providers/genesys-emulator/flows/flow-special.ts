import { admitBody } from '../admission.ts';
import { type Answer, jsonAnswer } from '../exchange.ts';
import { type Json, type JsonMap, valueAt } from '../json.ts';
import type { Call, OrgContext, Special } from '../special.ts';
import type { Thing } from '../store.ts';
import { TRACKING_ROUTES } from './dependency-tracking.ts';
import { faultOfName, JOB_ROUTES, SIGNED_JOB_ROUTES } from './flow-jobs.ts';
import { FLOW_TYPES } from './flow-kinds.ts';
import { preparePublish } from './publish-flow.ts';
import { findFlow, namesOf, versionList, writePublished } from './stored-flow.ts';

/**
 * Flows, as Architect keeps them: made and changed by jobs that publish a file, read by jobs that export one, tracked by what they
 * name, and held back from deletion while something uses them.
 */
export const flowSpecial: Special = {
  name: 'flows',
  routes: {
    ...JOB_ROUTES,
    ...TRACKING_ROUTES,
    'POST /api/v2/flows': { handle: createFlow },
    'PUT /api/v2/flows/{flowId}': { handle: changeFlow },
    'DELETE /api/v2/flows/{flowId}': { handle: deleteFlow },
    'GET /api/v2/flows/{flowId}/versions': { handle: showVersions, permissions: { any: ['architect:flow:view'] } },
    'GET /api/v2/flows/{flowId}/versions/{versionId}': { handle: showVersion, permissions: { any: ['architect:flow:view'] } },
    'POST /api/v2/flows/actions/checkout': { handle: lockFlow, permissions: { any: ['architect:flow:edit'] } },
    'POST /api/v2/flows/actions/unlock': { handle: unlockFlow, permissions: { any: ['architect:flow:unlock'] } },
  },
  signedRoutes: SIGNED_JOB_ROUTES,
  seeds: { flow: seedFlow },
};

/** A seeded flow is either a file (`content`: its YAML) that is published, or a body that stays unpublished. */
function seedFlow(org: OrgContext, body: JsonMap): string {
  const { content } = body;
  if (typeof content !== 'string') return insertUnpublished(org, body).id;
  const ready = preparePublish(content, namesOf(org));
  if ('messages' in ready) throw new Error(`a seeded flow does not publish: ${ready.messages.join('; ')}`);
  return writePublished(org, ready, org.caller);
}

function insertUnpublished(org: OrgContext, body: JsonMap): Thing {
  const type = String(body['type'] ?? '').toUpperCase();
  const division = valueAt(body, 'division.id');
  return org.insert('flow', {
    name: String(body['name']),
    type,
    division: { id: typeof division === 'string' ? division : org.homeDivisionId },
    ...(typeof body['description'] === 'string' ? { description: body['description'] } : {}),
    active: true,
    system: false,
    deleted: false,
  });
}

function createFlow(call: Call, org: OrgContext): Answer {
  const body = checkedBody(call, org);
  const type = String(body['type'] ?? '').toUpperCase();
  if (!Object.values(FLOW_TYPES).includes(type)) throw org.refuse(400, 'architect.flow.validate.failed.missing.type', 'a flow needs a type', { field: 'type' });
  refuseTwin(org, String(body['name']), type, undefined);
  return jsonAnswer(200, org.present(insertUnpublished(org, body)));
}

/** Only what a person may set: name, type, description and division. Everything else of the model is the server's. */
function checkedBody(call: Call, org: OrgContext): JsonMap {
  const body = admitBody('Flow', call.json(), { required: false });
  const fault = faultOfName(String(body['name'] ?? ''));
  if (fault !== undefined) throw org.refuse(400, fault.code, fault.text, { field: 'name' });
  const division = valueAt(body, 'division.id');
  if (typeof division === 'string' && org.byId('auth_division', division) === undefined) {
    throw org.refuse(400, 'architect.object.validate.failed.value', `there is no division ${division}`, { field: 'division.id' });
  }
  return body;
}

function refuseTwin(org: OrgContext, name: string, type: string, self: string | undefined): void {
  const twin = findFlow(org, name, type);
  if (twin === undefined || twin.id === self) return;
  throw org.refuse(409, 'architect.flow.already.exists', `a flow of type ${type} named '${name}' already exists`, { params: { name, type } });
}

function livingFlow(call: Call, org: OrgContext, id = call.params['flowId'] ?? ''): Thing {
  const flow = org.byId('flow', id);
  if (flow === undefined) throw org.refuse(404, 'architect.flow.not.found', `there is no flow ${id}`, { params: { id } });
  if (flow.isDeleted) throw org.refuse(410, 'architect.flow.deleted', `flow ${id} is deleted`, { params: { id } });
  return flow;
}

/** Name and description; a flow moves to another division by its file, or by the call that moves objects. */
function changeFlow(call: Call, org: OrgContext): Answer {
  const flow = livingFlow(call, org);
  const body = checkedBody(call, org);
  refuseTwin(org, String(body['name']), String(flow.body['type']), flow.id);
  const changed = org.replace(flow, {
    body: {
      ...flow.body,
      name: String(body['name']),
      ...(typeof body['description'] === 'string' ? { description: body['description'] } : {}),
    },
  });
  return jsonAnswer(200, org.present(changed));
}

/** The catalogue's code for each kind of object that keeps a flow from being deleted. */
const IN_USE: Readonly<Record<string, string>> = {
  routing_queue: 'architect.flow.cannot.delete.used.in.queues',
  architect_ivr: 'architect.flow.cannot.delete.used.in.ivr.configs',
  flow: 'architect.flow.cannot.delete.used.in.flows',
  architect_emergency_group: 'architect.flow.cannot.delete.used.in.emergency.groups',
  routing_email_route: 'architect.flow.cannot.delete.used.in.email.routes',
  routing_message_recipient: 'architect.flow.cannot.delete.used.by.message.addresses',
  recording_retention_policy: 'architect.flow.cannot.delete.used.in.recording.policies',
  journey_action_map: 'architect.flow.cannot.delete.used.in.pe.action.maps',
  script: 'architect.flow.cannot.delete.used.in.composer.scripts',
};

function deleteFlow(call: Call, org: OrgContext): Answer {
  const flow = livingFlow(call, org);
  const [user] = org.usersOf(flow.id).filter((thing) => thing.id !== flow.id);
  if (user !== undefined) {
    const code = IN_USE[user.type] ?? 'architect.dependency.object.in.use';
    throw org.refuse(409, code, `flow '${String(flow.body['name'])}' is used by ${user.type} '${String(user.body['name'])}'`, {
      params: { id: flow.id, usedBy: user.id },
    });
  }
  org.remove(flow);
  return jsonAnswer(204, undefined);
}

function showVersions(call: Call, org: OrgContext): Answer {
  const versions = [...versionList(livingFlow(call, org))].reverse();
  return jsonAnswer(200, { entities: versions as Json, pageSize: 25, pageNumber: 1, total: versions.length, pageCount: 1 });
}

function showVersion(call: Call, org: OrgContext): Answer {
  const version = versionList(livingFlow(call, org)).find((one) => one['id'] === call.params['versionId']);
  if (version === undefined) throw org.refuse(404, 'architect.flow.version.missing', `the flow has no version ${call.params['versionId']}`);
  return jsonAnswer(200, version);
}

function lockFlow(call: Call, org: OrgContext): Answer {
  const flow = livingFlow(call, org, call.query.get('flow') ?? '');
  const holder = valueAt(flow.body, 'lockedClient.id');
  if (typeof holder === 'string' && holder !== org.caller.id)
    throw org.refuse(409, 'architect.flow.not.locked.by.user', `flow ${flow.id} is locked by ${holder}`);
  return jsonAnswer(200, org.present(org.replace(flow, { body: { ...flow.body, lockedClient: { id: org.caller.id, name: org.caller.name } } })));
}

function unlockFlow(call: Call, org: OrgContext): Answer {
  const flow = livingFlow(call, org, call.query.get('flow') ?? '');
  const { lockedClient: _client, lockedUser: _user, ...body } = flow.body;
  return jsonAnswer(200, org.present(org.replace(flow, { body })));
}
