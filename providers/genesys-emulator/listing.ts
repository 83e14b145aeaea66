import { hashText } from './chance.ts';
import { expandOf, isSingleton, scopeOf, singleton } from './crud.ts';
import { ROW_LACKS } from './defaults.ts';
import type { Answer } from './exchange.ts';
import { jsonAnswer, Refusal } from './exchange.ts';
import type { ListOperation, Model, TypeFacts } from './facts.ts';
import { modelNamed, resolveModel } from './facts.ts';
import type { Json, JsonMap } from './json.ts';
import { isJsonList, isJsonMap, valueAt } from './json.ts';
import type { Org } from './org.ts';
import { project } from './shape.ts';
import type { Call, OrgContext } from './special.ts';
import type { Thing } from './store.ts';

/** What may happen to a list on its way out (see `faults.ts`). */
export interface ListFaults {
  /** The seed of this org's order; undefined leaves the order in which objects were made. */
  readonly shuffle: number | undefined;
  readonly isShort: boolean;
  readonly totalMoves: number;
}

interface Page {
  readonly number: number;
  readonly size: number;
}

const cache = new WeakMap<Org, Map<string, { readonly version: number; readonly rows: readonly Thing[] }>>();

export function listAll(types: readonly TypeFacts[], call: Call, org: Org, context: OrgContext, faults: ListFaults): Answer {
  const [facts] = types as readonly [TypeFacts];
  const list = facts.list as ListOperation;
  const body = list.method === 'POST' && call.body.length > 0 ? call.json() : {};
  const asked = isJsonMap(body) ? body : {};
  for (const name of list.requiredQuery ?? []) if (!call.query.has(name)) throw badQuery(name, 'is required');
  const page = pageOf(list, call, asked);
  const rows = isSingleton(facts) ? [singleton(facts, call, org, context)] : rowsOfAll(types, call, asked, org, faults);
  checkDepth(facts, call, page);
  const from = list.pagination === 'none' ? 0 : (page.number - 1) * page.size;
  const until = list.pagination === 'none' ? rows.length : from + page.size;
  const shown = rows.slice(from, until).map((thing) => rowBody(facts, thing, call, context));
  const entities = faults.isShort ? shown.slice(0, Math.floor(shown.length / 2)) : shuffled(shown, faults.shuffle);
  return jsonAnswer(200, listing(list, call, page, entities, rows.length + faults.totalMoves));
}

/** The page that the query or the body asks for; a size beyond the limit is refused. */
function pageOf(list: ListOperation, call: Call, body: JsonMap): Page {
  const paging = list.paging ?? {};
  const sizeText = paging.size !== undefined ? body[paging.size] : call.query.get(paging.sizeParam ?? 'pageSize');
  const most = list.maxPageSize ?? Math.max(list.terraformPageSize ?? 100, list.defaultPageSize ?? 25);
  const size = wholeNumber(sizeText ?? Math.min(most, list.defaultPageSize ?? 25), paging.sizeParam ?? paging.size ?? 'pageSize');
  if (size > most) throw badQuery(paging.sizeParam ?? 'pageSize', `must be at most ${most}`);
  const at = paging.bodyParam === undefined ? call.query.get(paging.param ?? 'pageNumber') : body[paging.bodyParam];
  if (list.pagination === 'cursor') return { number: at === null || at === undefined || at === '' ? 1 : pageOfCursor(String(at)), size };
  return { number: wholeNumber(at ?? 1, paging.param ?? 'pageNumber'), size };
}

function wholeNumber(value: Json, name: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw badQuery(name, 'must be a whole number from 1');
  return number;
}

function badQuery(name: string, what: string): Refusal {
  return new Refusal(400, 'invalid.query.param.value', `the query parameter "${name}" ${what}`, { field: name, params: { parameterName: name } });
}

/** Inactive users cannot be listed past 10,000 rows (user, notes). */
function checkDepth(facts: TypeFacts, call: Call, page: Page): void {
  const isDeep = facts.type === 'user' && call.query.get('state') === 'inactive' && page.number * page.size > 10_000;
  if (isDeep) throw badQuery('pageNumber', 'reaches past 10,000 rows');
}

function cursorOfPage(number: number): string {
  return Buffer.from(`page:${number}`).toString('base64url');
}

