import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Connection, OrgWriter } from '../../providers/contract.ts';
import { placeholderFlow, printFlow } from '../../providers/genesys/flow-file.ts';
import { rootKeyOfType } from '../../providers/genesys/flow-names.ts';
import type { GenesysType } from '../../providers/genesys/genesys-type.ts';
import { genesys } from '../../providers/genesys/platform.ts';
import { genesysTypes } from '../../providers/genesys/types.ts';
import { EmulatorCore, emulatorHttp } from '../../providers/genesys-emulator/index.ts';
import { applyPlan } from '../../providers/reconciler/apply-plan.ts';
import { openJournal } from '../../providers/reconciler/journal.ts';
import { type Address, keyOf, keyParts, typeOf } from '../../state/address.ts';
import { checkTree } from '../../state/check.ts';
import { decodeDocument, encodeDocument } from '../../state/codec.ts';
import type { Document } from '../../state/document.ts';
import { makePlan } from '../../state/make-plan.ts';
import { getAt, setAt } from '../../state/pointer.ts';
import type { Problem } from '../../state/problem.ts';
import { findOutside } from '../../state/remap.ts';
import type { LiveSnapshot, Snapshot } from '../../state/snapshot.ts';
import type { Value, ValueMap } from '../../state/value.ts';
import { samples } from '../samples/index.ts';
import { makeSimulatedWorld } from '../worlds/simulated-world.ts';
import { documentOf, insertInto, neededBy } from './sample-site.ts';
import { filled, textPlaces, textsOf } from './text-places.ts';

/**
 * Ids planted in every text of every type, by hand, in the org itself: no file holds one, another org gets its own in the same places, and what
 * was no id comes back byte for byte.
 */
const URL = 'http://127.0.0.1:4021';
const SOURCE = 'source';
/** One for each round: what only a creation takes is planted too. */
const targetOf = (round: number) => `target-${round}`;
const QUEUE = 'routing_queue/Owner of "one" {id}'.replace('{', '%7B').replace('}', '%7D') as Address;
const USER = 'user/owner@example.com' as Address;
const FOREIGN = '11112222-3333-4444-8555-666677778888';
const DOLLAR = '$';

class Pair {
  readonly world = makeSimulatedWorld({ seed: 3 });
  readonly core: EmulatorCore;

  constructor() {
    const spec = (name: string) => ({ name, homeDivision: `Home of ${name}`, clients: [{ id: name, secret: `${name}-secret`, permissions: ['*'] }] });
    this.core = new EmulatorCore({ orgs: [spec(SOURCE), ...PLANTS.map((_, round) => spec(targetOf(round)))], seed: 'planted', clock: this.world.clock });
    this.world.connect(emulatorHttp(this.core));
  }

  writer(org: string): OrgWriter {
    const connection: Connection = { api: URL, login: URL, apps: URL, clientId: org, clientSecret: `${org}-secret` };
    return genesys.openWriter(
      this.world,
      connection,
      () => undefined,
      (name) => `value of ${name}`,
    );
  }

  read(org: string): Promise<LiveSnapshot> {
    return this.world.run(this.writer(org).read([...genesys.types.keys()], () => undefined));
  }

  async apply(org: string, wanted: Snapshot, journal: string) {
    const client = this.writer(org);
    const run = <T>(work: Promise<T>) => this.world.run(work);
    const externals = await run(client.locate(findOutside(wanted, genesys.types)));
    const live = await run(client.read([...genesys.types.keys()], () => undefined));
    const plan = makePlan({ wanted, live, types: genesys.types, policy: { role: 'test' }, externals });
    const opened = await run(openJournal(this.world, `/${journal}`));
    const files = async (hash: string) => new TextEncoder().encode(SOUNDS.get(hash) ?? '');
    const outcomes = await run(applyPlan(plan, { org: client, journal: opened, types: genesys.types, files, world: this.world, report: () => undefined }));
    return { plan, outcomes };
  }

