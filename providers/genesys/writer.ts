import { SINGLETON, typeOf } from '../../state/address.ts';
import { normalise } from '../../state/diff.ts';
import type { Document } from '../../state/document.ts';
import { getAt } from '../../state/pointer.ts';
import { isMap, makeMap, sameValue, type Value, type ValueMap } from '../../state/value.ts';
import { fillPath } from '../client/org-client.ts';
import { type FileSource, type Live, OrgFailure, type SecretSource } from '../contract.ts';
import { afterWriting, watchingWrites } from './after-writing.ts';
import { carryOver } from './carry-over.ts';
import { type Operation, toPattern } from './facts.ts';
import { publishFlow } from './flow-jobs.ts';
import type { GenesysType } from './genesys-type.ts';
import { getLive, toLive } from './live-object.ts';
import { idsOf } from './lookup.ts';
import { materialise, shownDefaults } from './materialise.ts';
import { addressOf, idOf, keyFields, parentOf, pathIds, pathParameters } from './natural-key.ts';
import { fileOf } from './publish-content.ts';
import type { RawObject } from './raw-object.ts';
import { type RequestContext, requestBody } from './request-body.ts';
import { restoreDeleted } from './restore-deleted.ts';
import { type Session, typeNamed } from './session.ts';
import { comparing, writeContext } from './write-context.ts';
import { writeParts } from './write-parts.ts';

export interface Writing {
  readonly session: Session;
  readonly secrets: SecretSource;
}

/** A document's body for this type: shortest form first, so that sets are in order, then the defaults written out that the live object shows. */
function wholeBody(document: Document, type: GenesysType, live: ValueMap): ValueMap {
  // The division fixes where an object is born, and is asked for under several names.
  const required = new Set(['division', ...(type.shape.kind === 'object' ? type.shape.required : [])]);
  return materialise(normalise(document, type).body, shownDefaults(type.defaults, live, required));
}

function declared(document: Document): GenesysType {
  const type = typeNamed(typeOf(document.address));
  if (type === undefined) throw new OrgFailure('refused', `"${typeOf(document.address)}" is no type that is written to Genesys Cloud`);
  return type;
}

/** Creates the object itself with the one creating request; see the contract. A deleted one of the same key is brought back instead. */
export async function createObject({ session: unwatched, secrets }: Writing, document: Document): Promise<Live | string> {
  const session = watchingWrites(unwatched);
  const type = declared(document);
  const body = wholeBody(document, type, makeMap([]));
  const context = await writeContext(session, [body], secrets);
  const [published] = type.parts.filter((part) => part.kind === 'published' && isMap(body[part.at.slice(1)]));
  if (published !== undefined) return learned(session, document, await publishFlow(session, await contentFile(session, document, body, context)));
  const { create } = type.facts;
  if (create === null) return foundInstead(session, document);
  const ids = await parentIds(session, type, document);
  try {
    const answer = await session.client.call({
      method: 'POST',
      path: fillPath(create.path, pathParameters(create.path, ids)),
      body: withKey(requestBody(mainBody(body, type), type.shape, 'create', context), type, document),
      secrets: context.told,
    });
    return afterWriting(() => made({ session, type, document }, answer.value, ids[0]));
  } catch (failure) {
    const isTaken = failure instanceof OrgFailure && failure.kind === 'exists' && type.restorable !== undefined;
    const restored = isTaken ? await restoreDeleted(session, type, document.address) : undefined;
    if (restored === undefined) throw failure;
    return restored;
  }
}

/** What there is exactly one of is never made. */
async function foundInstead(session: Session, document: Document): Promise<Live> {
  const live = await getLive(session, document.address, SINGLETON);
  if (live === undefined) throw new OrgFailure('refused', `${document.address} cannot be created, and the org does not show it`);
  return live;
}