function pageOfCursor(cursor: string): number {
  const match = /^page:(\d+)$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (match === null) throw badQuery('after', 'is no cursor of this list');
  return Number(match[1]);
}

/** The rows that a list consists of now, before paging: right scope, right state, through the filters, in the order of this org. */
function rowsOf(facts: TypeFacts, call: Call, body: JsonMap, org: Org, faults: ListFaults): readonly Thing[] {
  const scope = facts.list?.path.includes('{') === true ? scopeOf(facts, facts.list.path, call.params) : '';
  const filters = Object.keys(facts.list?.filters ?? {}).flatMap((name) => {
    const values = call.query.getAll(name).flatMap((value) => (name === 'name' ? [value] : value.split(',')));
    const given = values.length > 0 ? values : typeof body[name] === 'string' ? [String(body[name])] : [];
    return given.length === 0 ? [] : [{ name, values: given }];
  });
  const key = JSON.stringify([facts.type, scope, filters, faults.shuffle ?? null]);
  const known = cache.get(org) ?? new Map();
  cache.set(org, known);
  const cached = known.get(key);
  const isFleeting = org.store.hasGhosts(facts.type);
  if (cached !== undefined && cached.version === org.store.version(facts.type) && !isFleeting) return cached.rows;
  const rows = ordered(matching(facts, scope, filters, org), faults.shuffle);
  if (known.size > 200) known.clear();
  known.set(key, { version: isFleeting ? -1 : org.store.version(facts.type), rows });
  return rows;
}

/** One type's rows are handed on as they are: they may be 100,000, and a page needs few of them. */
function rowsOfAll(types: readonly TypeFacts[], call: Call, body: JsonMap, org: Org, faults: ListFaults): readonly Thing[] {
  const [first, ...others] = types.map((facts) => rowsOf(facts, call, body, org, faults));
  return others.length === 0 ? (first ?? []) : [...(first ?? []), ...others.flat()];
}

interface Filter {
  readonly name: string;
  readonly values: readonly string[];
}

function matching(facts: TypeFacts, scope: string, filters: readonly Filter[], org: Org): readonly Thing[] {
  const state = filters.find((filter) => filter.name === 'state')?.values[0];
  const [name] = filters.find((filter) => filter.name === 'name')?.values ?? [];
  const isExact = name !== undefined && !name.includes('*') && filters.length === 1 && !org.store.hasGhosts(facts.type) && facts.identity[0] === 'name';
  const isSteady = !org.store.hasGhosts(facts.type);
  const inScope = () => org.store.childrenOf(scope.slice(scope.lastIndexOf('/') + 1)).filter((child) => child.type === facts.type);
  const candidates = isExact ? org.store.withName(facts.type, name) : scope !== '' && isSteady ? inScope() : org.store.listed(facts.type, org.now());
  return candidates.filter((thing) => {
    if (scope !== '' && thing.scope !== scope) return false;
    return isShown(facts, thing, state) && filters.every((filter) => passes(thing, filter));
  });
}

/** Users are listed by state, active ones unless asked otherwise; softly deleted objects of other types are not listed. */
function isShown(facts: TypeFacts, thing: Thing, state: string | undefined): boolean {
  if (facts.type !== 'user') return !thing.isDeleted;
  return state === 'any' || thing.body['state'] === (state ?? 'active');
}

function passes(thing: Thing, filter: Filter): boolean {
  const { name, values } = filter;
  if (name === 'state') return true;
  if (name === 'id') return values.includes(thing.id);
  if (name === 'nameOrDescription') return values.some((value) => matchesText(thing.body['name'], value) || matchesText(thing.body['description'], value));
  const held = thing.body[name] ?? (name.endsWith('Id') ? valueAt(thing.body, `${name.slice(0, -2)}.id`) : undefined);
  if (held === undefined) return name === 'name' || name.endsWith('Id') ? false : !isFieldFilter(name);
  const texts = textsOf(held);
  return values.some((value) => texts.some((text) => matchesText(text, value)));
}

/** A filter that is no field of the body (`includeResources`) lets everything pass; one that names a field the object lacks lets nothing pass. */
function isFieldFilter(name: string): boolean {
  return ['type', 'dnis', 'scheduleGroup', 'description'].includes(name);
}

