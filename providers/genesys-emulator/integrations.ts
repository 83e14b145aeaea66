import { admitBody } from './admission.ts';
import { notFoundRefusal, versionRefusal } from './codes.ts';
import { jsonAnswer, Refusal } from './exchange.ts';
import { typeFacts } from './facts.ts';
import type { JsonMap } from './json.ts';
import { isJsonMap, valueAt } from './json.ts';
import type { Call, OrgContext, Special } from './special.ts';
import type { Thing } from './store.ts';

/**
 * Integrations are born disabled and without configuration; that is an object of its own with a version lock, and its name is the
 * integration's (quirks, section 2). Data actions show where their templates are, and the templates are texts at addresses of their own.
 */
const CONFIG = '/api/v2/integrations/{integrationId}/config/current';
const TEMPLATE = '/api/v2/integrations/actions/{actionId}/templates/{fileName}';
const view = { any: ['integrations:integration:view'] };
const edit = { any: ['integrations:integration:edit'] };

export const integrations: Special = {
  name: 'integrations',
  routes: {
    [`GET ${CONFIG}`]: { permissions: view, handle: (call, org) => jsonAnswer(200, configBody(integrationOf(call, org), org)) },
    [`PUT ${CONFIG}`]: { permissions: edit, handle: writeConfig },
    [`GET ${TEMPLATE}`]: { permissions: { any: ['integrations:action:view', 'bridge:actions:view'] }, handle: readTemplate },
  },
  admit: { integration: (body, { before }) => (before === undefined ? { ...body, config: { current: EMPTY_CONFIG } } : body) },
  show: { integration: stateOf, integration_action: withTemplateAddresses },
  seedParts: {
    'integration.config': (thing, value, org) => void putConfig(thing, onlyItem(value), org),
    'integration.state': (thing, value, org) => void org.replace(thing, { body: { ...thing.body, ...onlyItem(value) } }),
  },
};

function onlyItem(value: unknown): JsonMap {
  return Array.isArray(value) && isJsonMap(value[0]) ? value[0] : {};
}

const EMPTY_CONFIG: JsonMap = { version: 1, properties: {}, advanced: {}, notes: '', credentials: {} };

function integrationOf(call: Call, org: OrgContext): Thing {
  const id = call.params['integrationId'] ?? '';
  const found = org.byId('integration', id);
  if (found === undefined) throw notFoundRefusal(typeFacts('integration'), 'get', id);
  return found;
}

function configOf(thing: Thing): JsonMap {
  const config = valueAt(thing.body, 'config.current');
  return isJsonMap(config) ? config : EMPTY_CONFIG;
}

function configBody(thing: Thing, org: OrgContext): JsonMap {
  const shown = valueAt(org.present(thing, 'everything'), 'config.current');
  const config = isJsonMap(shown) ? shown : EMPTY_CONFIG;
  return { id: thing.id, name: thing.body['name'] ?? '', ...config, selfUri: CONFIG.replace('{integrationId}', thing.id) };
}

function writeConfig(call: Call, org: OrgContext) {
  const thing = integrationOf(call, org);
  const sent = admitBody('IntegrationConfiguration', call.json(), { required: true });
  const version = configOf(thing)['version'];
  if (String(sent['version']) !== String(version)) throw versionRefusal(typeFacts('integration'), String(version), String(sent['version']));
  for (const [name, credential] of Object.entries(isJsonMap(sent['credentials']) ? sent['credentials'] : {})) {
    const id = isJsonMap(credential) ? String(credential['id']) : '';
    if (org.byId('integration_credential', id) === undefined)
      throw new Refusal(400, 'invalid.value', `the credential "${name}" names ${id}, which is none of this org`, { field: 'credentials' });
  }
  return jsonAnswer(200, configBody(putConfig(thing, sent, org), org));
}

/** The configuration's name is the integration's own. */
function putConfig(thing: Thing, sent: JsonMap, org: OrgContext): Thing {
  const { name, version: _version, ...fields } = sent;
  const version = Number(configOf(thing)['version'] ?? 1) + 1;
  const renamed = typeof name === 'string' && name !== '' ? { name } : {};
  return org.replace(thing, { body: { ...thing.body, ...renamed, config: { current: { ...EMPTY_CONFIG, ...fields, version } } } });
}

function stateOf(thing: Thing): JsonMap {
  const code = thing.body['intendedState'] === 'ENABLED' ? 'ACTIVE' : 'INACTIVE';
  return { reportedState: { code, effective: code === 'ACTIVE' ? 'OK' : 'Inactive', lastUpdated: '2026-01-01T00:00:00.000Z' } };
}

const TEMPLATES = [
  { owner: 'request', field: 'requestTemplate', file: 'requesttemplate.vm' },
  { owner: 'response', field: 'successTemplate', file: 'successtemplate.vm' },
] as const;

/** Texts of templates stand at addresses of their own; the object says where. */
function withTemplateAddresses(thing: Thing): JsonMap {
  const { config } = thing.body;
  if (!isJsonMap(config)) return {};
  const parts = TEMPLATES.flatMap(({ owner, field, file }) => {
    const part = config[owner];
    if (!isJsonMap(part) || typeof part[field] !== 'string') return [];
    const { [field]: _text, ...others } = part;
    return [[owner, { ...others, [`${field}Uri`]: `/api/v2/integrations/actions/${thing.id}/templates/${file}` }] as const];
  });
  return { config: { ...config, ...Object.fromEntries(parts) } };
}

function readTemplate(call: Call, org: OrgContext) {
  const { actionId = '', fileName = '' } = call.params;
  const action = org.byId('integration_action', actionId);
  if (action === undefined) throw notFoundRefusal(typeFacts('integration_action'), 'get', actionId);
  const template = TEMPLATES.find(({ file }) => file === fileName);
  const text = template === undefined ? undefined : valueAt(action.body, `config.${template.owner}.${template.field}`);
  if (typeof text !== 'string') throw new Refusal(404, 'not.found', `the action has no template "${fileName}"`, { params: { fileName } });
  return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: text };
}
