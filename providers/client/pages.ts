import { getAt } from '../../state/pointer.ts';
import { isList, isMap, makeMap, type Value, type ValueMap } from '../../state/value.ts';
import { OrgFailure } from '../contract.ts';
import { type ApiRequest, fillPath, type OrgClient, type QueryValue } from './org-client.ts';

/** How a list is read: the catalogue's `list` entry, as far as it matters here. */
export interface ListFacts {
  readonly method?: string;
  readonly path: string;
  readonly pagination: string;
  readonly itemsAt?: string;
  readonly defaultPageSize?: number;
  readonly maxPageSize?: number;
  readonly terraformPageSize?: number;
  readonly paging?: {
    readonly param?: string;
    readonly first?: number;
    readonly sizeParam?: string;
    readonly bodyParam?: string;
    readonly size?: string;
  };
}

export interface ListOptions {
  /** For `{parameters}` of the path. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, QueryValue | undefined>>;
  /** Further fields of the body, for lists that are asked for by POST. */
  readonly body?: ValueMap;
  /** The catalogue's largest page where left out. */
  readonly pageSize?: number;
  /** What makes two rows the same object; their `id` where left out. */
  readonly identify?: (row: ValueMap) => string | undefined;
  readonly onRows?: (count: number) => void;
  readonly signal?: AbortSignal;
}

/** What a list gave. Only a listing that is `complete` says that something is not there. */
export interface Listing {
  /** Each object once, in the order of the pages. */
  readonly rows: readonly ValueMap[];
  readonly complete: boolean;
  /** Why it is not complete. */
  readonly why?: string;
  /** The failure that ended the reading early. */
  readonly failure?: OrgFailure;
}

/** Readings of one page, and of a whole list, before we give up on its adding up. */
const ROUNDS = 6;
const PASSES = 3;
const MOST_PAGES = 100_000;

interface Page {
  readonly rows: readonly ValueMap[];
  readonly total: number | undefined;
  readonly next: string | undefined;
  readonly pageCount: number | undefined;
  /** What is wrong with this page by itself. */
  readonly fault: string | undefined;
}

/** One reading of the whole list. */
interface Pass {
  readonly rows: readonly ValueMap[];
  readonly why?: string;
  readonly failure?: OrgFailure;
}

type ReadPage = (at: number | string | undefined) => Promise<Page>;

/**
 * Reads a whole list with the fewest requests: ceil(n / page size) of them, one for an empty list. Short pages, totals that move, rows
 * that repeat and cursors that loop are read again, up to a bound; what still does not add up is told, never hidden. Never rejects for an
 * `OrgFailure`: that ends the reading, and the listing holds what came before.
 */
export async function readList(client: OrgClient, facts: ListFacts, options: ListOptions = {}): Promise<Listing> {
  const pageSize = options.pageSize ?? facts.maxPageSize ?? facts.terraformPageSize ?? facts.defaultPageSize ?? 100;
  const readPage: ReadPage = async (at) => pageOf(facts, await client.call(pageRequest(facts, options, pageSize, at)));
  const identify = options.identify ?? idOf;
  let listing: Listing = { rows: [], complete: false };
  for (let pass = 1; pass <= PASSES; pass += 1) {
    listing = listingOf(await readPass(facts, readPage, pageSize, identify), identify);
    options.onRows?.(listing.rows.length);
    if (listing.complete || listing.failure !== undefined) return listing;
  }
  return listing;
}

async function readPass(facts: ListFacts, readPage: ReadPage, pageSize: number, identify: (row: ValueMap) => string | undefined): Promise<Pass> {
  const pages: Page[] = [];
  try {
    if (facts.pagination === 'page') return await readNumbered(readPage, pageSize, facts.paging?.first ?? 1, pages, identify);
    if (facts.pagination === 'cursor') return await readCursors(readPage, pageSize, pages);
    pages.push(await readPage(undefined));
    return passOf(pages, pages[0]?.total);
  } catch (failure) {
    if (!(failure instanceof OrgFailure)) throw failure;
    return { rows: rowsOf(pages), why: failure.message, failure };
  }
}