async function contentFile(session: Session, document: Document, body: ValueMap, context: RequestContext): Promise<string> {
  const content = body['content'];
  return fileOf(session, document, isMap(content) ? content : makeMap([]), context);
}

function learned(session: Session, { address }: Document, id: string): string {
  session.names.learn(typeOf(address), id, '$ref', address);
  return id;
}

async function parentIds(session: Session, type: GenesysType, { address }: Document): Promise<readonly string[]> {
  const parent = parentOf(type.facts, address);
  if (parent === undefined) return [];
  const ids = (await idsOf(session, [parent])).get(parent) ?? [];
  if (ids.length !== 1)
    throw new OrgFailure('refused', `${address} needs ${parent}, which ${ids.length === 0 ? 'is not in the org' : `stands for ids ${ids.join(', ')}`}`);
  return ids;
}

/** The new object as the answer shows it, where the answer shows as much as a GET; else its id. Nothing has parts yet. */
async function made(
  { session, type, document }: { session: Session; type: GenesysType; document: Document },
  answer: Value,
  parentId?: string,
): Promise<Live | string> {
  if (!isMap(answer)) throw new OrgFailure('unclear', `the org answered the creation of ${document.address} without saying what it made`);
  const id = idOf(type.facts, answer, parentId);
  learned(session, document, id);
  const isWhole = type.facts.create?.returns === type.facts.get?.returns;
  if (!isWhole) return id;
  const address = addressOf(type, answer, parentOf(type.facts, document.address)) ?? document.address;
  return toLive(session, { type, id, address, body: withoutParts(answer, type), files: new Map() });
}

function withoutParts(answer: ValueMap, type: GenesysType): ValueMap {
  const parts = new Set(type.parts.map((part) => part.at.slice(1)));
  return makeMap(Object.entries(answer).filter(([name]) => !parts.has(name)));
}

/** The body of the object itself: without its parts, and without the division where a call of its own moves it. */
function mainBody(body: ValueMap, type: GenesysType): ValueMap {
  const parts = new Set(type.parts.map((part) => part.at.slice(1)));
  return makeMap(Object.entries(body).filter(([name]) => !parts.has(name)));
}

function withKey(body: ValueMap, type: GenesysType, { address }: Document, raw?: ValueMap): ValueMap {
  return mergedKey(body, keyFields(type, address, raw));
}

/** A key field may stand inside of a map of the body (`type.name`). */
function mergedKey(body: ValueMap, key: ValueMap): ValueMap {
  const entries = Object.entries(key).map(([name, value]) => {
    const own = body[name];
    return [name, isMap(value) && isMap(own) ? mergedKey(own, value) : value] as const;
  });
  return makeMap([...Object.entries(body), ...entries]);
}

/** Makes the live object equal to the document; see the contract. Each request is sent only where something of it differs. */
export async function updateObject({ session: unwatched, secrets }: Writing, live: Live, document: Document, files: FileSource): Promise<Live> {
  const session = watchingWrites(unwatched);
  const type = declared(document);
  const raw = live.raw as RawObject;
  const [before, after] = [wholeBody(live.document, type, raw.body), wholeBody(document, type, raw.body)];
  const context = await writeContext(session, [after], secrets);
  const change: Change = { session, type, live, raw, document, before, after, context };
  const parts = { session, type, id: live.id, raw, live: before, wanted: after, document, context, files };
  const takeBack = session.names.give(type.name, live.id, document.address);
  const answer = await writeAll(change, parts).catch((failure: unknown) => {
    // Nothing of it was done: a read of it alone is believed as far as it was before.
    if (failure instanceof OrgFailure && failure.kind !== 'unclear') takeBack();
    throw failure;
  });
  return readBack(change, answer);
}

