import type { Address } from '../../state/address.ts';
import type { Action } from '../../state/change.ts';
import type { Outcome, OutcomeWord } from '../../state/outcome.ts';
import { Refused } from '../../state/problem.ts';
import type { Log, World } from '../world.ts';

/** That a request for `address` was about to be sent. On disk before it is sent. */
export interface Intent {
  readonly address: Address;
  readonly action: Action;
  /** Of a deletion: the one object that is meant. */
  readonly id?: string;
  /** Wall clock when it was written, milliseconds since 1970. */
  readonly at: number;
  readonly before?: string;
  readonly after?: string;
  /** Digest of the plan that the step belongs to, where there is one. */
  readonly plan?: string;
}

/** How the last step for an address ended. */
export interface Ending {
  readonly word: OutcomeWord;
  readonly hash?: string;
  readonly plan?: string;
}

/** All that the journal knows of one address. */
export interface History {
  /** The last intent. */
  readonly intent?: Intent;
  /** True while no ending was written for the last intent: its request may have been sent, and may still be carried out. */
  readonly isOpen: boolean;
  /** The id that the org last gave us for this address. */
  readonly id?: string;
  /** The plan under which that id was made, where it was made by us. */
  readonly made?: { readonly after?: string; readonly plan?: string };
  /** Hash of each deferred edge as it was when we had made the object. */
  readonly left?: { readonly id: string; readonly hashes: Readonly<Record<Address, string>> };
  readonly ending?: Ending;
  /** Hash of the whole object as this process last saw it after a write of its own; a read that shows less is late. Never on disk. */
  readonly seen?: string;
}

/**
 * What was about to be sent to one org and what came of it, as JSON lines that are only ever appended to. An intent is on disk before
 * `intend` returns; the other records may be lost with the power, and then their intent is open and is settled again.
 */
export interface Journal {
  intend(intent: Intent): Promise<void>;
  /** We made the object of `address`: its id and, once it is whole, how its deferred edges were left. */
  made(address: Address, id: string, edges?: Readonly<Record<Address, string>>): Promise<void>;
  /** Ends the intents of the outcome's address. */
  end(outcome: Outcome, plan?: string): Promise<void>;
  /** Remembers how an object looked when this process had written it. */
  saw(address: Address, hash: string): void;
  history(address: Address): History;
  /** Addresses with an open intent, in the order in which they were written. */
  open(): readonly Intent[];
  close(): Promise<void>;
}

type Entry =
  | ({ readonly kind: 'intent' } & Intent)
  | { readonly kind: 'made'; readonly address: Address; readonly id: string; readonly edges?: Readonly<Record<Address, string>> }
  | ({ readonly kind: 'end'; readonly address: Address; readonly id?: string } & Ending);

/** Beyond so many records an opened journal is rewritten with only what still matters. */
const COMPACT_ABOVE = 20_000;

/** Opens the journal of one org. Cuts a torn last record; throws `Refused` where any other record is broken. */
export async function openJournal(world: World, file: string): Promise<Journal> {
  const text = await readText(world, file);
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const { entries, kept } = readEntries(whole, file);
  const histories = new Map<Address, History>();
  for (const entry of entries) histories.set(entry.address, after(histories.get(entry.address), entry));
  if (entries.length > COMPACT_ABOVE) await world.disk.replace(file, [...histories].flatMap(remember).map(lineOf).join(''), { durable: true });
  else if (kept !== text) await world.disk.replace(file, kept, { durable: true });
  return new FileJournal(await world.disk.openLog(file), histories);
}

class FileJournal implements Journal {
  private readonly log: SharedLog;
  private readonly histories: Map<Address, History>;

  constructor(log: Log, histories: Map<Address, History>) {
    this.log = new SharedLog(log);
    this.histories = histories;
  }

  async intend(intent: Intent): Promise<void> {
    await this.write({ kind: 'intent', ...intent });
    await this.log.sync();
  }

  async made(address: Address, id: string, edges?: Readonly<Record<Address, string>>): Promise<void> {
    await this.write({ kind: 'made', address, id, ...(edges === undefined ? {} : { edges }) });
  }

  async end(outcome: Outcome, plan?: string): Promise<void> {
    const { address, word, id, hash } = outcome;
    await this.write({
      kind: 'end',
      address,
      word,
      ...(id === undefined ? {} : { id }),
      ...(hash === undefined ? {} : { hash }),
      ...(plan === undefined ? {} : { plan }),
    });
  }

  saw(address: Address, seen: string): void {
    this.histories.set(address, { ...this.history(address), seen });
  }

  history(address: Address): History {
    return this.histories.get(address) ?? { isOpen: false };
  }

  open(): readonly Intent[] {
    return [...this.histories.values()].flatMap((history) => (history.isOpen && history.intent !== undefined ? [history.intent] : []));
  }

  async close(): Promise<void> {
    await this.log.close();
  }

  private async write(entry: Entry): Promise<void> {
    await this.log.append(lineOf(entry));
    this.histories.set(entry.address, after(this.histories.get(entry.address), entry));
  }
}