/** Pages by number: the first tells how many there are, the others are read at once. Pages that do not fit the total are read again. */
async function readNumbered(
  readPage: ReadPage,
  pageSize: number,
  first: number,
  pages: Page[],
  identify: (row: ValueMap) => string | undefined,
): Promise<Pass> {
  const read = async (index: number): Promise<void> => {
    pages[index] = await readPage(first + index);
  };
  await read(0);
  if (pages[0]?.total === undefined) return readByNumber(readPage, pageSize, first, pages, identify);
  for (let round = 1; ; round += 1) {
    const total = commonTotal(pages);
    const count = Math.max(1, Math.ceil(total / pageSize));
    if (count > MOST_PAGES) return { rows: rowsOf(pages), why: `the list says that it holds ${total} rows` };
    pages.length = count;
    const wrong = Array.from({ length: count }, (_, index) => index).filter((index) => !fits(pages[index], index, total, pageSize));
    if (wrong.length === 0 || round > ROUNDS) return passOf(pages, total);
    const outcomes = await Promise.allSettled(wrong.map(read));
    const lost = outcomes.find((outcome) => outcome.status === 'rejected');
    if (lost !== undefined) throw lost.reason;
  }
}

/** Whether a page holds as many rows as its place in a list of `total` rows asks for. */
function fits(page: Page | undefined, index: number, total: number, pageSize: number): boolean {
  if (page === undefined || page.total !== total || page.fault !== undefined) return false;
  return page.rows.length === Math.min(pageSize, total - index * pageSize);
}

/** The total that most pages name; of several, the one named by the last of them. */
function commonTotal(pages: readonly (Page | undefined)[]): number {
  const votes = new Map<number, number>();
  for (const page of pages) if (page?.total !== undefined) votes.set(page.total, (votes.get(page.total) ?? 0) + 1);
  return [...votes].reduce((best, next) => (next[1] >= best[1] ? next : best), [0, 0])[0];
}

/** Numbered pages of a list that tells no total: one after the other, until it says that there are no more. */
async function readByNumber(
  readPage: ReadPage,
  pageSize: number,
  first: number,
  pages: Page[],
  identify: (row: ValueMap) => string | undefined,
): Promise<Pass> {
  const seen = new Set<string>();
  for (let index = 0; index < MOST_PAGES; index += 1) {
    const page = index === 0 ? pages[0] : await readPage(first + index);
    if (page === undefined) break;
    pages[index] = page;
    const fresh = page.rows.map(identify).filter((id) => id === undefined || !seen.has(id));
    if (page.rows.length > 0 && fresh.length === 0) return { rows: rowsOf(pages), why: `page ${first + index} repeats rows of the pages before` };
    for (const id of fresh) if (id !== undefined) seen.add(id);
    if (!hasMore(page, index, pageSize)) break;
  }
  return passOf(pages, undefined);
}

/** Whether more pages follow: by their count or by the address of the next; where a page tells neither, a full one is not known to be the last. */
function hasMore({ pageCount, next, rows }: Page, index: number, pageSize: number): boolean {
  if (pageCount !== undefined) return index + 1 < pageCount;
  return next !== undefined || rows.length >= pageSize;
}

/** Pages by cursor, each of which tells the next. Only the cursor is taken from `nextUri`, never its host or path. */
async function readCursors(readPage: ReadPage, pageSize: number, pages: Page[]): Promise<Pass> {
  const seen = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await readSurely(readPage, pageSize, cursor);
    pages.push(page);
    cursor = page.next;
    if (cursor !== undefined && seen.has(cursor)) return { rows: rowsOf(pages), why: 'the pages of the list go round in a circle' };
    if (cursor !== undefined) seen.add(cursor);
  } while (cursor !== undefined && pages.length < MOST_PAGES);
  return passOf(pages, pages.at(-1)?.total);
}

/** A page that is not full though more follow may have lost rows, and no total would tell: it counts once two readings agree. */
async function readSurely(readPage: ReadPage, pageSize: number, cursor: string | undefined): Promise<Page> {
  let page = await readPage(cursor);
  for (let round = 1; round < ROUNDS && page.next !== undefined && page.rows.length < pageSize; round += 1) {
    const again = await readPage(cursor);
    if (again.rows.length === page.rows.length) return again;
    page = again;
  }
  return page;
}

function passOf(read: readonly (Page | undefined)[], total: number | undefined): Pass {
  const pages = read.filter((page) => page !== undefined);
  const rows = rowsOf(pages);
  const fault = pages.find((page) => page.fault !== undefined)?.fault;
  if (fault !== undefined) return { rows, why: fault };
  if (pages.some((page) => page.total !== undefined && page.total !== total)) return { rows, why: 'the total of the list changed with every reading' };
  return total !== undefined && rows.length !== total ? { rows, why: `the list says that it holds ${total} rows, and ${rows.length} came` } : { rows };
}

