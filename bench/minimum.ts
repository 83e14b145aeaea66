import { alg, Graph } from 'graphlib';
import type { ListOperation, TypeFacts } from '../providers/genesys-emulator/facts.ts';
import { modelNamed, typeFacts } from '../providers/genesys-emulator/facts.ts';
import { isJsonList, isJsonMap, type Json, type JsonMap, pathSteps, stringsAt } from '../providers/genesys-emulator/json.ts';
import type { Thing } from '../providers/genesys-emulator/store.ts';

/**
 * The fewest requests by which an org can be read or restored: arithmetic over the API's facts and the org's contents. It imports nothing of
 * `providers/genesys`, or it would agree with that code's mistakes. Left out on both sides: tokens, polls of jobs, repetitions after faults.
 */
export interface Term {
  readonly what: string;
  readonly requests: number;
}

/** What an org holds, as the emulator stores it. */
export interface OrgContents {
  /** Every object of a type, soft-deleted ones included. */
  readonly every: (type: string) => Iterable<Thing>;
}

export function sumOf(terms: readonly Term[]): number {
  return terms.reduce((sum, { requests }) => sum + requests, 0);
}

/** Sub-resources that are part of a document, and how the API gives them. Everything else under an object is not managed. */
const PARTS: Readonly<Record<string, readonly string[]>> = { routing_queue: ['members', 'wrapupcodes'] };
/** The catalogue names no page size for sub-resources; 100 is what the API takes (quirks, section 2), to read and to write. */
const PART_PAGE = 100;
/** Skills of a user in one bulk call (quirks, section 2). */
const BULK = 50;
/** A request's body, and what one flow takes of it in an export job: id, version and form. */
const BODY_BYTES = 512_000;
const EXPORTED_FLOW = `{"exportType":"Yaml","flow":{"id":"${'0'.repeat(36)}","version":"10.0"}},`.length;

const alive = (contents: OrgContents, type: string): readonly Thing[] => [...contents.every(type)].filter((thing) => !thing.isDeleted);
const pages = (count: number, size: number): number => Math.max(1, Math.ceil(count / size));
const chunks = (count: number, size: number): number => Math.ceil(count / size);
const items = (thing: Thing, part: string): readonly JsonMap[] => {
  const list = thing.parts[part];
  return isJsonList(list) ? list.filter(isJsonMap) : [];
};

/** Requests of reading these types whole, nothing known before: an export, and as well a plan or a drift check, which compare with files. */
export function readMinimum(contents: OrgContents, types: readonly string[]): readonly Term[] {
  return [
    // Another org behind the same name has to be refused, and no list names its org.
    { what: 'who the org is', requests: 1 },
    ...types.flatMap((type) => readType(contents, typeFacts(type), types)),
  ];
}

function readType(contents: OrgContents, facts: TypeFacts, types: readonly string[]): readonly Term[] {
  const { type, list } = facts;
  if (list === null) return [{ what: `${type}: GET`, requests: 1 }];
  const objects = alive(contents, type);
  return [
    { what: `${type}: pages`, requests: listPages(contents, facts, list, types) },
    // A row of another model than the object's, without fields that can be written: no query gives them, so each is asked for.
    { what: `${type}: rows that lack something`, requests: lacks(facts, list) ? objects.length : 0 },
    ...(PARTS[type] ?? []).map((part) => ({ what: `${type}: ${part}`, requests: objects.reduce((sum, thing) => sum + partPages(facts, thing, part), 0) })),
    ...contentTerms(facts, objects),
  ].filter(({ requests }) => requests > 0);
}

/** A list of a parent is read for each of the parents; whether it has rows is not known before. Parents that nobody asked for have to be listed. */
function listPages(contents: OrgContents, facts: TypeFacts, list: ListOperation, types: readonly string[]): number {
  const size = list.maxPageSize ?? 100;
  if (facts.parent === null) return pages(listed(contents, facts, list), size);
  const counts = new Map(alive(contents, facts.parent).map(({ id }) => [id, 0]));
  for (const { scope } of alive(contents, facts.type)) counts.set(scope, (counts.get(scope) ?? 0) + 1);
  const own = [...counts.values()].reduce((sum, count) => sum + pages(count, size), 0);
  const parent = typeFacts(facts.parent);
  return types.includes(facts.parent) || parent.list === null ? own : own + listPages(contents, parent, parent.list, types);
}

/** Where a list can show every state at once, soft-deleted objects are in it: a ref to one has to be told from a ref to nothing. */
function listed(contents: OrgContents, facts: TypeFacts, list: ListOperation): number {
  const states = list.filters?.['state'];
  const isAny = Array.isArray(states) && states.includes('any');
  return isAny ? [...contents.every(facts.type)].length : alive(contents, facts.type).length;
}

