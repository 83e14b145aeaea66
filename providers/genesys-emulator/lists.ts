import type { Answer } from './exchange.ts';
import { jsonAnswer, Refusal } from './exchange.ts';
import type { Json, JsonMap } from './json.ts';
import { isJsonList, isJsonMap } from './json.ts';
import type { Call } from './special.ts';

/** A body that is a list of maps, at most `most` of them. */
export function mapsOf(body: Json, most: number): readonly JsonMap[] {
  if (!isJsonList(body) || !body.every(isJsonMap)) throw new Refusal(400, 'bad.request', 'the request body must be a list of objects');
  if (body.length > most) throw new Refusal(400, 'constraint.validation', `at most ${most} items a call, not ${body.length}`);
  return body.filter(isJsonMap);
}

/** What a part of an object holds: a list of maps, empty while it was never written. */
export function itemsOf(part: Json | undefined): readonly JsonMap[] {
  return isJsonList(part) ? part.filter(isJsonMap) : [];
}

/** One page of a sub-resource's list; `counted` where the listing model has totals. */
export function pageAnswer(call: Call, items: readonly JsonMap[], most: number, counted: boolean): Answer {
  const size = wholeNumber(call, 'pageSize', 25);
  const number = wholeNumber(call, 'pageNumber', 1);
  if (size > most) throw new Refusal(400, 'invalid.query.param.value', `the query parameter "pageSize" must be at most ${most}`, { field: 'pageSize' });
  const pageCount = Math.max(1, Math.ceil(items.length / size));
  const address = (page: number) => `${call.path}?pageSize=${size}&pageNumber=${page}`;
  const totals = counted ? { total: items.length, pageCount, lastUri: address(pageCount) } : {};
  const next = number < pageCount ? { nextUri: address(number + 1) } : {};
  const previous = number > 1 ? { previousUri: address(number - 1) } : {};
  const entities = items.slice((number - 1) * size, number * size);
  return jsonAnswer(200, { entities, pageSize: size, pageNumber: number, ...totals, firstUri: address(1), selfUri: address(number), ...next, ...previous });
}

function wholeNumber(call: Call, name: string, otherwise: number): number {
  const number = Number(call.query.get(name) ?? otherwise);
  if (!Number.isInteger(number) || number < 1)
    throw new Refusal(400, 'invalid.query.param.value', `the query parameter "${name}" must be a whole number from 1`, { field: name });
  return number;
}
