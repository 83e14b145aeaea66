import pc from 'picocolors';
import { type Address, splitEdge } from '../../state/address.ts';
import type { CutReason, Cycle } from '../../state/cycle.ts';
import { escapeText } from './escape.ts';
import type { Output } from './output.ts';

type CycleOutput = Extract<Output, { record: 'cycle' }>;
type Later = CycleOutput['later'][number];

/** A cycle as an output, told by the steps of a plan or by an order: which of its arrows is written later, when, and why that one. */
export type CycleTeller = (cycle: Cycle) => CycleOutput;

/** `order` is what is done, first to last, deferred edges among it; `needs` is what has to be done before each. */
export function makeCycleTeller(order: readonly Address[], needs: ReadonlyMap<Address, readonly Address[]>): CycleTeller {
  const places = new Map(order.map((address, place) => [address, place]));
  const needsOf = (address: Address) => needs.get(address) ?? [];
  return ({ path, deferred, why }) => {
    const later = deferred.map((edge, index): Later => {
      const place = places.get(edge);
      return { edge, after: needsOf(edge), ...(place === undefined ? {} : { order: place }), why: why[index] ?? 'only' };
    });
    const edgesOf = new Map<Address, Address[]>();
    for (const edge of deferred) edgesOf.set(splitEdge(edge).owner, [...(edgesOf.get(splitEdge(edge).owner) ?? []), edge]);
    const arrows = path.map((from, index) => {
      const to = path[(index + 1) % path.length] ?? from;
      const edge = needsOf(from).includes(to) ? undefined : edgesOf.get(from)?.find((one) => needsOf(one).includes(to));
      return { from, to, ...(edge === undefined ? {} : { later: edge }) };
    });
    return { record: 'cycle', path, deferred, arrows, later, steps: order.length };
  };
}

/** Longer rings are drawn by their ends and by what is written later. */
const LONGEST_RING = 9;
/** How many of the same are told one by one. */
const MANY = 4;

/** A ring of names, one a line, each above what it needs; then each edge that is written later, when, and why that one. */
export function cycleLines(cycle: CycleOutput, width?: number): readonly string[] {
  const { path, arrows, later } = cycle;
  const head = path.length === 1 ? 'cycle: it needs itself' : `cycle of ${path.length}: each needs the one below it, the last needs the first`;
  const told = later.slice(0, MANY).flatMap((one) => laterLines(one, cycle, width));
  const rest = later.length > MANY ? [`    and ${later.length - MANY} more are written later; --json lists all`] : [];
  return [head, ...ringLines(arrows, width), ...told, ...rest, ...whyLines(later)];
}

function ringLines(arrows: CycleOutput['arrows'], width: number | undefined): readonly string[] {
  const shown = shownMembers(arrows);
  const lines: string[] = [];
  let hidden = 0;
  for (const [index, { from, later }] of arrows.entries()) {
    if (!shown.has(index)) {
      hidden += 1;
      continue;
    }
    if (hidden > 0) lines.push(`    |     ... ${hidden} more ...`);
    hidden = 0;
    const isLast = index === arrows.length - 1;
    const how =
      later === undefined
        ? isLast
          ? '-'
          : '|'
        : pc.yellow(`: ${shorten(escapeText(splitEdge(later as Address).pointer ?? ''), room(width, 30))}, written later`);
    lines.push(`    ${index === 0 ? '+->' : '|  '} ${shorten(escapeText(from), room(width, 8))}`);
    lines.push(isLast ? `    +-----${how}` : `    |     ${how}`);
  }
  return lines;
}

/** All of a short ring; of a long one both ends and both sides of what is written later. */
function shownMembers(arrows: CycleOutput['arrows']): ReadonlySet<number> {
  const all = [...arrows.keys()];
  if (all.length <= LONGEST_RING) return new Set(all);
  const cut = all.filter((index) => arrows[index]?.later !== undefined).slice(0, MANY);
  return new Set([0, 1, ...cut.flatMap((index) => [index, (index + 1) % all.length]), all.length - 2, all.length - 1]);
}

function laterLines({ edge, order, after }: Later, { steps }: CycleOutput, width: number | undefined): readonly string[] {
  const when = order === undefined ? 'in a second phase' : `as step ${order + 1} of ${steps}`;
  const told = ` is written ${when}${after.length === 0 ? '' : ', after'}`;
  const name = shorten(escapeText(edge), room(width, told.length + 4));
  const names = after.slice(0, MANY).map((address) => shorten(escapeText(address), room(width, 8)));
  const more = after.length > MANY ? [`and ${after.length - MANY} more`] : [];
  return [`    ${pc.yellow(name)}${told}`, ...[...names, ...more].map((line) => `        ${line}`)];
}

const WHY: Readonly<Record<CutReason, string>> = {
  only: 'nothing else in this cycle may be written later',
  fewest: 'every other choice that leaves no cycle writes more of them later',
  'fewest-assets': 'of the smallest choices it needs the fewest placeholders for files',
  first: 'of choices that are alike it is the first by address',
  'loosens-most': 'there are too many to try every choice: those were taken, one by one, for which the most waits',
};

function whyLines(later: readonly Later[]): readonly string[] {
  const reasons = [...new Set(later.map(({ why }) => why))];
  return reasons.map((reason) => `    why ${later.length === 1 ? 'that one' : 'those'}: ${WHY[reason]}`);
}

/** How many characters a name may have beside so many others; any number where nobody knows how wide a line is. */
function room(width: number | undefined, taken: number): number {
  return width === undefined ? Number.POSITIVE_INFINITY : Math.max(24, width - taken);
}

/** An escaped text without its middle where it is too long; an escape is never cut in two. */
function shorten(text: string, longest: number): string {
  const characters = text.match(/\\u\{[0-9a-f]+\}|\\[nrt]|./gsu) ?? [];
  if (characters.length <= longest && text.length <= longest) return text;
  const half = Math.max(1, Math.floor((longest - 5) / 2));
  return `${take(characters, half)} ... ${take(characters.reverse(), half, true)}`;
}

/** So many columns' worth of the first of these. */
function take(characters: readonly string[], columns: number, isTurned = false): string {
  const taken: string[] = [];
  let left = columns;
  for (const character of characters) {
    left -= character.length;
    if (left < 0) break;
    taken.push(character);
  }
  return (isTurned ? taken.reverse() : taken).join('');
}
