import { admitBody } from './admission.ts';
import { notFoundRefusal } from './codes.ts';
import { jsonAnswer, Refusal } from './exchange.ts';
import { typeFacts } from './facts.ts';
import type { JsonMap } from './json.ts';
import { itemsOf, pageAnswer } from './lists.ts';
import { fileOfForm } from './multipart.ts';
import type { Call, Expand, OrgContext, Special } from './special.ts';
import type { Thing } from './store.ts';

/**
 * User prompts: one resource per language with text, speech text and audio. POST of a resource answers `uploadUri`; the audio goes there as
 * a multipart form with the token (architect_user_prompt, assets). The id of a resource is its language code.
 */
const RESOURCES = '/api/v2/architect/prompts/{promptId}/resources';
const ONE = `${RESOURCES}/{languageCode}`;
const view = { any: ['architect:userPrompt:view'] };
const edit = { any: ['architect:userPrompt:edit'] };

export const prompts: Special = {
  name: 'prompts',
  routes: {
    'GET /api/v2/architect/prompts/{promptId}': { handle: readPrompt },
    [`GET ${RESOURCES}`]: { permissions: view, handle: listResources },
    [`POST ${RESOURCES}`]: { permissions: edit, handle: addResource },
    [`GET ${ONE}`]: { permissions: view, handle: (call, org) => jsonAnswer(200, shown(promptOf(call, org), resourceOf(call, org), org, true)) },
    [`PUT ${ONE}`]: { permissions: edit, handle: changeResource },
    [`DELETE ${ONE}`]: { permissions: edit, handle: removeResource },
    [`DELETE ${ONE}/audio`]: { permissions: edit, handle: removeAudio },
    'POST /uploads/v2/prompts/{promptId}/{languageCode}': { permissions: edit, handle: upload },
  },
  signedRoutes: { 'GET /downloads/{orgId}/prompts/{promptId}/{languageCode}/{hash}': { handle: download } },
  show: { architect_user_prompt: showResources },
  admit: { architect_user_prompt: admitPrompt },
  release: { architect_user_prompt: demandAllResources },
  seedParts: { 'architect_user_prompt.resources': (prompt, value, org) => seedResources(prompt, value as readonly SeededResource[], org) },
};

interface SeededResource {
  readonly language: string;
  readonly text?: string;
  readonly ttsString?: string;
  readonly audio?: Uint8Array;
}

/** Letters, digits and underscore only (architect_user_prompt, notes). */
function admitPrompt(body: JsonMap): JsonMap {
  if (/^[A-Za-z0-9_]+$/.test(String(body['name']))) return body;
  throw new Refusal(400, 'architect.prompt.validate.failed.invalid.name', `"${String(body['name'])}" may hold letters, digits and underscore alone`, {
    field: 'name',
  });
}

function demandAllResources(prompt: Thing, call: Call): void {
  if (itemsOf(prompt.parts['resources']).length === 0 || call.query.get('allResources') === 'true') return;
  throw new Refusal(409, 'architect.prompt.has.resources', 'the prompt has resources: delete it with allResources=true');
}

function showResources(prompt: Thing, org: OrgContext, expand: Expand): JsonMap {
  if (expand !== 'everything' && !expand.has('includeResources')) return {};
  const withMedia = expand === 'everything' || expand.has('includeMediaUris');
  return { resources: itemsOf(prompt.parts['resources']).map((resource) => shown(prompt, resource, org, withMedia)) };
}

function readPrompt(call: Call, org: OrgContext) {
  const withMedia = call.query.get('includeMediaUris') === 'false' ? [] : ['includeMediaUris'];
  return jsonAnswer(200, org.present(promptOf(call, org), new Set(['includeResources', ...withMedia])));
}

function shown(prompt: Thing, resource: JsonMap, org: OrgContext, withMedia: boolean): JsonMap {
  const language = String(resource['language']);
  const { audio, ...fields } = resource;
  const path = `${prompt.id}/${encodeURIComponent(language)}`;
  const media = typeof audio === 'string' && withMedia ? { mediaUri: `${org.origin}/downloads/${org.id}/prompts/${path}/${audio.replace(':', '-')}` } : {};
  const addresses = {
    uploadUri: `${org.origin}/uploads/v2/prompts/${path}`,
    selfUri: `/api/v2/architect/prompts/${prompt.id}/resources/${encodeURIComponent(language)}`,
  };
  return { id: language, promptId: prompt.id, ...fields, languageDefault: false, ...media, ...addresses };
}

function promptOf(call: Call, org: OrgContext): Thing {
  const id = call.params['promptId'] ?? '';
  const prompt = org.byId('architect_user_prompt', id);
  if (prompt === undefined) throw notFoundRefusal(typeFacts('architect_user_prompt'), 'update', id);
  return prompt;
}

