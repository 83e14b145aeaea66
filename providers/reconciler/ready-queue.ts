import type { Address } from '../../state/address.ts';
import type { Step } from '../../state/change.ts';
import { Heap } from '../../state/csr.ts';

/**
 * Which step may start next: one whose needs have all ended, with the longest chain of work behind it first (of equals, the plan's order).
 * A need that is no step of the plan counts as met.
 */
export class ReadyQueue {
  private readonly steps: readonly Step[];
  private readonly indexes: ReadonlyMap<Address, number>;
  private readonly dependents: number[][];
  private readonly waiting: number[];
  private readonly ready: Heap;

  constructor(steps: readonly Step[]) {
    this.steps = steps;
    this.indexes = new Map(steps.map((step, index) => [step.address, index]));
    const needs = steps.map((step) => [...new Set(step.needs)].map((need) => this.indexes.get(need)).filter((index) => index !== undefined));
    this.dependents = steps.map(() => []);
    for (const [index, own] of needs.entries()) for (const need of own) this.dependents[need]?.push(index);
    this.waiting = needs.map((own) => own.length);
    const chains = this.measureChains();
    const chain = (index: number) => chains[index] ?? 0;
    this.ready = new Heap((left, right) => chain(left) > chain(right) || (chain(left) === chain(right) && left < right));
    for (const [index, count] of this.waiting.entries()) if (count === 0) this.ready.add(index);
  }

  /** The next step to start; undefined where every step that is left waits for one that has not ended. */
  take(): Step | undefined {
    const index = this.ready.take();
    return index === undefined ? undefined : this.steps[index];
  }

  /** The step has ended, well or not; those that waited for it alone become ready. */
  end(address: Address): void {
    for (const dependent of this.dependents[this.indexes.get(address) ?? -1] ?? []) {
      const left = (this.waiting[dependent] ?? 0) - 1;
      this.waiting[dependent] = left;
      if (left === 0) this.ready.add(dependent);
    }
  }

  /** Steps of a plan stand behind what they need, so one pass from the end measures every chain. Steps that send nothing weigh nothing. */
  private measureChains(): number[] {
    const chains = this.steps.map(() => 0);
    for (let index = this.steps.length - 1; index >= 0; index -= 1) {
      const behind = (this.dependents[index] ?? []).reduce((longest, dependent) => Math.max(longest, chains[dependent] ?? 0), 0);
      const action = this.steps[index]?.action;
      chains[index] = behind + (action === 'unchanged' || action === 'held' ? 0 : 1);
    }
    return chains;
  }
}
