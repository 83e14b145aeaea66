import type { FaultPlan } from '../faults.ts';
import { type EmulatorCore, type JournalEntry, startEmulator } from '../index.ts';
import type { OrgSeed } from './org-seed.ts';
import { practiceOrgs } from './practice-orgs.ts';
import { sizedOrg } from './sized-org.ts';

export interface PracticeOptions {
  /** 0: any free one. */
  readonly port: number;
  /** One more org, `practice-sized`, of so many resources. */
  readonly size?: number;
  /** Now and then an error, a lost answer, a short page, lists in any order. */
  readonly faults?: boolean;
  /** Told of every request, in one line. Holds no token and no secret. */
  readonly onRequest?: (line: string) => void;
}

export interface RunningPracticeOrgs {
  readonly url: string;
  /** The orgs' names; each is the id of its administrator's OAuth client as well. */
  readonly orgs: readonly string[];
  readonly core: EmulatorCore;
  readonly close: () => Promise<void>;
}

const NOW_AND_THEN: FaultPlan = {
  rates: {
    'too-many-requests': 0.01,
    'server-error': 0.005,
    'bad-gateway-html': 0.005,
    'unavailable-before': 0.01,
    'unavailable-after': 0.005,
    'reset-before': 0.01,
    'reset-after': 0.005,
    'short-page': 0.01,
    unauthorised: 0.005,
  },
  lagSeconds: [0, 2],
  shuffle: true,
};

/** Starts the practice orgs on loopback, filled and ready. */
export async function startPracticeOrgs(options: PracticeOptions): Promise<RunningPracticeOrgs> {
  const seeds = [...practiceOrgs(), ...(options.size === undefined ? [] : [sizedOrg({ size: options.size, seed: 'practice' })])];
  const { onRequest } = options;
  const emulator = await startEmulator({
    orgs: seeds.map((seed) => seed.spec),
    seed: 'practice',
    port: options.port,
    ...(options.faults === true ? { faults: NOW_AND_THEN } : {}),
    ...(onRequest === undefined ? {} : { log: (entry: JournalEntry) => onRequest(requestLine(entry)) }),
  });
  fillOrgs(emulator.core, seeds);
  return { url: emulator.url, orgs: seeds.map((seed) => seed.spec.name), core: emulator.core, close: emulator.close };
}

/** Fills a core that was made with the seeds' specs. */
export function fillOrgs(core: EmulatorCore, seeds: readonly OrgSeed[]): void {
  for (const seed of seeds) seed.fill(core);
}

function requestLine(entry: JournalEntry): string {
  const query = entry.query === '' ? '' : `?${entry.query}`;
  const end = entry.fault === undefined ? (entry.code ?? '') : `fault ${entry.fault}`;
  return [new Date(entry.at).toISOString(), entry.client ?? '-', entry.method, `${entry.path}${query}`, String(entry.status), end].join(' ').trimEnd();
}
