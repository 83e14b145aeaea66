import { type Outcome, type OutcomeWord, sumUp } from '../../state/outcome.ts';
import type { OrgIdentity } from '../contract.ts';
import type { World } from '../world.ts';

/** What one apply did, for people and for audits. Holds addresses, ids and hashes; no bodies, no secrets. */
export interface Receipt {
  readonly version: 1;
  readonly plan: string;
  readonly org: OrgIdentity;
  readonly commit?: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly endedAt: string;
  /** True where every step was done, or was a deletion that was held as the plan had shown it: where the run that wrote this ended with exit code 0. */
  readonly isWhole: boolean;
  /** How many outcomes there are of each word. */
  readonly counts: Readonly<Record<OutcomeWord, number>>;
  /** All but what was unchanged, of which the number says enough: a receipt grows with what was done, not with what there is. */
  readonly outcomes: readonly Outcome[];
}

export interface ReceiptFacts {
  readonly plan: string;
  readonly org: OrgIdentity;
  readonly commit?: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number;
}

/** `isForeseen` tells of a step that was held whether it was a deletion that the plan had shown so. */
export function makeReceipt(facts: ReceiptFacts, outcomes: readonly Outcome[], isForeseen?: (held: Outcome) => boolean): Receipt {
  return {
    version: 1,
    plan: facts.plan,
    org: { id: facts.org.id, name: facts.org.name },
    ...(facts.commit === undefined ? {} : { commit: facts.commit }),
    startedAt: new Date(facts.startedAt).toISOString(),
    endedAt: new Date(facts.endedAt).toISOString(),
    ...sumUp(outcomes, isForeseen),
    outcomes: outcomes.filter(({ word }) => word !== 'unchanged'),
  };
}

/** Old receipt or new one, never a mix, and there after a power loss. A line for each outcome. */
export async function writeReceipt(world: World, file: string, { outcomes, ...head }: Receipt): Promise<void> {
  const lines = outcomes.map((outcome) => `\n${JSON.stringify(outcome)}`);
  await world.disk.replace(file, `${JSON.stringify(head).slice(0, -1)},"outcomes":[${lines.join(',')}]}\n`, { durable: true });
}
