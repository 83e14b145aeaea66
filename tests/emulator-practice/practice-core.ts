import { EmulatorCore } from '../../providers/genesys-emulator/core.ts';
import { isJsonMap, type JsonMap, parseJson } from '../../providers/genesys-emulator/json.ts';
import { fillOrgs, type OrgSeed, practiceOrgs } from '../../providers/genesys-emulator/practice/index.ts';
import { judge } from '../emulator/answer-judge.ts';

/** A clock that stands until it is told to move. */
export class StandingClock {
  #now = Date.parse('2026-11-22T10:00:00Z');
  readonly now = (): number => this.#now;
  readonly ticks = (): number => this.#now;
  readonly sleep = async (milliseconds: number): Promise<void> => this.pass(milliseconds);
  pass(milliseconds: number): void {
    this.#now += milliseconds;
  }
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
  readonly text: string;
  readonly json: JsonMap;
}

/** The practice orgs without sockets, and a client of one of them. */
export class Practice {
  readonly clock = new StandingClock();
  readonly core: EmulatorCore;
  readonly #tokens = new Map<string, string>();

  constructor(seeds: readonly OrgSeed[] = practiceOrgs()) {
    const orgs = seeds.map((seed) => seed.spec);
    this.core = judge(new EmulatorCore({ orgs, seed: 'practice', clock: this.clock, limits: { perToken: 'none', perOrg: 'none' } }));
    fillOrgs(this.core, seeds);
  }

  /** A request as a client of the API sends it; the client's name is that of its org unless it is another of the org's clients. */
  ask(client: string, method: string, address: string, body?: unknown): Reply {
    const text = body === undefined ? '' : JSON.stringify(body);
    return this.send(method, address, { authorization: `Bearer ${this.#token(client)}`, 'content-type': 'application/json' }, text);
  }

  send(method: string, address: string, headers: Readonly<Record<string, string>>, body: string): Reply {
    const url = new URL(address, 'http://127.0.0.1:1');
    const answer = this.core.handle({
      method,
      path: url.pathname,
      query: url.searchParams,
      headers: { host: '127.0.0.1:1', ...headers },
      body: Buffer.from(body),
    });
    const bytes = Buffer.from(answer.body);
    const content = bytes.toString('utf8');
    const parsed = content.startsWith('{') ? parseJson(content) : {};
    return { status: answer.status, headers: answer.headers, bytes, text: content, json: isJsonMap(parsed) ? parsed : {} };
  }

  #token(client: string): string {
    const known = this.#tokens.get(client);
    if (known !== undefined) return known;
    const basic = Buffer.from(`${client}:${client}-secret`).toString('base64');
    const reply = this.send(
      'POST',
      '/oauth/token',
      { authorization: `Basic ${basic}`, 'content-type': 'application/x-www-form-urlencoded' },
      'grant_type=client_credentials',
    );
    const token = String(reply.json['access_token']);
    this.#tokens.set(client, token);
    return token;
  }

  /** Publishes a file as a client would: job, upload, looks until it is over. */
  publish(client: string, yaml: string): Reply {
    const job = this.ask(client, 'POST', '/api/v2/flows/jobs').json;
    this.send('PUT', String(job['presignedUrl']), job['headers'] as Record<string, string>, yaml);
    return this.#until(client, `/api/v2/flows/jobs/${String(job['id'])}?expand=messages`);
  }

  /** Exports flows as a client would; the reply is that of the download. */
  export(client: string, flows: readonly JsonMap[]): Reply {
    const job = this.ask(client, 'POST', '/api/v2/flows/export/jobs', { flows: flows.map((flow) => ({ flow, exportType: 'Yaml' })) }).json;
    const state = this.#until(client, `/api/v2/flows/export/jobs/${String(job['id'])}?expand=messages`);
    return state.json['downloadUrl'] === undefined ? state : this.send('GET', String(state.json['downloadUrl']), {}, '');
  }

  #until(client: string, address: string): Reply {
    for (let look = 0; look < 10; look += 1) {
      const state = this.ask(client, 'GET', address);
      if (state.json['status'] === 'Success' || state.json['status'] === 'Failure') return state;
      this.clock.pass(50);
    }
    throw new Error('the job never ended');
  }

  flow(org: string, name: string, type: string): JsonMap {
    const found = this.core.objects(org, 'flow').find((flow) => flow['name'] === name && flow['type'] === type);
    if (found === undefined) throw new Error(`${org} has no ${type} flow ${name}`);
    return found;
  }

  idOf(org: string, type: string, name: string): string {
    const [found] = this.core.context(org).byName(type, name);
    if (found === undefined) throw new Error(`${org} has no ${type} ${name}`);
    return found.id;
  }
}