/** The last answer, where that shows the whole object. */
async function writeAll(change: Change, parts: Parameters<typeof writeParts>[0]): Promise<ValueMap | undefined> {
  const { session, type, live, document } = change;
  // What is configured by a call of its own is configured before it is switched on.
  const isConfigured = type.parts.some((part) => part.kind === 'object') && (await writeParts(parts));
  const main = await writeMain(change);
  const alone = await writeAlone(change, main?.version);
  const hasMoved = await moveDivision(change);
  const hasParts = type.parts.some((part) => part.kind === 'object') ? isConfigured : await writeParts(parts);
  session.names.learn(type.name, live.id, '$ref', document.address);
  return hasMoved || hasParts ? undefined : wholeAnswer(change, alone ?? main);
}

/** The object as it is now that it was written to: from the last answer where that says it all, else read anew. */
async function readBack({ session, type, raw, live, document }: Change, answer: ValueMap | undefined): Promise<Live> {
  const back = await afterWriting(async () => {
    if (answer === undefined) return getLive(session, document.address, live.id);
    return toLive(session, { ...raw, address: addressOf(type, answer, parentOf(type.facts, document.address)) ?? document.address, body: answer });
  });
  if (back === undefined) throw new OrgFailure('gone', `${document.address} is gone after it was written to`);
  return back;
}

interface Change {
  readonly session: Session;
  readonly type: GenesysType;
  readonly live: Live;
  readonly raw: RawObject;
  readonly document: Document;
  readonly before: ValueMap;
  readonly after: ValueMap;
  readonly context: RequestContext & { readonly told: readonly string[] };
}

interface Answered {
  readonly value: Value;
  readonly version: Value | undefined;
  /** Fields that the request changed. */
  readonly fields: readonly string[];
}

/** Both bodies as the update takes them, for comparison alone. */
function updateBodies({ type, live, raw, document, before, after, context }: Change): { readonly had: ValueMap; readonly wants: ValueMap } {
  const body = (from: ValueMap, of: Document) => {
    const main = requestBody(mainBody(from, type), type.shape, 'update', comparing(context));
    const fields = Object.entries(withKey(main, type, of, raw.body)).filter(
      ([name]) => name !== type.aloneInUpdate && (name !== 'division' || type.movedAs === undefined) && !isPartsKey(type, name),
    );
    return makeMap(fields);
  };
  return { had: body(before, live.document), wants: body(after, document) };
}

/** A key field that a part writes. */
function isPartsKey({ parts }: GenesysType, name: string): boolean {
  return parts.some((part) => part.kind === 'object' && part.keyField === name);
}

async function writeMain(change: Change): Promise<Answered | undefined> {
  const { type, document, raw, after, context } = change;
  const { had, wants } = updateBodies(change);
  const fields = [...new Set([...Object.keys(had), ...Object.keys(wants)])].filter((name) => !sameValue(had[name], wants[name]));
  if (fields.length === 0 && !isRotation(change)) return undefined;
  const { update } = type.facts;
  if (update === null) throw new OrgFailure('refused', `${document.address} cannot be changed once it exists; it would have to be replaced`);
  const whole = withKey(requestBody(mainBody(after, type), type.shape, 'update', context), type, document, raw.body);
  const isMerge = type.facts.updateStyle === 'merge';
  const body = isMerge
    ? makeMap(fields.map((name) => [name, whole[name] ?? type.cleared[name] ?? null]))
    : carryOver(withoutAlone(whole, type), raw.body, type.shape);
  return send(change, update, body, fields);
}

/** Secrets cannot be compared: where an update is asked for and nothing else differs, they are what it is about. */
function isRotation(change: Change): boolean {
  const { type, before, after, document, live } = change;
  const hasSecrets = type.secrets.some((pattern) => pattern.split('/').length > 2 && getAt(after, pattern.slice(0, pattern.lastIndexOf('/'))) !== undefined);
  return hasSecrets && live.document.address === document.address && Object.keys(before).length > 0;
}

function withoutAlone(body: ValueMap, type: GenesysType): ValueMap {
  return makeMap(Object.entries(body).filter(([name]) => name !== type.aloneInUpdate));
}

