import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Address, parseAddress } from '../state/address.ts';
import { buildGraph } from '../state/graph.ts';
import { type Order, orderGraph } from '../state/order-graph.ts';
import { hasErrors, type Problem, Refused } from '../state/problem.ts';
import type { Config } from './config.ts';
import { EXIT, type Exit } from './exit.ts';
import { platformOf } from './org-session.ts';
import { runVerb, withCommonOptions } from './run-verb.ts';
import type { CommonOptions, Site } from './site.ts';
import { makeCycleTeller } from './view/cycle.ts';
import { escapeJson, escapeText } from './view/escape.ts';
import { emptyTree, isEmpty, orgsByTree, readManifests, readWanted, type Wanted } from './wanted.ts';

interface GraphOptions extends CommonOptions {
  readonly org?: string;
  readonly format: 'text' | 'dot' | 'json';
  readonly of?: Address;
  readonly usersOf?: Address;
}

export function defineGraph(command: Command): void {
  withCommonOptions(command)
    .option('--org <name>', 'whose manifests; may be left out where cordboard.yaml has one tree only')
    .addOption(new Option('--format <form>', 'text, dot (for Graphviz) or json (of graphlib)').choices(['text', 'dot', 'json']).default('text'))
    .addOption(new Option('--of <address>', 'only this one, and all that it needs').argParser(toAddress))
    .addOption(new Option('--users-of <address>', 'only this one, and all that need it').argParser(toAddress).conflicts('of'))
    .addHelpText('after', '\nExample:\n  cordboard graph --of routing_queue/Returns --format dot | dot -Tsvg > returns.svg')
    .action((options: GraphOptions) => runVerb(options, 'at once', (site) => showGraph(site, options)));
}

async function showGraph(site: Site, options: GraphOptions): Promise<Exit> {
  const { tree, platform } = options.org === undefined ? await readOnlyTree(site) : await readWanted(site, options.org);
  if (hasErrors(tree.problems)) throw new Refused(tree.problems);
  const order = orderGraph(buildGraph(tree.documents, platform.types));
  const picture = await drawGraph(order, options);
  if (options.format === 'text' || site.view.isJson) printOrder(site, order, picture);
  else process.stdout.write(options.format === 'dot' ? dotOf(picture) : await jsonOf(picture));
  for (const problem of order.problems) site.view.print({ record: 'problem', ...problem });
  return hasErrors(order.problems) ? EXIT.badInput : EXIT.done;
}

/** The one tree that holds anything, its variables unresolved; of several nobody can say which is meant. */
async function readOnlyTree(site: Site): Promise<Pick<Wanted, 'tree' | 'platform'>> {
  const groups = orgsByTree(site.config());
  const trees = await Promise.all(groups.map(async ([settings]) => ({ settings, tree: await readManifests(site, settings) })));
  const [only, ...others] = trees.filter(({ tree }) => !isEmpty(tree));
  if (others.length > 0) throw new Refused([severalTrees(site.config())]);
  if (only === undefined) throw new Refused(groups.map(([settings]) => emptyTree(settings)));
  return { tree: only.tree, platform: platformOf(only.settings) };
}

function severalTrees({ file, orgs }: Config): Problem {
  const hint = `say whose: --org ${[...orgs.keys()].join(', --org ')}`;
  return { code: 'TREE_UNCLEAR', severity: 'error', message: `"${file}" names several trees of manifests`, hint };
}

/** In the order in which they would be written, each with what it needs. */
function printOrder(site: Site, order: Order, picture: Picture): void {
  const tellCycle = makeCycleTeller(order.order, order.needs);
  for (const cycle of order.cycles) if (cycle.path.some((address) => picture.hasNode(address))) site.view.print(tellCycle(cycle));
  for (const address of order.order) {
    if (picture.hasNode(address)) site.view.print({ record: 'node', address, needs: order.needs.get(address) ?? [] });
  }
}

type Picture = import('graphlib').Graph<import('graphlib').Label, import('graphlib').Label, import('graphlib').Label>;

/** The order as a graph of graphlib: an edge from each address to what it needs, cut down to what was asked for. */
async function drawGraph(order: Order, { of, usersOf }: GraphOptions): Promise<Picture> {
  const { Graph } = await import('graphlib');
  const whole = new Graph({ directed: true });
  for (const address of order.order) whole.setNode(address);
  for (const [address, needs] of order.needs) for (const need of needs) whole.setEdge(address, need);
  const start = of ?? usersOf;
  if (start === undefined) return whole;
  if (!whole.hasNode(start))
    throw new Refused([
      {
        code: 'ADDRESS_UNKNOWN',
        severity: 'error',
        message: `"${start}" is not in the manifests`,
        hint: 'look at the spelling; cordboard graph lists every address',
      },
    ]);
  const kept = reach(start, (node) => (of === undefined ? whole.predecessors(node) : whole.successors(node)) ?? []);
  return whole.filterNodes((node) => kept.has(node));
}

function reach(start: string, next: (node: string) => readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [start];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (found.has(node)) continue;
    found.add(node);
    open.push(...next(node));
  }
  return found;
}

function dotOf(picture: Picture): string {
  const nodes = [...picture.nodes()].sort().map((node) => `  ${quote(node)};`);
  const edges = picture
    .edges()
    .map(({ v, w }) => `  ${quote(v)} -> ${quote(w)};`)
    .sort();
  return ['digraph cordboard {', '  rankdir=LR;', '  node [shape=box];', ...nodes, ...edges, '}', ''].join('\n');
}

async function jsonOf(picture: Picture): Promise<string> {
  const { json } = await import('graphlib');
  return `${escapeJson(JSON.stringify(json.write(picture)))}\n`;
}

/** A quoted text of the DOT language. */
function quote(text: string): string {
  return `"${escapeText(text).replace(/[\\"]/g, '\\$&')}"`;
}

function toAddress(text: string): Address {
  const address = parseAddress(text);
  if (address === undefined) throw new InvalidArgumentError('an address looks like routing_queue/Support');
  return address;
}
