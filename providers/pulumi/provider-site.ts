import type { Step } from '../../state/change.ts';
import type { Document } from '../../state/document.ts';
import type { Outcome } from '../../state/outcome.ts';
import type { Plan } from '../../state/plan.ts';
import type { Problem } from '../../state/problem.ts';
import type { LiveOrg } from './live-inputs.ts';
import type { StepSite } from './steps.ts';

/** What the provider process is given: how it reaches an org, and what it can tell without one. */
export interface ProviderHost {
  /** Called once per org and process. */
  readonly openSite: (org: string) => Promise<ProviderSite>;
  /** What is missing to write this document to that org (a secret that is not set); asked in every preview. Needs no org. */
  readonly findMissing: (org: string, document: Document) => readonly Problem[];
}

/** One org as the provider process reaches it: read once, written through the reconciler. */
export interface ProviderSite extends StepSite {
  /** What the org holds, from one list per type; read at the first call and then from memory. */
  readonly org: () => Promise<LiveOrg>;
  readonly carryOut: (step: Step) => Promise<Outcome>;
  /** The plan by which the deletions of this run are judged: it keeps what the manifests hold, or nothing, as a `destroy` does. */
  readonly judge: (keeps: Kept) => Promise<Plan>;
  /** Takes a temporary name back that led nowhere; what became of it is noted. */
  readonly takeBack: (step: Step, outcome: Outcome) => Promise<void>;
}

/** What a run of the engine leaves in place of all that was applied last. */
export type Kept = 'the manifests' | 'nothing';
