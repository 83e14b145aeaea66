import { type Address, keyOf, keyParts, makeAddress, typeOf } from '../../state/address.ts';
import type { Document } from '../../state/document.ts';
import { foldName } from '../../state/file-name.ts';
import { asDirective, directive, isList, isMap, makeMap, type Value, type ValueMap } from '../../state/value.ts';
import type { Exchange } from './exchange.ts';
import { type Json, type JsonMap, kindOf } from './kinds.ts';
import type { SimulatedOrg, Thing } from './org.ts';

/** What a life starts from: documents that are wanted, and an org that holds some of it already. */
export interface Case {
  readonly wanted: Map<Address, Document>;
  /** What the first manifests say wrongly, to be mended once a plan has refused it. */
  readonly broken: Map<Address, Document>;
}

export type MakeCase = (chance: () => number, org: SimulatedOrg, exchange: Exchange) => Case;

/** In this order everything that a thing refers to is there before it. */
const PLANTING = [
  'auth_division',
  'routing_skill',
  'routing_wrapup_code',
  'user',
  'architect_schedule',
  'architect_schedule_group',
  'architect_ivr',
  'routing_queue',
  'integration_credential',
];
const RENAMABLE = new Set(['routing_wrapup_code', 'routing_queue', 'architect_schedule', 'architect_schedule_group', 'architect_ivr', 'auth_division']);
const STRANGE = ['Ärger', 'A\u0308rger', 'x\u202Ey', 'z\u200Bz', '😀 Team', 'التسويق', '<b>&amp;', '100 %', 'a/b', '{c}', '日本', 'o\'`"', '- [x](y)'];
/** What a codec could take for something else, or lose. */
const STRANGE_TEXTS = [
  ...STRANGE,
  '00123',
  'no',
  '1:20',
  '-0',
  '~',
  '\uFEFFmarked',
  'a\u2028b',
  'a\u0085b',
  ' spaced ',
  'two\nlines\n',
  '# none',
  '\ud83d alone',
  '$\u007bx}',
];
const COLLIDING = ['CON', 'con', 'nul.txt', 'Team', 'TEAM', 'team ', 'ends.', 'x'.repeat(180), `${'x'.repeat(180)}y`, '..', 'a:b', 'a?b'];

/** A few documents, of which the org holds some, some of them otherwise; and strangers. Long, since every draw is of one chance, in one order. */
export const makeCase: MakeCase = (chance, org, exchange) => {
  const wanted = new Map<Address, Document>();
  const draw = new Draw(chance, exchange);
  const types = new Set(PLANTING.filter(() => chance() < 0.34));
  const some = (type: string, most: number): Address[] => (types.has(type) ? draw.addresses(type, 1 + Math.floor(chance() * most)) : []);
  const [divisions, skills, codes] = [some('auth_division', 1), some('routing_skill', 2), some('routing_wrapup_code', 1)];
  const [users, schedules, groups, ivrs] = [
    some('user', chance() < 0.05 ? 5 : 3),
    some('architect_schedule', 2),
    some('architect_schedule_group', 1),
    some('architect_ivr', 2),
  ];
  const [queues, credentials] = [some('routing_queue', 2), some('integration_credential', 1)];
  const want = (address: Address, entries: readonly (readonly [string, Value | undefined])[]): void => {
    const present = entries.filter((entry): entry is readonly [string, Value] => entry[1] !== undefined);
    wanted.set(address, { address, body: makeMap(present) });
  };
  const housed = () => ['division', divisions[0] !== undefined && chance() < 0.4 ? directive('$ref', divisions[0]) : undefined] as const;
  const told = () => ['description', chance() < 0.7 ? draw.text() : undefined] as const;
  for (const address of divisions) want(address, [told()]);
  for (const address of skills) want(address, [housed()]);
  for (const address of codes) want(address, [housed(), told()]);
  for (const [index, address] of users.entries()) {
    const rated = skills
      .filter(() => chance() < 0.6)
      .map((skill) =>
        makeMap([
          ['skill', directive('$ref', skill)],
          ['proficiency', 1 + Math.floor(chance() * 3)],
        ]),
      );
    want(address, [
      housed(),
      ['name', `Person ${index}`],
      ['title', chance() < 0.6 ? draw.text() : undefined],
      ['manager', draw.next(users, index, users.length > 3 ? 0.95 : 0.6)],
      ['skills', rated.length > 0 ? rated : undefined],
    ]);
  }
  for (const address of schedules)
    want(address, [
      housed(),
      told(),
      ['start', '2026-01-01T08:00:00.000'],
      ['end', draw.any(['2026-01-01T16:00:00.000', '2026-01-01T17:00:00.000'])],
      ['rrule', 'FREQ=DAILY;INTERVAL=1'],
    ]);
  for (const address of groups)
    want(address, [housed(), told(), ['timeZone', draw.any(['Europe/Berlin', 'Asia/Tokyo'])], ['openSchedules', draw.refs(schedules, 0.7)]]);
  // One that is open at no time no IVR may begin to use.
  const open = groups.find((group) => wanted.get(group)?.body['openSchedules'] !== undefined);
  for (const [index, address] of ivrs.entries())
    want(address, [housed(), told(), ['dnis', [`+4930${1000 + index}`]], ['scheduleGroup', open === undefined ? undefined : directive('$ref', open)]]);
  for (const [index, address] of queues.entries()) {
    const members = users
      .filter(() => chance() < 0.6)
      .map((user) => makeMap([['user', directive('$ref', user)], ...(chance() < 0.4 ? [['ringNumber', 2] as const] : [])]));
    const backup = draw.next(queues, index, 0.5);
    want(address, [
      housed(),
      told(),
      ['members', members.length > 0 ? members : undefined],
      ['wrapupCodes', draw.refs(codes, 0.7)],
      ['directRouting', backup === undefined || queues.length < 2 ? undefined : makeMap([['backupQueueId', backup]])],
    ]);
  }
  for (const address of credentials) want(address, [['credentialFields', makeMap([['password', directive('$secret', 'PASSWORD')]])]]);
  const areBacked = queues.length > 1 && queues.every((queue) => wanted.get(queue)?.body['directRouting'] !== undefined);
  if (hasCycle(users, wanted, '/manager') || areBacked) exchange.count('F22');
  plantSome(chance, org, wanted, exchange);
  return { wanted, broken: breakOne(chance, org, wanted, exchange) };
};

