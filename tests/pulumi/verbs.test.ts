import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { genesys } from '../../providers/genesys/platform.ts';
import { type PreviewDigest, previewCounts, previewOutputs } from '../../scripts/engine-preview.ts';
import { canonicalJson } from '../../state/canonical.ts';
import type { Value } from '../../state/value.ts';
import { JourneySite, records } from '../journeys/journey-site.ts';

const VERBS = ['preview', 'up', 'adopt'] as const;
const ORG = 'practice-empty';

describe('without a Pulumi CLI on the machine', () => {
  let site: JourneySite;
  /** No program is on the path, and none was installed for this person. */
  const bare = () => ({ PATH: join(site.folder, 'nothing'), HOME: site.folder });

  beforeAll(async () => {
    site = await JourneySite.start();
    site.write('manifests/practice/routing_skill/weaving.yaml', 'type: routing_skill\nkey: Weaving\nbody: {}\n');
  });
  afterAll(() => site.end());

  test.each(VERBS)('%s ends with 3, naming what does the same without it and how to install it, and asks the org nothing', async (verb) => {
    const before = site.orgs.core.journal.length;
    const { code, err } = await site.start([verb, '--org', ORG, ...(verb === 'up' ? ['--yes'] : [])], bare()).ended;
    expect(code).toBe(3);
    expect(err).toMatch(/no Pulumi CLI on PATH, nor in ~\/\.pulumi\/versions\/3\.248\.0\/bin/);
    expect(err).toMatch(/cordboard plan --org practice-empty --out plan\.json, then cordboard apply plan\.json/);
    expect(err).toMatch(/https:\/\/www\.pulumi\.com\/docs\/install, version 3\.248\.0/);
    expect(site.orgs.core.journal.length).toBe(before);
  });

  test.each(VERBS)('%s --json says so as one record', async (verb) => {
    const { code, out } = await site.start([verb, '--org', ORG, '--json', ...(verb === 'up' ? ['--yes'] : [])], bare()).ended;
    expect(code).toBe(3);
    expect(records(out)).toEqual([expect.objectContaining({ record: 'problem', code: 'PULUMI_MISSING', severity: 'error' })]);
  });

  test.each(VERBS)('%s --help has an example and the exit codes', async (verb) => {
    const { code, out } = await site.start([verb, '--help'], bare()).ended;
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`Example:\\n {2}cordboard ${verb} --org`));
    expect(out).toMatch(/Exit codes:/);
  });

  test.each(VERBS)('%s of an org that nobody configured is bad input', async (verb) => {
    const { code, err } = await site.start([verb, '--org', 'nowhere', ...(verb === 'up' ? ['--yes'] : [])], bare()).ended;
    expect(code).toBe(3);
    expect(err).toMatch(/no org "nowhere"/);
  });

  test('up asks before it writes; where nobody can be asked it says so and ends with 3', async () => {
    const { code, err } = await site.start(['up', '--org', ORG], bare()).ended;
    expect(code).toBe(3);
    expect(err).toMatch(/nobody can be asked[\s\S]*--yes/);
  });
});

describe('a preview of the engine in the records of a plan', () => {
  const facts = { types: genesys.types, policy: { role: 'test' } } as const;
  const state = (address: string, body: Value, more: object = {}) => ({
    type: `pulumi-nodejs:dynamic/genesys:${address.includes('#') ? 'edge' : address.replace(/\/.*/, '')}`,
    id: 'an-id',
    inputs: { address, body: canonicalJson(body), org: 'test', deferred: [], ignore: [], refs: {}, ...more },
  });
  const stack = { type: 'pulumi:pulumi:Stack' };
  const digest: PreviewDigest = {
    changeSummary: { same: 7, create: 2 },
    steps: [
      { op: 'refresh', oldState: stack, newState: stack },
      { op: 'refresh', oldState: state('routing_queue/A', {}), newState: state('routing_queue/A', { description: 'by hand' }) },
      { op: 'create', newState: stack },
      { op: 'create', newState: { ...state('routing_queue/New', { description: 'x' }), id: '' } },
      { op: 'update', oldState: state('routing_queue/A', { description: 'by hand' }), newState: state('routing_queue/A', { description: 'A' }) },
      { op: 'update', oldState: state('routing_queue/Old', {}), newState: state('routing_queue/B', {}) },
      { op: 'update', oldState: state('routing_queue/A#/queueFlow', null), newState: state('routing_queue/A#/queueFlow', { $ref: 'flow/F/inqueuecall' }) },
      { op: 'delete', oldState: state('routing_skill/Gone', {}) },
      { op: 'delete-replaced', oldState: state('flow/F/inboundcall', {}) },
      { op: 'replace', oldState: state('flow/F/inboundcall', {}), newState: state('flow/F/inboundcall', {}) },
      { op: 'create-replacement', newState: state('flow/F/inboundcall', {}) },
      { op: 'same', oldState: stack, newState: stack },
    ],
  };

  test('has one step for each resource that changes, with its field changes; what is never carried out is held', () => {
    const outputs = previewOutputs(digest, facts).map(({ address, action, changes, was, id, held }) => ({
      address,
      action,
      changes,
      was,
      id,
      held: held?.action,
    }));
    expect(outputs).toEqual([
      expect.objectContaining({ address: 'routing_queue/New', action: 'create', id: undefined }),
      expect.objectContaining({
        address: 'routing_queue/A',
        action: 'update',
        id: 'an-id',
        changes: [{ at: '/description', kind: 'change', before: 'by hand', after: 'A' }],
      }),
      expect.objectContaining({ address: 'routing_queue/B', action: 'update', was: 'routing_queue/Old', changes: [] }),
      expect.objectContaining({
        address: 'routing_queue/A#/queueFlow',
        changes: [expect.objectContaining({ at: '/queueFlow', after: { $ref: 'flow/F/inqueuecall' } })],
      }),
      expect.objectContaining({ address: 'routing_skill/Gone', action: 'held', held: 'delete', changes: [] }),
      expect.objectContaining({ address: 'flow/F/inboundcall', action: 'held', held: 'replace' }),
    ]);
    expect(previewCounts(previewOutputs(digest, facts), digest)).toEqual({ 'to create': 1, 'to update': 3, 'to delete': 0, held: 2, unchanged: 7 });
  });

  test('what the command allows is deleted, and what is replaced makes way under a temporary name', () => {
    const outputs = previewOutputs(digest, { ...facts, allowDeletes: { count: 2, percent: 100 } });
    const aside = expect.stringMatching(/^flow\/F ~cordboard-[0-9a-f]{8}\/inboundcall$/);
    expect(outputs.slice(-4).map(({ address, action, was }) => ({ address, action, was }))).toEqual([
      { address: 'routing_skill/Gone', action: 'delete', was: undefined },
      { address: aside, action: 'update', was: 'flow/F/inboundcall' },
      { address: 'flow/F/inboundcall', action: 'create', was: undefined },
      { address: expect.stringMatching(/#\/~replaced$/), action: 'delete', was: 'flow/F/inboundcall' },
    ]);
    expect(previewCounts(outputs, digest)).toMatchObject({ 'to delete': 2, held: 0 });
    expect(previewOutputs(digest, { ...facts, allowDeletes: { count: 1 } }).filter(({ held }) => held !== undefined)).toHaveLength(2);
  });
});
