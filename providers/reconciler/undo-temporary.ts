import { type Address, keyOf } from '../../state/address.ts';
import type { Step } from '../../state/change.ts';
import { isDone, type Outcome } from '../../state/outcome.ts';
import { OrgFailure } from '../contract.ts';
import { carryOut } from './carry-out.ts';
import { describe, Interrupted, lookUntil, open, patienceOf, type Site, wasBegun } from './site.ts';

/**
 * Takes back the temporary names that a run made and did not come to end, last first, where the old name is free; answers the outcome that
 * each of these steps has now. What cannot be taken back keeps its temporary name, which is told, and the next plan goes on from there.
 */
export async function undoTemporaries(steps: readonly Step[], outcomes: ReadonlyMap<Address, Outcome>, site: Site): Promise<readonly Outcome[]> {
  const undone: Outcome[] = [];
  for (const step of steps.filter((one) => isLeftStanding(one, outcomes)).reverse()) {
    const made = outcomes.get(step.address);
    if (made === undefined) continue;
    // From here on the temporary name is not certain any more, also where this run ends before it says so.
    await open(site, step);
    const outcome = await undoOne(step, { made, next: step.was === undefined ? undefined : outcomes.get(step.was) }, site);
    const isUncertain = step.was !== undefined && site.journal.history(step.was).isOpen;
    if (!isUncertain) await site.journal.end(outcome, site.plan);
    undone.push(outcome);
  }
  return undone;
}

/** Only what this run itself has written: a name that an earlier one left is the plan's to end. */
function isLeftStanding({ address, temporary }: Step, outcomes: ReadonlyMap<Address, Outcome>): boolean {
  const [made, end] = [outcomes.get(address), temporary === undefined ? undefined : outcomes.get(temporary.until)];
  return temporary !== undefined && made?.word === 'updated' && (end === undefined || !isDone(end));
}

/** What became of a step that gave a temporary name, and of the one that was to have the old name. */
interface Ends {
  readonly made: Outcome;
  readonly next: Outcome | undefined;
}

async function undoOne(step: Step, { made, next }: Ends, site: Site): Promise<Outcome> {
  const back = backwards(step, made);
  if (back === undefined) return left(made, 'the plan does not say what it was called before');
  const taken = await whatHolds(back.address, next, site);
  if (taken !== undefined) return left(made, taken);
  // No step of the plan: applied again, the plan shall not think that it has begun what stands at the old name.
  const { plan: _, ...apart } = site;
  const outcome = await carryOut(back, apart);
  if (!isDone(outcome)) return left(made, outcome.message ?? outcome.word);
  return { ...made, word: 'failed', message: `taken back: it is called "${keyOf(back.address)}" again, since what it made way for was not done` };
}

/** The rename back, of what is there now. */
function backwards({ address, document, temporary, was, before, after, deferred }: Step, { id, hash }: Outcome): Step | undefined {
  if (temporary === undefined || was === undefined || document === undefined || id === undefined) return undefined;
  return {
    address: was,
    action: 'update',
    changes: [],
    reasons: ['its temporary name is taken back'],
    ...beforeOf(hash ?? after),
    ...(before === undefined ? {} : { after: before }),
    document: { ...document, address: was },
    deferred,
    id,
    was: address,
    needs: [],
  };
}

function beforeOf(hash: string | undefined): { readonly before?: string } {
  return hash === undefined ? {} : { before: hash };
}

/**
 * Why the old name is not free; undefined where it is. Who was to have it may have it, though the org does not show that yet: only what was refused, or
 * never sent, surely has not.
 */
async function whatHolds(address: Address, next: Outcome | undefined, site: Site): Promise<string | undefined> {
  if (next !== undefined && isDone(next)) return `"${keyOf(address)}" is another now (${next.id})`;
  const isSure = (next?.word === 'failed' && next.hash === undefined) || !wasBegun({ address }, site);
  try {
    const lives =
      (await lookUntil(
        site,
        isSure ? 0 : patienceOf(site).readLag,
        `${address}: another may have this name, though the org does not show it yet`,
        async (isLast) => {
          const found = await site.org.find(address);
          return found.length > 0 || isLast ? found : undefined;
        },
      )) ?? [];
    return lives.length === 0 ? undefined : `"${keyOf(address)}" is another now (${lives.map(({ id }) => id).join(', ')})`;
  } catch (failure) {
    if (failure instanceof Interrupted) return 'interrupted before it was certain whether the old name is free';
    if (!(failure instanceof OrgFailure)) throw failure;
    return describe(failure);
  }
}

function left(made: Outcome, why: string): Outcome {
  return { ...made, message: `it is left under this temporary name: ${why}; plan again to go on from there` };
}