async function send(
  { session, type, live, raw, context }: Change,
  operation: Operation,
  body: ValueMap,
  fields: readonly string[],
  version?: Value,
): Promise<Answered> {
  const { versioned, versionPath } = type.facts;
  const at = versionPath === undefined ? '' : toPattern(versionPath);
  const lock = version ?? (at === '' ? undefined : getAt(raw.body, at));
  const locked = versioned && versionPath !== undefined && lock !== undefined ? makeMap([...Object.entries(body), [versionPath, lock]]) : body;
  const { value } = await session.client.call({
    method: operation.method as 'PUT' | 'PATCH',
    path: fillPath(operation.path, pathParameters(operation.path, pathIds(type.facts, live.id))),
    body: locked,
    secrets: context.told,
  });
  return { value, version: at === '' ? undefined : getAt(value, at), fields };
}

/** A field that has to go alone (a user's state), after everything else. */
async function writeAlone(change: Change, version: Value | undefined): Promise<Answered | undefined> {
  const { type, before, after } = change;
  const name = type.aloneInUpdate;
  if (name === undefined || type.facts.update === null || sameValue(before[name], after[name])) return undefined;
  return send(change, type.facts.update, makeMap([[name, after[name] ?? null]]), [name], version);
}

async function moveDivision({ session, type, live, before, after, context }: Change): Promise<boolean> {
  if (type.movedAs === undefined || sameValue(before['division'], after['division'])) return false;
  const wanted = requestBody(makeMap([['division', after['division'] ?? null]]), type.shape, 'create', context);
  const id = getAt(wanted, '/division/id') ?? wanted['divisionId'];
  if (typeof id !== 'string') throw new OrgFailure('refused', `${live.address} needs a division to move to`);
  const path = fillPath('/api/v2/authorization/divisions/{divisionId}/objects/{objectType}', { divisionId: id, objectType: type.movedAs });
  await session.client.call({ method: 'POST', path, body: [live.id], expects: 'none' });
  return true;
}

/**
 * The object after a write, from the write's own answer: where that is as whole as a GET and says all that was changed. What only
 * `expand` shows, and parts, are as they were read before.
 */
function wholeAnswer({ type, raw }: Change, answered: Answered | undefined): ValueMap | undefined {
  if (answered === undefined) return raw.body;
  if (!isMap(answered.value) || type.facts.update?.returns !== type.facts.get?.returns) return undefined;
  const answer = withoutParts(answered.value, type);
  const { expand } = type.query;
  const expanded = Array.isArray(expand) ? expand.map(String) : [];
  const parts = type.parts.map((part) => part.at.slice(1));
  if (answered.fields.some((field) => expanded.includes(field) && answer[field] === undefined)) return undefined;
  const kept = [...expanded, ...parts].flatMap((name) =>
    answer[name] !== undefined || raw.body[name] === undefined ? [] : [[name, raw.body[name]] as [string, Value]],
  );
  return makeMap([...Object.entries(answer), ...kept]);
}

/** Removes an object with the parts that are its own; one that is gone already is success. Nothing is forced: what is still used stays. */
export async function removeObject({ session }: Writing, live: Live): Promise<void> {
  const type = declared(live.document);
  const { delete: operation } = type.facts;
  if (operation === null) throw new OrgFailure('refused', `${live.address} cannot be deleted`);
  try {
    await session.client.call({
      method: 'DELETE',
      path: fillPath(operation.path, pathParameters(operation.path, pathIds(type.facts, live.id))),
      // A prompt's recordings are resources of their own in the API, and part of its document here.
      ...(type.parts.some(({ kind }) => kind === 'recordings') ? { query: { allResources: true } } : {}),
      expects: 'none',
    });
  } catch (failure) {
    if (!(failure instanceof OrgFailure) || failure.kind !== 'gone') throw failure;
  }
  session.names.forget(type.name, live.id);
}
