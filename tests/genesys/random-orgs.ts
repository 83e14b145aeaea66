import { normaliseFlow, placeholderFlow } from '../../providers/genesys/flow-file.ts';
import { genesys } from '../../providers/genesys/platform.ts';
import { disconnect, ENGLISH, skills, task, toFlow, toQueue } from '../../providers/genesys-emulator/practice/flow-parts.ts';
import { type Address, keyOf, typeOf } from '../../state/address.ts';
import type { Document } from '../../state/document.ts';
import { textRef } from '../../state/text-refs.ts';
import { asDirective, type Value, type ValueMap } from '../../state/value.ts';

type Body = Readonly<Record<string, unknown>>;

/** A stream of numbers in [0, 1) that is the same for the same seed. */
export function chanceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const NAMES = ['Ant', 'Bee', 'Cat', 'Doe'];
const COLUMNS = ['key', 'value'];

/**
 * One random org as documents: every type, refs wherever they may stand, cycles of people, of flows, and of queues and flows. Deterministic. Where
 * it comes after another, no skill of the same name is in another division: that way is closed, since neither ever changes.
 */
export class RandomTree {
  readonly documents = new Map<Address, Document>();
  readonly #chance: () => number;
  readonly #keys = new Map<string, readonly string[]>();
  readonly #divisionOfSkill = new Map<string, Body | undefined>();

