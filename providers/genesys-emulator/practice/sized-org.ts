import { guid, seededChance } from '../chance.ts';
import type { EmulatorCore } from '../core.ts';
import type { FlowMap, FlowNode } from '../flows/flow-node.ts';
import { findReferences } from '../flows/flow-references.ts';
import type { BoundReference } from '../flows/publish-flow.ts';
import { insertPublished } from '../flows/stored-flow.ts';
import type { JsonMap } from '../json.ts';
import type { OrgContext } from '../special.ts';
import * as p from './flow-parts.ts';
import type { OrgSeed } from './org-seed.ts';
import { practiceClients } from './practice-clients.ts';
import { toneWav } from './wav.ts';

/** How many of 146 resources of the practice org are of each type; the one that is left over is the utilization. */
const SHARES = {
  auth_division: 3,
  routing_skill: 20,
  routing_wrapup_code: 12,
  user: 30,
  architect_schedule: 9,
  architect_schedule_group: 4,
  architect_user_prompt: 9,
  architect_datatable: 3,
  architect_datatable_row: 15,
  integration_credential: 3,
  flow: 14,
  routing_queue: 18,
  architect_ivr: 5,
} as const;
type SharedType = keyof typeof SHARES;

/** One made object: what others need to name it. */
interface Made {
  readonly id: string;
  readonly name: string;
}

interface Plan {
  readonly made: Readonly<Record<SharedType, readonly Made[]>>;
  readonly pick: (type: SharedType, count: number, below?: number) => readonly Made[];
  readonly chance: () => number;
  /** Pairs that form a cycle: of a queue and its in-queue flow, and of two flows. */
  readonly pairs: { readonly queues: number; readonly flows: number };
}

/**
 * An org of `size` resources (the home division not counted) in the practice org's proportions: four references per resource on
 * average, one resource in a thousand in a cycle of two. Same size and seed, same names, ids and references. Written straight
 * into the store, so that 100,000 take seconds.
 */
export function sizedOrg(options: { readonly size: number; readonly seed: string; readonly name?: string }): OrgSeed {
  const name = options.name ?? 'practice-sized';
  return { spec: { name, homeDivision: 'Home', clients: practiceClients(name) }, fill: (core) => fill(core, name, options.size, options.seed) };
}

function fill(core: EmulatorCore, name: string, size: number, seed: string): void {
  const plan = makePlan(size, seededChance(`sized/${size}/${seed}`));
  const org = core.context(name);
  if (size > 0)
    org.insert('routing_utilization', { utilization: { chat: { maximumCapacity: 2, interruptableMediaTypes: [], includeNonAcd: false } } }, { id: 'only' });
  insertPlain(plan, org);
  insertUsers(plan, org);
  insertHours(plan, org);
  insertTables(plan, org);
  insertQueues(plan, org);
  insertFlows(plan, org);
  insertIvrs(plan, org);
}

/** Counts by largest remainder, so that they add up to the size exactly. */
function countsOf(size: number): Readonly<Record<SharedType, number>> {
  const rest = Math.max(0, size - 1);
  const whole = Object.values(SHARES).reduce((sum, share) => sum + share, 0);
  const exact = Object.entries(SHARES).map(([type, share]) => ({ type: type as SharedType, exact: (rest * share) / whole }));
  const missing = rest - exact.reduce((sum, row) => sum + Math.floor(row.exact), 0);
  const lucky = new Set(
    [...exact]
      .sort((left, right) => (right.exact % 1) - (left.exact % 1))
      .slice(0, missing)
      .map((row) => row.type),
  );
  return Object.fromEntries(exact.map((row) => [row.type, Math.floor(row.exact) + (lucky.has(row.type) ? 1 : 0)])) as Record<SharedType, number>;
}

function makePlan(size: number, chance: () => number): Plan {
  const counts = countsOf(size);
  const made = Object.fromEntries(
    Object.entries(counts).map(([type, count]) => [
      type,
      Array.from({ length: count }, (_, index) => ({ id: guid(chance), name: nameOf(type as SharedType, index) })),
    ]),
  ) as unknown as Plan['made'];
  const pick: Plan['pick'] = (type, count, below = made[type].length) => pickFrom(made[type], count, below, chance);
  const pairs = Math.round(size / 2_000);
  return { made, pick, chance, pairs: { queues: Math.ceil(pairs / 2), flows: Math.floor(pairs / 2) } };
}