/** Draws names, texts and refs. */
class Draw {
  private readonly chance: () => number;
  private readonly exchange: Exchange;

  constructor(chance: () => number, exchange: Exchange) {
    this.chance = chance;
    this.exchange = exchange;
  }

  any<T>(of: readonly T[]): T {
    return of[Math.floor(this.chance() * of.length)] as T;
  }

  text(): string {
    if (this.chance() < 0.0005) {
      this.exchange.count('F24');
      return 'long '.repeat(20_000);
    }
    if (this.chance() < 0.1) {
      this.exchange.count('F25');
      return this.any(STRANGE_TEXTS);
    }
    return this.any(['red', 'green', 'blue']);
  }

  addresses(type: string, count: number): Address[] {
    // Two names that the org takes for one are refused before any plan: tests/store/codec-tree.test.ts.
    const asTaken = kindOf(type).isUnique ? foldName : String;
    const names = new Map<string, string>();
    while (names.size < count) {
      const name = this.name(type, names.size);
      names.set(asTaken(name), name);
    }
    return [...names.values()].map((name) => makeAddress(type, type === 'integration_credential' ? [name, 'basicAuth'] : [name]));
  }

  next(of: readonly Address[], index: number, share: number): ValueMap | undefined {
    const other = of[(index + 1) % of.length];
    return other === undefined || other === of[index] || this.chance() >= share ? undefined : directive('$ref', other);
  }

  refs(of: readonly Address[], share: number): ValueMap[] | undefined {
    const picked = of.filter(() => this.chance() < share);
    return picked.length === 0 ? undefined : picked.map((address) => directive('$ref', address));
  }

  private name(type: string, index: number): string {
    if (type === 'user') return `person.${index}@example.com`;
    const kind = this.chance();
    if (kind < 0.1) {
      this.exchange.count('F25');
      return this.any(STRANGE);
    }
    if (kind < 0.2) {
      this.exchange.count('F26');
      return this.any(COLLIDING);
    }
    return `${type.split('_').at(-1)} ${index}`;
  }
}

function hasCycle(users: readonly Address[], wanted: ReadonlyMap<Address, Document>, pointer: '/manager'): boolean {
  return users.length > 1 && users.every((user) => wanted.get(user)?.body[pointer.slice(1)] !== undefined);
}

// What lives at first.

