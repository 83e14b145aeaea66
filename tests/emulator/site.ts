import type { Answer, FaultPlan, Limits, OrgSpec } from '../../providers/genesys-emulator/index.ts';
import { EmulatorCore } from '../../providers/genesys-emulator/index.ts';
import type { Json, JsonMap } from '../../providers/genesys-emulator/json.ts';
import { parseJson } from '../../providers/genesys-emulator/json.ts';
import { judge } from './answer-judge.ts';

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: JsonMap;
  readonly code: string;
  readonly effect: string | undefined;
}

/** A core on a clock that stands still until a test moves it, and a caller that is logged in. Every JSON answer of it is held against its model. */
export class Site {
  readonly core: EmulatorCore;
  readonly time = { now: Date.parse('2026-11-22T10:00:00.000Z') };
  token = '';

  constructor(options: { faults?: FaultPlan; limits?: Limits; orgs?: readonly OrgSpec[]; seed?: string } = {}) {
    const { time } = this;
    const sleep = async (milliseconds: number): Promise<void> => {
      time.now += milliseconds;
    };
    this.core = judge(
      new EmulatorCore({
        seed: options.seed ?? 'site',
        clock: { now: () => time.now, ticks: () => time.now, sleep },
        orgs: options.orgs ?? [{ name: 'o', clients: [{ id: 'c', secret: 's' }] }],
        limits: options.limits ?? { perToken: 'none', perOrg: 'none' },
        faults: options.faults ?? {},
      }),
    );
  }

  login(id = 'c', secret = 's'): Answered {
    const basic = `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`;
    const answer = this.raw('POST', '/oauth/token', { authorization: basic }, Buffer.from('grant_type=client_credentials'));
    this.token = String(answer.body['access_token']);
    return answer;
  }

  /** Sends as the caller; logs in at the first call. */
  send(method: string, address: string, body?: Json): Answered {
    if (this.token === '') this.login();
    return this.raw(method, address, { authorization: `Bearer ${this.token}` }, body === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(body)));
  }

  raw(method: string, address: string, headers: Readonly<Record<string, string>>, body: Uint8Array): Answered {
    const [path = '', query = ''] = address.split('?');
    return answered(this.core.handle({ method, path, query: new URLSearchParams(query), headers: { host: 'practice', ...headers }, body }));
  }
}

function answered(answer: Answer): Answered {
  const isJson = answer.headers['content-type']?.includes('json') === true && answer.body.length > 0;
  const body = isJson ? (parseJson(String(answer.body)) as JsonMap) : {};
  return { status: answer.status, headers: answer.headers, body, code: String(body['code'] ?? ''), effect: answer.effect?.kind };
}
