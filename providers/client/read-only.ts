import { OrgFailure } from '../contract.ts';
import type { Http } from '../world.ts';
import { nameOf } from './failure.ts';
import { type ApiRequest, isAbsolute, type OrgClient } from './org-client.ts';

/** The only requests but GET and HEAD that a client without the right to write may send. Reviewed: none of them changes configuration. */
const REVIEWED: readonly { readonly method: string; readonly base: 'api' | 'login'; readonly path: string; readonly reason: string }[] = [
  { method: 'POST', base: 'login', path: '/oauth/token', reason: 'client credentials are exchanged for a token' },
  { method: 'POST', base: 'api', path: '/api/v2/taskmanagement/worktypes/query', reason: 'worktypes are listed by a query' },
  { method: 'POST', base: 'api', path: '/api/v2/taskmanagement/workitems/query', reason: 'workitems are listed by a query' },
  { method: 'POST', base: 'api', path: '/api/v2/taskmanagement/workbins/query', reason: 'workbins are listed by a query' },
  { method: 'POST', base: 'api', path: '/api/v2/alerting/rules/query', reason: 'alerting rules are listed by a query' },
  { method: 'POST', base: 'api', path: '/api/v2/responsemanagement/responseassets/search', reason: 'response assets are listed by a search' },
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

/**
 * The same for a client that may write later: for as long as `isLocked` says so, nothing that could change an org leaves the process. For
 * whoever cannot know yet whether it is asked for a preview or for the writing.
 */
export function readOnlyWhile(isLocked: () => boolean, http: Http): Http {
  return async (request) => {
    const { pathname } = new URL(request.url);
    if (isLocked() && !isRead(request.method) && !REVIEWED.some(({ method, path }) => method === request.method && path === pathname))
      throw new OrgFailure('refused', `${request.method} ${pathname} would write, and this process only reads so far`);
    return http(request);
  };
}

function isAllowed(request: ApiRequest): boolean {
  if (isRead(request.method)) return true;
  const base = request.base ?? 'api';
  return !isAbsolute(request) && REVIEWED.some((entry) => entry.method === request.method && entry.base === base && entry.path === request.path);
}

function isRead(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}
