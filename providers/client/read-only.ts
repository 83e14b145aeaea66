import { OrgFailure } from '../contract.ts';
import { nameOf } from './failure.ts';
import { type ApiRequest, isAbsolute, type OrgClient } from './org-client.ts';

/** The only requests but GET and HEAD that a client without the right to write may send. Reviewed: none of them changes configuration. */
const REVIEWED: readonly { readonly method: string; readonly base: 'api' | 'login'; readonly path: string; readonly reason: string }[] = [
  { method: 'POST', base: 'login', path: '/oauth/token', reason: 'client credentials are exchanged for a token' },
  { method: 'POST', base: 'api', path: '/api/v2/flows/export/jobs', reason: 'the content of flows is read through an export job' },
];

/** Refuses everything that could change the org, before it is sent. */
export function readOnly(inner: OrgClient): OrgClient {
  return {
    async call(request) {
      if (!isAllowed(request)) throw new OrgFailure('refused', `${nameOf(request)} would write, and this client may only read`);
      return inner.call(request);
    },
  };
}

function isAllowed(request: ApiRequest): boolean {
  if (request.method === 'GET' || request.method === 'HEAD') return true;
  const base = request.base ?? 'api';
  return !isAbsolute(request) && REVIEWED.some((entry) => entry.method === request.method && entry.base === base && entry.path === request.path);
}
