import type { Address } from './address.ts';
import type { Step } from './change.ts';
import type { Outcome } from './outcome.ts';
import type { Problem } from './problem.ts';

/** Something the engine reports while it works. The engine never prints; a view does. `code` and data are stable, wording is not. */
export type Notice =
  | { readonly code: 'STARTED'; readonly task: string; readonly total?: number }
  | { readonly code: 'PROGRESS'; readonly task: string; readonly done: number; readonly total?: number }
  | { readonly code: 'FINISHED'; readonly task: string; readonly done: number }
  | { readonly code: 'TYPE_READ'; readonly type: string; readonly count: number; readonly completeness: 'whole' | 'part' | 'none' }
  | { readonly code: 'WAITING'; readonly reason: string; readonly milliseconds: number }
  | { readonly code: 'STEP'; readonly step: Step }
  | { readonly code: 'OUTCOME'; readonly outcome: Outcome }
  | { readonly code: 'WROTE'; readonly file: string; readonly at?: Address }
  | { readonly code: 'REMOVED'; readonly file: string; readonly at?: Address }
  | { readonly code: 'PROBLEM'; readonly problem: Problem };

export type Report = (notice: Notice) => void;
