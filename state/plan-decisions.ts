import type { Address } from './address.ts';
import type { Claims } from './claim.ts';
import { findGoing, type Going } from './going.ts';
import { type Judged, judgeGoing } from './judge-going.ts';
import { type Emptied, findEmptied } from './last-one.ts';
import { type Displaced, type Look, lookAt } from './look.ts';
import type { Order } from './order-graph.ts';
import { findReplacements } from './plan-replacements.ts';
import type { PlanRequest } from './plan-request.ts';
import { findYields, notYielded, type Yield } from './plan-yields.ts';
import type { Hold } from './policy.ts';
import type { Problem } from './problem.ts';

/** What is decided before any step is made: who is replaced, who goes, what is held, and what is in no step at all. */
export interface Decisions {
  readonly look: Look;
  readonly going: ReadonlyMap<Address, Going>;
  readonly judged: Judged;
  readonly emptied: Emptied;
  /** Replacements that are held, by the wanted address. */
  readonly kept: ReadonlyMap<Address, Kept>;
  /** What changes hands, of what is written. */
  readonly yields: readonly Yield[];
  readonly leftOut: ReadonlySet<Address>;
  readonly problems: readonly Problem[];
}

interface Kept {
  readonly reason: string;
  readonly hold: Hold;
}

interface Deciding {
  readonly given: PlanRequest;
  /** The org with nothing replaced. */
  readonly first: Look;
  readonly claims: Claims;
  readonly order: Order;
  /** All that was found wrong before. */
  readonly problems: readonly Problem[];
}

interface Draft {
  readonly kept: Map<Address, Kept>;
  readonly found: Map<string, Problem>;
  leftOut: ReadonlySet<Address>;
  refusal: Omit<Hold, 'action'> | undefined;
}

/**
 * Decides until nothing changes any more: what is held or left out may be what another deletion, or who takes over a key or a value, was waiting
 * for. Each round holds or leaves out more, never less, so it ends.
 */
export function decide(deciding: Deciding): Decisions {
  const { order, problems } = deciding;
  const draft: Draft = { kept: new Map(), found: new Map(), leftOut: leaveOut(order, problems, []), refusal: undefined };
  for (;;) {
    const before = draft.kept.size + draft.leftOut.size;
    const look = replaceAll(deciding, draft);
    const emptied = findEmptied(look);
    const going = findGoing(look);
    const isWritten = (wanted: Address) => !draft.leftOut.has(wanted) && !draft.kept.has(wanted) && !emptied.has(wanted);
    const judged = judgeGoing({ look, going, isWritten, ...(draft.refusal === undefined ? {} : { refusal: draft.refusal }) });
    keepHeld(look, judged, draft);
    const yields = findYields(look);
    const canGive = ({ giver, from }: Yield) => (giver === undefined ? isLeaving(from, look, going, judged) : draft.leftOut.has(giver) || isWritten(giver));
    for (const problem of [...judged.problems, ...yields.filter((one) => !canGive(one)).map(notYielded)])
      draft.found.set(`${problem.code} ${problem.at} ${problem.message}`, problem);
    draft.leftOut = leaveOut(order, [...problems, ...draft.found.values()], yields);
    if (draft.kept.size + draft.leftOut.size > before) continue;
    const written = yields.filter(({ taker, giver }) => isWritten(taker) && (giver === undefined || isWritten(giver)));
    return { look, going, judged, emptied, kept: draft.kept, yields: written, leftOut: draft.leftOut, problems: [...problems, ...draft.found.values()] };
  }
}

function isLeaving(from: Address, { replaced }: Look, going: ReadonlyMap<Address, Going>, { holds }: Judged): boolean {
  const address = replaced.get(from)?.waits ?? from;
  return going.has(address) && !holds.has(address);
}

/** The org with everything replaced that may be. Replacing one may make it necessary to replace what refers to it, if that is fixed there. */
function replaceAll({ given, first, claims }: Deciding, draft: Draft): Look {
  const replaced = new Map<Address, Displaced>();
  for (;;) {
    const look = replaced.size === 0 ? first : lookAt(given, claims, replaced);
    const found = findReplacements(look, new Set([...draft.leftOut, ...draft.kept.keys()]));
    for (const { wanted, reason, hold } of found) if (hold !== undefined) draft.kept.set(wanted.address, { reason, hold });
    const more = found.filter(({ hold }) => hold === undefined);
    for (const { wanted, from, waits, reason } of more) {
      replaced.set(from, { waits, wanted: wanted.address, reason });
    }
    if (more.length === 0) return look;
  }
}

/** What may not go is not replaced; where it is the budget that says so, it says so of all. */
function keepHeld({ replaced }: Look, { holds, refusal }: Judged, draft: Draft): void {
  for (const { waits, wanted, reason } of replaced.values()) {
    const hold = holds.get(waits);
    if (hold === undefined) continue;
    draft.kept.set(wanted, { reason, hold: { ...hold, action: 'replace' } });
    draft.refusal = refusal;
  }
}

/** Everything that has an error, and every step that needs one of them, or something that one of them gives up. */
function leaveOut(order: Order, problems: readonly Problem[], yields: readonly Yield[]): ReadonlySet<Address> {
  const out = new Set<Address>(order.leftOut);
  for (const problem of problems) if (problem.severity === 'error' && problem.at !== undefined) out.add(problem.at);
  for (let before = -1; before !== out.size; ) {
    before = out.size;
    for (const address of order.order) if (!out.has(address) && (order.needs.get(address) ?? []).some((need) => out.has(need))) out.add(address);
    for (const { taker, giver } of yields) if (giver !== undefined && out.has(giver)) out.add(taker);
  }
  return out;
}
