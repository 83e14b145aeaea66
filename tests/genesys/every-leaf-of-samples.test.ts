import { expect, test } from '@jest/globals';
import { genesys } from '../../providers/genesys/platform.ts';
import type { Address } from '../../state/address.ts';
import type { Document } from '../../state/document.ts';
import { planDrift } from '../../state/make-plan.ts';
import { findOutside } from '../../state/remap.ts';
import { samples } from '../samples/index.ts';
import { compareDrift, driftOf, roundsOf, say } from './drift-lines.ts';
import { Hand, targetsIn } from './hand.ts';
import { editsOf } from './hand-edits.ts';
import { documentOf, ORG, SampleSite } from './sample-site.ts';

/** Samples are richer than the practice org: every kind of field that a type has. A flow has its division and content alone, which the practice org's show. */
const rich = samples.filter(({ type }) => type !== 'flow' && type !== 'integration_credential');

test.each(rich)('any leaf of the sample of $type: exactly that leaf is the drift', async (sample) => {
  const site = new SampleSite(sample);
  const document = outside(documentOf(sample));
  const type = genesys.types.get(sample.type)!;
  const made = await site.run(site.writer.create(document, site.files(sample)));
  const first = typeof made === 'string' ? (await site.run(site.writer.get(document.address, made)))! : made;
  const { id } = await site.run(site.writer.update(first, document, site.files(sample)));
  const known = await site.run(site.writer.locate(findOutside({ ...empty(), documents: new Map([[document.address, document]]) }, genesys.types)));
  const ids = new Map<Address, string>([
    [document.address, id],
    ...[...known].flatMap(([address, [one]]) => (one === undefined ? [] : [[address, one] as const])),
  ]);
  const hand = new Hand(site.core, ORG, ids);
  const edits = editsOf(
    document,
    type,
    targetsIn(hand, () => false),
  );
  const drift = async () => {
    const live = await site.run(site.writer.read([sample.type], () => undefined));
    const applied = { ...empty(), documents: new Map([[document.address, document]]), ids: new Map([[document.address, id]]) };
    const externals = await site.run(site.writer.locate(findOutside(applied, genesys.types)));
    return driftOf(planDrift({ applied, live, types: genesys.types, policy: { role: 'test' }, externals }));
  };
  expect(await drift()).toEqual([]);
  for (const round of roundsOf(edits)) {
    const undo = hand.make(round);
    const found = await drift();
    undo();
    compareDrift(
      found,
      round.map(({ address, expected }) => say(address, expected)),
    );
  }
  expect(edits.length).toBeGreaterThan(0);
});

/** The sample alone: all that it refers to is managed elsewhere. */
function outside(document: Document): Document {
  return { ...document, body: JSON.parse(JSON.stringify(document.body).replaceAll('{"$ref":', '{"$external":')) as Document['body'] };
}

function empty() {
  return { documents: new Map(), completeness: new Map(), files: new Map(), twins: new Map(), problems: [] } as const;
}
