import { Refusal } from './exchange.ts';
import type { JsonMap } from './json.ts';
import { isJsonList } from './json.ts';
import type { OrgContext, Special } from './special.ts';
import type { Thing } from './store.ts';

/** Checks of schedules and IVRs that their models do not say. */
export const architectRules: Special = {
  name: 'architect rules',
  routes: {},
  admit: { architect_schedule: admitSchedule, architect_ivr: admitIvr },
};

const DAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

/** The start must satisfy the rrule (quirks, section 2): its weekday is one of BYDAY. */
function admitSchedule(body: JsonMap): JsonMap {
  const { start, end, rrule } = body;
  if (String(end) <= String(start)) throw new Refusal(400, 'general.bad.request', 'the end must come after the start', { field: 'end' });
  const days = typeof rrule === 'string' && rrule.includes('FREQ=WEEKLY') ? /BYDAY=([A-Z,]+)/.exec(rrule)?.[1]?.split(',') : undefined;
  const day = DAYS[new Date(`${String(start).slice(0, 10)}T00:00:00Z`).getUTCDay()] ?? '';
  if (days !== undefined && !days.includes(day))
    throw new Refusal(400, 'general.bad.request', `the start is on ${day}, which the rrule does not name`, { field: 'start' });
  return body;
}

/** A number belongs to one IVR; at most 50 new ones a call; where the org has DID pools it must lie in one (architect_ivr, notes and refs). */
function admitIvr(body: JsonMap, { before }: { readonly before: Thing | undefined }, org: OrgContext): JsonMap {
  const numbers = isJsonList(body['dnis']) ? body['dnis'].map(String) : [];
  const known = isJsonList(before?.body['dnis']) ? before.body['dnis'].map(String) : [];
  const added = numbers.filter((number) => !known.includes(number));
  if (added.length > 50) throw new Refusal(400, 'general.bad.request', 'at most 50 numbers can be added a call', { field: 'dnis' });
  const others = added.length === 0 ? [] : org.all('architect_ivr').filter((ivr) => ivr.id !== before?.id);
  const pools = added.length === 0 ? [] : org.all('telephony_did_pool');
  for (const number of added) {
    const taken = others.find((ivr) => isJsonList(ivr.body['dnis']) && ivr.body['dnis'].includes(number));
    if (taken !== undefined) throw new Refusal(400, 'general.bad.request', `the number ${number} belongs to another IVR`, { field: 'dnis' });
    if (pools.length > 0 && !pools.some((pool) => holds(pool, number)))
      throw new Refusal(400, 'general.bad.request', `the number ${number} lies in no DID pool`, { field: 'dnis' });
  }
  return body;
}

function holds(pool: Thing, number: string): boolean {
  const [start, end, asked] = [pool.body['startPhoneNumber'], pool.body['endPhoneNumber'], number].map((text) => BigInt(`0${String(text).replace(/\D/g, '')}`));
  return start !== undefined && end !== undefined && asked !== undefined && start <= asked && asked <= end;
}
