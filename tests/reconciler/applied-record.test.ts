import { expect, test } from '@jest/globals';
import { appliedDocuments, appliedIds } from '../../providers/reconciler/applied-record.ts';
import type { Address } from '../../state/address.ts';
import type { Step } from '../../state/change.ts';
import type { Document } from '../../state/document.ts';
import type { OutcomeWord } from '../../state/outcome.ts';

const [LEFT, RIGHT, ASIDE] = ['queue/Left', 'queue/Right', 'queue/Right ~cordboard-00000000'] as Address[] as [Address, Address, Address];
const document = (address: Address, was?: string): Document => ({ address, body: {}, ...(was === undefined ? {} : { was }) });
const rename = (to: Document, was: Address, id: string): Step => ({ ...nothing, address: to.address, document: to, was, id });
const nothing = { action: 'update', changes: [], reasons: [], deferred: [], needs: [] } as const;

/** A swap: one goes aside, the other takes its name, then the first takes that one's. */
const SWAP: readonly Step[] = [
  { ...rename(document(ASIDE), RIGHT, 'right'), temporary: { for: RIGHT, until: LEFT } },
  rename(document(RIGHT, 'Left'), LEFT, 'left'),
  rename(document(LEFT, 'Right'), ASIDE, 'right'),
];
const BEFORE = new Map([LEFT, RIGHT].map((address) => [address, document(address)]));
const IDS = new Map([
  [LEFT, 'left'],
  [RIGHT, 'right'],
]);

const remembered = (...words: readonly OutcomeWord[]) => {
  const done = SWAP.map((step, index) => ({ step, outcome: { address: step.address, word: words[index]! } }));
  const documents = appliedDocuments(done, BEFORE);
  return { ids: Object.fromEntries(appliedIds(done, documents, IDS)), was: Object.fromEntries([...documents].map(([address, { was }]) => [address, was])) };
};

test('a swap that was carried out is remembered as carried out, each id under its new name', () => {
  expect(remembered('updated', 'updated', 'updated')).toEqual({ ids: { [LEFT]: 'right', [RIGHT]: 'left' }, was: { [LEFT]: 'Right', [RIGHT]: 'Left' } });
});

test('a swap that failed is remembered as it was before: no id is remembered under a name that its object never got', () => {
  expect(remembered('failed', 'skipped', 'skipped')).toEqual({ ids: { [LEFT]: 'left', [RIGHT]: 'right' }, was: { [LEFT]: undefined, [RIGHT]: undefined } });
});