/**
 * One log for many steps at once: appends follow each other, and steps that wait for the disk at the same time share one sync. After a
 * failed append or sync nothing more is written, so that a half-written record can only be the last.
 */
class SharedLog {
  private readonly log: Log;
  private tail: Promise<void> = Promise.resolve();
  private waiting: Promise<void> | undefined;

  constructor(log: Log) {
    this.log = log;
  }

  append(text: string): Promise<void> {
    return this.follow(() => this.log.append(text));
  }

  sync(): Promise<void> {
    this.waiting ??= this.follow(() => {
      this.waiting = undefined;
      return this.log.sync();
    });
    return this.waiting;
  }

  async close(): Promise<void> {
    try {
      await this.follow(() => this.log.sync());
    } finally {
      await this.log.close();
    }
  }

  private follow(work: () => Promise<void>): Promise<void> {
    const next = this.tail.then(work);
    this.tail = next;
    next.catch(() => undefined);
    return next;
  }
}

function after(history: History = { isOpen: false }, entry: Entry): History {
  switch (entry.kind) {
    case 'intent': {
      const { kind: _, ...intent } = entry;
      return { ...history, intent, isOpen: true };
    }
    case 'made':
      return { ...history, id: entry.id, made: marks(history.intent), ...(entry.edges && { left: { id: entry.id, hashes: entry.edges } }) };
    case 'end': {
      const { kind: _, address: __, id, ...ending } = entry;
      // Nothing is left to know of it: what comes under its key is another.
      if (ending.word === 'deleted') return { ...(history.intent === undefined ? {} : { intent: history.intent }), ending, isOpen: false };
      const made = ending.word === 'created' ? { made: marks(history.intent) } : {};
      return { ...history, ...made, ...(id === undefined ? {} : { id }), ending, isOpen: false };
    }
  }
}

function marks(intent: Intent | undefined): NonNullable<History['made']> {
  return { ...(intent?.after === undefined ? {} : { after: intent.after }), ...(intent?.plan === undefined ? {} : { plan: intent.plan }) };
}

/** The fewest records that tell the same history. */
function remember([address, history]: [Address, History]): Entry[] {
  const { intent, id, made, left, ending, isOpen } = history;
  const end: Entry[] = ending === undefined ? [] : [{ kind: 'end', address, ...ending, ...(id === undefined ? {} : { id }) }];
  const intents: Entry[] = intent === undefined ? [] : [{ kind: 'intent', ...intent }];
  const ids: Entry[] = id === undefined || made === undefined ? [] : [{ kind: 'made', address, id, ...(left?.id === id && { edges: left.hashes }) }];
  return isOpen ? [...end, ...intents, ...ids] : [...intents, ...ids, ...end];
}

function lineOf(entry: Entry): string {
  return `${JSON.stringify(entry)}\n`;
}

async function readText(world: World, file: string): Promise<string> {
  try {
    return new TextDecoder().decode(await world.disk.read(file));
  } catch (failure) {
    if ((failure as { code?: unknown }).code === 'ENOENT') return '';
    throw failure;
  }
}

function readEntries(text: string, file: string): { entries: Entry[]; kept: string } {
  const lines = text.split('\n').slice(0, -1);
  const entries: Entry[] = [];
  for (const [index, line] of lines.entries()) {
    const found = readLine(line);
    if (found !== undefined) entries.push(...found);
    else if (index < lines.length - 1) throw brokenJournal(file, index + 1);
    else return { entries, kept: text.slice(0, text.length - line.length - 1) };
  }
  return { entries, kept: text };
}

/** How each record begins; inside of one it cannot stand, since its quotes would be escaped. */
const BEGINNING = '{"kind":"';

/**
 * The records of one line: one, unless a process whose append failed half-way, and which wrote no more, was followed by another that had stood
 * still while its lock was taken over. What is half was never acted upon. Undefined where the line is broken in any other way.
 */
function readLine(line: string): readonly Entry[] | undefined {
  const whole = readEntry(line);
  if (whole !== undefined) return [whole];
  const pieces = line.split(/(?=\{"kind":")/);
  const entries = pieces.map(readEntry);
  const areHalf = pieces.every((piece, index) => entries[index] !== undefined || piece.startsWith(BEGINNING) || BEGINNING.startsWith(piece));
  return areHalf && entries.at(-1) !== undefined ? entries.filter((entry) => entry !== undefined) : undefined;
}

function readEntry(line: string): Entry | undefined {
  try {
    const entry = JSON.parse(line) as Partial<Entry> | null;
    const isKnown = entry?.kind === 'intent' || entry?.kind === 'made' || entry?.kind === 'end';
    return isKnown && typeof entry.address === 'string' ? (entry as Entry) : undefined;
  } catch {
    return undefined;
  }
}

function brokenJournal(file: string, line: number): Refused {
  return new Refused(
    [
      {
        code: 'JOURNAL_BROKEN',
        severity: 'error',
        message: 'a record in the middle of the journal cannot be read, so what was sent to the org is not certain',
        hint: 'compare the org with the manifests (`cordboard plan`), then move this file away and apply again',
        place: { file, line },
      },
    ],
    1,
  );
}
