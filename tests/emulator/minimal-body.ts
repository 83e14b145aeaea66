import type { Model, TypeFacts } from '../../providers/genesys-emulator/facts.ts';
import { modelNamed, resolveModel, TYPES, typeFacts } from '../../providers/genesys-emulator/facts.ts';
import type { EmulatorCore } from '../../providers/genesys-emulator/index.ts';
import type { Json, JsonMap } from '../../providers/genesys-emulator/json.ts';
import { pathSteps } from '../../providers/genesys-emulator/json.ts';

/** What the models cannot say about a smallest body: rules that are prose in the catalogue. */
const OWN: Readonly<Record<string, (count: number) => JsonMap>> = {
  architect_schedule: () => ({ start: '2026-01-05T09:00:00.000', end: '2026-01-05T17:00:00.000' }),
  architect_user_prompt: (count) => ({ name: `Prompt_${count}` }),
  architect_datatable: () => ({ schema: { type: 'object', required: ['key'], properties: { key: { type: 'string' } } } }),
  architect_datatable_row: (count) => ({ key: `row ${count}` }),
  integration_credential: () => ({ type: { name: 'userDefined' }, credentialFields: {} }),
  flow: (count) => ({ name: `Flow ${count}`, type: 'INBOUNDCALL' }),
};

/** Makes smallest bodies that POST takes, and whatever they must refer to. */
export class Minimal {
  readonly #core: EmulatorCore;
  readonly #org: string;
  #count = 0;

  constructor(core: EmulatorCore, org: string) {
    this.#core = core;
    this.#org = org;
  }

  /** A body with what is required and nothing else; `count` makes its names differ. */
  body(facts: TypeFacts, model: string | null | undefined, depth = 0): JsonMap {
    this.#count += 1;
    const count = this.#count;
    const root = modelNamed(model?.replace(/[[\]]/g, ''));
    const refs = new Map(facts.refs.filter((ref) => ref.in !== 'read').map((ref) => [ref.path, ref.oneOf ?? [ref.to ?? '']]));
    const made = root === undefined ? {} : this.#map(root, '', refs, count, depth);
    const [field = 'name'] = facts.identity;
    const named =
      root?.properties?.[field]?.type === 'string' && made[field] === undefined && field !== 'version'
        ? { [field]: this.#text(root.properties[field], field, count) }
        : {};
    return { ...made, ...named, ...OWN[facts.type]?.(count) };
  }

  #map(model: Model, at: string, refs: ReadonlyMap<string, readonly string[]>, count: number, depth: number): JsonMap {
    const entries = (model.required ?? []).flatMap((name): readonly (readonly [string, Json])[] => {
      const property = model.properties?.[name];
      if (property === undefined || property.readOnly === true) return [];
      return [[name, this.#value(property, `${at}${name}`, refs, count, depth)]];
    });
    return Object.fromEntries(entries);
  }

  #value(property: Model, at: string, refs: ReadonlyMap<string, readonly string[]>, count: number, depth: number): Json {
    const target = refs.get(at) ?? refs.get(`${at}.id`);
    const model = resolveModel(property);
    if (target !== undefined && model.type === 'string') return this.need(target, depth);
    if (target !== undefined && model.type === 'object') return { id: this.need(target, depth) };
    if (model.enum !== undefined) return (model.enum.find((value) => value !== 'UNKNOWN') ?? 'x') as Json;
    switch (model.type) {
      case 'array':
        return Array.from({ length: refs.has(`${at}[].id`) || refs.has(`${at}[]`) ? 1 : (model.minItems ?? 0) }, () =>
          this.#value(model.items ?? {}, `${at}[]`, refs, count, depth),
        );
      case 'object':
        return this.#map(model, `${at}.`, refs, count, depth);
      case 'integer':
      case 'number':
        return Math.max(model.minimum ?? 1, 1);
      case 'boolean':
        return false;
      case 'string':
        return this.#text(model, at, count);
      default:
        return {};
    }
  }

  #text(model: Model, at: string, count: number): string {
    if (model.format === 'date-time') return '2026-01-05T09:00:00.000Z';
    if (model.format === 'local-date-time') return '2026-01-05T09:00:00.000';
    if (model.format === 'date') return '2026-01-05';
    if (model.format === 'uri') return `https://example.com/${count}`;
    if (/email/i.test(at)) return `person${count}@example.com`;
    return `${at.split('.').at(-1)} ${count}`.slice(0, model.maxLength ?? 100);
  }

  /** The id of an object of one of these types, made if there is none yet. */
  need(types: readonly string[], depth: number): string {
    const type = types.find((name) => TYPES.has(name)) ?? '';
    if (type === '') return '00000000-0000-4000-8000-000000000001';
    if (type === 'auth_division') return this.#core.context(this.#org).homeDivisionId;
    const [known] = this.#core
      .context(this.#org)
      .all(type)
      .filter((thing) => type !== 'flow' || thing.body['publishedVersion'] !== undefined);
    return known?.id ?? this.make(type, depth + 1).id;
  }

  /** Makes an object without the API, and its ancestors first. */
  make(type: string, depth = 0): { id: string; scope: string } {
    if (depth > 8) throw new Error(`references of ${type} go round in circles`);
    const facts = typeFacts(type);
    const scope = this.scope(facts, depth);
    if (type === 'flow') return this.#flow();
    const model = facts.create?.body ?? facts.update?.body;
    if (facts.create === null) return { id: this.#core.context(this.#org).insert(type, { name: `${type} ${this.#count++}` }, { scope }).id, scope };
    const body = { ...this.body(facts, model, depth) };
    return { id: this.#core.seed(this.#org, type, body, scope === '' ? {} : { parent: scope }), scope };
  }

  #flow(): { id: string; scope: string } {
    this.#count += 1;
    const version = { id: '1', type: 'PUBLISH' };
    return { id: this.#core.context(this.#org).insert('flow', { name: `Flow ${this.#count}`, type: 'INQUEUECALL', publishedVersion: version }).id, scope: '' };
  }

  /** Ids for the parameters of the create path, outermost first. */
  scope(facts: TypeFacts, depth = 0): string {
    const path = (facts.create ?? facts.list ?? facts.get).path;
    const params = [...path.matchAll(/\{([^}]*)\}/g)].length - (facts.create === null && facts.list === null ? 1 : 0);
    if (params <= 0 || facts.parent === null) return '';
    const parent = this.make(facts.parent, depth + 1);
    return parent.scope === '' || params === 1 ? parent.id : `${parent.scope}/${parent.id}`;
  }

  /** The body with a value put where a reference stands: `a.b[].id`. */
  static withRef(body: JsonMap, path: string, id: string): JsonMap {
    const put = (value: Json | undefined, steps: readonly string[]): Json => {
      const [step, ...rest] = steps;
      if (step === undefined) return id;
      if (step === '[]') return [put(undefined, rest)];
      if (step === '{}') return { some: put(undefined, rest) };
      return {
        ...(typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}),
        [step]: put((value as JsonMap | undefined)?.[step], rest),
      };
    };
    return put(body, pathSteps(path)) as JsonMap;
  }
}