function plantSome(chance: () => number, org: SimulatedOrg, wanted: Map<Address, Document>, exchange: Exchange): void {
  for (const type of PLANTING) {
    const documents = [...wanted.values()].filter(({ address }) => typeOf(address) === type);
    if (documents.length > 1 && RENAMABLE.has(type) && chance() < 0.15) plantSwapped(chance, org, documents, wanted, exchange);
    else if (type === 'routing_skill' && chance() < 0.2) for (const document of documents) plantElsewhere(org, document, exchange);
    else for (const document of documents) plantOne(chance, org, document, wanted, exchange);
    if (documents.length > 0 && chance() < 0.25) plantStranger(chance, org, type);
  }
}

/** As wanted, otherwise, with a field that the document leaves to others, under an old name, or twice. */
function plantOne(chance: () => number, org: SimulatedOrg, document: Document, wanted: Map<Address, Document>, exchange: Exchange): void {
  const { address } = document;
  const kind = kindOf(typeOf(address));
  const fate = chance();
  const isFixed = kind.style === 'none' && document.body['division'] !== undefined && idOf(org, document.body['division']) === undefined;
  if (isFixed) return;
  const other: JsonMap = kind.byHand === undefined ? {} : { [kind.byHand]: 'old' };
  if (fate < 0.15) plantAs(org, document);
  else if (fate < 0.3) plantAs(org, document, other);
  else if (fate < 0.4 && kind.byHand !== undefined) {
    const thing = plantAs(org, document, { ...other, [kind.byHand]: `note of ${address}` });
    thing.ignored = [kind.byHand];
    wanted.set(address, { ...document, ignore: [`/${kind.byHand}`] });
  } else if (fate < 0.5 && RENAMABLE.has(kind.type)) {
    const name = keyParts(address)?.[0] ?? '';
    const old = chance() < 0.3 && name !== name.toUpperCase() ? name.toUpperCase() : `old ${name}`.slice(0, 190);
    const oldAddress = makeAddress(kind.type, [old]);
    if (wanted.has(oldAddress) || org.under(oldAddress).length > 0) return;
    exchange.count('F27');
    plantAs(org, document, { ...(chance() < 0.5 ? other : {}), name: old });
    wanted.set(address, { ...document, was: oldAddress.slice(kind.type.length + 1) });
  } else if (fate < 0.53 && !kind.isUnique) {
    exchange.count('F12');
    plantAs(org, document, other);
    plantAs(org, document);
  }
}

/** Names go round: each lives under the next one's, or each IVR has the next one's number. */
function plantSwapped(chance: () => number, org: SimulatedOrg, documents: readonly Document[], wanted: Map<Address, Document>, exchange: Exchange): void {
  exchange.count('F27');
  const areNumbers = typeOf(documents[0]?.address as Address) === 'architect_ivr' && chance() < 0.5;
  for (const [index, document] of documents.entries()) {
    const next = documents[(index + 1) % documents.length] as Document;
    if (areNumbers) plantAs(org, document, { dnis: next.body['dnis'] as Json });
    else {
      plantAs(org, document, { name: keyParts(next.address)?.[0] ?? '' });
      wanted.set(document.address, { ...document, was: keyOf(next.address) });
    }
  }
}

/** In a division that it cannot leave: what is wanted has to take its place. */
function plantElsewhere(org: SimulatedOrg, document: Document, exchange: Exchange): void {
  const elsewhere = org.under(makeAddress('auth_division', ['elsewhere']))[0] ?? org.plant('auth_division', { name: 'elsewhere' });
  exchange.count('replaced');
  plantAs(org, document, { division: { id: elsewhere.id } });
}

/** Somebody else's: alone, or two of a kind that need each other, and what of other strangers they can refer to. */
function plantStranger(chance: () => number, org: SimulatedOrg, type: string): void {
  const first = plantOneStranger(chance, org, type, 'stranger');
  const isRing = type === 'user' || type === 'routing_queue';
  if (!isRing || chance() < 0.5) return;
  const second = plantOneStranger(chance, org, type, 'second stranger');
  for (const [from, to] of [
    [first, second],
    [second, first],
  ] as const)
    org.arrange(from, type === 'user' ? { manager: { id: to.id } } : { directRouting: { backupQueueId: to.id } });
}

