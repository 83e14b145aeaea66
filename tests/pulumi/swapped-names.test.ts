import { expect, test } from '@jest/globals';
import { makeLiveOrg } from '../../providers/pulumi/live-inputs.ts';
import { programResources } from '../../providers/pulumi/resources.ts';
import type { Address } from '../../state/address.ts';
import { document, org, snapshot, types } from '../state/sample-types.ts';

const [A, B] = ['queue/A', 'queue/B'] as Address[] as [Address, Address];
const SWAPPED = [document(A, { limit: 5 }, { was: 'B' }), document(B, { limit: 6 }, { was: 'A' })];
const lives = (...documents: Parameters<typeof org>[0]) => org(documents, { ids: new Map(documents.map(({ address }) => [address, `id of ${address}`])) });
const APPLIED = { documents: snapshot(SWAPPED).documents, ids: lives(...SWAPPED).ids };

test('no resource has an alias by which another document goes; who takes a name comes behind who leaves it, but for the one that waits aside', () => {
  const { resources } = programResources('org', snapshot([...SWAPPED, document('queue/New', {}, { was: 'Old' })]).documents, types);
  expect(resources.map(({ address, was, inputs, needs }) => [address, was, inputs.was, needs.filter((one) => one === A || one === B)])).toEqual([
    [B, undefined, A, []],
    [A, undefined, B, [B]],
    ['queue/New', 'queue/Old', 'queue/Old', []],
  ]);
});

test('a swap that is remembered as applied is declared no more, also where one of the two was deleted by hand', () => {
  for (const live of [lives(...SWAPPED), lives(SWAPPED[0]!)]) {
    const { declared, unclear } = makeLiveOrg(live, snapshot(SWAPPED), { types, vars: new Map(), memory: APPLIED });
    expect([[...declared], unclear]).toEqual([[], []]);
  }
});

test('where nothing is remembered and the bodies do not tell, that is a problem of both', () => {
  const { declared, unclear } = makeLiveOrg(lives(document(A, { limit: 1 }), document(B, { limit: 2 })), snapshot(SWAPPED), { types, vars: new Map() });
  expect([[...declared], unclear.map(({ at }) => at)]).toEqual([[], [A, B]]);
});
