import { isList, isMap, makeMap, sameValue, type Value, type ValueMap } from '../../state/value.ts';
import { carryOver } from './carry-over.ts';
import type { ListPart, ObjectPart, Part, PartCall } from './genesys-type.ts';
import { keyFields } from './natural-key.ts';
import { type PartChange, partPath } from './part-change.ts';
import { publishContent } from './publish-content.ts';
import { type RequestContext, write } from './request-body.ts';
import { comparing } from './write-context.ts';
import { writeRecordings } from './write-recordings.ts';

const MOST_ITEMS = 100;

/** Writes the parts that differ, each with its fewest requests; says whether anything was written. */
export async function writeParts(change: PartChange): Promise<boolean> {
  let wrote = false;
  for (const part of change.type.parts) {
    const isSame = part.kind !== 'object' && sameValue(change.live[part.at.slice(1)] ?? [], change.wanted[part.at.slice(1)] ?? []);
    if (!isSame) wrote = (await writePart(part, change)) || wrote;
  }
  return wrote;
}

async function writePart(part: Part, change: PartChange): Promise<boolean> {
  switch (part.kind) {
    case 'list':
      return writeList(part, change);
    case 'recordings':
      return writeRecordings(part.at, change);
    case 'object':
      return writeObjectPart(part, change);
    case 'published':
      return publishContent(part.at, change);
  }
}

function isRenamed({ keyField }: ObjectPart, { type, raw, document }: PartChange): boolean {
  return !sameValue(keyFields(type, document.address, raw.body)[keyField], raw.body[keyField]);
}

/** Written whole, with the version that was read: one that somebody else has written meanwhile is refused. */
async function writeObjectPart(part: ObjectPart, change: PartChange): Promise<boolean> {
  const { session, type, id, raw, document, context } = change;
  const name = part.at.slice(1);
  const field = type.shape.kind === 'object' ? type.shape.fields.get(name) : undefined;
  if (field === undefined) return false;
  const request = (from: ValueMap, as: RequestContext) =>
    makeMap([...Object.entries(mapOf(type.defaults[name])), ...Object.entries(mapOf(write(mapOf(from[name]), field.shape, 'update', as)))]);
  const isSame = sameValue(request(change.live, comparing(context)), request(change.wanted, comparing(context)));
  if (isSame && !isRenamed(part, change)) return false;
  const path = partPath(type, part.resource, id);
  const shown = raw.body[name] ?? (await session.client.call({ method: 'GET', path })).value;
  const key = keyFields(type, document.address, raw.body)[part.keyField];
  const own = Object.entries({ [part.version]: mapOf(shown)[part.version] ?? null, [part.keyField]: key ?? null });
  const body = carryOver(request(change.wanted, context), mapOf(shown), field.shape);
  await session.client.call({ method: 'PUT', path, body: makeMap([...Object.entries(body), ...own]), secrets: context.told });
  return true;
}

function mapOf(value: Value | undefined): ValueMap {
  return isMap(value) ? value : makeMap([]);
}

type Items = ReadonlyMap<string, ValueMap>;

/** The wanted items by the id that each is about, as the API takes them. */
function wantedItems(part: ListPart, { type, wanted, context }: PartChange): Items {
  const field = type.shape.kind === 'object' ? type.shape.fields.get(part.at.slice(1)) : undefined;
  const shape = field?.shape.kind === 'list' ? field.shape.items : undefined;
  const list = wanted[part.at.slice(1)];
  if (shape === undefined || !isList(list)) return new Map();
  return byId(list.map((item) => write(item, shape, 'update', context)));
}

/** The live items by the ids that the org gave, so that nothing has to be looked up by a name that may be shared. */
function liveItems(part: ListPart, { raw }: PartChange): Items {
  const list = raw.body[part.at.slice(1)];
  const items = isList(list) ? list.filter(isMap) : [];
  return byId(items.map((item) => (part.field === undefined ? item : makeMap([['id', idIn(item[part.field])], ...valuesOf(part, item)]))));
}

function byId(items: readonly Value[]): Items {
  return new Map(items.filter(isMap).map((item) => [String(item['id']), item]));
}

function idIn(value: Value | undefined): Value {
  return isMap(value) ? (value['id'] ?? null) : null;
}

function valuesOf(part: ListPart, item: ValueMap): readonly (readonly [string, Value])[] {
  return Object.entries(part.values ?? {}).flatMap(([name, usual]) => {
    const value = item[name] ?? usual;
    return value === undefined ? [] : [[name, value] as const];
  });
}

async function writeList(part: ListPart, change: PartChange): Promise<boolean> {
  const [live, wanted] = [liveItems(part, change), wantedItems(part, change)];
  const added = [...wanted].filter(([id]) => !live.has(id)).map(([, item]) => item);
  const removed = [...live].filter(([id]) => !wanted.has(id)).map(([, item]) => item);
  const changed = [...wanted].filter(([id, item]) => live.has(id) && !sameValue(live.get(id), item)).map(([, item]) => item);
  if (added.length + removed.length + changed.length === 0) return false;
  const { write: how } = part;
  if ('replace' in how) {
    const all = [...wanted.values()];
    const first = how.replace.size ?? MOST_ITEMS;
    await send(part, change, how.replace, [all.slice(0, first)]);
    if (how.more !== undefined) await sendAll(part, change, how.more, all.slice(first));
    return true;
  }
  await sendAll(part, change, how.remove, removed.map(onlyIdOf(how.remove)));
  await sendAll(part, change, how.add, how.isChangedByAdd === true ? [...added, ...changed] : added.map(onlyIdOf(how.add)));
  if (how.change !== undefined) await sendAll(part, change, how.change, [...changed, ...added.filter((item) => saysMore(part, item))]);
  return true;
}

const onlyIdOf = (_call: PartCall) => (item: ValueMap) => makeMap([['id', item['id'] ?? null]]);

/** Whether an item says something that adding it alone does not. */
function saysMore(part: ListPart, item: ValueMap): boolean {
  return Object.entries(part.values ?? {}).some(([name, value]) => item[name] !== undefined && !sameValue(item[name], value));
}

async function sendAll(part: ListPart, change: PartChange, call: PartCall, items: readonly ValueMap[]): Promise<void> {
  if (items.length === 0) return;
  const size = call.path === '/{id}' ? 1 : (call.size ?? MOST_ITEMS);
  const chunks = Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
  await send(part, change, call, chunks);
}

/** One call for each chunk, one after the other: they change the same object. */
async function send(part: ListPart, { session, type, id }: PartChange, call: PartCall, chunks: readonly (readonly ValueMap[])[]): Promise<void> {
  const path = partPath(type, part.resource, id);
  for (const chunk of chunks) {
    const [item] = chunk;
    const isOne = call.path === '/{id}';
    const suffix = isOne ? `/${encodeURIComponent(String(item?.['id']))}` : (call.path ?? '');
    const body = isOne ? {} : { body: chunk as readonly Value[] };
    const query = call.query === undefined ? {} : { query: call.query };
    await session.client.call({ method: call.method, path: `${path}${suffix}`, ...query, ...body, ...ANY_ANSWER });
  }
}

const ANY_ANSWER = { expects: 'none' } as const;
