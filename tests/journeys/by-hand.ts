/** What somebody does in a practice org with its own tools, over its API. */
export interface Hand {
  readonly call: (method: string, path: string, body?: object) => Promise<Answer>;
  /** The one object under a name in a list of the API. */
  readonly find: (path: string, name: string) => Promise<Answer & { readonly id: string }>;
}

export type Answer = Readonly<Record<string, unknown>>;

/** A session as the practice org's administrator. */
export async function openHand(address: string, org: string): Promise<Hand> {
  const headers = { authorization: `Basic ${btoa(`${org}:${org}-secret`)}`, 'content-type': 'application/x-www-form-urlencoded' };
  const granted = await fetch(`${address}/oauth/token`, { method: 'POST', headers, body: 'grant_type=client_credentials' });
  const { access_token: token } = (await granted.json()) as { access_token: string };
  const call: Hand['call'] = async (method, path, body) => {
    const json = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const answer = await fetch(`${address}${path}`, { method, headers: json, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
    return text === '' ? {} : (JSON.parse(text) as Answer);
  };
  const find: Hand['find'] = async (path, name) => {
    const { entities } = (await call('GET', `${path}${path.includes('?') ? '&' : '?'}pageSize=100`)) as {
      entities: (Answer & { id: string; name: string })[];
    };
    const found = entities.find((entity) => entity.name === name);
    if (found === undefined) throw new Error(`there is no "${name}" at ${path}`);
    return found;
  };
  return { call, find };
}
