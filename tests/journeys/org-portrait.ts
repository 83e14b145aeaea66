import type { EmulatorCore } from '../../providers/genesys-emulator/index.ts';
import type { Json, JsonMap } from '../../providers/genesys-emulator/json.ts';
import { isJsonList, isJsonMap, jsonText, parseJson } from '../../providers/genesys-emulator/json.ts';
import { identityOf, type Thing } from '../../providers/genesys-emulator/store.ts';

/** What an org holds, each object under its name: what people would compare two orgs by. Read from the emulator; knows nothing of Cordboard. */
export type Portrait = ReadonlyMap<string, string>;

/** What each write moves on, what tells who wrote it and how often, and secrets, which are looked at apart. */
const MOVING =
  /^(version|checkedInVersion|savedVersion|publishedVersion|publishedBy|currentOperation|versions|selfUri|date\w*|modified\w*|created\w*|credentialFields)$/;

/** Every living object, ids replaced by names, without what moves on its own and without what is empty. */
export function portrait(core: EmulatorCore, org: string): Portrait {
  const { store } = core.org(org);
  const things = store.types().flatMap((type) => store.all(type));
  const names: Names = new Map(things.map((thing) => [thing.id, bareName(thing, core, org)]));
  const shown = things.map((thing) => [nameOf(core, org, thing), jsonText(shape(thing, names))] as const);
  return new Map(shown.sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** Names of objects that two portraits show differently, each with the places where they part. */
export function compare(now: Portrait, wanted: Portrait): readonly string[] {
  const names = [...new Set([...now.keys(), ...wanted.keys()])].filter((name) => now.get(name) !== wanted.get(name));
  return names.map((name) => {
    const [is, should] = [now.get(name) ?? 'absent', wanted.get(name) ?? 'absent'];
    const at = [...is].findIndex((letter, index) => letter !== should[index]);
    const shown = (text: string) => text.slice(Math.max(0, at - 120), at + 200);
    return `${name} is\n  ${shown(is)}\nand should be\n  ${shown(should)}`;
  });
}

/** An object's type, parent and identity; the home division goes by that, whatever its name. */
export function nameOf(core: EmulatorCore, org: string, thing: Thing): string {
  const parent = thing.scope === '' ? undefined : core.context(org).byId('architect_datatable', thing.scope);
  return `${bareName(thing, core, org)}${parent === undefined ? '' : ` of ${String(parent.body['name'])}`}`;
}

type Names = ReadonlyMap<string, string>;

function isHome(thing: Thing): boolean {
  return thing.type === 'auth_division' && thing.body['homeDivision'] === true;
}

/** A data action's identity has the id of its integration, which is another in each org. */
function bareName(thing: Thing, core: EmulatorCore, org: string): string {
  if (isHome(thing)) return 'auth_division @home';
  const name = (id: string): string => String(core.context(org).byId('integration', id)?.body['name'] ?? id);
  return `${thing.type} ${identityOf(thing.type, thing.body).replace(GUID, name)}`;
}

function shape(thing: Thing, names: Names): Json {
  if (isHome(thing)) return {};
  const { versions, ...parts } = thing.parts;
  const uses = [...thing.uses].map((id) => names.get(id) ?? id).sort();
  return still({ body: thing.body, parts: sortLists(parts, names), uses, ...contentOf(versions) }, names) ?? {};
}

/** Parts are sets. */
function sortLists(parts: Readonly<Record<string, Json>>, names: Names): JsonMap {
  const text = (item: Json) => jsonText(still(item, names) ?? null);
  return Object.fromEntries(
    Object.entries(parts).map(([name, part]) => [name, isJsonList(part) ? [...part].sort((left, right) => (text(left) < text(right) ? -1 : 1)) : part]),
  );
}

/** What a flow's newest published version says; its numbers for places inside it and its division's name are another org's. */
function contentOf(versions: Json | undefined): JsonMap {
  if (!isJsonMap(versions)) return {};
  const newest = Object.entries(versions).sort(([left], [right]) => Number(right) - Number(left))[0]?.[1];
  const content = isJsonMap(newest ?? null) ? (newest as JsonMap)['content'] : undefined;
  if (typeof content !== 'string') return {};
  const { tree } = parseJson(content.replace(/_\d+(?=[\]"\\])/g, '_0')) as { tree: JsonMap };
  return {
    content: Object.fromEntries(
      Object.entries(tree).map(([root, body]) => [root, isJsonMap(body ?? null) ? { ...(body as JsonMap), division: '' } : (body ?? null)]),
    ),
  };
}

/** Sorted keys, ids as names, nothing that moves, nothing empty. */
function still(value: Json, names: Names): Json | undefined {
  if (value === null || value === '') return undefined;
  if (typeof value === 'string') return value.replace(GUID, (id) => names.get(id) ?? id);
  if (isJsonList(value)) return value.length === 0 ? undefined : stillList(value, names);
  if (!isJsonMap(value)) return value;
  const entries = Object.entries(value).flatMap(([name, item]): [string, Json][] => {
    const shown = MOVING.test(name) || item === undefined ? undefined : still(item, names);
    return shown === undefined ? [] : [[name, shown]];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries.sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** Lists of references alone are sets. */
function stillList(items: readonly Json[], names: Names): readonly Json[] {
  const shown = items.map((item) => still(item, names) ?? null);
  const isSet = shown.every((item) => isJsonMap(item) && Object.keys(item).join() === 'id');
  return isSet ? shown.map((item) => jsonText(item)).sort() : shown;
}

const GUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
