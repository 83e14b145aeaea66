import { createHash } from 'node:crypto';
import { getAt, setAt } from '../../state/pointer.ts';
import type { FileContent } from '../../state/snapshot.ts';
import { directive, isList, isMap, makeMap, type Value, type ValueMap } from '../../state/value.ts';
import { readList } from '../client/pages.ts';
import { OrgFailure } from '../contract.ts';
import { exportFlows } from './flow-jobs.ts';
import type { GenesysType, ListPart, ObjectPart, Part } from './genesys-type.ts';
import { pathIds, pathParameters } from './natural-key.ts';
import { partPath } from './part-change.ts';
import type { RawObject } from './raw-object.ts';
import type { Session } from './session.ts';

/** What became of one object whose parts were read: the object whole, or why it is not. */
export type Whole = RawObject | { readonly incomplete: RawObject; readonly failure: OrgFailure };

type Lost = Extract<Whole, { readonly incomplete: RawObject }>;

export function isLost(whole: Whole): whole is Lost {
  return 'incomplete' in whole;
}

export function isWhole(whole: Whole): whole is RawObject {
  return !isLost(whole);
}

const PART_PAGE = 100;
const LARGEST_RECORDING = 64 * 1024 * 1024;

/** Reads the parts of objects that have been listed, with the fewest requests, each object's failure its own. */
export async function readParts(session: Session, type: GenesysType, objects: readonly RawObject[]): Promise<readonly Whole[]> {
  let whole: readonly Whole[] =
    type.texts.length === 0 ? objects : await Promise.all(objects.map((object) => isolated(object, (raw) => readTexts(session, raw))));
  for (const part of type.parts) whole = await readPart(session, part, whole);
  return whole;
}

async function readPart(session: Session, part: Part, objects: readonly Whole[]): Promise<readonly Whole[]> {
  switch (part.kind) {
    case 'list':
      return Promise.all(objects.map((object) => isolated(object, (raw) => readItems(session, part, raw))));
    case 'recordings':
      return Promise.all(objects.map((object) => isolated(object, (raw) => readRecordings(session, part.at, raw))));
    case 'object':
      return Promise.all(objects.map((object) => isolated(object, (raw) => readObjectPart(session, part, raw))));
    case 'published':
      return readPublished(session, part.at, objects);
  }
}

async function isolated(object: Whole, read: (raw: RawObject) => Promise<RawObject>): Promise<Whole> {
  if ('incomplete' in object) return object;
  try {
    return await read(object);
  } catch (failure) {
    if (!(failure instanceof OrgFailure)) throw failure;
    return { incomplete: object, failure };
  }
}

function withField(raw: RawObject, at: string, value: Value | undefined): RawObject {
  const others = Object.entries(raw.body).filter(([name]) => name !== at.slice(1));
  return { ...raw, body: makeMap(value === undefined ? others : [...others, [at.slice(1), value]]) };
}

async function readObjectPart(session: Session, { at, resource }: ObjectPart, raw: RawObject): Promise<RawObject> {
  const { value } = await session.client.call({ method: 'GET', path: partPath(raw.type, resource, raw.id) });
  return withField(raw, at, isMap(value) ? value : undefined);
}

/** Texts that the object only says the address of, where it does not show them. The path is the catalogue's; of the address only the name counts. */
export async function readTexts(session: Session, raw: RawObject): Promise<RawObject> {
  const texts = await Promise.all(
    raw.type.texts.map(async ({ at, from, resource }) => {
      const address = getAt(raw.body, from);
      if (typeof address !== 'string' || getAt(raw.body, at) !== undefined) return undefined;
      const path = partPath(raw.type, resource, raw.id, decodeURIComponent(address.split('/').at(-1) ?? ''));
      const { bytes } = await session.client.call({ method: 'GET', path, expects: 'bytes' });
      return [at, new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)] as const;
    }),
  );
  const body = texts.reduce((whole, text) => (text === undefined ? whole : setAt(whole, ...text)), raw.body);
  return { ...raw, body };
}

async function readItems(session: Session, part: ListPart, raw: RawObject): Promise<RawObject> {
  const rows = part.read.from === 'row' ? rowsIn(raw.body[part.at.slice(1)]) : await readItemPages(session, part, raw);
  const items = rows.filter((row) => row['memberBy'] !== 'group' && row['state'] !== 'deleted').map((row) => itemOf(part, row));
  return withField(raw, part.at, items.length === 0 ? undefined : items);
}