/** Up to `count` different ones among the first `below`. */
function pickFrom(pool: readonly Made[], count: number, below: number, chance: () => number): readonly Made[] {
  const chosen = new Set<Made>();
  for (let tries = 0; tries < count * 3 && chosen.size < Math.min(count, below); tries += 1) {
    const one = pool[Math.floor(chance() * below)];
    if (one !== undefined) chosen.add(one);
  }
  return [...chosen];
}

const WORDS: Readonly<Record<SharedType, string>> = {
  auth_division: 'Division',
  routing_skill: 'Skill',
  routing_wrapup_code: 'Code',
  user: 'agent',
  architect_schedule: 'Schedule',
  architect_schedule_group: 'Hours',
  architect_user_prompt: 'Prompt',
  architect_datatable: 'Table',
  architect_datatable_row: 'row',
  integration_credential: 'Credential',
  flow: 'Flow',
  routing_queue: 'Queue',
  architect_ivr: 'Line',
};

function nameOf(type: SharedType, index: number): string {
  const number = String(index + 1).padStart(5, '0');
  if (type === 'user') return `agent${number}@sized.example`;
  return type === 'architect_user_prompt' ? `Prompt_${number}` : `${WORDS[type]} ${number}`;
}

const refs = (list: readonly Made[]): JsonMap[] => list.map(({ id }) => ({ id }));

function divisionOf(plan: Plan): JsonMap {
  const [division] = plan.pick('auth_division', 1);
  return division === undefined ? {} : { division: { id: division.id } };
}

function insertPlain(plan: Plan, org: OrgContext): void {
  for (const { id, name } of plan.made.auth_division) org.insert('auth_division', { name, description: '', homeDivision: false }, { id });
  for (const { id, name } of plan.made.routing_skill) org.insert('routing_skill', { name }, { id });
  for (const { id, name } of plan.made.routing_wrapup_code) org.insert('routing_wrapup_code', { name, ...divisionOf(plan) }, { id });
  for (const { id, name } of plan.made.integration_credential)
    org.insert(
      'integration_credential',
      { name, type: { name: 'basicAuth' }, credentialFields: { userName: name, password: `practice-only-${name}` } },
      { id },
    );
}

function insertUsers(plan: Plan, org: OrgContext): void {
  for (const { id, name } of plan.made.user) {
    const skills = plan.pick('routing_skill', 4).map((skill) => ({ id: skill.id, proficiency: 1 + Math.floor(plan.chance() * 5) }));
    org.insert('user', { name: name.split('@')[0] ?? name, email: name, ...divisionOf(plan) }, { id, parts: { routingskills: skills } });
  }
}

function insertHours(plan: Plan, org: OrgContext): void {
  for (const { id, name } of plan.made.architect_schedule) {
    org.insert(
      'architect_schedule',
      { name, start: '2026-01-05T08:00:00.000', end: '2026-01-05T18:00:00.000', rrule: 'FREQ=WEEKLY;INTERVAL=1;BYDAY=MO,TU,WE,TH,FR', ...divisionOf(plan) },
      { id },
    );
  }
  for (const { id, name } of plan.made.architect_schedule_group) {
    const [first, second, ...holidays] = refs(plan.pick('architect_schedule', 4));
    const openSchedules = [first, second].filter((one) => one !== undefined);
    org.insert(
      'architect_schedule_group',
      { name, timeZone: 'Europe/Berlin', openSchedules, closedSchedules: [], holidaySchedules: holidays, ...divisionOf(plan) },
      { id },
    );
  }
}

