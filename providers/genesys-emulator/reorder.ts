import { hashText } from './chance.ts';
import type { Answer } from './exchange.ts';
import { isJsonList, isJsonMap, type Json, type JsonMap, jsonText, parseJson } from './json.ts';

/** Lists inside an answer whose order the API does not promise: rows of any page, skills and languages of a user, resources of a prompt. */
const UNORDERED: ReadonlySet<string> = new Set(['entities', 'skills', 'languages', 'resources']);

/** The same answer with every list that promises no order in another one, which depends on `salt` and on what the list holds. */
export function reorderAnswer(answer: Answer, salt: number): Answer {
  const isJson = answer.headers['content-type']?.startsWith('application/json') === true;
  if (!isJson || answer.effect !== undefined || typeof answer.body !== 'string' || answer.body === '') return answer;
  return { ...answer, body: jsonText(reorder(parseJson(answer.body), salt)) };
}

function reorder(value: Json, salt: number): Json {
  if (isJsonList(value)) return value.map((item) => reorder(item, salt));
  if (!isJsonMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, reorderField(name, reorder(item ?? null, salt), salt)]));
}

function reorderField(name: string, value: Json, salt: number): Json {
  if (!UNORDERED.has(name) || !isJsonList(value) || !value.every(isJsonMap)) return value;
  const rank = (item: JsonMap) => hashText(jsonText(item), salt);
  return value
    .map((item) => ({ item, rank: rank(item) }))
    .sort((left, right) => left.rank - right.rank)
    .map(({ item }) => item);
}