function lacks(facts: TypeFacts, list: ListOperation): boolean {
  const row = modelNamed(list.itemModel)?.properties;
  const whole = modelNamed(facts.get.returns)?.properties;
  const written = modelNamed(facts.update?.body ?? facts.create?.body)?.properties;
  if (row === undefined || whole === undefined || written === undefined) return false;
  return Object.keys(whole).some((field) => row[field] === undefined && written[field] !== undefined);
}

/** One page at least, unless a row tells beforehand that there is nothing (a queue's `memberCount`). */
function partPages(facts: TypeFacts, thing: Thing, part: string): number {
  const count = items(thing, part).length;
  const tells = modelNamed(facts.list?.itemModel)?.properties?.[`${part.replace(/s$/, '')}Count`] !== undefined;
  return count === 0 && tells ? 0 : pages(count, PART_PAGE);
}

function contentTerms({ type }: TypeFacts, objects: readonly Thing[]): readonly Term[] {
  if (type === 'flow') {
    // As many flows share an export job as its body may hold; each job has one file to download.
    const jobs = chunks(objects.filter(isPublished).length * EXPORTED_FLOW, BODY_BYTES - 100);
    return [
      { what: 'flow: export jobs', requests: jobs },
      { what: 'flow: downloads', requests: jobs },
    ];
  }
  // The list shows prompts with their resources (`includeResources`, `includeMediaUris`); only sound is fetched by itself.
  if (type === 'architect_user_prompt')
    return [{ what: `${type}: recordings`, requests: objects.flatMap((prompt) => items(prompt, 'resources')).filter(hasAudio).length }];
  // A row of an integration never shows its configuration, and one of an action shows where its templates are.
  if (type === 'integration') return [{ what: `${type}: configurations`, requests: objects.length }];
  if (type === 'integration_action') return [{ what: `${type}: templates`, requests: objects.reduce((sum, action) => sum + templatesOf(action), 0) }];
  return [];
}

const TEMPLATES = ['config.request.requestTemplate', 'config.response.successTemplate'];
const templatesOf = ({ body }: Thing): number => TEMPLATES.filter((path) => stringsAt(body, pathSteps(path)).length > 0).length;

/** What an integration has that its creation does not take: version 1 is the empty configuration that it is born with. */
const isConfigured = ({ body }: Thing): boolean => {
  const config = isJsonMap(body['config']) ? body['config']['current'] : undefined;
  return isJsonMap(config) && Object.entries(config).some(([name, value]) => name !== 'version' && !isEmpty(value));
};

const isPublished = (flow: Thing): boolean => isJsonMap(flow.body['publishedVersion']);
const hasAudio = (resource: JsonMap): boolean => typeof resource['audio'] === 'string';

/**
 * Writing requests of making `target`, which holds nothing but what every org has, equal to `source`. One creating request for each object: a
 * table's rows could also come as one CSV job, which reports nothing per row, so it is no way to restore safely and is not counted as one.
 */
export function writeMinimum(source: OrgContents, target: OrgContents, types: readonly string[]): readonly Term[] {
  return [
    ...types.flatMap((type) => writeType(source, target, typeFacts(type))),
    { what: 'fields that complete a cycle', requests: cycleWrites(source, types) },
  ].filter(({ requests }) => requests > 0);
}

function writeType(source: OrgContents, target: OrgContents, facts: TypeFacts): readonly Term[] {
  const { type } = facts;
  const all = alive(source, type);
  const objects = all.filter((thing) => !isEverywhere(facts, thing));
  const given = all.filter((thing) => isEverywhere(facts, thing));
  const published = type === 'flow' ? objects.filter(isPublished).length : 0;
  const total = (count: (thing: Thing) => number) => objects.reduce((sum, thing) => sum + count(thing), 0);
  return [
    { what: `${type}: POST`, requests: objects.length - published },
    // A flow is made by publishing it: the job, and the file.
    { what: 'flow: publish jobs', requests: published },
    { what: 'flow: uploads', requests: published },
    { what: `${type}: what every org has`, requests: given.filter((thing) => !isSame(facts, thing, alive(target, type))).length },
    // Fields that a creation does not take.
    { what: `${type}: configurations`, requests: type === 'integration' ? total((thing) => (isConfigured(thing) ? 1 : 0)) : 0 },
    { what: `${type}: fields for updates alone`, requests: total((thing) => (hasUpdateOnly(facts, thing) ? 1 : 0)) },
    {
      what: `${type}: skills`,
      requests: total((thing) => chunks(items(thing, 'routingskills').length, BULK) + chunks(items(thing, 'routinglanguages').length, BULK)),
    },
    { what: `${type}: members`, requests: total((thing) => chunks(items(thing, 'members').length, PART_PAGE)) },
    // Adding a member does not take its ring number; 1 is the default.
    {
      what: `${type}: ring numbers`,
      requests: total((thing) => chunks(items(thing, 'members').filter((member) => (member['ringNumber'] ?? 1) !== 1).length, PART_PAGE)),
    },
    { what: `${type}: wrap-up codes`, requests: total((thing) => chunks(items(thing, 'wrapupcodes').length, PART_PAGE)) },
    { what: `${type}: languages`, requests: total((thing) => items(thing, 'resources').length) },
    { what: `${type}: uploads`, requests: total((thing) => items(thing, 'resources').filter(hasAudio).length) },
  ];
}

