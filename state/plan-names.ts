import type { Address } from './address.ts';
import type { Document } from './document.ts';
import { type Look, typeIn } from './look.ts';
import type { Arrangement } from './plan-order.ts';
import { findRefs } from './refs.ts';
import { renamedDocument } from './renames.ts';

/** How a document reads at the moment of its step, since what it refers to may be called by another name then. */
interface Reading {
  readonly document: Document;
  /** Steps that have to be done before, so that it reads so. */
  readonly after: readonly Address[];
  /** Steps that may be done only after it. */
  readonly before: readonly Address[];
}

export type ReadAt = (document: Document, step?: Address) => Reading;

interface Event {
  readonly step: Address;
  readonly place: number;
  readonly name: Address;
}

/**
 * Tells how documents of the look read when their step comes. Where a step needs nothing of a rename that it shows, the plan's own order
 * decides which of them is first, and both are held to it: several steps are under way at once. Without a `step`: after all of them.
 */
export function makeReadAt(look: Look, arrangement: Arrangement): ReadAt {
  const events = findEvents(look, arrangement);
  const places = new Map(arrangement.order.map((address, place) => [address, place]));
  return (document, step) => {
    const read = look.read.get(document);
    const type = typeIn(look.request, document.address);
    if (read === undefined || type === undefined) return { document, after: [], before: [] };
    const place = step === undefined ? Number.POSITIVE_INFINITY : (places.get(step) ?? Number.POSITIVE_INFINITY);
    const refs = findRefs(read, type).refs.filter(({ to }) => events.has(to));
    const around = refs.flatMap(({ to }) => events.get(to) ?? []).filter((event) => event.step !== step);
    const before = around.filter((event) => event.place > place).map((event) => event.step);
    const after = around.filter((event) => event.place < place).map((event) => event.step);
    const named = refs.filter(({ kind }) => kind !== 'parent').map(({ to }) => to);
    const isAsInLook = named.every((to) => (events.get(to) ?? []).every((event) => event.place < place));
    if (isAsInLook) return { document, after, before };
    const names = new Map(named.map((to) => [to, nameAt(events.get(to) ?? [], place) ?? to] as const));
    return { document: { ...renamedDocument(read, names, look.request.types), address: document.address }, after, before };
  };
}

function nameAt(events: readonly Event[], place: number): Address | undefined {
  return events.filter((event) => event.place < place).at(-1)?.name;
}

/** By the address that an object has in the org, the names that steps of the plan give it, in their order. */
function findEvents({ matching }: Look, { order, ways }: Arrangement): ReadonlyMap<Address, readonly Event[]> {
  const places = new Map(order.map((address, place) => [address, place]));
  const events = new Map<Address, Event[]>();
  const add = (from: Address, step: Address) => {
    const place = places.get(step);
    if (place !== undefined)
      events.set(
        from,
        [...(events.get(from) ?? []), { step, place, name: step }].sort((left, right) => left.place - right.place),
      );
  };
  for (const { wanted, was } of matching.matches.values()) {
    if (was !== undefined) add(was, wanted.address);
  }
  for (const { from, aside } of ways.values()) if (aside !== undefined) add(from, aside);
  return events;
}
