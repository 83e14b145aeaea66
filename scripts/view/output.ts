import type { Action, FieldChange, Temporary } from '../../state/change.ts';
import type { CutReason } from '../../state/cycle.ts';
import type { Outcome } from '../../state/outcome.ts';
import type { Problem } from '../../state/problem.ts';

/** One thing that a verb has to say. The JSON view prints each as a line; the human view turns it into text. See docs/json.md. */
export type Output =
  | ({ readonly record: 'problem' } & Problem)
  | { readonly record: 'org'; readonly org: string; readonly id: string; readonly name: string; readonly pinned: boolean }
  | { readonly record: 'type'; readonly type: string; readonly count: number; readonly completeness: 'whole' | 'part' | 'none' }
  | { readonly record: 'file'; readonly file: string; readonly change: 'written' | 'removed' | 'kept' }
  | StepOutput
  | ({ readonly record: 'outcome' } & Outcome)
  | CycleOutput
  | { readonly record: 'node'; readonly address: string; readonly needs: readonly string[] }
  | { readonly record: 'saved'; readonly what: 'plan' | 'commit'; readonly at: string }
  | { readonly record: 'listening'; readonly org: string; readonly address: string; readonly clientId: string }
  | { readonly record: 'text'; readonly text: string }
  | { readonly record: 'totals'; readonly verb: string; readonly counts: Readonly<Record<string, number>> }
  | { readonly record: 'next'; readonly text: string };

/** Resources that need each other: a way round, and what is written later so that they can be written at all. */
interface CycleOutput {
  readonly record: 'cycle';
  readonly path: readonly string[];
  /** The edges written later; `later` tells of each. */
  readonly deferred: readonly string[];
  /** From each of the path to the next; `later` names the edge that writes it, where it is not there from the start. */
  readonly arrows: readonly { readonly from: string; readonly to: string; readonly later?: string }[];
  /** When each edge is written (`order` as of steps, from 0), what has to be there before, and why this one was chosen. */
  readonly later: readonly { readonly edge: string; readonly order?: number; readonly after: readonly string[]; readonly why: CutReason }[];
  /** How many steps there are in all. */
  readonly steps: number;
}

/** A step of a plan, or one drifted address, as a person and a machine see it. */
export interface StepOutput {
  readonly record: 'step' | 'drift';
  readonly order: number;
  readonly address: string;
  readonly action: Action;
  readonly changes: readonly FieldChange[];
  readonly reasons: readonly string[];
  readonly needs: readonly string[];
  readonly id?: string;
  readonly was?: string;
  /** The name of this step is not to stay: where the object lived before, and the step that ends it. */
  readonly temporary?: Temporary;
  readonly held?: { readonly action: 'delete' | 'replace' | 'update'; readonly rule: string; readonly allow: string };
}
