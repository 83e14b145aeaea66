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

/** What the journal of the org may hold of an object for each word that its address, or an edge of it, goes by. */
const WRITES: Readonly<Record<string, { readonly created: readonly number[]; readonly isWritten?: boolean }>> = {
  created: { created: [1] },
  updated: { created: [0], isWritten: true },
  deleted: { created: [0], isWritten: true },
  adopted: { created: [0] },
  unchanged: { created: [0], isWritten: false },
  held: { created: [0], isWritten: false },
  skipped: { created: [0], isWritten: false },
  stale: { created: [0], isWritten: false },
  failed: { created: [0, 1] },
  unknown: { created: [0, 1] },
};

/** Where one run's receipt and all that its org's journal holds of it part: each word against what was written, and each write against the words. */
export function lies(
  receipt: Pick<ReceiptFile, 'outcomes'>,
  steps: readonly PlannedStep[],
  { journal, org }: { readonly journal: readonly JournalEntry[]; readonly org: string },
): readonly string[] {
  const written = tally(journal, org);
  const changing = new Set(steps.filter((step) => step.changes.length > 0).map((step) => step.address));
  const byObject = new Map<string, ReceiptFile['outcomes'][number][]>();
  for (const outcome of receipt.outcomes) byObject.set(journalName(outcome), [...(byObject.get(journalName(outcome)) ?? []), outcome]);
  const found: string[] = [];
  for (const [name, outcomes] of byObject) {
    if (outcomes.every(({ id }) => id === undefined)) continue;
    const count = written.get(name) ?? { created: 0, changed: 0 };
    const words = outcomes.map(({ address, word }) => (word === 'adopted' && changing.has(address) ? 'updated' : word));
    const isFree = words.some((word) => WRITES[word]?.isWritten === undefined);
    const mayWrite = isFree || words.some((word) => WRITES[word]?.isWritten === true);
    const mustWrite = words.some((word) => WRITES[word]?.isWritten === true);
    const makes = words.includes('created') ? [1] : words.flatMap((word) => WRITES[word]?.created ?? []);
    const say = (what: string) => found.push(`${outcomes.map(({ address, word }) => `${address} ${word}`).join(' and ')}, and the org ${what}`);
    if (!makes.includes(count.created)) say(`made it ${count.created} times`);
    if (mustWrite && count.created + count.changed === 0) say('was never asked to');
    if (!mayWrite && count.created + count.changed > 0) say('changed it');
  }
  const unnamed = [...written].filter(([name]) => !byObject.has(name));
  const unsure = receipt.outcomes.filter(({ word, id }) => (word === 'unknown' || word === 'failed') && id === undefined);
  if (unnamed.length > unsure.length) found.push(`the org wrote ${unnamed.map(([name]) => name).join(', ')}, of which no outcome tells`);
  return found;
}
