import { afterAll, describe, expect, test } from '@jest/globals';
import { inUseRefusal } from '../../providers/genesys-emulator/codes.ts';
import type { Operation, TypeFacts } from '../../providers/genesys-emulator/facts.ts';
import { modelNamed, TYPES } from '../../providers/genesys-emulator/facts.ts';
import type { Json, JsonMap } from '../../providers/genesys-emulator/json.ts';
import { valueAt, withValueAt } from '../../providers/genesys-emulator/json.ts';
import type { Verdict } from './declared-codes.ts';
import { declared, verdictsOnMissing, verdictsOnStale, verdictsOnUnknownRef } from './declared-codes.ts';
import { Minimal } from './minimal-body.ts';
import type { Answered } from './site.ts';
import { Site } from './site.ts';

const NOBODY = '00000000-0000-4000-8000-0000000000ff';

/** What was really tried, for how many types; printed at the end, so that nobody takes the suite for more than it is. */
const tried = new Map<string, number>();

function count(what: string): void {
  tried.set(what, (tried.get(what) ?? 0) + 1);
}

/** An org of its own; that every answer is of its model, `Site` sees to. */
function makeSite() {
  const site = new Site({ seed: 'every' });
  const send = (method: string, address: string, body?: Json): Answered => site.send(method, address, body);
  return { core: site.core, minimal: new Minimal(site.core, 'o'), send };
}

function fill(path: string, ids: readonly string[]): string {
  const rest = [...ids];
  return path.replace(/\{[^}]*\}/g, () => encodeURIComponent(rest.shift() ?? ''));
}

function verdictOf(answer: Answered): Verdict {
  return [answer.status, answer.code];
}

/** Everything that the suite does to one type, on an org of its own. */
class Trial {
  readonly facts: TypeFacts;
  readonly site = makeSite();

  constructor(facts: TypeFacts) {
    this.facts = facts;
  }

  create(scope: string, body: JsonMap): Answered {
    const operation = this.facts.create as Operation;
    return this.site.send('POST', fill(operation.path, scope === '' ? ['target'] : scope.split('/')), operation.body?.startsWith('[') === true ? [body] : body);
  }

  /** POST's answer, and the id by which the object is then found. */
  born(): { scope: string; body: JsonMap; answer: Answered; id: string } {
    const scope = this.site.minimal.scope(this.facts);
    const body = this.site.minimal.body(this.facts, this.facts.create?.body);
    const answer = this.create(scope, body);
    const [first] = Array.isArray(answer.body) ? (answer.body as JsonMap[]) : [answer.body];
    const all = this.site.core.context('o').all(this.facts.type);
    return { scope, body, answer, id: String(first?.['id'] ?? all[all.length - 1]?.id) };
  }

  /** The address of an object: its own id in its own parameter, its ancestors' before it, a version's behind it. */
  own(operation: Operation, scope: string, id: string): string {
    const params = [...operation.path.matchAll(/\{([^}]*)\}/g)].map((match) => match[1]);
    if (this.facts.parent === null) return fill(operation.path, [id, '1']);
    return fill(operation.path, params.length === 1 ? [id] : [...scope.split('/'), id]);
  }
}

/** Removed through an address that the catalogue's other operations do not share: by target and subject. */
const DELETED_OTHERWISE = new Set(['authorization_policy']);

const creatable = [...TYPES.values()].filter((facts) => facts.create !== null && !facts.singleton && facts.identity[0] !== '<parent>');

describe.each(creatable)('$type', (facts) => {
  test('is made, read, listed, changed and removed, every answer of its model', () => {
    const trial = new Trial(facts);
    const { scope, answer, id } = trial.born();
    expect({ status: answer.status, message: answer.body['message'] }).toEqual({ status: expect.anything(), message: undefined });
    expect(answer.status).toBeLessThan(300);
    const read = trial.site.send('GET', trial.own(facts.get, scope, id));
    expect(read.status).toBe(200);
    count('made and read');
    expectListed(trial, scope, id, true);
    expectChanged(trial, scope, id);
    if (facts.delete === null || DELETED_OTHERWISE.has(facts.type)) return;
    const gone = trial.site.send(facts.delete.method, trial.own(facts.delete, scope, id));
    expect({ code: gone.code, status: gone.status }).toEqual({ code: '', status: expect.anything() });
    expectListed(trial, scope, id, false);
  });

  test('meets a duplicate, an unknown field, a missing field, an unknown reference and a stale version with the catalogue’s codes', () => {
    const trial = new Trial(facts);
    const { scope, body, id } = trial.born();
    expectDuplicate(trial, scope, body);
    const fresh = trial.site.minimal.body(facts, facts.create?.body);
    if (modelNamed(facts.create?.body?.replace(/[[\]]/g, '')) !== undefined)
      expect(verdictOf(trial.create(scope, { ...fresh, surely_unknown: 1 }))).toEqual([400, 'invalid.property']);
    expectMissing(trial, scope);
    expectUnknownRef(trial, scope);
    expectStale(trial, scope, id);
  });
});

