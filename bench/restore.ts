import { genesys } from '../providers/genesys/platform.ts';
import type { JournalEntry } from '../providers/genesys-emulator/index.ts';
import { applyPlan } from '../providers/reconciler/apply-plan.ts';
import { openJournal } from '../providers/reconciler/journal.ts';
import type { Step } from '../state/change.ts';
import { makePlan } from '../state/make-plan.ts';
import { isDone, type Outcome } from '../state/outcome.ts';
import { findOutside } from '../state/remap.ts';
import type { LiveSnapshot } from '../state/snapshot.ts';
import type { VirtualSite } from './virtual-site.ts';

/** One restore of one org into another that is empty. */
export interface Restored {
  readonly steps: readonly Step[];
  readonly outcomes: readonly Outcome[];
  /** Steps that did not end well, each with why; none in a restore that counts. */
  readonly failures: readonly string[];
  /** All that the apply asked, its look at the org at the beginning included. */
  readonly entries: readonly JournalEntry[];
  /** Virtual milliseconds of that. */
  readonly elapsed: number;
  /** Steps that a plan made afterwards would still carry out. */
  readonly left: number;
}

export interface RestoreOptions {
  /** Called right before the apply asks anything, and right after it ended. */
  readonly onStart?: () => void;
  readonly onEnd?: () => void;
}

/** Plans and applies as the verbs do: a plan in one session, the apply in another, which reads the org before it writes. */
export async function restore(site: VirtualSite, from: string, to: string, options: RestoreOptions = {}): Promise<Restored> {
  const { result: source } = await site.requests(() => site.reader(from).read(site.types, () => undefined));
  const steps = await planFor(site, source, to);
  options.onStart?.();
  const started = site.world.clock.ticks();
  const { result: outcomes, entries } = await site.requests(() => apply(site, source, steps, to));
  const elapsed = site.world.clock.ticks() - started;
  options.onEnd?.();
  const failures = outcomes.filter((outcome) => !isDone(outcome)).map(({ address, word, message }) => `${address}: ${word} ${message ?? ''}`);
  const left = (await planFor(site, source, to)).filter(({ changes }) => changes.length > 0).length;
  return { steps, outcomes, failures, entries, elapsed, left };
}

async function planFor(site: VirtualSite, source: LiveSnapshot, to: string): Promise<readonly Step[]> {
  const { result } = await site.requests(async () => {
    const reader = site.reader(to);
    const live = await reader.read(site.types, () => undefined);
    const externals = await reader.locate(findOutside(source, genesys.types));
    return makePlan({ wanted: { ...source, problems: [] }, live, types: genesys.types, policy: { role: 'practice' }, externals });
  });
  return result.steps;
}

async function apply(site: VirtualSite, source: LiveSnapshot, steps: readonly Step[], to: string): Promise<readonly Outcome[]> {
  const org = site.writer(to);
  await org.identity();
  await org.read(site.types, () => undefined);
  const journal = await openJournal(site.world, '/bench/journal.jsonl');
  const files = async (hash: string): Promise<Uint8Array> => {
    const file = source.files.get(hash);
    if (file === undefined) throw new Error(`the source org gave no file ${hash}`);
    return file.read();
  };
  const outcomes = await applyPlan(
    { steps },
    {
      org,
      journal,
      types: genesys.types,
      files,
      world: site.world,
      report: () => undefined,
      plan: 'sha256:bench',
      me: to,
    },
  );
  await journal.close();
  return outcomes;
}
