import type { EmulatorCore } from '../core.ts';
import type { Json, JsonMap } from '../json.ts';
import type { OrgSpec } from '../org.ts';
import { HOME, type PracticeItem, type PracticeMap, PracticeRef, PracticeText, type PracticeValue } from './practice-item.ts';
import { toneWav } from './wav.ts';

/** An org and what it is filled with. `fill` is called once, on a core that was made with `spec` among its orgs. */
export interface OrgSeed {
  readonly spec: OrgSpec;
  readonly fill: (core: EmulatorCore) => void;
}

/** Fills an org with items, each checked as its POST would; throws at the first that is refused, naming it. */
export function seedOf(spec: OrgSpec, items: readonly PracticeItem[]): OrgSeed {
  return { spec, fill: (core) => fill(core, spec.name, items) };
}

function fill(core: EmulatorCore, orgName: string, items: readonly PracticeItem[]): void {
  const ids = new Map([[`auth_division/${HOME}`, core.context(orgName).homeDivisionId]]);
  for (const item of items) {
    try {
      ids.set(`${item.type}/${item.key}`, seedItem(core, orgName, item, ids));
    } catch (error) {
      throw new Error(`practice data of ${orgName}: ${item.type} "${item.key}" is refused`, { cause: error });
    }
  }
}

function seedItem(core: EmulatorCore, orgName: string, item: PracticeItem, ids: ReadonlyMap<string, string>): string {
  const body = resolveMap(item.body, ids);
  if (item.type === 'routing_utilization') return core.context(orgName).insert(item.type, body, { id: 'only' }).id;
  const { table, ...others } = item.parts ?? {};
  const parent = table?.[0] === undefined ? {} : { parent: String(resolveMap(table[0], ids)['id']) };
  const parts = Object.entries(others).map(([name, rows]) => [name, rows.map((row) => withSound(resolveMap(row, ids)))] as const);
  return core.seed(orgName, item.type, body, { ...parent, ...(parts.length === 0 ? {} : { parts: Object.fromEntries(parts) }) });
}

/** A prompt's `audio` is written as the text that its sound is made from. */
function withSound(row: JsonMap): Readonly<Record<string, unknown>> {
  return typeof row['audio'] === 'string' ? { ...row, audio: toneWav(row['audio']) } : row;
}

function resolveMap(map: PracticeMap, ids: ReadonlyMap<string, string>): JsonMap {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, resolve(value, ids)]));
}

function resolve(value: PracticeValue, ids: ReadonlyMap<string, string>): Json {
  if (value instanceof PracticeRef) {
    const id = ids.get(`${value.type}/${value.key}`);
    if (id === undefined) throw new Error(`nothing made before it is called ${value.type}/${value.key}`);
    return id;
  }
  if (value instanceof PracticeText) return value.parts.map((part) => resolve(part, ids)).join('');
  if (isList(value)) return value.map((item) => resolve(item, ids));
  return typeof value === 'object' && value !== null ? resolveMap(value, ids) : value;
}

function isList(value: PracticeValue): value is readonly PracticeValue[] {
  return Array.isArray(value);
}