  /** The object behind an address, by the API's own words for its key. */
  thing(org: string, address: Address) {
    const { store } = this.core.org(org);
    const type = genesysTypes.get(typeOf(address)) as GenesysType;
    const parts = keyParts(address) ?? [];
    const own = parts.slice(-type.keyFields.length);
    const parent = type.parent === undefined ? undefined : this.idOf(org, `${type.parent}/${parts[0]}` as Address);
    const says = (body: Value, field: string) => String(getAt(body, `/${field.replaceAll('.', '/')}`)).toLowerCase();
    const isIt = (body: Value) => type.isSingleton || type.keyFields.every((field, index) => says(body, field) === own[index]?.toLowerCase());
    const found = store.all(type.name).find((thing) => (parent === undefined || thing.scope === parent) && isIt(thing.body as Value));
    if (found === undefined) throw new Error(`${org} has no ${address}`);
    return found;
  }

  idOf(org: string, address: Address): string {
    return this.thing(org, address).id;
  }
}

const SOUNDS = new Map<string, string>(samples.flatMap(({ files }) => Object.entries(files ?? {}).map(([name, text]) => [`sha256:${name}`, text] as const)));

/** Every kind of text in which ids can stand; `queue` and `user` are ids of the org that the text is in. */
const PLANTS: readonly { readonly reason: string; readonly text: (queue: string, user: string) => string }[] = [
  { reason: 'an id alone', text: (queue) => queue },
  { reason: 'an id within text', text: (queue) => `call ${queue} now` },
  { reason: 'two ids in one text', text: (queue, user) => `${queue},${user}` },
  { reason: 'ids in JSON, and in JSON inside of it', text: (queue, user) => JSON.stringify({ queueId: queue, inner: JSON.stringify({ user }) }) },
  { reason: 'an id that nobody owns', text: () => `x${FOREIGN}` },
  { reason: 'what looks like a ref', text: () => `${DOLLAR}{ref:routing_queue/Support} ${DOLLAR}${DOLLAR}{ref: ${DOLLAR}{ref` },
  {
    reason: 'dollars before an id, and a look-alike around one',
    text: (queue) => `${DOLLAR}${queue} ${DOLLAR}${DOLLAR}${queue} ${DOLLAR}{ref:a/${queue}} {ref:${queue}}`,
  },
];

interface Leaf {
  readonly address: Address;
  /** In the document. */
  readonly pointer: string;
  /** The place of the type's bodies. */
  readonly place: string;
}

