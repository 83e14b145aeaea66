import { practiceSecret } from './environment.ts';

/**
 * What somebody does by hand in a practice org: changes a queue's after-call work and its description, over the org's own API. Returns
 * a sentence that says so.
 */
export async function changeQueueByHand(address: string, org: string): Promise<string> {
  const token = await openSession(address, org);
  const call = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
    const answer = await fetch(`${address}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as Record<string, unknown>;
  };
  const { entities } = (await call('GET', '/api/v2/routing/queues?name=Returns&pageSize=1')) as { entities: { id: string; name: string }[] };
  const [found] = entities;
  if (found === undefined) throw new Error('the practice org has no queue "Returns"');
  const path = `/api/v2/routing/queues/${found.id}`;
  const queue = await call('GET', path);
  await call('PUT', path, { ...queue, description: 'Changed in a hurry', acwSettings: { wrapupPrompt: 'MANDATORY_TIMEOUT', timeoutMs: 30_000 } });
  return `queue "${found.name}": another description, and after-call work of 30 seconds`;
}

async function openSession(address: string, org: string): Promise<string> {
  const answer = await fetch(`${address}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${org}:${practiceSecret(org)}`)}`, 'content-type': 'application/x-www-form-urlencoded' },
    body: 'grant_type=client_credentials',
  });
  if (!answer.ok) throw new Error(`the practice org "${org}" gave no token: ${answer.status}`);
  return ((await answer.json()) as { access_token: string }).access_token;
}
