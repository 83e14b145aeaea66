import { type Address, parseAddress } from './address.ts';
import { canonicalJson } from './canonical.ts';
import { isPlainName } from './file-name.ts';
import { type Pointer, walk } from './pointer.ts';
import type { Place, Problem } from './problem.ts';
import { asDirective, isMap, makeMap, type Value, type ValueMap } from './value.ts';

/**
 * How a document says that Git and the org moved apart: a map of the one key `$conflict` in the place of the value, with `base` (as it was applied
 * last), `ours` (Git) and `theirs` (the org); a side that has nothing there is left out. Any YAML reader takes it for a map; no command but `export` goes
 * on while one is left. A literal of an org that looks like one has one dollar more, as with directives.
 */
export const CONFLICT_KEY = '$conflict';

/** The three sides of one value; undefined where a side has nothing there. */
export interface Sides<Side> {
  readonly base: Side | undefined;
  readonly ours: Side | undefined;
  readonly theirs: Side | undefined;
}

const SIDES = ['base', 'ours', 'theirs'] as const;

export function makeMark(sides: Sides<Value>): ValueMap {
  const told = SIDES.flatMap((side) => (sides[side] === undefined ? [] : [[side, sides[side]] as const]));
  return makeMap([[CONFLICT_KEY, makeMap(told)]]);
}

export function isMark(value: Value | undefined): value is ValueMap {
  return isMap(value) && Object.hasOwn(value, CONFLICT_KEY) && Object.keys(value).length === 1;
}

/** Every mark in a value, outermost first; what stands inside of one is none of its own. */
export function findMarks(value: Value): readonly { readonly pointer: Pointer; readonly mark: ValueMap }[] {
  const found: { pointer: Pointer; mark: ValueMap }[] = [];
  for (const { pointer, value: at } of walk(value)) {
    const last = found.at(-1);
    const isInside = last !== undefined && pointer.startsWith(`${last.pointer}/`);
    if (!isInside && isMark(at)) found.push({ pointer, mark: at });
  }
  return found;
}

const MAX_SHOWN = 80;

/** What a mark says to the person who has to resolve it; `at` as people read it. */
function conflictProblem(at: string, mark: Value | undefined): Omit<Problem, 'place'> {
  const told = isMap(mark) ? SIDES.map((side) => `${side} ${show(Object.hasOwn(mark, side) ? mark[side] : undefined)}`).join(', ') : show(mark);
  return {
    code: 'CONFLICT_LEFT',
    severity: 'error',
    message: `${at} was changed in Git and in the org since it was applied: ${told}`,
    hint: 'write the value that shall be in the place of the "$conflict" map (or take the field out), then commit',
  };
}

/** What a document says that was deleted on one side and changed on the other. */
function wholeProblem(whole: Value): Omit<Problem, 'place'> {
  const isOurs = isMap(whole) && whole['ours'] === 'deleted';
  const message = isOurs
    ? 'this was deleted in Git, and changed in the org since it was applied'
    : 'this was deleted in the org, and changed in Git since it was applied';
  return {
    code: 'CONFLICT_LEFT',
    severity: 'error',
    message,
    hint: `to keep it, take the "${CONFLICT_KEY}" field out; to let it go, remove the file; then commit`,
  };
}

interface MarkedText {
  readonly text: string;
  readonly asset: (name: string) => unknown;
  readonly place: (pointer: Pointer) => Place;
}

/** Every conflict that is marked in a document, as problems; the files that marks name count as used. */
export function readMarks(value: Value, { text, asset, place }: MarkedText): { problems: readonly Problem[]; address?: Address } {
  const found = text.includes(CONFLICT_KEY) && isMap(value) ? findMarks(value) : [];
  const whole = isMap(value) && Object.hasOwn(value, CONFLICT_KEY) ? value[CONFLICT_KEY] : undefined;
  if (!isMap(value) || (found.length === 0 && whole === undefined)) return { problems: [] };
  for (const { value: at } of walk(value)) {
    const named = asDirective(at);
    if (named?.name === '$file' && isPlainName(named.value)) asset(named.value);
  }
  const problems = found.map(({ pointer, mark }) => ({ ...conflictProblem(sayPlace(pointer), mark[CONFLICT_KEY]), place: place(pointer) }));
  const told = whole === undefined ? [] : [{ ...wholeProblem(whole), place: place(`/${CONFLICT_KEY}`) }];
  const key = isMark(value['key']) ? ownKey(value['key']) : value['key'];
  const address = typeof key === 'string' && typeof value['type'] === 'string' ? parseAddress(`${value['type']}/${key}`) : undefined;
  return { problems: [...told, ...problems], ...(address === undefined ? {} : { address }) };
}

/** A place of the file as people say it: fields of the body without `/body`. */
function sayPlace(pointer: Pointer): string {
  return pointer.startsWith('/body/') ? pointer.slice('/body'.length) : pointer === '/body' ? 'the body' : `"${pointer.slice(1)}"`;
}

/** Git's own key in a mark that stands in the place of the key. */
function ownKey(mark: ValueMap): Value | undefined {
  const sides = mark[CONFLICT_KEY];
  return isMap(sides) ? sides['ours'] : undefined;
}

function show(value: Value | undefined): string {
  if (value === undefined) return '(nothing)';
  const text = canonicalJson(value);
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}...`;
}
