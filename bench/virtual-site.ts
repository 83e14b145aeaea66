import type { Connection, OrgReader, OrgWriter } from '../providers/contract.ts';
import { genesys } from '../providers/genesys/platform.ts';
import { EmulatorCore, emulatorHttp, type JournalEntry, type Limits } from '../providers/genesys-emulator/index.ts';
import { fillOrgs, type OrgSeed } from '../providers/genesys-emulator/practice/index.ts';
import type { Http, World } from '../providers/world.ts';
import { makeSimulatedWorld, type SimulatedWorld } from '../tests/worlds/simulated-world.ts';
import type { OrgContents } from './minimum.ts';

const URL = 'http://127.0.0.1:4010';

export interface VirtualSiteOptions {
  readonly orgs: readonly OrgSeed[];
  readonly seed: number;
  readonly limits?: Limits;
  /** Milliseconds from a request to its answer; none where left out. */
  readonly latency?: () => number;
}

/** The product's own client, reader and writer against the emulator's core, in a world whose hours take no time. */
export class VirtualSite {
  readonly world: SimulatedWorld;
  readonly core: EmulatorCore;
  readonly #http: Http;
  readonly types: readonly string[] = [...genesys.types.keys()];

  constructor({ orgs, seed, limits = { perToken: 'none', perOrg: 'none' }, latency }: VirtualSiteOptions) {
    this.world = makeSimulatedWorld({ seed });
    this.core = new EmulatorCore({ orgs: orgs.map(({ spec }) => spec), seed: `bench ${seed}`, clock: this.world.clock, limits });
    fillOrgs(this.core, orgs);
    this.#http = emulatorHttp(this.core, latency === undefined ? {} : { latency });
    this.world.connect(this.#http);
  }

  /** Watches what the first answer since `restart` says about the rate window: milliseconds that it surely has left. */
  watchWindows(): { readonly restart: () => void; readonly first: () => number } {
    let reset: number | undefined;
    this.world.connect(async (request) => {
      const answer = await this.#http(request);
      const told = Number(answer.headers['inin-ratelimit-reset']);
      if (reset === undefined && told > 0) reset = told;
      return answer;
    });
    // Told in seconds, rounded up.
    return { restart: () => (reset = undefined), first: () => Math.max(0, (reset ?? 1) - 1) * 1_000 };
  }

  reader(org: string, world: World = this.world): OrgReader {
    return genesys.openReader(world, connection(org), () => undefined);
  }

  /** No answer shows a secret, so any will do. */
  writer(org: string, world: World = this.world): OrgWriter {
    return genesys.openWriter(
      world,
      connection(org),
      () => undefined,
      () => 'any secret of the bench',
    );
  }

  contents(org: string): OrgContents {
    return this.core.org(org).store;
  }

  /** What `work` asked of the orgs. */
  async requests<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly entries: readonly JournalEntry[] }> {
    const from = this.core.journal.length;
    const result = await this.world.run(work());
    return { result, entries: this.core.journal.slice(from) };
  }
}

function connection(org: string): Connection {
  return { api: URL, login: URL, apps: URL, clientId: org, clientSecret: `${org}-secret` };
}

const POLLS = [/^\/api\/v2\/flows\/(export\/)?jobs\/[^/]+$/, /^\/api\/v2\/architect\/prompts\/[^/]+\/resources\/[^/]+$/];

export const isToken = ({ path }: JournalEntry): boolean => path.endsWith('/oauth/token');
/** A look at whether a job has ended. */
export const isPoll = ({ method, path }: JournalEntry): boolean => method === 'GET' && POLLS.some((poll) => poll.test(path));
/** Export jobs are asked for by POST and change nothing. */
export const isWrite = (entry: JournalEntry): boolean => entry.method !== 'GET' && !isToken(entry) && entry.path !== '/api/v2/flows/export/jobs';

/** Requests by method and path, ids left out, most frequent first: what a missed ratio is made of. */
export function tally(entries: readonly JournalEntry[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const { method, path, query } of entries) {
    const plain = path
      .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '{id}')
      .replace(/\/(rows|resources)\/[^/]+/, '/$1/{key}')
      .replace(/^\/downloads\/.*/, '/downloads');
    const name = `${method} ${plain}${/(^|&)name=/.test(query) ? '?name' : ''}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].sort((left, right) => right[1] - left[1]);
}
