import { expect, test } from '@jest/globals';
import type { Document } from '../../state/document.ts';
import { makePlan } from '../../state/make-plan.ts';
import { document, org, snapshot, types } from './sample-types.ts';

const inText = (address: string) => `$\{ref:${address}}`;

const LIVE = [
  document('team/Old'),
  document('flow/F/call', { content: { uses: ['team/Old'], text: 'Old' } }),
  document('queue/A', { team: { $ref: 'team/Old' }, description: `see ${inText('team/Old')}, not $${inText('team/Old')}` }),
  document('table/Old'),
  document('row/Old/one', { value: 1 }),
];
const NEW = [
  document('team/New', {}, { was: 'Old' }),
  document('flow/F/call', { content: { uses: ['team/New'], text: 'Old' } }),
  document('queue/A', { team: { $ref: 'team/New' }, description: `see ${inText('team/New')}, not $${inText('team/Old')}` }),
  document('table/New', {}, { was: 'Old' }),
  document('row/New/one', { value: 1 }),
];

const told = (wanted: readonly Document[], live: readonly Document[], remembered: readonly Document[] = live) => {
  const ids = new Map(remembered.map(({ address }, index) => [address, `id ${index}`]));
  const now = { ...org(live), ids: new Map(live.map(({ address }, index) => [address, `id ${index}`])) };
  const plan = makePlan({
    wanted: snapshot(wanted),
    live: now,
    types,
    policy: { role: 'test' },
    externals: new Map(),
    remembered: { documents: new Map(remembered.map((one) => [one.address, one])), ids },
  });
  expect(plan.problems).toEqual([]);
  return plan.steps.map((step) => [step.action, step.address, step.was, step.changes.map(({ at }) => at).join()]).sort();
};

test('a rename that a document declares changes the object alone: refs, names and children follow it', () => {
  expect(told(NEW, LIVE)).toEqual([
    ['unchanged', 'flow/F/call', undefined, ''],
    ['unchanged', 'queue/A', undefined, ''],
    ['unchanged', 'row/New/one', undefined, ''],
    ['update', 'table/New', 'table/Old', ''],
    ['update', 'team/New', 'team/Old', ''],
  ]);
});

test('a rename made in the org is told of the object alone', () => {
  const applied = LIVE;
  const renamed = NEW.map(({ was: _was, ...one }) => one);
  expect(told(applied, renamed, applied)).toEqual([
    ['unchanged', 'flow/F/call', undefined, ''],
    ['unchanged', 'queue/A', undefined, ''],
    ['unchanged', 'row/Old/one', undefined, ''],
    ['update', 'table/Old', 'table/New', ''],
    ['update', 'team/Old', 'team/New', ''],
  ]);
});

test('what changed beside a rename is told as well', () => {
  const live = LIVE.map((one) => (one.address === 'row/Old/one' ? document('row/Old/one', { value: 2 }) : one));
  expect(told(NEW, live)).toContainEqual(['update', 'row/New/one', undefined, '/value']);
});
