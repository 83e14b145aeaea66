import { isJsonMap, type Json, type JsonMap, jsonText, parseJson } from '../json.ts';
import type { OrgContext } from '../special.ts';
import { nameOf, type Thing } from '../store.ts';
import { KINDS, type KindName } from './flow-kinds.ts';
import { type FlowNode, isFlowMap } from './flow-node.ts';
import { type BoundReference, type FindNamed, type FlowContent, ITSELF, type NamedObject, type Publishable } from './publish-flow.ts';

/** The platform's client that did something, as flow answers name it. */
export interface Doer {
  readonly id: string;
  readonly name: string;
}

/** Looks names up among an org's living objects, letter case ignored. */
export function namesOf(org: OrgContext): FindNamed {
  return (kind, name) => {
    const { type } = KINDS[kind];
    const exact = org.byName(type, name);
    const alike = exact.length > 0 ? exact : org.all(type).filter((thing) => nameOf(thing).toLowerCase() === name.toLowerCase());
    return alike.map((thing) => named(kind, thing));
  };
}

function named(kind: KindName, thing: Thing): NamedObject {
  const { body } = thing;
  const name = String(body[KINDS[kind].nameField] ?? '');
  if (kind === 'flow') return { id: thing.id, name, flowType: String(body['type']), isPublished: isJsonMap(body['publishedVersion']) };
  return typeof body['category'] === 'string' ? { id: thing.id, name, category: body['category'] } : { id: thing.id, name };
}

/** Creates the flow, or publishes a new version of the one that has the file's name and type. Returns its id. */
export function writePublished(org: OrgContext, ready: Publishable, by: Doer): string {
  const { file, content } = ready;
  const existing = findFlow(org, file.name, file.type);
  const id = existing?.id ?? org.newId();
  const divisionId = ready.divisionId ?? divisionOf(existing) ?? org.homeDivisionId;
  const head = { id, name: file.name, type: file.type, divisionId, description: file.description ?? '' };
  const { body, version } = publishedBody(org, head, content, nextVersion(existing), by);
  const parts = { ...(existing?.parts ?? {}), versions: { ...versionsOf(existing), ...version } };
  const change = { body: { ...(existing?.body ?? {}), ...body }, parts, uses: usedBy(content, id) };
  if (existing === undefined) org.insert('flow', change.body, { id, parts, uses: change.uses });
  else org.replace(existing, change);
  return id;
}

export interface FlowHead {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly divisionId: string;
  readonly description?: string;
}

/** Stores a flow in its first version as it is, without a look at what it names: for orgs that are made in bulk. */
export function insertPublished(org: OrgContext, head: FlowHead, content: FlowContent): void {
  const { body, version } = publishedBody(org, head, content, '1.0', org.caller);
  org.insert('flow', body, { id: head.id, parts: { versions: version }, uses: usedBy(content, head.id) });
}

function publishedBody(
  org: OrgContext,
  head: FlowHead,
  content: FlowContent,
  version: string,
  by: Doer,
): { readonly body: JsonMap; readonly version: JsonMap } {
  const { id, name, type, divisionId, description = '' } = head;
  const made = { ...versionOf(org, id, version, by), supportedLanguages: languagesOf(content) };
  const body: JsonMap = {
    name,
    type,
    division: { id: divisionId },
    description,
    active: true,
    system: false,
    deleted: false,
    publishedVersion: made,
    savedVersion: { ...made, type: 'SAVE' },
    checkedInVersion: { ...made, type: 'CHECKIN' },
    supportedLanguages: made.supportedLanguages,
    currentOperation: { id: org.newId(), complete: true, client: { id: by.id, name: by.name }, actionName: 'PUBLISH', actionStatus: 'SUCCESS' },
  };
  return { body, version: { [version]: { ...made, content: toStored(content, id) } } };
}

export function findFlow(org: OrgContext, name: string, type: string): Thing | undefined {
  return org.byName('flow', name).find((flow) => flow.body['name'] === name && String(flow.body['type']).toUpperCase() === type.toUpperCase());
}

/** What the published flow uses, itself and the platform's own things left out. */
function usedBy(content: FlowContent, id: string): string[] {
  return [...new Set(content.references.map((reference) => reference.id))].filter((used) => used !== ITSELF && used !== id);
}

function toStored(content: FlowContent, id: string): string {
  const references = content.references.map((reference) => (reference.id === ITSELF ? { ...reference, id } : reference));
  return jsonText({ ...content, references } as unknown as Json);
}

function versionsOf(flow: Thing | undefined): JsonMap {
  const versions = flow?.parts['versions'];
  return isJsonMap(versions) ? versions : {};
}

function nextVersion(flow: Thing | undefined): string {
  return `${Object.keys(versionsOf(flow)).length + 1}.0`;
}

function divisionOf(flow: Thing | undefined): string | undefined {
  const division = flow?.body['division'];
  return isJsonMap(division) && typeof division['id'] === 'string' ? division['id'] : undefined;
}

function versionOf(org: OrgContext, flowId: string, version: string, by: Doer): JsonMap {
  return {
    id: version,
    name: version,
    commitVersion: version,
    configurationVersion: version,
    type: 'PUBLISH',
    secure: false,
    debug: false,
    createdByClient: { id: by.id, name: by.name },
    configurationUri: `/api/v2/flows/${flowId}/versions/${version}/configuration`,
    dateCreated: org.now(),
    dateCheckedIn: org.now(),
    dateSaved: org.now(),
    datePublished: org.nowText(),
    selfUri: `/api/v2/flows/${flowId}/versions/${version}`,
  };
}

function languagesOf(content: FlowContent): Json {
  const body = content.tree[content.rootKey];
  const languages = isFlowMap(body) ? body['supportedLanguages'] : undefined;
  const chosen: FlowNode | undefined = isFlowMap(body) ? body['defaultLanguage'] : undefined;
  return isFlowMap(languages) ? Object.keys(languages).map((language) => ({ language, isDefault: language === chosen })) : [];
}

export function publishedVersion(flow: Thing): string | undefined {
  const version = flow.body['publishedVersion'];
  return isJsonMap(version) && typeof version['id'] === 'string' ? version['id'] : undefined;
}

/** The versions that were published, oldest first, without their content. */
export function versionList(flow: Thing): readonly JsonMap[] {
  return Object.values(versionsOf(flow)).flatMap((version) => (isJsonMap(version) ? [withoutContent(version)] : []));
}

function withoutContent(version: JsonMap): JsonMap {
  const { content: _content, ...meta } = version;
  return meta;
}

export function contentOf(flow: Thing, version: string): FlowContent | undefined {
  const found = versionsOf(flow)[version];
  const content = isJsonMap(found) ? found['content'] : undefined;
  return typeof content === 'string' ? (parseJson(content) as unknown as FlowContent) : undefined;
}

/** What an object is called now; the name at publish where the object is gone. */
export function nameNow(org: OrgContext, reference: BoundReference): string {
  const { type, nameField } = KINDS[reference.kind];
  const name = org.byId(type, reference.id)?.body[nameField];
  if (typeof name !== 'string') return reference.name;
  return name;
}

export function divisionNow(org: OrgContext, flow: Thing): string {
  const name = org.byId('auth_division', divisionOf(flow) ?? org.homeDivisionId)?.body['name'];
  return typeof name === 'string' ? name : '';
}
