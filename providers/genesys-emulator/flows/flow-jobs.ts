import { createHash } from 'node:crypto';
import { strToU8, zipSync } from 'fflate';
import { seededChance } from '../chance.ts';
import { type Answer, jsonAnswer, Refusal } from '../exchange.ts';
import { isJsonList, isJsonMap, type Json, valueAt } from '../json.ts';
import type { Call, OrgContext, Route } from '../special.ts';
import type { Thing } from '../store.ts';
import { exportFlow } from './export-flow.ts';
import { FLOW_TYPES } from './flow-kinds.ts';
import { preparePublish } from './publish-flow.ts';
import { contentOf, type Doer, divisionNow, findFlow, nameNow, namesOf, publishedVersion, writePublished } from './stored-flow.ts';

/** How long a job runs unless the org's `settings` say otherwise (`flowJobMilliseconds`); the first look always finds it running. */
const JOB_MILLISECONDS = 20;
const LINK_MILLISECONDS = 3_600_000;

interface Job {
  readonly id: string;
  readonly command: 'Publish' | 'Export';
  readonly signature: string;
  readonly expires: number;
  readonly by: Doer;
  readonly headers: Readonly<Record<string, string>>;
  readonly mayAdd: boolean;
  readonly mayEdit: boolean;
  /** Undefined until there is something to do: the file has not been uploaded yet. */
  readonly due?: number;
  readonly looks: number;
  /** The digest of what was uploaded. */
  readonly upload?: string;
  readonly flowId?: string;
  readonly isFailed: boolean;
  readonly messages: readonly { readonly dateTime: string; readonly type: string; readonly text: string }[];
  readonly flows: readonly { readonly id: string; readonly version: string; readonly fileName: string }[];
  readonly seed: string;
}

export const JOB_ROUTES: Readonly<Record<string, Route>> = {
  'POST /api/v2/flows/jobs': { handle: registerPublish, permissions: { all: ['architect:job:create'] } },
  'GET /api/v2/flows/jobs/{jobId}': { handle: (call, org) => showJob('Publish', call, org), permissions: { all: ['architect:job:view'] } },
  'POST /api/v2/flows/export/jobs': { handle: registerExport, permissions: { all: ['architect:jobExport:create'] } },
  'GET /api/v2/flows/export/jobs/{jobId}': { handle: (call, org) => showJob('Export', call, org), permissions: { all: ['architect:jobExport:view'] } },
};

export const SIGNED_JOB_ROUTES: Readonly<Record<string, Route>> = {
  'PUT /uploads/{orgId}/flow-jobs/{jobId}': { handle: takeUpload },
  'GET /downloads/{orgId}/flow-exports/{jobId}': { handle: giveDownload },
};

const jobs = (org: OrgContext) => org.memory('flowJobs');

function keep(org: OrgContext, job: Job): void {
  jobs(org).set(job.id, job as unknown as Json);
}

function newJob(org: OrgContext, command: Job['command'], more: Partial<Job>): Job {
  return {
    id: org.newId(),
    command,
    signature: org.newId().replaceAll('-', ''),
    expires: org.now() + LINK_MILLISECONDS,
    by: { id: org.caller.id, name: org.caller.name },
    headers: {},
    mayAdd: may(org, 'architect:flow:add'),
    mayEdit: may(org, 'architect:flow:edit'),
    looks: 0,
    isFailed: false,
    messages: [],
    flows: [],
    seed: org.newId(),
    ...more,
  };
}

function may(org: OrgContext, permission: string): boolean {
  try {
    org.need({ all: [permission] });
    return true;
  } catch (error) {
    if (error instanceof Refusal) return false;
    throw error;
  }
}

function registerPublish(call: Call, org: OrgContext): Answer {
  const headers = { 'content-type': 'application/octet-stream', 'x-amz-meta-organizationid': org.id, 'x-amz-meta-jobid': org.newId() };
  const job = newJob(org, 'Publish', { headers });
  keep(org, job);
  return jsonAnswer(200, {
    id: job.id,
    presignedUrl: link(call, org, job, `/uploads/${org.id}/flow-jobs/${job.id}`),
    headers,
    selfUri: `/api/v2/flows/jobs/${job.id}`,
  });
}

function link(call: Call, _org: OrgContext, job: Job, path: string): string {
  return `${call.origin}${path}?X-Amz-Expires=${LINK_MILLISECONDS / 1000}&X-Amz-Signature=${job.signature}`;
}

