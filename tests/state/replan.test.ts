import { describe, expect, test } from '@jest/globals';
import type { Address } from '../../state/address.ts';
import type { Document } from '../../state/document.ts';
import { makePlan, type PlanRequest } from '../../state/make-plan.ts';
import { openReplanning } from '../../state/replan.ts';
import type { ResourceType, TypeTable } from '../../state/resource-type.ts';
import { makeMap } from '../../state/value.ts';
import { document, org, types as samples, snapshot, toValue } from './sample-types.ts';

const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);
console.log(`plans made again: seed ${seed}`);

const line: ResourceType = {
  ...(samples.get('team') as ResourceType),
  name: 'line',
  lists: { '/dnis': { kind: 'set' } },
  unique: ['/dnis/*'],
  lastOne: [{ at: '/hours', rule: 'a line keeps hours' }],
};
const types: TypeTable = new Map([...samples, ['line', line]]);

type Chance = (limit: number) => number;

function chanceOf(start: number): Chance {
  let state = start >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

const nameOf = (type: string, index: number) => (type === 'flow' ? `flow/F${index}/call` : `${type}/${type}${index}`);

/** A body with fields that some types declare and some do not: refs, deferrable ones among them, create-only ones, lists that others have to do with. */
function randomBody(type: string, chance: Chance): object {
  const some = <Of>(value: Of, share: number): Of | undefined => (chance(100) < share ? value : undefined);
  const ref = (to: string) => ({ $ref: nameOf(to, chance(3)) });
  if (type === 'flow') return { content: { uses: chance(2) === 0 ? [] : [nameOf('queue', chance(3))], text: `t${chance(4)}` } };
  if (type === 'line') return { dnis: some([`+${chance(6)}`], 60), hours: some([1], 70), description: some(`d${chance(3)}`, 50) };
  if (type !== 'queue') return { note: some(`n${chance(4)}`, 60) };
  return {
    team: some(ref('team'), 40),
    flow: some(ref('flow'), 40),
    backup: some({ queue: ref('queue') }, 30),
    description: some(`d${chance(3)}`, 60),
    alert: some({ call: { seconds: chance(3) } }, 50),
    kind: some(`k${chance(2)}`, 10),
    limit: some(chance(3), 50),
  };
}

function randomDocument(address: string, chance: Chance): Document {
  const type = address.slice(0, address.indexOf('/'));
  const body = Object.fromEntries(Object.entries(randomBody(type, chance)).filter(([, value]) => value !== undefined));
  const more = chance(20) === 0 ? { ignore: ['/description' as const] } : {};
  return document(address, body, more);
}

const ADDRESSES = ['team', 'flow', 'queue', 'line'].flatMap((type) => [0, 1, 2].map((index) => nameOf(type, index)));

/** What is wanted, what lives, and perhaps what was applied; most of it alike. */
function randomRequest(chance: Chance): PlanRequest {
  const wanted = ADDRESSES.filter(() => chance(12) > 0).map((address) => randomDocument(address, chance));
  const living = wanted.filter(() => chance(15) > 0).map((one) => (chance(3) === 0 ? randomDocument(one.address, chance) : one));
  const extra = chance(3) === 0 ? [document('team/Extra', {})] : [];
  const live = org([...living, ...extra]);
  const remembered = chance(3) === 0 ? {} : { remembered: { documents: live.documents, ids: live.ids } };
  const allowed = chance(3) === 0 ? { allowDeletes: { count: chance(4), percent: 100 } } : {};
  return { wanted: snapshot(wanted), live, types, policy: { role: 'practice' }, externals: new Map(), ...remembered, ...allowed };
}

/** The document with one field more, less or other; now and then another one altogether. */
function changed(one: Document, chance: Chance): Document {
  if (chance(4) === 0) return randomDocument(one.address, chance);
  const field = ['description', 'note', 'limit', 'alert'][chance(4)] as string;
  const rest = Object.entries(one.body).filter(([name]) => name !== field);
  return { ...one, body: makeMap(chance(4) === 0 ? rest : [...rest, [field, toValue(field === 'alert' ? { call: { seconds: chance(5) } } : chance(5))]]) };
}

describe('a plan made again after one document changed', () => {
  test('is the plan that is made of all, whatever changed, many times in a row', () => {
    const told = { changes: 0, quick: 0 };
    for (let run = 0; run < 120; run += 1) {
      const chance = chanceOf(Math.imul(seed, 0x9e3779b1) + run);
      let request = randomRequest(chance);
      let planned = openReplanning(request);
      for (let step = 0; step < 5; step += 1) {
        const all = [...request.wanted.documents.values()];
        const document = changed(all[chance(all.length)] as Document, chance);
        request = { ...request, wanted: { ...request.wanted, documents: new Map([...request.wanted.documents, [document.address, document]]) } };
        planned = planned.change(document);
        expect({ run, plan: planned.plan }).toEqual({ run, plan: makePlan(request) });
        told.changes += 1;
        if (planned.isQuick) told.quick += 1;
      }
    }
    console.info(`${told.changes} changes, ${told.quick} of them followed without planning anew`);
    expect(told.quick / told.changes).toBeGreaterThan(0.2);
  });

  test.each([
    { reason: 'a ref', body: { team: { $ref: 'team/team1' } } },
    { reason: 'a value that another one may hold', body: { dnis: ['+1'] } },
    { reason: 'a field that cannot change', body: { kind: 'other' } },
  ])('$reason is planned anew', ({ body }) => {
    const address = ('dnis' in body ? 'line/line0' : 'queue/queue0') as Address;
    const documents = [document(address, {}), document('team/team1'), document('line/line1', { dnis: ['+1'] })];
    const request: PlanRequest = { wanted: snapshot(documents), live: org(documents), types, policy: { role: 'practice' }, externals: new Map() };
    expect(openReplanning(request).change(document(address, body)).isQuick).toBe(false);
    expect(openReplanning(request).change(document(address, 'dnis' in body ? { description: 'x' } : { limit: 12 })).isQuick).toBe(true);
  });
});
