import { type Command, InvalidArgumentError, Option } from 'commander';
import { type Address, parseAddress } from '../state/address.ts';
import { buildGraph, type Order, orderGraph } from '../state/graph.ts';
import { hasErrors, Refused } from '../state/problem.ts';
import { EXIT, type Exit } from './exit.ts';
import { runVerb, withCommonOptions } from './run-verb.ts';
import type { CommonOptions, Site } from './site.ts';
import { escapeJson, escapeText } from './view/escape.ts';
import { readWanted } from './wanted.ts';

interface GraphOptions extends CommonOptions {
  readonly org: string;
  readonly format: 'text' | 'dot' | 'json';
  readonly of?: Address;
  readonly usersOf?: Address;
}

export function defineGraph(command: Command): void {
  withCommonOptions(command)
    .requiredOption('--org <name>', 'whose manifests')
    .addOption(new Option('--format <form>', 'text, dot (for Graphviz) or json (of graphlib)').choices(['text', 'dot', 'json']).default('text'))
    .addOption(new Option('--of <address>', 'only this one, and all that it needs').argParser(toAddress))
    .addOption(new Option('--users-of <address>', 'only this one, and all that need it').argParser(toAddress).conflicts('of'))
    .addHelpText('after', '\nExample:\n  cordboard graph --org practice-staging --of routing_queue/Returns --format dot | dot -Tsvg > returns.svg')
    .action((options: GraphOptions) => runVerb(options, 'at once', (site) => showGraph(site, options)));
}

async function showGraph(site: Site, options: GraphOptions): Promise<Exit> {
  const { tree, platform } = await readWanted(site, options.org);
  if (hasErrors(tree.problems)) throw new Refused(tree.problems);
  const order = orderGraph(buildGraph(tree.documents, platform.types));
  const picture = await drawGraph(order, options);
  if (options.format === 'text' || site.view.isJson) printOrder(site, order, picture);
  else process.stdout.write(options.format === 'dot' ? dotOf(picture) : await jsonOf(picture));
  for (const problem of order.problems) site.view.print({ record: 'problem', ...problem });
  return hasErrors(order.problems) ? EXIT.badInput : EXIT.done;
}

/** In the order in which they would be written, each with what it needs. */
function printOrder(site: Site, order: Order, picture: Picture): void {
  for (const cycle of order.cycles) if (cycle.path.some((address) => picture.hasNode(address))) site.view.print({ record: 'cycle', ...cycle });
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
      { code: 'ADDRESS_UNKNOWN', severity: 'error', message: `"${start}" is not in the manifests`, hint: 'cordboard graph --org <name> lists every address' },
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