  constructor(chance: () => number, before: ReadonlyMap<Address, Document> = new Map()) {
    this.#chance = chance;
    for (const type of ['auth_division', 'routing_skill', 'routing_wrapup_code', 'routing_queue', 'architect_schedule', 'architect_schedule_group'])
      this.#draw(type, NAMES);
    for (const type of ['architect_ivr', 'architect_datatable', 'integration']) this.#draw(type, NAMES.slice(0, 3));
    this.#draw(
      'user',
      NAMES.map((name) => `${name.toLowerCase()}@example.com`),
    );
    this.#draw(
      'architect_user_prompt',
      NAMES.map((name) => `Prompt_${name}`),
    );
    this.#draw(
      'integration_credential',
      NAMES.slice(0, 3).map((name) => `${name}/userDefined`),
    );
    this.#draw(
      'flow',
      NAMES.flatMap((name) => [`${name}/inboundcall`, `${name}/inqueuecall`]),
    );
    this.#draw(
      'integration_action',
      NAMES.slice(0, 3).map((name) => `${name}/Orders`),
    );
    this.#draw(
      'architect_datatable_row',
      this.#all('architect_datatable').flatMap((table) => ['r1', 'r2'].map((row) => `${table}/${row}`)),
    );
    this.#keys.set('auth_division', [...this.#all('auth_division'), '@home']);
    this.#placeSkills(before);
    for (const type of this.#keys.keys()) for (const key of this.#all(type)) this.#put(type, key);
    this.#put('routing_utilization', '@only');
  }

  #draw(type: string, keys: readonly string[]): void {
    this.#keys.set(
      type,
      keys.filter(() => this.#chance() < 0.55),
    );
  }

  /** A skill that comes to another division has another name there. */
  #placeSkills(before: ReadonlyMap<Address, Document>): void {
    const placed = this.#all('routing_skill').map((name) => {
      const division = this.#maybe('auth_division', 0.7);
      const old = before.get(`routing_skill/${name}` as Address);
      const isSame = old === undefined || JSON.stringify(old.body['division'] ?? HOME) === JSON.stringify(division ?? HOME);
      return [isSame ? name : `${name} elsewhere`, division] as const;
    });
    for (const [name, division] of placed) this.#divisionOfSkill.set(name, division);
    this.#keys.set('routing_skill', [...this.#divisionOfSkill.keys()]);
  }

  #all(type: string): readonly string[] {
    return this.#keys.get(type) ?? [];
  }

  #put(type: string, key: string): void {
    const body = key === '@home' ? {} : this.#body(type, key);
    if (body === undefined) return;
    const address = `${type}/${key}` as Address;
    // JSON and back, so that fields without a value are none.
    this.documents.set(address, { address, body: JSON.parse(JSON.stringify(body)) as ValueMap });
  }

  #pick<Item>(items: readonly Item[]): Item | undefined {
    return items[Math.floor(this.#chance() * items.length)];
  }

  #some<Item>(items: readonly Item[], share = 0.5): Item[] {
    return items.filter(() => this.#chance() < share);
  }

  #maybe(type: string, share = 0.5, not = ''): Body | undefined {
    const key = this.#chance() < share ? this.#pick(this.#all(type).filter((other) => other !== not)) : undefined;
    return key === undefined ? undefined : { $ref: `${type}/${key}` };
  }

  #refs(type: string, share = 0.4): Body[] {
    return this.#some(this.#all(type), share).map((key) => ({ $ref: `${type}/${key}` }));
  }

  #words(): string | undefined {
    return this.#pick([undefined, 'one', 'two', `see ${DOLLAR}${DOLLAR}{ref:x`]);
  }

  /** A text of templates, with refs in it. */
  #template(): string | undefined {
    const types = this.#some(['routing_queue', 'user', 'architect_schedule'], 0.5);
    const named = types.flatMap((type) => this.#pick(this.#all(type).map((key) => textRef(`${type}/${key}` as Address))) ?? []);
    return this.#chance() < 0.3 ? undefined : `{"at": "${DOLLAR}{input.x}", "ids": "${named.join(',')}"}`;
  }

  /** What one document says. Long, since it is one table of all types. */
  #body(type: string, key: string): Body | undefined {
    const description = this.#words();
    const division = this.#maybe('auth_division', 0.4);
    switch (type) {
      case 'auth_division':
        return { description };
      case 'routing_skill':
        return { division: this.#divisionOfSkill.get(key) };
      case 'routing_wrapup_code':
        return { description, division };
      case 'user': {
        const skilled = this.#refs('routing_skill').map((skill) => ({ skill, proficiency: this.#pick([1, 3, 5]) }));
        return { name: this.#pick(['Ada', 'Eve']), title: description, division, manager: this.#maybe('user', 0.5, key), skills: skilled };
      }
      case 'routing_queue':
        return {
          description,
          division,
          members: this.#refs('user').map((user) => ({ user, ringNumber: this.#pick([1, 2]) })),
          wrapupCodes: this.#refs('routing_wrapup_code'),
          whisperPrompt: this.#maybe('architect_user_prompt', 0.3),
          queueFlow: this.#flow('inqueuecall'),
        };
      case 'routing_utilization':
        return { utilization: { call: { maximumCapacity: this.#pick([1, 2, 3]) } } };
      case 'architect_schedule':
        return { description, division, start: this.#pick(['2026-01-05T09:00:00.000', '2026-01-06T08:00:00.000']), end: '2026-01-06T17:00:00.000' };
      case 'architect_schedule_group':
        return {
          description,
          division,
          timeZone: this.#pick(['America/Denver', 'Europe/Berlin']),
          openSchedules: this.#refs(SCHEDULE),
          closedSchedules: this.#refs(SCHEDULE, 0.2),
        };
      case 'architect_ivr':
        return {
          description,
          division,
          dnis: this.#numbers(key),
          openHoursFlow: this.#flow('inboundcall'),
          scheduleGroup: this.#maybe('architect_schedule_group'),
        };
      case 'architect_user_prompt':
        return { description, resources: this.#some(['en-us', 'es-us']).map((language) => ({ language, ttsString: this.#pick(['Hello', 'Welcome']) })) };
      case 'architect_datatable': {
        const properties = Object.fromEntries(COLUMNS.map((name) => [name, { type: 'string', title: name }]));
        return { description, division, schema: { type: 'object', required: ['key'], properties } };
      }
      case 'architect_datatable_row':
        return { value: this.#maybe('routing_queue') ?? this.#pick(['', '0', 'no']) };
      case 'integration_credential':
        return { credentialFields: { apiKey: { $secret: 'API_KEY' } } };
      case 'integration':
        return {
          integrationType: { id: this.#pick(['custom-rest-actions', 'custom-rest-actions', 'purecloud-data-actions']) },
          intendedState: this.#pick(['ENABLED', undefined]),
          config: {
            notes: description,
            credentials: this.#named('basic', this.#maybe('integration_credential')),
            properties: { queueIdFilterList: this.#refs('routing_queue', 0.3) },
          },
        };
      case 'integration_action':
        return this.#action();
      default:
        return { division, content: this.#content(key) };
    }
  }

  #named(name: string, value: Body | undefined): Body {
    return value === undefined ? {} : { [name]: value };
  }

  #flow(kind: string): Body | undefined {
    const key = this.#chance() < 0.5 ? this.#pick(this.#all('flow').filter((flow) => flow.endsWith(`/${kind}`))) : undefined;
    return key === undefined ? undefined : { $ref: `flow/${key}` };
  }

  #action(): Body | undefined {
    const integrationId = this.#maybe('integration', 1);
    if (integrationId === undefined) return undefined;
    const inputSchema = { type: 'object', title: this.#pick(['In', 'In', 'In', 'Input']) };
    return {
      integrationId,
      contract: { input: { inputSchema }, output: { successSchema: { type: 'object' } } },
      config: { request: { requestUrlTemplate: '/x', requestType: 'GET', requestTemplate: this.#template() }, response: { successTemplate: this.#template() } },
    };
  }

  /** No number belongs to two. */
  #numbers(key: string): readonly string[] {
    const index = NAMES.indexOf(key);
    this.#numberOf ??= [...NAMES.keys()].sort(() => this.#chance() - 0.5);
    return this.#some([`+1206555010${this.#numberOf[index]}`, `+1206555011${this.#numberOf[index]}`], 0.7);
  }

  #numberOf: number[] | undefined;

  /** Calls go to queues, to other flows, and round in circles. */
  #content(key: string): unknown {
    const [, kind = ''] = key.split('/');
    if (kind === 'inqueuecall') return placeholderFlow('inqueueCall');
    const names = (type: string, share: number) => this.#some(this.#all(type), share);
    const others = this.#all('flow').filter((flow) => flow.endsWith('/inboundcall') && flow !== key);
    const actions = [
      ...names('routing_queue', 0.3).map((queue) => toQueue(queue, skills(...names('routing_skill', 0.2)))),
      ...this.#some(others, 0.4).map((flow) => toFlow(flow.split('/')[0] ?? '')),
      disconnect(),
    ];
    const start = task('Start', 1, actions);
    return normaliseFlow({
      inboundCall: { startUpRef: '/inboundCall/tasks/task[Start_1]', defaultLanguage: 'en-us', supportedLanguages: ENGLISH, tasks: [start] },
    } as unknown as Value);
  }
}

const HOME = { $ref: 'auth_division/@home' };
const SCHEDULE = 'architect_schedule';
const DOLLAR = '$';

/** The second tree with some of its documents declared to be renamed ones of the first: new names, and names that change places. */
export function withRandomRenames(from: ReadonlyMap<Address, Document>, to: ReadonlyMap<Address, Document>, chance: () => number): Map<Address, Document> {
  const renamed = new Map(to);
  for (const type of genesys.types.values()) {
    if (type.isSingleton) continue;
    const keys = (tree: ReadonlyMap<Address, Document>) =>
      [...tree.keys()].filter((address) => typeOf(address) === type.name && !keyOf(address).startsWith('@'));
    // A skill that has another name is another one, which takes the place of the first: that keeps its name until it goes.
    const isReplaced = type.name === 'routing_skill';
    const canBeRenamed = (type.isRenamable && type.parent === undefined) || isReplaced;
    const old = canBeRenamed ? keys(from).filter((address) => chance() < 0.6 && !(isReplaced && to.has(address))) : [];
    const was = new Map<Address, Address>();
    for (const address of keys(to)) {
      if (isReplaced && from.has(address)) continue;
      const isOther = (other: Address) => other !== address && ![...was.values()].includes(other) && sameFixed(address, other);
      const possible = isHoldingSkill(address, from, to) ? [] : old.filter(isOther);
      const one = chance() < 0.4 ? possible[Math.floor(chance() * possible.length)] : undefined;
      if (one !== undefined) was.set(address, one);
    }
    // An old name that another document has without saying where it comes from is no rename, nor is a new name that something else holds which stays
    // nowhere: that has to be gone before (a problem, by design).
    for (let isSettled = false; !isSettled; ) {
      const claimed = new Set(was.values());
      const wrong = [...was].filter(([address, other]) => (to.has(other) && !was.has(other)) || (from.has(address) && !claimed.has(address)));
      isSettled = wrong.length === 0;
      for (const [address] of wrong) was.delete(address);
    }
    // What is new is surely not what was there before.
    for (const address of keys(to)) if (!from.has(address)) renamed.set(address, { ...(to.get(address) as Document), was: 'none' });
    for (const [address, other] of was) renamed.set(address, { ...(to.get(address) as Document), was: keyOf(other) });
  }
  return renamed;
}

/** Whether a skill that keeps its name is in this division: that one keeps its name as well, or the skill would be in another. */
function isHoldingSkill(division: Address, from: ReadonlyMap<Address, Document>, to: ReadonlyMap<Address, Document>): boolean {
  const isIn = ({ address, body }: Document) => typeOf(address) === 'routing_skill' && asDirective(body['division'])?.value === division;
  return [...to.values()].some((document) => isIn(document) && from.has(document.address));
}

/** Parts of a key that no rename changes: the type of a flow and of a credential, the category of an action. */
function sameFixed(one: Address, other: Address): boolean {
  return one.split('/').slice(2).join('/') === other.split('/').slice(2).join('/');
}
