import { join } from 'node:path';
import { genesys } from '../providers/genesys/platform.ts';
import { writeApplied } from '../providers/git/applied-memory.ts';
import { makeRepository, type Repository } from '../providers/git/repository.ts';
import { nodeWorld } from '../providers/node-world.ts';
import { makeReceipt } from '../providers/reconciler/receipt.ts';
import { readTree } from '../providers/store/manifest-tree.ts';
import type { Address } from '../state/address.ts';
import { measured, startOrg, type Usage } from './plan-size.ts';
import { inScratch, runCommand, runVerb } from './scratch.ts';

const SIZED = 'practice-sized';
const APPLIED = `refs/cordboard/applied/${SIZED}`;
const TAKEN = `refs/cordboard/taken/${SIZED}`;
const DRIFTED = 10;

export interface ExportUsage {
  readonly size: number;
  /** Export over what a tree holds already, with no memory of an apply: the org's word stands. */
  readonly plain: Usage;
  /** The same where it was applied: Git, the org and what was applied are put together. */
  readonly threeWay: Usage;
  /** Files that the three-way export wrote. */
  readonly written: number;
}

/** The real CLI over a sized org of which ten queues were changed by hand, with and without a base; medians of some rounds, taken in turn. */
export async function threeWayUsage(size: number, rounds: number): Promise<ExportUsage> {
  const { process: org, url } = await startOrg(size);
  try {
    return await inScratch({ name: SIZED, url }, async (folder) => {
      const repository = await makeRepository(folder, { name: 'Bench', email: 'bench@localhost' });
      const verb = (...words: readonly string[]) => measured(folder, (nodeWords, env) => runVerb(folder, SIZED, words, nodeWords, env));
      await verb('export', '--all', '--org', SIZED, '--quiet', '--commit');
      const hand = await openHand(url);
      await rememberTree(repository, folder, await hand('GET', '/api/v2/organizations/me'));
      const base = (await repository.commitOf(APPLIED)) ?? '';
      await driftQueues(hand);
      const git = (...words: readonly string[]) => runCommand(folder, 'git', words);
      const plain: Usage[] = [];
      const threeWay: Usage[] = [];
      let written = 0;
      for (let round = 0; round < rounds; round += 1) {
        await git('update-ref', '-d', APPLIED);
        plain.push(await verb('export', '--all', '--org', SIZED, '--quiet'));
        await git('checkout', '--quiet', '--', 'manifests');
        await git('update-ref', APPLIED, base);
        threeWay.push(await verb('export', '--all', '--org', SIZED, '--quiet'));
        written = (await repository.dirtyPaths(join(folder, 'manifests'))).length;
        await git('checkout', '--quiet', '--', 'manifests');
        await git('update-ref', '-d', TAKEN);
      }
      return { size, plain: middle(plain), threeWay: middle(threeWay), written };
    });
  } finally {
    org.kill();
  }
}

function middle(usages: readonly Usage[]): Usage {
  const of = (what: keyof Usage) => usages.map((usage) => usage[what]).sort((left, right) => left - right)[Math.floor(usages.length / 2)] ?? Number.NaN;
  return { cpu: of('cpu'), memory: of('memory') };
}

type Answer = Readonly<Record<string, unknown>>;
type Hand = (method: string, path: string, body?: object) => Promise<Answer>;

async function openHand(url: string): Promise<Hand> {
  const basic = { authorization: `Basic ${btoa(`${SIZED}:${SIZED}-secret`)}`, 'content-type': 'application/x-www-form-urlencoded' };
  const granted = (await (await fetch(`${url}/oauth/token`, { method: 'POST', headers: basic, body: 'grant_type=client_credentials' })).json()) as Answer;
  const headers = { authorization: `Bearer ${String(granted['access_token'])}`, 'content-type': 'application/json' };
  return async (method, path, body) => {
    const answer = await fetch(`${url}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}`);
    return (await answer.json()) as Answer;
  };
}

async function driftQueues(hand: Hand): Promise<void> {
  const { entities } = (await hand('GET', `/api/v2/routing/queues?pageSize=${DRIFTED}`)) as { readonly entities: readonly Answer[] };
  for (const { id } of entities) {
    const queue = await hand('GET', `/api/v2/routing/queues/${String(id)}`);
    await hand('PUT', `/api/v2/routing/queues/${String(id)}`, { ...queue, description: 'Changed by hand' });
  }
}

/** The tree as if it had been applied: what an apply of it would leave in the repository's memory. */
async function rememberTree(repository: Repository, folder: string, me: Answer): Promise<void> {
  const tree = await readTree(nodeWorld(), join(folder, 'manifests', SIZED), genesys.types);
  const org = { id: String(me['id']), name: String(me['name']) };
  await writeApplied(repository, SIZED, {
    documents: tree.documents,
    completeness: tree.completeness,
    ids: new Map([...tree.documents.keys()].map((address: Address, index) => [address, `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`])),
    left: new Set(),
    receipt: makeReceipt({ plan: 'a tree that was exported', org, startedAt: 0, endedAt: 0 }, []),
    files: async (hash) => (await tree.files.get(hash)?.read()) ?? new Uint8Array(),
  });
}
