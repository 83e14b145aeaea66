import { practiceSecret } from './environment.ts';

/**
 * What somebody does by hand in a practice org: changes a queue's after-call work and its description, over the org's own API. Returns
 * a sentence that says so.
 */
export async function changeQueueByHand(address: string, org: string): Promise<string> {
  const call = await openSession(address, org);
  const { entities } = (await call('GET', '/api/v2/routing/queues?name=Returns&pageSize=1')) as { entities: { id: string; name: string }[] };
  const [found] = entities;
  if (found === undefined) throw new Error('the practice org has no queue "Returns"');
  const path = `/api/v2/routing/queues/${found.id}`;
  const queue = await call('GET', path);
  await call('PUT', path, { ...queue, description: 'Changed in a hurry', acwSettings: { wrapupPrompt: 'MANDATORY_TIMEOUT', timeoutMs: 30_000 } });
  return `queue "${found.name}": another description, and after-call work of 30 seconds`;
}

/** Who a practice org says it is. */
export async function askIdentity(address: string, org: string): Promise<{ readonly id: string; readonly name: string }> {
  const call = await openSession(address, org);
  const { id, name } = await call('GET', '/api/v2/organizations/me');
  return { id: String(id), name: String(name) };
}

export type Call = (method: string, path: string, body?: object) => Promise<Record<string, unknown>>;

export async function openSession(address: string, org: string): Promise<Call> {
  const grant = {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${org}:${practiceSecret(org)}`)}`, 'content-type': 'application/x-www-form-urlencoded' },
  };
  const { access_token: token } = await ask(`${address}/oauth/token`, { ...grant, body: 'grant_type=client_credentials' });
  const headers = { authorization: `Bearer ${String(token)}`, 'content-type': 'application/json' };
  return (method, path, body) => ask(`${address}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
}

async function ask(url: string, request: RequestInit): Promise<Record<string, unknown>> {
  const answer = await fetch(url, request);
  if (!answer.ok) throw new Error(`${request.method} ${url} answered ${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as Record<string, unknown>;
}