/** Where in the body that an org stores a field of a document stands; parts stand beside the body. */
function stored({ address, pointer }: Leaf): string {
  return typeOf(address) === 'integration' ? pointer.replace(/^\/config\//, '/config/current/') : pointer;
}

/** Texts within a place that takes any JSON which are words of a schema and no text of the user's. */
const WORDS: Readonly<Record<string, readonly RegExp[]>> = {
  architect_datatable: [/\/(type|\$id|\$schema)$/, /\/required\//],
  integration_action: [/\/inputSchema\/(type|\$schema|required\/\d+)$/, /\/type$/, /\$\$ref$/],
};

/** Places where nothing is planted, beside those that take the words of an enumeration alone, and why. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'architect_schedule /start': 'a date, as the API checks',
  'architect_schedule /end': 'a date, as the API checks',
  'architect_schedule /rrule': 'a recurrence, as the API checks',
  'architect_user_prompt /resources/*/language': 'the key of a recording: another language is another recording',
  'integration /integrationType/id': "one of the vendor's own kinds of integrations",
  'user /biography/education/*/dateStart': 'a date, as the API checks',
  'user /biography/education/*/dateEnd': 'a date, as the API checks',
};

const isLeftOut = (type: string, place: string) => LEFT_OUT[`${type} ${place}`] !== undefined;

/** Texts for places whose inside no shape knows, where the sample has none. */
const EXAMPLES: Readonly<Record<string, Value>> = {
  'integration /config/advanced': { host: 'text' },
  'integration_action /contract/output/successSchema': { title: 'text' },
  'routing_queue /mediaSettings/email/allOutboundEmailAddresses/*/route/replyEmailAddress': { domain: { id: 'text', name: 'text' } },
};

/** A sample with a text at every place that its type has. */
function richDocumentOf(sample: (typeof samples)[number]): Document {
  const { address, body } = documentOf(sample);
  const { shape, name } = genesysTypes.get(sample.type) as GenesysType;
  return { address, body: filled(shape, body, { isWanted: (place) => !isLeftOut(name, place), example: (place) => EXAMPLES[`${name} ${place}`] }) as ValueMap };
}

/** Every text of a document that the API would take as any text. */
function leavesOf({ address, body }: Document): readonly Leaf[] {
  const type = genesysTypes.get(typeOf(address)) as GenesysType;
  const isWord = (pointer: string) => WORDS[type.name]?.some((word) => word.test(pointer)) === true;
  return textsOf(type, body)
    .filter(({ pointer, place }) => !isWord(pointer) && !isLeftOut(type.name, place))
    .map((leaf) => ({ address, ...leaf }));
}

/** The samples, what they refer to outside of them being managed elsewhere. */
function sampleTree(): Snapshot {
  const documents = new Map(samples.map((sample) => [documentOf(sample).address, richDocumentOf(sample)]));
  const outside = ({ address, body }: Document): Document => {
    const text = JSON.stringify(body).replace(/\{"\$ref":"([^"]*)"\}/g, (whole, to: Address) =>
      documents.has(to) || keyOf(to) === '@home' ? whole : `{"$external":"${to}"}`,
    );
    return { address, body: JSON.parse(text) as ValueMap };
  };
  return snapshotOf([...documents.values()].map(outside));
}

function snapshotOf(documents: readonly Document[]): Snapshot {
  return {
    documents: new Map(documents.map((document) => [document.address, document])),
    completeness: new Map(),
    files: new Map(),
    twins: new Map(),
    problems: [],
  };
}

const pair = new Pair();
const leaves = samples.flatMap((sample) => leavesOf(richDocumentOf(sample)));

