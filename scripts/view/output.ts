import type { Action, FieldChange } from '../../state/change.ts';
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
  | { readonly record: 'cycle'; readonly path: readonly string[]; readonly deferred: readonly string[] }
  | { readonly record: 'node'; readonly address: string; readonly needs: readonly string[]; readonly phase?: string }
  | { readonly record: 'saved'; readonly what: 'plan' | 'commit' | 'receipt'; readonly at: string }
  | { readonly record: 'listening'; readonly org: string; readonly address: string; readonly clientId: string }
  | { readonly record: 'text'; readonly text: string }
  | { readonly record: 'totals'; readonly verb: string; readonly counts: Readonly<Record<string, number>> }
  | { readonly record: 'next'; readonly text: string };

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
  readonly held?: { readonly action: 'delete' | 'replace'; readonly rule: string; readonly allow: string };
}
