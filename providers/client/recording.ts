import { HttpFailure, type World } from '../world.ts';
import type { Concealer } from './concealer.ts';
import { type ApiRequest, isAbsolute, type OrgClient } from './org-client.ts';

/** One exchange, as a log may show it: no header, no body, no secret. */
export interface RequestRecord {
  /** Wall clock at sending. */
  readonly at: number;
  readonly method: string;
  /** Path with query; of an address with its own signature only host and path. */
  readonly path: string;
  readonly status?: number;
  /** Where no whole answer arrived: why. */
  readonly failure?: string;
  readonly milliseconds: number;
  readonly bytes: number;
  readonly correlationId?: string;
}

export type Recorder = (record: RequestRecord) => void;

/** Tells every exchange, repeated ones too. */
export function recording(inner: OrgClient, world: Pick<World, 'clock'>, record: Recorder, concealer: Concealer): OrgClient {
  return {
    async call(request) {
      const at = world.clock.now();
      const sent = world.clock.ticks();
      const tell = (rest: Omit<RequestRecord, 'at' | 'method' | 'path' | 'milliseconds'>): void =>
        record({ at, method: request.method, path: concealer.conceal(shownPath(request)), milliseconds: world.clock.ticks() - sent, ...rest });
      try {
        const answer = await inner.call(request);
        const correlationId = answer.headers['inin-correlation-id'];
        tell({ status: answer.status, bytes: answer.bytes.length, ...(correlationId === undefined ? {} : { correlationId }) });
        return answer;
      } catch (failure) {
        tell({ failure: failure instanceof HttpFailure ? failure.code : 'OTHER', bytes: 0 });
        throw failure;
      }
    },
  };
}

function shownPath(request: ApiRequest): string {
  if (isAbsolute(request)) return request.path.replace(/[?#].*$/s, '?...');
  const query = Object.entries(request.query ?? {}).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${String(value)}`]));
  return query.length === 0 ? request.path : `${request.path}?${query.join('&')}`;
}