beforeAll(async () => {
  const needed = new Set(samples.flatMap(neededBy));
  for (const address of [QUEUE, USER]) insertInto(pair.core, SOURCE, address);
  for (const address of needed) {
    if (samples.some((sample) => documentOf(sample).address === address)) continue;
    if (typeOf(address) === 'flow') publishEmpty(address);
    else insertInto(pair.core, SOURCE, address);
    if (!genesys.types.has(typeOf(address))) for (const round of PLANTS.keys()) insertInto(pair.core, targetOf(round), address);
  }
  publishPlanted(pair.idOf(SOURCE, QUEUE), pair.idOf(SOURCE, USER));
  const { plan, outcomes } = await pair.apply(SOURCE, sampleTree(), 'first');
  expect(plan.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(outcomes.filter(({ word }) => !['created', 'updated', 'adopted', 'unchanged'].includes(word))).toEqual([]);
});

/** A flow that somebody else has published. */
function publishEmpty(address: Address): void {
  const [name = '', kind = ''] = keyParts(address) ?? [];
  pair.core.seed(SOURCE, 'flow', { content: printFlow(placeholderFlow(rootKeyOfType(kind)), { name, division: `Home of ${SOURCE}` }) });
}

/** Texts that are keys of maps. */
function plantElsewhere(text: string): void {
  const context = pair.core.context(SOURCE);
  const action = pair.thing(SOURCE, documentOf(samples.find(({ type }) => type === 'integration_action')!).address);
  const keyed = [
    '/config/request/headers',
    '/config/response/translationMap',
    '/config/response/translationMapDefaults',
    '/contract/input/inputSchema/properties',
  ];
  const body = keyed.reduce(
    (at, map) => setAt(at, `${map}/${text.replaceAll('~', '').replaceAll('/', '')}`, map.endsWith('properties') ? { type: 'string' } : 'x'),
    action.body as ValueMap,
  );
  context.replace(action, { body: body as never });
}

/** A flow whose words hold every kind of text, published once. */
function publishPlanted(queue: string, user: string): void {
  const says = PLANTS.map(({ text }) => ({ playAudio: { name: 'Say', audio: { tts: text(queue, user) } } }));
  const finds = { updateData: { name: 'Find', statements: [{ string: { variable: 'Flow.q', value: { exp: `"${queue}" + "${user}"` } } }] } };
  const start = { task: { name: 'Start', refId: 'Start_1', actions: [...says, finds, { disconnect: { name: 'End' } }] } };
  const languages = { 'en-us': { defaultLanguageSkill: { noValue: true }, textToSpeech: { defaultEngine: { voice: 'Jill' } } } };
  const variables = [{ stringVariable: { name: 'Flow.q', initialValue: { noValue: true }, isInput: false, isOutput: false } }];
  const inner = { startUpRef: '/inboundCall/tasks/task[Start_1]', defaultLanguage: 'en-us', supportedLanguages: languages, variables, tasks: [start] };
  pair.core.seed(SOURCE, 'flow', { content: printFlow({ inboundCall: inner } as unknown as Value, { name: 'Planted', division: `Home of ${SOURCE}` }) });
}

function plant(leaf: Leaf, text: string): void {
  const thing = pair.thing(SOURCE, leaf.address);
  const context = pair.core.context(SOURCE);
  if (isOfRecording(leaf)) context.replaceParts(thing, { ...thing.parts, ...setAt(recordingsOf(thing.parts), leaf.pointer, text) } as never);
  else context.replace(thing, { body: setAt(thing.body as ValueMap, stored(leaf), text) as never });
}

/** What an org holds where a text was planted. */
function textAt(org: string, leaf: Leaf): Value | undefined {
  const { body, parts } = pair.thing(org, leaf.address);
  return isOfRecording(leaf) ? getAt(recordingsOf(parts), leaf.pointer) : getAt(body as Value, stored(leaf));
}

/** Recordings stand beside the body of their prompt. */
const isOfRecording = ({ address, pointer }: Leaf) => typeOf(address) === 'architect_user_prompt' && pointer.startsWith('/resources/');

/** In the order of languages, as in the document. */
function recordingsOf(parts: { readonly [name: string]: unknown }): ValueMap {
  const resources = [...(parts['resources'] as readonly ValueMap[])];
  return { resources: resources.sort((one, other) => (String(one['language']) < String(other['language']) ? -1 : 1)) };
}

const filesOf = (snapshot: Snapshot) =>
  [...snapshot.documents.values()].map((document) => {
    const { text, assets } = encodeDocument(document, genesys.types.get(typeOf(document.address))!);
    return { document, text, assets: assets.flatMap(({ content }) => content ?? []) };
  });

/** Every id of an org that is one of its own: GUIDs, not the keys that some types have for ids. */
const idsOf = (org: string): ReadonlySet<string> => {
  const { store } = pair.core.org(org);
  return new Set(
    [pair.core.org(org).id, ...store.types().flatMap((type) => [...store.every(type)].map(({ id }) => id))].filter((id) => /^[0-9a-f-]{36}$/.test(id)),
  );
};

describe.each(PLANTS.map((_, round) => round))('round %i: each text holds another kind', (round) => {
  const TARGET = targetOf(round);
  const kindOf = (index: number) => PLANTS[(index + round) % PLANTS.length]!;

  test('no file holds an id of the org, another org gets its own, and comes back the same', async () => {
    const of = (org: string) => [pair.idOf(org, QUEUE), pair.idOf(org, USER)] as const;
    leaves.forEach((leaf, index) => {
      plant(leaf, kindOf(index).text(...of(SOURCE)));
    });
    plantElsewhere(kindOf(0).text(...of(SOURCE)));
    const wanted = await pair.read(SOURCE);
    expect(JSON.stringify(wanted.documents.get('flow/Planted/inboundcall' as Address)?.body).split('{ref:').length).toBeGreaterThan(9);
    const isPlanted = ({ at, pointer }: Problem) => leaves.some((leaf) => leaf.address === at && leaf.pointer === pointer);
    const told = wanted.problems
      .filter(({ code }) => code === 'ID_UNKNOWN')
      .filter(isPlanted)
      .map(({ at, pointer }) => `${at} ${pointer}`);
    const foreign = leaves.filter((_, index) => kindOf(index).reason === 'an id that nobody owns').map(({ address, pointer }) => `${address} ${pointer}`);
    expect(told.sort()).toEqual([...foreign].sort());
    expect(checkTree(wanted, genesys.types).filter(({ severity }) => severity === 'error')).toEqual([]);
    const files = filesOf(wanted);
    const ids = idsOf(SOURCE);
    for (const { document, text, assets } of files)
      expect([document.address, [document.address, text, ...assets].flatMap((one) => [...ids].filter((id) => one.includes(id)))]).toEqual([
        document.address,
        [],
      ]);
    for (const { text, assets } of files) {
      const { document: back } = decodeDocument({ file: 'a.yaml', text, types: genesys.types, asset: (name) => ({ hash: '', text: assets[0] ?? name }) });
      expect(back?.body === undefined ? undefined : encodeDocument(back, genesys.types.get(typeOf(back.address))!).text).toBe(text);
    }
    const { plan, outcomes } = await pair.apply(TARGET, wanted, `round-${round}`);
    expect(plan.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect(outcomes.filter(({ word }) => !['created', 'updated', 'adopted', 'unchanged'].includes(word))).toEqual([]);
    // Items of sets stand in an order of the org's own.
    const place = ({ address, pointer }: Leaf) => `${address} ${pointer.replace(/\/\d+$/, '/*')}`;
    const held = leaves.map((leaf) => [place(leaf), textAt(TARGET, leaf)]);
    const want = leaves.map((leaf, index) => [place(leaf), kindOf(index).text(...of(TARGET))]);
    expect(held.map(String).sort()).toEqual(want.map(String).sort());
    const again = filesOf(await pair.read(TARGET));
    expect(new Map(again.map(({ document, text, assets }) => [document.address, [text, ...assets]]))).toEqual(
      new Map(files.map(({ document, text, assets }) => [document.address, [text, ...assets]])),
    );
  });
});

test.each([...genesysTypes.values()])(
  'ids were planted at every place of $name where a text can stand, but for those that have a reason',
  ({ name, shape }) => {
    const places = textPlaces(shape);
    const planted = new Set(leaves.filter(({ address }) => typeOf(address) === name).map(({ place }) => place));
    const reasons = places.flatMap(({ at, words }) => (words === undefined ? [LEFT_OUT[`${name} ${at}`] ?? []].flat() : ['a word of an enumeration']));
    process.stdout.write(`${name}: ${planted.size} of ${places.length} places of text planted, each with ${PLANTS.length} kinds; ${reasons.length} left out\n`);
    const left = places.filter(({ at }) => !planted.has(at));
    expect(left.filter(({ at, words }) => words === undefined && !isLeftOut(name, at)).map(({ at }) => at)).toEqual([]);
    expect(left.length).toBe(reasons.length);
  },
);

test('what is left out of planting is there', () => {
  const places = [...genesysTypes.values()].flatMap(({ name, shape }) => textPlaces(shape).map(({ at }) => `${name} ${at}`));
  expect(Object.keys(LEFT_OUT).filter((place) => !places.includes(place))).toEqual([]);
});