function insertTables(plan: Plan, org: OrgContext): void {
  const column = (title: string, displayOrder: number): JsonMap => ({ title, type: 'string', $id: `/properties/${title}`, displayOrder });
  for (const { id, name } of plan.made.architect_datatable) {
    const schema = {
      $schema: 'http://json-schema.org/draft-04/schema#',
      title: name,
      type: 'object',
      properties: { key: column('key', 0), value: column('value', 1) },
      required: ['key'],
      additionalProperties: false,
    };
    org.insert('architect_datatable', { name, schema }, { id });
  }
  for (const [index, { name }] of plan.made.architect_datatable_row.entries()) {
    const table = plan.made.architect_datatable[index % Math.max(1, plan.made.architect_datatable.length)];
    if (table !== undefined) org.insert('architect_datatable_row', { key: name, value: `value ${index}` }, { scope: table.id });
  }
  for (const [index, { id, name }] of plan.made.architect_user_prompt.entries()) insertPrompt(org, id, name, index);
}

/** Every tenth prompt has sound; the others speak. */
function insertPrompt(org: OrgContext, id: string, name: string, index: number): void {
  const spoken = { language: 'en-us', text: name, ttsString: name };
  const resource =
    index % 10 === 0
      ? { ...spoken, audio: org.keepBytes(toneWav(name)), uploadStatus: 'transcoded', durationSeconds: 0.6 }
      : { ...spoken, uploadStatus: 'created' };
  org.insert('architect_user_prompt', { name }, { id, parts: { resources: [resource] } });
}

/** The first flows are in-queue flows, then modules; the rest are for calls. */
function flowRoles(plan: Plan): { readonly inQueue: number; readonly modules: number } {
  const count = plan.made.flow.length;
  return { inQueue: Math.ceil(count / 7), modules: Math.ceil((count * 2) / 7) };
}

function insertQueues(plan: Plan, org: OrgContext): void {
  const { inQueue } = flowRoles(plan);
  for (const [index, { id, name }] of plan.made.routing_queue.entries()) {
    const partner = index < plan.pairs.queues ? plan.made.flow[index] : plan.pick('flow', 1, inQueue)[0];
    const queueFlow = partner === undefined ? {} : { queueFlow: { id: partner.id } };
    const members = plan.pick('user', 8).map((user) => ({ id: user.id, ringNumber: 1, joined: true }));
    org.insert(
      'routing_queue',
      { name, ...queueFlow, ...divisionOf(plan) },
      { id, parts: { members, wrapupcodes: refs(plan.pick('routing_wrapup_code', 4)) } },
    );
  }
}

function insertFlows(plan: Plan, org: OrgContext): void {
  const { inQueue, modules } = flowRoles(plan);
  for (const [index, made] of plan.made.flow.entries()) {
    const tree = index < inQueue ? inQueueFlow(plan, made, index) : index < modules ? moduleFlow(plan, made) : callFlow(plan, made, index, modules);
    const [rootKey = ''] = Object.keys(tree.file);
    const body = tree.file[rootKey] as FlowMap;
    const ids = new Map(tree.names.map(([kind, { id, name }]) => [`${kind}/${name}`, id]));
    const found = findReferences(rootKey, rootKey.toUpperCase(), body);
    const references = found.references.flatMap(({ kind, name, path, place, flowTypes }): BoundReference[] => {
      const id = ids.get(`${kind}/${name}`);
      return id === undefined ? [] : [{ kind, name, path, place, id, ...(flowTypes?.[0] === undefined ? {} : { flowType: flowTypes[0] }) }];
    });
    insertPublished(
      org,
      { id: made.id, name: made.name, type: rootKey.toUpperCase(), divisionId: org.homeDivisionId },
      { rootKey, tree: tree.file, references, platform: found.platform },
    );
  }
}

interface NamedTree {
  readonly file: FlowMap;
  readonly names: readonly (readonly [kind: string, Made])[];
}

const start = (root: string): FlowMap => ({
  startUpRef: `/${root}/tasks/task[Start_1]`,
  defaultLanguage: 'en-us',
  supportedLanguages: p.SILENT,
  variables: [],
});

