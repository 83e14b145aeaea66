import { admitBody } from './admission.ts';
import { notFoundRefusal } from './codes.ts';
import type { Endpoint } from './endpoint.ts';
import { jsonAnswer } from './exchange.ts';
import type { SubResource, TypeFacts } from './facts.ts';
import { modelNamed, TYPES } from './facts.ts';
import type { Json, JsonMap } from './json.ts';
import { isJsonMap } from './json.ts';
import type { Org } from './org.ts';
import type { Call } from './special.ts';
import type { Thing } from './store.ts';

/**
 * Documented sub-resources that are one object or one list, read by GET and written whole by PUT or in part by PATCH at one address
 * under their owner. Whatever is not that simple is special behaviour or not modelled.
 */
export function subResourceRoutes(): readonly { method: string; path: string; endpoint: Endpoint }[] {
  return [...TYPES.values()].flatMap((facts) => facts.subResources.filter((sub) => sub.documented).flatMap((sub) => routesOf(facts, sub)));
}

function routesOf(facts: TypeFacts, sub: SubResource): readonly { method: string; path: string; endpoint: Endpoint }[] {
  return (sub.operations ?? []).flatMap((operation) => {
    const [method = '', path = ''] = operation.split(' ');
    const isPlain = path === sub.path && path.split('{').length === 2 && ['GET', 'PUT', 'PATCH', 'DELETE'].includes(method);
    if (!isPlain) return [];
    const permissions = method === 'GET' ? facts.get.permissions : (facts.update ?? facts.create)?.permissions;
    return [
      { method, path, endpoint: { permissions, isList: false, isSigned: false, answer: (call: Call, org: Org) => answer(facts, sub, method, call, org) } },
    ];
  });
}

function answer(facts: TypeFacts, sub: SubResource, method: string, call: Call, org: Org) {
  const [id = ''] = Object.values(call.params);
  const owner = org.store.get(facts.type, id);
  if (owner === undefined || owner.isDeleted) throw notFoundRefusal(facts, method === 'GET' ? 'get' : 'update', id);
  const before = owner.parts[sub.name];
  if (method === 'GET') return jsonAnswer(200, shown(sub, before));
  const after = method === 'DELETE' ? undefined : written(sub, method, before, call);
  const { [sub.name]: _gone, ...others } = owner.parts;
  org.store.replace(owner, { parts: after === undefined ? others : { ...others, [sub.name]: after } } satisfies Partial<Thing>);
  return method === 'DELETE' ? jsonAnswer(204, undefined) : jsonAnswer(200, shown(sub, after));
}

function written(sub: SubResource, method: string, before: Json | undefined, call: Call): Json {
  const model = sub.bodies?.[method] ?? '';
  const sent = call.json();
  const body = model.startsWith('[') || !isJsonMap(sent) ? sent : admitBody(model, sent, { required: method === 'PUT' });
  return method === 'PATCH' && isJsonMap(body) && isJsonMap(before) ? { ...before, ...body } : body;
}

/** What was never written is empty: a list without items, an object without fields. */
function shown(sub: SubResource, value: Json | undefined): Json {
  if (value !== undefined && !(Array.isArray(value) && modelNamed(sub.returns)?.properties?.['entities'] !== undefined)) return value;
  if (sub.returns?.startsWith('[') === true) return value ?? [];
  const empty: JsonMap = modelNamed(sub.returns)?.properties?.['entities'] === undefined ? {} : { entities: value ?? [] };
  return empty;
}