function textsOf(value: Json): readonly Json[] {
  if (isJsonList(value)) return value.flatMap(textsOf);
  return isJsonMap(value) ? [value['id'] ?? null] : [value];
}

/** Letter case is ignored and `*` stands for anything, as in the real filters. */
function matchesText(text: Json | undefined, pattern: string): boolean {
  if (text === undefined || text === null) return false;
  if (!pattern.includes('*')) return String(text).toLowerCase() === pattern.toLowerCase();
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'isu').test(String(text));
}

function ordered(rows: readonly Thing[], shuffle: number | undefined): readonly Thing[] {
  if (shuffle === undefined) return rows;
  return rows
    .map((thing) => ({ thing, rank: hashText(thing.id, shuffle) }))
    .sort((left, right) => left.rank - right.rank)
    .map(({ thing }) => thing);
}

function shuffled(rows: readonly JsonMap[], shuffle: number | undefined): readonly JsonMap[] {
  if (shuffle === undefined) return rows;
  return [...rows].sort((left, right) => hashText(String(left['id']), shuffle + 1) - hashText(String(right['id']), shuffle + 1));
}

/** A row as real rows are: without what only GET or `expand` gives. */
function rowBody(facts: TypeFacts, thing: Thing, call: Call, context: OrgContext): JsonMap {
  const list = facts.list as ListOperation;
  const expand = expandOf(call);
  const hidden = new Set(
    [...(list.expandForFull ?? []), ...(ROW_LACKS[facts.type] ?? []), ...facts.secretFields].filter(
      (field) => !expand.has(field) && !expand.has(included(field)),
    ),
  );
  const whole = project(facts, list.itemModel, context.present(thing, expand));
  if (facts.type === 'architect_datatable_row') return call.query.get('showbrief') === 'false' ? whole : { key: thing.id };
  return Object.fromEntries(Object.entries(whole).filter(([name]) => !hidden.has(name)));
}

/** `config` is asked for with `includeConfig=true` as well. */
function included(field: string): string {
  return `include${field.charAt(0).toUpperCase()}${field.slice(1)}`;
}

/** The listing model's own fields around the rows, each only where that model has it. */
function listing(list: ListOperation, call: Call, page: Page, entities: readonly JsonMap[], total: number): Json {
  const properties = modelNamed(list.returns)?.properties;
  if (properties === undefined && list.itemsAt === '') return entities;
  const pageCount = Math.max(1, Math.ceil(total / page.size));
  const hasNext = list.pagination !== 'none' && page.number < pageCount;
  const address = (number: number) => addressOf(list, call, page, number);
  const next = hasNext ? { nextUri: address(page.number + 1), ...cursors(list, page.number + 1, properties) } : {};
  const previous = list.pagination !== 'none' && page.number > 1 ? { previousUri: address(page.number - 1) } : {};
  const paged = {
    pageSize: page.size,
    pageNumber: page.number,
    total,
    pageCount,
    totalNumberOfEntities: total,
    firstUri: address(1),
    lastUri: address(pageCount),
  };
  const around: JsonMap = { ...paged, selfUri: address(page.number), ...next, ...previous };
  const kept = Object.entries(around).filter(([name]) => properties === undefined || properties[name] !== undefined || name === list.paging?.bodyParam);
  return { [list.itemsAt]: entities, ...Object.fromEntries(kept) };
}

function cursors(list: ListOperation, next: number, properties: Readonly<Record<string, Model>> | undefined): JsonMap {
  if (list.pagination !== 'cursor') return {};
  const after = cursorOfPage(next);
  const nested = properties?.['cursors'] === undefined ? undefined : resolveModel(properties['cursors'] ?? {});
  return { after, ...(nested === undefined ? {} : { cursors: { after } }) };
}

function addressOf(list: ListOperation, call: Call, page: Page, number: number): string {
  const query = new URLSearchParams(call.query);
  query.set(list.paging?.sizeParam ?? 'pageSize', String(page.size));
  const param = list.paging?.param ?? 'pageNumber';
  if (list.pagination === 'cursor') query.set(param, cursorOfPage(number));
  else query.set(param, String(number));
  if (list.pagination === 'cursor' && number === 1) query.delete(param);
  return `${call.path}?${query}`;
}