/** An in-queue flow of a pair names the queue whose in-queue flow it is. */
function inQueueFlow(plan: Plan, made: Made, index: number): NamedTree {
  const prompts = plan.pick('architect_user_prompt', 2);
  const queue = index < plan.pairs.queues ? plan.made.routing_queue[index] : undefined;
  const actions: FlowNode[] = [
    ...prompts.map(({ name }) => p.play('Play', p.promptAudio(name))),
    ...(queue === undefined ? [] : [{ createCallback: { name: 'Callback', queue: p.named(queue.name) } }]),
  ];
  const file = p.flowFile('inqueueCall', made.name, 'Home', {
    defaultLanguage: 'en-us',
    supportedLanguages: p.SILENT,
    variables: [],
    startUpTaskActions: actions,
  });
  return { file, names: [...prompts.map((prompt) => ['userPrompt', prompt] as const), ...(queue === undefined ? [] : [['queue', queue] as const])] };
}

function moduleFlow(plan: Plan, made: Made): NamedTree {
  const tables = plan.pick('architect_datatable', 1);
  const prompts = plan.pick('architect_user_prompt', 2);
  const actions = [
    ...tables.map(({ name }) => p.lookUp(name, '"x"', { value: 'Flow.value' }, [], [])),
    ...prompts.map(({ name }) => p.play('Play', { prompt: `Prompt.${name}` })),
    p.endTask(),
  ];
  const file = p.flowFile('commonModule', made.name, 'Home', {
    defaultLanguage: 'en-us',
    supportedLanguages: p.SILENT,
    settingsCommonModule: { compatibleFlowTypes: [{ flowType: 'inboundcall' }] },
    startUpTaskActions: actions,
  });
  return { file, names: [...tables.map((table) => ['dataTable', table] as const), ...prompts.map((prompt) => ['userPrompt', prompt] as const)] };
}

/** A flow for calls: queues, skills, a prompt, hours, a module, and an earlier flow; the two of a pair lead to each other. */
function callFlow(plan: Plan, made: Made, index: number, first: number): NamedTree {
  const place = index - first;
  const partner = place < plan.pairs.flows * 2 ? plan.made.flow[first + (place % 2 === 0 ? place + 1 : place - 1)] : undefined;
  const earlier = plan.made.flow[first + Math.floor(plan.chance() * place)];
  const next = partner ?? (place === 0 ? undefined : earlier);
  const queues = plan.pick('routing_queue', 2);
  const skills = plan.pick('routing_skill', 3);
  const prompts = plan.pick('architect_user_prompt', 2);
  const hours = plan.pick('architect_schedule_group', 1);
  const actions = [
    ...hours.map(({ name }) => p.byHours(name, { closed: [p.disconnect()] })),
    ...prompts.map(({ name }) => p.play('Play', p.promptAudio(name))),
    ...queues.map(({ name }) => p.toQueue(name, p.skills(...skills.map((skill) => skill.name)))),
    ...(next === undefined ? [] : [p.toFlow(next.name)]),
    p.disconnect(),
  ];
  const file = p.flowFile('inboundCall', made.name, 'Home', { ...start('inboundCall'), tasks: [p.task('Start', 1, actions)] });
  const named = (kind: string, list: readonly (Made | undefined)[]) => list.flatMap((one) => (one === undefined ? [] : [[kind, one] as const]));
  return {
    file,
    names: [...named('queue', queues), ...named('skill', skills), ...named('userPrompt', prompts), ...named('scheduleGroup', hours), ...named('flow', [next])],
  };
}

function insertIvrs(plan: Plan, org: OrgContext): void {
  const { modules } = flowRoles(plan);
  const calls = plan.made.flow.slice(modules);
  for (const [index, { id, name }] of plan.made.architect_ivr.entries()) {
    const flows = pickFrom(calls, 3, calls.length, plan.chance);
    const [group] = plan.pick('architect_schedule_group', 1);
    const opens = Object.fromEntries(flows.map((flow, at) => [['openHoursFlow', 'closedHoursFlow', 'holidayHoursFlow'][at] ?? '', { id: flow.id }]));
    org.insert(
      'architect_ivr',
      {
        name,
        dnis: [`+1555${String(index).padStart(7, '0')}`],
        ...opens,
        ...(group === undefined ? {} : { scheduleGroup: { id: group.id } }),
        ...divisionOf(plan),
      },
      { id },
    );
  }
}
