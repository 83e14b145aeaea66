import { beforeAll, describe, expect, test } from '@jest/globals';
import { genesys } from '../../providers/genesys/platform.ts';
import { type Address, keyOf, keyParts, makeAddress, typeOf } from '../../state/address.ts';
import type { Document } from '../../state/document.ts';
import { isDone } from '../../state/outcome.ts';
import { makePointer } from '../../state/pointer.ts';
import { AppliedSite, ORG } from './applied-site.ts';
import { compareDrift, driftOf, groupBy, roundsOf, say } from './drift-lines.ts';
import { type FlowEdit, flowEditsOf, publishEdited } from './flow-edits.ts';
import { Hand, targetsIn } from './hand.ts';
import { editsOf, type HandEdit } from './hand-edits.ts';

let site: AppliedSite;
let hand: Hand;
let edits: readonly HandEdit[];

beforeAll(async () => {
  site = await AppliedSite.make();
  const ids = new Map<Address, string>((await site.read(ORG)).ids);
  hand = new Hand(site.core, ORG, ids);
  const targets = targetsIn(hand, (type) => genesys.types.has(type));
  edits = [...site.applied.documents.values()].flatMap((document) => editsOf(document, genesys.types.get(typeOf(document.address))!, targets));
}, 120_000);

const flows = () => [...site.applied.documents.values()].filter(({ address }) => typeOf(address) === 'flow');
const names = () => [...new Set([...site.applied.documents.keys()].map((address) => keyParts(address)?.[0] ?? ''))];

function chunks<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) => items.slice(index * size, (index + 1) * size));
}

describe('what a person changes by hand after the whole practice tree was applied', () => {
  test('nothing yet: no drift', async () => expect(driftOf((await site.drift()).plan)).toEqual([]));

  test('trap: dry-run blind spots: any leaf of any document: exactly that leaf is the drift', async () => {
    const before = site.core.hash(ORG);
    for (const round of roundsOf(edits)) {
      const undo = hand.make(round);
      const { plan } = await site.drift();
      undo();
      compareDrift(
        driftOf(plan),
        round.map(({ address, expected }) => say(address, expected)),
      );
    }
    expect(site.core.hash(ORG)).toBe(before);
    const counts = new Map([...groupBy(edits, ({ address }) => typeOf(address))].map(([type, all]) => [type, all.length]));
    // Every type but credentials, which have nothing but secrets; of flows the division (what they do is below).
    expect([...counts.keys()].sort()).toEqual([...genesys.types.keys()].filter((type) => type !== 'integration_credential').sort());
    expect(counts.get('flow')).toBe(flows().length);
    expect(edits.length).toBeGreaterThan(3_000);
  }, 300_000);

  test('any leaf of a published flow: exactly that leaf is the drift, none is refused by the org', async () => {
    const before = site.core.hash(ORG);
    const rounds = flows().map((document) => ({ document, batches: chunks(flowEditsOf(document, names()), 12) }));
    const most = Math.max(...rounds.map(({ batches }) => batches.length));
    const refused: string[] = [];
    let covered = 0;
    for (let round = 0; round < most; round += 1) {
      const undo = hand.remember(flows().map(({ address }) => address));
      const wanted = rounds.flatMap(({ document, batches }) => {
        const batch: readonly FlowEdit[] = batches[round] ?? [];
        const { made, failed } = publishEdited(hand, document.body['content']!, batch);
        refused.push(...failed);
        return made.map(({ edit, to }) => say(edit.address, { at: `/content${makePointer(edit.path)}`, kind: 'change', before: edit.from, after: to }));
      });
      const { plan } = await site.drift();
      undo();
      compareDrift(driftOf(plan), wanted);
      covered += wanted.length;
    }
    expect(refused).toEqual([]);
    expect(covered).toBeGreaterThan(500);
    expect(site.core.hash(ORG)).toBe(before);
  }, 300_000);

  test('any key: the drift is a rename of that object, told by its id, and of nothing that refers to it', async () => {
    const renamable = [...site.applied.documents.keys()].filter((address) => keyFieldOf(address) !== undefined);
    for (const round of chunks(renamable, 8)) {
      const undo = hand.remember(round);
      for (const address of round) rename(address);
      const { plan } = await site.drift();
      undo();
      compareDrift(
        driftOf(plan),
        round.map((address) => `${address} ${genesys.types.get(typeOf(address))!.isRenamable ? 'update' : 'held'} ${renamed(address)}`),
      );
    }
    expect(renamable.length).toBeGreaterThan(120);
  }, 300_000);

  test('a field of a credential that is gone: its name is the drift, its value is nowhere', async () => {
    const isPair = ({ address: at, body }: Document) => typeOf(at) === 'integration_credential' && Object.keys(body['credentialFields'] as object).length > 1;
    const { address } = [...site.applied.documents.values()].find(isPair)!;
    const undo = hand.remember([address]);
    site.core.edit(ORG, 'integration_credential', hand.thing(address).id, ({ credentialFields, ...body }) => {
      const [[, ...kept]] = [Object.entries(credentialFields as object)];
      return { ...body, credentialFields: Object.fromEntries(kept) };
    });
    const { plan } = await site.drift();
    undo();
    const changes = plan.steps.filter((step) => step.action !== 'unchanged').map((step) => [step.address, step.changes.length, step.changes[0]?.kind]);
    expect(changes).toEqual([[address, 1, 'add']]);
  });

  test('the plan of a drift puts everything back, but what the API cannot change', async () => {
    const [most = [], next = []] = roundsOf(edits);
    const possible = [...most, ...next].filter((edit) => !isForGood(edit));
    expect(possible.filter(({ address }) => typeOf(address) === 'flow').length).toBe(flows().length);
    const [first = [], second = []] = [possible.filter((edit) => most.includes(edit)), possible.filter((edit) => next.includes(edit))];
    for (const [round, renames] of [
      [first, []],
      [second, ['routing_queue/Returns', 'user/ada.lindqvist@harborandpine.example', 'architect_datatable/Routing Config', 'flow/Main Menu/inboundcall']],
    ] as const) {
      const before = configuration();
      hand.make(round);
      for (const document of flows()) publishEdited(hand, document.body['content']!, flowEditsOf(document, names()).slice(3, 5));
      for (const address of renames) rename(address as Address);
      expect(configuration()).not.toEqual(before);
      const { plan } = await site.drift();
      const outcomes = await site.apply(plan);
      expect(outcomes.filter((outcome) => !isDone(outcome))).toEqual([]);
      expect(driftOf((await site.drift()).plan)).toEqual([]);
      expect(configuration()).toEqual(before);
    }
  }, 300_000);
});