function plantOneStranger(chance: () => number, org: SimulatedOrg, type: string, name: string): Thing {
  const others = (of: string): JsonMap[] => org.living(of).flatMap(({ id, by }) => (by === 'somebody' && chance() < 0.5 ? [{ id }] : []));
  const own: Readonly<Record<string, () => JsonMap>> = {
    user: () => ({ email: `${name.replace(' ', '.')}@example.com`, skills: others('routing_skill').map((skill) => ({ ...skill, proficiency: 1 })) }),
    integration_credential: () => ({ type: { name: 'basicAuth' }, credentialFields: {} }),
    architect_schedule: () => ({ start: '2026-01-01T08:00:00.000', end: '2026-01-01T09:00:00.000', rrule: 'FREQ=DAILY' }),
    architect_schedule_group: () => ({ timeZone: 'Europe/Berlin', openSchedules: others('architect_schedule') }),
    architect_ivr: () => ({ dnis: ['+49999'], scheduleGroup: others('architect_schedule_group')[0] ?? null }),
    routing_queue: () => ({ members: others('user').map((user) => ({ ...user, ringNumber: 1 })), wrapupCodes: others('routing_wrapup_code') }),
  };
  return org.plant(type, { name, ...own[type]?.() });
}

/** Plants what a document says, as far as what it refers to lives. */
export function plantAs(org: SimulatedOrg, document: Document, changes: JsonMap = {}): Thing {
  const type = typeOf(document.address);
  const [name = '', second] = keyParts(document.address) ?? [];
  const key: JsonMap = type === 'user' ? { email: name } : second === undefined ? { name } : { name, type: { name: second } };
  const body = Object.fromEntries(Object.entries(document.body).flatMap(([field, value]) => wireField(org, field, value)));
  return org.plant(type, { ...key, ...body, ...changes });
}

function wireField(org: SimulatedOrg, field: string, value: Value): [string, Json][] {
  if (field === 'credentialFields') return [[field, Object.fromEntries(Object.keys(value as object).map((name) => [name, '**********']))]];
  if (field === 'members' || field === 'skills')
    return [[field, (value as readonly ValueMap[]).flatMap((item) => wireItem(org, item, field === 'members' ? 'user' : 'skill'))]];
  if (field === 'directRouting') {
    const id = idOf(org, (value as ValueMap)['backupQueueId']);
    return id === undefined ? [] : [[field, { backupQueueId: id }]];
  }
  if (isList(value) && value.some((item) => asDirective(item) !== undefined))
    return [
      [
        field,
        value.flatMap((item) => {
          const id = idOf(org, item);
          return id === undefined ? [] : [{ id }];
        }),
      ],
    ];
  if (isMap(value)) {
    const id = idOf(org, value);
    return id === undefined ? [] : [[field, { id }]];
  }
  return [[field, value as Json]];
}

function wireItem(org: SimulatedOrg, item: ValueMap, by: 'user' | 'skill'): JsonMap[] {
  const id = idOf(org, item[by]);
  if (id === undefined) return [];
  return [by === 'user' ? { id, ringNumber: Number(item['ringNumber'] ?? 1) } : { id, proficiency: Number(item['proficiency']) }];
}

function idOf(org: SimulatedOrg, value: Value | undefined): string | undefined {
  const to = asDirective(value)?.value;
  return to === undefined ? undefined : org.under(to as Address)[0]?.id;
}

// What the first manifests say wrongly.

function breakOne(chance: () => number, org: SimulatedOrg, wanted: ReadonlyMap<Address, Document>, exchange: Exchange): Map<Address, Document> {
  const victim = [...wanted.values()].find(({ address }) => typeOf(address) === 'routing_queue' || typeOf(address) === 'user');
  if (victim === undefined || chance() >= 0.04) return new Map();
  exchange.count('F23');
  const isUser = typeOf(victim.address) === 'user';
  const wrong = wrongRef(chance(), org, isUser);
  const field = isUser ? 'manager' : 'wrapupCodes';
  const body = makeMap([...Object.entries(victim.body).filter(([name]) => name !== field), [field, isUser ? wrong : [wrong]]]);
  return new Map([[victim.address, { ...victim, body }]]);
}

/** To nothing, to what is of another type, or, outside of the tree, to a key that two objects have. */
function wrongRef(kind: number, org: SimulatedOrg, isUser: boolean): ValueMap {
  if (kind < 0.4) return directive('$ref', isUser ? 'user/nobody@example.com' : 'routing_wrapup_code/nothing');
  if (kind < 0.7 || isUser) return directive('$ref', 'auth_division/elsewhere');
  for (const _ of [1, 2]) org.plant('routing_wrapup_code', { name: 'twice' });
  return directive('$external', 'routing_wrapup_code/twice');
}