/** The storage's own answers: no ErrorBody of the API, but a few words of XML. */
function storageError(status: number, code: string): Answer {
  return { status, headers: { 'content-type': 'application/xml' }, body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code></Error>` };
}

function signedJob(call: Call, org: OrgContext, command: Job['command']): Job | Answer {
  const job = jobs(org).get(call.params['jobId'] ?? '') as unknown as Job | undefined;
  if (call.headers['authorization'] !== undefined) return storageError(400, 'InvalidArgument');
  if (job === undefined || job.command !== command || call.query.get('X-Amz-Signature') !== job.signature) return storageError(403, 'SignatureDoesNotMatch');
  return org.now() > job.expires ? storageError(403, 'AccessDenied') : job;
}

/** The upload starts the work; a second one of the same bytes changes nothing, other bytes are refused. */
function takeUpload(call: Call, org: OrgContext): Answer {
  const job = signedJob(call, org, 'Publish');
  if (!('command' in job)) return job;
  const differs = Object.entries(job.headers).some(([name, value]) => call.headers[name] !== value);
  if (differs) return storageError(403, 'SignatureDoesNotMatch');
  const text = new TextDecoder().decode(call.body);
  const digest = createHash('sha256').update(call.body).digest('hex');
  if (job.upload !== undefined) return job.upload === digest ? { status: 200, headers: {}, body: '' } : storageError(403, 'AccessDenied');
  keep(org, { ...job, upload: digest, looks: 0, due: org.now() + jobMilliseconds(org), ...publish(text, job, org) });
  return { status: 200, headers: {}, body: '' };
}

function jobMilliseconds(org: OrgContext): number {
  const set = org.memory('settings').get('flowJobMilliseconds');
  return typeof set === 'number' ? set : JOB_MILLISECONDS;
}

function publish(text: string, job: Job, org: OrgContext): Pick<Job, 'isFailed' | 'messages'> & { readonly flowId?: string } {
  const ready = preparePublish(text, namesOf(org));
  if ('messages' in ready) return failure(org, ready.messages);
  const existing = findFlow(org, ready.file.name, ready.file.type);
  const nameFault = faultOfName(ready.file.name);
  if (nameFault !== undefined) return failure(org, [nameFault.text]);
  if (existing === undefined && !job.mayAdd) return failure(org, ['missing permission architect:flow:add']);
  if (existing !== undefined && !job.mayEdit) return failure(org, ['missing permission architect:flow:edit']);
  const lock = lockOf(existing);
  if (lock !== undefined && lock !== job.by.id) return failure(org, [`flow '${ready.file.name}' is locked by '${lock}'; unlock it first`]);
  const flowId = writePublished(org, ready, job.by);
  return { flowId, isFailed: false, messages: [message(org, 'Info', `published flow '${ready.file.name}'`)] };
}

function failure(org: OrgContext, texts: readonly string[]): Pick<Job, 'isFailed' | 'messages'> {
  return { isFailed: true, messages: texts.map((text) => message(org, 'Error', text)) };
}

function message(org: OrgContext, type: string, text: string): Job['messages'][number] {
  return { dateTime: org.nowText(), type, text };
}

function lockOf(flow: Thing | undefined): string | undefined {
  const lock = valueAt(flow?.body, 'lockedClient.id');
  return typeof lock === 'string' ? lock : undefined;
}

/** What a flow may not be called, with the catalogue's code for it. */
export function faultOfName(name: string): { readonly code: string; readonly text: string } | undefined {
  const fault = (code: string, text: string) => ({ code: `architect.flow.validate.failed${code}`, text: `${text}: '${name}'` });
  if (name.trim() === '') return fault('.missing.name', 'a flow needs a name');
  if (name.includes('/')) return fault('.invalid.name.contains.slash', 'the name of a flow must not contain a slash');
  return /\p{L}/u.test(name) ? undefined : fault('.invalid.name.no.alpha', 'the name of a flow must contain a letter');
}

function showJob(command: Job['command'], call: Call, org: OrgContext): Answer {
  const job = jobs(org).get(call.params['jobId'] ?? '') as unknown as Job | undefined;
  if (job === undefined || job.command !== command) throw org.refuse(404, 'not.found', `there is no job ${call.params['jobId']}`);
  keep(org, { ...job, looks: job.looks + 1 });
  const status = statusOf(job, org);
  const isOver = status === 'Success' || status === 'Failure';
  const hasMessages = isOver && call.query.getAll('expand').join(',').includes('messages');
  return jsonAnswer(200, {
    id: job.id,
    status,
    command,
    ...(isOver && job.flowId !== undefined ? { flow: { id: job.flowId, selfUri: `/api/v2/flows/${job.flowId}` } } : {}),
    ...(status === 'Success' && command === 'Export' ? { downloadUrl: link(call, org, job, `/downloads/${org.id}/flow-exports/${job.id}`) } : {}),
    ...(hasMessages ? { messages: job.messages as unknown as Json } : {}),
    selfUri: `/api/v2/flows/${command === 'Export' ? 'export/' : ''}jobs/${job.id}`,
  });
}

function statusOf(job: Job, org: OrgContext): string {
  if (job.due === undefined) return 'Registered';
  if (job.looks === 0 || org.now() < job.due) return 'Started';
  return job.isFailed ? 'Failure' : 'Success';
}

function registerExport(call: Call, org: OrgContext): Answer {
  const wanted = valueAt(call.json(), 'flows');
  if (!isJsonList(wanted) || wanted.length === 0) throw org.refuse(400, 'constraint.validation', 'flows must name at least one flow', { field: 'flows' });
  const found = wanted.map((item) => wantedFlow(item, org));
  const texts = found.filter((item) => typeof item === 'string');
  const job = newJob(org, 'Export', {
    due: org.now() + jobMilliseconds(org),
    flows: found.filter((item) => typeof item !== 'string'),
    ...(texts.length > 0 ? failure(org, texts) : {}),
  });
  keep(org, job);
  return jsonAnswer(200, { id: job.id, status: 'Registered', totalFlows: wanted.length, selfUri: `/api/v2/flows/export/jobs/${job.id}` });
}

/** The flow and version that one line of an export job asks for, or why it cannot be had. */
function wantedFlow(item: Json, org: OrgContext): Job['flows'][number] | string {
  const [id, name, type] = ['flow.id', 'flow.name', 'flow.type'].map((path) => valueAt(item, path));
  const exportType = valueAt(item, 'exportType');
  if (exportType !== undefined && exportType !== 'Yaml')
    throw org.refuse(400, 'invalid.value', `exportType must be Yaml, not ${String(exportType)}`, { field: 'flows.exportType' });
  if (!isJsonMap(item) || (typeof id !== 'string' && (typeof name !== 'string' || typeof type !== 'string'))) {
    throw org.refuse(400, 'constraint.validation', 'a flow is named by its id, or by name and type', { field: 'flows.flow' });
  }
  const flow = typeof id === 'string' ? org.byId('flow', id) : findFlow(org, String(name), FLOW_TYPES[String(type)] ?? String(type));
  if (flow === undefined || flow.isDeleted) return `could not find the flow with id '${typeof id === 'string' ? id : `${String(name)} (${String(type)})`}'`;
  const version = valueAt(item, 'flow.version') ?? publishedVersion(flow);
  if (typeof version !== 'string') return `flow '${String(flow.body['name'])}' has no published version`;
  if (contentOf(flow, version) === undefined) return `flow '${String(flow.body['name'])}' has no version '${version}'`;
  const fileName = valueAt(item, 'fileName');
  return { id: flow.id, version, fileName: typeof fileName === 'string' ? fileName : '' };
}

function giveDownload(call: Call, org: OrgContext): Answer {
  const job = signedJob(call, org, 'Export');
  if (!('command' in job)) return job;
  const chance = seededChance(job.seed);
  const files = job.flows.flatMap((wanted) => fileOf(wanted, org, chance));
  const [only] = files;
  if (files.length === 1 && only !== undefined)
    return { status: 200, headers: { 'content-type': 'application/octet-stream', 'content-disposition': attachment(only.name) }, body: only.text };
  return { status: 200, headers: { 'content-type': 'application/zip', 'content-disposition': attachment(`${job.id}.zip`) }, body: zip(files) };
}

const attachment = (name: string) => `attachment; filename*=UTF-8''${encodeURIComponent(name)}`;

interface ExportedFile {
  readonly name: string;
  readonly text: string;
}

function fileOf(wanted: Job['flows'][number], org: OrgContext, chance: () => number): ExportedFile[] {
  const flow = org.byId('flow', wanted.id);
  const content = flow === undefined ? undefined : contentOf(flow, wanted.version);
  if (flow === undefined || content === undefined) return [];
  const names = {
    flow: String(flow.body['name']),
    division: divisionNow(org, flow),
    description: String(flow.body['description'] ?? ''),
    of: (reference: Parameters<typeof nameNow>[1]) => nameNow(org, reference),
  };
  const stem = wanted.fileName === '' ? `${names.flow}_v${wanted.version.replace('.', '-')}` : wanted.fileName;
  return [{ name: stem.replace(/[<>:"/\\|?*]/g, '_'), text: exportFlow(content, names, chance) }];
}

/** Flows of different types may share a name; their files are then told apart by a number. */
function zip(files: readonly ExportedFile[]): Uint8Array {
  const taken = new Map<string, number>();
  const entries = files.map(({ name, text }): [string, Uint8Array] => {
    const times = (taken.get(name.toLowerCase()) ?? 0) + 1;
    taken.set(name.toLowerCase(), times);
    return [times === 1 ? `${name}.yaml` : `${name}_${times}.yaml`, strToU8(text)];
  });
  return zipSync(Object.fromEntries(entries), { level: 1, mtime: new Date('2026-01-01T00:00:00') });
}
