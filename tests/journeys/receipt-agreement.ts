import type { JournalEntry } from '../../providers/genesys-emulator/index.ts';

/** What of a receipt is compared. */
export interface ReceiptFile {
  readonly plan: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly outcomes: readonly { readonly address: string; readonly word: string; readonly id?: string }[];
}

interface PlannedStep {
  readonly address: string;
  readonly changes: readonly unknown[];
}

/** All writes to an org by its own journal: how often each object was created, and how often changed. */
function tally(journal: readonly JournalEntry[], org: string): ReadonlyMap<string, { created: number; changed: number }> {
  const counts = new Map<string, { created: number; changed: number }>();
  for (const { type, id, action } of journal.flatMap((entry) => (entry.org === org ? entry.commits : []))) {
    const count = counts.get(`${type} ${id}`) ?? { created: 0, changed: 0 };
    counts.set(`${type} ${id}`, count);
    if (action === 'create' && type !== 'routing_utilization') count.created += 1;
    else count.changed += 1;
  }
  return counts;
}

/** How the org's journal calls what an outcome is about: a row goes by its own key, the one utilization by `only`. */
function journalName({ address, id = '' }: ReceiptFile['outcomes'][number]): string {
  const type = address.slice(0, address.indexOf('/'));
  return `${type} ${type === 'architect_datatable_row' ? id.slice(id.indexOf('/') + 1) : id.replace('@', '')}`;
}

/**
 * Where receipts and the org's journal tell different stories. Of each receipt: what it calls created was created once, what it calls changed
 * was written. Of the last one: whatever was written is called so. `isWhole` where all receipts are of one plan, and so tell all that was done.
 */
export function disagreements(
  receipts: readonly ReceiptFile[],
  steps: readonly PlannedStep[],
  { journal, org, isWhole }: { readonly journal: readonly JournalEntry[]; readonly org: string; readonly isWhole: boolean },
): readonly string[] {
  const written = tally(journal, org);
  const changing = new Set(steps.filter((step) => step.changes.length > 0).map((step) => step.address));
  const isChange = ({ word, address }: ReceiptFile['outcomes'][number]) => word === 'updated' || (word === 'adopted' && changing.has(address));
  const found: string[] = [];
  for (const [index, receipt] of receipts.entries()) {
    for (const outcome of receipt.outcomes) {
      const count = written.get(journalName(outcome));
      const say = (what: string) => found.push(`receipt ${index + 1} of ${receipts.length} calls ${outcome.address} ${outcome.word}, and ${what}`);
      if (outcome.word === 'created' && !outcome.address.includes('#') && count?.created !== 1) say(`it was created ${count?.created ?? 0} times`);
      if (isChange(outcome) && count === undefined) say('it was never written');
    }
  }
  if (!isWhole) return found;
  const last = receipts.at(-1)?.outcomes ?? [];
  const told = new Map<string, string[]>();
  for (const outcome of last) {
    const word = outcome.word === 'created' || isChange(outcome) ? outcome.word : `${outcome.word}, with nothing to write`;
    told.set(journalName(outcome), [...(told.get(journalName(outcome)) ?? []), word]);
  }
  for (const [name, { created }] of written) {
    const words = told.get(name) ?? [];
    const isTold = created > 0 ? words.includes('created') : words.some((word) => ['created', 'updated', 'adopted'].includes(word));
    if (!isTold) found.push(`the org ${created > 0 ? 'made' : 'changed'} ${name}, which the last receipt calls ${words.join(' and ') || 'nothing'}`);
  }
  return found;
}
