import { type Address, splitEdge } from '../../state/address.ts';
import type { Plan } from '../../state/plan.ts';
import type { ReadBag } from './inputs.ts';
import { MakingWay } from './making-way.ts';
import type { ProviderHost, ProviderSite } from './provider-site.ts';

/** What one provider process knows of its run, from what the engine has asked it so far. */
export interface Run {
  readonly findMissing: ProviderHost['findMissing'];
  readonly siteOf: (bag: ReadBag) => Promise<ProviderSite>;
  /** How the steps of that org are carried out. */
  readonly wayOf: (site: ProviderSite, org: string) => MakingWay;
  /** Takes note that the program registers this resource. */
  readonly remember: (bag: ReadBag) => void;
  /** The bag that was checked last for this owner of edges: under its address or, unless another has it now, under the one before a rename. */
  readonly checked: (owner: Address) => ReadBag | undefined;
  /** What the engine was told to replace, as the stack has it: the engine creates the new one, and deletes the old at the end. */
  readonly replaced: Map<Address, ReadBag>;
  /**
   * The plan of this run's deletions and replacements, judged once and together, so that what made way for another is not held afterwards.
   * Where anything was checked a program runs, and the engine deletes nothing that it registers: all that the manifests hold is kept, also what
   * comes later or is no target. Where nothing was, it is a `destroy`, and everything counts.
   */
  readonly judged: (site: ProviderSite, org: string) => Promise<Plan>;
}

export function startRun({ openSite, findMissing }: ProviderHost): Run {
  const sites = new Map<string, Promise<ProviderSite>>();
  const checked = new Map<Address, ReadBag>();
  const judgements = new Map<string, Promise<Plan>>();
  const ways = new Map<ProviderSite, MakingWay>();
  const judged: Run['judged'] = (site, org) => onceFor(judgements, org, () => site.judge(checked.size > 0 ? 'the manifests' : 'nothing'));
  return {
    findMissing,
    siteOf: ({ inputs }) => onceFor(sites, inputs.org, () => openSite(inputs.org)),
    remember: (bag) => {
      const { was } = bag.inputs;
      if (was !== undefined && !checked.has(was)) checked.set(was, bag);
      if (splitEdge(bag.address).pointer === undefined) checked.set(bag.address, bag);
    },
    checked: (owner) => checked.get(owner),
    replaced: new Map(),
    judged,
    wayOf: (site, org) => onceFor(ways, site, () => new MakingWay(site, () => judged(site, org))),
  };
}

function onceFor<Name, Result>(made: Map<Name, Result>, name: Name, make: () => Result): Result {
  const result = made.get(name) ?? make();
  made.set(name, result);
  return result;
}
