import { type Address, keyOf, typeOf } from './address.ts';
import type { Step } from './change.ts';
import { diffNormalised } from './diff.ts';
import type { Document } from './document.ts';
import { optional } from './look.ts';
import { normalise } from './normalise.ts';
import { pick, withSecrets } from './plan-documents.ts';
import type { Clearing, Way } from './plan-order.ts';
import { withoutValues } from './plan-yields.ts';
import { setAt } from './pointer.ts';
import { renamedDocument } from './renames.ts';
import type { ResourceType, TypeTable } from './resource-type.ts';
import { edgeHash, normalisedHash } from './step-hash.ts';

/** An object that makes way: under a temporary name until its own key is free, or until it is deleted. */
export interface Aside {
  /** Where it lives, and where it waits. */
  readonly from: Address;
  readonly to: Address;
  /** The step that ends it. */
  readonly until: Address;
  /** As it lives when it makes way. */
  readonly live: Document;
  readonly id: string | undefined;
  /** The document that says which secrets it has. */
  readonly wanted: Document;
  readonly needs: readonly Address[];
}

/** Gives an object its temporary name, and changes nothing else. */
export function asideStep({ from, to, until, live, id, wanted, needs }: Aside, type: ResourceType, types: TypeTable): Step {
  const document = withSecrets({ ...live, address: to }, wanted, type);
  const why = until === wanted.address ? `until "${keyOf(until)}" is free` : `until another has taken its place and it is deleted`;
  return {
    address: to,
    action: 'update',
    changes: [],
    reasons: [`the key "${keyOf(from)}" is needed for another, so this has a temporary name ${why}`],
    before: normalisedHash(normalise({ ...live, address: from }, type), []),
    after: normalisedHash(normalise(renamedDocument(document, new Map([[from, to]]), types), type), []),
    document,
    deferred: [],
    ...optional('id', id),
    was: from,
    temporary: { for: from, until },
    needs,
  };
}

/** The document without what others take over from it before its own step comes. */
export function withoutTaken(live: Document, way: Way | undefined): Document {
  if (way === undefined) return live;
  const body = way.clearings.reduce((left, { pointer, taken }) => setAt(left, pointer, withoutValues(live, pointer, taken)), live.body);
  return { ...live, body };
}

/** Takes away from an object what others take over before its own step can come. */
export function givingUpStep(
  { address, pointer, taken }: Clearing,
  { live, id, needs }: Pick<Aside, 'live' | 'id' | 'needs'>,
  types: TypeTable,
): Step | undefined {
  const type = types.get(typeOf(live.address));
  if (type === undefined) return undefined;
  const document = { ...live, body: setAt(live.body, pointer, withoutValues(live, pointer, taken)) };
  const [before, after] = [normalise(live, type), normalise(document, type)];
  const takers = [...new Set(taken.map(({ taker }) => `"${taker}"`))].sort().join(', ');
  return {
    address,
    action: 'update',
    changes: diffNormalised(pick(before, pointer), pick(after, pointer), type, []),
    reasons: [`${takers} can take over only what nobody has, so it is given up first`],
    before: edgeHash(address, before.body, pointer),
    after: edgeHash(address, after.body, pointer),
    document,
    deferred: [pointer],
    ...optional('id', id),
    needs,
  };
}