/** What the API refuses to change once it is there, by whomever: a skill's division, a table's columns, what only a creation takes. */
function isForGood({ address, path }: HandEdit): boolean {
  const isCreateOnly = genesys.types.get(typeOf(address))!.createOnly.some((at) => at === `/${path[0]}`);
  return isCreateOnly || (typeOf(address) === 'routing_skill' && path[0] === 'division') || (typeOf(address) === 'architect_datatable' && path[0] === 'schema');
}

/** The field that a person renames; none where an object's key is its id in the API, or where it has no name. */
function keyFieldOf(address: Address): string | undefined {
  const isFixed = typeOf(address) === 'architect_datatable_row' || keyOf(address) === '@home';
  return isFixed ? undefined : genesys.types.get(typeOf(address))!.keyFields[0];
}

function renamed(address: Address): Address {
  const [first = '', ...rest] = keyParts(address) ?? [];
  return makeAddress(typeOf(address), [typeOf(address) === 'user' ? `x${first}` : `${first}x`, ...rest]);
}

function rename(address: Address): void {
  const [name = ''] = keyParts(renamed(address)) ?? [];
  site.core.edit(ORG, typeOf(address), hand.thing(address).id, (body) => ({ ...body, [keyFieldOf(address)!]: name }));
}

/** Everything that the org holds, without versions and dates, which every write moves, and the earlier versions of flows. */
function configuration(): ReadonlyMap<string, unknown> {
  const { store } = site.core.org(ORG);
  const isMoment = (name: string) => /^(version|date|modified|.*Version$|currentOperation|supportedLanguages)/i.test(name) || /(Date|Modified|By)$/.test(name);
  const plain = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(plain).sort((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1));
    if (typeof value !== 'object' || value === null) return value;
    const kept = Object.entries(value).filter(([name, item]) => !isMoment(name) && !isNothing(item));
    return Object.fromEntries(kept.sort(([left], [right]) => (left < right ? -1 : 1)).map(([name, item]) => [name, plain(item)]));
  };
  return new Map(
    store.types().flatMap((type) => [...store.every(type)].map((thing) => [`${type} ${thing.scope} ${thing.id}`, plain([thing.body, thing.parts])])),
  );
}

/** What is left out, null or empty is all the same to the API. */
const isNothing = (value: unknown) => value === null || value === undefined || value === '' || (typeof value === 'object' && Object.keys(value).length === 0);