function rowsIn(value: Value | undefined): readonly ValueMap[] {
  return isList(value) ? value.filter(isMap) : [];
}

async function readItemPages(session: Session, part: ListPart, raw: RawObject): Promise<readonly ValueMap[]> {
  if (part.read.from !== 'pages') return [];
  const { countAt = [], query = {} } = part.read;
  const count = countAt.map((field) => raw.body[field]).find((value) => typeof value === 'number');
  if (count === 0) return [];
  const path = raw.type.facts.subResources.find((resource) => resource.name === part.resource)?.path ?? '';
  const parameters = pathParameters(path, pathIds(raw.type.facts, raw.id));
  const listing = await readList(session.client, { path, pagination: 'page', itemsAt: 'entities', maxPageSize: PART_PAGE }, { parameters, query });
  if (listing.failure !== undefined) throw listing.failure;
  if (!listing.complete)
    throw new OrgFailure('refused', `the ${part.resource} of ${raw.address} could not be read whole: ${listing.why ?? 'rows are missing'}`);
  return listing.rows;
}

/** An item as the canonical body holds it, but for the id in it. */
function itemOf(part: ListPart, row: ValueMap): ValueMap {
  const id = makeMap([['id', row['id'] ?? null]]);
  if (part.field === undefined) return id;
  const values = Object.keys(part.values ?? {}).flatMap((name) => (row[name] === undefined ? [] : [[name, row[name] ?? null] as const]));
  return makeMap([[part.field, id], ...values]);
}

async function readRecordings(session: Session, at: string, raw: RawObject): Promise<RawObject> {
  const files = new Map<string, FileContent>(raw.files);
  const recordings = await Promise.all(rowsIn(raw.body[at.slice(1)]).map((row) => readRecording(session, row, files)));
  return { ...withField(raw, at, recordings.length === 0 ? undefined : recordings), files };
}

const RECORDING_FIELDS = ['language', 'text', 'ttsString', 'tags'];

async function readRecording(session: Session, row: ValueMap, files: Map<string, FileContent>): Promise<ValueMap> {
  const fields = RECORDING_FIELDS.flatMap((name) => (row[name] === undefined || row[name] === null ? [] : [[name, row[name]] as [string, Value]]));
  const { mediaUri, uploadStatus } = row;
  if (typeof mediaUri !== 'string' || (uploadStatus !== undefined && uploadStatus !== 'transcoded')) return makeMap(fields);
  const { bytes } = await session.client.call({ method: 'GET', path: mediaUri, expects: 'bytes', maxBytes: LARGEST_RECORDING });
  const hash = keepBytes(bytes, files);
  return makeMap([...fields, ['audio', directive('$file', hash)]]);
}

function keepBytes(bytes: Uint8Array, files: Map<string, FileContent>): string {
  const hash = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  files.set(hash, { sha256: hash, read: async () => bytes });
  return hash;
}

/** All published flows through one export job; what was never published has no content. */
async function readPublished(session: Session, at: string, objects: readonly Whole[]): Promise<readonly Whole[]> {
  const wanted = objects.flatMap((object) => {
    const version = 'incomplete' in object || !isMap(object.body['publishedVersion']) ? undefined : object.body['publishedVersion']['id'];
    return 'incomplete' in object || typeof version !== 'string' ? [] : [{ raw: object, id: object.id, version }];
  });
  if (wanted.length === 0) return objects;
  try {
    const contents = await exportFlows(session, wanted);
    return objects.map((object) => ('incomplete' in object ? object : withContent(object, at, contents, wanted)));
  } catch (failure) {
    if (!(failure instanceof OrgFailure)) throw failure;
    const lost = new Set(wanted.map(({ id }) => id));
    return objects.map((object) => ('incomplete' in object || !lost.has(object.id) ? object : { incomplete: object, failure }));
  }
}

function withContent(raw: RawObject, at: string, contents: ReadonlyMap<string, Value>, wanted: readonly { readonly id: string }[]): Whole {
  const content = contents.get(raw.id);
  if (content !== undefined) return withField(raw, at, content);
  if (!wanted.some(({ id }) => id === raw.id)) return raw;
  return { incomplete: raw, failure: new OrgFailure('refused', `the export job gave no file for ${raw.address}`) };
}
