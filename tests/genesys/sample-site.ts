import type { Connection, OrgWriter } from '../../providers/contract.ts';
import { factsOf, findFacts, toPattern } from '../../providers/genesys/facts.ts';
import { ownKeyFields, parentOf } from '../../providers/genesys/natural-key.ts';
import { genesys } from '../../providers/genesys/platform.ts';
import { addressesIn } from '../../providers/genesys/request-body.ts';
import { EmulatorCore, emulatorHttp } from '../../providers/genesys-emulator/index.ts';
import { type Address, keyOf, keyParts, typeOf } from '../../state/address.ts';
import type { Document } from '../../state/document.ts';
import { setAt } from '../../state/pointer.ts';
import type { ValueMap } from '../../state/value.ts';
import type { Sample } from '../samples/sample.ts';
import { makeSimulatedWorld, type SimulatedWorld } from '../worlds/simulated-world.ts';

export const ORG = 'sample-org';
const URL = 'http://127.0.0.1:4020';

export function documentOf(sample: Sample): Document {
  return { address: `${sample.type}/${sample.key}` as Address, body: sample.body as ValueMap };
}

/** An empty org, its writer, and everything in it that one sample refers to. */
export class SampleSite {
  readonly world: SimulatedWorld;
  readonly core: EmulatorCore;
  readonly writer: OrgWriter;

  constructor(sample: Sample, secrets: (name: string) => string | undefined = (name) => `value of ${name}`) {
    this.world = makeSimulatedWorld({ seed: 7 });
    const spec = { name: ORG, homeDivision: 'Headquarters', clients: [{ id: ORG, secret: `${ORG}-secret`, permissions: ['*'] }] };
    this.core = new EmulatorCore({ orgs: [spec], seed: 'samples', clock: this.world.clock });
    this.world.connect(emulatorHttp(this.core));
    const connection: Connection = { api: URL, login: URL, apps: URL, clientId: ORG, clientSecret: `${ORG}-secret` };
    this.writer = genesys.openWriter(this.world, connection, () => undefined, secrets);
    for (const address of neededBy(sample)) this.insert(address);
  }

  insert(address: Address): string {
    return insertInto(this.core, ORG, address);
  }

  run<T>(work: Promise<T>): Promise<T> {
    return this.world.run(work);
  }

  /** Writing requests that `work` sent. */
  async writes<T>(work: () => Promise<T>): Promise<{ readonly result: T; readonly sent: readonly string[] }> {
    const from = this.core.journal.length;
    const result = await work();
    const sent = this.core.journal
      .slice(from)
      .filter((entry) => entry.method !== 'GET' && !entry.path.endsWith('/oauth/token') && !entry.path.includes('/export/'));
    return {
      result,
      sent: sent.map((entry) => `${entry.method} ${entry.path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<id>')}${entry.query === '' ? '' : `?${entry.query}`}`),
    };
  }

  files(sample: Sample) {
    return async (hash: string): Promise<Uint8Array> => {
      const text = sample.files?.[hash.replace('sha256:', '')];
      if (text === undefined) throw new Error(`the sample has no file ${hash}`);
      return new TextEncoder().encode(text);
    };
  }
}

/** Puts an object there that has to be there, with little more than its key. */
export function insertInto(core: EmulatorCore, org: string, address: Address): string {
  const type = typeOf(address);
  const parts = keyParts(address) ?? [];
  const identity = ownKeyFields(factsOf(type));
  const fields = identity.reduce<ValueMap>((body, field, index) => setAt(body, toPattern(field), parts[index] ?? ''), {}) as Record<string, never>;
  const spelled = type === 'flow' ? { ...fields, type: String(fields['type']).toUpperCase(), publishedVersion: { id: '1.0' } } : fields;
  return core.context(org).insert(type, { ...spelled, ...(LEAST[type] ?? {}), ...(BODIES[address] ?? {}) }).id;
}

/** What the API asks of every object of a type beside its key. */
const LEAST: Readonly<Record<string, Readonly<Record<string, never>>>> = {
  user: { name: 'Somebody' },
  integration_credential: { credentialFields: { userName: 'somebody', password: 'practice-only' } },
  architect_schedule: { start: '2026-01-05T09:00:00.000', end: '2026-01-05T17:00:00.000' },
} as never;

const column = (type: string) => ({ type, title: type });

/** What the org asks of an object beside its key. */
const BODIES: Readonly<Record<string, Readonly<Record<string, never>>>> = {
  'architect_datatable/Shops': {
    schema: {
      type: 'object',
      required: ['key'],
      properties: { key: column('string'), city: column('string'), seats: column('integer'), isOpen: column('boolean') },
    },
  },
} as never;

/** What a sample names in a file of its own, which no directive shows. */
const NAMED: Readonly<Record<string, readonly Address[]>> = { flow: ['routing_queue/Support' as Address] };

export function neededBy(sample: Sample): readonly Address[] {
  const { address, body } = documentOf(sample);
  const facts = findFacts(sample.type);
  const parent = facts === undefined ? undefined : parentOf(facts, address);
  const all = [...addressesIn(body), ...(parent === undefined ? [] : [parent]), ...(NAMED[sample.type] ?? [])];
  return all.filter((needed) => needed !== address && keyOf(needed) !== '@home');
}
