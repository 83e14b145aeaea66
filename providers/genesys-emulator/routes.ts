import { createOne, deleteOne, readOne, updateOne } from './crud.ts';
import type { Endpoint } from './endpoint.ts';
import type { Operation, TypeFacts } from './facts.ts';
import { TYPES } from './facts.ts';
import { listAll } from './listing.ts';
import { Router } from './router.ts';
import type { Special } from './special.ts';
import { subResourceRoutes } from './sub-resources.ts';

type OperationName = 'list' | 'get' | 'create' | 'update' | 'delete';
const OPERATIONS: readonly OperationName[] = ['list', 'get', 'create', 'update', 'delete'];

/** The whole API: special behaviour first, then the catalogue's operations, then its sub-resources. */
export function makeRouter(specials: readonly Special[]): Router<Endpoint> {
  const router = new Router<Endpoint>();
  const operations = catalogueOperations();
  for (const special of specials) {
    addSpecial(router, special.routes, operations, false);
    addSpecial(router, special.signedRoutes ?? {}, operations, true);
  }
  for (const { name, operation, types } of operations.values()) router.add(operation.method, operation.path, catalogueEndpoint(name, operation, types));
  for (const { method, path, endpoint } of subResourceRoutes()) router.add(method, path, endpoint);
  return router;
}

function addSpecial(router: Router<Endpoint>, routes: Special['routes'], operations: ReadonlyMap<string, Known>, isSigned: boolean): void {
  for (const [place, route] of Object.entries(routes)) {
    const [method = '', path = ''] = place.split(' ');
    const known = operations.get(placeOf(method, path));
    const permissions = route.permissions ?? known?.operation.permissions;
    router.add(method, path, { permissions, isSigned, isList: known?.name === 'list', answer: (call, _org, context) => route.handle(call, context) });
  }
}

interface Known {
  readonly name: OperationName;
  readonly operation: Operation;
  readonly types: readonly TypeFacts[];
}

/** Every operation of the catalogue by place; a few addresses serve several types. */
function catalogueOperations(): ReadonlyMap<string, Known> {
  const known = new Map<string, Known>();
  for (const facts of TYPES.values()) {
    for (const name of OPERATIONS) {
      const operation = facts[name];
      if (operation === null) continue;
      const place = placeOf(operation.method, operation.path);
      const before = known.get(place);
      known.set(place, before === undefined ? { name, operation, types: [facts] } : { ...before, types: [...before.types, facts] });
    }
  }
  return known;
}

function placeOf(method: string, path: string): string {
  return `${method} ${path.replace(/\{[^}]*\}/g, '{}')}`;
}

function catalogueEndpoint(name: OperationName, operation: Operation, types: readonly TypeFacts[]): Endpoint {
  const base = { permissions: operation.permissions, isSigned: false, isList: name === 'list' };
  switch (name) {
    case 'list':
      return { ...base, answer: (call, org, context, faults) => listAll(types, call, org, context, faults) };
    case 'get':
      return { ...base, answer: (call, org, context) => readOne(types, call, org, context) };
    case 'create':
      return { ...base, answer: (call, org, context) => createOne(types[0] as TypeFacts, call, org, context) };
    case 'update':
      return { ...base, answer: (call, org, context) => updateOne(types, call, org, context) };
    case 'delete':
      return { ...base, answer: (call, org, context) => deleteOne(types, call, org, context) };
    default:
      return name satisfies never;
  }
}
