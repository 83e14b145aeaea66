import { type Address, edgeAddress, keyOf } from './address.ts';
import type { Step } from './change.ts';
import { diffNormalised } from './diff.ts';
import type { Document } from './document.ts';
import { type Look, optional, typeIn } from './look.ts';
import { normalise } from './normalise.ts';
import { pick, withSecrets } from './plan-documents.ts';
import { withoutValues, type Yield } from './plan-yields.ts';
import { type Pointer, setAt } from './pointer.ts';
import { renamedDocument } from './renames.ts';
import type { ResourceType } from './resource-type.ts';
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
  /** The document that says which secrets it has. */
  readonly wanted: Document;
  readonly needs: readonly Address[];
}

/** Gives an object its temporary name, and changes nothing else. */
export function asideStep({ from, to, until, live, wanted, needs }: Aside, { request }: Look, type: ResourceType): Step {
  const document = withSecrets({ ...live, address: to }, wanted, type);
  const why = until === wanted.address ? `until "${keyOf(until)}" is free` : `until another has taken its place and it is deleted`;
  return {
    address: to,
    action: 'update',
    changes: [],
    reasons: [`the key "${keyOf(from)}" is needed for another, so this has a temporary name ${why}`],
    before: normalisedHash(normalise({ ...live, address: from }, type), []),
    after: normalisedHash(normalise(renamedDocument(document, new Map([[from, to]]), request.types), type), []),
    document,
    deferred: [],
    ...optional('id', request.live.ids.get(from)),
    was: from,
    temporary: { for: from, until },
    needs,
  };
}

/** The document without what others take over from it. */
export function withoutTaken(document: Document, pointer: Pointer, taken: readonly Yield[]): Document {
  return { ...document, body: setAt(document.body, pointer, withoutValues(document, pointer, taken)) };
}

interface GivingUp {
  readonly from: Address;
  readonly pointer: Pointer;
  readonly taken: readonly Yield[];
  readonly live: Document;
  readonly needs: readonly Address[];
}

/** Takes away from an object what others take over before its own step can come. */
export function givingUpStep({ from, pointer, taken, live, needs }: GivingUp, look: Look): Step | undefined {
  const type = typeIn(look.request, from);
  if (type === undefined) return undefined;
  const address = edgeAddress(from, pointer);
  const document = withoutTaken(live, pointer, taken);
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
    ...optional('id', look.request.live.ids.get(from)),
    needs,
  };
}
