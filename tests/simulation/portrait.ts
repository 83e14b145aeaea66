import { type Address, typeOf } from '../../state/address.ts';
import type { Document } from '../../state/document.ts';
import { asDirective, isList, isMap, type Value } from '../../state/value.ts';
import { backupOf, type Json, type JsonMap, type Kind } from './kinds.ts';

/** What a configuration comes to, field by field, with names instead of ids: told of the org and of a document by separate ways. */
export type Portrait = Readonly<Record<string, string>>;

/** Of an object of the org. `nameOf` gives the address behind an id, or what is wrong with it. */
export function portraitOfObject(kind: Kind, body: JsonMap, nameOf: (type: string, id: string) => string): Portrait {
  const named = (type: string, value: Json | undefined): string => (isObject(value) ? nameOf(type, String(value['id'])) : '');
  const many = (type: string, value: Json | undefined, more: (item: JsonMap) => string): string =>
    list(value)
      .map((item) => `${nameOf(type, String(item['id']))}${more(item)}`)
      .sort()
      .join(' ');
  const base = { division: named('auth_division', body['division']), description: text(body['description']) };
  switch (kind.type) {
    case 'auth_division':
      return { description: base.description };
    case 'routing_skill':
      return { division: base.division };
    case 'routing_queue':
      return {
        ...base,
        members: many('user', body['members'], (item) => `=${item['ringNumber'] ?? 1}`),
        wrapupCodes: many('routing_wrapup_code', body['wrapupCodes'], () => ''),
        backup: backupOf(body)
          .map((id) => nameOf('routing_queue', id))
          .join(),
      };
    case 'user':
      return {
        division: base.division,
        name: text(body['name']),
        title: text(body['title']),
        department: text(body['department']),
        manager: named('user', body['manager']),
        skills: many('routing_skill', body['skills'], (item) => `=${item['proficiency']}`),
      };
    case 'architect_schedule':
      return { ...base, start: text(body['start']), end: text(body['end']), rrule: text(body['rrule']) };
    case 'architect_schedule_group':
      return { ...base, timeZone: text(body['timeZone']), open: many('architect_schedule', body['openSchedules'], () => '') };
    case 'architect_ivr':
      return { ...base, dnis: strings(body['dnis']), group: named('architect_schedule_group', body['scheduleGroup']) };
    case 'integration_credential':
      return { fields: Object.keys((body['credentialFields'] ?? {}) as JsonMap).join() };
    default:
      return base;
  }
}

/** Of what is wanted; a ref stands as its address. */
export function portraitOfDocument({ address, body }: Document): Portrait {
  const ref = (value: Value | undefined): string => asDirective(value ?? null)?.value.toString() ?? '';
  const many = (value: Value | undefined, field: string | undefined, more: (item: Value) => string): string =>
    (isList(value) ? value : [])
      .map((item) => `${ref(field === undefined || !isMap(item) ? item : item[field])}${more(item)}`)
      .sort()
      .join(' ');
  const at = (item: Value, field: string): Value | undefined => (isMap(item) ? item[field] : undefined);
  const home = 'auth_division/@home';
  const base = { division: ref(body['division']) || home, description: text(body['description'] as Json) };
  switch (typeOf(address)) {
    case 'auth_division':
      return { description: base.description };
    case 'routing_skill':
      return { division: base.division };
    case 'routing_queue':
      return {
        ...base,
        members: many(body['members'], 'user', (item) => `=${at(item, 'ringNumber') ?? 1}`),
        wrapupCodes: many(body['wrapupCodes'], undefined, () => ''),
        backup: ref(at(body['directRouting'] ?? null, 'backupQueueId')),
      };
    case 'user':
      return {
        division: base.division,
        name: text(body['name'] as Json),
        title: text(body['title'] as Json),
        department: text(body['department'] as Json),
        manager: ref(body['manager']),
        skills: many(body['skills'], 'skill', (item) => `=${at(item, 'proficiency')}`),
      };
    case 'architect_schedule':
      return { ...base, start: text(body['start'] as Json), end: text(body['end'] as Json), rrule: text(body['rrule'] as Json) };
    case 'architect_schedule_group':
      return { ...base, timeZone: text(body['timeZone'] as Json), open: many(body['openSchedules'], undefined, () => '') };
    case 'architect_ivr':
      return { ...base, dnis: strings(body['dnis'] as Json), group: ref(body['scheduleGroup']) };
    case 'integration_credential':
      return { fields: Object.keys((body['credentialFields'] ?? {}) as JsonMap).join() };
    default:
      return base;
  }
}

/** The fields in which two differ, but for those that the document leaves to others. */
export function differing(left: Portrait, right: Portrait, ignored: readonly string[] = []): string[] {
  return Object.keys(left).filter((field) => left[field] !== right[field] && !ignored.includes(field));
}

/** Where a deferred edge shows in a portrait. */
export function portraitField(address: Address, pointer: string): string {
  if (pointer.startsWith('/directRouting')) return 'backup';
  return pointer.split('/')[1] ?? address;
}

function text(value: Json | undefined): string {
  return value === undefined || value === null ? '' : String(value);
}

function strings(value: Json | undefined): string {
  return Array.isArray(value) ? [...value].map(String).sort().join() : '';
}

function list(value: Json | undefined): readonly JsonMap[] {
  return Array.isArray(value) ? value : [];
}

function isObject(value: Json | undefined): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
