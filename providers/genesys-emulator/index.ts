import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../world.ts';
import type { SavedState } from './core.ts';
import { EmulatorCore } from './core.ts';
import { openDoor } from './door.ts';
import type { FaultPlan } from './faults.ts';
import type { JournalEntry } from './journal.ts';
import type { Json } from './json.ts';
import { jsonText, parseJson } from './json.ts';
import type { Limits } from './limits.ts';
import type { OrgSpec } from './org.ts';

export { EmulatorCore } from './core.ts';
export type { Answer } from './exchange.ts';
export type { FaultKind, FaultPlan } from './faults.ts';
export { FAULT_KINDS } from './faults.ts';
export { emulatorHttp } from './in-process.ts';
export type { JournalEntry } from './journal.ts';
export type { Limits } from './limits.ts';
export type { OrgSpec } from './org.ts';

export interface EmulatorOptions {
  readonly orgs: readonly OrgSpec[];
  /** Ids, tokens, faults and orders follow from it alone. */
  readonly seed: string;
  readonly faults?: FaultPlan;
  readonly limits?: Limits;
  /** 0, or left out: any free one. */
  readonly port?: number;
  /** Loaded if it is there, saved when the emulator closes. */
  readonly stateFile?: string;
  readonly clock?: Clock;
  readonly log?: (entry: JournalEntry) => void;
}

export interface Emulator {
  /** Stands for the API, login and apps hosts alike. */
  readonly url: string;
  readonly core: EmulatorCore;
  readonly close: () => Promise<void>;
}

const REAL_CLOCK: Clock = {
  now: () => Date.now(),
  ticks: () => performance.now(),
  sleep: (milliseconds, signal) => wait(milliseconds, undefined, signal === undefined ? {} : { signal }),
};

/** Starts the orgs on loopback. Nothing outside 127.0.0.1 can reach them. */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const saved = options.stateFile === undefined ? undefined : await loadState(options.stateFile);
  const core = new EmulatorCore({
    orgs: options.orgs,
    seed: options.seed,
    clock: options.clock ?? REAL_CLOCK,
    ...(options.faults === undefined ? {} : { faults: options.faults }),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.log === undefined ? {} : { log: options.log }),
    ...(saved === undefined ? {} : { saved }),
  });
  const door = await openDoor(core, options.port ?? 0);
  const close = async (): Promise<void> => {
    await door.close();
    if (options.stateFile !== undefined) await saveState(options.stateFile, core.save());
  };
  return { url: door.url, core, close };
}

/** A saved state, or undefined where there is no such file. */
async function loadState(file: string): Promise<SavedState | undefined> {
  try {
    const state = parseJson(await readFile(file, 'utf8')) as unknown as SavedState;
    if (state.format !== 1) throw new Error(`"${file}" is no emulator state of format 1; delete it to start anew`);
    return state;
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Old or new, never a mix. */
async function saveState(file: string, state: SavedState): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, jsonText(state as unknown as Json));
  await rename(`${file}.new`, file);
}
