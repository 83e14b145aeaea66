import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Live } from '../../providers/contract.ts';
import { documentSchema } from '../../providers/genesys/body-schema.ts';
import { genesysTypes } from '../../providers/genesys/types.ts';
import { typeOf } from '../../state/address.ts';
import { diffDocuments } from '../../state/diff.ts';
import type { Document } from '../../state/document.ts';
import { getAt, setAt, walk } from '../../state/pointer.ts';
import { asDirective, isList, isMap, makeMap, type Value } from '../../state/value.ts';
import { samples } from '../samples/index.ts';
import type { Sample } from '../samples/sample.ts';
import { documentOf, SampleSite } from './sample-site.ts';

const typeFor = (document: Document) => genesysTypes.get(typeOf(document.address))!;
const remaining = (live: Live, wanted: Document) => diffDocuments(live.document, wanted, typeFor(wanted));

async function made(sample: Sample): Promise<{ readonly site: SampleSite; readonly live: Live; readonly wanted: Document }> {
  const site = new SampleSite(sample);
  const wanted = documentOf(sample);
  const answer = await site.run(site.writer.create(wanted, site.files(sample)));
  const first = typeof answer === 'string' ? await site.run(site.writer.get(wanted.address, answer)) : answer;
  const live = remaining(first!, wanted).length === 0 ? first! : await site.run(site.writer.update(first!, wanted, site.files(sample)));
  return { site, live, wanted };
}

test('every type of the list has a sample, and its schema accepts it', () => {
  expect(samples.map(({ type }) => type).sort()).toEqual([...genesysTypes.keys()].sort());
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false, allErrors: true });
  for (const sample of samples) {
    const type = genesysTypes.get(sample.type)!;
    const validate = ajv.compile(type.schema());
    expect([sample.type, validate(sample.body) ? [] : validate.errors]).toEqual([sample.type, []]);
    const whole = ajv.compile(documentSchema(type));
    expect([sample.type, whole({ type: sample.type, key: sample.key, body: sample.body }) ? [] : whole.errors]).toEqual([sample.type, []]);
  }
});

test("a schema names every unknown field, where the body is the API's and not the user's", () => {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, strictRequired: false });
  for (const sample of samples.filter(({ type }) => genesysTypes.get(type)!.shape.kind === 'object')) {
    const validate = ajv.compile(genesysTypes.get(sample.type)!.schema());
    expect([sample.type, validate({ ...sample.body, nmae: 'x' })]).toEqual([sample.type, false]);
    expect(validate.errors?.[0]?.params).toEqual({ additionalProperty: 'nmae' });
  }
});

describe.each(samples)('$type', (sample) => {
  test('what is written is what is read: canonical, body, canonical', async () => {
    const { site, live, wanted } = await made(sample);
    expect(remaining(live, wanted)).toEqual([]);
    const [found, ...others] = await site.run(site.writer.find(wanted.address));
    expect(others).toEqual([]);
    expect(remaining(found!, wanted)).toEqual([]);
    expect(found!.id).toBe(live.id);
    const read = await site.run(site.writer.read([sample.type], () => undefined));
    expect(diffDocuments(read.documents.get(wanted.address), wanted, typeFor(wanted))).toEqual([]);
    expect(read.completeness.get(sample.type)).toBe('whole');
  });

  test('writing it again sends nothing, unless there are secrets that cannot be compared', async () => {
    const { site, live, wanted } = await made(sample);
    const { sent } = await site.writes(() => site.run(site.writer.update(live, wanted, site.files(sample))));
    expect(sent).toEqual(typeFor(wanted).secrets.includes('/credentialFields/*') ? ['PUT /api/v2/integrations/credentials/<id>'] : []);
  });

  test('a field that is changed or taken out is so in the org', async () => {
    const { site, live, wanted } = await made(sample);
    let now = live;
    for (const [reason, edited] of edits(wanted, sample)) {
      now = await site.run(site.writer.update(now, edited, site.files(sample)));
      expect([reason, remaining(now, edited)]).toEqual([reason, []]);
      const again = await site.run(site.writer.get(edited.address, now.id));
      expect([reason, remaining(again!, edited)]).toEqual([reason, []]);
    }
  });
});

/** One edit for each leaf that can be changed without knowing what it means, and one for each top field that can be left out. */
function edits(wanted: Document, sample: Sample): readonly (readonly [string, Document])[] {
  const lasting = sample.lasting ?? [];
  const changed = [...walk(wanted.body)].flatMap(({ pointer, value }): (readonly [string, Document])[] => {
    const top = pointer.split('/')[1] ?? '';
    const next =
      lasting.includes(top) && top !== 'content' && sample.type !== 'architect_datatable_row' && top !== 'name' ? undefined : another(pointer, value, wanted);
    return next === undefined ? [] : [[`changed ${pointer}`, { ...wanted, body: setAt(wanted.body, pointer, next) }]];
  });
  const removed = Object.keys(wanted.body)
    .filter((name) => !lasting.includes(name))
    .map((name) => [`without /${name}`, { ...wanted, body: setAt(wanted.body, `/${name}`, undefined) }] as const);
  const shorter = [...walk(wanted.body)]
    .filter(({ pointer, value }) => isList(value) && value.length > 1 && !lasting.includes(pointer.split('/')[1] ?? ''))
    .map(({ pointer, value }) => [`shorter ${pointer}`, { ...wanted, body: setAt(wanted.body, pointer, (value as Value[]).slice(1)) }] as const);
  return [...changed, ...removed, ...shorter, ['as at first', wanted]];
}

const FREE_TEXTS = /^\/name$|\/(description|title|department|preferredName|text|ttsString|tts|callingPartyName|officialName|biography|city)$/;

function another(pointer: string, value: Value, wanted: Document): Value | undefined {
  const parent = pointer.slice(0, pointer.lastIndexOf('/'));
  if (asDirective(getAt(wanted.body, parent)) !== undefined) return undefined;
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') return value > 1 ? value - 1 : value + 1;
  if (typeof value === 'string' && FREE_TEXTS.test(pointer)) return `${value} (changed)`;
  return isMap(value) && Object.keys(value).length === 0 ? makeMap([]) : undefined;
}