/** What an org has from the start: its home division, its singletons. */
function isEverywhere(facts: TypeFacts, thing: Thing): boolean {
  return facts.singleton || thing.body['homeDivision'] === true;
}

/** Whether the other org's only one is the same but for its name, which stays its own. */
function isSame(facts: TypeFacts, thing: Thing, others: readonly Thing[]): boolean {
  const other = others.find((candidate) => isEverywhere(facts, candidate));
  const owned = new Set([...facts.readOnlyFields, ...(facts.serverSetFields ?? []), ...facts.identity]);
  const text = (body: JsonMap) =>
    JSON.stringify(
      Object.entries(body)
        .filter(([name, value]) => !owned.has(name) && !isEmpty(value))
        .sort(),
    );
  return text(thing.body) === text(other?.body ?? {});
}

function hasUpdateOnly(facts: TypeFacts, thing: Thing): boolean {
  const [create, update] = [modelNamed(facts.create?.body)?.properties, modelNamed(facts.update?.body)?.properties];
  if (create === undefined || update === undefined) return false;
  // An integration is born disabled.
  if (facts.type === 'integration' && thing.body['intendedState'] === 'DISABLED') return false;
  const owned = new Set([...facts.readOnlyFields, ...(facts.serverSetFields ?? []), facts.versionPath]);
  return Object.entries(thing.body).some(([name, value]) => create[name] === undefined && update[name] !== undefined && !owned.has(name) && !isEmpty(value));
}

function isEmpty(value: Json | undefined): boolean {
  return (
    value === undefined ||
    value === null ||
    value === false ||
    value === '' ||
    (isJsonList(value) ? value.length === 0 : isJsonMap(value) && Object.keys(value).length === 0)
  );
}

/** Objects of a cycle cannot all be made whole at once; the cheapest set of them is made without its refs and written a second time. */
function cycleWrites(source: OrgContents, types: readonly string[]): number {
  const things = new Map(types.flatMap((type) => alive(source, type)).map((thing) => [thing.id, thing]));
  const graph = new Graph({ directed: true });
  for (const id of things.keys()) graph.setNode(id);
  for (const thing of things.values()) for (const id of refsOf(thing)) if (things.has(id)) graph.setEdge(thing.id, id);
  return alg.findCycles(graph).reduce((sum, ids) => sum + cheapestCut(ids, graph, things), 0);
}

/** References that its creation holds: parts are written by calls of their own anyway, after both ends exist. A flow may name itself. */
function refsOf(thing: Thing): ReadonlySet<string> {
  const refs = typeFacts(thing.type).refs.filter(({ by }) => by === undefined);
  const ids = new Set([...thing.uses, ...refs.flatMap(({ path }) => stringsAt(thing.body, pathSteps(path)))]);
  if (thing.type === 'flow') ids.delete(thing.id);
  return ids;
}

const LARGEST_CYCLE = 16;

function cheapestCut(ids: readonly string[], graph: Graph, things: ReadonlyMap<string, Thing>): number {
  if (ids.length > LARGEST_CYCLE) throw new Error(`a cycle of ${ids.length} objects is too large for trying every cut; the minimum is not known`);
  let best = Number.POSITIVE_INFINITY;
  for (let chosen = 1; chosen < 2 ** ids.length; chosen += 1) {
    const cut = ids.filter((_, index) => (chosen >> index) & 1);
    const cost = cut.reduce((sum, id) => sum + (things.get(id)?.type === 'flow' ? 2 : 1), 0);
    if (cost < best && isCutBy(new Set(cut), ids, graph)) best = cost;
  }
  return best;
}

/** Whether no cycle is left once these are made without the refs that lead back into it. */
function isCutBy(cut: ReadonlySet<string>, ids: readonly string[], graph: Graph): boolean {
  const rest = new Graph({ directed: true });
  for (const from of ids) for (const to of graph.successors(from) ?? []) if (ids.includes(to) && !cut.has(from)) rest.setEdge(from, to);
  return alg.isAcyclic(rest);
}
