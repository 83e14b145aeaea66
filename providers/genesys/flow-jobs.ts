import { strFromU8, unzipSync } from 'fflate';
import { getAt } from '../../state/pointer.ts';
import { isList, isMap, makeMap, type Value, type ValueMap } from '../../state/value.ts';
import { OrgFailure } from '../contract.ts';
import { afterWriting } from './after-writing.ts';
import { parseFlow } from './flow-file.ts';
import { addressOf } from './natural-key.ts';
import type { RawObject } from './raw-object.ts';
import type { Session } from './session.ts';

const FIRST_LOOK = 200;
const LONGEST_PAUSE = 8_000;
/** Terraform waits as long for a publish job. */
const LONGEST_JOB = 16 * 60_000;
const EXPORT_TRIES = 5;
const LARGEST_EXPORT = 512 * 1024 * 1024;
/** A request's body may hold 512,000 bytes, and an export job takes 92 of them for each flow. */
const MOST_EXPORTED = 5_500;

interface WantedFlow {
  readonly raw: RawObject;
  readonly id: string;
  readonly version: string;
}

/** Contents of published flows by id, through one export job, or through as few as can hold them. */
export async function exportFlows(session: Session, flows: readonly WantedFlow[]): Promise<ReadonlyMap<string, Value>> {
  const jobs = Array.from({ length: Math.ceil(flows.length / MOST_EXPORTED) }, (_, index) => flows.slice(index * MOST_EXPORTED, (index + 1) * MOST_EXPORTED));
  const contents = await Promise.all(jobs.map((each) => exportTogether(session, each)));
  return new Map(contents.flatMap((each) => [...each]));
}

async function exportTogether(session: Session, flows: readonly WantedFlow[]): Promise<ReadonlyMap<string, Value>> {
  const job = await exportJob(session, flows);
  const url = job['downloadUrl'];
  if (typeof url !== 'string') throw new OrgFailure('refused', 'the export job of flows ended without an address to download from');
  const { bytes } = await session.client.call({ method: 'GET', path: url, expects: 'bytes', maxBytes: LARGEST_EXPORT });
  return contentsOf(unpack(bytes), flows);
}

/** Under load the platform says that it does not know a flow that is there (exit code 107); then the job is worth another try. */
async function exportJob(session: Session, flows: readonly WantedFlow[]): Promise<ValueMap> {
  const body = makeMap([
    [
      'flows',
      flows.map(({ id, version }) =>
        makeMap([
          [
            'flow',
            makeMap([
              ['id', id],
              ['version', version],
            ]),
          ],
          ['exportType', 'Yaml'],
        ]),
      ),
    ],
  ]);
  for (let tries = 1; ; tries += 1) {
    const { value } = await session.client.call({ method: 'POST', path: '/api/v2/flows/export/jobs', body, isRead: true });
    const job = await settled(session, '/api/v2/flows/export/jobs', idIn(value));
    if (job['status'] === 'Success') return job;
    const text = messagesOf(job);
    const isLoad = /could not find the flow with id|\b107\b/i.test(text);
    if (!isLoad || tries === EXPORT_TRIES) throw new OrgFailure('refused', `the export job of flows failed: ${text}`);
    await session.world.clock.sleep(15_000 * tries);
  }
}

function unpack(bytes: Uint8Array): readonly string[] {
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  if (!isZip) return [strFromU8(bytes)];
  let left = LARGEST_EXPORT;
  const files = unzipSync(bytes, {
    filter: ({ originalSize }) => {
      left -= originalSize;
      return left >= 0;
    },
  });
  if (left < 0) throw new OrgFailure('refused', 'the export of flows is larger than 512 MiB unpacked');
  return Object.values(files).map((file) => strFromU8(file));
}

/** A file says its flow's name and type; file names inside the archive are not to be relied on. */
function contentsOf(files: readonly string[], flows: readonly WantedFlow[]): ReadonlyMap<string, Value> {
  const byAddress = new Map(flows.map(({ raw, id }) => [raw.address, id]));
  const contents = new Map<string, Value>();
  for (const text of files) {
    const { value, head, type: flowType } = parseFlow(text);
    const type = flows[0]?.raw.type;
    if (value === undefined || head?.name === undefined || flowType === undefined || type === undefined) continue;
    const address = addressOf(
      type,
      makeMap([
        ['name', head.name],
        ['type', flowType],
      ]),
    );
    const id = address === undefined ? undefined : byAddress.get(address);
    if (id !== undefined) contents.set(id, value);
  }
  return contents;
}

/** Publishes a file and waits for the end; returns the flow's id. Architect has the file once it is uploaded, so an end that was not seen is `unclear`. */
export async function publishFlow(session: Session, text: string): Promise<string> {
  // Nothing happens until the file is uploaded, so a lost answer is simply asked for again.
  const registered = (await session.client.call({ method: 'POST', path: '/api/v2/flows/jobs', isRead: true })).value;
  const id = idIn(registered);
  const url = isMap(registered) ? registered['presignedUrl'] : undefined;
  if (typeof url !== 'string') throw new OrgFailure('refused', 'the publish job has no address to upload to');
  await session.client.call({
    method: 'PUT',
    path: url,
    headers: textsIn(isMap(registered) ? registered['headers'] : undefined),
    content: { kind: 'bytes', bytes: new TextEncoder().encode(text) },
    expects: 'none',
  });
  const job = await afterWriting(() => settled(session, '/api/v2/flows/jobs', id));
  if (job['status'] !== 'Success') throw new OrgFailure('refused', `Architect did not publish: ${messagesOf(job)}`);
  const flowId = getAt(job, '/flow/id');
  if (typeof flowId !== 'string') throw new OrgFailure('unclear', 'the publish job ended well and names no flow');
  return flowId;
}

function textsIn(value: Value | undefined): Record<string, string> {
  return isMap(value) ? Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)])) : {};
}

function idIn(value: Value): string {
  const id = isMap(value) ? value['id'] : undefined;
  if (typeof id !== 'string') throw new OrgFailure('refused', 'the job of flows was answered without an id');
  return id;
}

/** The job once it is over. Any status but the two last ones means that it is still running. */
async function settled(session: Session, path: string, id: string): Promise<ValueMap> {
  const { clock, chance } = session.world;
  const until = clock.ticks() + LONGEST_JOB;
  for (let pause = FIRST_LOOK; ; pause = Math.min(pause * 1.6, LONGEST_PAUSE)) {
    await clock.sleep(pause * (0.8 + 0.4 * chance()));
    const { value } = await session.client.call({ method: 'GET', path: `${path}/${encodeURIComponent(id)}`, query: { expand: 'messages' } });
    if (isMap(value) && (value['status'] === 'Success' || value['status'] === 'Failure')) return value;
    if (clock.ticks() > until) throw new OrgFailure('unclear', `the job ${id} of flows did not end within 16 minutes`);
  }
}

function messagesOf(job: ValueMap): string {
  const messages = isList(job['messages']) ? job['messages'].filter(isMap) : [];
  const texts = messages.filter((message) => message['type'] !== 'Info').map((message) => String(message['text'] ?? ''));
  return texts.length === 0 ? 'without a message' : texts.slice(0, 10).join('; ');
}
