import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { genesys } from '../../providers/genesys/platform.ts';
import { bareDocument, readInputs } from '../../providers/pulumi/inputs.ts';
import { liveInputs, makeLiveOrg } from '../../providers/pulumi/live-inputs.ts';
import { makeProvider } from '../../providers/pulumi/provider.ts';
import { type ProgramResource, programResources } from '../../providers/pulumi/resources.ts';
import { type Address, keyOf, keyParts, makeAddress, splitEdge, typeOf } from '../../state/address.ts';
import type { FieldChange } from '../../state/change.ts';
import { diffDocuments } from '../../state/diff.ts';
import { AppliedSite, ORG } from '../genesys/applied-site.ts';
import { roundsOf } from '../genesys/drift-lines.ts';
import { flowEditsOf, publishEdited } from '../genesys/flow-edits.ts';
import { Hand, targetsIn } from '../genesys/hand.ts';
import { editsOf, type HandEdit } from '../genesys/hand-edits.ts';
import type { Bag } from './provider-process.ts';

/** The provider itself, in this process, over a practice org that holds the whole tree; what both drivers say of the same hand is compared. */
let site: AppliedSite;
let hand: Hand;
let edits: readonly HandEdit[];
let resources: readonly ProgramResource[];
/** What the stack holds: each resource's inputs, ids and all, as the last up left them. */
let stack: ReadonlyMap<Address, { readonly id: string; readonly bag: Bag }>;

beforeAll(async () => {
  site = await AppliedSite.make();
  const live = await site.read(ORG);
  hand = new Hand(site.core, ORG, new Map<Address, string>(live.ids));
  const targets = targetsIn(hand, (type) => genesys.types.has(type));
  const documents = [...site.applied.documents.values()];
  edits = documents.flatMap((document) => editsOf(document, genesys.types.get(typeOf(document.address))!, targets));
  resources = programResources(ORG, site.applied.documents, genesys.types).resources;
  const org = makeLiveOrg(live, site.applied, { types: genesys.types, vars: new Map() });
  stack = new Map(
    resources.map(({ address, inputs }) => {
      const owner = splitEdge(address).owner;
      const bag = liveInputs(readInputs({ ...inputs, refs: {} }), genesys.types.get(typeOf(owner))!, org)!;
      return [address, { id: live.ids.get(owner)!, bag: { ...bag } as Bag }];
    }),
  );
}, 120_000);

/** One thing that a driver would do, in words that both share. */
interface Said {
  readonly address: string;
  readonly action: string;
  readonly changes: readonly FieldChange[];
  readonly was?: string | undefined;
}

/** What the built-in driver says of the org as it is now. */
async function builtIn(): Promise<readonly Said[]> {
  const { plan } = await site.drift();
  const steps = plan.steps.filter((step) => step.action !== 'unchanged' && step.held?.action !== 'delete');
  return steps.map(({ address, action, changes, was }) => ({ address, action, changes, was })).sort(byAddress);
}

/** What the engine does with this provider: refresh, then a diff of what was read with what the program says. */
async function pulumi(): Promise<readonly Said[]> {
  const org = makeLiveOrg(await site.read(ORG), site.applied, { types: genesys.types, vars: new Map() });
  const provider = makeProvider({
    openSite: async () => ({
      types: genesys.types,
      policy: { role: 'practice' },
      org: async () => org,
      carryOut: () => Promise.reject(new Error('a read wrote')),
      judge: () => Promise.reject(new Error('a read deleted')),
      takeBack: () => Promise.reject(new Error('a read wrote')),
    }),
    findMissing: () => [],
  });
  const said: Said[] = [];
  for (const [address, { id, bag }] of stack) {
    const read = (await provider.read!(id, bag)) as { id: string; props: Bag; inputs: Bag };
    if (read.id === '') said.push({ address, action: 'create', changes: [] });
    else {
      const { changes, replaces = [] } = await provider.diff!(id, read.props, bag);
      if (replaces.length > 0 || (changes !== false && !isDeepStrictEqual(read.inputs, bag)))
        said.push(change(address, read.inputs, bag, replaces.length > 0 ? 'held' : 'update'));
    }
  }
  return said.sort(byAddress);
}

function change(address: Address, now: Bag, wanted: Bag, action: string): Said {
  const [before, after] = [readInputs(now), readInputs(wanted)];
  const type = genesys.types.get(typeOf(splitEdge(address).owner))!;
  const was = before.address === after.address ? undefined : before.address;
  return { address, action, changes: diffDocuments(bareDocument(before), bareDocument(after), type, after.inputs.deferred), was };
}

function byAddress(one: Said, other: Said): number {
  return one.address < other.address ? -1 : 1;
}

async function compareDrivers(): Promise<{ readonly steps: number; readonly fields: number }> {
  const [one, other] = [await builtIn(), await pulumi()];
  expect(other).toEqual(one);
  return { steps: one.length, fields: one.reduce((sum, { changes }) => sum + changes.length, 0) };
}

describe('both drivers list the same addresses, actions and fields', () => {
  test('of an org that is as applied: nothing', async () => {
    expect([await builtIn(), await pulumi()]).toEqual([[], []]);
  });

  test('of any leaf of any document that was changed by hand', async () => {
    let told = 0;
    for (const round of roundsOf(edits)) {
      const undo = hand.make(round);
      told += (await compareDrivers()).fields;
      undo();
    }
    expect(told).toBeGreaterThan(3_000);
  }, 300_000);

  test('of leaves of published flows, those in cycles among them', async () => {
    const flows = [...site.applied.documents.values()].filter(({ address }) => typeOf(address) === 'flow');
    const names = [...new Set([...site.applied.documents.keys()].map((address) => keyParts(address)?.[0] ?? ''))];
    for (let round = 0; round < 8; round += 1) {
      const undo = hand.remember(flows.map(({ address }) => address));
      for (const document of flows) {
        const all = flowEditsOf(document, names);
        publishEdited(hand, document.body['content']!, all.slice(round * Math.floor(all.length / 8)).slice(0, 2));
      }
      expect((await compareDrivers()).steps).toBe(flows.length);
      undo();
    }
  }, 300_000);

  test('of a key that was changed by hand: a rename of that object, and of nothing that refers to it', async () => {
    const fields = new Map([...genesys.types.values()].map((type) => [type.name, type.keyFields[0]]));
    const isNamed = (address: Address) =>
      typeOf(address) !== 'architect_datatable_row' && keyOf(address) !== '@home' && fields.get(typeOf(address)) !== undefined;
    const all = [...site.applied.documents.keys()].filter(isNamed);
    for (let from = 0; from < all.length; from += 12) {
      const round = all.slice(from, from + 12);
      const undo = hand.remember(round);
      for (const address of round) {
        const [first = '', ...rest] = keyParts(address) ?? [];
        const name = keyParts(makeAddress(typeOf(address), [typeOf(address) === 'user' ? `x${first}` : `${first}x`, ...rest]))?.[0] ?? '';
        site.core.edit(ORG, typeOf(address), hand.thing(address).id, (body) => ({ ...body, [fields.get(typeOf(address))!]: name }));
      }
      expect((await compareDrivers()).steps).toBe(round.length);
      undo();
    }
  }, 300_000);
});