function rowsOf(pages: readonly (Page | undefined)[]): ValueMap[] {
  return pages.flatMap((page) => page?.rows ?? []);
}

/** A pass with each object once. A row that came twice may stand in the place of one that did not come. */
function listingOf(pass: Pass, identify: (row: ValueMap) => string | undefined): Listing {
  const seen = new Set<string>();
  const rows = pass.rows.filter((row) => {
    const id = identify(row);
    const isNew = id === undefined || !seen.has(id);
    if (id !== undefined) seen.add(id);
    return isNew;
  });
  const repeated = pass.rows.length - rows.length;
  const why = pass.why ?? (repeated > 0 ? `${repeated} rows came twice, so others may be missing` : undefined);
  return { rows, complete: why === undefined, ...(why === undefined ? {} : { why }), ...(pass.failure === undefined ? {} : { failure: pass.failure }) };
}

function idOf(row: ValueMap): string | undefined {
  const id = row['id'];
  return typeof id === 'string' ? id : undefined;
}

function pageRequest(facts: ListFacts, options: ListOptions, pageSize: number, at: number | string | undefined): ApiRequest {
  const { paging = {} } = facts;
  const path = fillPath(facts.path, options.parameters);
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  if (facts.method === 'POST') {
    const fields: [string, Value][] = facts.pagination === 'none' ? [] : [[paging.size ?? 'pageSize', pageSize]];
    if (at !== undefined) fields.push([paging.bodyParam ?? paging.param ?? 'pageNumber', at]);
    return { method: 'POST', path, isRead: true, body: makeMap([...Object.entries(options.body ?? {}), ...fields]), query: { ...options.query }, ...signal };
  }
  const sized = facts.pagination === 'none' ? {} : { [paging.sizeParam ?? 'pageSize']: pageSize };
  const placed = at === undefined ? {} : { [paging.param ?? 'pageNumber']: at };
  return { method: 'GET', path, query: { ...options.query, ...sized, ...placed }, ...signal };
}

function pageOf(facts: ListFacts, answer: { readonly status: number; readonly value: Value }): Page {
  const { value, status } = answer;
  const itemsAt = facts.itemsAt ?? '';
  const items = isList(value) ? value : itemsAt === '' ? undefined : getAt(value, `/${itemsAt.replaceAll('.', '/')}`);
  const total = isMap(value) ? (countAt(value, 'total') ?? countAt(value, 'totalNumberOfEntities')) : undefined;
  const rows = isList(items) ? items.filter(isMap) : [];
  return {
    rows,
    total,
    next: isMap(value) ? cursorIn(value, facts) : undefined,
    pageCount: isMap(value) ? countAt(value, 'pageCount') : undefined,
    fault: faultOf(items, rows, total, status, itemsAt),
  };
}

function faultOf(items: Value | undefined, rows: readonly ValueMap[], total: number | undefined, status: number, itemsAt: string): string | undefined {
  if (status === 206) return 'the org answered only in part (206)';
  if (!isList(items)) return total === 0 ? undefined : `the answer holds no list "${itemsAt}"`;
  return rows.length === items.length ? undefined : 'the list holds rows that are no objects';
}

function countAt(value: ValueMap, key: string): number | undefined {
  const count = value[key];
  return typeof count === 'number' && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
}

/** The next cursor: a parameter of `nextUri`, or beside it in the body. Absent, null and empty all mean the end. */
function cursorIn(value: ValueMap, facts: ListFacts): string | undefined {
  const name = facts.paging?.param ?? facts.paging?.bodyParam ?? 'after';
  const uri = value['nextUri'];
  if (typeof uri === 'string' && uri !== '') {
    const found = cursorOfUri(uri, [name, 'after', 'cursor', 'nextPage', 'pageNumber']);
    if (found !== undefined) return found;
  }
  if (facts.pagination !== 'cursor') return undefined;
  const beside = [value['after'], value['cursor'], getAt(value, '/cursors/after'), value[name]];
  return beside.find((cursor): cursor is string => typeof cursor === 'string' && cursor !== '');
}

function cursorOfUri(uri: string, names: readonly string[]): string | undefined {
  if (!URL.canParse(uri, 'https://relative.invalid')) return undefined;
  const { searchParams } = new URL(uri, 'https://relative.invalid');
  return names.map((name) => searchParams.get(name)).find((cursor): cursor is string => cursor !== null && cursor !== '');
}
