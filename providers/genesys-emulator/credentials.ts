import { jsonAnswer, Refusal } from './exchange.ts';
import type { JsonMap } from './json.ts';
import { isJsonMap, valueAt } from './json.ts';
import type { Special } from './special.ts';

/** Integration credentials: write-only fields. GET answers their names with redacted values; PUT replaces them all (integration_credential, notes). */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  basicAuth: ['userName', 'password'],
  userDefined: [],
  userDefinedOAuth: [],
  pureCloudOAuthClient: ['clientId', 'clientSecret'],
  amazonWebServices: ['accessKey', 'secretKey'],
};

export const credentials: Special = {
  name: 'credentials',
  routes: {
    'GET /api/v2/integrations/credentials/types': {
      permissions: { any: ['integrations:integration:view'] },
      handle: () => jsonAnswer(200, Object.keys(TYPES).map(typeBody)),
    },
  },
  admit: { integration_credential: admitCredential },
  show: { integration_credential: (thing) => ({ ...redacted(thing.body), type: typeBody(String(valueAt(thing.body, 'type.name'))) }) },
};

function typeBody(name: string): JsonMap {
  const fields = TYPES[name] ?? [];
  const properties = Object.fromEntries(fields.map((field) => [field, { type: 'string' }]));
  return { id: name, name, properties: { type: 'object', properties }, displayOrder: fields, required: fields };
}

function redacted(body: JsonMap): JsonMap {
  const fields = body['credentialFields'];
  return isJsonMap(fields) ? { credentialFields: Object.fromEntries(Object.keys(fields).map((name) => [name, '**********'])) } : {};
}

/** The type must be one of the org's; its required fields must be there, each time, since they are replaced all together. */
function admitCredential(body: JsonMap): JsonMap {
  const name = valueAt(body, 'type.name') ?? valueAt(body, 'type.id');
  const required = typeof name === 'string' ? TYPES[name] : undefined;
  if (typeof name !== 'string' || required === undefined)
    throw new Refusal(400, 'invalid.value', `there is no credential type "${String(name)}"`, { field: 'type.name' });
  const fields = body['credentialFields'];
  const missing = required.find((field) => !isJsonMap(fields) || typeof fields[field] !== 'string');
  if (missing !== undefined)
    throw new Refusal(400, 'constraint.validation', `the field "credentialFields.${missing}" is required`, { field: `credentialFields.${missing}` });
  return { ...body, type: { name } };
}