function resourceOf(call: Call, org: OrgContext): JsonMap {
  const language = call.params['languageCode'] ?? '';
  const resource = itemsOf(promptOf(call, org).parts['resources']).find((candidate) => candidate['language'] === language);
  if (resource === undefined) throw new Refusal(404, 'not.found', `the prompt has no resource for "${language}"`, { params: { language } });
  return resource;
}

function listResources(call: Call, org: OrgContext) {
  const prompt = promptOf(call, org);
  return pageAnswer(
    call,
    itemsOf(prompt.parts['resources']).map((resource) => shown(prompt, resource, org, true)),
    100,
    true,
  );
}

function addResource(call: Call, org: OrgContext) {
  const prompt = promptOf(call, org);
  const body = admitBody('PromptAssetCreate', call.json(), { required: true });
  const known = itemsOf(prompt.parts['resources']);
  if (known.some((resource) => resource['language'] === body['language']))
    throw new Refusal(409, 'request.conflict', `the prompt has a resource for "${String(body['language'])}" already`);
  const resource: JsonMap = { ...body, uploadStatus: 'created' };
  const written = org.replaceParts(prompt, { ...prompt.parts, resources: [...known, resource] });
  return jsonAnswer(200, shown(written, resource, org, true));
}

/** PUT replaces the texts; the audio stays. */
function changeResource(call: Call, org: OrgContext) {
  const before = resourceOf(call, org);
  const body = admitBody('PromptAsset', call.json(), { required: true });
  const kept = Object.fromEntries(Object.entries(before).filter(([name]) => ['language', 'audio', 'uploadStatus', 'durationSeconds'].includes(name)));
  return jsonAnswer(200, putResource(promptOf(call, org), { ...body, ...kept }, org));
}

function putResource(prompt: Thing, resource: JsonMap, org: OrgContext): JsonMap {
  const resources = itemsOf(prompt.parts['resources']).map((known) => (known['language'] === resource['language'] ? resource : known));
  return shown(org.replaceParts(prompt, { ...prompt.parts, resources }), resource, org, true);
}

function removeResource(call: Call, org: OrgContext) {
  const prompt = promptOf(call, org);
  const gone = resourceOf(call, org);
  const resources = itemsOf(prompt.parts['resources']).filter((resource) => resource['language'] !== gone['language']);
  org.replaceParts(prompt, { ...prompt.parts, resources });
  return jsonAnswer(204, undefined);
}

function removeAudio(call: Call, org: OrgContext) {
  const { audio, durationSeconds, ...rest } = resourceOf(call, org);
  putResource(promptOf(call, org), { ...rest, uploadStatus: 'created' }, org);
  return jsonAnswer(204, undefined);
}

function upload(call: Call, org: OrgContext) {
  const resource = resourceOf(call, org);
  const bytes = fileOfForm(call.headers['content-type'] ?? '', call.body);
  if (bytes === undefined) throw new Refusal(400, 'bad.request', 'the form has no part that holds a file');
  putResource(promptOf(call, org), withAudio(resource, bytes, org), org);
  return jsonAnswer(202, {});
}

/** Transcoding takes no time here: the next read says `transcoded`. */
function withAudio(resource: JsonMap, bytes: Uint8Array, org: OrgContext): JsonMap {
  const seconds = secondsOfWave(bytes);
  return { ...resource, audio: org.keepBytes(bytes), uploadStatus: 'transcoded', ...(seconds === undefined ? {} : { durationSeconds: seconds }) };
}

function secondsOfWave(bytes: Uint8Array): number | undefined {
  if (bytes.length < 44 || Buffer.from(bytes.slice(0, 4)).toString('latin1') !== 'RIFF') return undefined;
  const perSecond = Buffer.from(bytes.slice(28, 32)).readUInt32LE(0);
  return perSecond === 0 ? undefined : Math.round(((bytes.length - 44) / perSecond) * 1000) / 1000;
}

function download(call: Call, org: OrgContext) {
  const bytes = org.bytes((call.params['hash'] ?? '').replace('-', ':'));
  if (bytes === undefined) throw new Refusal(404, 'not.found', 'there is no such audio');
  return { status: 200, headers: { 'content-type': 'audio/wav' }, body: bytes };
}

function seedResources(prompt: Thing, seeded: readonly SeededResource[], org: OrgContext): void {
  const resources = seeded.map(({ audio, ...texts }) => {
    const resource: JsonMap = { ...admitBody('PromptAssetCreate', texts, { required: true }), uploadStatus: 'created' };
    return audio === undefined ? resource : withAudio(resource, audio, org);
  });
  org.replaceParts(prompt, { ...prompt.parts, resources });
}
