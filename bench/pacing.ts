import { openClient } from '../providers/client/open-client.ts';
import { EmulatorCore, emulatorHttp } from '../providers/genesys-emulator/index.ts';
import { makeChance, makeSimulatedWorld } from '../tests/worlds/simulated-world.ts';

const URL = 'http://127.0.0.1:4010';
const WINDOWS = 10;
const MINUTE = 60_000;

export interface Paced {
  readonly perMinute: number;
  readonly seed: number;
  /** Answers 429. */
  readonly refused: number;
  /** What was let through in the first ten windows, of what the org would have let through. */
  readonly share: number;
}

/** The org's rate windows begin where chance put them; this core keeps what each of them counted. */
class CountingCore extends EmulatorCore {
  readonly windows: number[] = [];
  readonly #starts: number[] = [];
  refused = 0;

  override handle(request: Parameters<EmulatorCore['handle']>[0]): ReturnType<EmulatorCore['handle']> {
    const answer = super.handle(request);
    const count = Number(answer.headers['inin-ratelimit-count']);
    if (count === 1) {
      this.windows.push(0);
      this.#starts.push(this.clock.ticks());
    }
    if (answer.status === 429) this.refused += 1;
    else if (count > 0) this.windows[this.windows.length - 1] = count;
    return answer;
  }

  /** Windows in which nothing at all was asked, before the one of this number. */
  idleBefore(count: number): number {
    const gaps = this.#starts.slice(0, count).map((start, index) => start - (this.#starts[index - 1] ?? start));
    return gaps.reduce((sum, gap) => sum + Math.max(0, Math.ceil(gap / MINUTE - 0.1) - 1), 0);
  }
}

/** Eleven windows' worth of requests, asked for at once by the only client of a token. */
export async function pace(perMinute: number, seed: number): Promise<Paced> {
  const world = makeSimulatedWorld({ seed });
  const chance = makeChance(seed);
  const client = { id: 'bench', secret: 'bench-secret', permissions: ['*'] };
  const core = new CountingCore({
    orgs: [{ name: 'bench', homeDivision: 'Home', clients: [client] }],
    seed: `pacing ${seed}`,
    clock: world.clock,
    limits: { perToken: perMinute, perOrg: 'none' },
  });
  world.connect(emulatorHttp(core, { latency: () => 40 + chance() * 160 }));
  const org = openClient(
    world,
    { api: URL, login: URL, apps: URL, clientId: client.id, clientSecret: client.secret },
    { mode: 'read', report: () => undefined },
  );
  const work = Array.from({ length: perMinute * (WINDOWS + 1) }, () => org.call({ method: 'GET', path: '/api/v2/organizations/me' }));
  await world.run(Promise.all(work));
  const used = core.windows.slice(0, WINDOWS).reduce((sum, count) => sum + count, 0);
  return { perMinute, seed, refused: core.refused, share: used / ((WINDOWS + core.idleBefore(WINDOWS)) * perMinute) };
}
