import type { Report } from '../../state/notice.ts';
import type { Connection } from '../contract.ts';
import type { World } from '../world.ts';
import { authorized } from './authorized.ts';
import { type Concealer, makeConcealer } from './concealer.ts';
import type { OrgClient } from './org-client.ts';
import { readOnly } from './read-only.ts';
import { type Recorder, recording } from './recording.ts';
import { retrying } from './retrying.ts';
import { throttled } from './throttled.ts';
import { transport } from './transport.ts';
import { failing, parsing } from './understanding.ts';

export interface ClientOptions {
  /** `read`: nothing that changes the org is ever sent. */
  readonly mode: 'read' | 'write';
  readonly report: Report;
  /** Told of every exchange, for `--log`. */
  readonly record?: Recorder;
  /** Requests under way at once; 64 where left out. */
  readonly atOnce?: number;
  /** Shared with whoever prints texts of this org; made here where left out. */
  readonly concealer?: Concealer;
}

/** A client of one org: authorized, paced by the org's own headers, patient with faults, and honest about what it does not know. */
export function openClient(world: World, connection: Connection, options: ClientOptions): OrgClient {
  const { mode, report, record, concealer = makeConcealer() } = options;
  concealer.add(connection.clientSecret);
  concealer.add(`${connection.clientId}:${connection.clientSecret}`);

  const plain = transport(world, connection);
  const exchanges = record === undefined ? plain : recording(plain, world, record, concealer);
  const guarded = mode === 'read' ? readOnly(exchanges) : exchanges;
  const patient = (inner: OrgClient) => failing(retrying(parsing(inner), world, report), concealer);
  const login = patient(guarded);
  const paced = throttled(guarded, { world, report, ...(options.atOnce === undefined ? {} : { atOnce: options.atOnce }) });
  const known = patient(authorized(paced, { world, connection, login, concealer }));
  return mode === 'read' ? readOnly(known) : known;
}