function expectListed(trial: Trial, scope: string, id: string, isThere: boolean): void {
  const { list } = trial.facts;
  if (list === null || list.requiredQuery !== undefined) return;
  const listed = trial.site.send(list.method, fill(list.path, scope.split('/')), list.method === 'POST' ? {} : undefined);
  expect(listed.code).toBe('');
  const rows = (list.itemsAt === '' ? listed.body : listed.body[list.itemsAt]) as unknown as readonly JsonMap[];
  const ids = rows.map((row) => row['id'] ?? row['key']);
  const rowModel = modelNamed(list.itemModel);
  if (rowModel === undefined || rowModel.properties?.['id'] !== undefined) expect(ids.includes(id)).toBe(isThere);
}

function updateBody(trial: Trial, scope: string, id: string): JsonMap {
  const { facts, site } = trial;
  const body = site.minimal.body(facts, facts.update?.body);
  const now = site.core.org('o').store.get(facts.type, id, scope)?.body ?? {};
  const same = Object.fromEntries(facts.identity.flatMap((field) => (now[field] === undefined || body[field] === undefined ? [] : [[field, now[field]]])));
  const version = facts.versionPath === undefined ? undefined : valueAt(now, facts.versionPath);
  const whole = { ...body, ...same };
  const isSent = facts.versionPath !== undefined && modelNamed(facts.update?.body)?.properties?.[facts.versionPath.split('.')[0] ?? ''] !== undefined;
  return facts.versionPath === undefined || version === undefined || !isSent ? whole : withValueAt(whole, facts.versionPath, version);
}

function expectChanged(trial: Trial, scope: string, id: string): void {
  const { update } = trial.facts;
  if (update === null || trial.facts.type === 'flow') return;
  const changed = trial.site.send(update.method, trial.own(update, scope, id), updateBody(trial, scope, id));
  expect({ code: changed.code, message: changed.body['message'] }).toEqual({ code: '', message: undefined });
}

function expectDuplicate(trial: Trial, scope: string, body: JsonMap): void {
  const { facts } = trial;
  const again = trial.create(scope, body);
  if (facts.identityEnforcedBy === null) {
    count('twins allowed, since no code is declared');
    if (facts.type !== 'routing_email_outbound_domain') expect(again.code).toBe('');
    return;
  }
  count('duplicate key refused');
  expect(facts.identityEnforcedBy[String(again.status)]).toContain(again.code);
}

function expectMissing(trial: Trial, scope: string): void {
  const { facts, site } = trial;
  const required = modelNamed(facts.create?.body?.replace(/[[\]]/g, ''))?.required?.find(
    (name) => modelNamed(facts.create?.body)?.properties?.[name]?.readOnly !== true,
  );
  if (required === undefined) return;
  count('missing field refused');
  const { [required]: _left, ...rest } = site.minimal.body(facts, facts.create?.body);
  expect(verdictsOnMissing(facts, required)).toContainEqual(verdictOf(trial.create(scope, rest)));
}

function expectUnknownRef(trial: Trial, scope: string): void {
  const { facts, site } = trial;
  const ref = facts.refs.find(
    (candidate) =>
      candidate.in !== 'read' &&
      candidate.by === undefined &&
      candidate.oneOf === undefined &&
      TYPES.has(candidate.to ?? '') &&
      isWritable(facts, candidate.path),
  );
  if (ref === undefined) return;
  count('unknown reference refused');
  const answer = trial.create(scope, Minimal.withRef(site.minimal.body(facts, facts.create?.body), ref.path, NOBODY));
  expect(verdictsOnUnknownRef(facts, ref.to ?? '')).toContainEqual(verdictOf(answer));
}

