import type { Connection, OrgReader, OrgWriter, SecretSource } from '../../providers/contract.ts';
import { genesys } from '../../providers/genesys/platform.ts';
import { EmulatorCore, emulatorHttp, type FaultPlan, type JournalEntry } from '../../providers/genesys-emulator/index.ts';
import { fillOrgs, practiceOrgs } from '../../providers/genesys-emulator/practice/index.ts';
import type { LiveSnapshot } from '../../state/snapshot.ts';
import { makeSimulatedWorld, type SimulatedWorld } from '../worlds/simulated-world.ts';

const URL = 'http://127.0.0.1:4010';

/** The practice orgs behind the real client, in a world whose clock takes no time. */
export class PracticeSite {
  readonly world: SimulatedWorld;
  readonly core: EmulatorCore;

  constructor(options: { readonly faults?: FaultPlan; readonly seed?: string } = {}) {
    this.world = makeSimulatedWorld({ seed: 1 });
    const seeds = practiceOrgs();
    const { faults } = options;
    this.core = new EmulatorCore({
      orgs: seeds.map((seed) => seed.spec),
      seed: options.seed ?? 'practice',
      clock: this.world.clock,
      ...(faults === undefined ? {} : { faults }),
    });
    fillOrgs(this.core, seeds);
    this.world.connect(emulatorHttp(this.core));
  }

  reader(client: string): OrgReader {
    return genesys.openReader(this.world, connection(client), () => undefined);
  }

  writer(org: string, secrets: SecretSource = () => undefined): OrgWriter {
    return genesys.openWriter(this.world, connection(org), () => undefined, secrets);
  }

  run<T>(work: Promise<T>): Promise<T> {
    return this.world.run(work);
  }

  read(client: string, types: readonly string[] = [...genesys.types.keys()]): Promise<LiveSnapshot> {
    return this.run(this.reader(client).read(types, () => undefined));
  }

  /** What `work` asked of the orgs, tokens left out. */
  async requests<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly entries: readonly JournalEntry[] }> {
    const from = this.core.journal.length;
    const result = await work();
    return { result, entries: this.core.journal.slice(from).filter((entry) => !entry.path.endsWith('/oauth/token')) };
  }
}

function connection(client: string): Connection {
  return { api: URL, login: URL, apps: URL, clientId: client, clientSecret: `${client}-secret` };
}