/** Only references one or two steps deep: deeper ones need bodies that the models do not describe. */
function isWritable(facts: TypeFacts, path: string): boolean {
  const [first = '', ...rest] = path.split('.');
  const property = modelNamed(facts.create?.body)?.properties?.[first.replace(/[[\]{}]/g, '')];
  return property !== undefined && property.readOnly !== true && (rest.length === 0 || (rest.length === 1 && rest[0] === 'id'));
}

function expectStale(trial: Trial, scope: string, id: string): void {
  const { facts, site } = trial;
  const path = facts.versionPath;
  if (facts.update === null || path === undefined || modelNamed(facts.update.body)?.properties?.[path.split('.')[0] ?? ''] === undefined) return;
  const body = updateBody(trial, scope, id);
  if (valueAt(body, path) === undefined) return;
  count('stale version refused');
  const answer = site.send(facts.update.method, trial.own(facts.update, scope, id), withValueAt(body, path, 77));
  expect(verdictsOnStale(facts)).toContainEqual(verdictOf(answer));
}

const usable = creatable.filter((facts) => facts.delete !== null && inUseRefusal(facts, ['x']) !== undefined && userOf(facts) !== undefined);

/** A type that can be made with a reference to this one. */
function userOf(facts: TypeFacts): { user: TypeFacts; path: string } | undefined {
  for (const user of creatable) {
    const ref = user.refs.find(
      (candidate) => candidate.to === facts.type && candidate.in === 'both' && candidate.by === undefined && isWritable(user, candidate.path),
    );
    if (ref !== undefined && user.type !== facts.type && user.type !== 'flow' && user.create?.body?.startsWith('[') !== true) return { user, path: ref.path };
  }
  return undefined;
}

test.each(usable.filter((facts) => facts.type !== 'flow'))('$type is not deleted while it is used, and the code is the catalogue’s', (facts) => {
  const trial = new Trial(facts);
  const { scope, id } = trial.born();
  const { user, path } = userOf(facts) as { user: TypeFacts; path: string };
  const using = new Trial(user);
  Object.assign(using, { site: trial.site });
  const parent = trial.site.minimal.scope(user);
  const made = using.create(parent, Minimal.withRef(trial.site.minimal.body(user, user.create?.body), path, id));
  expect({ code: made.code, message: made.body['message'] }).toEqual({ code: '', message: undefined });
  const refused = trial.site.send('DELETE', trial.own(facts.delete as Operation, scope, id));
  count('delete while used refused');
  expect(declared(facts.errorCodes?.delete)).toContainEqual(verdictOf(refused));
  expect(trial.site.core.context('o').byId(facts.type, id)?.isDeleted).toBe(false);
});

const singletons = [...TYPES.values()].filter((facts) => facts.singleton || facts.identity[0] === '<parent>');

test.each(singletons)('$type always exists, and an update of it can be read back', (facts) => {
  const trial = new Trial(facts);
  const params = [...facts.get.path.matchAll(/\{/g)].length;
  const scope = params === 0 || facts.parent === null ? '' : trial.site.minimal.make(facts.parent).id;
  const read = trial.site.send('GET', fill(facts.get.path, [scope]));
  expect({ code: read.code, message: read.body['message'] }).toEqual({ code: '', message: undefined });
  if (facts.update === null) return;
  const body = trial.site.minimal.body(facts, facts.update.body);
  const version = facts.versionPath === undefined ? undefined : valueAt(read.body, facts.versionPath);
  const whole = facts.versionPath === undefined || version === undefined ? body : withValueAt(body, facts.versionPath, version);
  const changed = trial.site.send(facts.update.method, fill(facts.update.path, [scope]), whole);
  expect({ code: changed.code, message: changed.body['message'] }).toEqual({ code: '', message: undefined });
});

/** Said out loud, so that a type that is covered by less than the whole suite is no secret. */
afterAll(() => {
  const made = new Set([...creatable, ...singletons].map((facts) => facts.type));
  const rest = [...TYPES.values()].filter((facts) => !made.has(facts.type)).map((facts) => facts.type);
  for (const [what, types] of [...tried].sort()) process.stdout.write(`${what}: ${types} types\n`);
  process.stdout.write(`types of the catalogue without POST, which only other calls make: ${rest.join(', ')}\n`);
});
